"""The page that a revaluation leaves: one HTML file, pictures drawn from the manifest alone.

Nothing in it depends on the clock or on how the run went, so two runs of one
plan leave the same bytes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from riskengine.faults import FaultKind
from riskengine.methods import APPROACHES
from riskengine.regions import province_of
from riskengine.rights import RIGHTS
from riskengine.tally import TERM_EDGES, WIDTH_EDGES
from riskengine.valuation import FLAG_WORDS, Flag
from riskengine.words import Text

COUNTIES_SHOWN = 15
STATUS_WORDS = {
    "valued": Text("已估值", "valued"),
    "refer": Text("转人工", "to a person"),
    "no_value": Text("无法估值", "no value"),
}


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a picture.

    Parameters
    ----------
    label : Text
        What it stands for.
    figure : str
        Its figure in words.
    share : float
        Length against the longest bar, in [0, 1].
    inner : float
        Length of the dark part, such as lending value, in [0, share].
    """

    label: Text
    figure: str
    share: float
    inner: float = 0.0


def write_report(out: Path, manifest: Mapping[str, Any]) -> Path:
    """Write ``report.html`` beside the results.

    Parameters
    ----------
    out : pathlib.Path
        Results folder.
    manifest : mapping
        As `riskengine.revalue.revalue` returns it.

    Returns
    -------
    pathlib.Path
        The page.
    """
    path = out / "report.html"
    path.write_text(report_page(manifest), encoding="utf-8")
    return path


def report_page(manifest: Mapping[str, Any]) -> str:
    """Return the page of a revaluation.

    Parameters
    ----------
    manifest : mapping
        As `riskengine.revalue.revalue` returns it.

    Returns
    -------
    str
        HTML, complete in itself.
    """
    tally = manifest["tally"]
    tables = tally.get("tables", {})
    value = sum(row[1] for row in tables.values())
    lent = sum(row[2] for row in tables.values())
    pictures = (
        (Text("各类权利的价值", "value by kind of right"), _money_bars(tables, _table_word)),
        (Text("细分", "value by case"), _money_bars(tally.get("cases", {}), _case_word)),
        (Text("价值最大的县", "counties with the most value"), _money_bars(
            _largest(tally.get("counties", {})), _county_word)),
        (Text("剩余年限", "value by remaining term [years]"), _class_bars(
            tally.get("terms", {}), TERM_EDGES, in_yuan=True)),
        (Text("区间宽度 (P95-P5)/价值", "interval width (P95 - P5) / value, rights"), _class_bars(
            tally.get("widths", {}), WIDTH_EDGES, in_yuan=False)),
        (Text("需要知道的", "what to know, rights"), _flag_bars(tally.get("flags", {}))),
        (Text("退回原因", "rejects by cause, faults"), _fault_bars(tally.get("faults", {}))),
        (Text("退回的列", "rejects by column, faults"), _count_bars(
            tally.get("fault_columns", {}))),
    )  # fmt: skip
    return page(
        "report.html",
        manifest=manifest, value=money(value), lent=money(lent),
        share=f"{lent / value:.1%}" if value else "-",
        statuses=[(STATUS_WORDS[name], count) for name, count in tally.get("statuses", {}).items()],
        pictures=[(title, bars) for title, bars in pictures if bars],
        movers=[_mover(mover) for mover in tally.get("movers", [])],
    )  # fmt: skip


def page(template: str, **content: Any) -> str:
    """Fill one of the engine's page templates; everything put in is escaped.

    Parameters
    ----------
    template : str
        Name of the template.
    **content : object
        What it shows.

    Returns
    -------
    str
        HTML, complete in itself.
    """
    filled: str = _templates().get_template(template).render(**content)
    return filled


@cache
def _templates() -> Environment:
    """The folder of page templates."""
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=select_autoescape(default=True), undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip


