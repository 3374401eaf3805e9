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
def issuance_stream(x, i, rate, contract):
    """Everything one project will earn and spend until its crediting ends.

    Parameters
    ----------
    x : (27, n) float64
        As `carbon_issuance_rows` documents, units there [any].
    i : int64
        Row [1].
    rate : float64
        Discount rate [1/year], > -1.
    contract : bool
        Whether volumes under contract are paid at its price.

    Returns
    -------
    tuple of float64
        Value of revenue and of costs [yuan], revenue weighted by e^(-k t) [yuan],
        revenue from volumes under contract [yuan], the same at no more than the
        expected price [yuan], credits [t], those under contract [t].
    """
    level = log_level(x[10, i], x[12, i], x[13, i])
    due = 1.0 - x[7, i]
    revenue, spent, near, fixed, floor = 0.0, x[19, i], 0.0, 0.0, 0.0
    issued, sold = 0.0, 0.0
    begin, end = x[2, i], x[3, i]
    finish = min(max(begin + x[4, i], 0.0), end)
    while finish > begin:
        credit = x[0, i] * (finish - begin) * (1.0 - x[6, i])
        checked = max(finish, 0.0)
        years = checked + x[5, i]
        alive = x[15, i] * math.exp(-x[17, i] * checked)
        spent += x[18, i] * alive * discount_factor(rate, checked)
        price = forward_price(x[8, i], level, x[12, i], x[13, i], years)
        worth = alive * x[16, i] * discount_factor(rate, years) * due
        under = 0.0
        if years <= x[24, i]:
            under = min(credit, max(x[23, i] - sold, 0.0))
        paid = x[22, i] * x[25, i] if under > 0.0 else 0.0
        open_revenue = worth * price * ((credit - under) if contract else credit)
        near += open_revenue * math.exp(-x[12, i] * years)
        revenue += open_revenue + (worth * under * paid if contract else 0.0)
        fixed += worth * under * paid
        floor += worth * under * min(paid, price)
        issued += credit
        sold += under
        begin, finish = finish, min(finish + x[4, i], end)
    return revenue, spent, near, fixed, floor, issued, sold


@kernel
def carbon_issuance_rows(x, contract, wanted, out):
    """Carbon units still to be issued, batch by batch to the end of crediting.

    V = sum q_t (1 - k) E[P_t] (1 - f) pi_t (1 + r)^-t - sum C_t (1 + r)^-t, >= 0.

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
        [1], contract price [yuan/t] (NaN: none), contract volume [t], its end [year],
        chance that the buyer pays [1], log error of income under contract [1].
    contract : bool
        Whether volumes under contract are paid at its price; rows without a
        contract then stay NaN.
    wanted : (n,) bool
        Rows to value.
    out : (8, n) float64
        Filled with value [yuan], log error [1], prudent value [yuan] (volumes under
        contract only), value of revenue and of costs [yuan], mean price over issues
        [yuan/t], credits after deduction [t], those under contract [t].
    """
    for i in range(x.shape[1]):
        if not wanted[i] or (contract and math.isnan(x[22, i])):
            continue
        revenue, spent, near, fixed, _, issued, sold = issuance_stream(x, i, x[14, i], contract)
        _, low_spent, _, _, floor, _, _ = issuance_stream(x, i, x[14, i] + x[20, i], True)
        value = max(revenue - spent, 0.0)
        leverage = revenue / value if value > 0.0 else 0.0
        bound = fixed if contract else 0.0
        moves = max(revenue - bound, 0.0)
        spread = x[1, i] ** 2 + x[21, i] ** 2
        if revenue > 0.0:
            swing = x[9, i] * near + x[11, i] * (moves - near)  # one market: the errors add
            spread += (swing * swing + (x[26, i] * bound) ** 2) / (revenue * revenue)
        out[0, i] = value
        out[1, i] = math.sqrt(math.log1p(spread * leverage * leverage))
        out[2, i] = max(floor - low_spent, 0.0)
        out[3, i], out[4, i] = revenue, spent
        out[5, i] = _mean_price(x, i)
        out[6, i], out[7, i] = issued, sold


@kernel
def _mean_price(x, i):
    """Expected price [yuan/t] in the middle of the issues to come."""
    years = 0.5 * (max(x[2, i], 0.0) + max(x[3, i], 0.0)) + x[5, i]
    level = log_level(x[10, i], x[12, i], x[13, i])
    return forward_price(x[8, i], level, x[12, i], x[13, i], years)


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
