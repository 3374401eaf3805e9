"""Every fault of a card's document, found in one pass."""

from collections.abc import Collection, Iterator
from itertools import pairwise
from typing import Any

from models.expert import schema
from models.expert.check_items import item_faults, points_span
from models.expert.check_vetoes import veto_faults
from models.expert.faults import CardFault, Path
from models.expert.schema import Node, shape_faults, shaped, tables
from riskengine.words import Text

TOUCH = 1e-9
"""Sums of points closer than this are equal [point]."""


def document_faults(document: Node, permit: Collection[str] = ()) -> list[CardFault]:
    """Find every fault of a card's document.

    Parameters
    ----------
    document : mapping
        As read from TOML or put together from a sheet.
    permit : collection of str
        Of ``education`` and ``marital``, those that may be scored.

    Returns
    -------
    list of CardFault
        In the order of the document; empty where it is sound.
    """
    return list(_faults(document, permit))


def _faults(document: Node, permit: Collection[str]) -> Iterator[CardFault]:
    """Shape first, then meaning where the shape holds."""
    yield from shape_faults(document, schema.CARD, ())
    yield from _date_faults(document)
    for k, block in tables(document, "block"):
        yield from _block_faults(document, block, ("block", k), permit)
    yield from _twice(document)
    for k, veto in tables(document, "veto"):
        yield from veto_faults(veto, ("veto", k))
    yield from _band_faults(document)
    yield from _line_faults(document)
    yield from _scale_faults(document)
    yield from _grade_faults(document)


def fault(path: Path, zh: str, en: str, cure_zh: str, cure_en: str) -> CardFault:
    """Put a fault together.

    Parameters
    ----------
    path : tuple of str or int
        Where.
    zh, en : str
        What is wrong.
    cure_zh, cure_en : str
        What to do.

    Returns
    -------
    CardFault
        The fault.
    """
    return CardFault(path, Text(zh, en), Text(cure_zh, cure_en))


def _date_faults(document: Node) -> Iterator[CardFault]:
    """The card ends after it begins."""
    if not shaped(document, schema.CARD, "valid_from", "valid_until"):
        return
    if document["valid_until"] < document["valid_from"]:
        yield fault(
            ("valid_until",), "终止日早于起用日", "the card ends before it begins",
            "请核对两个日期", "check both dates",
        )  # fmt: skip


def _block_faults(
    document: Node, block: Node, path: Path, permit: Collection[str]
) -> Iterator[CardFault]:
    """One block: its shape, its items, and that the points fit its weight."""
    yield from shape_faults(block, schema.BLOCK, path)
    spans = []
    for k, item in tables(block, "item"):
        yield from item_faults(document, item, (*path, "item", k), permit)
        spans.append(points_span(item))
    if not shaped(block, schema.BLOCK, "weight") or not spans or None in spans:
        return
    known = [span for span in spans if span is not None]
    fewest, most = sum(low for low, _ in known), sum(high for _, high in known)
    least, weight = float(block.get("least", 0.0)), float(block["weight"])
    if abs(most - weight) > TOUCH:
        yield fault(
            (*path, "weight"), f"各指标最高分合计 {most:g}，与模块权重 {weight:g} 不符",
            f"the best points of the items add up to {most:g}, not to the weight {weight:g}",
            "改正分值或权重，使两者相等", "make points and weight equal",
        )  # fmt: skip
    if fewest < least - TOUCH:
        yield fault(
            (*path, "least"), f"各指标最低分合计 {fewest:g}，低于模块下限 {least:g}",
            f"the worst points of the items add up to {fewest:g}, below the floor {least:g}",
            "改正分值，或写明下限 least", "correct the points, or state the floor as least",
        )  # fmt: skip


def _twice(document: Node) -> Iterator[CardFault]:
    """Blocks, items, fields and vetoes that are named twice."""
    blocks, items, fields, vetoes = set[Any](), set[Any](), set[Any](), set[Any]()
    for k, block in tables(document, "block"):
        yield from _again(blocks, block.get("name"), ("block", k), Text("模块", "block"))
        for j, item in tables(block, "item"):
            path: Path = ("block", k, "item", j)
            yield from _again(items, item.get("name"), path, Text("指标", "item"))
            yield from _again(fields, item.get("field"), path, Text("字段", "field"))
    for k, veto in tables(document, "veto"):
        yield from _again(vetoes, veto.get("name"), ("veto", k), Text("否决项", "veto"))


