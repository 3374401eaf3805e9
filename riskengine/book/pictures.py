"""Pictures of a book as shapes in SVG under labels in HTML: small pure functions, no script.

The shapes stretch with the page and the labels do not, so that a picture reads the same on
a wide screen, on paper and on a phone.  All that is put in is escaped.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from markupsafe import Markup

from riskengine.book.page_figures import PARTY_WORDS, amount, chance, give_or_take, level
from riskengine.words import Text

Curve = Sequence[Sequence[float]]
Points = Sequence[tuple[float, float]]

STEPS = 72
"""Places at which curves are read off."""
MOST_LIKELY, LEAST_LIKELY = 0.5, 2e-4
"""Chances between which the loss curve is drawn, as far as it reaches."""
CHANCES = {0.5: "50%", 0.1: "10% 十年一遇", 0.01: "1% 百年一遇", 0.001: "0.1% 千年一遇"}
ROUNDING = 1e-9
ROOM = 1.08
"""Space above the highest point."""


@dataclass(frozen=True, slots=True)
class Risk:
    """VaR and ES at one level with their standard errors, NaN where not known.

    Parameters
    ----------
    confidence : float
        Level [1], in (0, 1).
    value, value_error, shortfall, shortfall_error : float
        VaR and ES, each with its standard error [yuan].
    """

    confidence: float
    value: float
    value_error: float
    shortfall: float
    shortfall_error: float


def party_class(party: str) -> str:
    """Return the class that gives a party its colour.

    Parameters
    ----------
    party : str
        Party to a loss.

    Returns
    -------
    str
        ``p-`` and the party; ``p-other`` for one that is not known.

    Examples
    --------
    >>> party_class("bank"), party_class('"><script>')
    ('p-bank', 'p-other')
    """
    return f"p-{party}" if party in PARTY_WORDS else "p-other"


def nice_ticks(top: float, most: int = 4) -> list[float]:
    """Return round numbers from above 0 up to a height.

    Parameters
    ----------
    top : float
        Height, > 0.
    most : int
        How many at most, >= 2.

    Returns
    -------
    list of float
        Multiples of 1, 2 or 5 times a power of ten.

    Examples
    --------
    >>> nice_ticks(470.0)
    [100.0, 200.0, 300.0, 400.0]
    """
    if not (math.isfinite(top) and top > 0.0):
        return []
    power = 10.0 ** math.floor(math.log10(top / most))
    step = next(power * k for k in (1, 2, 5, 10) if int(top / (power * k) + 1e-9) <= most)
    return [step * k for k in range(1, int(top / step + 1e-9) + 1)]


def axis_words(ticks: Sequence[float]) -> list[str]:
    """Say the ticks of an axis of money in one unit.

    Parameters
    ----------
    ticks : sequence of float
        Amounts [yuan], rising.

    Returns
    -------
    list of str
        In 亿元 from 100 million yuan on, else in 万元.

    Examples
    --------
    >>> axis_words([5e7, 1e8]), axis_words([2e6])
    (['0.5 亿元', '1 亿元'], ['200 万元'])
    """
    unit, word = (1e8, "亿元") if ticks and ticks[-1] >= 1e8 else (1e4, "万元")
    return [f"{tick / unit:,.10g} {word}" for tick in ticks]


def loss_at(curve: Curve, probability: float) -> float:
    """Read off a curve the loss that is exceeded with a chance.

    Parameters
    ----------
    curve : sequence of pairs
        Losses [yuan], rising, each with its chance of being exceeded [1], falling.
    probability : float
        The chance [1], in (0, 1).

    Returns
    -------
    float
        Straight lines between points over the logarithm of the chance; the end points
        beyond them [yuan].

    Examples
    --------
    >>> loss_at([[0.0, 0.5], [10.0, 0.05]], 0.5), loss_at([[0.0, 0.5], [10.0, 0.05]], 0.01)
    (0.0, 10.0)
    """
    before = curve[0]
    for point in curve:
        if point[1] <= probability:
            if point is before or point[1] <= 0.0 or before[1] <= point[1]:
                return float(point[0] if point is before else before[0])
            part = math.log(before[1] / probability) / math.log(before[1] / point[1])
            return float(before[0] + min(max(part, 0.0), 1.0) * (point[0] - before[0]))
        before = point
    return float(before[0])


def loss_picture(
    curve: Curve, layers: Sequence[tuple[str, Text, Curve]], risks: Sequence[Risk], expected: float
) -> Markup:
    """Draw the loss of a year by how seldom it is exceeded, and who bears it.

    Parameters
    ----------
    curve : sequence of pairs
        Whole loss [yuan] and chance of exceeding it [1].
    layers : sequence
        Party, its title and its own curve, from the bottom.
    risks : sequence of Risk
        Marks on the curve.
    expected : float
        Expected loss [yuan].

    Returns
    -------
    markupsafe.Markup
        The picture; the chance runs to the right on a logarithmic scale.
    """
    seen = [point[1] for point in curve if point[1] > 0.0]
    last = min(max(min(seen), LEAST_LIKELY), MOST_LIKELY / 10.0)
    span = math.log(MOST_LIKELY / last)
    grid = [MOST_LIKELY * (last / MOST_LIKELY) ** (k / STEPS) for k in range(STEPS + 1)]
    whole = [loss_at(curve, p) for p in grid]
    stacks = _cut(whole, [[loss_at(own, p) for p in grid] for _, _, own in layers])
    shown = [*whole, expected]
    shown += [v for risk in risks for v in (risk.value, risk.shortfall) if math.isfinite(v)]
    top = ROOM * max(*shown, 1.0)
    across = [100.0 * k / STEPS for k in range(STEPS + 1)]
    shapes, floor = [], [0.0] * len(grid)
    for (party, title, _), upper in zip(layers, stacks, strict=True):
        shapes.append(_area(across, upper, floor, top, party_class(party), _both(title)))
        floor = upper
    if not layers:
        shapes.append(_area(across, whole, floor, top, "p-other", ""))
    shapes.append(_line(list(zip(across, whole, strict=True)), top, "whole"))
    shapes.append(_line([(0.0, expected), (100.0, expected)], top, "mean"))
    labels = [*_money_ticks(top), *_chance_ticks(span)]
    labels.append(_label(100.0, 100.0 * expected / top, "mean-word", f"EL {amount(expected)}"))
    for risk in risks:
        if last - ROUNDING <= 1.0 - risk.confidence <= MOST_LIKELY:
            labels += _risk_marks(risk, span, top)
    caption = "年损失按被超过的可能性，及由谁承担 loss of a year by the chance of exceeding it"
    return _chart(caption, shapes, labels, "tall")


def _risk_marks(risk: Risk, span: float, top: float) -> list[Markup]:
    """VaR and ES of a level with bars of two standard errors."""
    x = 100.0 * math.log(MOST_LIKELY / (1.0 - risk.confidence)) / span
    found = []
    for name, value, error, kind in (
        ("VaR", risk.value, risk.value_error, "dot"),
        ("ES", risk.shortfall, risk.shortfall_error, "gem"),
    ):
        if not math.isfinite(value):
            continue
        if math.isfinite(error) and error > 0.0:
            low, high = max(value - 2.0 * error, 0.0), value + 2.0 * error
            found.append(
                Markup('<i class="error" style="left:{:.2f}%;bottom:{:.2f}%;height:{:.2f}%"></i>')
                .format(x, 100.0 * low / top, 100.0 * (high - low) / top)
            )  # fmt: skip
        said = f"{name} {level(risk.confidence)}: {give_or_take(amount(value), amount(error))}"
        found.append(_mark(x, 100.0 * value / top, kind, said))
    return found


def fan_picture(
    low: Sequence[float], middle: Sequence[float], high: Sequence[float],
    months: Sequence[float], scale: float,
) -> Markup:  # fmt: skip
    """Draw how the balance of a fund may run, and the month in which it may end.

    Parameters
    ----------
    low, middle, high : sequence of float
        Quantiles of the balance from today on, one a month [yuan].
    months : sequence of float
        Chance that the fund is exhausted first in each month [1]; may be empty.
    scale : float
        Chance at which a column has its full height [1], > 0.

    Returns
    -------
    markupsafe.Markup
        The picture.
    """
    top = ROOM * max(*high, *middle, 1.0)
    across = [100.0 * k / max(len(middle) - 1, 1) for k in range(len(middle))]
    shapes = [
        _area(across, high, low, top, "fan", "5%–95%"),
        _line(list(zip(across, middle, strict=True)), top, "median"),
        _line([(0.0, 0.0), (100.0, 0.0)], top, "zero"),
    ]
    labels = _money_ticks(top, 2)
    last = len(middle) - 1
    for month in sorted({0, last // 2, last}):
        labels.append(_label(100.0 * month / max(last, 1), 0.0, "across", f"{month} 月"))
    caption = "基金余额 balance of the fund"
    return _chart(caption, shapes, labels, "low") + _month_bars(months, scale)


def _month_bars(months: Sequence[float], scale: float) -> Markup:
    """Columns of the month of exhaustion."""
    if not months or not max(months) > 0.0:
        return Markup("")
    columns = [
        Markup('<span title="第{}个月 month {}: {}"><i style="height:{:.1f}%"></i></span>').format(
            k, k, chance(p), 100.0 * p / scale
        )
        for k, p in enumerate(months, 1)
    ]
    return Markup('<div class="months">{}</div>').format(Markup("").join(columns))


def bubble(share: float, shade: int, tip: str) -> Markup:
    """Draw a disc whose area is a share of the largest.

    Parameters
    ----------
    share : float
        Area over that of the largest [1], in [0, 1].
    shade : int
        Class of its colour, 1 to 5.
    tip : str
        What it says when pointed at.

    Returns
    -------
    markupsafe.Markup
        The disc.
    """
    radius = max(15.0 * math.sqrt(min(max(share, 0.0), 1.0)), 1.2)
    return Markup(
        '<svg class="bubble" viewBox="0 0 32 32" width="32" height="32"><title>{}</title>'
        '<circle class="s{:d}" cx="16" cy="16" r="{:.2f}"/></svg>'
    ).format(tip, shade, radius)


def _cut(whole: Sequence[float], parts: Sequence[Sequence[float]]) -> list[list[float]]:
    """A curve cut in proportion to others, as running heights from the bottom."""
    sums = [sum(held) or 1.0 for held in zip(*parts, strict=True)]
    cut = [[w * x / s for w, x, s in zip(whole, part, sums, strict=True)] for part in parts]
    return list(accumulate(
        cut, lambda below, part: [a + b for a, b in zip(below, part, strict=True)]
    ))  # fmt: skip


def _both(title: Text) -> str:
    return title.zh if title.zh == title.en else f"{title.zh} {title.en}"


def _path(points: Iterable[tuple[float, float]], top: float) -> str:
    """Points on a square of 100 by 100, heights downwards."""
    return " ".join(f"{x:.2f},{100.0 - 100.0 * y / top:.2f}" for x, y in points)


def _area(
    across: Sequence[float], upper: Sequence[float], lower: Sequence[float], top: float,
    kind: str, tip: str,
) -> Markup:  # fmt: skip
    """The area between two curves."""
    there = list(zip(across, upper, strict=True))
    back = list(zip(across, lower, strict=True))[::-1]
    return Markup('<polygon class="{}" points="{}"><title>{}</title></polygon>').format(
        kind, _path([*there, *back], top), tip
    )


def _line(points: Points, top: float, kind: str) -> Markup:
    return Markup('<polyline class="{}" points="{}"/>').format(kind, _path(points, top))


def _label(left: float, bottom: float, kind: str, said: str) -> Markup:
    """A word beside a place, kept inside the picture at its ends."""
    side = "first" if left < 1.0 else "last" if left > 99.0 else ""
    return Markup('<span class="{} {}" style="left:{:.2f}%;bottom:{:.2f}%">{}</span>').format(
        kind, side, left, bottom, said
    )


def _mark(left: float, bottom: float, kind: str, tip: str) -> Markup:
    return Markup('<b class="{}" style="left:{:.2f}%;bottom:{:.2f}%" title="{}"></b>').format(
        kind, left, bottom, tip
    )


def _money_ticks(top: float, most: int = 4) -> list[Markup]:
    ticks = nice_ticks(top / ROOM, most)
    return [
        _label(0.0, 100.0 * tick / top, "height", said)
        for tick, said in zip(ticks, axis_words(ticks), strict=True)
    ]


def _chance_ticks(span: float) -> list[Markup]:
    return [
        _label(100.0 * math.log(MOST_LIKELY / p) / span, 0.0, "across", said)
        for p, said in CHANCES.items()
        if math.log(MOST_LIKELY / p) <= span + ROUNDING
    ]


def _chart(caption: str, shapes: Iterable[Markup], labels: Iterable[Markup], kind: str) -> Markup:
    """The frame around shapes and labels."""
    return Markup(
        '<div class="chart {}"><svg viewBox="0 0 100 100" preserveAspectRatio="none" role="img" '
        'aria-label="{}">{}</svg>{}</div>'
    ).format(kind, caption, Markup("").join(shapes), Markup("").join(labels))
