"""The commands ``case``, ``pledges`` and ``allocate``: one case, a book, rights over loans."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from riskengine.options import (
    AsJson,
    In,
    Institution,
    Market,
    Model,
    Speech,
    Valued,
    bar,
    console,
    day_of,
    models,
    plain_text,
    show,
    snapshot,
    without_compiling,
)
from riskengine.words import Language

Page = Annotated[Path | None, typer.Option(help="网页 HTML page to write")]


def case(
    file: Annotated[
        str, typer.Argument(help="案件文件 case file, TOML; with --book a pledge's id")
    ],
    book: Annotated[
        Path | None, typer.Option("--book", help="组合 portfolio of the pledge")
    ] = None,
    valued_on: Valued = "",
    market: Market = None,
    institution: Institution = None,
    sheet: Page = None,
    letter: Page = None,
    language: In = Speech.ZH,
    as_json: AsJson = False,
) -> None:
    """判一个案件：能否抵押、能贷多少、还缺什么 May it be pledged, how much, what is missing."""
    without_compiling()
    from riskengine.casefile.decide import decide
    from riskengine.casefile.evaluate import Bench
    from riskengine.casefile.letter import farmer_letter
    from riskengine.casefile.read import case_in_book, read_case
    from riskengine.casefile.record import record
    from riskengine.casefile.sheet import officer_sheet
    from riskengine.law import law_for

    if book is not None:
        read = case_in_book(file, book, day_of(valued_on))
    else:
        read = read_case(Path(file), day_of(valued_on) if valued_on else None)
    decision = decide(read, Bench(snapshot(market), law_for(institution)))
    for path, make in ((sheet, officer_sheet), (letter, farmer_letter)):
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(make(decision, language.value), encoding="utf-8")
    if as_json:
        print(json.dumps(record(decision, language.value), ensure_ascii=False))
    else:
        _tell_case(decision, language)


def _tell_case(decision: Any, language: Speech) -> None:
    """Print a decision: verdict, waterfall, reasons, what to mend."""
    from rich.table import Table

    from riskengine.gates.plan import OUTCOME_WORDS, severity_words
    from riskengine.rules.citation import cited

    say: Language = language.value
    word = OUTCOME_WORDS[decision.outcome].say(say)
    asked = "" if decision.asked_yuan != decision.asked_yuan else f" / {decision.asked_yuan:,.2f}"
    console.print(plain_text(f"{word}  {decision.limit_yuan:,.2f}{asked} 元 yuan"), style="bold")
    if decision.longest_months is not None:
        console.print(plain_text(f"最长 longest {decision.longest_months} 个月 months"))
    for right in decision.rights:
        table = Table(title=f"{right.kind.say(say)} {right.area.say(say)}", title_justify="left")
        for head in ("", "元 yuan", "余 left"):
            table.add_column(head, justify="left" if not head else "right")
        for step in right.steps:
            if step.change_yuan or step.name in ("market_value", "compensation_fund"):
                title = plain_text(step.title.say(say))
                table.add_row(title, f"{step.change_yuan:,.2f}", f"{step.left_yuan:,.2f}")
        console.print(table)
        for finding in right.findings:
            mark = "✗" if finding.state == "failed" else "?"
            told = severity_words(finding.severity).say(say)
            console.print(plain_text(
                f"{mark} {finding.code or finding.name} [{told}] {finding.fact_title.say(say)}: "
                f"{finding.found.say(say)} ({finding.wanted.say(say)})  "
                f"{cited(finding.cite).say(say)}"
            ))  # fmt: skip
        for paper in right.papers:
            if paper.refers:
                text = f"{paper.title.say(say)}: {paper.remark.text.say(say)}"
                console.print(plain_text(f"✗ {text} [{OUTCOME_WORDS['refer'].say(say)}]"))
    for cure in decision.cures:
        money = cure.gain_yuan or cure.needed_yuan
        console.print(plain_text(f"+{money:,.2f}  {cure.action.say(say)}  {' '.join(cure.codes)}"))


def pledges(
    source: Annotated[Path, typer.Argument(help="组合 portfolio with pledges, loans, policies")],
    out: Annotated[Path, typer.Argument(help="结果文件夹 folder for the results")],
    valued_on: Valued = "",
    within_days: Annotated[
        float, typer.Option("--within-days", min=0.0, help="列出多少天内到期的 days ahead to list")
    ] = 90.0,
    market: Market = None,
    institution: Institution = None,
    price_model: Model = None,
    as_json: AsJson = False,
) -> None:
    """判整本押品：能否受理、可贷金额、重复抵押、将到期事项 Judge a whole book of pledges."""
    from riskengine.law import law_for
    from riskengine.pledgebook.run import judge_book

    def run(progress: Callable[[int, int], None] | None) -> dict[str, Any]:
        return judge_book(
            source, out, day_of(valued_on), market=snapshot(market), law=law_for(institution),
            learned=models(price_model), within_days=within_days, progress=progress,
        )  # fmt: skip

    if as_json or not console.is_terminal:
        manifest = run(None)
    else:
        with bar() as shown:
            task = shown.add_task("押品 pledges", total=None)
            manifest = run(lambda done, rows: shown.update(task, completed=done, total=rows))
    show(
        as_json, manifest, f"{tell_book(manifest)}; {manifest['seconds']} s; {out / 'report.html'}"
    )


def tell_book(manifest: Mapping[str, Any]) -> str:
    """Say in one line what a book of pledges came to.

    Parameters
    ----------
    manifest : mapping
        As `riskengine.pledgebook.run.judge_book` returns it.

    Returns
    -------
    str
        Pledges in, judged and rejected, outcomes, what falls due.
    """
    from riskengine.gates.plan import OUTCOME_WORDS

    counts = ", ".join(
        f"{count} {OUTCOME_WORDS[name].zh} {name}" for name, count in manifest["outcomes"].items()
    )
    return (
        f"{manifest['rows_in']} 押品 pledges = {manifest['rows_judged']} 已判 judged + "
        f"{manifest['rows_rejected']} 退回 rejected; {counts}; "
        f"{manifest['watched']} 项待办 things to do"
    )


def allocate(
    file: Annotated[Path, typer.Argument(help="分配文件 TOML; see examples/allocation")],
    language: In = Speech.ZH,
    as_json: AsJson = False,
) -> None:
    """把几项权利的价值分给几笔贷款 Allocate several rights over several loans, four ways."""
    from riskengine.allocation import METHODS
    from riskengine.allocation_file import allocate_file, record

    found = {method: allocate_file(file, method) for method in METHODS}
    if as_json:
        print(json.dumps({name: record(one) for name, one in found.items()}, ensure_ascii=False))
        return
    from rich.table import Table

    heads = {
        "pro_rata": ("按比例", "pro rata"), "legal": ("按法定顺位", "by legal rank"),
        "maximum_cover": ("覆盖最大", "maximum cover"),
        "linear_programme": ("线性规划", "linear programme"),
    }  # fmt: skip
    table = Table()
    table.add_column("元 yuan")
    for method in METHODS:
        table.add_column(heads[method][language.value == "en"], justify="right")
    for k, (security, loan, _) in enumerate(found[METHODS[0]].amounts):
        cells = [f"{found[method].amounts[k][2]:,.2f}" for method in METHODS]
        table.add_row(plain_text(f"{security} → {loan}"), *cells)
    for loan in found[METHODS[0]].uncovered_yuan:
        bare = ("未覆盖 ", "uncovered ")[language.value == "en"]
        cells = [f"{found[method].uncovered_yuan[loan]:,.2f}" for method in METHODS]
        table.add_row(plain_text(bare + loan), *cells, style="bold")
    console.print(table)
