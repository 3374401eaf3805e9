"""Figures seen in practice beside what the engine says: every row tested, every difference explained."""

import tomllib
from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from riskengine.casefile.evaluate import Bench, evaluate
from riskengine.casefile.read import case_of
from riskengine.collateral import sale_at_reserve
from riskengine.errors import PortfolioError
from riskengine.gates.judge import single
from riskengine.gates.plan import plan_of
from riskengine.kernels.discount import annuity_factor
from riskengine.market import demonstration
from riskengine.pledging.assess import Assessed
from riskengine.pledging.terms import usable_years
from riskengine.rules import statute, statute_of
from riskengine.valuation import STATUSES, Flag, statuses

DAY = date(2026, 11, 23)
PRINTED = 0.02
"""Figures are printed to two or three digits, relative."""
ROWS: dict[str, dict[str, Any]] = tomllib.loads(
    (Path(__file__).parent / "golden" / "regulation_practice.toml").read_text(encoding="utf-8")
)
SEEN = {name: row for name, row in ROWS.items() if name.startswith("N-")}
Figures = dict[str, Any]


@cache
def bench() -> Bench:
    return Bench(demonstration(), statute_of)


def asked(table: str, region: str, loan: float = 0.0, **cells: Any) -> Assessed:
    """One right, valued and judged."""
    right = {"table": table, "region_code": region, **cells}
    terms = {"balance_yuan": loan, "matures_on": date(2027, 11, 23), "lender_type": "bank"}
    content = {"right": [right], "loan": terms if loan else {}}
    return evaluate(case_of(content, DAY), bench())[0]


def worth(found: Assessed) -> float:
    """Market value, nothing where no method answers [yuan]."""
    return float(np.nan_to_num(found.valuation.reconciled[0, 0]))


def flags(found: Assessed) -> Flag:
    return Flag(int(found.valuation.flags[0]))


def status(found: Assessed) -> str:
    return STATUSES[int(statuses(found.valuation.flags)[0])]


def failed(found: Assessed) -> set[str]:
    judged, row = found.judged(0)
    return {gate.rule.code for gate in judged.failed(row)}


def quote(name: str, region: str, category: str) -> float:
    return float(demonstration().on(DAY).quote(name, region, category).value)


def number(place: str, rule: str) -> Any:
    return statute_of(place).at(DAY).value(rule)


# Figures computed from those printed.

DERIVED: dict[str, Callable[[Figures], dict[str, float]]] = {
    "N-01": lambda f: {"balance_per_county_yuan": f["balance_yuan"] / f["counties"]},
    "N-08": lambda f: {"total_yuan": f["direct_mortgage_yuan"] / f["direct_share"]},
    "N-09": lambda f: {
        f"{use}_yuan_per_mu_year": f[f"{use}_yuan_per_hectare_year"] / 15.0
        for use in ("paddy", "irrigated", "dry", "other")
    },
    "N-13": lambda f: {  # at the rents of N-09 for paddy and for irrigated to dry land
        "years_of_rent_low": f["exit_price_yuan_per_mu"] / 928.0,
        "years_of_rent_high": f["exit_price_yuan_per_mu"] / 794.0,
    },
    "N-16": lambda f: {
        "first_appraised_yuan_per_m2": f["first_appraised_yuan"] / f["first_area_m2"],
        "first_loan_to_value": f["first_loan_yuan"] / f["first_appraised_yuan"],
        "second_appraised_yuan_per_m2": f["second_appraised_yuan"] / f["second_area_m2"],
    },
    "N-20": lambda f: {
        "loan_mean_yuan": f["lent_yuan"] / f["loans"],
        "assets_per_member_yuan": f["quantified_assets_yuan"] / f["members"],
    },
    "N-22": lambda f: {"loan_mean_yuan": f["lent_yuan"] / f["loans"]},
    "N-23": lambda f: {"loan_yuan_per_mu": f["loan_yuan"] / f["area_above_mu"]},
    "N-25": lambda f: {"pledge_yuan_per_mu": f["pledge_yuan"] / f["area_mu"]},
    "N-26": lambda f: {"line_most_yuan_per_mu": f["line_yuan"] / f["area_above_mu"]},
    "N-27": lambda f: {
        f"{which}_loan_yuan_per_mu": f[f"{which}_loan_yuan"] / f[f"{which}_area_mu"]
        for which in ("first", "second")
    },
    "N-29": lambda f: {
        "limit_per_card_yuan": f["limits_yuan"] / f["cards"],
        "used_share": f["used_yuan"] / f["limits_yuan"],
    },
    "N-31": lambda f: {
        "premium_share": f["price_yuan"] / f["reserve_yuan"] - 1.0,
        "outturn_m3_per_mu": f["outturn_m3"] / f["area_mu"],
        "price_yuan_per_mu": f["price_yuan"] / f["area_mu"],
        "price_yuan_per_m3": f["price_yuan"] / f["outturn_m3"],
    },
    "N-37": lambda f: {  # 6.98 t a mu over 40 and over 20 years
        "yield_low_t_per_mu_year": 6.98 / 40.0, "yield_high_t_per_mu_year": 6.98 / 20.0,
        "gross_low_yuan_per_mu_year": 6.98 / 40.0 * f["price_yuan_per_t"],
        "gross_high_yuan_per_mu_year": 6.98 / 20.0 * f["price_yuan_per_t"],
    },
    "N-38": lambda f: {
        "forest_price_yuan_per_t": f["forest_turnover_yuan"] / f["forest_traded_t"],
    },
    "N-39": lambda f: {"in_force_mean_yuan": f["in_force_yuan"] / f["projects_in_force"]},
}  # fmt: skip
ROUNDED = {"N-37": 0.03}
"""Printed to two digits."""


