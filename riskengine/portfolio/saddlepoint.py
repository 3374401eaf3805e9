"""Far tail of a finite book by the saddlepoint: a quick check on exact laws and simulation.

Given the factor debts default independently, and the tail of their sum is that of
`riskengine.kernels.saddlepoint`; the factor is integrated in panels that follow the step
of the conditional tail.  Errors are some 0.01 to 0.1 % on a lattice.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from riskengine.kernels.normal import normal_cdf
from riskengine.kernels.saddlepoint import (
    saddlepoint,
    tail_probability,
    tail_rows,
    tilted_chance,
)
from riskengine.portfolio.columns import column_table, finite, within
from riskengine.portfolio.exposures import BookError, Column
from riskengine.portfolio.panels import legendre
from riskengine.words import Text

FARTHEST = 38.0
"""State of the factor beyond which there is no probability left in floating point."""
REACH = 9.0
"""Widths of the conditional step, and standard deviations of the factor, that are followed."""


@dataclass(frozen=True, slots=True)
class TailCauses:
    """Who causes a large loss of independent debts.

    Parameters
    ----------
    argument : float
        Saddlepoint t [1/unit].
    expected_loss : (n,) float64
        About E[L_i | L = x] [unit]: loss on default times the tilted chance; the sum is x.
    """

    argument: float
    expected_loss: Column


def independent_tail(
    loss_on_default: ArrayLike, default_chance: ArrayLike, loss: float, *, span: float = 0.0
) -> float:
    """Chance that independent debts lose at least so much: NUM-SP of the notes.

    Parameters
    ----------
    loss_on_default : array-like
        Loss of each debt on default [any unit], >= 0.
    default_chance : array-like
        Chance of default [1], in [0, 1].
    loss : float
        x [unit], any.
    span : float
        Distance of possible losses [unit]: 1 for whole units; 0 for losses anywhere.  On a
        lattice it must be given: without it the chance is 30 to 40 % too small in the tail.

    Returns
    -------
    float
        P(L >= x) [1].

    Raises
    ------
    BookError
        If an argument is out of range, or a loss is no multiple of the span.

    Examples
    --------
    >>> round(independent_tail([1.0] * 200, 0.05, 20.0, span=1.0), 12)
    0.002665117785
    """
    sizes, chances = _debts(loss_on_default, default_chance, span)[:2]
    return float(tail_probability(sizes, chances, float(finite("loss", loss)), span))


def one_factor_tail(
    loss_on_default: ArrayLike, default_chance: ArrayLike, correlation: ArrayLike, loss: float,
    *, span: float = 0.0,
) -> float:  # fmt: skip
    """Chance that a finite one-factor book loses at least so much.

    Parameters
    ----------
    loss_on_default : array-like
        Loss of each debt on default [any unit], >= 0.
    default_chance : array-like
        PD [1], in [0, 1].
    correlation : array-like
        Asset correlation [1], in [0, 1).
    loss : float
        x [unit], any.
    span : float
        As `independent_tail`.

    Returns
    -------
    float
        P(L >= x) [1].

    Raises
    ------
    BookError
        If an argument is out of range, or a loss is no multiple of the span.

    Examples
    --------
    >>> round(one_factor_tail([1.0] * 100, 0.01, 0.2, 16.0, span=1.0), 5)
    0.00119
    """
    from scipy.special import ndtr, ndtri

    sizes, chance, rho = _debts(loss_on_default, default_chance, span, correlation)
    x = float(finite("loss", loss))
    threshold, load, root = ndtri(chance), np.sqrt(rho), np.sqrt(1.0 - rho)
    if not np.any((load > 0.0) & np.isfinite(threshold)):
        return float(tail_probability(sizes, chance, x, span))

    def given(z: Column | float) -> Column:
        """Chances of default, one row a state."""
        states = np.atleast_1d(np.asarray(z, dtype=np.float64))[:, None]
        found: Column = ndtr((threshold - load * states) / root)
        return found

    middle, width = _step(sizes, given, x)
    edges = _edges(middle, width)
    z, mass = legendre(edges, 8, normal=True)
    tails = np.empty(z.size)
    tail_rows(sizes, np.ascontiguousarray(given(z)), x, span, tails)
    ends = np.empty(1)
    tail_rows(sizes, np.ascontiguousarray(given(edges[0])), x, span, ends)
    return min(float(mass @ tails) + float(ends[0]) * float(normal_cdf(edges[0])), 1.0)


def tail_causes(loss_on_default: ArrayLike, default_chance: ArrayLike, loss: float) -> TailCauses:
    """Expected loss of each independent debt, given their sum.

    Parameters
    ----------
    loss_on_default : array-like
        Loss of each debt on default [any unit], >= 0.
    default_chance : array-like
        Chance of default [1], in [0, 1].
    loss : float
        x [unit], strictly between the least and the largest possible loss.

    Returns
    -------
    TailCauses
        Parts that add up to x.

    Raises
    ------
    BookError
        If an argument is out of range.

    Examples
    --------
    >>> tail_causes([1.0, 3.0], [0.1, 0.1], 2.0).expected_loss.round(4).tolist()
    [0.2086, 1.7914]
    """
    given = column_table(loss_on_default=loss_on_default, default_chance=default_chance)
    sizes = within("loss_on_default", given[0], 0.0, np.inf)
    chances = within("default_chance", given[1], 0.0, 1.0)
    some = sizes > 0.0
    t = float(saddlepoint(sizes[some], chances[some], float(finite("loss", loss))))
    if np.isnan(t):
        raise BookError(
            Text("损失超出可能范围", "the loss is not between the least and the largest"),
            Text("请检查损失", "check the loss"),
        )
    tilted = [tilted_chance(q, t * v) for v, q in zip(sizes, chances, strict=True)]
    return TailCauses(t, sizes * np.array(tilted))


def _debts(
    loss_on_default: ArrayLike, default_chance: ArrayLike, span: float, correlation: ArrayLike = 0.0
) -> tuple[Column, Column, Column]:
    """Columns of the debts that can lose anything."""
    sizes, chances, rho = column_table(
        loss_on_default=loss_on_default, default_chance=default_chance, correlation=correlation
    )
    within("loss_on_default", sizes, 0.0, np.inf)
    within("default_chance", chances, 0.0, 1.0)
    within("correlation", rho, 0.0, 1.0)
    within("1 - correlation", 1.0 - rho, 0.0, 1.0, low_end=False)
    step = float(within("span", np.atleast_1d(finite("span", span)), 0.0, np.inf)[0])
    if step > 0.0:
        units = sizes / step
        if not np.allclose(units, np.round(units), rtol=0.0, atol=1e-9):
            raise BookError(
                Text("损失不是步长的整数倍", "a loss is no multiple of the span"),
                Text("请先取整到格点", "round losses to the lattice first"),
            )
    some = sizes > 0.0
    return tuple(np.ascontiguousarray(row[some]) for row in (sizes, chances, rho))  # type: ignore[return-value]


def _step(sizes: Column, given: Callable[[float], Column], loss: float) -> tuple[float, float]:
    """State in which the mean loss is the loss, and the width of the step of the tail there."""
    from scipy.optimize import brentq

    def mean(z: float) -> float:
        return float(given(z)[0] @ sizes) - loss

    if mean(FARTHEST) >= 0.0 or mean(-FARTHEST) <= 0.0:
        return 0.0, 1.0
    middle = float(brentq(mean, -FARTHEST, FARTHEST, xtol=1e-10))
    q = given(middle)[0]
    slope = (mean(middle + 1e-5) - mean(middle - 1e-5)) / 2e-5
    spread = float(np.sqrt(np.sum(sizes * sizes * q * (1.0 - q))))
    return middle, min(max(spread / max(-slope, 1e-300), 1e-6), 1.0)


def _edges(middle: float, width: float) -> Column:
    """Ends of panels: fine around the step, none wider than half a deviation."""
    inner = middle + width * np.arange(-REACH, REACH + 0.5, 0.5 if width > 0.5 else 1.0)
    low, high = min(inner[0], -REACH if width >= 0.5 else inner[0]), max(inner[-1], REACH)
    below = np.linspace(low, inner[0], int(np.ceil((inner[0] - low) / 0.5)) + 1)[:-1]
    above = np.linspace(inner[-1], high, int(np.ceil((high - inner[-1]) / 0.5)) + 1)[1:]
    return np.concatenate([below, inner, above])
