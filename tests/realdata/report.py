"""Measure the engine on real data and write RESULTS.md: ``python -m tests.realdata.report``.

Reads ../shared/data beside the repository; without it nothing is written.
"""

from collections.abc import Iterator
from pathlib import Path

from tests.realdata import (
    minnesota,
    ohio,
    price_models,
    sba_cohort_pages,
    sba_pages,
    taiwan,
)
from tests.realdata.sales import Line

HERE = Path(__file__).parent
DATA = HERE.parents[2] / "shared" / "data"
HEADER = """# Measured on real data

Written by `python -m tests.realdata.report`; the data are not part of the project.  Nothing was fitted on
the later periods: effects of traits and places and the scale of the error come from the earlier ones.
Cover: share of later sale prices inside the 90 % interval.  Width: upper end of the median interval over
its middle.  Answered: sales for which at least three deals stay within the engine's limits of correction;
the others are left without a value, as the rules ask.
"""
COLUMNS = (
    "| group | later sales | answered | median APE | COD | PRD | PRB | median ratio | within 30 % "
    "| cover of 90 % | width | scale of error |"
)


def table(lines: list[Line]) -> Iterator[str]:
    """One table of groups."""
    yield COLUMNS
    yield "|" + "---|" * (COLUMNS.count("|") - 1)
    for x in lines:
        yield (
            f"| {x.group} | {x.sales:,} | {x.answered:,} | {x.median_ape:.3f} | {x.cod:.1f} "
            f"| {x.prd:.3f} | {x.prb:+.3f} | {x.median_ratio:.3f} | {x.within_30:.3f} "
            f"| {x.coverage:.3f} | {x.width:.2f} | {x.scale:.2f} |"
        )


def comparison() -> Iterator[str]:
    """The comparison method on both tables of sales."""
    found = taiwan.study(DATA)
    yield "## Comparison method, rural sales in Taiwan (release 2019-S)"
    yield ""
    yield (
        f"Split at {taiwan.SPLIT.date()}: {found.earlier:,} earlier sales; March 2019, valued from the "
        "deals before it, calibrates; contracts from April 2019 on are reported."
    )
    yield ""
    yield from table(found.lines)
    yield ""
    yield "Beside it, published with the data for other later sales (release 2020-04), median APE:"
    yield ""
    yield from (f"- {group}: {baseline}" for group, baseline in taiwan.BASELINES.items())
    yield ""
    found_minnesota = minnesota.study(DATA)
    yield "## Comparison method, farm sales in Minnesota (five regions)"
    yield ""
    yield (
        f"Split at the year {minnesota.SPLIT}: {found_minnesota.earlier:,} earlier sales; 2005 to 2008, each "
        "valued from the two years before it, calibrate; 2009 is reported.  No price trend is carried forward."
    )
    yield ""
    yield from table(found_minnesota.lines)
    yield ""
    yield f"Beside it, published with the data: {minnesota.BASELINE}."


def income() -> Iterator[str]:
    """The income method on the official values."""
    yield "## Income method, official use values of Ohio soils"
    yield ""
    yield "| year | soils | exact to the dollar | by the plain recipe | largest difference, dollar/acre |"
    yield "|---|---|---|---|---|"
    for year in ohio.study(DATA):
        yield (
            f"| {year.year} | {year.soils:,} | {year.exact:.4f} | {year.exact_without_lowland:.4f} "
            f"| {year.largest_difference:.0f} |"
        )
    yield ""
    yield (
        "The plain recipe has one rotation for all soils; organic soils and flood plains (regions 10 and 11) "
        "are officially valued on corn and soybeans in equal parts: inferred from mismatches seen across all "
        "five years, so that the column `exact` is no blind check of that one rule."
    )


def main() -> None:
    """Write the page."""
    if not DATA.is_dir():
        print("no real data beside the repository (../shared/data): nothing measured")
        return
    text = "\n".join(
        [
            HEADER,
            *comparison(),
            "",
            *income(),
            "",
            *price_models.pages(DATA),
            "",
            *sba_pages.pages(DATA),
            "",
            *sba_cohort_pages.pages(DATA),
            "",
        ]
    )
    (HERE / "RESULTS.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
