"""Widths from errors forward in time: by group, thin groups drawn to all, or by likeness."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.price.deals import Deals
from models.price.forward import Errors
from models.price.settings import PriceSettings
from riskengine.kernels.conformal import group_quantiles
from riskengine.kernels.similar import nearest_rows

Floats = NDArray[np.float64]
Arrays = dict[str, NDArray[Any]]


def offsets(
    scores: Floats, group: NDArray[np.int64], groups: int, full: int, level: float
) -> Floats:
    """Conformal width of every group.

    Parameters
    ----------
    scores : (n,) float64
        Scores [log].
    group : (n,) int64
        Group of each; -1 counts for all alone.
    groups : int
        Number of groups.
    full : int
        Scores with which a group stands alone; below it the others lend it weight.
    level : float
        Coverage, in (0, 1).

    Returns
    -------
    (groups + 1,) float64
        Widths [log], the last for all together; infinite with too few scores.
    """
    order = np.lexsort((scores, group))
    ordered, label = scores[order], group[order]
    out = np.empty(groups + 1)
    starts = np.searchsorted(label, np.arange(groups + 1)).astype(np.int64)
    group_quantiles(np.ascontiguousarray(ordered), starts, float(full), level, out)
    return out


def scales(deals: Deals, x: Floats) -> Floats:
    """Differences that count 1 in likeness: the span of the middle nine tenths, 0 for categories.

    Parameters
    ----------
    deals : Deals
        Deals, for the kinds of their facts.
    x : (features, n) float64
        Facts, with the level of the place where there is one.

    Returns
    -------
    (features,) float64
        Scales [unit of the fact].
    """
    out = np.zeros(x.shape[0])
    for k, row in enumerate(x):
        known = row[~np.isnan(row)]
        if k < len(deals.features) and deals.features[k].kind == "category":
            continue
        low, high = np.quantile(known, [0.05, 0.95]) if known.size else (0.0, 1.0)
        out[k] = high - low if high > low else max(float(np.ptp(known)), 1.0)
    return out


def width_arrays(
    errors: Errors, x: Floats, deals: Deals, settings: PriceSettings, seed: int
) -> Arrays:
    """Return the tables of widths of a release.

    Parameters
    ----------
    errors : Errors
        Errors forward in time.
    x : (features, n) float64
        Facts of the deals that `errors.row` points into, with the level of the place.
    deals : Deals
        Those deals.
    settings : PriceSettings
        Coverage, groups, likeness.
    seed : int
        Of the deals kept for likeness.

    Returns
    -------
    dict of str to array
        As `riskengine.learned.price_parts.widths` reads them.
    """
    groups = len(deals.groups)
    found: Arrays = {}
    for name, scores, level in (
        ("interval", errors.interval, settings.coverage),
        ("bound", errors.bound, settings.one_sided),
    ):
        found[f"{name}_offset"] = offsets(scores, errors.group, groups, settings.full, level)
        if settings.intervals == "local":
            kept = _some(scores.size, 4 * settings.points, seed)
            kept = kept[np.argsort(scores[kept], kind="stable")]
            found |= {
                f"{name}_scores": scores[kept], f"{name}_groups": errors.group[kept],
                f"{name}_points": np.ascontiguousarray(x[:, errors.row[kept]]),
                f"{name}_level": np.array([level]),
            }  # fmt: skip
    if settings.intervals == "local":
        found["local_scale"] = scales(deals, x)
        found["local_reach"] = np.array([settings.bandwidth, settings.apart])
    return found


def support_arrays(x: Floats, deals: Deals, settings: PriceSettings, seed: int) -> Arrays:
    """Return what tells whether a row lies outside the data.

    Parameters
    ----------
    x : (features, n) float64
        Facts of the training deals, with the level of the place.
    deals : Deals
        Those deals.
    settings : PriceSettings
        Neighbour, share of like rows that may be left out, deals kept.
    seed : int
        Of the deals kept.

    Returns
    -------
    dict of str to array
        Ranges; and, where asked for, deals kept and the distance to the `near`-th
        nearest that all but `far_share` of the other deals do not exceed: the
        conformal rank, so that a new deal like these is left out no more often.
    """
    found: Arrays = {
        "low": np.nanmin(x, axis=1), "high": np.nanmax(x, axis=1),
        "may_miss": np.isnan(x).any(axis=1),
    }  # fmt: skip
    if settings.far_share == 0.0:
        return found
    kept = np.zeros(x.shape[1], dtype=bool)
    kept[_some(x.shape[1], min(settings.points, max(x.shape[1] // 2, 1)), seed)] = True
    points, rest = (np.ascontiguousarray(x[:, rows]) for rows in (kept, ~kept))
    scale, far = scales(deals, x), np.zeros(rest.shape[1])
    nearest_rows(rest, np.ones(far.size, dtype=bool), points, scale, settings.near, False, far)
    limit = offsets(far, np.zeros(far.size, dtype=np.int64), 0, 0, 1.0 - settings.far_share)[-1]
    return found | {
        "support_points": points, "support_scale": scale,
        "support_near": np.array([settings.near], dtype=np.int64),
        "support_limit": np.array([limit]),
    }  # fmt: skip


def _some(size: int, most: int, seed: int) -> NDArray[np.int64]:
    """Positions of at most so many of so many, in order."""
    if size <= most:
        return np.arange(size)
    return np.sort(np.random.default_rng(seed).choice(size, most, replace=False))
