"""The money of one compensation fund, month by month, on many paths, in whole fen.

opening balance
  + interest on it + income + recoveries due + top-up arriving
  - claims due, as far as the balance reaches; the rest is unpaid
  + recoveries that come back in the month itself
  [ balance below the floor: a top-up is asked for, up to what is committed ]
closing balance
"""

import numpy as np

from riskengine.kernels.compiling import kernel


@kernel
def fund_path(claims, income, floor, terms, rates, balance, paid, unpaid, asked, totals):
    """Fill the path of one fund; every amount is exact.

    Parameters
    ----------
    claims : (m, s) int64
        Claims on the fund by month in which they arise [fen], >= 0.
    income : (m,) int64
        Income of each month [fen], >= 0.
    floor : (m,) int64
        Balance below which a top-up is asked for [fen], >= 0.
    terms : (6,) int64
        Opening balance [fen]; delay of claims, of recoveries and of top-ups [month]; balance
        to which it is topped up [fen]; amount committed to top-ups [fen]; all >= 0.
    rates : (2,) float64
        Share of a payment that is recovered [1], in [0, 1]; interest [1/month], >= 0.
    balance, paid, unpaid, asked : (m, s) int64
        Filled with closing balance, payments, what could not be paid, top-ups asked for [fen].
    totals : (7, s) int64
        Filled with income and interest, recoveries received, top-ups received, claims not yet
        due, recoveries still to come, top-ups still to come [fen], and the first month with
        something unpaid, from 0 (m: none).

    Notes
    -----
    What is asked for is the balance wanted less the balance and less what is under way, so
    that a shortage is not asked for twice.  Interest and recoveries are rounded half-even,
    each once.
    """
    months, paths = claims.shape
    opening, claim_delay, recovery_delay, top_up_delay, level, committed = terms
    share, rate = rates
    totals[:] = 0
    totals[6] = months
    for t in range(months):
        for j in range(paths):
            have = opening if t == 0 else balance[t - 1, j]
            earned = income[t] + int(np.rint(have * rate))
            back, topped = 0, 0
            if 0 < recovery_delay <= t:
                back = int(np.rint(paid[t - recovery_delay, j] * share))
            if 0 < top_up_delay <= t:
                topped = asked[t - top_up_delay, j]
            have += earned + back + topped
            due = claims[t - claim_delay, j] if t >= claim_delay else 0
            paying = min(due, have)
            paid[t, j], unpaid[t, j] = paying, due - paying
            if paying < due:
                totals[6, j] = min(totals[6, j], t)
            again = int(np.rint(paying * share))
            if recovery_delay == 0:
                back += again
                have += again
            else:
                totals[4, j] += again
            have -= paying
            under_way = totals[5, j] - topped
            wanted = 0
            if have < floor[t]:
                left = committed - totals[2, j] - totals[5, j]
                wanted = max(min(level - have - under_way, left), 0)
            asked[t, j] = wanted
            if top_up_delay == 0:
                topped = wanted
                have += wanted
            totals[0, j] += earned
            totals[1, j] += back
            totals[2, j] += topped
            totals[5, j] = under_way if top_up_delay == 0 else under_way + wanted
            if recovery_delay > 0:
                totals[4, j] -= back
            if t >= months - claim_delay:
                totals[3, j] += claims[t, j]
            balance[t, j] = have
