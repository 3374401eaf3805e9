"""Collateral shortfall row by row.

Every function fills ``status`` with 0 fine, 1 something missing, 2 out of range, 3 no
answer found, 4 no debt: amounts are given, shares of the debt are NaN.  With 1, 2 or 3
the whole row is NaN.
"""

import math

from riskengine.kernels.compiling import kernel
from riskengine.kernels.loan_to_value import (
    chance_short_at_default,
    risk_based_loan_to_value,
    sale_quantile_at_default,
)
from riskengine.kernels.normal import normal_quantile
from riskengine.kernels.shortfall import (
    chance_short,
    economic_loss_share,
    expected_shortfall_of_sale,
    layer_losses,
    mixed_shortfall,
    net_forward,
    quantile_shortfall,
    sale_spread,
    shortfall_over_times,
)
from riskengine.kernels.wrong_way import (
    conditional_default_chance,
    conditional_shortfall,
    wrong_way_loss_share,
    wrong_way_shortfall,
)


@kernel
def _state(x, i, ranges):
    """1 when a cell of column i is missing, 2 when one is outside its closed range, else 0."""
    state = 0
    for j in range(x.shape[0]):
        value = x[j, i]
        if math.isnan(value):
            return 1
        if value < ranges[j][0] or value > ranges[j][1] or math.isinf(value):
            state = 2
    return state


@kernel
def _blank(out, i):
    """Make a row of results NaN."""
    for j in range(out.shape[0]):
        out[j, i] = math.nan


@kernel
def shortfall_rows(x, out, status):
    """Put, chance of a shortfall and loss shares of many loans.

    Parameters
    ----------
    x : (9, n) float64
        debt [yuan], >= 0; value, a mean [yuan], >= 0; haircut and cost of sale [1], in
        [0, 1]; growth [1/year]; volatility [1/sqrt(year)], >= 0; time to the sale [year],
        >= 0; log error of the value [1], >= 0; force of interest [1/year]; probability
        that the right can be enforced [1], in [0, 1].
    out : (5, n) float64
        Filled with mean of what the sale brings if enforced [yuan], mean shortfall
        [yuan], chance of a shortfall [1], nominal and economic loss given default [1].
    status : (n,) int64
        Filled as the module says.
    """
    end = math.inf
    ranges = ((0.0, end), (0.0, end), (0.0, 1.0), (-end, end), (0.0, end), (0.0, end),
              (0.0, end), (-end, end), (0.0, 1.0))  # fmt: skip
    for i in range(status.size):
        _blank(out, i)
        status[i] = _state(x, i, ranges)
        if status[i]:
            continue
        debt, years, sure = x[0, i], x[5, i], x[8, i]
        forward = net_forward(x[1, i], x[2, i], x[3, i], years)
        spread = sale_spread(x[4, i], years, x[6, i])
        lost = mixed_shortfall(debt, expected_shortfall_of_sale(debt, forward, spread), sure)
        short = mixed_shortfall(1.0, chance_short(debt, forward, spread), sure)
        out[0, i], out[1, i], out[2, i] = forward, lost, short
        if debt > 0.0:
            out[3, i] = lost / debt
            out[4, i] = economic_loss_share(debt, lost, x[7, i], years)
        else:
            out[2, i], status[i] = 0.0, 4


@kernel
def timed_shortfall_rows(x, times, weights, out, status):
    """Put and loss shares of many loans when the time to the sale is random.

    Parameters
    ----------
    x : (9, n) float64
        As `shortfall_rows`, but the sixth is a factor on all ``times`` [1], >= 0.
    times : (k,) float64
        Times to the sale [year], >= 0.
    weights : (k,) float64
        Their probabilities [1], >= 0; what they lack of 1 is never sold.
    out : (4, n) float64
        Filled with mean shortfall [yuan], chance of a shortfall [1], nominal and
        economic loss given default [1].
    status : (n,) int64
        Filled as the module says.
    """
    end = math.inf
    ranges = ((0.0, end), (0.0, end), (0.0, 1.0), (-end, end), (0.0, end), (0.0, end),
              (0.0, end), (-end, end), (0.0, 1.0))  # fmt: skip
    for i in range(status.size):
        _blank(out, i)
        status[i] = _state(x, i, ranges)
        if status[i]:
            continue
        debt, sure = x[0, i], x[8, i]
        lost, short, paid = shortfall_over_times(
            debt, x[1, i], 1.0 - x[2, i], x[3, i], x[4, i], x[6, i], x[7, i],
            x[5, i] * times, weights,
        )  # fmt: skip
        lost = mixed_shortfall(debt, lost, sure)
        out[0, i], out[1, i] = lost, mixed_shortfall(1.0, short, sure)
        if debt > 0.0:
            out[2, i], out[3, i] = lost / debt, 1.0 - sure * paid / debt
        else:
            out[1, i], status[i] = 0.0, 4


