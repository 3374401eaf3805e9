"""A card as the arrays of a released scorecard, and its points for many cases."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.expert.card import Card, Item, MasterScale
from riskengine.errors import ModelError
from riskengine.learned.features import Feature
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
            item.field, "category", codes=codes, title=item.title, actionable=item.actionable
        )
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
        ``is_category`` (items,) bool; ``edges`` and ``edge_starts``; ``code_bins`` and
        ``code_starts``; ``points`` and ``point_starts``, the last bin of each item for a
        missing fact; ``scale`` (2,) [factor, offset], NaN where the card has no PD.  Without
        social items factor and offset shrink with the full marks, so that the PD is that
        of the points scaled up to them (`models.expert.score.score_card`).  So that it can
        be released as a model of default: ``calibration`` (2,) that changes nothing,
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
    codes = [np.arange(len(item.options)) for item in items]
    points = [_points(item) for item in items]
    edges = [_edges(item) for item in items]
    chosen = scale or card.scale
    factor, offset = factor_offset(chosen) if chosen else (math.nan, math.nan)
    share = 1.0 if social else card.marks(social=False) / card.marks()
    return {
        "is_category": np.array([item.kind == "category" for item in items]),
        "edges": np.concatenate(edges), "edge_starts": _starts(edges),
        "code_bins": np.concatenate(codes).astype(np.int64), "code_starts": _starts(codes),
        "points": np.concatenate(points), "point_starts": _starts(points),
        "scale": np.array([factor * share, offset * share]), "calibration": np.array([0.0, 1.0]),
        "low": np.array([0.0 if item.options else item.low for item in items]),
        "high": np.array([max(len(item.options) - 1.0, 0.0) or item.high for item in items]),
        "may_miss": np.array([not item.refers for item in items]),
    }  # fmt: skip


def _starts(parts: Sequence[NDArray[Any]]) -> NDArray[np.int64]:
    """Where each part begins, and where the last ends."""
    return np.cumsum([0, *(part.size for part in parts)], dtype=np.int64)


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


def points_of(arrays: Arrays, x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the points of each item.

    Parameters
    ----------
    arrays : dict of str to array
        As `to_scorecard_arrays`.
    x : (items, n) float64
        Facts [unit of each item]; NaN is missing.

    Returns
    -------
    (items, n) float64
        Points [point].
    """
    out = np.empty_like(x)
    for k, row in enumerate(x):
        points = arrays["points"][arrays["point_starts"][k] : arrays["point_starts"][k + 1]]
        edges = arrays["edges"][arrays["edge_starts"][k] : arrays["edge_starts"][k + 1]]
        codes = arrays["code_bins"][arrays["code_starts"][k] : arrays["code_starts"][k + 1]]
        missing = np.isnan(row)
        if arrays["is_category"][k]:
            bins = codes[np.where(missing, 0, row).astype(np.int64)]
        else:
            bins = np.searchsorted(edges, row, side="right")
        out[k] = points[np.where(missing, points.size - 1, bins)]
    return out


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
