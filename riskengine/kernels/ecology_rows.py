"""Carbon units, carbon still to be issued and compensation income, row by row."""

import math

from riskengine.kernels.carbon import forward_price
from riskengine.kernels.compiling import kernel
from riskengine.kernels.discount import discount_factor, growing_annuity_factor
from riskengine.kernels.lease import rate_with_hazard


@kernel
def log_level(long_run, reversion, volatility):
    """Level of a log price at which the mean price in the long run is as given.

    a = ln M - s^2 / (4 k); 0 when k is 0, where there is no long run.

    Parameters
    ----------
    long_run : float64
        Mean price in the long run M [yuan/t], > 0.
    reversion : float64
        Speed of reversion k [1/year], >= 0.
    volatility : float64
        Yearly volatility s [1/sqrt(year)], >= 0.

    Returns
    -------
    float64
        Level a [1].

    Examples
    --------
    >>> level = log_level(70.0, 0.6, 0.5)
    >>> round(forward_price(20.0, level, 0.6, 0.5, 100.0), 9)
    70.0
    """
    if reversion == 0.0:
        return 0.0
    return math.log(long_run) - 0.25 * volatility * volatility / reversion


@kernel
def carbon_units_rows(x, contract, wanted, out):
    """Issued carbon units at the price expected when they can be sold, row by row.

    V = q E[P_T] (1 + r)^-T with T the time to sell plus half the time in which the
    market takes up q; under a contract its volume at its price instead.

    Parameters
    ----------
    x : (16, n) float64
        quantity [t], price [yuan/t], its log error [1], long-run price [yuan/t], its
        log error [1], reversion [1/year], volatility [1/sqrt(year)], rate [1/year],
        time to sell [year], yearly turnover of the market [t/year] (NaN: not known),
        share of it that one seller can place [1], rate stress [1/year], model error
        [1], contract price [yuan/t], contract volume [t] (infinite: all), chance that
        the buyer pays [1].
    contract : bool
        Whether to use the contract; rows without one stay NaN.
    wanted : (n,) bool
        Rows to value.
    out : (6, n) float64
        Filled with value [yuan], log error [1], prudent value [yuan], expected price
        [yuan/t], mean time to sell [year], tonnes under contract [t].
    """
    for i in range(x.shape[1]):
        if not wanted[i] or (contract and math.isnan(x[13, i])):
            continue
        quantity, price, rate, wait = x[0, i], x[1, i], x[7, i], x[8, i]
        pace = x[10, i] * x[9, i]
        whole = wait + (quantity / pace if pace > 0.0 else 0.0)
        years = 0.5 * (wait + whole)
        level = log_level(x[3, i], x[5, i], x[6, i])
        expected = forward_price(price, level, x[5, i], x[6, i], years)
        sure = min(quantity, x[14, i]) if contract else 0.0
        income = sure * x[13, i] * x[15, i] * discount_factor(rate, wait) if contract else 0.0
        open_value = (quantity - sure) * expected * discount_factor(rate, years)
        near = math.exp(-x[5, i] * years)
        swing = x[2, i] * near + x[4, i] * (1.0 - near)  # one market: the errors add
        exposed = open_value / (open_value + income) if open_value + income > 0.0 else 0.0
        low = income * discount_factor(x[11, i], wait)
        low += (quantity - sure) * min(price, expected) * discount_factor(rate + x[11, i], whole)
        out[0, i] = open_value + income
        out[1, i] = math.hypot(exposed * swing, x[12, i])
        out[2, i] = low
        out[3, i], out[4, i], out[5, i] = expected, years, sure


@kernel
def issuance_stream(x, i):
    """Everything one project will earn and spend until its crediting ends.

    Parameters
    ----------
    x : (27, n) float64
        As `carbon_issuance_rows` documents, units there [any].
    i : int64
        Row [1].

    Returns
    -------
    tuple of float64
        Value of revenue at the market [yuan], the same weighted by e^(-k t) [yuan],
        of the part that is under contract [yuan] and weighted likewise [yuan], of
        that part at the contract's price [yuan], of costs [yuan], revenue under
        contract at no more than the market's price and costs, both at the stressed
        rate [yuan], credits and those under contract [t].
    """
    level = log_level(x[10, i], x[12, i], x[13, i])
    force, stressed = math.log1p(x[14, i]), math.log1p(x[14, i] + x[20, i])
    waiting, waiting_stressed = math.exp(-force * x[5, i]), math.exp(-stressed * x[5, i])
    market = near = bound = bound_near = fixed = floor = issued = sold = 0.0
    spent = low_spent = x[19, i]
    begin, end = x[2, i], x[3, i]
    finish = min(max(begin + x[4, i], 0.0), end)
    while finish > begin:
        checked = max(finish, 0.0)
        years = checked + x[5, i]
        alive = x[15, i] * math.exp(-x[17, i] * checked)
        factor, low_factor = math.exp(-force * checked), math.exp(-stressed * checked)
        spent += x[18, i] * alive * factor
        low_spent += x[18, i] * alive * low_factor
        credit = x[0, i] * (finish - begin) * (1.0 - x[6, i])
        under = min(credit, max(x[23, i] - sold, 0.0)) if years <= x[24, i] else 0.0
        price = forward_price(x[8, i], level, x[12, i], x[13, i], years)
        worth = alive * x[16, i] * (1.0 - x[7, i]) * factor * waiting
        reverted = math.exp(-x[12, i] * years)
        market += worth * credit * price
        near += worth * credit * price * reverted
        if under > 0.0:
            paid = x[22, i] * x[25, i]
            bound += worth * under * price
            bound_near += worth * under * price * reverted
            fixed += worth * under * paid
            low_worth = alive * x[16, i] * (1.0 - x[7, i]) * low_factor * waiting_stressed
            floor += low_worth * under * min(paid, price)
        issued += credit
        sold += under
        begin, finish = finish, min(finish + x[4, i], end)
    return market, near, bound, bound_near, fixed, spent, floor, low_spent, issued, sold


