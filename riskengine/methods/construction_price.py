"""Collective construction land by corrected prices: deals of the area, benchmark, cost."""

import numpy as np
from numpy.typing import NDArray

from riskengine.kernels.construction_land import corrected_price_rows
from riskengine.kernels.farm_price import farm_cost_rows
from riskengine.methods.construction_facts import (
    SHARED,
    USES,
    common_block,
    policy_of,
    rules_of,
)
from riskengine.methods.inputs import Column, Inputs
from riskengine.methods.method import Method, Working
from riskengine.rights.construction import CONSTRUCTION
from riskengine.words import Text

OWNERS = CONSTRUCTION.by_name["benchmark_ownership"].codes
BENCHMARKS = (("construction_benchmark", 0.0), ("construction_state_benchmark", 1.0))
"""Market quantities of benchmark prices, near to far, and 1 where for state land."""


def _benchmark(inputs: Inputs) -> tuple[Column, Column, Column, Column]:
    """Benchmark price, its log error, its age, and 1 where it is for state land."""

    def found() -> tuple[Column, Column, Column, Column]:
        own = inputs.number("benchmark_price_yuan_per_m2")
        age = np.nan_to_num(-inputs.years_to("benchmark_on"))
        collective = inputs.code("benchmark_ownership") == OWNERS.index("collective")
        level = inputs.rule("construction.benchmark_level")
        state = np.where(collective, 0.0, 1.0)
        error = np.full(inputs.size, inputs.rule("construction.benchmark_evidence_error"))
        for quantity, owned in BENCHMARKS:
            quotes = inputs.quotes(quantity, USES, inputs.code("land_use"))
            taken = np.isnan(own) & (quotes.column("level") >= level)
            own = np.where(taken, quotes.column("value"), own)
            error = np.where(taken, quotes.column("log_error"), error)
            age = np.where(taken, quotes.column("age_years"), age)
            state = np.where(taken, owned, state)
        return own, error, age, state

    return inputs.once("construction.benchmark", found)


def _plot_ratio_factor(inputs: Inputs, base: Column) -> Column:
    """Coefficient of the plot ratio over that of a base, linear in the table, none beyond it."""
    table = inputs.rules.table("construction.plot_ratio_coefficient")
    inputs.asked["rule:construction.plot_ratio_coefficient"] = "land_use"
    use, ratio = inputs.code("land_use"), inputs.number("plot_ratio")
    factor = np.full(inputs.size, np.nan)
    for k, name in enumerate(USES):
        rows = np.flatnonzero(use == k)
        subject, against = (
            np.interp(at[rows], table["ratio"], table[name], left=np.nan, right=np.nan)
            for at in (ratio, base)
        )
        factor[rows] = subject / against
    return np.where(np.isnan(ratio), 1.0, factor)


def _typical_ratio(inputs: Inputs) -> Column:
    """Plot ratio that prices of the use assume."""
    return inputs.rule_by_code("construction.typical_plot_ratio", "land_use")


def _ratio_error(inputs: Inputs) -> Column:
    """Log error because the plot ratio is not known."""
    unknown = np.isnan(inputs.number("plot_ratio"))
    return np.where(unknown, inputs.rule("construction.plot_ratio_unknown_error"), 0.0)


def has_benchmark(inputs: Inputs, wanted: NDArray[np.bool_]) -> bool:
    """Whether any right has a benchmark price, of its own or of its county.

    Parameters
    ----------
    inputs : Inputs
        Construction land.
    wanted : (n,) bool
        Rows to value.

    Returns
    -------
    bool
        True when there is one.
    """
    return bool((wanted & ~np.isnan(_benchmark(inputs)[0])).any())


def has_cost(inputs: Inputs, wanted: NDArray[np.bool_]) -> bool:
    """Whether the cost of acquiring any right is known.

    Parameters
    ----------
    inputs : Inputs
        Construction land.
    wanted : (n,) bool
        Rows to value.

    Returns
    -------
    bool
        True when it is.
    """
    return bool((wanted & ~np.isnan(inputs.number("acquisition_cost_yuan_per_m2"))).any())


def construction_deal_price(
    inputs: Inputs, wanted: NDArray[np.bool_], out: NDArray[np.float64]
) -> None:
    """Fill the value by deal prices of the area, corrected for term and plot ratio.

    Parameters
    ----------
    inputs : Inputs
        Construction land.
    wanted : (n,) bool
        Rows to value.
    out : (9, n) float64
        As `riskengine.kernels.construction_land.corrected_price_rows`, then the
        plot-ratio factor [1] and the deal price [yuan/m2].
    """
    quotes = inputs.quotes("construction_price", USES, inputs.code("land_use"))
    factor = _plot_ratio_factor(inputs, _typical_ratio(inputs))
    error = np.hypot(quotes.column("log_error"), _ratio_error(inputs))
    error = np.hypot(error, inputs.rule("construction.deal_price_model_error"))
    block = inputs.stack(quotes.column("value"), error, 0.0, 1.0, factor, 0.0)
    corrected_price_rows(common_block(inputs), block, policy_of(inputs), wanted, out)
    out[7:] = np.where(np.isnan(out[0]), np.nan, [factor, quotes.column("value")])