def money(yuan: float) -> str:
    """Say money as officers do: 万元 with two decimals, 亿元 when large.

    Parameters
    ----------
    yuan : float
        Amount [yuan].

    Returns
    -------
    str
        The amount with its unit.

    Examples
    --------
    >>> money(123456.0)
    '12.35 万元'
    """
    if abs(yuan) >= 1e8:
        return f"{yuan / 1e8:,.2f} 亿元"
    return f"{yuan / 1e4:,.2f} 万元"


def _table_word(name: str) -> Text:
    return RIGHTS[name].title


def _case_word(name: str) -> Text:
    tables = [table for table in APPROACHES if name.startswith(table)]
    case = name.removeprefix(f"{tables[0]}_") if tables else name
    title = RIGHTS[tables[0]].title if tables else Text(name, name)
    return Text(f"{title.zh} {case}", f"{title.en}: {case.replace('_', ' ')}")


def _county_word(code: str) -> Text:
    province = province_of(code)
    return Text(f"{province.zh} {code}", f"{province.en} {code}")


def _largest(counties: Mapping[str, Sequence[float]]) -> dict[str, Sequence[float]]:
    order = sorted(counties.items(), key=lambda item: (-item[1][1], item[0]))
    return dict(order[:COUNTIES_SHOWN])


def _money_bars(rows: Mapping[str, Sequence[float]], word: Any) -> list[Bar]:
    """Bars of value with lending value inside."""
    longest = max((row[1] for row in rows.values()), default=0.0) or 1.0
    order = sorted(rows.items(), key=lambda item: (-item[1][1], item[0]))
    return [
        Bar(word(name), f"{money(row[1])} · {int(row[0]):,}", row[1] / longest, row[2] / longest)
        for name, row in order
    ]


def _class_bars(
    rows: Mapping[str, Sequence[float]], edges: Sequence[float], *, in_yuan: bool
) -> list[Bar]:
    """Bars of a histogram, all tables together."""
    if not rows:
        return []
    sums = [sum(column) for column in zip(*rows.values(), strict=True)]
    longest = max(sums) or 1.0
    words = [
        f"{low:g} – {high:g}" if high != float("inf") else f"≥ {low:g}"
        for low, high in pairwise(edges)
    ]
    return [
        Bar(Text(word, word), money(total) if in_yuan else f"{int(total):,}", total / longest)
        for word, total in zip(words, sums, strict=True)
    ]


def _flag_bars(counts: Mapping[str, int]) -> list[Bar]:
    raised = {name: count for name, count in counts.items() if count}
    return _word_bars(raised, lambda name: FLAG_WORDS[Flag[name.upper()]])


def _fault_bars(counts: Mapping[str, int]) -> list[Bar]:
    def word(name: str) -> Text:
        said = FaultKind[name.upper()].wrong
        return Text(said.zh.split("{")[0], said.en.split("{")[0])

    return _word_bars(counts, word)


def _count_bars(counts: Mapping[str, int]) -> list[Bar]:
    def word(name: str) -> Text:
        table, _, column = name.partition(".")
        return Text(RIGHTS[table].by_name[column].title.zh, name)

    return _word_bars(counts, word)


def _word_bars(counts: Mapping[str, int], word: Any) -> list[Bar]:
    """Bars of counts, longest first."""
    longest = max(counts.values(), default=0) or 1
    order = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    shown = order[:COUNTIES_SHOWN]
    return [Bar(word(name), f"{count:,}", count / longest) for name, count in shown]


def _mover(mover: Sequence[Any]) -> dict[str, str]:
    """One row of the table of movers."""
    table, right, before, now = mover
    change = now - before
    return {
        "table": RIGHTS[table].title.zh, "id": right, "before": money(before), "now": money(now),
        "change": f"{'+' if change >= 0 else '−'}{money(abs(change))}",
        "share": f"{change / before:+.0%}" if before else "-",
        "side": "up" if change >= 0 else "down",
    }  # fmt: skip
