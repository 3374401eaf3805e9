"""Losses of single names given the factors, drawn where they add up to a large loss.

In a scenario whose mean loss falls short of the target, names are drawn with raised chances,
all by one exponential tilt that makes the target the mean; what else the book loses is a
normal that the same tilt would move, but it is never drawn.  Half the scenarios are drawn
as they are, so that likelihood ratios stay bounded.  Faces of `riskengine.kernels.name_loss`:
the same bits for any number of threads and any chunk of scenarios.

Source: Glasserman & Li, Management Science 51 (2005) 1643, 3; Hesterberg, Technometrics 37
(1995) 185 (defensive mixture); credit notes 4.5.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from riskengine.kernels.name_loss import name_losses
from riskengine.portfolio.conditional import Prepared, in_order, shared
from riskengine.portfolio.exposures import Column
from riskengine.portfolio.scenarios import Scenarios, generator

UNTILTED = 0.5
"""Share of scenarios whose names are drawn as they are: no ratio exceeds its inverse.

Tails could do with less, at twice the variance of what lies before them."""


@dataclass(frozen=True, slots=True)
class Draws:
    """How the names of a block of scenarios are drawn.

    Parameters
    ----------
    seed, block : int
        Key of the draws.
    rest : (s, 2) float64 or None
        Mean [yuan] and variance [yuan^2] of what else the book loses; None for nothing.
    target_yuan : float
        Loss that names are tilted to [yuan]; minus infinity draws them as they are.
    """

    seed: int
    block: int
    rest: Column | None = None
    target_yuan: float = -math.inf


def drawn_losses(
    prepared: Prepared, scenarios: Scenarios, draws: Draws, threads: int = 1
) -> tuple[Column, Column]:
    """Draw every name in each scenario.

    Parameters
    ----------
    prepared : Prepared
        Cells of one name each.
    scenarios : Scenarios
        The scenarios.
    draws : Draws
        Key and tilt.
    threads : int
        Threads, >= 1.

    Returns
    -------
    losses : (s,) float64
        Losses of all names [yuan].
    ratios : (s,) float64
        Likelihood ratios [1], on top of the weights of the scenarios; 1 without a tilt.
    """
    out = np.empty((2, scenarios.size))
    _draw(prepared, scenarios, draws, np.empty((0, scenarios.size)), out, threads)
    return out[0], out[1]


def drawn_sums(
    prepared: Prepared, scenarios: Scenarios, draws: Draws, first: Column, threads: int = 1
) -> Column:
    """Weighted sums over scenarios of what each name loses.

    Parameters
    ----------
    prepared, scenarios, draws, threads : see `drawn_losses`
        The same names are drawn.
    first : (k, s) float64
        Weights of the scenarios, likelihood ratios of names included, k of them at once.

    Returns
    -------
    (k, c) float64
        Sums, in the order of the cells.
    """
    return _draw(prepared, scenarios, draws, first, np.empty((2, scenarios.size)), threads)


def _draw(
    prepared: Prepared, scenarios: Scenarios, draws: Draws, first: Column,
    out: Column, threads: int,
) -> Column:  # fmt: skip
    keys = stream_keys(scenarios.size, draws.seed, draws.block)
    shape = (len(first), prepared.order.size)
    aim = np.zeros((scenarios.size, 4))
    if draws.rest is not None:
        aim[:, :2] = draws.rest
    aim[:, 2:] = draws.target_yuan, UNTILTED

    def part(chunk: slice) -> Column:
        sums = np.zeros(shape)
        name_losses(
            *prepared.tables, *prepared.common(scenarios.factors[chunk]),
            scenarios.mixing[chunk], keys[chunk], aim[chunk], first[:, chunk],
            out[:, chunk], sums,
        )  # fmt: skip
        return sums

    return in_order(prepared, shape, shared(part, scenarios.size, threads))


def stream_keys(size: int, seed: int, block: int) -> NDArray[np.uint64]:
    """Keys of the draws of names, one a scenario.

    Parameters
    ----------
    size : int
        Number of scenarios.
    seed, block : int
        Key of the run and of the block.

    Returns
    -------
    (size,) uint64
        Keys.
    """
    return generator(seed, 2, block).integers(0, 2**64, size=size, dtype=np.uint64)
