"""Loss given default: what a workout brought in, and how it moves with the default rate.

Source: Frye & Jacobs, J. Credit Risk 8(1) (2012) 109; Basel CRE36 (economic loss,
discounted, costs included); Ospina & Ferrari, Statistical Papers 51 (2010) 111 (inflated
beta).
"""

import math

from riskengine.kernels.beta import beta_cdf, beta_quantile
from riskengine.kernels.compiling import kernel
from riskengine.kernels.normal import normal_cdf, normal_quantile


@kernel
def present_amount(amounts, years, first, last, from_years, force):
    """Value of dated amounts at one moment: sum a_k exp(-f (t_k - t_0)).

    Parameters
    ----------
    amounts : (m,) float64
        Amounts [yuan].
    years : (m,) float64
        Their times [year].
    first, last : int64
        Rows first, ..., last - 1 belong to the loan.
    from_years : float64
        Moment of the value t_0 [year]; what was paid before it does not count.
    force : float64
        Force of interest f [1/year], continuous: ln(1 + r).

    Returns
    -------
    float64
        Value [yuan].

    Examples
    --------
    >>> import numpy as np
    >>> x, t = np.array([300.0, 250.0, 150.0]), np.array([0.5, 1.25, 2.0])
    >>> round(present_amount(x, t, 0, 3, 0.0, math.log1p(0.08)), 9)
    644.346247484
    """
    total = 0.0
    for k in range(first, last):
        if not years[k] < from_years:
            total += amounts[k] * math.exp(-force * (years[k] - from_years))
    return total


@kernel
def workout_rows(loans, recoveries, recovery_years, recovery_starts, costs, cost_years,
                 cost_starts, out, status):  # fmt: skip
    """Workout loss given default of many loans: 1 - (PV of recoveries - PV of costs) / EAD.

    Parameters
    ----------
    loans : (3, n) float64
        exposure [yuan], > 0; moment from which time counts [year]; rate r [1/year], > -1.
        For the lender exposure and moment are those of the default, for a guarantor the
        claim that he paid and the day on which he paid it.
    recoveries, recovery_years : (m,) float64
        Amounts recovered [yuan] and their times [year].
    recovery_starts : (n + 1,) int64
        Where the recoveries of each loan start.
    costs, cost_years : (q,) float64
        Costs of the workout [yuan], >= 0, and their times [year].
    cost_starts : (n + 1,) int64
        Where the costs of each loan start.
    out : (3, n) float64
        Filled with PV of recoveries [yuan], PV of costs [yuan], loss given default [1],
        which may be below 0 or above 1: an average of clipped losses is biased.
    status : (n,) int64
        Filled with 0 fine, 1 something missing, 2 out of range; the row is then NaN.
    """
    for i in range(status.size):
        exposure, moment, rate = loans[0, i], loans[1, i], loans[2, i]
        force = math.log1p(rate) if rate > -1.0 else math.nan
        got = present_amount(
            recoveries, recovery_years, recovery_starts[i], recovery_starts[i + 1], moment, force
        )
        spent = present_amount(costs, cost_years, cost_starts[i], cost_starts[i + 1], moment, force)
        status[i] = 0
        if exposure <= 0.0 or rate <= -1.0 or math.isinf(exposure):
            status[i] = 2
        elif math.isnan(exposure + got + spent):
            status[i] = 1
        elif math.isinf(got) or math.isinf(spent):
            status[i] = 2
        out[0, i], out[1, i], out[2, i] = got, spent, 1.0 - (got - spent) / exposure
        if status[i]:
            out[0, i], out[1, i], out[2, i] = math.nan, math.nan, math.nan


