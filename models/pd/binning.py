"""Optimal bins of a feature: pre-bins, the best cut, missing and special values.

Numbers are cut at values that occur: a bin is [a, b).  Categories are ordered by
their bad rate, which makes the best grouping contiguous (Fisher 1958), rare codes
pooled first.  Missing values and declared special values have bins of their own;
one too small to carry a weight of evidence takes the neutral or the worst one, and
the bins say so.  Nothing here is random.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from models.pd.bins import Bins, BinSettings
from models.pd.checks import Floats, Ints, outcomes, refused
from models.pd.labels import MISSING, code_label, number_labels, special_label
from models.pd.optimum import Counts, Cut, Limits, best_cut
from models.pd.woe import information_bias, weights_of_evidence
from riskengine.learned.features import Feature
from riskengine.words import Text


def optimal_bins(
    x: ArrayLike,
    y: ArrayLike,
    weight: ArrayLike | None,
    feature: Feature,
    settings: BinSettings | None = None,
    specials: Sequence[float] = (),
) -> Bins:
    """Bins of a feature with the highest information value.

    Parameters
    ----------
    x : (n,) array
        Feature [its unit]; NaN is missing, a category is the place of its code.
    y : (n,) array
        1 bad, 0 good.
    weight : (n,) array or None
        Weights, > 0; None is 1 each.
    feature : Feature
        What it is; its direction, 1 or -1, fixes the run of the bad rate.
    settings : BinSettings or None
        How; the defaults when None.
    specials : sequence of float
        Values of a number that mean something else, such as -1 for none.

    Returns
    -------
    Bins
        The optimum under the settings, of the pre-bins.

    Raises
    ------
    ModelError
        If one class is missing, the feature is all missing, infinite or of another
        length, or a weight is not above 0.
    """
    how = settings or BinSettings()
    bad, weights = outcomes(y, weight)
    values = np.asarray(x, dtype=np.float64)
    _check(values, bad.size, feature)
    known = ~np.isnan(values)
    special = known & np.isin(values, np.asarray(specials, dtype=np.float64))
    sample = _Sample(values, bad, weights, known & ~special)
    ways = {1: "ascending", -1: "descending"}
    if feature.kind == "number":
        starts, cells = _prebins(sample, how.max_prebins)
        cut = _cut(sample, cells, starts.size + 1, ways.get(feature.direction, how.shape), how)
        return _number(sample, feature, how, cut, starts, np.unique(values[special]))
    order, notes = _groups(sample, feature, how)
    ordinary = order[np.where(sample.ordinary, values, 0.0).astype(np.int64)]
    cut = _cut(sample, ordinary, int(order.max()) + 1, "ascending", how)
    places = _segment_of(cut, int(order.max()) + 1)[order]
    placed = np.where(order >= 0, places, len(cut.starts))
    labels = tuple(
        code_label([code for code, place in zip(feature.codes, placed, strict=True) if place == k])
        for k in range(len(cut.starts))
    )
    return _finished(sample, feature, how, "ordered", np.empty(0), placed, labels, notes)


@dataclass(frozen=True)
class _Sample:
    """A checked feature with its outcomes; `ordinary` rows are neither missing nor special."""

    values: Floats
    bad: Floats
    weight: Floats
    ordinary: np.ndarray

    @property
    def bads(self) -> float:
        return float((self.weight * self.bad).sum())

    @property
    def goods(self) -> float:
        return float((self.weight * (1.0 - self.bad)).sum())


def _check(values: Floats, n: int, feature: Feature) -> None:
    if values.shape != (n,) or np.isinf(values).any():
        raise refused(
            Text(
                f"{feature.name} 长度不符或含无穷大",
                f"{feature.name} is of another length, or infinite",
            ),
            Text("每行一个有限值，缺失留空", "give one finite value a row; leave a gap empty"),
        )
    if np.isnan(values).all():
        raise refused(
            Text(f"{feature.name} 全部缺失", f"{feature.name} is missing in every row"),
            Text("从配置中去掉该特征", "take this feature out of the configuration"),
        )
    known = values[~np.isnan(values)]
    if feature.kind == "category" and not np.isin(known, np.arange(len(feature.codes))).all():
        raise refused(
            Text(f"{feature.name} 含有未声明的代码", f"{feature.name} holds an undeclared code"),
            Text("代码须为其在声明中的位置", "a code is its place among the declared ones"),
        )


def _prebins(sample: _Sample, most: int) -> tuple[Floats, Ints]:
    """Values at which pre-bins begin, the first one left out, and the pre-bin of each row."""
    values = sample.values[sample.ordinary]
    distinct, inverse = np.unique(values, return_inverse=True)
    starts = distinct[1:]
    if distinct.size > most:
        held = np.bincount(inverse, weights=sample.weight[sample.ordinary])
        below = np.cumsum(held) - held
        wanted = np.arange(1, most) / most * held.sum()
        picked = np.unique(np.searchsorted(below, wanted, side="left"))
        starts = distinct[picked[(picked > 0) & (picked < distinct.size)]]
    return starts, np.searchsorted(starts, sample.values, side="right")


def _groups(sample: _Sample, feature: Feature, how: BinSettings) -> tuple[Ints, list[Text]]:
    """Pre-bin of each code by rising bad rate, rare codes as one; -1 for codes never seen."""
    codes = len(feature.codes)
    place = sample.values[sample.ordinary].astype(np.int64)
    weight, bad = sample.weight[sample.ordinary], sample.bad[sample.ordinary]
    held = np.bincount(place, weights=weight, minlength=codes)
    rare = held < how.rare_share * sample.weight.sum()
    seen = held > 0.0
    notes = []
    group = np.arange(codes)
    if (rare & seen).any():
        pooled = np.flatnonzero(rare)
        group[pooled] = pooled[0]
        names = [feature.codes[k] for k in pooled]
        notes.append(
            Text(f"稀少代码并为一组：{'、'.join(names)}", f"rare codes pooled: {', '.join(names)}")
        )
        seen = seen | rare
    mass = np.bincount(group[place], weights=weight, minlength=codes)
    rate = np.bincount(group[place], weights=weight * bad, minlength=codes) / np.maximum(
        mass, np.finfo(float).tiny
    )
    present = np.unique(group[seen])
    order = np.full(codes, -1)
    order[present[np.lexsort((present, rate[present]))]] = np.arange(present.size)
    unseen = [code for code, there in zip(feature.codes, seen, strict=True) if not there]
    if unseen:
        notes.append(
            Text(
                f"样本中没有的代码按缺失计：{'、'.join(unseen)}",
                f"codes that never occur count as missing: {', '.join(unseen)}",
            )
        )
    return np.where(seen, order[group], -1), notes


def _cut(sample: _Sample, cells: Ints, prebins: int, shape: str, how: BinSettings) -> Cut:
    inside = sample.ordinary
    place, weight, bad = cells[inside], sample.weight[inside], sample.bad[inside]
    parts = (weight * (1.0 - bad), weight * bad, 1.0 - bad, bad)
    sums = [_sums(place, part, prebins) for part in parts]
    counts = Counts(sums[0], sums[1], sums[2].astype(np.int64), sums[3].astype(np.int64))
    goods, bads = sample.goods, sample.bads
    # The bias is one of counts: a weighted sample holds as many observations as rows.
    rows = float(sample.bad.size)
    bias = information_bias(2, rows - sample.bad.sum(), sample.bad.sum())
    least = how.min_share * float(sample.weight.sum())
    limits = Limits(
        how.max_bins, least, how.min_good, how.min_bad, goods, bads, how.haldane,
        bias if how.corrected else 0.0,
    )  # fmt: skip
    return best_cut(counts, limits, shape)


def _segment_of(cut: Cut, prebins: int) -> Ints:
    return np.searchsorted(np.array(cut.starts), np.arange(prebins), side="right") - 1


def _number(
    sample: _Sample, feature: Feature, how: BinSettings, cut: Cut, starts: Floats, special: Floats
) -> Bins:
    cuts = starts[np.array(cut.starts[1:], dtype=np.int64) - 1]
    edges = np.unique(np.concatenate([cuts, special, np.nextafter(special, np.inf)]))
    begin = np.concatenate([[-np.inf], edges])
    places = np.searchsorted(cuts, begin, side="right")
    hit = np.searchsorted(special, begin)
    is_special = np.isin(begin, special)
    places = np.where(is_special, cuts.size + 1 + hit, places)
    needed = places[1:] != places[:-1]
    edges, places = edges[needed], places[np.concatenate([[True], needed])]
    labels = (*number_labels(cuts, feature.unit), *(special_label(v) for v in special))
    done = _finished(sample, feature, how, cut.shape, edges, places, labels, [])
    return replace(done, specials=special.size)


def _finished(
    sample: _Sample,
    feature: Feature,
    how: BinSettings,
    shape: str,
    edges: Floats,
    places: Ints,
    labels: Sequence[Text],
    notes: list[Text],
) -> Bins:
    """Count the bins, give each its WOE, and merge by rule what is too small."""
    blank = np.zeros(len(labels) + 1)
    named = (*labels, MISSING)
    bare = Bins(feature, shape, edges, places, blank, blank, blank.astype(np.int64), blank, blank,
                0.0, 0.0, named)  # fmt: skip
    cells = bare.cells(sample.values)
    parts = (sample.weight * (1.0 - sample.bad), sample.weight * sample.bad, sample.bad)
    good, bad, rows_bad = (_sums(cells, part, blank.size) for part in parts)
    rows = np.bincount(cells, minlength=blank.size)
    small = (rows == 0) | (rows_bad < how.min_bad) | (rows - rows_bad < how.min_good)
    safe = [np.where(small, 1.0, part) for part in (good, bad)]
    woe = weights_of_evidence(safe[0], safe[1], sample.goods, sample.bads, how.haldane)
    given = 0.0 if how.small == "neutral" or small.all() else float(woe[~small].min())
    woe = np.where(small, given, woe)
    words = {"neutral": Text("中性", "neutral"), "worst": Text("最差", "worst")}[how.small]
    for k in np.flatnonzero(small):
        told = Text(
            f"“{named[k].zh}”样本太少（{rows[k]} 行），取{words.zh}的证据权重",
            f"'{named[k].en}' is too small ({rows[k]} rows): it takes the {words.en} WOE",
        )
        notes = [*notes, told]
    shares = (good / sample.goods - bad / sample.bads) * woe
    n_bad = float(sample.bad.sum())
    bias = information_bias(max(int((~small).sum()), 1), sample.bad.size - n_bad, n_bad)
    iv = float(shares.sum())
    return Bins(feature, shape, edges, places, good, bad, rows, woe, shares, iv, iv - bias,
                named, tuple(notes))  # fmt: skip


def _sums(place: Ints, part: Floats, size: int) -> Floats:
    return np.bincount(place, weights=part, minlength=size).astype(np.float64)
