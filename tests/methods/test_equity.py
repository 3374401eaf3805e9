"""Collective equity: the compiled path against its vectorised twin, and what must hold of values."""

import csv
import math
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from riskengine.market import demonstration
from riskengine.methods.method import LOG_ERROR, PRUDENT, VALUE
from riskengine.rights.equity import EQUITY
from riskengine.rules import statute
from riskengine.sample import SAMPLES
from riskengine.table import check, from_pandas
from riskengine.valuation import Flag, statuses, value
from tests.reference.twin_common import whole
from tests.reference.twin_shares import twin_equity

DAY = date(2026, 11, 24)
REL = 1e-9
MARKET = demonstration().on(DAY)
RULES = statute().at(DAY)
METHODS = ("dividend", "distributable", "net_asset", "repurchase")
CASES = Path(__file__).parents[2] / "examples" / "published_cases"


def valued(rows: pd.DataFrame | list[dict[str, object]], day: date = DAY):
    frame = pd.DataFrame(rows)
    if "right_id" not in frame:
        frame.insert(0, "right_id", [f"S{k}" for k in range(len(frame))])
    found = check(EQUITY, from_pandas(EQUITY, frame), day)
    assert not found.faults, found.faults[:3]
    return value(found.batch, demonstration().on(day), statute().at(day))


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return pd.DataFrame(SAMPLES["equity"](np.random.default_rng(11), 20_000, DAY))


@pytest.fixture(scope="module")
def sample(frame):
    return valued(frame)


