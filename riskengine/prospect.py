"""One right as chance sees it: planned sales, price, yield, cost, loss, time to sell, borrower."""

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from riskengine.errors import RiskEngineError
from riskengine.words import Text


@dataclass(frozen=True, slots=True)
class Price:
    """A price that swings and reverts.

    Parameters
    ----------
    spot_yuan : float
        Price today [yuan a unit], > 0.
    volatility : float
        Yearly volatility of its logarithm [1/sqrt(year)], >= 0.
    reversion_per_year : float
        Speed of reversion [1/year], >= 0; 0 for a price whose mean stays at today's.
    long_run_yuan : float
        Mean price in the long run [yuan a unit], > 0; not used without reversion.
    """

    spot_yuan: float
    volatility: float
    reversion_per_year: float = 0.0
    long_run_yuan: float = 1.0

    @property
    def log_level(self) -> float:
        """Level of the log price at which the long-run mean is as given."""
        if self.reversion_per_year == 0.0:
            return 0.0
        return math.log(self.long_run_yuan) - self.volatility**2 / (4.0 * self.reversion_per_year)


@dataclass(frozen=True, slots=True)
class Share:
    """Share of the planned quantity that is got, one for all sales of a path.

    Parameters
    ----------
    law : {"certain", "beta", "lognormal"}
        Crops: beta; standing volume and issued tonnes: lognormal.
    mean : float
        Mean share [1]; in (0, 1) for beta, else > 0.
    deviation : float
        Standard deviation [1]; for beta below sqrt(mean (1 - mean)).
    """

    law: Literal["certain", "beta", "lognormal"] = "certain"
    mean: float = 1.0
    deviation: float = 0.0


@dataclass(frozen=True, slots=True)
class Delay:
    """Time to sell: a sure wait and a Weibull time on the market.

    Parameters
    ----------
    mean_years : float
        Mean time on the market [year], >= 0.
    shape : float
        Weibull shape [1], > 0; 1 for a constant chance of sale.
    wait_years : float
        Time before the right can be offered at all [year], >= 0.
    """

    mean_years: float = 0.0
    shape: float = 1.0
    wait_years: float = 0.0


@dataclass(frozen=True, slots=True)
class Borrower:
    """Whose default the right secures.

    Parameters
    ----------
    default_chance : float
        Chance of default before the sale, in (0, 1).
    price_correlation, yield_correlation : float
        Correlation of the borrower's standing with log price and with yield,
        in (-1, 1); positive when they fall together (wrong-way risk).
    """

    default_chance: float
    price_correlation: float = 0.0
    yield_correlation: float = 0.0


@dataclass(frozen=True, slots=True)
class Prospect:
    """One right as chance sees it.

    Parameters
    ----------
    years, quantities, costs_yuan : tuple of float
        Planned sales: times [year], >= 0 and rising, quantities [unit of the
        price], and costs that fall due with them [yuan].
    price : Price
        Price of a unit.
    rate_per_year : float
        Discount rate [1/year], > -1: a decision, not a chance.
    share : Share
        Yield or volume against plan.
    cost_deviation : float
        Relative standard deviation of costs [1], >= 0 (lognormal, mean 1).
    loss_per_year : float
        Intensity of losing the right: fire, pest, death of a member [1/year], >= 0.
    delay : Delay
        Time to sell.
    sale_cost_share : float
        Cost of sale as a share of the price, in [0, 1).
    price_yield_correlation : float
        Correlation of log price and yield, in (-1, 1); -0.1 to -0.4 for crops.
    borrower : Borrower or None
        Whose default it secures; None when only the value is asked.
    """

    years: tuple[float, ...]
    quantities: tuple[float, ...]
    costs_yuan: tuple[float, ...]
    price: Price
    rate_per_year: float
    share: Share = Share()
    cost_deviation: float = 0.0
    loss_per_year: float = 0.0
    delay: Delay = Delay()
    sale_cost_share: float = 0.0
    price_yield_correlation: float = 0.0
    borrower: Borrower | None = None

    def correlation(self) -> NDArray[np.float64]:
        """Correlation of borrower, first price and yield.

        Returns
        -------
        (3, 3) float64
            Correlation matrix [1].
        """
        borrower = self.borrower or Borrower(0.5)
        a, b = borrower.price_correlation, borrower.yield_correlation
        c = self.price_yield_correlation
        return np.array([[1.0, a, b], [a, 1.0, c], [b, c, 1.0]])

    def check(self) -> None:
        """Refuse what has no answer, listing every fault.

        Raises
        ------
        RiskEngineError
            If the prospect contradicts itself.
        """
        faults = [Text(*words) for words, wrong in self._faults() if wrong]
        if faults:
            raise RiskEngineError(
                Text("模拟：" + "；".join(fault.zh for fault in faults),
                     "simulation: " + "; ".join(fault.en for fault in faults)),
                Text("请改正后重试", "correct them and try again"),
            )  # fmt: skip

    def _faults(self) -> list[tuple[tuple[str, str], bool]]:
        """What can be wrong, in words, and whether it is."""
        years, share, price, borrower = self.years, self.share, self.price, self.borrower
        lengths = {len(years), len(self.quantities), len(self.costs_yuan)}
        rising = all(b > a for a, b in pairwise(years))
        room = share.mean * (1.0 - share.mean)
        chance = 0.5 if borrower is None else borrower.default_chance
        return [
            (("每次出售应有时间、数量和费用", "every sale needs a time, a quantity and a cost"),
             len(lengths) != 1 or not years),
            (("出售时间应不早于估值日且递增", "times of sale must be >= 0 and rise"),
             not rising or any(year < 0.0 for year in years)),
            (("价格应大于0，波动率、回归速度应不小于0",
              "prices must be > 0, volatility and reversion >= 0"),
             min(price.spot_yuan, price.long_run_yuan) <= 0.0
             or min(price.volatility, price.reversion_per_year) < 0.0),
            (("贝塔分布的均值应在0与1之间，标准差不能过大",
              "a beta law needs a mean in (0, 1) and a smaller deviation"),
             share.law == "beta" and not 0.0 < share.deviation**2 < room),
            (("违约概率应在0与1之间", "the chance of default must be in (0, 1)"),
             not 0.0 < chance < 1.0),
            (("相关系数互相矛盾", "the correlations contradict each other"),
             bool(np.linalg.eigvalsh(self.correlation())[0] <= 1e-12)),
        ]  # fmt: skip
