"""Faults of one item: its range, its bins or answers, its dates, and what it may not ask."""

from collections.abc import Collection, Iterator
from itertools import pairwise

from models.expert import schema
from models.expert.fairness import protected_in, refusal
from models.expert.faults import CardFault, Path
from models.expert.schema import Node, shape_faults, shaped, tables
from riskengine.words import Text

MOST_STEPS = 2_000
"""Most steps of directly awarded points: each becomes a bin of the released card."""


def item_faults(
    document: Node, item: Node, path: Path, permit: Collection[str]
) -> Iterator[CardFault]:
    """Find the faults of one item.

    Parameters
    ----------
    document, item : mapping
        The card and the item.
    path : tuple of str or int
        Where the item lies.
    permit : collection of str
        Protected facts that the caller permits.

    Yields
    ------
    CardFault
        Its faults.
    """
    yield from shape_faults(item, schema.ITEM, path)
    yield from _date_faults(document, item, path)
    yield from _unfair(item, path, permit)
    for key, spec in (("bins", schema.BIN), ("options", schema.OPTION)):
        for k, entry in tables(item, key):
            yield from shape_faults(entry, spec, (*path, key, k))
    if "bins" in item and "options" in item:
        yield CardFault(
            path,
            Text("既有区间又有选项", "has both bins and options"),
            Text("只留一种", "keep one"),
        )
    elif "bins" in item:
        yield from _bin_faults(item, path)
    elif "options" in item:
        yield from _option_faults(item, path)
    else:
        yield from _direct_faults(item, path)
    yield from _missing_faults(item, path)


def points_span(item: Node) -> tuple[float, float] | None:
    """Fewest and most points of an item.

    Parameters
    ----------
    item : mapping
        The item.

    Returns
    -------
    tuple of float or None
        Points [point]; None where they cannot be told.
    """
    entries = [entry for key in ("bins", "options") for _, entry in tables(item, key)]
    if not entries:
        if not shaped(item, schema.ITEM, "low", "high"):
            return None
        return float(item["low"]), float(item["high"])
    if not all(shaped(entry, {"points": ("number", True)}, "points") for entry in entries):
        return None
    points = [float(entry["points"]) for entry in entries]
    return min(points), max(points)


def _date_faults(document: Node, item: Node, path: Path) -> Iterator[CardFault]:
    """An item is there on the first day of its card."""
    if not shaped(document, schema.CARD, "valid_from"):
        return
    if shaped(item, schema.ITEM, "valid_from") and item["valid_from"] > document["valid_from"]:
        yield CardFault(
            (*path, "valid_from"),
            Text("指标起用日晚于评分卡起用日", "the item begins after its card"),
            Text("把评分卡另存为新版本", "make a new version of the card from that day"),
        )


def _unfair(item: Node, path: Path, permit: Collection[str]) -> Iterator[CardFault]:
    """Protected facts, by name, heading or answer."""
    words = [str(item.get("name", ""))]
    for key in ("title", "evidence"):
        text = item.get(key)
        words += [str(word) for word in text.values()] if isinstance(text, dict) else []
    answers = []
    for _, option in tables(item, "options"):
        answers.append(str(option.get("code", "")))
        title = option.get("title")
        answers += [str(word) for word in title.values()] if isinstance(title, dict) else []
    for kind in protected_in(str(item.get("field", "")), words, answers):
        if not (kind.permit and kind.name in permit):
            yield CardFault((*path, "field"), *refusal(kind))


