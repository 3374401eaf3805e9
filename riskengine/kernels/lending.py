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
def lending_rows(figures, claims, caps, cases, sales, sale_index, policy, out):
    """Haircuts, forced-sale value and lending value of every right.

    Parameters
    ----------
    figures : (10, n) float64
        As `riskengine.kernels.reconcile.interval_rows` fills it.
    claims : (4, n) float64
        Last price [yuan] (NaN: none), its age [year], prior claims [yuan], arrears
        [yuan]; NaN or negative claims count as none.
    caps : (cases,) float64
        Loan-to-value cap of every case [1].
    cases : (n,) int64
        Case of each right.
    sales : (6, q) float64
        What a sale takes, for every distinct set of market terms: variance of the
        price over the time to sell [1], its trend over that time as a logarithm [1],
        share kept after liquidity, cost, model error and interest [1], expected net
        share of auctions [1], expected time to sell [month], what the market alone
        may leave of the price [1].
    sale_index : (n,) int64
        Column of ``sales`` for each right.
    policy : (5,) float64
        Divergence ratio [1], oldest last price [year], normal quantile [1], buffer
        [1], typical loan-to-value of prior claims [1].
    out : (6, n) float64
        Filled with lending basis [yuan], volatility haircut [1], total haircut [1],
        forced-sale value [yuan], expected months to sell [month], lending value
        [yuan].
    """
    for i in range(cases.size):
        value, error, j = figures[0, i], figures[1, i], sale_index[i]
        basis = min(figures[3, i], figures[8, i], value)
        if figures[6, i] > policy[0]:
            basis = min(basis, figures[7, i])
        if 0.0 <= claims[1, i] <= policy[1]:
            basis = min(basis, claims[0, i])
        owed = claims[2, i] / policy[4] if claims[2, i] > 0.0 else 0.0
        owed += claims[3, i] if claims[3, i] > 0.0 else 0.0
        kept = sales[2, j]
        whole_fall = math.exp(sales[1, j] - policy[2] * math.sqrt(sales[0, j] + error * error))
        prudent = max(basis - owed, 0.0) * sales[5, j]
        uncertain = max(value - owed, 0.0) * whole_fall
        lent = min(prudent, uncertain) * kept * (1.0 - policy[3])
        out[0, i] = basis
        out[1, i] = 1.0 - whole_fall
        out[2, i] = 1.0 - whole_fall * kept
        out[3, i] = value * sales[3, j]
        out[4, i] = sales[4, j]
        out[5, i] = min(lent, caps[cases[i]] * value)
