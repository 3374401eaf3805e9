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
    distributable_rows,
    dividend_history_rows,
    equity_dividend_rows,
    marketability_rows,
    share_factor_rows,
)

NAN = math.nan
POLICY = np.array([3.0, 0.3, 0.1, 0.35, 0.05, 0.01, 0.6])
SHARE = {
    "shares": 10.0, "dividend": 100.0, "error": 0.1, "low": 90.0, "kind_share": 0.2,
    "growth": 0.0, "rate": 0.115, "rate_error": 0.14, "hazard": 0.02, "years": math.inf,
    "market": 0.35, "buyers": 0.2, "repurchase": NAN, "assets": NAN, "stress": 0.01,
    "loose": 0.15, "model": 0.15,
}  # fmt: skip
ALL = np.ones(1, dtype=bool)
FIRST = np.zeros(1, dtype=np.int64)


def history(
    *years: float, mean: float = NAN, count: float = NAN, fixed: float = NAN, received: float = NAN
) -> list[float]:
    x = np.array([[*years, *[NAN] * (5 - len(years)), mean, count, fixed, received, 2.0]]).T
    out = np.empty((4, 1))
    dividend_history_rows(np.ascontiguousarray(x), POLICY, out)
    return out[:, 0].tolist()


def factors(**changes: float) -> np.ndarray:
    f = SHARE | changes
    x = np.array([[f[name]] for name in ("shares", "kind_share", "years", "repurchase", "assets")])
    terms = np.array([[f["rate"]], [f["rate_error"]], [f["hazard"]]])
    kept = np.array([(1.0 - f["market"]) * (1.0 - f["buyers"])])
    out = np.empty((6, 1))
    share_factor_rows(x, terms, FIRST, FIRST, kept, np.array([f["growth"], f["stress"]]), out)
    return out


def worth(**changes: float) -> np.ndarray:
    f = SHARE | changes
    shown = np.array([[f["dividend"]], [f["error"]], [f["low"]], [5.0]])
    out = np.full((9, 1), NAN)
    errors = np.array([f["loose"], f["model"]])
    equity_dividend_rows(factors(**changes), np.array([f["assets"]]), shown, errors, ALL, out)
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


def test_a_fixed_dividend_goes_first_and_contradictions_are_doubted() -> None:
    assert history(350.0, fixed=2_000.0)[:3] == [2_000.0, 0.05, 2_000.0]
    assert math.isnan(history(350.0, fixed=2_000.0)[3])
    assert history(100.0, received=200.0)[:3] == [100.0, 0.35, 100.0]
    assert history(100.0, 90.0, received=190.0)[:3] == [95.0, 0.6, 95.0]
    assert history(100.0, received=160.0)[:3] == [80.0, 0.6, 80.0]
    assert history(0.0, received=0.0)[1] == 0.35


def test_without_book_value_there_is_no_yield_on_it() -> None:
    assert worth(assets=200.0)[7] == 0.5
    assert math.isnan(worth(assets=NAN)[7])
    nothing = worth(assets=0.0)
    assert nothing[0] == nothing[2] == 0.0
    assert math.isnan(nothing[7])


def test_an_unknown_dividend_has_no_error_either() -> None:
    assert np.isnan(worth(dividend=NAN)).all()


def test_distributable_income_is_shared_out_and_valued_as_dividends() -> None:
    payouts, errors = np.array([[1.2, NAN], [0.3, NAN]]), np.array([0.15, 0.15, 0.4])
    answers = []
    for paid in (NAN, 0.5):
        out = np.full((8, 1), NAN)
        x = np.array([[50_000.0], [paid], [100.0]])
        distributable_rows(factors(), np.array([NAN]), x, payouts, FIRST, errors, ALL, out)
        answers.append(out[:, 0])
    whole, half = answers
    assert (whole[3], half[3]) == (500.0, 250.0)  # nobody pays out more than there is
    assert half[0] == worth(dividend=250.0)[0]
    assert whole[1] > half[1]


def test_compiled_equals_plain_python() -> None:
    rng = np.random.default_rng(4)
    x = np.array([10.0, 0.2, 20.0, 500.0, 300.0])[:, None] * rng.uniform(0.9, 1.1, (5, 50))
    x[2, :25], x[4, ::2] = math.inf, NAN
    terms = np.array([[0.115, 0.09], [0.14, 0.1], [0.02, 0.0]])
    index, restriction = rng.integers(0, 2, 50), rng.integers(-1, 3, 50)
    shown = np.array([100.0, 0.1, 90.0, 5.0])[:, None] * rng.uniform(0.9, 1.1, (4, 50))
    wanted, errors = rng.random(50) < 0.9, np.array([0.15, 0.15])
    answers = []
    for plain in (False, True):
        first, second = (
            getattr(kernel, "py_func", kernel) if plain else kernel
            for kernel in (share_factor_rows, equity_dividend_rows)
        )
        found, out = np.full((6, 50), NAN), np.full((9, 50), NAN)
        kept = np.array([0.7, 0.6, 0.5, 0.4])
        first(x, terms, index, restriction, kept, np.array([0.01, 0.01]), found)
        second(found, x[4], shown, errors, wanted, out)
        answers.append(out)
    np.testing.assert_allclose(*answers, rtol=1e-14)
