"""What a job runs: the engine's own calls, with the command line's arguments."""

import json
import math
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from riskengine.files import Rejects, as_json, sha256_of, write_whole
from service.jobs.order import INSTITUTION, Order

Told = Callable[[int, int], None]
"""Told how much is done, and how much there is in all."""
MANIFEST = "manifest.json"
GAUSSIAN = 1e9


def run(order: Order, told: Told) -> dict[str, Any]:
    """Do what an order asks for, or finish what a process before this one began.

    Parameters
    ----------
    order : Order
        The order; nobody else works in its folder.
    told : callable
        Told how far the job is; what it raises ends the job.

    Returns
    -------
    dict
        ``manifest`` of the engine; ``results`` and ``inputs``: files that the job left and
        tables that it read, by name, with size and SHA-256.

    Raises
    ------
    RiskEngineError
        If the tables cannot be used.
    """
    out = order.out
    if not (out / MANIFEST).is_file():
        if order.kind != "revalue":
            shutil.rmtree(out, ignore_errors=True)
        out.mkdir(parents=True, exist_ok=True)
        KINDS[order.kind](order, told)
    if order.kind == "revalue":
        _report(out)
    shutil.rmtree(out / ".work", ignore_errors=True)
    return {
        "manifest": json.loads((out / MANIFEST).read_bytes()), "results": files_in(out),
        "inputs": files_in(order.source),
    }  # fmt: skip


def files_in(folder: Path) -> list[dict[str, Any]]:
    """Return the files of a folder.

    Parameters
    ----------
    folder : Path
        The folder.

    Returns
    -------
    list of dict
        file, bytes, sha256, in the order of names.
    """
    return [
        {
            "file": path.relative_to(folder).as_posix(), "bytes": path.stat().st_size,
            "sha256": sha256_of(path),
        }
        for path in sorted(folder.rglob("*")) if path.is_file()
    ]  # fmt: skip


def _law(order: Order) -> Any:
    """The law of places, the tenant's rules laid over it."""
    from riskengine.law import law_for

    rules = order.home / INSTITUTION
    return law_for(rules if rules.is_dir() else None)


def _market(order: Order) -> Any:
    """The operator's market snapshot, or the demonstration."""
    from riskengine.market.loader import demonstration, load

    return load(Path(order.market)) if order.market else demonstration()


def _models(order: Order) -> dict[str, Any]:
    """Released price models by table."""
    if not order.price_models:
        return {}
    from riskengine.learned import price_models

    return dict(price_models([Path(one) for one in order.price_models]))


def _revalue(order: Order, told: Told) -> None:
    from riskengine.revalue import revalue

    law = _law(order) if (order.home / INSTITUTION).is_dir() else None
    revalue(
        order.source, order.out, date.fromisoformat(order.valued_on), market=_market(order),
        rules=law("") if law is not None else None, learned=_models(order), jobs=order.processes,
        progress=told,
    )  # fmt: skip


def _report(out: Path) -> None:
    """Write the page of a revaluation, as the command line does."""
    from riskengine.report import write_report

    if not (out / "report.html").exists():
        write_report(out, json.loads((out / MANIFEST).read_bytes()))


def _pledges(order: Order, told: Told) -> None:
    from riskengine.pledgebook.run import judge_book

    judge_book(
        order.source, order.out, date.fromisoformat(order.valued_on), market=_market(order),
        law=_law(order), learned=_models(order), progress=told, **order.arguments,
    )  # fmt: skip


def _setting(order: Order) -> Any:
    """What a guarantee book is measured by."""
    from riskengine.book.factors import load_loadings
    from riskengine.book.load import Setting

    return Setting(
        date.fromisoformat(order.valued_on), _market(order), _law(order), _models(order),
        load_loadings(None), order.arguments["months"],
    )  # fmt: skip


def _draws(order: Order, level: float, scenarios: int, blocks: int) -> Any:
    """How a guarantee book is simulated."""
    from riskengine.book.figures import Draws

    given = order.arguments["degrees_of_freedom"]
    nu = math.inf if given >= GAUSSIAN else given
    return Draws(order.arguments["seed"], level, scenarios, blocks, nu, order.threads)


def _book(order: Order, told: Told) -> None:
    from riskengine.book.run import measure_book

    given = order.arguments
    draws = _draws(order, given["level"], given["scenarios"], given["blocks"])
    measure_book(
        order.source, order.out, _setting(order), draws, tell=lambda _, done, all_: told(done, all_)
    )


def _stress(order: Order, told: Told) -> None:
    from riskengine.book.stress_run import stress_book

    stress_book(
        order.source, order.out, _setting(order), _draws(order, 0.999, 2048, 4), (),
        order.arguments["target_yuan"] or None, lambda _, done, all_: told(done, all_),
    )  # fmt: skip


def _ratios(order: Order, told: Told) -> None:
    from riskengine.book.ratio_run import count_ratios

    told(0, 1)
    count_ratios(order.source, order.out, date.fromisoformat(order.valued_on), _law(order))
    told(1, 1)


def _check(order: Order, told: Told) -> None:
    """Leave what ``riskengine check --json`` prints, and all faults told as rejected rows."""
    from riskengine import __version__
    from riskengine.book.checking import check_whole

    told(0, 1)
    with Rejects(order.out) as rejects:
        found = check_whole(order.source, date.fromisoformat(order.valued_on), rejects.add)
    printed = json.dumps(found, ensure_ascii=False) + "\n"
    write_whole(order.out / "check.json", printed.encode())
    manifest = {
        "kind": "check", "engine_version": __version__, "valued_on": order.valued_on,
        "rows_in": found["rows_in"], "rows_rejected": found["rows_rejected"],
        "faults": found["faults_found"], "referred": found["referred_found"],
        "inputs": {path.name: sha256_of(path) for path in sorted(order.source.iterdir())},
    }  # fmt: skip
    write_whole(order.out / MANIFEST, as_json(manifest))
    told(1, 1)


KINDS: dict[str, Callable[[Order, Told], None]] = {
    "revalue": _revalue, "pledges": _pledges, "book": _book, "stress": _stress,
    "ratios": _ratios, "check": _check,
}  # fmt: skip