@pytest.mark.parametrize("name", list(SEEN))
def test_derived_figures_follow_from_those_printed(name: str) -> None:
    row = SEEN[name]
    found = DERIVED[name](row["figures"]) if name in DERIVED else {}
    assert set(found) == set(row["derived"])
    for key, amount in found.items():
        tolerance = ROUNDED.get(name, PRINTED)
        assert row["figures"][key] == pytest.approx(amount, rel=tolerance), key


def test_shares_of_one_question_make_a_whole() -> None:
    figures = SEEN["N-07"]["figures"]
    assert sum(figures[f"{k}_share"] for k in ("willing", "neutral", "unwilling")) == pytest.approx(
        1
    )
    rent = SEEN["N-10"]["figures"]
    share = rent["non_grain_neighbour_adds_yuan_per_mu_year"] / rent["mean_rent_yuan_per_mu_year"]
    assert rent["non_grain_neighbour_adds_share"] == pytest.approx(share, rel=PRINTED)
    loan = SEEN["N-17"]["figures"]
    assert loan["loan_after_yuan"] / loan["appraised_after_yuan"] == loan["loan_to_value_after"]


# What the engine says beside the published figure.

HOUSE = {"kind": "farmhouse", "structure": "brick_concrete"}
FIR = {"kind": "timber", "species": "fir", "term_end": date(2060, 1, 1)}
OWN = {"kind": "household", "area_mu": 1, "contract_end": date(2056, 11, 23)}
Beside = list[tuple[float, float]]
"""Published figure and the engine's."""


def rents(f: Figures) -> Beside:
    uses = ("paddy", "irrigated", "dry")
    return [(f[f"{use}_yuan_per_mu_year"], quote("land_rent", "510181", use)) for use in uses]


def rents_of_jiangsu(f: Figures) -> Beside:
    published = f["mean_rent_yuan_per_mu_year"]
    return [(published, quote("land_rent", "320581", use)) for use in ("paddy", "irrigated", "dry")]


def order_of_rents(f: Figures) -> Beside:
    assert f["land_order"][:3] == ["paddy", "irrigated", "dry"]
    paddy, irrigated, dry = (quote("land_rent", "510181", use) for use in f["land_order"][:3])
    return [(irrigated, paddy), (irrigated, dry), (paddy, dry)]


def exit_price(f: Figures) -> Beside:
    return [
        (f["exit_price_yuan_per_mu"], worth(asked("land", "640221", land_use="irrigated", **OWN)))
    ]


def tianmen(f: Figures) -> Beside:
    return [
        (f["loan_to_value_most"], number("429006", "lending_practice.land_household_cap")),
        (f["tail_least_years"], number("429006", "law_land.tail_before_right_ends")),
    ]


