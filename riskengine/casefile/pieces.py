"""The parts of a case as rows that passed the door, ready to be valued and judged with others."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any, NamedTuple

import numpy as np

from riskengine.casefile import plain
from riskengine.casefile.claimed import claimed_twice
from riskengine.casefile.plain import Row
from riskengine.casefile.read import Case, PledgedRight
from riskengine.casefile.typed import typed_cells
from riskengine.gates.papers import CODES, PaperRemark, paper_remarks
from riskengine.gates.tables import LOANS, pledges
from riskengine.rights import RIGHTS
from riskengine.single import cell_text, contract_of

STATED = frozenset(CODES)
"""Codes of which any that stands on the papers is checked."""
Group = tuple[str, Any, int]
"""What can be valued in one call: kind of right, day of valuation, and which deals."""


class Piece(NamedTuple):
    """One right of a case with its papers and policies.

    Parameters
    ----------
    table : str
        Kind of right.
    right, pledge : Row
        The right and its pledge.
    policies : tuple of Row
        The policies on it.
    """

    table: str
    right: Row
    pledge: Row
    policies: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Pieces:
    """A case in pieces.

    Parameters
    ----------
    case : Case
        The case, its cells typed.
    loan : Row or None
        Its loan.
    rights : tuple of Piece
        Its rights.
    tied : tuple of bool
        Whether each pledge names the loan.
    papers : tuple of tuple of PaperRemark
        What is wrong with the codes on the papers of each right, and which stand on another.
    wrong : tuple of bool
        Whether a code on the papers of each right cannot be right.
    groups : tuple of tuple
        What each right can be valued with: the same for all that can.
    """

    case: Case
    loan: Row | None
    rights: tuple[Piece, ...]
    tied: tuple[bool, ...]
    papers: tuple[tuple[PaperRemark, ...], ...]
    wrong: tuple[bool, ...]
    groups: tuple[Group, ...]


def pieces_of(case: Case) -> Pieces:
    """Take a case apart.

    Parameters
    ----------
    case : Case
        The case, its cells as a file holds them.

    Returns
    -------
    Pieces
        Its rows.

    Raises
    ------
    PortfolioError
        Listing every fault of a table of the case.
    """
    day = case.valued_on
    for right in case.rights:
        contract_of(right.table)
    found: list[Row | None] = [plain.plain("loans", case.loan, day) if case.loan else None]
    for right in case.rights:
        found.append(plain.plain(right.table, right.right, day))
        found.append(plain.plain("pledges", right.pledge, day))
    tables = [(LOANS, case.loan)]
    for right in case.rights:
        tables += [(RIGHTS[right.table], right.right), (pledges(), right.pledge)]
    cells = [
        typed_cells(contract, record, day) if row is None else row.cells
        for (contract, record), row in zip(tables, found, strict=True)
    ]
    case = replace(
        case, loan=cells[0],
        rights=tuple(
            PledgedRight(right.table, cells[2 * k + 1], cells[2 * k + 2], right.policies)
            for k, right in enumerate(case.rights)
        ),
    )  # fmt: skip
    return _read(case, found)


def _read(case: Case, found: list[Row | None]) -> Pieces:
    """A typed case whose plain rows are read already; the others go through the door."""
    day = case.valued_on
    own = [
        found[2 * k + 1] or plain.read(right.table, right.right, day)
        for k, right in enumerate(case.rights)
    ]
    loan = (found[0] or plain.read("loans", case.loan, day)) if case.loan else None
    papers = [
        found[2 * k + 2] or plain.read("pledges", right.pledge, day)
        for k, right in enumerate(case.rights)
    ]
    rights = tuple(
        Piece(
            right.table, own[k], papers[k],
            tuple(plain.read("policies", policy, day) for policy in right.policies),
        )
        for k, right in enumerate(case.rights)
    )  # fmt: skip
    tied = tuple(
        loan is not None and _same(right.pledge.get("loan_id"), case.loan.get("loan_id"))
        for right in case.rights
    )
    remarks, wrong = _remarks(case, rights, tied)
    shared = claimed_twice(case)
    said = tuple((*one, *twice) for one, twice in zip(remarks, shared, strict=True))
    groups = tuple((right.table, day, id(case.comparables)) for right in rights)
    return Pieces(case, loan, rights, tied, said, wrong, groups)


def _same(one: Any, other: Any) -> bool:
    """Whether two identifiers are the same text."""
    return one is not None and (one == other or cell_text(one) == cell_text(other))


def covering(piece: Piece) -> tuple[Row, ...]:
    """Return the policies of a right that name it.

    Parameters
    ----------
    piece : Piece
        The right.

    Returns
    -------
    tuple of Row
        Those of its policies.
    """
    if not piece.policies:
        return ()
    name = piece.right.cells.get("right_id")
    return tuple(row for row in piece.policies if _same(row.cells.get("right_id"), name))


def _remarks(
    case: Case, rights: Sequence[Piece], tied: Sequence[bool]
) -> tuple[list[tuple[PaperRemark, ...]], tuple[bool, ...]]:
    """What is wrong with the codes on the papers of each right, and whether a person must look."""
    borrower = str(case.loan.get("borrower_code", "") or "")
    said, wrong = list[tuple[PaperRemark, ...]](), list[bool]()
    for piece, named in zip(rights, tied, strict=True):
        if not borrower and STATED.isdisjoint(piece.pledge.cells):
            said.append(())
            wrong.append(False)
            continue
        cells: dict[str, str | None] = {
            name: cell_text(piece.pledge.cells.get(name)) for name in CODES
        }
        asked = piece.table, piece.right.region, case.valued_on
        cells["borrower_code"] = borrower
        remarks = paper_remarks(cells, *asked)
        said.append(remarks)
        if borrower and not named:
            cells["borrower_code"] = None
            remarks = paper_remarks(cells, *asked)
        wrong.append(any(remark.refers for remark in remarks))
    return said, tuple(wrong)


def debts(loan: Row | None, rights: Sequence[Piece], values: Sequence[float]) -> list[float]:
    """Share the debt of a case out among its rights.

    Parameters
    ----------
    loan : Row or None
        The loan.
    rights : sequence of Piece
        The rights.
    values : sequence of float
        Market value of each [yuan]; NaN where there is none.

    Returns
    -------
    list of float
        The balance by value, up to what each secures [yuan]; NaN without a loan.
    """
    if loan is None:
        return [float("nan")] * len(rights)
    if len(rights) == 1:  # the whole balance, whatever the right is worth
        limit = rights[0].pledge.numbers.get("secured_limit_yuan", np.nan)
        balance = loan.numbers["balance_yuan"]
        return [limit if limit < balance else balance]
    if len(rights) == 2 and all(map(isfinite, values)):  # as below, without arrays
        return _halves(loan.numbers["balance_yuan"], rights, values[0], values[1])
    worth = np.nan_to_num(np.array(values))
    total = worth.sum()
    share = worth / total if total > 0.0 else np.full(len(rights), 1.0 / len(rights))
    limits = [piece.pledge.numbers.get("secured_limit_yuan", np.nan) for piece in rights]
    owed: list[float] = np.fmin(loan.numbers["balance_yuan"] * share, np.array(limits)).tolist()
    return owed


def _halves(balance: float, rights: Sequence[Piece], first: float, other: float) -> list[float]:
    """Share a debt out between two rights of known values [yuan]."""
    total = first + other
    owed = []
    for piece, worth in zip(rights, (first, other), strict=True):
        part = balance * (worth / total if total > 0.0 else 0.5)
        limit = piece.pledge.numbers.get("secured_limit_yuan", part)
        owed.append(limit if limit < part else part)
    return owed
