"""The statistics of one sample of ratios, with their intervals."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
from scipy import special

from riskengine.appraisal.bootstrap import bootstrap_intervals
from riskengine.appraisal.equity import GROUPS_BY_COUNT, VerticalEquity, vertical_equity
from riskengine.appraisal.intervals import Interval, median_interval, t_interval
from riskengine.appraisal.sample import Sample, price_order
from riskengine.appraisal.settings import Settings
from riskengine.kernels.ratio import (
    coefficient_of_dispersion,
    compensated_sum,
    gini_by_rank,
    median_of_sorted,
    standard_deviation,
    value_proxy_rows,
    weighted_mean_error,
)
from riskengine.kernels.ratio_equity import correlation, midrank_rows, price_related_bias
from riskengine.words import Text

SMALL_SAMPLE = GROUPS_BY_COUNT[-1][0]
"""Below this many sales bootstrap intervals and Spearman's test are to be read."""


@dataclass(frozen=True, slots=True)
class RatioStatistics:
    """The statistics of one sample; NaN where the sample does not define one.

    Parameters
    ----------
    count : int
        Sales n.
    least, largest : float
        Smallest and largest ratio [1].
    median, mean, weighted_mean : float
        Median M and mean of the ratios; sum of estimates over sum of prices [1].
    cod, cov : float
        Mean distance from the median, per cent of it; standard deviation
        (n - 1), per cent of the mean [%].
    prd : float
        Mean over weighted mean [1]; above 1: regressive.
    prb, prb_error, prb_t : float
        Slope of (ratio - M) / M on log2 of value, its standard error and t [1].
    mki, ki : float
        Gini of estimates over, and less, Gini of prices, both ranked by price [1].
    spearman, spearman_p : float
        Rank correlation of ratio and price, and its two-sided p by t [1].
    vei : VerticalEquity or None
        Vertical equity by groups; None below 20 sales or without distinct groups.
    intervals : mapping of str to Interval
        Analytic: ``median`` by ranks; ``mean``, ``weighted_mean``, ``prb`` by t.
    bootstrap : mapping of str to Interval
        Percentile intervals of `riskengine.appraisal.intervals.RESAMPLED`.
    notes : tuple of Text
        Why something is not defined.
    """

    count: int
    least: float
    largest: float
    median: float
    mean: float
    weighted_mean: float
    cod: float
    cov: float
    prd: float
    prb: float
    prb_error: float
    prb_t: float
    mki: float
    ki: float
    spearman: float
    spearman_p: float
    vei: VerticalEquity | None
    intervals: Mapping[str, Interval]
    bootstrap: Mapping[str, Interval]
    notes: tuple[Text, ...]

    def interval(self, name: str) -> Interval | None:
        """Return the interval to be read for a statistic.

        Parameters
        ----------
        name : str
            Statistic.

        Returns
        -------
        Interval or None
            Analytic from 20 sales on where there is one, else bootstrap.
        """
        analytic, resampled = self.intervals.get(name), self.bootstrap.get(name)
        small = self.count < SMALL_SAMPLE and resampled is not None
        return resampled if analytic is None or small else analytic


def measure(sample: Sample, settings: Settings, stratum: str = "") -> RatioStatistics:
    """Compute every statistic of a sample.

    Parameters
    ----------
    sample : Sample
        At least one sale.
    settings : Settings
        Choices of the study.
    stratum : str
        Name of the sample; keys its resamples together with the seed.

    Returns
    -------
    RatioStatistics
        The statistics.

    Notes
    -----
    Source: IAAO, Standard on Ratio Studies (2013), part 1 section 5; Quintos
    (2020) for MKI and KI; exposure draft 2026 for the VEI.

    Examples
    --------
    >>> from riskengine.appraisal.sample import sample_of
    >>> sample = sample_of(np.arange(4), np.array([5.0, 10.0, 15.0, 10.0]), np.full(4, 10.0))
    >>> found = measure(sample, Settings(bootstrap=0))
    >>> found.median, found.cod, found.prd, math.isnan(found.mki)
    (1.0, 25.0, 1.0, True)
    """
    count, ratios = sample.ratios.size, sample.ratios
    median = float(median_of_sorted(ratios))
    mean = float(compensated_sum(ratios)) / count
    weighted = float(compensated_sum(sample.assessed) / compensated_sum(sample.sale_price))
    deviation = float(standard_deviation(ratios, mean))
    prb, prb_error = _price_related_bias(sample, median)
    order, tied = price_order(sample, settings.tied_prices)
    mki, ki = _kakwani(sample, order, tied)
    spearman, spearman_p = _spearman(sample)
    vei = vertical_equity(
        sample.assessed, sample.sale_price, cut=settings.vei_cut, rule=settings.median_ci_rule
    )
    errors = {
        "mean": (mean, deviation / math.sqrt(count), count - 1),
        "weighted_mean": (weighted, _weighted_error(sample, weighted), count - 1),
        "prb": (prb, prb_error, count - 2),
    }
    intervals = {name: t_interval(*error, settings.confidence) for name, error in errors.items()}
    intervals["median"] = median_interval(ratios, settings.confidence, settings.median_ci_rule)
    return RatioStatistics(
        count=count, least=float(ratios[0]), largest=float(ratios[-1]), median=median, mean=mean,
        weighted_mean=weighted, cod=float(coefficient_of_dispersion(ratios, median)),
        cov=100.0 * deviation / mean, prd=mean / weighted, prb=prb, prb_error=prb_error,
        prb_t=prb / prb_error if prb_error > 0.0 else math.nan, mki=mki, ki=ki,
        spearman=spearman, spearman_p=spearman_p, vei=vei, intervals=MappingProxyType(intervals),
        bootstrap=MappingProxyType(_bootstrap(sample, order, tied, settings, stratum)),
        notes=_notes(sample, prb, vei),
    )  # fmt: skip


