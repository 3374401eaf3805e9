"""An institution's own sheet in Excel becomes a card; every fault names its cell."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from math import isnan
from pathlib import Path
from typing import Any

from models.expert import sheet_words as words
from models.expert.build import card_from
from models.expert.card import Card, Veto
from models.expert.check import document_faults
from models.expert.encode import FLAGS
from models.expert.faults import CardError, CardFault
from models.expert.faults import Path as CardPath
from models.expert.sheet_rows import Row, read_rows
from riskengine.words import Text


@dataclass(frozen=True, slots=True)
class SheetFacts:
    """What a sheet does not say about itself.

    Parameters
    ----------
    name : str
        Name of the card.
    title : Text
        As people read it.
    subject : str
        Who or what is rated, as `models.expert.schema.SUBJECTS`.
    valid_from : datetime.date
        First day of use.
    owner : str
        Who keeps it.
    cite : str
        Where the sheet comes from, such as the number of the institution's notice.
    """

    name: str
    title: Text
    subject: str
    valid_from: date
    owner: str
    cite: str


@dataclass
class _Reading:
    """A document under way, with the cell of each of its parts."""

    document: dict[str, Any]
    cells: dict[CardPath, str] = field(default_factory=dict)
    faults: list[CardFault] = field(default_factory=list)

    def fault(self, path: CardPath, wrong: Text, cure: Text) -> None:
        self.faults.append(CardFault(path, wrong, cure))


def import_sheet(
    path: Path, facts: SheetFacts, *, sheet: str | None = None, permit: Collection[str] = (),
    vetoes: tuple[Veto, ...] = (),
) -> Card:  # fmt: skip
    """Read an institution's own sheet.

    Parameters
    ----------
    path : pathlib.Path
        Excel file.
    facts : SheetFacts
        What the sheet does not say about itself.
    sheet : str or None
        Name of the sheet; the first where None.
    permit : collection of {"education", "marital"}
        Protected facts that the institution has a ground to score.
    vetoes : tuple of Veto
        Vetoes to put before the sheet's own, such as those of the card ``red_lines``.

    Returns
    -------
    Card
        The card; `models.expert.load.card_toml` writes it down.

    Raises
    ------
    CardError
        With every fault of the sheet, each with the address of its cell.
    """
    label, rows = read_rows(path, sheet)
    reading = _Reading({
        "name": facts.name, "title": {"zh": facts.title.zh, "en": facts.title.en},
        "subject": facts.subject, "valid_from": facts.valid_from, "owner": facts.owner,
        "cite": facts.cite, "seen": "text",
        "note": {"zh": f"由 {path.name} 导入", "en": f"imported from {path.name}"},
    })  # fmt: skip
    for row in rows:
        block = row.cells["block"]
        if block == words.GRADES:
            _band(reading, row)
        elif block == words.VETOES:
            _veto(reading, row)
        else:
            _bin(reading, row, facts)
    for k, block in enumerate(reading.document.get("block", ())):
        for j, item in enumerate(block["item"]):
            _settle(reading, ("block", k, "item", j), item)
    told = [followed for fault in reading.faults for followed in _follows(fault.path)]
    found = [
        fault
        for fault in document_faults(reading.document, permit)
        if not any(fault.path[: len(path)] == path for path in told)
    ]
    if reading.faults or found:
        place = lambda where: f"{label}!{_cell(reading.cells, where)}"  # noqa: E731
        raise CardError(path.name, [*reading.faults, *found], place)
    return card_from(reading.document, vetoes)


def _follows(path: CardPath) -> list[CardPath]:
    """Where faults of the document only follow from one of the reading."""
    if "unread" not in path:
        return [path]
    item, block = path[: path.index("unread")], path[:2]
    return [(*item, "bins"), (*item, "options"), (*block, "weight"), (*block, "least")]


def _cell(cells: Mapping[CardPath, str], path: CardPath) -> str:
    """Address of the nearest part that has one."""
    while path and path not in cells:
        path = path[:-1]
    return cells.get(path, "A1")


def _band(reading: _Reading, row: Row) -> None:
    """A row of grades: 指标 is the grade, 区间 its cut-off."""
    listed = reading.document.setdefault("band", [])
    path: CardPath = ("band", len(listed))
    reading.cells |= {path: row.at("item"), (*path, "from"): row.at("bin")}
    grade = row.cells["item"]
    listed.append({"grade": grade, "title": {"zh": grade, "en": grade}})
    found = words.interval(row.cells["bin"])
    if isinstance(found, words.Interval) and found.step is None:
        if found.low is not None:
            listed[-1]["from"] = found.low
    else:
        told = found if isinstance(found, Text) else Text("不是区间", "is no interval")
        reading.fault((*path, "from"), told, Text("写成 ≥80 或 [80,90)", "write ≥80 or [80,90)"))


def _veto(reading: _Reading, row: Row) -> None:
    """A row of vetoes: 指标 is the bad fact, the field says yes when it holds."""
    listed = reading.document.setdefault("veto", [])
    path: CardPath = ("veto", len(listed))
    reading.cells |= {path: row.at("item"), (*path, "field"): row.at("field")}
    reading.cells |= {(*path, "outcome"): row.at("points"), (*path, "seen"): row.at("seen")}
    title = row.cells["item"]
    outcome = {"否决": "block", "转人工": "refer", "提示": "warn"}.get(row.cells["points"])
    entry: dict[str, Any] = {
        "name": row.cells["field"], "title": {"zh": title, "en": title}, "compare": "==",
        "field": row.cells["field"], "amount": _yes(row.cells["bin"]) is False,
        **_cited(row),
    }  # fmt: skip
    entry["outcome"] = outcome or "refer"
    if not outcome:
        reading.fault(
            (*path, "outcome"), Text("后果看不懂", "the outcome cannot be read"),
            Text("分值列写 否决、转人工 或 提示",
                 "write 否决, 转人工 or 提示 in the column of points"),
        )  # fmt: skip
    if _yes(row.cells["bin"]) is None:
        reading.cells[(*path, "amount")] = row.at("bin")
        reading.fault(
            (*path, "amount"), Text("须写明命中时字段为是还是否", "must say yes or no"),
            Text("区间或选项列写 是 或 否", "write 是 or 否"),
        )  # fmt: skip
    listed.append(entry)


def _yes(word: str) -> bool | None:
    return {"yes": True, "no": False}.get(FLAGS.get(word.lower(), word.lower()))


def _cited(row: Row) -> dict[str, Any]:
    """Citation, and how it was seen; an institution's own rule is text to itself."""
    seen = row.cells.get("seen", "") or "原文"
    cited = {"seen": words.SEEN_WORDS.get(seen, seen)}
    return cited | ({"cite": row.cells["cite"]} if row.cells["cite"] else {})


