"""The validation battery: order, level, stability, differences, splits, leaks, groups.

Functions are pure on arrays and answer with the figure, its interval, n and the
test.  Outcomes are 1 (bad) or 0 (good); scores rise with risk.
"""

from models.evaluate.amounts import (
    coverage,
    level_table,
    level_test,
    loss_capture,
    pinball_loss,
)
from models.evaluate.answers import Significance, share_interval
from models.evaluate.backtest import (
    backtest,
    grade_tests,
    sidak_adjusted,
    sum_distribution,
)
from models.evaluate.brier import brier, calibration_error, equal_count_groups
from models.evaluate.calibration_tests import (
    cox_calibration,
    hosmer_lemeshow,
    hosmer_lemeshow_groups,
    spiegelhalter,
)
from models.evaluate.curves import cap, ks, roc
from models.evaluate.discrimination import auc, bads_needed, compare_auc, delong, planning_error
from models.evaluate.drift import reference, score_reference
from models.evaluate.monotone import monotone_check, reason_agreement, reason_counts, top_reasons
from models.evaluate.paired import compare_probabilities, mcnemar, paired_bootstrap
from models.evaluate.paired_values import compare_values
from models.evaluate.probes import Finding, ProbeBars, probe
from models.evaluate.splits import (
    Fold,
    Parts,
    forward,
    out_of_fold,
    places,
    rolling_origin,
    spatial_blocks,
)
from models.evaluate.subgroups import fairness_table, grant_ratio, share_difference, subgroup_table
from riskengine.appraisal.intervals import Interval
from riskengine.drift import counted, drift, holm_adjusted, psi, psi_of_shares, share_change

__all__ = [
    "Finding",
    "Fold",
    "Interval",
    "Parts",
    "ProbeBars",
    "Significance",
    "auc",
    "backtest",
    "bads_needed",
    "brier",
    "calibration_error",
    "cap",
    "compare_auc",
    "compare_probabilities",
    "compare_values",
    "counted",
    "coverage",
    "cox_calibration",
    "delong",
    "drift",
    "equal_count_groups",
    "fairness_table",
    "forward",
    "grade_tests",
    "grant_ratio",
    "holm_adjusted",
    "hosmer_lemeshow",
    "hosmer_lemeshow_groups",
    "ks",
    "level_table",
    "level_test",
    "loss_capture",
    "mcnemar",
    "monotone_check",
    "out_of_fold",
    "paired_bootstrap",
    "pinball_loss",
    "places",
    "planning_error",
    "probe",
    "psi",
    "psi_of_shares",
    "reason_agreement",
    "reason_counts",
    "reference",
    "roc",
    "rolling_origin",
    "score_reference",
    "share_change",
    "share_difference",
    "share_interval",
    "sidak_adjusted",
    "spatial_blocks",
    "spiegelhalter",
    "subgroup_table",
    "sum_distribution",
    "top_reasons",
]
