"""Rows of a sheet: headings found, merged cells filled, every cell with its address."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from models.expert import sheet_words as words
from models.expert.faults import CardError, CardFault, in_words
from riskengine.words import Text

HEADING_ROWS = 10
"""Headings stand within these first rows, under whatever title the sheet has."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: cells as words, and their addresses.

    Parameters
    ----------
    number : int
        Row of the sheet, from 1.
    cells : mapping of str to str
        Words by column name.
    letters : mapping of str to str
        Letter by column name.
    """

    number: int
    cells: Mapping[str, str]
    letters: Mapping[str, str]

    def at(self, name: str) -> str:
        """Return the address of a cell.

        Parameters
        ----------
        name : str
            Column name; the first column where the sheet lacks it.

        Returns
        -------
        str
            Such as ``C7``.
        """
        return f"{self.letters.get(name, 'A')}{self.number}"


def read_rows(path: Path, sheet: str | None) -> tuple[str, list[Row]]:
    """Read the rows under the headings, empty cells filled from above where that is meant.

    Parameters
    ----------
    path : pathlib.Path
        Excel file.
    sheet : str or None
        Name of the sheet; the first where None.

    Returns
    -------
    tuple of str and list of Row
        Name of the sheet and its rows.

    Raises
    ------
    CardError
        If the file cannot be opened or its headings are not found.
    """
    from openpyxl import load_workbook
    from openpyxl.utils import get_column_letter
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(path, data_only=True)
        page = book[sheet] if sheet else book.worksheets[0]
    except (OSError, KeyError, ValueError, IndexError, BadZipFile, InvalidFileException) as broken:
        raise _whole(path, f"无法打开（{broken}）", f"cannot be opened ({broken})") from broken
    grid = [[_word(cell.value) for cell in row] for row in page.iter_rows()]
    head, columns = _headings(path, grid)
    letters = {name: get_column_letter(k + 1) for name, k in columns.items()}
    rows: list[Row] = []
    above: dict[str, str] = {}
    for k, line in enumerate(grid[head + 1 :], head + 2):
        cells = {name: line[place] for name, place in columns.items()}
        if not any(cells.values()):
            continue
        above = _kept(cells, above)
        for name in words.CARRIED:
            if name in cells:
                cells[name] = cells[name] or above.get(name, "")
                above[name] = cells[name]
        rows.append(Row(k, cells, letters))
    return page.title, rows


def _kept(cells: Mapping[str, str], above: Mapping[str, str]) -> dict[str, str]:
    """What still holds of the row above: all within an item, the block's own within a block."""
    if cells["block"] and cells["block"] != above.get("block"):
        return {}
    if cells["item"] and cells["item"] != above.get("item"):
        own = ("block", "weight", "least", "social", "bonus")
        return {name: above[name] for name in own if name in above}
    return dict(above)


def _whole(path: Path, zh: str, en: str) -> CardError:
    cure = Text("用模板另存为 .xlsx", "save it as .xlsx by the template")
    return CardError(path.name, [CardFault((), Text(zh, en), cure)], in_words)


def _headings(path: Path, grid: list[list[str]]) -> tuple[int, dict[str, int]]:
    """Row of the headings, and the place of each column."""
    meant = {word: name for name, listed in words.HEADINGS.items() for word in listed}
    for number, line in enumerate(grid[:HEADING_ROWS]):
        found: dict[str, int] = {}
        for place, word in enumerate(line):
            name = meant.get(word.rstrip("*").split("（")[0].split("(")[0].strip())
            if name:
                found.setdefault(name, place)
        if "item" in found and "points" in found:
            absent = [words.HEADINGS[name][0] for name in words.REQUIRED if name not in found]
            if absent:
                raise _whole(path, f"缺少列 {'、'.join(absent)}", f"columns {absent} are missing")
            return number, found
    raise _whole(
        path,
        f"前 {HEADING_ROWS} 行找不到表头（指标、分值）",
        "no headings 指标 and 分值 near the top",
    )


def _word(value: Any) -> str:
    """A cell as words."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        return words.shown(value)
    return str(value).strip()
