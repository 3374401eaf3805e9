"""Weights, credibility and disposal the slow way: subsets, loops, all ways an auction may go."""

from itertools import combinations

import numpy as np


def best_weights(covariance):
    """Non-negative weights of least variance, by trying every subset of the estimates."""
    k = len(covariance)
    best, found = np.inf, None
    for size in range(1, k + 1):
        for subset in combinations(range(k), size):
            part = covariance[np.ix_(subset, subset)]
            raw = np.linalg.solve(part, np.ones(size))
            weights = raw / raw.sum()
            if (weights >= -1e-12).all():
                variance = weights @ part @ weights
                if variance < best * (1.0 - 1e-12):
                    best, found = variance, np.zeros(k)
                    found[list(subset)] = np.maximum(weights, 0.0)
    return found, best


def structure(groups):
    """Bühlmann and Straub from lists of (value, weight), as the books write it."""
    volumes = [sum(w for _, w in group) for group in groups]
    means = [sum(x * w for x, w in group) / v for group, v in zip(groups, volumes, strict=True)]
    squares = sum(
        w * (x - mean) ** 2 for group, mean in zip(groups, means, strict=True) for x, w in group
    )
    within = squares / sum(len(group) - 1 for group in groups)
    total = sum(volumes)
    overall = sum(v * m for v, m in zip(volumes, means, strict=True)) / total
    scatter = sum(v * (m - overall) ** 2 for v, m in zip(volumes, means, strict=True))
    scale = total / (total**2 - sum(v**2 for v in volumes))
    between = max(scale * (scatter - (len(groups) - 1) * within), 0.0)
    if between == 0.0:
        return overall, within, 0.0, [0.0] * len(groups)
    factors = [v / (v + within / between) for v in volumes]
    collective = sum(z * m for z, m in zip(factors, means, strict=True)) / sum(factors)
    return collective, within, between, factors


def auction(prices, chances, years, residual, residual_years, cost, cost_share, rate):
    """Mean over all ways the rounds may go."""
    value, sold, waited = 0.0, 0.0, 0.0
    for winner in range(len(prices) + 1):
        chance = np.prod([1.0 - p for p in chances[:winner]])
        if winner < len(prices):
            chance *= chances[winner]
            value += chance * prices[winner] * (1.0 - cost_share) / (1.0 + rate) ** years[winner]
            sold += chance
            waited += chance * years[winner]
        else:
            value += chance * residual / (1.0 + rate) ** residual_years
            waited += chance * residual_years
    return value - cost, sold, waited