def _bin_faults(item: Node, path: Path) -> Iterator[CardFault]:
    """Bins cover the closed range from end to end, without overlap or gap."""
    for key in ("low", "high", "unit"):
        if key not in item:
            yield CardFault(
                path,
                Text(f"分档的指标缺少 {key}", f"an item in bins lacks {key}"),
                Text("写明单位和合理范围", "state its unit and its plausible range"),
            )
    if not shaped(item, schema.ITEM, "low", "high", "bins"):
        return
    bins, low, high = item["bins"], float(item["low"]), float(item["high"])
    if not low < high:
        yield CardFault(
            (*path, "low"), Text("范围下限不低于上限", "low is not below high"),
            Text("请核对", "check both"),
        )  # fmt: skip
        return
    ends = [(entry.get("from", low if k == 0 else None),
             entry.get("to", high if k == len(bins) - 1 else None))
            for k, entry in enumerate(bins)]  # fmt: skip
    for k, (start, stop) in enumerate(ends):
        if start is None or stop is None:
            yield CardFault(
                (*path, "bins", k), Text("区间缺少端点", "a bin lacks an end"),
                Text("只有首档可省 from、末档可省 to", "only the first may omit from, the last to"),
            )  # fmt: skip
            return
        if not start < stop:
            yield CardFault(
                (*path, "bins", k), Text(f"区间 [{start:g}, {stop:g}) 为空",
                                         f"bin [{start:g}, {stop:g}) is empty"),
                Text("请核对端点", "check its ends"),
            )  # fmt: skip
    for k, ((_, stop), (start, _)) in enumerate(pairwise(ends), 1):
        if start != stop:
            what = ("重叠", "overlap") if start < stop else ("之间有空档", "leave a gap")
            yield CardFault(
                (*path, "bins", k),
                Text(f"第 {k} 档止于 {stop:g}、第 {k + 1} 档起于 {start:g}，{what[0]}",
                     f"bins {k} (to {stop:g}) and {k + 1} (from {start:g}) {what[1]}"),
                Text("区间含下端不含上端，须首尾相接",
                     "bins are closed below and open above; join them"),
            )  # fmt: skip
    if ends[0][0] != low or ends[-1][1] != high:
        yield CardFault(
            (*path, "bins"),
            Text(f"各档没有铺满范围 [{low:g}, {high:g}]",
                 f"the bins do not fill [{low:g}, {high:g}]"),
            Text("补足首末两档", "extend the first or the last"),
        )  # fmt: skip


def _option_faults(item: Node, path: Path) -> Iterator[CardFault]:
    """Answers are distinct and there are two at least."""
    options = tables(item, "options")
    codes = [option.get("code") for _, option in options]
    for k, option in options:
        if option.get("code") in codes[:k]:
            yield CardFault(
                (*path, "options", k),
                Text(
                    f"选项 {option.get('code')} 重复", f"option {option.get('code')} stands twice"
                ),
                Text("只留一处", "keep one"),
            )
    if len(options) < 2:
        yield CardFault(
            (*path, "options"), Text("选项不足两个", "fewer than two options"),
            Text("补足选项", "list every answer"),
        )  # fmt: skip
    for key in ("low", "high", "step"):
        if key in item:
            yield CardFault(
                (*path, key), Text(f"选项式指标不用 {key}", f"an item with options has no {key}"),
                Text("请删去", "delete it"),
            )  # fmt: skip


def _direct_faults(item: Node, path: Path) -> Iterator[CardFault]:
    """Points that people award: a range on a grid."""
    if not shaped(item, schema.ITEM, "low", "high"):
        yield CardFault(
            path,
            Text("既无区间、选项，也无打分范围", "has neither bins, options nor a range of points"),
            Text("写 bins、options，或 low、high、step",
                 "write bins, options, or low, high and step"),
        )  # fmt: skip
        return
    step, span = float(item.get("step", 1.0)), float(item["high"]) - float(item["low"])
    steps = span / step if step > 0 else 0.0
    if not 1 <= steps <= MOST_STEPS or abs(steps - round(steps)) > 1e-9:
        yield CardFault(
            (*path, "step"),
            Text(f"打分步长须整除范围，且不超过 {MOST_STEPS} 步",
                 f"the step must divide the range into 1 to {MOST_STEPS} steps"),
            Text("请核对 low、high、step", "check low, high and step"),
        )  # fmt: skip


def _missing_faults(item: Node, path: Path) -> Iterator[CardFault]:
    """A missing fact scores no more than the best answer, nor less than the worst and nothing."""
    span = points_span(item)
    if span is None or not shaped(item, schema.ITEM, "missing"):
        return
    missing, span = float(item["missing"]), (min(span[0], 0.0), span[1])
    if missing < span[0] or missing > span[1]:
        yield CardFault(
            (*path, "missing"),
            Text(f"缺失分值 {missing:g} 超出该指标分值范围 [{span[0]:g}, {span[1]:g}]",
                 f"a missing fact scores {missing:g}, outside [{span[0]:g}, {span[1]:g}]"),
            Text("改到范围之内，通常取最低分", "bring it inside, usually to the lowest points"),
        )  # fmt: skip
