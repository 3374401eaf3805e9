"""The page of a ratio study: one HTML file, complete in itself, the same bytes every time."""

import math
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from riskengine.appraisal.cells import FAULT_WORDS
from riskengine.appraisal.intervals import Interval
from riskengine.appraisal.measures import RatioStatistics
from riskengine.appraisal.pictures import amount
from riskengine.appraisal.plots import (
    ratio_histogram,
    ratio_value_plot,
    stratum_name,
    stratum_plot,
)
from riskengine.appraisal.study import OVERALL, RatioStudy, StratumStudy
from riskengine.appraisal.wording import (
    METHOD_WORDS,
    PAGE_WORDS,
    SHORT_WORDS,
    STATISTIC_WORDS,
    VERDICT_WORDS,
    say,
)
from riskengine.words import Language

COLUMNS = ("count", "median", "mean", "weighted_mean", "cod", "cov", "prd", "prb", "mki", "vei")
TILES = ("median", "cod", "prd", "prb", "vei")
PLACES = {"count": 0, "cod": 2, "cov": 2, "vei": 2, "prb": 4}
ROWS_NAMED = 10
NOTHING = "–"


def ratio_study_page(study: RatioStudy, language: Language = "zh", *, title: str = "") -> str:
    """Return the page of a ratio study.

    Parameters
    ----------
    study : RatioStudy
        The study.
    language : {"zh", "en"}
        Language of the page; pictures fall back to English without a Chinese font.
    title : str
        Title; empty for the plain name.

    Returns
    -------
    str
        HTML with tables and inline pictures; every text is escaped.

    Examples
    --------
    >>> from riskengine.appraisal.study import ratio_study
    >>> study = ratio_study(assessed=[90, 110, 95], sale_price=[100, 100, 90], bootstrap=0)
    >>> page = ratio_study_page(study, "en", title="<b>")
    >>> "<h1>&lt;b&gt;</h1>" in page, page.count("<svg")
    (True, 2)
    """
    overall, bands = study.overall, study.bands.get(OVERALL)
    chasing = say("chasing", language, band=bands.chased_cod) if bands and overall.chasing else ""
    page: str = _template().render(
        language=language, title=title or say("title", language),
        words={key: words.say(language) for key, words in PAGE_WORDS.items()},
        tiles=list(_tiles(study, language)), chasing=chasing,
        notes=[note.say(language) for note in overall.statistics.notes],
        property=bands.title.say(language) if bands else "",
        findings=list(_findings(overall, language)), pictures=list(_pictures(study, language)),
        heads=[SHORT_WORDS[name].say(language) for name in COLUMNS],
        lines=list(_lines(study, language)), groups=list(_groups(overall)),
        groups_under=_groups_under(overall, language),
        count_word=STATISTIC_WORDS["count"].say(language),
        median_word=STATISTIC_WORDS["median"].say(language),
        dropped=list(_dropped(study, language)),
        dropped_under=f"{study.rows_dropped:,} / {study.rows_in:,}",
        method=[
            (words.say(language), _choice(getattr(study.settings, name)))
            for name, words in METHOD_WORDS.items()
        ],
    )  # fmt: skip
    return page


@cache
def _template() -> Any:
    """Return the page's template."""
    loader = FileSystemLoader(Path(__file__).parents[1] / "templates")
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    return environment.get_template("ratio_study.html")


def _figure(name: str, value: float) -> str:
    """One figure with the decimals that its statistic deserves."""
    if math.isnan(value):
        return NOTHING
    if name == "trimmed_share":
        return f"{value:.1%}"
    return f"{value:,.{PLACES.get(name, 3)}f}"


def _range(name: str, interval: Interval | None) -> str:
    if interval is None or math.isnan(interval.low):
        return ""
    return f"[{_figure(name, interval.low)}, {_figure(name, interval.high)}]"


def _choice(value: Any) -> str:
    return NOTHING if value is None else str(value)


def _value(statistics: RatioStatistics, name: str) -> float:
    if name == "vei":
        return statistics.vei.vei if statistics.vei is not None else math.nan
    return float(getattr(statistics, name))


def _verdicts(part: StratumStudy) -> dict[str, str]:
    return {finding.statistic: finding.verdict or "none" for finding in part.findings}


