"""Widths from errors forward in time: by group, thin groups drawn to all, or by likeness."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri, stdtrit

from models.price.credible import credible_means
from models.price.deals import Deals
from models.price.forward import Errors
from models.price.hedonic import huber
from models.price.settings import PriceSettings
from riskengine.kernels.conformal import group_quantiles, mixed_quantile
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


def levels(errors: Errors) -> tuple[Floats, Floats]:
    """How far whole groups lay off at each origin: the error of the level of prices.

    Parameters
    ----------
    errors : Errors
        Errors forward in time.

    Returns
    -------
    tuple of float64
        (k,) the level error behind each deal, and (cells,) that of every group, origin
        and period ahead [log]; means of few deals are drawn to none by credibility.
    """
    cells = np.stack([errors.group, errors.origin, errors.ahead])
    _, label = np.unique(cells, axis=1, return_inverse=True)
    label = label.reshape(-1).astype(np.int64)
    left = errors.y - errors.logs[0]
    middle = float(np.median(left))
    pulled = middle + (left - middle) * huber(left)
    count = int(label.max()) + 1
    _, factor, _ = credible_means(pulled, label, count)
    means = np.bincount(label, weights=pulled, minlength=count) / np.bincount(label)
    level = factor * means
    return level[label], level


def level_offsets(
    errors: Errors, groups: int, full: int, coverage: float, one_sided: float
) -> tuple[Floats, Floats]:
    """Conformal widths in which the level of prices errs anew.

    Deals of one year share the error of its level, so that a few origins tell little of
    it however many deals they hold.  Each deal's own error is therefore met with the
    level errors of all groups and origins, up and down alike, longer by t / z: a spread
    known from K draws about nothing gives a new draw Student's distribution with K
    degrees of freedom, not the normal one.

    Parameters
    ----------
    errors : Errors
        Errors forward in time.
    groups, full : int
        As `offsets`.
    coverage, one_sided : float
        Coverage of the interval and of the lower bound, in (0, 1).

    Returns
    -------
    tuple of (groups + 1,) float64
        Widths of the interval and of the lower bound [log].
    """
    own, level = levels(errors)
    end, draws = 0.5 + 0.5 * coverage, np.unique(errors.origin).size
    level = level * float(stdtrit(draws, end) / ndtri(end))
    shifts = np.concatenate([level, -level])
    price = (errors.y - own)[:, None] + shifts
    _, low, high, drop = errors.logs[:, :, None]
    told = (
        (np.maximum(low - price, price - high), coverage), (low + drop - price, one_sided)
    )  # fmt: skip
    found = []
    for scores, wanted in told:
        parent = np.sort(scores, axis=None)
        out = np.empty(groups + 1)
        for g in range(groups + 1):
            rows = errors.group == g if g < groups else np.ones(errors.y.size, dtype=bool)
            size = max(int(rows.sum()), full)
            out[g] = mixed_quantile(
                np.sort(scores[rows], axis=None), parent, float(full * shifts.size),
                wanted * (size + 1.0) / size,
            )  # fmt: skip
        found.append(out)
    return found[0], found[1]


def left_out_cover(errors: Errors, groups: int, full: int, coverage: float) -> Floats:
    """Cover of each origin's deals by widths made of the other origins alone.

    How far it swings is what a reader may expect of the next period: deals of one
    period share the error of its level.

    Parameters
    ----------
    errors : Errors
        Errors forward in time.
    groups, full : int
        As `offsets`.
    coverage : float
        Coverage, in (0, 1).

    Returns
    -------
    (origins, groups + 1) float64
        Cover by origin and group, last of all; NaN without deals, or with one origin.
    """
    origins = np.unique(errors.origin)
    found = np.full((origins.size, groups + 1), np.nan)
    for k, origin in enumerate(origins if origins.size > 1 else ()):
        held = errors.origin == origin
        wide, _ = level_offsets(errors.take(~held), groups, full, coverage, coverage)
        inside = errors.interval[held] <= wide[errors.group[held]]
        for g in range(groups):
            own = errors.group[held] == g
            found[k, g] = inside[own].mean() if own.any() else np.nan
        found[k, groups] = inside.mean()
    return found


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
    both = level_offsets(errors, groups, settings.full, settings.coverage, settings.one_sided)
    for name, scores, level, own in (
        ("interval", errors.interval, settings.coverage, both[0]),
        ("bound", errors.bound, settings.one_sided, both[1]),
    ):
        plain = offsets(scores, errors.group, groups, settings.full, level)
        found[f"{name}_offset"] = own if settings.level_error else plain
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
