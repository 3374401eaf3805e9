"""What a guarantee has to cost: expected claims, break-even and full fee, gap to the ceiling.

    PV of claims = sum  share EAD_t LGD_t S_(t-1) h_t D(claim)
    annuity      = sum  balance_t S_(t-1) D(fee)
    pure fee     = PV of claims / annuity
    full fee     = pure + operating cost + cost of capital x capital - subsidy

All fees are per year of balance in force.  When a claim is paid and a fee is received
within its period is said with the result.

Source: credit notes 5.2; Merton, J. Banking & Finance 1 (1977) 3 (guarantees as puts).
"""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from riskengine.credit.rows import Column, CreditError, table
from riskengine.words import Text

When = Literal["start", "mid", "end"]
PARTS: dict[str, float] = {"start": 0.0, "mid": 0.5, "end": 1.0}
"""Part of its period that has passed when money moves."""


@dataclass(frozen=True)
class Segment:
    """Contracts of one product, period by period; one row a segment.

    Parameters
    ----------
    balance_yuan : (n, t) float64
        Balance in force in each period while nothing fails [yuan], >= 0.
    hazard : (n, t) float64
        Chance of a claim in each period given none before [1], in [0, 1].
    share : (n, 1) float64
        Share of the loss that the guarantor bears [1], in [0, 1].
    loss_share : (n, t) float64
        LGD of the guarantor, after recoveries, as of the claim [1], in [0, 1].
    rate : (n, 1) float64
        Discount rate [1/year], > -1.
    period_years : float
        Length of a period [year], > 0.
    claims, fees : {"start", "mid", "end"}
        When claims are paid and fees are received within their period.
    """

    balance_yuan: Column
    hazard: Column
    share: Column
    loss_share: Column
    rate: Column
    period_years: float
    claims: When
    fees: When

    @cached_property
    def alive(self) -> Column:
        """Chance that nothing has failed before each period (n, t) [1]."""
        with np.errstate(divide="ignore"):
            force = np.cumsum(np.log1p(-self.hazard), axis=1)
        out = np.ones_like(force)
        out[:, 1:] = np.exp(force[:, :-1])
        return out

    def discount(self, when: When) -> Column:
        """Value today of 1 yuan at a moment of each period.

        Parameters
        ----------
        when : {"start", "mid", "end"}
            The moment.

        Returns
        -------
        (n, t) float64
            Discount factors [1].
        """
        at = np.arange(self.hazard.shape[1]) + PARTS[when]
        found: Column = np.exp(-np.log1p(self.rate) * at * self.period_years)
        return found

    @property
    def claims_yuan(self) -> Column:
        """Present value of expected claims (n,) [yuan]."""
        paid = self.share * self.balance_yuan * self.loss_share * self.hazard * self.alive
        found: Column = (paid * self.discount(self.claims)).sum(axis=1)
        return found

    @property
    def annuity_yuan(self) -> Column:
        """Present value of the balance in force at each fee (n,) [yuan]."""
        found: Column = self.weight_yuan.sum(axis=1)
        return found

    @cached_property
    def weight_yuan(self) -> Column:
        """Present value of the balance in force at each fee, by period (n, t) [yuan]."""
        return self.balance_yuan * self.alive * self.discount(self.fees)


@dataclass(frozen=True, slots=True)
class Fees:
    """Fees of segments per year of balance in force.

    Parameters
    ----------
    claims_yuan, annuity_yuan : (n,) float64
        Present values of claims and of the balance in force [yuan].
    pure : (n,) float64
        Fee that pays for claims alone, the break-even fee [1/year].
    operating, capital, subsidy : (n,) float64
        Operating cost, cost of capital, subsidy [1/year].
    gross : (n,) float64
        What the client would have to bear [1/year]: pure + operating + capital - subsidy.
    claims, fees : str
        When claims are paid and fees received within their period.
    """

    claims_yuan: Column
    annuity_yuan: Column
    pure: Column
    operating: Column
    capital: Column
    subsidy: Column
    gross: Column
    claims: When
    fees: When

    def gap(self, ceiling: ArrayLike) -> Column:
        """What a ceiling leaves unpaid.

        Parameters
        ----------
        ceiling : array-like
            Highest fee that the client may bear [1/year], from the rules of the day.

        Returns
        -------
        (n,) float64
            Gross fee less ceiling [1/year]; above 0 the fee does not cover what it costs.
        """
        found: Column = self.gross - table(self.gross.size, ceiling=ceiling)[0]
        return found


