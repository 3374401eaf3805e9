"""``python -m models train CONFIG.toml DATA OUT``: fit, test out of time, release."""

import tomllib
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer
from rich.console import Console

from models.price import PriceConfig, card, manifest, train
from models.store import write_release

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
console = Console()


@app.callback()
def about() -> None:
    """训练、检验与发布模型 Train, test and release the learned parts."""


@app.command("train")
def train_command(
    config: Annotated[Path, typer.Argument(help="配置 configuration, TOML")],
    data: Annotated[Path, typer.Argument(help="成交数据 deals, Parquet or CSV")],
    out: Annotated[Path, typer.Argument(help="发布文件夹 release folder")],
) -> None:
    """训练并发布一个价格模型 Fit a price model and release its arrays."""
    settings = PriceConfig(**tomllib.loads(config.read_text(encoding="utf-8")))
    frame = pd.read_parquet(data) if data.suffix == ".parquet" else pd.read_csv(data)
    trained = train(frame, settings)
    released = write_release(
        out, trained.arrays, manifest(trained), {"card.md": card(trained)}, trained.estimator
    )
    console.print(card(trained), markup=False)
    console.print(f"发布 released {out} ({released.digest[:12]})", markup=False)


if __name__ == "__main__":
    app()
