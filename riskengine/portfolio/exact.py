"""Exact law of the loss of a book whose names are independent once one factor is known.

Name i defaults when sqrt(rho_i) Y + sqrt(1 - rho_i) e_i <= N^-1(PD_i); the factor Y is
standard normal, low is bad.  Given Y = y the loss is a sum of independent losses, whose
law is built name by name on a lattice; the laws are mixed over y by Gauss-Legendre panels
that are as narrow as the conditional loss moves fast.  Fixed Gauss-Hermite nodes would miss
the steps of a large book.

Source: Andersen, Sidenius & Basu, Risk 16(11) (2003) 67; credit notes 4.2.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import ArrayLike
from scipy.fft import next_fast_len
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

from riskengine.kernels.exact_loss import mixed_law
from riskengine.kernels.loss_shares import mixed_shares
from riskengine.portfolio.columns import finite_column
from riskengine.portfolio.exposures import Column, refused
from riskengine.portfolio.lattice import Index, LossLaw, dispersed, room
from riskengine.portfolio.measures import Measures
from riskengine.portfolio.panels import PANEL_NODES, REACH, legendre

NEGLIGIBLE = 1e-60
"""Ends of conditional laws below this are dropped."""
BEYOND = 1e-20
"""A state in which the loss passes VaR, or stays below, with less chance has no share to find."""
BLOCK = 8
"""States of the world in one piece of work: fixed, so that sums do not depend on threads."""
TILTED = 1e-12
"""Probabilities of a tilted law below this share of its highest are rounding."""
PANEL_WIDTHS = 5.0
"""A panel spans 5 standard widths of the conditional step: about 1e-14 with 16 nodes."""


@dataclass(frozen=True, slots=True)
class Mixture:
    """Cells of names that are independent in each state of the world.

    Parameters
    ----------
    chances : (m, n) float64
        PD in each state [1], in [0, 1].
    loss_yuan : (m or 1, n) float64
        Loss of one name on default in each state, or in all [yuan], >= 0.
    weights : (m,) float64
        Weights of the states [1], >= 0, adding up to 1.
    counts : (n,) int64
        Names in each cell [1], >= 0.
    """

    chances: Column
    loss_yuan: Column
    weights: Column
    counts: Index

    def __post_init__(self) -> None:
        """Refuse what is no mixture."""
        states, cells = self.chances.shape
        if self.loss_yuan.shape not in {(states, cells), (1, cells)} or not cells:
            raise refused("loss_yuan", "形状不符", "needs one row, or one for each state")
        if self.weights.shape != (states,) or self.counts.shape != (cells,):
            raise refused("weights", "形状不符", "need one weight a state and one count a cell")
        if not np.all((self.chances >= 0.0) & (self.chances <= 1.0)):
            raise refused("chances", "应在0到1之间", "must be in [0, 1]")
        if not np.all(self.weights >= 0.0) or abs(float(np.sum(self.weights)) - 1.0) > 1e-9:
            raise refused("weights", "应非负且合计为1", "must be >= 0 and add up to 1")
        if np.any(self.counts < 0):
            raise refused("counts", "不得为负", "must not be negative")


@dataclass(frozen=True, slots=True)
class Shares:
    """Who causes VaR and ES: Euler contributions of cells.

    Parameters
    ----------
    measures : Measures
        VaR, ES and capital of the book [yuan].
    value_at_risk, expected_shortfall : (n,) float64
        E[L_i | L = VaR], and the share in ES with the atom at VaR split alike [yuan]; each
        adds up to the measure of the book.
    """

    measures: Measures
    value_at_risk: Column
    expected_shortfall: Column


def one_factor(
    default_chance: ArrayLike, correlation: ArrayLike, loss_yuan: ArrayLike, *,
    counts: ArrayLike | None = None,
) -> Mixture:  # fmt: skip
    """Mixture of a book that one normal factor moves.

    Parameters
    ----------
    default_chance : (n,) array-like
        PD [1], in [0, 1].
    correlation : (n,) array-like or float
        Asset correlation rho of each name with its like [1], in [0, 1).
    loss_yuan : (n,) array-like
        Loss of one name on default [yuan], >= 0.
    counts : (n,) array-like of int, or None
        Names in each cell; None takes one.

    Returns
    -------
    Mixture
        States along the factor, as many as the book needs.

    Raises
    ------
    BookError
        If a column is out of range.

    Examples
    --------
    >>> book = one_factor([0.05, 0.04], 0.15, [1.0, 2.0])
    >>> law = mixture_law(book, 1.0)
    >>> round(law.expected, 12)
    0.13
    """
    pd, loss = (
        finite_column("default_chance", default_chance),
        finite_column("loss_yuan", loss_yuan),
    )
    if np.any((pd < 0.0) | (pd > 1.0)):
        raise refused("default_chance", "应在0到1之间", "must be in [0, 1]")
    given = np.asarray(correlation, dtype=np.float64)
    rho = finite_column("correlation", np.full(pd.size, given) if given.ndim == 0 else given)
    if np.any((rho < 0.0) | (rho >= 1.0)):
        raise refused("correlation", "应在[0, 1)之间", "must be in [0, 1)")
    if not pd.size or loss.size != pd.size or rho.size != pd.size or np.any(loss < 0.0):
        raise refused("loss_yuan", "列长不一或为负", "must be >= 0, and columns of one length")
    number = _counted(counts, pd.size)
    threshold = ndtri(pd)
    nodes, weights = _nodes(threshold, rho, loss, number)
    return Mixture(conditional_chances(threshold, rho, nodes), loss[None, :], weights, number)


def conditional_chances(threshold: Column, correlation: Column, factor: Column) -> Column:
    """PD of every name in every state of the factor.

    Parameters
    ----------
    threshold : (n,) float64
        N^-1(PD) [1].
    correlation : (n,) float64
        Asset correlation [1], in [0, 1).
    factor : (m,) float64
        Factor, low is bad [1].

    Returns
    -------
    (m, n) float64
        PD [1].
    """
    found: Column = ndtr(
        (threshold - np.sqrt(correlation) * factor[:, None]) / np.sqrt(1.0 - correlation)
    )
    return found


def mixture_law(book: Mixture, step_yuan: float, *, threads: int = 1) -> LossLaw:
    """Law of the loss, name by name.

    Parameters
    ----------
    book : Mixture
        The book.
    step_yuan : float
        Width of a step [yuan], > 0.
    threads : int
        Threads; the law does not depend on them.

    Returns
    -------
    LossLaw
        Its law.

    Raises
    ------
    BookError
        If the step is out of range or too fine.

    Notes
    -----
    All terms are positive: far tails keep their digits.
    """
    places, parts = dispersed(book.loss_yuan, step_yuan)
    size = room(places, parts, book.counts)
    order = _order(book)

    def work(start: int) -> Column:
        rows = slice(start, start + BLOCK)
        own = rows if places.shape[0] > 1 else slice(None)
        out = np.empty(size)
        mixed_law(
            np.ascontiguousarray(book.chances[rows, order]), places[own, order].copy(),
            parts[own, order].copy(), book.counts[order], book.weights[rows], NEGLIGIBLE, out,
        )  # fmt: skip
        return out

    found = _summed(work, book.weights.size, threads)
    total = max(int(np.flatnonzero(found)[-1]) + 1, 1)
    return LossLaw(step_yuan, found[:total] / np.sum(book.weights))


def euler(book: Mixture, step_yuan: float, level: float, *, threads: int = 1) -> Shares:
    """Contributions of cells to VaR and ES: what each name adds where the book loses so much.

    Parameters
    ----------
    book : Mixture
        The book.
    step_yuan : float
        Width of a step [yuan], > 0.
    level : float
        Confidence level [1], in (0, 1).
    threads : int
        Threads; the answer does not depend on them.

    Returns
    -------
    Shares
        Contributions of cells [yuan].

    Raises
    ------
    BookError
        If step or level is out of range.
    """
    law = mixture_law(book, step_yuan, threads=threads)
    found = law.measures(level)
    at = round(found.value_at_risk / step_yuan)
    places, parts = dispersed(book.loss_yuan, step_yuan)
    size, cells = room(places, parts, book.counts), book.counts.size

    def work(start: int) -> Column:
        rows = slice(start, start + BLOCK)
        own = rows if places.shape[0] > 1 else slice(None)
        out = np.empty((2, cells))
        mixed_shares(
            book.chances[rows], places[own], parts[own], book.counts, book.weights[rows],
            NEGLIGIBLE, BEYOND, at, size, out[0], out[1],
        )  # fmt: skip
        return out

    equal, above = step_yuan * _summed(work, book.weights.size, threads) / np.sum(book.weights)
    chance = law.probabilities[at]
    share, beyond = 1.0 - level, float(law.survival[at])
    shortfall = (above + equal / chance * (share - beyond)) / share
    return Shares(found, equal / chance, shortfall)


def transformed_law(
    book: Mixture, step_yuan: float, *, around_yuan: float | None = None
) -> LossLaw:  # fmt: skip
    """Law of the loss by Fourier transform: the second road to `mixture_law`.

    Parameters
    ----------
    book : Mixture
        The book; many equal names in a cell cost no more than one.
    step_yuan : float
        Width of a step [yuan], > 0.
    around_yuan : float or None
        Loss near which probabilities keep their digits: every conditional law is tilted
        exponentially to have its mean there, and what is rounding of the tilted law is 0,
        so that the answer holds near that loss only.  None tilts nothing, and errors are
        about 1e-16 of the highest probability everywhere.

    Returns
    -------
    LossLaw
        Its law; rounding below 0 is set to 0.

    Raises
    ------
    BookError
        If the step is out of range or too fine.

    Notes
    -----
    The transform is as long as the largest loss, so nothing folds back.
    """
    places, parts = dispersed(book.loss_yuan, step_yuan)
    size = int(next_fast_len(room(places, parts, book.counts)))
    total = np.zeros(size)
    lattice = np.arange(size)
    for j in np.flatnonzero(book.weights):
        row = j if places.shape[0] > 1 else 0
        cells = book.chances[j], places[row], parts[row], book.counts
        tilt = 0.0 if around_yuan is None else _tilt(cells, around_yuan / step_yuan)
        logs = np.zeros(size // 2 + 1, dtype=np.complex128)
        angles = tilt - 2j * np.pi * np.arange(logs.size) / size
        for q, place, part, count in zip(*cells, strict=True):
            power = np.exp(angles * place)
            logs += count * np.log(1.0 - q + q * power * (1.0 - part + part * np.exp(angles)))
        level = logs[0].real
        found = np.fft.irfft(np.exp(logs - level), size)
        held = found > (0.0 if tilt == 0.0 else TILTED * np.max(found))
        total[held] += book.weights[j] * found[held] * np.exp(level - tilt * lattice[held])
    return LossLaw(step_yuan, total / np.sum(book.weights))


def _tilt(cells: tuple[Column, Index, Column, Index], goal: float) -> float:
    """Return t for which the law tilted by exp(t x) has its mean at the goal [1/step]."""
    q, place, part, count = cells
    reach = place + (part > 0.0)
    able = (q > 0.0) & (reach > 0) & (count > 0)
    q, place, part, count, reach = q[able], place[able], part[able], count[able], reach[able]
    if not 0.0 < goal < float(np.sum(count * reach)):
        return 0.0

    def away(t: float) -> float:
        low, high = np.exp(t * (place - reach)), np.exp(t * (place + 1 - reach))
        moved = q * (1.0 - part) * low, q * part * np.where(part > 0.0, high, 0.0)
        mass = (1.0 - q) * np.exp(-t * reach) + moved[0] + moved[1]
        return float(np.sum(count * (moved[0] * place + moved[1] * (place + 1)) / mass)) - goal

    widest = 600.0 / float(np.max(reach))
    if away(-widest) > 0.0 or away(widest) < 0.0:
        return math.copysign(widest, -away(0.0))
    return float(brentq(away, -widest, widest, xtol=1e-12))


def _counted(counts: ArrayLike | None, size: int) -> Index:
    if counts is None:
        return np.ones(size, dtype=np.int64)
    found = np.asarray(counts)
    if found.shape != (size,) or not np.issubdtype(found.dtype, np.integer) or np.any(found < 0):
        raise refused("counts", "应为非负整数", "must be whole numbers >= 0, one a cell")
    return found.astype(np.int64)


def _order(book: Mixture) -> Index:
    """Cells by loss, then chance: small ones first, and no trace of the order of rows."""
    middle = book.chances[book.weights.size // 2]
    found: Index = np.lexsort((book.counts, middle, book.chances[0], book.loss_yuan[0]))
    return found


def _summed(work: Callable[[int], Column], states: int, threads: int) -> Column:
    """Sum of fixed blocks of states, in order; a few at a time, so that memory stays small."""
    total: Column | float = 0.0
    starts = list(range(0, states, BLOCK))
    with Parallel(n_jobs=threads, prefer="threads", return_as="generator") as pool:
        for part in pool(delayed(work)(start) for start in starts):
            total = total + part
    return np.asarray(total, dtype=np.float64)


def _nodes(
    threshold: Column, correlation: Column, loss: Column, counts: Index
) -> tuple[Column, Column]:
    """Nodes along the factor and their weights: dense where the conditional loss moves."""
    alike = np.unique(np.stack([threshold, correlation]), axis=1, return_inverse=True)
    (c, rho), member = alike[0], alike[1].ravel()
    mean = np.bincount(member, counts * loss, c.size)
    square = np.bincount(member, counts * loss * loss, c.size)
    grid = np.linspace(-REACH, REACH, 4001)
    root = np.sqrt(1.0 - rho)
    own, at = root / np.sqrt(np.maximum(rho, 1e-300)), c / np.sqrt(np.maximum(rho, 1e-300))
    sharp = np.isfinite(at) & (own < 0.5)
    edges = (at[sharp, None] + own[sharp, None] * np.linspace(-9.0, 9.0, 37)).ravel()
    grid = np.unique(np.concatenate([grid, edges[np.abs(edges) < REACH]]))
    density = np.empty(grid.size)
    for start in range(0, grid.size, 256):
        y = grid[start : start + 256, None]
        u = (c - np.sqrt(rho) * y) / root
        q = ndtr(u)
        slope = np.exp(-0.5 * u * u) / np.sqrt(2.0 * np.pi) * np.sqrt(rho) / root @ mean
        spread = np.sqrt(q * ndtr(-u) @ square)
        step = np.where(np.abs(u) < 9.0, np.sqrt(rho) / root, 0.0).max(axis=1)
        moved = np.divide(slope, spread, out=np.zeros(y.size), where=spread > 0.0)
        density[start : start + 256] = np.sqrt(moved * moved + step * step + 1.0)
    panels = np.concatenate([[0.0], np.cumsum(0.5 * (density[1:] + density[:-1]) * np.diff(grid))])
    number = int(np.ceil(panels[-1] / PANEL_WIDTHS))
    ends = np.interp(np.linspace(0.0, panels[-1], number + 1), panels, grid)
    return legendre(ends, PANEL_NODES, normal=True)
