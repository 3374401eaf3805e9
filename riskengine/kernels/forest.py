"""Values of standing trees and of woodland, per mu.

Ages are completed years; a harvest at age u lies u - a years ahead.  Income and
felling fall at the end of a year, planting and tending at its start.

Source: LY/T 2407-2015 (forest-resource asset appraisal); Faustmann (1849);
Richards (1959) for growth.
"""

import math

import numpy as np

from riskengine.kernels.compiling import kernel
from riskengine.kernels.discount import annuity_factor, discount_factor
from riskengine.kernels.stand import survival_coefficient


@kernel
def stand_volume(age, ceiling, speed, shape):
    """Volume of a stand by age: Richards growth, V = A (1 - e^(-k t))^c.

    Parameters
    ----------
    age : float64
        Age [year], >= 0.
    ceiling : float64
        Volume never passed A [m3/mu], > 0.
    speed : float64
        Rate k [1/year], > 0.
    shape : float64
        Exponent c [1], > 0.

    Returns
    -------
    float64
        Volume [m3/mu].

    Examples
    --------
    >>> round(stand_volume(26.0, 18.0, 0.09, 3.0), 2)
    13.28
    """
    return ceiling * (-math.expm1(-speed * age)) ** shape


@kernel
def stumpage_per_m3(price, outturn, operating_cost, design_fee, tax_share, profit_share, base):
    """Stumpage of one standing m3 by market back-calculation (市场价倒算): W - C - F.

    Parameters
    ----------
    price : float64
        Price of logs [yuan/m3 of output].
    outturn : float64
        Output over standing volume [1], in (0, 1].
    operating_cost : float64
        Felling, hauling, selling [yuan/m3 of output].
    design_fee : float64
        Survey and design [yuan/m3 standing].
    tax_share : float64
        Taxes and fees over sales [1], in [0, 1).
    profit_share : float64
        Profit over its base [1], >= 0.
    base : int64
        0 operating cost with taxes, 1 operating cost alone, 2 no profit taken.

    Returns
    -------
    tuple of float64
        Sales W, costs with taxes C, profit F, stumpage E [yuan/m3 standing].

    Notes
    -----
    Published keys differ in the base of profit; the engine asks for it.

    Examples
    --------
    >>> [round(x, 2) for x in stumpage_per_m3(840.0, 0.7, 180.0, 0.0, 0.18, 0.16, 0)]
    [588.0, 231.84, 37.09, 319.07]
    """
    sales = price * outturn
    direct = operating_cost * outturn + design_fee
    taxes = tax_share * sales
    profit = 0.0
    if base == 0:
        profit = profit_share * (direct + taxes)
    elif base == 1:
        profit = profit_share * direct
    costs = direct + taxes
    return sales, costs, profit, sales - costs - profit


@kernel
def planting_cost_today(planting, tending, tending_years, rent, rate, age):
    """Replacement cost of a young stand, compounded to today, costs at the start of each year.

    sum C_i (1 + p)^(n - i + 1): planting and rent in year 1, tending and rent while
    tending lasts, rent afterwards.

    Parameters
    ----------
    planting : float64
        Cost of the first year besides rent [yuan/mu].
    tending : float64
        Cost of each further year of tending [yuan/mu/year].
    tending_years : float64
        Years of tending after the first [year], >= 0.
    rent : float64
        Woodland rent and overhead [yuan/mu/year].
    rate : float64
        Investment return p [1/year], > -1.
    age : float64
        Age of the stand n [year], >= 0; part years count.

    Returns
    -------
    float64
        Cost today [yuan/mu].

    Examples
    --------
    >>> round(20 * planting_cost_today(5000.0, 2000.0, 1.0, 0.0, 0.1, 2.0), 2)
    165000.0
    """
    grown = math.exp(age * math.log1p(rate))
    tended = min(max(age - 1.0, 0.0), tending_years)
    rents = rent * annuity_factor(rate, age) * (1.0 + rate)
    care = tending * annuity_factor(rate, tended)
    return grown * (planting + care + rents)


@kernel
def bearing_value(income, age, first, full, last, rate, years):
    """Value today of an orchard's income that rises linearly to full bearing.

    Parameters
    ----------
    income : float64
        Net income of a year at full bearing [yuan/mu/year].
    age : float64
        Age today [year], >= 0.
    first, full, last : float64
        Ages of first bearing, full bearing and end [year], first <= full <= last.
    rate : float64
        Discount rate [1/year], > -1.
    years : float64
        Term of the right [year], >= 0.

    Returns
    -------
    float64
        Value [yuan/mu]; the last part year counts in proportion.

    Examples
    --------
    >>> round(bearing_value(5200.0, 5.0, 3.0, 5.0, 81.0, 0.1, 76.0), 2)
    51962.83
    """
    if math.isnan(years + last + age):
        return math.nan
    horizon = min(years, last - age)
    value, factor, year = 0.0, 1.0, 0.0
    step = 1.0 / (1.0 + rate)
    while year < horizon:
        if age + year >= full and year == 0.0:
            return income * annuity_factor(rate, horizon)
        part = min(1.0, horizon - year)
        factor *= step
        at = age + year + 1.0
        share = 1.0
        if at < first:
            share = 0.0
        elif at < full:
            share = (at - first + 1.0) / (full - first + 1.0)
        value += income * share * part * factor
        year += 1.0
    return value


