"""The ratio study: overall and by stratum, trimmed and untrimmed, held against bands."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from riskengine.appraisal.bands import Bands
from riskengine.appraisal.intake import DroppedRow, Sales, read_sales
from riskengine.appraisal.intervals import RankRule
from riskengine.appraisal.measures import RatioStatistics, measure
from riskengine.appraisal.sample import Sample, sample_of
from riskengine.appraisal.settings import Settings, TiedPrices
from riskengine.appraisal.trimming import trim_ends
from riskengine.appraisal.verdicts import Finding, findings_of

if TYPE_CHECKING:
    import pandas as pd

OVERALL = ""
"""Name of the sample of all strata."""


@dataclass(frozen=True, slots=True)
class StratumStudy:
    """The study of one stratum, or of all sales.

    Parameters
    ----------
    stratum : str
        Name; empty for all sales.
    sample : Sample
        Its sales, before trimming.
    untrimmed : RatioStatistics
        Of all its sales.
    trimmed : RatioStatistics or None
        Of what trimming leaves; None when no trimming was asked for.
    trim_low, trim_high : float
        Ratios below or above these were trimmed [1]; infinite without trimming.
    findings : tuple of Finding
        Statistics held against the bands; empty without bands.
    chasing : bool
        COD so small that values perhaps chased prices; False without bands.
    """

    stratum: str
    sample: Sample
    untrimmed: RatioStatistics
    trimmed: RatioStatistics | None
    trim_low: float
    trim_high: float
    findings: tuple[Finding, ...] = ()
    chasing: bool = False

    @property
    def statistics(self) -> RatioStatistics:
        """The statistics that count: trimmed if trimming was asked for."""
        return self.untrimmed if self.trimmed is None else self.trimmed

    @property
    def trimmed_count(self) -> int:
        """Sales trimmed as outliers."""
        return self.untrimmed.count - self.statistics.count


@dataclass(frozen=True, slots=True)
class RatioStudy:
    """A ratio study.

    Parameters
    ----------
    overall : StratumStudy
        All usable sales.
    strata : tuple of StratumStudy
        By name of stratum; empty without strata.
    dropped : tuple of DroppedRow
        Every fault of every row left out.
    rows_in : int
        Rows read: usable sales plus rows left out.
    settings : Settings
        How it was made.
    bands : mapping of str to Bands
        What each stratum was held against, by name; the overall under ``""``.
    """

    overall: StratumStudy
    strata: tuple[StratumStudy, ...]
    dropped: tuple[DroppedRow, ...]
    rows_in: int
    settings: Settings
    bands: Mapping[str, Bands]

    @property
    def rows_dropped(self) -> int:
        """Rows left out; a row with two faults counts once."""
        return len({fault.row for fault in self.dropped})

    def to_frame(self) -> "pd.DataFrame":
        """Return one line per stratum and sample.

        Returns
        -------
        pandas.DataFrame
            Columns ``stratum`` (empty for all sales), ``sample`` (``untrimmed``
            or ``trimmed``), the statistics, the ends of the intervals to be read
            as ``*_low`` and ``*_high`` with their method as ``*_interval``, the
            analytic ones also as ``*_analytic_low`` and ``*_analytic_high``, and
            the verdicts as ``*_verdict`` on the line of the sample that counts.
        """
        import pandas as pd

        lines = []
        for study in (self.overall, *self.strata):
            samples = {"untrimmed": study.untrimmed, "trimmed": study.trimmed}
            for name, statistics in samples.items():
                if statistics is not None:
                    line = _line(study.stratum, name, statistics)
                    if name == ("untrimmed" if study.trimmed is None else "trimmed"):
                        for finding in study.findings:
                            line[f"{finding.statistic}_verdict"] = finding.verdict
                    lines.append(line)
        return pd.DataFrame(lines)


def ratio_study(  # noqa: PLR0913  one choice, one keyword
    table: Any = None, *, assessed: Any = "assessed", sale_price: Any = "sale_price",
    stratum: Any = None, trim: float | None = 3.0, trim_quartiles: str = "R6",
    confidence: float = 0.95, bootstrap: int = 1000, seed: int = 0, vei_cut: str = "2026",
    median_ci_rule: RankRule = "draft", tied_prices: TiedPrices = "stable",
    bands: Bands | Mapping[str, Bands] | None = None,
) -> RatioStudy:  # fmt: skip
    """Study how well estimates agree with sale prices.

    Parameters
    ----------
    table : pandas.DataFrame, mapping of str to column, or None
        The sales; None when columns are given directly.
    assessed, sale_price : str or array_like
        Estimate and price of each sale [yuan, or any one currency]: name of a
        column, or the column, (n,).
    stratum : str, sequence of str, array_like or None
        Column, columns or labels to study by as well.
    trim, trim_quartiles, confidence, bootstrap, seed, vei_cut, median_ci_rule, tied_prices
        As in `Settings`.
    bands : Bands, mapping of str to Bands, or None
        Bands of acceptance for all, or by stratum with ``""`` for the whole;
        None gives no verdict.

    Returns
    -------
    RatioStudy
        The study.  A row that cannot be used is left out and listed.

    Raises
    ------
    RatioStudyError
        If a column is missing, lengths differ, a choice is unknown, or fewer
        than two sales can be used.

    Notes
    -----
    The order of rows changes nothing, to the last bit, but for MKI and KI with
    equal prices under ``tied_prices="stable"``, which follow the rows as the
    published figures do.  Another stratum in the data changes no stratum's result.

    Examples
    --------
    >>> study = ratio_study(assessed=[90, 110, 95, 99], sale_price=[100, 100, 100, 90])
    >>> study.overall.statistics.count, round(study.overall.statistics.median, 3)
    (4, 1.025)
    """
    settings = Settings(
        trim, trim_quartiles, confidence, bootstrap, seed, vei_cut, median_ci_rule, tied_prices
    )
    sales, dropped, rows = read_sales(table, assessed, sale_price, stratum)
    members: dict[str, list[int]] = {}
    for place, label in enumerate(sales.stratum):
        members.setdefault(label, []).append(place)
    names = sorted(members, key=_place)
    if isinstance(bands, Bands):
        by_name = dict.fromkeys((OVERALL, *names), bands)
    else:
        by_name = dict(bands or {})
    overall = _study(OVERALL, sales, settings, by_name.get(OVERALL), None)
    median = overall.statistics.median
    strata = tuple(
        _study(name, sales.only(members[name]), settings, by_name.get(name), median)
        for name in names
    )
    return RatioStudy(overall, strata, dropped, rows, settings, by_name)


def _place(name: str) -> tuple[int, float, str]:
    """Order of strata: numbers by size, then words by letter."""
    return (0, float(name), name) if name.isdecimal() else (1, 0.0, name)


def _study(
    name: str, sales: Sales, settings: Settings, bands: Bands | None, overall: float | None
) -> StratumStudy:
    """Study one stratum, or all sales when ``overall`` is None."""
    sample = sample_of(sales.row, sales.assessed, sales.sale_price)
    untrimmed = measure(sample, settings, name)
    low, high = trim_ends(sample.ratios, settings.trim, settings.trim_quartiles)
    within = (sample.ratios >= low) & (sample.ratios <= high)
    trimmed = None
    if settings.trim is not None:
        trimmed = untrimmed if within.all() else measure(sample.only(within), settings, name)
    study = StratumStudy(name, sample, untrimmed, trimmed, low, high)
    if bands is None:
        return study
    statistics = study.statistics
    share = study.trimmed_count / untrimmed.count
    judged = statistics.count >= bands.least_sales
    return StratumStudy(
        name, sample, untrimmed, trimmed, low, high,
        findings_of(statistics, bands, share, overall),
        judged and bands.chased_cod.holds(statistics.cod),
    )  # fmt: skip


def _line(stratum: str, sample: str, statistics: RatioStatistics) -> dict[str, Any]:
    """One line of the frame."""
    line: dict[str, Any] = {"stratum": stratum, "sample": sample}
    skipped = {"vei", "intervals", "bootstrap", "notes"}
    for field in fields(statistics):
        if field.name not in skipped:
            line[field.name] = getattr(statistics, field.name)
    found = statistics.vei
    line["vei"] = found.vei if found else math.nan
    line["vei_significance"] = found.significance if found else math.nan
    for name in sorted({*statistics.intervals, *statistics.bootstrap}):
        interval = statistics.interval(name)
        if interval is not None:
            line[f"{name}_low"], line[f"{name}_high"] = interval.low, interval.high
            line[f"{name}_interval"] = interval.method
        if name in statistics.intervals:
            analytic = statistics.intervals[name]
            line[f"{name}_analytic_low"] = analytic.low
            line[f"{name}_analytic_high"] = analytic.high
    return line
