"""Writing a synthetic portfolio in a stream, so that its size is not bound by memory."""

import hashlib
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from riskengine.market import demonstration
from riskengine.rights import RIGHTS
from riskengine.rules import statute
from riskengine.sample import SAMPLES
from riskengine.sample.around import write_pledges
from riskengine.sample.book import write_guarantee_book
from riskengine.sample.comparables import sample_comparables
from riskengine.table import check
from riskengine.valuation import value

GROUP_ROWS = 131072
DEALS = 5000
"""Comparable deals beside a sample, at most."""

KNOWN = 0.8
"""Share of rights that were valued before."""

SHARES = {
    "land": 0.50, "forest": 0.20, "homestead": 0.15, "construction": 0.05, "equity": 0.06,
    "ecology": 0.04,
}  # fmt: skip
"""Share of each kind of right in a sample."""


def write_sample(out: Path, rows: int, seed: int, valued_on: date) -> dict[str, Any]:
    """Write a seeded synthetic portfolio, one Parquet file a kind of right or other table.

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
    worth = {
        table: _write_table(out / f"{table}.parquet", table, count, seed, valued_on)
        for table, count in counts.items()
    }
    _write_deals(out / "comparables.parquet", min(DEALS, rows), seed, valued_on)
    around = write_pledges(out, worth, seed, valued_on)
    book = write_guarantee_book(out, seed, valued_on)
    return {"seed": seed, "rows": counts, "around": around, "book": book, "synthetic": True}


def _counts(rows: int) -> dict[str, int]:
    """Rows of each table; the first takes what rounding leaves."""
    total = sum(SHARES[table] for table in SAMPLES)
    counts = {table: int(rows * SHARES[table] / total) for table in SAMPLES}
    counts["land"] += rows - sum(counts.values())
    return {table: count for table, count in counts.items() if count}


def _write_table(
    path: Path, table: str, rows: int, seed: int, valued_on: date
) -> NDArray[np.float64]:
    """One table in row groups, each from its own generator; returns the values of its rights."""
    worth: list[NDArray[np.float64]] = []
    key = int.from_bytes(hashlib.sha256(f"{seed}|{table}".encode()).digest()[:8])
    writer: pq.ParquetWriter | None = None
    for group, start in enumerate(range(0, rows, GROUP_ROWS)):
        size = min(GROUP_ROWS, rows - start)
        rng = np.random.Generator(np.random.Philox(key=key, counter=group << 128))
        columns = dict(SAMPLES[table](rng, size, valued_on))
        ids = [f"SAMPLE-{table.upper()}-{start + k:09d}" for k in range(size)]
        arrays = {"right_id": pa.array(ids)} | {k: _arrow(v) for k, v in columns.items()}
        previous, now = _previous(pa.RecordBatch.from_pydict(arrays), table, valued_on, rng)
        worth.append(now)
        block = pa.RecordBatch.from_pydict(arrays | {"previous_value_yuan": previous})
        schema = block.schema.with_metadata({"synthetic": f"yes; seed {seed}"})
        writer = writer or pq.ParquetWriter(path, schema, compression="lz4")
        writer.write_batch(block.replace_schema_metadata(schema.metadata))
    if writer is not None:
        writer.close()
    return np.concatenate(worth)


def _write_deals(path: Path, rows: int, seed: int, valued_on: date) -> None:
    """Synthetic comparable deals beside the rights."""
    key = int.from_bytes(hashlib.sha256(f"{seed}|comparables".encode()).digest()[:8])
    columns = sample_comparables(np.random.Generator(np.random.Philox(key=key)), rows, valued_on)
    ids = pa.array([f"SAMPLE-DEAL-{k:06d}" for k in range(rows)])
    named = {"comparable_id": ids} | {name: _arrow(values) for name, values in columns.items()}
    table = pa.table(named).replace_schema_metadata({"synthetic": f"yes; seed {seed}"})
    pq.write_table(table, path, compression="lz4")


def _previous(
    rows: pa.RecordBatch, table: str, valued_on: date, rng: np.random.Generator
) -> tuple[pa.Array, NDArray[np.float64]]:
    """Invent last year's values: today's under the demonstration market, moved by chance."""
    checked = check(RIGHTS[table], rows, valued_on)
    market, rules = demonstration().on(valued_on), statute().at(valued_on)
    now = value(checked.batch, market, rules).reconciled[0]
    moved = np.round(now * rng.lognormal(-0.02, 0.15, now.size), 0)
    held, today = np.full((2, rows.num_rows), np.nan)
    held[checked.batch.rows - 1] = np.where(rng.random(now.size) < KNOWN, moved, np.nan)
    today[checked.batch.rows - 1] = now
    return pa.array(held, from_pandas=True), today


def _arrow(values: Any) -> pa.Array:
    """A drawn column; NaN and NaT are missing, words are stored once each."""
    array = pa.array(values, from_pandas=True)
    return array.dictionary_encode() if pa.types.is_string(array.type) else array
