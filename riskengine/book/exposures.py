"""From contracts to what the loss kernels know: exposures over a horizon, and when they default."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from riskengine.book.contracts import BookContracts
from riskengine.book.factors import Loadings, factor_model
from riskengine.portfolio.contracts import Contracts
from riskengine.portfolio.exposures import Column, Exposures, FactorModel, Index

BULLETS = (-1, 0, 3)
"""Not stated, and the positions of one sum and of interest only among the ways of repayment."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A book ready to be measured.

    Parameters
    ----------
    contracts : BookContracts
        The contracts.
    exposures : Exposures
        The same, as the kernels see them.
    model : FactorModel
        Common causes.
    profile : (n,) int64
        Row of ``cumulative``.
    cumulative : (p, m) float64
        Share of the defaults of the horizon that have happened by the end of each month [1].
    defaulted : (n,) bool
        Contracts that have defaulted already: their PD is 1.
    """

    contracts: BookContracts
    exposures: Exposures
    model: FactorModel
    profile: Index
    cumulative: Column
    defaulted: NDArray[np.bool_]

    @property
    def months(self) -> int:
        """Months of the horizon."""
        return int(self.cumulative.shape[1])

    def grouped(self, group: Index, groups: int, *, gross: bool = False) -> Contracts:
        """Return the contracts for a simulation one by one.

        Parameters
        ----------
        group : (n,) int64
            Where losses are summed.
        groups : int
            Number of groups.
        gross : bool
            Whether nothing is recovered: what is paid out at first.

        Returns
        -------
        Contracts
            The contracts.
        """
        held = self.exposures
        if gross:
            held = replace(
                held, severity=np.ones(held.size), forward=np.zeros(held.size),
                spread=np.zeros(held.size),
            )  # fmt: skip
        share = self.contracts.guaranteed_share
        return Contracts(held, group, share, self.profile, self.cumulative, groups)


def measured(
    contracts: BookContracts, loadings: Loadings, months: int, default_days: float
) -> Measured:
    """Lay a book out for measuring.

    Parameters
    ----------
    contracts : BookContracts
        The contracts.
    loadings : Loadings
        Common causes, and what is assumed.
    months : int
        Horizon [month], >= 1.
    default_days : float
        Days overdue from which a contract has defaulted [day].

    Returns
    -------
    Measured
        Ready for every road to the loss.

    Notes
    -----
    Defaults are spread as `default_forces` says.  An LGD of the institution's own stands in
    place of the security.  Proceeds are discounted over the mean time to the money at the
    loan's rate.
    """
    model, segment = factor_model(
        loadings, contracts.county.tolist(), contracts.commodity.tolist(),
        contracts.right_kind.tolist(),
    )  # fmt: skip
    defaulted = contracts.overdue_days >= default_days
    share = loadings.assumed["maturity_share"]
    chance = np.where(defaulted, 1.0, _within(contracts, months, share))
    own = ~np.isnan(contracts.loss_share)
    force = np.log1p(np.nan_to_num(contracts.rate_per_year))
    waited = contracts.forward * np.exp(-force * contracts.sale_years)
    severity = np.where(own, contracts.loss_share, loadings.assumed["severity"])
    bare = own | (contracts.forward == 0.0)
    exposures = Exposures(
        contracts.debt_yuan, chance, segment, severity, np.where(bare, 0.0, waited),
        np.where(bare, 0.0, contracts.spread), np.where(bare, 0.0, contracts.sale_years),
        np.where(bare, 0.0, force),
    )  # fmt: skip
    profile, cumulative = _profiles(contracts, months, defaulted, share)
    return Measured(contracts, exposures, model, profile, cumulative, defaulted)


def default_forces(contracts: BookContracts, share: float) -> tuple[Column, Column]:
    """Return how the default of each contract is spread over its life.

    Parameters
    ----------
    contracts : BookContracts
        The contracts.
    share : float
        Share of a bullet loan's defaults that come when it falls due [1], in [0, 1].

    Returns
    -------
    flat : (n,) float64
        Force of the months [1/year]: ``1 - exp(-flat)`` is a PD of 12 months.
    mass : (n,) float64
        Force of the day it falls due [1]: ``1 - exp(-mass)`` is the chance that a contract
        alive by then is not repaid.

    Notes
    -----
    Money that is paid back in parts defaults evenly, and no more once it is paid back.  A
    loan repaid in one sum within 12 months has its whole PD until then, most of it on the
    day it falls due; later ones have a flat force until that day comes near.
    """
    left = np.maximum(np.ceil(contracts.months_left), 1.0)
    return spread_forces(contracts.default_chance, left, bullets(contracts), share)


def spread_forces(
    default_chance: Column, months: Column, bullet: NDArray[np.bool_], share: float
) -> tuple[Column, Column]:
    """Spread PDs of 12 months over the lives of loans, as `default_forces` says.

    Parameters
    ----------
    default_chance : (n,) float64
        PD of 12 months [1], in [0, 1].
    months : (n,) float64
        Months left [month], whole, >= 1.
    bullet : (n,) bool
        Whether the loan is repaid in one sum.
    share : float
        Share of a bullet loan's defaults that come when it falls due [1], in [0, 1].

    Returns
    -------
    flat, mass : (n,) float64
        Force of the months [1/year], and of the day it falls due [1].
    """
    soon = bullet & (months <= 12.0)
    force = -np.log1p(-np.minimum(default_chance, 1.0 - 1e-12))
    flat = np.where(soon, force * (1.0 - share) * 12.0 / months, force)
    return flat, np.where(soon, force * share, 0.0)


def life_chance(contracts: BookContracts, share: float) -> Column:
    """Return the PD until each contract falls due.

    Parameters
    ----------
    contracts : BookContracts
        The contracts; with the PDs of origination it is what was foreseen for what is left.
    share : float
        Share of a bullet loan's defaults that come when it falls due [1], in [0, 1].

    Returns
    -------
    (n,) float64
        PD [1].
    """
    flat, mass = default_forces(contracts, share)
    left = np.maximum(np.ceil(contracts.months_left), 1.0)
    return np.asarray(-np.expm1(-flat * left / 12.0 - mass))


def bullets(contracts: BookContracts) -> NDArray[np.bool_]:
    """Return which contracts are repaid in one sum; what is not stated counts as that.

    Parameters
    ----------
    contracts : BookContracts
        The contracts.

    Returns
    -------
    (n,) bool
        One a contract.
    """
    return np.isin(contracts.repayment, BULLETS)


def _within(contracts: BookContracts, months: int, share: float) -> Column:
    """PD over the horizon."""
    flat, mass = default_forces(contracts, share)
    left = np.maximum(np.ceil(contracts.months_left), 1.0)
    force = flat * np.minimum(left, float(months)) / 12.0 + np.where(left <= months, mass, 0.0)
    return np.where(contracts.default_chance == 1.0, 1.0, -np.expm1(-force))


def _profiles(
    contracts: BookContracts, months: int, defaulted: NDArray[np.bool_], share: float
) -> tuple[Index, Column]:
    """Months of default: even over the life, with a mass where a bullet loan falls due."""
    due = np.clip(np.ceil(contracts.months_left), 1, months + 1).astype(np.int64)
    bullet = bullets(contracts) & (due <= min(months, 12))
    grid, falls = np.arange(1, months + 1), np.arange(1, months + 1)[:, None]
    at_once = np.ones((1, months))
    even = np.minimum(grid / falls, 1.0)
    with_mass = (1.0 - share) * even + share * (grid >= falls)
    last = np.minimum(due, months)
    place = np.where(bullet, months + last, last)
    cumulative = np.concatenate([at_once, even, with_mass])
    return np.where(defaulted, 0, place).astype(np.int64), cumulative
