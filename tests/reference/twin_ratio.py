"""Ratio statistics in exact fractions and the standard library: slow, obvious, independent."""

import math
import statistics
from fractions import Fraction


def ratios_of(assessed, sale_price):
    """Exact ratios."""
    return [Fraction(a) / Fraction(s) for a, s in zip(assessed, sale_price, strict=True)]


def level(assessed, sale_price):
    """Median, mean and weighted mean ratio, exactly."""
    ratios = ratios_of(assessed, sale_price)
    total = sum(map(Fraction, assessed)) / sum(map(Fraction, sale_price))
    return statistics.median(ratios), statistics.mean(ratios), total


def spread(assessed, sale_price):
    """COD and squared COV as fractions of 1, exactly."""
    ratios = ratios_of(assessed, sale_price)
    median, mean, _ = level(assessed, sale_price)
    cod = sum(abs(ratio - median) for ratio in ratios) / len(ratios) / median
    return cod, statistics.variance(ratios) / mean**2


def bias(assessed, sale_price):
    """PRB with standard error, by normal equations in fractions of the rounded logarithms."""
    ratios = ratios_of(assessed, sale_price)
    median = statistics.median(ratios)
    y = [(ratio - median) / median for ratio in ratios]
    proxies = [
        (Fraction(s) + Fraction(a) / median) / 2 for a, s in zip(assessed, sale_price, strict=True)
    ]
    x = [Fraction(math.log(proxy) / math.log(2)) for proxy in proxies]
    n = len(x)
    sxx = sum(v * v for v in x) - sum(x) ** 2 / n
    sxy = sum(u * v for u, v in zip(x, y, strict=True)) - sum(x) * sum(y) / n
    slope = sxy / sxx
    intercept = (sum(y) - slope * sum(x)) / n
    rest = sum((v - intercept - slope * u) ** 2 for u, v in zip(x, y, strict=True))
    return slope, intercept, math.sqrt(rest / (n - 2) / sxx)


def gini(values):
    """Gini of values in the order given: the formula as printed."""
    n, exact = len(values), [Fraction(value) for value in values]
    weighted = sum(rank * value for rank, value in enumerate(exact, start=1))
    return 2 * weighted / (n * sum(exact)) - Fraction(n + 1, n)


def kakwani(assessed, sale_price):
    """MKI and KI, ties in the order of rows."""
    order = sorted(range(len(sale_price)), key=lambda row: sale_price[row])
    by_price = gini([assessed[row] for row in order])
    own = gini([sale_price[row] for row in order])
    return by_price / own, by_price - own


def weighted_error(assessed, sale_price):
    """Standard error of the weighted mean."""
    n = len(sale_price)
    weighted = level(assessed, sale_price)[2]
    total = sum(
        (Fraction(a) - weighted * Fraction(s)) ** 2
        for a, s in zip(assessed, sale_price, strict=True)
    )
    return math.sqrt(total / (n * (n - 1))) / float(sum(map(Fraction, sale_price)) / n)


def median_cover(count, low, high):
    """Binomial chance that the population median lies between two ranks."""
    return Fraction(sum(math.comb(count, k) for k in range(low, high)), 2**count)


def percentile_groups(values, groups, shift, start):
    """Group of every value by percentile cuts at place (n + shift) p + start, cut value below."""
    rising = sorted(map(Fraction, values))
    n = len(rising)
    cuts = []
    for group in range(1, groups):
        place = (n + shift) * Fraction(group, groups) + start
        place = min(max(place, 1), n)
        below = math.floor(place)
        above = min(below + 1, n)
        cuts.append(rising[below - 1] + (place - below) * (rising[above - 1] - rising[below - 1]))
    return [sum(Fraction(value) > cut for cut in cuts) for value in values]
