"""Expected credit loss: forces, states and the 12-month loss in closed form.

    ECL = sum over scenarios w  sum over periods  S_(t-1) h_t LGD_t EAD_t D(t)

S is survival, h the hazard (chance to default in the period given survival), D the
discount factor at the contract's effective rate.  12-month ECL counts the defaults of 12
months with the whole of their losses.  A factor z shifts the PD of each year (Vasicek, low
is bad); the forces of its periods are scaled so that the year comes out at that PD.

Timing of default within its period: 0 at the end, 1 in the middle, 2 exact, which is
spread at constant force, each default discounted to its own moment.

Source: IFRS 9 5.5.17 and B5.5.28-B5.5.44 (CAS 22); Vasicek, Risk 15(12) (2002) 160.
"""

import math

import numpy as np

from riskengine.kernels.compiling import kernel
from riskengine.kernels.normal import log_normal_cdf


@kernel
def _small_log1p(x):
    """ln(1 + x) for |x| <= 0.2 without a call: 2 artanh(x / (2 + x)), to rounding."""
    y = x / (2.0 + x)
    q = y * y
    tail = 1.0 / 11.0 + q * (1.0 / 13.0 + q * (1.0 / 15.0 + q * (1.0 / 17.0 + q / 19.0)))
    odd = 1.0 / 3.0 + q * (1.0 / 5.0 + q * (1.0 / 7.0 + q * (1.0 / 9.0 + q * tail)))
    return 2.0 * y * (1.0 + q * odd)


@kernel
def small_mean(x):
    """Mean of exp(-x u) over u in [0, 1], (1 - exp(-x)) / x, for small x and without a call.

    Parameters
    ----------
    x : float64
        Force over the period [1], in [-0.1, 0.1].

    Returns
    -------
    float64
        Mean [1], to rounding.

    Notes
    -----
    Ten terms of the exponential series.  Times folded reciprocals: a division costs four
    multiplications, and straight arithmetic is done on four rows at once.

    Examples
    --------
    >>> small_mean(0.0), round(small_mean(0.1), 15)
    (1.0, 0.951625819640404)
    """
    tail = 1.0 - x * (1.0 / 9.0) * (1.0 - x * (1.0 / 10.0) * (1.0 - x * (1.0 / 11.0)))
    tail = 1.0 - x * (1.0 / 7.0) * (1.0 - x * (1.0 / 8.0) * tail)
    tail = 1.0 - x * (1.0 / 5.0) * (1.0 - x * (1.0 / 6.0) * tail)
    return 1.0 - x * 0.5 * (1.0 - x * (1.0 / 3.0) * (1.0 - x * (1.0 / 4.0) * tail))


@kernel
def decay(x):
    """Chance of an event by force x: 1 - exp(-x).

    Parameters
    ----------
    x : float64
        Force over the period [1], any.

    Returns
    -------
    float64
        Chance [1].

    Examples
    --------
    >>> round(decay(0.01), 15), decay(math.inf)
    (0.009950166250832, 1.0)
    """
    if abs(x) <= 0.1:
        return x * small_mean(x)
    return -math.expm1(-x)


@kernel
def discounted_decay(force, discount):
    """Value of 1 yuan at a default that a force brings within the period.

    f / (f + d) x (1 - exp(-f - d)), the integral of f exp(-(f + d) u) over u in [0, 1].

    Parameters
    ----------
    force : float64
        Force of default over the period f [1], >= 0.
    discount : float64
        Force of interest over the period d [1], any.

    Returns
    -------
    float64
        Value at the period's start [yuan].

    Examples
    --------
    >>> round(discounted_decay(0.01, 0.0), 15), discounted_decay(0.01, -0.01)
    (0.009950166250832, 0.01)
    """
    both = force + discount
    if both == 0.0 or force == math.inf:
        return min(force, 1.0)
    return force / both * decay(both)


@kernel
def force_in_state(quantile, factor, correlation):
    """Force -ln(1 - PD) of the PD in a state: PD = N((N^-1(PD) - sqrt(r) z) / sqrt(1 - r)).

    Parameters
    ----------
    quantile : float64
        N^-1 of the PD through the cycle [1].
    factor : float64
        State z [1]; low is bad.
    correlation : float64
        Asset correlation r [1], in [0, 1).

    Returns
    -------
    float64
        Force [1], >= 0; keeps its digits for PDs near 0 and near 1.

    Examples
    --------
    >>> from riskengine.kernels.normal import normal_quantile
    >>> round(-math.expm1(-force_in_state(normal_quantile(0.02), -1.5, 0.12)), 13)
    0.0509834507237
    """
    x = (quantile - math.sqrt(correlation) * factor) / math.sqrt(1.0 - correlation)
    return -log_normal_cdf(-x)


