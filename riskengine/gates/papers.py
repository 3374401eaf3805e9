"""Codes and numbers on the papers of a pledge, checked for what cannot be right."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from riskengine import identity
from riskengine.gates.tables import LOANS, pledges
from riskengine.gates.tapes import Tape
from riskengine.identity import Level, Remark
from riskengine.words import Text

LAND_CODES = ("issuer_code", "parcel_code", "contract_code")
"""Codes of land contracts that must agree with one another."""
HOLDERS = ("mortgagor_code", "borrower_code")
"""Identity numbers of people and bodies."""
CODES = ("unit_code", *LAND_CODES, *HOLDERS)
"""Columns with codes that can be checked."""


@dataclass(frozen=True, slots=True)
class PaperRemark:
    """One thing to say about a code on the papers.

    Parameters
    ----------
    column : str
        Column of the pledges or the loans.
    title : Text
        What the column is.
    remark : Remark
        Level, character at fault, and why; never the code.
    refers : bool
        Whether it sends the pledge to a person.
    """

    column: str
    title: Text
    remark: Remark
    refers: bool


def paper_remarks(
    cells: Mapping[str, str | None], right_kind: str, region: str, day: date
) -> tuple[PaperRemark, ...]:
    """Check the codes on the papers of one pledge.

    Parameters
    ----------
    cells : mapping of str to str or None
        Codes by column, those of `CODES`.
    right_kind : str
        Kind of right.
    region : str
        Where the right lies.
    day : datetime.date
        Day of valuation, for births.

    Returns
    -------
    tuple of PaperRemark
        In column order; a code that cannot be right, and a unit code of another kind of
        right, send the pledge to a person.

    Notes
    -----
    Source: GB 11643, GB 32100, GB/T 37346, GB/T 35958; practice notes 5.2.
    """
    found = [
        _remark(column, remark, refers)
        for column in CODES
        for remark, refers in _checked(column, cells.get(column) or "", right_kind, region, day)
    ]
    land = {name.removesuffix("_code"): cells.get(name) or "" for name in LAND_CODES}
    if sum(1 for code in land.values() if code) > 1:
        agree = identity.land_codes_agree(**land)
        found += [_remark("parcel_code", one, one.level is Level.FAIL) for one in agree]
    return tuple(found)


def _checked(
    column: str, code: str, right_kind: str, region: str, day: date
) -> Iterator[tuple[Remark, bool]]:
    """What one code's own rules say of it, and whether a person must look.

    A place that differs is only told: county codes are dated.
    """
    if not code:
        return
    if column in HOLDERS:
        body = identity.kind_of_holder(code) == "body"
        remarks = identity.credit_code(code) if body else identity.resident_id(code, day)
    elif column == "unit_code":
        remarks = identity.unit_code(code, right_kind)
    else:
        check = {
            "issuer_code": identity.issuer_code, "parcel_code": identity.parcel_code,
            "contract_code": identity.contract_code,
        }[column]  # fmt: skip
        remarks = check(code)
    for remark in remarks:
        yield remark, column == "unit_code" or remark.level is Level.FAIL
    if column not in HOLDERS:
        for remark in identity.same_place(code, region):
            yield remark, False


def _remark(column: str, remark: Remark, refers: bool) -> PaperRemark:
    """A remark with its column."""
    contract = LOANS if column == "borrower_code" else pledges()
    return PaperRemark(column, contract.by_name[column].title, remark, refers)


def papers_refer(
    tape: Tape, borrowers: pa.Array, right_kind: str, regions: pa.Array, day: date
) -> NDArray[np.bool_]:
    """Say which pledges have a code on their papers that cannot be right.

    Parameters
    ----------
    tape : Tape
        The pledges.
    borrowers : pyarrow.Array
        Identity number of each pledge's borrower; null where none is stated.
    right_kind : str
        Kind of right.
    regions : pyarrow.Array
        Where each right lies.
    day : datetime.date
        Day of valuation.

    Returns
    -------
    (n,) bool
        True where one must be looked at.
    """
    texts = {name: tape.texts[name] for name in CODES if name in tape.texts}
    if borrowers.null_count < tape.size:
        texts["borrower_code"] = borrowers
    marks = np.zeros(tape.size, dtype=bool)
    if not texts:
        return marks
    stated = np.zeros(tape.size, dtype=bool)
    for text in texts.values():
        stated |= ~text.is_null().to_numpy(zero_copy_only=False)
    columns = {name: text.to_pylist() for name, text in texts.items()}
    places = regions.to_pylist()
    for row in np.flatnonzero(stated).tolist():
        cells = {name: column[row] for name, column in columns.items()}
        remarks = paper_remarks(cells, right_kind, places[row], day)
        marks[row] = any(remark.refers for remark in remarks)
    return marks