def _weighted_error(sample: Sample, weighted_mean: float) -> float:
    return float(weighted_mean_error(sample.assessed, sample.sale_price, weighted_mean))


def _price_related_bias(sample: Sample, median: float) -> tuple[float, float]:
    """PRB and its standard error."""
    proxies = np.empty(sample.ratios.size)
    value_proxy_rows(sample.assessed, sample.sale_price, median, proxies)
    slope, error = price_related_bias(sample.ratios, proxies, median)
    return float(slope), float(error)


def _bootstrap(
    sample: Sample, order: npt.NDArray[np.int64], tied: npt.NDArray[np.bool_],
    settings: Settings, stratum: str,
) -> dict[str, Interval]:  # fmt: skip
    """Bootstrap intervals, unless none were asked for or one sale is all there is."""
    if settings.bootstrap == 0 or sample.ratios.size < 2:
        return {}
    return bootstrap_intervals(
        (sample.ratios, sample.assessed, sample.sale_price), order, tied, settings.bootstrap,
        (settings.seed, stratum), settings.confidence,
    )  # fmt: skip


def _kakwani(
    sample: Sample, order: npt.NDArray[np.int64], tied: npt.NDArray[np.bool_]
) -> tuple[float, float]:
    """MKI and KI; NaN when prices do not vary."""
    if sample.sale_price[order[0]] == sample.sale_price[order[-1]]:
        return math.nan, math.nan
    ranks = np.empty(order.size)
    ranks[order] = np.arange(1.0, order.size + 1.0)
    if tied.any():
        midrank_rows(sample.sale_price, order, ranks)
    gini_assessed = float(gini_by_rank(sample.assessed, ranks))
    gini_price = float(gini_by_rank(sample.sale_price, ranks))
    return gini_assessed / gini_price, gini_assessed - gini_price


def _spearman(sample: Sample) -> tuple[float, float]:
    """Rank correlation of ratio and price, equal values sharing ranks, and its p."""
    count = sample.ratios.size
    ratio_ranks, price_ranks = np.empty(count), np.empty(count)
    midrank_rows(sample.ratios, np.arange(count), ratio_ranks)
    midrank_rows(sample.sale_price, np.argsort(sample.sale_price, kind="stable"), price_ranks)
    rho = float(correlation(ratio_ranks, price_ranks))
    if count < 3 or math.isnan(rho):
        return rho, math.nan
    if abs(rho) == 1.0:
        return rho, 0.0
    t_value = rho * math.sqrt((count - 2) / (1.0 - rho * rho))
    return rho, 2.0 * float(special.stdtr(count - 2, -abs(t_value)))


def _notes(sample: Sample, prb: float, vei: VerticalEquity | None) -> tuple[Text, ...]:
    """Say why statistics are missing."""
    notes = []
    if sample.ratios.size > 1 and np.ptp(sample.sale_price) == 0.0:
        notes.append(Text("价格全部相同：MKI、KI 无定义", "all prices equal: no MKI, no KI"))
    if math.isnan(prb):
        notes.append(Text("价值全部相同：PRB 无定义", "all values equal: no PRB"))
    if sample.ratios.size < SMALL_SAMPLE:
        notes.append(Text(
            f"少于 {SMALL_SAMPLE} 笔：不计算 VEI，参看 Spearman 秩检验与自助法区间",
            f"fewer than {SMALL_SAMPLE} sales: no VEI; read Spearman's test and the bootstrap",
        ))  # fmt: skip
    elif vei is None:
        notes.append(Text("价值相同过多，无法分组：无 VEI", "too many equal values: no VEI"))
    return tuple(notes)
