"""Farmhouses valued with NumPy and pandas alone: every method of the engine, independently."""

import numpy as np
import pandas as pd

from riskengine.rights.homestead import HOMESTEAD
from tests.reference.twin_common import annuity, combine, years_from

CODES = {name: HOMESTEAD.by_name[name].codes for name in ("kind", "structure", "buyer_pool")}


def place_quotes(batch, market, quantity, category="*"):
    """One quote a row, as a frame: value, log error, level and age of the place."""
    found = [market.quote(quantity, region, category) for region in batch.regions]
    table = pd.DataFrame({
        name: [getattr(quote, name) for quote in found]
        for name in ("value", "log_error", "level", "age_years")
    })  # fmt: skip
    return table.iloc[batch.region_index].reset_index(drop=True)


def by_code(rules, rule, column, batch, codes):
    """A rule's table looked up by a code column; NaN where it has no entry."""
    names = pd.Series(pd.Categorical.from_codes(batch.columns[column], list(codes)))
    return names.map(rules.table(rule)).astype(float).to_numpy()


def cost_of_building(batch, market, rules, structure):
    """Cost of a square metre today and its log error."""
    quoted = place_quotes(batch, market, "building_cost")
    growth = 1 + rules.number("homestead.building_cost_growth")
    ratio = by_code(rules, "homestead.structure_cost_ratio", structure, batch, CODES["structure"])
    today = quoted["value"].to_numpy() * growth ** quoted["age_years"].to_numpy() * ratio
    own = batch.columns["building_cost_yuan_per_m2"]
    evidence = rules.number("homestead.building_cost_evidence_error")
    return combine(today, quoted["log_error"].to_numpy(), own, evidence)


def _house_rent(batch, market, rules):
    c = batch.columns
    quoted = place_quotes(batch, market, "house_rent")
    agreed = c["contract_rent_yuan_per_year"] / c["building_area_m2"]
    known = c["market_rent_yuan_per_m2_year"]
    known = np.where(np.isnan(known) & (agreed > 0), agreed, known)
    evidence = rules.number("homestead.rent_evidence_error")
    return combine(quoted["value"].to_numpy(), quoted["log_error"].to_numpy(), known, evidence)


def _term(batch, day, rules):
    c = batch.columns
    stated = years_from(day, c["term_end"])
    elapsed = np.maximum(np.nan_to_num(-years_from(day, c["term_start"])), 0.0)
    lease = np.minimum(stated, rules.number("homestead.lease_ceiling") - elapsed)
    owned = np.where(np.isnan(stated), np.inf, stated)
    use_right = c["kind"] == CODES["kind"].index("use_right")
    return np.maximum(np.where(use_right, lease, owned), 0.0), use_right


def twin_homestead(batch, market, rules):
    """Value, log error and prudent value of every method, by name."""
    c, day = batch.columns, market.day
    given_age, given_life = c["effective_age_years"], c["life_years"]
    age = np.where(np.isnan(given_age), -years_from(day, c["built_on"]), given_age)
    by_structure = by_code(rules, "homestead.life", "structure", batch, CODES["structure"])
    life = np.where(np.isnan(given_life), by_structure, given_life)
    term, use_right = _term(batch, day, rules)
    rent = _house_rent(batch, market, rules)
    with np.errstate(all="ignore"):
        return {
            "cost": _cost(batch, market, rules, age, life, term, rent[0]),
            "income": _income(batch, market, rules, life - age, term, use_right, rent),
        }


def _wear(c, day, rules, age, part):
    cost = np.nan_to_num(c[f"{part}_cost_yuan"])
    own_age = -years_from(day, c[f"{part}_on"])
    own_age = np.where(np.isnan(own_age), age, own_age)
    life = np.where(
        np.isnan(c[f"{part}_life_years"]), rules.number(f"homestead.{part}_life"),
        c[f"{part}_life_years"],
    )  # fmt: skip
    return cost, cost * np.minimum(own_age / life, 1.0)


def _homestead_value(batch, market, rules):
    """Value of the plot where a paid price is known, and the log error of that price."""
    c = batch.columns
    quoted = place_quotes(batch, market, "homestead_price")
    near = quoted["level"].to_numpy() >= rules.number("homestead.land_level")
    price, error = combine(
        np.where(near, quoted["value"].to_numpy(), np.nan), quoted["log_error"].to_numpy(),
        c["exit_price_yuan_per_m2"], rules.number("homestead.exit_price_error"),
    )  # fmt: skip
    standards = rules.table("homestead.plot_standard")
    province = pd.Series([region[:2] for region in batch.regions]).map(standards)
    limit = province.astype(float).fillna(np.inf).to_numpy()[batch.region_index]
    return np.nan_to_num(np.minimum(np.nan_to_num(c["plot_area_m2"]), limit) * price), error


def _pool(batch, rules, rule):
    found = by_code(rules, rule, "buyer_pool", batch, CODES["buyer_pool"])
    return np.where(np.isnan(found), rules.table(rule)["village"], found)