def shed(f: Figures) -> Beside:
    seen = number("370783", named("370783", "E1-05b"))
    assert (seen["loan_yuan"], seen["shed_mu"]) == (f["shed_loan_yuan"], f["shed_mu"])
    found = asked(
        "land", "370783", f["shed_loan_yuan"], **{**OWN, "area_mu": f["shed_mu"]},
        land_use="vegetable", facilities_cost_yuan=100_000, facilities_life_years=15,
        facilities_built_on=date(2025, 11, 23),
    )  # fmt: skip
    assert "E1-05a" in failed(found), "more than half of depreciated cost"
    return [(f["shed_loan_yuan"], float(found.lending_value_yuan[0]))]


def named(place: str, code: str) -> str:
    (rule,) = (r for r in statute_of(place).rules.values() if r.code == code)
    return rule.name


def yizheng(f: Figures) -> Beside:
    built = {**HOUSE, "built_on": date(f["first_built_year"], 6, 30)}
    return [
        (f[f"{which}_appraised_yuan"],
         worth(asked("homestead", "321081", building_area_m2=f[f"{which}_area_m2"], **built)))
        for which in ("first", "second")
    ]  # fmt: skip


def yiwu(f: Figures) -> Beside:
    seen = number("330782", named("330782", "E1-06c"))
    assert seen == {"low": f["loan_to_value_after"], "high": f["loan_to_value_after"]}
    found = asked(
        "homestead", "330782", **HOUSE, building_area_m2=4 * f["plot_m2"],
        plot_area_m2=f["plot_m2"], built_on=date(2005, 6, 30),
        stated_value_yuan=f["appraised_after_yuan"],
    )  # fmt: skip
    assert Flag.STATED_HIGH in flags(found)
    return [(f["appraised_after_yuan"], worth(found))]


def yueqing(f: Figures) -> Beside:
    seen = number("330382", named("330382", "E1-06e"))
    return [(f[f"loan_to_value_{end}"], seen[end]) for end in ("low", "high")]


def certificate(f: Figures) -> Beside:
    found = asked("equity", "350803", kind="household_share", shares=1)
    assert status(found) == "no_value"
    return [(f["certificate_yuan"], worth(found))]


def assets_on_paper(f: Figures) -> Beside:
    found = asked(
        "equity", "371323", f["pure_pledge_example_yuan"], kind="household_share", shares=1,
        net_assets_yuan_per_share=f["assets_per_member_yuan"],
    )  # fmt: skip
    return [(f["pure_pledge_example_yuan"], float(found.lending_value_yuan[0]))]


def jiangbei(f: Figures) -> Beside:
    paid = {f"dividend_{k}_yuan_per_share_year": 350 for k in (1, 2, 3)}
    found = asked(
        "equity", "330205", f["jiangbei_loan_yuan"], kind="household_share", shares=1, **paid
    )
    assert "E1-14b" in failed(found), "more than three years of dividends"
    return [(f["jiangbei_loan_yuan"], worth(found))]


def young_fir(f: Figures) -> Beside:
    return [
        (f["assumed_yuan_per_mu"],
         worth(asked("forest", "331102", area_mu=1, stand_age_years=age, **FIR)))
        for age in (5, 10)
    ]  # fmt: skip


def bamboo(f: Figures) -> Beside:
    found = asked(
        "forest", "331123", kind="bamboo", species="moso", area_mu=f["area_above_mu"],
        term_end=date(2060, 1, 1),
    )  # fmt: skip
    assert found.lending_value_yuan[0] < 0.5 * f["loan_yuan"]
    return [(f["loan_yuan"], worth(found))]


def forest_ticket(f: Figures) -> Beside:
    found = asked(
        "forest", "350405", area_mu=f["area_mu"], stated_value_yuan=f["pledge_yuan"], **FIR
    )
    assert Flag.STATED_HIGH in flags(found)
    assert status(found) == "refer"
    return [(f["pledge_yuan"], worth(found))]


def growing_fir(f: Figures) -> Beside:
    found = asked("forest", "350781", area_mu=1, stand_age_years=10, **FIR)
    return [(f["line_most_yuan_per_mu"], worth(found))]


def yachang(f: Figures) -> Beside:
    share = 0.7
    volume = f["outturn_m3_per_mu"] / share
    return [
        (f["price_yuan"], worth(asked(
            "forest", "451029", kind="timber", species=species, stand_age_years=age,
            area_mu=f["area_mu"], volume_m3_per_mu=volume, outturn_share=share,
            term_end=date(2060, 1, 1),
        )))
        for species, age in (("eucalyptus", 7), ("masson_pine", 36), ("fir", 30))
    ]  # fmt: skip


