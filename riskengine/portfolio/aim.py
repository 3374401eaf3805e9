"""Where a run draws its scenarios: around the likeliest ways to VaR, found by pilot runs.

First for the mean loss given the factors; then, where single names matter, for what they
may lose on top: a large name needs no bad times to make a large loss.

Source: Glasserman & Li, Management Science 51 (2005) 1643, 5; credit notes 4.5.
"""

import math
from dataclasses import replace

import numpy as np
from scipy import special

from riskengine.portfolio.conditional import thresholds
from riskengine.portfolio.exposures import Column, FactorModel
from riskengine.portfolio.loss_law import LossLaw
from riskengine.portfolio.own_risk import NAMES_BLOCK, Part, Pilot, Treatment
from riskengine.portfolio.scenarios import Proposal, draw, draw_points, generator, weights_at
from riskengine.portfolio.shift import (
    likeliest_ways,
    loss_at,
    toward,
    ways_with_names,
    widened,
    worst_directions,
)
from riskengine.portfolio.slopes import TailBound

PILOT = 2048
PILOT_BLOCK = 2**32 - 1
"""Blocks of runs are numbered from 0; the pilot takes the last number."""
ROUNDS = 3
"""Times that VaR and the points it is drawn around are found from each other."""


def aimed(
    part: Part, model: FactorModel, proposal: Proposal, level: float, seed: int,
    target: float | None,
) -> Proposal:  # fmt: skip
    """Draw around the likeliest ways of the mean loss to VaR, or to a given loss.

    Parameters
    ----------
    part : Part
        The book in cells.
    model : FactorModel
        The factors.
    proposal : Proposal
        The nominal one.
    level : float
        Level of VaR [1].
    seed : int
        Seed of the run.
    target : float or None
        Loss to draw around [yuan]; None takes VaR.

    Returns
    -------
    Proposal
        The nominal one where no factor moves the loss.
    """
    loss = loss_at(part.prepared, proposal)
    radius = -float(thresholds(np.array([1.0 - level]), math.inf)[0])
    probes = _probes(proposal, seed)
    slopes_at = starting_directions(part, model, proposal.dimension)
    directions = worst_directions(loss, slopes_at, max(radius, 0.5))
    if not len(directions):
        return proposal
    first = target if target is not None else float(loss(radius * directions).max())
    found = toward(proposal, loss, likeliest_ways(loss, directions, first), probes)
    pilot = draw_points(found, PILOT, seed=seed, block=PILOT_BLOCK)
    lost, weights = loss(pilot), weights_at(found, pilot)
    if target is None:
        law = LossLaw(lost[None, :], np.zeros((1, PILOT)), weights[None, :])
        first = law.value_at_risk(level).value
        found = toward(proposal, loss, likeliest_ways(loss, directions, first), probes)
        pilot = draw_points(found, PILOT, seed=seed, block=PILOT_BLOCK)
        lost, weights = loss(pilot), weights_at(found, pilot)
    return widened(found, pilot, weights * (lost > first))


def aimed_with_names(
    proposal: Proposal, treatment: Treatment, held: Pilot, target: float | None, threads: int
) -> tuple[Proposal, Treatment]:
    """Draw around the likeliest ways of the whole loss, names included, and tilt names to it.

    Parameters
    ----------
    proposal : Proposal
        Around the likeliest ways of the mean loss.
    treatment : Treatment
        How single names enter.
    held : Pilot
        The book.
    target : float or None
        Loss to draw around [yuan]; None takes VaR.
    threads : int
        Threads, >= 1.

    Returns
    -------
    tuple of Proposal and Treatment
        The same where names do not enter.
    """
    if treatment.kind == "none":
        return proposal, treatment
    at = held.tail()[0] if target is None else target
    nominal = replace(proposal, shifts=proposal.shifts[:0], shares=proposal.shares[:0])
    loss, starts = loss_at(held.part.prepared, nominal), proposal.shifts
    rest, drawn = (None if x is None else x.prepared for x in (treatment.rest, treatment.drawn))
    for _ in range(ROUNDS):
        treatment = replace(treatment, target_yuan=at)
        ways = ways_with_names(TailBound(rest, drawn, nominal, at), starts)
        if len(starts):
            proposal = toward(nominal, loss, ways, _probes(nominal, held.seed))
        pilot = draw(proposal, PILOT // 2, seed=held.seed, block=PILOT_BLOCK)
        mean, spread, weights, _ = treatment.losses(pilot, held.seed, NAMES_BLOCK, threads)
        law = LossLaw(mean[None, :], spread[None, :], weights[None, :])
        if target is not None:
            break
        before, at = at, law.value_at_risk(held.level).value
        if abs(at - before) <= 0.01 * abs(at):
            break
    beyond = special.ndtr((mean - at) / np.maximum(spread, 1e-300))
    points = draw_points(proposal, PILOT // 2, seed=held.seed, block=PILOT_BLOCK)
    return widened(proposal, points, weights * beyond), replace(treatment, target_yuan=at)


def _probes(proposal: Proposal, seed: int) -> Column:
    return generator(seed, 3, 0).standard_normal((32, proposal.dimension))


def starting_directions(part: Part, model: FactorModel, size: int) -> Column:
    """Directions to search from: all segments falling together, and the heaviest alone.

    Parameters
    ----------
    part : Part
        The book in cells.
    model : FactorModel
        The factors.
    size : int
        Number of independent normals.

    Returns
    -------
    (k, size) float64
        Directions, not 0.
    """
    cells = part.compression.cells
    weight = np.bincount(cells.segment, cells.scale_yuan, len(model.segments))
    falls = np.zeros((len(model.segments), size))
    count = len(model.factors)
    falls[:, :count] = -(model.default_loadings + model.sale_loadings) @ model.root
    if size > count:
        falls[:, count] = -1.0
    heaviest = np.argsort(-weight, kind="stable")[:8]
    starts = np.vstack((weight @ falls, falls[heaviest]))
    found: Column = starts[np.linalg.norm(starts, axis=1) > 0.0]
    return found
