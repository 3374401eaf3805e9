"""Collective shares row by row: what dividends show, what they are worth restricted."""

import math

import numpy as np

from riskengine.kernels.compiling import kernel
from riskengine.kernels.discount import annuity_at_force
from riskengine.kernels.equity import chaffe_discount, finnerty_discount, longstaff_discount
from riskengine.kernels.lease import rate_with_hazard
from riskengine.kernels.powers import square


@kernel
def dividend_history_rows(x, policy, out):
    """Mean dividend, its error and the lowest a lender may count on, row by row.

    A history of enough years speaks by its mean; a shorter one too, but loosely.
    A mean given without its years speaks when no single year is known, a dividend
    fixed by the charter before both.  Where other than shares times the latest dividend
    came in, the lower of both counts, and neither is believed.

    Parameters
    ----------
    x : (10, n) float64
        dividends of the last five years, latest first, mean dividend given
        [yuan/share/year], years behind it [year], fixed dividend [yuan/share/year] (NaN:
        not fixed), dividends received last year [yuan], shares [share]; NaN where not
        known.
    policy : (7,) float64
        years that make a history [year], log error of one year [1], least log error
        [1], log errors of a short history and of a fixed dividend [1], largest
        difference of what was received from shares times dividend [1], log error beyond
        it [1].
    out : (4, n) float64
        Filled with mean [yuan/share/year], log error [1], the lower of mean and
        latest year [yuan/share/year], years known [year]; NaN where nothing is known.
    """
    for i in range(x.shape[1]):
        count, total, squares, latest = 0.0, 0.0, 0.0, x[0, i]
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
        low = min(mean, latest) if latest >= 0.0 else mean
        if not math.isnan(x[7, i]):
            mean, low, error, years = x[7, i], x[7, i], policy[4], math.nan
        received = x[8, i] / x[9, i]
        if abs(received - latest) > policy[5] * latest:
            mean = received if math.isnan(mean) else min(mean, received)
            low = received if math.isnan(low) else min(low, received)
            error = policy[6]
        out[0, i], out[1, i], out[2, i], out[3, i] = mean, error, low, years


@kernel
def share_factor_rows(x, terms, term_index, restriction, kept, policy, out):
    """What a yuan of dividend is worth to a holder: term, lapse, restrictions, row by row.

    Parameters
    ----------
    x : (5, n) float64
        shares [share], share paid in kind [1] (NaN: none), term [year], infinite for
        none, repurchase price [yuan/share] (NaN: none), net assets [yuan/share] (NaN:
        not known).
    terms : (3, q) float64
        Distinct costs of equity [1/year], their log errors [1] and lapse hazards
        [1/year].
    term_index : (n,) int64
        Which of them each share takes.
    restriction : (n,) int64
        Restriction of transfer; -1 where it is not known.
    kept : (r + 1,) float64
        What the discounts leave under each restriction [1]; where it is not known last.
    policy : (2,) float64
        Growth of dividends and rate stress [1/year].
    out : (6, n) float64
        Filled with shares [share], annuity factor of a yuan a year [year], the same of
        cash without growth at the stressed rate [year], squared log error by the error
        of the rate [1], what the discounts leave [1], upper limit [yuan] (NaN: none).

    Notes
    -----
    Shares have few rates and hazards, and most have no end: logarithms are taken once a
    rate, and a factor without end is found once.
    """
    growth = np.array([policy[0], min(policy[0], 0.0), policy[0]])
    rates, forces = np.empty((3, terms.shape[1])), np.empty((3, terms.shape[1]))
    endless, swings = np.empty((3, terms.shape[1])), np.empty(terms.shape[1])
    for j in range(terms.shape[1]):
        for k in range(3):
            rate = terms[0, j] + policy[1] if k == 1 else terms[0, j]
            if k == 2:
                rate *= math.exp(terms[1, j])
            rates[k, j] = (rate_with_hazard(rate, terms[2, j]) - growth[k]) / (1.0 + growth[k])
            forces[k, j] = math.log1p(rates[k, j])
            endless[k, j] = annuity_at_force(rates[k, j], forces[k, j], math.inf)
            endless[k, j] /= 1.0 + growth[k]
        swings[j] = square(math.log(endless[0, j] / endless[2, j]))
    for i in range(term_index.size):
        j, years = term_index[i], x[2, i]
        value, low, swing = endless[0, j], endless[1, j], swings[j]
        if not math.isinf(years):
            value = annuity_at_force(rates[0, j], forces[0, j], years) / (1.0 + growth[0])
            low = annuity_at_force(rates[1, j], forces[1, j], years) / (1.0 + growth[1])
            dearer = annuity_at_force(rates[2, j], forces[2, j], years) / (1.0 + growth[2])
            swing = square(math.log(value / dearer)) if dearer > 0.0 else 0.0
        cash = 1.0 if math.isnan(x[1, i]) else 1.0 - x[1, i]
        limit = x[3, i] if not x[4, i] < x[3, i] else x[4, i]
        if math.isnan(limit):
            limit = x[4, i]
        out[0, i], out[1, i], out[2, i], out[3, i] = x[0, i], value, cash * low, swing
        out[4, i], out[5, i] = kept[restriction[i]], limit * x[0, i]


