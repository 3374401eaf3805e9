"""Rows of loans and borrowers side by side: what a loan says, else what its borrower says."""

import numpy as np
from numpy.typing import NDArray

from riskengine.book.read import GuaranteeBook
from riskengine.gates.tapes import Tape, rows_of
from riskengine.portfolio.exposures import Index

COUNTY_DIGITS = 6


def borrower_rows(book: GuaranteeBook) -> Index:
    """Row of each loan's borrower.

    Parameters
    ----------
    book : GuaranteeBook
        The tables.

    Returns
    -------
    (n,) int64
        Rows among the borrowers, one a loan; -1 where none is known.
    """
    if book.borrowers is None:
        return np.full(book.loans.size, -1, dtype=np.int64)
    return rows_of(book.loans.text("borrower_id"), book.borrowers.batch.ids)


def word_of(book: GuaranteeBook, loan: Index, borrower: Index, name: str) -> NDArray[np.str_]:
    """Return a coded column in words: the loan's own, else the borrower's.

    Parameters
    ----------
    book : GuaranteeBook
        The tables.
    loan, borrower : (n,) int64
        Rows, -1 for none.
    name : str
        Column.

    Returns
    -------
    (n,) str
        Codes; "" where not known.
    """
    found = np.full(loan.size, "", dtype=object)
    for tape, rows in _both(book, loan, borrower):
        if name in tape.batch.columns:
            words = np.array([*tape.batch.contract.by_name[name].codes, ""], dtype=object)
            code = np.append(tape.batch.columns[name].astype(np.int64), -1)[rows]
            found = np.where(code >= 0, words[code], found)
    return found.astype(str)


def county_of(book: GuaranteeBook, loan: Index, borrower: Index) -> NDArray[np.str_]:
    """County of the loan, else of the borrower.

    Parameters
    ----------
    book : GuaranteeBook
        The tables.
    loan, borrower : (n,) int64
        Rows, -1 for none.

    Returns
    -------
    (n,) str
        Six digits; "" where not known.
    """
    found = np.full(loan.size, "", dtype=object)
    for tape, rows in _both(book, loan, borrower):
        if tape.batch.regions:
            names = np.array([*(code[:COUNTY_DIGITS] for code in tape.batch.regions), ""], object)
            named = names[np.append(tape.batch.region_index, -1)[rows]]
            found = np.where(named != "", named, found)
    return found.astype(str)


def _both(book: GuaranteeBook, loan: Index, borrower: Index) -> list[tuple[Tape, Index]]:
    """Borrowers, then loans, which have the last word."""
    loans = (book.loans, loan)
    return [loans] if book.borrowers is None else [(book.borrowers, borrower), loans]
