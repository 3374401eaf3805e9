"""Forest rights (林权): the method follows the state of the stand.

Young stands by replacement cost, growing ones by harvest present value, mature
ones by stumpage; orchards by bearing income, bamboo and welfare forest by
annuity, bare woodland by its expectation value cut to the term of the right.
"""

import numpy as np
from numpy.typing import NDArray

from riskengine.kernels import forest
from riskengine.methods.comparison import comparison_method
from riskengine.methods.comparison_rights import FOREST_PLAN
from riskengine.methods.method import Approach, Codes, Column, Inputs, Method, Working
from riskengine.rights.forest import FOREST
from riskengine.words import Text

KINDS = FOREST.by_name["kind"].codes
SPECIES = FOREST.by_name["species"].codes
CASES = (
    "forest_timber_young", "forest_timber_middle", "forest_timber_near_mature",
    "forest_timber_mature", "forest_timber_over_mature", "forest_economic_young",
    "forest_economic_bearing", "forest_bamboo", "forest_woodland", "forest_welfare",
)  # fmt: skip
"""Rows of the method matrix: kind of forest and age class of the stand."""


def forest_case(inputs: Inputs) -> Codes:
    """Position in `CASES` of every right, from its kind and the age of its stand.

    Parameters
    ----------
    inputs : Inputs
        Forest rights.

    Returns
    -------
    (n,) int64
        Positions; timber of unknown age counts as young.
    """
    kind, age = inputs.code("kind"), inputs.number("stand_age_years", 0.0)
    felling = felling_age(inputs)
    edges = [inputs.rule(f"forest.{name}_share") * felling for name in ("middle", "near_mature")]
    over = inputs.rule("forest.over_mature_share") * felling
    timber_class = (
        (age >= edges[0]).astype(np.int64) + (age >= edges[1]) + (age >= felling) + (age >= over)
    )
    bearing = age >= _by_species(inputs, "first_bearing_age", "first_bearing_age_years")
    economic = np.where(bearing, CASES.index("forest_economic_bearing"), 5)
    fixed = np.array([0, 0, 7, 8, 9], dtype=np.int64)[kind]
    case: Codes = np.where(
        kind == KINDS.index("timber"), timber_class,
        np.where(kind == KINDS.index("economic"), economic, fixed),
    )  # fmt: skip
    return case


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


def felling_age(inputs: Inputs) -> Column:
    """Age of final felling: given, or by species.

    Parameters
    ----------
    inputs : Inputs
        Forest rights.

    Returns
    -------
    (n,) float64
        Age [year].
    """
    return _by_species(inputs, "felling_age", "rotation_age_years")


def _by_species(inputs: Inputs, rule: str, column: str) -> Column:
    """A figure given for the stand, or the rule's for its species."""

    def found() -> Column:
        given, table = inputs.number(column), inputs.rule_by_code(f"forest.{rule}", "species")
        return np.where(np.isnan(given), table, given)

    return inputs.once(f"species|{rule}", found)


def _price(inputs: Inputs, quantity: str, column: str, error: str) -> tuple[Column, Column]:
    """A market price by species, pulled by what is known of the stand."""

    def combined() -> tuple[Column, Column]:
        quotes = inputs.quotes(quantity, SPECIES, inputs.code("species"))
        return inputs.combine(
            quotes.column("value"), quotes.column("log_error"), inputs.number(column),
            inputs.rule(f"forest.{error}"),
        )  # fmt: skip

    return inputs.once(f"price|{quantity}", combined)


def _rate(inputs: Inputs) -> Column:
    """Investment return of the kind of forest."""
    return inputs.quotes("forest_rate", KINDS, inputs.code("kind")).column("value")


def _growth(inputs: Inputs) -> tuple[Column, Column, Column]:
    """Ceiling, speed and shape of the growth curve of each species."""
    ceiling, speed, shape = (
        inputs.rule_by_code(f"forest.growth_{name}", "species")
        for name in ("ceiling", "speed", "shape")
    )
    return ceiling, speed, shape