def segment(
    balance_yuan: ArrayLike, hazard: ArrayLike, share: ArrayLike, loss_share: ArrayLike,
    rate: ArrayLike, *, period_years: float = 1.0, claims: When = "end", fees: When = "start",
) -> Segment:  # fmt: skip
    """Put the figures of one or more segments together.

    Parameters
    ----------
    balance_yuan, hazard, loss_share : (t,) or (n, t) array-like, or one number
        Balance in force [yuan], >= 0, chance of a claim given none before and LGD [1], in
        [0, 1], by period.
    share, rate : (n,) array-like or one number
        Share borne [1], in [0, 1], and discount rate [1/year], > -1.
    period_years : float
        Length of a period [year], > 0.
    claims, fees : {"start", "mid", "end"}
        When claims are paid and fees are received within their period.

    Returns
    -------
    Segment
        One row a segment.

    Raises
    ------
    CreditError
        If shapes do not fit or a figure is out of range.
    """
    blocks = [
        np.atleast_2d(np.asarray(one, dtype=np.float64))
        for one in (balance_yuan, hazard, loss_share)
    ]
    columns = [np.atleast_1d(np.asarray(one, dtype=np.float64))[:, None] for one in (share, rate)]
    try:
        shape = np.broadcast_shapes(*(one.shape for one in (*blocks, *columns)))
    except ValueError:
        raise _refused("各列形状不一致", "the shapes of the columns differ") from None
    balance, chance, lost = (np.broadcast_to(one, shape) for one in blocks)
    borne, discount = (np.broadcast_to(one, (shape[0], 1)) for one in columns)
    for part in (chance, lost, borne):
        if not np.all((part >= 0.0) & (part <= 1.0)):
            raise _refused("比率应在0到1之间", "chances and shares lie in [0, 1]")
    if not np.all((balance >= 0.0) & np.isfinite(balance)) or not shape[1]:
        raise _refused("余额应不为负", "balances are finite and >= 0")
    if not np.all((discount > -1.0) & np.isfinite(discount)) or not 0.0 < period_years < math.inf:
        raise _refused("折现率应大于-1，期长为正", "rates are > -1, periods longer than 0")
    if claims not in PARTS or fees not in PARTS:
        raise _refused("时点应为start、mid或end", "moments are start, mid or end")
    return Segment(balance, chance, borne, lost, discount, period_years, claims, fees)


def guarantee_fees(
    figures: Segment, *, operating: ArrayLike = 0.0, capital_share: ArrayLike = 0.0,
    cost_of_capital: ArrayLike = 0.0, subsidy: ArrayLike = 0.0,
) -> Fees:  # fmt: skip
    """Break-even and full fee of segments: GU-FEE of the credit notes.

    Parameters
    ----------
    figures : Segment
        The segments.
    operating : array-like
        Operating cost over balance [1/year], >= 0.
    capital_share : (n,) or (n, t) array-like
        Economic capital that the segment contributes, over its balance [1], >= 0.
    cost_of_capital : array-like
        What capital has to earn [1/year], >= 0.
    subsidy : array-like
        What others pay (奖补) over balance [1/year], >= 0.

    Returns
    -------
    Fees
        One row a segment.

    Raises
    ------
    CreditError
        If a figure is negative or missing, or a segment never has a balance.

    Examples
    --------
    >>> year = segment([100.0], [0.02], 0.8, 0.5, 0.0)
    >>> guarantee_fees(year, operating=0.003).gross.round(12).tolist()
    [0.011]
    """
    size, period = figures.hazard.shape[0], figures.period_years
    x = table(size, operating=operating, cost_of_capital=cost_of_capital, subsidy=subsidy)
    held = np.asarray(capital_share, dtype=np.float64)
    held = held[:, None] if held.ndim == 1 else held
    if held.ndim == 2 and held.shape not in ((size, 1), figures.hazard.shape):
        raise _refused("资本占用形状不符", "capital has another shape than the segments")
    if not all(np.all((part >= 0.0) & np.isfinite(part)) for part in (x, held)):
        raise _refused("成本和补贴应不为负", "costs and subsidies are finite and >= 0")
    claims, annuity = figures.claims_yuan, figures.annuity_yuan * period
    if not np.all(annuity > 0.0):
        raise _refused("没有在保余额", "a segment never has a balance in force")
    weight = figures.weight_yuan * period
    capital = x[1] * (held * weight).sum(axis=1) / annuity
    pure = claims / annuity
    gross = pure + x[0] + capital - x[2]
    return Fees(
        claims, annuity, pure, x[0], capital, x[2], gross, figures.claims, figures.fees
    )  # fmt: skip