@kernel
def carbon_issuance_rows(x, wanted, out):
    """Carbon units still to be issued, batch by batch to the end of crediting.

    V = sum q_t (1 - k) P_t (1 - f) pi_t (1 + r)^-t - sum C_t (1 + r)^-t, >= 0, with
    P_t the expected price, or for volumes under contract what its buyer pays.

    Parameters
    ----------
    x : (27, n) float64
        credits earned [t/year], their log error [1], start of what is not issued yet
        [year, negative for the past], end of crediting [year], time between issues
        [year], > 0, lag of issue [year], deduction k [1], developer's share f [1],
        price [yuan/t], its log error [1], long-run price [yuan/t], its log error [1],
        reversion [1/year], volatility [1/sqrt(year)], rate [1/year], chances of
        registration and of issue [1], hazard of loss [1/year], cost of each issue
        [yuan], cost of registration to come [yuan], rate stress [1/year], model error
        [1], contract price [yuan/t] (NaN: none), contract volume [t], 0 without one,
        its end [year], chance that the buyer pays [1], log error of income under
        contract [1].
    wanted : (n,) bool
        Rows to value.
    out : (10, n) float64
        Filled with value at the market [yuan], log error [1], prudent value [yuan]
        (volumes under contract only), value of revenue and of costs [yuan], revenue
        over credits, everything counted [yuan/t], credits after deduction [t], those under contract
        [t], value with the contract [yuan] (NaN: none) and its log error [1].
    """
    for i in range(x.shape[1]):
        if not wanted[i]:
            continue
        market, near, bound, bound_near, fixed, spent, floor, low_spent, issued, sold = (
            issuance_stream(x, i)
        )
        fuzzy = math.hypot(x[1, i], x[21, i])
        swing = x[9, i] * near + x[11, i] * (market - near)  # one market: the errors add
        out[0, i] = max(market - spent, 0.0)
        out[1, i] = _issuance_error(market, spent, swing, fuzzy)
        out[2, i] = max(floor - low_spent, 0.0)
        out[3, i], out[4, i] = market, spent
        out[5, i] = market / issued if issued > 0.0 else math.nan
        out[6, i], out[7, i] = issued, sold
        if x[22, i] > 0.0:
            revenue = market - bound + fixed
            rest = bound_near * (x[9, i] - x[11, i]) + x[11, i] * bound
            out[8, i] = max(revenue - spent, 0.0)
            swing = math.hypot(swing - rest, x[26, i] * fixed)
            out[9, i] = _issuance_error(revenue, spent, swing, fuzzy)


@kernel
def _issuance_error(revenue, spent, swing, fuzzy):
    """Log error [1] of revenue less costs, from the swing of revenue and what else is fuzzy."""
    if revenue <= spent:
        return fuzzy
    relative = (fuzzy * fuzzy + (swing / revenue) ** 2) * (revenue / (revenue - spent)) ** 2
    return math.sqrt(math.log1p(relative))


@kernel
def compensation_rows(x, wanted, out):
    """Compensation income until it ends or its policy does, row by row.

    V = C a(r, n) under a hazard of being stopped; a lender counts on no more than a
    multiple of the last year's income.

    Parameters
    ----------
    x : (9, n) float64
        income of the last year [yuan/year], its log error [1], growth [1/year], term
        [year], rate [1/year], its log error [1], hazard [1/year], rate stress
        [1/year], largest multiple [year] (infinite: none).
    wanted : (n,) bool
        Rows to value.
    out : (6, n) float64
        Filled with value [yuan], log error [1], prudent value [yuan], income
        [yuan/year], term counted [year], value over income [year].
    """
    for i in range(x.shape[1]):
        if not wanted[i]:
            continue
        income, years, rate = x[0, i], x[3, i], x[4, i]
        factor = growing_annuity_factor(rate_with_hazard(rate, x[6, i]), x[2, i], years)
        stressed = growing_annuity_factor(
            rate_with_hazard(rate + x[7, i], x[6, i]), min(x[2, i], 0.0), years
        )
        dearer = growing_annuity_factor(
            rate_with_hazard(rate * math.exp(x[5, i]), x[6, i]), x[2, i], years
        )
        swing = math.log(factor / dearer) if dearer > 0.0 else 0.0
        out[0, i] = income * factor
        out[1, i] = math.sqrt(x[1, i] ** 2 + swing * swing)
        out[2, i] = income * min(stressed, x[8, i])
        out[3, i], out[4, i], out[5, i] = income, years, factor
