"""Contracts to simulate one by one, and how they are sorted and cut into cells of like PD."""

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri, stdtrit

from riskengine.portfolio.exposures import Column, Exposures, FactorModel, Index, refused

CELL_ROWS = 2048
"""Most contracts of a cell: their rows fit into the cache of one core."""

MOST_YUAN = 9e13
"""Largest book: its fen are exact in a float64."""


@dataclass(frozen=True, slots=True)
class Contracts:
    """Contracts to simulate one by one.

    Parameters
    ----------
    exposures : Exposures
        What may be lost, n debts.
    group : (n,) int64
        Where losses are summed, such as programme x county; in [0, groups).
    guaranteed_share : (n,) float64
        Share of a loss that the guarantor owes the bank [1], in [0, 1].
    profile : (n,) int64
        Row of ``cumulative``.
    cumulative : (p, m) float64
        Share of the defaults of the horizon that have happened by the end of each month
        [1]; rising to 1.  A bullet loan's jumps from 0 to 1 when it falls due.
    groups : int
        Number of groups.
    """

    exposures: Exposures
    group: Index
    guaranteed_share: Column
    profile: Index
    cumulative: Column
    groups: int

    def __post_init__(self) -> None:
        """Refuse columns that do not fit the debts."""
        size, table = (self.exposures.size,), self.cumulative
        if table.ndim != 2 or table.size == 0 or not np.all(np.isfinite(table)):
            raise refused("cumulative", "应为有限数的表", "must be a table of finite numbers")
        steps = np.diff(table, axis=1, prepend=0.0)
        if np.any(steps < 0.0) or np.any(np.abs(table[:, -1] - 1.0) > 1e-12):
            raise refused("cumulative", "应从0以上递增到1", "must rise from 0 or more to 1")
        for name, limit in (("group", self.groups), ("profile", table.shape[0])):
            held = getattr(self, name)
            whole = held.shape == size and np.issubdtype(held.dtype, np.integer)
            if not whole or np.any(held < 0) or np.any(held >= limit):
                said = f"must hold {size[0]} whole numbers in [0, {limit})"
                raise refused(name, f"应为{size[0]}个0到{limit - 1}的整数", said)
        share = self.guaranteed_share
        if share.shape != size or not np.all((share >= 0.0) & (share <= 1.0)):
            raise refused("guaranteed_share", "应在0到1之间", "must be in [0, 1], one a debt")
        if not np.sum(self.exposures.debt_yuan) <= MOST_YUAN:
            said = f"must add up to at most {MOST_YUAN:,.0f} yuan"
            raise refused("debt_yuan", f"合计不得超过{MOST_YUAN:,.0f}元", said)


@dataclass(frozen=True, slots=True)
class PreparedContracts:
    """Contracts sorted and cut into cells of like PD; made by `prepare_contracts`.

    Parameters
    ----------
    table : (n, 8) float64
        Rows as `riskengine.kernels.contract_simulation.simulate_cells` wants them; contracts
        that cannot lose anything are left out.
    cells : (c, 3) int64
        First row, row after the last, segment.
    months_table : (2, p, m) float64
        Alias table of the month of default.
    groups : int
        Number of groups.
    model : FactorModel
        Factors and segments.
    nu : float
        Degrees of freedom of the t copula; infinite for the Gaussian.
    """

    table: Column
    cells: Index
    months_table: Column
    groups: int
    model: FactorModel
    nu: float


