"""How the force of default spreads over the months to come: flat, by season, by grade.

A contract's PD of 12 months sets how much; its profile says when.  The force of a month is
-ln(1 - PD) / 12 times the profile's figure, so a season whose twelve figures average 1
keeps the PD of 12 months.  A grade's term structure is a profile of its own, whose
contracts carry the PD that `grade_profiles` hands back.

Source: Israel, Rosenthal & Wei, Mathematical Finance 11 (2001) 245; credit notes 1.5.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from riskengine.credit.migration import transitions
from riskengine.credit.rows import Column, CreditError, chances, table
from riskengine.words import Text


@dataclass(frozen=True, slots=True)
class DefaultProfiles:
    """Profiles, one a row.

    Parameters
    ----------
    shapes : (p, t) float64
        Force of default of each period relative to the flat one [1], >= 0; after the last
        period it goes on as in the year before it.
    """

    shapes: Column

    def __post_init__(self) -> None:
        """Refuse forces that are none."""
        held = self.shapes
        if held.ndim != 2 or not held.size or not np.all(np.isfinite(held) & (held >= 0.0)):
            raise _refused("违约强度应有限且不为负", "forces must be finite and >= 0")

    def reaching(self, periods: int, per_year: int) -> Column:
        """Shapes as far as asked for: the last year is repeated.

        Parameters
        ----------
        periods : int
            Periods wanted [period], >= 1.
        per_year : int
            Periods of a year.

        Returns
        -------
        (p, periods) float64
            Shapes [1].
        """
        known = self.shapes.shape[1]
        at = np.arange(periods)
        year = min(per_year, known)
        past = at >= known
        at[past] = known - year + (at[past] - known) % year
        found: Column = np.ascontiguousarray(self.shapes[:, at])
        return found


FLAT = DefaultProfiles(np.ones((1, 1)))
"""The same force every month."""


def seasonal_profiles(multipliers: ArrayLike, next_month: int) -> DefaultProfiles:
    """Profiles by season, from figures by calendar month.

    Parameters
    ----------
    multipliers : (p, 12) array-like
        Force of default by calendar month, January first [1], >= 0; each row is scaled to
        average 1, so that the PD of 12 months stays.
    next_month : int
        Calendar month of the first period to come, in [1, 12].

    Returns
    -------
    DefaultProfiles
        One row a profile, 12 months.

    Raises
    ------
    CreditError
        If a figure is negative or missing, or a row is nothing.

    Examples
    --------
    >>> seasonal_profiles([[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 1]], 11).shapes[0, :3].tolist()
    [8.0, 4.0, 0.0]
    """
    found = np.array(multipliers, dtype=np.float64)
    if found.ndim != 2 or found.shape[1] != 12 or next_month not in range(1, 13):
        raise _refused("季节系数每行应有12个月", "a season has 12 months, January first")
    total = found.sum(axis=1, keepdims=True)
    if not np.all(np.isfinite(found) & (found >= 0.0)) or np.any(total <= 0.0):
        raise _refused("季节系数应非负且不全为零", "a season's figures are >= 0 and not all 0")
    turned = np.roll(12.0 * found / total, 1 - next_month, axis=1)
    return DefaultProfiles(np.ascontiguousarray(turned))


def cumulative_profiles(
    cumulative: ArrayLike, per_year: int = 12
) -> tuple[DefaultProfiles, Column]:
    """Profiles from cumulative PDs, and the 12-month PDs that belong to them.

    Parameters
    ----------
    cumulative : (p, t) array-like
        PD until the end of each period [1], in [0, 1), not falling; t >= a year.
    per_year : int
        Periods of a year.

    Returns
    -------
    profiles : DefaultProfiles
        One row a term structure.
    default_chance : (p,) float64
        PD of 12 months of each [1]: what a contract of this profile carries.

    Raises
    ------
    CreditError
        If a PD falls, is out of range, or a term structure says nothing of its first year.
    """
    found = np.atleast_2d(np.array(cumulative, dtype=np.float64))
    if found.ndim != 2 or found.shape[1] < per_year or not np.all((found >= 0.0) & (found < 1.0)):
        raise _refused(
            "累计违约率应在[0, 1)且满一年", "cumulative PDs lie in [0, 1), at least for a year"
        )
    forces = np.diff(-np.log1p(-found), axis=1, prepend=0.0)
    year = forces[:, :per_year].sum(axis=1, keepdims=True)
    if np.any(forces < 0.0) or np.any(year <= 0.0):
        raise _refused(
            "累计违约率下降，或首年为零", "cumulative PDs fall, or the first year has none"
        )
    return DefaultProfiles(per_year * forces / year), np.asarray(-np.expm1(-year[:, 0]))


def grade_profiles(
    rates: ArrayLike, periods: int, per_year: int = 12
) -> tuple[DefaultProfiles, Column]:
    """Term structures of rating grades from a generator of migration.

    Parameters
    ----------
    rates : (g, g) array-like
        Generator [1/year], default last and absorbing.
    periods : int
        Periods wanted [period]; at least a year's.
    per_year : int
        Periods of a year.

    Returns
    -------
    profiles : DefaultProfiles
        One row a grade, default left out.
    default_chance : (g - 1,) float64
        PD of 12 months of each grade [1].

    Raises
    ------
    CreditError
        If it is no generator with an absorbing default, or too few periods are asked for.
    """
    matrix = transitions(rates, 1.0 / per_year)
    if np.any(np.asarray(rates, dtype=np.float64)[-1] != 0.0):
        raise _refused("最后一级应为违约", "the last grade must be default, with no way out")
    reached = np.zeros(len(matrix))
    reached[-1] = 1.0
    cumulative = np.empty((len(matrix) - 1, max(periods, per_year)))
    for t in range(cumulative.shape[1]):
        reached = matrix @ reached
        cumulative[:, t] = reached[:-1]
    return cumulative_profiles(cumulative, per_year)


def split_at_maturity(
    default_chance: ArrayLike, periods: ArrayLike, share: ArrayLike, per_year: int = 12
) -> tuple[Column, Column]:
    """Take part of a PD out of the months and put it on the day of maturity.

    A bullet loan defaults when its principal falls due: of the force until maturity,
    ``share`` becomes one mass there.

    Parameters
    ----------
    default_chance : array-like
        PD of 12 months at a flat force [1], in [0, 1).
    periods : array-like
        Periods until maturity [period], >= 0.
    share : array-like
        Share of the force that sits at maturity [1], in [0, 1].
    per_year : int
        Periods of a year.

    Returns
    -------
    default_chance, maturity_chance : (n,) float64
        PD of 12 months of what stays spread, and the chance that a contract alive at
        maturity is not repaid [1]; the PD until maturity is what it was.

    Raises
    ------
    CreditError
        If a figure is out of range.

    Examples
    --------
    >>> spread, mass = split_at_maturity(0.04, 24, 1.0)
    >>> spread.tolist(), round(float(mass[0]), 12)
    ([0.0], 0.0784)
    """
    x = table(default_chance=default_chance, periods=periods, share=share)
    chance, part = chances("default_chance", x[0]), chances("share", x[2])
    if np.any(chance == 1.0) or not np.all((x[1] >= 0.0) & np.isfinite(x[1])):
        raise _refused("违约率应小于1，期数不为负", "the PD must be below 1, periods >= 0")
    force = -np.log1p(-chance)
    spread: Column = -np.expm1(-force * (1.0 - part))
    mass: Column = -np.expm1(-force * part * x[1] / per_year)
    return spread, mass


def _refused(zh: str, en: str) -> CreditError:
    return CreditError(Text(zh, en), Text("请检查违约期限结构", "check the term structure of PDs"))
