"""Ratio studies: do estimates agree with sale prices, evenly, and at every level of value.

`ratio_study` computes, `bands_at` fetches the bands of acceptance of a day,
`ratio_study_page` and the plots show.
"""

from riskengine.appraisal.bands import Band, Bands, bands_at
from riskengine.appraisal.cells import RatioStudyError
from riskengine.appraisal.equity import ValueGroup, VerticalEquity, vertical_equity
from riskengine.appraisal.intake import DroppedRow
from riskengine.appraisal.intervals import Interval, median_interval_ranks, rank_coverage
from riskengine.appraisal.measures import RatioStatistics
from riskengine.appraisal.page import ratio_study_page
from riskengine.appraisal.plots import ratio_histogram, ratio_value_plot, stratum_plot
from riskengine.appraisal.sample import Sample
from riskengine.appraisal.settings import Settings
from riskengine.appraisal.study import RatioStudy, StratumStudy, ratio_study
from riskengine.appraisal.trimming import trim_ends
from riskengine.appraisal.verdicts import Finding

__all__ = [
    "Band",
    "Bands",
    "DroppedRow",
    "Finding",
    "Interval",
    "RatioStatistics",
    "RatioStudy",
    "RatioStudyError",
    "Sample",
    "Settings",
    "StratumStudy",
    "ValueGroup",
    "VerticalEquity",
    "bands_at",
    "median_interval_ranks",
    "rank_coverage",
    "ratio_histogram",
    "ratio_study",
    "ratio_study_page",
    "ratio_value_plot",
    "stratum_plot",
    "trim_ends",
    "vertical_equity",
]
