"""Ecological assets: the compiled path against its vectorised twin, and what must hold of values."""

import csv
import math
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from riskengine.market import demonstration
from riskengine.methods.method import LOG_ERROR, PRUDENT, VALUE
from riskengine.prospect import Price, Prospect
from riskengine.rights import RIGHTS
from riskengine.rights.ecology import ECOLOGY
from riskengine.rules import statute
from riskengine.sample import SAMPLES
from riskengine.simulation import simulate
from riskengine.table import check, from_pandas
from riskengine.valuation import Flag, statuses, value
from tests.reference.twin_common import whole
from tests.reference.twin_ecology import twin_ecology

DAY = date(2026, 11, 24)
REL = 1e-9
MARKET = demonstration().on(DAY)
RULES = statute().at(DAY)
METHODS = ("spot", "issuance", "contract", "income")
CASES = Path(__file__).parents[2] / "examples" / "published_cases"


def valued(rows: pd.DataFrame | list[dict[str, object]], day: date = DAY):
    frame = pd.DataFrame(rows)
    if "right_id" not in frame:
        frame.insert(0, "right_id", [f"S{k}" for k in range(len(frame))])
    found = check(ECOLOGY, from_pandas(ECOLOGY, frame), day)
    assert not found.faults, found.faults[:3]
    return value(found.batch, demonstration().on(day), statute().at(day))


def output_of(valuation, name: str) -> np.ndarray:
    names = [method.name for method in valuation.approach.methods]
    return valuation.methods[names.index(name)]


def figure(row: dict[str, object], name: str, place: int = VALUE) -> float:
    return float(output_of(valued([row]), name)[place, 0])


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return pd.DataFrame(SAMPLES["ecology"](np.random.default_rng(11), 20_000, DAY))


@pytest.fixture(scope="module")
def sample(frame):
    return valued(frame)


def test_every_method_equals_its_twin(sample) -> None:
    twin = twin_ecology(sample.batch, MARKET, RULES)
    assert tuple(twin) == METHODS
    for name, expected in twin.items():
        output = output_of(sample, name)
        known = ~np.isnan(output[VALUE])
        assert known.sum() > 1000
        np.testing.assert_array_equal(known, ~np.isnan(expected["value"]))
        for row, found in ((VALUE, "value"), (LOG_ERROR, "log_error"), (PRUDENT, "prudent")):
            np.testing.assert_allclose(
                output[row][known], expected[found][known], rtol=REL, atol=1e-6, err_msg=name
            )


def test_reconciliation_and_lending_equal_their_twin(sample) -> None:
    outputs = {
        method.name: {"value": o[VALUE], "log_error": o[LOG_ERROR], "prudent": o[PRUDENT]}
        for method, o in zip(sample.approach.methods, sample.methods, strict=True)
    }
    figures, weights, lent = whole(
        sample.batch, MARKET, RULES, sample.approach, outputs, sample.case
    )
    np.testing.assert_allclose(sample.weights, weights, rtol=1e-8, atol=1e-12)
    np.testing.assert_allclose(sample.reconciled, figures, rtol=1e-8, atol=1e-6)
    np.testing.assert_allclose(sample.lent, lent, rtol=1e-8, atol=1e-6)


def test_row_order_and_chunks_change_no_bit(frame, sample) -> None:
    few, order = frame[:500], np.random.default_rng(5).permutation(500)
    whole_batch = valued(few)
    shuffled = valued(few.iloc[order].reset_index(drop=True))
    halves = [valued(few[:123]), valued(few[123:])]
    for name in METHODS:
        once = output_of(whole_batch, name)
        assert once.tobytes() == output_of(sample, name)[:, :500].tobytes()
        np.testing.assert_array_equal(once[:, order], output_of(shuffled, name))
        np.testing.assert_array_equal(once, np.hstack([output_of(half, name) for half in halves]))


ISSUED = {
    "kind": "carbon_issued", "region_code": "370983", "programme": "ccer", "quantity_t": 10_000.0,
}  # fmt: skip
COMING = {
    "kind": "carbon_contracted", "region_code": "370983", "programme": "ccer",
    "stage": "registered", "area_mu": 20_000.0, "yield_t_per_mu_year": 0.6,
    "crediting_start": "2026-11-24", "crediting_end": "2046-11-24",
}  # fmt: skip
CONTRACT = {"contract_price_yuan_per_t": 60.0, "contract_volume_t": 1e7}
INCOME = {"kind": "compensation", "region_code": "370983", "income_yuan_per_year": 80_000.0}


def quote(quantity: str, category: str = "*") -> float:
    return MARKET.quote(quantity, "370983", category).value


# Issued units.


