"""Collective construction land valued with NumPy and pandas alone, independently of the engine."""

import numpy as np

from riskengine.rights.construction import CONSTRUCTION
from tests.reference.twin_common import annuity, quotes, years_from
from tests.reference.twin_homestead import CODES, by_code, cost_of_building

USES = CONSTRUCTION.by_name["land_use"].codes
KINDS = CONSTRUCTION.by_name["kind"].codes
OWNERS = CONSTRUCTION.by_name["benchmark_ownership"].codes


def _by_use(rules, batch, rule):
    return by_code(rules, f"construction.{rule}", "land_use", batch, USES)


def _given(facts, fallback):
    return np.where(np.isnan(facts), fallback, facts)


class _Land:
    """Facts that every method looks at."""

    def __init__(self, batch, market, rules):
        c, day = batch.columns, market.day
        self.batch, self.market, self.rules, self.c = batch, market, rules, c
        self.area = c["area_m2"]
        self.longest = _by_use(rules, batch, "statutory_term")
        elapsed = np.nan_to_num(-years_from(day, c["granted_on"]))
        left = np.minimum(years_from(day, c["term_end"]), self.longest - elapsed)
        self.years = np.maximum(left, 0.0)
        use = quotes(batch, market, "construction_yield", USES, c["land_use"])
        self.rate = use["value"].to_numpy()
        leased = c["kind"] == KINDS.index("lease")
        self.payable = np.where(leased, c["rent_payable_yuan_per_m2_year"], 0.0)
        self.paid = np.maximum(np.nan_to_num(years_from(day, c["rent_paid_through"])), 0.0)
        levy = _given(c["levy_share"], self.number("levy"))
        self.levy = np.minimum(levy, self.number("levy_cap"))
        bought, works = c["acquisition_cost_yuan_per_m2"], c["works_cost_yuan_per_m2"]
        spent = (np.nan_to_num(bought) + np.nan_to_num(works)) * self.area
        unknown = np.isnan(bought) & np.isnan(works)
        self.cost = np.where(unknown, c["last_price_yuan"], spent)

    def number(self, name):
        return self.rules.number(f"construction.{name}")

    def held(self, price, low, spread):
        """Rent payable, then tax and levy, taken off."""
        left = annuity(self.rate, self.years) - annuity(
            self.rate, np.minimum(self.paid, self.years)
        )
        owed = self.area * self.payable * left
        value, low = np.maximum(price - owed, 0.0), np.maximum(low - owed, 0.0)
        basis = _given(self.cost, (1 - self.number("gain_share")) * low)
        net = low * (1 - self.number("transfer_tax")) - self.levy * np.maximum(low - basis, 0.0)
        leverage = np.where(value > 0, price / value, 0.0)
        return {
            "value": value, "log_error": np.sqrt(np.log1p(spread * leverage**2)),
            "prudent": np.where(np.isnan(value), np.nan, np.maximum(net, 0.0)),
        }  # fmt: skip

    def or_run_out(self, answer):
        """What has run out is worth nothing."""
        return {name: np.where(self.years == 0, 0.0, part) for name, part in answer.items()}

    def plot_ratio_factor(self, base):
        table = self.rules.table("construction.plot_ratio_coefficient")
        subject, against = np.full(self.area.size, np.nan), np.full(self.area.size, np.nan)
        for k, use in enumerate(USES):
            rows = self.c["land_use"] == k
            for into, at in ((subject, self.c["plot_ratio"]), (against, base)):
                inside = (at >= table["ratio"][0]) & (at <= table["ratio"][-1])
                found = np.interp(at, table["ratio"], table[use])
                into[rows] = np.where(inside, found, np.nan)[rows]
        return np.where(np.isnan(self.c["plot_ratio"]), 1.0, subject / against)

    def ratio_variance(self):
        unknown = np.isnan(self.c["plot_ratio"])
        return np.where(unknown, self.number("plot_ratio_unknown_error") ** 2, 0.0)

    def term_factor(self):
        return annuity(self.rate, self.years) / annuity(self.rate, self.longest)


def twin_construction(batch, market, rules):
    """Value, log error and prudent value of every method, by name."""
    with np.errstate(all="ignore"):
        land = _Land(batch, market, rules)
        buildings, left = _buildings(land)
        return {
            "deal_price": _deal_price(land), "benchmark": _benchmark(land), "cost": _cost(land),
            "income": _income(land, buildings["value"], left), "residual": _residual(land),
            "buildings": buildings,
        }  # fmt: skip


def _deal_price(land):
    found = quotes(land.batch, land.market, "construction_price", USES, land.c["land_use"])
    factor = land.plot_ratio_factor(_by_use(land.rules, land.batch, "typical_plot_ratio"))
    price = land.area * found["value"].to_numpy() * land.term_factor() * factor
    spread = found["log_error"].to_numpy() ** 2 + land.ratio_variance()
    return land.held(price, price, spread + land.number("deal_price_model_error") ** 2)


