"""Writing the synthetic tables around the rights: pledges, loans, policies."""

import hashlib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from riskengine.sample.pledges import sample_loans, sample_pledges, sample_policies

GROUP_ROWS = 131072
INSURED = {"land": 0.3, "forest": 0.5, "homestead": 0.4}
"""Share of rights of some kinds on which a policy runs."""


def write_pledges(
    out: Path, worth: Mapping[str, NDArray[np.float64]], seed: int, valued_on: date
) -> dict[str, int]:
    """Write a pledge on every right, the loans that they secure, and policies on some.

    Parameters
    ----------
    out : pathlib.Path
        Folder of the sample.
    worth : mapping of str to (n,) float64
        Value of every right by table [yuan].
    seed : int
        The same seed gives the same bytes.
    valued_on : datetime.date
        Day around which days are drawn.

    Returns
    -------
    dict of str to int
        Rows by table.
    """
    note = {"synthetic": f"yes; seed {seed}"}
    parts: list[pa.Table] = []
    covers: list[pa.Table] = []
    loans: dict[str, float] = {}
    for table, values in worth.items():
        rng = _chance(seed, f"pledges|{table}")
        ids = [f"SAMPLE-{table.upper()}-{k:09d}" for k in range(values.size)]
        columns = dict(sample_pledges(rng, table, values.size, len(loans), valued_on))
        columns |= _certified(out / f"{table}.parquet", columns["created_on"])
        for loan, value in zip(columns["loan_id"].tolist(), values.tolist(), strict=True):
            loans[loan] = loans.get(loan, 0.0) + (value if value > 0.0 else 0.0)
        named = {
            "pledge_id": pa.array([f"SAMPLE-PLEDGE-{name[7:]}" for name in ids]),
            "right_kind": pa.array([table] * values.size).dictionary_encode(),
            "right_id": pa.array(ids),
        }
        parts.append(
            pa.table(named | {name: _arrow(name, cells) for name, cells in columns.items()})
        )
        if table in INSURED:
            chosen = [name for name in ids if rng.random() < INSURED[table]]
            drawn = sample_policies(rng, table, chosen, valued_on)
            numbers = pa.array([f"SAMPLE-POLICY-{name[7:]}" for name in chosen])
            covers.append(
                pa.table(
                    {"policy_id": numbers} | {name: _arrow(name, c) for name, c in drawn.items()}
                )
            )
    lent = sample_loans(
        _chance(seed, "loans"), list(loans), np.array(list(loans.values())), valued_on
    )
    tables = {
        "pledges": pa.concat_tables(parts, promote_options="permissive"),
        "loans": pa.table({name: _arrow(name, cells) for name, cells in lent.items()}),
        "policies": pa.concat_tables(covers) if covers else None,
    }
    counts = {}
    for name, table in tables.items():
        if table is not None and table.num_rows:
            whole = table.unify_dictionaries().replace_schema_metadata(note)
            pq.write_table(
                whole, out / f"{name}.parquet", compression="lz4", row_group_size=GROUP_ROWS
            )
            counts[name] = table.num_rows
    return counts


def _certified(path: Path, created: NDArray[np.datetime64]) -> dict[str, Any]:
    """Areas on the certificates, those of the rights, and first days of transfers."""
    names = pq.read_schema(path).names
    area = next((n for n in ("area_mu", "area_m2", "building_area_m2") if n in names), None)
    found: dict[str, Any] = {}
    if area is not None:
        unit = "mu" if area.endswith("mu") else "m2"
        found[f"certified_area_{unit}"] = pq.read_table(path, columns=[area])[area].to_numpy()
    if "lease_end" in names:
        found["transfer_starts_on"] = created - np.timedelta64(1500, "D")
    return found


def _chance(seed: int, name: str) -> np.random.Generator:
    """A generator of its own for each table."""
    key = int.from_bytes(hashlib.sha256(f"{seed}|{name}".encode()).digest()[:8])
    return np.random.Generator(np.random.Philox(key=key))


def _arrow(name: str, values: Any) -> pa.Array:
    """A drawn column; NaN, NaT and None are missing, words are stored once each."""
    array = pa.array(values, from_pandas=True)
    words = pa.types.is_string(array.type) and not name.endswith("_id")
    return array.dictionary_encode() if words else array
