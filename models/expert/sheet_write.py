"""A card as an Excel sheet with Chinese headings: the template that people fill in."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from models.expert.card import Block, Card, Item
from models.expert.sheet_words import (
    CARRIED,
    GRADES,
    HEADINGS,
    REQUIRED,
    SEEN_WORDS,
    UNITS_ZH,
    VETOES,
    shown,
)  # fmt: skip

NOTES = {
    "block": f"模块名；“{GRADES}”行写等级界线，“{VETOES}”行写否决项。",
    "weight": "模块满分，等于各指标最高分之和。",
    "least": "模块最低分，有负分时填写。",
    "social": "是 = 社会评价，单列，不进入违约概率。",
    "bonus": "是 = 加分，不计入满分。",
    "field": "数据中的列名。性别、民族、国籍、宗教、年龄不得评分；学历、婚姻默认不得评分。",
    "unit": "元、元/年、年、天、比例等；万元、% 须先换算。",
    "range": "数字的合理范围，如 [0,100]，两端都含。",
    "bin": "数字写 <3、[3,5)、≥5，含下端不含上端；选项写 代码=名称；人工打分写 打分[0,10]步长0.5。",
    "points": "该区间或选项的分值；否决项写 否决、转人工 或 提示。",
    "missing": "缺少事实时的分值；写 无总分 则没有总分。",
    "refers": "是 = 缺少时转人工。",
    "actionable": "是 = 借款人可以改善，列入改善建议。",
    "cite": "依据；自定的写“本机构自定”。",
    "seen": "原文、官方、转引 或 自定。",
}
"""What a person must know to fill in each column."""


def write_sheet(path: Path, card: Card) -> None:
    """Write a card as a sheet that `models.expert.sheet.import_sheet` reads back.

    Vetoes that name rules, the line and the master scale have no place in a sheet and are
    left out; English titles too.

    Parameters
    ----------
    path : pathlib.Path
        Excel file to write.
    card : Card
        The card; as a template, one that an institution starts from.
    """
    from openpyxl import Workbook
    from openpyxl.comments import Comment
    from openpyxl.styles import Font, PatternFill
    from openpyxl.utils import get_column_letter

    book = Workbook()
    page = book.active
    page.title = "评分卡"
    page.cell(1, 1, card.title.zh).font = Font(bold=True, size=14)
    for k, (name, words) in enumerate(HEADINGS.items(), 1):
        needed = name in REQUIRED
        head = page.cell(2, k, f"{words[0]}*" if needed else words[0])
        head.font = Font(bold=True, color="FFFFFF")
        head.fill = PatternFill("solid", fgColor="9C4A1A" if needed else "4A6A5A")
        if name in NOTES:
            head.comment = Comment(NOTES[name], "riskengine")
        page.column_dimensions[get_column_letter(k)].width = max(10, 3 * len(words[0]))
    for number, row in enumerate(sheet_rows(card), 3):
        for k, name in enumerate(HEADINGS, 1):
            value = row.get(name, "")
            cell = page.cell(number, k, value if value != "" else None)
            if isinstance(value, str) and value.startswith(("=", "+", "-", "@")):
                cell.data_type = "s"
    page.freeze_panes = "A3"
    book.save(path)


def sheet_rows(card: Card) -> Iterator[dict[str, Any]]:
    """Lay a card out as the rows of a sheet.

    Parameters
    ----------
    card : Card
        The card.

    Yields
    ------
    dict of str to object
        Cells by column name; cells that repeat the row above are empty.
    """
    above: dict[str, Any] = {}
    for row in _full(card):
        same = all(row[name] == above.get(name) for name in ("block", "item"))
        inside = row["block"] == above.get("block")
        kept = {"weight", "least", "social", "bonus"} if inside else set()
        blank = {name for name in CARRIED if same or name in kept or (name == "block" and inside)}
        yield {name: "" if name in blank else value for name, value in row.items()}
        above = row


def _full(card: Card) -> Iterator[dict[str, Any]]:
    """Rows with every cell."""
    for block in card.blocks:
        for item in block.items:
            for label, points in _answers(item):
                yield {**_block(block), **_item(item), "bin": label, "points": points}
    for band in card.bands:
        label = f"≥{shown(band.least)}" if band.least > float("-inf") else ""
        if not label:
            label = f"<{shown(card.bands[-2].least)}" if len(card.bands) > 1 else "<0"
        yield {"block": GRADES, "item": band.grade, "bin": label}
    for veto in card.vetoes:
        if not veto.rules and isinstance(veto.amount, bool) and veto.source:
            yield {
                "block": VETOES, "item": veto.title.zh, "field": veto.field,
                "bin": "否" if veto.amount else "是",
                "points": {"block": "否决", "refer": "转人工", "warn": "提示"}[veto.outcome],
                "cite": veto.source.cite, "seen": _seen(veto.source.seen),
            }  # fmt: skip


def _seen(seen: str) -> str:
    return next(word for word, code in SEEN_WORDS.items() if code == seen)


def _block(block: Block) -> dict[str, Any]:
    return {
        "block": block.title.zh, "weight": block.weight, "least": block.least or "",
        "social": "是" if block.social else "否", "bonus": "是" if block.bonus else "否",
    }  # fmt: skip


def _item(item: Item) -> dict[str, Any]:
    unit = next((word for word, code in UNITS_ZH.items() if code == item.unit), item.unit)
    return {
        "item": item.title.zh, "field": item.field,
        "unit": unit if item.kind == "number" else "",
        "range": f"[{shown(item.low)},{shown(item.high)}]" if item.kind == "number" else "",
        "missing": "无总分" if item.missing != item.missing else item.missing,
        "refers": "是" if item.refers else "否",
        "actionable": "是" if item.actionable else "否", "evidence": item.evidence.zh,
        "cite": item.source.cite, "seen": _seen(item.source.seen), "owner": item.owner,
        "valid_from": item.valid_from.isoformat(),
    }  # fmt: skip


def _answers(item: Item) -> Iterator[tuple[str, Any]]:
    """Bins, answers or awarded points, each with its points."""
    if item.kind == "direct":
        span = f"[{shown(item.low)},{shown(item.high)}]"
        yield f"打分{span}步长{shown(item.step)}", ""
    for option in item.options:
        title = option.title.zh
        yield option.code if title == option.code else f"{option.code}={title}", option.points
    last = len(item.bins) - 1
    for k, entry in enumerate(item.bins):
        if k == 0:
            label = f"<{shown(entry.high)}" if last else f"≥{shown(entry.low)}"
        elif k == last:
            label = f"≥{shown(entry.low)}"
        else:
            label = f"[{shown(entry.low)},{shown(entry.high)})"
        yield label, entry.points
