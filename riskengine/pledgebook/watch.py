"""What falls due in a book, by the money at risk: values, papers, terms, insurance, time limits."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from riskengine.gates.secured import Column
from riskengine.gates.tapes import Rows, Tape
from riskengine.pledgebook.due import Due, due
from riskengine.pledgebook.results import coded
from riskengine.pledging.assess import Assessed
from riskengine.words import Text

RED, YELLOW = "red", "yellow"
"""Overdue or grave, and all else."""
SHOWN = 50
"""Pledges of the list that the manifest and the page show."""
SOON = 60
"""Days ahead in which values that expire are work for now (practice notes 7.2, row 4)."""
WORDS = pa.dictionary(pa.int32(), pa.string())
SCHEMA = pa.schema([
    ("pledge_id", pa.string()), ("right_kind", WORDS), ("right_id", pa.string()),
    ("loan_id", pa.string()), ("region_code", WORDS), ("what", WORDS), ("title_zh", WORDS),
    ("title_en", WORDS), ("detail_zh", WORDS), ("detail_en", WORDS), ("level", WORDS),
    ("due_on", pa.date32()), ("days_left", pa.int32()), ("money_at_risk_yuan", pa.float64()),
])  # fmt: skip
"""Columns of the list."""
ORDER = (
    ("money_at_risk_yuan", "descending"), ("pledge_id", "ascending"), ("due_on", "ascending"),
    ("what", "ascending"),
)  # fmt: skip
"""How the list is ranked: the most money first, a pledge's entries together."""


def watch_list(found: Assessed, policies: Tape | None, within_days: float) -> pa.RecordBatch:
    """List what falls due within some days, is overdue, or has happened.

    Parameters
    ----------
    found : Assessed
        The pledges.
    policies : Tape or None
        Insurance policies.
    within_days : float
        How far to look ahead [day].

    Returns
    -------
    pyarrow.RecordBatch
        One row a pledge and thing, columns `SCHEMA`, not ranked.

    Notes
    -----
    Money at risk is the debt that the pledge secures; what the debt is not known of, the
    lending value.  A pledge with no money at risk, such as one whose loan is repaid, is
    not listed.
    """
    of = found.of
    money = np.where(np.isnan(of.secured_yuan), found.lending_value_yuan, of.secured_yuan)
    at_risk = money > 0.0
    kinds: list[Due] = []
    rows: list[Rows] = []
    for one in due(found, policies):
        near = one.day <= of.day + within_days
        if one.anyway is not None:
            near |= one.anyway
        listed = np.flatnonzero(near & at_risk & ~np.isnan(one.day))
        if listed.size:
            kinds.append(one)
            rows.append(listed)
    if not rows:
        return pa.RecordBatch.from_arrays(
            [pa.array([], kind.type) for kind in SCHEMA], schema=SCHEMA
        )
    return _batch(found, kinds, rows, money)


def _batch(found: Assessed, kinds: list[Due], rows: list[Rows], money: Column) -> pa.RecordBatch:
    """Rows of the list."""
    of = found.of
    which = np.repeat(np.arange(len(kinds)), [part.size for part in rows])
    row = np.concatenate(rows)
    day = np.floor(np.concatenate([one.day[part] for one, part in zip(kinds, rows, strict=True)]))
    left = day - of.day
    red = left < 0.0
    details: list[Rows] = []
    texts: list[Text] = []
    for one, part in zip(kinds, rows, strict=True):
        own = np.zeros(part.size, dtype=np.int64) if one.detail is None else one.detail[part]
        details.append(own + len(texts))
        texts += one.details
    grave = [
        np.zeros(p.size, dtype=bool) if k.red is None else k.red[p]
        for k, p in zip(kinds, rows, strict=True)
    ]
    red |= np.concatenate(grave)
    detail, index = np.concatenate(details), pa.array(row)
    pledges = found.pledges
    return pa.RecordBatch.from_arrays([
        pledges.batch.ids.take(index).cast(pa.string()),
        coded(np.zeros(row.size, dtype=np.int64), [of.table]),
        pledges.text("right_id").take(index), pledges.text("loan_id").take(index),
        coded(of.rights.region_index[row], of.rights.regions),
        coded(which, [one.what for one in kinds]),
        coded(which, [one.title.zh for one in kinds]),
        coded(which, [one.title.en for one in kinds]),
        coded(detail, [text.zh for text in texts]), coded(detail, [text.en for text in texts]),
        coded(red.astype(np.int64), [YELLOW, RED]),
        pa.array(day.astype(np.int32)).cast(pa.date32()), pa.array(left.astype(np.int32)),
        pa.array(money[row]),
    ], schema=SCHEMA)  # fmt: skip


