"""The recursion name by name, and its undoing, against multiplied polynomials."""

import numpy as np
import pytest
from scipy import stats

from riskengine.kernels.exact_loss import (
    binomial_chance,
    conditional_law,
    mixed_binomial,
    mixed_law,
)
from riskengine.kernels.loss_shares import mixed_shares


def cells(seed: int, n: int = 7) -> tuple[np.ndarray, ...]:
    rng = np.random.Generator(np.random.Philox(key=seed))
    parts = np.where(rng.random(n) < 0.5, rng.random(n), 0.0)
    return rng.random(n), rng.integers(0, 5, n), parts, rng.integers(0, 4, n)


def polynomial(q: float, place: int, part: float) -> np.ndarray:
    found = np.zeros(place + 2)
    found[0] += 1.0 - q
    found[place] += q * (1.0 - part)
    found[place + 1] += q * part
    return found


def multiplied(chances, places, parts, counts, size: int) -> np.ndarray:
    law = np.ones(1)
    for q, place, part, count in zip(chances, places, parts, counts, strict=True):
        for _ in range(count):
            law = np.convolve(law, polynomial(q, place, part))
    return np.pad(law, (0, max(size - law.size, 0)))[:size]


@pytest.mark.parametrize("seed", range(5))
def test_law_is_the_product(seed: int) -> None:
    q, places, parts, counts = cells(seed)
    size = int(np.sum(counts * (places + 1))) + 2
    law, spare = np.zeros(size), np.zeros(size)
    swapped, bottom, top = conditional_law(q, places, parts, counts, 0.0, law, spare)
    found, other = (spare, law) if swapped else (law, spare)
    np.testing.assert_allclose(found, multiplied(q, places, parts, counts, size), atol=1e-16)
    assert not np.any(other) and 0 <= bottom <= top < size


def test_ends_below_negligible_are_dropped() -> None:
    n, size = 40, 45
    law, spare = np.zeros(size), np.zeros(size)
    ones = np.ones(n, dtype=np.int64)
    swapped, bottom, top = conditional_law(
        np.full(n, 0.5), ones, np.zeros(n), ones, 1e-6, law, spare
    )
    found = spare if swapped else law
    assert bottom > 3 and top < 37
    np.testing.assert_allclose(found[: n + 1], stats.binom.pmf(range(n + 1), n, 0.5), atol=2e-4)
    other, third = np.zeros(size), np.zeros(size)
    grouped = np.array([n])
    swapped, bottom, top = conditional_law(
        np.array([0.5]), np.array([1]), np.zeros(1), grouped, 1e-6, other, third
    )
    assert bottom > 3 and top < 37
    np.testing.assert_allclose(
        (third if swapped else other)[8:33], stats.binom.pmf(range(8, 33), n, 0.5), rtol=1e-12
    )
    sure = np.array([1.0]), np.array([2]), np.array([0.0]), np.array([3])
    swapped, bottom, top = conditional_law(*sure, 1e-60, np.zeros(9), np.zeros(9))
    assert (swapped, bottom, top) == (True, 6, 6)


@pytest.mark.parametrize("rows", [1, 3])
def test_states_are_mixed(rows: int) -> None:
    q, places, parts, counts = cells(11)
    states = np.stack([q, 0.5 * q, 0.1 * q])
    where = np.stack([places, places[::-1], places])[:rows]
    share = np.stack([parts, parts[::-1], parts])[:rows]
    weights = np.array([0.5, 0.3, 0.2])
    size = 80
    out = np.empty(size)
    mixed_law(states, where, share, counts, weights, 0.0, out)
    right = sum(
        w * multiplied(states[j], where[j % rows], share[j % rows], counts, size)
        for j, w in enumerate(weights)
    )
    np.testing.assert_allclose(out, right, atol=1e-15)


