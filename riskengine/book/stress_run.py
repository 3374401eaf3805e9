"""A book under named scenarios, and the states that would use up its reserves.

Every scenario is run on the same draws of the common factors, so that differences
between scenarios are those of the scenarios, but for the contracts' own risk.
"""

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from riskengine.book.exposures import Measured
from riskengine.book.figures import Draws, Tell
from riskengine.book.funds import behind_funds, funds_of, run_funds
from riskengine.book.institution import ratio_contracts, statement_of
from riskengine.book.layers import Borne, blocks_for, drawn, groups_of
from riskengine.book.load import LoadedBook, Setting, load_book
from riskengine.book.page import stress_page
from riskengine.book.place import leave, prepare
from riskengine.book.record import said
from riskengine.book.run import heading
from riskengine.files import as_json, write_whole
from riskengine.gates.tapes import plain_rows
from riskengine.guarantee.fund_path import FundSummary
from riskengine.guarantee.programme import Programme, programmes_from_rows
from riskengine.guarantee.ratios import ratios
from riskengine.guarantee.switches import Switches
from riskengine.portfolio.exposures import BookError
from riskengine.portfolio.factor_losses import expected_losses
from riskengine.portfolio.reverse_stress import reverse_stress
from riskengine.portfolio.scenarios import Scenarios, draw, nominal
from riskengine.portfolio.stress import Stressed, stress_losses, stressed
from riskengine.portfolio.stress_file import StressFile, cut_rows, load_scenarios

PATHS = 2048
BLOCKS = 4
LEVEL = 0.99
"""Level of the VaR of a scenario [1]: what its paths can tell."""
DRY = 0.5
"""Chance from which a fund counts as exhausted under a scenario [1]."""
FACTORS_SHOWN = 5


