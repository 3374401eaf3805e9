"""Why a score is what it is, and what would raise it.

A reason is a feature that costs points against a reference: the best bin of the
feature, or the mean of the sample.  Points against the mean add up to the score
less the mean score, so nothing is left unexplained.  A cure is named only for a
feature that the borrower can change, and it is the next better bin, not the best.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.pd.bins import Bins
from models.pd.checks import Floats, Ints, refused
from riskengine.words import Text

AGAINST = ("best", "mean")


@dataclass(frozen=True)
class Reason:
    """One feature that costs points.

    Parameters
    ----------
    feature : str
        Name.
    lost : float
        Points short of the reference, > 0.
    bin : Text
        Where the case lies.
    sentence : Text
        The reason in words.
    gain : float
        Points that the cure would bring; 0 without one.
    cure : Text or None
        What would improve it, for a feature that can be changed.
    """

    feature: str
    lost: float
    bin: Text
    sentence: Text
    gain: float
    cure: Text | None


def shortfalls(points: Sequence[Floats], mean: Floats, cells: Ints, against: str) -> Floats:
    """Points short of the reference.

    Parameters
    ----------
    points : sequence of (bins,) float64
        Points of each feature's bins, the missing one last.
    mean : (features,) float64
        Mean points in the sample.
    cells : (features, n) int64
        Bin of each cell.
    against : {"best", "mean"}
        Reference.

    Returns
    -------
    (features, n) float64
        Points lost; below 0 where points are won.

    Raises
    ------
    ModelError
        If the reference is another.
    """
    if against not in AGAINST:
        raise refused(
            Text(f"没有这种比较基准：{against}", f"there is no such reference: {against}"),
            Text("用 best 或 mean", "use best or mean"),
        )
    held = np.array([own[cell] for own, cell in zip(points, cells, strict=True)])
    best = np.array([own.max() for own in points]) if against == "best" else mean
    return np.asarray(best[:, None] - held, dtype=np.float64)


def reasons_of(
    bins: Sequence[Bins], points: Sequence[Floats], mean: Floats, cells: Ints,
    against: str, most: int,
) -> list[tuple[Reason, ...]]:  # fmt: skip
    """Reasons of each case, the dearest first.

    Parameters
    ----------
    bins : sequence of Bins
        Of each feature.
    points : sequence of (bins,) float64
        Their points.
    mean : (features,) float64
        Mean points in the sample.
    cells : (features, n) int64
        Bin of each cell.
    against : {"best", "mean"}
        Reference.
    most : int
        Most reasons of a case.

    Returns
    -------
    list of tuple of Reason
        One tuple a case; equal losses in the order of the features.
    """
    lost = shortfalls(points, mean, cells, against)
    order = np.argsort(-lost, axis=0, kind="stable")[:most]
    known: dict[tuple[int, int], Reason] = {}
    told = []
    for i in range(cells.shape[1]):
        mine = []
        for k in order[:, i]:
            if lost[k, i] <= 0.0:
                break
            key = (int(k), int(cells[k, i]))
            if key not in known:
                known[key] = _reason(bins[k], points[k], key[1], float(lost[k, i]), against)
            mine.append(known[key])
        told.append(tuple(mine))
    return told


def _reason(one: Bins, points: Floats, cell: int, lost: float, against: str) -> Reason:
    words, label = one.feature.words, one.labels[cell]
    than = {"best": Text("最好一档", "the best"), "mean": Text("平均", "the mean")}[against]
    sentence = Text(
        f"{words.zh}：{label.zh}，比{than.zh}少 {lost:.1f} 分",
        f"{words.en}: {label.en}, {lost:.1f} points below {than.en}",
    )
    better = next_better(one, points, cell)
    if better is None:
        return Reason(one.feature.name, lost, label, sentence, 0.0, None)
    gain = float(points[better] - points[cell])
    wanted = one.labels[better]
    cure = Text(
        f"{words.zh}达到“{wanted.zh}”，可加 {gain:.1f} 分",
        f"{words.en} at '{wanted.en}' would add {gain:.1f} points",
    )
    return Reason(one.feature.name, lost, label, sentence, gain, cure)


def next_better(one: Bins, points: Floats, cell: int) -> int | None:
    """The nearest bin with more points, for a feature that can be changed.

    Parameters
    ----------
    one : Bins
        Bins of the feature.
    points : (bins,) float64
        Their points, the missing one last.
    cell : int
        Bin of the case.

    Returns
    -------
    int or None
        For a number the nearest interval, the higher points first where two are as
        near; for a category the next higher points.  None when the feature cannot be
        changed, nothing is better, or the value is missing or special: nobody knows
        then what would come of stating it.
    """
    ordinary = one.woe.size - 1 - one.specials
    if not one.feature.actionable or cell >= ordinary:
        return None
    better = [k for k in range(ordinary) if points[k] > points[cell]]
    if not better:
        return None
    if one.feature.kind == "category":
        return min(better, key=lambda k: (points[k], k))
    return min(better, key=lambda k: (abs(k - cell), -points[k]))
