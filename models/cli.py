"""``python -m models``: train, evaluate, compare, promote, card, drift."""

import json
import math
import sys
from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from models.assess.result import checks
from models.cli_sheets import sheets
from models.compare import compare, table_of, unseen
from models.config import read_config
from models.drifting import drift_table
from models.intake import read_table
from models.kinds import KINDS
from models.promotion import promote
from models.sample import household_loans
from models.scoring import score_table
from models.store import Registry
from models.tables import console, grid
from models.training import train
from riskengine.errors import RiskEngineError
from riskengine.learned import read_release
from riskengine.words import Language

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)

REGISTRY = Path(__file__).parent / "registry"
Home = Annotated[Path, typer.Option("--registry", help="模型库 registry")]
Named = Annotated[
    str, typer.Argument(help="名称，名称:版本，或发布文件夹 NAME, NAME:VERSION or folder")
]
Data = Annotated[Path, typer.Argument(help="数据 rows: Parquet, CSV, Excel")]
AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON")]
Day = Annotated[str | None, typer.Option("--on", help="日期 day, 2028-12-31; today when not said")]

app.add_typer(sheets, name="sheet")


@app.callback()
def about() -> None:
    """训练、检验与发布模型 Train, prove and promote the learned models."""


@app.command("sample")
def sample_command(
    out: Annotated[Path, typer.Argument(help="文件夹 folder")], rows: int = 12_000,
    seed: int = 20261126,
) -> None:  # fmt: skip
    """写出合成数据 Write SYNTHETIC loans to try the other commands on."""
    out.mkdir(parents=True, exist_ok=True)
    path = out / "household_loans_synthetic.csv"
    household_loans(rows, seed).to_csv(path, index=False, encoding="utf-8-sig")
    example = "examples/models/household_default.toml"
    console.print(f"{path}", markup=False)
    console.print(f"下一步 next: python -m models train {example} {path}", markup=False)


@app.command("train")
def train_command(
    config: Annotated[Path, typer.Argument(help="配置 configuration, TOML")], data: Data,
    registry: Home = REGISTRY, jobs: Annotated[int, typer.Option(min=1, max=64)] = 1,
    on: Day = None, by: str = "analyst", json_out: AsJson = False,
) -> None:  # fmt: skip
    """训练、检验并入库为候选 Train, assess and take in as a candidate."""
    with Progress(console=Console(stderr=True), transient=True) as bars:
        steps: dict[str, Any] = {}

        def tell(step: str, done: int, of: int) -> None:
            if step not in steps:
                steps[step] = bars.add_task(step, total=of)
            bars.update(steps[step], completed=done, total=of)

        made = train(
            read_config(config), read_table(data), Registry(registry), _day(on), jobs=jobs, by=by,
            tell=tell,
        )  # fmt: skip
    manifest = read_release(made.folder).manifest
    if json_out:
        _json({"name": made.name, "version": made.version, **dict(manifest["metrics"])})
        return
    console.print(_figures(manifest["metrics"], f"{made.name} {made.version}"))
    console.print(_bar(manifest["bar"]))
    console.print(f"报告 report: {made.folder / 'report.zh.html'}", markup=False)
    console.print(f"下一步 next: python -m models promote {made.name} {made.version}", markup=False)


@app.command("evaluate")
def evaluate_command(
    name: Named, data: Data, registry: Home = REGISTRY, json_out: AsJson = False
) -> None:  # fmt: skip
    """在新样本上检验 Assess a release on rows that it never saw."""
    folder = _folder(name, Registry(registry))
    model, config, frame = unseen(folder, read_table(data))
    found = KINDS[config.kind].assess(model, frame, config)
    wanted = {key: value for key, value in config.bar.items() if key != "champion"}
    if json_out:
        _json(found.metrics)
        return
    console.print(_figures(found.metrics, f"{name}, n = {frame.y.size}"))
    told = checks(wanted, found.metrics)
    console.print(_bar([[one.name.en, one.wanted, one.found, one.holds] for one in told]))


@app.command("score")
def score_command(
    name: Named, data: Data,
    out: Annotated[Path | None, typer.Option(help="写出 CSV write a CSV")] = None,
    language: Annotated[str, typer.Option(help="zh, en")] = "zh",
    registry: Home = REGISTRY, most: Annotated[int, typer.Option(help="理由条数 reasons")] = 3,
) -> None:  # fmt: skip
    """给样本打分并说明理由 Score a file of cases, with reasons."""
    told: Language = "en" if language == "en" else "zh"
    found = score_table(_folder(name, Registry(registry)), read_table(data), told, most)
    if out is not None:
        found.to_csv(out, index=False, encoding="utf-8-sig")
        console.print(f"{len(found):,} → {out}", markup=False)
        return
    shown = grid(f"{found['model'][0]}, {found['origin'][0]}", "row", "PD", "reasons", "cures")
    for line in found.head(5).itertuples():
        refer = " 转人工 refer" if line.refer else ""
        told_lines = (text.replace("；", "\n") for text in (line.reasons, line.cures))
        shown.add_row(str(line.row), f"{line.pd:.2%}{refer}", *told_lines)
        shown.add_section()
    console.print(shown)


