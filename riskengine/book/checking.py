"""Checking a whole portfolio, a guarantee book in it held together: all faults at once."""

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from riskengine.book.read import read_guarantee_book
from riskengine.book.tables import book_tables, guarantee_tables
from riskengine.checking import MOST_LISTED, HandOn, Listed, around_tables, check_files
from riskengine.folder import find_tables


def check_whole(source: Path, valued_on: date, hand_on: HandOn | None = None) -> dict[str, Any]:
    """Check every table of a portfolio, and those of a guarantee book against one another.

    Parameters
    ----------
    source : pathlib.Path
        Folder, workbook or file.
    valued_on : datetime.date
        Day of valuation.
    hand_on : callable or None
        Given every fault that is told, some at a time.

    Returns
    -------
    dict
        rows_in, rows_rejected, faults_found, the first `riskengine.checking.MOST_LISTED`
        faults as the rejected table has them, and what a person looks at on rows that are
        kept: how many, as ``referred_found``, and the first of them as ``referred``.

    Raises
    ------
    PortfolioError
        If a file cannot be read as a whole.

    Notes
    -----
    Tables are held against one another where the portfolio has loans and one of the tables
    that only a guarantee book has; else each is checked by itself.
    """
    listed = Listed(hand_on)
    files = find_tables(source, (*around_tables(), *guarantee_tables()))
    held = {file.contract.table for file in files}
    if "loans" not in held or held.isdisjoint(contract.table for contract in guarantee_tables()):
        found = check_files(files, valued_on, listed)
        return {**found, "referred_found": 0, "referred": []}
    names = {contract.table for contract in book_tables()}
    others = [file for file in files if file.contract.table not in names]
    found = check_files(others, valued_on, listed)
    with TemporaryDirectory() as spool:
        book = read_guarantee_book(files, Path(spool), valued_on)
    listed.take(book.faults)
    return {
        "rows_in": found["rows_in"] + sum(book.rows_in.values()),
        "rows_rejected": found["rows_rejected"] + sum(book.rows_rejected.values()),
        "faults_found": listed.found,
        "faults": listed.first,
        "referred_found": len(book.referred),
        "referred": [fault.record() for fault in book.referred[:MOST_LISTED]],
    }
