"""Limits by segment that earn most for a given tail risk.

    max m'x   subject to   ES(x) <= budget,  low <= x <= high,  A x <= b,

x volumes, m margin a unit (fee less cost and expected loss, by choice).  ES over weighted
scenarios is linear after Rockafellar & Uryasev: ES <= B if and only if some v has

    v + sum_j p_j u_j / (1 - a) <= B,   u_j >= l_j'x - v,   u_j >= 0.

At the optimum segments away from their bounds earn the same margin for a unit of marginal ES:
that is returned, and is a check of the answer.

Source: Rockafellar & Uryasev, J. Risk 2(3) (2000) 21; Tasche, Risk contributions and
performance measurement (1999) for marginal returns; credit notes 5.6.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riskengine.portfolio.columns import finite_column, inside
from riskengine.portfolio.exposures import BookError, Column, refused
from riskengine.words import Text


@dataclass(frozen=True, slots=True)
class Allocation:
    """Volumes that earn most within the budget.

    Parameters
    ----------
    volumes : (g,) float64
        Volume of each segment, in the unit of ``high``.
    margin_yuan : float
        Margin of all [yuan].
    expected_shortfall_yuan : float
        ES of all [yuan], at most the budget.
    marginal_shortfall : (g,) float64
        ES that one more unit of each segment adds [yuan a unit].
    marginal_return : (g,) float64
        Margin over marginal ES [1]: equal, to ``price``, for segments that nothing but the
        budget holds back; NaN where a segment adds no ES.
    price : float
        Margin that one more yuan of budget would bring [1]; 0 where the budget is not used.
    free : (g,) bool
        Segments held back by the budget alone: away from their bounds and in no limit that
        is met.
    """

    volumes: Column
    margin_yuan: float
    expected_shortfall_yuan: float
    marginal_shortfall: Column
    marginal_return: Column
    price: float
    free: NDArray[np.bool_]


def allocate_limits(
    unit_losses: ArrayLike, margins: ArrayLike, budget_yuan: float, level: float,
    low: ArrayLike, high: ArrayLike, *, weights: ArrayLike | None = None,
    limits: ArrayLike | None = None, amounts: ArrayLike | None = None,
) -> Allocation:  # fmt: skip
    """Find the volumes with the largest margin whose ES stays within a budget.

    Parameters
    ----------
    unit_losses : (s, g) array-like
        Loss of one unit of each segment in each scenario [yuan a unit].
    margins : (g,) array-like
        Margin of one unit [yuan a unit].
    budget_yuan : float
        Most ES [yuan], > 0.
    level : float
        Level of ES [1], in (0, 1).
    low, high : (g,) array-like
        Least and most volume of each segment [unit], finite.
    weights : (s,) array-like or None
        Likelihood ratios of the scenarios [1], >= 0, of mean about 1; None for all 1.
    limits : (c, g) array-like or None
        Rows of further limits, such as one name or one county.
    amounts : (c,) array-like or None
        What they must not exceed.

    Returns
    -------
    Allocation
        The optimum.

    Raises
    ------
    BookError
        If arguments do not fit or no volumes meet every bound.

    Notes
    -----
    A linear programme with one row a scenario, solved by HiGHS.

    Examples
    --------
    >>> found = allocate_limits([[0.0, 0.1], [0.2, 0.1]], [0.03, 0.01], 15.0, 0.5,
    ...     [0.0, 0.0], [100.0, 100.0])
    >>> found.volumes.round(9).tolist(), round(found.expected_shortfall_yuan, 9)
    ([75.0, 0.0], 15.0)
    """
    losses, m, p, rows, most = _problem(unit_losses, margins, weights, limits, amounts)
    floor, cap = finite_column("low", low), finite_column("high", high)
    if floor.shape != m.shape or cap.shape != m.shape or np.any(floor > cap) or np.any(floor < 0):
        raise refused("low, high", "应每组一个且0 ≤ 下限 ≤ 上限", "need 0 <= low <= high, one each")
    share = 1.0 - inside("level", level)
    budget = inside("budget_yuan", budget_yuan, high=np.inf)
    size, count = losses.shape
    # The budget is one unit of money, so that rows and columns are of like size.
    scaled = losses / budget
    cost = np.concatenate((-m, np.zeros(1 + size)))
    right = np.concatenate(([1.0], np.zeros(size), most))
    bounds = [*zip(floor, cap, strict=True), (None, None), *([(0.0, None)] * size)]
    found = _solved(cost, (scaled, p / share, rows), right, bounds)
    x = np.clip(found.x[:count], floor, cap)
    dual = -np.asarray(found.ineqlin.marginals)
    shortfall, tail = _tail(losses @ x, p, share)
    if dual[0] > 0.0:
        tail = dual[1 : 1 + size] / dual[0]
    marginal = tail @ losses
    met = (rows @ x >= most - 1e-9 * np.maximum(np.abs(most), 1.0)) & (dual[1 + size :] > 0.0)
    span = 1e-7 * np.maximum(cap, 1.0)
    free = (x > floor + span) & (x < cap - span) & ~np.any(rows[met] != 0.0, axis=0)
    returned = np.divide(m, marginal, out=np.full(count, np.nan), where=marginal > 0.0)
    return Allocation(
        x, float(m @ x), shortfall, marginal, returned, float(dual[0]) / budget, free
    )  # fmt: skip


def _problem(
    unit_losses: ArrayLike, margins: ArrayLike, weights: ArrayLike | None,
    limits: ArrayLike | None, amounts: ArrayLike | None,
) -> tuple[Column, Column, Column, Column, Column]:  # fmt: skip
    """Losses, margins, probabilities, rows of limits and their amounts, all of one size."""
    losses = np.asarray(unit_losses, dtype=np.float64)
    m = finite_column("margins", margins)
    if losses.ndim != 2 or not losses.size or not np.all(np.isfinite(losses)):
        raise refused("unit_losses", "应为有限数的表", "must be a table of finite numbers")
    size, count = losses.shape
    w = np.ones(size) if weights is None else finite_column("weights", weights)
    rows = np.zeros((0, count)) if limits is None else np.asarray(limits, dtype=np.float64)
    most = np.zeros(0) if amounts is None else finite_column("amounts", amounts)
    if m.size != count or w.size != size or np.any(w < 0.0):
        raise refused("margins, weights", "与损失表不符", "do not fit the table of losses")
    if rows.shape != (most.size, count) or not np.all(np.isfinite(rows)):
        raise refused("limits, amounts", "形状不符", "need one amount a row, one column a segment")
    return losses, m, w / size, rows, most


def _solved(
    cost: Column, parts: tuple[Column, Column, Column], right: Column,
    bounds: Sequence[tuple[float | None, float | None]],
) -> Any:  # fmt: skip
    """Solve the programme; say so where nothing meets every bound."""
    from scipy import sparse  # slow to import, paid only by who allocates
    from scipy.optimize import linprog

    losses, tail, rows = parts
    one, size = sparse.csr_array(np.ones((1, 1))), len(losses)
    blocks: list[list[Any]] = [
        [None, one, sparse.csr_array(tail[None, :])],
        [sparse.csr_array(losses), sparse.csr_array(-np.ones((size, 1))), -sparse.eye_array(size)],
        [sparse.csr_array(rows), None, None],
    ]
    matrix: Any = sparse.bmat(blocks, format="csr")
    found = linprog(cost, A_ub=matrix, b_ub=right, bounds=bounds, method="highs")
    if not found.success:
        raise BookError(
            Text("没有同时满足预算与各项限额的方案", "no volumes meet the budget and every limit"),
            Text("请放宽预算、下限或限额", "raise the budget, or lower what is the least"),
        )
    return found


def _tail(losses: Column, p: Column, share: float) -> tuple[float, Column]:
    """ES and the weights of scenarios in it, the atom at VaR split."""
    order = np.argsort(-losses, kind="stable")
    above = np.concatenate(([0.0], np.cumsum(p[order])[:-1]))
    tail = np.zeros(losses.size)
    tail[order] = np.clip(share - above, 0.0, p[order]) / share
    return float(tail @ losses), tail
