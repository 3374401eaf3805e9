"""What is known of forest rights, gathered once a batch: ages, prices, costs, quality.

A figure given for the right itself goes before a table by species; a price given
for it is weighed with the market's.
"""

import numpy as np
from numpy.typing import NDArray

from riskengine.market.quotes import Quotes
from riskengine.market.snapshot import ANY
from riskengine.methods.inputs import Codes, Column, Inputs
from riskengine.methods.method import LOG_ERROR, VALUE
from riskengine.rights.forest import FOREST

KINDS = FOREST.by_name["kind"].codes
SPECIES = FOREST.by_name["species"].codes
SCOPES = FOREST.by_name["right_scope"].codes
ZONED = ("rotation_age", "young_until", "middle_until", "near_mature_until", "mature_until")
"""Tables by species that differ between the south and the north."""


def of_kind(inputs: Inputs, *kinds: str) -> NDArray[np.bool_]:
    """Mark the rights of some kinds.

    Parameters
    ----------
    inputs : Inputs
        Forest rights.
    *kinds : str
        Codes of the kind column.

    Returns
    -------
    (n,) bool
        Marks.
    """
    marks: NDArray[np.bool_] = np.zeros(inputs.size, dtype=bool)
    kind = inputs.code("kind")
    for name in kinds:
        marks |= kind == KINDS.index(name)
    return marks


def forest_term(inputs: Inputs) -> Column:
    """Years for which a forest right still runs.

    Parameters
    ----------
    inputs : Inputs
        Forest rights.

    Returns
    -------
    (n,) float64
        Remaining term [year], >= 0; NaN where the end is not known.
    """
    return inputs.once("forest.term", lambda: np.maximum(inputs.years_to("term_end"), 0.0))


def by_species(inputs: Inputs, rule: str, column: str = "") -> Column:
    """Return a figure given for the right, or the table's for its species.

    Parameters
    ----------
    inputs : Inputs
        Forest rights.
    rule : str
        Table of `forest` rules; one of `ZONED` is read for the zone of the region.
    column : str
        Column that goes before it; empty for none.

    Returns
    -------
    (n,) float64
        Figures in the rule's unit; NaN where neither is known.
    """

    def found() -> Column:
        if rule in ZONED:
            south = inputs.rule_by_code(f"forest.{rule}_south", "species")
            north = inputs.rule_by_code(f"forest.{rule}_north", "species")
            table: Column = np.where(in_south(inputs), south, north)
        else:
            table = inputs.rule_by_code(f"forest.{rule}", "species")
        return given(inputs, column, table) if column else table

    return inputs.once(f"forest.species|{rule}|{column}", found)


def in_south(inputs: Inputs) -> NDArray[np.bool_]:
    """Mark the rights in the provinces that follow the southern tables.

    Parameters
    ----------
    inputs : Inputs
        Forest rights.

    Returns
    -------
    (n,) bool
        Marks.
    """
    inputs.asked["rule:forest.southern_provinces"] = "region_code"
    south = frozenset(inputs.rules.value("forest.southern_provinces"))
    marks = np.array([region[:2] in south for region in inputs.batch.regions], dtype=bool)
    found: NDArray[np.bool_] = marks[inputs.batch.region_index]
    return found


def given(inputs: Inputs, column: str, otherwise: Column | float) -> Column:
    """Return a column with a stand-in where a cell is missing.

    Parameters
    ----------
    inputs : Inputs
        Forest rights.
    column : str
        Column.
    otherwise : (n,) float64 or float
        Stand-in, in the column's unit.

    Returns
    -------
    (n,) float64
        The column, filled.
    """
    cells = inputs.number(column)
    filled: Column = np.where(np.isnan(cells), otherwise, cells)
    return filled


def priced(
    inputs: Inputs, quantity: str, column: str, evidence: str, species: bool = False
) -> tuple[Column, Column]:
    """Return a market price pulled by what is known of the right itself.

    Parameters
    ----------
    inputs : Inputs
        Forest rights.
    quantity : str
        Market quantity.
    column : str
        Column with the figure known for the right.
    evidence : str
        Rule of `forest` with the log error of that figure.
    species : bool
        Whether the market quotes it by species.

    Returns
    -------
    tuple of (n,) float64
        Price in the quantity's unit and standard error of its logarithm [1].
    """

    def combined() -> tuple[Column, Column]:
        quotes = species_quotes(inputs, quantity) if species else inputs.quotes(quantity)
        return inputs.combine(
            quotes.column("value"), quotes.column("log_error"), inputs.number(column),
            inputs.rule(f"forest.{evidence}"),
        )  # fmt: skip

    return inputs.once(f"forest.priced|{quantity}", combined)