@kernel
def _share_value(factors, i, assets, dividend, error, low, variance, out):
    """Fill the answer for one share at a dividend, its log error and the lowest to count on."""
    shares, kept, limit = factors[0, i], factors[4, i], factors[5, i]
    free = shares * (dividend * factors[1, i])
    prudent = shares * (low * factors[2, i]) * kept
    swing = factors[3, i] if free > 0.0 else 0.0
    out[0, i] = min(free * kept, limit)
    out[1, i] = math.sqrt(error * error + swing + variance)
    out[2, i] = min(prudent, limit)
    out[3, i], out[4, i], out[5, i] = dividend, free, 1.0 - kept
    out[6, i], out[7, i] = limit, dividend / assets if assets > 0.0 else math.nan


@kernel
def equity_dividend_rows(factors, assets, history, errors, wanted, out):
    """Dividend value of collective shares under their restrictions, row by row.

    V = min(shares x D a(k + h, g, n) (1 - d_c)(1 - d_m)(1 - d_r), repurchase, net assets).

    Parameters
    ----------
    factors : (6, n) float64
        As `share_factor_rows` fills it.
    assets : (n,) float64
        Net assets [yuan/share]; NaN where they are not known.
    history : (4, n) float64
        As `dividend_history_rows` fills it.
    errors : (2,) float64
        Log errors of the discounts and of the method [1].
    wanted : (n,) bool
        Rows to value.
    out : (9, n) float64
        Filled with value [yuan], log error [1], prudent value [yuan] (cash dividends
        only, no growth), dividend used [yuan/share/year], value before discounts
        [yuan], discounts together [1], upper limit [yuan] (NaN: none), dividend over
        net assets [1/year] (NaN where there are none), years of history [year].
    """
    variance = square(errors[0]) + square(errors[1])
    for i in range(wanted.size):
        dividend = history[0, i]
        if wanted[i] and not math.isnan(dividend):
            error, low = history[1, i], history[2, i]
            _share_value(factors, i, assets[i], dividend, error, low, variance, out)
            out[8, i] = history[3, i]


@kernel
def distributable_rows(factors, assets, x, payouts, payout_index, errors, wanted, out):
    """Shares at the dividends that the collective's income would allow, row by row.

    Parameters
    ----------
    factors : (6, n) float64
        As `share_factor_rows` fills it.
    assets : (n,) float64
        Net assets [yuan/share]; NaN where they are not known.
    x : (3, n) float64
        distributable income [yuan/year], share of it paid out [1] (NaN: as elsewhere),
        shares of the collective in all [share].
    payouts : (2, q) float64
        Distinct shares paid out elsewhere [1] and their log errors [1].
    payout_index : (n,) int64
        Which of them each row takes.
    errors : (3,) float64
        Log errors of the discounts, of the method and of dividends derived from income
        [1].
    wanted : (n,) bool
        Rows to value.
    out : (8, n) float64
        As the first rows of `equity_dividend_rows`.
    """
    variance = square(errors[0]) + square(errors[1])
    for i in range(wanted.size):
        share, error = x[1, i], errors[2]
        if math.isnan(share):
            j = payout_index[i]
            share = min(payouts[0, j], 1.0)
            error = math.sqrt(error * error + payouts[1, j] * payouts[1, j])
        dividend = x[0, i] * share / x[2, i]
        if wanted[i] and not math.isnan(dividend):
            _share_value(factors, i, assets[i], dividend, error, dividend, variance, out)


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
