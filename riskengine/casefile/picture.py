"""The way from market value to lending value, drawn as bars that fall."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from riskengine.casefile.decide import Step
from riskengine.pledging.waterfall import STEPS
from riskengine.words import Language, Text

SHORT = {
    "market_value": Text("市场价值", "market value"),
    "prudent_basis": Text("审慎取低", "prudent basis"),
    "remaining_term": Text("可计年限", "years counted"),
    "counted_part": Text("可计面积", "part counted"),
    "prior_claims": Text("在先债权", "prior claims"),
    "rent_arrears": Text("欠付租金", "rent arrears"),
    "sitting_tenant": Text("在先租赁", "sitting tenant"),
    "price_fall": Text("价格波动", "price swing"),
    "sale_route": Text("处置途径", "way of sale"),
    "sale_cost": Text("处置费用", "cost of sale"),
    "interest": Text("变现利息", "interest to sale"),
    "model_buffer": Text("安全垫", "buffer"),
    "legal_weakness": Text("法律瑕疵", "haircuts of law"),
    "insurance": Text("保险金", "insurance money"),
    "cap": Text("抵押率上限", "loan-to-value cap"),
    "verdict": Text("不得受理", "not accepted"),
    "compensation_fund": Text("风险补偿", "fund"),
}
"""Names of the steps that fit under a bar."""
LENT = Text("可贷价值", "lending value")
NOTHING = Text("没有估值，画不出图", "no value, nothing to draw")
CAPTION = Text(
    "从市场价值到可贷价值（万元）", "from market value to lending value, in 万元 (10,000 yuan)"
)
WIDTH, TOP, BOTTOM = 740.0, 20.0, 172.0
HEIGHTS = {"zh": 194.0, "en": 206.0}  # English names take two lines
DEEP, FALL, GAIN, INK, SOFT = "#24513a", "#b9c9ac", "#2b6a8f", "#22302a", "#66736c"
LEAST_SHOWN = 50.0
"""Amount that two decimals of 万元 still show [yuan]."""
STYLE = "font-family:inherit;font-variant-numeric:tabular-nums"


@dataclass(frozen=True, slots=True)
class _Bar:
    """One bar from one height to another [yuan]."""

    kind: str
    label: Text
    figure: str
    low: float
    high: float
    left: float


def added(waterfalls: Sequence[Sequence[Step]]) -> tuple[Step, ...]:
    """Add the waterfalls of several rights, step by step.

    Parameters
    ----------
    waterfalls : sequence of sequence of Step
        Each in the order of `riskengine.pledging.waterfall.STEPS`.

    Returns
    -------
    tuple of Step
        Their sums [yuan], exact to the fen.
    """
    return tuple(
        Step(name, title, _sum([steps[k].change_yuan for steps in waterfalls]),
             _sum([steps[k].left_yuan for steps in waterfalls]))
        for k, (name, title) in enumerate(STEPS.items())
    )  # fmt: skip


def moving(steps: Sequence[Step]) -> tuple[Step, ...]:
    """Return the steps that change something, the first always among them.

    Parameters
    ----------
    steps : sequence of Step
        A waterfall.

    Returns
    -------
    tuple of Step
        Those that take or add at least one fen.
    """
    return tuple(step for k, step in enumerate(steps) if k == 0 or round(100.0 * step.change_yuan))


def waterfall_svg(steps: Sequence[Step], language: Language) -> str:
    """Draw a waterfall.

    Parameters
    ----------
    steps : sequence of Step
        From market value to lending value.
    language : {"zh", "en"}
        Language of the labels.

    Returns
    -------
    str
        One ``svg`` element: dark bars for what is there, light ones for what is taken,
        hatched ones for what is added; amounts in 万元.
    """
    shown = moving(steps)
    if not shown or not shown[0].left_yuan > 0.0:
        return _svg(
            f'<text x="{WIDTH / 2:.0f}" y="{BOTTOM / 2:.0f}" text-anchor="middle" font-size="13" '
            f'fill="{SOFT}">{escape(NOTHING.say(language))}</text>',
            language,
        )
    bars = _bars(shown, steps[-1].left_yuan)
    top = max(bar.high for bar in bars)
    slot = WIDTH / max(len(bars), 5)
    inset = (WIDTH - slot * len(bars)) / 2.0
    parts = [f'<line x1="0" x2="{WIDTH:.0f}" y1="{BOTTOM}" y2="{BOTTOM}" stroke="{SOFT}"/>']
    for k, bar in enumerate(bars):
        parts.append(_drawn(bar, inset + k * slot, slot, top, language))
        if k + 1 < len(bars):
            y = _y(bar.left, top)
            start, end = inset + k * slot + 0.82 * slot, inset + (k + 1) * slot + 0.18 * slot
            parts.append(
                f'<line x1="{start:.1f}" x2="{end:.1f}" y1="{y:.1f}" y2="{y:.1f}" '
                f'stroke="{SOFT}" stroke-dasharray="2 2"/>'
            )
    return _svg("".join(parts), language)


def _bars(shown: Sequence[Step], lent: float) -> list[_Bar]:
    """Bars of the steps with that of the lending value at the end."""
    first = shown[0]
    bars = [
        _Bar("whole", SHORT["market_value"], _amount(first.left_yuan), 0.0, first.left_yuan,
             first.left_yuan)
    ]  # fmt: skip
    for step in shown[1:]:
        before = step.left_yuan - step.change_yuan
        kind = "gain" if step.change_yuan > 0.0 else "fall"
        sign = "+" if step.change_yuan > 0.0 else "−"
        bars.append(
            _Bar(kind, SHORT[step.name], f"{sign}{_amount(abs(step.change_yuan))}",
                 min(before, step.left_yuan), max(before, step.left_yuan), step.left_yuan)
        )  # fmt: skip
    return [*bars, _Bar("whole", LENT, _amount(lent), 0.0, lent, lent)]


def _drawn(bar: _Bar, x: float, slot: float, top: float, language: Language) -> str:
    """A bar with its amount above and its name below."""
    high, low = _y(bar.high, top), _y(bar.low, top)
    fill = {"whole": DEEP, "fall": FALL, "gain": "url(#gain)"}[bar.kind]
    edge = {"whole": DEEP, "fall": "#8fa381", "gain": GAIN}[bar.kind]
    middle = x + slot / 2.0
    weight = "700" if bar.kind == "whole" else "400"
    lines = _lines(bar.label.say(language), language)
    names = "".join(
        f'<text x="{middle:.1f}" y="{BOTTOM + 15.0 + 12.0 * k:.1f}" text-anchor="middle" '
        f'font-size="10.5" font-weight="{weight}" fill="{INK}">{escape(line)}</text>'
        for k, line in enumerate(lines)
    )
    return (
        f'<rect x="{x + 0.18 * slot:.1f}" y="{high:.1f}" width="{0.64 * slot:.1f}" '
        f'height="{max(low - high, 1.2):.1f}" fill="{fill}" stroke="{edge}" stroke-width=".8"/>'
        f'<text x="{middle:.1f}" y="{high - 5.0:.1f}" text-anchor="middle" font-size="11" '
        f'font-weight="{weight}" fill="{INK}">{bar.figure}</text>{names}'
    )


def _lines(label: str, language: Language) -> list[str]:
    """A label on at most two lines."""
    if language == "zh" or " " not in label:
        return [label]
    words = label.split()
    cut = min(range(1, len(words)), key=lambda k: abs(len(" ".join(words[:k])) - len(label) / 2))
    return [" ".join(words[:cut]), " ".join(words[cut:])]


def _svg(content: str, language: Language) -> str:
    """The element around a picture."""
    hatch = (
        '<defs><pattern id="gain" width="5" height="5" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(45)"><rect width="5" height="5" fill="#fff"/>'
        f'<line x1="0" y1="0" x2="0" y2="5" stroke="{GAIN}" stroke-width="2.4"/></pattern></defs>'
    )
    caption = escape(CAPTION.say(language))
    return (
        f'<svg class="waterfall" viewBox="0 0 {WIDTH:.0f} {HEIGHTS[language]:.0f}" role="img" '
        f'aria-label="{caption}" style="{STYLE}"><title>{caption}</title>{hatch}{content}</svg>'
    )


def _y(amount: float, top: float) -> float:
    """Height of an amount on the paper."""
    return BOTTOM - (BOTTOM - TOP) * max(amount, 0.0) / top


def _amount(yuan: float) -> str:
    """Money in 万元; in yuan where two decimals would show nothing."""
    if 0.0 < yuan < LEAST_SHOWN:
        return f"{yuan:.0f} 元"
    return f"{yuan / 1e4:,.2f}"


def _sum(amounts: Sequence[float]) -> float:
    """Sum of amounts, whole fen."""
    return sum(round(100.0 * amount) for amount in amounts) / 100.0
