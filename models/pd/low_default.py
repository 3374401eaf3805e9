"""PDs of books with few defaults or none: the most prudent estimation principle.

The PD of a grade is at most that of every worse grade, so its upper bound is that
of all cases in it and below it, pooled.  The bound p solves P(D <= d | p) = 1 - gamma:
independent (Clopper-Pearson), with one common factor, or over years with a factor
that is correlated from year to year.  gamma is policy: 50 to 75 % where a price is
made, 90 % and more for a margin of conservatism.

Source: Pluto & Tasche (2005), Estimating probabilities of default for low default
portfolios.  Over years the paper simulates; here the count of defaults is carried
along a grid of the factor, exact but for the quadrature.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq
from scipy.special import betaincc, betaincinv, expit, gammaln, xlog1py, xlogy

from models.pd.checks import Floats, finite, refused
from models.pd.cycle import conditional
from models.pd.isotonic import pool_adjacent
from models.pd.threads import on_one_thread
from riskengine.words import Text

REACH = 10.0
"""The factor is integrated over [-10, 10]; what lies outside is below 1e-22."""

NODES = 16
MOST_DEFAULTS = 200
"""Most defaults of a book watched over years: beyond, the bound is not needed."""

CENTRES = ("observed", "bound")


@on_one_thread
def upper_bounds(
    cases: ArrayLike,
    defaults: ArrayLike,
    gamma: float,
    correlation: float = 0.0,
    years: int = 1,
    persistence: float = 0.0,
) -> Floats:
    """Upper confidence bounds of the one-year PDs of grades.

    Parameters
    ----------
    cases, defaults : (grades,) array
        Cases and defaults of each grade, best first; over all `years`.
    gamma : float
        Confidence, in (0, 1).
    correlation : float
        Asset correlation, in [0, 1).
    years : int
        Years that the cases were watched, >= 1.
    persistence : float
        Correlation of the factor between neighbouring years, in [0, 1].

    Returns
    -------
    (grades,) float64
        PDs, in (0, 1], not falling from best to worst: where the defaults run
        against the grades, neighbours are pooled.

    Raises
    ------
    ModelError
        If counts or settings do not hold together.

    Examples
    --------
    >>> upper_bounds([100, 400, 300], [0, 0, 0], 0.9).round(4).tolist()
    [0.0029, 0.0033, 0.0076]
    """
    n, d = _counts(cases, defaults)
    _settings(gamma, correlation, years, persistence)
    pooled = np.cumsum(n[::-1])[::-1], np.cumsum(d[::-1])[::-1]
    bounds = [
        _bound(int(m), int(k), gamma, correlation, years, persistence)
        for m, k in zip(*pooled, strict=True)
    ]
    return pool_adjacent(bounds, n)[0]


@on_one_thread
def portfolio_bound(
    cases: ArrayLike,
    defaults: ArrayLike,
    gamma: float,
    correlation: float = 0.0,
    years: int = 1,
    persistence: float = 0.0,
) -> float:
    """Upper confidence bound of the one-year PD of the whole book.

    Parameters
    ----------
    cases, defaults, gamma, correlation, years, persistence
        As `upper_bounds`.

    Returns
    -------
    float
        PD, in (0, 1].

    Raises
    ------
    ModelError
        If counts or settings do not hold together.
    """
    n, d = _counts(cases, defaults)
    _settings(gamma, correlation, years, persistence)
    return _bound(int(n.sum()), int(d.sum()), gamma, correlation, years, persistence)


def scaled_bounds(
    cases: ArrayLike,
    defaults: ArrayLike,
    gamma: float,
    correlation: float = 0.0,
    years: int = 1,
    persistence: float = 0.0,
    centre: str = "observed",
) -> tuple[Floats, float]:
    """Bounds scaled so that their mean is the central tendency of the book.

    Parameters
    ----------
    cases, defaults, gamma, correlation, years, persistence
        As `upper_bounds`.
    centre : {"observed", "bound"}
        Central tendency: the observed rate a year, or the upper bound of the whole
        book (the two variants of the paper, section 5).

    Returns
    -------
    tuple
        Scaled PDs (grades,), and the factor K.

    Raises
    ------
    ModelError
        If counts or settings do not hold together, the centre is another, nothing
        was observed to scale to, or a scaled PD would exceed 1.
    """
    if centre not in CENTRES:
        raise _refused_settings()
    bounds = upper_bounds(cases, defaults, gamma, correlation, years, persistence)
    n, d = _counts(cases, defaults)
    if centre == "observed":
        middle = -np.expm1(np.log1p(-d.sum() / n.sum()) / years) if d.sum() < n.sum() else 1.0
    else:
        middle = portfolio_bound(cases, defaults, gamma, correlation, years, persistence)
    factor = float(middle / (bounds @ n / n.sum()))
    if not 0.0 < factor * bounds.max() <= 1.0:
        raise refused(
            Text("没有违约可供缩放，或缩放后超过 1", "no default to scale to, or a PD above 1"),
            Text("改用整体上界为中心", "take the bound of the whole book as the centre"),
        )
    return bounds * factor, factor


def _bound(
    n: int, d: int, gamma: float, correlation: float, years: int, persistence: float
) -> float:
    if d == n:
        return 1.0
    if correlation == 0.0:
        total = float(betaincinv(d + 1.0, float(n - d), gamma))
        return float(-np.expm1(np.log1p(-total) / years))
    below = _below_over_years if years > 1 and persistence < 1.0 else _below_one_path
    probability = below(n, d, correlation, years, persistence)
    # Log odds are ln p where p is small and keep p below 1 where it is not.
    found = brentq(
        lambda odds: probability(float(expit(odds))) - (1.0 - gamma), -60.0, 36.0,
        xtol=1e-13, rtol=1e-14,
    )  # fmt: skip
    return float(expit(found))


def factor_nodes(n: int, spread: float = 1.0) -> tuple[Floats, Floats]:
    """Gauss-Legendre nodes of the factor, finer for larger books.

    Parameters
    ----------
    n : int
        Cases: the count of defaults pins the factor down to about 1/sqrt(n).
    spread : float
        Standard deviation of a year's move of the factor, in (0, 1].

    Returns
    -------
    tuple of array
        Nodes, and weights with the normal density in them.
    """
    panels = max(20, int(np.ceil(np.sqrt(n))), int(np.ceil(REACH / spread / 2.0)))
    node, weight = np.polynomial.legendre.leggauss(NODES)
    ends = np.linspace(-REACH, REACH, panels + 1)
    half = REACH / panels
    y = (0.5 * (ends[:-1] + ends[1:])[:, None] + half * node).ravel()
    density = np.exp(-0.5 * y * y) / np.sqrt(2.0 * np.pi)
    return y, np.tile(half * weight, panels) * density


def _below_one_path(
    n: int, d: int, correlation: float, years: int, _persistence: float
) -> Callable[[float], float]:
    """P(D <= d) as a function of p when one factor rules all years."""
    y, weight = factor_nodes(n)

    def probability(p: float) -> float:
        yearly = conditional(p, y, correlation)
        with np.errstate(divide="ignore"):
            total = -np.expm1(years * np.log1p(-yearly))
        return float(weight @ betaincc(d + 1.0, float(n - d), total))

    return probability


def _below_over_years(
    n: int, d: int, correlation: float, years: int, persistence: float
) -> Callable[[float], float]:
    """P(D <= d) as a function of p when the factor moves from year to year.

    The joint mass of the factor's node and of the defaults so far is carried from
    year to year: (a) the factor moves by its autoregression, (b) survivors default
    independently given the factor.
    """
    if d > MOST_DEFAULTS:
        raise refused(
            Text(f"{d} 次违约已不属低违约", f"{d} defaults are no longer few"),
            Text("改用中心趋势校准", "calibrate to the central tendency instead"),
        )
    spread = float(np.sqrt(1.0 - persistence**2))
    y, weight = factor_nodes(n, spread)
    gap = (y[:, None] - persistence * y[None, :]) / spread
    base = weight / (np.exp(-0.5 * y * y) / np.sqrt(2.0 * np.pi))
    moves = np.exp(-0.5 * gap * gap) / (np.sqrt(2.0 * np.pi) * spread) * base[:, None]
    have, more = np.meshgrid(np.arange(d + 1), np.arange(d + 1), indexing="ij")
    new = np.maximum(more - have, 0)
    left = n - have
    ways = gammaln(left + 1.0) - gammaln(new + 1.0) - gammaln(left - new + 1.0)
    reachable = more >= have

    def probability(p: float) -> float:
        yearly = conditional(p, y, correlation)[:, None, None]
        steps = np.exp(ways + xlogy(new, yearly) + xlog1py(left - new, -yearly)) * reachable
        mass = weight[:, None] * steps[:, 0, :]
        for _ in range(1, years):
            mass = np.einsum("yk,ykm->ym", moves @ mass, steps)
        return float(mass.sum())

    return probability


def _counts(cases: ArrayLike, defaults: ArrayLike) -> tuple[Floats, Floats]:
    n, d = finite(cases, "cases"), finite(defaults, "defaults")
    both = np.concatenate([n, d])
    whole = n.shape == d.shape and n.size > 0 and bool((np.rint(both) == both).all())
    if not (whole and (n >= 1).all() and ((d >= 0) & (d <= n)).all()):
        raise refused(
            Text(
                "各等级户数与违约数不成立", "cases and defaults of the grades do not hold together"
            ),
            Text("整数，每级至少一户", "give whole numbers and at least one case a grade"),
        )
    return n, d


def _settings(gamma: float, correlation: float, years: int, persistence: float) -> None:
    sound = 0.0 < gamma < 1.0 and 0.0 <= correlation < 1.0 and 0.0 <= persistence <= 1.0
    if not (sound and years >= 1):
        raise _refused_settings()


def _refused_settings() -> Exception:
    return refused(
        Text("低违约设置不成立", "these low-default settings do not hold together"),
        Text(
            "置信度在 (0,1)，相关系数在 [0,1)，年数至少 1",
            "confidence in (0, 1), correlation in [0, 1), at least one year",
        ),
    )
