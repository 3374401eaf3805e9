"""Loss of a book when the common factors are known, for many scenarios, on some threads.

Faces of `riskengine.kernels.conditional_loss`: results are the same bits for any number of
threads and any chunk of scenarios.
"""

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from scipy import special

from riskengine.kernels.conditional_loss import (
    common_parts,
    conditional_means,
    conditional_moments,
    weighted_cells,
)
from riskengine.kernels.normal_table import fill_normal_table
from riskengine.portfolio.compression import Cells, compress
from riskengine.portfolio.exposures import BookError, Column, Exposures, FactorModel, Index
from riskengine.portfolio.scenarios import Scenarios
from riskengine.words import Text

Part = TypeVar("Part")
Tables = tuple[Column, Column, Index, Column]
Loadings = tuple[Index, Index, Column]

BLOCK = 512
"""Scenarios to a partial sum: fixed, so that sums do not hang on threads."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """Cells as the kernels take them.

    Parameters
    ----------
    tables : tuple of arrays
        Normal probabilities, cells (8, c), bounds (g, 4) and slowdown (g, 3), see
        `riskengine.kernels.conditional_loss`.
    defaults, sales : tuple of arrays
        Loadings that are not 0: starts (g + 1,), columns and values [1]; those of default
        over sqrt(1 - a'Ca).
    order : (c,) int64
        Cell of the book at each place of the kernel.
    scale_yuan : float
        The whole scale [yuan]: no loss is larger.
    """

    tables: Tables
    defaults: Loadings
    sales: Loadings
    order: Index
    scale_yuan: float

    def common(self, factors: Column) -> tuple[Column, Column]:
        """Return the common parts of default and of sale of each segment.

        Parameters
        ----------
        factors : (s, f) float64
            Factors [1].

        Returns
        -------
        tuple of (s, g) float64
            a'z over sqrt(1 - a'Ca), and b'z [1].
        """
        shape = (len(factors), len(self.tables[2]))
        y, x = np.empty(shape), np.empty(shape)
        common_parts(*self.defaults, factors, y)
        common_parts(*self.sales, factors, x)
        return y, x


def normal_table(intervals: int = 8192) -> Column:
    """Table of the normal probability for the kernels.

    Parameters
    ----------
    intervals : int
        Intervals over [-8, 8]; the error falls with their fourth power.

    Returns
    -------
    (intervals, 4) float64
        Coefficients [1].
    """
    table = np.empty((intervals, 4))
    fill_normal_table(table)
    return table


def thresholds(default_chance: Column, nu: float) -> Column:
    """Thresholds k of default: P(A <= k) = PD for a normal or a t distributed A.

    Parameters
    ----------
    default_chance : (n,) float64
        PD [1], in [0, 1].
    nu : float
        Degrees of freedom, > 0; infinite for the normal.

    Returns
    -------
    (n,) float64
        Thresholds [1]; infinite at PD 0 and 1.
    """
    if math.isinf(nu):
        found: Column = special.ndtri(default_chance)
    else:
        smaller = np.minimum(default_chance, 1.0 - default_chance)
        size = np.where(smaller > 0.0, -special.stdtrit(nu, np.maximum(smaller, 5e-324)), np.inf)
        found = np.where(default_chance < 0.5, -size, size)
    return found


def prepare(cells: Cells, model: FactorModel, nu: float = math.inf) -> Prepared:
    """Put cells in the order and the terms of the kernels.

    Parameters
    ----------
    cells : Cells
        The book.
    model : FactorModel
        Loadings of its segments.
    nu : float
        Degrees of freedom of a t copula, > 0; infinite for the Gaussian.

    Returns
    -------
    Prepared
        Tables for the kernels.

    Raises
    ------
    BookError
        If a debt belongs to no segment of the model.
    """
    if cells.size and int(cells.segment.max()) >= len(model.segments):
        raise BookError(
            Text("债权所属分组不在因子模型中", "a debt belongs to no segment of the factor model"),
            Text("请补充分组或更正编号", "add the segment or correct its number"),
        )
    defaults, sales = model.default_share, np.minimum(model.sale_share, 1.0)
    inverse, left = 1.0 / np.sqrt(1.0 - defaults), np.sqrt(1.0 - sales)
    secured = cells.forward > 0.0
    own = cells.spread * left[cells.segment]
    kind = np.where(secured, np.where(own > 1e-9, 1, 2), 0)
    threshold = thresholds(cells.default_chance, nu) * inverse[cells.segment]
    order = np.lexsort((threshold, kind, cells.segment))
    table = np.zeros((8, cells.size))
    table[:4] = threshold, cells.scale_yuan, cells.squares, cells.cubes
    table[6] = np.where(kind == 1, own, cells.spread)
    mean = np.log(cells.forward, where=secured, out=np.zeros(cells.size))
    mean -= 0.5 * cells.spread**2 * sales[cells.segment]
    put = kind == 1
    table[4], table[5] = mean, cells.wait
    table[4, put] = 0.5 * own[put] - mean[put] / own[put]
    table[5, put] /= own[put]
    table[7] = np.exp(own**2, where=own <= 6.0, out=np.zeros(cells.size))
    starts = np.arange(len(model.segments))[:, None] * 3 + np.arange(4)
    bounds = np.searchsorted((3 * cells.segment + kind)[order], starts)
    slow = np.stack((
        model.slowdown, 0.5 * model.slowdown**2 * sales,
        np.divide(1.0, left, where=left > 0.0, out=np.ones_like(left)),
    ), axis=1)  # fmt: skip
    tables = (
        normal_table(), np.ascontiguousarray(table[:, order]), bounds.astype(np.int64), slow
    )  # fmt: skip
    loadings = model.default_loadings * inverse[:, None], model.sale_loadings
    scale = float(cells.scale_yuan.sum())
    return Prepared(tables, _sparse(loadings[0]), _sparse(loadings[1]), order, scale)


def _sparse(loadings: Column) -> Loadings:
    rows, columns = np.nonzero(loadings)
    starts = np.searchsorted(rows, np.arange(len(loadings) + 1))
    return starts.astype(np.int64), columns.astype(np.int64), loadings[rows, columns]


def means(prepared: Prepared, factors: Column, mixing: Column, threads: int = 1) -> Column:
    """Mean loss of the book in each scenario.

    Parameters
    ----------
    prepared : Prepared
        The book.
    factors : (s, f) float64
        Factors [1].
    mixing : (s,) float64
        Mixing of a t copula [1]; ones without.
    threads : int
        Threads that share the scenarios, >= 1.

    Returns
    -------
    (s,) float64
        Mean losses [yuan].
    """
    out = np.empty(len(mixing))

    def part(chunk: slice) -> None:
        common = prepared.common(factors[chunk])
        conditional_means(*prepared.tables, *common, mixing[chunk], out[chunk])

    shared(part, out.size, threads)
    return out


def measured_error(
    cells: Cells, exposures: Exposures, model: FactorModel, scenarios: Scenarios
) -> float:
    """Largest error that cells make in the mean loss given the factors.

    Parameters
    ----------
    cells : Cells
        Cells of the book, such as those of a grid.
    exposures : Exposures
        The book.
    model : FactorModel
        Its factors.
    scenarios : Scenarios
        Where to compare; a few dozen will do.

    Returns
    -------
    float
        Largest error over the mean loss [1].
    """
    exact = prepare(compress(exposures).cells, model)
    wanted = means(exact, scenarios.factors, scenarios.mixing)
    found = means(prepare(cells, model), scenarios.factors, scenarios.mixing)
    return float(np.max(np.abs(found - wanted) / np.maximum(wanted, 1e-300)))


def moments(prepared: Prepared, factors: Column, mixing: Column, threads: int = 1) -> Column:
    """Mean, variance and a bound of the third absolute moment in each scenario.

    Parameters
    ----------
    prepared, factors, mixing, threads : see `means`
        The book and the scenarios.

    Returns
    -------
    (s, 3) float64
        Means [yuan], variances [yuan^2], bounds [yuan^3].
    """
    out = np.empty((len(mixing), 3))

    def part(chunk: slice) -> None:
        common = prepared.common(factors[chunk])
        conditional_moments(*prepared.tables, *common, mixing[chunk], out[chunk])

    shared(part, len(out), threads)
    return out


def unit_sums(
    prepared: Prepared, scenarios: Scenarios, first: Column, second: Column, threads: int = 1
) -> Column:
    """Weighted sums over scenarios of each cell's mean and variance for one yuan of scale.

    Parameters
    ----------
    prepared : Prepared
        The book.
    scenarios : Scenarios
        The scenarios.
    first, second : (k, s) float64
        Weights of means and of variances, k of them at once.
    threads : int
        Threads, >= 1.

    Returns
    -------
    (k, 2, c) float64
        Sums, in the order of the cells of the book; `Compression.spread` takes them to debts.
    """
    shape = (len(first), 2, prepared.order.size)

    def part(chunk: slice) -> Column:
        out = np.zeros(shape)
        weighted_cells(
            *prepared.tables, *prepared.common(scenarios.factors[chunk]),
            scenarios.mixing[chunk], first[:, chunk], second[:, chunk], out,
        )  # fmt: skip
        return out

    return in_order(prepared, shape, shared(part, scenarios.size, threads))


def in_order(prepared: Prepared, shape: tuple[int, ...], partial: list[Column]) -> Column:
    """Add up partial sums and put them in the order of the cells.

    Parameters
    ----------
    prepared : Prepared
        The cells.
    shape : tuple of int
        Shape of each sum; the last axis is the cells in the order of the kernel.
    partial : list of arrays
        The sums.

    Returns
    -------
    array
        Their sum.
    """
    total = np.zeros(shape)
    for part in partial:
        total += part
    back = np.empty_like(total)
    back[..., prepared.order] = total
    return back


def shared(part: Callable[[slice], Part], size: int, threads: int) -> list[Part]:
    """Work on fixed blocks of scenarios.

    Parameters
    ----------
    part : callable
        Takes a slice of the scenarios.
    size : int
        Number of scenarios.
    threads : int
        Threads, >= 1.

    Returns
    -------
    list
        Results in the order of the blocks.
    """
    chunks = [slice(start, start + BLOCK) for start in range(0, size, BLOCK)]
    if threads <= 1 or len(chunks) == 1:
        return [part(chunk) for chunk in chunks]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(part, chunks))
