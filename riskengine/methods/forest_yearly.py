"""Young stands, crops, bamboo, welfare payments, woodland rent, and prices of deals."""

import numpy as np
from numpy.typing import NDArray

from riskengine.kernels import forest_income
from riskengine.methods import forest_facts as facts
from riskengine.methods import forest_stands as stands
from riskengine.methods.forest_facts import by_species, given, of_kind
from riskengine.methods.inputs import Column, Inputs

Rows = NDArray[np.bool_]
Filled = NDArray[np.float64]


def replacement(inputs: Inputs, wanted: Rows, out: Filled) -> None:
    """Fill the replacement cost of young stands, as far as the term lets a buyer reap them.

    Parameters
    ----------
    inputs : Inputs
        Forest rights.
    wanted : (n,) bool
        Rows to value.
    out : (7, n) float64
        As `riskengine.kernels.forest_income.planting_rows`.
    """
    policy = np.array([
        inputs.rule("forest.failed_survival"), inputs.rule("forest.survival_unknown"),
        inputs.rule("forest.survival_unknown_error"), inputs.rule("income.rate_stress"),
        inputs.rule("forest.replacement_model_error"), inputs.rule("forest.ripe_share"),
    ])  # fmt: skip
    bearing, life = np.full((2, inputs.size), np.inf)
    crops, bamboo = of_kind(inputs, "economic"), of_kind(inputs, "bamboo")
    if crops.any():
        np.copyto(bearing, facts.age_of(inputs, "first_bearing"), where=crops)
        np.copyto(life, by_species(inputs, "life_end_age", "life_end_age_years"), where=crops)
    bearing[bamboo] = inputs.rule("forest.bamboo_bearing_age")
    forest_income.planting_rows(stands.timber_block(inputs), bearing, life, policy, wanted, out)


def crop_income(inputs: Inputs, wanted: Rows, out: Filled) -> None:
    """Fill the income of fruit, oil and tea over the rest of their life.

    Parameters
    ----------
    inputs : Inputs
        Forest rights.
    wanted : (n,) bool
        Rows to value.
    out : (8, n) float64
        As `riskengine.kernels.forest_income.bearing_rows`.
    """
    gross, error = _gross_income(inputs)
    own = inputs.number("income_yuan_per_mu_year")
    cost = given(inputs, "cost_yuan_per_mu_year", inputs.rule("forest.economic_cost_share") * gross)
    survival = np.where(np.isnan(own), np.fmin(inputs.number("survival_share"), 1.0), 1.0)
    first, full = facts.age_of(inputs, "first_bearing"), facts.age_of(inputs, "full_bearing")
    x = inputs.stack(
        inputs.number("area_mu"), gross, error, cost + _land_paid(inputs),
        inputs.number("stand_age_years"), first, full,
        by_species(inputs, "life_end_age", "life_end_age_years"), facts.forest_term(inputs),
        facts.forest_rate(inputs), facts.hazard(inputs),
        np.where(np.isnan(survival), 1.0, survival),
    )  # fmt: skip
    policy = np.array([
        inputs.rule("forest.age_in_progress"), inputs.rule("forest.prudent_income_share"),
        inputs.rule("income.rate_stress"), inputs.rule("forest.income_model_error"),
    ])  # fmt: skip
    forest_income.bearing_rows(x, policy, wanted, out)


def _gross_income(inputs: Inputs) -> tuple[Column, Column]:
    """Gross income at full bearing; unknown where the right's own figure is not credible."""
    gross, error = facts.priced(
        inputs, "orchard_income", "income_yuan_per_mu_year", "income_evidence_error", species=True
    )
    own = inputs.number("income_yuan_per_mu_year")
    return np.where(own > by_species(inputs, "income_ceiling"), np.nan, gross), error


def _land_paid(inputs: Inputs) -> Column:
    """What crops and bamboo pay for land a year: rent due, or market rent without a land right."""
    held = inputs.code("right_scope") == facts.SCOPES.index("land_and_trees")
    paid = inputs.number("contract_rent_yuan_per_mu_year", 0.0)
    cost: Column = np.where(held, paid, facts.land_charge(inputs))
    return cost


def annuity(inputs: Inputs, wanted: Rows, out: Filled) -> None:
    """Fill the yearly income of bamboo and of public-welfare forest.

    Parameters
    ----------
    inputs : Inputs
        Forest rights.
    wanted : (n,) bool
        Rows to value.
    out : (6, n) float64
        As `riskengine.kernels.forest_income.yearly_rows`.
    """
    welfare = wanted & of_kind(inputs, "welfare")
    groves = wanted & ~welfare
    if groves.any():
        forest_income.yearly_rows(_groves(inputs), _yearly_policy(inputs), groves, out)
    if welfare.any():
        forest_income.yearly_rows(_payments(inputs), _yearly_policy(inputs), welfare, out)


