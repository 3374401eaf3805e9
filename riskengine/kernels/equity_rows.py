"""Collective shares row by row: what dividends show, what they are worth restricted."""

import math

from riskengine.kernels.compiling import kernel
from riskengine.kernels.equity import (
    chaffe_discount,
    finnerty_discount,
    lapsing_dividend_value,
    longstaff_discount,
)


@kernel
def dividend_history_rows(x, policy, out):
    """Mean dividend, its error and the lowest a lender may count on, row by row.

    A history of enough years speaks by its mean; a shorter one too, but loosely.
    A mean given without its years speaks when no single year is known.

    Parameters
    ----------
    x : (7, n) float64
        dividends of the last five years, latest first, mean dividend given
        [yuan/share/year], years behind it [year]; NaN where not known.
    policy : (4,) float64
        years that make a history [year], log error of one year [1], least log error
        [1], log error of a short history [1].
    out : (4, n) float64
        Filled with mean [yuan/share/year], log error [1], the lower of mean and
        latest year [yuan/share/year], years known [year]; NaN where nothing is known.
    """
    for i in range(x.shape[1]):
        count, total, squares = 0.0, 0.0, 0.0
        for k in range(5):
            if x[k, i] >= 0.0:
                count += 1.0
                total += x[k, i]
                squares += x[k, i] * x[k, i]
        mean, spread, years = x[5, i], policy[1], x[6, i]
        if count > 0.0:
            mean, years = total / count, count
            if count >= policy[0] and mean > 0.0:
                variance = max(squares - total * mean, 0.0) / (count - 1.0)
                spread = max(spread, math.sqrt(variance) / mean)
        error = policy[3]
        if years >= policy[0]:
            error = max(spread / math.sqrt(years), policy[2])
        out[0, i], out[1, i] = mean, error
        out[2, i] = min(mean, x[0, i]) if x[0, i] >= 0.0 else mean
        out[3, i] = years


@kernel
def equity_dividend_rows(x, wanted, out):
    """Dividend value of collective shares under their restrictions, row by row.

    V = min(shares x D a(k + h, g, n) (1 - d_c)(1 - d_m)(1 - d_r), repurchase, net assets).

    Parameters
    ----------
    x : (18, n) float64
        shares [share], dividend [yuan/share/year], its log error [1], lowest dividend
        to count on [yuan/share/year], share paid in cash [1], growth [1/year], cost of
        equity [1/year], its log error [1], lapse hazard [1/year], term [year],
        discounts for control, market and restriction [1], repurchase price
        [yuan/share] (NaN: none), net assets [yuan/share] (NaN: not known), rate
        stress [1/year], log error of the discounts [1], model error [1].
    wanted : (n,) bool
        Rows to value.
    out : (8, n) float64
        Filled with value [yuan], log error [1], prudent value [yuan] (cash dividends
        only, no growth), dividend used [yuan/share/year], value before discounts
        [yuan], discounts together [1], upper limit [yuan] (NaN: none), dividend over
        net assets [1/year].
    """
    for i in range(x.shape[1]):
        if not wanted[i]:
            continue
        shares, dividend, rate = x[0, i], x[1, i], x[6, i]
        kept = (1.0 - x[10, i]) * (1.0 - x[11, i]) * (1.0 - x[12, i])
        free = shares * lapsing_dividend_value(dividend, x[5, i], rate, x[8, i], x[9, i])
        low = shares * lapsing_dividend_value(
            x[3, i] * x[4, i], min(x[5, i], 0.0), rate + x[15, i], x[8, i], x[9, i]
        )
        dearer = shares * lapsing_dividend_value(
            dividend, x[5, i], rate * math.exp(x[7, i]), x[8, i], x[9, i]
        )
        limit = x[13, i] if not x[14, i] < x[13, i] else x[14, i]
        if math.isnan(limit):
            limit = x[14, i]
        limit *= shares
        value, prudent = free * kept, low * kept
        value = min(value, limit)
        prudent = min(prudent, limit)
        swing = math.log(free / dearer) if dearer > 0.0 else 0.0
        out[0, i] = value
        out[1, i] = math.sqrt(x[2, i] ** 2 + swing**2 + x[16, i] ** 2 + x[17, i] ** 2)
        out[2, i] = prudent
        out[3, i], out[4, i], out[5, i] = dividend, free, 1.0 - kept
        out[6, i], out[7, i] = limit, dividend / x[14, i]


@kernel
def marketability_rows(x, wanted, out):
    """What three models say a share loses by having no market, row by row.

    Parameters
    ----------
    x : (4, n) float64
        volatility [1/sqrt(year)], time to sell [year], risk-free rate [1/year], cost
        of equity [1/year], which is what a level dividend yields.
    wanted : (n,) bool
        Rows to value.
    out : (3, n) float64
        Filled with the bound of Longstaff, the discounts of Finnerty and Chaffe [1].
    """
    last = -1
    for i in range(x.shape[1]):
        if not wanted[i]:
            continue
        same = last >= 0
        for k in range(4):
            same = same and x[k, i] == x[k, last]
        if same:  # most rows of a batch share one market
            for k in range(3):
                out[k, i] = out[k, last]
        else:
            out[0, i] = longstaff_discount(x[0, i], x[1, i])
            out[1, i] = finnerty_discount(x[0, i], x[1, i])
            out[2, i] = chaffe_discount(x[0, i], x[1, i], math.log1p(x[2, i]), math.log1p(x[3, i]))
        last = i
