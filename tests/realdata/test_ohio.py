"""The income method against official figures: use values of Ohio soils, to the dollar."""

import math

import pytest

from riskengine.kernels.discount import annuity_factor
from tests.realdata import ohio

EXACT = {2010: 0.97, 2011: 0.97, 2012: 0.97, 2013: 0.97, 2014: 0.93}


@pytest.fixture(scope="module")
def years(shared_data):
    return {found.year: found for found in ohio.study(shared_data)}


@pytest.mark.parametrize("year", EXACT)
def test_soils_come_out_to_the_dollar(years, year) -> None:
    assert years[year].soils > 3000
    assert years[year].exact >= EXACT[year]


@pytest.mark.parametrize("year", EXACT)
def test_the_lowland_rotation_is_what_the_recipe_leaves_out(years, year) -> None:
    assert years[year].exact_without_lowland < years[year].exact


def test_income_for_ever_is_income_over_the_rate() -> None:
    assert annuity_factor(0.0791, math.inf) * 47.01 == pytest.approx(594.3, abs=0.05)
