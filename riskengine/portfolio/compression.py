"""Debts that differ in size only, taken together: what a million contracts have in common.

The loss of a debt is its scale, debt times severity, times a share that depends on PD,
segment, collateral and the wait for its sale.  Debts equal in those make a cell; their mean
loss given the factors is exactly that of the cell, and so are its variance, from the sum of
squares, and a bound of its third moment, from the sum of cubes.

Where every contract differs, contracts are spread over the nodes of a grid instead, with
Lagrange shares along the normal score of PD, the log of the forward, the spread and the
wait.  Every polynomial up to the degree of the grid keeps its mean over the book, so the
error falls faster than any power of the number of nodes; shares may be negative.

Source: credit notes 4.5 and 8; the transpose of Chebyshev interpolation, Fong & Darve, J.
Comput. Phys. 228 (2009) 8712, 3.
"""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray
from scipy import special

from riskengine.kernels.grouping import gather_from_grid, group_equal_rows, spread_over_grid
from riskengine.portfolio.exposures import BookError, Column, Exposures, Index
from riskengine.words import Text


@dataclass(frozen=True, slots=True)
class Cells:
    """Debts alike but for their size, one cell a row.

    Parameters
    ----------
    segment : (c,) int64
        Row in the factor model.
    default_chance, forward, spread : (c,) float64
        As in `Exposures`.
    wait : (c,) float64
        Holding times sale_years: what the usual wait takes off the log of the sale [1].
    count : (c,) float64
        Number of debts.
    debt_yuan : (c,) float64
        Sum of debts [yuan].
    scale_yuan : (c,) float64
        Sum of scales, debt times severity [yuan].
    squares, cubes : (c,) float64
        Sums of squares [yuan^2] and cubes [yuan^3] of scales.
    largest_yuan : (c,) float64
        Largest scale [yuan]; on a grid that of its segment.
    """

    segment: Index
    default_chance: Column
    forward: Column
    spread: Column
    wait: Column
    count: Column
    debt_yuan: Column
    scale_yuan: Column
    squares: Column
    cubes: Column
    largest_yuan: Column

    @property
    def size(self) -> int:
        """Number of cells."""
        return int(self.segment.size)


@dataclass(frozen=True, slots=True)
class _Grid:
    """Rows spread over the nodes of one product grid a segment."""

    rows: Index
    base: Index
    points: Column
    nodes: Column
    counts: Index
    kept: Index
    size: int

    def read(self, at_cells: Column) -> Column:
        """Interpolate values (k, v) at the kept nodes to the rows."""
        full = np.zeros((self.size, at_cells.shape[1]))
        full[self.kept] = at_cells
        out = np.empty((self.rows.size, at_cells.shape[1]))
        gather_from_grid(self.base, self.points, self.nodes, self.counts, full, out)
        return out


@dataclass(frozen=True, slots=True)
class Compression:
    """Cells, and how results go back from them to the debts.

    Parameters
    ----------
    cells : Cells
        The cells.
    scale_yuan : (n,) float64
        Scale of every debt [yuan].
    rows : (k,) int64
        Debts that belong to one cell each; the others lie on grids.
    member : (k,) int64
        Cell of each of those debts.
    grids : tuple
        Grids of the others; their nodes are the cells after those of ``member``.
    """

    cells: Cells
    scale_yuan: Column
    rows: Index
    member: Index
    grids: tuple[_Grid, ...] = ()

    def spread(self, first: Column, second: Column | None = None) -> Column:
        """Return results of debts from those of cells: w T1 + w^2 T2.

        Parameters
        ----------
        first : (c,) float64
            Result of each cell for each yuan of scale.
        second : (c,) float64 or None
            Result for each square yuan.

        Returns
        -------
        (n,) float64
            Results of debts; they add up to ``first @ scale_yuan + second @ squares``.
        """
        kept = (first,) if second is None else (first, second)
        at_cells = np.stack(kept, axis=1)
        found = np.empty((self.scale_yuan.size, at_cells.shape[1]))
        found[self.rows] = at_cells[self.member]
        start = self.cells.size - sum(grid.kept.size for grid in self.grids)
        for grid in self.grids:
            found[grid.rows] = grid.read(at_cells[start : start + grid.kept.size])
            start += grid.kept.size
        out: Column = found[:, 0] * self.scale_yuan
        if second is not None:
            out += found[:, 1] * self.scale_yuan**2
        return out


