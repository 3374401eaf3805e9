"""Collateral that is low when borrowers default: columns in, columns out.

The borrower's standing A and the log X of what a sale brings are standard normals; low is
bad for both, so a correlation above 0 is wrong-way risk.  Bad rows are NaN with a status
of `riskengine.credit.rows.STATUS`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from riskengine.credit.rows import Column, CreditError, Index, column, filled, table
from riskengine.kernels.shortfall_rows import (
    conditional_rows,
    loan_to_value_rows,
    wrong_way_rows,
)
from riskengine.words import Text


@dataclass(frozen=True, slots=True)
class WrongWay:
    """Loss with collateral that falls when borrowers default, one row a loan.

    Parameters
    ----------
    expected_loss_yuan : (n,) float64
        E[max(D - C, 0) 1{default}] [yuan].
    loss_share : (n,) float64
        Loss given default [1].
    independent_loss_share : (n,) float64
        What it would be with correlation 0 [1].
    status : (n,) int64
        See `riskengine.credit.rows.STATUS`.
    """

    expected_loss_yuan: Column
    loss_share: Column
    independent_loss_share: Column
    status: Index


@dataclass(frozen=True, slots=True)
class Conditional:
    """PD and loss given default once the factors are known, one row a loan.

    Parameters
    ----------
    default_chance, loss_share, loss_rate : (n,) float64
        PD, loss given default and their product [1].
    status : (n,) int64
        See `riskengine.credit.rows.STATUS`.
    """

    default_chance: Column
    loss_share: Column
    loss_rate: Column
    status: Index


@dataclass(frozen=True, slots=True)
class LoanToValue:
    """Largest loan over value for an accepted chance of shortfall, one row a loan.

    Parameters
    ----------
    loan_to_value : (n,) float64
        With the chance taken given default [1].
    unconditional : (n,) float64
        With the chance taken as if default said nothing about the sale [1].
    chance_at_default : (n,) float64
        The chance given default that the latter really accepts [1].
    status : (n,) int64
        See `riskengine.credit.rows.STATUS`.
    """

    loan_to_value: Column
    unconditional: Column
    chance_at_default: Column
    status: Index


def wrong_way_shortfall(
    debt_yuan: ArrayLike, forward_yuan: ArrayLike, spread: ArrayLike, default_chance: ArrayLike,
    correlation: ArrayLike,
) -> WrongWay:  # fmt: skip
    """Loss with wrong-way risk in closed form: LGD-WWR of the credit notes.

    Parameters
    ----------
    debt_yuan, forward_yuan : array-like
        Debt and mean of what the sale brings [yuan], >= 0.
    spread : array-like
        Spread of its log [1], >= 0.
    default_chance : array-like
        PD [1], in [0, 1]; at 0 the loss share is the limit of ever rarer defaults.
    correlation : array-like
        Correlation of the borrower's standing with the sale [1], in [-1, 1]; above 0 both
        are low together.

    Returns
    -------
    WrongWay
        One row a loan.
    """
    x = table(
        debt_yuan=debt_yuan, forward_yuan=forward_yuan, spread=spread,
        default_chance=default_chance, correlation=correlation,
    )  # fmt: skip
    out, status = filled(3, x)
    wrong_way_rows(x, out, status)
    return WrongWay(out[0], out[1], out[2], status)


def given_factors(
    debt_yuan: ArrayLike, forward_yuan: ArrayLike, spread: ArrayLike, default_chance: ArrayLike,
    default_loadings: ArrayLike, sale_loadings: ArrayLike, factors: ArrayLike,
) -> Conditional:  # fmt: skip
    """PD and loss given default in one state of the world: LGD-COND of the credit notes.

    Parameters
    ----------
    debt_yuan, forward_yuan, spread, default_chance : array-like
        As `wrong_way_shortfall`.
    default_loadings, sale_loadings : (m, n) array-like
        Loadings of borrowers and sales on m independent standard normal factors [1]; with
        one factor the square roots of asset correlation and collateral beta.
    factors : (m,) array-like
        The state: low is bad [1].

    Returns
    -------
    Conditional
        One row a loan.

    Raises
    ------
    CreditError
        If loadings and factors do not fit the loans.
    """
    x = table(
        debt_yuan=debt_yuan, forward_yuan=forward_yuan, spread=spread,
        default_chance=default_chance,
    )  # fmt: skip
    state = column("factors", factors)
    shape = (state.size, x.shape[1])
    loadings = []
    for given in (default_loadings, sale_loadings):
        found = np.asarray(given, dtype=np.float64)
        if found.shape != shape:
            raise CreditError(
                Text(f"载荷应为{shape}", f"loadings must have the shape {shape}"),
                Text("每个因子一行、每笔贷款一列", "give one row a factor and one column a loan"),
            )
        loadings.append(np.ascontiguousarray(found))
    out, status = filled(3, x)
    conditional_rows(x, loadings[0], loadings[1], state, out, status)
    return Conditional(out[0], out[1], out[2], status)


def risk_based_loan_to_value(
    accepted: ArrayLike, drift: ArrayLike, volatility: ArrayLike, years: ArrayLike,
    haircut_and_cost: ArrayLike, loan_rate: ArrayLike, *, value_error: ArrayLike = 0.0,
    default_chance: ArrayLike = 1.0, correlation: ArrayLike = 0.0,
) -> LoanToValue:  # fmt: skip
    """Largest loan over value whose shortfall has an accepted chance: LGD-LTV of the notes.

    Parameters
    ----------
    accepted : array-like
        Accepted chance of a shortfall [1], in (0, 1).
    drift, volatility, years, haircut_and_cost, value_error : array-like
        As `riskengine.credit.shortfall.collateral_shortfall`.
    loan_rate : array-like
        Rate at which the loan grows until the sale [1/year], > -1, compounded yearly.
    default_chance, correlation : array-like
        PD [1], in (0, 1], and correlation with the sale [1]; the chance is then taken
        given default.

    Returns
    -------
    LoanToValue
        One row a loan.
    """
    x = table(
        accepted=accepted, default_chance=default_chance, correlation=correlation, drift=drift,
        volatility=volatility, years=years, value_error=value_error,
        haircut_and_cost=haircut_and_cost, loan_rate=loan_rate,
    )  # fmt: skip
    out, status = filled(3, x)
    loan_to_value_rows(x, out, status)
    return LoanToValue(out[0], out[1], out[2], status)
