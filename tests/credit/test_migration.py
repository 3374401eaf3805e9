"""Rating migration: the notes' matrices, scipy and eigenvalue routes, refusals."""

import numpy as np
import pytest
from scipy import linalg

from riskengine.credit.migration import (
    default_chances,
    generator,
    migration_matrix,
    transitions,
    value_at_horizon,
    weighted_adjustment,
)
from riskengine.credit.rows import CreditError

CREDIT_METRICS = [
    [90.81, 8.33, 0.68, 0.06, 0.12, 0.0, 0.0, 0.0],
    [0.70, 90.65, 7.79, 0.64, 0.06, 0.14, 0.02, 0.0],
    [0.09, 2.27, 91.05, 5.52, 0.74, 0.26, 0.01, 0.06],
    [0.02, 0.33, 5.95, 86.93, 5.30, 1.17, 0.12, 0.18],
    [0.03, 0.14, 0.67, 7.73, 80.53, 8.84, 1.00, 1.06],
    [0.0, 0.11, 0.24, 0.43, 6.48, 83.46, 4.07, 5.20],
    [0.22, 0.0, 0.22, 1.30, 2.38, 11.24, 64.86, 19.79],
    [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 100.0],
]
RATES = [[-0.11, 0.1, 0.01], [0.05, -0.15, 0.1], [0.0, 0.0, 0.0]]


def test_powers_of_the_notes() -> None:
    """PD-MIG-01; powers of the printed matrix, whose rows sum to 0.9999 or 1.0001, miss it."""
    found = 100.0 * default_chances(CREDIT_METRICS, 10)
    five = [0.0378517973, 0.183255813, 0.644010917, 2.1049868, 8.67114881, 24.405889, 54.1631686]
    ten = [0.294679862, 0.917556927, 2.40108234, 6.61126487, 19.6734747, 40.8896302, 66.8282183]
    assert found[4, :-1] == pytest.approx(five, abs=1e-7)
    assert found[9, :-1] == pytest.approx(ten, abs=1e-7)
    assert np.all(found[:, -1] == 100.0)
    printed = np.linalg.matrix_power(np.array(CREDIT_METRICS) / 100.0, 10)[:, -1] * 100.0
    assert np.abs(printed[:-1] - ten).max() > 1e-3


def test_powers_by_matrix_product() -> None:
    whole = migration_matrix(CREDIT_METRICS)
    assert whole.sum(axis=1) == pytest.approx(np.ones(8), rel=1e-15)
    assert default_chances(whole, 7)[6] == pytest.approx(
        np.linalg.matrix_power(whole, 7)[:, -1], rel=1e-12
    )
    assert np.all(np.diff(default_chances(whole, 20), axis=0) >= 0.0)


def test_generator_of_the_notes() -> None:
    """PD-GEN-01."""
    expected = [
        [0.898045074266, 0.0878885930213, 0.0140663327124],
        [0.0439442965107, 0.862889637058, 0.0931660664316],
        [0.0, 0.0, 1.0],
    ]
    assert transitions(RATES, 1.0) == pytest.approx(np.array(expected), abs=1e-12)


def test_exponential_by_other_routes() -> None:
    """Uniformisation: a Poisson number of steps of I + Q / l; and the semigroup property."""
    q, years, speed = np.array(RATES), 2.5, 0.2
    step, term, total = np.eye(3) + q / speed, np.eye(3) * np.exp(-speed * years), np.zeros((3, 3))
    for k in range(1, 60):
        total += term
        term = term @ step * (speed * years / k)
    assert transitions(q, years) == pytest.approx(total, abs=1e-14)
    assert transitions(q, 1.0) @ transitions(q, 1.5) == pytest.approx(
        transitions(q, years), abs=1e-14
    )
    assert transitions(q, 0.0) == pytest.approx(np.eye(3))


def test_generator_comes_back() -> None:
    found = generator(transitions(RATES, 1.0))
    assert found.rates == pytest.approx(np.array(RATES), abs=1e-12)
    assert found.changed < 1e-12


def test_generator_of_printed_ratings_needs_the_adjustment() -> None:
    """A plain logarithm holds negative rates, so its PD over a quarter can be negative."""
    whole = migration_matrix(CREDIT_METRICS)
    plain = linalg.logm(whole)
    away = ~np.eye(8, dtype=bool)
    assert plain[away].min() < 0.0
    assert linalg.expm(plain / 12.0)[:, -1].min() < 0.0
    found = generator(whole)
    assert found.rates[away].min() >= 0.0
    assert np.abs(found.rates.sum(axis=1)).max() < 1e-15
    assert 0.0 < found.changed < 0.01
    assert np.abs(transitions(found.rates, 1.0) - whole).max() < 3e-3
    assert transitions(found.rates, 1.0 / 12.0).min() >= 0.0


def test_weighted_adjustment_by_hand() -> None:
    """Israel, Rosenthal & Wei: what zeroing adds, taken from the row by size."""
    found = weighted_adjustment([[-0.2, 0.3, -0.1], [0.1, -0.1, 0.0], [0.0, 0.0, 0.0]])
    assert found[0] == pytest.approx([-0.24, 0.24, 0.0])
    assert found[1:] == pytest.approx(np.array([[0.1, -0.1, 0.0], [0.0, 0.0, 0.0]]))


def test_value_at_horizon_of_the_notes() -> None:
    """PD-CM-01."""
    chances = [0.0002, 0.0033, 0.0595, 0.8693, 0.0530, 0.0117, 0.0012, 0.0018]
    values = [109.37, 109.19, 108.66, 107.55, 102.02, 98.10, 83.64, 51.13]
    assert value_at_horizon(chances, values) == pytest.approx((107.087918, 2.99178383666), abs=1e-9)


@pytest.mark.parametrize(
    "bad",
    [
        [[0.9, 0.1]],
        [[0.9, -0.1], [0.0, 1.0]],
        [[0.0, 0.0], [0.0, 1.0]],
        [[0.9, float("nan")], [0.0, 1.0]],
        [[0.9, 0.1], [0.1, 0.9]],
    ],
)
def test_refused_matrices(bad: list[list[float]]) -> None:
    with pytest.raises(CreditError):
        default_chances(bad, 3)


def test_refused_generators() -> None:
    with pytest.raises(CreditError, match="no generator"):
        transitions([[-0.1, 0.2], [0.0, 0.0]], 1.0)
    with pytest.raises(CreditError, match="no generator"):
        transitions([[0.1, -0.1], [0.0, 0.0]], 1.0)
    with pytest.raises(CreditError, match="time"):
        transitions(RATES, -1.0)
    with pytest.raises(CreditError, match="logarithm"):
        generator([[0.1, 0.9, 0.0], [0.9, 0.1, 0.0], [0.0, 0.0, 1.0]])
    with pytest.raises(CreditError):
        value_at_horizon([0.5, 0.4], [1.0, 2.0])
