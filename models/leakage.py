"""No model is trained on a column that knows its outcome: the probe stands before the fit."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from models.config import Config
from models.days import days_of
from models.evaluate.probes import Finding, probe
from models.frame import Frame
from riskengine.errors import ModelError
from riskengine.words import Text


def findings(frame: Frame, config: Config) -> tuple[Finding, ...]:
    """Return what the leakage probe finds in the features, and in columns beside them.

    Parameters
    ----------
    frame : Frame
        Checked rows of every part.
    config : Config
        Features, and ``outside`` columns that are only looked at.

    Returns
    -------
    tuple of Finding
        Rejections first.
    """
    taken = [config.date, config.target.column]
    known = frame.table.columns.difference(taken)
    outside = [name for name in config.outside if name in known]
    names = [feature.name for feature in frame.features]
    table = frame.table[[config.date, *dict.fromkeys([*names, *outside])]].copy()
    outcome, ended = " outcome", None  # a heading has no blank before it
    table[outcome] = bad_half(frame, config)
    if config.outcome_on in frame.table.columns:
        ended = " ended"
        table[ended] = days_of(frame.table[config.outcome_on])
    return tuple(
        probe(table, outcome, config.date, [*names, *outside], ended_on=ended, seed=config.seed)
    )


def bad_half(frame: Frame, config: Config) -> "pd.Series[float]":
    """Return an outcome of two classes: default, or a target above its median.

    Parameters
    ----------
    frame, config : Frame, Config
        Rows, and what is predicted.

    Returns
    -------
    pandas.Series
        1 or 0, a row each.
    """
    bad = frame.y if config.kind == "default" else frame.y > np.median(frame.y)
    return pd.Series(np.asarray(bad, dtype=float), index=frame.table.index)


def refuse_leaks(frame: Frame, config: Config) -> Mapping[str, str]:
    """Refuse to train where a feature leaks, unless the configuration says why it stands.

    Parameters
    ----------
    frame, config : Frame, Config
        Rows, features, and findings that are allowed with a reason.

    Returns
    -------
    mapping of str to str
        Findings that stand: those allowed with their reason, and questions with the
        probe's words.

    Raises
    ------
    ModelError
        With every feature that is rejected.
    """
    names = {feature.name for feature in frame.features}
    mine = [one for one in findings(frame, config) if one.feature in names]
    refused = [o for o in mine if o.severity == "reject" and o.feature not in config.allow]
    if refused:
        raise ModelError(
            Text("；".join(f"{one.feature}：{one.words.zh}" for one in refused),
                 "; ".join(f"{one.feature}: {one.words.en}" for one in refused)),
            Text("从特征中去掉；确属申请时已知的，在 [allow] 中写明理由",
                 "leave it out of the features; if it truly is known at the decision, say why in"
                 " [allow]"),
        )  # fmt: skip
    return {one.feature: config.allow.get(one.feature, one.words.en) for one in mine}
