"""Sheet grade beside model grade, and where the two part: exact, in points, fact by fact.

The model's log odds are put on the card's own points by its master scale: points =
offset - factor x (log odds of bad).  Both scores are a base and contributions, so

    model - sheet = (model base - sheet base) + sum over facts (model's - sheet's)

to the last digit that floats hold, whatever facts only one of them looks at.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.expert.arrays import factor_offset
from models.expert.card import Card
from models.expert.score import grades_of
from riskengine.errors import ModelError
from riskengine.words import Text

Numbers = NDArray[np.float64]
BASE = "base"
"""Name of the line that holds the difference of the bases."""


@dataclass(frozen=True, slots=True)
class ModelView:
    """What a model says of the same cases, with its exact contributions.

    Parameters
    ----------
    fields : tuple of str
        Facts that it looks at.
    base : float
        Log odds of bad before any fact [1].
    contributions : (fields, n) float64
        What each fact adds to the log odds of bad [1].
    """

    fields: tuple[str, ...]
    base: float
    contributions: Numbers

    @property
    def log_odds(self) -> Numbers:
        """Log odds of bad of every case [1]."""
        return np.asarray(self.base + self.contributions.sum(axis=0))


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two columns and the bridge between them.

    Parameters
    ----------
    grades : pandas.DataFrame
        ``sheet_points``, ``model_points``, ``difference`` [point], ``sheet_grade``,
        ``model_grade``, ``notches`` (positive: the model grades better), ``why_zh`` and
        ``why_en``: the three facts that part them most.
    bridge : pandas.DataFrame
        One column a fact and ``base`` [point]: model less sheet; rows add up to
        ``difference``.
    """

    grades: pd.DataFrame
    bridge: pd.DataFrame


def compare_with_model(
    card: Card, scored: pd.DataFrame, model: ModelView, *, social: bool = True
) -> Comparison:
    """Put the sheet's grade beside the model's and explain the difference.

    Parameters
    ----------
    card : Card
        A card with bands and a master scale.
    scored : pandas.DataFrame
        As `models.expert.score.score_card`.
    model : ModelView
        The model on the same cases, in the same order.
    social : bool
        Whether the sheet counts its social items.

    Returns
    -------
    Comparison
        Both columns and the bridge.

    Raises
    ------
    ModelError
        If the card has no bands or no master scale, or the cases are not as many.
    """
    if card.scale is None or not card.bands or not card.blocks:
        raise ModelError(
            Text(f"评分卡 {card.name} 没有等级表或主标尺，无法与模型对照",
                 f"scorecard {card.name} lacks bands or a master scale and cannot be compared"),
            Text("先写明等级界线和两个锚点", "state its bands and two anchors first"),
        )  # fmt: skip
    if model.contributions.shape != (len(model.fields), len(scored)):
        raise ModelError(
            Text(
                "模型贡献的形状与户数、字段数不符", "the model's contributions do not fit the cases"
            ),
            Text("用同一批样本、同一顺序", "use the same cases in the same order"),
        )
    factor, offset = factor_offset(card.scale)
    total_name = "total" if social else "total_without_social"
    scale = 1.0 if social else card.marks() / card.marks(social=False)
    items = card.items(social)
    points = scale * scored[[f"item.{item.name}" for item in items]].to_numpy(np.float64).T
    known = np.isfinite(points.sum(axis=0))
    means = points[:, known].mean(axis=1) if known.any() else np.zeros(len(items))
    lines = {BASE: np.full(len(scored), offset - factor * model.base - means.sum())}
    for item, part, mean in zip(items, points, means, strict=True):
        lines[item.field] = mean - part
    for field, part in zip(model.fields, model.contributions, strict=True):
        lines[field] = lines.get(field, 0.0) - factor * part
    bridge = pd.DataFrame(lines, index=scored.index)
    sheet = scored[total_name].to_numpy(np.float64)
    points_model = offset - factor * model.log_odds
    return Comparison(_grades(card, sheet, points_model, bridge), bridge)


def _grades(card: Card, sheet: Numbers, model: Numbers, bridge: pd.DataFrame) -> pd.DataFrame:
    """Both columns with the notches between them."""
    place: dict[str | None, int] = {band.grade: k for k, band in enumerate(card.bands)}
    place[None] = len(card.bands)
    mine, other = grades_of(card, sheet), grades_of(card, model)
    notches = np.array([place[a] - place[b] for a, b in zip(mine, other, strict=True)], dtype=float)
    notches[~np.isfinite(sheet + model)] = np.nan
    titles = {item.field: item.title for item in card.items()}
    titles[BASE] = Text("起点", "starting point")
    why = [_why(row, list(bridge.columns), titles) for row in bridge.to_numpy(np.float64)]
    return pd.DataFrame({
        "sheet_points": sheet, "model_points": model, "difference": model - sheet,
        "sheet_grade": mine, "model_grade": other, "notches": notches,
        "why_zh": [text.zh for text in why], "why_en": [text.en for text in why],
    }, index=bridge.index)  # fmt: skip


def _why(row: Numbers, fields: Sequence[str], titles: dict[str, Text], most: int = 3) -> Text:
    """The facts that part sheet and model most."""
    order = np.argsort(-np.abs(row), kind="stable")[:most]
    parts = [
        (titles.get(fields[k], Text(fields[k], fields[k])), row[k])
        for k in order
        if np.isfinite(row[k]) and round(row[k], 1) != 0.0
    ]
    zh = (f"{title.zh}：模型{'多' if d > 0 else '少'}给 {abs(d):.1f} 分" for title, d in parts)
    en = (f"{title.en}: the model gives {d:+.1f} points" for title, d in parts)
    return Text("；".join(zh), "; ".join(en))
