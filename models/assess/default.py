"""Is a model of default good, calibrated and stable on rows that came later.

Where the sample was drawn with more defaults than the population has, tests are done
on the sample's own prior: a draw by class moves all log odds by one constant, so that
counts stay counts.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from models.assess.case_sections import (
    fairness_content,
    monotonicity_content,
    subgroup_tables,
    worst_cases,
)
from models.assess.default_sections import (
    calibration_content,
    discrimination_content,
    stability_content,
)
from models.assess.result import Assessment
from models.config import Config
from models.evaluate.backtest import Backtest, backtest
from models.evaluate.brier import brier, calibration_error
from models.evaluate.calibration_tests import cox_calibration, hosmer_lemeshow, spiegelhalter
from models.evaluate.curves import ks
from models.evaluate.discrimination import auc
from models.evaluate.monotone import monotone_check
from models.frame import Frame
from models.report.document import Content
from riskengine.drift import FeatureDrift, drift
from riskengine.learned.default import DefaultModel

Floats = NDArray[np.float64]


def assess_default(model: DefaultModel, frame: Frame, config: Config) -> Assessment:
    """Assess a model of default.

    Parameters
    ----------
    model : DefaultModel
        As the engine answers.
    frame : Frame
        Rows that it never saw, with outcomes.
    config : Config
        ``calibration.asset_correlation`` of the tests that bear bad years [1], in
        [0, 1), 0.05 when not said; subgroups; seed of resamples.

    Returns
    -------
    Assessment
        Figures, and the sections on discrimination, calibration and stability.

    Raises
    ------
    ModelError
        If the rows hold one class.
    """
    x = matrix_of(model, frame)
    correlation = float(config.calibration.get("asset_correlation", 0.05))
    seed = config.seed
    shift = float(model.release.manifest.get("prior_shift", 0.0))
    odds = model.logit(x)
    sample = expit(odds - shift)
    figures = {
        **discrimination(frame.y, odds, frame.weight),
        **calibration(frame.y, sample, seed), **level(frame.y, sample, shift, correlation),
        **drifted(model, x),
    }  # fmt: skip
    years = by_year(frame, sample, correlation)
    figures["years_too_low"] = float(sum(test.jeffreys.upper < 0.05 for _, test in years))
    moved = monotone_check(model.logit, x, model.features, seed=seed)
    figures["direction_faults"] = float(sum(len(one.violations) for one in moved))
    cut = float(np.median(sample))
    contents: Mapping[str, Content] = {
        "discrimination": discrimination_content(
            frame, odds, subgroup_tables(frame, sample, config.groups, cut)
        ),
        "calibration": calibration_content(frame, sample, shift, years),
        "stability": stability_content(model.release.arrays, model.features, x),
        "monotonicity": monotonicity_content(model, x, moved),
        "fairness": fairness_content(frame, sample, config, cut),
        "sensitivity": worst_cases(model, x, frame, sample),
    }
    return Assessment(figures, contents)


def default_answer(model: DefaultModel, frame: Frame) -> Floats:
    """Return the PD of rows.

    Parameters
    ----------
    model : DefaultModel
        The model.
    frame : Frame
        Rows.

    Returns
    -------
    (n,) float64
        PD on the population's prior [1].
    """
    return model.pd(matrix_of(model, frame))


def matrix_of(model: DefaultModel, frame: Frame) -> Floats:
    """Return the rows of a frame as a model wants them.

    Parameters
    ----------
    model : DefaultModel
        The model.
    frame : Frame
        Rows, with at least its features.

    Returns
    -------
    (features, n) float64
        Its features, in its order.
    """
    names = [feature.name for feature in frame.features]
    return np.ascontiguousarray(frame.x[[names.index(one.name) for one in model.features]])


def discrimination(y: Floats, score: Floats, weight: Floats) -> dict[str, float]:
    """Return AUC with its interval, Gini and KS.

    Parameters
    ----------
    y, score, weight : (n,) float64
        Outcomes, log odds of bad, weights.

    Returns
    -------
    dict of str to float
        Figures.
    """
    area, apart = auc(y, score, weight), ks(y, score, weight)
    return {
        "auc": area.auc, "auc_low": area.interval.low, "auc_high": area.interval.high,
        "gini": area.gini, "ks": apart.ks, "n": float(area.n), "defaults": float(area.bads),
    }  # fmt: skip


def calibration(y: Floats, p: Floats, seed: int) -> dict[str, float]:
    """Return how far probabilities are from what happened, loan by loan.

    Parameters
    ----------
    y, p : (n,) float64
        Outcomes and probabilities on the same prior.
    seed : int
        Of resamples.

    Returns
    -------
    dict of str to float
        Figures.
    """
    score, error = brier(y, p, groups=10), calibration_error(y, p, seed=seed)
    goodness, cox = hosmer_lemeshow(y, p, "out_of_sample"), cox_calibration(y, p)
    return {
        "brier": score.score, "brier_skill": score.skill, "reliability": score.reliability,
        "resolution": score.resolution, "ece": error.error, "ece_under_null": error.under_null,
        "ece_p": error.p_value, "hosmer_lemeshow_p": goodness.test.p_value,
        "spiegelhalter_p": spiegelhalter(y, p).p_value, "cox_intercept": cox.intercept,
        "cox_slope": cox.slope, "log_loss": log_loss(y, p),
    }  # fmt: skip


def log_loss(y: Floats, p: Floats) -> float:
    """Return the mean logarithmic loss.

    Parameters
    ----------
    y, p : (n,) float64
        Outcomes and probabilities, in (0, 1).

    Returns
    -------
    float
        Loss [nat].
    """
    return float(-np.mean(np.where(y == 1.0, np.log(p), np.log1p(-p))))


def level(y: Floats, p: Floats, shift: float, correlation: float) -> dict[str, float]:
    """Return the mean PD beside the rate of default, and whether chance explains it.

    Parameters
    ----------
    y, p : (n,) float64
        Outcomes and probabilities on the sample's prior.
    shift : float
        From the sample's log odds to the population's.
    correlation : float
        Asset correlation [1].

    Returns
    -------
    dict of str to float
        Figures.
    """
    test = backtest(y.size, int(y.sum()), float(p.mean()), correlation)
    return {
        "mean_pd": float(expit(logit(p) + shift).mean()), "sample_pd": float(p.mean()),
        "sample_rate": test.rate, "rate_over_pd": test.rate / test.pd,
        "jeffreys_p": test.jeffreys.upper, "binomial_p": test.binomial.upper,
        "jeffreys_correlated_p": test.correlated_jeffreys.upper,
    }  # fmt: skip


def by_year(frame: Frame, p: Floats, correlation: float) -> tuple[tuple[int, Backtest], ...]:
    """Return predicted and observed rates year by year.

    Parameters
    ----------
    frame : Frame
        Rows.
    p : (n,) float64
        Probabilities on the sample's prior.
    correlation : float
        Asset correlation [1].

    Returns
    -------
    tuple of (int, Backtest)
        Calendar year of the decision, and its test.
    """
    year = frame.day.astype("datetime64[Y]").astype(int) + 1970
    found = []
    for one in np.unique(year):
        y, mean = frame.y[year == one], float(p[year == one].mean())
        found.append((int(one), backtest(y.size, int(y.sum()), mean, correlation)))
    return tuple(found)


def drifted(model: DefaultModel, x: Floats) -> dict[str, float]:
    """Return how far features and scores have moved from training.

    Parameters
    ----------
    model : DefaultModel
        With its frozen histograms.
    x : (features, n) float64
        Rows of today.

    Returns
    -------
    dict of str to float
        Figures.
    """
    arrays = model.release.arrays
    found = drift(arrays, x, [feature.name for feature in model.features])
    moved = score_drift(model, x).stability
    return {
        "psi_score": moved.psi, "psi_score_alarm": float(moved.alarm),
        "psi_most": max(one.stability.psi for one in found),
        "drift_alarms": float(sum(one.alarm or one.missing_alarm for one in found)),
        "outside_share": float(model.outside(x).mean()),
    }  # fmt: skip


def score_drift(model: DefaultModel, x: Floats) -> FeatureDrift:
    """Return how far the raw score has moved from training.

    Parameters
    ----------
    model : DefaultModel
        With the frozen histogram of its score.
    x : (features, n) float64
        Rows of today.

    Returns
    -------
    FeatureDrift
        Of the score.
    """
    held = {
        name.removeprefix("score_"): array
        for name, array in model.release.arrays.items()
        if name.startswith("score_")
    }
    return drift(held, model.form.raw(x)[None], ["score"])[0]
