"""Writing a synthetic portfolio in a stream, so that its size is not bound by memory."""

import hashlib
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from riskengine.sample import SAMPLES

GROUP_ROWS = 131072
SHARES = {
    "land": 0.50, "forest": 0.20, "homestead": 0.15, "construction": 0.05, "equity": 0.06,
    "ecology": 0.04,
}  # fmt: skip
"""Share of each kind of right in a sample."""


def write_sample(out: Path, rows: int, seed: int, valued_on: date) -> dict[str, Any]:
    """Write a seeded synthetic portfolio, one Parquet file a kind of right.

    Parameters
    ----------
    out : pathlib.Path
        Folder; made when missing.
    rows : int
        Rows in all, >= 1.
    seed : int
        The same seed gives the same bytes.
    valued_on : datetime.date
        Valuation date around which dates are drawn.

    Returns
    -------
    dict
        Rows by table, and the seed.
    """
    out.mkdir(parents=True, exist_ok=True)
    (out / "README.md").write_text(
        f"# 合成样本 SYNTHETIC sample\n\nInvented rows, seed {seed}, {rows} rows, dates around "
        f"{valued_on}. No person, parcel or deal in it exists.\n",
        encoding="utf-8",
    )
    counts = _counts(rows)
    for table, count in counts.items():
        _write_table(out / f"{table}.parquet", table, count, seed, valued_on)
    return {"seed": seed, "rows": counts, "synthetic": True}


def _counts(rows: int) -> dict[str, int]:
    """Rows of each table; the first takes what rounding leaves."""
    total = sum(SHARES[table] for table in SAMPLES)
    counts = {table: int(rows * SHARES[table] / total) for table in SAMPLES}
    counts["land"] += rows - sum(counts.values())
    return {table: count for table, count in counts.items() if count}


def _write_table(path: Path, table: str, rows: int, seed: int, valued_on: date) -> None:
    """One table in row groups, each from its own counter-based generator."""
    key = int.from_bytes(hashlib.sha256(f"{seed}|{table}".encode()).digest()[:8])
    writer: pq.ParquetWriter | None = None
    for group, start in enumerate(range(0, rows, GROUP_ROWS)):
        size = min(GROUP_ROWS, rows - start)
        rng = np.random.Generator(np.random.Philox(key=key, counter=group << 128))
        columns = dict(SAMPLES[table](rng, size, valued_on))
        ids = [f"SAMPLE-{table.upper()}-{start + k:09d}" for k in range(size)]
        known = rng.random(size) < 0.8
        previous = np.where(known, np.round(rng.lognormal(11.0, 1.2, size), 0), np.nan)
        block = pa.RecordBatch.from_pydict(
            {"right_id": ids, **{name: _arrow(values) for name, values in columns.items()},
             "previous_value_yuan": pa.array(previous, from_pandas=True)}
        )  # fmt: skip
        schema = block.schema.with_metadata({"synthetic": f"yes; seed {seed}"})
        writer = writer or pq.ParquetWriter(path, schema, compression="lz4")
        writer.write_batch(block.replace_schema_metadata(schema.metadata))
    if writer is not None:
        writer.close()


def _arrow(values: Any) -> pa.Array:
    """A drawn column; NaN and NaT are missing, words are stored once each."""
    array = pa.array(values, from_pandas=True)
    return array.dictionary_encode() if pa.types.is_string(array.type) else array