def species_quotes(inputs: Inputs, quantity: str) -> Quotes:
    """Return market quotes by species; what holds for any species where it is not known.

    Parameters
    ----------
    inputs : Inputs
        Forest rights.
    quantity : str
        Market quantity.

    Returns
    -------
    Quotes
        One quote a row.
    """
    code = inputs.code("species")
    return inputs.quotes(quantity, (*SPECIES, ANY), np.where(code < 0, len(SPECIES), code))


def log_price(inputs: Inputs) -> tuple[Column, Column]:
    """Price of logs of every stand; unknown where the right's own figure is not credible.

    Parameters
    ----------
    inputs : Inputs
        Forest rights.

    Returns
    -------
    tuple of (n,) float64
        Price [yuan/m3 of output] and standard error of its logarithm [1].
    """

    def believed() -> tuple[Column, Column]:
        price, error = priced(
            inputs, "log_price", "log_price_yuan_per_m3", "log_price_evidence_error", species=True
        )
        own = inputs.number("log_price_yuan_per_m3")
        wild = own >= by_species(inputs, "log_price_ceiling")
        return np.where(wild, np.nan, price), error

    return inputs.once("forest.log_price", believed)


def forest_rate(inputs: Inputs) -> Column:
    """Return on investment asked of each kind of forest.

    Parameters
    ----------
    inputs : Inputs
        Forest rights.

    Returns
    -------
    (n,) float64
        Rate [1/year].
    """
    quotes = inputs.quotes("forest_rate", KINDS, inputs.code("kind"))
    return inputs.once("forest.rate", lambda: quotes.column("value"))


def hazard(inputs: Inputs) -> Column:
    """Intensity of loss by fire and pest of every stand.

    Parameters
    ----------
    inputs : Inputs
        Forest rights.

    Returns
    -------
    (n,) float64
        Intensity [1/year], lower where insured.
    """
    full = inputs.rule("forest.loss_hazard")
    left = full * inputs.rule("forest.uninsured_share")
    found: Column = np.where(inputs.number("fire_insured") == 1.0, left, full)
    return found


def woodland_rent(inputs: Inputs) -> tuple[Column, Column]:
    """Market rent of the land.

    Parameters
    ----------
    inputs : Inputs
        Forest rights.

    Returns
    -------
    tuple of (n,) float64
        Rent [yuan/mu/year] and standard error of its logarithm [1].
    """
    return priced(inputs, "woodland_rent", "woodland_rent_yuan_per_mu_year", "cost_evidence_error")


def land_charge(inputs: Inputs) -> Column:
    """What the land costs its trees a year: its market rent, or more where more is paid.

    Parameters
    ----------
    inputs : Inputs
        Forest rights.

    Returns
    -------
    (n,) float64
        Charge [yuan/mu/year].
    """
    paid = inputs.number("contract_rent_yuan_per_mu_year")
    charge: Column = np.fmax(woodland_rent(inputs)[0], paid)
    return charge


def holds_land(inputs: Inputs) -> NDArray[np.bool_]:
    """Mark the rights that hold land: stated so, or woodland of unstated scope.

    Parameters
    ----------
    inputs : Inputs
        Forest rights.

    Returns
    -------
    (n,) bool
        Marks.
    """
    scope = inputs.code("right_scope")
    stated = (scope >= 0) & (scope != SCOPES.index("trees"))
    marks: NDArray[np.bool_] = stated | ((scope < 0) & of_kind(inputs, "woodland"))
    return marks


def profit_rent(inputs: Inputs) -> tuple[Column, Column]:
    """Market rent of the land over what is paid for it.

    Parameters
    ----------
    inputs : Inputs
        Forest rights.

    Returns
    -------
    tuple of (n,) float64
        Rent kept [yuan/mu/year], any sign, and its value over the term [yuan/mu].
    """
    kept = woodland_rent(inputs)[0] - inputs.number("contract_rent_yuan_per_mu_year", 0.0)
    return kept, kept * annuity_column(forest_rate(inputs), forest_term(inputs))


def overhead(inputs: Inputs) -> Column:
    """Yearly cost of guarding the stand.

    Parameters
    ----------
    inputs : Inputs
        Forest rights.

    Returns
    -------
    (n,) float64
        Cost [yuan/mu/year].
    """
    return given(inputs, "overhead_yuan_per_mu_year", inputs.rule("forest.overhead"))