def plantation_returns(f: Figures) -> Beside:
    lowest = min(amount for key, amount in f.items() if key.endswith("_per_year"))
    return [(lowest, quote("forest_rate", "451029", "timber"))]


def carbon_price(f: Figures) -> Beside:
    price = quote("carbon_price", "150221", "ccer")
    assert f["price_low_yuan_per_t"] <= price <= f["price_high_yuan_per_t"]
    return [((f["price_low_yuan_per_t"] + f["price_high_yuan_per_t"]) / 2.0, price)]


def carbon_yield(f: Figures) -> Beside:
    believed = number("", named("", "ECO-CCER-03a"))
    assert f["yield_high_t_per_mu_year"] < believed == 1.0
    engine = quote("carbon_yield", "150221", "plantation")
    return [(f[f"yield_{end}_t_per_mu_year"], engine) for end in ("low", "high")]


BESIDE: dict[str, Callable[[Figures], Beside]] = {
    "N-09": rents, "N-10": rents_of_jiangsu, "N-12": order_of_rents, "N-13": exit_price,
    "N-14": tianmen, "N-15": shed, "N-16": yizheng, "N-17": yiwu, "N-18": yueqing,
    "N-19": certificate, "N-20": assets_on_paper, "N-21": jiangbei, "N-22": young_fir,
    "N-23": bamboo, "N-25": forest_ticket, "N-26": growing_fir, "N-31": yachang,
    "N-32": plantation_returns, "N-36": carbon_price, "N-37": carbon_yield,
    "N-39": lambda f: [(f["policy_share"], number("", named("", "AGR-DUAL-01a")))],
    "N-40": lambda f: [(f["guarantor_amount_most_yuan"], number("", named("", "AGR-BAND-01b")))],
}  # fmt: skip


@pytest.mark.parametrize("name", list(BESIDE))
def test_the_engine_beside_the_published_figure(name: str) -> None:
    row = SEEN[name]
    for published, engine in BESIDE[name](row["figures"]):
        assert row["engine_low"] <= engine / published <= row["engine_high"], (published, engine)


def test_every_row_is_compared_set_aside_or_rejected() -> None:
    for name, row in SEEN.items():
        compared, aside = name in BESIDE, "context" in row
        rejected = row["figures"].get("reject", False)
        assert compared + aside + rejected == 1, name
        assert compared == ("differs" in row) == ("engine_low" in row), name
    assert {name for name in ROWS if name.startswith("E4-")} == set(VECTORS)


# A figure to reject.


def claimed() -> tuple[float, ...]:
    figures = SEEN["N-42"]["figures"]
    assert figures["reject"]
    return figures["paddy_low_yuan_per_mu"], figures["paddy_high_yuan_per_mu"]


@pytest.mark.parametrize("price", claimed())
def test_a_price_to_reject_is_refused_or_flagged(price: float) -> None:
    paddy = {**OWN, "land_use": "paddy"}
    stated = asked("land", "320581", stated_value_yuan=price, **paddy)
    assert Flag.STATED_HIGH in flags(stated)
    assert status(stated) == "refer"
    plain = asked("land", "320581", **paddy)
    assert worth(stated) == worth(plain) < price / 4.0, "it never enters the value"
    paid = asked("land", "320581", last_price_yuan=price, last_price_on=date(2026, 1, 1), **paddy)
    assert paid.lending_value_yuan[0] == plain.lending_value_yuan[0], "nor what may be lent"
    with pytest.raises(PortfolioError, match="market_rent_yuan_per_mu_year"):
        asked("land", "320581", market_rent_yuan_per_mu_year=price, **paddy)


@pytest.mark.parametrize("end", ["low", "high"])
def test_a_loan_of_several_times_the_value_fails_the_cap(end: str) -> None:
    multiple = SEEN["N-42"]["figures"][f"loan_multiple_{end}"]
    paddy = {**OWN, "land_use": "paddy"}
    value = worth(asked("land", "320581", **paddy))
    assert "E1-01a" in failed(asked("land", "320581", multiple * value, **paddy))


# Worked cases.


def weight(client: str, balance: float) -> float:
    """Weight of a client by the rules, the limit inclusive."""
    code = {"farm_household": "GI-W-02", "small_micro": "GI-W-01"}[client]
    light, limit = (number("", named("", f"{code}{part}")) for part in "ab")
    return light if balance <= limit else number("", named("", "GI-W-04"))


