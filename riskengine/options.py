"""What every command shares: options, the clock, and how it prints."""

import json
import os
import sys
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

console = Console()


class Speech(StrEnum):
    """Language of what is printed."""

    ZH = "zh"
    EN = "en"


Valued = Annotated[
    str, typer.Option("--valued-on", help="估值日 valuation date, YYYY-MM-DD; today when left out")
]
AsJson = Annotated[bool, typer.Option("--json", help="只输出 JSON  print JSON only")]
In = Annotated[Speech, typer.Option("--language", help="zh | en")]
Market = Annotated[
    Path | None, typer.Option("--market", help="市场快照文件夹 market snapshot folder")
]
Institution = Annotated[
    Path | None, typer.Option("--institution", help="机构规则文件夹 rules that only tighten")
]
Paths = Annotated[int, typer.Option("--paths", min=0, help="模拟路径数 simulated paths, 0 = none")]
Seed = Annotated[int, typer.Option("--seed", help="随机种子 seed")]
Model = Annotated[
    list[Path] | None, typer.Option("--price-model", help="价格模型发布包 released price model")
]


def day_of(text: str) -> date:
    """Read a day; the clock is asked here and nowhere below.

    Parameters
    ----------
    text : str
        YYYY-MM-DD; empty for today.

    Returns
    -------
    datetime.date
        The day.
    """
    try:
        return date.fromisoformat(text) if text else date.today()
    except ValueError as fault:
        raise typer.BadParameter(f"{text!r}: YYYY-MM-DD") from fault


def plain_text(text: str) -> Any:
    """Return text without markup for the terminal.

    Parameters
    ----------
    text : str
        The text.

    Returns
    -------
    rich.text.Text
        Printed as it stands.
    """
    from rich.text import Text as RichText

    return RichText(text)


def show(as_json: bool, content: Any, line: str) -> None:
    """Print JSON, or one line for people.

    Parameters
    ----------
    as_json : bool
        Which of the two.
    content : object
        What JSON shows.
    line : str
        What people read.
    """
    if as_json:
        print(json.dumps(content, ensure_ascii=False, default=str))
    else:
        console.print(line, markup=False)


PLAIN = "NUMBA_DISABLE_JIT"
"""Switch of the compiler, read when it is first loaded."""


def without_compiling() -> None:
    """Run the kernels of one right as plain Python: nothing to wait for; the same bits.

    Where the compiler is loaded already, within a longer program, nothing is changed.
    """
    if "numba" not in sys.modules:
        os.environ.setdefault(PLAIN, "1")


def bar() -> Any:
    """Return a progress bar with the time left.

    Returns
    -------
    rich.progress.Progress
        To be entered.
    """
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    return Progress(
        "{task.description}", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
        console=console,
    )  # fmt: skip


def models(folders: list[Path] | None) -> dict[str, Any]:
    """Return released price models by table.

    Parameters
    ----------
    folders : list of pathlib.Path or None
        Released models.

    Returns
    -------
    dict of str to object
        Models by the table that each is for.

    Raises
    ------
    ModelError
        If a model is missing or altered.
    """
    from riskengine.learned import price_models

    return dict(price_models(folders or []))


def snapshot(folder: Path | None) -> Any:
    """Return the institution's market snapshot, or the demonstration.

    Parameters
    ----------
    folder : pathlib.Path or None
        The institution's; None for the demonstration.

    Returns
    -------
    riskengine.market.snapshot.Snapshot
        The snapshot.

    Raises
    ------
    MarketError
        If the folder breaks the contract of a snapshot.
    """
    from riskengine.market.loader import demonstration, load

    return load(folder) if folder else demonstration()