def _bin(reading: _Reading, row: Row, facts: SheetFacts) -> None:
    """A row of points: one bin or one answer of an item."""
    path, block = _block(reading, row)
    path, item = _item(reading, row, path, block, facts)
    found = words.interval(row.cells["bin"])
    points = words.number(row.cells["points"])
    if isinstance(found, Text):
        unread: CardPath = (*path, "unread", row.number)
        reading.cells[unread] = row.at("bin")
        reading.fault(unread, found, Text("请改写区间", "write it so"))
        return
    if found is not None and found.step is not None:
        item |= {"low": found.low, "high": found.high, "step": found.step}
        return
    key = "options" if found is None else "bins"
    here: CardPath = (*path, key, len(item[key]))
    reading.cells[here] = row.at("bin")
    if isnan(points):
        wrong = Text(f"分值“{row.cells['points']}”不是数字", "the points are no number")
        reading.cells[(*here, "points")] = row.at("points")
        reading.fault((*here, "points"), wrong, Text("请填数字", "give a number"))
    if found is None:
        code, _, title = row.cells["bin"].partition("=")
        title = title or code
        item["options"].append(
            {"code": code, "title": {"zh": title, "en": title}, "points": points}
        )
        return
    ends = {"from": found.low, "to": found.high}
    entry = {end: value for end, value in ends.items() if value is not None}
    item["bins"].append({**entry, "points": points})


