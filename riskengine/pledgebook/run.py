"""Judging a whole book of pledges in a stream: verdicts, lending values, what falls due.

Everything is made in a work folder and moved into place at the end, the manifest last: a
folder with a manifest holds one whole run, and a run that is refused or killed before that
leaves the results of the one before it as they were.
"""

import json
import shutil
import time
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
from riskengine.cells import as_text
from riskengine.checking import Deals, read_deals
from riskengine.duplicates import duplicate_rows
from riskengine.errors import PortfolioError
from riskengine.faults import Fault, FaultKind
from riskengine.files import REJECTED, Part, as_json, reject_batch, sha256_of, write_whole
from riskengine.folder import (
    OpenTable,
    TableFile,
    find_tables,
    open_table,
    read_rows,
    row_groups,
)
from riskengine.gates.plan import OUTCOMES
from riskengine.gates.tapes import Rows, rows_of
from riskengine.market.snapshot import Snapshot, SnapshotDay
from riskengine.pledgebook.claims import (
    TO_A_PERSON,
    Claims,
    claims_of,
    standing,
    with_unknown_seniors,
)
from riskengine.pledgebook.read import Book, around, faults_at, read_book
from riskengine.pledgebook.report import report_page
from riskengine.pledgebook.results import Names, pledge_results
from riskengine.pledgebook.tally import Tally, fault_counts
from riskengine.pledgebook.watch import ranked, watch_list, watch_summary
from riskengine.pledging.assess import Assessed, LawOf, assess
from riskengine.pledging.join import Standing, as_lent_on, debts
from riskengine.rights import RIGHTS
from riskengine.rights.comparables import COMPARABLES
from riskengine.rules import Rules, statute
from riskengine.table import Batch, check
from riskengine.valuation import Valuation, value
from riskengine.words import Text

BATCH_ROWS = 65536
MANIFEST = "manifest.json"
LEFT = (
    "pledges", "watch.parquet", "watch.csv", "rejected.parquet", "rejected.csv", "report.html",
)  # fmt: skip
"""What a run leaves beside its manifest."""
Progress = Callable[[int, int], None]
"""Told the pledges done and the pledges in all."""


@dataclass(frozen=True, slots=True)
class _Rights:
    """One table of rights with the pledges on it."""

    table: OpenTable
    pledges: Rows
    wanted: pa.Array
    repeats: NDArray[np.bool_]


