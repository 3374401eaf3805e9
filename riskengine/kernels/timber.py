"""Standing timber and woodland, per mu: growth, stumpage, costs, felling, land.

Ages are completed years, so a felling at age u lies u - a years ahead.  Planting,
tending and rent of young stands fall at the start of a year, felling at its end.

      planting          today        felling      end of the right
    |---------------------|-------------|---------------|
    0                    age     age + grown        age + years
                                     + delay

Source: LY/T 2407-2015 (appraisal of forest resources); Faustmann (1849);
Schumacher (1939) for growth.
"""

import math

import numpy as np

from riskengine.kernels.compiling import kernel
from riskengine.kernels.discount import annuity_at_force


@kernel
def growth_ratio(maturity, age, later):
    """Volume of a stand at one age over its volume at another: Schumacher growth.

    ln V = k - b / t, so V(t2) / V(t1) = e^(b (1/t1 - 1/t2)).

    Parameters
    ----------
    maturity : float64
        Age b at which mean yearly growth V / t is largest (数量成熟龄) [year], > 0.
    age, later : float64
        The two ages [year], in any order; a stand of age 0 has no volume.

    Returns
    -------
    float64
        Volume at ``later`` over volume at ``age`` [1]; infinite when age is 0.

    Notes
    -----
    One parameter with a meaning a forester can check; passing through a known
    volume is a multiplication.  Source: Schumacher, J. Forestry 37 (1939) 819.

    Examples
    --------
    >>> round(growth_ratio(5.0, 3.0, 6.0), 6)
    2.300976
    """
    if later <= 0.0:
        return 0.0
    if age <= 0.0:
        return math.inf
    if later == age:
        return 1.0
    return math.exp(maturity * (later - age) / (age * later))


@kernel
def planted_cost(establishment, tending, tending_years, rent, rate, age):
    """Replacement cost of a young stand today, costs at the start of each year (重置成本).

    sum over years i = 1 ... n of C_i (1 + p)^(n - i + 1).

    Parameters
    ----------
    establishment : float64
        Cost of the year of planting besides rent [yuan/mu].
    tending : float64
        Cost of each later year of tending [yuan/mu/year].
    tending_years : float64
        Years of tending with the year of planting [year], >= 1.
    rent : float64
        Woodland rent and overhead [yuan/mu/year].
    rate : float64
        Investment return p [1/year], > -1.
    age : float64
        Age of the stand n [year], >= 0; a year begun has its costs.

    Returns
    -------
    float64
        Cost compounded to today [yuan/mu].

    Examples
    --------
    >>> round(20 * 1.05 * planted_cost(5000.0, 2000.0, 3.0, 0.0, 0.1, 2.0), 2)
    173250.0
    """
    begun = max(math.ceil(age), 1.0)
    tended = max(min(begun, tending_years) - 1.0, 0.0)
    force = math.log1p(rate)
    care = tending * annuity_at_force(rate, force, tended)
    held = rent * (1.0 + rate) * annuity_at_force(rate, force, begun)
    return math.exp(age * force) * (establishment + care + held)


@kernel
def quota_factor(share, force, years):
    """Value of felling a stand in yearly parts over felling it at once.

    Parameters
    ----------
    share : float64
        Part of the stand that may be felled in a year [1], in (0, 1].
    force : float64
        Force of discount with hazard, ln(1 + r) + h [1/year], > 0.
    years : float64
        Years from the first felling to the end of the right [year], >= 0.

    Returns
    -------
    float64
        Factor [1], in (0, 1]; what the quota leaves standing at the end is lost.

    Examples
    --------
    >>> round(quota_factor(0.5, math.log(1.06), 10.0), 6), quota_factor(0.5, 0.06, 0.0)
    (0.971698, 0.5)
    """
    if share >= 1.0:
        return 1.0
    whole = math.floor(1.0 / share + 1e-9)
    fellings = min(whole, np.floor(years) + 1.0)
    factor = share * math.expm1(-fellings * force) / math.expm1(-force)
    if fellings == whole and years >= whole:
        factor += (1.0 - share * whole) * math.exp(-whole * force)
    return factor


