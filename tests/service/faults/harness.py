"""``python -m tests.service.faults.harness``: kill the real service 200 times and prove the store.

Two services under load, one on SQLite and one on a real PostgreSQL, each with several processes;
what is killed is started again by its parent, the parent as an engine of containers would.
"""

import json
import random
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

from riskengine.sample.writer import write_sample
from service.settings import Settings
from tests.service.faults.clients import JobClient, Noted, ScoreClient
from tests.service.faults.kills import (
    Killer,
    Kills,
    has_job,
    of_database,
    of_service,
    of_workers,
    recoveries,
)
from tests.service.faults.proof import prove
from tests.service.faults.running import ROOT, Service, enter, free_port, serving, traces, until
from tests.service.servers import PostgreSQL, binaries

LEASE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Plan:
    """How often what is killed.

    Parameters
    ----------
    service, workers, database : int
        Processes that answer or the whole service, workers of jobs, the database.
    clients : int
        Clients of each of two tenants.
    kinds : tuple of str
        Kinds of jobs, in turn.
    seed : int
        Of every random moment.
    """

    service: int
    workers: int
    database: int
    clients: int = 3
    kinds: tuple[str, ...] = ("check", "pledges")
    seed: int = 20261126


@dataclass(slots=True)
class Outcome:
    """What came of a plan.

    Parameters
    ----------
    kills : dict of str to int
        By what was killed.
    recovery_seconds : dict of str to list of float
        By what was killed [s].
    wrong : list of str
        Everything that must not be.
    figures : dict
        Counts and times.
    """

    kills: dict[str, int]
    recovery_seconds: dict[str, list[float]]
    wrong: list[str]
    figures: dict[str, Any]


def disturb(folder: Path, server: PostgreSQL | None, portfolio: Path, plan: Plan) -> Outcome:
    """Run the service under load, kill, and hold the store against what clients were told.

    Parameters
    ----------
    folder : Path
        For data and the log.
    server : PostgreSQL or None
        Database; SQLite inside the folder when None.
    portfolio : Path
        Tables of a book.
    plan : Plan
        How often what is killed.

    Returns
    -------
    Outcome
        ``wrong`` is empty if all went as it must.
    """
    settings = Settings(
        data=folder / "data", database_url=server.fresh() if server else None, secret="f" * 40,
        port=free_port(), workers=2, job_workers=1, lease_seconds=LEASE_SECONDS, demo=False,
        log_share=0.0, stop_seconds=10.0, drain_seconds=0.5,
    )  # fmt: skip
    keys, noted, kills = enter(settings, ("bank", "fund")), Noted(), Kills()
    began = time.monotonic()
    with serving(settings, folder / "service.log") as service:
        desk = JobClient(settings.port, "bank", keys["bank"], portfolio, plan.kinds, noted)
        desk.prepare()
        until(lambda: len(service.events("process_ready")) == 3, pause=0.5)
        clients = [
            ScoreClient(settings.port, tenant, keys[tenant], number, noted)
            for tenant in keys for number in range(plan.clients)
        ]  # fmt: skip
        under = time.monotonic()
        for one in (*clients, desk):
            one.start()
        killers = _killers(service, server, kills, plan)
        _let(killers)
        seconds = time.monotonic() - under
        for one in (*clients, desk):
            one.leave.set()
        for one in (*clients, desk):
            one.join(260.0)
        wrong = [f"{one.name} waits for ever" for one in (*clients, desk) if one.is_alive()]
        wrong += [f"{one.name}: {one.fault}" for one in killers if one.fault is not None]
        until(service.ready, 120.0)
        times = _settled(service, kills, noted)
        code = service.stop()
        wrong += [f"ordered stop ended with {code}"] if code else []
        found = [line[-1500:] for line in traces(service)]
        proof = prove(settings, noted.acknowledged)
    counts = {what: sum(one.what == what for one in kills.done)
              for what in sorted({one.what for one in kills.done})}  # fmt: skip
    figures = {
        "seconds": round(time.monotonic() - began, 1), "seconds_under_kills": round(seconds, 1),
        "acknowledged": proof.acknowledged, "decisions": proof.decisions,
        "chain_entries": proof.entries, "jobs_done": proof.jobs, "job_attempts": desk.attempts,
        "sent_again": sum(one.tries > 1 for one in noted.acknowledged),
        "longest_until_acknowledged_seconds": round(
            max((one.answered - one.first for one in noted.acknowledged), default=0.0), 2),
        "statuses": {str(k): v for k, v in sorted(noted.statuses.items())},
        "starts_of_the_service": service.starts, "tracebacks_in_log": len(found),
    }  # fmt: skip
    return Outcome(counts, times, [*wrong, *noted.wrong, *proof.wrong, *found[:5]], figures)


