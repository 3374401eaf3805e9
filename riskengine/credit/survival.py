"""Survival without a model: Kaplan-Meier and, with several ends, Aalen-Johansen.

A loan ends by default, early repayment, renewal (续保) or normal expiry, or it is still
open when we look (censored).  Treating the other ends as censoring overstates default:
that is what the competing form is for.

Source: Kaplan & Meier, JASA 53 (1958) 457; Greenwood (1926); Aalen & Johansen, Scand. J.
Statist. 5 (1978) 141; Gaynor et al., JASA 88 (1993) 400 (variance).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riskengine.credit.rows import Column, CreditError, column
from riskengine.words import Text


@dataclass(frozen=True, slots=True)
class Survival:
    """Survival after each time at which something ended.

    Parameters
    ----------
    time : (k,) float64
        Times of events, rising, in the unit handed in.
    at_risk, events : (k,) float64
        Loans at risk just before and events at each time.
    survival : (k,) float64
        Chance to survive beyond it [1].
    standard_error : (k,) float64
        Greenwood's [1]; NaN once nobody is left.
    """

    time: Column
    at_risk: Column
    events: Column
    survival: Column
    standard_error: Column


@dataclass(frozen=True, slots=True)
class Incidence:
    """Chance to have ended by each cause, with all others competing.

    Parameters
    ----------
    time : (k,) float64
        Times at which some cause struck, rising, in the unit handed in.
    causes : tuple of int
        The causes, rising.
    incidence : (c, k) float64
        Cumulative incidence of each cause [1].
    standard_error : (c, k) float64
        Its standard error [1].
    survival : (k,) float64
        Chance that no cause has struck [1]; with the incidences 1.
    """

    time: Column
    causes: tuple[int, ...]
    incidence: Column
    standard_error: Column
    survival: Column


def _checked(time: ArrayLike, kind: ArrayLike) -> tuple[Column, NDArray[np.int64]]:
    """Times and kinds of end of the same loans."""
    when, what = column("time", time), column("event", kind)
    if when.size == 0 or when.shape != what.shape:
        raise CreditError(
            Text("时间与结局行数不同或为空", "times and events are empty or differ in length"),
            Text("每笔贷款一个时间和一个结局", "give one time and one event a loan"),
        )
    if not np.all(np.isfinite(when) & (when >= 0.0)) or np.any(what != np.floor(what)):
        raise CreditError(
            Text("时间为负或缺失，或结局不是整数",
                 "a time is negative or missing, or an event is no whole number"),
            Text("未结束的贷款结局填0，时间填观察期末",
                 "an open loan has event 0 and the time until which it was watched"),
        )  # fmt: skip
    if np.any(what < 0.0):
        raise CreditError(
            Text("结局为负数", "an event is negative"),
            Text("未结束填0，各类结局填1、2、3……", "give 0 for open and 1, 2, 3 ... for the ends"),
        )
    return when, what.astype(np.int64)


def _counts(when: Column, what: NDArray[np.int64]) -> tuple[Column, Column]:
    """Times of events and the loans at risk just before each."""
    times = np.unique(when[what > 0])
    ordered = np.sort(when)
    return times, (when.size - np.searchsorted(ordered, times, side="left")).astype(np.float64)


def kaplan_meier(time: ArrayLike, event: ArrayLike) -> Survival:
    """Survival by Kaplan & Meier with Greenwood's standard error: PD-KM.

    Parameters
    ----------
    time : (n,) array-like
        Time to the event or until which the loan was watched, in any unit, >= 0.
    event : (n,) array-like of int
        1 (or more) for the event, 0 when still open; at equal times events come first.

    Returns
    -------
    Survival
        One row a time of events; empty when nothing happened.

    Raises
    ------
    CreditError
        If the columns do not fit, or hold missing or negative cells.

    Examples
    --------
    >>> kaplan_meier([1.0, 2.0, 3.0], [1, 0, 1]).survival.round(6).tolist()
    [0.666667, 0.0]
    """
    when, what = _checked(time, event)
    times, at_risk = _counts(when, what)
    ended = np.sort(when[what > 0])
    events = np.diff(np.searchsorted(ended, times, side="left"), append=ended.size).astype(
        np.float64
    )
    survival = np.asarray(np.cumprod(1.0 - events / at_risk), dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.sqrt(np.cumsum(events / (at_risk * (at_risk - events))))
        error: Column = np.where(survival > 0.0, survival * spread, np.nan)
    return Survival(times, at_risk, events, survival, error)


def aalen_johansen(time: ArrayLike, cause: ArrayLike) -> Incidence:
    """Cumulative incidence of every cause, the others competing.

    Parameters
    ----------
    time : (n,) array-like
        Time to the end or until which the loan was watched, in any unit, >= 0.
    cause : (n,) array-like of int
        0 when still open, 1, 2, ... for the ways to end.

    Returns
    -------
    Incidence
        One row a cause, one column a time.

    Raises
    ------
    CreditError
        If the columns do not fit, or hold missing or negative cells.

    Examples
    --------
    >>> found = aalen_johansen([1.0, 2.0, 3.0, 4.0], [1, 2, 0, 1])
    >>> found.incidence.tolist(), found.survival.tolist()
    ([[0.25, 0.25, 0.75], [0.0, 0.25, 0.25]], [0.75, 0.5, 0.0])
    """
    when, what = _checked(time, cause)
    times, at_risk = _counts(when, what)
    causes = tuple(int(one) for one in np.unique(what[what > 0]))
    place = np.searchsorted(times, when[what > 0])
    struck = np.zeros((len(causes), times.size))
    np.add.at(struck, (np.searchsorted(causes, what[what > 0]), place), 1.0)
    every = struck.sum(axis=0)
    before = np.concatenate([[1.0], np.cumprod(1.0 - every / at_risk)])
    survival = before[1:]
    steps = before[:-1] * struck / at_risk
    incidence = np.cumsum(steps, axis=1)
    error = np.stack([
        _incidence_error(incidence[c], before[:-1], struck[c], every, at_risk)
        for c in range(len(causes))
    ]) if causes else np.empty((0, 0))  # fmt: skip
    return Incidence(times, causes, incidence, error, survival)


def _incidence_error(
    incidence: Column, before: Column, struck: Column, every: Column, at_risk: Column
) -> Column:
    """Standard error of one cumulative incidence by the delta method, at every time."""
    n, left = at_risk, at_risk - every
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.where(left > 0.0, every / (n * left), 0.0)
    own = before**2 * struck * (n - struck) / n**3
    mixed = before * struck / n**2
    # sum_j (I(t) - I_j)^2 g_j + sum_j own_j - 2 sum_j (I(t) - I_j) mixed_j, by running sums.
    first = incidence**2 * np.cumsum(spread) - 2.0 * incidence * np.cumsum(incidence * spread)
    first += np.cumsum(incidence**2 * spread)
    last = incidence * np.cumsum(mixed) - np.cumsum(incidence * mixed)
    found: Column = np.sqrt(np.maximum(first + np.cumsum(own) - 2.0 * last, 0.0))
    return found
