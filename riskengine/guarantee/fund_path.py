"""Compensation funds on many paths: who is paid, when a fund is empty, what it asks for.

Scenarios of losses go through the terms of a programme first; what falls to a fund is its
claim.  Here the fund lives on month by month: income and interest, claims paid after a
delay, recoveries after another, top-ups by the party that stands behind it.  What it cannot
pay falls to the next party, at once.  On every path, to the fen,

    paid + unpaid + not yet due = claims,
    opening + income + recovered + topped up - paid = closing.

A fund is exhausted in the first month in which it cannot pay all that is due; empty with
nothing due it is not.  Horizons of several years take their claims from
`riskengine.portfolio.contract_simulation.consecutive_years`: independent scenarios a year.

Source: credit notes 5.4; Asmussen & Albrecher, Ruin Probabilities (2010), ch. I.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from riskengine.kernels.fund_path import fund_path
from riskengine.portfolio.exposures import BookError, refused
from riskengine.words import Text

Fen = NDArray[np.int64]
Column = NDArray[np.float64]

MOST_FEN = 2**53
"""Amounts stay below it: a float64 holds them exactly where a rate is applied."""


@dataclass(frozen=True, slots=True)
class Fund:
    """Terms of one compensation fund.

    Parameters
    ----------
    fund_id : str
        Name.
    opening_fen : int
        Balance today [fen], >= 0.
    income_fen : (m,) int64
        Fees, subsidies and other income of each month [fen], >= 0.
    in_force_fen : (m,) int64
        Guarantees in force at the end of each month [fen], >= 0.
    interest_rate_per_month : float
        Interest on the opening balance of a month [1/month], in [0, 1].
    claim_delay_months : int
        From default to payment [month], >= 0.
    recovery_share : float
        Share of its payments that comes back [1], in [0, 1].
    recovery_delay_months : int
        From payment to recovery [month], >= 0.
    floor_share : float
        A top-up is asked for when the balance is below this share of the guarantees in
        force [1], in [0, 1]: an argument, from the rule or the agreement.
    top_up_to_fen : int
        Balance to which the fund is topped up [fen], >= 0.
    committed_fen : int
        Most that is ever topped up [fen], >= 0.
    top_up_delay_months : int
        From the shortage to the money [month], >= 0.
    """

    fund_id: str
    opening_fen: int
    income_fen: Fen
    in_force_fen: Fen
    interest_rate_per_month: float = 0.0
    claim_delay_months: int = 0
    recovery_share: float = 0.0
    recovery_delay_months: int = 0
    floor_share: float = 0.0
    top_up_to_fen: int = 0
    committed_fen: int = 0
    top_up_delay_months: int = 0

    def __post_init__(self) -> None:
        """Refuse terms that no fund can have."""
        for name in ("income_fen", "in_force_fen"):
            held = getattr(self, name)
            whole = held.ndim == 1 and np.issubdtype(held.dtype, np.integer)
            if not whole or np.any(held < 0) or np.any(held >= MOST_FEN):
                said = "must hold whole fen a month, not negative, below 2^53"
                raise self._refused(name, "应为每月整数分，不得为负，小于2^53", said)
        for name in ("opening_fen", "claim_delay_months", "recovery_delay_months",
                     "top_up_to_fen", "committed_fen", "top_up_delay_months"):  # fmt: skip
            held = getattr(self, name)
            if not isinstance(held, int | np.integer) or not 0 <= held < MOST_FEN:
                said = "must be a whole number, not negative, below 2^53"
                raise self._refused(name, "应为非负整数，小于2^53", said)
        for name in ("interest_rate_per_month", "recovery_share", "floor_share"):
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise self._refused(name, "应在0到1之间", "must be in [0, 1]")

    @property
    def floor_fen(self) -> Fen:
        """Balance below which a top-up is asked for, each month [fen], (m,)."""
        found: Fen = np.rint(self.floor_share * self.in_force_fen).astype(np.int64)
        return found

    def _refused(self, name: str, zh: str, en: str) -> BookError:
        cure = Text("请检查该基金的这一项", "check this term of the fund")
        where = f"{self.fund_id}, {name}"
        return BookError(Text(f"{where}：{zh}", f"{where} {en}"), cure)


@dataclass(frozen=True, slots=True)
class FundPaths:
    """What happened to k funds in m months on s paths; all in fen.

    Parameters
    ----------
    fund_ids : tuple of str
        Names of the funds.
    opening_fen : (k,) int64
        Opening balances.
    balance_fen, paid_fen, unpaid_fen : (k, m, s) int64
        Closing balance, payments, and what falls to the next party, month by month.
    income_fen, recovered_fen, topped_up_fen : (k, s) int64
        Received within the horizon; interest is income.
    not_yet_due_fen, recoverable_fen, promised_fen : (k, s) int64
        At the end: claims that fall due later, recoveries and top-ups still to come.
    exhausted_in : (k, s) int64
        First month with something unpaid, from 0; m where there is none.
    """

    fund_ids: tuple[str, ...]
    opening_fen: Fen
    balance_fen: Fen
    paid_fen: Fen
    unpaid_fen: Fen
    income_fen: Fen
    recovered_fen: Fen
    topped_up_fen: Fen
    not_yet_due_fen: Fen
    recoverable_fen: Fen
    promised_fen: Fen
    exhausted_in: Fen


@dataclass(frozen=True, slots=True)
class FundSummary:
    """Chances and means of k funds over weighted paths, each with its standard error.

    Parameters
    ----------
    fund_ids : tuple of str
        Names of the funds.
    exhaustion_chance, exhaustion_error : (k,) float64
        Probability of exhaustion within the horizon and its standard error [1].
    month_chance : (k, m) float64
        Probability that it happens first in that month [1].
    unpaid_yuan, unpaid_error_yuan : (k,) float64
        Expected unpaid claims and standard error [yuan].
    top_up_yuan, top_up_error_yuan : (k,) float64
        Expected top-ups, asked for within the horizon, and standard error [yuan].
    any_chance, any_error : float
        Probability that one fund or more is exhausted, and its standard error [1].
    levels : (q,) float64
        Levels of the quantiles [1].
    balance_yuan : (k, m, q) float64
        Quantiles of the closing balance [yuan].
    """

    fund_ids: tuple[str, ...]
    exhaustion_chance: Column
    exhaustion_error: Column
    month_chance: Column
    unpaid_yuan: Column
    unpaid_error_yuan: Column
    top_up_yuan: Column
    top_up_error_yuan: Column
    any_chance: float
    any_error: float
    levels: Column
    balance_yuan: Column


def fund_paths(funds: Sequence[Fund], claims_fen: Fen) -> FundPaths:
    """Run funds through their claims; a fund knows nothing of another.

    Parameters
    ----------
    funds : sequence of Fund
        k funds of the same m months.
    claims_fen : (k, m, s) int64
        Claims on each fund by month in which they arise [fen], >= 0: after all terms that
        come before the fund.  For a party behind the fund run it again on ``unpaid_fen``.

    Returns
    -------
    FundPaths
        Exact to the fen on every path.

    Raises
    ------
    BookError
        If claims do not fit the funds, are negative, or add up beyond 2^53 fen.
    """
    _checked(funds, claims_fen)
    shape = claims_fen.shape
    claims = np.ascontiguousarray(claims_fen, dtype=np.int64)
    balance, paid, unpaid = (np.empty(shape, dtype=np.int64) for _ in range(3))
    totals = np.empty((shape[0], 7, shape[2]), dtype=np.int64)
    asked = np.empty(shape[1:], dtype=np.int64)
    for k, fund in enumerate(funds):
        terms = np.array([
            fund.opening_fen, fund.claim_delay_months, fund.recovery_delay_months,
            fund.top_up_delay_months, fund.top_up_to_fen, fund.committed_fen,
        ])  # fmt: skip
        rates = np.array([fund.recovery_share, fund.interest_rate_per_month])
        income = np.ascontiguousarray(fund.income_fen, dtype=np.int64)
        fund_path(
            claims[k], income, fund.floor_fen, terms, rates, balance[k], paid[k], unpaid[k],
            asked, totals[k],
        )  # fmt: skip
    opening = np.array([fund.opening_fen for fund in funds], dtype=np.int64)
    names = tuple(fund.fund_id for fund in funds)
    return FundPaths(names, opening, balance, paid, unpaid, *np.moveaxis(totals, 1, 0))


def _checked(funds: Sequence[Fund], claims_fen: Fen) -> None:
    """Refuse claims that do not fit the funds or that a float64 would not hold."""
    shape = claims_fen.shape
    months = {(fund.income_fen.size, fund.in_force_fen.size) for fund in funds}
    fits = len(shape) == 3 and shape[0] == len(funds) and months == {(shape[1], shape[1])}
    if not fits or not np.issubdtype(claims_fen.dtype, np.integer) or not claims_fen.size:
        said = "must be whole fen by fund, month and path, months as the funds have"
        raise refused("claims_fen", "应为（基金，月，路径）的整数分，月数与基金一致", said)
    if np.any(claims_fen < 0) or np.any(claims_fen >= MOST_FEN):
        raise refused("claims_fen", "不得为负或过大", "must not be negative or above 2^53")
    # Floats see an overflow that whole numbers would wrap round.
    most = claims_fen.sum(axis=1, dtype=np.float64).max(axis=1)
    for fund, claimed in zip(funds, most.tolist(), strict=True):
        held = 1.0 + claimed + fund.opening_fen + fund.committed_fen + float(fund.income_fen.sum())
        growth = shape[1] * math.log1p(fund.interest_rate_per_month)
        if math.log(held) + growth >= math.log(MOST_FEN):
            said = "and the balance that comes of them must stay below 2^53 fen"
            raise refused("claims_fen", "及由此形成的余额应小于2^53分", said)


def summarise_funds(
    paths: FundPaths, weights: Column | None = None, *,
    levels: Sequence[float] = (0.05, 0.25, 0.5, 0.75, 0.95), batches: int | None = None,
) -> FundSummary:  # fmt: skip
    """Chances, means and quantiles of fund paths.

    Parameters
    ----------
    paths : FundPaths
        The paths.
    weights : (s,) float64 or None
        Likelihood ratios [1], >= 0, of mean 1; None for plain paths.
    levels : sequence of float
        Levels of the quantiles [1], in (0, 1].
    batches : int or None
        Paths come in that many independent blocks of one size, one after the other (such as
        scrambles of Sobol points): standard errors are those of the blocks' means.  None
        where every path is independent.

    Returns
    -------
    FundSummary
        Means are of weight x value, never divided by the sum of the weights.

    Raises
    ------
    BookError
        If weights, levels or batches do not fit the paths.

    Notes
    -----
    A quantile is the smallest balance whose probability, counted from the low side, reaches
    the level; where importance weights add up to less, the largest balance.
    """
    size = paths.exhausted_in.shape[1]
    held = np.ones(size) if weights is None else np.asarray(weights, dtype=np.float64)
    if held.shape != (size,) or not np.all((held >= 0.0) & np.isfinite(held)):
        raise refused("weights", "应为有限数，不得为负", "must be finite, not negative, one a path")
    wanted = np.asarray(levels, dtype=np.float64)
    if wanted.ndim != 1 or not np.all((wanted > 0.0) & (wanted <= 1.0)):
        raise refused("levels", "应在0到1之间", "must be in (0, 1]")
    parts = size if batches is None else batches
    if parts < 1 or size % parts:
        raise refused("batches", "应整除路径数", "must divide the number of paths")
    months = paths.balance_fen.shape[1]
    gone = paths.exhausted_in < months
    chance, chance_error = _mean(gone, held, parts)
    lost, lost_error = _mean(paths.unpaid_fen.sum(axis=1) / 100.0, held, parts)
    asked, asked_error = _mean((paths.topped_up_fen + paths.promised_fen) / 100.0, held, parts)
    anyone, any_error = _mean(gone.any(axis=0)[np.newaxis], held, parts)
    month = np.stack([
        np.bincount(row, held, minlength=months + 1)[:months] for row in paths.exhausted_in
    ]) / size  # fmt: skip
    balance = np.stack([_quantiles(fund, held, wanted) for fund in paths.balance_fen])
    return FundSummary(
        paths.fund_ids, chance, chance_error, month, lost, lost_error, asked, asked_error,
        float(anyone[0]), float(any_error[0]), wanted, balance / 100.0,
    )  # fmt: skip


def _mean(
    values: NDArray[np.float64] | NDArray[np.bool_], weights: Column, parts: int
) -> tuple[Column, Column]:
    """Mean of weight x value of each row, and its standard error from independent parts."""
    means = (values * weights).reshape(values.shape[0], parts, -1).mean(axis=2)
    unknown = np.full(values.shape[0], np.nan)
    error = means.std(axis=1, ddof=1) / np.sqrt(parts) if parts > 1 else unknown
    return means.mean(axis=1), error


def _quantiles(values: Fen, weights: Column, levels: Column) -> Fen:
    """Weighted quantiles of each row."""
    size, aim = weights.size, levels * weights.size * (1.0 - 1e-12)
    if np.all(weights == 1.0):
        plain: Fen = np.sort(values, axis=1)[:, np.ceil(aim).astype(np.intp) - 1]
        return plain
    order = np.argsort(values, axis=1, kind="stable")
    share = np.cumsum(weights[order], axis=1)
    at = np.stack([np.searchsorted(row, aim) for row in share])
    found: Fen = np.take_along_axis(
        values, np.take_along_axis(order, np.minimum(at, size - 1), axis=1), axis=1
    )
    return found
