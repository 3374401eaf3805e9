"""Dividends, restrictions and carbon the slow way: year by year, decimals, quadrature."""

from decimal import Decimal, localcontext

import numpy as np
from scipy import integrate, special, stats

from tests.reference.twin_shares import twin_equity  # noqa: F401  the bench looks here


def dividends(first, growths, rate, hazard, last_growth=None):
    """Dividends year by year, each surviving; 4,000 years stand for ever."""
    value, dividend, factor = 0.0, first, 1.0
    years = list(growths)
    if last_growth is not None:
        years += [last_growth] * 4_000
    for growth in years:
        dividend *= 1.0 + growth
        factor *= np.exp(-hazard) / (1.0 + rate)
        value += dividend * factor
    return value


def longstaff(volatility, years):
    """The printed form."""
    v = volatility**2 * years
    normal = stats.norm.cdf(np.sqrt(v) / 2.0)
    return (2.0 + v / 2.0) * normal + np.sqrt(v / (2.0 * np.pi)) * np.exp(-v / 8.0) - 1.0


def finnerty(volatility, years):
    """The printed form in 120 decimals, so that nothing cancels."""
    with localcontext() as context:
        context.prec = 120
        v = Decimal(volatility) ** 2 * Decimal(years)
        squared = v + (2 * (v.exp() - v - 1)).ln() - 2 * (v.exp() - 1).ln()
        half = float(squared.sqrt()) / 2.0
    return special.erf(half / np.sqrt(2.0))


def put(volatility, years, force, payout):
    """A put at the money, by integrating its payoff over the lognormal price."""
    swing = volatility * np.sqrt(years)
    centre = (force - payout) * years - 0.5 * swing**2
    edge = -centre / swing

    def payoff(z):
        return (1.0 - np.exp(centre + swing * z)) * stats.norm.pdf(z)

    value, _ = integrate.quad(payoff, -40.0, edge, points=[edge - 8.0], epsabs=1e-13)
    return np.exp(-force * years) * value


def lognormal_mean(mean, variance):
    """Mean of exp(X) for normal X, by quadrature."""
    deviation = np.sqrt(variance)
    value, _ = integrate.quad(
        lambda z: np.exp(mean + deviation * z) * stats.norm.pdf(z), -38.0, 38.0, points=[0.0],
        epsrel=1e-13,
    )  # fmt: skip
    return value


def batches(credits_per_year, start, end, interval):
    """Issuances one by one: time and credits."""
    found, begin = [], start
    number = 0
    while begin < end:
        number += 1
        finish = min(start + number * interval, end)
        found.append((max(finish, 0.0), credits_per_year * (finish - begin)))
        begin = finish
    return found