@kernel
def quantile_shortfall_rows(x, deviations, out, status):
    """Shortfall of many loans whose collateral is known by three quantiles.

    Parameters
    ----------
    x : (5, n) float64
        debt [yuan], >= 0; low, middle and high quantile of what a sale brings [yuan], > 0,
        rising; further spread of its log until the sale [1], >= 0.
    deviations : float64
        Normal quantile of the outer quantiles [1], > 0.
    out : (3, n) float64
        Filled with mean of what the sale brings [yuan], mean shortfall [yuan], loss given
        default [1].
    status : (n,) int64
        Filled as the module says.
    """
    end = math.inf
    ranges = ((0.0, end), (0.0, end), (0.0, end), (0.0, end), (0.0, end))
    for i in range(status.size):
        _blank(out, i)
        status[i] = _state(x, i, ranges)
        if status[i] == 0 and not 0.0 < x[1, i] <= x[2, i] <= x[3, i]:
            status[i] = 2
        if status[i]:
            continue
        lost, mean = quantile_shortfall(x[0, i], x[1, i], x[2, i], x[3, i], deviations, x[4, i])
        out[0, i], out[1, i] = mean, lost
        if x[0, i] > 0.0:
            out[2, i] = lost / x[0, i]
        else:
            status[i] = 4


@kernel
def wrong_way_rows(x, out, status):
    """Expected loss and loss given default of many loans with wrong-way risk.

    Parameters
    ----------
    x : (5, n) float64
        debt [yuan], >= 0; mean of what the sale brings [yuan], >= 0; spread [1], >= 0; PD
        [1], in [0, 1]; correlation of default and sale [1], in [-1, 1], > 0 wrong-way.
    out : (3, n) float64
        Filled with expected loss [yuan], loss given default [1], the same with
        correlation 0 [1].
    status : (n,) int64
        Filled as the module says.
    """
    end = math.inf
    ranges = ((0.0, end), (0.0, end), (0.0, end), (0.0, 1.0), (-1.0, 1.0))
    for i in range(status.size):
        _blank(out, i)
        status[i] = _state(x, i, ranges)
        if status[i]:
            continue
        debt, forward, spread, chance = x[0, i], x[1, i], x[2, i], x[3, i]
        threshold = normal_quantile(chance)
        out[0, i] = wrong_way_shortfall(debt, forward, spread, threshold, x[4, i])
        if debt > 0.0:
            out[1, i] = out[0, i] / (debt * chance)
            if chance == 0.0:
                out[1, i] = wrong_way_loss_share(debt, forward, spread, chance, x[4, i])
            out[2, i] = expected_shortfall_of_sale(debt, forward, spread) / debt
        else:
            status[i] = 4


