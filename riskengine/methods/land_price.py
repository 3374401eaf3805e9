"""Land management rights by price: benchmark price corrected, cost approximation.

Both give a price for the use's full term; the rent it stands for is then valued
over the right's own term and against the rent still payable, as market rent is.
"""

import numpy as np
from numpy.typing import NDArray

from riskengine.kernels.farm_price import farm_cost_rows, price_as_rent_rows
from riskengine.methods.inputs import Column, Inputs
from riskengine.methods.land import (
    CROPLAND,
    INCOME_ROWS,
    KINDS,
    LAND_INCOME,
    USES,
    value_at_rent,
)
from riskengine.methods.land_factors import farm_factor
from riskengine.methods.method import Method, Working
from riskengine.words import Text


def full_term_rent(inputs: Inputs, price: Column) -> Column:
    """Rent that a price of full term stands for.

    Parameters
    ----------
    inputs : Inputs
        Land rights.
    price : (n,) float64
        Price for the use's full term [yuan/mu].

    Returns
    -------
    (n,) float64
        Rent [yuan/mu/year].
    """
    rate = inputs.quotes("land_discount_rate", KINDS, inputs.code("kind")).column("value")
    years = inputs.rule_by_code("land_price.full_term", "land_use")
    rent = np.empty(inputs.size)
    price_as_rent_rows(price, rate, years, inputs.number("rent_in_advance", 0.0), rent)
    return rent


def _has_benchmark(inputs: Inputs, _wanted: NDArray[np.bool_]) -> bool:
    """Whether the snapshot holds any benchmark price of farm land."""
    return "land_benchmark_price" in inputs.market.snapshot.observed


def _has_cost(inputs: Inputs, wanted: NDArray[np.bool_]) -> bool:
    """Whether the cost of any wanted parcel is known."""
    cost = inputs.number("development_cost_yuan_per_mu")
    return bool((wanted & ~np.isnan(cost)).any())


def land_benchmark(inputs: Inputs, wanted: NDArray[np.bool_], out: NDArray[np.float64]) -> None:
    """Fill the value from the county's benchmark price.

    Parameters
    ----------
    inputs : Inputs
        Land rights; without a benchmark price of the county nothing is filled.
    wanted : (n,) bool
        Rows to value.
    out : (10, n) float64
        As `riskengine.kernels.land.land_income_rows`, then corrected benchmark
        price [yuan/mu] and sum of corrections [1].
    """
    quotes = inputs.quotes("land_benchmark_price", (*USES, CROPLAND), inputs.code("land_use"))
    speaks = quotes.column("level") >= inputs.rule("land_price.benchmark_level")
    factor = farm_factor(inputs)
    factor = np.where(np.isnan(factor), 1.0, factor)
    age = quotes.column("age_years")
    date = np.exp(np.log1p(inputs.rule("land.rent_growth")) * age)
    price = np.where(speaks, quotes.column("value") * factor * date, np.nan)
    error = np.hypot(quotes.column("log_error"), inputs.rule("land_price.benchmark_model_error"))
    value_at_rent(inputs, full_term_rent(inputs, price), error, wanted, out)
    answered = ~np.isnan(out[0])
    out[INCOME_ROWS] = np.where(answered, price, np.nan)
    out[INCOME_ROWS + 1] = np.where(answered, factor - 1.0, np.nan)


def land_cost(inputs: Inputs, wanted: NDArray[np.bool_], out: NDArray[np.float64]) -> None:
    """Fill the cost approximation of developed land.

    Parameters
    ----------
    inputs : Inputs
        Land rights; rows without both costs and the years of development stay empty.
    wanted : (n,) bool
        Rows to value.
    out : (10, n) float64
        As `riskengine.kernels.land.land_income_rows`, then cost price [yuan/mu]
        and the interest in it [yuan/mu].
    """
    interest = inputs.quotes("reference_lending_rate", ("one_year",)).column("value")
    x = inputs.stack(
        inputs.number("acquisition_cost_yuan_per_mu"),
        inputs.number("development_cost_yuan_per_mu"), inputs.number("development_years"),
        interest, inputs.rule("land_price.cost_tax_share"),
        inputs.rule("land_price.cost_profit_share"), inputs.rule("land_price.cost_appreciation"),
    )  # fmt: skip
    price = np.empty((2, inputs.size))
    farm_cost_rows(x, wanted, price)
    error = np.full(inputs.size, inputs.rule("land_price.cost_model_error"))
    rent = full_term_rent(inputs, np.where(price[0] > 0.0, price[0], np.nan))
    value_at_rent(inputs, rent, error, wanted, out)
    out[INCOME_ROWS:] = np.where(np.isnan(out[0]), np.nan, price)


LAND_BENCHMARK = Method(
    "benchmark",
    Text("基准地价系数修正法", "benchmark price corrected"),
    "P0 (1 + sum K) K_date, as the rent it stands for over the term - rent payable",
    "GB/T 28406-2012, 5.6 and 9.6-9.8",
    (
        *LAND_INCOME.workings,
        Working("benchmark_price", Text("修正后基准地价", "benchmark price corrected"), "yuan/mu"),
        Working("corrections", Text("因素修正系数之和", "sum of corrections"), "1"),
    ),
    land_benchmark,
    _has_benchmark,
)
LAND_COST = Method(
    "cost",
    Text("成本逼近法", "cost approximation"),
    "(E_a + E_d + T + I + Q) (1 + g), as the rent it stands for over the term - rent payable",
    "GB/T 28406-2012, 5.3",
    (
        *LAND_INCOME.workings,
        Working("cost_price", Text("成本价", "price from cost"), "yuan/mu"),
        Working("interest", Text("利息", "interest in it"), "yuan/mu"),
    ),
    land_cost,
    _has_cost,
)
