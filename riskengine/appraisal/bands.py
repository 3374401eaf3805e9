"""Bands of acceptance, as dated rules, and the verdict of a ratio study against them."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from riskengine.appraisal.intervals import Interval
from riskengine.rules import Rules
from riskengine.words import Text

if TYPE_CHECKING:
    from riskengine.appraisal.measures import RatioStatistics

Verdict: TypeAlias = Literal["pass", "outside", "unacceptable"]
"""Inside the band; outside, but not beyond doubt; outside with its whole interval."""


@dataclass(frozen=True, slots=True)
class Band:
    """A range of acceptable values; both ends belong to it unless it says otherwise.

    Parameters
    ----------
    low, high : float
        Ends [unit of the statistic]; may be infinite.
    low_closed, high_closed : bool
        Whether the end itself is acceptable.

    Examples
    --------
    >>> Band(0.98, 1.03).holds(0.98), Band(0.98, 1.03, low_closed=False).holds(0.98)
    (True, False)
    >>> str(Band(0.98, 1.03)), str(Band(float("-inf"), 10.0))
    ('[0.98, 1.03]', '<= 10')
    """

    low: float
    high: float
    low_closed: bool = True
    high_closed: bool = True

    def holds(self, value: float) -> bool:
        """Say whether a value lies in the band.

        Parameters
        ----------
        value : float
            Statistic; NaN lies in no band.

        Returns
        -------
        bool
            True if it does.
        """
        above = value >= self.low if self.low_closed else value > self.low
        below = value <= self.high if self.high_closed else value < self.high
        return above and below

    def meets(self, interval: Interval) -> bool:
        """Say whether any point of an interval lies in the band.

        Parameters
        ----------
        interval : Interval
            Both ends closed.

        Returns
        -------
        bool
            True if they share a point.
        """
        above = interval.high >= self.low if self.low_closed else interval.high > self.low
        below = interval.low <= self.high if self.high_closed else interval.low < self.high
        return above and below

    def __str__(self) -> str:
        if math.isinf(self.low):
            return f"{'<=' if self.high_closed else '<'} {self.high:g}"
        left, right = "[" if self.low_closed else "(", "]" if self.high_closed else ")"
        return f"{left}{self.low:g}, {self.high:g}{right}"


@dataclass(frozen=True, slots=True)
class Bands:
    """What a ratio study is held against.

    Parameters
    ----------
    title : Text
        Kind of property that the bands are for.
    level : Band
        Of the median ratio [1].
    stratum_level : Band
        Of a stratum's median over the median of all [1].
    cod : Band
        Of the COD [%].
    prd, prb, mki : Band
        Of PRD, PRB and MKI [1].
    prb_limit : Band
        PRB proven beyond this is unacceptable [1].
    vei : Band
        Of the VEI [%].
    vei_significance : Band
        VEI whose significance is beyond this is unacceptable [%].
    trimmed_share : Band
        Of the share of sales trimmed, in [0, 1].
    chased_cod : Band
        COD so small that prices were perhaps known when values were set [%].
    least_sales : int
        Fewer sales than this get no verdict.
    """

    title: Text
    level: Band
    stratum_level: Band
    cod: Band
    prd: Band
    prb: Band
    prb_limit: Band
    vei: Band
    vei_significance: Band
    mki: Band
    trimmed_share: Band
    chased_cod: Band
    least_sales: int


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


def bands_at(rules: Rules, property_type: str, *, messy: bool = False) -> Bands:
    """Bands in force on the day of the rules, for one kind of property.

    Parameters
    ----------
    rules : Rules
        Rules of a day.
    property_type : str
        What follows ``cod_`` in the rule file: ``single_family_newer``,
        ``single_family_older``, ``rural_seasonal``, ``income_large``,
        ``income_small``, ``vacant_land``, ``farmland_rent``, ``farmhouse``,
        ``construction_land`` or ``forest``.
    messy : bool
        Whether the wider MKI band for uneven samples is to be used.

    Returns
    -------
    Bands
        The bands.

    Raises
    ------
    RuleNotFound
        If there is no such kind of property, or no rule on that day.

    Examples
    --------
    >>> from datetime import date
    >>> from riskengine.rules import statute
    >>> str(bands_at(statute().at(date(2026, 6, 1)), "vacant_land").cod)
    '[5, 25]'
    """

    def band(name: str) -> Band:
        ends = rules.table(f"appraisal.{name}")
        return Band(
            float(ends.get("low", -math.inf)), float(ends.get("high", math.inf)),
            ends.get("low_closed", True), ends.get("high_closed", True),
        )  # fmt: skip

    cod = f"cod_{property_type}"
    return Bands(
        title=rules.book.rule(f"appraisal.{cod}").title, level=band("level"),
        stratum_level=band("stratum_level"), cod=band(cod), prd=band("prd"), prb=band("prb"),
        prb_limit=band("prb_limit"), vei=band("vei"), vei_significance=band("vei_significance"),
        mki=band("mki_messy" if messy else "mki"), trimmed_share=band("trimmed_share"),
        chased_cod=band("chased_cod"), least_sales=int(rules.number("appraisal.least_sales")),
    )  # fmt: skip


def findings_of(
    statistics: "RatioStatistics", bands: Bands, trimmed_share: float, overall_median: float | None
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