@kernel
def rotation_value(length, felling, rotation, maturity, ripe_share, delay, planted, yearly,
                   rate, hazard):  # fmt: skip
    """Value at planting of one rotation of timber: felling less all its costs.

    Parameters
    ----------
    length : float64
        Time from planting until the land is free again, with the delay [year], > 0.
    felling : float64
        Net income of a felling at the rotation age [yuan/mu].
    rotation, maturity : float64
        Rotation age and age of largest mean growth [year], > 0.
    ripe_share : float64
        Age over rotation age below which there are no logs to sell [1].
    delay : float64
        Wait for a permit [year], >= 0.
    planted : float64
        Cost of planting and tending, valued at planting [yuan/mu].
    yearly : float64
        Overhead and rent payable, in arrears [yuan/mu/year].
    rate, hazard : float64
        Discount rate and intensity of loss [1/year].

    Returns
    -------
    float64
        Value [yuan/mu], any sign.

    Examples
    --------
    >>> round(rotation_value(30.0, 30000.0, 30.0, 20.0, 0.5, 0.0, 1000.0, 300.0,
    ...                      0.06, 0.0), 2)
    93.85
    """
    value, _ = _one_rotation(
        length, felling, rotation, maturity, ripe_share, delay, planted, yearly, rate,
        math.log1p(rate), hazard,
    )  # fmt: skip
    return value


@kernel
def _one_rotation(length, felling, rotation, maturity, ripe_share, delay, planted, yearly,
                  rate, force, hazard):  # fmt: skip
    """`rotation_value` where the force of interest is at hand, and 1 - (1 + p)^-u."""
    grown, lost = length - delay, -math.expm1(-length * force)
    value = -planted - yearly * (length if rate == 0.0 else lost / rate)
    if grown >= ripe_share * rotation and grown > 0.0:
        growth = maturity * (grown - rotation) / (grown * rotation)  # as growth_ratio
        value += felling * math.exp(growth - (force + hazard) * length)
    return value, lost


@kernel
def best_rotation(once, felling, rotation, maturity, ripe_share, delay, planted, yearly,
                  rate, hazard):  # fmt: skip
    """Rotation up to a given age that is worth most, once or for ever, and that worth.

    Parameters
    ----------
    once : bool
        True for a single rotation, False for the same one for ever.
    felling, rotation, maturity, ripe_share, delay, planted, yearly
        As `rotation_value` [yuan/mu, year, year, 1, year, yuan/mu, yuan/mu/year].
    rate, hazard : float64
        Discount rate, > 0, and intensity of loss [1/year].

    Returns
    -------
    tuple of float64
        Length with the delay [year], and NPV or NPV / (1 - (1 + p)^-u) [yuan/mu], any
        sign.

    Notes
    -----
    No age above the one at which a single felling is worth most (b / t^2 = force of
    interest and hazard, Fisher) can be best; from there year by year down as long as
    that pays, for either value has one peak in the age of felling.
    """
    force = math.log1p(rate)
    single = math.sqrt(maturity / (force + hazard))
    length = rotation + delay - math.floor(max(rotation - max(single, ripe_share * rotation), 0.0))
    found, best = length, -math.inf
    while length >= ripe_share * rotation + delay:
        worth, lost = _one_rotation(
            length, felling, rotation, maturity, ripe_share, delay, planted, yearly, rate, force,
            hazard,
        )  # fmt: skip
        if not once:
            worth /= lost
        if worth <= best:
            break
        found, best = length, worth
        length -= 1.0
    return found, best


