"""Compound laws by their faces: two roads, moments, refusals."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskengine.kernels.panjer import compound
from riskengine.portfolio.compound import (
    compound_binomial,
    compound_negative_binomial,
    compound_poisson,
)
from riskengine.portfolio.exposures import BookError

SEVERITY = np.array([0.1, 0.2, 0.3, 0.4])


def transform(generating, size: int = 512) -> np.ndarray:
    z = np.exp(-2j * np.pi * np.arange(size) / size)
    return np.fft.ifft(generating(SEVERITY @ z ** np.arange(4)[:, None])).real


@given(st.floats(0.0, 20.0), st.floats(0.3, 10.0))
@settings(max_examples=30)
def test_transform_agrees(mean: float, shape: float) -> None:
    law = compound_poisson(mean, SEVERITY, 200)
    np.testing.assert_allclose(law, transform(lambda p: np.exp(mean * (p - 1.0)))[:200], atol=1e-14)
    small = min(mean, 4.0)
    law = compound_negative_binomial(shape, small, SEVERITY, 200)
    right = transform(lambda p: (1.0 + small / shape * (1.0 - p)) ** -shape, 1 << 14)
    np.testing.assert_allclose(law, right[:200], atol=1e-13)


@pytest.mark.parametrize("chance", [0.0, 0.05, 0.5, 0.95, 1.0])
@pytest.mark.parametrize("number", [0, 1, 37])
def test_binomial(number: int, chance: float) -> None:
    law = compound_binomial(number, chance, SEVERITY, 120)
    right = transform(lambda p: (1.0 - chance + chance * p) ** number)
    np.testing.assert_allclose(law, right[:120], atol=1e-14)


def test_recursion_loses_the_binomial_tail() -> None:
    """Terms that change sign: at q = 0.9 the tail of the recursion is rounding, even below 0."""
    out, a = np.empty(151), -9.0
    compound(a, -51 * a, 50 * math.log(1.0 - 0.9 * 0.9), SEVERITY, out)
    product = compound_binomial(50, 0.9, SEVERITY, 151)
    np.testing.assert_allclose(out, product, atol=1e-15)
    assert product[150] == pytest.approx((0.9 * 0.4) ** 50, rel=1e-12, abs=0.0)
    assert np.any(out < 0.0) and abs(out[150] / product[150] - 1.0) > 1.0


def test_bad_arguments_are_refused() -> None:
    for action in (
        lambda: compound_poisson(-1.0, SEVERITY, 5), lambda: compound_poisson(math.inf, SEVERITY, 5),
        lambda: compound_poisson(1.0, [0.5, 0.4], 5), lambda: compound_poisson(1.0, [], 5),
        lambda: compound_poisson(1.0, SEVERITY, 0), lambda: compound_poisson(math.nan, SEVERITY, 5),
        lambda: compound_negative_binomial(0.0, 1.0, SEVERITY, 5),
        lambda: compound_binomial(-1, 0.5, SEVERITY, 5), lambda: compound_binomial(2, 1.5, SEVERITY, 5),
    ):  # fmt: skip
        with pytest.raises(BookError):
            action()