@app.command("compare")
def compare_command(
    champion: Named, challenger: Named, data: Data, registry: Home = REGISTRY,
    json_out: AsJson = False,
) -> None:  # fmt: skip
    """冠军与挑战者配对比较 Champion against challenger on the same rows."""
    home = Registry(registry)
    gains = compare(_folder(champion, home), _folder(challenger, home), read_table(data))
    if json_out:
        _json(gains)
        return
    shown = grid(f"{challenger} − {champion}", "figure", "gain", "low", "high", "p")
    for figure, row in table_of(gains).iterrows():
        shown.add_row(str(figure), *(f"{value:.4g}" for value in row))
    console.print(shown)


@app.command("promote")
def promote_command(
    name: Annotated[str, typer.Argument(help="名称 name")],
    version: Annotated[str, typer.Argument(help="版本 version")],
    to: Annotated[str, typer.Option(help="shadow, champion, retired, candidate")] = "champion",
    by: Annotated[str, typer.Option(help="角色 role that decides")] = "head of risk",
    reason: Annotated[str, typer.Option(help="理由 reason")] = "meets its bar",
    data: Annotated[Path | None, typer.Option(help="比较用样本 rows to compare on")] = None,
    registry: Home = REGISTRY, on: Day = None,
) -> None:  # fmt: skip
    """晋级；不达标则拒绝并说明 Promote, or refuse with the reason."""
    rows: pd.DataFrame | None = read_table(data) if data is not None else None
    home = Registry(registry)
    if to in ("candidate", "retired"):
        home.move(name, version, to, _day(on), by, reason)
    else:
        verdict = promote(home, name, version, to, _day(on), by, reason, rows)
        told = [[one.name.en, one.wanted, one.found, one.holds] for one in verdict.checks]
        console.print(_bar(told))
    console.print(f"{name} {version}: {to}", markup=False)


@app.command("rollback")
def rollback_command(
    name: Annotated[str, typer.Argument(help="名称 name")],
    reason: Annotated[str, typer.Option(help="理由 reason")],
    by: Annotated[str, typer.Option(help="角色 role that decides")] = "head of risk",
    registry: Home = REGISTRY, on: Day = None,
) -> None:  # fmt: skip
    """退回前一冠军 Make the champion before champion again."""
    version = Registry(registry).rollback(name, _day(on), by, reason)
    console.print(f"{name} {version}: champion", markup=False)


@app.command("list")
def list_command(registry: Home = REGISTRY, json_out: AsJson = False) -> None:
    """版本与阶段 Versions and their stages."""
    home = Registry(registry)
    stages = {name: home.stages(name) for name in home.names()}
    if json_out:
        _json(stages)
        return
    shown = grid("", "name:version", "stage", "by", "on", "reason")
    for name in stages:
        for entry in home.log(name):
            told = (entry.after, entry.by, entry.on, entry.reason)
            shown.add_row(f"{name}:{entry.version}", *told)
    console.print(shown)


@app.command("card")
def card_command(name: Named, registry: Home = REGISTRY) -> None:
    """模型卡 Print the card of a release."""
    folder = _folder(name, Registry(registry))
    read_release(folder)
    console.print((folder / "card.md").read_text(encoding="utf-8"), markup=False)


@app.command("drift")
def drift_command(
    name: Named, data: Data, registry: Home = REGISTRY, threads: int = 1, json_out: AsJson = False
) -> None:
    """漂移 Compare rows of today with the frozen histograms of a release."""
    folder = _folder(name, Registry(registry))
    found = drift_table(folder, read_table(data), threads)
    if json_out:
        _json(found.to_dict(orient="records"))
        return
    shown = grid(f"{name}, PSI", *found.columns)
    for row in found.itertuples(index=False):
        shown.add_row(*(f"{cell:.2g}" if isinstance(cell, float) else str(cell) for cell in row))
    console.print(shown)


def _folder(name: str, registry: Registry) -> Path:
    """Folder of a release: given, or by name and version; the champion when no version."""
    with suppress(OSError):  # no name that a file could have
        if Path(name, "manifest.json").is_file():
            return Path(name)
    model, _, version = name.partition(":")
    known = list(registry.stages(model))
    return registry.folder(model, version or registry.champion(model) or (known or ["-"])[-1])


def _day(text: str | None) -> date:
    try:
        return date.fromisoformat(text) if text else date.today()
    except ValueError as fault:
        raise typer.BadParameter(f"{text!r}: 2028-12-31") from fault


def _figures(metrics: Any, title: str) -> Table:
    shown = grid(title, "figure", "value")
    for name, value in metrics.items():
        shown.add_row(name, f"{value:.4g}")
    return shown


def _bar(bar: Any) -> Table:
    shown = grid("", "条件 condition", "要求 wanted", "实际 found", "达标 holds")
    for name, wanted, found, holds in bar:
        shown.add_row(name, wanted, found, "是 yes" if holds else "否 no")
    return shown


def _json(content: Any) -> None:
    print(json.dumps(_finite(content), ensure_ascii=False, default=float, allow_nan=False))


def _finite(content: Any) -> Any:
    """Plain data in which a figure that has no value is null."""
    if isinstance(content, Mapping):
        return {name: _finite(value) for name, value in content.items()}
    if isinstance(content, list):
        return [_finite(value) for value in content]
    return None if isinstance(content, float) and not math.isfinite(content) else content


def main() -> None:
    """Run a command; an error that a reader can mend ends with 2 and no traceback."""
    try:
        app(standalone_mode=True)
    except RiskEngineError as error:
        message = f"{error.say('zh')}\n{error.say('en')}"
        Console(stderr=True).print(message, markup=False, style="red")
        sys.exit(2)