def _settled(service: Service, kills: Kills, noted: Noted) -> dict[str, list[float]]:
    """Wait until everything that was killed is there again; return how long it took."""
    asked, end = [one.asked for one in noted.acknowledged], time.monotonic() + 120.0
    while True:
        times = recoveries(service, kills, asked)
        if sum(map(len, times.values())) == len(kills.done) or time.monotonic() > end:
            return times
        time.sleep(0.5)


def _killers(service: Service, server: PostgreSQL | None, kills: Kills, plan: Plan) -> list[Killer]:
    """Who kills what, each with moments of its own."""
    draw = random.Random(plan.seed)
    made = [
        Killer("service", of_service(service, kills), plan.service, draw.getrandbits(32), 3.0,
               service.ready),
        Killer("workers", of_workers(service, kills), plan.workers, draw.getrandbits(32), 8.0,
               lambda: has_job(service)),
    ]  # fmt: skip
    if server is not None:
        strike = of_database(server, kills)
        made.append(Killer("database", strike, plan.database, draw.getrandbits(32), 5.0,
                           service.ready))  # fmt: skip
    return made


def _let(killers: list[Killer]) -> None:
    for one in killers:
        one.start()
    for one in killers:
        one.join()


def run(plans: dict[str, Plan]) -> dict[str, Outcome]:
    """Disturb a service on each database.

    Parameters
    ----------
    plans : dict of str to Plan
        By ``sqlite`` and ``postgresql``.

    Returns
    -------
    dict of str to Outcome
        By the same names.
    """
    folder, found = Path(tempfile.mkdtemp(prefix="faults")), {}
    try:
        portfolio = folder / "portfolio"
        write_sample(portfolio, 200, 2026, date(2026, 11, 24))
        for name, plan in plans.items():
            (folder / name).mkdir()
            server = None
            if name == "postgresql":
                programs = binaries()
                if programs is None:
                    print("no PostgreSQL here: the kills of a database are left out")
                    continue
                (folder / "pg").mkdir()
                (folder / "pg").chmod(0o777)
                server = PostgreSQL(programs, folder / "pg")
            try:
                found[name] = disturb(folder / name, server, portfolio, plan)
            finally:
                if server is not None:
                    server.stop("immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return found


def told(found: dict[str, Outcome]) -> dict[str, Any]:
    """Return outcomes as they are written down."""
    return {
        name: {
            "kills": one.kills, **one.figures, "wrong": one.wrong,
            "recovery_seconds": {
                what: {"n": len(times), "p50": round(median(times), 2), "max": round(max(times), 2)}
                for what, times in sorted(one.recovery_seconds.items())
            },
        }
        for name, one in found.items()
    }  # fmt: skip


def table(written: dict[str, Any]) -> str:
    """Return a small table of what was killed and how soon it was back."""
    lines = ["| Database | Killed | Times | Recovery p50 [s] | max [s] |", "|---|---|--:|--:|--:|"]
    for name, one in written.items():
        for what, times in one["kills"].items():
            back = one["recovery_seconds"].get(what, {"p50": "-", "max": "-"})
            lines.append(f"| {name} | {what} | {times} | {back['p50']} | {back['max']} |")
    for name, one in written.items():
        lines.append(
            f"\n{name}: {one['acknowledged']} acknowledged decisions, {one['sent_again']} of them"
            f" sent more than once, {one['jobs_done']} jobs in {one['job_attempts']} attempts,"
            f" {one['seconds_under_kills']} s under kills; wrong: {len(one['wrong'])}"
        )
    return "\n".join(lines)


def main() -> int:
    """Kill 200 times, write ``build/faults.json``, print a table; arguments name databases."""
    plans = {"sqlite": Plan(50, 20, 0), "postgresql": Plan(50, 30, 50, seed=20261127)}
    target = ROOT / "build" / "faults.json"
    target.parent.mkdir(exist_ok=True)
    written = json.loads(target.read_bytes()) if sys.argv[1:] and target.exists() else {}
    written |= told(run({name: plans[name] for name in sys.argv[1:] or plans}))
    target.write_text(json.dumps(written, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(table(written))
    wrong = [fault for one in written.values() for fault in one["wrong"]]
    print(*wrong[:40], sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
