"""Scorecards against loops, their published scaling, and what contributions add up to."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskengine.errors import ModelError
from riskengine.kernels.scorecard import category_bin, log_odds_of_score, number_bin
from riskengine.learned.forms import CardForm
from riskengine.learned.scorecards import (
    check_scorecard,
    mean_points,
    scorecard_arrays,
    scorecard_log_odds,
    scorecard_points,
    scorecard_score,
)

CARD = {
    "is_category": np.array([False, True, False]),
    "edges": np.array([0.0, 10.0]), "edge_starts": np.array([0, 2, 2, 2]),
    "code_bins": np.array([1, 0, 1]), "code_starts": np.array([0, 0, 3, 3]),
    "points": np.array([10.0, 20.0, 35.0, 5.0, 50.0, 60.0, 41.0, 12.5, 7.25]),
    "point_starts": np.array([0, 4, 7, 9]), "scale": np.array([20.0 / math.log(2.0), 487.0]),
}  # fmt: skip
"""Two edges; three codes in two bins; no edge at all."""

ROWS = np.array([
    [-1.0, 0.0, 9.99, 10.0, np.inf, -np.inf, np.nan],
    [0.0, 1.0, 2.0, 3.0, 0.5, -1.0, np.nan],
    [0.0, 1.0, 2.0, np.nan, -np.inf, np.inf, np.nan],
])  # fmt: skip
POINTS = [
    [10.0, 20.0, 20.0, 35.0, 35.0, 10.0, 5.0],
    [60.0, 50.0, 60.0, 41.0, 41.0, 41.0, 41.0],
    [12.5, 12.5, 12.5, 7.25, 12.5, 12.5, 7.25],
]


def test_points_of_every_kind_of_cell() -> None:
    check_scorecard(CARD)
    assert scorecard_points(CARD, ROWS).tolist() == POINTS
    np.testing.assert_array_equal(scorecard_score(CARD, ROWS), np.sum(POINTS, axis=0))
    one = scorecard_points(CARD, np.ascontiguousarray(ROWS[:, 3:4]))
    assert one[:, 0].tolist() == [35.0, 41.0, 7.25]


@given(st.lists(st.floats(-50.0, 50.0), unique=True, max_size=12), st.floats(allow_infinity=True))
def test_a_bin_counts_the_edges_reached(values, cell) -> None:
    edges = np.sort(np.array(values, dtype=float))
    wanted = edges.size + 1 if math.isnan(cell) else int(np.searchsorted(edges, cell, side="right"))
    assert number_bin(cell, edges) == wanted


@given(st.one_of(st.floats(), st.integers(-2, 6).map(float)))
def test_codes_not_declared_are_missing(cell) -> None:
    bins = np.array([2, 0, 1, 1])
    wanted = bins[int(cell)] if cell in (0.0, 1.0, 2.0, 3.0) else 9
    assert category_bin(cell, bins, 9) == wanted


def test_scaling_pd_scale_01() -> None:
    factor = 20.0 / math.log(2.0)
    offset = 600.0 - factor * math.log(50.0)
    assert factor == pytest.approx(28.8539008178, abs=1e-9)
    assert offset == pytest.approx(487.122876205, abs=1e-9)
    assert log_odds_of_score(620.0, factor, offset) == pytest.approx(-math.log(100.0), abs=1e-9)
    bad = 1.0 / (1.0 + math.exp(-log_odds_of_score(560.0, factor, offset)))
    assert bad == pytest.approx(0.0740740740741, abs=1e-9)


def test_every_so_many_points_the_odds_double() -> None:
    score = np.array([487.0, 507.0, 527.0])
    np.testing.assert_allclose(
        np.exp(-scorecard_log_odds(CARD, score)), [1.0, 2.0, 4.0], rtol=1e-12
    )


@given(st.integers(0, 10**6))
def test_contributions_add_up_to_the_score_and_to_nothing_on_average(seed) -> None:
    rng = np.random.default_rng(seed)
    x = np.ascontiguousarray(ROWS[np.arange(3)[:, np.newaxis], rng.integers(0, 7, (3, 40))])
    weight = rng.uniform(0.1, 2.0, 40)
    reference = mean_points(CARD, x, weight)
    base, parts = CardForm.of({**CARD, "card_mean": reference}).contributions(x)
    raw = scorecard_log_odds(CARD, scorecard_score(CARD, x))
    np.testing.assert_allclose(base + parts.sum(axis=0), raw, rtol=1e-12, atol=1e-12)
    assert base == pytest.approx(np.average(raw, weights=weight), rel=1e-12)
    np.testing.assert_allclose(parts @ weight, 0.0, atol=1e-10)


def test_pieces_are_laid_out_one_after_another() -> None:
    none = np.empty(0)
    laid = scorecard_arrays(
        [False, True, False], [np.array([0.0, 10.0]), none, none],
        [none, np.array([1, 0, 1]), none], np.split(CARD["points"], [4, 7]), tuple(CARD["scale"]),
    )  # fmt: skip
    assert laid.keys() == CARD.keys()
    for name, wanted in CARD.items():
        assert laid[name].dtype == wanted.dtype
        np.testing.assert_array_equal(laid[name], wanted)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("edges", np.array([10.0, 0.0])), ("edges", np.array([0.0, 0.0])),
        ("edges", np.array([0.0, np.nan])), ("edge_starts", np.array([0, 1, 2, 2])),
        ("edge_starts", np.array([0, 2, 2])), ("code_bins", np.array([1, 0, 3])),
        ("code_bins", np.array([1, 0, -1])), ("points", np.full(9, np.nan)),
        ("points", np.ones(8)), ("scale", np.array([0.0, 500.0])),
        ("scale", np.array([20.0, np.inf])), ("point_starts", np.array([0, 3, 7, 9])),
        ("point_starts", np.array([0.0, 4.0, 7.0, 9.0])), ("scale", np.ones(3)),
    ],
)  # fmt: skip
def test_arrays_that_do_not_fit_are_refused(name, value) -> None:
    with pytest.raises(ModelError, match="scorecard"):
        check_scorecard({**CARD, name: value})


def test_a_missing_array_or_feature_is_refused() -> None:
    with pytest.raises(ModelError, match="points"):
        check_scorecard({name: a for name, a in CARD.items() if name != "points"})
    with pytest.raises(ModelError, match="3 features"):
        scorecard_points(CARD, ROWS[:2])
