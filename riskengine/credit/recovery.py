"""What workouts brought in: loss given default, finished or still running.

Two losses that are not the same: the lender's counts from default on the exposure at
default and takes the guarantor's payment as a recovery; the guarantor's counts from the
day he paid (代偿) on what he paid, and what he recovers from the debtor (追偿).

A workout still open has brought in too little so far; leaving it out keeps the quick and
easy ones.  `recovered_share` and `run_off` use what it has shown without either bias.

Source: Basel CRE36; Schuermann (2004) What do we know about loss given default?; Mack,
ASTIN Bulletin 23 (1993) 213 (chain ladder); Kaplan & Meier, JASA 53 (1958) 457.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from riskengine.credit.rows import Column, CreditError, Index, column, filled, starts, table
from riskengine.kernels.recovery import workout_rows
from riskengine.words import Text


@dataclass(frozen=True, slots=True)
class Workout:
    """Loss given default of workouts, one row a loan.

    Parameters
    ----------
    recovered_yuan, spent_yuan : (n,) float64
        Values of recoveries and costs at the moment from which time counts [yuan].
    loss_share : (n,) float64
        Loss given default [1]; below 0 or above 1 where it is: clip after averaging.
    status : (n,) int64
        See `riskengine.credit.rows.STATUS`.
    """

    recovered_yuan: Column
    spent_yuan: Column
    loss_share: Column
    status: Index


@dataclass(frozen=True, slots=True)
class Flows:
    """Dated amounts of many loans, one after the other.

    Parameters
    ----------
    amounts_yuan, years : (m,) array-like
        Amounts [yuan] and their times [year].
    starts : (n + 1,) array-like of int
        Where the amounts of each loan start.
    """

    amounts_yuan: ArrayLike
    years: ArrayLike
    starts: ArrayLike


def _flat(name: str, flows: Flows) -> tuple[Column, Column, Index]:
    """Checked arrays of dated amounts."""
    amounts = column(f"{name}.amounts_yuan", flows.amounts_yuan)
    years = column(f"{name}.years", flows.years)
    if amounts.shape != years.shape:
        raise CreditError(
            Text(f"{name}的金额与时间行数不同", f"amounts and times of {name} differ in length"),
            Text("每笔金额一个时间", "give one time an amount"),
        )
    return amounts, years, starts(f"{name}.starts", flows.starts, amounts.size)


def workout_losses(
    exposure_yuan: ArrayLike, rate: ArrayLike, recoveries: Flows, costs: Flows, *,
    from_years: ArrayLike = 0.0,
) -> Workout:  # fmt: skip
    """Workout loss given default: LGD-WORKOUT of the credit notes.

    Parameters
    ----------
    exposure_yuan : array-like
        Exposure at default, or what a guarantor paid [yuan], > 0.
    rate : array-like
        Yearly rate at which flows are discounted [1/year], > -1: the contract's effective
        rate for the accounts, one with a risk margin for the regulator.
    recoveries, costs : Flows
        What came in and what was spent for it.
    from_years : array-like
        Moment from which time counts [year]: default for the lender, the day of payment
        for a guarantor.  Flows before it do not count.

    Returns
    -------
    Workout
        One row a loan.

    Raises
    ------
    CreditError
        If columns and flows do not fit.

    Examples
    --------
    >>> came = Flows([300.0, 250.0, 150.0], [0.5, 1.25, 2.0], [0, 3])
    >>> went = Flows([40.0, 30.0], [0.5, 1.25], [0, 2])
    >>> workout_losses(1000.0, 0.08, came, went).loss_share.round(9).tolist()
    [0.421392205]
    """
    came, went = _flat("recoveries", recoveries), _flat("costs", costs)
    if came[2].size != went[2].size:
        raise CreditError(
            Text(
                "回收与费用的贷款数不同", "recoveries and costs are of different numbers of loans"
            ),
            Text("没有费用的贷款也占一位", "a loan without costs has its place too"),
        )
    x = table(
        exposure_yuan=exposure_yuan, from_years=from_years, rate=rate,
        loans=np.zeros(came[2].size - 1),
    )[:3]  # fmt: skip
    out, status = filled(3, x)
    workout_rows(x, *came, *went, out, status)
    return Workout(out[0], out[1], out[2], status)


@dataclass(frozen=True, slots=True)
class Recovered:
    """Share of the exposure recovered until each time, open workouts included.

    Parameters
    ----------
    years : (k,) float64
        Times of recoveries since default, rising [year].
    watched_yuan : (k,) float64
        Exposure not yet recovered of loans still watched then [yuan].
    share : (k,) float64
        Share recovered until then [1], in [0, 1].
    """

    years: Column
    watched_yuan: Column
    share: Column


def recovered_share(exposure_yuan: ArrayLike, watched_years: ArrayLike, flows: Flows) -> Recovered:
    """Curve of recovery by Kaplan & Meier, every yuan a life that ends when it comes back.

    1 - prod (1 - what came back at t / what was still out at t on loans watched at t).

    Parameters
    ----------
    exposure_yuan : (n,) array-like
        Exposures at default [yuan], > 0.
    watched_years : (n,) array-like
        Time from default until the workout ended or was last looked at [year], >= 0; for
        a workout that ended with a loss, infinite: what is still out will never come.
    flows : Flows
        Recoveries, without costs [yuan], >= 0, within the time watched.

    Returns
    -------
    Recovered
        Undiscounted; beyond the longest time watched nothing is known.

    Raises
    ------
    CreditError
        If numbers are missing or out of range, a loan gets back more than its exposure,
        or a recovery lies beyond the time watched.

    Notes
    -----
    Assumes that how long a workout has been watched says nothing about how well it goes.

    Examples
    --------
    >>> flows = Flows([40.0, 40.0], [1.0, 2.0], [0, 2, 2])
    >>> found = recovered_share([100.0, 100.0], [2.0, 1.0], flows)
    >>> found.share.round(6).tolist()
    [0.2, 0.733333]
    """
    amounts, years, first = _flat("flows", flows)
    x = table(exposure_yuan=exposure_yuan, watched_years=watched_years)
    loan = np.repeat(np.arange(first.size - 1), np.diff(first))
    _check_watched(x, amounts, years, first, loan)
    times = np.unique(years)
    at = np.searchsorted(times, years)
    came = np.bincount(at, weights=amounts, minlength=times.size)
    # Out at t: exposures of loans watched at t, less what those loans paid before t.
    order = np.argsort(x[1])
    before = np.searchsorted(x[1][order], times, side="left")
    exposed = np.concatenate([np.cumsum(x[0][order][::-1])[::-1], [0.0]])[before]
    paid = np.zeros(times.size + 1)
    last = np.searchsorted(times, x[1][loan], side="right")
    np.add.at(paid, at + 1, amounts)
    np.add.at(paid, last, -amounts)
    out = exposed - np.cumsum(paid)[: times.size]
    left = np.cumprod(1.0 - came / np.where(out > 0.0, out, np.inf), dtype=np.float64)
    return Recovered(times, out, np.asarray(1.0 - left, dtype=np.float64))


def _check_watched(x: Column, amounts: Column, years: Column, first: Index, loan: Index) -> None:
    """Refuse recoveries that contradict their loans."""
    if x.shape[1] != first.size - 1:
        wrong = Text("敞口与回收的贷款数不同", "exposures and recoveries are of different loans")
    elif not np.all((x[0] > 0.0) & (x[0] < np.inf) & (x[1] >= 0.0)):
        wrong = Text("敞口应大于0，观察期不小于0", "exposures must be > 0 and times watched >= 0")
    elif not np.all((amounts >= 0.0) & (amounts < np.inf) & (years >= 0.0)):
        wrong = Text("回收金额或时间为负或缺失", "a recovery is negative or missing")
    elif np.any(years > x[1][loan]):
        wrong = Text("回收晚于观察期末", "a recovery lies beyond the time watched")
    elif np.any(np.bincount(loan, amounts, x.shape[1]) > x[0] * (1.0 + 1e-9)):
        wrong = Text("回收超过敞口", "more came back than was owed: enter interest apart")
    else:
        return
    raise CreditError(wrong, Text("请核对催收台账", "check the workout ledger"))


@dataclass(frozen=True, slots=True)
class RunOff:
    """Recoveries still to come, by year of default.

    Parameters
    ----------
    factors : (k - 1,) float64
        Growth of cumulative recoveries from one age to the next [1].
    final : (n,) float64
        Recoveries of each year of default at the last age, in the unit handed in.
    developed : (n,) float64
        Part of them that has come in so far [1].
    """

    factors: Column
    final: Column
    developed: Column


def run_off(triangle: ArrayLike) -> RunOff:
    """Complete a triangle of cumulative recoveries by the chain ladder.

    Parameters
    ----------
    triangle : (n, k) array-like
        Cumulative recoveries by year of default (rows) and age (columns), in any unit,
        >= 0, not falling; NaN where the age has not come yet.

    Returns
    -------
    RunOff
        No tail beyond the last age.

    Raises
    ------
    CreditError
        If a row has gaps or no first age, recoveries fall, or an age has nothing to
        measure its growth by.

    Examples
    --------
    >>> no = float("nan")
    >>> found = run_off([[10.0, 15.0, 18.0], [20.0, 30.0, no], [40.0, no, no]])
    >>> found.factors.tolist(), found.final.tolist()
    ([1.5, 1.2], [18.0, 36.0, 72.0])
    """
    x = np.array(triangle, dtype=np.float64)
    known = np.isfinite(x)
    shaped = x.ndim == 2 and x.size > 0 and bool(known[:, 0].all())
    if not shaped or np.any(known[:, 1:] & ~known[:, :-1]) or np.isinf(x).any():
        raise CreditError(
            Text("三角表有缺口", "the triangle has gaps"),
            Text("每行从第一期起连续填写，未到的期留空",
                 "fill each row from the first age without gaps, NaN for ages to come"),
        )  # fmt: skip
    if np.any(x[known] < 0.0) or np.any(np.diff(x, axis=1) < 0.0):
        raise CreditError(
            Text("累计回收为负或下降", "cumulative recoveries are negative or fall"),
            Text("填累计数，费用另计", "give cumulative amounts, with costs apart"),
        )
    both = known[:, 1:] & known[:, :-1]
    start = np.where(both, x[:, :-1], 0.0).sum(axis=0)
    if np.any(start <= 0.0):
        raise CreditError(
            Text("某一期没有可比的回收", "an age has no recoveries to measure its growth by"),
            Text("合并期数或补数据", "merge ages or add data"),
        )
    factors = np.where(both, x[:, 1:], 0.0).sum(axis=0) / start
    to_come = np.concatenate([np.cumprod(factors[::-1])[::-1], [1.0]])
    age = known.sum(axis=1) - 1
    latest = x[np.arange(len(x)), age]
    return RunOff(factors, latest * to_come[age], 1.0 / to_come[age])