def prepare_contracts(
    contracts: Contracts, model: FactorModel, *, nu: float = math.inf
) -> PreparedContracts:
    """Sort contracts by segment and falling PD, then by all else, and cut them into cells.

    Parameters
    ----------
    contracts : Contracts
        The contracts; their order means nothing.
    model : FactorModel
        Factors and segments.
    nu : float
        Degrees of freedom of the t copula, > 0; infinite for the Gaussian.

    Returns
    -------
    PreparedContracts
        To be simulated as often as wanted.

    Raises
    ------
    BookError
        If a segment is not in the model or ``nu`` is no number above 0.
    """
    if not nu > 0.0:
        raise refused("nu", "自由度应大于0", "must be above 0, infinite for the Gaussian")
    held = contracts.exposures
    if held.size and held.segment.max() >= len(model.segments):
        raise refused("segment", "不在因子模型中", "is not in the factor model")
    losing = np.flatnonzero((held.default_chance > 0.0) & (held.debt_yuan * held.severity > 0.0))
    table, segment, chance = _table(contracts, losing, nu)
    order = np.lexsort((*table.T[:0:-1], -table[:, 0], segment))
    table, segment, chance = table[order], segment[order], chance[order]
    cells = _cells(segment, table[:, 0], chance)
    shares = np.diff(contracts.cumulative, axis=1, prepend=0.0)
    months = np.stack([_alias(row) for row in shares], axis=1)
    return PreparedContracts(table, cells, months, contracts.groups, model, nu)


def _table(contracts: Contracts, rows: Index, nu: float) -> tuple[Column, Index, Column]:
    """Kernel's rows of contracts, with their segments and PDs."""
    held = contracts.exposures.take(rows)
    table = np.empty((rows.size, 8))
    table[:, 0] = ndtri(held.default_chance) if math.isinf(nu) else stdtrit(nu, held.default_chance)
    table[held.default_chance == 1.0, 0] = math.inf
    table[:, 1] = held.debt_yuan * held.severity * 100.0
    with np.errstate(divide="ignore"):
        table[:, 2] = np.log(held.forward) - 0.5 * held.spread**2
    table[:, 3] = held.spread
    table[:, 4] = held.holding * held.sale_years
    bare = held.forward == 0.0
    table[bare, 1] = np.rint(table[bare, 1])
    table[bare, 3:5] = 0.0
    table[:, 5] = contracts.guaranteed_share[rows]
    table[:, 6] = contracts.group[rows]
    table[:, 7] = contracts.profile[rows]
    return table, held.segment, held.default_chance


def _cells(segment: Index, threshold: Column, chance: Column) -> Index:
    """First row, row after the last and segment of every cell of sorted contracts.

    Wide cells waste candidates, narrow ones the time to open them: the two balance where the
    width in threshold is about the root of range over expected defaults.
    """
    ends = np.append(np.flatnonzero(np.diff(segment)) + 1, segment.size)
    found, first = [np.empty((0, 3), dtype=np.int64)], 0
    for last in ends[ends > 0].tolist():
        c = threshold[first:last]
        usual = c[np.isfinite(c)]
        step = np.full(c.size, -1.0)
        if usual.size:
            span = usual[0] - usual[-1]
            width = math.sqrt(span / max(float(chance[first:last].sum()), 1.0)) or 1.0
            step[np.isfinite(c)] = np.floor((usual[0] - usual) / width)
        cuts = np.append(np.flatnonzero(np.diff(step)) + 1, c.size)
        starts = np.append(0, cuts[:-1])
        bounds = np.concatenate(
            [np.arange(a, b, CELL_ROWS) for a, b in zip(starts, cuts, strict=True)]
        )
        after = np.append(bounds[1:], c.size)
        found.append(
            np.stack([bounds + first, after + first, np.full_like(after, segment[first])], 1)
        )
        first = last
    return np.concatenate(found)


def _alias(shares: Column) -> Column:
    """Alias table of a distribution: chance of each column's own month, and its other month."""
    size = shares.size
    chance, other = shares / shares.sum() * size, np.arange(size, dtype=np.float64)
    small = [j for j in range(size) if chance[j] < 1.0]
    large = [j for j in range(size) if chance[j] >= 1.0]
    while small and large:
        low, high = small.pop(), large[-1]
        other[low] = high
        chance[high] -= 1.0 - chance[low]
        if chance[high] < 1.0:
            small.append(large.pop())
    for j in small + large:
        # Rounding left these a hair from full; a month without defaults is never one of them.
        chance[j] = 1.0
    return np.stack([chance, other])
