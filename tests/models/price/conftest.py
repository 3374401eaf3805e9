"""Synthetic deals with known effects of facts, places and time."""

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from models.config import Config, parse
from models.frame import Frame, prepare
from models.price import PriceFit, fit
from models.price.kind import fit_price
from models.store import write_release
from models.training import manifest_of
from riskengine.learned.price import PriceModel

DEALS = 2600


def content(**settings: Any) -> dict[str, Any]:
    """A configuration as TOML would give it."""
    return {
        "name": "house-demo", "kind": "price", "form": "boosting", "origin": "synthetic",
        "seed": 5, "id": "deal", "date": "sold_on",
        "not_for": {"zh": "仅供测试", "en": "for tests alone"},
        "target": {
            "column": "price", "unit": "yuan/m2", "low": 1.0, "high": 1e7,
            "definition": {"zh": "成交单价", "en": "price a square metre"},
        },
        "split": {
            "train_to": date(2025, 9, 30), "calibrate_to": date(2025, 12, 31),
            "test_to": date(2026, 3, 31),
        },
        "features": {
            "building_area_m2": {"unit": "m2", "direction": -1},
            "storeys": {"unit": "1"},
            "structure": {"kind": "category", "codes": ["brick_timber", "brick_concrete", "reinforced_concrete"]},
        },
        "settings": {
            "table": "homestead", "quantity": "house_price", "group": "buyer_pool",
            "places": ["region_code"], "place_digits": [2, 6, 9], "period": "quarter",
            "iterations": 40, "quantile_iterations": 30, "origins": 2, "least": 600,
            "remarks": "remark", "alike": ["price", "building_area_m2", "region_code", "sold_on"],
            "points": 300, **settings,
        },
    }  # fmt: skip


def configured(**settings: Any) -> Config:
    """The configuration."""
    return parse(content(**settings))


def release(folder: Path, frame: Frame, config: Config) -> PriceModel:
    """A release without an assessment: fitted, written, and loaded as the engine does."""
    found = fit_price(config, frame, config.settings)
    told = manifest_of(config, frame, found, config.settings, {})
    model = write_release(folder, found.arrays, told, {}, found.estimator)
    assert isinstance(model, PriceModel)
    return model


def synthetic(seed: int = 3, size: int = DEALS) -> pd.DataFrame:
    """Deals: noise 0.15, or 0.3 where buyers are of the village; a boom that ends in 2025."""
    rng = np.random.default_rng(seed)
    counties = rng.integers(1, 6, size)
    towns = rng.integers(1, 9, size)
    code = [f"3709{c:02d}{t:03d}" for c, t in zip(counties, towns, strict=True)]
    level = np.random.default_rng(1).normal(0.0, 0.25, (6, 9))[counties, towns]
    area = rng.uniform(60.0, 300.0, size)
    structure = rng.integers(0, 3, size)
    pool = rng.integers(0, 2, size)
    day = np.datetime64("2024-01-01") + rng.integers(0, 820, size).astype("timedelta64[D]")
    years = (day - np.datetime64("2024-01-01")).astype(float) / 365.25
    log = 7.0 - 0.002 * area + 0.2 * structure + level + 0.15 * np.minimum(years, 1.5)
    log += 0.35 * ((area > 160.0) & (structure == 2)) - 0.2 * ((area < 120.0) & (structure == 1))
    log += rng.normal(0.0, np.where(pool == 1, 0.3, 0.15))
    storeys = rng.integers(1, 4, size).astype(float)
    storeys[rng.random(size) < 0.1] = np.nan
    return pd.DataFrame({
        "deal": [f"d{k}" for k in range(size)], "sold_on": day, "region_code": code,
        "building_area_m2": area, "storeys": storeys, "price": np.exp(log),
        "structure": np.array(["brick_timber", "brick_concrete", "reinforced_concrete"])[structure],
        "buyer_pool": np.array(["open", "village"])[pool], "remark": "", "true": log,
    })  # fmt: skip


@pytest.fixture(scope="session")
def config() -> Config:
    return configured()


@pytest.fixture(scope="session")
def table() -> pd.DataFrame:
    return synthetic()


@pytest.fixture(scope="session")
def frame(table, config) -> Frame:
    return prepare(table, config)


@pytest.fixture(scope="session")
def fitted(frame, config) -> PriceFit:
    return fit(frame, config)


@pytest.fixture(scope="session")
def released(frame, config, tmp_path_factory) -> PriceModel:
    return release(tmp_path_factory.mktemp("release"), frame, config)
