"""The command ``score``: applications scored, the same numbers as the service gives."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from riskengine.errors import RiskEngineError
from riskengine.options import (
    AsJson,
    In,
    Institution,
    Market,
    Model,
    Speech,
    console,
    models,
    plain_text,
    snapshot,
    without_compiling,
)
from riskengine.words import Language

DefaultRelease = Annotated[
    Path | None, typer.Option("--default-model", help="违约模型发布包 released model of default")
]
Page = Annotated[Path | None, typer.Option(help="网页 HTML page to write, of the first file")]


def score(
    files: Annotated[list[Path], typer.Argument(help="申请文件 application files, TOML or JSON")],
    default_model: DefaultRelease = None,
    challenger: Annotated[
        Path | None, typer.Option("--challenger", help="挑战者模型 model that decides nothing")
    ] = None,
    price_model: Model = None,
    market: Market = None,
    institution: Institution = None,
    sheet: Page = None,
    letter: Page = None,
    language: In = Speech.ZH,
    as_json: AsJson = False,
) -> None:
    """给申请评分：能否办理、额度、违约概率、损失、价格 Score applications."""
    without_compiling()
    from riskengine.law import law_for
    from riskengine.scoring.application import read_application
    from riskengine.scoring.equipment import Equipment
    from riskengine.scoring.pages import farmer_page, officer_page
    from riskengine.scoring.record import record
    from riskengine.scoring.score import score_many

    equipment = Equipment(
        snapshot(market), law_for(institution), models(price_model),
        released(default_model), released(challenger),
    )  # fmt: skip
    found = score_many([read_application(path) for path in files], equipment)
    say: Language = language.value
    for path, make in ((sheet, officer_page), (letter, farmer_page)):
        if path is not None and not isinstance(found[0], RiskEngineError):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(make(found[0], say), encoding="utf-8")
    plain = [
        {"error": one.say(say)} if isinstance(one, RiskEngineError) else record(one)
        for one in found
    ]  # fmt: skip
    if as_json:
        print(json.dumps(plain[0] if len(plain) == 1 else plain, ensure_ascii=False))
    else:
        for path, told in zip(files, plain, strict=True):
            _tell(path.name, told, say)
    raise typer.Exit(int(any("error" in one for one in plain)))


def released(folder: Path | None) -> Any:
    """Return a released model of default.

    Parameters
    ----------
    folder : pathlib.Path or None
        Its release.

    Returns
    -------
    DefaultModel or None
        The model; None without a folder.

    Raises
    ------
    ModelError
        If the release is missing, altered, or of another kind.
    """
    if folder is None:
        return None
    from riskengine.learned import DefaultModel, load_release
    from riskengine.learned.release import refused
    from riskengine.words import Text

    model = load_release(folder)
    if not isinstance(model, DefaultModel):
        raise refused(folder, Text("不是违约模型", "is no model of default"))
    return model


def _tell(name: str, told: dict[str, Any], say: Language) -> None:
    """Print one score: decision, figures, reasons."""
    from riskengine.rules.citation import cited

    if "error" in told:
        console.print(plain_text(f"{name}: {told['error']}"), style="red")
        return
    head = f"{told['application_no']}  {told['decision_text'][say]}  {told['limit_yuan']:,.2f} 元"
    console.print(plain_text(head), style="bold")
    default, loss, price = told["default"], told["loss"], told["price"]
    if default is not None:
        console.print(plain_text(f"PD {default['pd_12_months']:.2%}  {told['grade']}"))
    if loss is not None:
        console.print(plain_text(
            f"LGD {loss['lgd_life']:.2%}  EL {loss['el_life_yuan']:,.2f} 元 yuan"
        ))  # fmt: skip
    if price is not None:
        console.print(plain_text(
            f"{price['of']}: {price['break_even_per_year']:.2%} → {price['advised_per_year']:.2%}"
        ))  # fmt: skip
    for reason in told["reasons"]:
        mark = {"failed": "✗", "unknown": "?"}.get(reason["state"], "·")
        console.print(plain_text(
            f"{mark} {reason['code']} [{reason['severity']}] {reason['title'][say]}"
            f"  {reason['found'][say]}  {cited(reason['cite']).say(say)}"
        ))  # fmt: skip
