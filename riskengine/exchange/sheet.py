"""A sheet of an export: its fields, its rows as printed, and the digest that goes with it."""

import csv
import hashlib
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any, Literal

from riskengine.errors import PortfolioError
from riskengine.exchange.translate import UnknownCode
from riskengine.identity import mask
from riskengine.spreadsheet import guarded
from riskengine.words import Text

Kind = Literal["text", "yuan", "share", "rate", "count", "date"]
DIGITS: Mapping[str, int] = {"yuan": 2, "share": 6, "rate": 6, "count": 0}
"""Decimals printed of each kind of number."""
LEAST_REASON = 4
"""Fewest characters of a reason for showing personal identifiers."""

Cell = str | float | int | None


@dataclass(frozen=True, slots=True)
class Field:
    """One column of an export.

    Parameters
    ----------
    name : str
        Name with its unit, in JSON.
    title : Text
        Heading.
    kind : {"text", "yuan", "share", "rate", "count", "date"}
        What the cells hold: money in yuan, shares in [0, 1], rates a year.
    personal : bool
        Whether a cell identifies a person; masked unless asked for with a reason.
    """

    name: str
    title: Text
    kind: Kind = "text"
    personal: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """An export ready to be written.

    Parameters
    ----------
    kind : str
        Which export.
    title : Text
        What people read.
    fields : tuple of Field
        Columns.
    rows : tuple of tuple
        Cells as printed: text, numbers rounded, None for nothing.
    digest : mapping of str to str
        ``engine_version``, ``rules_digest``, ``market_digest``, ``mapping_digest``,
        ``valued_on``, ``rows``, ``rows_sha256`` and, where identifiers are shown,
        ``shown_because``.
    unknown : tuple of UnknownCode
        Codes and words that the mapping did not know, each once.
    """

    kind: str
    title: Text
    fields: tuple[Field, ...]
    rows: tuple[tuple[Cell, ...], ...]
    digest: Mapping[str, str]
    unknown: tuple[UnknownCode, ...] = ()


@dataclass(frozen=True, slots=True)
class Made:
    """What an export was made from.

    Parameters
    ----------
    engine_version, rules_digest, market_digest, mapping_digest : str
        Versions and digests; empty where there is none.
    valued_on : str
        Day of valuation, YYYY-MM-DD.
    """

    engine_version: str
    rules_digest: str
    market_digest: str
    mapping_digest: str
    valued_on: str


def sheet_of(
    kind: str,
    title: Text,
    fields: Sequence[Field],
    rows: Iterable[Mapping[str, Any]],
    made: Made,
    *,
    unknown: Iterable[UnknownCode] = (),
    shown_because: str = "",
    notes: Mapping[str, int] | None = None,
) -> Sheet:
    """Return a sheet from plain rows.

    Parameters
    ----------
    kind : str
        Which export.
    title : Text
        What people read.
    fields : sequence of Field
        Columns.
    rows : iterable of mapping
        Cells by name of field; a cell that is absent, None or NaN is printed as nothing.
    made : Made
        What the rows were made from.
    unknown : iterable of UnknownCode
        Codes that were not known.
    shown_because : str
        Reason for showing personal identifiers; empty masks them.
    notes : mapping of str to int or None
        Further counts for the digest; those of 0 are left out.

    Returns
    -------
    Sheet
        With the digest of its rows.

    Raises
    ------
    PortfolioError
        If the reason is too short to be one.
    """
    if shown_because and len(shown_because.strip()) < LEAST_REASON:
        raise PortfolioError(
            Text("显示证件号码的理由太短", "the reason for showing identity numbers is too short"),
            Text("写明依据和用途", "say on what ground and for what use"),
        )
    printed = tuple(
        tuple(_printed(field, row.get(field.name), bool(shown_because)) for field in fields)
        for row in rows
    )
    digest = {
        "engine_version": made.engine_version, "rules_digest": made.rules_digest,
        "market_digest": made.market_digest, "mapping_digest": made.mapping_digest,
        "valued_on": made.valued_on, "rows": str(len(printed)),
        "rows_sha256": rows_sha256(fields, printed),
    }  # fmt: skip
    digest |= {name: str(count) for name, count in (notes or {}).items() if count}
    if shown_because:
        digest["shown_because"] = guarded(" ".join(shown_because.split()))
    return Sheet(kind, title, tuple(fields), printed, digest, tuple(dict.fromkeys(unknown)))


def rows_sha256(fields: Sequence[Field], rows: Iterable[Sequence[Cell]]) -> str:
    """Return the digest of the rows of a sheet.

    Parameters
    ----------
    fields : sequence of Field
        Columns.
    rows : iterable of sequence
        Cells as printed.

    Returns
    -------
    str
        SHA-256 of the lines of the CSV file, Chinese headings first, in UTF-8 without a
        byte-order mark, each ended by a line feed: the same whatever the format written.
    """
    found = hashlib.sha256(csv_line([field.title.zh for field in fields]).encode())
    for row in rows:
        found.update(csv_line([as_text(f, c) for f, c in zip(fields, row, strict=True)]).encode())
    return found.hexdigest()


def csv_line(cells: Sequence[str]) -> str:
    """Return one line of CSV.

    Parameters
    ----------
    cells : sequence of str
        Cells.

    Returns
    -------
    str
        Ended by a line feed.
    """
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(cells)
    return line.getvalue()


def as_text(field: Field, cell: Cell) -> str:
    """Return a cell as CSV holds it.

    Parameters
    ----------
    field : Field
        Its column.
    cell : str, float, int or None
        As printed.

    Returns
    -------
    str
        Numbers with the decimals of their kind; nothing for None.
    """
    if cell is None or isinstance(cell, str):
        return cell or ""
    return f"{cell:.{DIGITS[field.kind]}f}"


def _printed(field: Field, cell: Any, shown: bool) -> Cell:
    """One cell as it is printed."""
    if cell is None or cell == "":
        return None
    if field.kind in DIGITS:
        number = float(cell)
        if not isfinite(number):
            return None
        digits = DIGITS[field.kind]
        return round(number, digits) + 0.0 if digits else round(number)
    text = str(cell)
    if field.personal and not shown:
        text = mask(text.strip())
    return guarded(text)
