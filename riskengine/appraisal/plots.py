"""Pictures of a ratio study: the same study gives the same bytes."""

import math
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from riskengine.appraisal.bands import Band, Bands
from riskengine.appraisal.fonts import drawable
from riskengine.appraisal.intake import NO_STRATUM
from riskengine.appraisal.pictures import (
    BAND,
    DEEP,
    GRAIN,
    SOFT,
    WARN,
    FileFormat,
    finish,
    log_money,
    picture,
)
from riskengine.appraisal.study import OVERALL, RatioStudy, StratumStudy
from riskengine.appraisal.wording import STATISTIC_WORDS, say
from riskengine.words import Language

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

STRATA_SHOWN = 40
POINTS_AS_VECTORS = 2000


def ratio_value_plot(
    study: StratumStudy, bands: Bands | None = None, *, language: Language = "zh",
    file_format: FileFormat = "svg",
) -> bytes:  # fmt: skip
    """Draw each sale's ratio against its price, with medians by group of value.

    Parameters
    ----------
    study : StratumStudy
        Overall or one stratum.
    bands : Bands or None
        Bands of acceptance; the level's is shaded.
    language : {"zh", "en"}
        Language; English when there is no Chinese font.
    file_format : {"svg", "png"}
        Format.

    Returns
    -------
    bytes
        The picture.

    Raises
    ------
    RatioStudyError
        If there is no such format.
    """

    def draw(figure: "Figure", spoken: Language) -> None:
        axes = figure.add_subplot()
        low, high = _ratio_range(study)
        if bands is not None:
            label = say("level_band", spoken, band=bands.level)
            axes.axhspan(*_within(bands.level, low, high), color=BAND, zorder=0, label=label)
        _draw_sales(axes, study, low, high, spoken)
        median = study.statistics.median
        label = say("median_line", spoken, value=median)
        axes.axhline(median, color=DEEP, linewidth=1.2, linestyle="--", label=label)
        _draw_groups(axes, study, spoken)
        log_money(axes, study.sample.sale_price)
        axes.set(
            xlabel=say("price_axis", spoken), ylabel=say("ratio_axis", spoken), ylim=(low, high)
        )
        finish(axes, say("by_value", spoken))

    return picture(draw, (7.6, 4.4), language, file_format)


def ratio_histogram(
    study: StratumStudy, bands: Bands | None = None, *, language: Language = "zh",
    file_format: FileFormat = "svg",
) -> bytes:  # fmt: skip
    """Draw how the ratios are distributed, with the band of their level.

    Parameters
    ----------
    study : StratumStudy
        Overall or one stratum.
    bands : Bands or None
        Bands of acceptance; the level's is shaded.
    language : {"zh", "en"}
        Language; English when there is no Chinese font.
    file_format : {"svg", "png"}
        Format.

    Returns
    -------
    bytes
        The picture.

    Raises
    ------
    RatioStudyError
        If there is no such format.
    """

    def draw(figure: "Figure", spoken: Language) -> None:
        axes = figure.add_subplot()
        ratios = study.sample.ratios
        low, high = _ratio_range(study)
        if bands is not None:
            label = say("level_band", spoken, band=bands.level)
            axes.axvspan(*_within(bands.level, low, high), color=BAND, zorder=0, label=label)
        bins = min(max(int(2.0 * math.sqrt(ratios.size)), 8), 60)
        kept = _kept(study)
        outliers = "_" if kept.all() else say("outlier_points", spoken)
        axes.hist(
            [np.clip(ratios[kept], low, high), np.clip(ratios[~kept], low, high)], bins=bins,
            range=(low, high), stacked=True, color=[GRAIN, WARN], zorder=2,
            label=[say("sale_points", spoken), outliers],
        )  # fmt: skip
        median = study.statistics.median
        label = say("median_line", spoken, value=median)
        axes.axvline(median, color=DEEP, linewidth=1.4, linestyle="--", label=label, zorder=3)
        label = say("trim_line", spoken)
        for end in (study.trim_low, study.trim_high):
            if low < end < high:
                axes.axvline(end, color=WARN, linewidth=1.0, linestyle=":", label=label, zorder=3)
                label = "_"  # one line in the legend is enough
        axes.set(
            xlabel=say("ratio_axis", spoken), ylabel=say("count_axis", spoken), xlim=(low, high)
        )
        finish(axes, say("distribution", spoken))

    return picture(draw, (7.6, 3.6), language, file_format)


