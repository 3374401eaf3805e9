"""The price model: kernel = scikit-learn to the last bit, released arrays verified."""

import pickletools
import tomllib
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models.price import PriceConfig, card, encode, manifest, train
from models.store import load_release, write_release
from riskengine.errors import ModelError
from riskengine.kernels.trees import score_rows
from riskengine.market import demonstration
from riskengine.sample import SAMPLES
from riskengine.single import value_one
from riskengine.valuation import VALUE

CONFIG = Path("examples/models/land_rent.toml")
DAY = date(2026, 11, 24)


@pytest.fixture(scope="module")
def config() -> PriceConfig:
    settings = tomllib.loads(CONFIG.read_text(encoding="utf-8"))
    return PriceConfig(**{**settings, "iterations": 40})


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    """Synthetic deals with a signal to find."""
    rng = np.random.default_rng(4)
    deals = pd.DataFrame(SAMPLES["land"](rng, 20_000, DAY))
    signal = -0.08 * deals["soil_grade"].fillna(5.0) + 0.3 * deals["irrigated_share"].fillna(0.5)
    rent = 800.0 * np.exp(signal + rng.normal(0.0, 0.2, len(deals)))
    deals["market_rent_yuan_per_mu_year"] = rent
    days = np.datetime64("2024-01-01") + rng.integers(0, 1000, len(deals)).astype("timedelta64[D]")
    deals["rent_reviewed_on"] = days
    return deals


@pytest.fixture(scope="module")
def trained(frame: pd.DataFrame, config: PriceConfig):
    return train(frame, config)


def test_kernel_equals_scikit_learn_to_the_last_bit(trained, frame, config) -> None:
    x, _ = encode(frame, config)
    x = np.vstack([x, np.full(x.shape[1], np.nan), np.full(x.shape[1], -1e9)])
    a = trained.arrays
    out = np.empty(len(x))
    score_rows(
        np.ascontiguousarray(x.T), np.ones(len(x), bool), a["roots"], a["feature"], a["threshold"],
        a["missing_left"], a["left"], a["right"], a["leaf"], float(a["baseline"][0]), out,
    )  # fmt: skip
    np.testing.assert_array_equal(out, trained.estimator.predict(x))


def test_out_of_time_cover_and_skill(trained) -> None:
    assert 0.87 <= trained.metrics["coverage"] <= 0.93
    assert trained.metrics["median_ape"] < 0.16
    assert trained.metrics["r2_log"] > 0.4


def test_monotone_directions_hold(trained, config) -> None:
    x = np.tile([10.0, 1.0, 5.0, 0.5, 2.0], (10, 1))
    x[:, 2] = np.arange(1.0, 11.0)
    assert (np.diff(trained.estimator.predict(x)) <= 0.0).all()


def test_same_data_same_arrays(frame, config, trained) -> None:
    again = train(frame, config)
    for name, array in trained.arrays.items():
        np.testing.assert_array_equal(array, again.arrays[name])


@pytest.fixture(scope="module")
def release(trained, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("release")
    write_release(
        folder, trained.arrays, manifest(trained), {"card.md": card(trained)}, trained.estimator
    )
    return folder


def test_the_card_says_what_it_was_trained_on(release: Path) -> None:
    assert "SYNTHETIC" in (release / "card.md").read_text(encoding="utf-8")


def test_an_altered_release_is_refused(release: Path, tmp_path: Path) -> None:
    for name in ("arrays.npz", "manifest.json"):
        (tmp_path / name).write_bytes((release / name).read_bytes())
    raw = bytearray((tmp_path / "arrays.npz").read_bytes())
    raw[len(raw) // 2] ^= 1
    (tmp_path / "arrays.npz").write_bytes(raw)
    with pytest.raises(ModelError, match="match"):
        load_release(tmp_path)
    (tmp_path / "arrays.npz").unlink()
    with pytest.raises(ModelError, match="whole release"):
        load_release(tmp_path)


def test_the_arrays_hold_no_pickle(release: Path) -> None:
    with np.load(release / "arrays.npz", allow_pickle=False) as stored:
        assert all(stored[name].dtype.kind in "fib" for name in stored.files)
    assert pickletools  # the estimator is for the analyst; the engine never opens it


FACTS = [
    "right_id=1", "kind=household", "region_code=370983", "area_mu=30", "land_use=paddy",
    "contract_end=2030-12-31", "soil_grade=3", "irrigated_share=0.9", "slope_degrees=1",
]  # fmt: skip


def test_reconciliation_uses_the_released_model(release: Path) -> None:
    model = load_release(release)
    with_model = value_one("land", FACTS, DAY, demonstration(), {"land": model})
    without = value_one("land", FACTS, DAY, demonstration(), {})
    names = [method.name for method in with_model.approach.methods]
    k = names.index("learned")
    assert with_model.weights[k, 0] > 0.0
    assert without.weights[k, 0] == 0.0
    assert np.isnan(without.methods[k][VALUE, 0])
    assert with_model.reconciled[0, 0] != without.reconciled[0, 0]


def test_the_model_abstains_outside_what_it_saw(release: Path) -> None:
    model = load_release(release)
    far = [*FACTS[:3], "area_mu=900000", *FACTS[4:]]
    valuation = value_one("land", far, DAY, demonstration(), {"land": model})
    k = [method.name for method in valuation.approach.methods].index("learned")
    assert np.isnan(valuation.methods[k][VALUE, 0])