def test_issued_units_are_worth_their_expected_price_later() -> None:
    rate, wait = quote("carbon_discount_rate"), quote("years_to_sell", "ecology")
    place = RULES.number("ecology.market_share") * quote("carbon_turnover", "ccer")
    years = wait + 0.5 * 10_000.0 / place
    expected = figure(ISSUED, "spot", 3)
    assert figure(ISSUED, "spot") == pytest.approx(1e4 * expected * (1.0 + rate) ** -years, rel=REL)
    spot, mean = quote("carbon_price", "ccer"), quote("carbon_long_run_price", "ccer")
    assert min(spot, mean) < expected < max(spot, mean)


def test_simulation_agrees_with_the_expected_value() -> None:
    """Closed form and paths say the same within three standard errors."""
    years = figure(ISSUED, "spot", 4)
    price = Price(
        quote("carbon_price", "ccer"), quote("carbon_volatility"), quote("carbon_reversion"),
        quote("carbon_long_run_price", "ccer"),
    )  # fmt: skip
    prospect = Prospect((years,), (1e4,), (0.0,), price, quote("carbon_discount_rate"))
    found = simulate(prospect, 5, 1 << 15).value
    assert abs(found.mean_yuan - figure(ISSUED, "spot")) <= 3.0 * found.standard_error_yuan


def test_a_market_takes_up_only_so_much() -> None:
    halves = 2.0 * figure({**ISSUED, "quantity_t": 2e6}, "spot")
    assert figure({**ISSUED, "quantity_t": 4e6}, "spot") < halves
    assert figure({**ISSUED, "quantity_t": 4e6}, "spot", 4) > figure(ISSUED, "spot", 4)
    small = {**ISSUED, "programme": "other"}  # turnover not known: no depth is counted
    assert figure({**small, "quantity_t": 20.0}, "spot") == pytest.approx(
        2.0 * figure({**small, "quantity_t": 10.0}, "spot"), rel=REL
    )


def test_spot_times_tonnes_is_never_the_lending_value() -> None:
    found = valued([ISSUED])
    assert found.lent[5, 0] < 0.5 * 1e4 * quote("carbon_price", "ccer")
    assert output_of(found, "spot")[PRUDENT, 0] <= output_of(found, "spot")[VALUE, 0]


def test_a_contract_pays_its_price_with_a_chance() -> None:
    rate, wait = quote("carbon_discount_rate"), quote("years_to_sell", "ecology")
    found = figure({**ISSUED, **CONTRACT}, "contract")
    chance = RULES.number("ecology.delivery_chance")
    assert found == pytest.approx(1e4 * 60.0 * chance * (1.0 + rate) ** -wait, rel=REL)
    none = {**ISSUED, **CONTRACT, "contract_volume_t": 0.0}
    assert math.isnan(figure(none, "contract"))
    little = {**none, "contract_volume_t": 1e-6}
    assert figure(little, "contract") == pytest.approx(figure(ISSUED, "spot"), rel=REL)
    over = {**ISSUED, **CONTRACT, "contract_end": "2026-01-01"}
    assert math.isnan(figure(over, "contract"))
    assert math.isnan(figure(ISSUED, "contract"))


# Issuance still to come.


def slow_issuance(row: dict[str, object], contract: bool) -> float:
    """Value of `COMING`-like rows, batch by batch in plain Python."""
    tonnes = float(row["area_mu"]) * float(row["yield_t_per_mu_year"]) * 0.9
    end = float(str(row["crediting_end"])[:4]) - 2026.0
    rate, kappa, sigma = (
        quote(f"carbon_{n}") for n in ("discount_rate", "reversion", "volatility")
    )
    spot, mean = quote("carbon_price", "ccer"), quote("carbon_long_run_price", "ccer")
    level = math.log(mean) - sigma**2 / (4.0 * kappa)
    value, begin, left = 0.0, 0.0, float(row.get("contract_volume_t", 0.0) or 0.0)
    while begin < end:
        finish = min(begin + 5.0, end)
        alive = math.exp(-RULES.number("ecology.loss_hazard") * finish)
        value -= RULES.number("ecology.verification_cost") * alive / (1.0 + rate) ** finish
        years = finish + RULES.number("ecology.issuance_lag")
        near = math.exp(-kappa * years)
        price = math.exp(
            level + (math.log(spot) - level) * near + sigma**2 * (1.0 - near**2) / (4.0 * kappa)
        )
        credit = tonnes * (finish - begin)
        sold = min(credit, left) if contract else 0.0
        left -= sold
        income = (credit - sold) * price + sold * 60.0 * RULES.number("ecology.delivery_chance")
        share = 1.0 - RULES.number("ecology.developer_share")
        value += income * share * 0.8 * alive / (1.0 + rate) ** years
        begin = finish
    return value


