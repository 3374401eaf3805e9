"""Land rights: the compiled path against its vectorised twin, and what must hold of values."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from riskengine.market import demonstration
from riskengine.methods import APPROACHES
from riskengine.methods.method import LOG_ERROR, PRUDENT, VALUE
from riskengine.rights.land import LAND
from riskengine.rules import statute
from riskengine.sample import SAMPLES
from riskengine.table import check, from_pandas
from riskengine.valuation import Flag, value
from tests.reference.twin_common import whole
from tests.reference.twin_land import twin_land

DAY = date(2026, 11, 24)
REL = 1e-9
MARKET = demonstration().on(DAY)
RULES = statute().at(DAY)


def valued(rows: pd.DataFrame | list[dict[str, object]]):
    frame = pd.DataFrame(rows)
    if "right_id" not in frame:
        frame.insert(0, "right_id", [f"S{k}" for k in range(len(frame))])
    found = check(LAND, from_pandas(LAND, frame), DAY)
    assert not found.faults, found.faults[:3]
    return value(found.batch, MARKET, RULES)


@pytest.fixture(scope="module")
def sample():
    return valued(pd.DataFrame(SAMPLES["land"](np.random.default_rng(11), 20_000, DAY)))


def test_every_method_equals_its_twin(sample) -> None:
    twin = twin_land(sample.batch, MARKET, RULES)
    for method, output in zip(sample.approach.methods, sample.methods, strict=True):
        if method.name not in twin:
            continue
        expected = twin[method.name]
        known = ~np.isnan(output[VALUE])
        np.testing.assert_array_equal(known, ~np.isnan(expected["value"]))
        for row, name in ((VALUE, "value"), (LOG_ERROR, "log_error"), (PRUDENT, "prudent")):
            np.testing.assert_allclose(
                output[row][known], expected[name][known], rtol=REL, atol=1e-7, err_msg=name
            )


def test_reconciliation_and_lending_equal_their_twin(sample) -> None:
    outputs = {
        method.name: {"value": o[VALUE], "log_error": o[LOG_ERROR], "prudent": o[PRUDENT]}
        for method, o in zip(sample.approach.methods, sample.methods, strict=True)
    }
    approach = APPROACHES["land"]
    figures, weights, lent = whole(sample.batch, MARKET, RULES, approach, outputs, sample.case)
    np.testing.assert_allclose(sample.weights, weights, rtol=1e-8, atol=1e-12)
    np.testing.assert_allclose(sample.reconciled, figures, rtol=1e-8, atol=1e-6)
    np.testing.assert_allclose(sample.lent, lent, rtol=1e-8, atol=1e-6)


LEASE = {
    "kind": "lease_yearly", "region_code": "370983", "area_mu": 10.0, "land_use": "irrigated",
    "lease_end": "2036-11-24", "contract_rent_yuan_per_mu_year": 500.0,
    "market_rent_yuan_per_mu_year": 900.0,
}  # fmt: skip
HOUSEHOLD = {
    "kind": "household", "region_code": "370983", "area_mu": 10.0, "land_use": "irrigated",
    "contract_end": "2036-11-24", "market_rent_yuan_per_mu_year": 900.0,
}  # fmt: skip


def income(row: dict[str, object], place: int = VALUE) -> float:
    return float(valued([row]).methods[0][place, 0])


def test_value_is_scale_free_in_area() -> None:
    assert income({**LEASE, "area_mu": 25.0}) == pytest.approx(2.5 * income(LEASE), rel=REL)


def test_splitting_a_parcel_changes_nothing() -> None:
    halves = valued([{**LEASE, "area_mu": 4.0}, {**LEASE, "area_mu": 6.0}])
    assert halves.methods[0][VALUE].sum() == pytest.approx(income(LEASE), rel=REL)


def test_longer_terms_are_worth_more_and_dearer_leases_less() -> None:
    ends = [income({**LEASE, "lease_end": f"{year}-11-24"}) for year in range(2027, 2047)]
    rents = [income({**LEASE, "contract_rent_yuan_per_mu_year": rent}) for rent in (0, 300, 600)]
    assert np.all(np.diff(ends) > 0.0)
    assert np.all(np.diff(rents) < 0.0)


def test_a_lease_is_cut_at_the_end_of_the_contract() -> None:
    cut = income({**LEASE, "contract_end": "2030-11-24"})
    assert cut == pytest.approx(income({**LEASE, "lease_end": "2030-11-24"}), rel=REL)


def test_prepaid_rent_is_not_owed_again() -> None:
    prepaid = {
        **LEASE, "kind": "lease_prepaid", "rent_prepaid_through": "2036-11-24",
    }  # fmt: skip
    unencumbered = {**prepaid, "contract_rent_yuan_per_mu_year": 0.0}
    assert income(prepaid) == pytest.approx(income(unencumbered), rel=REL)
    assert income(prepaid) > income(LEASE)


def test_mixed_rent_lies_between_yearly_and_prepaid() -> None:
    mixed = {**LEASE, "kind": "lease_mixed", "rent_prepaid_through": "2036-11-24"}
    low, high = (income({**mixed, "rent_prepaid_share": share}) for share in (0.2, 0.8))
    assert low < high


def test_rent_in_advance_is_worth_one_year_of_interest_more() -> None:
    plain, advance = income(HOUSEHOLD), income({**HOUSEHOLD, "rent_in_advance": True})
    rate = MARKET.quote("land_discount_rate", "370983", "household").value
    assert advance == pytest.approx(plain * (1.0 + rate), rel=REL)


def test_an_onerous_lease_is_worth_nothing_and_says_its_burden() -> None:
    found = valued([{**LEASE, "contract_rent_yuan_per_mu_year": 1500.0}])
    assert found.reconciled[0, 0] == 0.0
    assert found.flags[0] & Flag.WORTHLESS
    assert found.methods[0][7, 0] > 0.0
    assert found.lent[5, 0] == 0.0


def test_a_household_counts_its_extension_and_a_lessee_does_not() -> None:
    assert valued([HOUSEHOLD]).methods[0][6, 0] > 0.0
    assert valued([LEASE]).methods[0][6, 0] == 0.0
    assert valued([{**LEASE, "renewal_clause": True}]).methods[0][6, 0] > 0.0


def test_permanent_basic_farmland_counts_at_grain_rent() -> None:
    row = {**HOUSEHOLD, "land_use": "vegetable", "market_rent_yuan_per_mu_year": None}
    grain = {**row, "land_use": "dry", "permanent_basic_farmland": True}
    protected = {**row, "permanent_basic_farmland": True}
    cropland = MARKET.quote("land_rent", "370983", "cropland").value
    assert valued([protected]).methods[0][3, 0] == pytest.approx(cropland, rel=REL)
    assert income(grain) > 0.0


def test_an_unknown_term_is_no_value_and_says_so() -> None:
    found = valued([{**LEASE, "lease_end": None}])
    assert np.isnan(found.reconciled[0, 0])
    assert found.flags[0] & Flag.TERM_UNKNOWN
    assert found.flags[0] & Flag.MANDATORY_MISSING


def test_facilities_and_crops_are_added() -> None:
    row = {
        **LEASE, "facilities_cost_yuan": 100000.0, "facilities_built_on": "2021-11-24",
        "facilities_life_years": 10.0, "crop_cost_yuan": 8000.0, "crop_cost_on": "2026-10-01",
    }  # fmt: skip
    found = valued([row])
    assert found.reconciled[5, 0] > 25000.0
    assert found.reconciled[0, 0] == pytest.approx(income(LEASE) + found.reconciled[5, 0], rel=1e-6)


def test_expired_rights_are_worth_nothing() -> None:
    found = valued([{**LEASE, "lease_end": "2026-01-01"}])
    assert found.reconciled[0, 0] == 0.0
    assert found.flags[0] & Flag.EXPIRED


def test_lending_value_never_exceeds_its_cap_nor_grows_with_prior_claims() -> None:
    found = valued([
        {**HOUSEHOLD, "right_id": "a"}, {**HOUSEHOLD, "right_id": "b", "prior_claims_yuan": 5000.0},
    ])  # fmt: skip
    cap = RULES.table("lending.loan_to_value_cap")["land_household"]
    assert (found.lent[5] <= cap * found.reconciled[0] + 1e-9).all()
    assert found.lent[5, 1] < found.lent[5, 0]
