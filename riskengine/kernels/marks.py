"""What the reader of a value must know, as one bit set a right."""

import math

from riskengine.kernels.compiling import kernel


@kernel
def mark_rows(figures, term, stated, market, market_index, policy, bits, out):
    """Marks of every right.

    Parameters
    ----------
    figures : (10, n) float64
        As `riskengine.kernels.reconcile.reconcile_rows` fills it.
    term : (n,) float64
        Remaining term [year]; NaN where not known.
    stated : (n,) float64
        Value stated by the owner [yuan]; NaN where none.
    market : (2, q) float64
        Level of the market evidence [1], 0 for none, and its age [year].
    market_index : (n,) int64
        Column of ``market`` for each right.
    policy : (4,) float64
        Ratio of methods that diverges [1], log error that is wide [1], excess of a
        stated value [1], age of evidence that is old [year].
    bits : (10,) int64
        Bits for: no value, a mandatory method missing, methods diverge, wide, run out,
        worthless, stated high, old market, no market, term unknown.
    out : (n,) int64
        Filled with sums of bits.
    """
    for i in range(out.size):
        value, years, j = figures[0, i], term[i], market_index[i]
        marks = 0
        if math.isnan(value):
            marks |= bits[0]
        if figures[9, i] > 0.0:
            marks |= bits[1]
        if figures[6, i] > policy[0]:
            marks |= bits[2]
        if figures[1, i] > policy[1]:
            marks |= bits[3]
        if years <= 0.0:
            marks |= bits[4]
        if value == 0.0 and years > 0.0:
            marks |= bits[5]
        if stated[i] > value * (1.0 + policy[2]):
            marks |= bits[6]
        if market[1, j] > policy[3]:
            marks |= bits[7]
        if market[0, j] == 0.0:
            marks |= bits[8]
        if math.isnan(years):
            marks |= bits[9]
        out[i] = marks
