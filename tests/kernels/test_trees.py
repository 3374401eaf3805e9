"""Trees against walking them slowly, and contributions against every subset of features."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskengine.errors import ModelError
from riskengine.kernels.tree_blocks import edge_bin
from riskengine.kernels.tree_contributions import leaf_contributions
from riskengine.kernels.trees import code_place, outside_support, score_rows
from riskengine.learned.tree_tables import ranges
from riskengine.learned.trees import contributions, prepare, raw_score_one, raw_scores
from tests.reference.trees import cells, goes_left, grown, shapley, walk

SHAPES = [(4, 0, 5, 4), (4, 5, 5, 4), (3, 70, 4, 3), (2, 0, 3, 0), (12, 3, 1, 8)]
"""Features, codes, trees, depth."""


@pytest.mark.parametrize("shape", SHAPES)
def test_one_row_many_rows_and_walking_give_the_same_bits(shape) -> None:
    rng = np.random.default_rng(sum(shape))
    arrays = grown(rng, *shape)
    x = cells(rng, *shape[:2], 60)
    prepared = prepare(arrays)
    slow = [walk(arrays, row) for row in x.T]
    assert raw_scores(prepared, x).tolist() == slow
    assert [raw_score_one(prepared, row) for row in np.ascontiguousarray(x.T)] == slow


@settings(max_examples=40)
@given(st.integers(0, 10**9), st.integers(1, 4), st.integers(0, 3), st.integers(1, 5))
def test_any_trees_score_as_they_are_walked(seed, features, codes, depth) -> None:
    rng = np.random.default_rng(seed)
    arrays = grown(rng, features, codes, 2, depth)
    x = cells(rng, features, codes, 12)
    assert raw_scores(prepare(arrays), x).tolist() == [walk(arrays, row) for row in x.T]


def test_rows_do_not_lean_on_their_block() -> None:
    rng = np.random.default_rng(8)
    arrays = grown(rng, 3, 4, 3, 3)
    x = cells(rng, 3, 4, 2_100)
    prepared = prepare(arrays)
    whole = raw_scores(prepared, x)
    _, parts = contributions(prepared, x)
    for low, high in ((0, 0), (0, 1), (1_000, 1_100), (2_048, 2_100)):
        np.testing.assert_array_equal(raw_scores(prepared, x[:, low:high]), whole[low:high])
        np.testing.assert_array_equal(
            contributions(prepared, x[:, low:high])[1], parts[:, low:high]
        )


def test_released_trees_without_codes_are_walked_as_they_are() -> None:
    rng = np.random.default_rng(3)
    a = grown(rng, 4, 0, 5, 4)
    x = cells(rng, 4, 0, 50)
    wanted = rng.random(50) < 0.7
    out = np.full(50, np.nan)
    score_rows(
        x, wanted, a["roots"], a["feature"], a["threshold"], a["missing_left"], a["left"],
        a["right"], a["leaf"], float(a["baseline"][0]), out,
    )  # fmt: skip
    np.testing.assert_array_equal(out[wanted], raw_scores(prepare(a), x)[wanted])
    assert np.isnan(out[~wanted]).all()


def test_trees_of_more_than_256_leaves_are_walked() -> None:
    depth = 9
    nodes, first_leaf = 2 ** (depth + 1) - 1, 2**depth - 1
    at = np.arange(nodes)
    inner = at < first_leaf
    rng = np.random.default_rng(1)
    a = {
        "roots": np.array([0]), "feature": np.where(inner, at % 3, -1),
        "threshold": np.round(rng.normal(size=nodes), 1), "missing_left": rng.random(nodes) < 0.5,
        "left": np.where(inner, 2 * at + 1, 0), "right": np.where(inner, 2 * at + 2, 0),
        "leaf": rng.normal(size=nodes), "category_row": np.full(nodes, -1),
        "cover": 2.0 ** (depth - np.floor(np.log2(at + 1))), "baseline": np.array([0.5]),
        "category_known": np.zeros((3, 0), bool), "category_left": np.zeros((0, 0), bool),
    }  # fmt: skip
    x = cells(rng, 3, 0, 80)
    prepared = prepare(a)
    assert prepared.blocks is None
    assert raw_scores(prepared, x).tolist() == [walk(a, row) for row in x.T]
    base, phi = contributions(prepared, x)
    np.testing.assert_allclose(base + phi.sum(axis=0), raw_scores(prepared, x), atol=1e-12)


@pytest.mark.parametrize("shape", [(4, 0, 3, 4), (4, 5, 3, 4), (5, 2, 2, 6), (1, 0, 2, 3)])
def test_contributions_are_shapley_values_by_definition(shape) -> None:
    rng = np.random.default_rng(10 + sum(shape))
    arrays = grown(rng, *shape)
    x = cells(rng, *shape[:2], 12)
    prepared = prepare(arrays)
    base, phi = contributions(prepared, x)
    for i, row in enumerate(x.T):
        slow_base, slow = shapley(arrays, row)
        assert base == pytest.approx(slow_base, rel=1e-13, abs=1e-14)
        np.testing.assert_allclose(phi[:, i], slow, rtol=1e-11, atol=1e-13)


def test_leaves_too_deep_for_a_table_agree_with_the_definition() -> None:
    features = 11
    chain = 2 * features + 1
    a = {
        "roots": np.array([0]), "feature": np.full(chain, -1), "threshold": np.zeros(chain),
        "missing_left": np.zeros(chain, bool), "left": np.zeros(chain, int),
        "right": np.zeros(chain, int), "leaf": np.linspace(-1.0, 2.0, chain),
        "cover": np.ones(chain), "category_row": np.full(chain, -1), "baseline": np.array([0.1]),
        "category_known": np.zeros((features, 0), bool), "category_left": np.zeros((0, 0), bool),
    }  # fmt: skip
    for f in range(features):
        a["feature"][2 * f], a["left"][2 * f], a["right"][2 * f] = f, 2 * f + 1, 2 * f + 2
        a["cover"][2 * f], a["cover"][2 * f + 2] = features + 1.0 - f, features - f
    prepared = prepare(a)
    assert prepared.groups is not None
    assert prepared.groups.values.size > 0
    x = np.where(np.eye(features)[:, [10, 4]] > 0.0, -1.0, 1.0)
    base, phi = contributions(prepared, x)
    for i in range(2):
        slow_base, slow = shapley(a, x[:, i])
        assert base == pytest.approx(slow_base, rel=1e-13)
        np.testing.assert_allclose(phi[:, i], slow, rtol=1e-11, atol=1e-14)


@settings(max_examples=30)
@given(st.integers(0, 10**9), st.integers(1, 9), st.integers(0, 2))
def test_contributions_add_up_and_features_not_used_get_nothing(seed, features, codes) -> None:
    rng = np.random.default_rng(seed)
    arrays = grown(rng, features, codes, 2, 4)
    x = cells(rng, features, codes, 8)
    prepared = prepare(arrays)
    base, phi = contributions(prepared, x)
    np.testing.assert_allclose(
        base + phi.sum(axis=0), raw_scores(prepared, x), rtol=1e-12, atol=1e-12
    )
    unused = np.setdiff1d(np.arange(features), arrays["feature"])
    assert (phi[unused] == 0.0).all()


@pytest.mark.parametrize("features", [1, 2, 5, 12, 30])
def test_quadrature_gives_the_sum_over_subsets(features) -> None:
    """Sum over k of k! (d - 1 - k)! / d! times the coefficient of t^k."""
    rng = np.random.default_rng(features)
    shares, met = rng.uniform(0.05, 1.0, features), (rng.random(features) < 0.5).astype(float)
    raw, heights = np.polynomial.legendre.leggauss((features + 1) // 2)
    out = np.empty(features)
    leaf_contributions(shares, met, 3.0, (raw + 1.0) / 2.0, heights / 2.0, out)
    for j in range(features):
        product = np.ones(1)
        for i in range(features):
            if i != j:
                product = np.convolve(product, [shares[i], met[i]])
        orders = range(features)
        weights = [1.0 / (features * math.comb(features - 1, k)) for k in orders]
        assert out[j] == pytest.approx(
            3.0 * (met[j] - shares[j]) * float(product @ weights), rel=1e-11
        )


@given(st.lists(st.floats(allow_nan=False), max_size=254, unique=True), st.floats())
def test_bins_count_the_edges_below(values, cell) -> None:
    edges = np.full(255, np.inf)
    finite = np.sort([value for value in values if math.isfinite(value)])
    edges[: finite.size] = finite
    wanted = 255 if math.isnan(cell) else int(np.sum(finite < cell))
    assert int(edge_bin(cell, edges)) == wanted


def test_places_of_codes() -> None:
    places = np.array([255, 0, 1])
    told = [
        code_place(cell, places)
        for cell in (0.0, 1.0, 2.0, 3.0, -1.0, 1.5, 1e300, math.inf, math.nan)
    ]
    assert told == [255, 0, 1, 255, 255, 255, 255, 255, 255]


@given(st.sets(st.integers(0, 255)), st.integers(0, 255))
def test_ranges_hold_what_they_should(chosen, used) -> None:
    found = ranges(sum(1 << k for k in chosen), used)
    real = {*range(used), 255}
    covered = {k for low, high in found for k in range(low, high + 1)}
    assert covered & real == chosen & real or not chosen <= real
    assert all(low <= high for low, high in found)


def test_outside_support_with_ends_inside() -> None:
    x = np.array([[1.0, 2.0, 2.1, np.nan, 1.5], [0.0, 0.0, 0.0, 0.0, np.nan]])
    wanted = np.ones(5, bool)
    outside_support(x, wanted, np.array([1.0, 0.0]), np.array([2.0, 0.0]), np.array([True, False]))
    assert wanted.tolist() == [True, True, False, True, False]


BROKEN = {
    "a child before its parent": ("left", 0, 0),
    "a child outside": ("right", 0, 10**6),
    "a child of two parents": ("right", 0, 1),
    "a threshold that is no number": ("threshold", 0, math.nan),
    "a value that is no number": ("leaf", -1, math.nan),
    "no training rows": ("cover", -1, 0.0),
    "a feature too many": ("feature", 0, 9),
    "a split by codes never listed": ("category_row", 0, 10**6),
    "a baseline that is no number": ("baseline", 0, math.inf),
    "a tree that begins late": ("roots", 0, 1),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_what_is_no_tree_is_refused(fault) -> None:
    arrays = grown(np.random.default_rng(2), 3, 0, 2, 3)
    assert arrays["feature"][0] >= 0
    prepare(arrays)
    name, at, value = BROKEN[fault]
    changed = arrays[name].copy()
    changed[at] = value
    with pytest.raises(ModelError):
        prepare({**arrays, name: changed})


def test_other_arrays_and_matrices_are_refused() -> None:
    arrays = grown(np.random.default_rng(2), 3, 0, 2, 3)
    with pytest.raises(ModelError, match="threshold"):
        prepare({name: a for name, a in arrays.items() if name != "threshold"})
    with pytest.raises(ModelError):
        prepare({**arrays, "leaf": arrays["leaf"][:-1]})
    many = {**arrays, "feature": np.full(511, -1), "threshold": np.arange(511.0)}
    at = np.arange(511)
    inner = at < 255
    many |= {
        "feature": np.where(inner, 0, -1), "left": np.where(inner, 2 * at + 1, 0),
        "right": np.where(inner, 2 * at + 2, 0), "missing_left": inner, "leaf": np.ones(511),
        "cover": np.ones(511), "category_row": np.full(511, -1), "roots": np.array([0]),
    }  # fmt: skip
    with pytest.raises(ModelError, match="254 at most"):
        prepare(many)
    plain = {name: a for name, a in arrays.items() if not name.startswith(("cover", "category"))}
    prepared = prepare(plain, 3)
    with pytest.raises(ModelError, match="cover"):
        contributions(prepared, np.zeros((3, 1)))
    with pytest.raises(ModelError, match="3 features"):
        raw_scores(prepared, np.zeros((2, 1)))


def test_the_slow_twin_knows_where_codes_go() -> None:
    a = {
        "category_row": [0], "feature": [0], "missing_left": [True], "threshold": [0.0],
        "category_known": np.array([[True, True, False]]),
        "category_left": np.array([[False, True, False]]),
    }  # fmt: skip
    assert [goes_left(a, 0, cell) for cell in (0.0, 1.0, 2.0, 3.0, math.nan)] == [
        False, True, True, True, True,
    ]  # fmt: skip
