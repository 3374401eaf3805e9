"""From market value to what may be lent on a pledge, step by step, in whole fen."""

import math

from riskengine.kernels.compiling import kernel


@kernel
def waterfall_rows(figures, claims, shares, outcome, sales, sale_index, policy, out):
    """What is left of the value of every pledge after each step.

    Parameters
    ----------
    figures : (10, n) float64
        As `riskengine.kernels.reconcile.interval_rows` fills it.
    claims : (8, n) float64
        Last price [yuan] (NaN: none), its age [year], prior claims [yuan], rent in
        arrears [yuan], what a sitting tenant or a
        dwelling takes [yuan], insurance money that may be counted [yuan], share of the loss
        that a compensation fund bears [1], most that it pays [yuan]; NaN or negative is none.
    shares : (5, n) float64
        Share of the value still there when the loan falls due [1], share that register,
        plot and red lines let count [1], share that haircuts of the law leave [1],
        loan-to-value cap [1], 1 where an agreed sale is open and 0 where a court must sell.
    outcome : (n,) uint8
        Verdict of the gates [1]: 3 lets nothing be lent.
    sales : (8, q) float64
        For every distinct set of market terms: variance of the price over the time to
        sell [1], its trend over that time as a logarithm [1], what the market alone may
        leave of the price [1], share left by few buyers in an agreed sale [1], expected
        share of auctions by a court [1], share left by the cost of sale [1], by interest
        to the sale [1], by model error and buffer [1].
    sale_index : (n,) int64
        Column of ``sales`` for each pledge.
    policy : (4,) float64
        Divergence ratio [1], oldest last price [year], normal quantile [1], typical
        loan-to-value of prior claims [1].
    out : (17, n) int64
        Filled with what is left [0.01 yuan] after: market value, prudent basis, remaining
        term, what counts, prior claims, rent, tenant and dwelling, fall of the price, way
        of sale, cost of sale, interest, model and buffer, haircuts of the law, insurance,
        cap, verdict, compensation fund.  The last is the lending value.
    """
    for i in range(outcome.size):
        value, error, j = figures[0, i], figures[1, i], sale_index[i]
        if not value > 0.0:
            out[:, i] = 0
            continue
        basis = min(figures[3, i], figures[8, i], value)
        if figures[6, i] > policy[0]:
            basis = min(basis, figures[7, i])
        if 0.0 <= claims[1, i] <= policy[1]:
            basis = min(basis, claims[0, i])
        whole_fall = math.exp(sales[1, j] - policy[2] * math.sqrt(sales[0, j] + error * error))
        prudent = _net(basis, claims, shares, policy, i) * sales[2, j]
        uncertain = _net(value, claims, shares, policy, i) * whole_fall
        start, fall = (basis, sales[2, j]) if prudent <= uncertain else (value, whole_fall)
        left = value
        out[0, i] = _fen(left)
        left = start
        out[1, i] = _fen(left)
        left *= shares[0, i]
        out[2, i] = _fen(left)
        left *= shares[1, i]
        out[3, i] = _fen(left)
        left = max(left - _some(claims[2, i]) / policy[3], 0.0)
        out[4, i] = _fen(left)
        left = max(left - _some(claims[3, i]), 0.0)
        out[5, i] = _fen(left)
        left = max(left - _some(claims[4, i]), 0.0)
        out[6, i] = _fen(left)
        left *= fall
        out[7, i] = _fen(left)
        left *= sales[3, j] if shares[4, i] == 1.0 else sales[4, j]
        out[8, i] = _fen(left)
        for step in range(3):
            left *= sales[5 + step, j]
            out[9 + step, i] = _fen(left)
        left *= shares[2, i]
        out[12, i] = _fen(left)
        left += _some(claims[5, i])
        out[13, i] = _fen(left)
        left = min(left, shares[3, i] * value)
        out[14, i] = _fen(left)
        left = 0.0 if outcome[i] == 3 else left
        out[15, i] = _fen(left)
        borne = min(_some(claims[6, i]), 0.99)
        left += min(left * borne / (1.0 - borne), _some(claims[7, i]))
        out[16, i] = _fen(left)


@kernel
def _net(amount, claims, shares, policy, i):
    """A value after term, what counts and what ranks before."""
    owed = _some(claims[2, i]) / policy[3]
    left = max(amount * shares[0, i] * shares[1, i] - owed, 0.0)
    left = max(left - _some(claims[3, i]), 0.0)
    return max(left - _some(claims[4, i]), 0.0)


@kernel
def _some(amount):
    """An amount, none where it is missing or negative."""
    return amount if amount > 0.0 else 0.0


@kernel
def _fen(amount):
    """Whole fen, halves to even."""
    return round(amount * 100.0)
