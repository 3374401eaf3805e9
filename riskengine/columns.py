"""The column contract: one declaration per table, from which all else comes.

The entry check, the CSV and Excel templates with Chinese headings, the JSON
Schema and the documentation page are all derived from a `Contract`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any, Literal

from riskengine.units import UNITS, written
from riskengine.words import Text

Kind = Literal["number", "date", "flag", "code", "text"]


@dataclass(frozen=True, slots=True)
class Choice:
    """One admissible value of a code column.

    Parameters
    ----------
    code : str
        The value in files.
    title : Text
        What people read; the Chinese title is accepted in files too.
    """

    code: str
    title: Text


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    Parameters
    ----------
    name : str
        English name with its unit.
    title : Text
        Headings.
    kind : {"number", "date", "flag", "code", "text"}
        What the cells hold.
    unit : str
        Unit of a number, one of `riskengine.units.UNITS`.
    required : bool
        Whether a row without it is rejected.
    required_for : tuple of str
        Codes of the table's ``kind`` column for which it is required.
    low, high : float
        Closed range of a number.
    low_open : bool
        True when the low end itself is outside the range.
    choices : tuple of Choice
        Values of a code column, in the order of their internal numbers.
    personal : bool
        Whether the cell identifies a person; masked wherever it is shown.
    aliases : tuple of str
        Further headings accepted in files.
    note : Text or None
        What the reader must know to fill it in.
    example : str
        A cell for the template.
    """

    name: str
    title: Text
    kind: Kind = "number"
    unit: str = ""
    required: bool = False
    required_for: tuple[str, ...] = ()
    low: float = float("-inf")
    high: float = float("inf")
    low_open: bool = False
    choices: tuple[Choice, ...] = ()
    personal: bool = False
    aliases: tuple[str, ...] = ()
    note: Text | None = None
    example: str = ""
    codes: tuple[str, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse a declaration that contradicts itself; list the values of a code column."""
        object.__setattr__(self, "codes", tuple(choice.code for choice in self.choices))
        assert self.unit in UNITS, (self.name, self.unit)
        assert (self.kind == "code") == bool(self.choices), self.name

    @property
    def heading(self) -> str:
        """The Chinese heading of the template, with its unit in brackets."""
        unit = HEADING_UNITS.get(self.unit, self.unit)
        return f"{self.title.zh}({unit})" if unit else self.title.zh

    def range_text(self) -> str:
        """Return the range with its ends, such as ``(0, 100000]``.

        Returns
        -------
        str
            Mathematical interval, or an empty string where there is none.
        """
        if self.low == float("-inf") and self.high == float("inf"):
            return ""
        left = "(" if self.low_open or self.low == float("-inf") else "["
        right = ")" if self.high == float("inf") else "]"
        return f"{left}{written(self.low)}, {written(self.high)}{right}"


HEADING_UNITS: Mapping[str, str] = {
    "mu": "亩", "m2": "平方米", "m3": "立方米", "t": "吨", "m": "米", "cm": "厘米", "km": "公里",
    "degree": "度", "year": "年", "month": "月", "m3/mu": "立方米/亩", "yuan": "元",
    "yuan/mu": "元/亩", "yuan/mu/year": "元/亩·年", "yuan/m2": "元/平方米",
    "yuan/m2/year": "元/平方米·年", "yuan/m3": "元/立方米", "yuan/t": "元/吨", "yuan/year": "元/年",
    "yuan/month": "元/月",
    "yuan/share": "元/股", "yuan/share/year": "元/股·年", "share": "股", "t/mu/year": "吨/亩·年",
    "t/year": "吨/年", "tree/mu": "株/亩", "1": "", "1/year": "每年", "point": "分", "date": "",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Contract:
    """The columns of one table and how they must agree.

    Parameters
    ----------
    table : str
        Name of the table and of its file.
    title : Text
        What the table holds.
    columns : tuple of Column
        Columns in template order; the first is the identifier.
    orders : tuple of (str, str)
        Pairs of date columns of which the first must not be after the second.
    not_after_valued_on : tuple of str
        Date columns that must not lie after the valuation date.
    """

    table: str
    title: Text
    columns: tuple[Column, ...]
    orders: tuple[tuple[str, str], ...] = ()
    not_after_valued_on: tuple[str, ...] = ()
    by_name: Mapping[str, Column] = field(init=False, repr=False, compare=False)
    by_heading: Mapping[str, Column] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index the columns by name and by every accepted heading."""
        object.__setattr__(self, "by_name", {column.name: column for column in self.columns})
        headings: dict[str, Column] = {}
        for column in self.columns:
            for heading in (column.name, column.title.zh, column.heading, *column.aliases):
                assert headings.setdefault(fold(heading), column) is column, heading
        object.__setattr__(self, "by_heading", headings)

    @property
    def identifier(self) -> Column:
        """The column that names a row."""
        return self.columns[0]

    def column_for(self, heading: str) -> Column | None:
        """Return the column that a heading in a file means.

        Parameters
        ----------
        heading : str
            Heading as written: English name, Chinese title, with or without unit.

        Returns
        -------
        Column or None
            The column, or None when the heading is unknown.
        """
        return self.by_name.get(heading) or self.by_heading.get(fold(heading))


def fold(heading: str) -> str:
    """Fold the ways of writing one heading into one.

    Parameters
    ----------
    heading : str
        Heading as written.

    Returns
    -------
    str
        Lower case, no blanks, half-width brackets, no trailing asterisk.

    Examples
    --------
    >>> fold(" 面积 （亩）* ")
    '面积(亩)'
    """
    if len(heading) > LONGEST_HEADING:  # nothing of that length is kept
        return _folded.__wrapped__(heading)
    return _folded(heading)


LONGEST_HEADING = 200
FOLDED = str.maketrans({"（": "(", "）": ")", **dict.fromkeys((" ", "\u3000", "\n", "\ufeff"))})


@lru_cache(maxsize=8192)
def _folded(heading: str) -> str:
    return heading.translate(FOLDED).rstrip("*").lower()


def json_schema(contract: Contract) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of one row of a table.

    Parameters
    ----------
    contract : Contract
        The declaration.

    Returns
    -------
    dict
        Schema with units, ranges, choices and titles in both languages.
    """
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": contract.table,
        "description": f"{contract.title.zh} / {contract.title.en}",
        "type": "object",
        "additionalProperties": False,
        "required": [column.name for column in contract.columns if column.required],
        "properties": {column.name: _property(column) for column in contract.columns},
    }


def _property(column: Column) -> dict[str, Any]:
    """Schema of one cell."""
    types = {"number": "number", "date": "string", "flag": "boolean", "code": "string"}
    schema: dict[str, Any] = {
        "title": column.heading,
        "description": describe(column),
        "type": types.get(column.kind, "string"),
    }
    if not column.required:
        schema["type"] = [schema["type"], "null"]
    if column.kind == "date":
        schema["format"] = "date"
    if column.unit:
        schema["x-unit"] = column.unit
    if column.choices:
        schema["enum"] = [*column.codes, *([] if column.required else [None])]
    if column.low != float("-inf"):
        schema["exclusiveMinimum" if column.low_open else "minimum"] = column.low
    if column.high != float("inf"):
        schema["maximum"] = column.high
    if column.kind == "text":
        schema["maxLength"] = TEXT_LENGTH
    if column.required_for:
        schema["x-required-for-kind"] = list(column.required_for)
    return schema


TEXT_LENGTH = 64
"""Longest text cell accepted."""


def describe(column: Column) -> str:
    """Return one line about a column in both languages.

    Parameters
    ----------
    column : Column
        The column.

    Returns
    -------
    str
        Title, range and note.
    """
    parts = [f"{column.title.zh} / {column.title.en}"]
    if column.range_text():
        parts.append(column.range_text())
    if column.note is not None:
        parts.append(f"{column.note.zh} / {column.note.en}")
    return "; ".join(parts)


def documentation(contract: Contract) -> str:
    """Return the documentation page of a table as Markdown.

    Parameters
    ----------
    contract : Contract
        The declaration.

    Returns
    -------
    str
        Page with one row per column.
    """
    lines = [
        f"# `{contract.table}` {contract.title.zh} / {contract.title.en}",
        "",
        "| column | 列名 | unit | range or values | required | meaning |",
        "|---|---|---|---|---|---|",
    ]
    for column in contract.columns:
        values = "<br>".join(f"`{c.code}` {c.title.zh} {c.title.en}" for c in column.choices)
        needed = "yes" if column.required else ", ".join(column.required_for)
        note = f"<br>{column.note.zh} {column.note.en}" if column.note else ""
        lines.append(
            f"| `{column.name}` | {column.heading} | {column.unit} "
            f"| {values or column.range_text()} | {needed} | {column.title.en}{note} |"
        )
    return "\n".join(lines) + "\n"


def blank_row(contract: Contract) -> dict[str, str]:
    """Return the example row of a table's template.

    Parameters
    ----------
    contract : Contract
        The declaration.

    Returns
    -------
    dict of str to str
        Example cell by column name.
    """
    return {column.name: column.example for column in contract.columns}


def date_cell(day: date) -> str:
    """Return a date as files write it.

    Parameters
    ----------
    day : datetime.date
        The date.

    Returns
    -------
    str
        ``YYYY-MM-DD``.
    """
    return day.isoformat()
