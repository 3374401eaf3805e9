"""Pictures of a validation report, drawn from the tables that stand under them.

Series differ in colour, lightness, dash and marker, so that a print in grey and a
colour-blind reader tell them apart.  The same picture gives the same bytes.
"""

import math
import re
from collections.abc import Callable
from itertools import cycle
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from markupsafe import escape
from numpy.typing import NDArray

from models.report.cells import places
from models.report.document import Column, Picture
from models.report.series import (
    BARS_DRAWN,
    Series,
    by_label,
    labels_of,
    names,
    series_of,
    thinned,
)
from riskengine.appraisal.pictures import INK, LINE, SOFT, amount
from riskengine.appraisal.pictures import picture as drawing
from riskengine.words import Language, Text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = ("#1f5a3d", "#e08a2c", "#3b78b5", "#8e2f6b", "#9aa39d", "#22302a")
"""Colours of the series in turn."""

DASHES = ("-", (0, (5, 2)), (0, (1, 1.4)), "-.", (0, (8, 2)), (0, (3, 1, 1, 1, 1, 1)))
MARKERS = ("o", "s", "^", "D", "v", "P")
MARKED = 40
LABELS_ALONG, LETTERS_ALONG = 12, 58
TICKS = 6
"""Most steps of a scale: more would run into each other under a narrow picture."""

DIAGONALS = {
    "step": Text("无区分能力", "no discrimination"),
    "reliability": Text("预测等于实际", "predicted = observed"),
    "scatter": Text("估值等于成交价", "valued = sold"),
}
"""What the diagonal of a picture means."""

WIDTH = 5.4
"""Width of a picture [inch]: half a page on a screen, so that its letters keep their size."""

FINE = re.compile(r"-?\d+\.\d{3,}")
CLOUD = re.compile(r'<g clip-path="[^"]*">\n(?:<use [^>]* style="[^"]*"/>\n)+</g>')

Named: TypeAlias = list[tuple[Any, str]]
"""What was drawn, with its name in the legend."""


def svg(picture: Picture, language: Language = "zh") -> str:
    """Draw a picture.

    Parameters
    ----------
    picture : Picture
        The picture, which `models.report.cells.check` has passed and of which
        `models.report.series.why_not_drawn` says nothing.
    language : {"zh", "en"}
        Language; English where there is no Chinese font.

    Returns
    -------
    str
        An ``svg`` element, complete in itself; the same picture gives the same text.
    """

    def draw(figure: "Figure", spoken: Language) -> None:
        axes = figure.add_subplot()
        found = [thinned(picture, one) for one in series_of(picture, spoken)]
        named = DRAW[picture.kind](axes, picture, found, spoken)
        axes.grid(color=LINE, linewidth=0.6, zorder=0)
        axes.set_axisbelow(True)
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
        if len(named) > 1:
            _legend(figure, named)

    raw = drawing(draw, _size(picture), language, "svg").decode("utf-8")
    return _lean(raw, str(escape(picture.title.say(language))))


def _size(picture: Picture) -> tuple[float, float]:
    """Width and height [inch]."""
    if picture.kind == "bars":
        rows, series = len(labels_of(picture, "en")), len(series_of(picture, "en"))
        return WIDTH, 0.9 + min(rows, BARS_DRAWN) * max(0.25, 0.15 * series)
    return WIDTH, 4.3 if picture.kind in DIAGONALS else 3.1