def compress(exposures: Exposures) -> Compression:
    """Group debts that differ in size only: exact.

    Parameters
    ----------
    exposures : Exposures
        The book.

    Returns
    -------
    Compression
        Cells by segment, PD, forward, spread and wait, whatever the order of the rows.

    Raises
    ------
    BookError
        If there are no debts.

    Examples
    --------
    >>> column = lambda *values: np.array(values)
    >>> book = Exposures(column(100.0, 300.0), column(0.02, 0.02), column(0, 0),
    ...     column(0.45, 0.45), *(column(0.0, 0.0) for _ in range(4)))
    >>> float(compress(book).cells.scale_yuan[0])
    180.0
    """
    _some(exposures)
    return _exact(exposures, np.arange(exposures.size))


def one_by_one(exposures: Exposures) -> Compression:
    """Make every debt a cell of its own.

    Parameters
    ----------
    exposures : Exposures
        The book.

    Returns
    -------
    Compression
        Cells in an order that does not hang on that of the rows.

    Raises
    ------
    BookError
        If there are no debts.
    """
    _some(exposures)
    keys, scale = _keys(exposures), exposures.debt_yuan * exposures.severity
    order = np.lexsort((scale, *keys.T[::-1]))
    member = np.empty(exposures.size, dtype=np.int64)
    member[order] = np.arange(exposures.size)
    cells = _cells(exposures, keys[order], member, order.size)
    return Compression(cells, scale, np.arange(exposures.size), member)


def compress_to_grid(
    exposures: Exposures, nodes: tuple[int, int, int, int] = (9, 7, 5, 3)
) -> Compression:
    """Spread debts that all differ over a grid a segment: the error is small.

    Parameters
    ----------
    exposures : Exposures
        The book.
    nodes : tuple of int
        Most nodes along the score of PD, log forward, spread and wait, each >= 2; fewer
        where fewer values occur, and those then exactly.

    Returns
    -------
    Compression
        No more cells than nodes times segments; debts without collateral need the first
        coordinate only.

    Raises
    ------
    BookError
        If there are no debts, or fewer than two nodes.

    Notes
    -----
    Sums of debts and of scales are kept to rounding, and the mean of PD and of the forward
    as well as the grid resolves them (1e-7 with 9 nodes over PD 0.1 to 20 %).  Debts with
    PD 0 or 1, or collateral without spread, keep cells of their own.
    `riskengine.portfolio.conditional.measured_error` says how far the mean loss is off;
    results of single debts carry the same error relative to the book's, not to their own.
    """
    _some(exposures)
    if min(nodes) < 2:
        raise BookError(
            Text("网格节点数至少为2", "a grid needs at least two nodes a coordinate"),
            Text("请增加节点", "ask for more nodes"),
        )
    chance, secured = exposures.default_chance, exposures.forward > 0.0
    smooth = (chance > 0.0) & (chance < 1.0) & (~secured | (exposures.spread > 0.0))
    found = _exact(exposures, np.flatnonzero(~smooth))
    parts, grids = [found.cells], []
    for rows in (np.flatnonzero(smooth & ~secured), np.flatnonzero(smooth & secured)):
        if rows.size:
            cells, grid = _on_grid(exposures, rows, nodes)
            parts.append(cells)
            grids.append(grid)
    joined = (np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(Cells))
    return Compression(Cells(*joined), found.scale_yuan, found.rows, found.member, tuple(grids))


def _exact(exposures: Exposures, rows: Index) -> Compression:
    scale = exposures.debt_yuan * exposures.severity
    part = exposures if rows.size == exposures.size else exposures.take(rows)
    keys = _keys(part)
    member, first = _groups(keys)
    distinct = keys[first]
    order = np.lexsort(distinct.T[::-1])
    place = np.empty(order.size, dtype=np.int64)
    place[order] = np.arange(order.size)
    member = place[member]
    return Compression(_cells(part, distinct[order], member, order.size), scale, rows, member)


def _keys(exposures: Exposures) -> Column:
    """What makes debts alike: what has no say in a loss is left out."""
    secured = exposures.forward > 0.0
    columns = (
        exposures.segment,
        exposures.default_chance,
        exposures.forward,
        np.where(secured, exposures.spread, 0.0),
        np.where(secured, exposures.holding * exposures.sale_years, 0.0),
    )
    keys = np.empty((exposures.size, len(columns)))
    for j, values in enumerate(columns):
        np.add(values, 0.0, out=keys[:, j])  # -0.0 becomes 0.0
    return keys


