"""VaR, ES and capital: atoms, samples, weights, and what is wrong with E[L | L >= VaR]."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from riskengine.portfolio.exposures import BookError
from riskengine.portfolio.measures import (
    lattice_measures,
    sample_measures,
    several,
    tails,
)

LEVELS = (0.5, 0.9, 0.99, 0.999)


def test_two_atoms_by_hand() -> None:
    found = lattice_measures([0.0, 100.0], [0.96, 0.04], 0.95)
    assert found.value_at_risk == 0.0
    assert found.expected_shortfall == pytest.approx(80.0, rel=1e-13)
    assert found.expected == pytest.approx(4.0, rel=1e-15)
    assert found.economic_capital == pytest.approx(-4.0, rel=1e-15)


def test_a_level_met_exactly_stays_at_its_atom() -> None:
    x = np.arange(1.0, 11.0)
    for k in range(1, 10):
        found = lattice_measures(x, np.full(10, 0.1), k / 10.0)
        assert found.value_at_risk == k
        assert found.expected_shortfall == pytest.approx(np.mean(x[k:]), rel=1e-12)


def test_mean_beyond_var_is_not_coherent() -> None:
    """Two equal loans of 100 with PD 4 %: E[L | L >= VaR] of both exceeds the two apart."""

    def beyond(x: np.ndarray, p: np.ndarray, level: float) -> float:
        at = x >= lattice_measures(x, p, level).value_at_risk
        return float(np.sum((x * p)[at]) / np.sum(p[at]))

    one = np.array([0.0, 100.0]), np.array([0.96, 0.04])
    two = np.array([0.0, 100.0, 200.0]), np.array([0.96**2, 2 * 0.96 * 0.04, 0.04**2])
    assert beyond(*two, 0.95) > 2 * beyond(*one, 0.95)  # 102 against 8: wrong
    apart = 2 * lattice_measures(*one, 0.95).expected_shortfall
    assert lattice_measures(*two, 0.95).expected_shortfall <= apart  # ES: 103 against 160
    assert lattice_measures(*two, 0.95).value_at_risk > 2 * 0.0  # VaR is not subadditive


laws = st.lists(st.integers(1, 50), min_size=2, max_size=12)


@given(laws, st.sampled_from(LEVELS))
def test_es_is_the_mean_of_quantiles_above(raw: list[int], level: float) -> None:
    p = np.array(raw) / sum(raw)
    x = np.cumsum(np.array(raw, dtype=np.float64))
    found = lattice_measures(x, p, level)
    u = np.linspace(level, 1.0, 20001)
    middle = 0.5 * (u[1:] + u[:-1])
    quantiles = x[np.minimum(np.searchsorted(np.cumsum(p), middle), x.size - 1)]
    assert found.expected_shortfall == pytest.approx(np.mean(quantiles), rel=2e-3)
    assert found.expected_shortfall >= found.value_at_risk


@given(laws, laws, st.sampled_from(LEVELS))
def test_es_is_subadditive(one: list[int], other: list[int], level: float) -> None:
    """Coherence on a finite space: two positions on the same scenarios."""
    n = min(len(one), len(other))
    x, y = np.array(one[:n], dtype=np.float64), np.array(other[:n], dtype=np.float64)

    def shortfall(losses: np.ndarray) -> float:
        return sample_measures(losses, level).expected_shortfall

    assert shortfall(x + y) <= (shortfall(x) + shortfall(y)) * (1.0 + 1e-12)
    assert shortfall(3.0 * x + 7.0) == pytest.approx(3.0 * shortfall(x) + 7.0, rel=1e-12)


def test_sample_is_the_law_of_its_atoms() -> None:
    drawn = np.array([5.0, 1.0, 5.0, 2.0, 9.0, 2.0, 2.0, 0.0])
    x, counts = np.unique(drawn, return_counts=True)
    for level in (0.3, 0.5, 0.75, 0.9, 0.99):
        mine = sample_measures(drawn, level)
        law = lattice_measures(x, counts / drawn.size, level)
        assert mine.value_at_risk == law.value_at_risk
        assert mine.expected_shortfall == pytest.approx(law.expected_shortfall, rel=1e-13)
        assert mine.expected == pytest.approx(law.expected, rel=1e-13)


def test_weights_are_not_made_to_add_up() -> None:
    """A shifted normal: the right tail by w / n holds where the body is hardly sampled."""
    rng = np.random.Generator(np.random.Philox(key=7))
    shift, n = 3.5, 20000
    z = rng.standard_normal(n) + shift
    weights = np.exp(-shift * z + 0.5 * shift * shift)
    found = sample_measures(z, 0.999, weights=weights, expected=0.0)
    quantile = stats.norm.ppf(0.999)
    shortfall = stats.norm.pdf(quantile) / 0.001
    assert found.value_at_risk == pytest.approx(quantile, rel=0.01)
    assert found.expected_shortfall == pytest.approx(shortfall, rel=0.01)
    halved = sample_measures(z, 0.999, weights=weights / np.mean(weights), expected=0.0)
    off = abs(halved.value_at_risk - quantile), abs(found.value_at_risk - quantile)
    assert off[0] > 3.0 * off[1]


def test_interpolated_is_between_atoms() -> None:
    found = lattice_measures([0.0, 10.0, 20.0], [0.5, 0.3, 0.2], 0.65, interpolated=True)
    assert found.value_at_risk == pytest.approx(5.0, rel=1e-13)
    first = lattice_measures([0.0, 10.0, 20.0], [0.5, 0.3, 0.2], 0.4, interpolated=True)
    assert first.value_at_risk == 0.0
    plain = lattice_measures([0.0, 10.0, 20.0], [0.5, 0.3, 0.2], 0.65)
    assert plain.value_at_risk == 10.0
    assert plain.expected_shortfall == found.expected_shortfall


def test_order_of_the_sample_says_nothing() -> None:
    rng = np.random.Generator(np.random.Philox(key=1))
    x, w = rng.exponential(1.0, 5000), rng.exponential(1.0, 5000)
    order = rng.permutation(5000)
    one = sample_measures(x, 0.99, weights=w)
    other = sample_measures(x[order], 0.99, weights=w[order])
    assert other.value_at_risk == one.value_at_risk
    assert other.expected_shortfall == pytest.approx(one.expected_shortfall, rel=1e-13)


def test_far_tails_keep_their_digits() -> None:
    p = stats.binom.pmf(np.arange(201), 200, 0.05)
    assert tails(p)[60] == pytest.approx(stats.binom.sf(60, 200, 0.05), rel=1e-11)
    found = several(np.arange(201.0), p, (0.9, 0.999))
    assert [m.value_at_risk for m in found] == list(stats.binom.ppf((0.9, 0.999), 200, 0.05))


@pytest.mark.parametrize("level", [0.0, 1.0, -0.1, float("nan"), 1.5])
def test_levels_outside_are_refused(level: float) -> None:
    with pytest.raises(BookError, match="level"):
        lattice_measures([0.0, 1.0], [0.5, 0.5], level)
    with pytest.raises(BookError, match="level"):
        sample_measures([0.0, 1.0], level)


@pytest.mark.parametrize(
    ("values", "probabilities"),
    [
        ([0.0, 1.0], [0.5, 0.4]),
        ([0.0, 1.0], [1.5, -0.5]),
        ([1.0, 0.0], [0.5, 0.5]),
        ([1.0, 1.0], [0.5, 0.5]),
        ([], []),
        ([0.0, float("inf")], [0.5, 0.5]),
        ([0.0, 1.0], [float("nan"), 1.0]),
        ([[0.0, 1.0]], [0.5, 0.5]),
        (["a"], [1.0]),
    ],
)
def test_what_is_no_law_is_refused(values: list, probabilities: list) -> None:
    with pytest.raises(BookError):
        lattice_measures(values, probabilities, 0.5)


def test_bad_samples_are_refused() -> None:
    for losses, weights in (
        ([], None),
        ([1.0, np.nan], None),
        ([1.0], [1.0, 2.0]),
        ([1.0], [-1.0]),
    ):
        with pytest.raises(BookError):
            sample_measures(losses, 0.5, weights=weights)
