"""Default models: the points scorecard, its challenger, calibration, few defaults."""

from models.pd.binning import optimal_bins
from models.pd.bins import Bins, BinSettings
from models.pd.boosting import Boosted, BoostingSettings, boosting_settings, fit_boosting
from models.pd.calibration import (
    Calibration,
    calibrate_central_tendency,
    calibrate_isotonic,
    calibrate_platt,
    calibrate_prior,
    central_tendency_shift,
    long_run_rate,
    prior_shift,
)
from models.pd.cycle import point_in_time, through_the_cycle
from models.pd.fitting import fit_scorecard
from models.pd.isotonic import isotonic, pool_adjacent
from models.pd.low_default import portfolio_bound, scaled_bounds, upper_bounds
from models.pd.newton import LogisticFit, fit_logistic
from models.pd.quasi_moments import (
    calibrate_quasi_moments,
    implied_accuracy_ratio,
    quasi_moments,
)
from models.pd.reasons import Reason
from models.pd.rejects import Benchmark, RejectSettings, masked_benchmark, with_rejects
from models.pd.scaling import Scaling
from models.pd.scorecard import Scorecard
from models.pd.settings import ScorecardSettings, scorecard_settings
from models.pd.woe import Evidence, evidence

__all__ = [
    "Benchmark", "BinSettings", "Bins", "Boosted", "BoostingSettings", "Calibration", "Evidence",
    "LogisticFit", "Reason", "RejectSettings", "Scaling", "Scorecard", "ScorecardSettings",
    "boosting_settings", "calibrate_central_tendency", "calibrate_isotonic", "calibrate_platt",
    "calibrate_prior", "calibrate_quasi_moments", "central_tendency_shift", "evidence",
    "fit_boosting", "fit_logistic", "fit_scorecard", "implied_accuracy_ratio", "isotonic",
    "long_run_rate", "masked_benchmark", "optimal_bins", "point_in_time", "pool_adjacent",
    "portfolio_bound", "prior_shift", "quasi_moments", "scaled_bounds", "scorecard_settings",
    "through_the_cycle", "upper_bounds", "with_rejects",
]  # fmt: skip
