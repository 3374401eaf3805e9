"""What every way to value collective construction land looks at."""

import numpy as np
from numpy.typing import NDArray

from riskengine.kernels.construction_land import construction_term_rows, holding_rows
from riskengine.market.quotes import Quotes
from riskengine.methods.inputs import Column, Inputs
from riskengine.methods.method import Working
from riskengine.methods.tables import code_tables
from riskengine.rights.construction import CONSTRUCTION
from riskengine.words import Text

KINDS = CONSTRUCTION.by_name["kind"].codes
USES = CONSTRUCTION.by_name["land_use"].codes

SHARED = (
    Working("unit_price", Text("地价", "price of the land"), "yuan/m2"),
    Working("rent_payable_value", Text("应付租金现值", "value of rent payable"), "yuan"),
    Working("tax_and_levy", Text("税费与调节金", "tax and levy"), "yuan"),
)
"""Workings of every way."""

TERM = Working("term_factor", Text("年期修正系数", "term factor"), "1")
PLOT_RATIO = Working("plot_ratio_factor", Text("容积率修正系数", "plot-ratio factor"), "1")


def construction_term(inputs: Inputs) -> Column:
    """Years for which a right still runs: the registered end, within the longest term of its use.

    Parameters
    ----------
    inputs : Inputs
        Construction land.

    Returns
    -------
    (n,) float64
        Remaining term [year], >= 0; NaN where end or use is not known.
    """

    def term() -> Column:
        (longest,) = code_tables(inputs, "land_use", "construction.statutory_term")
        out = np.empty(inputs.size)
        construction_term_rows(
            inputs.years_to("granted_on"), inputs.years_to("term_end"), inputs.code("land_use"),
            longest, out,
        )  # fmt: skip
        return out

    return inputs.once("construction.term", term)


def land_yield(inputs: Inputs) -> Quotes:
    """Yield of land of the use.

    Parameters
    ----------
    inputs : Inputs
        Construction land.

    Returns
    -------
    Quotes
        Rates [1/year].
    """
    return inputs.quotes("construction_yield", USES, inputs.code("land_use"))


def _rent_payable(inputs: Inputs) -> Column:
    """Rent that a lessee still owes; 0 for every other right."""
    leased = inputs.code("kind") == KINDS.index("lease")
    payable: Column = np.where(leased, inputs.number("rent_payable_yuan_per_m2_year"), 0.0)
    return payable


def holding(inputs: Inputs) -> NDArray[np.float64]:
    """Gather what every way looks at: term, rent payable, levy and cost of the land.

    Parameters
    ----------
    inputs : Inputs
        Construction land.

    Returns
    -------
    (7, n) float64
        As `riskengine.kernels.construction_land.holding_rows` fills it.
    """

    def block() -> NDArray[np.float64]:
        x = inputs.stack(
            inputs.number("area_m2"), construction_term(inputs),
            inputs.years_to("rent_paid_through"), _rent_payable(inputs),
            inputs.number("levy_share"), inputs.number("acquisition_cost_yuan_per_m2"),
            inputs.number("works_cost_yuan_per_m2"), inputs.number("last_price_yuan"),
        )  # fmt: skip
        (longest,) = code_tables(inputs, "land_use", "construction.statutory_term")
        rates = land_yield(inputs)
        out = np.empty((7, inputs.size))
        holding_rows(
            x, inputs.code("land_use"), rates.fields("value"), rates.index, longest,
            rules_of(inputs, "levy", "levy_cap"), out,
        )  # fmt: skip
        return out

    return inputs.once("construction.holding", block)


def rules_of(inputs: Inputs, *names: str) -> Column:
    """Return rules of construction land as one vector.

    Parameters
    ----------
    inputs : Inputs
        Construction land.
    *names : str
        Rules of the subject ``construction``.

    Returns
    -------
    (k,) float64
        Amounts, each in its rule's unit.
    """
    return np.array([inputs.rule(f"construction.{name}") for name in names])


def policy_of(inputs: Inputs, *names: str) -> Column:
    """Rate stress, tax, the gain where the cost of the land is unknown, and further rules.

    Parameters
    ----------
    inputs : Inputs
        Construction land.
    *names : str
        Further rules of the subject ``construction``.

    Returns
    -------
    (3 + k,) float64
        Stress [1/year], tax and gain over the price [1], then each in its rule's unit.
    """
    return np.array([
        inputs.rule("income.rate_stress"),
        *rules_of(inputs, "transfer_tax", "gain_share", *names),
    ])  # fmt: skip
