"""Checking a whole portfolio, a guarantee book in it held together: all faults at once."""

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from riskengine.book.read import read_guarantee_book
from riskengine.book.tables import book_tables, guarantee_tables
from riskengine.checking import around_tables, check_files
from riskengine.folder import find_tables


def check_whole(source: Path, valued_on: date) -> dict[str, Any]:
    """Check every table of a portfolio, and those of a guarantee book against one another.

    Parameters
    ----------
    source : pathlib.Path
        Folder, workbook or file.
    valued_on : datetime.date
        Day of valuation.

    Returns
    -------
    dict
        rows_in, rows_rejected, the list of faults as the rejected table has them, and what
        a person looks at on rows that are kept, as ``referred``.

    Raises
    ------
    PortfolioError
        If a file cannot be read as a whole.

    Notes
    -----
    Tables are held against one another where the portfolio has loans and one of the tables
    that only a guarantee book has; else each is checked by itself.
    """
    files = find_tables(source, (*around_tables(), *guarantee_tables()))
    held = {file.contract.table for file in files}
    if "loans" not in held or held.isdisjoint(contract.table for contract in guarantee_tables()):
        return {**check_files(files, valued_on), "referred": []}
    names = {contract.table for contract in book_tables()}
    found = check_files([file for file in files if file.contract.table not in names], valued_on)
    with TemporaryDirectory() as spool:
        book = read_guarantee_book(files, Path(spool), valued_on)
    return {
        "rows_in": found["rows_in"] + sum(book.rows_in.values()),
        "rows_rejected": found["rows_rejected"] + sum(book.rows_rejected.values()),
        "faults": [*found["faults"], *(fault.record() for fault in book.faults)],
        "referred": [fault.record() for fault in book.referred],
    }
