"""Commands on a guarantee book: book, stress, attribute, ratios."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from riskengine.options import (
    AsJson,
    Institution,
    Market,
    Model,
    Seed,
    Valued,
    bar,
    console,
    day_of,
    models,
    plain_text,
    show,
    snapshot,
)

Tell = Callable[[str, int, int], None]
Source = Annotated[Path, typer.Argument(help="组合文件夹 portfolio folder")]
Out = Annotated[Path, typer.Argument(help="结果文件夹 folder for the results")]
Factors = Annotated[
    Path | None, typer.Option("--factors", help="因子载荷文件 TOML loadings; assumed when left out")
]
Months = Annotated[
    int, typer.Option("--months", min=1, max=60, help="期限（月） horizon in months")
]
Scenarios = Annotated[
    int,
    typer.Option("--scenarios", min=64, help="每批情景数（2的幂） scenarios a block, power of 2"),
]
Blocks = Annotated[int, typer.Option("--blocks", min=2, help="独立批数 independent blocks")]
Threads = Annotated[int, typer.Option("--threads", min=1, help="线程数，不改变结果 threads")]
Nu = Annotated[
    float,
    typer.Option(
        "--degrees-of-freedom", min=1.0, help="t 联结自由度 of a t copula; 1e9 = Gaussian"
    ),
]
Level = Annotated[float, typer.Option("--level", min=0.5, max=0.99999, help="置信水平 level")]
STEPS = {
    "read": "读取估值 read and value", "loss": "损失分布 loss law",
    "independent": "剔除错向 without wrong-way", "contributions": "贡献 contributions",
    "layers": "分担层 layers", "tail of layers": "尾部 tail of layers", "funds": "资金 funds",
    "done": "完成 done",
}  # fmt: skip
GAUSSIAN = 1e9
"""Degrees of freedom from which a t copula is taken for the Gaussian."""


def book(
    source: Source, out: Out, valued_on: Valued = "", months: Months = 12, level: Level = 0.999,
    scenarios: Scenarios = 2048, blocks: Blocks = 16, degrees_of_freedom: Nu = GAUSSIAN,
    threads: Threads = 2, factors: Factors = None, market: Market = None,
    institution: Institution = None, price_model: Model = None, seed: Seed = 2026,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """计量整本担保：预期损失、损失分布、分担层、资金、比率 Measure a guarantee book."""
    from riskengine.book.run import measure_book

    setting = _setting(valued_on, market, institution, price_model, factors, months)
    draws = _draws(seed, level, scenarios, blocks, degrees_of_freedom, threads)
    manifest = _watched(as_json, lambda tell: measure_book(source, out, setting, draws, tell=tell))
    show(
        as_json, manifest, f"{tell_book(manifest)}; {manifest['seconds']} s; {out / 'report.html'}"
    )


def tell_book(manifest: Mapping[str, Any]) -> str:
    """Say in a few lines what a book came to.

    Parameters
    ----------
    manifest : mapping
        As `riskengine.book.run.measure_book` returns it.

    Returns
    -------
    str
        Contracts, EL, wrong-way mark-up, VaR and ES, own layer, funds, ratios broken.
    """
    from riskengine.report import money

    totals, loss = manifest["totals"], manifest["distribution"]["loss"]
    key = f"{manifest['level']:g}"
    levels = loss["value_at_risk"]
    at = key if key in levels else max(levels)
    breaking = [row for row in manifest["ratios"] if row["status"] == "breaks"]
    broken = [row["rule_id"] or row["title_en"] for row in breaking]
    dry = [fund for fund in manifest["funds"] if fund["exhausted_chance"] > 0.01]
    own = next(row for row in manifest["layers"] if row["party"] == manifest["own_party"])
    rejected = ", ".join(
        f"{name} {counts['rows_rejected']}"
        for name, counts in manifest["rows"].items()
        if counts["rows_rejected"]
    )
    return (
        f"{manifest['contracts_in']} 合同 contracts = {manifest['contracts_measured']}"
        f" 已计量 measured + {manifest['contracts_rejected']} 不能计量 not measurable；"
        f"表中退回 rows rejected: {rejected or '无 none'}\n"
        f"预期损失 EL {money(totals['expected_loss_yuan'])}，其中错向 wrong-way"
        f" {money(totals['wrong_way_yuan'])}\n"
        f"VaR {at} {money(levels[at])} ± {money(loss['value_at_risk_se'][at])}，"
        f"ES {money(loss['expected_shortfall'][at])}\n"
        f"自担 own layer: EL {money(own['expected'])}，ES 0.999"
        f" {money(own['expected_shortfall']['0.999'])}\n"
        f"可能耗尽的资金 funds at risk: {len(dry)}；超限比率 ratios broken: "
        f"{', '.join(broken) or '无 none'}"
    )


def ratios(
    source: Source, out: Out, valued_on: Valued = "", institution: Institution = None,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """监管比率、额度与准备金 Ratios, headroom and reserves of a guarantee book."""
    from riskengine.book.ratio_run import count_ratios
    from riskengine.law import law_for

    manifest = count_ratios(source, out, day_of(valued_on), law_for(institution))
    told = "\n".join(
        f"{MARKS[row['status']]} {row['rule_id']} {row['title_zh']} {row['title_en']}: "
        f"{_figure(row['value'])} {row['compare']} {_figure(row['limit'])}"
        for row in manifest["ratios"] if row["limit"] is not None
    )  # fmt: skip
    show(as_json, manifest, f"{told}\n{out / 'report.html'}")


def stress(
    source: Source, out: Out, valued_on: Valued = "", months: Months = 12,
    scenario_file: Annotated[
        list[Path] | None, typer.Option("--scenario-file", help="机构情景文件 TOML of scenarios")
    ] = None,
    target_yuan: Annotated[
            float,
        typer.Option("--target-yuan", min=0.0, help="反向压力目标 loss to explain; 0: own funds"),
    ] = 0.0,
    degrees_of_freedom: Nu = GAUSSIAN, threads: Threads = 2, factors: Factors = None,
    market: Market = None, institution: Institution = None, price_model: Model = None,
    seed: Seed = 2026, as_json: AsJson = False,
) -> None:  # fmt: skip
    """情景与反向压力测试 Named scenarios and reverse stress of a guarantee book."""
    from riskengine.book.stress_run import stress_book
    from riskengine.report import money

    setting = _setting(valued_on, market, institution, price_model, factors, months)
    draws = _draws(seed, 0.999, 2048, 4, degrees_of_freedom, threads)
    manifest = _watched(as_json, lambda tell: stress_book(
        source, out, setting, draws, scenario_file or (), target_yuan or None, tell
    ))  # fmt: skip
    lines = [f"基准 base: EL {money(manifest['base']['expected_loss'])}"]
    lines += [
        f"{row['title_zh']} {row['title_en']}: EL {money(row['expected_loss'])}"
        f" ({row['change'] / max(manifest['base']['expected_loss'], 1e-9):+.0%})，"
        f"自担 own {money(row['own_expected'])}"
        for row in manifest["scenarios"]
    ]
    lines += [f"{way['sentence_zh']} {way['sentence_en']}" for way in manifest["reverse"]]
    show(as_json, manifest, plain_text("\n".join(lines)) + f"\n{out / 'report.html'}")


def what_if(
    source: Source,
    product: Annotated[Path, typer.Argument(help="产品文件 TOML; see examples/products")],
    valued_on: Valued = "", months: Months = 12, threads: Threads = 2, factors: Factors = None,
    market: Market = None, institution: Institution = None, price_model: Model = None,
    seed: Seed = 2026, as_json: AsJson = False,
) -> None:  # fmt: skip
    """试算一个新产品对整本担保的影响 What a new product would do to a book."""
    from tempfile import TemporaryDirectory

    from riskengine.book.load import load_book
    from riskengine.book.what_if import load_product
    from riskengine.book.what_if import what_if as tried
    from riskengine.report import money

    wanted = load_product(product)
    setting = _setting(valued_on, market, institution, price_model, factors, months)
    with TemporaryDirectory() as work:
        loaded = load_book(source, Path(work), setting)
        found = tried(loaded, wanted, _draws(seed, 0.999, 2048, 8, GAUSSIAN, threads))
    before, after, own = found["before"], found["after"], found["product"]
    named = {
        "EL": "expected_loss", "VaR 0.999": "value_at_risk", "ES 0.999": "expected_shortfall",
    }  # fmt: skip
    lines = [
        f"{found['title_zh']} {found['title_en']}: {found['contracts']} 份 contracts",
        f"担保 guaranteed {money(own['guaranteed_yuan'])}",
        *(f"{word} {money(before[key])} → {money(after[key])}" for word, key in named.items()),
        f"自担 own layer EL +{money(own['own_expected'])}",
        f"保本费率 break-even fee {own['break_even_fee']:.3%}，缺口 gap {own['fee_gap']:+.3%}",
    ]
    lines += [
        f"{row['rule_id']} {row['title_zh']} {row['title_en']}: {_figure(row['before'])} →"
        f" {_figure(row['after'])} ({row['status']})"
        for row in found["ratios"]
        if row["limit"] is not None
    ]
    show(as_json, found, plain_text("\n".join(lines)))


def attribute(
    old: Annotated[Path, typer.Argument(help="旧组合 portfolio of the old date")],
    new: Annotated[Path, typer.Argument(help="新组合 portfolio of the new date")],
    out: Out,
    old_on: Annotated[str, typer.Option("--old-on", help="旧估值日 YYYY-MM-DD")],
    new_on: Annotated[str, typer.Option("--new-on", help="新估值日 YYYY-MM-DD")],
    method: Annotated[str, typer.Option("--method", help="sequential | shapley")] = "sequential",
    months: Months = 12, threads: Threads = 2,
    old_factors: Annotated[Path | None, typer.Option("--old-factors", help="旧载荷 TOML")] = None,
    factors: Factors = None,
    old_market: Annotated[Path | None, typer.Option("--old-market", help="旧市场快照")] = None,
    market: Market = None, institution: Institution = None, price_model: Model = None,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """两个日期之间预期损失变动的归因，合计到分 Explain a change between two dates, to the fen."""
    from riskengine.book.attribute_run import attribute_books

    before = _setting(old_on, old_market, institution, price_model, old_factors, months)
    after = _setting(new_on, market, institution, price_model, factors, months)
    manifest = _watched(as_json, lambda tell: attribute_books(
        (old, new), out, (before, after), method=method, threads=threads, tell=tell
    ))  # fmt: skip
    lines = [
        f"{row['title_zh']} {row['title_en']}: {row['yuan']:+,.2f} ({row['contracts']})"
        for row in manifest["lines"]
    ]
    lines.append(f"合计 total: {manifest['total_change_yuan']:+,.2f}")
    show(as_json, manifest, plain_text("\n".join(lines)) + f"\n{out / 'report.html'}")


MARKS = {"meets": "✓", "near": "!", "breaks": "✗", "unknown": "?", "no_limit": " "}


def _figure(value: float | None) -> str:
    """A ratio or an amount, short."""
    if value is None:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 1e3 else f"{value:.4g}"


def _setting(
    valued_on: str, market: Path | None, institution: Path | None, price_model: list[Path] | None,
    factors: Path | None, months: int,
) -> Any:  # fmt: skip
    """What a book is measured by, from the options."""
    from riskengine.book.factors import load_loadings
    from riskengine.book.load import Setting
    from riskengine.law import law_for

    return Setting(
        day_of(valued_on), snapshot(market), law_for(institution), models(price_model),
        load_loadings(factors), months,
    )  # fmt: skip


def _draws(
    seed: int, level: float, scenarios: int, blocks: int, nu: float, threads: int
) -> Any:  # fmt: skip
    """How a book is simulated, from the options."""
    from riskengine.book.figures import Draws

    degrees = float("inf") if nu >= GAUSSIAN else nu
    return Draws(seed, level, scenarios, blocks, degrees, threads)


def _watched(as_json: bool, run: Callable[[Tell | None], dict[str, Any]]) -> dict[str, Any]:
    """Run with a bar on a terminal, silently else."""
    if as_json or not console.is_terminal:
        return run(None)
    with bar() as shown:
        task = shown.add_task(STEPS["read"], total=None)

        def tell(step: str, done: int, total: int) -> None:
            shown.update(task, description=STEPS.get(step, step), completed=done, total=total)

        return run(tell)
