"""The release that comes with the project: whole, marked, and made again."""

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from models.config import read_config
from models.sample import household_loans
from models.store import Registry
from models.training import train
from riskengine.learned import DefaultModel, load_release, read_release
from riskengine.learned.reasons import reasons

SHIPPED = Registry(Path("models/registry"))
NAME = "household-default"


@pytest.fixture(scope="module")
def champion() -> Path:
    version = SHIPPED.champion(NAME)
    assert version is not None
    return SHIPPED.folder(NAME, version)


def test_every_release_shipped_is_whole_and_says_what_it_is_not_for() -> None:
    assert SHIPPED.names() == (NAME,)
    stages = SHIPPED.stages(NAME)
    assert sorted(stages.values()) == ["champion", "shadow"]
    for version in stages:
        folder = SHIPPED.folder(NAME, version)
        release = read_release(folder)
        assert release.origin == "synthetic"
        card = (folder / "card.md").read_text(encoding="utf-8")
        assert "SYNTHETIC" in card.upper()
        assert "合成数据，不得用于任何授信决定" in card


def test_it_answers_with_reasons(champion: Path) -> None:
    model = load_release(champion)
    assert isinstance(model, DefaultModel)
    arrays = model.release.arrays
    worst = np.where(
        [f.direction >= 0 for f in model.features], arrays["high"], arrays["low"]
    ).astype(float)
    told = reasons(model, worst)
    assert model.pd_one(worst) > 0.2
    assert told[0].contribution > 0.0
    assert any(one.cure for one in told)


def test_training_again_gives_the_same_release(champion: Path, tmp_path: Path) -> None:
    """The documented command, on the documented synthetic loans.

    Byte for byte on one machine; the sums of NumPy and BLAS differ in their last bits between
    processors with AVX2 and AVX-512, and a version is the digest of all bits.
    """
    config = read_config(Path("examples/models/household_card.toml"))
    made, again = (
        train(config, household_loans(), Registry(tmp_path / name), date(2026, 11, 26))
        for name in ("one", "two")
    )
    assert made.version == again.version
    for name in ("arrays.npz", "card.md"):
        assert (made.folder / name).read_bytes() == (again.folder / name).read_bytes()
    told, shipped = np.load(made.folder / "arrays.npz"), np.load(champion / "arrays.npz")
    assert told.files == shipped.files
    for name in told.files:
        if told[name].dtype.kind == "f":
            np.testing.assert_allclose(told[name], shipped[name], rtol=1e-12, atol=1e-13)
        else:
            np.testing.assert_array_equal(told[name], shipped[name])
