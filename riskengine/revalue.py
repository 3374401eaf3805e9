"""The batch: revalue a whole portfolio, in a stream, resumable, with a manifest.

A portfolio is cut into chunks of row groups.  Each chunk is read, checked,
valued and written on its own, in flat memory, and leaves three files in the work
folder: results, rejects and sums, the sums last and by an atomic rename.  A
chunk with its sums is done; a second run with the same plan does the rest.  The
final files are put together in chunk order, so they are the same bytes whatever
the workers and the interruptions.
"""

import json
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from joblib import Parallel, delayed

from riskengine import __version__
from riskengine.cells import MOST_TOLD
from riskengine.checking import Deals, read_deals
from riskengine.duplicates import duplicate_rows
from riskengine.errors import PortfolioError
from riskengine.files import Part, Rejects, as_json, reject_batches, sha256_of, write_whole
from riskengine.folder import OpenTable, find_tables, open_table, read_rows, row_groups
from riskengine.market.loader import demonstration
from riskengine.market.snapshot import Snapshot, SnapshotDay
from riskengine.rights import RIGHTS
from riskengine.rights.comparables import COMPARABLES
from riskengine.rules import RuleBook, statute
from riskengine.table import check
from riskengine.tally import Tally, add, fault_tally, tally_of
from riskengine.valuation import results, value
from riskengine.words import Text

NO_DEALS = Deals()
BATCH_ROWS = 65536
CHUNK_ROWS = 262144


@dataclass(frozen=True, slots=True)
class Chunk:
    """A run of row groups that is valued at one go.

    Parameters
    ----------
    table : OpenTable
        The table.
    number : int
        Position among the chunks of its table, from 0.
    groups : tuple of int
        Row groups.
    first_row : int
        Number of the first row, from 1.
    rows : int
        Rows.
    """

    table: OpenTable
    number: int
    groups: tuple[int, ...]
    first_row: int
    rows: int

    @property
    def name(self) -> str:
        """Name of the chunk's files."""
        return f"{self.table.contract.table}-{self.number:05d}"


@dataclass(frozen=True, slots=True)
class Setting:
    """What every chunk of a run shares.

    Parameters
    ----------
    valued_on : datetime.date
        Valuation date.
    market : SnapshotDay
        Market figures as known on that date.
    rules : RuleBook
        Rules with their history.
    learned : mapping of str to object
        Released price models by table.
    deals : Deals
        Comparable deals of the portfolio.
    """

    valued_on: date
    market: SnapshotDay
    rules: RuleBook
    learned: Mapping[str, Any]
    deals: Deals = NO_DEALS


Progress = Callable[[int, int], None]
"""Called with rows done and rows in all."""


