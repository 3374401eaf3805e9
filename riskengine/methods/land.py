"""Land management rights (土地经营权): how each kind is valued.

Income: market rent over the term less rent still payable, with the chance that
a lease dies when its rent is not paid, plus a flagged extension.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from riskengine.kernels.compiling import plain
from riskengine.kernels.land import land_income_rows, lease_factor_rows
from riskengine.kernels.lease import lease_terms
from riskengine.methods.inputs import Codes, Column, Inputs
from riskengine.methods.method import Method, Working
from riskengine.rights.land import LAND
from riskengine.words import Text

KINDS = LAND.by_name["kind"].codes
USES = LAND.by_name["land_use"].codes
GRAIN_USES = ("paddy", "irrigated", "dry")
CROPLAND = "cropland"


EXTENDED = 0
"""Position of a signed contract among the states of the second-round extension."""


def land_term(inputs: Inputs) -> Column:
    """Years for which a land management right still runs: lease and contract, whichever ends first.

    Parameters
    ----------
    inputs : Inputs
        Land rights.

    Returns
    -------
    (n,) float64
        Remaining term [year], >= 0.
    """

    def term() -> Column:
        signed = inputs.code("second_round_extension") == EXTENDED
        more = np.where(signed, inputs.rule("land.extension_years"), 0.0)
        contract = inputs.years_to("contract_end") + more
        ends: Column = np.fmin(inputs.years_to("lease_end"), contract)
        return np.maximum(ends, 0.0)

    return inputs.once("land.term", term)


def rent_category(inputs: Inputs) -> Codes:
    """Use at which a parcel lets: its own, or grain where basic farmland must stay grain.

    Parameters
    ----------
    inputs : Inputs
        Land rights.

    Returns
    -------
    (n,) int64
        Positions in the land uses, one past them for cropland, -1 where missing.
    """
    use = inputs.code("land_use")
    protected = inputs.number("permanent_basic_farmland") == 1.0
    grain = np.isin(use, [USES.index(name) for name in GRAIN_USES])
    category: Codes = np.where(protected & ~grain, len(USES), use)
    return category


def land_rent(inputs: Inputs) -> tuple[Column, Column]:
    """Market rent of every parcel: the place's rent, pulled by what is known of the parcel.

    Parameters
    ----------
    inputs : Inputs
        Land rights.

    Returns
    -------
    tuple of (n,) float64
        Rent [yuan/mu/year] and standard error of its logarithm [1].
    """
    quotes = inputs.quotes("land_rent", (*USES, CROPLAND), rent_category(inputs))
    budget = inputs.number("gross_income_yuan_per_mu_year") - inputs.number(
        "operating_cost_yuan_per_mu_year"
    )
    rent, error = inputs.combine(
        quotes.column("value"), quotes.column("log_error"),
        np.where(budget > 0.0, budget, np.nan), inputs.rule("land.budget_evidence_error"),
    )  # fmt: skip
    known = inputs.number("market_rent_yuan_per_mu_year")
    return inputs.combine(rent, error, known, inputs.rule("land.parcel_evidence_error"))


def land_income(inputs: Inputs, wanted: NDArray[np.bool_], out: NDArray[np.float64]) -> None:
    """Fill the income value of land management rights.

    Parameters
    ----------
    inputs : Inputs
        Land rights.
    wanted : (n,) bool
        Rows to value.
    out : (8, n) float64
        As `riskengine.kernels.land.land_income_rows`.
    """
    value_at_rent(inputs, *land_rent(inputs), wanted, out)


def value_at_rent(
    inputs: Inputs, rent: Column, error: Column, wanted: NDArray[np.bool_],
    out: NDArray[np.float64],
) -> None:  # fmt: skip
    """Fill the value of land rights at a rent that some method found.

    Parameters
    ----------
    inputs : Inputs
        Land rights.
    rent, error : (n,) float64
        Rent [yuan/mu/year] and standard error of its logarithm [1]; NaN where the
        method has no answer.
    wanted : (n,) bool
        Rows to value.
    out : (8 + more, n) float64
        First eight rows filled as by `riskengine.kernels.land.land_income_rows`.
    """
    land_income_rows(
        lease_factors(inputs), rent, error, inputs.rule("land.income_model_error"), wanted,
        out[:INCOME_ROWS],
    )  # fmt: skip


def lease_factors(inputs: Inputs) -> NDArray[np.float64]:
    """Return what term, contract and rate make of a yuan of rent, once for all methods.

    Parameters
    ----------
    inputs : Inputs
        Land rights.

    Returns
    -------
    (9, n) float64
        As `riskengine.kernels.land.lease_factor_rows` fills it.
    """
    return inputs.once("land.factors", lambda: _lease_factors(inputs))


def _lease_factors(inputs: Inputs) -> NDArray[np.float64]:
    """Gather the facts of every lease and find its factors."""
    kind = inputs.code("kind")
    rates = inputs.quotes("land_discount_rate", KINDS, kind)
    x = inputs.stack(
        inputs.number("area_mu"), inputs.number("contract_rent_yuan_per_mu_year"),
        inputs.number("rent_step_years"), inputs.number("rent_step_share"),
        inputs.number("rent_step_yuan_per_mu_year"), inputs.number("rent_prepaid_share"),
        -inputs.years_to("rent_reviewed_on"), land_term(inputs),
        inputs.years_to("rent_prepaid_through"), inputs.number("rent_in_advance"),
        inputs.number("renewal_clause"), inputs.code("second_round_extension"),
    )  # fmt: skip
    policy = np.array([
        inputs.rule("land.extension_chance_household"),
        inputs.rule("land.extension_chance_renewal_clause"), inputs.rule("land.extension_years"),
        inputs.rule("land.extension_lending_weight"),
    ])  # fmt: skip
    out = np.empty((9, inputs.size))
    lease_factor_rows(x, kind, _terms(inputs, rates.fields("value")), rates.index, policy, out)
    return out


def _terms(inputs: Inputs, rates: Column) -> NDArray[np.float64]:
    """Rows of `riskengine.kernels.lease.lease_terms`, four for each distinct rate."""
    growth, hazard = inputs.rule("land.rent_growth"), inputs.rule("land.lease_hazard")
    terms = np.empty((4 * rates.size, 10))
    stresses = 0.0, inputs.rule("income.rate_stress")
    ways = [
        (rate + stress, lost)
        for rate in rates.tolist()
        for lost in (0.0, hazard)
        for stress in stresses
    ]
    fill: Callable[..., None] = plain(lease_terms)  # rates are few: not worth compiling
    for j, (rate, lost) in enumerate(ways):
        fill(rate, growth, lost, terms, j)
    return terms


LAND_INCOME = Method(
    "income",
    Text("收益还原法", "income capitalisation"),
    "area x (sum of market rent - sum of rent payable x survival, discounted) + extension",
    "GB/T 28406-2012, 5.1 and 8.1-8.3",
    (
        Working("market_rent", Text("采用的市场租金", "market rent used"), "yuan/mu/year"),
        Working("market_rent_value", Text("剩余期市场租金现值", "value of market rent"), "yuan"),
        Working("rent_payable_value", Text("应付租金现值", "value of rent payable"), "yuan"),
        Working("extension_value", Text("延包价值", "value of the extension"), "yuan"),
        Working("onerous_burden", Text("亏损租约负担", "burden of an onerous lease"), "yuan"),
    ),
    land_income,
)


INCOME_ROWS = 3 + len(LAND_INCOME.workings)
"""Rows that the income arithmetic fills."""


CASES = ("land_household", "land_lease", "land_lease", "land_lease", "land_wasteland")
"""Row of the method matrix for each kind of right."""


def land_case(inputs: Inputs) -> Codes:
    """Position in `CASES` of every right: its kind.

    Parameters
    ----------
    inputs : Inputs
        Land rights.

    Returns
    -------
    (n,) int64
        Positions.
    """
    return inputs.code("kind")
