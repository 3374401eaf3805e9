"""Probabilistic value of one right: seeded paths of price, yield, cost, loss and time to sell.

Chance comes from Sobol points with random digital shifts, sixteen shifts a run:
each shift is one unbiased answer, so their scatter is an honest standard error.
The shifts come from the counter-based Philox generator under the seed; the same
seed gives the same bits on any number of threads.

Wrong-way risk: the borrower's standing A is a standard normal that moves with the
first price and with the yield; the borrower defaults when A falls below the
quantile of the chance of default.  The distribution at default is drawn given
that it does, on all paths, not picked from the few that happen to default.

Source: valuation notes 6.1; Joe & Kuo, SIAM J. Sci. Comput. 30 (2008) 2635 (Sobol
numbers); L'Ecuyer & Lemieux, in Modeling Uncertainty (2002), ch. 20 (digital shift).
"""

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from riskengine.errors import RiskEngineError
from riskengine.kernels.simulation import ordered_sum, path_values
from riskengine.prospect import Delay, Prospect, Share
from riskengine.words import Text

Column = NDArray[np.float64]

SHIFTS = 16
"""Independent shifts of the points; their answers give the standard error."""

FEWEST_PATHS = 4096
BLOCK = 4096
BITS = 30
"""Binary digits of a Sobol point."""

FIRST_PRICE = 4
"""Rows of chance before the prices: loss, time to sell, yield, cost."""


@dataclass(frozen=True, slots=True)
class Spread:
    """A distribution of value in figures.

    Parameters
    ----------
    mean_yuan, standard_error_yuan : float
        Mean and the error of the simulation itself [yuan].
    p05_yuan, p50_yuan, p95_yuan : float
        Percentiles [yuan].
    """

    mean_yuan: float
    standard_error_yuan: float
    p05_yuan: float
    p50_yuan: float
    p95_yuan: float


@dataclass(frozen=True, slots=True)
class Simulated:
    """The answer, with what is needed to repeat it.

    Parameters
    ----------
    value : Spread
        Value of the right.
    at_default : Spread or None
        Value given that the borrower defaults; None without a borrower.
    paths, seed : int
        Paths and seed.
    """

    value: Spread
    at_default: Spread | None
    paths: int
    seed: int


def simulate(
    prospect: Prospect, seed: int, paths: int = FEWEST_PATHS, threads: int = 1
) -> Simulated:
    """Simulate the value of one right.

    Parameters
    ----------
    prospect : Prospect
        The right.
    seed : int
        Seed, in [0, 2^63); the same seed gives the same bits.
    paths : int
        Paths, a power of 2, >= 4096.
    threads : int
        Threads, >= 1; they change the time, never the answer.

    Returns
    -------
    Simulated
        Mean, P5, P50 and P95, and the same at default.

    Raises
    ------
    RiskEngineError
        If the number of paths or the prospect contradicts itself.

    Examples
    --------
    >>> from riskengine.prospect import Borrower, Price
    >>> carbon = Prospect((0.0,), (1000.0,), (0.0,), Price(70.0, 0.5, 0.6, 70.0), 0.12,
    ...                   delay=Delay(0.3), borrower=Borrower(0.05, price_correlation=0.3))
    >>> answer = simulate(carbon, seed=1)
    >>> answer.at_default.mean_yuan < answer.value.mean_yuan < 70_000.0
    True
    """
    values = simulated_values(prospect, seed, paths, False, threads)
    at_default = None
    if prospect.borrower is not None:
        at_default = _spread(simulated_values(prospect, seed, paths, True, threads))
    return Simulated(_spread(values), at_default, paths, seed)


def simulated_values(
    prospect: Prospect, seed: int, paths: int, at_default: bool, threads: int = 1
) -> Column:
    """Value of the right on every path.

    Parameters
    ----------
    prospect : Prospect
        The right.
    seed : int
        Seed, in [0, 2^63).
    paths : int
        Paths, a power of 2, >= 4096.
    at_default : bool
        Whether the paths are those on which the borrower defaults.
    threads : int
        Threads, >= 1.

    Returns
    -------
    (paths,) float64
        Values [yuan], sixteen runs of equal length one after the other.

    Raises
    ------
    RiskEngineError
        As `simulate`.
    """
    prospect.check()
    if paths < FEWEST_PATHS or paths & (paths - 1):
        raise RiskEngineError(
            Text(f"路径数 {paths} 不是不小于4096的2的幂",
                 f"{paths} paths: not a power of 2 from 4096 on"),
            Text("例如取4096或65536", "take 4096 or 65536"),
        )  # fmt: skip
    points = paths // SHIFTS
    out = np.empty(paths)
    sales = np.array([prospect.years, prospect.quantities, prospect.costs_yuan])
    price = prospect.price
    terms = np.array([
        price.spot_yuan, price.log_level, price.reversion_per_year, price.volatility,
        prospect.rate_per_year, prospect.sale_cost_share,
    ])  # fmt: skip

    def run(shift: int) -> None:
        chance = uniforms(FIRST_PRICE + 1 + sales.shape[1], points, seed, shift)
        path_values(draws(prospect, chance, at_default), sales, terms,
                    out[shift * points : (shift + 1) * points])  # fmt: skip

    _each(run, threads)
    return out


