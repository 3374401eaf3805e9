"""SBA loans, out of time: order, level year by year, alarms, and columns that leak."""

import numpy as np
import pytest

from models.config import read_config
from models.frame import prepare
from models.intake import read_table
from models.leakage import findings
from tests.realdata import sba_default


@pytest.fixture(scope="module")
def study(shared_data, tmp_path_factory):
    return sba_default.study(shared_data, tmp_path_factory.mktemp("registry"))


def test_it_orders_later_loans_better_than_both_baselines(study) -> None:
    figures = study.made.assessment.metrics
    assert figures["auc"] > max(study.logit, study.boosting) + 0.005
    assert figures["auc_low"] > 0.63
    assert figures["n"] == 8887
    assert figures["direction_faults"] == 0


def test_the_break_of_2005_and_2006_is_seen_year_by_year(study) -> None:
    by_year = dict(study.years)
    assert by_year[2004].jeffreys.upper > 0.01
    for year in (2005, 2006):
        assert by_year[year].jeffreys.upper < 1e-6
        assert by_year[year].rate > 1.15 * by_year[year].pd
    assert study.made.assessment.metrics["psi_score_alarm"] == 1.0
    assert study.made.assessment.metrics["drift_alarms"] >= 5


def test_the_answer_is_on_the_prior_of_the_population(study) -> None:
    """The file holds as many bad loans as good ones; all loans of these years do not."""
    figures = study.made.assessment.metrics
    assert figures["sample_pd"] > 0.45
    assert 0.1 < figures["mean_pd"] < 0.3


def test_columns_written_after_approval_are_refused(shared_data) -> None:
    config = read_config(sba_default.CONFIG)
    frame = prepare(read_table(shared_data / sba_default.FILE), config)
    found = findings(frame, config)
    refused = {one.feature for one in found if one.severity == "reject"}
    assert {"term_months", "chgoff_prin", "chgoff_date"} <= refused
    assert not refused & {feature.name for feature in frame.features}


def test_places_never_seen_are_ordered_as_well(study) -> None:
    manifest = study.made.model.release.manifest
    assert manifest["metrics"]["score_new_places"] > 0.6
    assert np.isfinite(manifest["metrics"]["score_forward"])
