"""What every way to value collective construction land looks at."""

import numpy as np
from numpy.typing import NDArray

from riskengine.methods.inputs import Column, Inputs
from riskengine.methods.method import Working
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
        longest = inputs.rule_by_code("construction.statutory_term", "land_use")
        elapsed = np.nan_to_num(-inputs.years_to("granted_on"))
        return np.maximum(np.minimum(inputs.years_to("term_end"), longest - elapsed), 0.0)

    return inputs.once("construction.term", term)


def land_yield(inputs: Inputs) -> Column:
    """Yield of land of the use.

    Parameters
    ----------
    inputs : Inputs
        Construction land.

    Returns
    -------
    (n,) float64
        Rate [1/year].
    """
    quotes = inputs.quotes("construction_yield", USES, inputs.code("land_use"))
    return quotes.column("value")


def _cost_basis(inputs: Inputs) -> Column:
    """What the land cost its holder: acquisition and works, else the last price paid."""
    acquisition = inputs.number("acquisition_cost_yuan_per_m2")
    works = inputs.number("works_cost_yuan_per_m2")
    spent = (np.nan_to_num(acquisition) + np.nan_to_num(works)) * inputs.number("area_m2")
    unknown = np.isnan(acquisition) & np.isnan(works)
    basis: Column = np.where(unknown, inputs.number("last_price_yuan"), spent)
    return basis


def _rent_payable(inputs: Inputs) -> Column:
    """Rent that a lessee still owes; 0 for every other right."""
    leased = inputs.code("kind") == KINDS.index("lease")
    payable: Column = np.where(leased, inputs.number("rent_payable_yuan_per_m2_year"), 0.0)
    return payable


def common_block(inputs: Inputs) -> NDArray[np.float64]:
    """Gather what every way looks at, the first block of `riskengine.kernels.construction_land`.

    Parameters
    ----------
    inputs : Inputs
        Construction land.

    Returns
    -------
    (8, n) float64
        As the kernels document.
    """

    def block() -> NDArray[np.float64]:
        levy = inputs.number("levy_share")
        levy = np.where(np.isnan(levy), inputs.rule("construction.levy"), levy)
        return inputs.stack(
            inputs.number("area_m2"), construction_term(inputs), land_yield(inputs),
            inputs.rule_by_code("construction.statutory_term", "land_use"),
            np.maximum(np.nan_to_num(inputs.years_to("rent_paid_through")), 0.0),
            _rent_payable(inputs), np.minimum(levy, inputs.rule("construction.levy_cap")),
            _cost_basis(inputs),
        )  # fmt: skip

    return inputs.once("construction.common", block)


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


def policy_of(inputs: Inputs) -> Column:
    """Rate stress, tax, and the gain where the cost of the land is unknown.

    Parameters
    ----------
    inputs : Inputs
        Construction land.

    Returns
    -------
    (3,) float64
        Stress [1/year], tax and gain over the price [1].
    """
    tax, gain = rules_of(inputs, "transfer_tax", "gain_share")
    return np.array([inputs.rule("income.rate_stress"), tax, gain])
