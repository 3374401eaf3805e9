"""What is known of forest rights, gathered once a batch: ages, prices, costs, quality.

A figure given for the right itself goes before a table by species; a price given
for it is weighed with the market's.
"""

import numpy as np
from numpy.typing import NDArray

from riskengine.kernels.forest_stand import class_rows
from riskengine.market.quotes import Quotes
from riskengine.market.snapshot import ANY
from riskengine.methods.inputs import Codes, Column, Inputs
from riskengine.rights.forest import FOREST

KINDS = FOREST.by_name["kind"].codes
SPECIES = FOREST.by_name["species"].codes
SCOPES = FOREST.by_name["right_scope"].codes
EDGES = ("rotation_age", "young_until", "middle_until", "near_mature_until", "mature_until")
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


def listed(inputs: Inputs, *rules: str) -> NDArray[np.float64]:
    """Return tables by species of `forest` rules.

    Parameters
    ----------
    inputs : Inputs
        Forest rights.
    *rules : str
        Names of the tables.

    Returns
    -------
    (k, s) float64
        One row a table, one column a species, NaN where a table has none; the last
        column is for a species that is not known.
    """
    inputs.code("species")
    found = np.full((len(rules), len(SPECIES) + 1), np.nan)
    for row, rule in zip(found, rules, strict=True):
        inputs.asked[f"rule:forest.{rule}"] = "species"
        table = inputs.rules.table(f"forest.{rule}")
        row[:-1] = [float(table.get(name, "nan")) for name in SPECIES]
    return found


def by_species(inputs: Inputs, rule: str, column: str = "") -> Column:
    """Return a figure given for the right, or the table's for its species.

    Parameters
    ----------
    inputs : Inputs
        Forest rights.
    rule : str
        Table of `forest` rules.
    column : str
        Column that goes before it; empty for none.

    Returns
    -------
    (n,) float64
        Figures in the rule's unit; NaN where neither is known.
    """
    table: Column = listed(inputs, rule)[0][inputs.code("species")]
    return given(inputs, column, table) if column else table


def in_south(inputs: Inputs) -> Codes:
    """Mark the rights in the provinces that follow the southern tables.

    Parameters
    ----------
    inputs : Inputs
        Forest rights.

    Returns
    -------
    (n,) int64
        1 for the south, 0 for the north.
    """
    inputs.asked["rule:forest.southern_provinces"] = "region_code"
    south = frozenset(inputs.rules.value("forest.southern_provinces"))
    marks = np.array([region[:2] in south for region in inputs.batch.regions], dtype=np.int64)
    found: Codes = marks[inputs.batch.region_index]
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
    listed_code = inputs.once("forest.species", lambda: np.where(code < 0, len(SPECIES), code))
    return inputs.quotes(quantity, (*SPECIES, ANY), listed_code)


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
    return inputs.once("forest.rate", lambda: rate_quotes(inputs).column("value"))


def rate_quotes(inputs: Inputs) -> Quotes:
    """Quotes of the return on investment asked of each kind of forest.

    Parameters
    ----------
    inputs : Inputs
        Forest rights.

    Returns
    -------
    Quotes
        One quote a row.
    """
    return inputs.quotes("forest_rate", KINDS, inputs.code("kind"))


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


AGES = ("class", "rotation", "first_bearing", "full_bearing")
"""Rows of `riskengine.kernels.forest_stand.class_rows`."""


def age_of(inputs: Inputs, name: str) -> Column:
    """Age that a right's species, or what is told of it, turns on.

    Parameters
    ----------
    inputs : Inputs
        Forest rights.
    name : str
        One of `AGES`.

    Returns
    -------
    (n,) float64
        Age [year]; for the class its number [1].
    """
    return inputs.once(f"forest.age|{name}", lambda: _ages(inputs)[AGES.index(name)])


def _ages(inputs: Inputs) -> NDArray[np.float64]:
    """Class and ages of every right, found at one go."""
    return inputs.once("forest.ages", lambda: _classed(inputs))


def _classed(inputs: Inputs) -> NDArray[np.float64]:
    """Gather what the classes depend on."""
    edges = np.stack([
        listed(inputs, *(f"{name}_{zone}" for name in EDGES)) for zone in ("north", "south")
    ])  # fmt: skip
    x = inputs.stack(
        inputs.number("stand_age_years"), inputs.number("rotation_age_years"),
        inputs.number("first_bearing_age_years"), inputs.number("full_bearing_age_years"),
    )  # fmt: skip
    out = np.empty((4, inputs.size))
    class_rows(
        x, inputs.code("kind"), inputs.code("species"), inputs.code("right_scope"),
        in_south(inputs), edges, listed(inputs, "first_bearing_age", "full_bearing_age"),
        inputs.rule("forest.bamboo_bearing_age"), out,
    )  # fmt: skip
    return out


def forest_case(inputs: Inputs) -> Codes:
    """Position in `CASES` of every right: kind, and age class or stage of the stand.

    Parameters
    ----------
    inputs : Inputs
        Forest rights.

    Returns
    -------
    (n,) int64
        Positions.
    """
    return inputs.once("forest.case", lambda: _case(inputs))


def _case(inputs: Inputs) -> Codes:
    """Find the classes, and with them what all cases take from the whole batch."""
    for name in AGES[1:]:
        age_of(inputs, name)
    forest_term(inputs)
    return age_of(inputs, AGES[0]).astype(np.int64)


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

MATURE = CASES.index("forest_timber_mature")
TIMBER_UNKNOWN = CASES.index("forest_timber_unknown")
EARLY_BEARING = CASES.index("forest_economic_early")
WOODLAND = CASES.index("forest_woodland")