def _groups(keys: Column) -> tuple[Index, Index]:
    """Group of every row, and the first row of every group."""
    bits: NDArray[np.int64] = keys.view(np.int64)
    mixed = np.zeros(len(bits), dtype=np.uint64)
    for j in range(bits.shape[1]):
        mixed ^= bits[:, j].view(np.uint64)
        mixed *= np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(29)
    slots = np.full(1 << max(4, (2 * len(bits)).bit_length()), -1)
    places = (mixed & np.uint64(slots.size - 1)).astype(np.int64)
    member, first = np.empty(len(bits), dtype=np.int64), np.empty(len(bits), dtype=np.int64)
    count = group_equal_rows(bits, places, slots, member, first)
    return member, first[:count]


def _cells(exposures: Exposures, keys: Column, member: Index, size: int) -> Cells:
    scale = exposures.debt_yuan * exposures.severity
    largest = np.zeros(size)
    np.maximum.at(largest, member, scale)

    def sums(values: Column | None) -> Column:
        return np.bincount(member, values, size).astype(np.float64)

    chance, forward, spread, wait = np.ascontiguousarray(keys[:, 1:].T)
    return Cells(
        keys[:, 0].astype(np.int64), chance, forward, spread, wait, sums(None),
        sums(exposures.debt_yuan), sums(scale), sums(scale**2), sums(scale**3), largest,
    )  # fmt: skip


def _on_grid(exposures: Exposures, rows: Index, most: tuple[int, ...]) -> tuple[Cells, _Grid]:
    part = exposures.take(rows)
    scores = [special.ndtri(part.default_chance)]
    if part.forward[0] > 0.0:
        scores += [np.log(part.forward), part.spread, part.holding * part.sale_years]
    chosen = [_nodes(values, limit) for values, limit in zip(scores, most, strict=False)]
    counts = np.array([values.size for values in chosen])
    nodes = np.zeros((len(chosen), int(counts.max())))
    for row, values in zip(nodes, chosen, strict=True):
        row[: values.size] = values
    segments, place = np.unique(part.segment, return_inverse=True)
    product, points = int(counts.prod()), np.stack(scores, axis=1)
    base, size = place.astype(np.int64) * product, product * segments.size
    scale = part.debt_yuan * part.severity
    values = np.stack((np.ones(rows.size), part.debt_yuan, scale, scale**2, scale**3), axis=1)
    sums = np.zeros((size, 5))
    spread_over_grid(base, points, nodes, counts, values, sums)
    kept = np.flatnonzero(np.any(sums != 0.0, axis=1))
    mesh = [axis.ravel() for axis in np.meshgrid(*chosen, indexing="ij")]
    at = [np.tile(axis, segments.size)[kept] for axis in mesh]
    chance, none = special.ndtr(at[0]), np.zeros(kept.size)
    forward, spread, wait = (np.exp(at[1]), at[2], at[3]) if len(at) > 1 else (none, none, none)
    largest = np.zeros(segments.size)
    np.maximum.at(largest, place, scale)
    count, debt, total, squares, cubes = np.ascontiguousarray(sums[kept].T)
    cells = Cells(
        np.repeat(segments, product)[kept], chance, forward, spread, wait, count, debt, total,
        squares, cubes, np.repeat(largest, product)[kept],
    )  # fmt: skip
    return cells, _Grid(rows, base, points, nodes, counts, kept, size)


def _nodes(values: Column, most: int) -> Column:
    """Distinct values where they are few, else Chebyshev points over their range."""
    distinct = np.unique(values[: 64 * most])
    if distinct.size <= most:
        distinct = np.unique(values)
    if distinct.size <= most:
        return distinct
    low, high = float(values.min()), float(values.max())
    turned = np.cos(np.pi * np.arange(most)[::-1] / (most - 1))
    return 0.5 * (low + high) + 0.5 * (high - low) * turned


def _some(exposures: Exposures) -> None:
    if exposures.size == 0:
        raise BookError(
            Text("没有债权", "there are no debts"), Text("请提供债权", "hand in some debts")
        )