def stratum_plot(
    study: RatioStudy, *, language: Language = "zh", file_format: FileFormat = "svg"
) -> bytes:
    """Draw median ratio and COD of every stratum with their intervals.

    Parameters
    ----------
    study : RatioStudy
        A study; beyond 40 strata the largest 40 are drawn.
    language : {"zh", "en"}
        Language; English when there is no Chinese font.
    file_format : {"svg", "png"}
        Format.

    Returns
    -------
    bytes
        The picture.

    Raises
    ------
    RatioStudyError
        If there is no such format.
    """
    strata = sorted(study.strata, key=lambda part: -part.untrimmed.count)[:STRATA_SHOWN]
    shown = {part.stratum for part in strata}
    rows = [study.overall, *[part for part in study.strata if part.stratum in shown]]

    def draw(figure: "Figure", spoken: Language) -> None:
        panels = figure.subplots(1, 2, sharey=True)
        bands = study.bands.get(OVERALL)
        for axes, name in zip(panels, ("median", "cod"), strict=True):
            _draw_intervals(axes, rows, name)
            if bands is not None:
                _shade(axes, bands.level if name == "median" else bands.cod)
            finish(axes, STATISTIC_WORDS[name].say(spoken), legend=False)
        names = drawable([stratum_name(part.stratum, spoken) for part in rows])
        counts = [part.statistics.count for part in rows]
        labels = [f"{name} ({count:,})" for name, count in zip(names, counts, strict=True)]
        panels[0].set_yticks(range(len(rows)), labels)
        panels[0].set_ylim(len(rows) - 0.4, -0.6)
        if len(study.strata) > len(strata):
            words = say("largest", spoken, shown=len(strata), total=len(study.strata))
            figure.supxlabel(words, fontsize=8, color=SOFT)

    return picture(draw, (7.6, 1.4 + 0.26 * len(rows)), language, file_format)


def stratum_name(stratum: str, language: Language) -> str:
    """Return what a stratum is called on a page.

    Parameters
    ----------
    stratum : str
        Name in the study.
    language : {"zh", "en"}
        Language.

    Returns
    -------
    str
        The name; words for all sales and for rows that state none.

    Examples
    --------
    >>> stratum_name("", "en"), stratum_name("-", "en")
    ('all sales', '(none stated)')
    """
    known = {OVERALL: "overall", NO_STRATUM: "no_stratum"}
    return say(known[stratum], language) if stratum in known else stratum


def _kept(study: StratumStudy) -> npt.NDArray[np.bool_]:
    """Which sales trimming leaves."""
    ratios = study.sample.ratios
    return (ratios >= study.trim_low) & (ratios <= study.trim_high)


def _draw_sales(
    axes: "Axes", study: StratumStudy, low: float, high: float, language: Language
) -> None:
    """Each sale a point, trimmed ones crosses; triangles at the edge for those beyond it."""
    sample, kept = study.sample, _kept(study)
    above, below = sample.ratios > high, sample.ratios < low
    shown = np.clip(sample.ratios, low, high)
    label = {"o": say("sale_points", language), "x": say("outlier_points", language)}
    for rows, colour, marker in (
        (kept, GRAIN, "o"), (~kept & ~above & ~below, WARN, "x"), (above, WARN, "^"),
        (below, WARN, "v"),
    ):  # fmt: skip
        if rows.any():
            axes.scatter(
                sample.sale_price[rows], shown[rows], s=14, c=colour, marker=marker, alpha=0.7,
                linewidths=0.8 if marker == "x" else 0, zorder=2, label=label.get(marker, "_"),
                rasterized=bool(rows.sum() > POINTS_AS_VECTORS), clip_on=marker in label,
            )  # fmt: skip


def _shade(axes: "Axes", band: Band) -> None:
    """Shade a band along x; the axis is widened to its finite ends."""
    ends = [end for end in (band.low, band.high) if math.isfinite(end)]
    low, high = min([axes.get_xlim()[0], *ends]), max([axes.get_xlim()[1], *ends])
    low, high = low - 0.03 * (high - low), high + 0.03 * (high - low)
    axes.axvspan(*_within(band, low, high), color=BAND, zorder=0)
    axes.set_xlim(low, high)


def _ratio_range(study: StratumStudy) -> tuple[float, float]:
    """Ratios to be shown: those kept, with room for the outliers nearest to them."""
    kept = study.sample.ratios[_kept(study)]
    room = max(0.15 * float(kept[-1] - kept[0]), 0.02 * float(kept[-1]))
    return max(0.0, float(kept[0]) - room), float(kept[-1]) + room


def _within(band: Band, low: float, high: float) -> tuple[float, float]:
    """Part of a band that a picture shows."""
    return min(max(band.low, low), high), max(min(band.high, high), low)


def _draw_groups(axes: "Axes", study: StratumStudy, language: Language) -> None:
    """Median and interval of each group of value, over the group's values."""
    found = study.statistics.vei
    label = say("group_line", language)
    for group in found.groups if found is not None else ():
        ends = [group.proxy_low, group.proxy_high]
        low, high = group.interval.low, group.interval.high
        axes.fill_between(ends, low, high, color=DEEP, alpha=0.18, linewidth=0, zorder=3)
        axes.plot(ends, [group.median] * 2, color=DEEP, linewidth=2.2, zorder=4, label=label)
        label = "_"  # one line in the legend is enough


def _draw_intervals(axes: "Axes", rows: list[StratumStudy], name: str) -> None:
    """One statistic of every stratum, with its interval."""
    for place, part in enumerate(rows):
        colour = DEEP if part.stratum == OVERALL else GRAIN
        value, interval = getattr(part.statistics, name), part.statistics.interval(name)
        if interval is not None and not math.isnan(interval.low):
            ends = [interval.low, interval.high]
            axes.plot(ends, [place, place], color=colour, linewidth=2.0, solid_capstyle="butt")
        axes.plot([value], [place], marker="o", markersize=5, color=colour, zorder=3)
