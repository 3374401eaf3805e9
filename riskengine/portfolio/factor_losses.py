"""Expected loss of each debt, in a state of the factors and over all of them.

Given factors z a debt of scale w, debt times severity, loses w p(z) E[max(1 - S, 0) | z],

    p(z) = N((c - a'z) / sqrt(1 - a'Ca)),   ln S = ln F - s^2 / 2 + s X - h T0 l(z),
    X = b'z + sqrt(1 - b'Cb) u,   l(z) = exp(-k b'z - k^2 b'Cb / 2) - 1:

a put on what is left of the spread.  Here are its slopes as well, by the two common parts of
each segment, y = a'z and x = b'z: they are all that a search for bad states needs.  Over all
factors, without slowdown, the expected loss is the closed form of wrong-way risk with
correlation a'Cb; with slowdown one integral is left.  Gaussian copula.

Source: Frye, Risk 13(4) (2000) 91; credit notes 2.3 and 6.
"""

from dataclasses import dataclass

import numpy as np
from scipy import special

from riskengine.portfolio.compression import Cells, compress
from riskengine.portfolio.expected import expected_units
from riskengine.portfolio.exposures import BookError, Column, Exposures, FactorModel, Index
from riskengine.portfolio.factor_state import check_segments
from riskengine.words import Text

ROWS = 16_384
"""Cells handled at a time, so that what is in between stays small."""
SURE = 1e-9
"""A spread below it is none."""


@dataclass(frozen=True, slots=True)
class Slopes:
    """Conditional loss by segment, and how it moves with the segment's two common parts.

    Parameters
    ----------
    loss_yuan : (g,) float64
        Expected loss in the state [yuan].
    by_default, by_sale : (g,) float64
        Derivatives with respect to y = a'z and x = b'z [yuan].
    """

    loss_yuan: Column
    by_default: Column
    by_sale: Column


def state_losses(exposures: Exposures, model: FactorModel, factors: Column) -> Column:
    """Expected loss of each debt in one state of the factors.

    Parameters
    ----------
    exposures : Exposures
        The debts.
    model : FactorModel
        Their factors.
    factors : (f,) float64
        The state [1]; low is bad.

    Returns
    -------
    (n,) float64
        Expected losses [yuan].

    Raises
    ------
    BookError
        If the state does not fit the model, or there are no debts.
    """
    check_segments(exposures, model)
    z = np.asarray(factors, dtype=np.float64)
    if z.shape != (len(model.factors),) or not np.all(np.isfinite(z)):
        raise BookError(
            Text("因子状态应为每个因子一个有限数", "a state is one finite number for each factor"),
            Text("请按因子模型的顺序给出", "give them in the order of the factor model"),
        )
    y, x = model.default_loadings @ z, model.sale_loadings @ z
    grouped = compress(exposures)
    segment = grouped.cells.segment
    return grouped.spread(_units(grouped.cells, model, y[segment], x[segment])[0])


def segment_slopes(cells: Cells, model: FactorModel, y: Column, x: Column) -> Slopes:
    """Conditional loss of each segment and its slopes, from the segments' common parts.

    Parameters
    ----------
    cells : Cells
        The book.
    model : FactorModel
        Its factors.
    y, x : (g,) float64
        Common parts a'z of default and b'z of sales [1].

    Returns
    -------
    Slopes
        By segment.
    """
    sums = np.zeros((3, len(model.segments)))
    names = ("segment", "default_chance", "forward", "spread", "wait", "scale_yuan")
    for start in range(0, cells.size, ROWS):
        rows = slice(start, start + ROWS)
        part = _Part(*(getattr(cells, name)[rows] for name in names))
        units = _units(part, model, y[part.segment], x[part.segment])
        for row, values in enumerate(units):
            sums[row] += np.bincount(part.segment, values * part.scale_yuan, sums.shape[1])
    return Slopes(*sums)


