"""Series of a picture: taken out of its table, thinned, and refused where they are too few."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.report.cells import number, places, written
from models.report.document import Picture
from riskengine.appraisal.fonts import drawable
from riskengine.words import Language, Text

LEAST = 30
"""Fewest defaults, or rows where there are none, of which a curve is drawn."""

CURVES = ("line", "step", "reliability")
POINTS_DRAWN, DOTS_DRAWN, BARS_DRAWN, SERIES_DRAWN = 200, 500, 40, 6
LABEL_LETTERS = 26


@dataclass(frozen=True)
class Series:
    """One curve, cloud or set of bars.

    Parameters
    ----------
    name : str
        Name, ready for a legend.
    x : (n,) float64
        Places along x.
    y, low, high : (n,) float64
        Figures and the ends of their intervals, NaN where there is none.
    """

    name: str
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]

    def take(self, rows: NDArray[Any]) -> "Series":
        """Return some of the rows.

        Parameters
        ----------
        rows : (m,) int64 or (n,) bool
            Which.

        Returns
        -------
        Series
            Those rows.
        """
        return Series(self.name, self.x[rows], self.y[rows], self.low[rows], self.high[rows])


def why_not_drawn(picture: Picture) -> Text | None:
    """Return why a picture is left out and its table stands alone, or None.

    Parameters
    ----------
    picture : Picture
        The picture.

    Returns
    -------
    Text or None
        Reason: a curve of fewer than 30 defaults, too many series, or no figure at all.

    Examples
    --------
    >>> from models.report.document import Column, Table
    >>> rate = Column(Text("率", "rate"), "share")
    >>> table = Table(Text("表", "table"), (rate, rate), ((0.1, 0.1),))
    >>> curve = Picture("line", Text("图", "picture"), table, 0, 1, n=900, defaults=29)
    >>> why_not_drawn(curve).en
    'no curve: 29 defaults, fewer than 30'
    """
    counted = picture.n if picture.defaults is None else picture.defaults
    if picture.kind in CURVES and counted < LEAST:
        zh, en = ("样本", "rows") if picture.defaults is None else ("违约", "defaults")
        return Text(
            f"不画曲线：{zh} {counted} 个，少于 {LEAST} 个",
            f"no curve: {counted} {en}, fewer than {LEAST}",
        )
    found = series_of(picture, "en")
    if len(found) > SERIES_DRAWN:
        return Text(
            f"不画图：{len(found)} 组，超过 {SERIES_DRAWN} 组",
            f"no picture: {len(found)} groups, more than {SERIES_DRAWN}",
        )
    if not any(_usable(picture, one).any() for one in found):
        return Text("不画图：没有可画的数值", "no picture: there is no figure to draw")
    return None


def what_is_drawn(picture: Picture) -> Text | None:
    """Return words for the part of the rows that is drawn, or None when all are.

    Parameters
    ----------
    picture : Picture
        The picture.

    Returns
    -------
    Text or None
        How many of how many.
    """
    found = series_of(picture, "en")
    total = sum(one.y.size for one in found)
    shown = sum(thinned(picture, one).y.size for one in found)
    if shown == total:
        return None
    return Text(f"图中画出 {total:,} 点中的 {shown:,} 点", f"{shown:,} of {total:,} points drawn")


def names(words: list[str]) -> list[str]:
    """Return labels that the fonts can draw, no longer than there is room for.

    Parameters
    ----------
    words : list of str
        Labels.

    Returns
    -------
    list of str
        Labels of at most 26 letters.

    Examples
    --------
    >>> names(["county", "x" * 30])
    ['county', 'xxxxxxxxxxxxxxxxxxxxxxxxx…']
    """
    return [
        name if len(name) <= LABEL_LETTERS else f"{name[: LABEL_LETTERS - 1]}…"
        for name in drawable(words)
    ]


def by_label(picture: Picture) -> bool:
    """Return whether x is a label, not a measure.

    Parameters
    ----------
    picture : Picture
        The picture.

    Returns
    -------
    bool
        True for bars and histograms, and for lines along a column of text.
    """
    kind = picture.table.columns[picture.x].kind
    return picture.kind in ("bars", "histogram") or (picture.kind == "line" and kind == "text")


def labels_of(picture: Picture, language: Language) -> list[str]:
    """Return the labels along x, in their places.

    Parameters
    ----------
    picture : Picture
        The picture.
    language : {"zh", "en"}
        Language.

    Returns
    -------
    list of str
        One label a row, or each once where rows are grouped.
    """
    labels = _said(picture, picture.x, language)
    return labels if picture.group is None else list(dict.fromkeys(labels))


def series_of(picture: Picture, language: Language) -> list[Series]:
    """Return the series of a picture: one a column, or one a group.

    Parameters
    ----------
    picture : Picture
        The picture.
    language : {"zh", "en"}
        Language of the names.

    Returns
    -------
    list of Series
        Series in the order of the columns, or of first appearance.
    """
    along, drawn = _along(picture, language), places(picture.y)
    lows, highs = places(picture.low), places(picture.high)
    titles = [picture.table.columns[k or 0].title.say(language) for k in drawn]
    found = [
        Series(
            name, along, _column(picture, place),
            _column(picture, lows[k] if k < len(lows) else None),
            _column(picture, highs[k] if k < len(highs) else None),
        )
        for k, (place, name) in enumerate(zip(drawn, names(titles), strict=True))
    ]  # fmt: skip
    if picture.group is None:
        return found
    groups = np.array(_said(picture, picture.group, language), dtype=object)
    every = list(dict.fromkeys(groups.tolist()))
    return [
        replace(found[0].take(groups == group), name=name)
        for group, name in zip(every, names(every), strict=True)
    ]


def thinned(picture: Picture, series: Series) -> Series:
    """Return points few enough for a page, the ends among them.

    Parameters
    ----------
    picture : Picture
        The picture.
    series : Series
        One of its series.

    Returns
    -------
    Series
        At most 200 points of a curve, 500 of a cloud (evenly by the ratio y / x, so
        that the worst stay in sight), the first 40 bars.
    """
    if picture.kind == "scatter":
        kept = series.take(_usable(picture, series))
        order = np.argsort(kept.y / kept.x, kind="stable")
        return kept.take(order[evenly(kept.y.size, DOTS_DRAWN)])
    if picture.kind == "bars":
        return series.take(series.x < BARS_DRAWN)
    if picture.kind == "histogram":
        return series
    return series.take(evenly(series.y.size, POINTS_DRAWN))


def evenly(size: int, most: int) -> NDArray[np.int64]:
    """Return places evenly spread from the first to the last.

    Parameters
    ----------
    size : int
        How many there are, >= 0.
    most : int
        How many at most to take, >= 2.

    Returns
    -------
    (m,) int64
        Places from 0, ascending, the first and the last among them.

    Examples
    --------
    >>> evenly(101, 5).tolist(), evenly(3, 5).tolist()
    ([0, 25, 50, 75, 100], [0, 1, 2])
    """
    if size <= most:
        return np.arange(size, dtype=np.int64)
    return np.linspace(0, size - 1, most).round().astype(np.int64)


def _said(picture: Picture, place: int, language: Language) -> list[str]:
    """Cells of a column as they are read."""
    column = picture.table.columns[place]
    return [written(row[place], column, language) for row in picture.table.rows]


def _column(picture: Picture, place: int | None) -> NDArray[np.float64]:
    rows = picture.table.rows
    if place is None:
        return np.full(len(rows), np.nan)
    return np.array([number(row[place]) for row in rows], dtype=np.float64)


def _along(picture: Picture, language: Language) -> NDArray[np.float64]:
    """Places along x: the measure, or where the label stands."""
    if not by_label(picture):
        return _column(picture, picture.x)
    labels = _said(picture, picture.x, language)
    if picture.group is None:  # two rows of one name are two rows
        return np.arange(len(labels), dtype=np.float64)
    where = {label: place for place, label in enumerate(labels_of(picture, language))}
    return np.array([where[label] for label in labels], dtype=np.float64)


def _usable(picture: Picture, series: Series) -> NDArray[np.bool_]:
    """Rows that can be drawn."""
    known = np.isfinite(series.x) & np.isfinite(series.y)
    return known & (series.x > 0.0) & (series.y > 0.0) if picture.kind == "scatter" else known
