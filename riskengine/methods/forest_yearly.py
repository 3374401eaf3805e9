"""Young stands, crops, bamboo, welfare payments, woodland rent, and prices of deals."""

import numpy as np
from numpy.typing import NDArray

from riskengine.kernels import forest_income
from riskengine.methods import forest_facts as facts
from riskengine.methods import forest_stands as stands
from riskengine.methods.forest_facts import by_species, given, of_kind
from riskengine.methods.inputs import Column, Inputs
from riskengine.methods.method import PRUDENT, VALUE

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
        As `riskengine.kernels.forest_income.planting_rows`, and the share of the
        stand's worth that falls within the term [1].
    """
    policy = np.array([
        inputs.rule("forest.failed_survival"), inputs.rule("forest.survival_unknown"),
        inputs.rule("forest.survival_unknown_error"), inputs.rule("income.rate_stress"),
        inputs.rule("forest.replacement_model_error"),
    ])  # fmt: skip
    forest_income.planting_rows(stands.timber_block(inputs), policy, wanted, out)
    share = term_share(inputs)
    out[[VALUE, PRUDENT]] *= share
    np.copyto(out[6], share, where=wanted)


def term_share(inputs: Inputs) -> Column:
    """Share of what a young stand is worth that can be reaped before the right ends.

    Timber: felling income at today's value when the term forces an early felling over
    that of the rotation age, none below the age from which there are logs.  Crops and
    bamboo: the annuity from first bearing to the end of the term over that to the end
    of life.

    Parameters
    ----------
    inputs : Inputs
        Forest rights.

    Returns
    -------
    (n,) float64
        Share [1], in [0, 1]; NaN where the term is not known.
    """
    return inputs.once("forest.term_share", lambda: _term_share(inputs))


def _term_share(inputs: Inputs) -> Column:
    """Share for timber and for what bears every year."""
    block, ripe = stands.timber_block(inputs), inputs.rule("forest.ripe_share")
    age, rotation, maturity, delay, years = block[3], block[4], block[5], block[14], block[19]
    ahead = np.maximum(rotation - age, 0.0)
    grown = np.minimum(ahead, years - delay)
    at = np.maximum(age + grown, 1e-9)
    growth = np.exp(maturity * (grown - ahead) / (at * np.maximum(rotation, age)))
    waited = np.exp((ahead - grown) * (np.log1p(block[17]) + block[18]))
    timber = np.where((at < ripe * rotation) | (delay > years), 0.0, growth * waited)
    bamboo, bearing_age = of_kind(inputs, "bamboo"), inputs.rule("forest.bamboo_bearing_age")
    first = by_species(inputs, "first_bearing_age", "first_bearing_age_years")
    life = by_species(inputs, "life_end_age", "life_end_age_years") - age
    life = np.where(bamboo, np.inf, life)
    barren = facts.annuity_column(
        block[17], np.maximum(np.where(bamboo, bearing_age, first) - age, 0.0)
    )
    reaped = facts.annuity_column(block[17], np.minimum(years, life)) - barren
    with np.errstate(invalid="ignore", divide="ignore"):
        yearly = np.maximum(reaped, 0.0) / (facts.annuity_column(block[17], life) - barren)
    return np.minimum(np.where(of_kind(inputs, "timber"), timber, yearly), 1.0)


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
    first = by_species(inputs, "first_bearing_age", "first_bearing_age_years")
    full = by_species(inputs, "full_bearing_age", "full_bearing_age_years")
    x = inputs.stack(
        inputs.number("area_mu"), gross, error, cost + _land_paid(inputs),
        inputs.number("stand_age_years"), first, np.fmax(first, full),
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
    welfare = of_kind(inputs, "welfare")
    first, second, error = _bamboo_income(inputs)
    payment, payment_error = facts.priced(
        inputs, "welfare_payment", "compensation_yuan_per_mu_year", "payment_evidence_error"
    )
    cost = inputs.number("cost_yuan_per_mu_year", 0.0) + _land_paid(inputs)
    horizon = np.fmin(facts.forest_term(inputs), inputs.rule("forest.welfare_horizon"))
    x = inputs.stack(
        inputs.number("area_mu"), np.where(welfare, payment, first),
        np.where(welfare, payment, second), np.where(welfare, 0.0, cost),
        np.where(welfare, payment_error, error),
        np.where(welfare, horizon, facts.forest_term(inputs)), facts.forest_rate(inputs),
        np.where(welfare, 0.0, facts.hazard(inputs)),
        np.where(welfare, 1.0, inputs.rule("forest.prudent_income_share")),
        np.where(welfare, inputs.rule("forest.welfare_loan_years"), np.inf),
    )  # fmt: skip
    forest_income.yearly_rows(x, _yearly_policy(inputs), wanted, out)


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
        As `riskengine.kernels.forest_income.yearly_rows`.
    """
    level, error = facts.woodland_rent(inputs)
    years, rate = facts.forest_term(inputs), facts.forest_rate(inputs)
    rows = wanted & facts.holds_land(inputs)
    kept, value = facts.profit_rent(inputs)
    low = kept * facts.annuity_column(rate + inputs.rule("income.rate_stress"), years)
    area, gross = inputs.number("area_mu"), level * facts.annuity_column(rate, years)
    model = inputs.rule("forest.income_model_error")
    facts.fill_value(out, rows, area, value, gross * error, model)
    figures = (area * np.maximum(low, 0.0), kept, years, value)
    for row, shown in enumerate(figures, PRUDENT):
        np.copyto(out[row], shown, where=rows)


