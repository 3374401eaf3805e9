"""Writing the synthetic tables of a guarantee book beside a sample of pledged rights."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from riskengine.sample.around import GROUP_ROWS, chance
from riskengine.sample.guarantees import sample_guarantees
from riskengine.sample.lending import sample_borrowers
from riskengine.sample.programmes import sample_funds, sample_layers
from riskengine.sample.statements import sample_statements

Columns = Mapping[str, Any]


def write_guarantee_book(out: Path, seed: int, valued_on: date) -> dict[str, int]:
    """Write borrowers, guarantees, layers, funds and statements for the loans of a sample.

    Parameters
    ----------
    out : pathlib.Path
        Folder of the sample.
    seed : int
        The same seed gives the same bytes.
    valued_on : datetime.date
        Day of the book.

    Returns
    -------
    dict of str to int
        Rows by table; nothing where the sample has no loans or none of them is guaranteed.
    """
    path = out / "loans.parquet"
    if not path.exists():
        return {}
    loans = pq.read_table(path)
    counts = {"borrowers": _write(
        out / "borrowers.parquet", sample_borrowers(chance(seed, "borrowers"), loans), seed
    )}  # fmt: skip
    guarantees = sample_guarantees(chance(seed, "guarantees"), loans, valued_on)
    if not len(guarantees["loan_id"]):
        return counts
    for name, columns in _behind(guarantees, seed, valued_on).items():
        counts[name] = _write(out / f"{name}.parquet", columns, seed)
    return counts


def _behind(guarantees: Columns, seed: int, valued_on: date) -> dict[str, Columns]:
    """The guarantees, and the layers, funds and statements that stand behind them."""
    programme = guarantees["programme_id"]
    in_force = np.where(guarantees["state"] == "in_force", guarantees["in_force_balance_yuan"], 0.0)
    county = np.array([name.rsplit("-", 1)[1] for name in programme.tolist()])
    places, place = np.unique(county, return_inverse=True)
    by_county = np.bincount(place.reshape(-1), in_force).astype(np.float64)
    own = in_force * guarantees["own_share"] / guarantees["guaranteed_share"]
    left = np.nan_to_num(guarantees["compensated_yuan"])
    left = left - np.nan_to_num(guarantees["recovered_yuan"])
    return {
        "guarantees": guarantees,
        "layers": sample_layers(np.unique(programme).tolist()),
        "funds": sample_funds(chance(seed, "funds"), places, by_county),
        "statements": sample_statements(
            float(own.sum()), float(in_force @ guarantees["fee_rate_per_year"]),
            float(left.sum()), valued_on,
        ),
    }  # fmt: skip


def _write(path: Path, columns: Columns, seed: int) -> int:
    """One table, its words stored once each but for the identifier."""
    arrays: dict[str, pa.Array] = {}
    for name, cells in columns.items():
        array = cells if isinstance(cells, pa.Array) else pa.array(cells, from_pandas=True)
        words = pa.types.is_string(array.type) and bool(arrays)
        arrays[name] = array.dictionary_encode() if words else array
    table = pa.table(arrays).replace_schema_metadata({"synthetic": f"yes; seed {seed}"})
    pq.write_table(table, path, compression="lz4", row_group_size=GROUP_ROWS)
    return int(table.num_rows)