def _benchmark(land):
    c = land.c
    price = c["benchmark_price_yuan_per_m2"]
    error = np.full(price.shape, land.number("benchmark_evidence_error"))
    age = np.nan_to_num(-years_from(land.market.day, c["benchmark_on"]))
    state = c["benchmark_ownership"] != OWNERS.index("collective")
    gap = np.where(state, land.number("ownership_gap"), 0.0)
    deviation = land.number("ownership_gap_error") / (1 - land.number("ownership_gap"))
    typical = _by_use(land.rules, land.batch, "typical_plot_ratio")
    factor = land.plot_ratio_factor(_given(c["benchmark_plot_ratio"], typical))
    date = _given(c["benchmark_date_factor"], (1 + land.number("price_growth")) ** age)
    unit = price * (1 - gap) * (1 + np.nan_to_num(c["benchmark_factors"]))
    unit = unit * date * land.term_factor() * factor
    unit = np.maximum(unit + np.nan_to_num(c["development_gap_yuan_per_m2"]), 0.0)
    spread = error**2 + np.where(state, deviation**2, 0.0) + land.ratio_variance()
    spread = spread + land.number("benchmark_model_error") ** 2
    uncertain = unit - np.nan_to_num(c["development_gap_yuan_per_m2"])
    spread = np.where(unit > 0, spread * (uncertain / unit) ** 2, spread)
    return land.held(land.area * unit, land.area * unit, spread)


def _cost(land):
    c = land.c
    bought, works = c["acquisition_cost_yuan_per_m2"], np.nan_to_num(c["works_cost_yuan_per_m2"])
    years = np.nan_to_num(c["works_years"])
    rate = land.market.quote("reference_lending_rate", "", "one_year").value
    interest = bought * ((1 + rate) ** years - 1) + works * ((1 + rate) ** (years / 2) - 1)
    outlay = (bought + works) * (1 + land.number("acquisition_profit")) + interest
    unit = outlay * (1 + land.number("land_appreciation")) * land.term_factor()
    unit = np.where(bought + works > 0, unit, np.nan)
    spread = np.full(unit.shape, land.number("cost_model_error") ** 2)
    return land.held(land.area * unit, land.area * unit, spread)


def _floor_rent(land):
    kept = 1.0
    for name in ("vacancy", "operating_cost"):
        kept = kept * (1 - _given(land.c[f"{name}_share"], _by_use(land.rules, land.batch, name)))
    return land.c["floor_rent_yuan_per_m2_year"] * kept


def _buildings(land):
    c, structures = land.c, CODES["structure"]
    unit, error = cost_of_building(land.batch, land.market, land.rules, "building_structure")
    name = "building_structure"
    life = by_code(land.rules, "homestead.life", name, land.batch, structures)
    life = _given(c["building_life_years"], life)
    residual = by_code(land.rules, "homestead.residual_share", name, land.batch, structures)
    age = -years_from(land.market.day, c["building_built_on"])
    own = np.maximum(life - age, 0.0)
    left = np.minimum(own, land.years)
    residual = np.where(left < own, 0.0, residual)
    newness = np.where(age + left == 0, 0.0, 1 - (1 - residual) * age / (age + left))
    value = np.nan_to_num(c["building_area_m2"]) * unit * newness
    error = np.hypot(error, land.number("buildings_error"))
    return {"value": value, "log_error": error, "prudent": value}, left


def _income(land, building_value, left):
    c = land.c
    ground = land.area * c["land_rent_yuan_per_m2_year"] * (1 - land.number("land_rent_cost"))
    building_rate = land.rate + land.number("building_rate_premium")
    stands = (np.nan_to_num(c["building_area_m2"]) > 0) & (left > 0)
    floor = np.where(stands, _floor_rent(land) * c["building_area_m2"], np.nan)
    earned = np.where(np.isnan(ground), floor, ground)
    built = np.where(np.isnan(ground), building_value / annuity(building_rate, left), 0.0)
    income = np.where(earned - built > 0, earned - built, np.nan)
    spread = (land.number("rent_evidence_error") * earned / income) ** 2
    spread = spread + land.number("income_model_error") ** 2
    stressed = land.rate + land.rules.number("income.rate_stress")
    return land.or_run_out(land.held(
        income * annuity(land.rate, land.years), income * annuity(stressed, land.years), spread
    ))  # fmt: skip


def _residual(land):
    c = land.c
    floor = land.area * c["plot_ratio"]
    ahead = _given(c["development_years"], _by_use(land.rules, land.batch, "development_years"))
    unit, error = cost_of_building(land.batch, land.market, land.rules, "building_structure")
    planned = c["development_cost_yuan_per_m2"]
    evidence = land.rules.number("homestead.building_cost_evidence_error")
    error = np.where(np.isnan(planned), error, evidence)
    building = floor * _given(planned, unit) * (1 + land.rate) ** (-ahead / 2)
    spent = building * (1 + land.number("fee_share"))
    property_rate = land.rate + land.number("building_rate_premium")
    answers = []
    for stress in (0.0, land.rules.number("income.rate_stress")):
        worth = _floor_rent(land) * annuity(property_rate + stress, land.years - ahead)
        price = _given(c["completed_price_yuan_per_m2"], worth)
        completed = floor * price * (1 + land.rate + stress) ** -ahead
        kept = completed * (1 - land.number("selling_share"))
        answers.append(kept / (1 + land.number("developer_profit")) - spent)
    known = (land.years > ahead) & (building > 0) & (answers[0] > 0)
    value = np.where(known, answers[0], np.nan)
    model = land.number("residual_model_error") ** 2
    spread = ((value + spent) / value) ** 2 * (land.number("rent_evidence_error") ** 2 + model)
    spread = spread + (spent / value) ** 2 * (error**2 + model)
    return land.or_run_out(land.held(value, np.maximum(answers[1], 0.0), spread))
