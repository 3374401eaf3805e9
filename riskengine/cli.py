"""The command line: sample, check, value, case, pledges, revalue, explain, rules, demo and more."""

import json
import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from riskengine.cli_book import attribute, book, ratios, stress, what_if
from riskengine.cli_cases import allocate, case, pledges
from riskengine.cli_exchange import export, mapping_app
from riskengine.cli_rules import rules_app
from riskengine.cli_score import score
from riskengine.errors import RiskEngineError
from riskengine.options import (
    PLAIN,
    AsJson,
    In,
    Market,
    Model,
    Paths,
    Seed,
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

app = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
    help="农村权利抵押品估值与风险引擎 Values rural rights as collateral.",
)  # fmt: skip
app.add_typer(rules_app, name="rules")
app.add_typer(mapping_app, name="mapping")
app.command()(case)
app.command()(score)
app.command()(pledges)
app.command()(allocate)
app.command()(book)
app.command()(stress)
app.command("what-if")(what_if)
app.command()(attribute)
app.command()(ratios)
app.command()(export)


OPTIMISE = "NUMBA_OPT"
"""Switch of the compiler, read when it is first loaded."""


def _compile_lightly() -> None:
    """Compile without optimisation: one right does not repay it; the bits are the same."""
    os.environ.setdefault(OPTIMISE, "0")


@app.command()
def sample(
    out: Annotated[Path, typer.Argument(help="文件夹 folder to write")],
    rows: Annotated[int, typer.Option("--rows", min=1, help="总行数 rows in all")] = 10_000,
    seed: Annotated[int, typer.Option("--seed", help="随机种子 seed")] = 2026,
    valued_on: Valued = "",
    as_json: AsJson = False,
) -> None:
    """写出合成样本组合 Write a seeded synthetic portfolio."""
    from riskengine.sample.writer import write_sample

    written = write_sample(out, rows, seed, day_of(valued_on))
    show(as_json, written, f"{out}: {rows} 行合成样本 synthetic rows")


@app.command()
def check(
    source: Annotated[Path, typer.Argument(help="组合 portfolio folder, workbook or file")],
    valued_on: Valued = "",
    as_json: AsJson = False,
) -> None:
    """检查组合，列出全部问题 Check a portfolio and list every fault."""
    from riskengine.book.checking import check_whole

    found = check_whole(source, day_of(valued_on))
    if as_json:
        print(json.dumps(found, ensure_ascii=False))
    else:
        for fault in found["faults"][:200]:
            console.print(
                f"{fault['table']} 第{fault['row']}行 {fault['right_id']} {fault['heading']}"
                f" {fault['value']!r}: {fault['message_zh']}；{fault['cure_zh']}"
                f"  {fault['message_en']}; {fault['cure_en']}",
                markup=False, highlight=False, soft_wrap=True,
            )  # fmt: skip
        console.print(
            f"{found['rows_in']} 行，{found['rows_rejected']} 行有问题 "
            f"{found['rows_rejected']} of {found['rows_in']} rows have faults; "
            f"{found['referred_found']} 项待核对 to look at (--json)"
        )
    raise typer.Exit(1 if found["rows_rejected"] else 0)


@app.command()
def value(
    facts: Annotated[
        list[str] | None, typer.Argument(help="列=值 column=value ...; an example when left out")
    ] = None,
    table: Annotated[str, typer.Option("--table", help="land | homestead | forest | ...")] = "land",
    valued_on: Valued = "",
    market: Market = None,
    price_model: Model = None,
    paths: Paths = 0,
    seed: Seed = 2026,
    language: In = Speech.ZH,
    as_json: AsJson = False,
) -> None:
    """给一项权利估值 Value one right from facts given on the line."""
    (_compile_lightly if paths else without_compiling)()
    from riskengine.single import value_one

    valuation = value_one(
        table, facts or [], day_of(valued_on), snapshot(market), models(price_model)
    )
    _print_tree(valuation, paths, seed, language.value, as_json)


@app.command()
def explain(
    right_id: Annotated[str, typer.Argument(help="权利编号 identifier")],
    source: Annotated[Path, typer.Argument(help="组合 portfolio")],
    valued_on: Valued = "",
    market: Market = None,
    price_model: Model = None,
    paths: Paths = 0,
    seed: Seed = 2026,
    language: In = Speech.ZH,
    as_json: AsJson = False,
) -> None:
    """说明一项权利的计算过程 Show the workings of one right."""
    _compile_lightly()
    from riskengine.single import value_from_portfolio

    valuation = value_from_portfolio(
        right_id, source, day_of(valued_on), snapshot(market), models(price_model)
    )
    _print_tree(valuation, paths, seed, language.value, as_json)


@app.command()
def revalue(
    source: Annotated[Path, typer.Argument(help="组合 portfolio folder, workbook or file")],
    out: Annotated[Path, typer.Argument(help="结果文件夹 folder for the results")],
    valued_on: Valued = "",
    jobs: Annotated[int, typer.Option("--jobs", min=0, help="进程数 workers, 0 = all cores")] = 0,
    market: Market = None,
    price_model: Model = None,
    as_json: AsJson = False,
) -> None:
    """重估整个组合 Revalue a whole portfolio, resumable."""
    from joblib import cpu_count

    from riskengine.report import write_report
    from riskengine.revalue import revalue as run

    workers = jobs or cpu_count()
    learned = models(price_model)
    figures = snapshot(market)
    if as_json or not console.is_terminal:
        manifest = run(
            source, out, day_of(valued_on), market=figures, learned=learned, jobs=workers
        )
    else:
        with bar() as shown:
            task = shown.add_task("重估 revalue", total=None)
            manifest = run(
                source, out, day_of(valued_on), market=figures, learned=learned, jobs=workers,
                progress=lambda done, rows: shown.update(task, completed=done, total=rows),
            )  # fmt: skip
    write_report(out, manifest)
    show(
        as_json, manifest,
        f"{manifest['rows_in']} 行进 rows in = {manifest['rows_valued']} 估值 valued + "
        f"{manifest['rows_rejected']} 退回 rejected, {manifest['seconds']} s; "
        f"{out / 'report.html'}",
    )  # fmt: skip