def forest_case(inputs: Inputs) -> Codes:
    """Position in `CASES` of every right: kind, and age class or stage of the stand.

    Parameters
    ----------
    inputs : Inputs
        Forest rights; rights in land alone count as woodland.

    Returns
    -------
    (n,) int64
        Positions.
    """
    return inputs.once("forest.case", lambda: _forest_case(inputs))


def _forest_case(inputs: Inputs) -> Codes:
    """Case of every right from kind, age and what it covers."""
    age = inputs.number("stand_age_years")
    rotation = by_species(inputs, "rotation_age", "rotation_age_years")
    pace = rotation / by_species(inputs, "rotation_age")
    timber = np.zeros(inputs.size, dtype=np.int64)
    for edge in ("young_until", "middle_until", "near_mature_until", "mature_until"):
        timber += age > by_species(inputs, edge) * pace
    timber[np.isnan(age) | np.isnan(pace)] = TIMBER_UNKNOWN
    first = by_species(inputs, "first_bearing_age", "first_bearing_age_years")
    full = by_species(inputs, "full_bearing_age", "full_bearing_age_years")
    economic = PRE_BEARING + (age >= first).astype(np.int64) + (age >= np.fmax(first, full))
    economic[np.isnan(age)] = FULL_BEARING
    bamboo = np.where(age < inputs.rule("forest.bamboo_bearing_age"), BAMBOO_NEW, BAMBOO_NEW + 1)
    case: Codes = np.choose(
        inputs.code("kind"),
        [timber, economic, bamboo, np.full(inputs.size, WOODLAND), np.full(inputs.size, WELFARE)],
    )
    land = inputs.code("right_scope") == SCOPES.index("land")
    return np.where(land & (case != WELFARE), WOODLAND, case)


CASES = (
    "forest_timber_young", "forest_timber_middle", "forest_timber_near_mature",
    "forest_timber_mature", "forest_timber_over_mature", "forest_timber_unknown",
    "forest_economic_pre_bearing", "forest_economic_early", "forest_economic_full",
    "forest_bamboo_new", "forest_bamboo", "forest_woodland", "forest_welfare",
)  # fmt: skip
"""Rows of the method matrix: kind of forest and age class or stage of the stand."""

LEADING = (
    "planting_cost", "log_price", "log_price", "log_price", "log_price", "log_price",
    "planting_cost", "orchard_income", "orchard_income", "planting_cost", "bamboo_income",
    "log_price", "welfare_payment",
)  # fmt: skip
"""Market quantity that each case leans on most."""

NEAR_MATURE = CASES.index("forest_timber_near_mature")
MATURE = CASES.index("forest_timber_mature")
TIMBER_UNKNOWN = CASES.index("forest_timber_unknown")
PRE_BEARING = CASES.index("forest_economic_pre_bearing")
FULL_BEARING = CASES.index("forest_economic_full")
BAMBOO_NEW = CASES.index("forest_bamboo_new")
WOODLAND = CASES.index("forest_woodland")
WELFARE = CASES.index("forest_welfare")
PLANTED = (CASES.index("forest_timber_young"), PRE_BEARING, BAMBOO_NEW)
"""Stands that are compared by height: too young for a diameter that tells."""


def annuity_column(rate: Column, years: Column) -> Column:
    """Value today of 1 yuan at the end of each year, as `riskengine.kernels.discount`.

    Parameters
    ----------
    rate, years : (n,) float64
        Discount rates [1/year], > 0, and terms [year], which may be infinite.

    Returns
    -------
    (n,) float64
        Factors [year].
    """
    factor: Column = -np.expm1(-years * np.log1p(rate)) / rate
    return factor


def fill_value(
    out: NDArray[np.float64], rows: NDArray[np.bool_], area: Column, value: Column,
    deviation: Column, model: float,
) -> None:  # fmt: skip
    """Fill value and log error from a value per mu and its standard deviation.

    Parameters
    ----------
    out : (k, n) float64
        Its first two rows are filled: value [yuan], log error [1].
    rows : (n,) bool
        Rows to fill.
    area : (n,) float64
        Area [mu].
    value, deviation : (n,) float64
        Value and its standard deviation [yuan/mu]; a negative value counts as 0.
    model : float
        Log error of the method [1].
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = np.where(value > 0.0, deviation / value, 0.0)
    np.copyto(out[VALUE], area * np.maximum(value, 0.0), where=rows)
    np.copyto(out[LOG_ERROR], np.sqrt(np.log1p(relative**2 + model**2)), where=rows)