def _timber(inputs: Inputs, wanted: NDArray[np.bool_], out: NDArray[np.float64], way: int) -> None:
    """Fill harvest present value (way 1) or stumpage today (way 0)."""
    x = inputs.once("forest.timber", lambda: _timber_block(inputs))
    forest.timber_rows(x, inputs.once(f"ways{way}", lambda: np.full(inputs.size, way)), wanted, out)


def _timber_block(inputs: Inputs) -> NDArray[np.float64]:
    """Everything that `riskengine.kernels.forest.timber_rows` looks at."""
    price, error = _price(inputs, "log_price", "log_price_yuan_per_m3", "log_price_evidence_error")
    cost, _ = _price(inputs, "felling_cost", "felling_cost_yuan_per_m3", "cost_evidence_error")
    return inputs.stack(
        inputs.number("area_mu"), price, error, _by_species(inputs, "outturn", "outturn_share"),
        cost, inputs.rule("forest.sales_tax_share"), inputs.rule("forest.profit_share"),
        inputs.number("stand_age_years"), felling_age(inputs), inputs.number("volume_m3_per_mu"),
        *_growth(inputs), _rate(inputs), inputs.rule("forest.loss_hazard"),
        inputs.rule("forest.overhead"), forest_term(inputs),
        inputs.number("permit_delay_years", 0.0), inputs.number("permit_chance", 1.0),
        inputs.rule("forest.volume_error"), inputs.rule("forest.timber_model_error"),
        inputs.rule("income.rate_stress"), _quality_limit(inputs),
    )  # fmt: skip


def _quality_limit(inputs: Inputs) -> Column:
    """Largest quality ratio: wide where a survey is attached."""
    limit: Column = np.where(
        inputs.number("survey_attached", 0.0) == 1.0,
        inputs.rule("forest.quality_limit_surveyed"), inputs.rule("forest.quality_limit"),
    )  # fmt: skip
    return limit


def forest_harvest(inputs: Inputs, wanted: NDArray[np.bool_], out: NDArray[np.float64]) -> None:
    """Fill the harvest present value of timber stands.

    Parameters
    ----------
    inputs : Inputs
        Forest rights.
    wanted : (n,) bool
        Rows to value.
    out : (8, n) float64
        As `riskengine.kernels.forest.timber_rows`.
    """
    _timber(inputs, wanted, out, 1)


def forest_stumpage(inputs: Inputs, wanted: NDArray[np.bool_], out: NDArray[np.float64]) -> None:
    """Fill the stumpage value of timber stands felled today.

    Parameters
    ----------
    inputs : Inputs
        Forest rights.
    wanted : (n,) bool
        Rows to value.
    out : (8, n) float64
        As `riskengine.kernels.forest.timber_rows`.
    """
    _timber(inputs, wanted, out, 0)


def _growing(
    inputs: Inputs, wanted: NDArray[np.bool_], out: NDArray[np.float64], way: int, error: Column
) -> None:
    """Fill one of the values of `riskengine.kernels.forest.growing_rows`."""
    x = inputs.once("forest.growing", lambda: _growing_block(inputs))
    x[ERROR_ROW] = error
    forest.growing_rows(
        x, inputs.once(f"ways{way}", lambda: np.full(inputs.size, way)), wanted, out
    )


ERROR_ROW = 25
"""Row of the block that holds the log error of a method's leading price."""