@app.command()
def template(
    out: Annotated[Path, typer.Argument(help="文件夹 folder to write")],
    as_json: AsJson = False,
) -> None:
    """写出填报模板 Write CSV and Excel templates, schemas and pages."""
    from riskengine.book.tables import guarantee_tables
    from riskengine.checking import around_tables
    from riskengine.template import write_templates

    tables = (*around_tables(), *guarantee_tables())
    written = [str(path) for path in write_templates(out, tables)]
    show(as_json, {"written": written}, f"{out}: {len(written)} 个文件 files")


@app.command("ratio-study")
def ratio_study_command(
    data: Annotated[Path, typer.Argument(help="成交与估值 sales with values, Parquet or CSV")],
    assessed: Annotated[str, typer.Option("--assessed", help="估值列 column of values")],
    sale_price: Annotated[str, typer.Option("--sale-price", help="成交价列 column of prices")],
    stratum: Annotated[str, typer.Option("--stratum", help="分层列 column of strata")] = "",
    out: Annotated[Path | None, typer.Option("--out", help="网页 HTML page to write")] = None,
    language: In = Speech.ZH,
    as_json: AsJson = False,
) -> None:
    """比率研究 Ratio study: COD, PRD, PRB, VEI and their intervals."""
    from riskengine.ratio_study import study_file

    found = study_file(data, assessed, sale_price, stratum or None, out, language.value)
    show(as_json, found, json.dumps(found, ensure_ascii=False, indent=1))


@app.command()
def demo(
    out: Annotated[Path, typer.Argument(help="文件夹 folder")] = Path("demo"),
    cases: Annotated[Path, typer.Option("--cases", help="已公布案例 published cases")] = Path(
        "examples/published_cases"
    ),
    valued_on: Valued = "",
    as_json: AsJson = False,
) -> None:
    """演示：合成组合、已公布案例、报告 Show everything once, from data to report."""
    from riskengine.demo import run as run_demo

    figures = run_demo(out, cases, day_of(valued_on), _quiet if as_json else _say)
    said = (
        "合成组合 synthetic book: {rows_in} = {rows_valued} 估值 valued + {rows_rejected} 退回"
        f" rejected\n报告 report: {out / 'result' / 'report.html'}\n"
        "押品 pledges: {pledges} = {pledges_judged} 已判 judged + {pledges_rejected} 退回 rejected;"
        " 通过 pass {pass}, 折减 haircut {haircut}, 转人工 refer {refer}, 不得受理 block {block};"
        f" {{things_to_do}} 项待办 things to do\n报告 report: {out / 'pledges' / 'report.html'}\n"
        "担保合同 guarantees measured: {contracts_measured}\n"
        f"报告 report: {out / 'book' / 'report.html'}\n"
    )
    if "cases" in figures:
        said += (
            "已公布案例 published cases: {cases}; 区间包含 inside the interval {covered}/{judged};"
            " 处理符合预期 handled as expected {as_expected}/{figures}\n"
            f"对照 comparison: {out / 'published_cases.html'}\n"
        )
    said += "再试 try next: python -m riskengine value --language en"
    show(as_json, figures, said.format(**figures))


def _say(line: str) -> None:
    """Tell a step."""
    console.print(line, markup=False)


def _quiet(_: str) -> None:
    """Tell nothing."""


def _print_tree(valuation: Any, paths: int, seed: int, language: Language, as_json: bool) -> None:
    """Show one right's workings, simulated too where paths are asked for."""
    from rich.tree import Tree

    from riskengine.explain import Node
    from riskengine.explain import explain as workings

    simulated = None
    if paths:
        from riskengine.prospects import prospect_of
        from riskengine.simulation import simulate

        prospect = prospect_of(valuation, 0)
        simulated = simulate(prospect, seed, paths) if prospect is not None else None
    root = workings(valuation, 0, simulated)
    if as_json:
        print(json.dumps(root.record(language), ensure_ascii=False))
        return

    def grow(node: Node, tree: Tree) -> None:
        for child in node.children:
            grow(child, tree.add(plain_text(child.say(language))))

    tree = Tree(plain_text(root.say(language)))
    grow(root, tree)
    console.print(tree)


def main() -> None:
    """Run a command; errors that people can mend are told, not traced."""
    try:
        app()
    except RiskEngineError as fault:
        Console(stderr=True).print(
            f"{fault.say('zh')}\n{fault.say('en')}", markup=False, highlight=False
        )
        sys.exit(2)
    except (ArithmeticError, ValueError):
        # Plain Python raises where compiled arithmetic answers inf or NaN: once more, compiled.
        if os.environ.get(PLAIN) != "1":
            raise
        again = [sys.executable, "-m", "riskengine", *sys.argv[1:]]
        os.execve(sys.executable, again, {**os.environ, PLAIN: "0", OPTIMISE: "0"})
