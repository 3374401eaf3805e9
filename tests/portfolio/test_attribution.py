"""Attribution between two dates: to the fen, by swaps in order, over all orders, by log means."""

from collections.abc import Mapping
from fractions import Fraction
from itertools import permutations
from math import factorial, prod

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import special

from riskengine.portfolio.attribution import (
    EFFECTS,
    attribute,
    match_contracts,
    shapley_values,
    shared_fen,
)
from riskengine.portfolio.exposures import BookError
from riskengine.portfolio.measure_attribution import (
    attribute_measure,
    log_mean_effects,
    log_mean_fen,
)

GROUPS = ("volume", "default_chance", "collateral")
T0, T1 = (100, Fraction("0.02"), Fraction("0.4")), (120, Fraction("0.03"), Fraction("0.5"))


def product(swapped: frozenset[str]) -> Fraction:
    return Fraction(prod(b if g in swapped else a for g, a, b in zip(GROUPS, T0, T1, strict=True)))


def test_at_shap_01() -> None:
    """AT-SHAP-01: Shapley of EL = EAD x PD x LGD, in exact rationals and in floats."""
    exact = shapley_values(GROUPS, product)
    assert [exact[g] for g in GROUPS] == [Fraction(17, 75), Fraction(149, 300), Fraction(83, 300)]
    assert sum(exact.values()) == 1
    floats = shapley_values(GROUPS, lambda swapped: float(product(swapped)))
    expected = [0.226666666667, 0.496666666667, 0.276666666667]
    assert [floats[g] for g in GROUPS] == pytest.approx(expected, abs=1e-12)
    # The product of three: the change of one times weighted products of the other two.
    (a0, b0, c0), (a1, b1, c1) = T0, T1
    assert exact["volume"] == (a1 - a0) * ((b0 * c0 + b1 * c1) / 3 + (b0 * c1 + b1 * c0) / 6)


def test_at_lmdi_01() -> None:
    """AT-LMDI-01: logarithmic mean of EL = EAD x PD x LGD."""
    found = log_mean_effects(*(np.array([[float(x)] for x in t]) for t in (T0, T1)))[:, 0]
    assert found == pytest.approx([0.224830143393, 0.5, 0.275169856607], abs=1e-12)
    assert found.sum() == pytest.approx(1.0, abs=1e-14)


def test_sequential_order_is_kept_and_decides() -> None:
    ids = match_contracts(["a"], ["a"])
    worth = lambda swapped: np.array([int(100 * product(swapped))])  # noqa: E731
    old, new = worth(frozenset()), worth(frozenset(GROUPS))
    first = attribute(ids, old, new, GROUPS, worth)
    assert first.method == "sequential" and first.ordered and first.groups == GROUPS
    assert first.lines == {
        "arrived": 0,
        "retired": 0,
        "volume": 16,
        "default_chance": 48,
        "collateral": 36,
    }
    last = attribute(ids, old, new, GROUPS[::-1], worth)
    assert last.lines["volume"] == 30 and sum(last.lines.values()) == 100


