"""Released house and stumpage models are one more method in reconciliation."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from models.config import parse
from models.frame import prepare
from riskengine.market import demonstration
from riskengine.methods.method import LOG_ERROR, PRUDENT, VALUE
from riskengine.single import value_one
from tests.models.price.conftest import content, release

DAY = date(2026, 11, 24)
HOUSE = [
    "right_id=1", "kind=farmhouse", "region_code=370903002", "building_area_m2=150",
    "storeys=2", "structure=brick_concrete", "built_on=2012-06-30", "buyer_pool=village",
]  # fmt: skip
STAND = [
    "right_id=1", "kind=timber", "region_code=350403", "area_mu=80", "species=fir",
    "stand_age_years=28", "volume_m3_per_mu=9", "term_end=2055-12-31",
]  # fmt: skip


def _method(valuation):
    return [method.name for method in valuation.approach.methods].index("learned")


@pytest.fixture(scope="module")
def house(tmp_path_factory, table):
    """Buyers of the county and of the village."""
    known = table.assign(buyer_pool=table["buyer_pool"].replace("open", "county"))
    told = content(iterations=20, quantile_iterations=15)
    config = parse(told)
    return release(tmp_path_factory.mktemp("house"), prepare(known, config), config)


def test_a_house_model_has_a_say(house) -> None:
    with_model = value_one("homestead", HOUSE, DAY, demonstration(), {"homestead": house})
    without = value_one("homestead", HOUSE, DAY, demonstration(), {})
    k = _method(with_model)
    figures = with_model.methods[k][:, 0]
    assert with_model.weights[k, 0] > 0.0
    assert without.weights[k, 0] == 0.0
    assert with_model.reconciled[0, 0] != without.reconciled[0, 0]
    x = np.array([[150.0], [2.0], [1.0]])
    told = house.estimate(
        x, np.array([1]), np.ones(1, dtype=bool), house.place_levels(["370903002"]), 2026 * 4 + 3
    )
    np.testing.assert_allclose(figures[VALUE], 150.0 * told.price[0], rtol=1e-12)
    np.testing.assert_allclose(figures[PRUDENT], 150.0 * told.bound[0], rtol=1e-12)
    assert figures[LOG_ERROR] == told.log_error[0]


def test_a_use_right_is_no_sale(house) -> None:
    facts = [*HOUSE, "term_end=2040-12-31"]
    facts[1] = "kind=use_right"
    valuation = value_one("homestead", facts, DAY, demonstration(), {"homestead": house})
    assert np.isnan(valuation.methods[_method(valuation)][VALUE, 0])


def test_outside_its_data_the_house_model_says_nothing(house) -> None:
    far = [*HOUSE[:3], "building_area_m2=4000", *HOUSE[4:]]
    valuation = value_one("homestead", far, DAY, demonstration(), {"homestead": house})
    assert np.isnan(valuation.methods[_method(valuation)][VALUE, 0])


@pytest.fixture(scope="module")
def stumpage(tmp_path_factory):
    rng = np.random.default_rng(11)
    size = 1500
    species = np.array(["fir", "masson_pine"])[rng.integers(0, 2, size)]
    age = rng.uniform(15.0, 45.0, size)
    day = np.datetime64("2024-01-01") + rng.integers(0, 820, size).astype("timedelta64[D]")
    log = 6.2 + 0.01 * age + 0.2 * (species == "fir") + rng.normal(0.0, 0.2, size)
    table = pd.DataFrame({
        "deal": [f"s{k}" for k in range(size)], "sold_on": day, "price": np.exp(log),
        "species": species, "stand_age_years": age, "volume_m3_per_mu": rng.uniform(3.0, 14.0, size),
    })  # fmt: skip
    told = content(
        table="forest", quantity="stumpage_price", group="species", places=[], place_digits=[],
        remarks="", alike=[], iterations=10, quantile_iterations=10, least=400,
    )  # fmt: skip
    told["features"] = {
        "species": {"kind": "category", "codes": ["fir", "masson_pine"]},
        "stand_age_years": {"unit": "year", "direction": 1},
        "volume_m3_per_mu": {"unit": "m3/mu"},
    }
    config = parse(told)
    return release(tmp_path_factory.mktemp("stumpage"), prepare(table, config), config)


def test_a_stumpage_model_has_a_say_in_ripe_timber(stumpage) -> None:
    with_model = value_one("forest", STAND, DAY, demonstration(), {"forest": stumpage})
    without = value_one("forest", STAND, DAY, demonstration(), {})
    k = _method(with_model)
    value, error, prudent, price, output = with_model.methods[k][:5, 0]
    assert with_model.weights[k, 0] > 0.0
    assert without.weights[k, 0] == 0.0
    assert prudent < value
    x = np.array([[0.0], [28.0], [9.0]])
    told = stumpage.estimate(x, np.array([0]), np.ones(1, dtype=bool))
    assert price == told.price[0]
    assert error > told.log_error[0]
    assert 0.0 < value <= 80.0 * output * price * (1.0 + 1e-12)


def test_young_timber_is_not_worth_its_volume_today(stumpage) -> None:
    young = [fact.replace("stand_age_years=28", "stand_age_years=8") for fact in STAND]
    valuation = value_one("forest", young, DAY, demonstration(), {"forest": stumpage})
    assert np.isnan(valuation.methods[_method(valuation)][VALUE, 0])


def test_a_model_of_another_quantity_is_not_asked(stumpage) -> None:
    valuation = value_one("homestead", HOUSE, DAY, demonstration(), {"homestead": stumpage})
    assert np.isnan(valuation.methods[_method(valuation)][VALUE, 0])