def _each(run: Callable[[int], None], threads: int) -> None:
    """Do every shift, on as many threads as wanted."""
    if threads == 1:
        for shift in range(SHIFTS):
            run(shift)
        return
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(run, range(SHIFTS)))


def uniforms(dimensions: int, points: int, seed: int, shift: int) -> Column:
    """Sobol points under one random digital shift.

    Parameters
    ----------
    dimensions, points : int
        Rows and columns wanted; points a power of 2.
    seed, shift : int
        Key and counter of the Philox generator that draws the shift.

    Returns
    -------
    (dimensions, points) float64
        Points inside (0, 1), each row uniform.
    """
    rng = np.random.Generator(np.random.Philox(key=seed, counter=[0, 0, 0, shift]))
    mask = rng.integers(0, 1 << BITS, size=(dimensions, 1), dtype=np.int64)
    shifted = (_sobol(dimensions, points) ^ mask).astype(np.float64)
    return (shifted + 0.5) * 2.0**-BITS


@cache
def _sobol(dimensions: int, points: int) -> NDArray[np.int64]:
    """Unscrambled Sobol points as whole numbers, one row a dimension."""
    from scipy.stats import qmc  # a third of a second, paid only by who simulates

    engine = qmc.Sobol(dimensions, scramble=False, bits=BITS)
    whole = np.rint(engine.random(points).T * 2.0**BITS).astype(np.int64)
    return np.ascontiguousarray(whole)


def draws(prospect: Prospect, chance: Column, at_default: bool) -> Column:
    """Turn uniform numbers into what happens on each path.

    Parameters
    ----------
    prospect : Prospect
        The right.
    chance : (5 + m, n) float64
        Uniform numbers: borrower, first price, yield, time to sell, cost, then
        loss and later prices.
    at_default : bool
        Whether the borrower defaults on every path.

    Returns
    -------
    (4 + m, n) float64
        As `riskengine.kernels.simulation.path_values` takes them.
    """
    from scipy.special import ndtri

    normal = ndtri(chance)
    borrower = prospect.borrower
    if borrower is not None and at_default:
        normal[0] = ndtri(chance[0] * borrower.default_chance)
    lower = np.linalg.cholesky(prospect.correlation())
    price = lower[1, 0] * normal[0] + lower[1, 1] * normal[1]
    harvest = lower[2, 0] * normal[0] + lower[2, 1] * normal[1] + lower[2, 2] * normal[2]
    out = np.empty((chance.shape[0] - 1, chance.shape[1]))
    hazard = prospect.loss_per_year
    out[0] = -np.log(chance[5]) / hazard if hazard > 0.0 else math.inf
    out[1] = _delay(prospect.delay, chance[3])
    out[2] = _shares(prospect.share, harvest)
    out[3] = _lognormal(1.0, prospect.cost_deviation, normal[4])
    out[FIRST_PRICE] = price
    out[FIRST_PRICE + 1 :] = normal[6:]
    return out


def _delay(delay: Delay, chance: Column) -> Column:
    """Times to sell [year]."""
    scale = delay.mean_years / math.gamma(1.0 + 1.0 / delay.shape)
    times: Column = delay.wait_years + scale * (-np.log(chance)) ** (1.0 / delay.shape)
    return times


def _shares(share: Share, normal: Column) -> Column:
    """Shares of the planned quantity that are got."""
    from scipy.special import betaincinv, ndtr

    if share.law == "beta":
        spread = share.mean * (1.0 - share.mean) / share.deviation**2 - 1.0
        drawn: Column = betaincinv(share.mean * spread, (1.0 - share.mean) * spread, ndtr(normal))
        return drawn
    deviation = share.deviation / share.mean if share.law == "lognormal" else 0.0
    return _lognormal(share.mean, deviation, normal)


def _lognormal(mean: float, deviation: float, normal: Column) -> Column:
    """Lognormal numbers of a mean and a relative standard deviation."""
    spread = math.sqrt(math.log1p(deviation**2))
    numbers: Column = mean * np.exp(spread * (normal - 0.5 * spread))
    return numbers


def _spread(values: Column) -> Spread:
    """Mean, its error and percentiles of simulated values."""
    runs = values.reshape(SHIFTS, -1)
    means = np.array([ordered_sum(run, BLOCK) for run in runs]) / runs.shape[1]
    mean = math.fsum(means) / SHIFTS
    error = math.sqrt(math.fsum((means - mean) ** 2) / (SHIFTS * (SHIFTS - 1)))
    p05, p50, p95 = (float(p) for p in np.percentile(values, (5.0, 50.0, 95.0)))
    return Spread(mean, error, p05, p50, p95)
