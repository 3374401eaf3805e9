"""What is known of every stand: its class, and the block of facts that timber methods share.

A figure given for the right goes before the table of its species; a price given for
it is weighed with the market's.
"""

import math

from riskengine.kernels.compiling import kernel


@kernel
def _weighed(quoted, index, k, i, own, own_error):
    """`riskengine.kernels.evidence.combine_logs` of a quote and a figure of the right."""
    market, error = quoted[k, 0, index[k, i]], quoted[k, 1, index[k, i]]
    if math.isnan(own):
        return market, error
    if math.isnan(market):
        return own, own_error
    weight = error * error / (error * error + own_error * own_error)
    return market * math.exp(weight * math.log(own / market)), math.sqrt(weight) * own_error


@kernel
def class_rows(x, kind, species, scope, zone, edges, bearing, bamboo_age, out):
    """Class of every forest right, and the ages that its species turns on.

    Parameters
    ----------
    x : (4, n) float64
        Age, rotation age, age of first and of full bearing given for the right [year];
        NaN not known.
    kind : (n,) int64
        0 timber, 1 economic, 2 bamboo, 3 woodland, 4 public welfare.
    species : (n,) int64
        Column of the tables; -1, not known, is the last one.
    scope : (n,) int64
        2 land alone.
    zone : (n,) int64
        0 north, 1 south.
    edges : (2, 5, s) float64
        By zone and species: rotation age, last age of the young, middle-aged,
        near-mature and mature class [year].
    bearing : (2, s) float64
        Ages of first and of full bearing by species [year].
    bamboo_age : float64
        Age from which a bamboo stand yields [year].
    out : (4, n) float64
        Filled with the class (timber 0 young to 4 over-mature, 5 of unknown age;
        economic forest 6 before, 7 coming into, 8 at full bearing; bamboo 9 new, 10
        grown; 11 woodland, 12 public welfare), the rotation age and the ages of first
        and of full bearing [year].
    """
    for i in range(kind.size):
        age, s, z = x[0, i], species[i], zone[i]
        table = edges[z, 0, s]
        rotation = table if math.isnan(x[1, i]) else x[1, i]
        first = bearing[0, s] if math.isnan(x[2, i]) else x[2, i]
        full = bearing[1, s] if math.isnan(x[3, i]) else x[3, i]
        if math.isnan(full) or first > full:
            full = first
        found = 12
        if kind[i] == 3 or (scope[i] == 2 and kind[i] != 4):
            found = 11
        elif kind[i] == 0:
            pace, found = rotation / table, 5
            if not math.isnan(age * pace):
                found = 0
                for k in range(1, 5):
                    found += age > edges[z, k, s] * pace
        elif kind[i] == 1:
            found = 8 if math.isnan(age) else 6 + (age >= first) + (age >= full)
        elif kind[i] == 2:
            found = 9 if age < bamboo_age else 10
        out[0, i], out[1, i], out[2, i], out[3, i] = found, rotation, first, full


@kernel
def _stumpage(i, price, price_error, felling, felling_error, outturn, policy, out):
    """Fill stumpage of one standing m3, E = W - C - F (市场价倒算), and what it is made of."""
    tax, share, on_tax = policy[11], policy[12], policy[13]
    sales, output_cost = price * outturn, felling * outturn
    direct = output_cost + policy[10]
    profit = share * (direct + on_tax * tax * sales)
    costs = direct + tax * sales
    margin = sales - costs - profit
    out[i, 1], out[i, 2] = (0.0 if margin < 0.0 else margin), 0.0
    if margin > 0.0:
        by_price = price_error * sales * (1.0 - tax * (1.0 + share * on_tax))
        by_cost = felling_error * output_cost * (1.0 + share)
        out[i, 2] = math.sqrt(by_price * by_price + by_cost * by_cost) / margin
    out[i, 32], out[i, 33], out[i, 34], out[i, 35] = sales, costs, profit, margin


@kernel
def _quality(x, i, young, policy, out):
    """Fill quality K2, of young stands by height, of grown ones by diameter, and largest K1."""
    ratio = x[6, i] / x[7, i] if young else x[8, i] / x[9, i]
    measured = ratio if ratio > 0.0 else 1.0
    out[i, 11] = policy[15]
    if x[12, i] == 1.0:
        out[i, 11] = math.inf
    else:
        measured = min(max(measured, policy[14]), policy[15])
    out[i, 10] = measured


