"""Checking a portfolio without valuing it: all faults of all files at once."""

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from riskengine.duplicates import duplicate_rows
from riskengine.portfolio import find_tables, open_table, read_rows, row_groups
from riskengine.rights import RIGHTS
from riskengine.table import check

BATCH_ROWS = 65536


def check_portfolio(source: Path, valued_on: date) -> dict[str, Any]:
    """Check every table of a portfolio.

    Parameters
    ----------
    source : pathlib.Path
        Folder, workbook or file.
    valued_on : datetime.date
        Valuation date.

    Returns
    -------
    dict
        rows_in, rows_rejected and the list of faults, as the rejected table.

    Raises
    ------
    PortfolioError
        If a file cannot be read as a whole.
    """
    rows = rejected = 0
    faults: list[dict[str, object]] = []
    with TemporaryDirectory() as folder:
        for file in find_tables(source, tuple(RIGHTS.values())):
            table = open_table(file, Path(folder))
            rows += table.rows + len(table.broken)
            rejected += len(table.broken)
            faults += [fault.record() for fault in table.broken]
            marks = np.zeros(table.rows, dtype=bool)
            marks[duplicate_rows(table, Path(folder))] = True
            start = 0
            for raw in read_rows(table, range(len(row_groups(table))), BATCH_ROWS):
                end = start + raw.num_rows
                found = check(table.contract, raw, valued_on, start + 1, marks[start:end])
                faults += [fault.record() for fault in found.faults]
                rejected += found.rejected
                start = end
    return {"rows_in": rows, "rows_rejected": rejected, "faults": faults}