def construction_benchmark(
    inputs: Inputs, wanted: NDArray[np.bool_], out: NDArray[np.float64]
) -> None:
    """Fill the value by the benchmark price and its coefficients.

    Parameters
    ----------
    inputs : Inputs
        Construction land.
    wanted : (n,) bool
        Rows to value.
    out : (9, n) float64
        As `riskengine.kernels.construction_land.corrected_price_rows`, then the
        plot-ratio factor [1] and the benchmark price net of the discount of
        collective land [yuan/m2].
    """
    price, error, age, state = _benchmark(inputs)
    gap, deviation, model, growth = rules_of(
        inputs, "ownership_gap", "ownership_gap_error", "benchmark_model_error", "price_growth"
    )
    price = price * (1.0 - gap * state)
    error = np.hypot(np.hypot(error, deviation / (1.0 - gap) * state), _ratio_error(inputs))
    stated, typical = inputs.number("benchmark_plot_ratio"), _typical_ratio(inputs)
    factor = _plot_ratio_factor(inputs, np.where(np.isnan(stated), typical, stated))
    given = inputs.number("benchmark_date_factor")
    block = inputs.stack(
        price, np.hypot(error, model), inputs.number("benchmark_factors", 0.0),
        np.where(np.isnan(given), np.exp(age * np.log1p(growth)), given), factor,
        inputs.number("development_gap_yuan_per_m2", 0.0),
    )  # fmt: skip
    corrected_price_rows(common_block(inputs), block, policy_of(inputs), wanted, out)
    out[7:] = np.where(np.isnan(out[0]), np.nan, [factor, price])


def construction_cost(inputs: Inputs, wanted: NDArray[np.bool_], out: NDArray[np.float64]) -> None:
    """Fill the value by cost approximation: acquisition and works, interest, profit, appreciation.

    Parameters
    ----------
    inputs : Inputs
        Construction land.
    wanted : (n,) bool
        Rows to value.
    out : (9, n) float64
        As `riskengine.kernels.construction_land.corrected_price_rows`, then
        acquisition with works and the interest on them [yuan/m2].
    """
    profit, appreciation, error = rules_of(
        inputs, "acquisition_profit", "land_appreciation", "cost_model_error"
    )
    acquisition = inputs.number("acquisition_cost_yuan_per_m2")
    works = inputs.number("works_cost_yuan_per_m2", 0.0)
    rate = inputs.quotes("reference_lending_rate", ("one_year",)).column("value")
    cost = inputs.stack(
        acquisition, works, inputs.number("works_years", 0.0), rate, 0.0, profit, appreciation
    )
    price = np.full((2, inputs.size), np.nan)
    farm_cost_rows(cost, wanted, price)
    block = inputs.stack(price[0], error, 0.0, 1.0, 1.0, 0.0)
    corrected_price_rows(common_block(inputs), block, policy_of(inputs), wanted, out)
    out[7:] = np.where(np.isnan(out[0]), np.nan, [acquisition + works, price[1]])


TERM = Working("term_factor", Text("年期修正系数", "term factor"), "1")
PLOT_RATIO = Working("plot_ratio_factor", Text("容积率修正系数", "plot-ratio factor"), "1")

CONSTRUCTION_BENCHMARK = Method(
    "benchmark",
    Text("基准地价系数修正法", "benchmark price corrected"),
    "P0 x (1 - collective discount) x (1 + sum K) x K_date x K_term x K_plot-ratio + D",
    "GB/T 18508-2014, benchmark price coefficients",
    (
        *SHARED, TERM, PLOT_RATIO,
        Working("benchmark_price", Text("采用的基准地价", "benchmark price used"), "yuan/m2"),
    ),
    construction_benchmark, has_benchmark,
)  # fmt: skip
CONSTRUCTION_DEAL_PRICE = Method(
    "deal_price",
    Text("区域成交均价修正法", "deal prices of the area corrected"),
    "deal price of the use in the area x K_term x K_plot-ratio",
    "engine policy; GB/T 18508-2014, term and plot-ratio corrections",
    (
        *SHARED, TERM, PLOT_RATIO,
        Working("deal_price", Text("区域成交价", "deal price of the area"), "yuan/m2"),
    ),
    construction_deal_price,
)  # fmt: skip
CONSTRUCTION_COST = Method(
    "cost",
    Text("成本逼近法", "cost approximation"),
    "(acquisition + works + interest + profit) x (1 + appreciation) x K_term",
    "GB/T 18508-2014, cost approximation",
    (
        *SHARED, TERM,
        Working("spent", Text("取得与开发成本", "acquisition and works"), "yuan/m2"),
        Working("interest", Text("利息", "interest"), "yuan/m2"),
    ),
    construction_cost, has_cost,
)  # fmt: skip
