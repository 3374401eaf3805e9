"""A card as the arrays of a released scorecard."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.expert.card import Card, Item, MasterScale
from riskengine.errors import ModelError
from riskengine.learned.features import Feature
from riskengine.learned.scorecards import scorecard_arrays
from riskengine.words import Text

Arrays = dict[str, NDArray[Any]]


def card_features(card: Card, social: bool = False) -> tuple[Feature, ...]:
    """Return what a released card looks at.

    Parameters
    ----------
    card : Card
        The card.
    social : bool
        Whether social items are among them; for a PD they are not.

    Returns
    -------
    tuple of Feature
        In the order of the card.
    """
    return tuple(_feature(item) for item in card.items(social))


def _feature(item: Item) -> Feature:
    if item.kind == "category":
        codes = tuple(option.code for option in item.options)
        return Feature(
            item.field, "category", codes=codes, title=item.title, actionable=item.actionable,
            code_titles=tuple(option.title for option in item.options),
        )  # fmt: skip
    points = np.array([entry.points for entry in item.bins] or [item.low, item.high])
    steps = np.diff(points)
    falls, rises = bool((steps <= 0).all()), bool((steps >= 0).all())
    return Feature(
        item.field, "number", item.unit, int(falls) - int(rises), (), item.low, item.high,
        item.title, item.actionable,
    )  # fmt: skip


def to_scorecard_arrays(
    card: Card, *, social: bool = False, scale: MasterScale | None = None
) -> Arrays:
    """Lay a card out as the arrays of a released scorecard.

    The released points are the card's own, so that score = sum of points.

    Parameters
    ----------
    card : Card
        The card.
    social : bool
        Whether social items are among them; for a PD they are not.
    scale : MasterScale or None
        From points to a PD; the card's own where None.

    Returns
    -------
    dict of str to array
        As `riskengine.learned.scorecards`; ``scale`` (2,) is NaN where the card has no PD.
        Without social items factor and offset shrink with the full marks, so that the PD
        is that of the points scaled up to them (`models.expert.score.score_card`).  So
        that it can be released as a model of default: ``calibration`` (2,) that changes
        nothing; ``card_mean`` (items,), against which reasons are told: half way between
        the fewest and the most points, since there is no sample to take a mean of;
        ``low``, ``high`` and ``may_miss`` (items,), outside which a person looks.

    Raises
    ------
    ModelError
        If the card has no items.
    """
    items = card.items(social)
    if not items:
        raise ModelError(
            Text(f"评分卡 {card.name} 没有指标", f"scorecard {card.name} has no items"),
            Text("换一张有分值的卡", "take a card that scores"),
        )
    chosen = scale or card.scale
    factor, offset = factor_offset(chosen) if chosen else (math.nan, math.nan)
    share = 1.0 if social else card.marks(social=False) / card.marks()
    laid = scorecard_arrays(
        [item.kind == "category" for item in items], [_edges(item) for item in items],
        [np.arange(len(item.options)) for item in items], [_points(item) for item in items],
        (factor * share, offset * share),
    )  # fmt: skip
    return laid | {
        "calibration": np.array([0.0, 1.0]),
        "card_mean": np.array([sum(item.span) / 2.0 for item in items]),
        "low": np.array([0.0 if item.options else item.low for item in items]),
        "high": np.array([max(len(item.options) - 1.0, 0.0) or item.high for item in items]),
        "may_miss": np.array([not item.refers for item in items]),
    }


def _steps(item: Item) -> NDArray[np.float64]:
    """Values of directly awarded points."""
    count = round((item.high - item.low) / item.step) + 1
    return np.asarray(item.low + item.step * np.arange(count), dtype=np.float64)


def _edges(item: Item) -> NDArray[np.float64]:
    """Inner edges; between the steps of directly awarded points, so that rounding is harmless."""
    if item.kind == "direct":
        return _steps(item)[1:] - item.step / 2.0
    return np.array([entry.low for entry in item.bins[1:]], dtype=np.float64)


def _points(item: Item) -> NDArray[np.float64]:
    """Points of each bin, the missing bin last."""
    if item.kind == "direct":
        return np.append(_steps(item), item.missing)
    return np.array([*(entry.points for entry in item.bins or item.options), item.missing])


def factor_offset(scale: MasterScale) -> tuple[float, float]:
    """Return factor and offset of a master scale.

    score = offset + factor ln((1 - PD) / PD) through both anchors.

    Parameters
    ----------
    scale : MasterScale
        Two anchors.

    Returns
    -------
    tuple of float
        Factor [point] and offset [point]; factor ln 2 is the points that double the odds.

    Notes
    -----
    Source: Siddiqi, Credit Risk Scorecards (2006): factor = PDO / ln 2, offset =
    score - factor ln(odds); here the second anchor stands in place of the PDO.

    Examples
    --------
    >>> from models.expert.card import Source
    >>> scale = MasterScale((620.0, 600.0), (1 / 101, 1 / 51), Source("", "memory"))
    >>> [round(number, 4) for number in factor_offset(scale)]
    [28.8539, 487.1229]
    """
    (high, low), (best, worst) = scale.points, scale.pd
    good = math.log1p(-best) - math.log(best)
    bad = math.log1p(-worst) - math.log(worst)
    factor = (high - low) / (good - bad)
    return factor, high - factor * good


def default_probability(scale: MasterScale, total: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the PD that a master scale states for totals.

    Parameters
    ----------
    scale : MasterScale
        Two anchors.
    total : (n,) float64
        Totals [point].

    Returns
    -------
    (n,) float64
        One-year PD [1] as the expert stated it.
    """
    from scipy.special import expit

    factor, offset = factor_offset(scale)
    return np.asarray(expit(-(total - offset) / factor))