def _block(reading: _Reading, row: Row) -> tuple[CardPath, dict[str, Any]]:
    """The block of a row, new where its name is new."""
    listed: list[dict[str, Any]] = reading.document.setdefault("block", [])
    name = row.cells["block"]
    if not listed or listed[-1]["title"]["zh"] != name:
        path: CardPath = ("block", len(listed))
        reading.cells |= {path: row.at("block"), (*path, "weight"): row.at("weight")}
        reading.cells |= {(*path, "least"): row.at("block")}
        entry: dict[str, Any] = {
            "name": _name(name), "title": {"zh": name, "en": name}, "item": [],
            "social": _yes(row.cells.get("social", "")) is True,
            "bonus": _yes(row.cells.get("bonus", "")) is True, **_cited(row),
        }  # fmt: skip
        for key in ("weight", "least"):
            value = words.number(row.cells.get(key, ""))
            entry |= {} if isnan(value) else {key: value}
        listed.append(entry)
    return ("block", len(listed) - 1), listed[-1]


def _name(word: str) -> str:
    """Words without blanks and signs."""
    return "".join(letter for letter in word if letter.isalnum() or letter == "_")


def _item(
    reading: _Reading, row: Row, path: CardPath, block: dict[str, Any], facts: SheetFacts
) -> tuple[CardPath, dict[str, Any]]:
    """The item of a row, new where its name is new."""
    title, listed = row.cells["item"], block["item"]
    if not listed or listed[-1]["title"]["zh"] != title:
        here: CardPath = (*path, "item", len(listed))
        keys = {"title": "item", "name": "item", "field": "field", "unit": "unit", "low": "range",
                "missing": "missing", "cite": "cite", "seen": "seen", "bins": "bin",
                "options": "bin", "step": "bin", "valid_from": "valid_from"}  # fmt: skip
        reading.cells |= {here: row.at("item")}
        reading.cells |= {(*here, key): row.at(name) for key, name in keys.items()}
        listed.append(_fresh(reading, row, here, facts))
    return (*path, "item", len(listed) - 1), listed[-1]


def _fresh(reading: _Reading, row: Row, path: CardPath, facts: SheetFacts) -> dict[str, Any]:
    """An item before its bins."""
    cells = row.cells
    evidence = cells.get("evidence", "") or "见依据"
    entry: dict[str, Any] = {
        "name": _name(cells["item"]), "title": {"zh": cells["item"], "en": cells["item"]},
        "field": cells["field"], "evidence": {"zh": evidence, "en": evidence},
        "owner": cells.get("owner", "") or facts.owner, "bins": [], "options": [],
        "refers": _yes(cells.get("refers", "")) is True,
        "actionable": _yes(cells.get("actionable", "")) is True, **_cited(row),
    }  # fmt: skip
    missing = cells["missing"]
    if missing in {"无总分", "nan"}:
        entry["missing"] = float("nan")
    elif not isnan(words.number(missing)):
        entry["missing"] = words.number(missing)
    if unit := cells.get("unit", ""):
        entry["unit"] = words.UNITS_ZH.get(unit, unit)
        if unit in words.WRONG_UNITS:
            wrong = Text(f"单位“{unit}”须先换算", f"the unit {unit} must be converted")
            reading.fault((*path, "unit"), wrong, words.WRONG_UNITS[unit])
    if span := words.closed_range(cells.get("range", "")):
        entry |= {"low": span[0], "high": span[1]}
    if day := cells.get("valid_from", ""):
        try:
            entry["valid_from"] = date.fromisoformat(day)
        except ValueError:
            wrong = Text(f"“{day}”不是日期", f"{day} is no date")
            reading.fault((*path, "valid_from"), wrong, Text("写成 2026-01-01", "as 2026-01-01"))
    return entry


def _settle(reading: _Reading, path: CardPath, item: dict[str, Any]) -> None:
    """Turn bins that fall into rising order, and leave out the way of scoring not used."""
    bins, cells = item["bins"], reading.cells
    starts = [entry.get("from", float("-inf")) for entry in bins]
    if len(bins) > 1 and starts == sorted(starts, reverse=True) and starts[0] > starts[-1]:
        item["bins"] = bins[::-1]
        here = [cells[(*path, "bins", k)] for k in range(len(bins))]
        cells |= {(*path, "bins", k): cell for k, cell in enumerate(here[::-1])}
    for key in ("bins", "options"):
        if not item[key]:
            del item[key]
    if "options" in item and "bins" not in item:
        for key in ("low", "high", "unit"):
            item.pop(key, None)
