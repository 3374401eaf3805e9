"""What each item really drives: effective against nominal weight, on a given book.

A total is a sum, T = sum of p_k, so var(T) = sum of cov(p_k, T): the share
cov(p_k, T) / var(T) adds up to one and is the Shapley value of the variance.  A nominal
weight says how many points an item could bring, an effective one how much of the
ranking it makes on the people at hand: an item on which all agree drives nothing.

Source: covariance decomposition of an additive score (Owen and Prieur, On Shapley value
for measuring importance of dependent inputs, 2017, for linear models).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import rankdata

from models.expert.card import Card
from riskengine.errors import ModelError
from riskengine.words import Text

Numbers = NDArray[np.float64]
LIGHT, HEAVY = 0.5, 2.0
"""An effective weight below half or above twice the nominal one is flagged."""

FLAGS = {
    "constant": Text("人人同分，不起作用", "everyone has the same points; it decides nothing"),
    "reversed": Text("与总分反向", "runs against the total"),
    "light": Text("实际权重不足名义的一半", "really weighs less than half of its nominal weight"),
    "heavy": Text("实际权重超过名义的两倍", "really weighs more than twice its nominal weight"),
    "": Text("", ""),
}


@dataclass(frozen=True, slots=True)
class WeightReport:
    """Nominal against effective weights.

    Parameters
    ----------
    items, blocks : pandas.DataFrame
        One row an item or a block: ``nominal`` [1], ``effective`` [1] with its interval
        ``low`` to ``high``, ``rank_shift`` [1] (mean change of a case's place, as a share of
        all, when the item is left out), ``flag``, ``sure`` (whether the whole interval lies
        beyond the line that the flag names), ``flag_zh``, ``flag_en``; with outcomes also
        ``auc`` and ``auc_error``.
    n : int
        Cases that count.
    bads : int
        Of them bad; -1 without outcomes.
    """

    items: pd.DataFrame
    blocks: pd.DataFrame
    n: int
    bads: int


def weight_report(
    card: Card, scored: pd.DataFrame, bad: NDArray[Any] | None = None, *, seed: int = 0,
    resamples: int = 200, level: float = 0.9,
) -> WeightReport:  # fmt: skip
    """Hold the effective weight of each item and block against the nominal one.

    Parameters
    ----------
    card : Card
        The card.
    scored : pandas.DataFrame
        As `models.expert.score.score_card`; cases without a total are left out.
    bad : (n,) array or None
        1 bad, 0 good, NaN not known; then each item's own AUC is told (of good over bad by
        points: 0.5 separates nothing, below 0.5 the wrong way).
    seed : int
        Seed of the resampling.
    resamples : int
        Bootstrap samples of the interval.
    level : float
        Level of the interval, in (0, 1).

    Returns
    -------
    WeightReport
        The report.

    Raises
    ------
    ModelError
        If fewer than two cases have a total, or all totals are equal.
    """
    names = [f"item.{item.name}" for item in card.items()]
    groups = [f"block.{block.name}" for block in card.blocks]
    known = scored["total"].notna().to_numpy() if names else np.zeros(len(scored), dtype=bool)
    points = scored.loc[known, names].to_numpy(np.float64).T if names else np.empty((0, 0))
    sums = scored.loc[known, groups].to_numpy(np.float64).T if names else np.empty((0, 0))
    n = points.shape[1]
    if n < 2 or np.ptp(points.sum(axis=0)) == 0.0:
        raise ModelError(
            Text(f"评分卡 {card.name}：有总分的不足两户，或总分全相同",
                 f"scorecard {card.name}: fewer than two totals, or all are equal"),
            Text("换一份有差别的样本", "use a sample in which totals differ"),
        )  # fmt: skip
    span = np.array([max(item.span[1], 0.0) for item in card.items()])
    weights = np.array([block.weight for block in card.blocks])
    outcome = None if bad is None else np.asarray(bad, dtype=np.float64)[known]
    items = _table(
        [item.name for item in card.items()], span, points, (seed, resamples, level), outcome
    )
    items.insert(1, "title", [item.title.zh for item in card.items()])
    items.insert(2, "social", [block.social for block in card.blocks for _ in block.items])
    blocks = _table(
        [block.name for block in card.blocks], weights, sums, (seed, resamples, level), outcome
    )
    blocks.insert(1, "title", [block.title.zh for block in card.blocks])
    blocks.insert(2, "social", [block.social for block in card.blocks])
    bads = -1 if outcome is None else int((outcome == 1.0).sum())
    return WeightReport(items, blocks, n, bads)


def effective_weights(points: Numbers) -> Numbers:
    """Share of the total's variance that each part drives.

    Parameters
    ----------
    points : (parts, n) float64
        Points [point].

    Returns
    -------
    (parts,) float64
        cov(part, total) / var(total) [1], adding up to 1; NaN where the total is constant.
    """
    deviations = points - points.mean(axis=1, keepdims=True)
    total = deviations.sum(axis=0)
    variance = total @ total
    return (deviations @ total) / variance if variance > 0.0 else np.full(len(points), np.nan)


def rank_shifts(points: Numbers) -> Numbers:
    """How far cases move in rank, on average, when one part is left out.

    Parameters
    ----------
    points : (parts, n) float64
        Points [point].

    Returns
    -------
    (parts,) float64
        Mean absolute change of mid-rank over n [1], 0 where the part moves nobody.
    """
    total = points.sum(axis=0)
    places = rankdata(np.round(total, 9))
    without = np.array([rankdata(np.round(total - part, 9)) for part in points])
    return np.asarray(np.abs(without - places).mean(axis=1) / total.size)


def single_auc(points: Numbers, bad: Numbers) -> tuple[float, float]:
    """AUC of one item alone, with DeLong's standard error.

    Parameters
    ----------
    points : (n,) float64
        Points [point].
    bad : (n,) float64
        1 bad, 0 good.

    Returns
    -------
    tuple of float
        P(good has more points) + P(equal) / 2, and its error; NaN with one class.

    Notes
    -----
    Source: DeLong, DeLong and Clarke-Pearson, Biometrics 44 (1988): variance of the
    placement values.
    """
    good, poor = points[bad == 0.0], points[bad == 1.0]
    if good.size < 2 or poor.size < 2:
        return np.nan, np.nan
    both = rankdata(np.concatenate([good, poor]))
    above = (both[: good.size] - rankdata(good)) / poor.size
    below = 1.0 - (both[good.size :] - rankdata(poor)) / good.size
    error = np.sqrt(above.var(ddof=1) / good.size + below.var(ddof=1) / poor.size)
    return float(above.mean()), float(error)


def _resampled(points: Numbers, seed: int, resamples: int) -> Numbers:
    """Effective weights of bootstrap samples, one a row; samples without spread give NaN."""
    rng = np.random.default_rng(seed)
    deviations = points - points.mean(axis=1, keepdims=True)
    total = deviations.sum(axis=0)
    n = total.size
    out = np.full((resamples, len(points)), np.nan)
    for row in out:
        times = np.bincount(rng.integers(0, n, n), minlength=n) / n
        weighted = times * total
        mean = weighted.sum()
        variance = weighted @ total - mean**2
        if variance > 0.0:
            row[:] = (deviations @ weighted - (deviations @ times) * mean) / variance
    return out


def _table(
    names: list[str], marks: Numbers, points: Numbers, drawn: tuple[int, int, float],
    outcome: Numbers | None,
) -> pd.DataFrame:  # fmt: skip
    """One row a part."""
    seed, resamples, level = drawn
    nominal = marks / marks.sum() if marks.sum() > 0.0 else np.full(marks.size, np.nan)
    effective = effective_weights(points)
    again = _resampled(points, seed, resamples)
    tails = [(1.0 - level) / 2.0, (1.0 + level) / 2.0]
    low, high = np.nanquantile(again, tails, axis=0)
    spread = np.ptp(points, axis=1)
    flags = [_flag(*row) for row in zip(nominal, effective, spread, strict=True)]
    sure = [
        {"reversed": top < 0.0, "light": top < LIGHT * mark, "heavy": bottom > HEAVY * mark}.get(
            flag, True
        )
        for flag, mark, bottom, top in zip(flags, nominal, low, high, strict=True)
    ]
    table = pd.DataFrame({
        "name": names, "nominal": nominal, "effective": effective, "low": low, "high": high,
        "rank_shift": rank_shifts(points), "flag": flags, "sure": sure,
        "flag_zh": [FLAGS[flag].zh for flag in flags],
        "flag_en": [FLAGS[flag].en for flag in flags],
    })  # fmt: skip
    if outcome is not None:
        pairs = [single_auc(part, outcome) for part in points]
        table["auc"] = [auc for auc, _ in pairs]
        table["auc_error"] = [error for _, error in pairs]
    return table


def _flag(nominal: float, effective: float, spread: float) -> str:
    """What is odd about a weight."""
    odd = (
        ("constant", spread == 0.0), ("reversed", effective < 0.0),
        ("light", effective < LIGHT * nominal), ("heavy", effective > HEAVY * nominal),
    )  # fmt: skip
    return next((name for name, is_so in odd if is_so), "")