@kernel
def rotation_present_value(stumpage, rotation, planting, tending, tending_years, overhead, rate,
                           ceiling, speed, shape):  # fmt: skip
    """Value at planting of one rotation of timber: felling less all its costs.

    Parameters
    ----------
    stumpage : float64
        Stumpage [yuan/m3 standing].
    rotation : float64
        Age of felling u [year], > 0.
    planting, tending, tending_years, overhead : float64
        As `planting_cost_today`, overhead in the place of rent
        [yuan/mu, yuan/mu/year, year, yuan/mu/year].
    rate : float64
        Discount rate [1/year], > -1.
    ceiling, speed, shape : float64
        As `stand_volume` [m3/mu, 1/year, 1].

    Returns
    -------
    float64
        Value [yuan/mu], any sign.
    """
    felling = stumpage * stand_volume(rotation, ceiling, speed, shape)
    tended = min(max(rotation - 1.0, 0.0), tending_years)
    costs = planting + tending * annuity_factor(rate, tended)
    costs += overhead * annuity_factor(rate, rotation) * (1.0 + rate)
    return felling * discount_factor(rate, rotation) - costs


@kernel
def woodland_value(stumpage, shortest, planting, tending, tending_years, overhead, rate,
                   ceiling, speed, shape, years, plans):  # fmt: skip
    """Land expectation value of bare woodland, truncated to the right's term (林地期望价).

    The best sequence of rotations that are all off before the term ends:
    W(n) = max(W(n - 1), max over u of NPV(u) + v^u W(n - u)), u whole years from
    the shortest rotation on.

    Parameters
    ----------
    stumpage : float64
        Stumpage [yuan/m3 standing].
    shortest : float64
        Earliest age of felling [year], >= 1.
    planting, tending, tending_years, overhead, rate, ceiling, speed, shape : float64
        As `rotation_present_value` [yuan/mu, yuan/mu/year, year, yuan/mu/year,
        1/year, m3/mu, 1/year, 1].
    years : float64
        Term of the right [year], >= 0; whole years count, up to the length of
        ``plans``.
    plans : (2, h) float64
        Room for NPV(u) and W(n) [yuan/mu]; what it holds is written over.

    Returns
    -------
    float64
        Value [yuan/mu], >= 0 and never less for a longer term; NaN if a fact is
        missing.

    Notes
    -----
    With a term of many rotations it tends to the Faustmann value
    NPV(u*) / (1 - v^u*).
    """
    if math.isnan(years + stumpage + shortest + planting + ceiling):
        return math.nan
    last = int(min(years, plans.shape[1] - 1.0))
    first = math.ceil(shortest)
    step = 1.0 / (1.0 + rate)
    for age in range(first, last + 1):
        plans[0, age] = rotation_present_value(
            stumpage, age, planting, tending, tending_years, overhead, rate, ceiling, speed, shape
        )
    for horizon in range(last + 1):
        best = plans[1, horizon - 1] if horizon > 0 else 0.0
        factor = step**first
        for age in range(first, horizon + 1):
            best = max(best, plans[0, age] + factor * plans[1, horizon - age])
            factor *= step
        plans[1, horizon] = best
    return plans[1, last]