def ranked(parts: Sequence[pa.RecordBatch]) -> pa.Table:
    """Put the parts of a list together, the most money at risk first.

    Parameters
    ----------
    parts : sequence of pyarrow.RecordBatch
        As `watch_list` makes them.

    Returns
    -------
    pyarrow.Table
        Columns `SCHEMA`, in the order `ORDER`; the same whatever the order of the parts.
    """
    whole = pa.Table.from_batches(parts, SCHEMA).unify_dictionaries().combine_chunks()
    words = [field.name for field in SCHEMA if pa.types.is_dictionary(field.type)]
    keys = pa.table({
        name: whole[name].cast(pa.string()) if name in words else whole[name] for name, _ in ORDER
    })  # fmt: skip
    return whole.take(pc.sort_indices(keys, list(ORDER)))


def watch_summary(watched: pa.Table) -> dict[str, Any]:
    """Sum up a list for the manifest.

    Parameters
    ----------
    watched : pyarrow.Table
        The whole list, ranked.

    Returns
    -------
    dict
        ``rows``, ``pledges``; ``kinds`` by name with title, pledges, money at risk, those
        that are red; ``queue``, the work for now; ``first``, the `SHOWN` pledges with the
        most money at risk, each with all its entries.
    """
    ids = watched["pledge_id"].combine_chunks()
    money = watched["money_at_risk_yuan"].to_numpy()
    red = pc.equal(watched["level"].cast(pa.string()), RED).to_numpy()
    what = watched["what"].cast(pa.string()).to_numpy()
    left = watched["days_left"].to_numpy()
    kinds = {}
    for name in sorted(set(what.tolist())):
        hit = np.flatnonzero(what == name)
        first = watched.slice(int(hit[0]), 1).to_pylist()[0]
        kinds[name] = {
            "title_zh": first["title_zh"], "title_en": first["title_en"], **_money(money, hit),
            "red_pledges": int(red[hit].sum()),
            "red_debt_yuan": round(float(money[hit][red[hit]].sum()), 2),
        }  # fmt: skip
    order = sorted(kinds.items(), key=lambda item: (-item[1]["debt_yuan"], item[0]))
    queue = {
        "values_expiring": (what == "revaluation") & (left <= SOON),
        "right_ends_inside_loan": what == "right_ends_inside_loan", "sealed": what == "sealed",
        "idle": what == "idle", "insurance_lapsed": (what == "insurance_ends") & (left < 0),
    }  # fmt: skip
    return {
        "rows": watched.num_rows, "pledges": int(pc.count_distinct(ids).as_py()),
        "kinds": dict(order),
        "queue": {name: _money(money, np.flatnonzero(hit)) for name, hit in queue.items()},
        "first": _first(watched),
    }  # fmt: skip


def _money(money: Column, rows: Rows) -> dict[str, float]:
    """Pledges of some rows, one a row, and their money at risk."""
    return {"pledges": int(rows.size), "debt_yuan": round(float(money[rows].sum()), 2)}


def _first(watched: pa.Table) -> list[dict[str, Any]]:
    """The pledges with the most money at risk, each with all its entries."""
    found: dict[str, dict[str, Any]] = {}
    for row in watched.slice(0, SHOWN * 64).to_pylist():
        if row["pledge_id"] not in found and len(found) == SHOWN:
            break
        pledge = found.setdefault(row["pledge_id"], {
            **{name: row[name] for name in ("pledge_id", "right_kind", "right_id", "loan_id")},
            "money_at_risk_yuan": round(row["money_at_risk_yuan"], 2), "entries": [],
        })  # fmt: skip
        pledge["entries"].append(_entry(row))
    return list(found.values())


def _entry(row: Mapping[str, Any]) -> dict[str, Any]:
    """One entry of a pledge."""
    names = ("what", "title_zh", "title_en", "detail_zh", "detail_en", "level", "days_left")
    return {**{name: row[name] for name in names}, "due_on": row["due_on"].isoformat()}
