"""Merton's firm: the value of assets and its volatility behind an equity and its own.

Equity is a call on the assets at the discounted debt K = L exp(-r T), and its volatility
follows by the leverage of that call:

    E = V N(d1) - K N(d1 - s),   sigma_E E = N(d1) sigma V,   s = sigma sqrt T

Source: Merton, J. Finance 29 (1974) 449; Ronn & Verma, J. Finance 41 (1986) 871.
"""

import math

from riskengine.kernels.compiling import kernel
from riskengine.kernels.normal import normal_cdf, normal_density
from riskengine.kernels.shortfall import expected_shortfall_of_sale
from riskengine.kernels.tails import log_normal_cdf, normal_tail_rate


@kernel
def _misfit(x, log_spread, equity, wanted):
    """Logs of both equations and their derivatives by x = ln(V / K) and ln s; K is 1."""
    s, assets = math.exp(log_spread), math.exp(x)
    d1 = x / s + 0.5 * s
    call = expected_shortfall_of_sale(assets, 1.0, s)
    rate = normal_tail_rate(d1)
    first = math.log(call / equity)
    second = log_normal_cdf(d1) + x + log_spread - wanted
    by_x = assets * normal_cdf(d1) / call
    by_s = s * assets * normal_density(d1) / call
    return first, second, by_x, by_s, 1.0 + rate / s, 1.0 + rate * (0.5 * s - x / s)


@kernel
def merton_assets(equity, equity_volatility, debt, force, years):
    """Assets and their volatility behind an equity: the 2 x 2 system, solved in logarithms.

    Parameters
    ----------
    equity : float64
        Value of the equity E [yuan], > 0.
    equity_volatility : float64
        Its yearly volatility sigma_E [1/sqrt(year)], > 0.
    debt : float64
        Debt due at the horizon L [yuan], >= 0; without debt the assets are the equity.
    force : float64
        Riskless force of interest r [1/year], continuous.
    years : float64
        Horizon T [year], > 0.

    Returns
    -------
    tuple of float64
        Assets V [yuan] and volatility sigma [1/sqrt(year)]; NaN when there is no answer.

    Notes
    -----
    Newton's rule on the logarithms of both equations, in units of the discounted debt,
    with steps halved until the misfit falls.

    Examples
    --------
    >>> v, s = merton_assets(26406000.0, 0.7103, 40000000.0, 0.05, 1.0)
    >>> round(v / 1e6, 4), round(s, 6)
    (64.2098, 0.300967)
    """
    if not (equity > 0.0 and equity_volatility > 0.0 and debt >= 0.0 and years > 0.0):
        return math.nan, math.nan
    if debt == 0.0:
        return equity, equity_volatility
    due = debt * math.exp(-force * years)
    e = equity / due
    wanted = math.log(e * equity_volatility) + 0.5 * math.log(years)
    x, y = math.log1p(e), wanted - math.log1p(e)
    f1, f2, a, b, c, d = _misfit(x, y, e, wanted)
    for _ in range(100):
        misfit = max(abs(f1), abs(f2))
        if misfit <= 1e-14 * (1.0 + abs(wanted)):
            break
        determinant = a * d - b * c
        dx, dy = (b * f2 - d * f1) / determinant, (c * f1 - a * f2) / determinant
        step = min(1.0, 1.0 / max(abs(dx), abs(dy), 1e-300))
        for _ in range(40):
            f1, f2, a, b, c, d = _misfit(x + step * dx, y + step * dy, e, wanted)
            if max(abs(f1), abs(f2)) < misfit:
                break
            step *= 0.5
        if not max(abs(f1), abs(f2)) < misfit:
            break
        x, y = x + step * dx, y + step * dy
    f1, f2, a, b, c, d = _misfit(x, y, e, wanted)
    if not max(abs(f1), abs(f2)) <= 1e-10 * (1.0 + abs(wanted)):
        return math.nan, math.nan
    return due * math.exp(x), math.exp(y) / math.sqrt(years)


@kernel
def distance_to_default(assets, volatility, debt, drift, years):
    """Standard deviations between expected assets and debt: (ln(V/L) + (m - s^2/2) T) / (s sqrt T).

    Parameters
    ----------
    assets : float64
        Assets V [yuan], > 0.
    volatility : float64
        Their volatility s [1/sqrt(year)], > 0.
    debt : float64
        Debt due at the horizon L [yuan], >= 0; infinite distance without debt.
    drift : float64
        Growth of assets m [1/year], continuous.
    years : float64
        Horizon T [year], > 0.

    Returns
    -------
    float64
        Distance [1]; the PD is N(-distance).

    Examples
    --------
    >>> round(distance_to_default(64209834.0, 0.30096715, 40000000.0, 0.0306, 1.0), 6)
    1.523709
    """
    if debt == 0.0:
        return math.inf
    growth = (drift - 0.5 * volatility * volatility) * years
    return (math.log(assets / debt) + growth) / (volatility * math.sqrt(years))


@kernel
def merton_rows(x, out, status):
    """Merton's firm row by row.

    Parameters
    ----------
    x : (6, n) float64
        equity [yuan], its volatility [1/sqrt(year)], debt [yuan], force of interest
        [1/year], drift of assets [1/year], horizon [year].
    out : (4, n) float64
        Filled with assets [yuan], their volatility [1/sqrt(year)], distance to default
        [1], PD [1]; NaN where the status is not 0.
    status : (n,) int64
        Filled with 0 fine, 1 something missing, 2 out of range, 3 no answer found.
    """
    for i in range(status.size):
        equity, swing, debt, years = x[0, i], x[1, i], x[2, i], x[5, i]
        total = equity + swing + debt + x[3, i] + x[4, i] + years
        status[i] = 0
        if math.isnan(total):
            status[i] = 1
        elif not (equity > 0.0 and swing > 0.0 and debt >= 0.0 and years > 0.0) or math.isinf(
            total
        ):
            status[i] = 2
        for j in range(4):
            out[j, i] = math.nan
        if status[i]:
            continue
        assets, volatility = merton_assets(equity, swing, debt, x[3, i], years)
        if math.isnan(assets):
            status[i] = 3
            continue
        distance = distance_to_default(assets, volatility, debt, x[4, i], years)
        out[0, i], out[1, i], out[2, i] = assets, volatility, distance
        out[3, i] = normal_cdf(-distance)
