"""Training on made-up defaults: every form, its release, and what must be refused."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.config import parse
from models.frame import prepare
from models.lgd.fit import figures
from models.lgd.search import forward, search
from models.lgd.settings import settings_of
from models.lgd.train import train
from riskengine.errors import ModelError
from riskengine.learned.recovery import RecoveryModel
from riskengine.learned.recovery_arrays import array_faults
from riskengine.learned.release import Release

TITLE = {"zh": "损失", "en": "loss"}
CONTENT = {
    "name": "made-up", "kind": "recovery", "form": "boosting", "origin": "synthetic", "seed": 3,
    "id": "id", "date": "day",
    "target": {"column": "loss", "definition": TITLE, "low": 0.0, "high": 1.0},
    "split": {
        "train_to": pd.Timestamp("2015-12-31").date(),
        "calibrate_to": pd.Timestamp("2016-12-31").date(),
        "test_to": pd.Timestamp("2018-12-31").date(),
    },
    "features": {
        "cover": {"unit": "1", "direction": -1}, "size": {"unit": "yuan"},
        "kind": {"kind": "category", "codes": ["land", "house", "none"]},
    },
    "settings": {"iterations": 40, "cross": 0, "group": "kind", "quantiles": "trees"},
}  # fmt: skip
FORMS = {"boosting": "trees", "fractional": "form", "two_stage": "form"}


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(8)
    n = 4500
    cover, size = rng.uniform(0, 1.5, n), rng.lognormal(10, 1, n)
    kind = rng.choice(["land", "house", "none"], n)
    mean = 1 / (1 + np.exp(2.0 * cover - 1.5 * (kind == "none") - 0.3))
    loss = np.clip(rng.beta(3 * mean, 3 * (1 - mean)), 0, 1)
    # Masses below the tails: a mass of 10 % at 0 lies inside any interval that begins at 0.
    loss[rng.random(n) < 0.02] = 0.0
    loss[rng.random(n) < 0.02] = 1.0
    day = pd.Timestamp("2010-01-01") + pd.to_timedelta(np.sort(rng.integers(0, 3287, n)), unit="D")
    cover[rng.random(n) < 0.05] = np.nan
    return pd.DataFrame(
        {"id": np.arange(n), "day": day, "loss": loss, "cover": cover, "size": size, "kind": kind}
    )


@pytest.fixture(scope="module")
def fits(table):
    found = {}
    for form, quantiles in FORMS.items():
        content = {**CONTENT, "form": form}
        content["settings"] = {**CONTENT["settings"], "quantiles": quantiles}
        config = parse(content)
        frame = prepare(table, config)
        found[form] = (config, frame, train(frame, config))
    return found


@pytest.mark.parametrize("form", FORMS)
def test_every_form_beats_a_constant_and_covers(fits, form) -> None:
    metrics = fits[form][2].metrics
    assert metrics["mae"] < 0.95 * metrics["mae_constant_median"]
    assert 0.87 <= metrics["cover"] <= 0.93
    assert abs(metrics["observed"] - metrics["predicted"]) < 0.02
    assert metrics["mae"] <= metrics["mae_of_mean"] * 1.01


@pytest.mark.parametrize("form", FORMS)
def test_cover_holds_in_every_group(fits, form) -> None:
    """Three standard errors, of the calibration rows and of the test rows of the group."""
    config, frame, trained = fits[form]
    test, past = frame.of("test"), frame.of("calibrate")
    for code in range(3):
        found = figures(trained.fitted, test.take(test.x[2] == code))
        rows = (past.x[2] == code).sum()
        assert rows >= 100  # the group has shifts of its own
        error = 3.0 * np.sqrt(0.9 * 0.1 * (1.0 / rows + 1.0 / found["n"]))
        assert abs(found["cover"] - 0.9) <= error


def test_trees_score_to_the_last_bit(fits) -> None:
    config, frame, trained = fits["boosting"]
    model, x = trained.fitted.model, frame.x
    shift = model.arrays["mean_shift"][0]
    theirs = trained.fitted.estimators["mean"].predict(x.T)
    np.testing.assert_array_equal(model.lgd(x), np.clip(theirs + shift, 0.0, 1.0))


@pytest.mark.parametrize("form", FORMS)
def test_quantiles_rise_and_points_are_named(fits, form) -> None:
    config, frame, trained = fits[form]
    model, x = trained.fitted.model, frame.of("test").x
    quantiles = model.quantiles(x)
    assert quantiles.shape == (3, x.shape[1])
    assert (np.diff(quantiles, axis=0) >= 0).all()
    assert quantiles.min() >= 0 and quantiles.max() <= 1
    np.testing.assert_array_equal(model.median(x), quantiles[1])
    assert (model.downturn(x) >= model.lgd(x)).all() and (model.downturn(x) <= 1).all()


@given(st.floats(0, 1.4), st.floats(0.0, 1.0), st.sampled_from([0.0, 1.0, 2.0]))
def test_more_cover_never_loses_more(fits, cover, step, kind) -> None:
    model = fits["boosting"][2].fitted.model
    x = np.array([[cover, cover + step], [2e4, 2e4], [kind, kind]])
    low, high = model.lgd(x)
    assert high <= low


def test_the_engine_abstains_outside_what_training_saw(fits) -> None:
    model = fits["boosting"][2].fitted.model
    x = np.array([[0.5, 99.0, np.nan, 0.5], [2e4, 2e4, 2e4, np.nan], [0.0, 0.0, np.nan, 0.0]])
    assert model.inside(x).tolist() == [True, False, True, False]


def test_same_rows_same_arrays(fits, table) -> None:
    config, _, trained = fits["boosting"]
    again = train(prepare(table.sample(frac=1.0, random_state=1), config), config)
    for name, array in trained.arrays.items():
        np.testing.assert_array_equal(array, again.arrays[name])


@pytest.mark.parametrize("form", FORMS)
def test_arrays_survive_a_file(fits, form, tmp_path) -> None:
    config, frame, trained = fits[form]
    np.savez(tmp_path / "arrays.npz", **trained.arrays)
    with np.load(tmp_path / "arrays.npz", allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files}
    release = replace(trained.fitted.model.release, arrays=arrays)
    x = frame.of("test").x
    np.testing.assert_array_equal(
        RecoveryModel.of(release).quantiles(x), trained.fitted.model.quantiles(x)
    )


@pytest.mark.parametrize("form", FORMS)
def test_a_broken_release_is_refused(fits, form) -> None:
    model = fits[form][2].fitted.model
    for name in model.arrays:
        if "known" in name or "category" in name or "cover" in name or name.startswith("level"):
            continue
        less = {k: v for k, v in model.arrays.items() if k != name}
        assert array_faults(form, less, 3) == [f"array {name} is missing"]
    spoiled = {
        "levels": np.array([0.05, 0.95, 0.5]), "downturn": np.array([1.5]),
        "group_feature": np.array([7]), "shifts": np.full((4, 3), np.nan),
    }  # fmt: skip
    for name, array in spoiled.items():
        release = replace(model.release, arrays={**model.arrays, name: array})
        with pytest.raises(ValueError, match=name):
            RecoveryModel.of(release)


def test_cross_conformal_covers_too(table) -> None:
    content = {**CONTENT, "settings": {"iterations": 20, "cross": 4, "quantiles": "form"}}
    config = parse(content)
    metrics = train(prepare(table, config), config).metrics
    assert 0.87 <= metrics["cover"] <= 0.93


def test_recent_outcomes_weigh_more(table) -> None:
    """A level that jumps: the model with a short memory follows."""
    moved = table.assign(loss=np.where(table["day"] >= "2015-06-01", table["loss"], 0.0))
    settings = {"iterations": 20, "cross": 0, "quantiles": "form"}
    level = []
    for half_life in (0.0, 0.25):
        config = parse({**CONTENT, "settings": {**settings, "half_life": half_life}})
        frame = prepare(moved, config)
        trained = train(frame, config)
        raw = trained.fitted.estimators["mean"].predict(frame.of("test").x.T)
        level.append(abs(raw.mean() - frame.of("test").y.mean()))
    assert level[1] < 0.6 * level[0]


def test_the_search_never_looks_at_the_test(table) -> None:
    content = {
        **CONTENT, "search": {"leaves": [2, 8]},
        "settings": {"iterations": 20, "cross": 0, "quantiles": "form"},
    }  # fmt: skip
    config = parse(content)
    frame = prepare(table, config)
    best, found = search(frame, config, folds=2)
    spoiled = replace(frame, y=np.where(frame.part == "test", 1.0 - frame.y, frame.y))
    assert best.leaves in (2, 8) and best.quantile_leaves == best.leaves
    pd.testing.assert_frame_equal(found, search(spoiled, config, folds=2)[1])


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        ({"leafs": 3}, "leafs is unknown"), ({"levels": [0.05, 0.95]}, "hold 0.5"),
        ({"levels": [0.5, 1.0]}, "lie in"), ({"quantiles": "guess"}, "trees or form"),
        ({"zero_at": 1.0}, "below"), ({"half_life": -1.0}, "half_life"),
    ],
)  # fmt: skip
def test_wrong_settings_are_told(settings, word) -> None:
    with pytest.raises(ModelError, match=word):
        settings_of(settings)


def test_too_little_history_is_told(table) -> None:
    config = parse(CONTENT)
    frame = prepare(table, config)
    short = frame.take(frame.day >= np.datetime64("2015-06-01"))
    with pytest.raises(ModelError, match="years"):
        forward(short, config, settings_of({"leaf_rows": 300}))
    with pytest.raises(ModelError, match="group"):
        train(frame, replace(config, settings={**CONTENT["settings"], "group": "cover"}))
    with pytest.raises(ModelError, match="train has only"):
        train(short.take(short.part != "train"), config)
    assert isinstance(json.dumps(CONTENT["settings"]), str) and Release
