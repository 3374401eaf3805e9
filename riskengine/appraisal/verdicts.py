"""The verdict of a ratio study against its bands of acceptance."""

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias

from riskengine.appraisal.bands import Band, Bands
from riskengine.appraisal.intervals import Interval
from riskengine.appraisal.measures import RatioStatistics

Verdict: TypeAlias = Literal["pass", "outside", "unacceptable"]
"""Inside the band; outside, but not beyond doubt; outside with its whole interval."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One statistic held against its band.

    Parameters
    ----------
    statistic : str
        Name, as in `RatioStatistics`, or ``stratum_level``, ``trimmed_share``.
    value : float
        Statistic [its unit].
    interval : Interval or None
        Interval used for the verdict.
    band : Band
        Band of acceptance.
    verdict : {"pass", "outside", "unacceptable"} or None
        None when there are too few sales to say.
    """

    statistic: str
    value: float
    interval: Interval | None
    band: Band
    verdict: Verdict | None


def findings_of(
    statistics: RatioStatistics, bands: Bands, trimmed_share: float, overall_median: float | None
) -> tuple[Finding, ...]:
    """Hold the statistics of one sample against the bands.

    Parameters
    ----------
    statistics : RatioStatistics
        Of the sample that counts (trimmed, if trimming was asked for).
    bands : Bands
        Bands of acceptance.
    trimmed_share : float
        Share of sales trimmed, in [0, 1].
    overall_median : float or None
        Median ratio of all strata [1]; None for the overall sample itself.

    Returns
    -------
    tuple of Finding
        One per statistic that the sample defines.
    """
    judged = statistics.count >= bands.least_sales
    rows: list[tuple[str, float, Interval | None, Band, Band]] = [
        (name, getattr(statistics, name), statistics.interval(name), band, limit)
        for name, band, limit in (
            ("median", bands.level, bands.level), ("cod", bands.cod, bands.cod),
            ("prd", bands.prd, bands.prd), ("prb", bands.prb, bands.prb_limit),
            ("mki", bands.mki, bands.mki),
        )
    ]  # fmt: skip
    if overall_median is not None:
        level = statistics.median / overall_median
        rows.append(("stratum_level", level, None, bands.stratum_level, bands.stratum_level))
    rows.append(("trimmed_share", trimmed_share, None, bands.trimmed_share, bands.trimmed_share))
    findings = [
        Finding(name, value, interval, band, _verdict(value, interval, band, limit, judged))
        for name, value, interval, band, limit in rows
        if not math.isnan(value)
    ]
    if statistics.vei is not None:
        found = statistics.vei
        verdict: Verdict = "pass"
        if not bands.vei.holds(found.vei):
            proven = not bands.vei_significance.holds(found.significance)
            verdict = "unacceptable" if proven else "outside"
        findings.append(Finding("vei", found.vei, None, bands.vei, verdict if judged else None))
    return tuple(findings)


def _verdict(
    value: float, interval: Interval | None, band: Band, limit: Band, judged: bool
) -> Verdict | None:
    """Judge one statistic; proof needs an interval that does not touch the limit."""
    if not judged:
        return None
    if band.holds(value):
        return "pass"
    if interval is None or math.isnan(interval.low) or limit.meets(interval):
        return "outside"
    return "unacceptable"