def _growing_block(inputs: Inputs) -> NDArray[np.float64]:
    """Everything that `riskengine.kernels.forest.growing_rows` looks at."""
    planting, _ = _price(
        inputs, "planting_cost", "establishment_cost_yuan_per_mu", "cost_evidence_error"
    )
    tending, _ = _price(
        inputs, "tending_cost", "tending_cost_yuan_per_mu_year", "cost_evidence_error"
    )
    rent, _ = _price(
        inputs, "woodland_rent", "woodland_rent_yuan_per_mu_year", "cost_evidence_error"
    )
    price, _ = _price(inputs, "log_price", "log_price_yuan_per_m3", "log_price_evidence_error")
    cost, _ = _price(inputs, "felling_cost", "felling_cost_yuan_per_m3", "cost_evidence_error")
    outturn = _by_species(inputs, "outturn", "outturn_share")
    tax, profit = inputs.rule("forest.sales_tax_share"), inputs.rule("forest.profit_share")
    charges = (cost * outturn + tax * price * outturn) * (1.0 + profit)
    on_year, off_year = _bamboo_income(inputs)
    return inputs.stack(
        inputs.number("area_mu"), planting, tending,
        _by_species(inputs, "tending_years", "tending_years"), rent, _rate(inputs),
        inputs.number("stand_age_years"), inputs.number("survival_share"),
        inputs.rule("forest.required_survival"), inputs.rule("forest.failing_survival"),
        inputs.number("height_m") / inputs.number("reference_height_m"), _orchard_income(inputs)[0],
        _by_species(inputs, "first_bearing_age", "first_bearing_age_years"),
        _by_species(inputs, "full_bearing_age", "full_bearing_age_years"),
        _by_species(inputs, "life_end_age", "life_end_age_years"), forest_term(inputs), on_year,
        off_year, _payment(inputs)[0], price * outturn - charges,
        inputs.rule("forest.shortest_rotation_share") * felling_age(inputs),
        *_growth(inputs), inputs.rule("income.rate_stress"), np.nan,
        inputs.rule("forest.growing_model_error"), _quality_limit(inputs),
        inputs.rule("forest.compensation_years"),
    )  # fmt: skip


def _orchard_income(inputs: Inputs) -> tuple[Column, Column]:
    """Net income of a year at full bearing: given, or the market's by crop."""
    given = inputs.number("income_yuan_per_mu_year") - inputs.number("cost_yuan_per_mu_year")
    quotes = inputs.quotes("orchard_income", SPECIES, inputs.code("species"))
    return inputs.combine(
        quotes.column("value"), quotes.column("log_error"), np.where(given > 0.0, given, np.nan),
        inputs.rule("forest.income_evidence_error"),
    )  # fmt: skip


def _bamboo_income(inputs: Inputs) -> tuple[Column, Column]:
    """Net income of an on-year and an off-year; the market's mean for both where not given."""
    on_year = inputs.number("on_year_income_yuan_per_mu")
    off_year = inputs.number("off_year_income_yuan_per_mu")
    market = inputs.quotes("bamboo_income").column("value")
    given = ~np.isnan(on_year) & ~np.isnan(off_year)
    return np.where(given, on_year, market), np.where(given, off_year, market)


def _payment(inputs: Inputs) -> tuple[Column, Column]:
    """Public-welfare payment of a year: given, or the place's."""
    quotes = inputs.quotes("welfare_payment")
    return inputs.combine(
        quotes.column("value"), quotes.column("log_error"),
        inputs.number("compensation_yuan_per_mu_year"),
        inputs.rule("forest.payment_evidence_error"),
    )  # fmt: skip


def forest_replacement(inputs: Inputs, wanted: NDArray[np.bool_], out: NDArray[np.float64]) -> None:
    """Fill the replacement cost of young stands.

    Parameters
    ----------
    inputs : Inputs
        Forest rights.
    wanted : (n,) bool
        Rows to value.
    out : (5, n) float64
        As `riskengine.kernels.forest.growing_rows`.
    """
    quotes = inputs.quotes("planting_cost", SPECIES, inputs.code("species"))
    known = ~np.isnan(inputs.number("establishment_cost_yuan_per_mu"))
    error = np.where(known, inputs.rule("forest.cost_evidence_error"), quotes.column("log_error"))
    _growing(inputs, wanted, out, 0, error)


def forest_income(inputs: Inputs, wanted: NDArray[np.bool_], out: NDArray[np.float64]) -> None:
    """Fill the income value: bearing orchards, bamboo, public-welfare payments.

    Parameters
    ----------
    inputs : Inputs
        Forest rights.
    wanted : (n,) bool
        Rows to value.
    out : (5, n) float64
        As `riskengine.kernels.forest.growing_rows`.
    """
    kind = inputs.code("kind")
    market = inputs.quotes("bamboo_income").column("log_error")
    given = ~np.isnan(inputs.number("on_year_income_yuan_per_mu"))
    bamboo = np.where(given, inputs.rule("forest.income_evidence_error"), market)
    ways = (
        ("economic", 1, _orchard_income(inputs)[1]), ("bamboo", 2, bamboo),
        ("welfare", 3, _payment(inputs)[1]),
    )  # fmt: skip
    for name, way, error in ways:
        rows = wanted & (kind == KINDS.index(name))
        if rows.any():
            _growing(inputs, rows, out, way, error)