@kernel
def timber_rows(x, cases, wanted, out):
    """Harvest present value and stumpage of timber stands, row by row.

    Parameters
    ----------
    x : (23, n) float64
        area [mu], stumpage price inputs: log price [yuan/m3], its log error [1],
        out-turn [1], operating cost [yuan/m3], tax share [1], profit share [1];
        age [year], felling age [year], volume today [m3/mu] (NaN: by the curve),
        growth ceiling [m3/mu], speed [1/year], shape [1], rate [1/year], hazard
        [1/year], overhead [yuan/mu/year], term [year], permit delay [year], permit
        chance [1], volume error [1], model error [1], rate stress [1/year], largest
        quality ratio [1].
    cases : (n,) int64
        0 to fell today, 1 to fell at the felling age.
    wanted : (n,) bool
        Rows to value.
    out : (8, n) float64
        Filled with value [yuan], log error [1], prudent value [yuan], stumpage
        [yuan/m3], volume at felling [m3/mu], years to felling [year], quality K [1],
        sales per standing m3 [yuan/m3].
    """
    for i in range(x.shape[1]):
        if not wanted[i]:
            continue
        sales, _, _, stumpage = stumpage_per_m3(x[1, i], x[3, i], x[4, i], 0.0, x[5, i], x[6, i], 0)
        age, ceiling, speed, shape = x[7, i], x[10, i], x[11, i], x[12, i]
        curve = stand_volume(age, ceiling, speed, shape)
        volume = curve if math.isnan(x[9, i]) else x[9, i]
        quality = min(max(volume / curve, 1.0 / x[22, i]), x[22, i]) if curve > 0.0 else 1.0
        growing = x[13, i] + x[14, i]
        ahead = max(x[8, i] - age, 0.0) if cases[i] == 1 else 0.0
        value, stressed, felled, wait = 0.0, 0.0, volume, x[17, i]
        for early in range(2):
            # A term that ends before the felling age never adds to the value.
            cut = ahead if early == 0 else min(ahead, x[16, i])
            if cases[i] == 1:
                felled = quality * stand_volume(age + cut, ceiling, speed, shape)
            if x[17, i] > x[16, i]:
                felled = 0.0  # the permit would come after the right has ended
            wait = x[17, i] + cut
            money = felled * stumpage * x[18, i]
            low = growing + x[21, i]
            now = money * discount_factor(growing, wait) - x[15, i] * annuity_factor(growing, wait)
            then = money * discount_factor(low, wait) - x[15, i] * annuity_factor(low, wait)
            value = now if early == 0 else min(value, now)
            stressed = then if early == 0 else min(stressed, then)
            if cut == min(ahead, x[16, i]):
                break
        if math.isnan(value):
            continue
        leverage = sales / stumpage if stumpage > 0.0 else 0.0
        spread = (x[2, i] * leverage) ** 2 + x[19, i] ** 2 + x[20, i] ** 2
        out[0, i] = max(value, 0.0) * x[0, i]
        out[1, i] = math.sqrt(math.log1p(spread))
        out[2, i] = max(stressed, 0.0) * x[0, i]
        out[3, i], out[4, i], out[5, i] = stumpage, felled, wait
        out[6, i], out[7, i] = quality, sales


@kernel
def growing_rows(x, cases, wanted, out):
    """Replacement cost, bearing income, bamboo, welfare and woodland, row by row.

    Parameters
    ----------
    x : (29, n) float64
        area [mu], planting [yuan/mu], tending [yuan/mu/year], tending years [year],
        rent [yuan/mu/year], rate [1/year], age [year], survival [1], required
        survival [1], failing survival [1], height ratio [1], net income at full
        bearing [yuan/mu/year], first, full and last bearing age [year], term [year],
        on-year and off-year income [yuan/mu], compensation [yuan/mu/year],
        stumpage [yuan/m3], earliest felling age [year], ceiling [m3/mu], speed [1/year], shape
        [1], rate stress [1/year], log error of the leading price [1], model error
        [1], largest quality ratio [1], most years of compensation to lend on [year].
    cases : (n,) int64
        0 replacement, 1 bearing income, 2 bamboo, 3 welfare, 4 woodland.
    wanted : (n,) bool
        Rows to value.
    out : (5, n) float64
        Filled with value [yuan], log error [1], prudent value [yuan], value per mu
        [yuan/mu], quality K [1].
    """
    plans = np.empty((2, 101))
    for i in range(x.shape[1]):
        if not wanted[i]:
            continue
        case, rate, years, low_rate = cases[i], x[5, i], x[15, i], x[5, i] + x[24, i]
        quality = 1.0
        if case == 0:
            height = 1.0 if math.isnan(x[10, i]) else min(x[10, i], x[27, i])
            alive = survival_coefficient(x[7, i], x[8, i], x[9, i], 1.0)
            quality = height * (1.0 if math.isnan(alive) else alive)
            value = quality * planting_cost_today(x[1, i], x[2, i], x[3, i], x[4, i], rate, x[6, i])
            prudent = value
        elif case == 1:
            value = bearing_value(x[11, i], x[6, i], x[12, i], x[13, i], x[14, i], rate, years)
            prudent = bearing_value(
                x[11, i], x[6, i], x[12, i], x[13, i], x[14, i], low_rate, years
            )
        elif case == 2:
            income = 0.5 * (x[16, i] + x[17, i])
            value = income * annuity_factor(rate, years)
            prudent = income * annuity_factor(low_rate, years)
        elif case == 3:
            value = x[18, i] * annuity_factor(rate, years)
            prudent = min(x[18, i] * annuity_factor(low_rate, years), x[18, i] * x[28, i])
        else:
            value = woodland_value(
                x[19, i], x[20, i], x[1, i], x[2, i], x[3, i], 0.0, rate,
                x[21, i], x[22, i], x[23, i], years, plans,
            )  # fmt: skip
            prudent = woodland_value(
                x[19, i], x[20, i], x[1, i], x[2, i], x[3, i], 0.0, low_rate,
                x[21, i], x[22, i], x[23, i], years, plans,
            )  # fmt: skip
        if math.isnan(value):
            continue
        out[0, i], out[2, i] = max(value, 0.0) * x[0, i], max(prudent, 0.0) * x[0, i]
        out[1, i] = math.hypot(x[25, i], x[26, i])
        out[3, i], out[4, i] = value, quality
