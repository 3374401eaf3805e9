"""Scenarios applied to a book: each kind of shock, filters, zones, factors, and the files."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from scipy import special

from riskengine.book.factors import factor_model, load_loadings
from riskengine.portfolio.exposures import BookError, Exposures, FactorModel
from riskengine.portfolio.factor_losses import expected_losses
from riskengine.portfolio.simulation import simulate
from riskengine.portfolio.stress import StressColumns, stress_losses, stressed
from riskengine.portfolio.stress_file import (
    SHIPPED,
    Scenario,
    Shock,
    TermCut,
    cut_rows,
    load_scenarios,
)
from riskengine.words import Text

FILE = load_scenarios()
SAID = Text("测试", "test")


def scenario(*shocks: Shock, **more: object) -> Scenario:
    fields = {"cause": "objective:06", "seen": "assumption", "dated": date(2026, 11, 23)} | more
    return Scenario("test", SAID, SAID, SAID, shocks=shocks, **fields)


def book(size: int = 60, seed: int = 1) -> tuple[Exposures, FactorModel, StressColumns]:
    random = np.random.default_rng(seed)
    county = random.choice(["370102", "370103", "371402", "320102"], size)
    commodity = random.choice(["grain", "pigs", "fruit", ""], size)
    kind = random.choice(["land", "forest", "", "homestead"], size)
    model, segment = factor_model(
        load_loadings(), county.tolist(), commodity.tolist(), kind.tolist()
    )
    held = kind != ""
    exposures = Exposures(
        random.uniform(5e4, 5e5, size), random.uniform(0.005, 0.05, size), segment,
        np.full(size, 0.75), np.where(held, random.uniform(0.5, 2.0, size), 0.0),
        np.where(held, random.uniform(0.2, 0.6, size), 0.0),
        np.where(held, random.uniform(0.5, 2.0, size), 0.0), np.where(held, 0.06, 0.0),
    )  # fmt: skip
    left = np.where(kind == "land", 0.4, 1.0)
    return (
        exposures,
        model,
        StressColumns(county, commodity, kind, left, random.uniform(1, 60, size)),
    )


def under(one: Scenario, **more: str) -> Exposures:
    exposures, model, columns = book()
    return stressed(exposures, model, one, columns, FILE.satellite, **more).exposures


def test_a_price_fall_shifts_the_threshold_by_log_receipts_over_their_deviation() -> None:
    usual, _, columns = book()
    found = under(scenario(Shock("price", 0.2, commodities=("pigs",))))
    pigs = columns.commodity == "pigs"
    row = FILE.satellite.borrowers["pigs"]
    shift = -np.log(1.0 - row["income_share"] * 0.2) / row["deviation"]
    assert special.ndtri(found.default_chance[pigs]) == pytest.approx(
        special.ndtri(usual.default_chance[pigs]) + shift, rel=1e-12
    )
    assert np.array_equal(found.default_chance[~pigs], usual.default_chance[~pigs])
    assert np.array_equal(found.forward, usual.forward)


def test_price_and_yield_multiply_and_income_is_all_of_it() -> None:
    both = under(scenario(Shock("price", 0.2), Shock("yield", 0.1)))
    one = under(scenario(Shock("price", 0.28)))
    assert both.default_chance == pytest.approx(one.default_chance, rel=1e-12)
    usual, _, columns = book()
    income = under(scenario(Shock("income", 0.2)))
    deviation = np.array(
        [FILE.satellite.borrowers[c or "other"]["deviation"] for c in columns.commodity]
    )
    shifted = special.ndtri(usual.default_chance) - np.log(0.8) / deviation
    assert special.ndtri(income.default_chance) == pytest.approx(shifted, rel=1e-12)


def test_a_rate_rise_makes_debt_and_waiting_dearer() -> None:
    usual, _, columns = book()
    found = under(scenario(Shock("rate", 0.02)))
    held = usual.forward > 0.0
    rate = np.expm1(0.06) + 0.02
    assert found.holding[held] == pytest.approx(np.log1p(rate), rel=1e-13)
    later = np.exp((0.06 - np.log1p(rate)) * usual.sale_years[held])
    assert found.forward[held] == pytest.approx(usual.forward[held] * later, rel=1e-13)
    row = FILE.satellite.borrowers["fruit"]
    fruit = columns.commodity == "fruit"
    shift = np.log1p(0.02 * row["debt_to_income"]) / row["deviation"]
    assert special.ndtri(found.default_chance[fruit]) == pytest.approx(
        special.ndtri(usual.default_chance[fruit]) + shift, rel=1e-12
    )


def test_proceeds_fall_with_the_right_its_contract_and_the_wait() -> None:
    usual, _, columns = book()
    land = columns.right_kind == "land"
    fall = under(scenario(Shock("collateral", 0.25, rights=("land",))))
    assert fall.forward == pytest.approx(np.where(land, 0.75, 1.0) * usual.forward, rel=1e-15)
    ended = under(scenario(Shock("extension", 1.0)))
    assert ended.forward == pytest.approx(columns.without_extension * usual.forward, rel=1e-14)
    half = under(scenario(Shock("extension", 0.5, rights=("land",))))
    assert half.forward[land] == pytest.approx(0.7 * usual.forward[land], rel=1e-14)
    late = under(scenario(Shock("delay", 12.0)))
    held = usual.forward > 0.0
    assert late.sale_years == pytest.approx(usual.sale_years + held, rel=1e-15)
    assert late.forward == pytest.approx(usual.forward * np.exp(-usual.holding), rel=1e-14)


def test_a_mean_of_shares_may_pass_one_by_rounding() -> None:
    exposures, model, columns = book()
    above = replace(columns, without_extension=np.full(60, 1.0 + 1e-15))
    one = scenario(Shock("extension", 1.0))
    found = stressed(exposures, model, one, above, FILE.satellite)
    assert np.array_equal(found.exposures.forward, exposures.forward)


def test_hits_latent_shifts_and_larger_debts() -> None:
    usual, _, columns = book()
    hit = under(scenario(Shock("hit", 0.1), Shock("hit", 0.2)))
    assert hit.default_chance == pytest.approx(1.0 - (1.0 - usual.default_chance) * 0.72, rel=1e-13)
    soon = columns.months_left <= 12.0
    found = under(scenario(Shock("latent", 0.5, due_within_months=12),
                           Shock("exposure", 0.1, due_within_months=12)))  # fmt: skip
    assert found.debt_yuan == pytest.approx(np.where(soon, 1.1, 1.0) * usual.debt_yuan)
    assert found.debt_yuan * found.forward == pytest.approx(usual.debt_yuan * usual.forward)
    assert np.all((found.default_chance > usual.default_chance) == soon)


def test_default_stays_default() -> None:
    exposures, model, columns = book()
    lost = replace(exposures, default_chance=np.where(np.arange(60) < 3, 1.0, 0.0))
    one = scenario(Shock("price", 0.3), factors={"nation": -2.0})
    found = stressed(lost, model, one, columns, FILE.satellite).exposures
    assert np.array_equal(found.default_chance, lost.default_chance)


def test_zones_take_the_one_with_most_debt_or_the_one_asked_for() -> None:
    exposures, model, columns = book()
    for zone, digits in (("county", 6), ("prefecture", 4), ("province", 2)):
        one = scenario(Shock("price", 0.2), zone=zone)
        found = stressed(exposures, model, one, columns, FILE.satellite)
        codes = [code[:digits] for code in columns.county]
        debts = {
            c: sum(d for d, k in zip(exposures.debt_yuan, codes, strict=True) if k == c)
            for c in codes
        }
        assert found.zone == max(debts, key=lambda c: debts[c])
        assert np.array_equal(found.struck, [code == found.zone for code in codes])
    asked = stressed(exposures, model, one, columns, FILE.satellite, zone="3201")
    assert np.array_equal(asked.struck, columns.county == "320102")
    counties = scenario(Shock("price", 0.2, counties=("3701", "32")))
    found = stressed(exposures, model, counties, columns, FILE.satellite)
    assert np.array_equal(found.struck, columns.county != "371402")


def test_factors_by_name_pattern_and_zone() -> None:
    exposures, model, columns = book()
    one = scenario(zone="province", factors={
        "county:{zone}*": -1.0, "county:370102": -2.0, "commodity:tea": -3.0, "hazard:{province}": -1.5,
    })  # fmt: skip
    found = stressed(exposures, model, one, columns, FILE.satellite, zone="37")
    mean = dict(zip(model.factors, found.factors.mean.tolist(), strict=True))
    assert mean["county:370102"] == -2.0 and mean["county:370103"] == mean["county:371402"] == -1.0
    assert mean["county:320102"] == 0.0 and mean["hazard:37"] == -1.5
    assert mean["hazard:32"] == pytest.approx(-0.45)  # 0.3 between provinces
    assert found.unmatched == ("commodity:tea",)
    twice = scenario(factors={"county:*": -1.0, "county:37*": -2.0})
    with pytest.raises(BookError, match="two values"):
        stressed(exposures, model, twice, columns, FILE.satellite)


def test_a_stressed_book_is_an_ordinary_book() -> None:
    """Simulation of the stressed book has the stressed expected loss, and more tail."""
    exposures, model, columns = book()
    found = stressed(exposures, model, FILE.scenarios["pig_cycle"], columns, FILE.satellite)
    losses = stress_losses(found)
    usual = expected_losses(exposures, model)
    drawn = simulate(found.exposures, found.model, level=0.99, seed=1, scenarios=1024, scrambles=4)
    assert drawn.expected_loss_yuan == pytest.approx(losses.expected_yuan.sum(), rel=1e-9)
    pigs = columns.commodity == "pigs"
    assert losses.expected_yuan[pigs].sum() > 2.0 * usual[pigs].sum()
    assert losses.at_mean_yuan.sum() < losses.expected_yuan.sum()


@pytest.mark.parametrize("name", list(FILE.scenarios))
def test_every_shipped_scenario_hurts_and_says_where_it_comes_from(name: str) -> None:
    exposures, model, columns = book(200)
    one = FILE.scenarios[name]
    found = stressed(exposures, model, one, columns, FILE.satellite)
    assert found.unmatched == ()
    usual, now = expected_losses(exposures, model).sum(), stress_losses(found).expected_yuan.sum()
    assert now > 1.005 * usual if not one.terms else now == pytest.approx(usual)
    assert one.cause in FILE.causes and one.source.zh and one.title.en


def test_worse_is_worse() -> None:
    exposures, model, columns = book()
    fall = [under(scenario(Shock("price", q))).default_chance.sum() for q in (0.0, 0.1, 0.2, 0.4)]
    assert np.all(np.diff(fall) > 0.0)
    yellow, red = (
        stress_losses(stressed(exposures, model, FILE.scenarios[name], columns, FILE.satellite))
        for name in ("land_price_yellow", "land_price_red")
    )
    assert np.all(red.expected_yuan >= yellow.expected_yuan)


def test_nothing_but_a_quota_cut_changes_nothing_here_and_is_passed_on() -> None:
    exposures, model, columns = book()
    found = stressed(exposures, model, FILE.scenarios["quota_cut"], columns, FILE.satellite)
    assert np.array_equal(found.exposures.default_chance, exposures.default_chance)
    layers = [{"party": "national", "share": 0.2}, {"party": "guarantor", "share": 0.4},
              {"party": "national", "share": None}]  # fmt: skip
    cut = cut_rows(layers, "layers", found.terms)
    assert [row["share"] for row in cut] == [0.1, 0.4, None]
    assert layers[0]["share"] == 0.2
    funds = cut_rows([{"party": "county_fund", "balance_yuan": 6e6, "committed_yuan": 2e6}], "funds",
                     found.terms)  # fmt: skip
    assert funds == [{"party": "county_fund", "balance_yuan": 3e6, "committed_yuan": 0.0}]


def test_columns_that_do_not_fit_are_refused() -> None:
    exposures, model, columns = book()
    one = scenario(Shock("price", 0.2))
    with pytest.raises(BookError, match="one row an exposure"):
        stressed(exposures, model, one, replace(columns, county=columns.county[:5]), FILE.satellite)
    bad = replace(columns, without_extension=np.full(60, np.nan))
    with pytest.raises(BookError, match="without_extension"):
        stressed(exposures, model, one, bad, FILE.satellite)


OWN = """
[scenario.frost]
title = {zh = "霜冻", en = "frost"}
narrative = {zh = "霜冻", en = "frost"}
source = {zh = "本社", en = "ours"}
seen = "assumption"
dated = 2026-01-01
cause = "objective:0101"
[[scenario.frost.shock]]
kind = "yield"
amount = 0.5
commodities = ["fruit"]
"""


def test_an_institution_adds_and_replaces_scenarios(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(OWN + OWN.replace("frost", "price_fall"), encoding="utf-8")
    found = load_scenarios(path)
    assert found.scenarios["frost"].shocks == (Shock("yield", 0.5, commodities=("fruit",)),)
    assert found.scenarios["price_fall"].shocks[0].kind == "yield"
    assert len(found.scenarios) == len(FILE.scenarios) + 1
    assert found.digests[0] == FILE.digests[0] and len(found.digests) == 2
    assert found.satellite == FILE.satellite


CUT = """
[[scenario.frost.terms]]
table = "funds"
party = "bank"
column = "share"
cut = 2
"""


@pytest.mark.parametrize(("old", "new", "said"), [
    ('"yield"', '"frost"', "kind must be one of"),
    ("amount = 0.5", "amount = 1.5", r"amount must lie in \[0, 0.99\]"),
    ("amount = 0.5", 'amount = "a"', "amount must lie in"),
    ("objective:0101", "objective:77", "cause is not in"),
    ('"assumption"', '"guess"', "seen must be one of"),
    ("dated = 2026-01-01", 'dated = "today"', "dated must be a day"),
    ('en = "ours"', 'fr = "ours"', "source needs zh and en"),
    ('["fruit"]', '"fruit"', "must be a list"),
    ("commodities", "crops", "crops is not known"),
    ('["fruit"]', '["fruit"]\nrights = ["gold"]', "gold is no kind of right"),
    ('["fruit"]', '["fruit"]\ndue_within_months = -1', "due_within_months must lie in"),
    ("cause =", 'zone = "village"\ncause =', "zone must be one of"),
    ("cause =", 'colour = "red"\ncause =', "colour is not known"),
    ("[[scenario.frost.shock]]", "[scenario.frost.factors]\nnation = -99\n[[scenario.frost.shock]]",
     r"must lie in \[-10, 10\]"),
    ("[[scenario.frost.shock]]", "[[scenario.frost.terms]]\ntable = 1\n[[scenario.frost.shock]]",
     "terms 1 must hold"),
    ("[[scenario.frost.shock]]", CUT + "[[scenario.frost.shock]]", "cut must lie in"),
    ("[scenario.frost]", "[nothing]\n[scenario.frost]", "nothing. is not known"),
    ("[scenario.frost]", "[satellite]\nseen = 1\n[satellite.tea]\n[scenario.frost]",
     r"satellite.seen.*satellite.source.*satellite.other. is missing.*satellite.tea"),
    (OWN, "[scenario.a]\n", "changes nothing"),
    (OWN, "scenario = 1\n", "scenario. is missing"),
    (OWN, "[scenario]\na = 1\n", "is no table"),
    (OWN, '[causes]\n"x" = {zh = "1"}\n[scenario.a]\n', "causes.x needs"),
    (OWN, "[", "cannot be read"),
])  # fmt: skip
def test_a_wrong_file_is_refused_with_every_fault(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    path = tmp_path / "own.toml"
    path.write_text(OWN.replace(old, new), encoding="utf-8")
    with pytest.raises(BookError, match=said) as error:
        load_scenarios(path)
    assert "own.toml" in str(error.value) and str(tmp_path) not in str(error.value)


def test_all_faults_come_at_once_and_a_file_must_exist(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(OWN.replace("0.5", "7").replace('"assumption"', '"?"'), encoding="utf-8")
    with pytest.raises(BookError, match="seen must be.*amount must lie"):
        load_scenarios(path)
    with pytest.raises(BookError, match="cannot be read"):
        load_scenarios(tmp_path / "none.toml")
    assert SHIPPED.is_file()
    assert TermCut("layers", "national", "share", 0.5) in FILE.scenarios["quota_cut"].terms
