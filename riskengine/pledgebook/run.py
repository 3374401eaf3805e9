"""Judging a whole book of pledges in a stream: verdicts, lending values, what falls due."""

import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
from numpy.typing import NDArray

from riskengine import __version__
from riskengine.checking import Deals, read_deals
from riskengine.duplicates import duplicate_rows
from riskengine.faults import Fault, FaultKind
from riskengine.files import REJECTED, Part, as_json, reject_batch, write_whole
from riskengine.gates.plan import OUTCOMES
from riskengine.gates.tapes import Rows, Tape, rows_of
from riskengine.market.snapshot import Snapshot
from riskengine.pledgebook.claims import TO_A_PERSON, Claims, claims_of, standing
from riskengine.pledgebook.read import Book, around, faults_at, read_book
from riskengine.pledgebook.results import Names, pledge_results
from riskengine.pledgebook.watch import watch_list
from riskengine.pledging.assess import Assessed, LawOf, assess
from riskengine.pledging.join import Standing, debts
from riskengine.portfolio import (
    OpenTable,
    TableFile,
    find_tables,
    open_table,
    read_rows,
    row_groups,
)
from riskengine.rights import RIGHTS
from riskengine.rights.comparables import COMPARABLES
from riskengine.rules import statute
from riskengine.table import Batch, check
from riskengine.valuation import Valuation, value

BATCH_ROWS = 65536
Progress = Callable[[int, int], None]
"""Told the pledges done and the pledges in all."""


@dataclass(slots=True)
class _Setting:
    """What a run is judged by, and what it has found so far."""

    valued_on: date
    market: Snapshot
    law: LawOf
    learned: Mapping[str, Any]
    deals: Deals
    within_days: float
    book: Book
    claims: Claims
    standing: Standing
    faults: list[Fault]
    outcomes: Counter[str] = field(default_factory=Counter)
    rules: Counter[str] = field(default_factory=Counter)
    money: dict[str, float] = field(default_factory=dict)
    watched: list[pa.RecordBatch] = field(default_factory=list)
    judged: int = 0


