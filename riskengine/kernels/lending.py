"""From market value to what may be lent on it, row by row.

The uncertainty of the value counts once: either through the prudent basis (P25,
stressed income, last price) with the market's swing alone, or through the market
value with swing and valuation error together; the lower of the two is lent on.

Source: haircuts by volatility and holding period, forced sale by judicial online
auction (Fa Shi (2016) 18: first reserve >= 70 % of the appraisal, second cut <=
20 %, then sale at that reserve).
"""

import math

from riskengine.kernels.compiling import kernel


@kernel
def lending_rows(x, policy, out):
    """Haircuts, forced-sale value and lending value of every right.

    Parameters
    ----------
    x : (15, n) float64
        value [yuan], log error [1], P25 [yuan], prudent value [yuan], lower of the
        two heaviest methods [yuan], ratio of methods [1], last price [yuan] (NaN:
        none), its age [year], volatility [1/sqrt(year)], time to sell [year],
        liquidity haircut [1], sale cost share [1], prior claims [yuan], arrears
        [yuan], loan-to-value cap [1].
    policy : (12,) float64
        divergence ratio [1], oldest last price [year], normal quantile [1], drift
        [1/year], model haircut [1], buffer [1], risk-free rate [1/year], typical
        loan-to-value of prior claims [1], first and second reserve [1], chances
        of sale in the first round and in each later round [1].
    out : (6, n) float64
        Filled with lending basis [yuan], volatility haircut [1], total haircut [1],
        forced-sale value [yuan], expected months to sell [month], lending value
        [yuan].
    """
    for i in range(x.shape[1]):
        value = x[0, i]
        basis = min(x[2, i], x[3, i], value)
        if x[5, i] > policy[0]:
            basis = min(basis, x[4, i])
        if x[7, i] >= 0.0 and x[7, i] <= policy[1]:
            basis = min(basis, x[6, i])
        years = x[9, i]
        kept = (1.0 - x[10, i]) * (1.0 - x[11, i]) * (1.0 - policy[4])
        kept *= math.exp(-years * math.log1p(policy[6]))
        swing = x[8, i] * math.sqrt(years)
        market_fall = math.exp(policy[3] * years - policy[2] * swing)
        whole_fall = math.exp(policy[3] * years - policy[2] * math.hypot(swing, x[1, i]))
        claims = max(x[12, i], 0.0) / policy[7] + max(x[13, i], 0.0)
        prudent = max(basis - claims, 0.0) * market_fall
        uncertain = max(value - claims, 0.0) * whole_fall
        lent = min(prudent, uncertain) * kept * (1.0 - policy[5])
        out[0, i] = basis
        out[1, i] = 1.0 - whole_fall
        out[2, i] = 1.0 - whole_fall * kept
        out[3, i] = value * _auction_share(policy, years, x[11, i])
        out[4, i] = 12.0 * years
        out[5, i] = min(lent, x[14, i] * value)


@kernel
def _auction_share(policy, years, cost):
    """Expected net share of the appraisal from two auctions and a sell-off."""
    first, later = policy[10], policy[11]
    step = math.exp(-0.25 * years * math.log1p(policy[6]))
    share = first * policy[8]
    share += (1.0 - first) * later * policy[9] * step
    share += (1.0 - first) * (1.0 - later) * later * policy[9] * step * step
    return share * math.exp(-years * math.log1p(policy[6])) * (1.0 - cost)
