"""Tails by lines against oracles and against the simulation."""

import math

import numpy as np
import pytest

from riskengine.portfolio.exposures import BookError, FactorModel
from riskengine.portfolio.lines import by_lines
from riskengine.portfolio.simulation import simulate
from tests.portfolio.books import column, fixed, graded, one_factor, sixteen_factors


def two_sectors(signs=(1.0, 1.0)):
    model = FactorModel(
        ("a", "b"), column(1.0, 0.3, 0.3, 1.0).reshape(2, 2), ("a", "b"),
        np.diag(np.sqrt([0.15, 0.12]) * signs), np.zeros((2, 2)), np.zeros(2),
    )  # fmt: skip
    return fixed(column(0.6, 0.4), column(0.02, 0.03), column(0.0, 1.0), column(0.5, 0.6)), model


def test_pf_2sec_01():
    """PF-2SEC-01, at rel 2e-5."""
    found = by_lines(*two_sectors(), seed=1)
    assert found.value_at_risk.value == pytest.approx(0.074423237, rel=2e-7)
    assert found.value_at_risk.standard_error == found.expected_shortfall.standard_error == 0.0


def test_three_normals_by_quadrature_agree_with_the_simulation():
    book, model = two_sectors()
    lines, drawn = by_lines(book, model, seed=1, nu=6.0), simulate(
        book, model, seed=1, nu=6.0, scenarios=1024, own_risk="none")  # fmt: skip
    for name in ("value_at_risk", "expected_shortfall"):
        one, two = getattr(lines, name), getattr(drawn, name)
        assert abs(one.value - two.value) < 4.5 * two.standard_error


@pytest.mark.parametrize(("case", "pd", "rho", "var", "es"), [
    ("PF-LHP-01", 0.02, 0.1, 0.128237107299, 0.149500491063),
    ("PF-LHP-02", 0.01, 0.2, 0.145525266131, 0.181435531433),
])  # fmt: skip
def test_one_factor_is_the_closed_form(case, pd, rho, var, es):
    """PF-LHP-01 and PF-LHP-02 at rel 1e-9: with one factor nothing is drawn."""
    book = fixed(column(1.0), column(pd), column(0.0), column(1.0))
    found = by_lines(book, one_factor(rho), seed=1)
    assert found.value_at_risk.value == pytest.approx(var, rel=1e-9)
    assert found.expected_shortfall.value == pytest.approx(es, rel=1e-9)


@pytest.mark.parametrize("nu", [math.inf, 8.0])
def test_sixteen_factors_agree_with_the_simulation(nu):
    model, book = sixteen_factors(0.3), graded(96, secured=True)
    lines = by_lines(book, model, seed=2, nu=nu, lines=4)
    drawn = simulate(book, model, seed=2, nu=nu, scenarios=1024, own_risk="none")
    for name in ("value_at_risk", "expected_shortfall"):
        one, two = getattr(lines, name), getattr(drawn, name)
        assert abs(one.value - two.value) < 4.5 * math.hypot(one.standard_error, two.standard_error)


def test_what_lines_cannot_do_is_refused():
    with pytest.raises(BookError, match="no factor"):
        by_lines(two_sectors()[0], two_sectors((0.0, 0.0))[1], seed=1)
    with pytest.raises(BookError, match="falls along"):
        by_lines(two_sectors()[0], FactorModel(
            ("a",), np.eye(1), ("a", "b"), column(0.6, -0.3)[:, None], np.zeros((2, 1)), np.zeros(2)), seed=1)  # fmt: skip
    with pytest.raises(BookError, match="level"):
        by_lines(*two_sectors(), seed=1, level=1.0)