@dataclass(slots=True)
class _Setting:
    """What a run is judged by, and what it has found so far."""

    valued_on: date
    market: SnapshotDay
    rules: Rules
    law: LawOf
    learned: Mapping[str, Any]
    deals: Deals
    within_days: float
    book: Book
    claims: Claims
    standing: Standing
    faults: list[Fault]
    done: NDArray[np.bool_]
    tally: Tally = field(default_factory=Tally)
    watched: list[pa.RecordBatch] = field(default_factory=list)


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
        ``rejected.parquet`` and ``.csv``, ``report.html``, ``manifest.json``.
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
        and by money, what falls due, digests, seconds.

    Raises
    ------
    PortfolioError
        If there are no pledges, a file cannot be read as a whole, or the folder holds the
        results of another command.
    """
    began = time.perf_counter()
    work = out / ".work"
    files = find_tables(source, (*RIGHTS.values(), COMPARABLES, *around()))
    _prepare(out, work)
    try:
        setting = _setting(files, work, valued_on, market, law, learned, within_days)
        tables = [_rights(file, setting, work) for file in files if file.contract.table in RIGHTS]
        pledged = [table for table in tables if table.pledges.size]
        _stand(setting, pledged)
        for table in pledged:
            _judge(table, setting, work, progress)
        manifest = _manifest(setting, files, market)
        _write(work, setting, manifest)
        manifest |= _speed(manifest["rows_in"], time.perf_counter() - began)
        write_whole(work / MANIFEST, as_json(manifest))
        _leave(work, out)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return manifest


def _prepare(out: Path, work: Path) -> None:
    """Make the work folder, unless the folder holds what another command left."""
    note = out / MANIFEST
    foreign = (note.exists() and not _ours(note)) or (work / "plan.json").exists()
    if foreign or ((out / "pledges").exists() and not note.exists() and not work.exists()):
        raise PortfolioError(
            Text(f"{out.name} 中已有别的结果", f"{out.name} holds other results"),
            Text("请换一个空文件夹", "choose an empty folder"),
        )
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)


def _ours(note: Path) -> bool:
    """Whether a manifest is one of a book of pledges."""
    try:
        return "rows_judged" in json.loads(note.read_bytes())
    except ValueError:
        return False


def _setting(
    files: list[TableFile], work: Path, valued_on: date, market: Snapshot, law: LawOf,
    learned: Mapping[str, Any], within_days: float,
) -> _Setting:  # fmt: skip
    """Read everything around the rights."""
    book = read_book(files, work, valued_on)
    deals = read_deals(files, work, valued_on)
    nothing = np.zeros(0)
    return _Setting(
        valued_on, market.on(valued_on), statute().at(valued_on), law, learned, deals, within_days,
        book, claims_of(book.pledges), Standing(nothing, nothing, nothing),
        [*book.faults, *deals.faults], np.zeros(book.pledges.size, dtype=bool),
    )  # fmt: skip


def _rights(file: TableFile, setting: _Setting, work: Path) -> _Rights:
    """One table of rights, opened where pledges lie on it."""
    pledges = setting.book.pledges
    kind = list(RIGHTS).index(file.contract.table)
    rows = np.flatnonzero(pledges.batch.columns["right_kind"] == kind)
    table = open_table(file, work)
    repeats = np.zeros(table.rows, dtype=bool)
    if rows.size:
        repeats[duplicate_rows(table, work)] = True
        setting.faults += table.broken
    return _Rights(table, rows, pledges.text("right_id").take(pa.array(rows)), repeats)


def _batches(
    rights: _Rights, chosen: Rows, setting: _Setting, faults: list[Fault] | None = None
) -> Iterator[tuple[Batch, Rows, Rows]]:
    """Pledged rights of one table, batch by batch, with their pledges.

    The pledges are positions in the book, and of each the position of its right in the
    batch.  Faults of the rights that pledges lie on are noted where asked for; where not,
    no other row is looked at.
    """
    wanted = rights.wanted.take(pa.array(chosen))
    asked_ids = wanted.unique()
    asked = set(asked_ids.to_pylist())
    identifier = rights.table.contract.identifier.name
    start, contract = 0, rights.table.contract
    groups = range(len(row_groups(rights.table)))
    for raw in read_rows(rights.table, groups, BATCH_ROWS):
        part, first = raw, start + 1
        marks = rights.repeats[start : start + raw.num_rows]
        start += raw.num_rows
        if faults is None:
            rows = np.flatnonzero(rows_of(as_text(raw.column(identifier)), asked_ids) >= 0)
            part, marks = raw.take(pa.array(rows)), marks[rows]
        checked = check(contract, part, setting.valued_on, first, marks)
        if faults is not None:
            faults += [fault for fault in checked.faults if fault.right_id in asked]
        right = rows_of(wanted, checked.batch.ids)
        here = np.flatnonzero(right >= 0)
        if here.size:
            pledged, place = np.unique(right[here], return_inverse=True)
            yield checked.batch.take(pledged), rights.pledges[chosen[here]], place.reshape(-1)


def _value(batch: Batch, setting: _Setting) -> Valuation:
    """Values of one batch of rights."""
    counted = as_lent_on(batch)
    return value(counted, setting.market, setting.rules, setting.learned, setting.deals.comparables)


def _stand(setting: _Setting, tables: list[_Rights]) -> None:
    """Find what every pledge of the book secures and what others leave to it.

    Only pledges that share a loan need the values of their rights for it.
    """
    pledges, loans = setting.book.pledges, setting.book.loans
    worth = np.ones(pledges.size)
    named = pledges.text("loan_id").dictionary_encode()
    index = named.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    shared = (index >= 0) & (np.bincount(index + 1)[index + 1] > 1)
    for table in tables:
        chosen = np.flatnonzero(shared[table.pledges])
        if chosen.size:
            for batch, rows, place in _batches(table, chosen, setting):
                worth[rows] = _value(batch, setting).reconciled[0][place]
    debt = debts(pledges, loans, worth)
    setting.standing = Standing(debt, *standing(setting.claims, pledges, debt))
    setting.claims = with_unknown_seniors(setting.claims, pledges, debt)


def _judge(rights: _Rights, setting: _Setting, work: Path, progress: Progress | None) -> None:
    """Judge the pledges on one table of rights, and write what is found."""
    book, folder = setting.book, work / "pledges"
    folder.mkdir(exist_ok=True)
    part = Part(folder / f"{rights.table.contract.table}.parquet")
    everyone = np.arange(rights.pledges.size)
    for batch, rows, place in _batches(rights, everyone, setting, setting.faults):
        found = assess(
            _value(batch, setting), book.pledges.take(rows), place, book.loans, book.policies,
            standing=Standing(*(column[rows] for column in setting.standing)), law=setting.law,
        )  # fmt: skip
        part.write(_note(found, rows, setting))
        setting.done[rows] = True
        if progress is not None:
            progress(int(setting.done.sum()), book.pledges.size)
    part.close()


def _note(found: Assessed, rows: Rows, setting: _Setting) -> pa.RecordBatch:
    """Count one batch, list what falls due on it, and return its results."""
    marks = setting.claims.marks[rows]
    outcome = np.where(marks & int(TO_A_PERSON), np.maximum(found.outcome, 2), found.outcome)
    setting.tally.add(found, outcome, marks)
    setting.watched.append(watch_list(found, setting.book.policies, setting.within_days))
    return pledge_results(found, Names(found), outcome, marks)


def _manifest(setting: _Setting, files: list[TableFile], market: Snapshot) -> dict[str, Any]:
    """What was done, from what, and what it came to."""
    book, tally = setting.book, setting.tally
    lost = ~setting.done
    setting.faults += faults_at(book.pledges, lost, "right_id", FaultKind.UNKNOWN_RIGHT)
    setting.faults.sort(key=lambda fault: (fault.table, fault.row))
    book.rows_rejected["pledges"] += int(lost.sum())
    rows_in, rejected = book.rows_in["pledges"], book.rows_rejected["pledges"]
    judged = int(setting.done.sum())
    assert rows_in == judged + rejected, (rows_in, judged, rejected)
    return {
        "rows_in": rows_in, "rows_judged": judged, "rows_rejected": rejected,
        "engine_version": __version__, "valued_on": setting.valued_on.isoformat(),
        "within_days": setting.within_days, "rules_digest": setting.law("").digest,
        "market": market.name, "market_digest": market.digest,
        "models": {table: model.digest for table, model in sorted(setting.learned.items())},
        "inputs": {
            file.contract.table: {"file": file.path.name, "sha256": sha256_of(file.path)}
            for file in files
        },
        "around": {
            name: {"rows_in": rows, "rows_rejected": book.rows_rejected[name]}
            for name, rows in book.rows_in.items()
        },
        "outcomes": {
            name: sum(int(kind[name][0]) for kind in tally.outcomes.values()) for name in OUTCOMES
        },
        "rules": tally.rules_record(), "claims": int((setting.claims.marks != 0).sum()),
        "tally": tally.record() | {"faults": fault_counts(setting.faults)},
    }  # fmt: skip


def _write(work: Path, setting: _Setting, manifest: dict[str, Any]) -> None:
    """Write the list of what falls due, the rejects and the page."""
    watched = ranked(setting.watched)
    manifest["watched"] = watched.num_rows
    manifest["watch"] = watch_summary(watched)
    pq.write_table(watched, work / "watch.parquet", compression="lz4")
    pacsv.write_csv(watched, work / "watch.csv")
    rejects = pa.Table.from_batches([reject_batch(tuple(setting.faults))], REJECTED)
    pq.write_table(rejects, work / "rejected.parquet")
    pacsv.write_csv(rejects, work / "rejected.csv")
    (work / "pledges").mkdir(exist_ok=True)
    (work / "report.html").write_text(report_page(manifest), encoding="utf-8")


def _speed(rows: int, seconds: float) -> dict[str, Any]:
    """How long a run took."""
    per_second = round(rows / seconds) if seconds > 0.0 else 0
    return {"seconds": round(seconds, 3), "rows_per_second": per_second}


def _leave(work: Path, out: Path) -> None:
    """Move the results into place, the manifest last."""
    (out / MANIFEST).unlink(missing_ok=True)
    for name in LEFT:
        if (out / name).is_dir():
            shutil.rmtree(out / name)
        (work / name).replace(out / name)
    (work / MANIFEST).replace(out / MANIFEST)