def _tiles(study: RatioStudy, language: Language) -> Iterator[dict[str, str]]:
    """Headline figures."""
    overall = study.overall
    used = overall.untrimmed.count
    yield {
        "title": say("used", language), "value": f"{used:,}", "verdict": "",
        "under": f"{say('rows_in', language)} {study.rows_in:,} · "
                 f"{say('rows_dropped', language)} {study.rows_dropped:,} · "
                 f"{say('trimmed', language)} {overall.trimmed_count:,}",
    }  # fmt: skip
    verdicts = _verdicts(overall)
    for name in TILES:
        yield {
            "title": STATISTIC_WORDS[name].say(language),
            "value": _figure(name, _value(overall.statistics, name)),
            "verdict": verdicts.get(name, ""),
            "under": _range(name, overall.statistics.interval(name)),
        }


def _findings(part: StratumStudy, language: Language) -> Iterator[dict[str, str]]:
    """Statistics against their bands."""
    for finding in part.findings:
        name, verdict = finding.statistic, finding.verdict or "none"
        yield {
            "title": STATISTIC_WORDS[name].say(language), "value": _figure(name, finding.value),
            "interval": _range(name, finding.interval), "band": str(finding.band),
            "verdict": verdict, "verdict_word": VERDICT_WORDS[verdict].say(language),
        }  # fmt: skip


def _pictures(study: RatioStudy, language: Language) -> Iterator[Markup]:
    """Inline pictures: what matplotlib wrote, from the svg element on."""
    bands = study.bands.get(OVERALL)
    drawn = [
        (say("by_value", language), ratio_value_plot(study.overall, bands, language=language)),
        (say("distribution", language), ratio_histogram(study.overall, bands, language=language)),
    ]
    if study.strata:
        drawn.append((say("by_stratum", language), stratum_plot(study, language=language)))
    for title, picture in drawn:
        text = picture.decode("utf-8")
        label = Markup('<svg role="img" aria-label="{}"').format(title)
        yield label + Markup(text[text.index("<svg") + len("<svg") :])


def _lines(study: RatioStudy, language: Language) -> Iterator[dict[str, Any]]:
    """All sales and every stratum, first the sample that counts."""
    for part in (study.overall, *study.strata):
        name, verdicts = stratum_name(part.stratum, language), _verdicts(part)
        verdicts["count"] = ""
        first = "untrimmed_sample" if part.trimmed is None else "trimmed_sample"
        yield {
            "stratum": name, "sample": say(first, language), "second": False,
            "cells": [_cell(part.statistics, column, verdicts) for column in COLUMNS],
        }  # fmt: skip
        if part.trimmed_count > 0:
            yield {
                "stratum": name, "sample": say("untrimmed_sample", language), "second": True,
                "cells": [_cell(part.untrimmed, column, {}) for column in COLUMNS],
            }  # fmt: skip


def _cell(statistics: RatioStatistics, name: str, verdicts: dict[str, str]) -> dict[str, str]:
    return {
        "value": _figure(name, _value(statistics, name)),
        "interval": _range(name, statistics.interval(name)),
        "verdict": verdicts.get(name, ""),
    }


def _groups(part: StratumStudy) -> Iterator[dict[str, str]]:
    """Groups of value behind the VEI."""
    found = part.statistics.vei
    for group in found.groups if found is not None else ():
        yield {
            "count": f"{group.count:,}",
            "value": f"{amount(group.proxy_low)} .. {amount(group.proxy_high)}",
            "median": _figure("median", group.median),
            "interval": _range("median", group.interval),
        }


def _groups_under(part: StratumStudy, language: Language) -> str:
    found = part.statistics.vei
    if found is None:
        return ""
    vei = f"{STATISTIC_WORDS['vei'].say(language)} {_figure('vei', found.vei)}"
    return f"{vei} · {say('significance', language)} {_figure('vei', found.significance)}"


def _dropped(study: RatioStudy, language: Language) -> Iterator[dict[str, str]]:
    """Faults by column and reason, with the first rows that have them."""
    rows: dict[tuple[str, str], list[int]] = {}
    for fault in study.dropped:
        rows.setdefault((fault.column, fault.code), []).append(fault.row)
    for (column, code), places in sorted(rows.items(), key=lambda item: (-len(item[1]), item[0])):
        more = " …" if len(places) > ROWS_NAMED else ""
        yield {
            "column": column, "reason": FAULT_WORDS[code].say(language),
            "count": f"{len(places):,}",
            "first": ", ".join(str(place) for place in places[:ROWS_NAMED]) + more,
        }  # fmt: skip
