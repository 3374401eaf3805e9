"""Row kernels of collective equity: plain Python twins, properties."""

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from riskengine.kernels.equity import (
    chaffe_discount,
    finnerty_discount,
    lapsing_dividend_value,
    longstaff_discount,
)
from riskengine.kernels.equity_rows import (
    dividend_history_rows,
    equity_dividend_rows,
    marketability_rows,
)

NAN = math.nan
POLICY = np.array([3.0, 0.3, 0.1, 0.35])
SHARE = (
    10.0, 100.0, 0.1, 90.0, 0.8, 0.0, 0.115, 0.14, 0.02, math.inf, 0.0, 0.35, 0.2, NAN, NAN, 0.01,
    0.15, 0.15,
)  # fmt: skip


def history(*years: float, mean: float = NAN, count: float = NAN) -> list[float]:
    x = np.array([[*years, *[NAN] * (5 - len(years)), mean, count]]).T
    out = np.empty((4, 1))
    dividend_history_rows(np.ascontiguousarray(x), POLICY, out)
    return out[:, 0].tolist()


def worth(**changes: float) -> np.ndarray:
    names = (
        "shares", "dividend", "error", "low", "cash", "growth", "rate", "rate_error", "hazard",
        "years", "control", "market", "buyers", "repurchase", "assets", "stress", "loose", "model",
    )  # fmt: skip
    x = np.array([[changes.get(name, cell)] for name, cell in zip(names, SHARE, strict=True)])
    out = np.empty((8, 1))
    equity_dividend_rows(x, np.ones(1, dtype=bool), out)
    return out[:, 0]


def test_history_by_hand() -> None:
    mean, error, low, years = history(90.0, 100.0, 110.0)
    assert (mean, low, years) == (100.0, 90.0, 3.0)
    assert error == max(0.3, np.std([90, 100, 110], ddof=1) / 100) / math.sqrt(3)
    assert history(350.0) == [350.0, 0.35, 350.0, 1.0]
    assert history(mean=742.0, count=5.0)[:3] == [742.0, 0.3 / math.sqrt(5.0), 742.0]
    assert all(math.isnan(figure) for figure in (history()[0], history()[2]))
    assert history(0.0, 0.0, 0.0)[0] == 0.0


def test_a_gap_in_the_years_is_no_zero() -> None:
    assert history(90.0, NAN, 110.0)[0] == 100.0
    assert history(NAN, 90.0, 110.0)[2] == 100.0  # the latest year is not known


@given(
    st.floats(0.01, 0.3), st.floats(0.0, 0.1), st.floats(0.5, 60.0), st.floats(0.0, 0.9),
    st.floats(0.0, 0.9),
)  # fmt: skip
@settings(deadline=None)
def test_value_falls_in_rate_hazard_and_discounts(
    rate: float, hazard: float, years: float, market: float, buyers: float
) -> None:
    facts = {"rate": rate, "hazard": hazard, "years": years, "market": market, "buyers": buyers}
    base = worth(**facts)
    free = 10.0 * lapsing_dividend_value(100.0, 0.0, rate, hazard, years)
    assert base[0] == free * ((1.0 - market) * (1.0 - buyers))
    assert base[0] <= 1000.0 * years  # never more than what is paid in all
    assert base[2] <= base[0]
    assert worth(**{**facts, "rate": rate + 0.01})[0] <= base[0]
    assert worth(**{**facts, "hazard": hazard + 0.01})[0] <= base[0]
    assert worth(**{**facts, "years": years + 1.0})[0] >= base[0]
    assert worth(**{**facts, "repurchase": 1.0})[0] <= 10.0


def test_the_error_of_the_rate_is_the_move_of_the_value() -> None:
    tight = worth(rate_error=0.0)[1]
    assert tight == math.sqrt(0.1**2 + 0.15**2 + 0.15**2)
    perpetuity = worth(hazard=0.0, error=0.0, loose=0.0, model=0.0)
    assert abs(perpetuity[1] - 0.14) < 1e-12


def test_models_of_marketability_row_by_row() -> None:
    rng = np.random.default_rng(2)
    x = np.repeat(rng.uniform(0.01, 0.6, (4, 30)), rng.integers(1, 5, 30), axis=1)
    wanted = rng.random(x.shape[1]) < 0.8
    out = np.full((3, x.shape[1]), NAN)
    marketability_rows(x, wanted, out)
    for i in range(x.shape[1]):
        s, t, r, k = x[:, i]
        expected = (
            longstaff_discount(s, t), finnerty_discount(s, t),
            chaffe_discount(s, t, math.log1p(r), math.log1p(k)),
        )  # fmt: skip
        np.testing.assert_array_equal(out[:, i], expected if wanted[i] else (NAN,) * 3)


def test_compiled_equals_plain_python() -> None:
    rng = np.random.default_rng(4)
    x = np.array(SHARE)[:, None] * rng.uniform(0.9, 1.1, (18, 50))
    x[13], x[14] = rng.uniform(100.0, 900.0, 50), np.where(rng.random(50) < 0.5, NAN, 300.0)
    wanted = rng.random(50) < 0.9
    compiled, plain = np.full((8, 50), NAN), np.full((8, 50), NAN)
    equity_dividend_rows(x, wanted, compiled)
    getattr(equity_dividend_rows, "py_func", equity_dividend_rows)(x, wanted, plain)
    np.testing.assert_allclose(compiled, plain, rtol=1e-14)
