"""Rows of cases laid out as the tables that the engine values and judges."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from riskengine.casefile.plain import Row, columns_of
from riskengine.gates.tables import pledges, policies
from riskengine.gates.tapes import Tape
from riskengine.rights import RIGHTS
from riskengine.single import cell_text
from riskengine.table import Batch


def batch_of(table: str, rows: Sequence[Row]) -> Batch:
    """Return rights of one kind as a batch.

    Parameters
    ----------
    table : str
        Kind of right.
    rows : sequence of Row
        The rights.

    Returns
    -------
    Batch
        One row a right, numbered from 1.
    """
    places = {region: k for k, region in enumerate(dict.fromkeys(row.region for row in rows))}
    index = np.array([places[row.region] for row in rows], dtype=np.int64)
    ids = pa.array([cell_text(row.cells.get("right_id")) for row in rows], pa.string())
    numbers = np.arange(1, len(rows) + 1, dtype=np.int64)
    return Batch(RIGHTS[table], ids, numbers, columns_of(table, rows), tuple(places), index)


def tape(table: str, rows: Sequence[Row]) -> Tape:
    """Return papers or policies as a tape without texts.

    Parameters
    ----------
    table : {"pledges", "policies"}
        The table.
    rows : sequence of Row
        Its rows.

    Returns
    -------
    Tape
        The rows.
    """
    contract = pledges() if table == "pledges" else policies()
    name = contract.identifier.name
    ids = pa.array([cell_text(row.cells.get(name)) for row in rows], pa.string())
    numbers = np.arange(1, len(rows) + 1, dtype=np.int64)
    none = np.zeros(len(rows), dtype=np.int64)
    return Tape(Batch(contract, ids, numbers, columns_of(table, rows), ("",), none), {})
