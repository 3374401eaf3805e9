"""The demonstration: a synthetic book, the published cases, one right, a report of each."""

import csv
import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from riskengine.book.factors import load_loadings
from riskengine.book.figures import Draws
from riskengine.book.load import Setting
from riskengine.book.run import measure_book
from riskengine.errors import PortfolioError
from riskengine.folder import find_tables, open_table, read_rows, row_groups
from riskengine.law import law_for
from riskengine.market.loader import demonstration
from riskengine.market.snapshot import Snapshot
from riskengine.pledgebook.run import judge_book
from riskengine.report import money, page, write_report
from riskengine.revalue import revalue
from riskengine.rights import RIGHTS
from riskengine.rules import statute
from riskengine.sample.writer import write_sample
from riskengine.single import value_one
from riskengine.table import check
from riskengine.valuation import results, value
from riskengine.words import Text

DRAWS = Draws(scenarios=512, scrambles=8, threads=2)
"""Few scenarios, so that the demonstration is quick; the page prints their standard errors."""
SAMPLE_ROWS = 20_000
SEED = 2026
LOAN_QUANTITIES = ("loan_yuan", "line_yuan")


@dataclass(frozen=True, slots=True)
class Case:
    """One published figure beside what the engine says of the same right.

    Parameters
    ----------
    right_id, table, quantity, unit, place, year, source, use, expected, note : str
        As the file of published figures gives them.
    published : float
        The published figure, in ``unit``.
    status : str
        What the engine made of the right: valued, refer, no_value, rejected.
    engine, low, high : float
        The engine's figure of that quantity and its interval P5-P95; NaN where
        there is none.
    """

    right_id: str
    table: str
    quantity: str
    unit: str
    place: str
    year: str
    source: str
    use: str
    expected: str
    note: str
    published: float
    status: str
    engine: float
    low: float
    high: float

    @property
    def covered(self) -> bool | None:
        """Whether the interval holds the published figure; None where it cannot tell."""
        known = not (math.isnan(self.published) or math.isnan(self.low))
        if not known or self.quantity in LOAN_QUANTITIES:
            return None
        return self.low <= self.published <= self.high

    @property
    def as_expected(self) -> bool:
        """Whether the engine's status is what the case asks for."""
        asked = self.expected.split("|")
        return not self.expected or self.status in asked or (
            "refer" in asked and self.status in ("no_value", "rejected")
        )  # fmt: skip


def run(out: Path, cases: Path, valued_on: date, tell: Callable[[str], None]) -> dict[str, Any]:
    """Run the demonstration.

    Parameters
    ----------
    out : pathlib.Path
        Folder for everything that is written.
    cases : pathlib.Path
        Folder of the published cases; left out when absent.
    valued_on : datetime.date
        Valuation date of the synthetic book.
    tell : callable
        Told what is being done, one line each.

    Returns
    -------
    dict
        Figures of the run.
    """
    tell(f"写出合成样本 writing {SAMPLE_ROWS} synthetic rights: {out / 'sample'}")
    write_sample(out / "sample", SAMPLE_ROWS, SEED, valued_on)
    tell("重估 revaluing")
    manifest = revalue(out / "sample", out / "result", valued_on)
    write_report(out / "result", manifest)
    figures = {name: manifest[name] for name in ("rows_in", "rows_valued", "rows_rejected")}
    tell("判整本押品 judging the pledges on them")
    book = judge_book(
        out / "sample", out / "pledges", valued_on, market=demonstration(), law=law_for(None),
        learned={},
    )  # fmt: skip
    figures |= {"pledges": book["rows_in"], "pledges_judged": book["rows_judged"],
                "pledges_rejected": book["rows_rejected"], **book["outcomes"],
                "things_to_do": book["watched"]}  # fmt: skip
    tell("计量担保组合 measuring the guarantee book")
    risk = measure_book(
        out / "sample", out / "book",
        Setting(valued_on, demonstration(), law_for(None), {}, load_loadings()), DRAWS,
    )  # fmt: skip
    totals, loss = risk["totals"], risk["distribution"]["loss"]
    tell(
        f"预期损失 EL {money(totals['expected_loss_yuan'])}，千年一遇 VaR 99.9 %"
        f" {money(loss['value_at_risk']['0.999'])}"
    )
    figures |= {"contracts_measured": risk["contracts_measured"]}
    one = value_one("land", [], valued_on, demonstration(), {})
    tell(
        f"一项权利 one right: {money(one.reconciled[0, 0])} (P5 {money(one.reconciled[2, 0])},"
        f" P95 {money(one.reconciled[4, 0])}); 可贷 lending value {money(one.lent[5, 0])}"
    )
    if cases.is_dir():
        tell(f"与已公布案例对照 comparing with the published cases: {cases}")
        found = published_cases(cases, demonstration())
        write_cases(out, found)
        figures |= _summary(found)
    return figures


def _summary(cases: list[Case]) -> dict[str, Any]:
    judged = [case for case in cases if case.covered is not None]
    return {
        "cases": len({case.right_id for case in cases}),
        "figures": len(cases),
        "judged": len(judged),
        "covered": sum(bool(case.covered) for case in judged),
        "as_expected": sum(case.as_expected for case in cases),
    }