def market_price(inputs: Inputs, wanted: Rows, out: Filled) -> None:
    """Fill the value of timber by prices that standing timber was sold at.

    Parameters
    ----------
    inputs : Inputs
        Forest rights.
    wanted : (n,) bool
        Rows to value.
    out : (5, n) float64
        Value [yuan], log error [1], prudent value [yuan], price [yuan/m3 of output],
        output [m3/mu].
    """
    quotes = facts.species_quotes(inputs, "stumpage_price")
    price = quotes.column("value")
    output = inputs.number("volume_m3_per_mu") * by_species(inputs, "outturn", "outturn_share")
    chance = given(inputs, "permit_chance", inputs.rule("forest.permit_chance"))
    value = inputs.number("area_mu") * output * price * chance
    spread = quotes.column("log_error") ** 2 + inputs.rule("forest.volume_error") ** 2
    error = np.sqrt(spread + inputs.rule("forest.market_model_error") ** 2)
    for row, figure in enumerate((value, error, value, price, output)):
        np.copyto(out[row], figure, where=wanted)


def deal_price(inputs: Inputs, wanted: Rows, out: Filled) -> None:
    """Fill the value by prices per mu at which forest rights changed hands.

    Parameters
    ----------
    inputs : Inputs
        Forest rights.
    wanted : (n,) bool
        Rows to value.
    out : (4, n) float64
        Value [yuan], log error [1], prudent value [yuan], price [yuan/mu].
    """
    case = facts.forest_case(inputs)
    mature = (case >= facts.MATURE) & (case < facts.TIMBER_UNKNOWN)
    bamboo = of_kind(inputs, "bamboo")
    land = case == facts.WOODLAND
    category = np.select([land, mature, bamboo], [3, 1, 2], 0)
    quotes = inputs.quotes("deal_price", DEALS, category)
    price = quotes.column("value")
    value = inputs.number("area_mu") * price
    error = np.hypot(quotes.column("log_error"), inputs.rule("forest.market_model_error"))
    for row, figure in enumerate((value, error, value, price)):
        np.copyto(out[row], figure, where=wanted)


DEALS = ("timber", "timber_mature", "bamboo", "woodland")
"""Categories of the deal price."""
