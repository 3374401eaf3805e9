"""Price indices, and rates of which only the latest holds."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from riskengine.market import demonstration
from riskengine.market.index import index_levels
from riskengine.market.snapshot import Observation

REL = 1e-9
DAY = date(2020, 1, 1)


def market(*levels, day=DAY):
    seen = tuple(
        Observation("price_index", region, "land", level, on, 1, "O", "test", "")
        for region, level, on in levels
    )
    return replace(demonstration(), observations=seen).on(day)


def levels(snapshot, ages, region="370983"):
    ages = np.array(ages)
    return index_levels(snapshot, "land", (region,), np.zeros(ages.size, dtype=np.int64), ages)


TWO = (("CN", 100.0, date(2016, 1, 1)), ("CN", 121.0, date(2018, 1, 1)))


def test_an_index_runs_geometrically_between_its_levels() -> None:
    found = levels(market(*TWO), [4.0, 3.0, 2.0, 1.0])
    np.testing.assert_allclose(found.ratio, [1 / 1.21, 1 / 1.1, 1.0, 1.0], rtol=2e-3)
    np.testing.assert_allclose(found.silent_years, [2.0, 2.0, 2.0, 1.0], rtol=2e-3)


def test_before_its_first_level_an_index_is_silent() -> None:
    assert np.isnan(levels(market(*TWO), [4.5]).ratio[0])


def test_one_level_is_no_index_and_the_future_is_not_known() -> None:
    assert np.isnan(levels(market(TWO[0]), [1.0]).ratio[0])
    assert np.isnan(levels(market(*TWO, day=date(2017, 1, 1)), [0.5]).ratio[0])


def test_the_smallest_region_speaks() -> None:
    local = (("37", 100.0, date(2016, 1, 1)), ("37", 144.0, date(2018, 1, 1)))
    snapshot = market(*TWO, *local)
    assert levels(snapshot, [4.0]).ratio[0] == pytest.approx(1 / 1.44, rel=2e-3)
    assert levels(snapshot, [4.0], "511181").ratio[0] == pytest.approx(1 / 1.21, rel=2e-3)


@pytest.mark.parametrize(
    ("day", "rate"),
    [
        (date(2013, 6, 1), 0.0225), (date(2014, 11, 21), 0.03), (date(2014, 11, 22), 0.0275),
        (date(2015, 8, 25), 0.0275), (date(2015, 8, 26), 0.0175), (date(2015, 10, 24), 0.015),
        (date(2026, 11, 24), 0.015),
    ],
)  # fmt: skip
def test_the_deposit_rate_of_the_day_holds(day, rate) -> None:
    quote = demonstration().on(day).quote("risk_free_rate", "", "*")
    assert quote.value == pytest.approx(rate, rel=REL)
    assert quote.observations == 1


@pytest.mark.parametrize(
    ("day", "one_year"),
    [
        (date(2015, 1, 1), 0.056),
        (date(2020, 5, 1), 0.0385),
        (date(2024, 3, 1), 0.0345),
        (DAY, 0.0435),
    ],
)
def test_the_lending_rate_of_the_day_holds(day, one_year) -> None:
    quote = demonstration().on(day).quote("reference_lending_rate", "", "one_year")
    assert quote.value == pytest.approx(one_year, rel=REL)


def test_two_dates_of_one_row_are_two_observations() -> None:
    seen = [o for o in demonstration().observations if o.source == "RENT-12"]
    assert sorted((o.observed_on.year, o.value) for o in seen) == [(2011, 400.0), (2014, 1100.0)]
    quote = demonstration().on(date(2012, 1, 1)).quote("land_rent", "321084", "paddy")
    assert quote.value < 600.0


def test_published_rents_per_hectare_are_rents_per_mu() -> None:
    per_hectare = {"paddy": 13920.0, "irrigated": 12285.0, "dry": 10230.0, "other": 7980.0}
    seen = {
        o.category: o.value for o in demonstration().observations
        if o.source == "N-09" and o.observed_on.year == 2020
    }  # fmt: skip
    assert seen == {use: pytest.approx(rent / 15.0, abs=0.5) for use, rent in per_hectare.items()}