def inclusive_limit(inputs: Figures, expected: Figures) -> None:
    found = [weight(inputs["client_type"], b) * b for b in inputs["balances_yuan"]]
    assert [b * inputs["share_borne"] for b in found] == expected["liability_yuan"]


def contracts_added(inputs: Figures, expected: Figures) -> None:
    assert number("", named("", "GI-W-09")) == "client"
    total = sum(inputs["balances_yuan"])
    assert total == expected["client_balance_yuan"]
    assert weight(inputs["client_type"], total) == expected["weight"]
    assert weight(inputs["client_type"], total) * total == expected["liability_yuan"]


def share_borne(inputs: Figures, expected: Figures) -> None:
    assert number("", named("", "GI-W-08a")) == "share_borne"
    assert number("12", named("12", "GI-W-08b")) != "share_borne"
    whole = weight(inputs["client_type"], inputs["balance_yuan"]) * inputs["balance_yuan"]
    assert whole == expected["liability_full_balance_yuan"]
    assert whole * (1.0 - inputs["bank_share"]) == expected["liability_share_borne_yuan"]


def limits_of_net_assets(inputs: Figures, expected: Figures) -> None:
    codes = {"single_limit_yuan": "GI-CON-01", "group_limit_yuan": "GI-CON-02",
             "leverage_limit_yuan": "GI-LEV-01", "leverage_limit_small_agri_yuan": "GI-LEV-02"}  # fmt: skip
    for key, mark in codes.items():
        rules = [rule for rule in statute().named(mark) if rule.unit == "1" and rule.judges.fact]
        limits = {number("", rule.name) * inputs["net_assets_yuan"] for rule in rules}
        assert any(limit == pytest.approx(expected[key]) for limit in limits), (key, limits)


def bands(inputs: Figures, expected: Figures) -> None:
    plan = plan_of(statute(), "guarantee", DAY)
    for amount, pigs, band in zip(
        inputs["client_amount_yuan"], inputs["pig_farming"], expected["amount_band"], strict=True
    ):
        facts = {"agri_policy_guarantor": True, "client_amount_yuan": amount, "pig_farming": pigs}
        judged = single(plan, {**facts, "amount_band": band}, DAY, DAY)
        told = {gate.rule.code for gate in judged.failed(0)}
        assert bool(told & {"AGR-BAND-01b", "AGR-BAND-01c"}) == band.startswith("outside"), amount
        assert ("AGR-BAND-02a" in told) == band.startswith("outside"), amount


def court_sale(inputs: Figures, expected: Figures) -> None:
    value, cost = inputs["value_yuan"], inputs["cost_share_of_value"]
    assert value * cost == pytest.approx(expected["cost_yuan"])
    for which in ("first", "second"):
        reserve = number("", f"law_enforcement.{which}_reserve")
        assert reserve == inputs[f"{which}_reserve_share"]
        left = sale_at_reserve(value, reserve, cost)
        assert left == pytest.approx(expected[f"recovery_{which}_yuan"])
    assert value * reserve == pytest.approx(expected["second_reserve_yuan"])


def own_land(inputs: Figures, expected: Figures) -> None:
    rent = inputs["area_mu"] * inputs["rent_yuan_per_mu_year"]
    assert inputs["valued_on"] == DAY
    assert number("", "law_land.tail_before_right_ends") == inputs["tail_years"]

    def usable(end: date, place: str = "370983") -> float:
        return float(usable_years(asked(
            "land", place, kind="household", area_mu=inputs["area_mu"], land_use="irrigated",
            contract_end=end, market_rent_yuan_per_mu_year=inputs["rent_yuan_per_mu_year"],
        ).of)[0])  # fmt: skip

    before, after = usable(inputs["right_end"]), usable(date(2058, 12, 31))
    assert before == pytest.approx(expected["usable_years_before_extension"], abs=0.05)
    full = int(before), int(after)
    assert full == (expected["full_years_before_extension"], inputs["extended_years"])
    rate = inputs["rate_per_year"]
    short, long = (annuity_factor(rate, float(years)) for years in full)
    assert rent * short == pytest.approx(expected["value_before_extension_yuan"], rel=PRINTED / 4)
    assert long == pytest.approx(expected["annuity_factor_extended_years"], abs=0.005)
    assert rent * long == pytest.approx(expected["value_extended_yuan"], rel=PRINTED / 4)
    assert rent * annuity_factor(rate, before) / (rent * short) == pytest.approx(1.1, abs=0.01)
    half = number("640221", named("640221", "E1-02")) * full[1]
    assert half == expected["half_term_years"]
    assert rent * half == expected["value_half_term_undiscounted_yuan"]


