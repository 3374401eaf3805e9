"""Models of default as the engine answers: equal to the trainer, additive, sure of their range."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.special import expit

from models.fitted import Fitted
from models.frame import Frame
from riskengine.learned import DefaultModel, load_release
from riskengine.learned.default import tilted
from tests.models.loans import MARK, loans, refusal, release
from tests.models.releases import CARD, TREE, put

Floats = NDArray[np.float64]
Made = tuple[DefaultModel, Fitted, Frame]
KINDS = [
    (form, method) for form in ("scorecard", "boosting") for method in ("platt", "isotonic", "none")
]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], Made]:
    """Releases of both forms with every calibration, each made once."""
    done: dict[tuple[str, str], Made] = {}

    def one(form: str, method: str) -> Made:
        if (form, method) not in done:
            folder = tmp_path_factory.mktemp(f"{form}-{method}")
            done[form, method] = release(folder, form, f'\n[calibration]\nmethod = "{method}"\n')
        return done[form, method]

    return one


def cases(model: DefaultModel, frame: Frame) -> Floats:
    """Rows of the file, and rows that no file has: far away, missing, codes never seen."""
    names = [feature.name for feature in frame.features]
    own = frame.x[[names.index(feature.name) for feature in model.features]]
    far = np.column_stack(
        [np.full(len(own), value) for value in (np.nan, -1e9, 1e9, 0.0, 0.5, 2.0, 77.0)]
    )
    return np.ascontiguousarray(np.column_stack([own, far]))


@pytest.mark.parametrize(("form", "method"), KINDS)
def test_the_engine_answers_as_the_trainer(form: str, method: str, made: Any) -> None:
    model, fitted, frame = made(form, method)
    x = cases(model, frame)[:, : frame.y.size]
    if form == "boosting":
        raw = fitted.estimator.decision_function(x.T)
        np.testing.assert_array_equal(model.form.raw(x), raw)  # to the last bit
    else:
        raw = fitted.estimator.raw(x)
        np.testing.assert_allclose(model.form.raw(x), raw, rtol=0, atol=1e-12)
    arrays = fitted.arrays
    if method == "isotonic":
        odds = np.interp(raw, arrays["calibration_x"], arrays["calibration_y"])
        assert np.unique(model.logit(x)).size < np.unique(raw).size
    else:
        odds = arrays["calibration"][0] + arrays["calibration"][1] * raw
    if method == "none":
        np.testing.assert_array_equal(odds, raw)
    np.testing.assert_allclose(model.logit(x), odds, rtol=0, atol=1e-12)
    np.testing.assert_allclose(model.pd(x), expit(odds), rtol=1e-11)


@pytest.mark.parametrize(("form", "method"), KINDS)
def test_contributions_add_up(form: str, method: str, made: Any) -> None:
    model, _, frame = made(form, method)
    x = cases(model, frame)
    base, parts = model.contributions(x)
    assert base.shape == (x.shape[1],) and parts.shape == x.shape
    np.testing.assert_allclose(base + parts.sum(axis=0), model.logit(x), rtol=0, atol=1e-12)
    assert np.unique(base).size == 1


@pytest.mark.parametrize(("form", "method"), KINDS)
def test_one_case_is_one_of_many(form: str, method: str, made: Any) -> None:
    model, _, frame = made(form, method)
    x = cases(model, frame)[:, -40:]
    one = [model.pd_one(np.ascontiguousarray(x[:, i])) for i in range(x.shape[1])]
    np.testing.assert_array_equal(model.pd(x), one)
    np.testing.assert_array_equal(
        model.pd(x), np.concatenate([model.pd(x[:, [i]]) for i in range(40)])
    )


@given(
    st.lists(st.tuples(st.floats(-3.0, 3.0), st.floats(-3.0, 3.0)), min_size=1, max_size=8),
    st.lists(st.floats(1e-9, 2.0), min_size=0, max_size=6), st.floats(0.0, 50.0),
)  # fmt: skip
@example(pairs=[(0.0, 0.328125)], gaps=[1.205078125], jump=1e-09)
@example(pairs=[(0.0, -0.328125)], gaps=[1.205078125], jump=1e-09)
def test_tilted_parts_keep_sum_sign_and_size(pairs: list, gaps: list, jump: float) -> None:
    """Against any rising table, with flats and jumps: nothing blows up where parts cancel."""
    parts = np.array(pairs).T
    knots = np.concatenate([[-2.0], -2.0 + np.cumsum(gaps)]) if gaps else np.array([-2.0])
    values = np.where(np.arange(knots.size) % 2, jump, 0.0).cumsum()
    raw = parts.sum(axis=0)
    moved = np.interp(raw, knots, values) - np.interp(0.0, knots, values)
    slope = np.ptp(values) / max(np.ptp(knots), 1e-9)
    found = tilted(parts, moved, slope)
    scale = 1.0 + np.abs(moved) + slope * np.abs(parts).sum(axis=0)
    assert (np.abs(found.sum(axis=0) - moved) <= 1e-13 * scale).all()
    assert (found * parts >= 0.0).all()
    bound = np.maximum(2.0 * slope * np.abs(parts), np.abs(moved))
    assert (np.abs(found) <= bound * (1.0 + 1e-9) + 1e-12).all()


def test_reasons_remain_on_a_flat_of_the_table(tmp_path: Path) -> None:
    """By hand: raw parts 0.6 and -0.25 on a flat; the slope of a chord would say nothing at all."""
    table = {"calibration_x": np.array([-9.0, 0.0, 4.0, 9.0]),
             "calibration_y": np.array([-5.0, -2.0, -2.0, 1.0])}  # fmt: skip
    model = load_release(put(tmp_path / "v1", {**CARD, **table}))
    base, parts = model.contributions(np.array([[5.0], [0.0]]))
    assert base.tolist() == [-2.0] == model.logit(np.array([[5.0], [0.0]])).tolist()
    slope, t = 1.0 / 3.0, -(1.0 / 3.0) * 0.35 / 0.85
    np.testing.assert_allclose(parts[:, 0], [0.6 * (slope + t), -0.25 * (slope - t)], rtol=1e-13)
    assert parts[0, 0] > 0.1


def test_the_mean_contribution_of_a_card_is_nothing(made: Any) -> None:
    """Contributions are told against the mean of training: there they sum to zero."""
    model, _, frame = made("scorecard", "platt")
    train = cases(model, frame.of("train"))[:, : frame.of("train").y.size]
    np.testing.assert_allclose(model.contributions(train)[1].mean(axis=1), 0.0, atol=1e-12)


@pytest.mark.parametrize("form", ["scorecard", "boosting"])
def test_directions_hold(form: str, made: Any) -> None:
    model, _, frame = made(form, "platt")
    x = cases(model, frame)[:, :60]
    for k, feature in enumerate(model.features):
        if feature.direction == 0:
            continue
        ladder = np.repeat(x[:, :, None], 25, axis=2)
        ladder[k] = np.linspace(-1.0, 30.0, 25)
        odds = model.logit(ladder.reshape(len(x), -1)).reshape(60, 25)
        assert (feature.direction * np.diff(odds, axis=1) >= 0.0).all()


@pytest.mark.parametrize("form", ["scorecard", "boosting"])
def test_outside(form: str, made: Any) -> None:
    """Inside are both ends of what was seen, and missing where it was sometimes missing."""
    model, _, frame = made(form, "platt")
    names = [feature.name for feature in model.features]
    train = cases(model, frame.of("train"))[:, : frame.of("train").y.size]
    assert not model.outside(train).any()
    for k, name in enumerate(names):
        known = train[k][~np.isnan(train[k])]
        for value, out in ((known.min(), False), (known.max(), False), (known.max() + 1e-3, True),
                           (known.min() - 1e-3, True), (np.nan, name not in ("income_yuan", "crop"))):  # fmt: skip
            case = train[:, :1].copy()
            case[k] = value
            assert model.outside(case).tolist() == [out], (name, value)


def test_log_odds_without_end(tmp_path: Path) -> None:
    """A PD never leaves [0, 1] and nothing overflows, however far the raw score is."""
    far = {**TREE, "leaf": np.array([0.0, -2000.0, 2000.0])}
    model = load_release(put(tmp_path / "v1", far))
    found = model.pd(np.array([[1.0, 5.0], [0.0, 0.0]]))
    assert found.tolist() == [0.0, 1.0]
    assert model.pd_one(np.array([5.0, 0.0])) == 1.0


def test_by_hand(tmp_path: Path) -> None:
    """The tree: -2.5 below 2, -1 above, a third of training rows above; shift 0.1, slope 0.9."""
    model = load_release(put(tmp_path / "v1", TREE))
    x = np.array([[2.0, 2.1, np.nan], [0.0, 2.0, np.nan]])
    np.testing.assert_allclose(model.logit(x), [-2.15, -0.8, -2.15], rtol=1e-15)
    base, parts = model.contributions(x)
    np.testing.assert_allclose(base, 0.1 - 0.9 * 2.0, rtol=1e-14)
    np.testing.assert_allclose(parts, [[-0.45, 0.9, -0.45], [0.0] * 3], atol=1e-14)
    assert model.outside(x).tolist() == [False, False, True]
    card = load_release(put(tmp_path / "v2", CARD))  # scores 35, 25 and 40; offset 60, factor 20
    np.testing.assert_allclose(card.form.raw(x), [1.25, 1.75, 1.0], rtol=1e-15)
    np.testing.assert_allclose(card.contributions(x)[1], 0.9 * np.array([[0.6, 0.6, 0.1], [-0.25, 0.25, 0.0]]),
                               atol=1e-15)  # fmt: skip


def test_a_table_of_nothing_is_the_line(tmp_path: Path) -> None:
    empty = {"calibration_x": np.empty(0), "calibration_y": np.empty(0)}
    x = np.array([[1.0, 5.0], [0.0, 1.0]])
    for base in (TREE, CARD):
        with_table, line = (
            load_release(put(tmp_path / "v1", {**base, **more})) for more in (empty, {})
        )
        np.testing.assert_array_equal(with_table.logit(x), line.logit(x))
        assert with_table.pd_one(x[:, 0].copy()) == line.pd(x)[0]


def test_a_matrix_of_other_features_is_refused(tmp_path: Path) -> None:
    for k, base in enumerate((TREE, CARD)):
        model = load_release(put(tmp_path / f"v{k}", base))
        assert "features" in refusal(lambda model=model: model.pd(np.zeros((3, 2))))


def test_no_identifier_is_released(made: Any, tmp_path: Path) -> None:
    release(tmp_path, table=loans().assign(crop=loans()["crop"].fillna("tea")))
    for path in tmp_path.iterdir():
        assert MARK.encode() not in path.read_bytes(), path.name
