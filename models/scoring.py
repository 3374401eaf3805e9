"""A file of cases scored by a release: PD, what it is made of, and the reasons in words."""

from pathlib import Path

import numpy as np
import pandas as pd

from models.compare import opened
from models.intake import matrix
from riskengine.errors import ModelError
from riskengine.learned import DefaultModel, read_release
from riskengine.learned.reasons import reasons
from riskengine.words import Language, Text

MOST = 10_000
"""Rows that are given reasons in words: each asks the model many times."""


def score_table(
    folder: Path, table: pd.DataFrame, language: Language, most: int = 3
) -> pd.DataFrame:
    """Score a file of cases.

    Parameters
    ----------
    folder : pathlib.Path
        Release of a model of default.
    table : pandas.DataFrame
        Cases as read; outcomes are not needed.
    language : {"zh", "en"}
        Language of the reasons.
    most : int
        Most reasons of a case, >= 0.

    Returns
    -------
    pandas.DataFrame
        One line a case: its row in the file, ``pd`` [1], ``refer`` where it lies outside
        what the model has seen, base and contributions [log odds], reasons and cures;
        ``origin`` says what the model was trained on.

    Raises
    ------
    ModelError
        If the release is not whole or no model of default, or a column is missing.
    """
    model, config = opened(folder)
    if not isinstance(model, DefaultModel):
        raise ModelError(
            Text(f"{folder.name} 不是违约模型", f"{folder.name} is no model of default"),
            Text("请选 kind = default 的模型", "choose a model of kind default"),
        )
    rows, x = matrix(table, config, read_release(folder).features)
    base, parts = model.contributions(x)
    told = [
        reasons(model, np.ascontiguousarray(x[:, i]), most) if most else ()
        for i in range(min(x.shape[1], MOST))
    ]
    told += [()] * (x.shape[1] - len(told))
    names = [f"{one.name}_log_odds" for one in model.features]
    return pd.DataFrame(
        {
            "row": rows.index, "pd": model.pd(x), "refer": model.outside(x), "base": base,
            **dict(zip(names, parts, strict=True)),
            "reasons": ["；".join(one.told.say(language) for one in mine) for mine in told],
            "cures": ["；".join(o.cure.say(language) for o in mine if o.cure) for mine in told],
            "model": f"{model.release.name} {model.release.version}",
            "origin": model.release.origin,
        }
    )  # fmt: skip
