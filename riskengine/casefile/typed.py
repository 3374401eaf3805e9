"""Cells of a case as numbers, days, flags and words, whatever way a file writes them."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np

from riskengine.casefile.read import Case, PledgedRight, Record, tape_of
from riskengine.columns import Column, Contract
from riskengine.dates import EPOCH
from riskengine.gates.tables import LOANS, pledges
from riskengine.rights import RIGHTS


def typed(case: Case) -> Case:
    """Return a case whose cells are numbers, days, flags and declared words.

    Parameters
    ----------
    case : Case
        The case, its cells as a file holds them: ``"200,000"``, ``"2027/11/23"``, ``"是"``.

    Returns
    -------
    Case
        The same, cells that hold nothing left out.

    Raises
    ------
    PortfolioError
        Listing every fault of a table in which a text stands for something else.
    """
    day = case.valued_on
    return replace(
        case, loan=typed_cells(LOANS, case.loan, day),
        rights=tuple(_right(right, day) for right in case.rights),
    )  # fmt: skip


def _right(right: PledgedRight, day: date) -> PledgedRight:
    """One right with its papers; nobody reads the cells of policies but their own door."""
    return replace(
        right, right=typed_cells(RIGHTS[right.table], right.right, day),
        pledge=typed_cells(pledges(), right.pledge, day),
    )  # fmt: skip


def typed_cells(contract: Contract, record: Record, day: date) -> Record:
    """Return the cells of one record as numbers, days, flags and declared words.

    Parameters
    ----------
    contract : Contract
        What the record holds.
    record : mapping of str to object
        Cells by declared column.
    day : datetime.date
        Day of valuation.

    Returns
    -------
    mapping of str to object
        The same, cells that hold nothing left out.

    Raises
    ------
    PortfolioError
        Listing every fault of the record, where a text in it stands for something else.
    """
    held = {name: cell for name, cell in record.items() if not _nothing(cell)}
    texts = [
        column for name, cell in held.items()
        if isinstance(cell, str) and (column := contract.by_name[name]).kind != "text"
        and cell not in column.codes
    ]  # fmt: skip
    if not texts:
        return held
    columns = tape_of(contract, [held], day).batch.columns
    read = {column.name: content_of(column, columns[column.name][0]) for column in texts}
    return {name: cell for name, cell in {**held, **read}.items() if not _nothing(cell)}


def _nothing(cell: Any) -> bool:
    """Whether a cell holds nothing."""
    return cell is None or cell == "" or (isinstance(cell, float) and bool(np.isnan(cell)))


def content_of(column: Column, number: Any) -> Any:
    """Return what the number of a checked cell stands for.

    Parameters
    ----------
    column : Column
        The column.
    number : float
        As a checked batch holds it: a code's position, a flag as 0 or 1, days since 1970-01-01.

    Returns
    -------
    object
        Number, word, flag or day; None for nothing.
    """
    if np.isnan(number) or (column.kind == "code" and number < 0):
        return None
    match column.kind:
        case "flag":
            return bool(number)
        case "code":
            return column.codes[int(number)]
        case "date":
            return EPOCH + timedelta(days=int(number))
    return float(number)
