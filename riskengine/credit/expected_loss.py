"""Expected credit loss of a book of contracts: 12 months, lifetime, by scenario and by month.

`twelve_month_loss` is the closed form for figures that do not move; `lifetime_loss` walks
every contract through its months under every scenario.  When within its month a default
falls (``end``, ``mid``, ``exact``) is part of the result, for two engines that leave it out
disagree by a month of discount.

LGD is as of the day of default: recoveries are discounted to that day, at the rate that
brings the loss from there to today.

Source: IFRS 9 5.5.1-5.5.20 (CAS 22); credit notes 3.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import ArrayLike

from riskengine.credit.default_profiles import FLAT, DefaultProfiles
from riskengine.credit.exposure_path import ExposurePath, Timing, check_per_year, timing_code
from riskengine.credit.loss_scenarios import BASE, Scenario, scenario_tables
from riskengine.credit.rows import Column, CreditError, Index, column, table
from riskengine.kernels.expected_loss import twelve_month_rows
from riskengine.kernels.lifetime_loss import lifetime_rows
from riskengine.words import Text

CHUNK = 16_384
"""Contracts of one piece of work; sums of money are taken piece by piece, in order."""


@dataclass(frozen=True, slots=True)
class TwelveMonthLoss:
    """Loss of defaults within 12 months, one row a contract.

    Parameters
    ----------
    expected_loss_yuan : (n,) float64
        EAD x PD x LGD [yuan], neither discounted nor cut at maturity.
    expected_credit_loss_yuan : (n,) float64
        Discounted loss of defaults within 12 months or until maturity [yuan].
    timing : str
        When within its period a default falls.
    status : (n,) int64
        See `riskengine.credit.rows.STATUS`.
    """

    expected_loss_yuan: Column
    expected_credit_loss_yuan: Column
    timing: Timing
    status: Index


@dataclass(frozen=True, slots=True)
class LifetimeLoss:
    """Expected credit losses, weighted over the scenarios.

    Parameters
    ----------
    twelve_month_yuan, lifetime_yuan : (n,) float64
        Discounted loss of defaults within 12 months and until maturity [yuan].
    default_chance : (n,) float64
        PD until maturity [1].
    by_period_yuan : (t,) float64
        Lifetime loss of the whole book by period of default [yuan].
    by_scenario_yuan : (s,) float64
        Lifetime loss of the whole book in each scenario, not weighted [yuan].
    scenarios : tuple of Scenario
        What it was measured under.
    timing : str
        When within its period a default falls.
    status : (n,) int64
        See `riskengine.credit.rows.STATUS`; rows that cannot be told are in no sum.
    """

    twelve_month_yuan: Column
    lifetime_yuan: Column
    default_chance: Column
    by_period_yuan: Column
    by_scenario_yuan: Column
    scenarios: tuple[Scenario, ...]
    timing: Timing
    status: Index


def twelve_month_loss(
    exposure_yuan: ArrayLike, default_chance: ArrayLike, loss_share: ArrayLike,
    effective_rate: ArrayLike = 0.0, periods: ArrayLike = 12, *, per_year: int = 12,
    timing: Timing = "end", threads: int = 1,
) -> TwelveMonthLoss:  # fmt: skip
    """EL and 12-month ECL of columns at a constant force of default.

    Parameters
    ----------
    exposure_yuan : array-like
        Exposure at default [yuan], >= 0.
    default_chance : array-like
        PD of 12 months [1], in [0, 1]; at 1 default comes in the first period.
    loss_share : array-like
        LGD [1], in [0, 1].
    effective_rate : array-like
        Effective interest rate [1/year], > -1.
    periods : array-like
        Periods until maturity [period], whole, >= 0.
    per_year : int
        Periods of a year, in [1, 12]: 1 discounts a whole year.
    timing : {"end", "mid", "exact"}
        When within its period a default falls.
    threads : int
        Threads, >= 1; the result does not depend on them.

    Returns
    -------
    TwelveMonthLoss
        One row a contract; a bad row is NaN with its status.

    Raises
    ------
    CreditError
        If columns do not fit each other or an argument is unknown.

    Examples
    --------
    >>> twelve_month_loss(1e6, 0.005, 0.25, 0.0).expected_credit_loss_yuan.round(6).tolist()
    [1250.0]
    """
    check_per_year(per_year)
    code = timing_code(timing)
    names = ("exposure_yuan", "default_chance", "loss_share", "effective_rate", "periods")
    columns, size = _aligned(
        names, (exposure_yuan, default_chance, loss_share, effective_rate, periods)
    )
    out, status = np.empty((2, size)), np.empty(size, dtype=np.int64)

    def piece(first: int, last: int) -> None:
        x, room = np.empty((5, last - first)), np.empty((2, last - first))
        for row, values in zip(x, columns, strict=True):
            row[:] = values if values.size == 1 else values[first:last]
        twelve_month_rows(x, 0, last - first, per_year, code, room, status[first:last])
        out[:, first:last] = room

    _in_pieces(size, threads, piece)
    return TwelveMonthLoss(out[0], out[1], timing, status)


def lifetime_loss(
    path: ExposurePath, default_chance: ArrayLike, loss_share: ArrayLike,
    effective_rate: ArrayLike, *, scenarios: Sequence[Scenario] = BASE,
    correlation: ArrayLike = 0.0, maturity_chance: ArrayLike = 0.0,
    profiles: DefaultProfiles = FLAT, profile: ArrayLike = 0, timing: Timing = "end",
    valued_on: date | None = None, threads: int = 1,
) -> LifetimeLoss:  # fmt: skip
    """12-month and lifetime ECL of contracts under weighted scenarios.

    Parameters
    ----------
    path : ExposurePath
        What each contract owes, n of them.
    default_chance : array-like
        PD of the next 12 months through the cycle [1], in [0, 1], after what
        ``maturity_chance`` takes out.
    loss_share : array-like
        LGD [1], in [0, 1], as of default.
    effective_rate : array-like
        Effective interest rate of the contract [1/year], > -1; of a guarantee the rate
        that its cash flows bear.
    scenarios : sequence of Scenario
        Their weights add up to 1 exactly.
    correlation : array-like
        Asset correlation of the contract's segment [1], in [0, 1): how far a scenario's
        factor moves its PD.
    maturity_chance : array-like
        Chance that a contract alive at maturity is not repaid [1], in [0, 1].
    profiles : DefaultProfiles
        How the force of default spreads over the months.
    profile : array-like of int
        Row of ``profiles`` of each contract.
    timing : {"end", "mid", "exact"}
        When within its period a default falls; the mass at maturity falls on its end.
    valued_on : datetime.date or None
        Valuation day: months then have their own days, ACT/365F; None makes all alike.
    threads : int
        Threads, >= 1; the result does not depend on them.

    Returns
    -------
    LifetimeLoss
        One row a contract; a bad row is NaN with its status.

    Raises
    ------
    CreditError
        If columns do not fit each other, or scenarios, profiles or timing are none.

    Examples
    --------
    >>> from riskengine.credit.exposure_path import exposure_path
    >>> path = exposure_path(1e5, 36, "annuity", rate_per_year=0.05)
    >>> lifetime_loss(path, 0.02, 0.45, 0.05).lifetime_yuan.round(2).tolist()
    [1336.31]
    """
    code, size = timing_code(timing), path.size
    x = table(
        size, default_chance=default_chance, loss_share=loss_share,
        effective_rate=effective_rate, correlation=correlation,
        maturity_chance=maturity_chance, profile=profile,
    )  # fmt: skip
    longest = max(path.longest, 1)
    curve = _curve(profiles, longest, path.per_year)
    rows = _profile_rows(x[5], len(curve[0]))
    states = scenario_tables(scenarios, longest, path.per_year)
    kinds, lengths = _lengths(longest, path.per_year, valued_on)
    clock = (kinds, lengths, path.per_year, code)
    out, status = np.empty((3, size)), np.empty(size, dtype=np.int64)
    pieces = -(-size // CHUNK)
    by_period, by_scenario = np.zeros((pieces, longest)), np.zeros((pieces, len(scenarios)))

    def piece(first: int, last: int) -> None:
        joined = np.vstack([path.rows[:, first:last], x[:5, first:last]])
        at = path.starts[first : last + 1] if path.listed_yuan.size else path.starts
        contract = (joined, rows[first:last], path.listed_yuan, at)
        told = (states.weights, states.factors, states.paths, states.changed)
        room, k = np.empty((3, last - first)), first // CHUNK
        lifetime_rows(
            contract, curve, told, clock, 0, last - first, room, status[first:last],
            by_period[k], by_scenario[k],
        )  # fmt: skip
        out[:, first:last] = room

    _in_pieces(size, threads, piece)
    return LifetimeLoss(
        out[0], out[1], out[2], _in_order(by_period),
        _in_order(by_scenario) / states.weights, tuple(scenarios), timing, status,
    )  # fmt: skip


def provision_matrix(balance_yuan: ArrayLike, loss_rate: ArrayLike) -> tuple[Column, float]:
    """Loss by band of days overdue from lifetime loss rates: the simplified approach.

    Parameters
    ----------
    balance_yuan : (b,) array-like
        Balance of each band [yuan], >= 0.
    loss_rate : (b,) array-like
        Lifetime loss rate of each band [1], in [0, 1].

    Returns
    -------
    loss_yuan : (b,) float64
        Loss of each band [yuan].
    total_yuan : float
        Their sum [yuan].

    Raises
    ------
    CreditError
        If a figure is missing or out of range.

    Notes
    -----
    Source: IFRS 9 5.5.15 and illustrative example 12.

    Examples
    --------
    >>> provision_matrix([15e6, 75e5], [0.003, 0.016])[1]
    165000.0
    """
    x = table(balance_yuan=balance_yuan, loss_rate=loss_rate)
    if not np.all((x >= 0.0) & np.isfinite(x)) or np.any(x[1] > 1.0):
        raise CreditError(
            Text("余额应不为负，损失率应在0到1之间", "balances are >= 0, loss rates in [0, 1]"),
            Text("请检查迁徙率矩阵", "check the provision matrix"),
        )
    loss: Column = x[0] * x[1]
    return loss, float(loss.sum())


def _curve(
    profiles: DefaultProfiles, longest: int, per_year: int
) -> tuple[Column, Column, np.typing.NDArray[np.bool_]]:
    """Shapes, their yearly means in periods, and where a shape moves."""
    shapes = profiles.reaching(longest, per_year)
    at = np.arange(0, longest, per_year)
    counts = np.minimum(at + per_year, longest) - at
    means = np.add.reduceat(shapes, at, axis=1) / counts * per_year
    moves = np.ones(longest, dtype=np.bool_)
    moves[1:] = np.any(shapes[:, 1:] != shapes[:, :-1], axis=0)
    return shapes, means, moves


def _profile_rows(given: Column, count: int) -> Index:
    if not np.all((given >= 0.0) & (given < count) & (given == np.floor(given))):
        raise CreditError(
            Text(f"profile应为0到{count - 1}的整数", f"profile is a row in [0, {count - 1}]"),
            Text("请检查期限结构的行号", "check the rows of the profiles"),
        )
    return given.astype(np.int64)


def _lengths(longest: int, per_year: int, valued_on: date | None) -> tuple[Index, Column]:
    """Kinds of length of the periods, and those lengths [year]."""
    if valued_on is None:
        return np.zeros(longest, dtype=np.int64), np.array([1.0 / per_year])
    if 12 % per_year:
        raise CreditError(
            Text("按日历折现要求每期为整月", "calendar discounting wants periods of whole months"),
            Text("per_year应整除12", "per_year should divide 12"),
        )
    first = np.datetime64(valued_on, "M")
    months = first + np.arange(longest + 1) * (12 // per_year)
    days = months.astype("datetime64[D]")
    room = (months + 1).astype("datetime64[D]") - days
    ends = days + np.minimum(np.timedelta64(valued_on.day, "D"), room) - np.timedelta64(1, "D")
    found, kinds = np.unique(np.diff(ends).astype(np.int64), return_inverse=True)
    return kinds.astype(np.int64), found / 365.0


def _aligned(names: Sequence[str], given: Sequence[ArrayLike]) -> tuple[list[Column], int]:
    """Columns of one length or one number each, not copied."""
    columns = [column(name, values) for name, values in zip(names, given, strict=True)]
    single = [np.ndim(values) == 0 for values in given]
    sizes = {one.size for one, alone in zip(columns, single, strict=True) if not alone}
    if len(sizes) > 1:
        raise CreditError(
            Text(f"各列行数不同：{sorted(sizes)}", f"columns differ in length: {sorted(sizes)}"),
            Text("请给出等长的列", "give columns of one length"),
        )
    size = sizes.pop() if sizes else 1
    return columns, size


def _in_pieces(size: int, threads: int, piece: Callable[[int, int], None]) -> None:
    """Do fixed pieces of the rows, on some threads."""
    jobs = [(first, min(first + CHUNK, size)) for first in range(0, size, CHUNK)]
    if threads <= 1 or len(jobs) < 2:
        for first, last in jobs:
            piece(first, last)
    else:
        Parallel(n_jobs=threads, backend="threading")(delayed(piece)(*job) for job in jobs)


def _in_order(parts: Column) -> Column:
    """Sum of parts, the first piece first."""
    total = np.zeros(parts.shape[1])
    for part in parts:
        total += part
    return total
