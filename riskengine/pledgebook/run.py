"""Judging a whole book of pledges in a stream: verdicts, lending values, what falls due.

Everything is made in a work folder and moved into place at the end, the manifest last: a
folder with a manifest holds one whole run, and a run that is refused or killed before that
leaves the results of the one before it as they were.
"""

import json
import shutil
import time
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from riskengine import __version__
from riskengine.errors import PortfolioError
from riskengine.files import Part, Rejects, as_json, sha256_of, write_csv, write_whole
from riskengine.folder import TableFile, find_tables
from riskengine.gates.plan import OUTCOMES
from riskengine.gates.tapes import Rows
from riskengine.market.snapshot import Snapshot
from riskengine.pledgebook.claims import TO_A_PERSON
from riskengine.pledgebook.read import around
from riskengine.pledgebook.report import report_page
from riskengine.pledgebook.results import Names, pledge_results
from riskengine.pledgebook.stream import PledgeStream, assessed, close_pledges, open_pledges
from riskengine.pledgebook.tally import Tally, fault_counts
from riskengine.pledgebook.watch import ranked, watch_list, watch_summary
from riskengine.pledging.assess import Assessed, LawOf
from riskengine.rights import RIGHTS
from riskengine.rights.comparables import COMPARABLES
from riskengine.words import Text

MANIFEST = "manifest.json"
LEFT = (
    "pledges", "watch.parquet", "watch.csv", "rejected.parquet", "rejected.csv", "report.html",
)  # fmt: skip
"""What a run leaves beside its manifest."""
Progress = Callable[[int, int], None]
"""Told the pledges done and the pledges in all."""


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
        stream = open_pledges(files, work, valued_on, market=market, law=law, learned=learned)
        tally, watched = _judge(stream, within_days, work, progress)
        manifest = _manifest(stream, tally, files, market) | {"within_days": within_days}
        _write(work, stream, watched, manifest)
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


def _judge(
    stream: PledgeStream, within_days: float, work: Path, progress: Progress | None
) -> tuple[Tally, list[pa.RecordBatch]]:
    """Judge every pledge and write what is found, one file a kind of right."""
    folder, parts, tally = work / "pledges", dict[str, Part](), Tally()
    folder.mkdir(exist_ok=True)
    watched = []
    for table, found, rows in assessed(stream):
        part = parts.setdefault(table, Part(folder / f"{table}.parquet"))
        part.write(_note(found, rows, stream, tally))
        watched.append(watch_list(found, stream.book.policies, within_days))
        if progress is not None:
            progress(int(stream.done.sum()), stream.book.pledges.size)
    for part in parts.values():
        part.close()
    close_pledges(stream)
    return tally, watched


def _note(found: Assessed, rows: Rows, stream: PledgeStream, tally: Tally) -> pa.RecordBatch:
    """Count one batch and return its results."""
    marks = stream.claims.marks[rows]
    outcome = np.where(marks & int(TO_A_PERSON), np.maximum(found.outcome, 2), found.outcome)
    tally.add(found, outcome, marks)
    return pledge_results(found, Names(found), outcome, marks)


def _manifest(
    stream: PledgeStream, tally: Tally, files: list[TableFile], market: Snapshot
) -> dict[str, Any]:
    """What was done, from what, and what it came to."""
    book = stream.book
    rows_in, rejected = book.rows_in["pledges"], book.rows_rejected["pledges"]
    judged = int(stream.done.sum())
    assert rows_in == judged + rejected, (rows_in, judged, rejected)
    return {
        "rows_in": rows_in, "rows_judged": judged, "rows_rejected": rejected,
        "engine_version": __version__, "valued_on": stream.valued_on.isoformat(),
        "rules_digest": stream.law("").digest,
        "market": market.name, "market_digest": market.digest,
        "models": {table: model.digest for table, model in sorted(stream.learned.items())},
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
        "rules": tally.rules_record(), "claims": int((stream.claims.marks != 0).sum()),
        "tally": tally.record() | {"faults": fault_counts(stream.faults)},
    }  # fmt: skip


def _write(
    work: Path, stream: PledgeStream, watched: list[pa.RecordBatch], manifest: dict[str, Any]
) -> None:
    """Write the list of what falls due, the rejects and the page."""
    due = ranked(watched)
    manifest["watched"] = due.num_rows
    manifest["watch"] = watch_summary(due)
    pq.write_table(due, work / "watch.parquet", compression="lz4")
    write_csv(due, work / "watch.csv")
    with Rejects(work) as rejects:
        rejects.add(stream.faults)
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