@kernel
def stand_rows(x, case, species, listed, quoted, index, policy, out):
    """Gather the block of facts that the methods of `riskengine.kernels.forest` share.

    Parameters
    ----------
    x : (27, n) float64
        area [mu]; age, rotation age [year]; volume, reference volume, harvest volume
        [m3/mu]; height and its reference [m]; diameter and its reference [cm];
        survival, survival required [1]; survey attached [0 or 1]; out-turn [1]; price
        of logs, felling cost [yuan/m3]; permit delay [year]; permit chance, quota share
        [1]; insured [0 or 1]; cost of planting [yuan/mu], of tending [yuan/mu/year];
        years of tending [year]; market rent, rent payable, overhead [yuan/mu/year];
        term [year].  NaN is not known.
    case : (n,) int64
        Class, as `class_rows`.
    species : (n,) int64
        Column of ``listed``; -1, not known, is the last one.
    listed : (4, s) float64
        By species: age of largest mean growth [year], volume at rotation [m3/mu],
        out-turn [1], price from which an offer is not believed [yuan/m3].
    quoted : (6, 2, q) float64
        Market figures and their log errors [1]: price of logs, felling cost
        [yuan/m3], planting [yuan/mu], tending, rent [yuan/mu/year], rate [1/year].
    index : (6, n) int64
        Quote of each row.
    policy : (20,) float64
        Log error of a price and of costs known for the stand [1]; permit delay [year],
        permit chance [1]; hazard [1/year], the same when insured; overhead
        [yuan/mu/year], grant for planting [yuan/mu], years of tending [year], survival
        required [1]; design [yuan/m3], taxes over sales [1], profit over its base [1],
        profit on taxes [0 or 1]; lowest and highest quality without survey [1]; log
        errors of a measured volume, of a reference, of the yield table, of growth [1].
    out : (n, 37) float64
        Filled with the timber block.
    """
    for i in range(case.size):
        s = species[i]
        price, price_error = _weighed(quoted, index, 0, i, x[14, i], policy[0])
        if x[14, i] >= listed[3, s]:
            price = math.nan
        felling, felling_error = _weighed(quoted, index, 1, i, x[15, i], policy[1])
        outturn = listed[2, s] if math.isnan(x[13, i]) else x[13, i]
        _stumpage(i, price, price_error, felling, felling_error, outturn, policy, out)
        _quality(x, i, case[i] == 0 or case[i] == 6 or case[i] == 9, policy, out)
        planting, out[i, 26] = _weighed(quoted, index, 2, i, x[20, i], policy[1])
        out[i, 23], _ = _weighed(quoted, index, 3, i, x[21, i], policy[1])
        rent, out[i, 30] = _weighed(quoted, index, 4, i, x[23, i], policy[1])
        out[i, 0], out[i, 3], out[i, 4] = x[0, i], x[1, i], x[2, i]
        out[i, 5], out[i, 6], out[i, 36] = listed[0, s], listed[1, s], outturn
        out[i, 7], out[i, 8], out[i, 9] = x[3, i], x[4, i], x[5, i]
        out[i, 12], out[i, 13] = policy[16], policy[19]
        if math.isnan(x[3, i]):
            out[i, 12], out[i, 13] = (policy[18] if math.isnan(x[5, i]) else policy[17]), 0.0
        out[i, 14] = policy[2] if math.isnan(x[16, i]) else x[16, i]
        out[i, 15] = policy[3] if math.isnan(x[17, i]) else x[17, i]
        out[i, 16] = 1.0 if math.isnan(x[18, i]) else x[18, i]
        out[i, 17] = quoted[5, 0, index[5, i]]
        out[i, 18] = policy[5] if x[19, i] == 1.0 else policy[4]
        out[i, 19], out[i, 20] = x[26, i], rent
        if math.isnan(rent) or x[24, i] > rent:
            out[i, 20] = x[24, i]
        out[i, 21] = policy[6] if math.isnan(x[25, i]) else x[25, i]
        grant = planting - policy[7]
        out[i, 22], out[i, 25] = (0.0 if grant < 0.0 else grant), planting
        out[i, 24] = policy[8] if math.isnan(x[22, i]) else x[22, i]
        out[i, 27], out[i, 29] = x[10, i], rent
        out[i, 28] = policy[9] if math.isnan(x[11, i]) else x[11, i]
        out[i, 31] = 0.0 if math.isnan(x[24, i]) else x[24, i]
