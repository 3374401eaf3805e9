"""PD over time and over the cycle, and Merton's face."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskengine.credit.merton import merton_default
from riskengine.credit.rows import CreditError
from riskengine.credit.term_structure import (
    cumulative_chances,
    hazards,
    marginal_chances,
    monthly_default,
)
from riskengine.kernels.hazard import shorter_chance

NODES, WEIGHTS = np.polynomial.legendre.leggauss(300)
HAZARDS = st.lists(st.floats(0.0, 0.9), min_size=1, max_size=24)


@given(HAZARDS)
def test_three_ways_to_say_the_same(given_hazards: list[float]) -> None:
    cumulative = cumulative_chances(given_hazards)
    assert cumulative[-1] == pytest.approx(
        1.0 - math.prod(1.0 - h for h in given_hazards), abs=1e-14
    )
    assert marginal_chances(cumulative).sum() == pytest.approx(cumulative[-1], abs=1e-14)
    alive = 1.0 - np.concatenate([[0.0], cumulative[:-1]])
    firm = alive > 1e-6
    assert hazards(cumulative)[firm] == pytest.approx(np.array(given_hazards)[firm], abs=1e-8)


def test_survival_of_the_lifetime_case() -> None:
    """ECL-LIFE-01: conditional PDs 1, 1.5 and 2 % leave 95.5647 %."""
    assert 1.0 - cumulative_chances([0.01, 0.015, 0.02])[-1] == pytest.approx(0.955647, abs=1e-12)


def test_tiny_hazards_keep_their_digits() -> None:
    """1 - prod (1 - h) as printed is off in the first digit at 1e-16."""
    assert cumulative_chances([1e-17] * 12)[-1] == pytest.approx(1.2e-16, rel=1e-12, abs=0.0)
    assert 1.0 - math.prod([1.0 - 1e-17] * 12) == 0.0


def test_a_bullet_loan_defaults_at_maturity() -> None:
    """24 months, 4 % at maturity: nothing in 12 months; a flat hazard would say 2 %."""
    quiet = [math.log(1e-6)] * 24
    cumulative, marginal = monthly_default(quiet, [0, 24], due_month=23, maturity_chance=0.04)
    assert cumulative[11] == pytest.approx(1.2e-5, rel=1e-4)
    assert marginal[23] == pytest.approx(0.04, rel=1e-3)
    flat = shorter_chance(cumulative[23], 0.5)
    assert flat > 0.02 > 100.0 * cumulative[11]


def test_monthly_default_checks_its_columns() -> None:
    with pytest.raises(CreditError, match="rising"):
        monthly_default([0.0], [0, 2])
    with pytest.raises(CreditError, match="whole"):
        monthly_default([0.0], [0, 1], due_month=0.5)
    with pytest.raises(CreditError, match="rows"):
        monthly_default([0.0], [0, 1], maturity_chance=[0.1, 0.2])
    cumulative, _ = monthly_default([0.0, math.nan, 0.0], [0, 3])
    assert np.isnan(cumulative).tolist() == [False, True, True]
    refused, _ = monthly_default([0.0], [0, 1], due_month=0, maturity_chance=1.1)
    assert np.isnan(refused).all()


def test_refusals() -> None:
    for bad in ([-0.1], [1.1], [math.nan]):
        with pytest.raises(CreditError):
            hazards(bad)
    with pytest.raises(CreditError, match="falls"):
        marginal_chances([0.2, 0.1])
    assert np.isnan(hazards([1.0, 1.0])[1])


def test_merton_columns() -> None:
    """PD-MERTON-01 and -02, with a firm that cannot be read."""
    found = merton_default(
        [26406000.0, 26817000.0, math.nan],
        [0.7103, 0.3929, 0.3],
        [4e7, 3.5e7, 1.0],
        0.05,
        [0.0306, 0.03, 0.03],
    )
    assert found.default_chance[:2] == pytest.approx([0.0637907, 0.000767719], rel=1e-5)
    assert found.distance[:2] == pytest.approx([1.5237088, 3.1679009], rel=1e-5)
    assert found.status.tolist() == [0, 0, 1]