def test_every_method_equals_its_twin(sample) -> None:
    twin = twin_equity(sample.batch, MARKET, RULES)
    assert tuple(twin) == METHODS
    for name, expected in twin.items():
        output = output_of(sample, name)
        known = ~np.isnan(output[VALUE])
        assert known.sum() > 1000
        np.testing.assert_array_equal(known, ~np.isnan(expected["value"]))
        for row, figure in ((VALUE, "value"), (LOG_ERROR, "log_error"), (PRUDENT, "prudent")):
            np.testing.assert_allclose(
                output[row][known], expected[figure][known], rtol=REL, atol=1e-7, err_msg=name
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


def output_of(valuation, name: str) -> np.ndarray:
    names = [method.name for method in valuation.approach.methods]
    return valuation.methods[names.index(name)]


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


SHARE = {
    "kind": "household_share", "region_code": "330206", "shares": 10.0,
    "transfer_restriction": "inside_collective",
    **{f"dividend_{year}_yuan_per_share_year": 100.0 for year in range(1, 6)},
}  # fmt: skip
DIVIDEND, INCOME, DISCOUNT, LIMIT, YIELD, HISTORY, LONGSTAFF, FINNERTY, CHAFFE = range(3, 12)


def dividend(row: dict[str, object], place: int = VALUE) -> float:
    return float(output_of(valued([row]), "dividend")[place, 0])


def test_a_level_dividend_for_ever_is_worth_dividend_over_rate() -> None:
    rate = MARKET.quote("equity_discount_rate", "330206", "*").value
    assert dividend(SHARE, INCOME) == pytest.approx(1000.0 / rate, rel=REL)
    assert dividend(SHARE, DISCOUNT) == pytest.approx(1.0 - 0.65 * 0.8, rel=REL)
    assert dividend(SHARE) == pytest.approx(1000.0 / rate * 0.65 * 0.8, rel=REL)


def test_discounts_multiply_and_never_add() -> None:
    for code, market in RULES.table("equity.marketability_discount").items():
        buyers = RULES.table("equity.restriction_discount")[code]
        found = dividend({**SHARE, "transfer_restriction": code}, DISCOUNT)
        assert found == pytest.approx(1.0 - (1.0 - market) * (1.0 - buyers), rel=REL, abs=1e-15)
        assert found <= market + buyers


def test_a_restriction_that_is_not_given_counts_as_not_stated() -> None:
    stated = dividend({**SHARE, "transfer_restriction": "not_stated"})
    assert dividend({**SHARE, "transfer_restriction": None}) == stated


def test_value_is_scale_free_in_shares_and_dividends() -> None:
    double = {f"dividend_{year}_yuan_per_share_year": 200.0 for year in range(1, 6)}
    assert dividend({**SHARE, "shares": 25.0}) == pytest.approx(2.5 * dividend(SHARE), rel=REL)
    assert dividend({**SHARE, **double}) == pytest.approx(2.0 * dividend(SHARE), rel=REL)


def test_a_share_that_lapses_is_worth_less() -> None:
    status = {**SHARE, "kind": "member_share"}
    rate = MARKET.quote("equity_discount_rate", "330206", "*").value
    hazard = RULES.table("equity.lapse_hazard")["member_share"]
    risky = (1.0 + rate) * math.exp(hazard) - 1.0
    assert dividend(status, INCOME) == pytest.approx(1000.0 / risky, rel=REL)
    assert dividend(status) < dividend(SHARE)


def test_longer_land_shares_are_worth_more_and_never_more_than_for_ever() -> None:
    land = {**SHARE, "kind": "land_share"}
    ends = [dividend({**land, "share_end": f"{year}-11-24"}) for year in range(2027, 2057)]
    assert np.all(np.diff(ends) > 0.0)
    assert ends[-1] < dividend(SHARE)
    assert ends[0] == pytest.approx(1000.0 / 1.115 * 0.52, rel=1e-6)
    gone = valued([{**land, "share_end": "2026-01-01"}])
    assert gone.reconciled[0, 0] == 0.0
    assert gone.flags[0] & Flag.EXPIRED


def test_a_fall_in_dividends_counts_for_the_lender_at_once() -> None:
    fallen = {**SHARE, "dividend_1_yuan_per_share_year": 40.0}
    assert dividend(fallen, DIVIDEND) == pytest.approx(88.0, rel=REL)
    assert dividend(fallen, PRUDENT) == pytest.approx(0.4 * dividend(SHARE, PRUDENT), rel=REL)
    risen = {**SHARE, "dividend_1_yuan_per_share_year": 200.0}
    assert dividend(risen, PRUDENT) == pytest.approx(1.2 * dividend(SHARE, PRUDENT), rel=REL)


def test_more_years_say_more_and_scatter_says_less() -> None:
    years = [f"dividend_{year}_yuan_per_share_year" for year in range(1, 6)]
    errors = [dividend({**SHARE, **dict.fromkeys(years[n:])}, LOG_ERROR) for n in (5, 4, 3, 2)]
    assert np.all(np.diff(errors) > 0.0)
    wild = dividend({**SHARE, years[0]: 10.0, years[1]: 400.0}, LOG_ERROR)
    assert wild > errors[0]
    assert dividend({**SHARE, **dict.fromkeys(years[1:])}, HISTORY) == 1.0


def test_a_mean_stands_in_for_single_years() -> None:
    years = dict.fromkeys(f"dividend_{year}_yuan_per_share_year" for year in range(1, 6))
    mean = {
        **SHARE,
        **years,
        "dividend_mean_yuan_per_share_year": 100.0,
        "dividend_mean_years": 5.0,
    }
    assert dividend(mean) == dividend(SHARE)
    assert dividend(mean, LOG_ERROR) == dividend(SHARE, LOG_ERROR)


def test_no_cash_no_value() -> None:
    years = [f"dividend_{year}_yuan_per_share_year" for year in range(1, 6)]
    nothing = valued([{**SHARE, **dict.fromkeys(years, 0.0), "net_assets_yuan_per_share": 9e4}])
    assert nothing.reconciled[0, 0] == 0.0
    assert nothing.lent[5, 0] == 0.0
    unknown = valued([{
        **SHARE, **dict.fromkeys(years), "net_assets_yuan_per_share": 9e4, "total_shares": 100.0,
        "distributable_income_yuan_per_year": 1e6,
    }])  # fmt: skip
    assert np.isnan(unknown.reconciled[0, 0])
    assert unknown.flags[0] & Flag.MANDATORY_MISSING
    assert output_of(unknown, "distributable")[VALUE, 0] > 0.0


def test_repurchase_price_and_net_assets_cap_the_value() -> None:
    free = dividend(SHARE)
    assert dividend({**SHARE, "repurchase_price_yuan_per_share": 100.0}) == 1000.0
    assert dividend({**SHARE, "net_assets_yuan_per_share": 80.0}) == 800.0
    both = {**SHARE, "repurchase_price_yuan_per_share": 100.0, "net_assets_yuan_per_share": 80.0}
    assert dividend(both) == 800.0
    assert dividend(both, PRUDENT) <= 800.0
    assert dividend(both, LIMIT) == 800.0
    assert dividend({**SHARE, "net_assets_yuan_per_share": 1e6}) == free


def test_goods_cannot_be_paid_into_an_account() -> None:
    part = {**SHARE, "dividend_in_kind_share": 0.4}
    assert dividend(part) == dividend(SHARE)
    assert dividend(part, PRUDENT) == pytest.approx(0.6 * dividend(SHARE, PRUDENT), rel=REL)


def test_models_of_marketability_are_shown() -> None:
    volatility = MARKET.quote("volatility", "330206", "equity").value
    years = MARKET.quote("years_to_sell", "330206", "equity").value
    v = volatility**2 * years
    normal = 0.5 * (1.0 + math.erf(math.sqrt(v / 8.0)))
    bound = (2.0 + v / 2.0) * normal + math.sqrt(v / 2.0 / math.pi) * math.exp(-v / 8.0) - 1.0
    assert dividend(SHARE, LONGSTAFF) == pytest.approx(bound, rel=1e-9)
    assert 0.0 < dividend(SHARE, FINNERTY) < dividend(SHARE, CHAFFE) < dividend(SHARE, LONGSTAFF)


# The published cases: what is no market value is checked here.


def case(name: str) -> dict[str, object]:
    with (CASES / "equity.csv").open(encoding="utf-8") as file:
        rows = {row["right_id"]: row for row in csv.DictReader(file)}
    return {column: cell or None for column, cell in rows[name].items()}


def published(name: str, quantity: str) -> tuple[float, date]:
    with (CASES / "published" / "equity.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if (row["right_id"], row["quantity"]) == (name, quantity):
                return float(row["published"]), date.fromisoformat(row["valued_on"])
    raise AssertionError(name)


@pytest.mark.parametrize("name", ["CASE-74", "CASE-80"])
def test_income_values_of_the_case_book_at_its_ten_per_cent(name: str) -> None:
    income, day = published(name, "income_value_yuan")
    found = output_of(valued([case(name)], day), "dividend")
    kind = str(case(name)["kind"])
    rate = demonstration().on(day).quote("equity_discount_rate", "341126", "*").value
    risky = (1.0 + rate) * math.exp(RULES.table("equity.lapse_hazard")[kind]) - 1.0
    assert found[INCOME, 0] * risky / 0.10 == pytest.approx(income, rel=1e-9)


@pytest.mark.parametrize(("name", "worth"), [("CASE-74", 0.36), ("CASE-77", 0.2)])
def test_book_value_lies_far_above_income_value(name: str, worth: float) -> None:
    book, day = published(name, "book_value_yuan")
    found = valued([case(name)], day)
    assert output_of(found, "net_asset")[3, 0] == book
    assert output_of(found, "dividend")[INCOME, 0] < (worth + 0.01) * book
    assert output_of(found, "dividend")[YIELD, 0] < 0.05
    assert statuses(found.flags)[0] == 0


def test_shares_paid_short_are_referred() -> None:
    received, day = published("CASE-76", "dividend_yuan")
    found = valued([case("CASE-76")], day)
    assert output_of(found, "dividend")[DIVIDEND, 0] == pytest.approx(received / 8.4, rel=REL)
    assert found.flags[0] & Flag.WIDE
    whole_shares = {**case("CASE-76"), "shares": 8.0}
    assert not valued([whole_shares], day).flags[0] & Flag.WIDE


def test_the_top_household_of_chenshan() -> None:
    received, day = published("CASE-79", "dividend_yuan")
    found = valued([case("CASE-79")], day)
    assert float(str(case("CASE-79")["shares"])) * 32.0 == pytest.approx(received, rel=1e-3)
    assert not found.flags[0] & Flag.WIDE
    assert found.reconciled[0, 0] > 0.0


def test_every_kind_is_valued(sample) -> None:
    kinds = sample.batch.columns["kind"]
    for k in range(len(EQUITY.by_name["kind"].codes)):
        assert np.mean(sample.reconciled[0][kinds == k] > 0.0) > 0.7