def judge_book(
    source: Path,
    out: Path,
    valued_on: date,
    *,
    market: Snapshot,
    law: LawOf,
    learned: Mapping[str, Any],
    within_days: float = 90.0,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Judge every pledge of a portfolio.

    Parameters
    ----------
    source : pathlib.Path
        Portfolio with rights, ``pledges`` and, where there are, ``loans`` and ``policies``.
    out : pathlib.Path
        Folder for ``pledges/<kind>.parquet``, ``watch.parquet`` and ``.csv``,
        ``rejected.parquet`` and ``.csv``, ``manifest.json``.
    valued_on : datetime.date
        Day of valuation.
    market : Snapshot
        Market figures.
    law : callable
        The law of a place, from its region code.
    learned : mapping of str to object
        Released price models by table.
    within_days : float
        How far ahead to list what falls due [day].
    progress : callable or None
        Told how far the run is.

    Returns
    -------
    dict
        The manifest: rows in = judged + rejected, outcomes, rules by how often they decide
        and by money, digests, seconds.

    Raises
    ------
    PortfolioError
        If there are no pledges, or a file cannot be read as a whole.
    """
    began = time.perf_counter()
    work = out / ".work"
    shutil.rmtree(work, ignore_errors=True)
    shutil.rmtree(out / "pledges", ignore_errors=True)
    work.mkdir(parents=True)
    files = find_tables(source, (*RIGHTS.values(), COMPARABLES, *around()))
    book = read_book(files, work, valued_on)
    claims = claims_of(book.pledges)
    setting = _Setting(
        valued_on, market, law, learned, read_deals(files, work, valued_on), within_days, book,
        claims, Standing(*(np.zeros(0),) * 3), list(book.faults),
    )  # fmt: skip
    tables = [
        (open_table(file, work), _pledges_on(book.pledges, file))
        for file in files if file.contract.table in RIGHTS
    ]  # fmt: skip
    setting.standing = _standing(setting, tables, work)
    done = np.zeros(book.pledges.size, dtype=bool)
    for table, rows in tables:
        part = Part(out / "pledges" / f"{table.contract.table}.parquet")
        for found, chosen in _batches(table, rows, setting, work):
            if not part.path.parent.exists():
                part.path.parent.mkdir(parents=True)
            part.write(_note(found, chosen, setting))
            done[chosen] = True
            if progress is not None:
                progress(int(done.sum()), book.pledges.size)
        part.close()
    setting.faults += faults_at(book.pledges, ~done, "right_id", FaultKind.UNKNOWN_RIGHT)
    book.rows_rejected["pledges"] += int((~done).sum())
    _write(out, setting)
    manifest = _manifest(setting, time.perf_counter() - began)
    write_whole(out / "manifest.json", as_json(manifest))
    shutil.rmtree(work)
    return manifest


def _pledges_on(pledges: Tape, file: TableFile) -> Rows:
    """Pledges on rights of one table."""
    kind = list(RIGHTS).index(file.contract.table)
    return np.flatnonzero(pledges.batch.columns["right_kind"] == kind)


def _rights(
    table: OpenTable, rows: Rows, setting: _Setting, work: Path
) -> Iterator[tuple[Batch, Rows, Rows]]:
    """Rights of one table that are pledged, batch by batch, with their pledges.

    The pledges are positions in the book, and of each the position of its right in the batch.
    """
    wanted = setting.book.pledges.text("right_id").take(pa.array(rows))
    repeats = np.zeros(table.rows, dtype=bool)
    repeats[duplicate_rows(table, work)] = True
    start = 0
    for raw in read_rows(table, range(len(row_groups(table))), BATCH_ROWS):
        stop = start + raw.num_rows
        batch = check(table.contract, raw, setting.valued_on, start + 1, repeats[start:stop]).batch
        start = stop
        right = rows_of(wanted, batch.ids)
        here = np.flatnonzero(right >= 0)
        if here.size:
            pledged, place = np.unique(right[here], return_inverse=True)
            yield batch.take(pledged), rows[here], place.reshape(-1)


def _value(batch: Batch, setting: _Setting) -> Valuation:
    """Values of one batch of rights."""
    market = setting.market.on(setting.valued_on)
    rules = statute().at(setting.valued_on)
    return value(batch, market, rules, setting.learned, setting.deals.comparables)


def _standing(setting: _Setting, tables: list[tuple[OpenTable, Rows]], work: Path) -> Standing:
    """What every pledge of the book secures and what others leave to it.

    Only pledges that share a loan need the values of their rights for it.
    """
    pledges, loans = setting.book.pledges, setting.book.loans
    worth = np.ones(pledges.size)
    named = pledges.text("loan_id").dictionary_encode()
    index = named.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    shared = (index >= 0) & (np.bincount(index + 1)[index + 1] > 1)
    for table, rows in tables:
        if shared[rows].any():
            for batch, chosen, place in _rights(table, rows[shared[rows]], setting, work):
                worth[chosen] = _value(batch, setting).reconciled[0][place]
    debt = debts(pledges, loans, worth)
    return Standing(debt, *standing(setting.claims, pledges, debt))


def _batches(
    table: OpenTable, rows: Rows, setting: _Setting, work: Path
) -> Iterator[tuple[Assessed, Rows]]:
    """Pledges on rights of one table, judged batch by batch, with their positions in the book."""
    book = setting.book
    for batch, chosen, place in _rights(table, rows, setting, work):
        found = assess(
            _value(batch, setting), book.pledges.take(chosen), place, book.loans, book.policies,
            standing=Standing(*(column[chosen] for column in setting.standing)), law=setting.law,
        )  # fmt: skip
        yield found, chosen


def _note(found: Assessed, chosen: Rows, setting: _Setting) -> pa.RecordBatch:
    """Count one batch, list what falls due on it, and return its results."""
    marks = setting.claims.marks[chosen]
    outcome = np.where(marks & int(TO_A_PERSON), np.maximum(found.outcome, 2), found.outcome)
    for k, name in enumerate(OUTCOMES):
        setting.outcomes[name] += int((outcome == k).sum())
    debt = np.nan_to_num(found.of.secured_yuan)
    names = Names(found)
    for code, rows in names.decisive():
        setting.rules[code] += rows.size
        setting.money[code] = setting.money.get(code, 0.0) + float(debt[rows].sum())
    setting.judged += chosen.size
    setting.watched.append(
        watch_list(found, _policy_ends(found, setting.book.policies), setting.within_days)
    )
    return pledge_results(found, names, outcome, marks)


def _policy_ends(found: Assessed, policies: Tape | None) -> NDArray[np.float64]:
    """Day on which the first policy on each right ends; NaN for none."""
    ends = np.full(found.of.size, np.inf)
    if policies is not None and policies.size:
        right = rows_of(policies.text("right_id"), found.of.rights.ids)
        kind = list(RIGHTS).index(found.of.table)
        here = (right >= 0) & (policies.batch.columns["right_kind"] == kind)
        np.minimum.at(ends, right[here], policies.batch.columns["ends_on"][here])
    return np.where(np.isinf(ends), np.nan, ends)


def _write(out: Path, setting: _Setting) -> None:
    """Leave the list of what falls due, and the rejects."""
    if setting.watched:
        watched = pa.Table.from_batches(setting.watched)
        order = [
            ("money_at_risk_yuan", "descending"),
            ("due_on", "ascending"),
            ("pledge_id", "ascending"),
            ("what", "ascending"),
        ]
        watched = watched.sort_by(order)
        pq.write_table(watched, out / "watch.parquet")
        pacsv.write_csv(watched, out / "watch.csv")
    faults = sorted(setting.faults, key=lambda fault: (fault.table, fault.row))
    batch = reject_batch(tuple(faults))
    pq.write_table(pa.Table.from_batches([batch], REJECTED), out / "rejected.parquet")
    pacsv.write_csv(pa.Table.from_batches([batch], REJECTED), out / "rejected.csv")


def _manifest(setting: _Setting, seconds: float) -> dict[str, Any]:
    """What was done, from what, and what it came to."""
    book = setting.book
    rows_in, rejected = book.rows_in["pledges"], book.rows_rejected["pledges"]
    assert rows_in == setting.judged + rejected, (rows_in, setting.judged, rejected)
    return {
        "rows_in": rows_in, "rows_judged": setting.judged, "rows_rejected": rejected,
        "engine_version": __version__, "valued_on": setting.valued_on.isoformat(),
        "rules_digest": setting.law("").digest, "market_digest": setting.market.digest,
        "around": {
            name: {"rows_in": rows, "rows_rejected": book.rows_rejected[name]}
            for name, rows in book.rows_in.items()
        },
        "outcomes": {name: setting.outcomes[name] for name in OUTCOMES},
        "rules": {
            code: {"pledges": count, "debt_yuan": round(setting.money[code], 2)}
            for code, count in setting.rules.most_common()
        },
        "claims": int((setting.claims.marks != 0).sum()),
        "watched": sum(batch.num_rows for batch in setting.watched),
        "within_days": setting.within_days,
        "seconds": round(seconds, 3),
        "rows_per_second": round(rows_in / seconds) if seconds > 0.0 else 0,
    }  # fmt: skip