def _groves(inputs: Inputs) -> Filled:
    """Gather what bamboo earns and costs."""
    first, second, error = _bamboo_income(inputs)
    cost = inputs.number("cost_yuan_per_mu_year", 0.0) + _land_paid(inputs)
    return inputs.stack(
        inputs.number("area_mu"), first, second, cost, error, facts.forest_term(inputs),
        facts.forest_rate(inputs), facts.hazard(inputs),
        inputs.rule("forest.prudent_income_share"), np.inf,
    )  # fmt: skip


def _payments(inputs: Inputs) -> Filled:
    """Gather what is paid for public-welfare forest."""
    payment, error = facts.priced(
        inputs, "welfare_payment", "compensation_yuan_per_mu_year", "payment_evidence_error"
    )
    horizon = np.fmin(facts.forest_term(inputs), inputs.rule("forest.welfare_horizon"))
    return inputs.stack(
        inputs.number("area_mu"), payment, payment, 0.0, error, horizon,
        facts.forest_rate(inputs), 0.0, 1.0, inputs.rule("forest.welfare_loan_years"),
    )  # fmt: skip


def _yearly_policy(inputs: Inputs) -> Filled:
    """Policy of `riskengine.kernels.forest_income.yearly_rows`."""
    return np.array([
        inputs.rule("income.rate_stress"), inputs.rule("forest.income_model_error"),
    ])  # fmt: skip


def _bamboo_income(inputs: Inputs) -> tuple[Column, Column, Column]:
    """Bamboo income of the coming year, of the next one, and their log error."""
    on_year = inputs.number("on_year_income_yuan_per_mu")
    off_year = inputs.number("off_year_income_yuan_per_mu")
    quotes = inputs.quotes("bamboo_income")
    mean = 0.5 * (on_year + off_year)
    mean = np.where(mean > by_species(inputs, "income_ceiling"), np.nan, mean)
    known = ~np.isnan(on_year) & ~np.isnan(off_year)
    level, error = inputs.combine(
        quotes.column("value"), quotes.column("log_error"), np.where(mean > 0.0, mean, np.nan),
        inputs.rule("forest.income_evidence_error"),
    )  # fmt: skip
    level = np.where(known & np.isnan(mean), np.nan, np.where(mean == 0.0, 0.0, level))
    swing = np.where(known & (mean > 0.0), on_year / np.where(mean > 0.0, mean, 1.0), 1.0)
    next_on = inputs.number("next_year_on")
    swing = np.where(np.isnan(next_on), 1.0, np.where(next_on == 1.0, swing, 2.0 - swing))
    return level * swing, level * (2.0 - swing), error


def rent(inputs: Inputs, wanted: Rows, out: Filled) -> None:
    """Fill the value of the land: its market rent over the term less rent still payable.

    Parameters
    ----------
    inputs : Inputs
        Forest rights; those that hold no land are left.
    wanted : (n,) bool
        Rows to value.
    out : (6, n) float64
        As `riskengine.kernels.forest_income.land_rent_rows`.
    """
    rows = wanted & facts.holds_land(inputs)
    block = stands.timber_block(inputs)
    forest_income.land_rent_rows(block, _yearly_policy(inputs), rows, out)


def market_price(inputs: Inputs, wanted: Rows, out: Filled) -> None:
    """Fill the value of timber by prices that standing timber was sold at.

    Parameters
    ----------
    inputs : Inputs
        Forest rights.
    wanted : (n,) bool
        Rows to value.
    out : (5, n) float64
        As `riskengine.kernels.forest_income.sold_rows`.
    """
    quotes = facts.species_quotes(inputs, "stumpage_price")
    spread = quotes.fields("log_error") ** 2 + inputs.rule("forest.volume_error") ** 2
    error = np.sqrt(spread + inputs.rule("forest.market_model_error") ** 2)
    forest_income.sold_rows(
        stands.timber_block(inputs), quotes.fields("value"), error, quotes.index, wanted, out
    )


def deal_price(inputs: Inputs, wanted: Rows, out: Filled) -> None:
    """Fill the value by prices per mu at which forest rights changed hands.

    Parameters
    ----------
    inputs : Inputs
        Forest rights.
    wanted : (n,) bool
        Rows to value.
    out : (4, n) float64
        As `riskengine.kernels.forest_income.dealt_rows`.
    """
    category = DEAL_OF_CASE[facts.forest_case(inputs)]
    quotes = inputs.quotes("deal_price", DEALS, category)
    error = np.hypot(quotes.fields("log_error"), inputs.rule("forest.market_model_error"))
    forest_income.dealt_rows(
        inputs.number("area_mu"), quotes.fields("value"), error, quotes.index, wanted, out
    )


DEALS = ("timber", "timber_mature", "bamboo", "woodland")
"""Categories of the deal price."""

DEAL_OF_CASE = np.array([0, 0, 0, 1, 1, 0, 0, 0, 0, 2, 2, 3, 0])
"""Category that each case looks up."""