def rent_paid(inputs: Figures, expected: Figures) -> None:
    found = asked(
        "land", "370983", kind="lease_yearly", area_mu=20, land_use="irrigated",
        contract_end=date(2055, 12, 31), lease_end=date(2036, 12, 31),
        contract_rent_yuan_per_mu_year=500, rent_prepaid_through=inputs["rent_paid_to"],
    )  # fmt: skip
    assert float(usable_years(found.of)[0]) == pytest.approx(expected["usable_years"], abs=0.01)
    share = found.steps[2, 0] / found.steps[1, 0]
    assert share == pytest.approx(expected["value_share_about"], abs=0.03)


def compensation(inputs: Figures, expected: Figures) -> None:
    yearly = inputs["area_mu"] * inputs["compensation_yuan_per_mu_year"]
    assert yearly == expected["compensation_yuan_per_year"]
    multiple = number("150221", named("150221", "ECO-PWF-01a"))
    factor = annuity_factor(inputs["rate_per_year"], inputs["years"])
    assert multiple == inputs["multiple"]
    assert multiple * yearly == expected["cap_yuan"]
    assert factor == pytest.approx(expected["annuity_factor_years"], abs=0.005)
    assert yearly * factor == pytest.approx(expected["present_value_yuan"], rel=PRINTED / 4)
    assert (multiple > factor) == expected["cap_above_present_value"]
    found = asked(
        "forest", "150221", expected["cap_yuan"] + 1.0, kind="welfare", area_mu=inputs["area_mu"],
        compensation_yuan_per_mu_year=inputs["compensation_yuan_per_mu_year"],
        term_end=date(2046, 11, 23),
    )  # fmt: skip
    assert "ECO-PWF-01a" in failed(found), "a yuan over the cap"
    assert found.lending_value_yuan[0] <= 0.5 * worth(found) < expected["cap_yuan"]
    assert worth(found) == pytest.approx(expected["present_value_yuan"], rel=PRINTED)


def implied_volume(inputs: Figures, expected: Figures) -> None:
    implied = inputs["price_yuan_per_mu"] / inputs["compared_price_yuan_per_m3"]
    assert implied == pytest.approx(expected["implied_outturn_m3_per_mu"], abs=0.5)
    price = inputs["price_yuan_per_mu"] * inputs["area_mu"]
    stand = {**FIR, "area_mu": inputs["area_mu"], "stated_value_yuan": price}
    assert status(asked("forest", "350405", **stand)) == expected["outcome"]
    survey = {"stand_age_years": 30, "volume_m3_per_mu": implied / 0.7, "outturn_share": 0.7}
    assert status(asked("forest", "350405", **stand, **survey)) == "valued", "inventory supports it"


def carbon_claim(inputs: Figures, expected: Figures) -> None:
    assert expected["outcome"] == "reject"
    cells = {
        "kind": "carbon_contracted", "programme": "ccer", "stage": "registered", "area_mu": 1000,
        "crediting_start": date(2023, 1, 1), "crediting_end": date(2043, 1, 1),
    }  # fmt: skip
    claim = inputs["yield_t_per_mu_year"]
    found = asked("ecology", "150221", yield_t_per_mu_year=claim, **cells)
    assert "ECO-CCER-03a" in failed(found)
    assert (found.outcome[0] >= 2, found.lending_value_yuan[0]) == (True, 0.0)
    with pytest.raises(PortfolioError, match="yield_t_per_mu_year"):
        asked("ecology", "150221", yield_t_per_mu_year=claim + 0.01, **cells)


VECTORS: dict[str, Callable[[Figures, Figures], None]] = {
    "E4-01": inclusive_limit, "E4-02": contracts_added, "E4-03": share_borne,
    "E4-04": limits_of_net_assets, "E4-05": bands, "E4-06": court_sale, "E4-07": own_land,
    "E4-08": rent_paid, "E4-09": compensation, "E4-10": implied_volume, "E4-11": carbon_claim,
}  # fmt: skip


@pytest.mark.parametrize("name", list(VECTORS))
def test_worked_cases_of_the_notes(name: str) -> None:
    VECTORS[name](ROWS[name]["inputs"], ROWS[name]["expected"])
