"""Champion against challenger on rows that neither saw: every difference is paired."""

import tomllib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from models.config import Config, parse
from models.frame import Frame, later
from models.kinds import KINDS
from riskengine.errors import ModelError
from riskengine.learned import Model, load_release, read_release
from riskengine.words import Text


def opened(folder: Path) -> tuple[Model, Config]:
    """Return a released model and the configuration that made it.

    Parameters
    ----------
    folder : pathlib.Path
        Release.

    Returns
    -------
    tuple
        Model as the engine loads it, and its configuration.

    Raises
    ------
    ModelError
        If the release is not whole.
    """
    model = load_release(folder)
    text = (folder / "config.toml").read_text(encoding="utf-8")
    return model, parse(tomllib.loads(text), text, "config.toml")


def unseen(folder: Path, table: pd.DataFrame) -> tuple[Model, Config, Frame]:
    """Return a model and the rows of a table that it never saw.

    Parameters
    ----------
    folder : pathlib.Path
        Release.
    table : pandas.DataFrame
        Rows as read.

    Returns
    -------
    tuple
        Model, configuration, rows.

    Raises
    ------
    ModelError
        If the release is not whole, or the rows have a fault.
    """
    model, config = opened(folder)
    return model, config, later(table, config, read_release(folder).features)


def compare(champion: Path, challenger: Path, table: pd.DataFrame) -> Mapping[str, float]:
    """Compare two releases on the rows that neither saw.

    Parameters
    ----------
    champion, challenger : pathlib.Path
        Releases of one kind.
    table : pandas.DataFrame
        Rows as read, with all columns of both.

    Returns
    -------
    mapping of str to float
        ``NAME_gain`` is above 0 where the challenger is better, with the ends of its
        95 % interval ``_low`` and ``_high`` and the p-value ``_p``; ``n`` rows.

    Raises
    ------
    ModelError
        If the kinds differ, or no row is new to both.
    """
    first, one, rows = unseen(champion, table)
    second, two, others = unseen(challenger, table)
    if one.kind != two.kind or one.target.column != two.target.column:
        raise _refused("两个模型的种类或目标不同", "the two models predict different things")
    both = rows.table.index.intersection(others.table.index)
    if both.size < 30:
        raise _refused(f"共同样本只有 {both.size} 行", f"only {both.size} rows are new to both")
    rows, others = (frame.take(frame.table.index.isin(both)) for frame in (rows, others))
    old, new = KINDS[one.kind].answer(first, rows), KINDS[two.kind].answer(second, others)
    return KINDS[one.kind].gains(rows, old, new, two.seed)


def _refused(zh: str, en: str) -> ModelError:
    return ModelError(Text(zh, en), Text("请换模型或数据", "choose other releases or other rows"))


def table_of(gains: Mapping[str, float]) -> pd.DataFrame:
    """Return gains as a table: figure, gain, interval, p-value.

    Parameters
    ----------
    gains : mapping of str to float
        As `compare` gives them.

    Returns
    -------
    pandas.DataFrame
        One line a figure.
    """
    names = [name.removesuffix("_gain") for name in gains if name.endswith("_gain")]
    ends = ("", "_low", "_high", "_p")
    rows = [[gains.get(f"{name}_gain{end}", np.nan) for end in ends] for name in names]
    return pd.DataFrame(rows, index=names, columns=["gain", "low", "high", "p"])
