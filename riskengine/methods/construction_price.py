"""Collective construction land by corrected prices: deals of the area, benchmark, cost."""

import numpy as np
from numpy.typing import NDArray

from riskengine.kernels.construction_price import (
    benchmark_rows,
    construction_cost_rows,
    deal_price_rows,
    plot_ratio_rows,
)
from riskengine.methods.construction_facts import (
    PLOT_RATIO,
    SHARED,
    TERM,
    USES,
    holding,
    policy_of,
)
from riskengine.methods.inputs import Codes, Column, Inputs
from riskengine.methods.method import Method, Working
from riskengine.methods.tables import code_tables
from riskengine.rights.construction import CONSTRUCTION
from riskengine.words import Text

OWNERS = CONSTRUCTION.by_name["benchmark_ownership"].codes
BENCHMARKS = (("construction_benchmark", 0.0), ("construction_state_benchmark", 1.0))
"""Market quantities of benchmark prices, near to far, and 1 where for state land."""


def _near_benchmarks(inputs: Inputs) -> tuple[NDArray[np.float64], Codes]:
    """Benchmark prices published near enough, (4, p), and the one that each right takes."""

    def found() -> tuple[NDArray[np.float64], Codes]:
        level = inputs.rule("construction.benchmark_level")
        none, tables = np.full((4, 1), np.nan), []
        index, first = np.zeros(inputs.size, dtype=np.int64), 1
        for quantity, state in BENCHMARKS:
            quotes = inputs.quotes(quantity, USES, inputs.code("land_use"))
            near = quotes.fields("level") >= level
            table = [quotes.fields(name) for name in ("value", "log_error", "age_years")]
            tables.append(np.stack([*table, np.full(near.size, state)]))
            if near.any():
                taken = (index == 0) & near[quotes.index]
                index = np.where(taken, quotes.index + first, index)
            first += near.size
        return np.concatenate([none, *tables], axis=1), index

    return inputs.once("construction.benchmarks", found)


def _plot_ratio(inputs: Inputs, stated: Column) -> NDArray[np.float64]:
    """Factor of the plot ratio on a price that assumes a stated one, and its variance, (2, n)."""
    table = inputs.rules.table("construction.plot_ratio_coefficient")
    inputs.asked["rule:construction.plot_ratio_coefficient"] = "land_use"
    ratios = np.array(table["ratio"])
    coefficients = np.array([*(table[use] for use in USES), np.full(ratios.size, np.nan)])
    (typical,) = code_tables(inputs, "land_use", "construction.typical_plot_ratio")
    out = np.empty((2, inputs.size))
    plot_ratio_rows(
        inputs.number("plot_ratio"), stated, inputs.code("land_use"), ratios, coefficients,
        typical, inputs.rule("construction.plot_ratio_unknown_error"), out,
    )  # fmt: skip
    return out


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
    own = ~np.isnan(inputs.number("benchmark_price_yuan_per_m2"))
    return bool((wanted & (own | (_near_benchmarks(inputs)[1] > 0))).any())


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
        As `riskengine.kernels.construction_price.deal_price_rows`.
    """
    quotes = inputs.quotes("construction_price", USES, inputs.code("land_use"))
    prices = np.stack([quotes.fields("value"), quotes.fields("log_error")])
    policy = policy_of(inputs, "deal_price_model_error")
    typical = np.full(inputs.size, np.nan)
    deal_price_rows(
        holding(inputs), _plot_ratio(inputs, typical), prices, quotes.index, policy, wanted, out
    )


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
        As `riskengine.kernels.construction_price.benchmark_rows`.
    """
    collective = inputs.code("benchmark_ownership") == OWNERS.index("collective")
    block = inputs.stack(
        inputs.number("benchmark_price_yuan_per_m2"), inputs.years_to("benchmark_on"),
        collective, inputs.number("benchmark_factors", 0.0),
        inputs.number("benchmark_date_factor"), inputs.number("development_gap_yuan_per_m2", 0.0),
    )  # fmt: skip
    policy = policy_of(
        inputs, "ownership_gap", "ownership_gap_error", "benchmark_model_error",
        "benchmark_evidence_error", "price_growth",
    )  # fmt: skip
    near, near_index = _near_benchmarks(inputs)
    factor = _plot_ratio(inputs, inputs.number("benchmark_plot_ratio"))
    benchmark_rows(holding(inputs), block, near, near_index, factor, policy, wanted, out)


def construction_cost(inputs: Inputs, wanted: NDArray[np.bool_], out: NDArray[np.float64]) -> None:
    """Fill the value by cost approximation: acquisition and works, interest, profit, appreciation.

    Parameters
    ----------
    inputs : Inputs
        Construction land.
    wanted : (n,) bool
        Rows to value.
    out : (9, n) float64
        As `riskengine.kernels.construction_price.construction_cost_rows`.
    """
    block = inputs.stack(
        inputs.number("acquisition_cost_yuan_per_m2"), inputs.number("works_cost_yuan_per_m2", 0.0),
        inputs.number("works_years", 0.0),
    )  # fmt: skip
    rates = inputs.quotes("reference_lending_rate", ("one_year",))
    policy = policy_of(inputs, "acquisition_profit", "land_appreciation", "cost_model_error")
    construction_cost_rows(
        holding(inputs), block, rates.fields("value"), rates.index, policy, wanted, out
    )


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