def break_even_compensation(
    fee: ArrayLike, years: ArrayLike, loss_share: ArrayLike, share: ArrayLike = 1.0,
    operating: ArrayLike = 0.0,
) -> Column:  # fmt: skip
    """Compensation rate (代偿率) that a fee just pays for: fee x duration / (LGD x share).

    Parameters
    ----------
    fee, operating : array-like
        Fee and operating cost over balance [1/year], >= 0.
    years : array-like
        Duration: years of balance in force a yuan guaranteed [year], > 0.
    loss_share : array-like
        LGD of the guarantor [1], in (0, 1].
    share : array-like
        Share of the loss that the guarantor bears [1], in (0, 1].

    Returns
    -------
    (n,) float64
        Claims over guarantees released [1]; 0 where the fee does not even pay its cost,
        above 1 where no claims could use it up.

    Raises
    ------
    CreditError
        If a figure is out of range.

    Examples
    --------
    >>> break_even_compensation(0.008, 1.5, 0.6, 0.8).round(12).tolist()
    [0.025]
    """
    x = table(fee=fee, years=years, loss_share=loss_share, share=share, operating=operating)
    if not np.all((x >= 0.0) & np.isfinite(x)) or np.any(x[1:4] == 0.0) or np.any(x[2:4] > 1.0):
        raise _refused("费率、年限、损失率有误", "a figure of the break-even rate is out of range")
    found: Column = np.maximum(x[0] - x[4], 0.0) * x[1] / (x[2] * x[3])
    return found


def fee_interval(
    figures: Segment, standard_error: ArrayLike, level: float = 0.9, *,
    operating: ArrayLike = 0.0, capital_share: ArrayLike = 0.0,
    cost_of_capital: ArrayLike = 0.0, subsidy: ArrayLike = 0.0,
) -> tuple[Fees, Fees]:  # fmt: skip
    """Fees at both ends of what the PD may be.

    The log odds of the PD are taken as normal around the estimate; all hazards of a segment
    move together, and the fee with them.

    Parameters
    ----------
    figures : Segment
        The segments.
    standard_error : (n,) array-like
        Standard error of the mean hazard [1], >= 0.
    level : float
        Confidence of the interval [1], in (0, 1).
    operating, capital_share, cost_of_capital, subsidy : array-like
        As `guarantee_fees`.

    Returns
    -------
    low, high : Fees
        Fees at the lower and the upper end of the PD.

    Raises
    ------
    CreditError
        If a standard error is negative, or given for a mean hazard of 0 or 1.
    """
    from scipy.special import expit, logit, ndtri

    error = table(figures.hazard.shape[0], standard_error=standard_error)[0][:, None]
    mean = figures.hazard.mean(axis=1, keepdims=True)
    spread = mean * (1.0 - mean)
    if not 0.0 < level < 1.0 or not np.all((error >= 0.0) & np.isfinite(error)):
        raise _refused("标准误应不为负，置信度在0到1之间", "errors are >= 0, levels inside (0, 1)")
    if np.any((spread == 0.0) & (error > 0.0)):
        raise _refused("违约率为0或1时没有标准误", "a mean hazard of 0 or 1 has no error")
    step = float(ndtri(0.5 + 0.5 * level)) * np.divide(
        error, spread, out=np.zeros_like(error), where=spread > 0.0
    )
    ends = []
    for shift in (-step, step):
        with np.errstate(divide="ignore"):
            moved = np.where(shift == 0.0, figures.hazard, expit(logit(figures.hazard) + shift))
        other = Segment(
            figures.balance_yuan, moved, figures.share, figures.loss_share, figures.rate,
            figures.period_years, figures.claims, figures.fees,
        )  # fmt: skip
        ends.append(
            guarantee_fees(
                other, operating=operating, capital_share=capital_share,
                cost_of_capital=cost_of_capital, subsidy=subsidy,
            )
        )  # fmt: skip
    return ends[0], ends[1]


def _refused(zh: str, en: str) -> CreditError:
    return CreditError(Text(zh, en), Text("请检查费率的输入", "check what the fee is told"))