@pytest.mark.parametrize("seed", range(4))
def test_shares_are_those_of_the_law_without_the_name(seed: int) -> None:
    q, places, parts, counts = cells(seed + 50)
    q[:3], counts[:3], places[:3], parts[:3] = (0.2, 0.8, 0.55), (1, 2, 3), (2, 3, 1), (0.3, 0, 0.4)
    places[3], parts[3], counts[3], q[3] = 0, 0.6, 1, 0.9
    size = int(np.sum(counts * (places + 1))) + 2
    equal, above = np.empty(q.size), np.empty(q.size)
    one = q[None], places[None], parts[None], counts, np.ones(1), 0.0, 0.0
    for at in (0, 5, size - 3):
        mixed_shares(*one, at, size, equal, above)
        for i in range(q.size):
            less = counts - (np.arange(q.size) == i)
            if less[i] < 0:
                continue
            other = multiplied(q, places, parts, less, size)
            right = [0.0, 0.0]
            for lost, chance in enumerate(polynomial(q[i], places[i], parts[i])):
                if lost <= at:
                    right[0] += counts[i] * lost * chance * other[at - lost]
                right[1] += counts[i] * lost * chance * np.sum(other[max(at - lost + 1, 0) :])
            assert equal[i] == pytest.approx(right[0], rel=1e-12, abs=1e-300)
            assert above[i] == pytest.approx(right[1], rel=1e-12, abs=1e-300)


@pytest.mark.parametrize("rows", [1, 2])
def test_shares_add_up(rows: int) -> None:
    q, places, parts, counts = cells(21)
    counts[0], q[1], places[2], parts[2] = 0, 0.0, 0, 0.0
    states = np.stack([q, 0.3 * q])
    where, share = np.stack([places, places])[:rows], np.stack([parts, parts])[:rows]
    weights = np.array([0.25, 0.75])
    size = int(np.sum(counts * (places + 1))) + 2
    law = np.empty(size)
    mixed_law(states, where, share, counts, weights, 0.0, law)
    equal, above = np.empty(q.size), np.empty(q.size)
    for at in (0, 3, 7, size - 3):
        mixed_shares(states, where, share, counts, weights, 0.0, 0.0, at, size, equal, above)
        beyond = np.arange(at + 1, size)
        assert np.sum(equal) == pytest.approx(at * law[at], abs=1e-13)
        assert np.sum(above) == pytest.approx(np.sum(beyond * law[at + 1 :]), abs=1e-13)
    mixed_shares(states, where, share, counts, weights, 1e-9, 0.0, 9, size, equal, above)
    assert np.sum(equal) == pytest.approx(9 * law[9], abs=1e-6)
    assert equal[0] == above[0] == equal[1] == above[2] == 0.0


@pytest.mark.parametrize(("n", "q"), [(5, 0.3), (60, 0.01), (1000, 0.4), (10**6, 0.02)])
def test_binomial_keeps_its_digits(n: int, q: float) -> None:
    for k in {0, 1, 2, int(n * q), int(1.01 * n * q) + 1, n - 1, n}:
        exact = float(stats.binom.pmf(k, n, q))
        if exact > 1e-300:
            assert binomial_chance(k, n, q) == pytest.approx(exact, rel=1e-11, abs=0.0)
    assert binomial_chance(0, n, 0.0) == binomial_chance(n, n, 1.0) == 1.0
    assert binomial_chance(1, n, 0.0) == binomial_chance(0, n, 1.0) == 0.0


def test_mixed_binomial_is_the_mixture() -> None:
    chances, weights = np.array([0.01, 0.4, 0.97]), np.array([0.5, 0.3, 0.2])
    out = np.empty(31)
    mixed_binomial(chances, weights, 30, 1e-60, out)
    right = weights @ stats.binom.pmf(np.arange(31), 30, chances[:, None])
    np.testing.assert_allclose(out, right, rtol=1e-12)


def test_states_on_one_side_need_no_recursion() -> None:
    ones, n = np.ones(30, dtype=np.int64), 30
    states, weights = np.array([[1e-9] * n, [0.4] * n, [1.0 - 1e-9] * n]), np.array([0.5, 0.3, 0.2])
    found = []
    for beyond in (0.0, 1e-6):
        equal, above = np.empty(n), np.empty(n)
        mixed_shares(
            states, ones[None], np.zeros((1, n)), ones, weights, 0.0, beyond, 12, 40, equal, above
        )
        found.append((equal, above))
    np.testing.assert_allclose(found[1][0], found[0][0], rtol=1e-12)
    np.testing.assert_allclose(found[1][1], found[0][1], rtol=1e-12)
    equal, above = np.empty(n), np.empty(n)
    mixed_shares(
        states, ones[None], np.zeros((1, n)), ones, weights, 1e-6, 0.0, 12, 40, equal, above
    )
    np.testing.assert_allclose(equal, found[0][0], atol=1e-4)
    np.testing.assert_allclose(above, found[0][1], atol=1e-4)