def published_cases(folder: Path, market: Snapshot) -> list[Case]:
    """Value every published case on its own date and set it beside its figures.

    Parameters
    ----------
    folder : pathlib.Path
        Folder with one table a right, and ``published/`` and ``traps/`` with the
        figures.
    market : Snapshot
        Market figures; only those known on each date are used.

    Returns
    -------
    list of Case
        One a published figure, in file order.

    Raises
    ------
    PortfolioError
        If a figure speaks of a right that the tables do not hold.
    """
    found: list[Case] = []
    for file in find_tables(folder, tuple(RIGHTS.values())):
        table = file.contract.table
        lines = list(_published(folder / "published" / f"{table}.csv"))
        with TemporaryDirectory() as spool:
            opened = open_table(file, Path(spool))
            raw = pa.Table.from_batches(
                read_rows(opened, range(len(row_groups(opened))), 65536)
            ).combine_chunks()
        by_day: dict[date, list[Mapping[str, str]]] = defaultdict(list)
        for line in lines:
            by_day[date.fromisoformat(line["valued_on"])].append(line)
        for day, group in by_day.items():
            found += _on_day(table, raw, day, group, market)
    return found


def _published(path: Path) -> Iterator[Mapping[str, str]]:
    """Lines of a file of published figures."""
    if path.exists():
        with path.open(encoding="utf-8-sig", newline="") as stream:
            yield from csv.DictReader(stream)


def _on_day(
    table: str, raw: pa.Table, day: date, lines: list[Mapping[str, str]], market: Snapshot
) -> list[Case]:
    """Cases of one table that are valued on one date."""
    wanted = list(dict.fromkeys(line["right_id"] for line in lines))
    ids = raw.column("right_id").cast(pa.string())
    rows = raw.filter(pc.is_in(ids, pa.array(wanted))).combine_chunks()
    missing = set(wanted) - set(rows.column("right_id").cast(pa.string()).to_pylist())
    if missing:
        listed = ", ".join(sorted(missing))
        raise PortfolioError(
            Text(f"{table} 中没有 {listed}", f"{table} holds no {listed}"),
            Text("请核对案例文件", "check the files of cases"),
        )
    checked = check(RIGHTS[table], rows.to_batches()[0], day)
    answers: dict[str, Mapping[str, Any]] = {}
    if checked.batch.size:
        valuation = value(checked.batch, market.on(day), statute().at(day))
        area = checked.batch.columns.get("area_mu")
        for k, row in enumerate(results(valuation).to_pylist()):
            answers[row["right_id"]] = {**row, "area_mu": math.nan if area is None else area[k]}
    return [_case(table, line, answers.get(line["right_id"])) for line in lines]


def _case(table: str, line: Mapping[str, str], answer: Mapping[str, Any] | None) -> Case:
    """One published figure beside the engine's."""
    quantity = line["quantity"]
    engine = low = high = math.nan
    if answer is not None:
        scale = answer["area_mu"] if quantity == "value_per_mu_yuan" else 1.0
        if quantity in ("market_value_yuan", "value_per_mu_yuan"):
            engine, low, high = (
                answer[name] / scale for name in ("market_value_yuan", "p05_yuan", "p95_yuan")
            )
        elif quantity in LOAN_QUANTITIES:
            engine = answer["lending_value_yuan"]
    figure = line["published"].strip()
    told = {name: line.get(name, "") or "" for name in TOLD}
    return Case(
        **told, table=table, published=float(figure) if figure else math.nan,
        status="rejected" if answer is None else answer["status"], engine=engine, low=low,
        high=high,
    )  # fmt: skip


TOLD = ("right_id", "quantity", "unit", "place", "year", "source", "use", "expected", "note")


def write_cases(out: Path, cases: list[Case]) -> Path:
    """Write the comparison as a page and as CSV.

    Parameters
    ----------
    out : pathlib.Path
        Folder.
    cases : list of Case
        The comparison.

    Returns
    -------
    pathlib.Path
        The page.
    """
    names = list(Case.__dataclass_fields__)
    with (out / "published_cases.csv").open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(names)
        writer.writerows([getattr(case, name) for name in names] for case in cases)
    path = out / "published_cases.html"
    path.write_text(
        page("cases.html", cases=[_row(case) for case in cases], summary=_summary(cases)),
        encoding="utf-8",
    )
    return path


def _row(case: Case) -> dict[str, Any]:
    """One line of the page, with the places of its marks on a logarithmic scale."""
    marks = [case.low, case.engine, case.high, case.published]
    known = [mark for mark in marks if mark > 0.0]
    places = {}
    if len(known) > 1:
        bottom, top = math.log(min(known)), math.log(max(known))
        width = max(top - bottom, 1e-9)
        names = ("low", "engine", "high", "published")
        places = {
            name: 100.0 * (math.log(mark) - bottom) / width
            for name, mark in zip(names, marks, strict=True)
            if mark > 0.0
        }
    return {
        "case": case, "places": places, "title": RIGHTS[case.table].title,
        "published": "-" if math.isnan(case.published) else _said(case.published, case.unit),
        "engine": "-" if math.isnan(case.engine) else _said(case.engine, case.unit),
    }  # fmt: skip


def _said(figure: float, unit: str) -> str:
    """A figure as people read it."""
    if unit == "yuan":
        return money(figure)
    return f"{figure:,.0f} {unit}" if figure >= 100.0 else f"{figure:,.4g} {unit}"