def book(size: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Identifiers and factors (k, n) of a book; some contracts come and go by seed."""
    random = np.random.default_rng(seed)
    ids = random.choice(10 * size, size, replace=False)
    return ids, random.uniform(1e4, 1e6, size), random.uniform(0.0, 0.5, (2, size))


@pytest.mark.parametrize("method", ["sequential", "shapley"])
def test_the_bridge_of_a_book_closes_to_the_fen(method: str) -> None:
    (old_ids, old_debt, old_rate), (new_ids, new_debt, new_rate) = book(300, 1), book(280, 2)
    new_ids[:150] = old_ids[:150]
    new_ids[150:] += 10_000
    matched = match_contracts(old_ids, new_ids)
    a = np.vstack((old_debt, old_rate))
    b = np.vstack((new_debt, new_rate))

    def fen(x: np.ndarray) -> np.ndarray:
        return np.rint(100.0 * x.prod(axis=0)).astype(np.int64)

    def revalue(swapped: frozenset[str]) -> np.ndarray:
        at = [
            b[j][matched.new] if g in swapped else a[j][matched.old] for j, g in enumerate(GROUPS)
        ]
        return fen(np.vstack(at))

    found = attribute(matched, fen(a), fen(b), GROUPS, revalue, method=method)
    assert sum(found.lines.values()) == found.new_fen - found.old_fen
    assert found.new_fen == int(fen(b).sum())
    stay = found.effects_fen.sum(axis=0)
    assert np.array_equal(stay, fen(b)[matched.new] - fen(a)[matched.old])
    assert matched.old.size == 150 and matched.retired.size == 150 and matched.arrived.size == 130
    if method == "shapley":
        exact = shapley_values(GROUPS, lambda s: np.array([Fraction(int(x)) for x in revalue(s)]))
        for row, name in zip(found.effects_fen, GROUPS, strict=True):
            gaps = [abs(int(x) - y) for x, y in zip(row, exact[name], strict=True)]
            assert max(gaps) < 1


tables = st.integers(1, 4).flatmap(
    lambda k: st.lists(st.integers(-(10**9), 10**9), min_size=2**k, max_size=2**k)
)


def game(values: list[int]) -> tuple[list[str], Mapping[frozenset[str], int]]:
    size = len(values).bit_length() - 1
    names = list("abcd"[:size])
    return names, {
        frozenset(n for j, n in enumerate(names) if mask >> j & 1): value
        for mask, value in enumerate(values)
    }


@given(tables)
@example([0, 1, 1, 1])
def test_shapley_is_the_mean_over_orders_and_efficient(values: list[int]) -> None:
    names, worth = game(values)
    found = shapley_values(names, lambda s: Fraction(worth[s]))
    for name in names:
        slow = Fraction(0)
        for order in permutations(names):
            before = frozenset(order[: order.index(name)])
            slow += worth[before | {name}] - worth[before]
        assert found[name] == slow / factorial(len(names))
    whole = worth[frozenset(names)] - worth[frozenset()]
    assert sum(found.values()) == whole
    ids = match_contracts([1], [1])
    ends = [np.array([worth[s]]) for s in (frozenset(), frozenset(names))]
    rounded = attribute(ids, *ends, names, lambda s: np.array([worth[s]]), method="shapley")
    assert int(rounded.effects_fen.sum()) == whole
    for row, name in zip(rounded.effects_fen, names, strict=True):
        assert abs(int(row[0]) - found[name]) < 1


@given(st.lists(st.integers(-1000, 1000), min_size=3, max_size=3), st.integers(-50, 50))
def test_equals_are_treated_alike_and_dummies_get_their_own(base: list[int], own: int) -> None:
    """a and b may change places; c adds the same to every state."""
    nothing, one, both = base

    def worth(swapped: frozenset[str]) -> Fraction:
        count = len(swapped & {"a", "b"})
        return Fraction((nothing, one, both)[count] + own * ("c" in swapped))

    found = shapley_values(["a", "b", "c"], worth)
    assert found["a"] == found["b"] == Fraction(both - nothing, 2)
    assert found["c"] == own


positive = st.floats(1e-6, 1e6)


@given(st.lists(st.tuples(positive, positive), min_size=2, max_size=5))
def test_log_means_add_up_and_do_not_hang_on_the_order(pairs: list[tuple[float, float]]) -> None:
    x0, x1 = np.array(pairs).T[:, :, None]
    found = log_mean_effects(x0, x1)[:, 0]
    change = float(x1.prod() - x0.prod())
    scale = max(float(x1.prod()), float(x0.prod()), np.abs(found).max())
    assert found.sum() == pytest.approx(change, abs=1e-10 * scale)
    back = log_mean_effects(x1, x0)[:, 0]
    assert back == pytest.approx(-found, abs=1e-9 * scale)
    turned = log_mean_effects(x0[::-1], x1[::-1])[::-1, 0]
    assert turned == pytest.approx(found, abs=1e-12 * scale)


def test_log_means_at_zero_are_limits() -> None:
    """One zero takes all, two share, both ends zero have none: the limit of small values."""
    x0 = np.array([[0.0, 0.0, 2.0, 0.0, 0.0], [0.5, 0.0, 0.5, 0.5, 3.0]])
    x1 = np.array([[4.0, 4.0, 0.0, 0.0, 5.0], [0.25, 0.25, 0.25, 0.25, 0.0]])
    found = log_mean_effects(x0, x1)
    assert found.tolist() == [[1.0, 0.5, -1.0, 0.0, 0.0], [0.0, 0.5, 0.0, 0.0, 0.0]]
    tiny = [np.where(x == 0.0, 1e-200, x) for x in (x0[:, :1], x1[:, :1])]
    assert log_mean_effects(*tiny)[:, 0] == pytest.approx([1.0, 0.0], abs=0.01)


def test_log_means_of_states_that_hardly_differ() -> None:
    found = log_mean_effects([[100.0], [0.02]], [[100.0 + 1e-10], [0.02]])[:, 0]
    assert found == pytest.approx([2e-12, 0.0], rel=1e-3, abs=1e-18)
    assert log_mean_effects([[3.0]], [[3.0]])[0, 0] == 0.0
    opposite = log_mean_effects([[2.0], [8.0]], [[8.0], [2.0]])[:, 0]
    assert opposite == pytest.approx([16.0 * np.log(4.0), -16.0 * np.log(4.0)], rel=1e-14)


def test_log_means_in_fen() -> None:
    random = np.random.default_rng(3)
    x0, x1 = random.uniform(0.1, 100.0, (2, 3, 500))
    x0[0, :20] = 0.0
    ends = [np.rint(100.0 * x.prod(axis=0)).astype(np.int64) for x in (x0, x1)]
    found = log_mean_fen(x0, x1, *ends)
    assert np.array_equal(found.sum(axis=0), ends[1] - ends[0])
    assert np.max(np.abs(found - 100.0 * log_mean_effects(x0, x1))) < 2.0
    with pytest.raises(BookError, match="differ from the products"):
        log_mean_fen(x0, x1, ends[0], ends[1] + 5)


def test_a_measure_has_an_error_for_each_line_and_common_numbers_make_it_small() -> None:
    """VaR of a uniform book under common normals, against the same with fresh ones."""
    groups = ["default_chance", "correlation"]

    def measure(swapped: frozenset[str], fresh: bool) -> list[float]:
        chance = 0.03 if "default_chance" in swapped else 0.02
        share = 0.15 if "correlation" in swapped else 0.12
        found = []
        for j in range(8):
            salt = 100 + len(swapped) + 10 * ("correlation" in swapped) if fresh else 0
            z = np.random.default_rng([j, salt]).normal(size=2000)
            at = special.ndtr((special.ndtri(chance) - np.sqrt(share) * z) / np.sqrt(1 - share))
            found.append(1e6 * float(np.quantile(at, 0.99, method="inverted_cdf")))
        return found

    common = attribute_measure(groups, lambda s: measure(s, fresh=False))
    fresh = attribute_measure(groups, lambda s: measure(s, fresh=True))
    assert sum(common.effects_fen) == common.new_fen - common.old_fen
    assert common.repetitions == 8 and np.all(common.errors_yuan > 0.0)
    assert np.all(common.errors_yuan < 0.6 * fresh.errors_yuan)
    assert common.change_error_yuan < fresh.change_error_yuan
    ordered = attribute_measure(groups, lambda s: measure(s, fresh=False), method="sequential")
    assert sum(ordered.effects_fen) == ordered.new_fen - ordered.old_fen
    assert ordered.old_fen == common.old_fen and ordered.groups == tuple(groups)


def test_a_measure_without_repetitions_has_no_error() -> None:
    found = attribute_measure(["a"], lambda s: 10.25 + len(s))
    assert found.effects_fen == (found.new_fen - found.old_fen,) == (100,)
    assert np.isnan(found.errors_yuan[0]) and np.isnan(found.change_error_yuan)


def test_matching() -> None:
    empty = match_contracts([], [])
    assert empty.old.size == empty.arrived.size == 0
    gone = match_contracts(["a", "b"], [])
    assert gone.retired.tolist() == [0, 1] and gone.new.size == 0
    came = match_contracts([], ["a"])
    assert came.arrived.tolist() == [0]
    found = match_contracts(["c", "a", "b"], ["b", "d", "c"])
    assert found.old.tolist() == [0, 2] and found.new.tolist() == [2, 0]
    with pytest.raises(BookError, match="old_ids"):
        match_contracts(["a", "a"], ["a"])


def test_an_empty_bridge() -> None:
    nothing = np.zeros(0, dtype=np.int64)
    found = attribute(match_contracts([], ["a"]), nothing, np.array([7]), ["x"], lambda s: nothing,
                      method="shapley")  # fmt: skip
    assert found.lines == {"arrived": 7, "retired": 0, "x": 0}


def test_refused() -> None:
    ids = match_contracts(["a", "b"], ["a", "b"])
    old, new = np.array([100, 200]), np.array([110, 190])
    ends = {0: old, 1: new}
    swap = lambda s: ends[len(s)]  # noqa: E731
    with pytest.raises(BookError, match="method"):
        attribute(ids, old, new, ["x"], swap, method="guess")
    with pytest.raises(BookError, match="1 to 12 names"):
        attribute(ids, old, new, ["x", "x"], swap)
    with pytest.raises(BookError, match="1 to 12 names"):
        shapley_values([], swap)
    with pytest.raises(BookError, match="whole fen"):
        attribute(ids, old / 1.0, new, ["x"], swap)
    with pytest.raises(BookError, match="on 1 contracts"):
        attribute(ids, old, new, ["x"], lambda s: ends[len(s)] + np.array([0, len(s)]))
    with pytest.raises(BookError, match="on 2 contracts"):
        attribute(ids, old, new, ["x"], lambda s: np.array([1]))
    huge = {0: old, 1: new + 2**62}
    with pytest.raises(BookError, match="no more than"):
        attribute(ids, old, huge[1], ["x", "y"], lambda s: huge[min(len(s), 1)], method="shapley")
    with pytest.raises(BookError, match="do not add up"):
        shared_fen(np.array([[1.0], [2.0]]), np.array([9]))
    for bad in (np.array([[-1.0]]), np.array([[np.nan]]), np.ones((2, 1))):
        with pytest.raises(BookError, match="of one shape"):
            log_mean_effects(bad, np.ones((1, 1)))
    with pytest.raises(BookError, match="equally many"):
        attribute_measure(["x"], lambda s: [1.0] * (1 + len(s)))
    with pytest.raises(BookError, match="equally many"):
        attribute_measure(["x"], lambda s: [np.nan])
    with pytest.raises(BookError, match="not known"):
        attribute_measure(["x"], lambda s: [1.0], method="guess")


def test_the_usual_order_begins_with_time_and_ends_with_the_market() -> None:
    assert list(EFFECTS)[:4] == ["term", "volume", "default_chance", "collateral"]
    assert list(EFFECTS)[-1] == "market" and all(said.zh and said.en for said in EFFECTS.values())


@settings(max_examples=20)
@given(st.integers(2, 8), st.integers(0, 10**6))
def test_twelve_groups_are_the_most_and_all_sizes_close(size: int, seed: int) -> None:
    names = [f"g{j}" for j in range(size)]
    random = np.random.default_rng(seed)
    worth = random.integers(-(10**12), 10**12, (2**size, 3))

    def revalue(swapped: frozenset[str]) -> np.ndarray:
        return worth[sum(1 << j for j, name in enumerate(names) if name in swapped)]

    ids = match_contracts([1, 2, 3], [1, 2, 3])
    found = attribute(ids, worth[0], worth[-1], names, revalue, method="shapley")
    assert np.array_equal(found.effects_fen.sum(axis=0), worth[-1] - worth[0])
