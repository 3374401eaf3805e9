"""Slow twin of `riskengine.kernels.comparison`: a list of usable deals, then statistics on it."""

import math
from dataclasses import dataclass
from decimal import Decimal

from tests.reference.discount import annuity_factor


@dataclass
class Grid:
    """Limits and errors of the comparison, in the order of the kernel's policy."""

    low: float
    high: float
    product_low: float
    product_high: float
    floor: float
    missing: float
    error: float
    count: float
    quantile: float


def ratio(subject, comparable):
    return subject / comparable if comparable > 0.0 else math.nan


def term_ratio(rate, subject, comparable):
    if subject == comparable:
        return 1.0
    if math.isnan(subject + comparable + rate) or comparable <= 0.0:
        return math.nan
    return annuity_factor(rate, subject) / annuity_factor(rate, comparable)


def factors(subject, deal):
    """Factors of one pair: situation, date, region, individual, term; and scores missing."""
    index, years, rate, *scores = subject
    _, situation, deal_index, deal_years, _, *deal_scores = deal
    ratios = [ratio(mine, its) for mine, its in zip(scores, deal_scores, strict=True)]
    known = [1.0 if math.isnan(one) else one for one in ratios]
    date, term = ratio(index, deal_index), term_ratio(rate, years, deal_years)
    return [situation, date, known[0], math.prod(known[1:]), term], sum(map(math.isnan, ratios))


def usable_deals(subject, deals, grid):
    """Adjusted price, weight, age and gross adjustment of every deal that is near enough."""
    for deal in deals:
        every, missing = factors(subject, deal)
        price = deal[0] * math.prod(every)
        inside = all(grid.low <= factor <= grid.high for factor in every)
        if not inside or not grid.product_low <= math.prod(every) <= grid.product_high:
            continue
        if not price > 0.0:
            continue
        gross = math.fsum(abs(factor - 1.0) for factor in every) + missing * grid.missing
        yield price, 1.0 / max(gross, grid.floor), deal[4], gross


def mean(values, weights):
    return math.fsum(v * w for v, w in zip(values, weights, strict=True)) / math.fsum(weights)


def student_inflation(quantile, freedom):
    """Cornish-Fisher expansion, term by term as Abramowitz and Stegun 26.7.5 print it."""
    z, v = Decimal(quantile), Decimal(freedom)
    terms = [
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
    ]
    return float(1 + sum(term / v ** (k + 1) for k, term in enumerate(terms)) / z)


def compare(subject, deals, grid):
    """Value, log error, number, mean age, mean gross adjustment."""
    used = list(usable_deals(subject, deals, grid))
    if not used:
        return math.nan, math.nan, 0, math.nan, math.nan
    prices, weights, ages, adjustments = zip(*used, strict=True)
    logs = [math.log(price) for price in prices]
    center = mean(logs, weights)
    effective = math.fsum(weights) ** 2 / math.fsum(weight**2 for weight in weights)
    scatter = mean([(log - center) ** 2 for log in logs], weights) * effective
    freedom = grid.count + effective - 1.0
    pooled = max((grid.count * grid.error**2 + scatter) / freedom, grid.error**2)
    error = math.sqrt(pooled * (1.0 + 1.0 / effective))
    error *= student_inflation(grid.quantile, freedom)
    return mean(prices, weights), error, len(used), mean(ages, weights), mean(adjustments, weights)
