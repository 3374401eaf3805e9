"""Writing the synthetic tables around the rights: pledges, loans, policies."""

import hashlib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from riskengine.sample.lending import loan_terms, past_loans
from riskengine.sample.pledges import sample_loans, sample_pledges, sample_policies

GROUP_ROWS = 131072
INSURED = {"land": 0.3, "forest": 0.5, "homestead": 0.7}
"""Share of pledged rights of some kinds on which a policy is written."""
TAKEN: Mapping[tuple[str, str], float] = {
    ("land", "lease_yearly"): 0.25, ("construction", "lease"): 0.3,
    ("ecology", "value_account"): 0.3,
}  # fmt: skip
"""Share of rights that lenders take where they are shy of a case; all of the others."""
AGAIN, TWICE, CODED, SMALL = 0.03, 0.004, 0.05, 0.004
"""Shares of pledges: right pledged again, paper of another right, codes stated, area too large."""
FACTS = ("kind", "region_code", "lease_end", "area_mu", "area_m2", "building_area_m2")
"""Columns of the rights that pledges are drawn around."""


def write_pledges(
    out: Path, worth: Mapping[str, NDArray[np.float64]], seed: int, valued_on: date
) -> dict[str, int]:
    """Write pledges on most rights, the loans that they secure, and policies on some.

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
    parts: dict[str, list[pa.Table]] = {"pledges": [], "loans": [], "policies": []}
    loans = 0
    for table, values in worth.items():
        rng = chance(seed, f"pledges|{table}")
        rights = _rights(out / f"{table}.parquet", table, rng)
        columns = _pledged(rng, table, rights, loans, valued_on)
        parts["pledges"].append(pa.table(columns))
        lent = _lent(rng, columns, values[rights["row"]], valued_on)
        loans += len(lent["loan_id"])
        terms = loan_terms(
            chance(seed, f"loans|{table}"), table, lent, _places(columns, rights), valued_on
        )
        parts["loans"].append(_worded({**lent, **terms}))
        if table in INSURED:
            insured = np.flatnonzero(rng.random(rights["row"].size) < INSURED[table])
            ids = rights["right_id"].take(pa.array(insured))
            drawn = sample_policies(rng, table, ids, valued_on)
            numbers = {"policy_id": pc.replace_substring(ids, "SAMPLE-", "SAMPLE-POLICY-")}
            covers = {name: _arrow(cells) for name, cells in drawn.items()}
            parts["policies"].append(pa.table(numbers | covers))
    if parts["loans"]:
        owed = pa.concat_tables(parts["loans"], promote_options="permissive")
        parts["loans"].append(past_loans(chance(seed, "loans|past"), owed, valued_on))
    counts = {}
    for name, tables in parts.items():
        whole = pa.concat_tables(tables, promote_options="permissive") if tables else None
        if whole is not None and whole.num_rows:
            whole = whole.unify_dictionaries().replace_schema_metadata(
                {"synthetic": f"yes; seed {seed}"}
            )
            pq.write_table(
                whole, out / f"{name}.parquet", compression="lz4", row_group_size=GROUP_ROWS
            )
            counts[name] = whole.num_rows
    return counts


def _rights(path: Path, table: str, rng: np.random.Generator) -> dict[str, Any]:
    """Rights of one table that are pledged: their rows, identifiers and some columns."""
    names = [name for name in FACTS if name in pq.read_schema(path).names]
    read = pq.read_table(path, columns=["right_id", *names])
    kind = read["kind"].cast(pa.string()).to_numpy()
    taken = np.ones(kind.size)
    for (whose, case), share in TAKEN.items():
        if whose == table:
            taken[kind == case] = share
    row = np.flatnonzero(rng.random(kind.size) < taken)
    some = read.take(pa.array(row)).combine_chunks()
    return {"row": row} | {
        name: some[name].chunk(0) if name == "right_id" else some[name].to_numpy()
        for name in ("right_id", *names)
    }


def _pledged(
    rng: np.random.Generator, table: str, rights: Mapping[str, Any], loans: int, valued_on: date
) -> dict[str, pa.Array]:
    """Pledges on the rights of one table, some rights pledged a second time."""
    size, day = rights["row"].size, np.datetime64(valued_on)
    drawn = sample_pledges(rng, table, size, loans, valued_on)
    columns = {name: _arrow(cells) for name, cells in drawn.items()}
    columns |= _papers(rng, table, rights)
    if "lease_end" in rights:
        began = drawn["created_on"] - rng.integers(30, 2500, size).astype("timedelta64[D]")
        soonest = np.minimum(rights["lease_end"] - np.timedelta64(7300, "D"), day)
        columns["transfer_starts_on"] = _arrow(np.maximum(began, soonest))
    ids = rights["right_id"]
    named = {
        "pledge_id": pc.replace_substring(ids, "SAMPLE-", "SAMPLE-PLEDGE-"),
        "right_kind": pa.array([table] * size).dictionary_encode(), "right_id": ids,
    }  # fmt: skip
    return _again(rng, named | columns, day)


def _again(
    rng: np.random.Generator, columns: dict[str, pa.Array], day: np.datetime64
) -> dict[str, pa.Array]:
    """The same pledges and some of them once more for another loan, most with their ranks."""
    size = len(columns["pledge_id"])
    rows = np.flatnonzero(rng.random(size) < AGAIN)
    second = {name: column.take(pa.array(rows)) for name, column in columns.items()}
    second["pledge_id"] = pc.binary_join_element_wise(second["pledge_id"], "2", "-")
    second["loan_id"] = pc.replace_substring(second["right_id"], "SAMPLE-", "SAMPLE-LOAN-")
    created = columns["created_on"].to_numpy(zero_copy_only=False)[rows]
    second["created_on"] = _arrow(
        created + ((day - created).astype(np.int64) * rng.random(rows.size)).astype("m8[D]")
    )
    rank, own = np.full(size, np.nan), np.full(rows.size, np.nan)
    chance = rng.random(rows.size)
    rank[rows] = np.where(chance < 0.8, 1.0, np.nan)
    own[:] = np.select([chance < 0.7, chance < 0.8], [2.0, 1.0], np.nan)
    columns["rank"], second["rank"] = _arrow(rank), _arrow(own)
    return {
        name: pa.concat_arrays([columns[name], second[name]])
        if not pa.types.is_dictionary(columns[name].type)
        else pa.chunked_array([columns[name], second[name]]).unify_dictionaries().combine_chunks()
        for name in columns
    }  # fmt: skip


def _papers(rng: np.random.Generator, table: str, rights: Mapping[str, Any]) -> dict[str, pa.Array]:
    """Certificates, areas and codes; here and there those of the right before."""
    size = rights["row"].size
    found: dict[str, pa.Array] = {}
    numbers = pc.replace_substring(rights["right_id"], "SAMPLE-", "SAMPLE-CERTIFICATE-")
    found["certificate_no"] = numbers.take(pa.array(_borrowed(rng, size)))
    area = next((n for n in ("area_mu", "building_area_m2", "area_m2") if n in rights), None)
    if area is not None:
        unit = "mu" if area.endswith("mu") else "m2"
        whole = np.where(np.isnan(rights[area]), 100.0, rights[area])
        found[f"pledged_area_{unit}"] = _arrow(whole)
        less = np.where(rng.random(size) < SMALL, 0.8, 1.0)
        found[f"certified_area_{unit}"] = _arrow(whole * less)
    stated, copied = rng.random(size) < CODED, rng.random(size) < 0.3 * CODED * CODED
    stated[:-1] |= copied[1:]
    copied = np.maximum(np.arange(size) - copied, 0)
    places = pa.array(rights["region_code"], pa.string())
    serial = pc.utf8_lpad(pa.array(rights["row"] % 100000).cast(pa.string()), 5, "0")
    codes = {}
    if table == "land":
        codes["issuer_code"] = pc.binary_join_element_wise(places, "01", "")
        codes["parcel_code"] = pc.binary_join_element_wise(places, "01", serial, "")
    if table == "homestead":
        county = pc.utf8_slice_codeunits(places, 0, 6)
        codes["unit_code"] = pc.binary_join_element_wise(
            county, "001001JC", serial, "F00010001", ""
        )
    for name, column in codes.items():
        found[name] = pc.if_else(pa.array(stated), column, None).take(pa.array(copied))
    return found


def _borrowed(rng: np.random.Generator, size: int) -> NDArray[np.int64]:
    """Rows from which papers are copied: mostly the own row, here and there the one before."""
    own = np.arange(size)
    return np.maximum(own - (rng.random(size) < TWICE), 0)


def _lent(
    rng: np.random.Generator,
    columns: Mapping[str, pa.Array],
    values: NDArray[np.float64],
    valued_on: date,
) -> Mapping[str, Any]:
    """Loans that the pledges of one table secure, by what secures them."""
    encoded = columns["loan_id"].dictionary_encode()
    loan = encoded.indices.to_numpy()
    again = loan.size - values.size
    ids = columns["right_id"].dictionary_encode().indices.to_numpy()
    worth = np.nan_to_num(values)[ids]
    worth[loan.size - again :] *= 0.3
    total = np.bincount(loan, np.maximum(worth, 0.0)).astype(np.float64)
    _, first = np.unique(loan, return_index=True)
    created = columns["created_on"].to_numpy(zero_copy_only=False)[first]
    day = np.datetime64(valued_on)
    paid = np.minimum(created + rng.integers(0, 20, first.size).astype("timedelta64[D]"), day)
    return sample_loans(rng, encoded.dictionary, total, valued_on, paid)


def _places(columns: Mapping[str, pa.Array], rights: Mapping[str, Any]) -> NDArray[np.str_]:
    """Region of the first right behind each loan."""
    loan = columns["loan_id"].dictionary_encode().indices.to_numpy()
    _, first = np.unique(loan, return_index=True)
    right = columns["right_id"].dictionary_encode().indices.to_numpy()[first]
    places: NDArray[np.str_] = np.asarray(rights["region_code"], dtype=str)[right]
    return places


def chance(seed: int, name: str) -> np.random.Generator:
    """Return a generator of its own for each table.

    Parameters
    ----------
    seed : int
        Seed of the sample.
    name : str
        What is drawn.

    Returns
    -------
    numpy.random.Generator
        The same for the same seed and name.
    """
    key = int.from_bytes(hashlib.sha256(f"{seed}|{name}".encode()).digest()[:8])
    return np.random.Generator(np.random.Philox(key=key))


def _arrow(values: Any) -> pa.Array:
    """A drawn column; NaN and NaT are missing."""
    return values if isinstance(values, pa.Array) else pa.array(values, from_pandas=True)


def _worded(columns: Mapping[str, Any]) -> pa.Table:
    """A table whose words are stored once each; identifiers stay as they are."""
    arrays = {name: _arrow(cells) for name, cells in columns.items()}
    own = ("loan_id", "borrower_id")
    return pa.table({
        name: array.dictionary_encode()
        if pa.types.is_string(array.type) and name not in own else array
        for name, array in arrays.items()
    })  # fmt: skip
