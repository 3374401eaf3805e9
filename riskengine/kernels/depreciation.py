"""Wear of buildings: newness ratios by age, and depreciation item by item.

Newness q is the share of the replacement cost of a new building that is left, in
[0, 1].  Item by item, a building is taken apart into what is broken and worth
repairing, items that wear out before the building, and the rest:

    replacement cost = repair + items that wear out early + long-lived rest
    depreciation     = repair + sum items x age / life  + rest x age / life

The long-lived rest is net of the items' own replacement costs, not of what they
have lost: subtracting their depreciation counts it twice.

Source: GB/T 50291-2015 (cost approach); real-estate appraiser textbooks.
"""

import math

from riskengine.kernels.compiling import kernel


@kernel
def straight_line_newness(effective_age, remaining_life, residual_share):
    """Newness of a building that wears evenly: q = 1 - (1 - R) t / (t + m).

    Parameters
    ----------
    effective_age : float64
        Effective age t [year], >= 0.
    remaining_life : float64
        Remaining economic life m [year], >= 0, not both 0; see `remaining_life`.
    residual_share : float64
        Residual value at the end of life R [1], in [0, 1]; negative if clearing
        costs more than the rubble is worth.

    Returns
    -------
    float64
        Newness [1].

    Examples
    --------
    >>> round(straight_line_newness(18.0, 22.0, 0.04), 12)
    0.568
    """
    return 1.0 - (1.0 - residual_share) * effective_age / (effective_age + remaining_life)


@kernel
def declining_newness(effective_age, life, residual_share):
    """Newness of an asset that loses the same share every year: q = R^(t / N).

    Parameters
    ----------
    effective_age : float64
        Effective age t [year], >= 0.
    life : float64
        Economic life N [year], > 0.
    residual_share : float64
        Residual value at the end of life R [1], in (0, 1]; the yearly loss is
        1 - R^(1/N).

    Returns
    -------
    float64
        Newness [1], in (0, 1].

    Examples
    --------
    >>> round(declining_newness(5.0, 10.0, 0.04), 12)
    0.2
    """
    return math.exp(effective_age / life * math.log(residual_share))


@kernel
def sinking_fund_newness(effective_age, life, residual_share, rate):
    """Newness when a sinking fund replaces the asset: wear is slow at first.

    q = 1 - (1 - R) ((1 + i)^t - 1) / ((1 + i)^N - 1); straight line at i = 0.

    Parameters
    ----------
    effective_age : float64
        Effective age t [year], >= 0.
    life : float64
        Economic life N [year], > 0.
    residual_share : float64
        Residual value at the end of life R [1], in [0, 1].
    rate : float64
        Rate the fund earns i [1/year], > -1.

    Returns
    -------
    float64
        Newness [1].

    Examples
    --------
    >>> round(sinking_fund_newness(1.0, 2.0, 0.0, 0.1), 6)
    0.52381
    """
    if rate == 0.0:
        return straight_line_newness(effective_age, life - effective_age, residual_share)
    force = math.log1p(rate)
    fund = math.expm1(effective_age * force) / math.expm1(life * force)
    return 1.0 - (1.0 - residual_share) * fund


@kernel
def remaining_life(life, effective_age, land_years, reverts):
    """Remaining economic life of a building, capped by the land term where it reverts.

    Parameters
    ----------
    life : float64
        Economic life [year], > 0.
    effective_age : float64
        Effective age [year], >= 0.
    land_years : float64
        Remaining term of the land right [year], >= 0; infinite for a homestead.
    reverts : bool
        True when the building passes without compensation at the end of the term.

    Returns
    -------
    float64
        Remaining life [year], >= 0.  A building of 60 years begun 3 years into a
        land term of 40 is written off over 37: its age and this add up to that.

    Examples
    --------
    >>> remaining_life(60.0, 10.0, 27.0, True)
    27.0
    """
    own = max(life - effective_age, 0.0)
    return min(own, land_years) if reverts else own


