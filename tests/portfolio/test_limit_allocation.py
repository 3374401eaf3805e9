"""Limits by segment under a budget of tail risk: closed cases, conditions of the optimum."""

import numpy as np
import pytest
from scipy import stats

from riskengine.portfolio.exposures import BookError
from riskengine.portfolio.limit_allocation import allocate_limits
from riskengine.portfolio.measures import sample_measures


def losses(scenarios: int = 800, segments: int = 5, seed: int = 5) -> np.ndarray:
    random = np.random.default_rng(seed)
    common = 0.6 * random.normal(size=(scenarios, 1))
    return 0.05 * np.exp(-common - 0.5 * random.normal(size=(scenarios, segments)) - 0.3)


MARGINS = np.array([0.012, 0.02, 0.011, 0.03, 0.016])


def test_the_budget_is_met_and_free_segments_earn_alike() -> None:
    unit = losses()
    found = allocate_limits(unit, MARGINS, 2e6, 0.99, np.zeros(5), np.full(5, 1e7))
    of_sample = sample_measures(unit @ found.volumes, 0.99)
    assert of_sample.expected_shortfall == pytest.approx(2e6, rel=1e-9)
    assert found.expected_shortfall_yuan == pytest.approx(of_sample.expected_shortfall, rel=1e-12)
    assert found.free.sum() >= 2 and found.price > 0.0
    assert found.marginal_return[found.free] == pytest.approx(found.price, rel=1e-7)
    empty = found.volumes <= 1e-3
    assert np.all(found.marginal_return[empty] <= found.price * (1.0 + 1e-7))
    # Euler: marginal shortfalls times volumes are the shortfall.
    assert found.marginal_shortfall @ found.volumes == pytest.approx(2e6, rel=1e-7)


def test_no_feasible_volumes_found_by_search_earn_more() -> None:
    unit = losses(200, 3)
    margins = MARGINS[:3]
    found = allocate_limits(unit, margins, 1e5, 0.95, np.zeros(3), np.full(3, 1e6))
    random = np.random.default_rng(8)
    for u in np.abs(random.normal(size=(300, 3))):
        scale = 1e5 / sample_measures(unit @ u, 0.95).expected_shortfall
        x = np.minimum(u * scale, 1e6)
        assert margins @ x <= found.margin_yuan * (1.0 + 1e-9)


def test_normal_losses_have_the_weights_of_mean_and_deviation() -> None:
    """Two independent normal segments: KKT in closed form, by stratified scenarios."""
    grid = stats.norm.ppf((np.arange(60) + 0.5) / 60)
    z = np.stack(np.meshgrid(grid, grid), axis=-1).reshape(-1, 2)
    unit = np.array([1.0, 2.0]) * z
    m = np.array([0.3, 0.5])
    found = allocate_limits(unit, m, 10.0, 0.9, np.zeros(2), np.full(2, 100.0))
    direction = m / np.array([1.0, 4.0])
    assert found.volumes / found.volumes.sum() == pytest.approx(
        direction / direction.sum(), abs=0.01
    )


def test_weights_are_those_of_repeated_scenarios() -> None:
    unit = losses(100, 3)
    count = np.random.default_rng(2).integers(0, 4, 100)
    repeated = np.repeat(unit, count, axis=0)
    args = 1e5, 0.9, np.zeros(3), np.full(3, 1e6)
    weighted = allocate_limits(unit, MARGINS[:3], *args, weights=count * 100 / count.sum())
    plain = allocate_limits(repeated, MARGINS[:3], *args)
    assert weighted.margin_yuan == pytest.approx(plain.margin_yuan, rel=1e-7)
    assert weighted.volumes == pytest.approx(plain.volumes, rel=1e-5, abs=1.0)


def test_a_loose_budget_has_no_price_and_bounds_hold() -> None:
    unit = losses()
    found = allocate_limits(unit, MARGINS, 1e9, 0.99, np.zeros(5), np.full(5, 1e6))
    assert found.volumes == pytest.approx(np.full(5, 1e6)) and found.price == 0.0
    assert not found.free.any()
    assert found.marginal_shortfall @ found.volumes == pytest.approx(
        found.expected_shortfall_yuan, rel=1e-12
    )


def test_further_limits_hold_and_take_their_segments_out_of_the_comparison() -> None:
    unit = losses()
    rows = np.array([[1.0, 1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0, 0.0]])
    found = allocate_limits(unit, MARGINS, 2e6, 0.99, np.full(5, 1e5), np.full(5, 1e7),
                            limits=rows, amounts=[5e6, 2e6])  # fmt: skip
    assert np.all(rows @ found.volumes <= np.array([5e6, 2e6]) * (1.0 + 1e-9))
    assert not found.free[3] and found.volumes[3] == pytest.approx(2e6)
    assert found.marginal_return[found.free] == pytest.approx(found.price, rel=1e-7)
    assert np.all(found.volumes >= 1e5)


def test_a_segment_without_loss_has_no_marginal_return() -> None:
    unit = np.array([[0.0, 0.1], [0.0, 0.3]])
    found = allocate_limits(unit, [0.01, 0.02], 10.0, 0.5, [0.0, 0.0], [1e3, 1e3])
    assert found.volumes[0] == 1e3 and np.isnan(found.marginal_return[0])


def test_the_price_is_what_more_budget_brings() -> None:
    unit = losses()
    args = 0.99, np.zeros(5), np.full(5, 1e7)
    base = allocate_limits(unit, MARGINS, 2e6, *args)
    more = allocate_limits(unit, MARGINS, 2.001e6, *args)
    assert more.margin_yuan - base.margin_yuan == pytest.approx(1e3 * base.price, rel=0.05)


def test_refused() -> None:
    unit, low, high = losses(50), np.zeros(5), np.full(5, 1e6)
    with pytest.raises(BookError, match="no volumes meet"):
        allocate_limits(unit, MARGINS, 1.0, 0.9, np.full(5, 1e5), high)
    for budget in (0.0, np.nan, -1.0):
        with pytest.raises(BookError, match="budget_yuan"):
            allocate_limits(unit, MARGINS, budget, 0.9, low, high)
    for level in (0.0, 1.0):
        with pytest.raises(BookError, match="level"):
            allocate_limits(unit, MARGINS, 1e5, level, low, high)
    with pytest.raises(BookError, match="low <= high"):
        allocate_limits(unit, MARGINS, 1e5, 0.9, high, low)
    with pytest.raises(BookError, match="table"):
        allocate_limits(np.full((3, 5), np.nan), MARGINS, 1e5, 0.9, low, high)
    with pytest.raises(BookError, match="do not fit"):
        allocate_limits(unit, MARGINS[:3], 1e5, 0.9, low, high)
    with pytest.raises(BookError, match="do not fit"):
        allocate_limits(unit, MARGINS, 1e5, 0.9, low, high, weights=-np.ones(50))
    with pytest.raises(BookError, match="one amount a row"):
        allocate_limits(unit, MARGINS, 1e5, 0.9, low, high, limits=np.eye(5), amounts=[1.0])
    with pytest.raises(BookError, match="finite"):
        allocate_limits(unit, MARGINS, 1e5, 0.9, low, np.full(5, np.inf))
