"""The points scorecard: scale, points, rounding, signs, arrays, reasons."""

import math
from dataclasses import replace

import numpy as np
import pytest

from models.pd import (
    BinSettings,
    Scaling,
    Scorecard,
    ScorecardSettings,
    fit_logistic,
    fit_scorecard,
    scorecard_settings,
)
from models.pd.reasons import shortfalls
from riskengine.errors import ModelError
from riskengine.learned.features import Feature
from riskengine.words import Text

FEATURES = (
    Feature("income", unit="yuan", direction=-1, title=Text("收入", "income"), actionable=True),
    Feature("age", direction=0, title=Text("年龄", "age")),
    Feature("trade", "category", codes=("pig", "maize", "tea"), actionable=True),
)


def sample(n: int = 6000, seed: int = 4) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    x = np.array([
        generator.lognormal(10, 0.6, n).round(-2), generator.integers(20, 70, n).astype(float),
        generator.choice(3, n, p=[0.3, 0.5, 0.2]).astype(float),
    ])  # fmt: skip
    odds = (
        -1.5
        - 0.9 * (np.log(x[0]) - 10)
        - 0.03 * (x[1] - 45)
        + np.array([0.6, 0, 0.2])[x[2].astype(int)]
    )
    y = (generator.random(n) < 1 / (1 + np.exp(-odds))).astype(float)
    x[0, :300] = np.nan
    return x, y


@pytest.fixture(scope="module")
def card() -> Scorecard:
    return fit_scorecard(*sample(), None, FEATURES)


def test_published_scale() -> None:
    """PD-SCALE-01."""
    scale = Scaling(20.0, 600.0, 50.0)
    assert scale.factor == pytest.approx(28.8539008178, abs=1e-9)
    assert scale.offset == pytest.approx(487.122876205, abs=1e-9)
    assert float(scale.score(math.log(100))) == pytest.approx(620.0, abs=1e-9)
    assert float(scale.pd(560.0)) == pytest.approx(0.0740740740741, abs=1e-9)
    assert (round(scale.factor, 4), round(scale.offset, 3)) == (28.8539, 487.123)


def test_points_add_up_to_the_regression(card: Scorecard) -> None:
    x, y = sample()
    evidence = np.array([b.transform(row) for b, row in zip(card.bins, x[card.rows], strict=True)])
    good = card.fit.intercept + card.fit.coefficients @ evidence
    np.testing.assert_allclose(card.raw(x[card.rows]), -good, rtol=0, atol=1e-12)
    np.testing.assert_allclose(
        card.score(x[card.rows]), card.settings.scaling.score(good), rtol=1e-13
    )
    again = fit_logistic(evidence, 1.0 - y)
    np.testing.assert_allclose(again.coefficients, card.fit.coefficients, rtol=0, atol=1e-10)


def test_mean_pd_of_the_sample_is_its_rate(card: Scorecard) -> None:
    x, y = sample()
    assert card.settings.scaling.pd(card.score(x[card.rows])).mean() == pytest.approx(
        y.mean(), abs=1e-9
    )


def test_rounding_moves_each_attribute_by_half_a_point_at_most() -> None:
    """So the score moves by at most half a point a feature: ln 2 / (2 PDO) of log odds each."""
    x, y = sample()
    card = fit_scorecard(x, y, None, FEATURES, ScorecardSettings(rounded=True))
    for whole, exact in zip(card.points, card.exact, strict=True):
        assert (np.abs(whole - exact) <= 0.5).all() and (whole == np.rint(whole)).all()
    unrounded = fit_scorecard(x, y, None, FEATURES)
    moved = np.abs(card.raw(x[card.rows]) - unrounded.raw(x[card.rows]))
    assert moved.max() <= len(card.bins) * 0.5 * math.log(2) / card.settings.scaling.pdo + 1e-12
    # The half point of one attribute is no bound for the sum of several.
    assert np.abs(card.score(x[card.rows]) - unrounded.score(x[card.rows])).max() > 0.5


