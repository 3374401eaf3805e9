"""Market comparison against lists of deals; the grid; the error's meaning."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm, t

from riskengine.kernels import comparison, discount
from tests.reference import comparison as slow
from tests.reference.plain import assert_same_in_plain_python

VALUE = 1e-9
"""Relative tolerance of a price, an error or a weight."""

POLICY = np.array([0.8, 1.25, 0.7, 1.3, 0.05, 0.1, 0.15, 8.0, 1.6448536269514722])
GRID = slow.Grid(*POLICY)
FACTORS = st.floats(0.5, 2.0)
INDEXES = st.floats(0.9, 1.1)
TERMS = st.floats(5.0, 40.0) | st.just(math.inf) | st.just(30.0)
SCORES = st.floats(0.9, 1.1) | st.just(math.nan)
SUBJECTS = st.tuples(INDEXES, TERMS, st.floats(0.02, 0.1), SCORES, SCORES, SCORES)
DEALS = st.tuples(
    st.floats(100.0, 2000.0), st.floats(0.9, 1.1), INDEXES, TERMS, st.floats(0.0, 5.0),
    SCORES, SCORES, SCORES,
)  # fmt: skip


def table(rows, width):
    """Rows as columns, none as an empty table."""
    return np.ascontiguousarray(np.array(rows, dtype=np.float64).reshape(-1, width).T)


def compare(subjects, deals, spans, policy=POLICY, most=50, wanted=None):
    """Run the kernel; untouched cells stay -1."""
    out = np.full((5, len(subjects)), -1.0)
    wanted = np.ones(len(subjects), dtype=bool) if wanted is None else np.array(wanted)
    starts, stops = (np.array(ends, dtype=np.int64) for ends in zip(*spans, strict=True))
    comparison.comparison_rows(
        starts, stops, table(subjects, 6), table(deals, 8), policy, most, wanted, out
    )
    return out


PLAIN = (1.0, 30.0, 0.06, 1.0, 1.0, 1.0)


def deal(price, situation=1.0, index=1.0, years=30.0, age=1.0, region=1.0, first=1.0, second=1.0):
    return (price, situation, index, years, age, region, first, second)


@given(SUBJECTS, st.lists(DEALS, max_size=12))
def test_rows_are_the_statistics_of_the_usable_deals(subject, deals):
    out = compare([subject], deals, [(0, len(deals))])[:, 0]
    wanted = slow.compare(subject, deals, GRID)
    assert out.tolist() == pytest.approx(wanted, rel=VALUE, abs=VALUE, nan_ok=True)


@given(
    st.lists(SUBJECTS, min_size=1, max_size=5), st.lists(DEALS, min_size=1, max_size=12), st.data()
)
def test_each_subject_has_its_own_stretch_of_deals(subjects, deals, data):
    ends = st.tuples(st.integers(0, len(deals)), st.integers(0, len(deals))).map(sorted)
    spans = [data.draw(ends) for _ in subjects]
    whole = compare(subjects, deals, spans)
    for i, (subject, (start, stop)) in enumerate(zip(subjects, spans, strict=True)):
        alone = compare([subject], deals[start:stop], [(0, stop - start)])
        np.testing.assert_array_equal(whole[:, i], alone[:, 0])


@given(SUBJECTS, st.lists(DEALS, min_size=2, max_size=9), st.randoms())
def test_the_order_of_deals_does_not_matter(subject, deals, random):
    shuffled = random.sample(deals, len(deals))
    first, second = (compare([subject], rows, [(0, len(rows))]) for rows in (deals, shuffled))
    np.testing.assert_allclose(first, second, rtol=VALUE, atol=VALUE)


@given(SUBJECTS, st.lists(DEALS, min_size=1, max_size=9), st.floats(0.1, 10.0))
def test_prices_scale(subject, deals, scale):
    scaled = [(scale * price, *rest) for price, *rest in deals]
    first, second = (compare([subject], rows, [(0, len(rows))])[:, 0] for rows in (deals, scaled))
    assert second[0] == pytest.approx(scale * first[0], rel=VALUE, nan_ok=True)
    assert second[1:].tolist() == pytest.approx(
        first[1:].tolist(), rel=VALUE, abs=VALUE, nan_ok=True
    )


def test_only_the_first_candidates_are_looked_at():
    deals = [deal(100.0), deal(110.0), deal(900.0)]
    assert compare([PLAIN], deals, [(0, 3)], most=2)[2, 0] == 2.0
    assert compare([PLAIN], deals, [(0, 3)], most=2)[0, 0] == pytest.approx(105.0, rel=VALUE)


def test_unwanted_rows_stay_untouched():
    out = compare([PLAIN, PLAIN], [deal(100.0)], [(0, 1), (0, 1)], wanted=[False, True])
    assert (out[:, 0] == -1.0).all()
    assert out[0, 1] == pytest.approx(100.0, rel=VALUE)


@pytest.mark.parametrize(
    "useless",
    [
        deal(math.nan), deal(0.0), deal(100.0, situation=math.nan), deal(100.0, index=math.nan),
        deal(100.0, index=0.0), deal(100.0, years=0.0), deal(100.0, years=math.nan),
        deal(100.0, years=2.0), deal(100.0, region=0.7), deal(100.0, first=1.3),
        deal(100.0, situation=1.2, index=1.0 / 1.2),
    ],
)  # fmt: skip
def test_deals_that_say_nothing_are_dropped(useless):
    out = compare([PLAIN], [useless, deal(200.0)], [(0, 2)])[:, 0]
    assert out[0] == pytest.approx(200.0, rel=VALUE)
    assert out[2] == 1.0
    alone = compare([PLAIN], [useless], [(0, 1)])[:, 0]
    assert alone[2] == 0.0
    assert np.isnan(alone[[0, 1, 3, 4]]).all()


def test_direction_is_subject_over_comparable():
    """A better subject is dearer; a dearer market and a longer term too."""
    base = compare([PLAIN], [deal(100.0)], [(0, 1)])[0, 0]
    better = compare([(1.0, 30.0, 0.06, 1.1, 1.0, 1.0)], [deal(100.0)], [(0, 1)])[0, 0]
    dearer = compare([(1.1, 30.0, 0.06, 1.0, 1.0, 1.0)], [deal(100.0)], [(0, 1)])[0, 0]
    longer = compare([(1.0, 35.0, 0.06, 1.0, 1.0, 1.0)], [deal(100.0)], [(0, 1)])[0, 0]
    assert base == pytest.approx(100.0, rel=VALUE)
    assert better == dearer == pytest.approx(110.0, rel=VALUE)
    assert longer == pytest.approx(100.0 * discount.term_factor(0.06, 35.0, 30.0), rel=VALUE)


def test_a_missing_score_leaves_the_price_and_costs_weight():
    known, unknown = deal(100.0), deal(200.0, first=math.nan)
    out = compare([PLAIN], [known, unknown], [(0, 2)])[:, 0]
    weights = 1.0 / POLICY[4], 1.0 / POLICY[5]
    assert out[0] == pytest.approx(np.average([100.0, 200.0], weights=weights), rel=VALUE)
    assert out[4] == pytest.approx(np.average([0.0, 0.1], weights=weights), rel=VALUE)


@given(FACTORS, FACTORS, FACTORS, FACTORS, FACTORS, st.permutations(range(5)))
def test_the_order_of_factors_does_not_matter(a, b, c, d, e, order):
    factors = [a, b, c, d, e]
    mixed = [factors[k] for k in order]
    assert comparison.adjusted_price(800.0, *mixed) == pytest.approx(
        comparison.adjusted_price(800.0, *factors), rel=VALUE
    )
    assert comparison.gross_adjustment(*mixed) == pytest.approx(
        comparison.gross_adjustment(*factors), rel=VALUE, abs=VALUE
    )
    assert comparison.within_limits(*mixed, 0.8, 1.25, 0.0, 99.0) == comparison.within_limits(
        *factors, 0.8, 1.25, 0.0, 99.0
    )


@pytest.mark.parametrize(
    ("factors", "inside"),
    [
        ((0.8, 1.0, 1.0, 1.0, 1.0), True), ((1.25, 1.0, 1.0, 1.0, 1.0), True),
        ((1.0, 0.79, 1.0, 1.0, 1.0), False), ((1.0, 1.0, 1.26, 1.0, 1.0), False),
        ((0.8, 0.9, 1.0, 1.0, 1.0), True), ((0.8, 0.8, 1.0, 1.0, 1.0), False),
        ((1.25, 1.0, 1.0, 1.04, 1.0), True), ((1.25, 1.0, 1.0, 1.05, 1.0), False),
        ((1.25, 1.25, 1.25, 0.8, 0.8), True),
        ((math.nan, 1.0, 1.0, 1.0, 1.0), False), ((1.0, 1.0, 1.0, 1.0, math.nan), False),
    ],
)  # fmt: skip
def test_both_ends_of_the_grid_are_closed(factors, inside):
    assert comparison.within_limits(*factors, 0.8, 1.25, 0.7, 1.3) is inside


@given(st.floats(0.0, 2.0), st.floats(0.001, 0.2), st.floats(0.0, 1.0))
def test_weight_falls_with_the_adjustment_and_is_bounded(gross, floor, more):
    weight = comparison.adjustment_weight(gross, floor)
    assert comparison.adjustment_weight(gross + more, floor) <= weight <= 1.0 / floor


@given(st.lists(st.tuples(st.floats(1.0, 1e4), st.floats(0.01, 9.0)), min_size=1, max_size=9))
def test_weighted_mean_is_that_of_numpy(pairs):
    values, weights = np.array(pairs).T.copy()
    got = comparison.weighted_mean(values, weights)
    assert got == pytest.approx(np.average(values, weights=weights), rel=VALUE)
    holed = np.append(values, math.nan)
    assert comparison.weighted_mean(holed, np.append(weights, 5.0)) == got


def test_weighted_mean_of_nothing_is_missing():
    assert math.isnan(comparison.weighted_mean(np.empty(0), np.empty(0)))
    assert math.isnan(comparison.weighted_mean(np.array([math.nan]), np.array([1.0])))


@given(st.floats(0.5, 2.5), st.floats(1.0, 200.0))
def test_student_inflation_is_the_printed_expansion(quantile, freedom):
    assert comparison.student_inflation(quantile, freedom) == pytest.approx(
        slow.student_inflation(quantile, freedom), rel=VALUE
    )


@pytest.mark.parametrize(
    ("freedom", "off"), [(2.0, 0.013), (3.0, 0.003), (4.0, 0.001), (9.0, 1e-4)]
)
def test_student_inflation_is_near_student(freedom, off):
    exact = t.ppf(0.95, freedom) / norm.ppf(0.95)
    assert comparison.student_inflation(norm.ppf(0.95), freedom) == pytest.approx(exact, rel=off)


@given(st.integers(1, 30), st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_error_rises_with_scatter_and_never_falls_below_the_usual(count, spread, more):
    def error(spread):
        return comparison.comparison_error(spread, count * 1.0, count * 1.0, 0.15, 8.0, 1.645)

    assert error(spread + more) >= error(spread) >= 0.15 * math.sqrt(1.0 + 1.0 / count)


def test_more_deals_of_the_usual_scatter_give_a_smaller_error():
    errors = [
        comparison.comparison_error(0.15**2 * (n - 1.0), n, n, 0.15, 8.0, 1.645)
        for n in (1.0, 3.0, 10.0, 100.0, 1e6)
    ]
    assert errors == sorted(errors, reverse=True)
    assert errors[-1] == pytest.approx(0.15, rel=1e-3)


def test_many_deals_overrule_the_usual_scatter():
    error = comparison.comparison_error(0.3**2 * 1e6, 1e6, 1e6, 0.15, 8.0, 1.645)
    assert error == pytest.approx(0.3, rel=1e-3)


@pytest.mark.parametrize("count", [1, 3, 8])
def test_ninety_percent_intervals_hold_ninety_percent(count):
    """4,000 seeded markets whose scatter is the usual one; 4 standard errors, and wide rather than tight."""
    rng, markets, scatter = np.random.default_rng(11), 4000, 0.15
    logs = rng.normal(6.0, 0.3, (markets, 1)) + rng.normal(0.0, scatter, (markets, count + 1))
    deals = [deal(price) for price in np.exp(logs[:, 1:]).ravel()]
    spans = [(count * i, count * (i + 1)) for i in range(markets)]
    out = compare([PLAIN] * markets, deals, spans)
    inside = np.abs(logs[:, 0] - np.log(out[0])) <= POLICY[8] * out[1]
    assert 0.9 - 4.0 * math.sqrt(0.09 / markets) <= inside.mean() <= 0.96


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("adjusted_price", (1800.0, 1.0, 1.02, 1.03, 0.97, 1.017)),
        ("gross_adjustment", (1.0, 1.02, 1.03, 0.97, 1.017)),
        ("within_limits", (1.0, 1.02, 1.03, 0.97, 1.017, 0.8, 1.25, 0.7, 1.3)),
        ("adjustment_weight", (0.08, 0.05)),
        ("weighted_mean", (np.array([100.0, math.nan, 130.0]), np.array([2.0, 1.0, 5.0]))),
        ("student_inflation", (1.645, 4.5)),
        ("comparison_error", (0.3, 50.0, 900.0, 0.15, 8.0, 1.645)),
        ("pair_factors", (table([PLAIN], 6), 0, 13.7, table([deal(90.0, years=28.0, first=1.02)], 8), 0)),
    ],
)  # fmt: skip
def test_compiled_equals_plain_python(name, arguments):
    assert_same_in_plain_python(getattr(comparison, name), *arguments)