@kernel
def effective_age(newness, life, residual_share):
    """Age at which a building that wears evenly shows a newness: (1 - q) N / (1 - R).

    Parameters
    ----------
    newness : float64
        Newness found on inspection q [1], in [R, 1].
    life : float64
        Economic life N [year], > 0.
    residual_share : float64
        Residual value at the end of life R [1], in [0, 1).

    Returns
    -------
    float64
        Effective age [year]; life less this is the remaining life.

    Examples
    --------
    >>> round(effective_age(0.568, 40.0, 0.04), 9)
    18.0
    """
    return (1.0 - newness) * life / (1.0 - residual_share)


@kernel
def blended_newness(age_newness, inspected_newness, age_weight, inspected_weight):
    """Weighted mean of newness by age and by inspection.

    Parameters
    ----------
    age_newness, inspected_newness : float64
        The two ratios [1], in [0, 1].
    age_weight, inspected_weight : float64
        Their weights [1], >= 0, not both 0; they need not add up to 1.

    Returns
    -------
    float64
        Newness [1].  For more than two, `comparison.weighted_mean`.

    Examples
    --------
    >>> round(blended_newness(0.8, 0.7, 0.4, 0.6), 12)
    0.74
    """
    total = age_weight + inspected_weight
    return (age_weight * age_newness + inspected_weight * inspected_newness) / total


@kernel
def worn_share(age, life):
    """Share of an item that has worn out: age over life, all of it beyond.

    Parameters
    ----------
    age : float64
        Age [year], >= 0.
    life : float64
        Life [year], > 0.

    Returns
    -------
    float64
        Share [1], in [0, 1].

    Examples
    --------
    >>> worn_share(3.0, 5.0), worn_share(7.0, 5.0)
    (0.6, 1.0)
    """
    return min(age / life, 1.0)


@kernel
def long_lived_depreciation(cost, apart, effective_age, life, residual_share):
    """Depreciation of the rest of a building: (C - apart) (1 - R) t / N.

    Parameters
    ----------
    cost : float64
        Replacement cost of the whole building C [yuan].
    apart : float64
        Repair and full replacement costs of the items depreciated on their own
        [yuan], in [0, C].
    effective_age, life : float64
        Effective age t and economic life N of the building [year].
    residual_share : float64
        Residual value of the rest at the end of life R [1], in [0, 1].

    Returns
    -------
    float64
        Depreciation [yuan], >= 0.

    Examples
    --------
    >>> round(long_lived_depreciation(180.0, 92.0, 10.0, 50.0, 0.0), 9)
    17.6
    """
    return max(cost - apart, 0.0) * (1.0 - residual_share) * worn_share(effective_age, life)


@kernel
def breakdown_depreciation(
    cost, repair, item_costs, item_ages, item_lives, effective_age, life, residual_share
):
    """Physical depreciation of a building item by item (分解法).

    Parameters
    ----------
    cost : float64
        Replacement cost of the whole building [yuan].
    repair : float64
        Cost of curing what is worth curing [yuan], >= 0.
    item_costs, item_ages, item_lives : (m,) float64
        Replacement costs [yuan], ages and lives [year] of items that wear out
        before the building: fittings, equipment, roof; may be empty.
    effective_age, life : float64
        Effective age and economic life of the building [year].
    residual_share : float64
        Residual value of the long-lived rest at the end of life [1], in [0, 1].

    Returns
    -------
    tuple of float64
        Depreciation [yuan]: physical in all, curable, short-lived, long-lived.

    Notes
    -----
    An item beyond its life is lost in full, not more.

    Examples
    --------
    >>> import numpy as np
    >>> items = np.array([60.0, 30.0]), np.array([10.0, 3.0]), np.array([15.0, 5.0])
    >>> [round(x, 9) for x in breakdown_depreciation(180.0, 2.0, *items, 10.0, 50.0, 0.0)]
    [77.6, 2.0, 58.0, 17.6]
    """
    apart = repair
    short_lived = 0.0
    for j in range(item_costs.size):
        apart += item_costs[j]
        short_lived += item_costs[j] * worn_share(item_ages[j], item_lives[j])
    long_lived = long_lived_depreciation(cost, apart, effective_age, life, residual_share)
    return repair + short_lived + long_lived, repair, short_lived, long_lived
