"""What the report of real data says of the SBA cohorts: correlation, forecasts, money."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from tests.realdata import sba_cohorts, sba_money
from tests.realdata.sba_cohorts import Bias, Correlations, Forecast, Forecasts

NAMES = {"ALL": "all", "11": "11 agriculture", "23": "23 construction", "62": "62 health"}
HISTORIES = 200
SEED = 5


def pages(folder: Path) -> Iterator[str]:
    """Correlation, forecasts, money."""
    yield from correlation_pages(folder)
    yield ""
    yield from bias_pages(folder)
    yield ""
    yield from forecast_pages(folder)
    yield ""
    yield from money_pages(folder)


def correlation_pages(folder: Path) -> Iterator[str]:
    """Estimates beside those published with the data."""
    yield "## Asset correlation of SBA cohorts (approved fiscal 2001 to 2022)"
    yield ""
    yield (
        "Charge-offs by number within 36, 60 or 84 months; a cohort is a fiscal year.  Published: loans and "
        "pairs of loans pooled over cohorts, every printed figure reproduced.  That weighs the level by n and "
        "the pairs by n^2: where sizes and rates of cohorts go together it is biased (next table); it "
        "understates agriculture about threefold.  Moments weigh cohorts alike; the largest likelihood knows "
        "the binomial scatter.  In brackets the standard error with independent cohorts, then with the echo "
        "of neighbours (autocorrelation of the normal scores; windows overlap, and one cycle is most of what "
        "18 to 22 cohorts saw); at an echo of 0.8 the scatter of 20 cohorts about their own mean is a third too "
        "small besides.  These correlations are of multi-year cohorts, not of a Basel year."
    )
    yield ""
    yield (
        "| sector | months | cohorts | published PD / rho | moments PD / rho | likelihood PD / rho "
        "| sizes with rates | echo |"
    )
    yield "|---|---|---|---|---|---|---|---|"
    for sector in sba_cohorts.SECTORS:
        for age in (36, 60, 84):
            yield _line(sba_cohorts.correlations(sba_cohorts.history(folder, sector, age)))


def _line(x: Correlations) -> str:
    most, even = x.likelihood, x.moments
    return (
        f"| {NAMES[x.of.sector]} | {x.of.age} | {most.years} | {x.pooled[0]:.2%} / {x.pooled[1]:.3f} "
        f"| {even.default_chance:.2%} / {even.correlation:.3f} ({even.correlation_error:.3f}) "
        f"| {most.default_chance:.2%} / {most.correlation:.3f} ({most.correlation_error:.3f}; "
        f"{x.overlapping_error:.3f}) | {x.size_and_rate:+.2f} | {x.echo:.2f} |"
    )


def bias_pages(folder: Path) -> Iterator[str]:
    """Which estimator is biased, by simulation with a known correlation."""
    yield (
        f"Mean (spread) of each estimate over {HISTORIES} drawn histories whose correlation is 0.12, with the "
        "true sizes of the 60-month cohorts, dealt out at random or with the rank correlation to rates that "
        "the data have:"
    )
    yield ""
    yield "| sizes of | with rates | pooled | moments | likelihood |"
    yield "|---|---|---|---|---|"
    for sector, chance in (("11", 0.04), ("ALL", 0.08)):
        of = sba_cohorts.history(folder, sector, 60)
        for link in (0.0, sba_cohorts.correlations(of).size_and_rate):
            found = sba_cohorts.bias(
                of.at_risk, chance, 0.12, link=link, histories=HISTORIES, seed=SEED
            )
            yield _bias_line(sector, link, found)


def _bias_line(sector: str, link: float, found: Bias) -> str:
    cells = (found.pooled, found.moments, found.likelihood)
    told = " | ".join(f"{mean:.3f} ({spread:.3f})" for mean, spread in cells)
    return f"| {NAMES[sector]} | {link:+.2f} | {told} |"


def forecast_pages(folder: Path) -> Iterator[str]:
    """Foreseen and realised counts."""
    found = {
        (sector, age): sba_cohorts.forecasts(sba_cohorts.history(folder, sector, age))
        for sector in sba_cohorts.SECTORS
        for age in (36, 60)
    }
    yield "## Charge-offs of later SBA cohorts, foreseen and realised"
    yield ""
    yield (
        "Law of the count: binomial given a normal state, PD and correlation by their posterior on a grid "
        "(mu and sigma uniform before the data), so that few cohorts give wide intervals; nothing was tuned. "
        " Split: rolling.  A cohort of year c is known for 60 months at the end of fiscal c + 5, for 36 at the "
        "end of c + 3; the first forecast uses the four cohorts 2001 to 2004.  Coming of age: made when the "
        "cohort before becomes known.  At approval: made before the first loan, from cohorts known by then. "
        " Rank: P(K < k) + P(K = k) / 2, uniform with mean one half were the forecast right; the cohorts of one "
        "cycle are not independent, so that a share covered has far fewer cases behind it than the count says."
    )
    yield ""
    yield (
        "| sector | months | made | cohorts | inside the 90 % interval | same with parameters taken as known "
        "| mean rank | below 0.5 |"
    )
    yield "|---|---|---|---|---|---|---|---|"
    for one in found.values():
        yield from _cover_lines(one)
    covered, plain, rank = sba_cohorts.control(HISTORIES, SEED)
    yield ""
    yield (
        f"Control: of {HISTORIES} drawn histories of eight cohorts that follow the model (PD 4 %, rho 0.11, 600 "
        f"loans) the ninth falls inside for {covered:.1%}, with parameters taken as known for {plain:.1%}; mean "
        f"rank {rank:.2f}."
    )
    yield ""
    yield (
        "What fails.  The cohorts 2001 to 2004 could not foresee 2005 to 2008: at 60 months these four lie high "
        "in every sector (agriculture: ranks 0.80 to 0.88), mostly inside, for few cohorts leave the interval "
        "wide.  With parameters taken as known agriculture's 2005 and 2006 miss; construction's 2005 and 2006 and "
        "all sectors' 2006 miss even so. "
        " From 2009 on the forecast is too high and too wide: the crisis stays in the history, the model holds "
        "cohorts to be independent draws around one level, and at 60 months every rank from 2009 on is below one "
        "half.  At approval it is worse, for the history then ends years earlier.  A cover near "
        "90 % here is two faults that offset each other, not calibration.  Charge-offs of 2020 and 2021 were held "
        "down by payment relief."
    )
    for sector in ("11", "ALL"):
        yield ""
        yield f"Sector {NAMES[sector]}, 60 months, coming of age:"
        yield ""
        yield "| cohort | known to | loans | foreseen, mean | 90 % interval | realised | rank |"
        yield "|---|---|---|---|---|---|---|"
        yield from map(_forecast_line, found[sector, 60].coming_of_age)


def _cover_lines(one: Forecasts) -> Iterator[str]:
    for made, these in (("coming of age", one.coming_of_age), ("at approval", one.at_approval)):
        ranks = np.array([x.rank for x in these])
        yield (
            f"| {NAMES[one.of.sector]} | {one.of.age} | {made} | {these[0].cohort} to {these[-1].cohort} "
            f"| {sum(x.covered for x in these)} of {len(these)} "
            f"| {sum(x.plug_covered for x in these)} of {len(these)} "
            f"| {ranks.mean():.2f} | {np.sum(ranks < 0.5)} of {len(these)} |"
        )


def _forecast_line(x: Forecast) -> str:
    return (
        f"| {x.cohort} | {x.known} | {x.at_risk:,} | {x.mean:,.0f} | {x.low:,} to {x.high:,} "
        f"| {x.charged_off:,} | {x.rank:.3f} |"
    )


def money_pages(folder: Path) -> Iterator[str]:
    """Foreseen and realised dollars."""
    yield "## Loss of SBA cohorts in money"
    yield ""
    yield (
        "Principal charged off within 60 months, million dollars of the day: the law of the count above, amounts "
        "drawn from charge-offs of earlier cohorts made by then (a bootstrap of a bootstrap).  Realised: the "
        "count, known exactly, times the mean of the sampled loans of the cohort, with the error of that mean; "
        "the sample ends with fiscal 2006, so no later cohort has amounts, and agriculture has few."
    )
    yield ""
    yield "| sector | cohort | earlier charge-offs | foreseen, mean | 90 % interval | realised (error) | loans behind it |"
    yield "|---|---|---|---|---|---|---|"
    for sector in ("11", "ALL"):
        of = sba_cohorts.history(folder, sector, 60)
        for cohort in (2005, 2006):
            x = sba_money.gross(folder, of, cohort)
            yield (
                f"| {NAMES[sector]} | {cohort} | {x.sampled:,} | {x.mean / 1e6:,.2f} "
                f"| {x.low / 1e6:,.2f} to {x.high / 1e6:,.2f} "
                f"| {x.realised / 1e6:,.2f} ({x.realised_error / 1e6:,.2f}) | {x.behind:,} |"
            )
    yield ""
    yield (
        "Net loss of the guarantor on agriculture: guaranteed share of the charge-off less the mean recovery of "
        "fiscal years that were four years old (the table of recoveries is one snapshot, so they are seen as "
        "they stood later).  The last column is the realised count at the mean amount of the past, because "
        "the data hold no amounts of these cohorts; it tests the count alone."
    )
    yield ""
    yield "| cohort | recovery | foreseen, mean | 90 % interval | at the realised count |"
    yield "|---|---|---|---|---|"
    of = sba_cohorts.history(folder, "11", 60)
    for cohort in range(2016, 2021):
        x, recovery = sba_money.net(folder, of, cohort)
        yield (
            f"| {cohort} | {recovery:.3f} | {x.mean / 1e6:.2f} | {x.low / 1e6:.2f} to {x.high / 1e6:.2f} "
            f"| {x.realised / 1e6:.2f} |"
        )