def _lean(raw: str, title: str) -> str:
    """Take away what only an editor of drawings reads, and say what is shown."""
    text = raw[raw.index("<svg") :]
    text = re.sub(r"<!--.*?-->|<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r"<style.*?</style>", "", text, flags=re.DOTALL)  # it would rule the whole page
    used = set(re.findall(r"(?:url\(#|href=\"#)([^)\"]+)", text))
    text = re.sub(r' id="([^"]*)"', lambda found: found[0] if found[1] in used else "", text)
    text = re.sub(r' (?:d|x|y)="[^"]*"', lambda found: FINE.sub(_coarse, found[0]), text)
    text = CLOUD.sub(_one_style, re.sub(r"\s*\n\s*", "\n", text).strip())
    head = f'<svg role="img" aria-label="{title}" stroke-linejoin="round"'
    return head + text[len("<svg") :]


def _coarse(found: re.Match[str]) -> str:
    """A coordinate to a hundredth of a point."""
    return f"{float(found[0]):.2f}"


def _one_style(found: re.Match[str]) -> str:
    """Write the style of a cloud of markers once, not at each."""
    styles = set(re.findall(r' style="[^"]*"', found[0]))
    if len(styles) > 1:
        return found[0]
    style = styles.pop()
    return found[0].replace(style, "").replace("<g ", f"<g{style} ", 1)


def _styles(found: list[Series]) -> list[tuple[Series, str, Any, str]]:
    return list(zip(found, cycle(COLOURS), cycle(DASHES), cycle(MARKERS), strict=False))


def _curves(axes: "Axes", found: list[Series]) -> Named:
    """Curves with their bands; a gap where a figure is missing."""
    named: Named = []
    for series, colour, dash, marker in _styles(found):
        if np.isfinite(series.low).any():
            ends = series.low, series.high
            axes.fill_between(series.x, *ends, color=colour, alpha=0.16, linewidth=0)
        few = marker if series.y.size <= MARKED else ""
        drawn = axes.plot(
            series.x, series.y, color=colour, linestyle=dash, marker=few, markersize=4,
            linewidth=1.6,
        )  # fmt: skip
        named.append((drawn[0], series.name))
    return named


def _line(axes: "Axes", picture: Picture, found: list[Series], language: Language) -> Named:
    """Curves along a measure or along labels such as vintages."""
    named = _curves(axes, found)
    _upright(axes, picture, language)
    return named


def _step(axes: "Axes", picture: Picture, found: list[Series], language: Language) -> Named:
    """ROC or CAP: straight between points, so that tied scores count one half."""
    named = [*_curves(axes, found), _diagonal(axes, 0.0, 1.0, picture, language)]
    axes.set(xlim=(-0.01, 1.01), ylim=(-0.01, 1.01), aspect="equal")
    _upright(axes, picture, language)
    return named


def _reliability(axes: "Axes", picture: Picture, found: list[Series], language: Language) -> Named:
    """Observed against predicted, each with its interval."""
    named: Named = []
    for series, colour, _, marker in _styles(found):
        part = series.take(_whole(series))
        axes.vlines(part.x, part.low, part.high, color=colour, linewidth=1.3, zorder=2)
        drawn = axes.plot(
            series.x, series.y, color=colour, linestyle="", marker=marker, markersize=5, zorder=3
        )
        named.append((drawn[0], series.name))
    every = np.concatenate([part for one in found for part in (one.x, one.y, one.low, one.high)])
    every = every[np.isfinite(every)]
    low, high = float(every.min()), float(every.max())
    room = 0.04 * (high - low) or 0.5 * abs(high) or 1.0
    low, high = low - room, high + room
    named.append(_diagonal(axes, low, high, picture, language))
    axes.set(xlim=(low, high), ylim=(low, high), aspect="equal")
    _upright(axes, picture, language)
    return named


def _bars(axes: "Axes", picture: Picture, found: list[Series], language: Language) -> Named:
    """Bars that lie, the first at the head, with their intervals."""
    thick, named = 0.8 / len(found), []
    for series, colour, where in _abreast(found, thick):
        known, whole = np.isfinite(series.y), _whole(series)
        drawn = axes.barh(
            where[known], series.y[known], height=0.86 * thick, color=colour, alpha=0.6, zorder=2
        )
        ends = series.low[whole], series.high[whole]
        axes.hlines(where[whole], *ends, color=INK, linewidth=1.3, zorder=3)
        named.append((drawn, series.name))
    labels = names(labels_of(picture, language)[:BARS_DRAWN])
    axes.set_yticks(range(len(labels)), labels)
    axes.set_ylim(len(labels) - 0.5, -0.5)
    column = _first(picture)
    _scale(axes.xaxis, column)
    axes.set_xlabel(_head(column, language) if len(places(picture.y)) == 1 else "")
    if picture.reference is not None:
        axes.axvline(picture.reference, color=INK, linewidth=1.0, linestyle="--", zorder=4)
    return named


def _scatter(axes: "Axes", picture: Picture, found: list[Series], language: Language) -> Named:
    """Valued against sold, both on logarithmic axes of one length."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    named: Named = []
    for series, colour, _, marker in _styles(found):
        drawn = axes.plot(
            series.x, series.y, color=colour, linestyle="", marker=marker, markersize=3.6,
            markeredgewidth=0, alpha=0.5,
        )  # fmt: skip
        named.append((drawn[0], series.name))
    every = np.concatenate([part for one in found for part in (one.x, one.y)])
    low, high = float(every.min()) / 1.2, float(every.max()) * 1.2
    named.append(_diagonal(axes, low, high, picture, language))
    axes.set(xscale="log", yscale="log", xlim=(low, high), ylim=(low, high), aspect="equal")
    decades = math.log10(high / low)
    digits = (1.0, 2.0, 5.0) if decades < 1.5 else (1.0, 3.0) if decades < 3.0 else (1.0,)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(LogLocator(subs=digits, numticks=12))
        axis.set_major_formatter(FuncFormatter(lambda value, _place: amount(value)))
        axis.set_minor_formatter(NullFormatter())
    axes.set_xlabel(_head(picture.table.columns[picture.x], language))
    axes.set_ylabel(_head(_first(picture), language))
    return named


def _histogram(axes: "Axes", picture: Picture, found: list[Series], language: Language) -> Named:
    """Shares of each bin side by side."""
    thick, named = 0.84 / len(found), []
    for series, colour, where in _abreast(found, thick):
        known = np.isfinite(series.y)
        drawn = axes.bar(
            where[known], series.y[known], width=0.94 * thick, color=colour, alpha=0.85, zorder=2
        )
        named.append((drawn, series.name))
    _upright(axes, picture, language)
    return named


DRAW: dict[str, Callable[["Axes", Picture, list[Series], Language], Named]] = {
    "line": _line, "step": _step, "reliability": _reliability, "bars": _bars,
    "scatter": _scatter, "histogram": _histogram,
}  # fmt: skip


def _whole(series: Series) -> NDArray[np.bool_]:
    """Rows with both ends of an interval."""
    return np.isfinite(series.low) & np.isfinite(series.high)


def _abreast(
    found: list[Series], thick: float
) -> list[tuple[Series, str, NDArray[np.float64]]]:  # fmt: skip
    """Series of bars with their colours and places, side by side."""
    middle = 0.5 * (len(found) - 1)
    return [
        (series, colour, series.x + (k - middle) * thick)
        for k, (series, colour, _, _) in enumerate(_styles(found))
    ]


def _diagonal(
    axes: "Axes", low: float, high: float, picture: Picture, language: Language
) -> tuple[Any, str]:
    drawn = axes.plot([low, high], [low, high], color=SOFT, linewidth=1.0, linestyle=":", zorder=1)
    return drawn[0], DIAGONALS[picture.kind].say(language)


def _upright(axes: "Axes", picture: Picture, language: Language) -> None:
    """Heads, scales, labels and line of reference of upright pictures."""
    column = picture.table.columns[picture.x]
    _scale(axes.yaxis, _first(picture))
    axes.set_xlabel(_head(column, language))
    if len(places(picture.y)) == 1:
        axes.set_ylabel(_head(_first(picture), language))
    if picture.reference is not None:
        axes.axhline(picture.reference, color=INK, linewidth=1.0, linestyle="--", zorder=4)
    if not by_label(picture):
        _scale(axes.xaxis, column)
        return
    labels = names(labels_of(picture, language))
    shown = range(0, len(labels), max(1, math.ceil(len(labels) / LABELS_ALONG)))
    slant = max((len(labels[k]) for k in shown), default=0) * len(shown) > LETTERS_ALONG
    axes.set_xticks(
        list(shown), [labels[k] for k in shown], rotation=30 if slant else 0,
        ha="right" if slant else "center",
    )  # fmt: skip


def _first(picture: Picture) -> Column:
    """First column that is drawn."""
    return picture.table.columns[places(picture.y)[0] or 0]


def _head(column: Column, language: Language) -> str:
    return names([column.title.say(language)])[0]


def _scale(axis: Any, column: Column) -> None:
    """A few round ticks, written as the cells are and no longer than they need to be."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axis.set_major_locator(
        MaxNLocator(TICKS, steps=[1, 2, 5, 10], integer=column.kind == "integer")
    )
    axis.set_major_formatter(FuncFormatter(lambda value, _place: tick(value, column)))


