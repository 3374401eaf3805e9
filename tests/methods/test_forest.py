"""Forest rights: the compiled path against its vectorised twin, and what must hold."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from riskengine.kernels.forest import (
    planting_cost_today,
    rotation_present_value,
    stand_volume,
    stumpage_per_m3,
    woodland_value,
)
from riskengine.kernels.forestry import stumpage_value, young_replacement_cost
from riskengine.market import demonstration
from riskengine.methods.method import LOG_ERROR, PRUDENT, VALUE
from riskengine.rights.forest import FOREST
from riskengine.rules import statute
from riskengine.sample import SAMPLES
from riskengine.table import check, from_pandas
from riskengine.valuation import value
from tests.reference.twin_forest import twin_forest

DAY = date(2026, 11, 24)
MARKET = demonstration().on(DAY)
RULES = statute().at(DAY)
REL = 1e-9


def valued(rows):
    frame = pd.DataFrame(rows)
    if "right_id" not in frame:
        frame.insert(0, "right_id", [f"S{k}" for k in range(len(frame))])
    found = check(FOREST, from_pandas(FOREST, frame), DAY)
    assert not found.faults, found.faults[:3]
    return value(found.batch, MARKET, RULES)


@pytest.fixture(scope="module")
def sample():
    return valued(pd.DataFrame(SAMPLES["forest"](np.random.default_rng(12), 20_000, DAY)))


def test_every_method_equals_its_twin(sample) -> None:
    twin = twin_forest(sample.batch, MARKET, RULES)
    for method, output in zip(sample.approach.methods, sample.methods, strict=True):
        if method.name not in twin:
            continue
        known = ~np.isnan(output[VALUE])
        assert known.any(), method.name
        for row, name in ((VALUE, "value"), (LOG_ERROR, "log_error"), (PRUDENT, "prudent")):
            np.testing.assert_allclose(
                output[row][known], twin[method.name][name][known], rtol=REL, atol=1e-6,
                err_msg=f"{method.name} {name}",
            )  # fmt: skip


def test_every_case_is_valued(sample) -> None:
    for case in range(len(sample.approach.cases)):
        rows = sample.case == case
        assert rows.any(), sample.approach.cases[case]
        assert (~np.isnan(sample.reconciled[0, rows])).any(), sample.approach.cases[case]


STAND = {
    "kind": "timber", "region_code": "350427", "area_mu": 100.0, "species": "fir",
    "term_end": "2060-11-24", "stand_age_years": 18.0, "volume_m3_per_mu": 9.5,
}  # fmt: skip


def worth(**changes) -> float:
    return float(valued([{**STAND, **changes}]).reconciled[0, 0])


def test_age_decides_the_case() -> None:
    ages = [5.0, 15.0, 22.0, 30.0, 40.0]
    found = valued([{**STAND, "stand_age_years": age} for age in ages])
    names = [found.approach.cases[k] for k in found.case]
    assert names == [
        "forest_timber_young", "forest_timber_middle", "forest_timber_near_mature",
        "forest_timber_mature", "forest_timber_over_mature",
    ]  # fmt: skip


def test_scale_free_in_area_and_falling_with_the_wait() -> None:
    assert worth(area_mu=250.0) == pytest.approx(2.5 * worth(), rel=REL)
    waits = [worth(permit_delay_years=float(years)) for years in range(4)]
    assert np.all(np.diff(waits) < 0.0)
    assert worth(permit_chance=0.5) < worth(permit_chance=0.9)


def test_a_term_that_ends_before_felling_cuts_the_harvest() -> None:
    ends = [worth(term_end=f"{year}-11-24") for year in range(2027, 2045)]
    assert np.all(np.diff(ends) >= -1e-9)
    fast = {"species": "eucalyptus", "stand_age_years": 3.0, "volume_m3_per_mu": 2.5}
    assert worth(**fast, term_end="2027-11-24") < worth(**fast)
    assert worth(stand_age_years=30.0, permit_delay_years=3.0, term_end="2028-11-24") == 0.0


def test_longer_woodland_terms_are_never_worth_less() -> None:
    row = {**STAND, "kind": "woodland", "stand_age_years": None, "volume_m3_per_mu": None}
    ends = [
        valued([{**row, "term_end": f"{y}-11-24"}]).methods[4][VALUE, 0]
        for y in range(2040, 2090, 3)
    ]
    assert np.all(np.diff(ends) >= -1e-6)


def test_finite_woodland_tends_to_faustmann() -> None:
    plan = (330.0, 300.0, 200.0, 3.0, 0.0, 0.06, 18.0, 0.09, 3.0)

    def finite(years: float) -> float:
        return woodland_value(plan[0], 20.0, *plan[1:], years, np.empty((2, 601)))

    single = {u: rotation_present_value(plan[0], float(u), *plan[1:]) for u in range(20, 80)}
    perpetual = max(npv / (1 - 1.06**-u) for u, npv in single.items())
    assert finite(600.0) == pytest.approx(perpetual, rel=1e-6)
    values = [finite(float(years)) for years in range(0, 120, 4)]
    assert np.all(np.diff(values) >= 0.0)
    assert values[-1] <= perpetual * (1 + 1e-12)
    assert finite(19.0) == 0.0
    assert finite(27.0) == max(0.0, *(single[u] for u in range(20, 28)))


def test_the_engine_and_the_general_formula_agree() -> None:
    one = stumpage_per_m3(800.0, 0.7, 180.0, 0.0, 0.18, 0.16, 0)
    general = stumpage_value(
        1.0, np.array([0.7]), np.array([800.0]), 180.0, 0.0, 0.0, 0.18, 0.16, 0
    )
    assert one == pytest.approx(general, rel=1e-12)
    costs = np.array([5300.0, 2300.0, 300.0])
    spread = planting_cost_today(5000.0, 2000.0, 1.0, 300.0, 0.08, 3.0)
    assert spread == pytest.approx(young_replacement_cost(costs, 0.08, 1.0), rel=1e-12)


def test_published_items_of_the_examination() -> None:
    sales, costs, profit, stumpage = stumpage_per_m3(587.5 / 0.7, 0.7, 180.0, 0.0, 0.18, 0.16, 0)
    volume = 100 * 180
    for figure, published in (
        (sales, 10575000), (costs, 4171500), (profit, 667440), (stumpage, 5736060),
    ):  # fmt: skip
        assert figure * volume == pytest.approx(published, abs=0.5)
    young = 20 * (2.1 / 2.0) * planting_cost_today(5000.0, 2000.0, 1.0, 0.0, 0.1, 2.0)
    assert young == pytest.approx(173250.0, abs=0.5)


def test_growth_rises_to_its_ceiling() -> None:
    volumes = [stand_volume(float(age), 18.0, 0.09, 3.0) for age in range(0, 200, 5)]
    assert volumes[0] == 0.0
    assert np.all(np.diff(volumes) > 0.0)
    assert volumes[-1] <= 18.0


def test_published_traps_are_refused_at_the_door() -> None:
    frame = pd.DataFrame([{**STAND, "right_id": "T", "log_price_yuan_per_m3": 3500.0}])
    found = check(FOREST, from_pandas(FOREST, frame), DAY)
    assert [fault.column.name for fault in found.faults] == ["log_price_yuan_per_m3"]
