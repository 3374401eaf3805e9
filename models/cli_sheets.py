"""``python -m models sheet``: experts' scorecards for a lender without history."""

from datetime import date
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from models.expert import (
    Card,
    SheetFacts,
    card_toml,
    import_sheet,
    load_card,
    published_cards,
    published_systems,
    release_card,
    score_card,
    weight_report,
    write_sheet,
)
from models.intake import read_table
from models.tables import console, grid
from riskengine.words import Text

sheets = typer.Typer(no_args_is_help=True, help="专家评分表 Experts' scorecards.")

Named = Annotated[str, typer.Argument(help="评分表名称或 TOML 文件 name of a card, or TOML file")]
Data = Annotated[Path, typer.Argument(help="数据 rows: Parquet, CSV, Excel")]


@sheets.command("list")
def list_command() -> None:
    """已编码的公开指标体系 Published systems, and the cards that hold them."""
    shown = grid("", "no.", "体系 system", "评分表 cards", "说明 note")
    for one in published_systems():
        cards = ", ".join(one["cards"]) or "—"
        shown.add_row(str(one["number"]), f"{one['title_zh']} {one['title_en']}", cards,
                      f"{one['why_zh']} {one['why_en']}".strip())  # fmt: skip
    console.print(shown)
    console.print("卡片 cards: " + ", ".join(published_cards()), markup=False)


@sheets.command("show")
def show_command(name: Named) -> None:
    """一张评分表 One card, as its TOML."""
    console.print(card_toml(_card(name)), markup=False, highlight=False)


@sheets.command("score")
def score_command(
    name: Named, data: Data, on: Annotated[str, typer.Option(help="日期 day, 2028-12-31")],
    out: Annotated[Path | None, typer.Option(help="写出 CSV write a CSV")] = None,
) -> None:  # fmt: skip
    """打分、评级并列出否决项 Points, grade and vetoes of every row."""
    found = score_card(_card(name), read_table(data), date.fromisoformat(on))
    if out is not None:
        found.to_csv(out, index=False, encoding="utf-8-sig")
        console.print(f"{len(found):,} → {out}", markup=False)
        return
    heads = [column for column in found.columns if "." not in str(column)][:8]
    _print(found[heads].head(20), name)


@sheets.command("weights")
def weights_command(
    name: Named, data: Data, on: Annotated[str, typer.Option(help="日期 day, 2028-12-31")],
    outcome: Annotated[str | None, typer.Option(help="结果列 column: 1 bad, 0 good")] = None,
) -> None:  # fmt: skip
    """名义权重与实际权重 Nominal against effective weights."""
    card, rows = _card(name), read_table(data)
    bad = rows[outcome].to_numpy(np.float64) if outcome else None
    report = weight_report(card, score_card(card, rows, date.fromisoformat(on)), bad)
    _print(report.blocks, f"{name}, n = {report.n}")
    _print(report.items, f"{name}, n = {report.n}")


@sheets.command("template")
def template_command(
    out: Annotated[Path, typer.Argument(help="Excel 文件 file")],
    name: Annotated[str, typer.Option(help="以哪张为例 card to start from")] = "household_common",
) -> None:  # fmt: skip
    """写出可填写的 Excel 评分表 Write a card as a sheet to fill in."""
    write_sheet(out, _card(name))
    console.print(f"{out}", markup=False)


@sheets.command("import")
def import_command(
    sheet: Annotated[Path, typer.Argument(help="本机构的 Excel 评分表 the institution's sheet")],
    out: Annotated[Path, typer.Argument(help="写出的 TOML file to write")],
    name: Annotated[str, typer.Option(help="名称 name")],
    title: Annotated[str, typer.Option(help="标题 title")],
    subject: Annotated[str, typer.Option(help="评价对象 household, farm, village ...")],
    valid_from: Annotated[str, typer.Option(help="启用日 first day of use")],
    owner: Annotated[str, typer.Option(help="负责部门 who keeps it")],
    cite: Annotated[str, typer.Option(help="依据文号 where it comes from")],
) -> None:  # fmt: skip
    """导入本机构评分表，错误逐格列出 Take in an institution's sheet, every fault by its cell."""
    facts = SheetFacts(
        name, Text(title, title), subject, date.fromisoformat(valid_from), owner, cite
    )
    out.write_text(card_toml(import_sheet(sheet, facts)), encoding="utf-8")
    console.print(f"{out}", markup=False)


@sheets.command("release")
def release_command(
    name: Named, out: Annotated[Path, typer.Argument(help="发布文件夹 release folder")]
) -> None:  # fmt: skip
    """发布为引擎可用的评分卡 Release a card, which the engine scores like any model."""
    model = release_card(_card(name), out)
    console.print(f"{model.release.name} {model.release.version} → {out}", markup=False)


def _card(name: str) -> Card:
    known = published_cards()
    return known[name] if name in known else load_card(Path(name))


def _print(frame: Any, title: str) -> None:
    shown = grid(title, *(str(column) for column in frame.columns))
    for row in frame.itertuples(index=False):
        shown.add_row(*(f"{cell:.3g}" if isinstance(cell, float) else str(cell) for cell in row))
    console.print(shown)
