"""Population stability: how far shares on frozen bins have moved, and beyond chance.

PSI = sum (a - e) ln(a / e) over bins that were frozen with the model.  Were nothing
changed it would still not be 0: it is about chi-square with B - 1 degrees times
(1 / n_now + 1 / n_reference).  So 0.25 at 30 rows is no news, and 0.001 at a million
is certain and harmless: an alarm here needs both a small p-value and a size.

Empty bins get Jeffreys' half count (all bins do, so nothing jumps); a floor such as
1e-6 makes the figure a fact about the floor.

Source: Yurdakul (2018), Statistical Properties of Population Stability Index;
Jeffreys (1946) for the divergence.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from riskengine.appraisal.intervals import Interval
from riskengine.errors import ModelError
from riskengine.words import Text

Floats = NDArray[np.float64]

ENOUGH = 10.0
"""Expected rows in every bin from which on the chi-square is used."""


@dataclass(frozen=True, slots=True)
class Stability:
    """Population stability index with its null distribution.

    Parameters
    ----------
    psi : float
        The index [1], >= 0.
    expected_by_chance : float
        Its mean were nothing changed [1].
    excess : float
        The index less that mean: the size of the shift, 0 or below for none.
    interval : Interval
        Of the true index, by inverting the non-central chi-square.
    p_value : float
        Probability of an index at least this large were nothing changed.
    method : str
        ``chi-square`` or ``simulation``.
    parts : (bins,) float64
        What each bin adds; 0 where both counts are.
    bins, n_reference, n_now : int
        Bins that hold any row, rows then and now.
    alarm : bool
        p-value below the level and excess at or above the material size.
    """

    psi: float
    expected_by_chance: float
    excess: float
    interval: Interval
    p_value: float
    method: str
    parts: Floats
    bins: int
    n_reference: int
    n_now: int
    alarm: bool


def psi_of_shares(expected: ArrayLike, actual: ArrayLike) -> float:
    """Index of two given distributions.

    Parameters
    ----------
    expected, actual : (bins,) array-like
        Shares [1], > 0.

    Returns
    -------
    float
        PSI [1], >= 0; the same whichever comes first.

    Raises
    ------
    ModelError
        If a share is not above 0: hand in counts to `psi` instead.

    Examples
    --------
    >>> shares = [0.1, 0.2, 0.4, 0.2, 0.1], [0.08, 0.17, 0.38, 0.23, 0.14]
    >>> round(psi_of_shares(*shares), 10)
    0.0280160525
    """
    before, after = _bins(expected), _bins(actual)
    _alike(before, after)
    if before.min() <= 0.0 or after.min() <= 0.0:
        raise ModelError(
            Text("有空箱，PSI 无定义", "a share is 0, the index has no value"),
            Text(
                "请传入计数，由 psi 按 Jeffreys 半计数处理空箱",
                "hand in counts: psi gives empty bins Jeffreys' half count",
            ),
        )
    return float(np.sum((after - before) * np.log(after / before)))


def _bins(values: ArrayLike) -> Floats:
    """One finite number a bin."""
    found = np.asarray(values, dtype=np.float64)
    if found.ndim != 1 or found.size == 0 or not np.isfinite(found).all():
        raise ModelError(
            Text("各箱应为一维、非空、有限的数", "bins must be finite numbers in one filled row"),
            Text("请传入每箱一个数", "hand in one number for each bin"),
        )
    return found


def _alike(before: Floats, after: Floats) -> None:
    """Refuse other bins."""
    if before.size != after.size:
        raise ModelError(
            Text(f"箱数不一致：{before.size} 与 {after.size}",
                 f"bins differ: {before.size} and {after.size}"),
            Text("两期须用同一组箱", "both must be counted on the same bins"),
        )  # fmt: skip


def _parts(before: NDArray[Any], after: NDArray[Any]) -> Floats:
    """Parts of the index of counts (..., bins), each bin half a count richer."""
    size = before.shape[-1]
    shares = [
        (count + 0.5) / (count.sum(axis=-1, keepdims=True) + 0.5 * size)
        for count in (before, after)
    ]
    return np.asarray((shares[1] - shares[0]) * np.log(shares[1] / shares[0]))


def psi(
    reference: ArrayLike,
    now: ArrayLike,
    level: float = 0.05,
    material: float = 0.1,
    simulations: int = 1999,
    seed: int = 0,
    confidence: float = 0.95,
) -> Stability:
    """Population stability index of counts on the same bins, with its p-value.

    Parameters
    ----------
    reference, now : (bins,) array-like
        Rows in each bin then and now [1], >= 0; the last may be missing values.
    level : float
        Level of the alarm, in (0, 1).
    material : float
        Excess from which on a shift matters [1], >= 0.
    simulations : int
        Simulated pairs of samples where a bin expects fewer than 10 rows, in which
        case the chi-square is too wide; it serves only beyond the largest of them.
    seed : int
        Their seed.
    confidence : float
        Confidence of the interval, in (0, 1).

    Returns
    -------
    Stability
        The index and what chance would give.

    Raises
    ------
    ModelError
        If counts are negative, one side is empty, or lengths differ.
    """
    before, after = _bins(reference), _bins(now)
    _alike(before, after)
    if min(before.min(), after.min()) < 0.0 or before.sum() <= 0.0 or after.sum() <= 0.0:
        raise ModelError(
            Text("计数为负，或一侧没有行", "counts are negative, or one side holds no row"),
            Text(
                "请传入两期在同一组箱上的行数", "hand in the rows of both periods on the same bins"
            ),
        )
    used = before + after > 0.0
    parts = np.zeros_like(before)
    parts[used] = _parts(before[used], after[used])
    value, bins = float(parts.sum()), int(used.sum())
    sizes = before.sum(), after.sum()
    scale = 1.0 / sizes[0] + 1.0 / sizes[1]
    pooled = (before + after)[used] / sum(sizes)
    if bins == 1:
        mean, p_value, method = 0.0, 1.0, "one bin"
    elif min(sizes) * pooled.min() >= ENOUGH:
        mean, method = (bins - 1) * scale, "chi-square"
        p_value = float(special.chdtrc(bins - 1, value / scale))
    else:
        rng = np.random.default_rng(seed)
        first, second = (rng.multinomial(int(n), pooled, simulations) for n in sizes)
        null = _parts(first, second).sum(axis=-1)
        as_large = np.count_nonzero(null >= value * (1.0 - 1e-12))
        mean, method = float(null.mean()), "simulation"
        p_value = float((1 + as_large) / (1 + simulations))
        if as_large == 0:
            # Else no index, however large, could pass an adjustment for many features.
            p_value = min(p_value, float(special.chdtrc(bins - 1, value / scale)))
    return Stability(
        value, mean, value - mean, _psi_interval(value, bins, scale, confidence), p_value,
        method, parts, bins, int(sizes[0]), int(sizes[1]),
        p_value < level and value - mean >= material,
    )  # fmt: skip


def _psi_interval(value: float, bins: int, scale: float, confidence: float) -> Interval:
    """Indices whose non-central chi-square does not find the one seen too odd."""
    ends = [0.0, 0.0]
    if bins > 1:
        statistic, degrees = value / scale, bins - 1.0
        tail = 0.5 * (1.0 - confidence)
        for k, wanted in enumerate((1.0 - tail, tail)):
            if special.chdtr(degrees, statistic) > wanted:
                ends[k] = float(special.chndtrinc(statistic, degrees, wanted)) * scale
    return Interval(ends[0], ends[1], confidence, "non-central chi-square")


def share_change(before: int, n_before: int, after: int, n_after: int) -> float:
    """p-value of a change of a share, such as that of missing values.

    Parameters
    ----------
    before, after : int
        Rows that have the property then and now.
    n_before, n_after : int
        All rows then and now, >= 1.

    Returns
    -------
    float
        Two-sided p-value [1]: normal with the pooled share where every cell expects
        10 rows, Fisher's exact one otherwise.

    Examples
    --------
    >>> round(share_change(10, 100, 25, 100), 5)
    0.00525
    """
    pooled = (before + after) / (n_before + n_after)
    if pooled in {0.0, 1.0}:
        return 1.0
    if min(n_before, n_after) * min(pooled, 1.0 - pooled) < ENOUGH:
        table = [[before, n_before - before], [after, n_after - after]]
        from scipy.stats import fisher_exact  # a second to import; paid only by who asks for it

        return float(fisher_exact(np.asarray(table)).pvalue)
    error = np.sqrt(pooled * (1.0 - pooled) * (1.0 / n_before + 1.0 / n_after))
    return float(2.0 * special.ndtr(-abs(before / n_before - after / n_after) / error))


def holm_adjusted(p_values: ArrayLike) -> Floats:
    """Holm's step-down p-values: any dependence allowed.

    Parameters
    ----------
    p_values : (k,) array-like
        p-values [1], in [0, 1].

    Returns
    -------
    (k,) float64
        Adjusted [1]; refused at a level when below it.

    Examples
    --------
    >>> holm_adjusted([0.01, 0.04, 0.03]).round(4).tolist()
    [0.03, 0.06, 0.06]
    """
    p = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[order] * np.arange(p.size, 0, -1))
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted
