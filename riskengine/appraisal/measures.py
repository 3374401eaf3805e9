"""The statistics of one sample of ratios, with their intervals."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
from scipy import special

from riskengine.appraisal.equity import GROUPS_BY_COUNT, VerticalEquity, vertical_equity
from riskengine.appraisal.intake import Array
from riskengine.appraisal.intervals import (
    Interval,
    bootstrap_intervals,
    median_interval,
    t_interval,
)
from riskengine.appraisal.settings import Settings, TiedPrices
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


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Sales of one study, in rising order of ratio: one order, whatever the input's.

    Parameters
    ----------
    row : (n,) int64
        Place of each sale in the input, from 0.
    assessed, sale_price : (n,) float64
        Estimates and prices [yuan].
    ratios : (n,) float64
        Ratios [1].
    """

    row: npt.NDArray[np.int64]
    assessed: Array
    sale_price: Array
    ratios: Array

    def only(self, kept: npt.NDArray[np.bool_]) -> "Sample":
        """Return part of the sample.

        Parameters
        ----------
        kept : (n,) bool
            Sales to keep.

        Returns
        -------
        Sample
            The kept sales, in the same order.
        """
        return Sample(*(
            column[kept] for column in (self.row, self.assessed, self.sale_price, self.ratios)
        ))  # fmt: skip


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


def sample_of(row: npt.NDArray[np.int64], assessed: Array, sale_price: Array) -> Sample:
    """Put sales into the one order in which everything is computed.

    Parameters
    ----------
    row : (n,) int64
        Place of each sale in the input.
    assessed, sale_price : (n,) float64
        Estimates and prices [yuan], > 0.

    Returns
    -------
    Sample
        Sorted by ratio, then price, estimate and row.

    Examples
    --------
    >>> sample_of(np.arange(2), np.array([9.0, 8.0]), np.array([10.0, 10.0])).row.tolist()
    [1, 0]
    """
    ratios = assessed / sale_price
    order = np.lexsort((row, assessed, sale_price, ratios))
    return Sample(row[order], assessed[order], sale_price[order], ratios[order])


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
    >>> sample = sample_of(np.arange(4), np.array([5.0, 10.0, 15.0, 10.0]), np.full(4, 10.0))
    >>> found = measure(sample, Settings(bootstrap=0))
    >>> found.median, found.cod, found.prd, math.isnan(found.mki)
    (1.0, 25.0, 1.0, True)
    """
    count, ratios = sample.ratios.size, sample.ratios
    median = float(median_of_sorted(ratios))
    mean = float(compensated_sum(ratios)) / count
    weighted = float(compensated_sum(sample.assessed) / compensated_sum(sample.sale_price))
    error = float(weighted_mean_error(sample.assessed, sample.sale_price, weighted))
    deviation = float(standard_deviation(ratios, mean))
    proxies = np.empty(count)
    value_proxy_rows(sample.assessed, sample.sale_price, median, proxies)
    prb, prb_error = (float(part) for part in price_related_bias(ratios, proxies, median))
    order, tied = _price_order(sample, settings.tied_prices)
    mki, ki = _kakwani(sample, order, tied)
    spearman, spearman_p = _spearman(sample)
    vei = vertical_equity(
        sample.assessed, sample.sale_price, cut=settings.vei_cut, rule=settings.median_ci_rule
    )
    confidence = settings.confidence
    bootstrap: dict[str, Interval] = {}
    if settings.bootstrap > 0 and count > 1:
        bootstrap = bootstrap_intervals(
            (ratios, sample.assessed, sample.sale_price), order, tied, settings.bootstrap,
            (settings.seed, stratum), confidence,
        )  # fmt: skip
    return RatioStatistics(
        count=count, least=float(ratios[0]), largest=float(ratios[-1]), median=median, mean=mean,
        weighted_mean=weighted, cod=float(coefficient_of_dispersion(ratios, median)),
        cov=100.0 * deviation / mean, prd=mean / weighted, prb=prb, prb_error=prb_error,
        prb_t=prb / prb_error if prb_error > 0.0 else math.nan, mki=mki, ki=ki,
        spearman=spearman, spearman_p=spearman_p, vei=vei,
        intervals=MappingProxyType({
            "median": median_interval(ratios, confidence, settings.median_ci_rule),
            "mean": t_interval(mean, deviation / math.sqrt(count), count - 1, confidence),
            "weighted_mean": t_interval(weighted, error, count - 1, confidence),
            "prb": t_interval(prb, prb_error, count - 2, confidence),
        }),
        bootstrap=MappingProxyType(bootstrap), notes=_notes(sample, prb, vei),
    )  # fmt: skip


def _price_order(
    sample: Sample, tied_prices: TiedPrices
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Sales by rising price, and which share the rank of the one before."""
    order = np.lexsort((sample.row, sample.sale_price))
    tied = np.zeros(order.size, dtype=np.bool_)
    if tied_prices == "midrank":
        tied[1:] = np.diff(sample.sale_price[order]) == 0.0
    return order, tied


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