def forest_expectation(inputs: Inputs, wanted: NDArray[np.bool_], out: NDArray[np.float64]) -> None:
    """Fill the land expectation value of bare woodland, cut to the right's term.

    Parameters
    ----------
    inputs : Inputs
        Forest rights.
    wanted : (n,) bool
        Rows to value.
    out : (5, n) float64
        As `riskengine.kernels.forest.growing_rows`.
    """
    _, error = _price(inputs, "log_price", "log_price_yuan_per_m3", "log_price_evidence_error")
    _growing(inputs, wanted, out, 4, error * inputs.rule("forest.expectation_leverage"))


def forest_rent(inputs: Inputs, wanted: NDArray[np.bool_], out: NDArray[np.float64]) -> None:
    """Fill the value of woodland from its rent over the term.

    Parameters
    ----------
    inputs : Inputs
        Forest rights.
    wanted : (n,) bool
        Rows to value.
    out : (5, n) float64
        As `riskengine.kernels.forest.growing_rows`, rent in the place of compensation.
    """
    rent, error = _price(
        inputs, "woodland_rent", "woodland_rent_yuan_per_mu_year", "cost_evidence_error"
    )
    x = inputs.stack(*(np.nan for _ in range(29)))
    x[0], x[5], x[15], x[18] = inputs.number("area_mu"), _rate(inputs), forest_term(inputs), rent
    x[24], x[25] = inputs.rule("income.rate_stress"), error
    x[26], x[28] = inputs.rule("forest.growing_model_error"), np.inf
    forest.growing_rows(x, np.full(inputs.size, 3), wanted, out)


PER_MU = Working("value_per_mu", Text("每亩价值", "value per mu"), "yuan/mu")
QUALITY = Working("quality", Text("林分质量系数 K", "stand quality K"), "1")
TIMBER_WORKINGS = (
    Working("stumpage", Text("每立方米立木价", "stumpage"), "yuan/m3"),
    Working("felled_volume", Text("采伐时每亩蓄积", "volume at felling"), "m3/mu"),
    Working("years_to_felling", Text("距采伐年数", "years to felling"), "year"),
    QUALITY,
    Working("sales", Text("每立方米销售收入", "sales per standing m3"), "yuan/m3"),
)
STANDARD = "LY/T 2407-2015"

FOREST_APPROACH = Approach(
    FOREST,
    (
        Method("stumpage", Text("市场价倒算法", "stumpage back-calculation"),
               "area x volume x (W - C - F)", STANDARD, TIMBER_WORKINGS, forest_stumpage),
        Method("harvest", Text("收获现值法", "harvest present value"),
               "area x K x volume at felling x stumpage / (1+p+h)^(u-a) - overhead", STANDARD,
               TIMBER_WORKINGS, forest_harvest),
        Method("replacement", Text("重置成本法", "replacement cost"),
               "area x K x sum C_i (1+p)^(n-i+1)", STANDARD, (PER_MU, QUALITY),
               forest_replacement),
        Method("income", Text("收益现值法", "income present value"),
               "area x net income a year x annuity over min(life, term)", STANDARD,
               (PER_MU, QUALITY), forest_income),
        Method("expectation", Text("林地期望价法", "land expectation value"),
               "whole rotations within the term + the best shorter one", STANDARD,
               (PER_MU, QUALITY), forest_expectation),
        Method("rent", Text("林地租金年金法", "woodland rent annuity"),
               "area x rent x annuity over the term", STANDARD, (PER_MU, QUALITY), forest_rent),
        comparison_method(FOREST_PLAN),
    ),
    CASES, forest_case, forest_term, "log_price",
)  # fmt: skip