@pytest.mark.parametrize("end", ["2031-11-24", "2038-11-24", "2066-11-24"])
@pytest.mark.parametrize("volume", [0.0, 30_000.0, 1e7])
def test_issuance_batch_by_batch(end: str, volume: float) -> None:
    row = {
        **COMING, "crediting_end": end, "contract_volume_t": volume,
        "contract_price_yuan_per_t": 60.0,
    }  # fmt: skip
    assert figure(row, "issuance") == pytest.approx(slow_issuance(row, False), rel=REL)
    if volume > 0.0:
        assert figure(row, "contract") == pytest.approx(slow_issuance(row, True), rel=REL)
    else:
        assert math.isnan(figure(row, "contract"))


def test_a_longer_crediting_period_is_worth_more_whole_batches_at_a_time() -> None:
    values = [
        figure({**COMING, "crediting_end": f"{2026 + 5 * k}-11-24"}, "issuance")
        for k in range(1, 9)
    ]
    assert np.all(np.diff(values) > 0.0)


def test_what_is_earned_and_not_issued_yet_counts() -> None:
    earlier = {**COMING, "crediting_start": "2022-11-24"}
    assert figure(earlier, "issuance", 6) == pytest.approx(
        24.0 / 20.0 * figure(COMING, "issuance", 6)
    )
    issued = {**earlier, "issued_through": "2026-11-24"}
    assert figure(issued, "issuance") == pytest.approx(figure(COMING, "issuance"), rel=REL)


def test_deductions_share_and_stage_take_away() -> None:
    for column, values in (("buffer_share", (0.05, 0.1, 0.3)), ("developer_share", (0.2, 0.35, 0.6)),
                           ("verification_cost_yuan", (5e4, 1e5, 3e5))):  # fmt: skip
        worth = [figure({**COMING, column: cell}, "issuance") for cell in values]
        assert np.all(np.diff(worth) < 0.0), column
    stages = [
        figure({**COMING, "stage": stage}, "issuance")
        for stage in ("planned", "published", "registered", "verified")
    ]
    assert np.all(np.diff(stages) > 0.0)


def test_a_lender_counts_contracted_volumes_only() -> None:
    assert figure(COMING, "issuance", PRUDENT) == 0.0
    assert valued([COMING]).lent[5, 0] == 0.0
    part = {**COMING, **CONTRACT, "contract_volume_t": 40_000.0}
    assert 0.0 < figure(part, "issuance", PRUDENT) < figure(part, "issuance")
    more = {**part, "contract_volume_t": 80_000.0}
    assert figure(more, "issuance", PRUDENT) > figure(part, "issuance", PRUDENT)
    short = {**more, "contract_end": "2033-11-24"}
    assert figure(short, "issuance", 7) == pytest.approx(54_000.0, rel=REL)


def test_small_projects_do_not_pay_for_their_papers() -> None:
    assert figure({**COMING, "area_mu": 200.0}, "issuance") == 0.0


def test_tonnes_beyond_belief_are_not_valued() -> None:
    fine = {**COMING, "yield_t_per_mu_year": None, "expected_t_per_year": 39_000.0}
    assert figure(fine, "issuance") > 0.0
    assert math.isnan(figure({**fine, "expected_t_per_year": 41_000.0}, "issuance"))
    found = valued([{**fine, "expected_t_per_year": 41_000.0}])
    assert found.flags[0] & Flag.MANDATORY_MISSING


def test_a_yield_that_is_not_given_is_the_markets() -> None:
    row = {**COMING, "yield_t_per_mu_year": None, "project_type": "bamboo"}
    market = quote("carbon_yield", "bamboo")
    given = figure({**row, "yield_t_per_mu_year": market}, "issuance")
    assert figure(row, "issuance") == pytest.approx(given, rel=REL)
    assert figure(row, "issuance", LOG_ERROR) > figure(COMING, "issuance", LOG_ERROR)
    assert math.isnan(figure({**row, "project_type": "wetland"}, "issuance"))


# Compensation income.


def test_compensation_income_is_an_annuity_that_may_stop() -> None:
    # Regulation notes E4: 5,000 mu x 16 yuan, 20 years at 5 % are 80,000 x 12.46 = 0.997 m.
    row = {**INCOME, "income_end": "2046-11-24"}
    rate, hazard = quote("compensation_discount_rate"), RULES.number("ecology.compensation_hazard")
    risky = (1.0 + rate) * math.exp(hazard) - 1.0
    assert rate == pytest.approx(0.05, rel=1e-12)
    assert figure(row, "income") == pytest.approx(
        8e4 * (1.0 - (1.0 + risky) ** -20.0) / risky, rel=REL
    )
    assert 0.9 * 997_000.0 < figure(row, "income") < 997_000.0
    assert figure({**row, "income_yuan_per_year": 160_000.0}, "income") == pytest.approx(
        2.0 * figure(row, "income"), rel=REL
    )


