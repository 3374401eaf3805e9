"""Published worked examples of collective equity and carbon against the kernels."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from riskengine.kernels.carbon import (
    buffer_share,
    credit_revenue,
    forward_price,
    issued_credits,
    log_price_mean,
    log_price_variance,
)
from riskengine.kernels.equity import (
    finnerty_discount,
    longstaff_discount,
    restricted_share_value,
    staged_dividend_value,
    two_stage_dividend_value,
)
from tests.golden.oracle import hold, load

CASES = load("valuation_equity.toml")
Answer = dict[str, Any]


def two_stage(*, dividend, first_growth, first_years, later_growth, rate) -> Answer:
    parts = two_stage_dividend_value(dividend, first_growth, first_years, later_growth, rate)
    return dict(zip(("first_stage", "terminal", "value"), parts, strict=True))


def successive(*, value, discounts) -> Answer:
    return {"value": restricted_share_value(value, np.array(discounts), math.nan)}


def revenue(*, issued, price) -> Answer:
    return {"value": credit_revenue(issued, price, 0.0)}


def improved_management(
    *, area, stock, baseline, credits_first, credits_later, later_years, price
) -> Answer:
    gross = issued_credits(stock, baseline, 0.0, area, 0.0)
    share = buffer_share(gross, credits_first)
    kept = issued_credits(stock, baseline, 0.0, area, share)
    return {
        "gross": gross,
        "buffer_share": share,
        "revenue_first": credit_revenue(kept, price, 0.0),
        "revenue_later": later_years * credit_revenue(credits_later, price, 0.0),
    }


def longstaff(*, volatility, years) -> Answer:
    return {"discount": [longstaff_discount(s, t) for s, t in zip(volatility, years, strict=True)]}


def schwartz(*, price, reversion, volatility, level, years) -> Answer:
    return {
        "mean": [log_price_mean(math.log(price), level, reversion, t) for t in years],
        "variance": [log_price_variance(reversion, volatility, t) for t in years],
        "forward": [forward_price(price, level, reversion, volatility, t) for t in years],
    }


def staged(*, dividend, growths, years, rate) -> Answer:
    return {"value": staged_dividend_value(dividend, np.array(growths), np.array(years), rate)}


def finnerty(*, volatility, years) -> Answer:
    return {"discount": finnerty_discount(volatility, years)}


METHODS: dict[str, Callable[..., Answer]] = {
    "EQ-01": two_stage,
    "EQ-02": successive,
    "EQ-03": revenue,
    "EQ-04": improved_management,
    "EQ-05": longstaff,
    "UN-01": schwartz,
    "WRONG-DIVIDENDS": staged,
    "WRONG-FINNERTY": finnerty,
}


@pytest.mark.parametrize("case", CASES)
def test_worked_example(case: str) -> None:
    hold(CASES[case], METHODS[case](**CASES[case]["inputs"]))


def test_every_method_has_its_case() -> None:
    assert set(METHODS) == set(CASES)


def test_the_wrong_terminal_value_lacks_one_year_of_growth() -> None:
    inputs = CASES["WRONG-DIVIDENDS"]["inputs"]
    growths, years = np.array(inputs["growths"]), np.array(inputs["years"])
    growths[1] = 1.4964 / 1.298 - 1.0  # as printed
    right = staged_dividend_value(inputs["dividend"], growths, years, inputs["rate"])
    stages = staged_dividend_value(inputs["dividend"], growths[:3], years[:3], inputs["rate"])
    wrong = stages + (right - stages) / (1.0 + growths[3])
    assert wrong == pytest.approx(CASES["WRONG-DIVIDENDS"]["printed"]["value"], abs=0.02)


def test_limit_of_finnerty_is_exact() -> None:
    limit = math.erf(math.sqrt(math.log(2.0) / 8.0))
    assert finnerty_discount(10.0, 100.0) == pytest.approx(limit, rel=1e-14)
