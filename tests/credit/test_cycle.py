"""Good and bad times: the mean over all of them, the way back, and one formula in two homes."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskengine.credit.cycle import (
    chance_in_state,
    implied_state,
    point_in_time,
    through_the_cycle,
)
from riskengine.credit.rows import CreditError
from riskengine.kernels.normal import normal_quantile
from riskengine.kernels.wrong_way import conditional_default_chance

NODES, WEIGHTS = np.polynomial.legendre.leggauss(300)


@given(st.floats(1e-6, 0.5), st.floats(0.0, 0.6))
def test_mean_over_the_cycle_is_the_chance_itself(chance: float, rho: float) -> None:
    z, weights = 12.0 * NODES, WEIGHTS
    density = np.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi)
    found = 12.0 * float(weights @ (density * point_in_time(chance, z, rho)))
    assert found == pytest.approx(chance, rel=1e-11, abs=0.0)


@given(st.floats(1e-4, 0.5), st.floats(-3.0, 3.0), st.floats(0.01, 0.6))
def test_state_and_long_run_chance_come_back(chance: float, z: float, rho: float) -> None:
    observed = point_in_time([chance], [z], rho)
    if 1e-15 < observed[0] < 1.0 - 1e-9:
        assert implied_state(observed, [chance], rho)[0] == pytest.approx(z, abs=1e-5)
        assert through_the_cycle(observed, [z], rho)[0] == pytest.approx(chance, rel=1e-5)


@given(st.floats(1e-6, 0.9), st.floats(-6.0, 6.0), st.floats(0.0, 0.9))
def test_arrays_and_kernels_say_the_same(chance: float, z: float, rho: float) -> None:
    threshold = normal_quantile(chance)
    wanted = conditional_default_chance(threshold, math.sqrt(rho) * z, rho)
    assert chance_in_state(chance, z, rho) == pytest.approx(wanted, rel=1e-10, abs=0.0)


def test_bad_states_raise_the_chance() -> None:
    found = point_in_time(0.03, [-2.0, 0.0, 2.0], 0.12)
    assert (np.diff(found) < 0).all()
    np.testing.assert_allclose(through_the_cycle(found, [-2.0, 0.0, 2.0], 0.12), 0.03, rtol=1e-13)


def test_limits_and_refusals() -> None:
    assert point_in_time([0.0, 1.0], [-2.0, 2.0], 0.2).tolist() == [0.0, 1.0]
    assert point_in_time([0.02], [-9.0], 0.0)[0] == pytest.approx(0.02, rel=1e-12)
    for call in (point_in_time, through_the_cycle):
        for bad in ([-0.1], [1.1], [math.nan]):
            with pytest.raises(CreditError):
                call(bad, [0.0], 0.1)
        with pytest.raises(CreditError):
            call([0.1], [0.0], 1.0)
    with pytest.raises(CreditError):
        implied_state([0.1], [0.1], 0.0)
