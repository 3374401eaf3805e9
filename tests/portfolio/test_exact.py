"""Exact law of a book: published case, enumeration, transform, quadrature, contributions."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.special import ndtr, ndtri

from riskengine.portfolio.exact import (
    Mixture,
    conditional_chances,
    euler,
    mixture_law,
    one_factor,
    transformed_law,
)
from riskengine.portfolio.exposures import BookError
from riskengine.portfolio.homogeneous import default_count
from riskengine.portfolio.lattice import LossLaw, dispersed, raised

EAD = np.array([1, 2, 3, 5, 8, 13, 21, 34], dtype=np.float64)
PD = np.array([0.05, 0.04, 0.03, 0.02, 0.02, 0.015, 0.01, 0.008])
RHO = np.array([0.15, 0.15, 0.12, 0.12, 0.2, 0.2, 0.18, 0.18])


def test_published_book() -> None:
    """PF-ASB-01."""
    law = mixture_law(one_factor(PD, RHO, EAD), 1.0)
    assert law.probabilities[0] == pytest.approx(0.8349237163, rel=1e-9)
    assert law.expected == pytest.approx(1.157, rel=1e-12)
    assert law.variance == pytest.approx(20.0362956414, rel=1e-9)
    for level, value, shortfall in (
        (0.9, 2, 10.6535590786), (0.95, 8, 17.416870049), (0.99, 24, 34.9523866741),
        (0.999, 42, 49.1355274747),
    ):  # fmt: skip
        found = law.measures(level)
        assert found.value_at_risk == value
        assert found.expected_shortfall == pytest.approx(shortfall, rel=1e-9)


def enumerated(order: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """All 2^8 outcomes: their losses and probabilities, by a dense rule over the factor."""
    y = np.linspace(-9.0, 9.0, 2001)
    q = conditional_chances(ndtri(PD), RHO, y)
    weights = stats.norm.pdf(y) * (y[1] - y[0])
    outcomes = np.array(list(itertools.product((0, 1), repeat=8)))
    chance = [weights @ np.prod(np.where(o, q, 1.0 - q), axis=1) for o in outcomes]
    return outcomes, np.array(chance)


def test_every_outcome_is_counted() -> None:
    outcomes, chance = enumerated()
    losses = (outcomes @ EAD).astype(np.int64)
    law = mixture_law(one_factor(PD, RHO, EAD), 1.0)
    np.testing.assert_allclose(law.probabilities, np.bincount(losses, chance), atol=1e-14)
    shares = euler(one_factor(PD, RHO, EAD), 1.0, 0.99)
    at = losses == 24
    by_hand = (chance[at, None] * outcomes[at] * EAD).sum(axis=0) / chance[at].sum()
    np.testing.assert_allclose(shares.value_at_risk, by_hand, atol=1e-10)
    above, beyond = losses > 24, chance[losses > 24].sum()
    worst = (chance[above, None] * outcomes[above] * EAD).sum(axis=0)
    by_hand = (worst + by_hand * (0.01 - beyond)) / 0.01
    np.testing.assert_allclose(shares.expected_shortfall, by_hand, atol=1e-10)


def mixed_book(seed: int, n: int = 60) -> Mixture:
    rng = np.random.Generator(np.random.Philox(key=seed))
    pd, rho = rng.uniform(0.001, 0.3, n), rng.uniform(0.0, 0.6, n)
    return one_factor(pd, rho, rng.lognormal(0.0, 1.0, n), counts=rng.integers(0, 3, n))


@pytest.mark.parametrize("level", [0.5, 0.9, 0.99, 0.9999])
def test_contributions_add_up(level: float) -> None:
    shares = euler(mixed_book(1), 0.25, level)
    assert np.sum(shares.value_at_risk) == pytest.approx(shares.measures.value_at_risk, rel=1e-10)
    total = np.sum(shares.expected_shortfall)
    assert total == pytest.approx(shares.measures.expected_shortfall, rel=1e-10)


def test_contributions_where_most_default() -> None:
    """Names with PD > 1/2 are taken out from above, or the law is built anew."""
    pd = np.array([0.9, 0.8, 0.7, 0.02, 0.6])
    for loss in ([3.0, 2.0, 5.0, 4.0, 1.0], [3.5, 2.25, 5.0, 4.0, 0.5]):
        shares = euler(one_factor(pd, 0.3, loss), 1.0, 0.95)
        total = np.sum(shares.expected_shortfall)
        assert np.sum(shares.value_at_risk) == pytest.approx(
            shares.measures.value_at_risk, rel=1e-11
        )
        assert total == pytest.approx(shares.measures.expected_shortfall, rel=1e-11)


def test_transform_is_the_second_road() -> None:
    book = mixed_book(2, 30)
    one, other = mixture_law(book, 0.5), transformed_law(book, 0.5)
    size = one.probabilities.size
    np.testing.assert_allclose(other.probabilities[:size], one.probabilities, atol=2e-15)
    far = int(np.flatnonzero(one.probabilities > 1e-25)[-1])
    assert one.probabilities[far] < 1e-22
    assert abs(other.probabilities[far] / one.probabilities[far] - 1.0) > 0.5
    tilted = transformed_law(book, 0.5, around_yuan=0.5 * far)
    np.testing.assert_allclose(tilted.probabilities[far], one.probabilities[far], rtol=1e-9)
    beyond = transformed_law(book, 0.5, around_yuan=1e9)
    np.testing.assert_allclose(beyond.probabilities, other.probabilities, atol=1e-15)


def test_threads_and_order_of_rows_say_nothing() -> None:
    rng = np.random.Generator(np.random.Philox(key=9))
    n = 200
    pd, rho, loss = rng.uniform(0.001, 0.1, n), rng.uniform(0.05, 0.3, n), rng.lognormal(0, 1, n)
    one = mixture_law(one_factor(pd, rho, loss), 0.5)
    two = mixture_law(one_factor(pd, rho, loss), 0.5, threads=2)
    np.testing.assert_array_equal(one.probabilities, two.probabilities)
    order = rng.permutation(n)
    other = mixture_law(one_factor(pd[order], rho[order], loss[order]), 0.5)
    np.testing.assert_allclose(other.probabilities, one.probabilities, rtol=1e-12, atol=1e-60)
    shares = euler(one_factor(pd, rho, loss), 0.5, 0.99)
    again = euler(one_factor(pd[order], rho[order], loss[order]), 0.5, 0.99, threads=2)
    np.testing.assert_allclose(
        again.expected_shortfall, shares.expected_shortfall[order], rtol=1e-10
    )


def test_large_homogeneous_books_meet_the_binomial_mixture() -> None:
    n = 20000
    law = mixture_law(one_factor([0.01], 0.12, [1.0], counts=np.array([n])), 1.0)
    pool = default_count(n, 0.12, default_chance=0.01)
    for d in (50, 441, 1500, 4000):
        assert law.exceeding(float(d)) == pytest.approx(pool.exceeding(d), rel=1e-11, abs=0.0)
    assert law.expected == pytest.approx(200.0, rel=1e-11)
    assert law.measures(0.999).value_at_risk == pool.quantile(0.999)


@pytest.mark.parametrize("rho", [0.0, 1e-9, 0.5, 0.95, 0.9999])
def test_two_names_meet_the_bivariate_normal(rho: float) -> None:
    law = mixture_law(one_factor([0.03, 0.1], rho, [1.0, 2.0]), 1.0)
    thresholds = ndtri([0.03, 0.1])
    both = stats.multivariate_normal.cdf(thresholds, cov=[[1.0, rho], [rho, 1.0]])
    assert law.probabilities[3] == pytest.approx(float(both), rel=1e-6)
    assert law.expected == pytest.approx(0.23, rel=1e-10)


@given(st.floats(0.05, 2.0))
@settings(max_examples=20)
def test_dispersal_keeps_means(step: float) -> None:
    loss = np.array([0.3, 1.7, 2.0, 5.1])
    places, parts = dispersed(loss, step)
    np.testing.assert_allclose(step * (places + parts), loss, rtol=1e-9)
    book = one_factor([0.1, 0.05, 0.02, 0.01], 0.2, loss)
    assert mixture_law(book, step).expected == pytest.approx(0.206, rel=1e-9)
    up = raised(loss, step)
    assert np.all(step * up >= loss * (1.0 - 1e-9)) and np.all(step * (up - 1) < loss)


def test_dispersal_error_falls_with_the_square_of_the_step() -> None:
    rng = np.random.Generator(np.random.Philox(key=4))
    loss = rng.uniform(0.5, 4.0, 40)
    book = one_factor(np.full(40, 0.05), 0.15, loss)
    fine = mixture_law(book, 0.005).measures(0.99).expected_shortfall
    off = [abs(mixture_law(book, h).measures(0.99).expected_shortfall - fine) for h in (0.4, 0.1)]
    assert off[1] < off[0] / 8.0


def test_losses_may_depend_on_the_state() -> None:
    """LGD falls with the factor: moments by hand."""
    chances, weights = np.array([[0.3, 0.2], [0.1, 0.05]]), np.array([0.4, 0.6])
    loss = np.array([[4.0, 6.0], [1.0, 2.0]])
    law = mixture_law(Mixture(chances, loss, weights, np.ones(2, dtype=np.int64)), 1.0)
    mean = weights @ np.sum(chances * loss, axis=1)
    assert law.expected == pytest.approx(mean, rel=1e-13)
    assert law.probabilities[10] == pytest.approx(0.4 * 0.3 * 0.2, rel=1e-13)
    shares = euler(Mixture(chances, loss, weights, np.ones(2, dtype=np.int64)), 1.0, 0.97)
    assert np.sum(shares.expected_shortfall) == pytest.approx(
        shares.measures.expected_shortfall, rel=1e-12
    )


def test_law_of_a_loss() -> None:
    law = LossLaw(10.0, np.array([0.5, 0.3, 0.2]))
    assert law.exceeding(-1.0) == 1.0 and law.exceeding(0.0) == 0.5
    assert law.exceeding(9.0) == 0.5 and law.exceeding(10.0) == 0.2 and law.exceeding(20.0) == 0.0
    assert law.stop_loss(0.0) == pytest.approx(law.expected) == pytest.approx(7.0)
    assert law.stop_loss(15.0) == pytest.approx(1.0)
    assert law.variance == pytest.approx(61.0)
    assert law.survival.tolist() == pytest.approx([0.5, 0.2, 0.0])


def test_certain_and_impossible_defaults() -> None:
    law = mixture_law(one_factor([0.0, 1.0], 0.2, [1.0, 2.0]), 1.0)
    np.testing.assert_allclose(law.probabilities, [0.0, 0.0, 1.0], atol=1e-15)
    nothing = mixture_law(one_factor([0.0], 0.2, [1.0]), 1.0)
    assert nothing.probabilities.tolist() == pytest.approx([1.0])
    shares = euler(one_factor([0.0, 0.5], 0.2, [1.0, 2.0]), 1.0, 0.9)
    assert shares.value_at_risk.tolist() == pytest.approx([0.0, 2.0])
    empty = transformed_law(one_factor([0.0, 1.0], 0.0, [1.0, 2.0]), 1.0, around_yuan=2.0)
    assert empty.probabilities[2] == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("pd", "rho", "loss", "counts"),
    [
        ([1.1], 0.2, [1.0], None), ([np.nan], 0.2, [1.0], None), ([0.1], 1.0, [1.0], None),
        ([0.1], -0.1, [1.0], None), ([0.1], 0.2, [-1.0], None), ([0.1], 0.2, [np.inf], None),
        ([0.1], 0.2, [1.0, 2.0], None), ([], 0.2, [], None), ([0.1], 0.2, [1.0], [1.5]),
        ([0.1], 0.2, [1.0], [-1]), ([0.1], 0.2, [1.0], [1, 2]), ([0.1], [0.1, 0.2], [1.0], None),
    ],
)  # fmt: skip
def test_bad_books_are_refused(pd: list, rho: float, loss: list, counts: list | None) -> None:
    with pytest.raises(BookError):
        one_factor(pd, rho, loss, counts=counts)


@pytest.mark.parametrize("step", [0.0, -1.0, np.nan, np.inf, 1e-9])
def test_bad_steps_are_refused(step: float) -> None:
    with pytest.raises(BookError):
        mixture_law(one_factor([0.1, 0.1], 0.2, [1.0, 1.0]), step)


def test_too_fine_a_step_is_refused() -> None:
    with pytest.raises(BookError, match="too fine"):
        mixture_law(one_factor(np.full(20, 0.1), 0.2, np.ones(20)), 1e-6)


def test_bad_mixtures_are_refused() -> None:
    q, loss, w, c = (
        np.full((2, 3), 0.1),
        np.ones((1, 3)),
        np.array([0.5, 0.5]),
        np.ones(3, np.int64),
    )
    for bad in (
        (q, np.ones((3, 3)), w, c), (q, loss, np.ones(3) / 3, c), (q + 1.0, loss, w, c),
        (q, loss, w * 2.0, c), (q, loss, w, -c), (q, loss, np.array([1.5, -0.5]), c),
        (q[:, :0], loss[:, :0], w, c[:0]),
    ):  # fmt: skip
        with pytest.raises(BookError):
            Mixture(*bad)


def test_conditional_chances_average_to_the_pd() -> None:
    y = np.linspace(-9.0, 9.0, 4001)
    q = conditional_chances(ndtri(PD), RHO, y)
    np.testing.assert_allclose(stats.norm.pdf(y) * (y[1] - y[0]) @ q, PD, rtol=1e-12)
    assert q[0, 0] > q[-1, 0] and ndtr(0.0) == 0.5