def revalue(
    source: Path,
    out: Path,
    valued_on: date,
    *,
    market: Snapshot | None = None,
    rules: RuleBook | None = None,
    learned: Mapping[str, Any] | None = None,
    jobs: int = 1,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Revalue a portfolio and write results, rejects and a manifest.

    Parameters
    ----------
    source : pathlib.Path
        Portfolio folder, workbook or table file.
    out : pathlib.Path
        Folder for the results; taken up again where an earlier run of the same
        plan was stopped.
    valued_on : datetime.date
        Valuation date.
    market : Snapshot or None
        Market figures; the demonstration snapshot when None.
    rules : RuleBook or None
        Rules; those of the engine when None.
    learned : mapping of str to object or None
        Released price models by table.
    jobs : int
        Worker processes, >= 1.
    progress : callable or None
        Told of rows done and rows in all.

    Returns
    -------
    dict
        The manifest.

    Raises
    ------
    PortfolioError
        If the portfolio cannot be read as a whole.
    """
    started = time.monotonic()
    known = (market or demonstration()).on(valued_on)
    setting = Setting(valued_on, known, rules or statute(), learned or {})
    files = find_tables(source, (*RIGHTS.values(), COMPARABLES))
    plan = _plan(files, setting)
    work = out / ".work"
    _prepare(out, work, plan)
    deals = read_deals(files, work, valued_on)
    setting = replace(setting, deals=deals)
    tables = [open_table(file, work) for file in files if file.contract is not COMPARABLES]
    chunks = [chunk for table in tables for chunk in cut(table)]
    repeats = {table.contract.table: _repeats(table, work) for table in tables}
    _run(chunks, repeats, setting, work, jobs, progress)
    total: Tally = {}
    for table in tables:
        if table.broken:
            add(total, fault_tally(table.broken, len(table.broken)))
    for chunk in chunks:
        add(total, json.loads((work / f"{chunk.name}.json").read_bytes()))
    _assemble(chunks, tables, deals, work, out)
    manifest = _manifest(plan, tables, deals, total, time.monotonic() - started)
    write_whole(out / "manifest.json", as_json(manifest))
    (work / "plan.json").unlink()  # first: a half removed work folder must not be taken up
    shutil.rmtree(work)
    return manifest


def cut(table: OpenTable, rows: int = CHUNK_ROWS) -> list[Chunk]:
    """Cut a table into chunks of whole row groups.

    Parameters
    ----------
    table : OpenTable
        The table.
    rows : int
        Smallest chunk but the last; a larger row group is one chunk.

    Returns
    -------
    list of Chunk
        In row order.
    """
    chunks: list[Chunk] = []
    groups: list[int] = []
    first, held = 1, 0
    sizes = row_groups(table)
    for group, size in enumerate(sizes):
        groups.append(group)
        held += size
        if held >= rows or group == len(sizes) - 1:
            chunks.append(Chunk(table, len(chunks), tuple(groups), first, held))
            first, groups, held = first + held, [], 0
    return chunks


def _plan(files: list[Any], setting: Setting) -> dict[str, Any]:
    """What decides the result: inputs by digest, dates, versions."""
    return {
        "engine_version": __version__,
        "valued_on": setting.valued_on.isoformat(),
        "rules_digest": setting.rules.digest,
        "market": setting.market.snapshot.name,
        "market_digest": setting.market.snapshot.digest,
        "models": {table: model.digest for table, model in sorted(setting.learned.items())},
        "inputs": {
            file.contract.table: {"file": file.path.name, "sha256": sha256_of(file.path)}
            for file in files
        },
    }


def _prepare(out: Path, work: Path, plan: Mapping[str, Any]) -> None:
    """Take up the work of the same plan, or begin anew."""
    note = work / "plan.json"
    if not (note.exists() and note.read_bytes() == as_json(plan)):
        ours = (out / "manifest.json").exists() or note.exists()
        if (out / "results").exists() and not ours:
            raise PortfolioError(
                Text(f"{out.name} 中已有别的 results", f"{out.name} holds other results"),
                Text("请换一个空文件夹", "choose an empty folder"),
            )
        for name in ("results", ".work"):
            shutil.rmtree(out / name, ignore_errors=True)
        for name in ("manifest.json", "rejected.parquet", "rejected.csv", "report.html"):
            (out / name).unlink(missing_ok=True)
        work.mkdir(parents=True)
        write_whole(note, as_json(plan))


def _repeats(table: OpenTable, work: Path) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Row numbers from 0 of repeated identifiers, found once per plan."""
    path = work / f"{table.contract.table}.repeats.npy"
    if not path.exists():
        found = duplicate_rows(table, work)
        partial = path.with_name("partial.npy")
        np.save(partial, found)
        partial.replace(path)
    repeats: np.ndarray[Any, np.dtype[np.int64]] = np.load(path)
    return repeats


def _run(
    chunks: list[Chunk],
    repeats: Mapping[str, Any],
    setting: Setting,
    work: Path,
    jobs: int,
    progress: Progress | None,
) -> None:
    """Do the chunks that are not done yet."""
    rows = sum(chunk.rows for chunk in chunks)
    todo = [chunk for chunk in chunks if not (work / f"{chunk.name}.json").exists()]
    done = rows - sum(chunk.rows for chunk in todo)
    tasks = (
        delayed(_do)(chunk, _own(repeats[chunk.table.contract.table], chunk), setting, work)
        for chunk in todo
    )
    workers = min(jobs, max(1, len(todo)))
    for finished in Parallel(n_jobs=workers, return_as="generator_unordered")(tasks):
        done += finished
        if progress is not None:
            progress(done, rows)


def _own(repeats: Any, chunk: Chunk) -> Any:
    """Repeats of one chunk, counted from its first row."""
    first = chunk.first_row - 1
    low, high = np.searchsorted(repeats, [first, first + chunk.rows])
    return repeats[low:high] - first


def _do(chunk: Chunk, repeats: Any, setting: Setting, work: Path) -> int:
    """Value one chunk and leave its three files."""
    market = setting.market
    rules = setting.rules.at(setting.valued_on)
    marks = np.zeros(chunk.rows, dtype=bool)
    marks[repeats] = True
    total: Tally = {}
    parts = Part(work / f"{chunk.name}.parquet"), Part(work / f"{chunk.name}.rejected.parquet")
    start = 0
    for raw in read_rows(chunk.table, chunk.groups, BATCH_ROWS):
        checked = check(
            chunk.table.contract, raw, setting.valued_on, chunk.first_row + start,
            marks[start : start + raw.num_rows], most_told=MOST_TOLD,
        )  # fmt: skip
        start += raw.num_rows
        if checked.batch.size:
            valuation = value(
                checked.batch, market, rules, setting.learned, setting.deals.comparables
            )
            parts[0].write(results(valuation))
            add(total, tally_of(valuation))
        if checked.faults:
            for rejects in reject_batches(checked.faults):
                parts[1].write(rejects)
            add(total, fault_tally(checked.faults, checked.rejected))
        add(total, {"valued": checked.batch.size})
    for part in parts:
        part.close()
    write_whole(work / f"{chunk.name}.json", as_json(total))
    return chunk.rows


def _assemble(
    chunks: list[Chunk], tables: list[OpenTable], deals: Deals, work: Path, out: Path
) -> None:
    """Put the parts together in chunk order."""
    for chunk in chunks:
        part = work / f"{chunk.name}.parquet"
        if part.exists():
            folder = out / "results" / chunk.table.contract.table
            folder.mkdir(parents=True, exist_ok=True)
            part.replace(folder / f"part-{chunk.number:05d}.parquet")
    with Rejects(work) as rejects:
        rejects.add(deals.faults)
        for batch in _rejects(chunks, tables, work):
            rejects.write(batch)
    for name in ("rejected.parquet", "rejected.csv"):
        (work / name).replace(out / name)


def _rejects(chunks: list[Chunk], tables: list[OpenTable], work: Path) -> Iterator[pa.RecordBatch]:
    """All rejects, table by table in row order."""
    for table in tables:
        if table.broken:
            yield from reject_batches(table.broken)
        for chunk in chunks:
            part = work / f"{chunk.name}.rejected.parquet"
            if chunk.table is table and part.exists():
                with pq.ParquetFile(part) as parquet:
                    yield from parquet.iter_batches()


def _manifest(
    plan: Mapping[str, Any], tables: list[OpenTable], deals: Deals, total: Tally, seconds: float
) -> dict[str, Any]:
    """What was done, from what, and how fast."""
    rows_in = sum(table.rows + len(table.broken) for table in tables)
    rows_valued, rows_rejected = total.get("valued", 0), total.get("rejected", 0)
    assert rows_in == rows_valued + rows_rejected, (rows_in, rows_valued, rows_rejected)
    return {
        "rows_in": rows_in,
        "rows_valued": rows_valued,
        "rows_rejected": rows_rejected,
        **plan,
        "ignored_columns": {
            table.contract.table: list(table.unknown) for table in tables if table.unknown
        },
        "comparables": {"rows_in": deals.rows, "rows_rejected": deals.rejected},
        "tally": total,
        "seconds": round(seconds, 3),
        "rows_per_second": round(rows_in / seconds) if seconds > 0.0 else 0,
    }