def tick(value: float, column: Column) -> str:
    """Write a figure beside an axis.

    Parameters
    ----------
    value : float
        Figure, finite; a share is a fraction.
    column : Column
        What is drawn.

    Returns
    -------
    str
        As few digits as it needs, with an exponent only below 0.0001.

    Examples
    --------
    >>> psi, rate = Column(Text("PSI", "PSI")), Column(Text("率", "rate"), "share")
    >>> tick(0.0025, psi), tick(2500000.0, psi), tick(0.175, rate), tick(2e-7, psi)
    ('0.0025', '2,500,000', '17.5%', '2e-07')
    """
    shown = round(100.0 * value if column.kind == "share" else value, 12) + 0.0
    small = 0.0 < abs(shown) < 1e-4
    said = f"{shown:.2g}" if small else f"{shown:,.6f}".rstrip("0").rstrip(".")
    return f"{said}%" if column.kind == "share" else said


def _legend(figure: "Figure", named: Named) -> None:
    """A legend below; a name that starts with an underscore is shown like any other."""
    words = [f" {name}" if name.startswith("_") else name for _, name in named]
    figure.legend(
        [drawn for drawn, _ in named], words, loc="outside lower left", ncols=3, frameon=False,
        fontsize=8,
    )  # fmt: skip
