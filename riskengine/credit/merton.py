"""PD of a firm whose equity has a market value: a check on the scored PD."""

from dataclasses import dataclass

from numpy.typing import ArrayLike

from riskengine.credit.rows import Column, Index, filled, table
from riskengine.kernels.merton import merton_rows


@dataclass(frozen=True, slots=True)
class Merton:
    """What an equity says about the firm behind it, one row a firm.

    Parameters
    ----------
    assets_yuan : (n,) float64
        Value of the assets [yuan].
    asset_volatility : (n,) float64
        Their yearly volatility [1/sqrt(year)].
    distance : (n,) float64
        Distance to default [1].
    default_chance : (n,) float64
        PD at the horizon [1], in [0, 1].
    status : (n,) int64
        See `riskengine.credit.rows.STATUS`.
    """

    assets_yuan: Column
    asset_volatility: Column
    distance: Column
    default_chance: Column
    status: Index


def merton_default(
    equity_yuan: ArrayLike, equity_volatility: ArrayLike, debt_yuan: ArrayLike, force: ArrayLike,
    drift: ArrayLike, years: ArrayLike = 1.0,
) -> Merton:  # fmt: skip
    """Distance to default and PD from equity, its volatility and the debt: PD-MERTON.

    Parameters
    ----------
    equity_yuan : array-like
        Value of the equity [yuan], > 0.
    equity_volatility : array-like
        Its yearly volatility [1/sqrt(year)], > 0.
    debt_yuan : array-like
        Debt due at the horizon [yuan], >= 0; the PD without debt is 0.
    force, drift : array-like
        Riskless force of interest and growth of the assets [1/year], continuous.
    years : array-like
        Horizon [year], > 0.

    Returns
    -------
    Merton
        One row a firm.
    """
    x = table(
        equity_yuan=equity_yuan, equity_volatility=equity_volatility, debt_yuan=debt_yuan,
        force=force, drift=drift, years=years,
    )  # fmt: skip
    out, status = filled(4, x)
    merton_rows(x, out, status)
    return Merton(out[0], out[1], out[2], out[3], status)
