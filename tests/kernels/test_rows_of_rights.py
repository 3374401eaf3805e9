"""Row kernels of construction land, buildings and pulled prices: plain Python, hand sums."""

import math

import numpy as np
import pytest

from riskengine.kernels.construction_land import (
    construction_term_rows,
    development_rows,
    holding_rows,
    land_rent_rows,
)
from riskengine.kernels.construction_price import (
    benchmark_rows,
    construction_cost_rows,
    deal_price_rows,
    plot_ratio_rows,
)
from riskengine.kernels.discount import annuity_factor, term_factor
from riskengine.kernels.evidence import combine_logs
from riskengine.kernels.homestead import homestead_term_rows
from riskengine.kernels.pulled import pulled_rows
from riskengine.kernels.standing import standing_building_rows

NAN = math.nan
SIZE = 40
RATES, LONGEST = np.array([0.05, 0.065]), np.array([50.0, 40.0, NAN])


def plain(kernel):
    return getattr(kernel, "py_func", kernel)


def holes(rng: np.random.Generator, values: np.ndarray) -> np.ndarray:
    return np.where(rng.random(values.shape) < 0.3, NAN, values)


def test_terms_by_hand() -> None:
    out = np.empty(5)
    granted = np.array([NAN, -10.0, -10.0, -60.0, -1.0])
    end, use = np.array([30.0, 60.0, NAN, 5.0, -2.0]), np.array([0, 0, 0, 0, 1])
    construction_term_rows(granted, end, use, LONGEST, out)
    np.testing.assert_array_equal(out, [30.0, 40.0, NAN, 0.0, 0.0])
    homestead_term_rows(granted, end, np.array([True, True, True, False, False]), 20.0, out)
    np.testing.assert_array_equal(out, [20.0, 10.0, NAN, 5.0, 0.0])


def test_a_pulled_price_is_the_combination_of_both() -> None:
    rng = np.random.default_rng(2)
    prices = np.array([[NAN, 100.0, 300.0], [NAN, 0.2, 0.5]])
    index, own = rng.integers(0, 3, SIZE), holes(rng, rng.uniform(50.0, 400.0, SIZE))
    out = np.empty((2, SIZE))
    pulled_rows(prices, index, own, 0.15, out)
    for i in range(SIZE):
        place = prices[:, index[i]]
        expected = combine_logs(place[0], place[1], own[i], 0.15)
        np.testing.assert_allclose(out[:, i], expected, rtol=1e-14)


def test_what_is_held_by_hand() -> None:
    x = np.array([[1000.0, 30.0, 5.0, 4.0, NAN, 60.0, NAN, 7e5]]).T
    out = np.empty((7, 1))
    holding_rows(
        np.ascontiguousarray(x), np.array([0]), RATES, np.array([1]), LONGEST,
        np.array([0.5, 0.4]), out,
    )  # fmt: skip
    owed = 4000.0 * (annuity_factor(0.065, 30.0) - annuity_factor(0.065, 5.0))
    expected = [
        1000.0, 30.0, annuity_factor(0.065, 30.0), term_factor(0.065, 30.0, 50.0), owed, 0.4, 6e4,
    ]  # fmt: skip
    np.testing.assert_allclose(out[:, 0], expected, rtol=1e-14)


@pytest.mark.parametrize("seed", [1, 2])
def test_construction_compiled_equals_plain_python(seed: int) -> None:
    rng = np.random.default_rng(seed)
    use, index, wanted = rng.integers(-1, 2, SIZE), rng.integers(0, 2, SIZE), rng.random(SIZE) < 0.9
    spread = np.array([1e4, 30.0, 5.0, 3.0, 0.3, 80.0, 40.0, 9e5])[:, None]
    x = spread * rng.uniform(0.5, 1.5, (8, SIZE))
    x[3] = np.where(rng.random(SIZE) < 0.5, 0.0, x[3])
    x[4:] = holes(rng, x[4:])
    ratio, stated = (holes(rng, rng.uniform(0.3, 3.2, SIZE)) for _ in range(2))
    ratios, table = (
        np.array([0.5, 1.5, 3.0]),
        np.array([[1.0, 1.0, 1.0], [0.7, 1.0, 1.3], [NAN] * 3]),
    )
    policy = np.array([0.01, 0.05, 0.5, 0.025, 0.12, 0.15, 0.1, 0.06, 0.05, 0.2])
    benchmark = np.array([0.01, 0.05, 0.5, 0.2, 0.1, 0.15, 0.1, 0.02])
    near, prices = np.array([[NAN, 400.0], [NAN, 0.2], [NAN, 1.5], [NAN, 1.0]]), np.ones((2, 2))
    given = holes(rng, rng.uniform(0.2, 2.0, (6, SIZE))) * np.array(
        [[500], [-3], [1], [0.1], [1], [20]]
    )
    given[[2, 3, 5]] = np.nan_to_num(given[[2, 3, 5]])
    rents = holes(rng, rng.uniform(5.0, 90.0, (2, SIZE)))
    building = np.array([9e3, 4e6, 25.0])[:, None] * rng.uniform(0.5, 1.5, (3, SIZE))
    y = np.array([1.2, 5000.0, 300.0, 1800.0, 2.0])[:, None] * rng.uniform(0.5, 1.5, (5, SIZE))
    y[1], y[3] = holes(rng, y[1]), holes(rng, y[3])
    unit, answers = np.array([1500.0, 0.2])[:, None] * np.ones((2, SIZE)), []
    for way in (lambda kernel: kernel, plain):
        held, plot = np.full((7, SIZE), NAN), np.full((2, SIZE), NAN)
        out = np.full((5, 9, SIZE), NAN)
        way(holding_rows)(x, use, RATES, index, LONGEST, np.array([0.5, 0.4]), held)
        way(plot_ratio_rows)(
            ratio, stated, use, ratios, table, np.array([1.0, 1.5, NAN]), 0.1, plot
        )
        way(deal_price_rows)(held, plot, prices, index, policy, wanted, out[0])
        way(benchmark_rows)(held, given, near, index, plot, benchmark, wanted, out[1])
        way(construction_cost_rows)(held, x[4:7], RATES, index, policy, wanted, out[2])
        way(land_rent_rows)(held, rents, building, RATES, index, policy, wanted, out[3])
        way(development_rows)(held, y, unit, RATES, index, policy, wanted, out[4])
        answers.append(out)
    assert (~np.isnan(answers[0][:, 0])).any(axis=1).all()
    np.testing.assert_allclose(*answers, rtol=1e-11)


def test_buildings_by_hand() -> None:
    x = np.array([
        [500.0, 500.0, 500.0, NAN], [NAN, NAN, 40.0, NAN], [-10.0, -10.0, -60.0, -5.0],
        [60.0, 15.0, 10.0, 10.0],
    ])  # fmt: skip
    ages, out = np.array([[50.0, NAN], [0.04, NAN]]), np.empty((3, 4))
    standing_building_rows(x, np.full(4, 1000.0), np.array([0, 0, 0, -1]), ages, out)
    np.testing.assert_allclose(out[0], [500.0, 500.0, 500.0, 0.0])
    np.testing.assert_allclose(out[1, :3], [5e5 * (1 - 0.96 / 5), 5e5 * 0.6, 5e5 * 0.04])
    np.testing.assert_allclose(out[2, :3], [40.0, 15.0, 0.0])
    assert np.isnan(out[1:, 3]).all()