def _again(known: set[Any], name: Any, path: Path, what: Text) -> Iterator[CardFault]:
    """A name that was there before."""
    if isinstance(name, str) and name in known:
        yield fault(
            path, f"{what.zh} {name} 重复", f"{what.en} {name} stands twice",
            "只留一处；一项事实不得计两次分", "keep one; no fact is scored twice",
        )  # fmt: skip
    known.add(name)


def _band_faults(document: Node) -> Iterator[CardFault]:
    """Bands fall from the best, and only the last has no cut-off."""
    bands = tables(document, "band")
    for k, band in bands:
        yield from shape_faults(band, schema.BAND, ("band", k))
        if "from" not in band and k < len(bands) - 1:
            yield fault(
                ("band", k), "缺少起分 from", "from is missing",
                "只有最末一等可以没有起分", "only the last band may be without",
            )  # fmt: skip
    sound = [(k, band) for k, band in bands if shaped(band, schema.BAND, "from")]
    for (_, upper), (k, lower) in pairwise(sound):
        if lower["from"] >= upper["from"]:
            yield fault(
                ("band", k), f"起分 {lower['from']:g} 不低于上一等 {upper['from']:g}",
                f"begins at {lower['from']:g}, not below the band above at {upper['from']:g}",
                "等级从高到低排列", "list the bands from the best",
            )  # fmt: skip
    seen = set[Any]()
    for k, band in bands:
        yield from _again(seen, band.get("grade"), ("band", k), Text("等级", "grade"))


def _line_faults(document: Node) -> Iterator[CardFault]:
    """The line knows its grades and does not pay for debt."""
    line = document.get("line")
    if not isinstance(line, dict):
        return
    yield from shape_faults(line, schema.LINE, ("line",))
    if not shaped(line, schema.LINE, "base"):
        return
    grades = {band.get("grade") for _, band in tables(document, "band")}
    for grade in line["base"]:
        if grades and grade not in grades:
            yield fault(
                ("line", "base"), f"等级 {grade} 不在等级表内", f"grade {grade} is in no band",
                "改正等级名", "correct the grade",
            )  # fmt: skip


def _scale_faults(document: Node) -> Iterator[CardFault]:
    """Two anchors: more points, lower PD."""
    scale = document.get("master_scale")
    if not isinstance(scale, dict):
        return
    path: Path = ("master_scale",)
    yield from shape_faults(scale, schema.SCALE, path)
    anchors = tables(scale, "anchors")
    for k, anchor in anchors:
        yield from shape_faults(anchor, schema.ANCHOR, (*path, "anchors", k))
    if not anchors or not all(
        shaped(anchor, schema.ANCHOR, "points", "pd") for _, anchor in anchors
    ):
        return
    pairs = sorted(((anchor["points"], anchor["pd"]) for _, anchor in anchors), reverse=True)
    sound = len(pairs) == 2 and pairs[0][0] > pairs[1][0] and 0 < pairs[0][1] < pairs[1][1] < 1
    if not sound:
        yield fault(
            (*path, "anchors"), "须有两个锚点：分高者违约概率低，且都在 (0, 1) 之内",
            "two anchors are needed, more points with the lower PD, both PD inside (0, 1)",
            "请改正锚点", "correct the anchors",
        )  # fmt: skip


def _grade_faults(document: Node) -> Iterator[CardFault]:
    """The card can say something, and says it in one way."""
    blocks, bands = tables(document, "block"), tables(document, "band")
    ways = [key for key in ("grade_field", "clear_grade") if key in document]
    ways += ["band"] if bands else []
    if len(ways) > 1:
        yield fault(
            (), f"等级有多种来源 {ways}", f"the grade comes from more than one source: {ways}",
            "只留一种", "keep one",
        )  # fmt: skip
    if bands and not blocks:
        yield fault(
            ("band",), "有等级而没有指标", "there are bands and nothing that scores",
            "补充模块和指标", "add blocks and items",
        )  # fmt: skip
    if "climb_field" in document and not bands:
        yield fault(
            ("climb_field",), "逐级晋升须有等级表", "climbing needs bands",
            "补充等级表", "add the bands",
        )  # fmt: skip
    if not (blocks or ways or document.get("veto") or "vetoes_of" in document):
        yield fault((), "空卡", "the card is empty", "补充模块或否决项", "add blocks or vetoes")
