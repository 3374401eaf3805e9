"""Writing a sheet: CSV (UTF-8 with mark, GB18030), Excel, JSON, as pieces of bytes.

Every form carries the same rows and the same digest.  The bytes depend on the sheet alone.
"""

import io
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from riskengine.exchange.sheet import DIGITS, Cell, Field, Sheet, as_text, csv_line
from riskengine.words import Text

PIECE_ROWS = 2000
"""Rows written at a time."""
DIGEST_WORDS: Mapping[str, Text] = {
    "engine_version": Text("引擎版本", "engine version"),
    "rules_digest": Text("规则摘要", "digest of the rules"),
    "market_digest": Text("市场数据摘要", "digest of the market figures"),
    "mapping_digest": Text("代码对照表摘要", "digest of the mapping"),
    "valued_on": Text("估值日", "valued on"),
    "rows": Text("行数", "rows"),
    "rows_sha256": Text("数据行SHA-256", "SHA-256 of the rows"),
    "certificates_left_out": Text("放不下的权证数", "certificate numbers without room"),
    "shown_because": Text("显示证件号码的理由", "why identity numbers are shown"),
}
ZIP_DAY = (1980, 1, 1, 0, 0, 0)
"""Time written into archives: the earliest that they can hold, so that it says nothing."""
MEDIA: Mapping[str, str] = {
    "csv": "text/csv; charset=utf-8",
    "csv-gb18030": "text/csv; charset=gb18030",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}
"""Media type of each format."""
SUFFIXES: Mapping[str, str] = {
    "csv": ".csv", "csv-gb18030": ".csv", "xlsx": ".xlsx", "json": ".json",
}  # fmt: skip


def pieces(sheet: Sheet, form: str) -> Iterator[bytes]:
    """Yield a sheet as a file, piece by piece.

    Parameters
    ----------
    sheet : Sheet
        The sheet.
    form : {"csv", "csv-gb18030", "xlsx", "json"}
        Format, one of `MEDIA`.

    Yields
    ------
    bytes
        At most `PIECE_ROWS` rows each; a workbook comes whole.

    Raises
    ------
    KeyError
        If there is no such format.
    """
    yield from FORMS[form](sheet)


def file_bytes(sheet: Sheet, form: str) -> bytes:
    """Return a sheet as a file.

    Parameters
    ----------
    sheet : Sheet
        The sheet.
    form : str
        One of `MEDIA`.

    Returns
    -------
    bytes
        The whole file.
    """
    return b"".join(pieces(sheet, form))


def digest_line(sheet: Sheet) -> str:
    """Return the line that ends a CSV file.

    Parameters
    ----------
    sheet : Sheet
        The sheet.

    Returns
    -------
    str
        ``#digest`` and then name=value in cells, and the codes that were not known.
    """
    cells = ["#digest", *(f"{name}={cell}" for name, cell in sheet.digest.items())]
    cells += [f"unknown={one.subject}:{one.code}" for one in sheet.unknown]
    return csv_line(cells)


def _csv_text(sheet: Sheet) -> Iterator[str]:
    """Lines of a CSV file: headings, rows, digest."""
    yield csv_line([field.title.zh for field in sheet.fields])
    for start in range(0, len(sheet.rows), PIECE_ROWS):
        yield "".join(
            csv_line([as_text(f, c) for f, c in zip(sheet.fields, row, strict=True)])
            for row in sheet.rows[start : start + PIECE_ROWS]
        )
    yield digest_line(sheet)


def _csv(sheet: Sheet) -> Iterator[bytes]:
    yield b"\xef\xbb\xbf"
    for text in _csv_text(sheet):
        yield text.encode()


def _csv_gb18030(sheet: Sheet) -> Iterator[bytes]:
    for text in _csv_text(sheet):
        yield text.encode("gb18030")


def _json(sheet: Sheet) -> Iterator[bytes]:
    """One object; the rows one by one, numbers as numbers."""
    head = {
        "kind": sheet.kind, "title": _both(sheet.title), "digest": dict(sheet.digest),
        "unknown_codes": [one.record() for one in sheet.unknown],
        "fields": [
            {"name": f.name, "title": _both(f.title), "kind": f.kind} for f in sheet.fields
        ],
    }  # fmt: skip
    yield _dumped(head)[:-1] + b', "rows": ['
    names = [field.name for field in sheet.fields]
    for start in range(0, len(sheet.rows), PIECE_ROWS):
        part = sheet.rows[start : start + PIECE_ROWS]
        text = b", ".join(_dumped(dict(zip(names, row, strict=True))) for row in part)
        yield (b", " if start else b"") + text
    yield b"]}\n"


def _xlsx(sheet: Sheet) -> Iterator[bytes]:
    """A workbook of the rows and, on a second sheet, the digest."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    book = Workbook(write_only=True)
    first = book.create_sheet(sheet.title.zh[:31])
    first.freeze_panes = "A2"
    heads = [WriteOnlyCell(first, value=field.title.zh) for field in sheet.fields]
    for head in heads:
        head.font = Font(bold=True)
    first.append(heads)
    for row in sheet.rows:
        first.append([_sheet_cell(first, f, c) for f, c in zip(sheet.fields, row, strict=True)])
    second = book.create_sheet("摘要 digest")
    for name, cell in sheet.digest.items():
        words = DIGEST_WORDS[name]
        second.append([_text_cell(second, f"{words.zh} {words.en}"), _text_cell(second, cell)])
    for one in sheet.unknown:
        second.append([
            _text_cell(second, f"未知代码 unknown {one.subject}"), _text_cell(second, one.code)
        ])  # fmt: skip
    held = io.BytesIO()
    book.save(held)
    yield _undated(held.getvalue())


def _sheet_cell(place: Any, field: Field, cell: Cell) -> Any:
    """A cell of a workbook: a number with its decimals, or text that is never a formula."""
    from openpyxl.cell import WriteOnlyCell

    if cell is None or isinstance(cell, str):
        return _text_cell(place, cell or "")
    found = WriteOnlyCell(place, value=cell)
    digits = DIGITS[field.kind]
    found.number_format = "#,##0" + ("." + "0" * digits if digits else "")
    return found


def _text_cell(place: Any, text: str) -> Any:
    """A cell of text, whatever the text begins with."""
    from openpyxl.cell import WriteOnlyCell

    found = WriteOnlyCell(place, value=None)
    if text:
        found._value, found.data_type = text, "s"
    return found


def _undated(archive: bytes) -> bytes:
    """The same archive without the time at which it was made."""
    held = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(archive)) as old,
        zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            content = CORE if name == "docProps/core.xml" else old.read(name)
            entry = zipfile.ZipInfo(name, ZIP_DAY)
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, content)
    return held.getvalue()


CORE = (
    b'<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/'
    b'core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:creator>riskengine'
    b"</dc:creator></cp:coreProperties>"
)
"""Properties of a workbook, without the days on which it was made."""


def _both(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}


def _dumped(content: Any) -> bytes:
    return json.dumps(content, ensure_ascii=False, allow_nan=False).encode()


FORMS: Mapping[str, Callable[[Sheet], Iterator[bytes]]] = {
    "csv": _csv, "csv-gb18030": _csv_gb18030, "xlsx": _xlsx, "json": _json,
}  # fmt: skip
