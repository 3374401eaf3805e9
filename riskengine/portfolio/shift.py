"""Where to draw scenarios: the most likely ways to a large loss.

A way is a point w of independent normals with the least |w| at which the mean loss of the
book reaches a target; there the gradient of the loss is parallel to w.  The target is the
VaR that a small pilot run finds; its first guess is the largest mean loss on the sphere
|w| = N^-1(level), which one factor alone would give exactly.  Books may have several ways (a
drought or a pig cycle): those nearly as likely as the best become components as well.

Where single names matter, no factor need be that bad: with them the best point is that of
the largest chance density times the bound of the chance of a large loss given the factors.

Source: Glasserman & Li, Management Science 51 (2005) 1643, 5; Glasserman, Heidelberger &
Shahabuddin, Math. Finance 9 (1999) 117; Hasofer & Lind, J. Eng. Mech. 100 (1974) 111 (most
likely failure point); credit notes 4.5.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy import optimize, special

from riskengine.portfolio.conditional import Prepared
from riskengine.portfolio.exposures import Column
from riskengine.portfolio.scenarios import Proposal, weights_at
from riskengine.portfolio.slopes import MeanLoss, TailBound

Loss = Callable[[Column], Column]

NOMINAL_SHARE = 0.1
"""Share drawn nominally: no weight exceeds its inverse."""
GAIN = 1.3
"""What three components must save in variance: choosing one costs a coordinate."""
MOST_MODES = 4
LEAST_LIKELIHOOD = 0.05
"""A way less likely than this, relative to the best, gets no component."""


@dataclass(frozen=True, slots=True)
class Ways:
    """Most likely ways to a loss.

    Parameters
    ----------
    points : (k, d) float64
        Independent normals [1], the likeliest first; none where factors do not matter.
    log_chance : (k,) float64
        Logarithms of the chance of a large loss that way [1], up to a constant.
    """

    points: Column
    log_chance: Column


def loss_at(prepared: Prepared, proposal: Proposal) -> MeanLoss:
    """Mean loss of a book as a function of independent normals.

    Parameters
    ----------
    prepared : Prepared
        The book.
    proposal : Proposal
        Holds the root of the correlation and the degrees of freedom.

    Returns
    -------
    callable
        From (k, d) points to (k,) mean losses [yuan].
    """
    return MeanLoss(prepared, proposal)


def gradients(loss: Loss, points: Column, step: float = 1e-4) -> Column:
    """Slopes of the loss: its own, or central differences along every coordinate.

    Parameters
    ----------
    loss : callable
        From (k, d) points to (k,) losses.
    points : (k, d) float64
        Where.
    step : float
        Half the width of a difference [1], > 0.

    Returns
    -------
    (k, d) float64
        Slopes [yuan].
    """
    if isinstance(loss, MeanLoss):
        return loss.slopes(points)
    size = points.shape[1]
    moves = step * np.vstack((np.eye(size), -np.eye(size)))
    values = loss((points[:, None, :] + moves).reshape(-1, size)).reshape(len(points), -1)
    found: Column = (values[:, :size] - values[:, size:]) / (2.0 * step)
    return found


def worst_directions(loss: Loss, starts: Column, radius: float) -> Column:
    """Directions in which the loss is locally largest at a distance.

    Parameters
    ----------
    loss : callable
        From (k, d) points to (k,) losses.
    starts : (k, d) float64
        Directions to start from, not 0.
    radius : float
        Distance [1], > 0.

    Returns
    -------
    (k, d) float64
        Unit vectors; fewer where the loss has no slope.

    Notes
    -----
    w <- radius x slope / |slope|, whose fixed points are the stationary points on the
    sphere; the loss is convex where it is large, and there every step raises it.
    """
    found: Column = starts / np.linalg.norm(starts, axis=1, keepdims=True)
    for _ in range(30):
        if not found.size:
            break
        slopes = gradients(loss, radius * found)
        length = np.linalg.norm(slopes, axis=1)
        before, found = found[length > 0.0], slopes[length > 0.0] / length[length > 0.0, None]
        settled = not found.size or np.max(np.abs(found - before)) < 3e-3
        found = _distinct(found)
        if settled:
            break
    return found


def _distinct(directions: Column) -> Column:
    """Drop directions that have come within two degrees of an earlier one."""
    near = np.tril(directions @ directions.T > 0.9994, -1)
    found: Column = directions[~near.any(axis=1)]
    return found


def distances(
    loss: Loss, directions: Column, target: float, farthest: float = 12.0, width: float = 1e-9
) -> Column:
    """How far the loss reaches a target along directions.

    Parameters
    ----------
    loss : callable
        From (k, d) points to (k,) losses.
    directions : (k, d) float64
        Unit vectors.
    target : float
        Loss [yuan].
    farthest : float
        Where to give up [1].
    width : float
        How closely to find it [1], > 0.

    Returns
    -------
    (k,) float64
        Distances [1], in [0, farthest].
    """
    low, high = np.zeros(len(directions)), np.full(len(directions), farthest)
    for _ in range(max(math.ceil(math.log2(farthest / width)), 1)):
        middle = 0.5 * (low + high)
        reached = loss(middle[:, None] * directions) >= target
        low, high = np.where(reached, low, middle), np.where(reached, middle, high)
    found: Column = high
    return found


def likeliest_ways(loss: Loss, directions: Column, target: float) -> Ways:
    """Find points of least length at which the loss reaches a target.

    Parameters
    ----------
    loss : callable
        From (k, d) points to (k,) losses.
    directions : (k, d) float64
        Unit vectors to start from.
    target : float
        Loss [yuan].

    Returns
    -------
    Ways
        Distinct ones, none much less likely than the best.
    """
    for _ in range(4):
        if not directions.size:
            return Ways(np.zeros((0, directions.shape[1])), np.zeros(0))
        radius = np.maximum(distances(loss, directions, target, width=1e-3), 0.05)
        slopes = gradients(loss, radius[:, None] * directions)
        length = np.linalg.norm(slopes, axis=1)
        directions = slopes[length > 0.0] / length[length > 0.0, None]
    radius = distances(loss, directions, target)
    order = np.argsort(radius, kind="stable")
    height, points = -0.5 * radius[order] ** 2, (radius[:, None] * directions)[order]
    kept = _apart(points, height)
    return Ways(points[kept], special.log_ndtr(-radius[order][kept]))


def _apart(points: Column, height: Column) -> list[int]:
    """Points in different directions, the highest first, none much lower than it."""
    length = np.maximum(np.linalg.norm(points, axis=1), 1e-12)
    directions = points / length[:, None]
    kept: list[int] = []
    for k in range(len(points)):
        apart = not kept or np.max(directions[kept] @ directions[k]) < 0.9
        near = not kept or np.exp(height[k] - height[kept[0]]) >= LEAST_LIKELIHOOD
        if apart and near and len(kept) < MOST_MODES:
            kept.append(k)
    return kept


def ways_with_names(bound: TailBound, starts: Column) -> Ways:
    """Find points of the largest density times the bound of the chance of a large loss.

    Parameters
    ----------
    bound : TailBound
        Of the book and the loss.
    starts : (k, d) float64
        Points to start from, such as those that `likeliest_ways` finds.

    Returns
    -------
    Ways
        Distinct ones, none much less likely than the best.
    """

    def against(point: Column) -> tuple[float, Column]:
        value, slopes = bound.at(point[None, :])
        return 0.5 * float(point @ point) - float(value[0]), point - slopes[0]

    if not len(starts):
        return Ways(starts, np.zeros(0))
    found = [
        optimize.minimize(
            against, start, jac=True, method="L-BFGS-B", options={"maxiter": 60, "ftol": 1e-6}
        )
        for start in starts
    ]
    found.sort(key=lambda each: float(each.fun))
    points, height = np.stack([each.x for each in found]), -np.array([each.fun for each in found])
    kept = _apart(points, height)
    return Ways(points[kept], height[kept])


def toward(proposal: Proposal, loss: Loss, ways: Ways, probes: Column) -> Proposal:
    """Draw around the likeliest ways, coordinates in the order of their say.

    Parameters
    ----------
    proposal : Proposal
        The nominal one.
    loss : callable
        From (k, d) points to (k,) losses.
    ways : Ways
        Centres; without any nothing is shifted.
    probes : (k, d) float64
        Standard normals at which slopes are taken, around the best way.

    Returns
    -------
    Proposal
        Components in proportion to the probability beyond each way, `NOMINAL_SHARE` nominal.
    """
    centre = ways.points[0] if len(ways.points) else np.zeros(proposal.dimension)
    length = float(np.linalg.norm(centre))
    points = centre + probes
    slopes = gradients(loss, points) / np.maximum(loss(points), 1e-300)[:, None]
    if length < 0.1:
        return replace(proposal, axes=_axes(slopes, np.zeros((proposal.dimension, 0))))
    beyond = np.exp(ways.log_chance - ways.log_chance[0])
    shares = (1.0 - NOMINAL_SHARE) * beyond / beyond.sum()
    axes = _axes(slopes, centre[:, None] / length)
    return replace(proposal, shifts=ways.points, shares=shares, axes=axes)


def widened(proposal: Proposal, points: Column, tail: Column) -> Proposal:
    """Cover a tail that is wider than the normal around its likeliest point.

    Where two sectors can each bring the loss about, the boundary of large losses is an arc:
    points far from its middle are likely enough, but a single normal seldom draws them and
    gives them large weights.  Then three components are placed along the axis of the
    largest spread, each at the mean of a third of the tail.

    Parameters
    ----------
    proposal : Proposal
        With one component.
    points : (s, d) float64
        Points of a pilot run [1].
    tail : (s,) float64
        Their likelihood ratios, 0 outside the tail.

    Returns
    -------
    Proposal
        The same where the wider one would not lower the variance by `GAIN`.

    Notes
    -----
    Source: cross-entropy method, Rubinstein & Kroese (2004), 5.
    """
    if proposal.shares.size != 1 or not tail.any():
        return proposal
    share = tail / tail.sum()
    left = points - share @ points
    _, vectors = np.linalg.eigh((left * share[:, None]).T @ left)
    order = np.argsort(points @ vectors[:, -1], kind="stable")
    third = np.minimum((3.0 * np.cumsum(share[order])).astype(np.int64), 2)
    held = np.bincount(third, share[order], minlength=3)
    if held.min() <= 0.0:  # one point holds more than a third: nothing to set apart
        return proposal
    centres = np.stack([
        share[order][third == k] @ points[order][third == k] / share[order][third == k].sum()
        for k in range(3)
    ])  # fmt: skip
    wider = replace(proposal, shifts=centres, shares=np.full(3, (1.0 - NOMINAL_SHARE) / 3.0))
    # Second moment of the tail estimate under each proposal, from the same points.
    gain = (tail @ weights_at(proposal, points)) / (tail @ weights_at(wider, points))
    return wider if gain > GAIN else proposal


def _axes(slopes: Column, first: Column) -> Column:
    """Complete an axis by those along which the slopes vary most, in that order."""
    left = slopes - (slopes @ first) @ first.T
    _, vectors = np.linalg.eigh(left.T @ left)
    every = np.hstack((first, vectors[:, ::-1]))
    axes, _ = np.linalg.qr(every)
    size = first.shape[1]
    axes[:, :size] *= np.sign(np.sum(axes[:, :size] * first, axis=0))
    found: Column = axes
    return found