@kernel
def woodland_value(years, replanting, felling, rotation, maturity, ripe_share, delay, planted,
                   yearly, rate, hazard):  # fmt: skip
    """Expectation value of bare woodland, truncated to the right's term (林地期望价).

    The rotation is the best one up to the given age: NPV / (1 - (1 + p)^-u), which is
    the value for ever, is largest.  For a term of N years the best of whole rotations
    with a shorter last one, of equal shorter ones, and of a single one, whole years
    shorter or longer than the best; all trees are off before the end, and whoever
    fells last must replant.

    Parameters
    ----------
    years : float64
        Term of the right N [year], >= 0; infinite for the Faustmann value.
    replanting : float64
        Cost of the legal duty to replant after the last felling [yuan/mu].
    felling, rotation, maturity, ripe_share, delay, planted, yearly
        As `rotation_value` [yuan/mu, year, year, 1, year, yuan/mu, yuan/mu/year].
    rate, hazard : float64
        Discount rate and intensity of loss [1/year].

    Returns
    -------
    float64
        Value [yuan/mu], >= 0: land on which planting would lose is left alone.  It
        never falls with the term.

    Examples
    --------
    >>> round(woodland_value(math.inf, 0.0, 30000.0, 30.0, 20.0, 1.0, 0.0, 1000.0, 300.0,
    ...                      0.06, 0.0), 2)
    113.64
    """
    cycle, endless = best_rotation(
        False, felling, rotation, maturity, ripe_share, delay, planted, yearly, rate, hazard
    )
    if math.isinf(years) or not endless > 0.0:
        return max(endless, 0.0)
    single, _ = best_rotation(
        True, felling, rotation, maturity, ripe_share, delay, planted, yearly, rate, hazard
    )
    return term_value(
        years, (cycle, single), replanting, felling, rotation, maturity, ripe_share, delay,
        planted, yearly, rate, hazard,
    )  # fmt: skip


@kernel
def term_value(years, best, replanting, felling, rotation, maturity, ripe_share, delay, planted,
               yearly, rate, hazard):  # fmt: skip
    """`woodland_value` for a finite term, where the best rotations are at hand.

    Parameters
    ----------
    years : float64
        Term of the right N [year], >= 0.
    best : tuple of float64
        Best rotation for ever and best one for once, with the delay [year], as
        `best_rotation` finds them for land that pays for ever.
    replanting, felling, rotation, maturity, ripe_share, delay, planted, yearly
        As `woodland_value` [yuan/mu, yuan/mu, year, year, 1, year, yuan/mu,
        yuan/mu/year].
    rate, hazard : float64
        Discount rate and intensity of loss [1/year].

    Returns
    -------
    float64
        Value [yuan/mu], >= 0.

    Examples
    --------
    >>> round(term_value(30.0, (30.0, 30.0), 0.0, 30000.0, 30.0, 20.0, 1.0, 0.0, 1000.0, 300.0,
    ...                  0.06, 0.0), 2)
    93.85
    """
    cycle, single = best
    force, whole = math.log1p(rate), math.floor(years / cycle + 1e-9)
    used = whole * cycle
    highest, chain = 0.0, 0.0
    for plan in range(4):  # whole rotations; a shorter one behind them; equal ones; only one
        length, times, before = cycle, whole, 0.0
        if plan == 1:
            length, times, before = years - used, 1.0, used
        elif plan == 2:
            length, times = years / (whole + 1.0), whole + 1.0
        elif plan == 3:
            length, times = min(years, single), 1.0
        length = cycle - math.ceil(cycle - length - 1e-9)
        if length - delay < ripe_share * rotation or times == 0.0:
            continue
        value, lost = _one_rotation(
            length, felling, rotation, maturity, ripe_share, delay, planted, yearly, rate, force,
            hazard,
        )  # fmt: skip
        end = before + length * times
        if times > 1.0:
            value *= times if rate == 0.0 else -math.expm1(-length * times * force) / lost
        if plan == 0:
            chain = value
        elif plan == 1:
            value = chain + value * math.exp(-used * force)
        highest = max(highest, value - replanting * math.exp(-end * force))
    return highest
