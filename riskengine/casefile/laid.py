"""Rows of cases laid out as the tables that the engine values and judges."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from riskengine.casefile.plain import Row, columns_of
from riskengine.gates.tables import pledges, policies
from riskengine.gates.tapes import Tape
from riskengine.rights import RIGHTS
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
        One row a right, numbered from 1; identifiers are left out, since nobody asks for them.
    """
    places = {region: k for k, region in enumerate(dict.fromkeys(row.region for row in rows))}
    index = np.array([places[row.region] for row in rows], dtype=np.int64)
    numbers = np.arange(1, len(rows) + 1, dtype=np.int64)
    return Batch(
        RIGHTS[table], nameless(len(rows)), numbers, columns_of(table, rows), tuple(places), index
    )


def tape(table: str, rows: Sequence[Row]) -> Tape:
    """Return papers or policies as a tape without texts and identifiers.

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
    numbers = np.arange(1, len(rows) + 1, dtype=np.int64)
    none = np.zeros(len(rows), dtype=np.int64)
    return Tape(
        Batch(contract, nameless(len(rows)), numbers, columns_of(table, rows), ("",), none), {}
    )


def nameless(size: int) -> pa.Array:
    """Return identifiers of rows that have none.

    Parameters
    ----------
    size : int
        Number of rows.

    Returns
    -------
    pyarrow.Array
        Nulls.
    """
    return pa.nulls(size, pa.string())
