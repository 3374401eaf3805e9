"""What changed between two dates, and why: what `python -m riskengine attribute` does.

The value is the expected loss of the guaranteed part over the horizon, in whole fen.  Each
group of inputs stands as it was or as it is now, and the contracts that stay are revalued:

    term            the day from which everything is counted
    volume          debts
    default_chance  PDs and days overdue
    collateral      everything else that the tables say: rights, pledges, terms of loans
    market          rents, prices, rates, volatilities
    rule            the law as it was known on the day
    model           loadings of common factors, price models
"""

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskengine import __version__
from riskengine.book.contracts import BookContracts, in_force
from riskengine.book.exposures import measured
from riskengine.book.figures import Tell
from riskengine.book.load import LoadedBook, Setting, load_book, security_under
from riskengine.book.page import attribution_page
from riskengine.book.place import leave, prepare
from riskengine.book.record import said
from riskengine.files import as_json, sha256_of, write_whole
from riskengine.law import law_known
from riskengine.portfolio.attribution import (
    EFFECTS,
    Attribution,
    Matched,
    attribute,
    match_contracts,
)
from riskengine.portfolio.exposures import Index
from riskengine.portfolio.factor_losses import expected_losses
from riskengine.rules import statute
from riskengine.rules.known import as_known
from riskengine.words import Text

GROUPS = ("term", "volume", "default_chance", "collateral", "market", "rule", "model")
"""Groups in the order of revaluation."""
MOST_SHOWN = 20
TITLES: Mapping[str, Text] = {
    **EFFECTS,
    "arrived": Text("新增合同", "new contracts"), "retired": Text("退出合同", "contracts gone"),
    "collateral": Text("押品与合同资料", "rights, pledges and terms"),
}  # fmt: skip
MEASURE = Text("担保部分的预期损失", "expected loss of the guaranteed part")


@dataclass(frozen=True, slots=True)
class _Side:
    """One date: its folder's tables, and what they are measured by."""

    loaded: LoadedBook
    ids: NDArray[np.str_]
    value_fen: Index


