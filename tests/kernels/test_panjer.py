"""Panjer's recursion and series of logarithms against scipy's laws and convolutions."""

import math

import numpy as np
import pytest
from scipy import stats

from riskengine.kernels.panjer import add_sector_logarithm, compound, exponential, with_event

SEVERITY = np.array([0.1, 0.25, 0.4, 0.25])


def summed(numbers: np.ndarray, severity: np.ndarray, size: int) -> np.ndarray:
    """Law by convolution: sum over the number of losses."""
    out, power = np.zeros(size), np.zeros(size)
    power[0] = 1.0
    for p in numbers:
        out += p * power
        power = np.convolve(power, severity)[:size]
    return out


def test_published_compound_poisson() -> None:
    """PF-PANJER-01."""
    out = np.empty(6)
    compound(0.0, 4.0, -4.0, np.array([0.0, 0.25, 0.5, 0.25]), out)
    right = [
        0.0183156388887, 0.0183156388887, 0.0457890972218, 0.0579995231477, 0.0740257071753,
        0.0886782182863,
    ]  # fmt: skip
    np.testing.assert_allclose(out, right, rtol=0.0, atol=1e-12)


def test_three_laws_of_the_number() -> None:
    size = 40
    out = np.empty(size)
    compound(0.0, 3.0, 3.0 * (SEVERITY[0] - 1.0), SEVERITY, out)
    poisson = stats.poisson.pmf(np.arange(60), 3.0)
    np.testing.assert_allclose(out, summed(poisson, SEVERITY, size), rtol=1e-11)
    r, beta = 2.5, 0.8
    p = beta / (1.0 + beta)
    compound(p, (r - 1.0) * p, -r * math.log1p(beta * (1.0 - SEVERITY[0])), SEVERITY, out)
    number = stats.nbinom.pmf(np.arange(150), r, 1.0 - p)
    np.testing.assert_allclose(out, summed(number, SEVERITY, size), rtol=1e-11)
    a = -0.1 / 0.9
    compound(a, -13 * a, 12 * math.log(1.0 - 0.1 * (1.0 - SEVERITY[0])), SEVERITY, out)
    number = stats.binom.pmf(np.arange(13), 12, 0.1)
    np.testing.assert_allclose(out, summed(number, SEVERITY, size), atol=1e-13)


def test_more_than_seven_hundred_events() -> None:
    """exp(-900) is no float: the recursion starts with its logarithm."""
    out, logs, other = np.empty(1200), np.zeros(1200), np.empty(1200)
    compound(0.0, 900.0, -900.0, np.array([0.0, 1.0]), out)
    right = stats.poisson.pmf(np.arange(1200), 900.0)
    np.testing.assert_allclose(out[600:], right[600:], rtol=1e-10)
    add_sector_logarithm(np.array([0.0, 1.0]), 900.0, 0.0, logs)
    exponential(logs, other)
    np.testing.assert_allclose(other[600:], right[600:], rtol=1e-10)
    assert np.sum(other) == pytest.approx(1.0, rel=1e-11)


def test_sectors_multiply() -> None:
    size = 60
    one, two = np.array([0.0, 0.5, 0.0, 0.5]), np.array([0.0, 0.0, 1.0])
    logs, out = np.zeros(size), np.empty(size)
    add_sector_logarithm(one, 2.0, 0.7, logs)
    add_sector_logarithm(two, 1.5, 0.0, logs)
    exponential(logs, out)
    p = 0.7 / 1.7
    first = summed(stats.nbinom.pmf(np.arange(200), 2.0, 1.0 - p), one, size)
    second = summed(stats.poisson.pmf(np.arange(80), 1.5), two, size)
    np.testing.assert_allclose(out, np.convolve(first, second)[:size], rtol=1e-11)
    raised = np.empty(size)
    with_event(out, one, 0.7, raised)
    more = summed(stats.nbinom.pmf(np.arange(200), 3.0, 1.0 - p), one, size)
    np.testing.assert_allclose(raised, np.convolve(more, second)[:size], rtol=1e-11)
