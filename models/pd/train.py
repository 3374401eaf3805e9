"""A model of default from a configuration: form, calibration, prior, frozen histograms."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.config import Config
from models.evaluate.discrimination import auc
from models.evaluate.drift import reference, score_reference
from models.fitted import Fitted, support
from models.frame import Frame
from models.pd.boosting import Boosted, boosting_settings, fit_boosting
from models.pd.calibration import (
    Calibration,
    calibrate_central_tendency,
    calibrate_isotonic,
    calibrate_platt,
    calibrate_prior,
    prior_shift,
)
from models.pd.fitting import fit_scorecard
from models.pd.scorecard import Scorecard
from models.pd.settings import scorecard_settings
from models.trees import tree_arrays
from riskengine.errors import ModelError
from riskengine.learned.scorecards import mean_points
from riskengine.words import Text

METHODS = ("platt", "isotonic", "none")


def fit_default(config: Config, frame: Frame, settings: Mapping[str, Any]) -> Fitted:
    """Fit a model of default on the training rows, calibrate it on the later ones.

    With ``calibration.refit`` the form is then fitted again on both, and keeps the
    calibration that was found on rows it had not seen.

    Parameters
    ----------
    config : Config
        Kind ``default``.
    frame : Frame
        Rows; those of the test are not looked at.
    settings : mapping
        Of the form, such as the search chose them.

    Returns
    -------
    Fitted
        The model.

    Raises
    ------
    ModelError
        If a setting is unknown or the rows do not bear the fit.
    """
    train, late = frame.of("train"), frame.of("calibrate")
    form = fit_form(config, train, settings)
    calibration = calibrated(config, form.raw(late.x[rows_of(form, frame)]), late)
    if config.calibration.get("refit", False):
        train = frame.of("train", "calibrate")
        form = fit_form(config, train, settings)
    rows = rows_of(form, frame)
    features = tuple(frame.features[k] for k in rows)
    seen = train.x[rows]
    arrays = {
        **calibration.arrays(), **support(seen), **reference(seen, features),
        **{f"score_{name}": held for name, held in score_reference(form.raw(seen)).items()},
    }  # fmt: skip
    said = {"calibration": calibration.method, "prior_shift": _prior(config.calibration)}
    if not isinstance(form, Scorecard):
        return Fitted(features, arrays | tree_arrays(form.estimator), form.estimator, said)
    dropped = form.dropped.items()
    notes = tuple(Text(f"{name}：{why.zh}", f"{name}: {why.en}") for name, why in dropped)
    return Fitted(features, arrays | card_arrays(form, train), form, said, notes)


def score_settings(
    config: Config, first: Frame, second: Frame, settings: Mapping[str, Any]
) -> float:
    """Return the AUC on later rows of a model fitted on earlier ones.

    Parameters
    ----------
    config : Config
        Kind ``default``.
    first, second : Frame
        Earlier and later rows.
    settings : mapping
        Of the form.

    Returns
    -------
    float
        AUC [1]; 0.5 where the later rows hold one class.
    """
    if np.unique(second.y).size < 2:
        return 0.5
    form = fit_form(config, first, settings)
    return auc(second.y, form.raw(second.x[rows_of(form, first)]), second.weight).auc


def fit_form(config: Config, train: Frame, settings: Mapping[str, Any]) -> Boosted | Scorecard:
    """Fit the trees or the card of a configuration.

    Parameters
    ----------
    config : Config
        Form and seed.
    train : Frame
        Training rows.
    settings : mapping
        Of the form.

    Returns
    -------
    Boosted or Scorecard
        Either gives ``raw``, log odds of bad.

    Raises
    ------
    ModelError
        If a setting is unknown or the rows do not bear the fit.
    """
    if config.form == "boosting":
        trees = boosting_settings({"seed": config.seed % 2**32, **settings})
        return fit_boosting(train.x, train.y, train.weight, train.features, trees)
    how = scorecard_settings(settings)
    return fit_scorecard(train.x, train.y, train.weight, train.features, how)


def rows_of(form: Boosted | Scorecard, frame: Frame) -> NDArray[np.int64]:
    """Return the rows of a frame's matrix that a form looks at.

    Parameters
    ----------
    form : Boosted or Scorecard
        Fitted form.
    frame : Frame
        Features offered.

    Returns
    -------
    (used,) int64
        Rows.
    """
    names = [feature.name for feature in frame.features]
    return np.array([names.index(feature.name) for feature in form.features], dtype=np.int64)


def card_arrays(form: Scorecard, train: Frame) -> dict[str, NDArray[Any]]:
    """Return the arrays of a card, with the mean points that reasons are told against.

    Parameters
    ----------
    form : Scorecard
        The card.
    train : Frame
        Training rows.

    Returns
    -------
    dict of str to array
        As `riskengine.learned.scorecards`, with ``card_mean`` (used,).
    """
    arrays = form.arrays()
    seen = train.x[rows_of(form, train)]
    return {**arrays, "card_mean": mean_points(arrays, seen, train.weight)}


def calibrated(config: Config, raw: NDArray[np.float64], late: Frame) -> Calibration:
    """Calibrate raw scores on later rows, then move them to the population's prior.

    Parameters
    ----------
    config : Config
        ``calibration``: method, sample_rate and target_rate, central_tendency.
    raw : (n,) float64
        Raw log odds of bad of the calibration rows.
    late : Frame
        Those rows.

    Returns
    -------
    Calibration
        From raw log odds to those of the PD.

    Raises
    ------
    ModelError
        If a setting is unknown or out of range.
    """
    how = config.calibration
    method = how.get("method", "platt")
    if method not in METHODS:
        raise ModelError(
            Text(f"校准方法 {method} 未知", f"calibration.method {method!r} is unknown"),
            Text(f"可选：{'、'.join(METHODS)}", f"one of {', '.join(METHODS)}"),
        )
    fit = {"platt": calibrate_platt, "isotonic": calibrate_isotonic}.get(method)
    found = Calibration() if fit is None else fit(raw, late.y, late.weight)
    if "sample_rate" in how:
        found = calibrate_prior(found, float(how["sample_rate"]), float(how["target_rate"]))
    if "central_tendency" in how:
        found = calibrate_central_tendency(found, raw, late.weight, float(how["central_tendency"]))
    return found


def _prior(how: Mapping[str, Any]) -> float:
    """Shift from the sample to the population [log odds]; 0 where they are the same."""
    if "sample_rate" not in how:
        return 0.0
    return prior_shift(float(how["sample_rate"]), float(how["target_rate"]))