def expected_losses(exposures: Exposures, model: FactorModel, threads: int = 1) -> Column:
    """Expected loss of each debt over all factors, wrong-way risk included.

    Parameters
    ----------
    exposures : Exposures
        The debts.
    model : FactorModel
        Their factors.
    threads : int
        Threads, >= 1.

    Returns
    -------
    (n,) float64
        Expected losses [yuan].

    Raises
    ------
    BookError
        If a debt belongs to no segment, or there are none.

    Notes
    -----
    Relative error about 1e-13 where nothing slows the sale; else about 1e-12 of the scale, by
    `riskengine.portfolio.expected`.

    Examples
    --------
    >>> model = FactorModel(("nation",), np.eye(1), ("grain",), np.full((1, 1), 0.4),
    ...     np.full((1, 1), 0.5), np.zeros(1))
    >>> one = np.ones(1)
    >>> book = Exposures(100.0 * one, 0.03 * one, np.zeros(1, dtype=np.int64), one, 1.1 * one,
    ...     0.3 * one, 0.0 * one, 0.0 * one)
    >>> round(float(expected_losses(book, model)[0]), 12)
    0.409837969194
    """
    check_segments(exposures, model)
    grouped = compress(exposures)
    return grouped.spread(expected_units(grouped.cells, model, threads=threads))


def largest_loss(cells: Cells, model: FactorModel) -> float:
    """Bound of the expected loss in any state: every debt in the worst state for itself.

    Parameters
    ----------
    cells : Cells
        The book.
    model : FactorModel
        Its factors.

    Returns
    -------
    float
        Bound [yuan]; no state reaches it where factors move anything.
    """
    moved = (model.default_share > 0.0)[cells.segment] & (cells.default_chance > 0.0)
    slowed = (cells.wait > 0.0) & (model.slowdown > 0.0)[cells.segment]
    sold = (model.sale_share > 0.0)[cells.segment] & ((cells.spread > 0.0) | slowed)
    usual, _ = _put(cells, model, np.zeros(cells.size))
    lost = np.where(sold, 1.0, usual)
    return float(np.sum(cells.scale_yuan * np.where(moved, 1.0, cells.default_chance) * lost))


@dataclass(frozen=True, slots=True)
class _Part:
    """Some cells, without what sums do not need."""

    segment: Index
    default_chance: Column
    forward: Column
    spread: Column
    wait: Column
    scale_yuan: Column


def _units(
    cells: Cells | _Part, model: FactorModel, y: Column, x: Column
) -> tuple[Column, Column, Column]:
    """Losses for a scale of 1, and slopes in the common parts y and x of each cell."""
    own = np.sqrt(1.0 - model.default_share)[cells.segment]
    distance = (special.ndtri(cells.default_chance) - y) / own
    chance = special.ndtr(distance)
    density = np.exp(-0.5 * distance * distance) / np.sqrt(2.0 * np.pi)
    put, slope = _put(cells, model, x)
    return chance * put, -density / own * put, chance * slope


def _put(cells: Cells | _Part, model: FactorModel, x: Column) -> tuple[Column, Column]:
    """E[max(1 - S, 0) | x] and its derivative; 1 and 0 without collateral."""
    put, slope = np.ones(cells.segment.size), np.zeros(cells.segment.size)
    held = np.flatnonzero(cells.forward > 0.0)
    segment, s, wait = (values[held] for values in (cells.segment, cells.spread, cells.wait))
    share, k = np.minimum(model.sale_share, 1.0)[segment], model.slowdown[segment]
    stretch = np.exp(-k * x[held] - 0.5 * k * k * share)
    exponent = np.log(cells.forward[held]) + s * (x[held] - 0.5 * s * share)
    # Proceeds beyond e^700 or below e^-700 of the debt: the put is settled either way.
    exponent = np.clip(exponent - wait * (stretch - 1.0), -700.0, 700.0)
    forward, own = np.exp(exponent), s * np.sqrt(1.0 - share)
    sure, short = own < SURE, forward < 1.0
    own = np.where(sure, 1.0, own)
    d = 0.5 * own - exponent / own
    kept = np.where(sure, np.where(short, forward, 0.0), forward * special.ndtr(d - own))
    put[held] = np.maximum(np.where(sure, short, special.ndtr(d)) - kept, 0.0)
    slope[held] = -kept * (s + wait * k * stretch)
    return put, slope
