"""Made loans and the configuration of a model on them; no person is in them."""

import copy
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from models.config import Config, parse
from models.fitted import Fitted
from models.frame import Frame, prepare
from models.pd.train import fit_default
from models.store import write_release
from models.training import manifest_of
from riskengine.errors import ModelError
from riskengine.learned import DefaultModel

MARK = "AGR-"
"""Every identifier begins so: no message and no file of a release may hold it."""

TEXT = """
name = "made-loans"
kind = "default"
form = "scorecard"
origin = "synthetic"
seed = 5
id = "loan_no"
date = "decided_on"
groups = ["crop"]
fairness = ["sex"]
not_for = {zh = "任何真实决定", en = "any real decision"}

[target]
column = "bad"
definition = {zh = "一年内逾期 90 天", en = "90 days past due within a year"}

[split]
train_to = 2021-12-31
calibrate_to = 2022-12-31
test_to = 2023-12-31

[features.debt_to_income]
unit = "1"
direction = 1
low = 0
actionable = true
title = {zh = "负债收入比", en = "debt to income"}

[features.years]
unit = "year"
direction = -1

[features.income_yuan]
unit = "yuan"
direction = -1
low = 0

[features.crop]
kind = "category"
codes = ["rice", "tea", "hogs"]
actionable = true

[bar]
auc_at_least = 0.55
"""

TREES = """
[settings]
iterations = 12
leaves = 6
leaf_rows = 20
"""


def loans(rows: int = 900, seed: int = 7) -> pd.DataFrame:
    """Loans of four years whose outcome follows from what is known of them."""
    rng = np.random.default_rng(seed)
    day = np.datetime64("2020-01-01") + rng.integers(0, 4 * 365, rows).astype("timedelta64[D]")
    crop = rng.choice(["rice", "tea", "hogs"], rows, p=[0.5, 0.3, 0.2]).astype(object)
    debt, years = np.round(rng.gamma(2.0, 0.4, rows), 4), rng.integers(0, 20, rows).astype(float)
    income = np.round(rng.lognormal(11.0, 0.6, rows), 2)
    odds = -2.0 + 1.6 * debt - 0.10 * years - 0.7 * (np.log(income) - 11.0)
    odds += np.where(crop == "hogs", 0.9, 0.0)
    bad = (rng.random(rows) < 1.0 / (1.0 + np.exp(-odds))).astype(int)
    income[rng.random(rows) < 0.1] = np.nan
    crop[rng.random(rows) < 0.05] = None
    return pd.DataFrame({
        "loan_no": [f"{MARK}{k:06d}" for k in rng.permutation(rows)], "decided_on": day,
        "bad": bad, "debt_to_income": debt, "years": years, "income_yuan": income, "crop": crop,
        "sex": rng.choice(["f", "m"], rows), "county": rng.choice(["a", "b", "c", "d"], rows),
    })  # fmt: skip


def content(form: str = "scorecard") -> dict[str, Any]:
    """What the configuration holds, free to be changed."""
    return copy.deepcopy({**tomllib.loads(TEXT), "form": form})


def text_of(form: str = "scorecard", more: str = "") -> str:
    """The configuration as a file holds it."""
    text = TEXT.replace('form = "scorecard"', f'form = "{form}"')
    return text + (TREES if form == "boosting" and "[settings]" not in more else "") + more


def config(form: str = "scorecard", more: str = "", **changes: Any) -> Config:
    """The configuration, with further tables and keys of the top level."""
    text = text_of(form, more)
    return parse({**tomllib.loads(text), **changes}, text)


def release(
    folder: Path, form: str = "scorecard", more: str = "", table: pd.DataFrame | None = None
) -> tuple[DefaultModel, Fitted, Frame]:
    """A release without an assessment: fitted, written, and loaded as the engine does."""
    how = config(form, more)
    frame = prepare(loans() if table is None else table, how)
    fitted = fit_default(how, frame.of("train", "calibrate"), how.settings)
    told = {**manifest_of(how, frame, fitted, how.settings, {}), "metrics": {"auc": 0.7}}
    model = write_release(folder, fitted.arrays, told, {"config.toml": how.text}, fitted.estimator)
    assert isinstance(model, DefaultModel)
    return model, fitted, frame


def refusal(run: Callable[[], Any]) -> str:
    """What an error says in English; it speaks Chinese too and repeats no identifier."""
    with pytest.raises(ModelError) as caught:
        run()
    error = caught.value
    for words in (error.wrong, error.cure):
        assert words.zh and words.en
        assert MARK not in words.zh + words.en
    return error.wrong.en