def attribute_books(
    sources: tuple[Path, Path], out: Path, settings: tuple[Setting, Setting], *,
    method: str = "sequential", threads: int = 1, tell: Tell | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Explain the change of a book between two dates.

    Parameters
    ----------
    sources : tuple of pathlib.Path
        Portfolio folders of the old and of the new date.
    out : pathlib.Path
        Folder for ``report.html`` and ``manifest.json``.
    settings : tuple of Setting
        What each is measured by; the old one's law is what was known on its day.
    method : {"sequential", "shapley"}
        Swapping one group after another, or the mean over all orders.
    threads : int
        Threads, >= 1.
    tell : callable or None
        Told how far the run is.

    Returns
    -------
    dict
        The manifest; its lines add up to the change, to the fen.

    Raises
    ------
    PortfolioError, BookError
        If a book cannot be used, or the folder holds other results.
    """
    work = prepare(out, "attribution")
    try:
        with TemporaryDirectory() as spool:
            sides = tuple(
                _side(source, Path(spool) / name, setting, threads)
                for source, name, setting in zip(
                    sources, ("old", "new"), (_known(settings[0]), settings[1]), strict=True
                )
            )
            matched = match_contracts(sides[0].ids, sides[1].ids)
            revalue = _Revaluer(sides, matched, Path(spool), threads)
            found = attribute(
                matched, sides[0].value_fen, sides[1].value_fen, GROUPS,
                _told(revalue, method, tell), method=method,
            )  # fmt: skip
        manifest = _manifest(sides, matched, found)
        (work / "report.html").write_text(attribution_page(manifest), encoding="utf-8")
        write_whole(work / "manifest.json", as_json(manifest))
        leave(work, out, ("report.html",))
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return manifest


def _known(setting: Setting) -> Setting:
    """A setting whose law is what was known on its day."""
    day = setting.valued_on
    return replace(setting, law=law_known(setting.law, day), national=as_known(statute(), day))


def _side(source: Path, spool: Path, setting: Setting, threads: int) -> _Side:
    """Load one date and value its contracts."""
    spool.mkdir()
    loaded = load_book(source, spool, setting)
    contracts = loaded.measured.contracts
    ids = contracts.ids.to_numpy(zero_copy_only=False).astype(str)
    return _Side(loaded, ids, _fen(loaded.measured.contracts, setting, threads))


def _fen(contracts: BookContracts, setting: Setting, threads: int) -> Index:
    """Expected loss of the guaranteed part of each contract [fen]."""
    rules = setting.law("").at(setting.valued_on)
    days = float(rules.number("expected_loss.stage_three_days"))
    held = measured(contracts, setting.loadings, setting.months, days)
    expected = expected_losses(held.exposures, held.model, threads)
    covered = np.where(contracts.guaranteed_share > 0.0, contracts.guaranteed_share, 1.0)
    return np.rint(expected * covered * 100.0).astype(np.int64)


class _Revaluer:
    """Values of the contracts that stay, with any groups of inputs at their new state.

    What a state of day, tables, market, law and model says of the security is worked out
    once and kept.
    """

    def __init__(
        self, sides: tuple[_Side, ...], matched: Matched, spool: Path, threads: int
    ) -> None:
        self.sides, self.matched, self.spool, self.threads = sides, matched, spool, threads
        self.kept: dict[tuple[bool, ...], BookContracts] = {}

    def __call__(self, new: frozenset[str]) -> Index:
        """Return the values of the contracts that stay [fen]."""
        contracts = self._contracts(new)
        volume = self._own("volume", new).debt_yuan
        default = self._own("default_chance", new)
        before = contracts.debt_yuan
        proceeds = contracts.forward * before
        forward = np.divide(proceeds, volume, out=np.zeros(volume.size), where=volume > 0.0)
        forward = np.where(volume == before, contracts.forward, forward)
        changed = replace(
            contracts, debt_yuan=volume, forward=forward,
            default_chance=default.default_chance, overdue_days=default.overdue_days,
        )  # fmt: skip
        return _fen(changed, self._setting(new), self.threads)

    def _side_of(self, group: str, new: frozenset[str]) -> int:
        return int(group in new)

    def _rows(self, side: int) -> Index:
        return self.matched.new if side else self.matched.old

    def _own(self, group: str, new: frozenset[str]) -> BookContracts:
        """Contracts that stay, as the tables of a group's side have them."""
        side = self._side_of(group, new)
        return self.sides[side].loaded.measured.contracts.take(self._rows(side))

    def _setting(self, new: frozenset[str]) -> Setting:
        """What a mixed state is measured by."""
        of = {group: self.sides[self._side_of(group, new)].loaded.setting for group in GROUPS}
        return Setting(
            of["term"].valued_on, of["market"].market, of["rule"].law, of["model"].learned,
            of["model"].loadings, of["model"].months, of["rule"].national,
        )  # fmt: skip

    def _contracts(self, new: frozenset[str]) -> BookContracts:
        """Contracts that stay under a state of day, tables, market, law and model."""
        key = tuple(group in new for group in ("term", "collateral", "market", "rule", "model"))
        if key not in self.kept:
            side = self._side_of("collateral", new)
            loaded, setting = self.sides[side].loaded, self._setting(new)
            same = key == (bool(side),) * len(key)
            if same:
                found = loaded.measured.contracts
            else:
                folder = self.spool / f"state-{len(self.kept)}"
                folder.mkdir()
                security = security_under(loaded, folder, setting)
                found, _ = in_force(loaded.book, security, setting.valued_on)
            self.kept[key] = found.take(self._rows(side))
        return self.kept[key]


def _told(
    revalue: Callable[[frozenset[str]], Index], method: str, tell: Tell | None
) -> Callable[[frozenset[str]], Index]:
    """The same revaluation, telling how far it is."""
    total = 2 ** len(GROUPS) if method == "shapley" else len(GROUPS) + 1
    done = 0

    def told(new: frozenset[str]) -> Index:
        nonlocal done
        found = revalue(new)
        done += 1
        if tell is not None:
            tell("revalue", min(done, total), total)
        return found

    return told


def _manifest(
    sides: tuple[_Side, ...], matched: Matched, found: Attribution
) -> dict[str, Any]:  # fmt: skip
    """The change as plain data."""
    counts = {"arrived": matched.arrived.size, "retired": matched.retired.size}
    moved = np.count_nonzero(found.effects_fen, axis=1)
    counts |= dict(zip(found.groups, moved.tolist(), strict=True))
    total = np.abs(found.effects_fen).sum(axis=0)
    order = np.argsort(-total, kind="stable")[:MOST_SHOWN]
    return {
        "kind": "attribution", "engine_version": __version__,
        "old": _told_side(sides[0], found.old_fen), "new": _told_side(sides[1], found.new_fen),
        "measure": {"zh": MEASURE.zh, "en": MEASURE.en}, "method": found.method,
        "order": list(found.groups), "staying": int(matched.old.size),
        "lines": [
            {"name": name, **said("title", TITLES[name]), "yuan": fen / 100.0, "fen": fen,
             "contracts": int(counts[name])}
            for name, fen in found.lines.items()
        ],
        "total_change_yuan": (found.new_fen - found.old_fen) / 100.0,
        "total_change_fen": found.new_fen - found.old_fen,
        "largest": [
            {
                "guarantee_id": str(sides[0].ids[matched.old[row]]),
                "yuan": float(found.effects_fen[:, row].sum() / 100.0),
                "main_line": found.groups[int(np.argmax(np.abs(found.effects_fen[:, row])))],
            }
            for row in order.tolist() if total[row]
        ],
    }  # fmt: skip


def _told_side(side: _Side, value_fen: int) -> dict[str, Any]:
    """One date as plain data."""
    setting = side.loaded.setting
    return {
        "valued_on": setting.valued_on.isoformat(), "value_yuan": value_fen / 100.0,
        "contracts": int(side.ids.size), "rules_digest": setting.law("").digest,
        "market_digest": setting.market.digest, "factors_digest": setting.loadings.digest,
        "inputs": {
            file.contract.table: {"file": file.path.name, "sha256": sha256_of(file.path)}
            for file in side.loaded.files
        },
    }  # fmt: skip
