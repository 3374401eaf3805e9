"""Weight of evidence and information value.

WOE_j = ln[(g_j / G) / (b_j / B)], IV = sum_j (g_j / G - b_j / B) WOE_j.  A positive
WOE is better than the average: the sign is that of ln(good / bad).

Source: Siddiqi (2006), Credit Risk Scorecards, chapter 6; Kullback (1959).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from models.pd.checks import Floats, refused
from riskengine.words import Text

HALF = 0.5
"""What Haldane (1956) and Anscombe (1956) add to each count."""


@dataclass(frozen=True)
class Evidence:
    """Weight of evidence of some bins.

    Parameters
    ----------
    woe : (bins,) float64
        Weight of evidence [log odds of good].
    parts : (bins,) float64
        Each bin's part of the information value.
    iv : float
        Information value.
    corrected : float
        Information value less its bias under no association, (J - 1)(1/G + 1/B);
        below 0 when there is less than chance alone would show.
    """

    woe: Floats
    parts: Floats
    iv: float
    corrected: float


def evidence(good: ArrayLike, bad: ArrayLike, haldane: bool = False) -> Evidence:
    """Weight of evidence and information value of bins.

    Parameters
    ----------
    good, bad : (bins,) array
        Weight of goods and bads of each bin, >= 0.
    haldane : bool
        Whether 1/2 is added to the counts, which keeps an empty cell finite.
        Without it an empty cell is refused.

    Returns
    -------
    Evidence
        WOE [log odds of good] and IV.

    Raises
    ------
    ModelError
        If a class is empty, a count is negative or not finite, or a cell is empty
        and `haldane` is off.

    Notes
    -----
    With `haldane`: WOE_j = ln[(g_j + 1/2)/(b_j + 1/2)] - ln[(G + 1/2)/(B + 1/2)],
    while the shares g_j/G and b_j/B in IV stay as they are.
    Bias: without association IV is about chi-squared with J - 1 degrees of freedom
    times (1/G + 1/B), as the population stability index is.

    Examples
    --------
    >>> found = evidence([90.0, 60.0], [10.0, 40.0])
    >>> round(float(found.woe[0]), 6), round(found.iv, 6)
    (1.098612, 0.716704)
    """
    goods = np.asarray(good, dtype=np.float64)
    bads = np.asarray(bad, dtype=np.float64)
    counts = np.concatenate([goods, bads])
    if goods.shape != bads.shape or not (np.isfinite(counts) & (counts >= 0.0)).all():
        raise refused(
            Text("各箱的好坏数须为非负有限数", "counts of goods and bads must be finite and >= 0"),
            Text("检查分箱", "check the bins"),
        )
    if goods.sum() <= 0.0 or bads.sum() <= 0.0:
        raise refused(
            Text("样本只有一类结果", "the sample holds one class of outcome only"),
            Text("放宽时间窗口", "widen the window"),
        )
    if not haldane and (counts == 0.0).any():
        raise refused(
            Text("有分箱没有好样本或没有坏样本", "a bin holds no goods or no bads"),
            Text("合并该箱，或明示采用 +0.5 修正", "merge it, or ask for the half count by name"),
        )
    woe = weights_of_evidence(goods, bads, goods.sum(), bads.sum(), haldane)
    parts = (goods / goods.sum() - bads / bads.sum()) * woe
    iv = float(parts.sum())
    return Evidence(woe, parts, iv, iv - information_bias(goods.size, goods.sum(), bads.sum()))


def weights_of_evidence(
    good: Floats, bad: Floats, goods: float, bads: float, haldane: bool
) -> Floats:
    """WOE of bins against given totals, without checks.

    Parameters
    ----------
    good, bad : (...) float64
        Weight of goods and bads of each bin; cells > 0, or >= 0 with `haldane`.
    goods, bads : float
        Totals, > 0.
    haldane : bool
        Whether 1/2 is added to every count.

    Returns
    -------
    (...) float64
        WOE [log odds of good].
    """
    more = HALF if haldane else 0.0
    own = np.log((good + more) / (bad + more))
    return np.asarray(own - np.log((goods + more) / (bads + more)), dtype=np.float64)


def information_bias(bins: int, goods: float, bads: float) -> float:
    """Information value that chance alone shows.

    Parameters
    ----------
    bins : int
        Bins J, >= 1.
    goods, bads : float
        Totals G and B, > 0.

    Returns
    -------
    float
        (J - 1)(1/G + 1/B).

    Examples
    --------
    >>> round(information_bias(5, 900.0, 100.0), 6)
    0.044444
    """
    return (bins - 1) * (1.0 / goods + 1.0 / bads)