@kernel
def _year_exactly(chance, rate, count, per_year, timing):
    """Value of 1 yuan lost at default within ``count`` periods: the closed form, any numbers."""
    if chance == 1.0:
        force, hazard = math.inf, 1.0
    else:
        force = -math.log1p(-chance) / per_year
        hazard = -math.expm1(-force)
    discount = math.log1p(rate) / per_year
    if chance == 0.0 or count == 0:
        return 0.0
    if timing == 2:
        if force == math.inf or force + discount == 0.0:
            return min(force * count, 1.0)
        return force / (force + discount) * -math.expm1(-(force + discount) * count)
    both = force + discount
    ratio = count if both == 0.0 else math.expm1(-both * count) / math.expm1(-both)
    return hazard * ratio * math.exp(-discount * (1.0 if timing == 0 else 0.5))


@kernel
def _year_fast(debt, chance, share, rate, periods, per_year, timing, plain, loss):
    """The closed form for small PDs and rates, every row, in straight arithmetic.

    Powers of the kept share are taken on what is lost, e(a + b) = e_a + e_b - e_a e_b, so
    that nothing cancels; the periods are taken bit by bit.
    """
    part, year = 1.0 / per_year, float(per_year)
    end, middle = 1.0 * (timing == 0), 1.0 * (timing == 1)
    exact = 1.0 - end - middle
    for i in range(debt.size):
        count = min(periods[i], year)
        # Rows that are not for this road are done again; here they only must not stop it.
        pd = chance[i] if 0.0 < chance[i] <= 0.2 else 0.1
        yearly = rate[i] if 0.0 <= rate[i] <= 0.2 else 0.1
        force, discount = -_small_log1p(-pd) * part, _small_log1p(yearly) * part
        hazard, taken = force * small_mean(force), discount * small_mean(discount)
        one = hazard + (1.0 - hazard) * taken
        two = one * (2.0 - one)
        four = two * (2.0 - two)
        high = np.floor(count * 0.125)
        rest = count - 8.0 * high
        half = np.floor(rest * 0.25)
        rest -= 4.0 * half
        low = np.floor(rest * 0.5)
        lost = (rest - 2.0 * low) * one
        lost += low * two * (1.0 - lost)
        lost += half * four * (1.0 - lost)
        lost += high * four * (2.0 - four) * (1.0 - lost)
        kept = 1.0 - taken
        early = hazard * (end * kept + middle * math.sqrt(kept)) / one
        spread = exact * force / (force + discount)
        plain[i] = debt[i] * chance[i] * share[i]
        loss[i] = debt[i] * share[i] * lost * (early + spread)


@kernel
def twelve_month_rows(x, first, last, per_year, timing, out, status):
    """EL and 12-month ECL of columns at constant force, in closed form.

    Parameters
    ----------
    x : (5, n) float64
        Exposure at default [yuan], >= 0; PD of 12 months [1], in [0, 1]; LGD [1], in
        [0, 1]; effective rate [1/year], > -1; periods until maturity [period], whole,
        >= 0.
    first, last : int64
        Rows to fill, from and up to.
    per_year : int64
        Periods of a year [period], in [1, 12].
    timing : int64
        As the module says [code].
    out : (2, n) float64
        Filled with EAD x PD x LGD and the discounted loss of defaults within 12 months or
        until maturity [yuan].
    status : (n,) int64
        Filled with 0 fine, 1 something missing, 2 out of range; then the row is NaN.
    """
    block = 2048
    for start in range(first, last, block):
        stop = min(start + block, last)
        _year_fast(
            x[0, start:stop], x[1, start:stop], x[2, start:stop], x[3, start:stop],
            x[4, start:stop], per_year, timing, out[0, start:stop], out[1, start:stop],
        )  # fmt: skip
        for i in range(start, stop):
            chance, rate, count = x[1, i], x[3, i], x[4, i]
            usual = 0.0 < chance <= 0.2 and 0.0 <= rate <= 0.2 and 0.0 <= count < math.inf
            usual = usual and 0.0 <= x[0, i] < math.inf and 0.0 <= x[2, i] <= 1.0
            status[i] = 0
            if usual and count == np.floor(count) and per_year >= 12:
                continue
            status[i] = _state_of_year(x, i)
            if status[i]:
                out[0, i] = out[1, i] = math.nan
                continue
            within = min(count, per_year)
            value = _year_exactly(chance, rate, within, per_year, timing)
            out[0, i] = x[0, i] * chance * x[2, i]
            out[1, i] = x[0, i] * x[2, i] * value


@kernel
def _state_of_year(x, i):
    """1 when a cell of the row is missing, 2 when one is out of range, else 0."""
    state = 0
    for j in range(x.shape[0]):
        value = x[j, i]
        if math.isnan(value):
            return 1
        low = -1.0 if j == 3 else 0.0
        if value < low or value == math.inf or (j in (1, 2) and value > 1.0):
            state = 2
    if x[3, i] == -1.0 or x[4, i] != np.floor(x[4, i]):
        state = 2
    return state