def test_arrays_score_as_the_card_does(card: Scorecard) -> None:
    """The released arrays, read by the slowest possible reader."""
    x, _ = sample()
    x = x[card.rows][:, 280:700]
    a = card.arrays()
    for i in range(x.shape[1]):
        score = 0.0
        for k in range(len(card.bins)):
            points = a["points"][a["point_starts"][k] : a["point_starts"][k + 1]]
            if np.isnan(x[k, i]):
                score += points[-1]
            elif a["is_category"][k]:
                score += points[a["code_bins"][a["code_starts"][k] + int(x[k, i])]]
            else:
                edges = a["edges"][a["edge_starts"][k] : a["edge_starts"][k + 1]]
                score += points[sum(edge <= x[k, i] for edge in edges)]
        assert score == pytest.approx(card.score(x[:, i : i + 1])[0], rel=1e-14)
        raw = -(score - a["scale"][1]) / a["scale"][0]
        assert raw == pytest.approx(card.raw(x[:, i : i + 1])[0], rel=1e-12, abs=1e-12)
    counts = np.diff(a["point_starts"])
    spans = np.where(a["is_category"], 0, np.diff(a["edge_starts"]) + 2)
    assert (counts[~a["is_category"]] == spans[~a["is_category"]]).all()
    assert {
        a[name].dtype for name in ("edge_starts", "code_bins", "code_starts", "point_starts")
    } == {np.dtype(np.int64)}


def test_special_value_has_its_points_in_the_arrays() -> None:
    x, y = sample()
    x[1, 600:1500] = 45.0
    card = fit_scorecard(x, y, None, FEATURES, ScorecardSettings(specials={"age": [45.0]}))
    k = [f.name for f in card.features].index("age")
    a = card.arrays()
    edges = a["edges"][a["edge_starts"][k] : a["edge_starts"][k + 1]]
    points = a["points"][a["point_starts"][k] : a["point_starts"][k + 1]]
    cell = np.searchsorted(edges, [44.999, 45.0, 45.001], side="right")
    expected = card.points[k][card.bins[k].cells([44.999, 45.0, 45.001])]
    np.testing.assert_array_equal(points[cell], expected)
    assert expected[0] == expected[2] != expected[1]


def test_same_data_same_bytes(card: Scorecard) -> None:
    again = fit_scorecard(*sample(), None, FEATURES).arrays()
    assert all(again[name].tobytes() == part.tobytes() for name, part in card.arrays().items())


def test_weights_count_as_rows() -> None:
    x, y = sample(1500)
    weight = np.where(np.arange(y.size) % 4 == 0, 3.0, 1.0)
    twice = np.repeat(np.arange(y.size), weight.astype(int))
    how = ScorecardSettings(bins=BinSettings(max_prebins=15, corrected=False))
    a = fit_scorecard(x, y, weight, FEATURES, how)
    b = fit_scorecard(x[:, twice], y[twice], None, FEATURES, how)
    np.testing.assert_allclose(a.fit.coefficients, b.fit.coefficients, rtol=1e-7)


def test_coefficient_that_turns_its_evidence_is_dropped_refused_or_kept() -> None:
    """A suppressor: alone it rises with default, beside the other feature it falls."""
    generator = np.random.default_rng(0)
    signal = generator.normal(size=5000)
    copy = signal + 0.6 * generator.normal(size=5000)
    odds = 2.5 * signal - 1.2 * copy - 1.0
    y = (generator.random(5000) < 1 / (1 + np.exp(-odds))).astype(float)
    x, features = np.array([signal, copy]), (Feature("signal"), Feature("copy"))
    kept = fit_scorecard(x, y, None, features, ScorecardSettings(wrong_sign="keep"))
    assert kept.fit.coefficients.min() < 0.0
    dropped = fit_scorecard(x, y, None, features)
    assert dropped.fit.coefficients.min() > 0.0
    assert any("turns its evidence" in why.en for why in dropped.dropped.values())
    with pytest.raises(ModelError, match="turns its evidence"):
        fit_scorecard(x, y, None, features, ScorecardSettings(wrong_sign="refuse"))