@kernel
def conditional_rows(x, default_loadings, sale_loadings, factors, out, status):
    """PD, loss given default and loss rate of many loans when the factors are known.

    Parameters
    ----------
    x : (4, n) float64
        debt [yuan], >= 0; mean of what the sale brings [yuan], >= 0; spread [1], >= 0; PD
        [1], in [0, 1].
    default_loadings, sale_loadings : (m, n) float64
        Loadings of A and of X on independent standard normal factors [1]; the squares of
        a loan sum to less than 1 for A, to at most 1 for X.
    factors : (m,) float64
        The factors [1]; low is bad where a loading is positive.
    out : (3, n) float64
        Filled with conditional PD [1], loss given default [1] and their product [1].
    status : (n,) int64
        Filled as the module says.
    """
    end = math.inf
    ranges = ((0.0, end), (0.0, end), (0.0, end), (0.0, 1.0))
    for i in range(status.size):
        _blank(out, i)
        status[i] = _state(x, i, ranges)
        moved, share, sold, held = 0.0, 0.0, 0.0, 0.0
        for j in range(factors.size):
            moved += default_loadings[j, i] * factors[j]
            share += default_loadings[j, i] * default_loadings[j, i]
            sold += sale_loadings[j, i] * factors[j]
            held += sale_loadings[j, i] * sale_loadings[j, i]
        if math.isnan(moved + sold):
            status[i] = 1
        elif not (share < 1.0 and held <= 1.0) and status[i] == 0:
            status[i] = 2
        if status[i]:
            continue
        debt = x[0, i]
        chance = conditional_default_chance(normal_quantile(x[3, i]), moved, share)
        out[0, i] = chance
        if debt > 0.0:
            out[1, i] = conditional_shortfall(debt, x[1, i], x[2, i], sold, held) / debt
            out[2, i] = chance * out[1, i]
        else:
            status[i] = 4


@kernel
def layer_rows(debts, starts, x, out, status):
    """Mean losses of the ranks behind many sales.

    Parameters
    ----------
    debts : (m,) float64
        Debts, sale after sale, in the order in which they are paid [yuan], >= 0.
    starts : (n + 1,) int64
        Where the debts behind each sale start.
    x : (2, n) float64
        mean of what the sale brings [yuan], >= 0; spread [1], >= 0.
    out : (m,) float64
        Filled with mean losses [yuan].
    status : (n,) int64
        Filled as the module says.
    """
    ranges = ((0.0, math.inf), (0.0, math.inf))
    for i in range(status.size):
        status[i] = _state(x, i, ranges)
        first, last = starts[i], starts[i + 1]
        for j in range(first, last):
            if math.isnan(debts[j]):
                status[i] = 1
            elif not 0.0 <= debts[j] < math.inf and status[i] == 0:
                status[i] = 2
        if status[i]:
            out[first:last] = math.nan
        else:
            layer_losses(debts[first:last], x[0, i], x[1, i], out[first:last])


@kernel
def loan_to_value_rows(x, out, status):
    """Largest loan over value of many loans for an accepted chance of shortfall.

    Parameters
    ----------
    x : (9, n) float64
        accepted chance of a shortfall, given default [1], in (0, 1); PD [1], in (0, 1];
        correlation of default and sale [1], in [-1, 1]; growth [1/year]; volatility
        [1/sqrt(year)], >= 0; time to the sale [year], >= 0; log error of the value [1],
        >= 0; haircut and cost of sale [1], in [0, 1]; loan rate [1/year], > -1.
    out : (3, n) float64
        Filled with loan over value [1], the same without regard to default [1], and the
        chance of a shortfall given default of the latter [1].
    status : (n,) int64
        Filled as the module says.
    """
    end = math.inf
    ranges = ((0.0, 1.0), (0.0, 1.0), (-1.0, 1.0), (-end, end), (0.0, end), (0.0, end),
              (0.0, end), (0.0, 1.0), (-1.0, end))  # fmt: skip
    for i in range(status.size):
        _blank(out, i)
        status[i] = _state(x, i, ranges)
        accepted, chance, rate = x[0, i], x[1, i], x[8, i]
        if status[i] == 0 and not (0.0 < accepted < 1.0 and chance > 0.0 and rate > -1.0):
            status[i] = 2
        if status[i]:
            continue
        plain, d = normal_quantile(accepted), sale_quantile_at_default(accepted, chance, x[2, i])
        if math.isnan(d):
            status[i] = 3
            continue
        years, kept = x[5, i], 1.0 - x[7, i]
        spread = sale_spread(x[4, i], years, x[6, i])
        out[0, i] = risk_based_loan_to_value(d, spread, x[3, i], years, kept, rate)
        out[1, i] = risk_based_loan_to_value(plain, spread, x[3, i], years, kept, rate)
        out[2, i] = chance_short_at_default(plain, chance, x[2, i])