def _cost(batch, market, rules, age, life, term, rent):
    c, day = batch.columns, market.day
    unit, unit_error = cost_of_building(batch, market, rules, "structure")
    new = unit * c["building_area_m2"]
    residual = by_code(rules, "homestead.residual_share", "structure", batch, CODES["structure"])
    cut = (np.nan_to_num(c["reverts_uncompensated"]) == 1) & (age + term < life)
    life, residual = np.where(cut, age + term, life), np.where(cut, 0.0, residual)
    repair = np.nan_to_num(c["repair_cost_yuan"])
    fitout, fitout_wear = _wear(c, day, rules, age, "fitout")
    equipment, equipment_wear = _wear(c, day, rules, age, "equipment")
    rest = np.maximum(new - repair - fitout - equipment, 0.0)
    worn = (1 - residual) * np.minimum(age / life, 1.0)
    wear = repair + fitout_wear + equipment_wear + rest * worn
    calculated, inspected = np.maximum(1 - wear / new, 0.0), c["inspected_newness"]
    weight = np.where(np.isnan(inspected), 0.0, rules.number("homestead.inspection_weight"))
    seen = weight * np.nan_to_num(inspected)
    newness = (1 - weight) * calculated + seen
    losses = np.nan_to_num(c["functional_loss_yuan"]) + np.nan_to_num(c["external_loss_yuan"])
    house = np.maximum(new * newness - losses, 0.0)
    land, land_error = _homestead_value(batch, market, rules)
    land = np.where(np.isnan(house), np.nan, land)
    whole = house + land
    discount = _pool(batch, rules, "homestead.buyer_discount")
    pool_error = np.where(discount > 0, rules.number("homestead.buyer_discount_error"), 0.0)
    elasticity = np.where(whole > 0, new * ((1 - weight) * (1 - worn) + seen) / whole, 0.0)
    share = np.where(land > 0, land / whole, 0.0)
    spread = rules.number("homestead.cost_model_error") ** 2 + pool_error**2
    spread = spread + (unit_error * elasticity) ** 2 + (np.nan_to_num(land_error) * share) ** 2
    years = rules.number("homestead.minimum_housing_rent_years")
    kept_back = np.where(c["sole_dwelling"] == 1, years * rent * c["building_area_m2"], 0.0)
    lender = house * (1 - _pool(batch, rules, "homestead.prudent_buyer_discount"))
    prudent = np.maximum(lender - np.where(np.isnan(kept_back), np.inf, kept_back), 0.0)
    reverts = np.nan_to_num(c["reverts_uncompensated"]) == 1
    known = ~np.isnan(whole) & (~reverts | (age + term > 0))
    value = np.where(known, whole * (1 - discount), np.nan)
    return {
        "value": value, "log_error": np.sqrt(np.log1p(spread)),
        "prudent": np.where(known, prudent, np.nan),
    }  # fmt: skip


def _income(batch, market, rules, left, term, use_right, rent):
    c, day = batch.columns, market.day
    contract = np.nan_to_num(c["contract_rent_yuan_per_year"])
    runs = np.maximum(np.nan_to_num(years_from(day, c["contract_rent_until"])), 0.0)
    runs = np.where(np.isnan(c["contract_rent_yuan_per_year"]), 0.0, runs)
    runs = np.minimum(runs, rules.number("homestead.lease_ceiling"))
    lived = np.where(np.isnan(left), np.where(runs > 0, runs, np.nan), np.maximum(left, runs))
    lived = np.minimum(np.maximum(lived, 0.0), term)
    years = np.where(use_right, term, lived)
    vacancy, running = (
        np.where(
            np.isnan(c[f"{name}_share"]), rules.number(f"homestead.{name}"), c[f"{name}_share"]
        )
        for name in ("vacancy", "operating_cost")
    )
    fixed = contract * np.where(np.nan_to_num(c["tenant_bears_costs"]) == 1, 1.0, 1 - running)
    sure = np.minimum(runs, years)
    market_rent = rent[0] * c["building_area_m2"] * (1 - vacancy) * (1 - running)
    market_rent = np.where(sure < years, market_rent, 0.0)
    paid = np.minimum(
        np.maximum(np.nan_to_num(years_from(day, c["rent_paid_through"])), 0.0), years
    )
    owed = np.nan_to_num(c["rent_payable_yuan_per_year"])
    rate = place_quotes(batch, market, "homestead_yield")["value"].to_numpy()
    answers = []
    for r in (rate, rate + rules.number("income.rate_stress")):
        due = np.where(np.nan_to_num(c["rent_in_advance"]) == 1, 1 + r, 1.0)
        floating = due * market_rent * (annuity(r, years) - annuity(r, sure))
        net = due * fixed * annuity(r, sure) + floating
        net = net - due * owed * (annuity(r, years) - annuity(r, paid))
        answers.append((np.maximum(net, 0.0), floating))
    net, floating = answers[0]
    leverage = np.where((net > 0) & (floating > 0), floating / net, 0.0)
    spread = rules.number("homestead.income_model_error") ** 2
    spread = spread + np.where(leverage > 0, (rent[1] * leverage) ** 2, 0.0)
    keeps = rules.number("homestead.minimum_housing_rent_years") * rent[0] * c["building_area_m2"]
    keeps = np.where(
        (c["sole_dwelling"] == 1) & ~use_right, np.where(np.isnan(keeps), np.inf, keeps), 0.0
    )
    prudent = np.maximum(np.minimum(answers[1][0], net) - keeps, 0.0)
    return {"value": net, "log_error": np.sqrt(np.log1p(spread)), "prudent": prudent}
