"""Value at risk, expected shortfall and economic capital of a law of losses or of a sample.

VaR at a level a is the smallest loss x with P(L <= x) >= a.  ES is the mean of the worst
share 1 - a, the atom at VaR split so that the share is met exactly; E[L | L >= VaR] is not
coherent on atoms.  Tails are summed from the top, so that they keep their digits.

Source: Acerbi & Tasche, J. Banking & Finance 26 (2002) 1487.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riskengine.portfolio.columns import finite_column, inside
from riskengine.portfolio.exposures import refused

Column = NDArray[np.float64]

ROUNDING = 1e-12
"""How far a tail may pass 1 - a and still count as met, as a share of it: rounding of sums."""
WHOLE = 1e-9
"""How far probabilities may be from adding up to 1."""


@dataclass(frozen=True, slots=True)
class Measures:
    """Risk of one law of losses at one level.

    Parameters
    ----------
    level : float
        Confidence level a [1], in (0, 1).
    value_at_risk : float
        VaR [yuan].
    expected_shortfall : float
        ES [yuan], >= VaR.
    expected : float
        Expected loss [yuan].
    economic_capital : float
        VaR less expected loss [yuan].
    """

    level: float
    value_at_risk: float
    expected_shortfall: float
    expected: float
    economic_capital: float


def lattice_measures(
    values: ArrayLike, probabilities: ArrayLike, level: float, *, interpolated: bool = False
) -> Measures:
    """Measures of a law given by its atoms.

    Parameters
    ----------
    values : (n,) array-like
        Losses [yuan], rising.
    probabilities : (n,) array-like
        Their probabilities [1], >= 0; they add up to 1 within 1e-9.
    level : float
        Confidence level [1], in (0, 1).
    interpolated : bool
        Whether VaR is read off the distribution function drawn as straight lines between
        atoms, as the CreditRisk+ workbook does; ES stays that of the atoms.

    Returns
    -------
    Measures
        Its measures [yuan].

    Raises
    ------
    BookError
        If this is no law, or the level is outside (0, 1).

    Examples
    --------
    >>> found = lattice_measures([0.0, 100.0], [0.96, 0.04], 0.95)
    >>> found.value_at_risk, round(found.expected_shortfall, 9)
    (0.0, 80.0)
    """
    x, p = _law(values, probabilities)
    beyond = tails(p)
    at = _reached(beyond, level)
    value = float(x[at])
    shortfall = _shortfall(float(np.sum((x * p)[:at:-1])), value, float(beyond[at]), level)
    if interpolated and at:
        share = (beyond[at - 1] - (1.0 - level)) / (beyond[at - 1] - beyond[at])
        value = float(x[at - 1] + min(share, 1.0) * (x[at] - x[at - 1]))
    expected = float(np.sum((x * p)[::-1]))
    return Measures(level, value, shortfall, expected, value - expected)


def sample_measures(
    losses: ArrayLike, level: float, *, weights: ArrayLike | None = None,
    expected: float | None = None,
) -> Measures:  # fmt: skip
    """Measures of a sample, drawn plainly or by importance sampling.

    Parameters
    ----------
    losses : (n,) array-like
        Simulated losses [yuan], in any order.
    level : float
        Confidence level [1], in (0, 1).
    weights : (n,) array-like or None
        Likelihood ratios, nominal over sampled density [1], >= 0, with mean 1 before the
        draw; None draws them all with weight 1.
    expected : float or None
        Expected loss [yuan] where it is known; None takes the weighted mean.

    Returns
    -------
    Measures
        Their estimates [yuan].

    Raises
    ------
    BookError
        If the sample is empty or not finite, or the level is outside (0, 1).

    Notes
    -----
    P(L > x) is the sum of w / n over the losses above x, added from the top.  The weights
    are not made to add up to n: few large ones far from the tail would move the tail.

    Source: Glasserman & Li, Management Science 51 (2005) 1643, 2.

    Examples
    --------
    >>> found = sample_measures([4.0, 1.0, 3.0, 2.0], 0.5)
    >>> found.value_at_risk, found.expected_shortfall
    (2.0, 3.5)
    """
    x = finite_column("losses", losses)
    w = np.ones(x.size) if weights is None else finite_column("weights", weights)
    if not x.size or w.size != x.size or np.any(w < 0.0):
        raise refused("losses", "样本为空或权重不符", "need one weight >= 0 each, and one loss")
    order = np.argsort(x, kind="stable")
    x, w = x[order], w[order] / x.size
    last = np.flatnonzero(np.append(x[1:] > x[:-1], True))
    beyond = tails(w)[last]
    at = _reached(beyond, level)
    above = float(np.sum((x * w)[: last[at] : -1]))
    value = float(x[last[at]])
    shortfall = _shortfall(above, value, float(beyond[at]), level)
    mean = float(np.sum((x * w)[::-1])) if expected is None else expected
    return Measures(level, value, shortfall, mean, value - mean)


def tails(probabilities: Column) -> Column:
    """Return P(L > x) at every atom, added from the top.

    Parameters
    ----------
    probabilities : (n,) float64
        Probabilities [1] in the order of rising losses.

    Returns
    -------
    (n,) float64
        Chance of more [1]; 0 at the last.
    """
    found = np.zeros(probabilities.size)
    found[:-1] = np.cumsum(probabilities[:0:-1])[::-1]
    return found


def _law(values: ArrayLike, probabilities: ArrayLike) -> tuple[Column, Column]:
    x, p = finite_column("values", values), finite_column("probabilities", probabilities)
    if x.shape != p.shape or not x.size or np.any(np.diff(x) <= 0.0):
        raise refused("values", "应递增且与概率等长", "must rise, one for each probability")
    if np.any(p < 0.0) or abs(float(np.sum(p)) - 1.0) > WHOLE:
        raise refused("probabilities", "应非负且合计为1", "must be >= 0 and add up to 1")
    return x, p


def _reached(beyond: Column, level: float) -> int:
    """Return the first place with P(L > x) <= 1 - level; P falls to 0 at the last."""
    allowed = 1.0 - inside("level", level)
    allowed += ROUNDING * allowed + np.finfo(np.float64).eps
    return int(beyond.size - np.searchsorted(beyond[::-1], allowed, side="right"))


def _shortfall(above: float, value: float, beyond: float, level: float) -> float:
    """Return ES from the sum of losses above VaR, VaR, and the chance of more."""
    share = 1.0 - level
    return max((above + value * (share - beyond)) / share, value)


def several(
    values: ArrayLike, probabilities: ArrayLike, levels: Sequence[float]
) -> tuple[Measures, ...]:
    """Measures of one law at several levels.

    Parameters
    ----------
    values, probabilities : (n,) array-like
        As `lattice_measures`.
    levels : sequence of float
        Confidence levels [1], in (0, 1).

    Returns
    -------
    tuple of Measures
        One for each level.
    """
    return tuple(lattice_measures(values, probabilities, level) for level in levels)
