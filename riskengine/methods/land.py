"""Land management rights (土地经营权): how each kind is valued.

Income: market rent over the term less rent still payable, with the chance that
a lease dies when its rent is not paid, plus a flagged extension.
"""

import numpy as np
from numpy.typing import NDArray

from riskengine.kernels import lease
from riskengine.methods.method import Codes, Column, Inputs, Method, Working
from riskengine.rights.land import LAND
from riskengine.words import Text

KINDS = LAND.by_name["kind"].codes
USES = LAND.by_name["land_use"].codes
GRAIN_USES = ("paddy", "irrigated", "dry")
CROPLAND = "cropland"


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
    term: Column = np.fmin(inputs.years_to("lease_end"), inputs.years_to("contract_end"))
    return np.maximum(term, 0.0)


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
    protected = inputs.number("permanent_basic_farmland", 0.0) == 1.0
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
        As `riskengine.kernels.lease.land_income_rows`.
    """
    rent, error = land_rent(inputs)
    lease.land_income_rows(land_income_block(inputs, rent, error), wanted, out)


def land_income_block(inputs: Inputs, rent: Column, error: Column) -> NDArray[np.float64]:
    """Gather what the income value of land needs, at a given market rent.

    Parameters
    ----------
    inputs : Inputs
        Land rights.
    rent, error : (n,) float64
        Market rent [yuan/mu/year] and standard error of its logarithm [1].

    Returns
    -------
    (20, n) float64
        As `riskengine.kernels.lease.land_income_rows` documents.
    """
    kind = inputs.code("kind")
    household = kind == KINDS.index("household")
    wasteland = kind == KINDS.index("wasteland")
    prepaid = kind == KINDS.index("lease_prepaid")
    mixed = kind == KINDS.index("lease_mixed")
    contract = inputs.number("contract_rent_yuan_per_mu_year")
    contract = np.where(household | (wasteland & np.isnan(contract)), 0.0, contract)
    share = np.where(prepaid, 1.0, np.where(mixed, inputs.number("rent_prepaid_share", 0.0), 0.0))
    through = np.maximum(np.nan_to_num(inputs.years_to("rent_prepaid_through")), 0.0)
    paid = np.where(prepaid | mixed, through, 0.0)
    renews = household | (inputs.number("renewal_clause", 0.0) == 1.0)
    chance = np.where(
        household, inputs.rule("land.extension_chance_household"),
        np.where(renews, inputs.rule("land.extension_chance_renewal_clause"), 0.0),
    )  # fmt: skip
    interval = inputs.number("rent_step_years")
    elapsed = np.maximum(np.nan_to_num(-inputs.years_to("rent_reviewed_on")), 0.0)
    rate = inputs.quotes("land_discount_rate", KINDS, kind).column("value")
    return inputs.stack(
        inputs.number("area_mu"), rent, error, inputs.rule("land.rent_growth"), contract,
        inputs.number("rent_step_share", 0.0),
        inputs.number("rent_step_yuan_per_mu_year", 0.0), interval,
        np.fmin(elapsed, np.where(np.isnan(interval), 0.0, interval)), share, paid,
        land_term(inputs), rate,
        np.where(contract > 0.0, inputs.rule("land.lease_hazard"), 0.0),
        inputs.number("rent_in_advance", 0.0), chance, inputs.rule("land.extension_years"),
        np.where(household, inputs.rule("land.extension_lending_weight"), 0.0),
        inputs.rule("income.rate_stress"), inputs.rule("land.income_model_error"),
    )  # fmt: skip


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