def test_feature_against_its_direction_is_left_out_with_words() -> None:
    x, y = sample()
    wrong = (replace(FEATURES[0], direction=1), *FEATURES[1:])
    card = fit_scorecard(x, y, None, wrong)
    at = [f.name for f in card.features]
    # Only its missing bin may still tell anything.
    assert "income" not in at or np.ptp(card.bins[at.index("income")].woe[:-1]) == 0.0


def test_noise_is_left_out_by_the_corrected_information() -> None:
    x, y = sample()
    noise = np.random.default_rng(9).normal(size=y.size)
    features = (*FEATURES, Feature("noise"))
    card = fit_scorecard(np.vstack([x, noise]), y, None, features, ScorecardSettings(min_iv=0.01))
    assert "noise" in card.dropped and "IV" in card.dropped["noise"].zh
    assert card.rows.tolist() == [0, 1, 2]


def test_table_holds_every_bin(card: Scorecard) -> None:
    table = card.table()
    assert len(table) == sum(b.woe.size for b in card.bins)
    for one in card.bins:
        mine = table[table.feature == one.feature.name]
        assert mine.iv.sum() == pytest.approx(one.iv)
        assert mine["rows"].sum() == 6000 and mine.share.sum() == pytest.approx(1.0)
    assert table.bad_rate.dropna().between(0, 1).all()
    assert table.points.notna().all()


def test_reasons_cost_points_in_order_and_cure_what_can_be_changed(card: Scorecard) -> None:
    x, _ = sample()
    x = x[card.rows][:, :900]
    best = np.array([p.max() for p in card.points])
    held = card.points_of(x)
    for i, reasons in enumerate(card.reasons(x, "best", most=3)):
        lost = best - held[:, i]
        assert sum(r.lost for r in reasons) == pytest.approx(lost.sum())
        assert [r.lost for r in reasons] == sorted((r.lost for r in reasons), reverse=True)
        for r in reasons:
            k = [f.name for f in card.features].index(r.feature)
            assert r.lost == pytest.approx(lost[k]) and r.lost > 0
            if r.cure is None:
                assert r.feature == "age" or r.bin.en == "missing" or r.gain == 0.0
            else:
                assert r.feature != "age" and 0 < r.gain <= r.lost + 1e-12
    words = [r for rs in card.reasons(x) for r in rs if r.feature == "income" and r.cure]
    assert "收入" in words[0].sentence.zh and "points below the best" in words[0].sentence.en
    assert all("missing" not in r.cure.en for r in words if r.cure)


def test_points_against_the_mean_add_up_to_the_score(card: Scorecard) -> None:
    x, _ = sample()
    cells = card.cells(x[card.rows])
    short = shortfalls(card.points, card.mean, cells, "mean")
    score = card.score(x[card.rows])
    np.testing.assert_allclose(-short.sum(axis=0), score - card.mean.sum(), rtol=0, atol=1e-10)
    assert card.mean.sum() == pytest.approx(score.mean())
    with pytest.raises(ModelError, match="reference"):
        card.reasons(x[card.rows], "median")


def test_settings_out_of_a_flat_table() -> None:
    how = scorecard_settings({"pdo": 40, "base_odds": 20, "max_bins": 4, "wrong_sign": "refuse"})
    assert (how.scaling.pdo, how.bins.max_bins, how.wrong_sign) == (40, 4, "refuse")
    for options in ({"max_binz": 4}, {"wrong_sign": "ignore"}, {"separation": "no"}, {"pdo": 0}):
        with pytest.raises(ModelError):
            scorecard_settings(options)


def test_bad_input_is_refused(card: Scorecard) -> None:
    x, y = sample()
    infinite = x.copy()
    infinite[0, 0] = np.inf
    for cells, outcomes, match in (
        (x[:2], y, "feature matrix"), (infinite, y, "infinity"), (x, np.zeros(y.size), "one class"),
        (x, np.where(y > 0, np.nan, 0.0), "0 \\(good\\) or 1"),
    ):  # fmt: skip
        with pytest.raises(ModelError, match=match):
            fit_scorecard(cells, outcomes, None, FEATURES)
    with pytest.raises(ModelError, match="no feature"):
        fit_scorecard(np.ones((1, 400)), y[:400], None, (Feature("constant"),))
    with pytest.raises(ModelError):
        card.score(x[:1])