def stress_book(
    source: Path, out: Path, setting: Setting, draws: Draws, more: Sequence[Path] = (),
    target_yuan: float | None = None, tell: Tell | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Run a book through every scenario and leave what was found.

    Parameters
    ----------
    source : pathlib.Path
        Portfolio folder.
    out : pathlib.Path
        Folder for ``report.html`` and ``manifest.json``.
    setting : Setting
        Day, market, law, loadings, horizon.
    draws : Draws
        Seed and threads; the level is not used.
    more : sequence of pathlib.Path
        Further files of scenarios.
    target_yuan : float or None
        Loss of the loans whose likeliest causes are asked for [yuan]; None takes net assets
        and reserves of the newest statement, as far as the guarantor's share reaches.
    tell : callable or None
        Told how far the run is.

    Returns
    -------
    dict
        The manifest.

    Raises
    ------
    PortfolioError, BookError
        If the book or a file of scenarios cannot be used, or the folder holds other results.
    """
    work = prepare(out, "stress")
    try:
        held = load_scenarios(*more)
        loaded = load_book(source, work, setting)
        manifest = heading(loaded, "stress", replace(draws, level=LEVEL))
        manifest["scenario_digests"] = list(held.digests)
        base = _figures(loaded, loaded.measured, loaded.programmes, None, draws)
        manifest["base"] = base
        manifest["scenarios"] = []
        for number, name in enumerate(held.scenarios):
            if tell is not None:
                tell(name, number, len(held.scenarios))
            manifest["scenarios"].append(_scenario(loaded, held, name, base, draws))
        manifest["reverse"] = _reverse(loaded, target_yuan)
        (work / "report.html").write_text(stress_page(manifest), encoding="utf-8")
        write_whole(work / "manifest.json", as_json(manifest))
        leave(work, out, ("report.html",))
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return manifest


def _scenario(
    loaded: LoadedBook, held: StressFile, name: str, base: dict[str, Any], draws: Draws
) -> dict[str, Any]:
    """One scenario: the book as it then stands, its losses, who bears them, what breaks."""
    scenario, measured = held.scenarios[name], loaded.measured
    found = stressed(
        measured.exposures, measured.model, scenario, measured.contracts, held.satellite
    )
    then = replace(measured, exposures=found.exposures, model=found.model)
    programmes = _cut_programmes(loaded, found)
    figures = _figures(loaded, then, programmes, found, draws)
    own = figures["own_expected"] - base["own_expected"]
    return {
        "name": name, **said("title", scenario.title),
        **said("cause", held.causes[scenario.cause]), **said("narrative", scenario.narrative),
        "source": scenario.source.en, "source_zh": scenario.source.zh, "seen": scenario.seen,
        "zone": found.zone, "struck": int(found.struck.sum()), "unmatched": list(found.unmatched),
        **figures, "change": figures["expected_loss"] - base["expected_loss"],
        "own_change": own, "ratios_broken": _broken(loaded, own),
    }  # fmt: skip


def _cut_programmes(loaded: LoadedBook, found: Stressed) -> dict[str, Programme]:
    """Schemes of sharing after cuts of what others pay."""
    if loaded.book.layers is None or not found.terms:
        return dict(loaded.programmes)
    rows = cut_rows(plain_rows(loaded.book.layers), "layers", found.terms)
    return programmes_from_rows(rows)[0]


def _figures(
    loaded: LoadedBook, measured: Measured, programmes: Any, found: Stressed | None, draws: Draws
) -> dict[str, Any]:
    """Losses of a book in one state of the world."""
    expected = (
        expected_losses(measured.exposures, measured.model, draws.threads)
        if found is None
        else stress_losses(found, draws.threads).expected_yuan
    )
    groups = groups_of(measured, programmes)
    proposal = nominal(measured.model, draws.nu)

    def block(number: int) -> Scenarios:
        return draw(proposal, PATHS, seed=draws.seed, block=number)

    size = blocks_for(measured.contracts.size, PATHS, BLOCKS)
    borne, _ = drawn(
        measured, groups, block, size, seed=draws.seed, nu=draws.nu, threads=draws.threads
    )
    _, claims = drawn(
        measured, groups, block, size, seed=draws.seed, nu=draws.nu, gross=True,
        threads=draws.threads,
    )  # fmt: skip
    funds = None
    if claims.funds and loaded.book.funds is not None:
        rows = plain_rows(loaded.book.funds)
        cut = rows if found is None else cut_rows(rows, "funds", found.terms)
        behind = behind_funds(groups, measured.contracts.guaranteed_yuan)
        funds = run_funds(funds_of(cut, claims.funds, behind, measured.months), claims)
    own = "guarantor" if "guarantor" in borne.parties else borne.parties[0]
    tail = borne.measures(own, LEVEL)
    return {
        "expected_loss": float(expected.sum()), "own_party": own,
        "own_expected": borne.expected(own)[0], "own_expected_se": borne.expected(own)[1],
        "own_value_at_risk": tail.value_at_risk, "value_at_risk": _whole(borne, LEVEL),
        "by_party": {party: borne.expected(party)[0] for party in borne.parties},
        "exhausted_chance": 0.0 if funds is None else funds.any_chance,
        "funds_exhausted": _dry(funds),
    }  # fmt: skip


def _whole(borne: Borne, level: float) -> float:
    """VaR of the loans, whoever bears it [yuan]."""
    whole = replace(borne, parties=("all",), borne_yuan=borne.borne_yuan.sum(axis=0)[None])
    return whole.measures("all", level).value_at_risk


def _dry(funds: FundSummary | None) -> list[str]:
    if funds is None:
        return []
    return [
        name for name, chance in zip(funds.fund_ids, funds.exhaustion_chance, strict=True)
        if chance >= DRY
    ]  # fmt: skip


def _broken(loaded: LoadedBook, own_loss_yuan: float) -> list[str]:
    """Ratios that break when an expected loss has come out of the net assets."""
    contracts, _ = ratio_contracts(loaded.book)
    rules = loaded.setting.law("").at(loaded.setting.valued_on)
    statement = statement_of(loaded.book, rules.day)
    assets = statement.get("net_assets_yuan")
    if contracts is None or assets is None:
        return []
    after = {**statement, "net_assets_yuan": assets - max(own_loss_yuan, 0.0)}

    def breaks(facts: Any) -> set[str]:
        lines = ratios(contracts, facts, rules, Switches())
        return {line.rule or line.name for line in lines if line.status == "breaks"}

    return sorted(breaks(after) - breaks(statement))


def _reverse(loaded: LoadedBook, target_yuan: float | None) -> list[dict[str, Any]]:
    """The likeliest ways to lose the reserves, and all own funds; or a given loss."""
    targets = _buffers(loaded) if target_yuan is None else [target_yuan]
    return [way for target in targets for way in _ways(loaded.measured, target)]


def _ways(measured: Measured, target: float) -> list[dict[str, Any]]:
    """The likeliest ways to one loss; why there is none, where it is out of reach."""
    try:
        found = reverse_stress(
            measured.exposures, measured.model, target, horizon_years=measured.months / 12.0
        )
    except BookError as fault:
        return [{
            "target_yuan": target, "distance": None, "chance": None, "return_period_years": None,
            "factors": [], **said("sentence", fault.wrong),
        }]  # fmt: skip
    return [
        {
            "target_yuan": target, "distance": way.distance, "chance": way.probability,
            "return_period_years": way.return_period_years,
            "factors": [
                {"name": measured.model.factors[k], "value": float(way.factors[k])}
                for k in np.argsort(-np.abs(way.factors), kind="stable")[:FACTORS_SHOWN]
            ],
            **said("sentence", way.sentence),
        }
        for way in found.failures
    ]  # fmt: skip


def _buffers(loaded: LoadedBook) -> list[float]:
    """Losses of the loans that use up the guarantor's reserves, then its net assets too [yuan]."""
    statement = statement_of(loaded.book, loaded.setting.valued_on)
    contracts = loaded.measured.contracts
    share = float(contracts.guaranteed_yuan.sum() / contracts.debt_yuan.sum())
    names = ("unearned_reserve_yuan", "compensation_reserve_yuan")
    reserves = sum(float(statement.get(name) or 0.0) for name in names)
    held = [reserves, reserves + float(statement.get("net_assets_yuan") or 0.0)]
    return sorted({amount / share for amount in held if amount > 0.0 and share > 0.0})