def test_the_multiple_of_last_years_compensation_caps_a_lender() -> None:
    """The cap of 1.2 m is above the present value: 15 years of income bind only long incomes."""
    multiple = RULES.number("ecology.compensation_multiple")
    assert multiple == 15.0
    short, long = ({**INCOME, "income_end": f"{year}-11-24"} for year in (2046, 2196))
    assert figure(short, "income", PRUDENT) < multiple * 8e4
    values = np.array([figure(long, "income"), figure(long, "income", PRUDENT)])
    assert values[1] <= multiple * 8e4
    before = date(2025, 3, 26)
    assert math.isinf(statute().at(before).number("ecology.compensation_multiple"))


def test_an_open_end_is_counted_short_and_loosely() -> None:
    years = RULES.number("ecology.compensation_years")
    fixed = {**INCOME, "income_end": f"{2026 + int(years)}-11-24"}
    assert figure(INCOME, "income") == pytest.approx(figure(fixed, "income"), rel=REL)
    assert figure(INCOME, "income", LOG_ERROR) > figure(fixed, "income", LOG_ERROR)
    assert valued([INCOME]).flags[0] & Flag.TERM_UNKNOWN


def test_an_account_of_ecological_value_is_worth_nothing_to_a_lender() -> None:
    found = valued([{"kind": "value_account", "region_code": "331127", "stated_value_yuan": 3.5e9}])
    assert found.flags[0] & Flag.NO_VALUE
    assert statuses(found.flags)[0] == 2


# The published cases.


def case(name: str) -> dict[str, object]:
    with (CASES / "ecology.csv").open(encoding="utf-8") as file:
        rows = {row["right_id"]: row for row in csv.DictReader(file)}
    return {column: cell or None for column, cell in rows[name].items()}


def test_the_whole_holding_of_chuoer_is_not_worth_its_price_a_tonne() -> None:
    """2.9 % of the volume found a buyer: the depth of the market is part of the value."""
    row = {**case("CASE-95"), "quantity_t": 1_180_000.0}
    day = date(2026, 1, 1)
    part, offered = valued([case("CASE-95")], day), valued([row], day)
    per_tonne = [v.reconciled[0, 0] / q for v, q in ((part, 274_200.0), (offered, 1_180_000.0))]
    assert per_tonne[1] < 0.7 * per_tonne[0]


def test_the_loan_on_benthic_carbon_is_not_covered() -> None:
    found = valued([case("CASE-83")], date(2025, 3, 31))
    assert found.reconciled[0, 0] < 1_250_414.0
    assert found.lent[5, 0] < 0.05 * 20_000_000.0
    assert statuses(found.flags)[0] == 1


@pytest.mark.parametrize("table", ["equity", "ecology"])
def test_traps_are_rejected_or_referred(table: str) -> None:
    traps = pd.read_csv(CASES / "traps" / f"{table}.csv", dtype=str)
    facts = traps.drop(columns=["expected", "source", "note"])
    contract = RIGHTS[table]
    for row in range(len(traps)):
        found = check(contract, from_pandas(contract, facts.iloc[[row]]), DAY)
        status = "rejected"
        if not found.rejected:
            status = ("valued", "refer", "refer")[
                int(statuses(value(found.batch, MARKET, RULES).flags)[0])
            ]
        assert status == traps.expected[row], traps.right_id[row]


def test_a_contract_that_takes_nothing_adds_no_certainty() -> None:
    """A second method that only repeats the first must not narrow the interval."""
    units = {
        "kind": "carbon_issued", "region_code": "350428", "programme": "ccer",
        "quantity_t": 1e4, "contract_price_yuan_per_t": 60.0,
    }  # fmt: skip
    project = {
        "kind": "carbon_contracted", "region_code": "350428", "programme": "ccer",
        "stage": "registered", "area_mu": 3e4, "yield_t_per_mu_year": 0.5,
        "crediting_end": "2043-01-01", "contract_price_yuan_per_t": 60.0,
    }  # fmt: skip
    for row in (units, project):
        free = {**row, "contract_price_yuan_per_t": None}
        spent, none = valued([{**row, "contract_volume_t": 0.0}]), valued([free])
        assert np.isnan(output_of(spent, "contract")[:3, 0]).all()
        np.testing.assert_array_equal(spent.reconciled[:9], none.reconciled[:9])
