"""Losses on SBA loans, out of time: nothing known at approval carried over, and the bar says so.

The loss is principal charged off over amount disbursed, capped at 1.  Approved to fiscal
2003, tested on 2004 to 2006 (n = 5,518) with facts known at approval: the released model
(two facts, chosen by invariance over five earlier periods) has a mean absolute error of
0.2276 against 0.2272 of a constant and 0.2506 of boosting as it comes out of the box; its
90 % interval covers 94.5 %.  All origination facts together had 0.2386: what the years to
2003 teach about who loses more turns round in 2005 and 2006, and folds that look forward
inside the years to 2003 could not know.  A model that does not beat a constant must not be
promoted, and is not.
"""

from datetime import date
from pathlib import Path

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingRegressor

from models.config import read_config
from models.frame import prepare
from models.intake import read_table
from models.promotion import promote
from models.store import Registry
from models.training import train
from riskengine.errors import ModelError

CONFIG = Path("examples/models/sba_recovery.toml")
FACTS = ("gr_appv", "guaranteed_share", "no_emp")


@pytest.fixture(scope="module")
def table(shared_data):
    return read_table(shared_data / "sba7a_loans.parquet")


@pytest.fixture(scope="module")
def registry(tmp_path_factory):
    return Registry(tmp_path_factory.mktemp("registry"))


@pytest.fixture(scope="module")
def made(table, registry):
    return train(read_config(CONFIG), table, registry, date(2026, 11, 26))


def test_the_rows_are_the_documented_ones(table) -> None:
    frame = prepare(table, read_config(CONFIG))
    assert frame.counts["train"] + frame.counts["calibrate"] == 3441 + 813
    assert frame.counts["test"] == 5518
    assert frame.y.min() >= 0.0
    assert frame.y.max() == 1.0
    assert "term_months" not in {feature.name for feature in frame.features}


def test_the_points_do_no_harm_where_plain_boosting_does(made, table) -> None:
    figures = made.assessment.metrics
    assert figures["mae_over_constant"] == pytest.approx(1.0, abs=0.005)
    assert figures["mae"] < figures["mae_constant_mean"]
    frame = prepare(table, read_config(CONFIG))
    past, test = frame.of("train", "calibrate"), frame.of("test")
    plain = HistGradientBoostingRegressor(random_state=0)
    plain.fit(past.table[list(FACTS)].to_numpy(float), past.y)
    told = plain.predict(test.table[list(FACTS)].to_numpy(float))
    assert figures["mae"] < float(np.abs(test.y - told).mean()) - 0.005


def test_the_level_holds_and_the_interval_is_wide_enough(made) -> None:
    figures = made.assessment.metrics
    assert figures["mean_predicted"] == pytest.approx(figures["mean_realised"], abs=0.02)
    assert 0.87 <= figures["coverage"] <= 0.96


def test_it_is_not_promoted(made, registry) -> None:
    with pytest.raises(ModelError, match="not promoted"):
        promote(
            registry, made.name, made.version, "champion", date(2026, 11, 26), "head of risk", "try"
        )
    assert registry.champion(made.name) is None
