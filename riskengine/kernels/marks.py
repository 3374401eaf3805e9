"""What the reader of a value must know, as one bit set a right."""

import math

from riskengine.kernels.compiling import kernel


@kernel
def mark_rows(figures, term, stated, contradicted, market, market_index, policy, out):
    """Marks of every right, each one bit.

    Parameters
    ----------
    figures : (10, n) float64
        As `riskengine.kernels.reconcile.interval_rows` fills it.
    term : (n,) float64
        Remaining term [year]; NaN where not known.
    stated : (n,) float64
        Value stated by the owner [yuan]; NaN where none.
    contradicted : (n,) bool
        Whether evidence given for the right contradicts the market.
    market : (2, q) float64
        Level of the market evidence [1], 0 for none, and its age [year].
    market_index : (n,) int64
        Column of ``market`` for each right.
    policy : (4,) float64
        Ratio of methods that diverges [1], log error that is wide [1], excess of a
        stated value [1], age of evidence that is old [year].
    out : (n,) int64
        Filled with sums of 1 no value, 2 a mandatory method missing, 4 methods diverge,
        8 wide, 16 run out, 32 worthless, 64 stated high, 128 old market, 256 no market,
        512 term unknown, 1024 evidence contradicts the market.
    """
    diverging, wide, old = policy[0], policy[1], policy[3]
    high = 1.0 + policy[2]
    for i in range(out.size):
        value, years, j = figures[0, i], term[i], market_index[i]
        marks = 1 if math.isnan(value) else 0
        if figures[9, i] > 0.0:
            marks += 2
        if figures[6, i] > diverging:
            marks += 4
        if figures[1, i] > wide:
            marks += 8
        if years <= 0.0:
            marks += 16
        elif math.isnan(years):
            marks += 512
        elif value == 0.0:
            marks += 32
        if stated[i] > value * high:
            marks += 64
        if market[1, j] > old:
            marks += 128
        if market[0, j] == 0.0:
            marks += 256
        if contradicted[i]:
            marks += 1024
        out[i] = marks