@kernel
def frye_jacobs(conditional_chance, default_chance, loss_share, correlation):
    """Loss given default when the default rate is known: N(N^-1(cPD) - k) / cPD.

    k = (N^-1(PD) - N^-1(PD LGD)) / sqrt(1 - rho).

    Parameters
    ----------
    conditional_chance : float64
        Default rate under the conditions asked for cPD [1], in (0, 1].
    default_chance : float64
        PD [1], in (0, 1).
    loss_share : float64
        Expected loss over PD: LGD [1], in [0, 1].
    correlation : float64
        Asset correlation rho [1], in [0, 1).

    Returns
    -------
    float64
        Loss given default [1], in [0, 1]; NaN for arguments outside their ranges.

    Examples
    --------
    >>> round(frye_jacobs(0.05, 0.08, 0.4, 0.2), 12)
    0.319739687195
    """
    chances = 0.0 < conditional_chance <= 1.0 and 0.0 < default_chance < 1.0
    if not chances or not 0.0 <= loss_share <= 1.0 or not 0.0 <= correlation < 1.0:
        return math.nan
    gap = normal_quantile(default_chance) - normal_quantile(default_chance * loss_share)
    k = gap / math.sqrt(1.0 - correlation)
    if loss_share == 1.0:
        k = 0.0
    return normal_cdf(normal_quantile(conditional_chance) - k) / conditional_chance


@kernel
def downturn_share(loss_share, added):
    """Loss given default in a downturn by a linear mapping: a + (1 - a) LGD.

    Parameters
    ----------
    loss_share : float64
        Long-run loss given default [1].
    added : float64
        Loss in a downturn of what has none in the long run a [1], in [0, 1]; own data
        come first, a supervisor's figure second.

    Returns
    -------
    float64
        Loss given default [1].

    Examples
    --------
    >>> round(downturn_share(0.45, 0.08), 12)
    0.494
    """
    return added + (1.0 - added) * loss_share


@kernel
def inflated_moments(none, whole, a, b):
    """Mean and standard deviation of a share that is often just 0 or just 1.

    Parameters
    ----------
    none, whole : float64
        Probabilities of exactly 0, p_0, and of exactly 1, p_1 [1], >= 0, together <= 1.
    a, b : float64
        Parameters of the beta law in between [1], > 0.

    Returns
    -------
    tuple of float64
        Mean and standard deviation [1].

    Examples
    --------
    >>> mean, deviation = inflated_moments(0.3, 0.2, 2.0, 2.0)
    >>> round(mean, 6), round(deviation, 6)
    (0.45, 0.384057)
    """
    between = 1.0 - none - whole
    inner = a / (a + b)
    square = inner * (a + 1.0) / (a + b + 1.0)
    mean = whole + between * inner
    return mean, math.sqrt(max(whole + between * square - mean * mean, 0.0))


@kernel
def inflated_cdf(x, none, whole, a, b):
    """Probability that such a share is at most x: p_0 + (1 - p_0 - p_1) I_x(a, b), and 1 at 1.

    Parameters
    ----------
    x : float64
        Share [1].
    none, whole, a, b : float64
        As `inflated_moments` [1].

    Returns
    -------
    float64
        Probability [1], in [0, 1].

    Examples
    --------
    >>> inflated_cdf(0.5, 0.3, 0.2, 2.0, 2.0)
    0.55
    """
    if x < 0.0:
        return 0.0
    if x >= 1.0:
        return 1.0
    return none + (1.0 - none - whole) * beta_cdf(x, a, b)


@kernel
def inflated_quantile(probability, none, whole, a, b):
    """Smallest share that such a share does not exceed with a given probability.

    Parameters
    ----------
    probability : float64
        Probability [1], in [0, 1].
    none, whole, a, b : float64
        As `inflated_moments` [1].

    Returns
    -------
    float64
        Share [1], in [0, 1]; NaN for a probability outside [0, 1].

    Examples
    --------
    >>> [round(inflated_quantile(p, 0.3, 0.2, 2.0, 2.0), 9) for p in (0.2, 0.55, 0.85)]
    [0.0, 0.5, 1.0]
    """
    if not 0.0 <= probability <= 1.0:
        return math.nan
    if probability <= none:
        return 0.0
    between = 1.0 - none - whole
    if probability - none >= between:
        return 1.0
    return beta_quantile((probability - none) / between, a, b)
