"""Forest rights in vectorised NumPy and pandas."""

import copy

import numpy as np

from tests.reference.twin_common import annuity, combine, quotes, years_from

NAN = np.nan
KINDS = ("timber", "economic", "bamboo", "woodland", "welfare")
SPECIES = (
    "fir", "masson_pine", "eucalyptus", "poplar", "larch", "broadleaf", "tea_oil", "chestnut",
    "fruit", "tea", "moso",
)  # fmt: skip
(YOUNG, MIDDLE, NEAR, MATURE, OVER, UNKNOWN, PRE, EARLY, FULL, BAMBOO_NEW, BAMBOO, WOODLAND,
 WELFARE) = range(13)  # fmt: skip
CASES = (
    "forest_timber_young", "forest_timber_middle", "forest_timber_near_mature",
    "forest_timber_mature", "forest_timber_over_mature", "forest_timber_unknown",
    "forest_economic_pre_bearing", "forest_economic_early", "forest_economic_full",
    "forest_bamboo_new", "forest_bamboo", "forest_woodland", "forest_welfare",
)  # fmt: skip


def discount(rate, years):
    """(1 + r)^-n."""
    return (1 + rate) ** -years


def fill(column, otherwise):
    """A column with a stand-in for missing cells."""
    return np.where(np.isnan(column), otherwise, column)


class Facts:
    """Everything that the methods look at, one array a fact."""

    def __init__(self, batch, market, rules):
        self.c, self.batch, self.market, self.rules = batch.columns, batch, market, rules
        self.size, self.area = batch.size, self.c["area_mu"]
        self.kind, self.age = self.c["kind"], self.c["stand_age_years"]
        self.years = np.maximum(years_from(market.day, self.c["term_end"]), 0.0)
        south = [code[:2] in rules.value("forest.southern_provinces") for code in batch.regions]
        self.south = np.array(south)[batch.region_index]
        self.stress = rules.number("income.rate_stress")
        self._stand()
        self._prices()

    def _stand(self):
        c = self.c
        self.rotation_table = self.zoned("rotation_age")
        self.rotation = fill(c["rotation_age_years"], self.rotation_table)
        self.maturity = self.by_species("maturity_age")
        self.table = self.by_species("yield_at_rotation")
        self.case = self._cases()
        insured = np.nan_to_num(c["fire_insured"]) == 1
        hazard = self.rule("loss_hazard")
        self.hazard = np.where(insured, hazard * self.rule("uninsured_share"), hazard)
        self.delay = fill(c["permit_delay_years"], self.rule("permit_delay"))
        self.chance = fill(c["permit_chance"], self.rule("permit_chance"))
        self.quota = fill(c["quota_share"], 1.0)
        self.outturn = fill(c["outturn_share"], self.by_species("outturn"))
        self.surveyed = np.nan_to_num(c["survey_attached"]) == 1
        self.tending_years = fill(c["tending_years"], self.rule("tending_years"))
        self.overhead = fill(c["overhead_yuan_per_mu_year"], self.rule("overhead"))

    def _prices(self):
        c, cost = self.c, "cost_evidence_error"
        self.rate = self.market_of("forest_rate", KINDS, self.kind)[0]
        price, self.price_error = self.priced(
            "log_price", "log_price_yuan_per_m3", "log_price_evidence_error", species=True
        )
        wild = c["log_price_yuan_per_m3"] >= self.by_species("log_price_ceiling")
        self.price = np.where(wild, NAN, price)
        self.felling, self.felling_error = self.priced(
            "felling_cost", "felling_cost_yuan_per_m3", cost
        )
        self.planting, self.planting_error = self.priced(
            "planting_cost", "establishment_cost_yuan_per_mu", cost, species=True
        )
        self.tending, _ = self.priced(
            "tending_cost", "tending_cost_yuan_per_mu_year", cost, species=True
        )
        self.rent, self.rent_error = self.priced(
            "woodland_rent", "woodland_rent_yuan_per_mu_year", cost
        )
        self.paid = np.nan_to_num(c["contract_rent_yuan_per_mu_year"])
        self.charge = np.fmax(self.rent, c["contract_rent_yuan_per_mu_year"])
        self.net_planting = np.maximum(self.planting - self.rule("planting_grant"), 0.0)
        self.replant = self.rule("replanting_share") * self.net_planting

    def some(self, rows):
        """The same facts for some rights, so that rare work is done for few."""
        part = copy.copy(self)
        for name, fact in vars(self).items():
            if isinstance(fact, np.ndarray) and fact.shape == (self.size,):
                setattr(part, name, fact[rows])
        part.c = {name: column[rows] for name, column in self.c.items()}
        part.size = len(rows)
        return part

    def rule(self, name):
        return self.rules.number(f"forest.{name}")

    def by_species(self, name):
        table = self.rules.table(f"forest.{name}")
        listed = np.array([table.get(code, NAN) for code in SPECIES] + [NAN], dtype=float)
        return listed[self.c["species"]]

    def zoned(self, name):
        south, north = self.by_species(f"{name}_south"), self.by_species(f"{name}_north")
        return np.where(self.south, south, north)

    def market_of(self, quantity, categories=("*",), codes=None):
        codes = np.zeros(self.size, dtype=np.int64) if codes is None else codes
        found = quotes(self.batch, self.market, quantity, categories, codes)
        return found["value"].to_numpy(), found["log_error"].to_numpy()

    def by_kind_of_tree(self, quantity):
        code = self.c["species"]
        return self.market_of(quantity, (*SPECIES, "*"), np.where(code < 0, len(SPECIES), code))

    def priced(self, quantity, column, evidence, species=False):
        found = self.by_kind_of_tree(quantity) if species else self.market_of(quantity)
        return combine(*found, self.c[column], self.rule(evidence))

    def _cases(self):
        c = self.c
        pace = self.rotation / self.rotation_table
        edges = [
            self.zoned(name) * pace
            for name in ("young_until", "middle_until", "near_mature_until", "mature_until")
        ]
        timber = np.sum([self.age > edge for edge in edges], axis=0)
        timber = np.where(np.isnan(self.age) | np.isnan(pace), UNKNOWN, timber)
        self.first = fill(c["first_bearing_age_years"], self.by_species("first_bearing_age"))
        full = fill(c["full_bearing_age_years"], self.by_species("full_bearing_age"))
        self.full = np.fmax(self.first, full)
        stage = np.where(self.age >= self.full, FULL, np.where(self.age >= self.first, EARLY, PRE))
        economic = np.where(np.isnan(self.age), FULL, stage)
        bamboo = np.where(self.age < self.rule("bamboo_bearing_age"), BAMBOO_NEW, BAMBOO)
        land = (c["right_scope"] == 2) & (self.kind != 4)
        return np.select(
            [land, self.kind == 0, self.kind == 1, self.kind == 2, self.kind == 3],
            [WOODLAND, timber, economic, bamboo, WOODLAND], WELFARE,
        )  # fmt: skip

    def margin(self):
        tax, profit, on_tax = (
            self.rule(name) for name in ("sales_tax_share", "profit_share", "profit_on_tax")
        )
        sales = self.price * self.outturn
        direct = self.felling * self.outturn + self.rule("design_cost")
        margin = sales - direct - tax * sales - profit * (direct + on_tax * tax * sales)
        by_price = self.price_error * sales * (1 - tax * (1 + profit * on_tax))
        by_cost = self.felling_error * self.felling * self.outturn * (1 + profit)
        spread = np.where(margin > 0, (by_price**2 + by_cost**2) / margin**2, 0.0)
        return np.where(np.isnan(margin), NAN, np.maximum(margin, 0.0)), spread

    def growth(self, age, later):
        ratio = np.exp(self.maturity * (1 / age - 1 / later))
        return np.where(later <= 0, 0.0, np.where(age <= 0, np.inf, ratio))

    def kept(self, rate, wait, years):
        """Value today of 1 yuan of felling income: hazard, permit, quota, age convention."""
        risky = (1 + rate) * np.exp(self.hazard) - 1
        whole = np.floor(1 / self.quota + 1e-9)
        fellings = np.minimum(whole, np.floor(years - wait) + 1)
        factor = self.quota * (1 + risky) * annuity(risky, fellings)
        rest = (1 - self.quota * whole) * discount(risky, whole)
        factor = factor + np.where((fellings == whole) & (years - wait >= whole), rest, 0.0)
        factor = np.where(self.quota >= 1, 1.0, factor)
        return discount(risky, wait) * self.chance * factor

    def measured(self):
        young = (self.case == YOUNG) | (self.case == PRE) | (self.case == BAMBOO_NEW)
        height, diameter = (
            self.c[name] / self.c[f"reference_{name}"] for name in ("height_m", "diameter_cm")
        )
        found = np.where(young, height, diameter)
        found = np.where(found > 0, found, 1.0)
        held = np.clip(found, self.rule("quality_low"), self.rule("quality_high"))
        return np.where(self.surveyed, found, held)

    def site_error(self):
        told = self.c["harvest_volume_m3_per_mu"]
        return np.where(
            np.isnan(told), self.rule("yield_table_error"), self.rule("reference_error")
        )

    def volume_error(self):
        volume = self.c["volume_m3_per_mu"]
        return np.where(np.isnan(volume), self.site_error(), self.rule("volume_error"))


def leveraged(gross, deviation, value, model):
    """Log error of a value of which a part is uncertain."""
    leverage = np.where(value > 0, gross / value, 0.0)
    return np.sqrt(np.log1p((leverage * deviation) ** 2 + model**2))


def answer(value, error, prudent, rows):
    """One method's answers, blank where it has none."""
    keep = rows & ~np.isnan(value)
    return {
        "value": np.where(keep, value, NAN), "log_error": np.where(keep, error, NAN),
        "prudent": np.where(keep, prudent, NAN),
    }  # fmt: skip


def later(f):
    """Felling to come, by term and quota; never above a felling at rotation age."""
    ahead = np.maximum(f.rotation - f.age, 0.0)
    found = to_come(f, f.years, np.minimum(ahead, f.years - f.delay))
    free = to_come(f, np.where(np.isnan(f.years), NAN, np.inf), ahead)
    tight = (f.quota < 1) & (ahead + f.delay + np.ceil(1 / f.quota - 1e-9) - 1 > f.years)
    rows = np.flatnonzero(tight)
    for name, column in felled_early(f.some(rows), ahead[rows]).items():
        told = ~np.isnan(column)
        found[name][rows[told]] = column[told]
    for name in ("value", "prudent"):
        found[name] = np.minimum(found[name], free[name])
    barred, model = f.delay > f.years, f.rule("timber_model_error")
    error = leveraged(found["income"], found["deviation"], found["value"] / f.area, model)
    found["log_error"] = np.where(barred, model, error)
    for name in ("value", "prudent"):
        found[name] = np.where(barred, 0.0, found[name])
    for name in ("income", "wait"):
        found[name] = np.where(barred, NAN, found[name])
    return found


def felled_early(f, ahead):
    """The best felling in yearly parts that begins whole years before the rotation age."""
    found = {}
    best = {rank: np.full(f.size, -np.inf) for rank in ("net", "low")}
    for less in range(int(np.nanmax(np.ceil(ahead), initial=0.0)) + 1):
        grown = np.maximum(ahead - less, 0.0)
        plan = to_come(f, f.years, grown)
        allowed = (less <= np.ceil(ahead)) & (grown + f.delay <= f.years)
        for rank, names in (("net", list(plan)), ("low", ["low", "prudent"])):
            better = allowed & ~(plan[rank] <= best[rank])
            best[rank] = np.where(better, plan[rank], best[rank])
            for name in names:
                if rank == "low" or name not in ("low", "prudent"):
                    found[name] = np.where(better, plan[name], found.get(name, NAN))
    return found


def to_come(f, years, grown):
    """Felling that begins when the stand has grown for some years."""
    c = f.c
    margin, spread = f.margin()
    felled, wait = f.age + grown, grown + f.delay
    volume, reference = c["volume_m3_per_mu"], c["reference_volume_m3_per_mu"]
    top = fill(c["harvest_volume_m3_per_mu"], f.table)
    then, now = top * f.growth(f.rotation, felled), top * f.growth(f.rotation, f.age)
    own = ~np.isnan(reference) & np.isnan(c["harvest_volume_m3_per_mu"]) & (f.age > 0)
    then = np.where(own, reference * f.growth(f.age, felled), then)
    now = fill(reference, now)
    highest = np.where(f.surveyed, np.inf, f.rule("quality_high"))
    quality = np.where(np.isnan(volume) | ~(now > 0), 1.0, np.minimum(volume / now, highest))
    felling = quality * then * f.measured()
    felling = np.where(felled < f.rule("ripe_share") * f.rotation, 0.0, felling)
    growth = np.where(f.age > 0, f.maturity * grown / (f.age * felled), 0.0)
    growth = np.where(np.isnan(volume), 0.0, f.rule("growth_error") * growth)
    duty = np.where(felling > 0, f.replant * f.chance, 0.0)
    figures = []
    for rate in (f.rate, f.rate + f.stress):
        income = felling * margin * f.kept(rate, wait, years)
        risky = (1 + rate) * np.exp(f.hazard) - 1
        income = income * discount(risky, f.rule("age_in_progress"))
        charges = (f.charge + f.overhead) * annuity(rate, wait) + duty * discount(rate, wait)
        figures.append((income, income - charges))
    (income, value), (_, low) = figures
    return {
        "value": f.area * np.maximum(value, 0.0), "prudent": f.area * np.maximum(low, 0.0),
        "net": value, "low": low, "income": income, "wait": wait,
        "deviation": np.sqrt(spread + f.volume_error() ** 2 + growth**2),
    }  # fmt: skip


def at_once(f):
    """Felling as soon as permitted."""
    margin, spread = f.margin()
    years, volume = fill(f.years, np.inf), f.c["volume_m3_per_mu"]
    deviation = np.sqrt(spread + f.rule("volume_error") ** 2)
    duty = np.where(volume > 0, f.replant * f.chance, 0.0)
    figures = []
    for rate in (f.rate, f.rate + f.stress):
        income = volume * margin * f.kept(rate, f.delay, years)
        figures.append((income, income - duty * discount(rate, f.delay)))
    (income, value), (_, low) = figures
    model = f.rule("timber_model_error")
    error = leveraged(income, deviation, value, model)
    barred = f.delay > years
    return {
        "value": np.where(barred, 0.0, f.area * np.maximum(value, 0.0)),
        "log_error": np.where(barred, model, error),
        "prudent": np.where(barred, 0.0, f.area * np.maximum(low, 0.0)),
    }  # fmt: skip


def one_rotation(f, length, felling, yearly, rate):
    """Value at planting of one rotation of some length."""
    grown = length - f.delay
    costs = f.net_planting + f.tending * annuity(rate, f.tending_years - 1)
    costs = costs + yearly * annuity(rate, length)
    ripe = (grown >= f.rule("ripe_share") * f.rotation) & (grown > 0)
    income = felling * f.growth(f.rotation, grown) * discount(rate, length)
    return np.where(ripe, income * np.exp(-f.hazard * length), 0.0) - costs


def best_cycle(f, felling, yearly, rate, once=False):
    """Rotation worth most for ever or once, of all whole years below the rotation age."""
    cycle, best = f.rotation + f.delay, np.full(f.size, -np.inf)
    for less in range(int(np.nanmax(f.rotation, initial=0.0)) + 1):
        length = f.rotation + f.delay - less
        worth = one_rotation(f, length, felling, yearly, rate)
        worth = worth if once else worth / (1 - discount(rate, length))
        allowed = f.rotation - less >= f.rule("ripe_share") * f.rotation
        better = allowed & (worth > best)
        if not better.any():
            break
        cycle, best = np.where(better, length, cycle), np.where(better, worth, best)
    return cycle, best


def land(f, years, yearly, lift=1.0, stress=0.0):
    """Value of a mu of bare woodland for some years."""
    rate, margin = f.rate + stress, f.margin()[0]
    felling = fill(f.c["harvest_volume_m3_per_mu"], f.table) * margin * f.chance * lift
    cycle, endless = best_cycle(f, felling, yearly, rate)
    whole = np.floor(years / cycle + 1e-9)
    chain = one_rotation(f, cycle, felling, yearly, rate)
    chain = chain * (1 - discount(rate, cycle * whole)) / (1 - discount(rate, cycle))
    used, soonest = whole * cycle, f.rule("ripe_share") * f.rotation + f.delay

    def plan(length, times=1.0, before=0.0, first=0.0):
        """Value of some equal rotations, after others, whole years off the best one."""
        length = cycle - np.ceil(cycle - length - 1e-9)
        npv = one_rotation(f, length, felling, yearly, rate)
        chained = npv * (1 - discount(rate, length * times)) / (1 - discount(rate, length))
        duty = f.replant * discount(rate, before + length * times)
        value = first + chained * discount(rate, before) - duty
        return np.where(length >= soonest, np.fmax(value, 0.0), 0.0)

    only = best_cycle(f, felling, yearly, rate, once=True)[0]
    plans = (
        np.fmax(chain - f.replant * discount(rate, used), 0.0),
        plan(years - used, before=used, first=chain),
        plan(years / (whole + 1), whole + 1),
        plan(np.minimum(years, only)),
    )
    best = np.maximum.reduce(plans)
    best = np.where(endless > 0, best, 0.0)
    return np.where(np.isnan(felling) | np.isnan(years), NAN, best)


def expectation(f, ahead, rows):
    """Stand and land less land."""
    today = land(f, f.years, f.overhead)
    after = land(f, f.years - ahead["wait"], f.overhead)
    factor = discount(f.rate, ahead["wait"])
    duty = np.where(after > 0, 0.0, f.replant * f.chance) * factor
    value = ahead["income"] - f.overhead * annuity(f.rate, ahead["wait"]) - duty
    value = value + after * factor - today
    error = leveraged(ahead["income"], ahead["deviation"], value, f.rule("timber_model_error"))
    return answer(f.area * np.maximum(value, 0.0), error, NAN, rows & ~np.isnan(value))


def woodland(f, rows):
    """Expectation value of bare land; nothing where it neither bears nor lets."""
    yearly = f.overhead + f.paid
    deviation = np.sqrt(f.margin()[1] + f.site_error() ** 2)
    value, low = land(f, f.years, yearly), land(f, f.years, yearly, stress=f.stress)
    high = land(f, f.years, yearly, lift=np.exp(deviation))
    model = f.rule("timber_model_error")
    error = np.where(value > 0, np.hypot(np.log(high / value), model), model)
    held = rows & holds_land(f)
    bare = held & (f.kind == 3)
    unlet = (f.rent - f.paid) * annuity(f.rate, f.years) <= 0
    idle = (bare & (value == 0) & unlet) | (held & (f.years == 0))
    found = answer(f.area * value, error, f.area * low, (bare & (value > 0)) | idle)
    found["prudent"] = np.where((bare & (value == 0)) | idle, 0.0, found["prudent"])
    for name, figure in (("value", 0.0), ("log_error", model)):
        found[name] = np.where(idle, figure, found[name])
    return found


def within(f):
    """Share of a young stand that can be reaped before the right ends."""
    top = np.maximum(f.rotation, f.age)
    latest = np.minimum(top, f.age + f.years - f.delay)
    risky = (1 + f.rate) * np.exp(f.hazard)
    early = f.growth(top, latest) * risky ** (top - latest)
    barred = (latest < f.rule("ripe_share") * f.rotation) | (f.delay > f.years)
    bamboo = f.kind == 2
    barren = np.maximum(np.where(bamboo, f.rule("bamboo_bearing_age"), f.first) - f.age, 0.0)
    life = fill(f.c["life_end_age_years"], f.by_species("life_end_age")) - f.age
    life = np.where(bamboo, np.inf, life)
    whole = annuity(f.rate, life) - annuity(f.rate, barren)
    part = annuity(f.rate, np.minimum(f.years, life)) - annuity(f.rate, barren)
    share = np.where(f.kind == 0, np.where(barred, 0.0, early), np.maximum(part, 0.0) / whole)
    return np.minimum(share, 1.0)


def replacement(f, rows):
    """Costs of planting compounded."""
    begun = np.maximum(np.ceil(f.age), 1.0)
    tended = np.maximum(np.minimum(begun, f.tending_years) - 1, 0.0)
    required = fill(f.c["required_survival_share"], f.rule("required_survival"))
    survival = f.c["survival_share"]
    kept = np.where(survival >= f.rule("failed_survival"), survival, 0.0)
    kept = np.where(np.isnan(survival) | (survival >= required), 1.0, kept)
    cautious = np.where(np.isnan(survival), f.rule("survival_unknown"), kept)
    doubt = np.where(np.isnan(survival), f.rule("survival_unknown_error"), 0.0)
    costs = []
    for rate in (f.rate, f.rate - f.stress):
        care = f.tending * annuity(rate, tended)
        held = (fill(f.rent, f.charge) + f.overhead) * (1 + rate) * annuity(rate, begun)
        costs.append((1 + rate) ** f.age * (f.planting + care + held))
    scale = f.area * f.measured() * within(f)
    error = np.sqrt(f.planting_error**2 + doubt**2 + f.rule("replacement_model_error") ** 2)
    return answer(scale * kept * costs[0], error, scale * cautious * costs[1], rows)


def bearing(rate, age, first, full, years):
    """Annuity factor of an income that rises to full bearing."""
    rising = np.maximum(np.ceil(full - age) - 1, 0.0)
    total = np.maximum(annuity(rate, years) - annuity(rate, rising), 0.0)
    for year in range(int(np.nanmax(rising, initial=0.0))):
        at = age + year + 1
        share = np.where(at >= first, np.minimum((at - first + 1) / (full - first + 1), 1.0), 0.0)
        part = annuity(rate, np.clip(years - year, 0.0, 1.0)) * discount(rate, year)
        total = total + np.where(year < rising, share * part, 0.0)
    return total


def land_paid(f):
    """Land cost of crops and bamboo a year."""
    return np.where(f.c["right_scope"] == 0, f.paid, f.charge)


def holds_land(f):
    """Rights that hold land."""
    scope = f.c["right_scope"]
    return (scope == 0) | (scope == 2) | ((f.kind == 3) & (scope != 1))


def crops(f, rows):
    """Income of fruit, oil and tea."""
    c = f.c
    gross, gross_error = f.priced(
        "orchard_income", "income_yuan_per_mu_year", "income_evidence_error", species=True
    )
    own = c["income_yuan_per_mu_year"]
    gross = np.where(own > f.by_species("income_ceiling"), NAN, gross)
    cost = fill(c["cost_yuan_per_mu_year"], f.rule("economic_cost_share") * gross) + land_paid(f)
    survival = np.where(np.isnan(own), fill(c["survival_share"], 1.0), 1.0)
    life = fill(c["life_end_age_years"], f.by_species("life_end_age"))
    years = np.maximum(life - f.age, 0.0) + f.rule("age_in_progress")
    years = np.minimum(years, f.years)
    figures = []
    for rate, share in ((f.rate, 1.0), (f.rate + f.stress, f.rule("prudent_income_share"))):
        risky = (1 + rate) * np.exp(f.hazard) - 1
        income = share * gross * survival * bearing(risky, f.age, f.first, f.full, years)
        figures.append((income, income - cost * annuity(risky, years)))
    (income, value), (_, low) = figures
    error = leveraged(income, gross_error, value, f.rule("income_model_error"))
    return answer(f.area * np.maximum(value, 0), error, f.area * np.maximum(low, 0), rows)


def turns(first, second, rate, years):
    """Two incomes in turn, in whole pairs and a last part."""
    pairs = np.floor(years / 2)
    rest = years - 2 * pairs
    pair = (first * (1 + rate) + second) * annuity((1 + rate) ** 2 - 1, pairs)
    tail = first * annuity(rate, np.minimum(rest, 1.0))
    late = second * annuity(rate, np.maximum(rest - 1, 0.0)) * discount(rate, 1.0)
    return pair + (tail + np.where(rest > 1, late, 0.0)) * discount(rate, 2 * pairs)


def good_ends(years):
    """Last ends of a first and of a second year within the term."""
    after_first = np.where(years >= 1, 2 * np.floor((years - 1) / 2) + 1, 0.0)
    return after_first, 2 * np.floor(years / 2)


def bamboo_income(f):
    """Bamboo income of the coming year, of the one after, and its log error."""
    c = f.c
    on, off = c["on_year_income_yuan_per_mu"], c["off_year_income_yuan_per_mu"]
    mean = (on + off) / 2
    wild = mean > f.by_species("income_ceiling")
    told = (mean > 0) & ~wild
    level, error = combine(
        *f.market_of("bamboo_income"), np.where(told, mean, NAN), f.rule("income_evidence_error")
    )
    level = np.where(wild, NAN, np.where(mean == 0, 0.0, level))
    swing = np.where(told, on / mean, 1.0)
    next_on = c["next_year_on"]
    swing = np.where(next_on == 1, swing, np.where(next_on == 0, 2 - swing, 1.0))
    return level * swing, level * (2 - swing), error


def yearly(f, rows):
    """Bamboo and welfare payments."""
    c, welfare = f.c, f.kind == 4
    payment, payment_error = f.priced(
        "welfare_payment", "compensation_yuan_per_mu_year", "payment_evidence_error"
    )
    first, second, error = bamboo_income(f)
    first, second = np.where(welfare, payment, first), np.where(welfare, payment, second)
    cost = np.where(welfare, 0.0, np.nan_to_num(c["cost_yuan_per_mu_year"]) + land_paid(f))
    years = np.where(welfare, np.fmin(f.years, f.rule("welfare_horizon")), f.years)
    hazard = np.where(welfare, 0.0, f.hazard)
    share = np.where(welfare, 1.0, f.rule("prudent_income_share"))
    most = np.where(welfare, f.rule("welfare_loan_years"), np.inf)
    figures = []
    for rate, part in ((f.rate, 1.0), (f.rate + f.stress, share)):
        risky = (1 + rate) * np.exp(hazard) - 1
        worth = [
            turns(part * first, part * second, risky, end) - cost * annuity(risky, end)
            for end in (years, *good_ends(years))
        ]
        net = np.maximum(worth[0], np.maximum(worth[1], worth[2]))
        figures.append((net + cost * annuity(risky, years), net))
    (gross, value), (_, low) = figures
    net = (first + second) / 2 - cost
    low = np.where(net > 0, np.minimum(low, most * net), 0.0)
    deviation = np.where(welfare, payment_error, error)
    error = leveraged(gross, deviation, value, f.rule("income_model_error"))
    return answer(f.area * np.maximum(value, 0), error, f.area * np.maximum(low, 0), rows)


def rent(f, rows):
    """Profit rent of the land."""
    value = (f.rent - f.paid) * annuity(f.rate, f.years)
    low = (f.rent - f.paid) * annuity(f.rate + f.stress, f.years)
    gross = f.rent * annuity(f.rate, f.years)
    error = leveraged(gross, f.rent_error, value, f.rule("income_model_error"))
    return answer(
        f.area * np.maximum(value, 0), error, f.area * np.maximum(low, 0), rows & holds_land(f)
    )


def sold(f, rows):
    """Prices of standing timber."""
    price, error = f.by_kind_of_tree("stumpage_price")
    value = f.area * f.c["volume_m3_per_mu"] * f.outturn * price * f.chance
    spread = np.sqrt(error**2 + f.rule("volume_error") ** 2 + f.rule("market_model_error") ** 2)
    return answer(value, spread, value, rows)


def deals(f, rows):
    """Prices per mu."""
    mature = (f.case == MATURE) | (f.case == OVER)
    code = np.select([f.case == WOODLAND, mature, f.kind == 2], [3, 1, 2], 0)
    price, error = f.market_of(
        "deal_price", ("timber", "timber_mature", "bamboo", "woodland"), code
    )
    value = f.area * price
    return answer(value, np.hypot(error, f.rule("market_model_error")), value, rows)


def twin_forest(batch, market, rules):
    """Every method of the forest table: value, log error and prudent value."""
    with np.errstate(all="ignore"):
        f = Facts(batch, market, rules)
        named = [rules.table(f"methods.{case}") for case in CASES]

        def asked(name):
            return np.array([row.get(name, "none") != "none" for row in named])[f.case]

        everyone = np.ones(batch.size, dtype=bool)
        ahead, now, income = later(f), at_once(f), crops(f, everyone)
        volume, told = f.c["volume_m3_per_mu"], f.c["harvest_volume_m3_per_mu"]
        timber = (f.case <= NEAR) & ~(np.isnan(volume) & np.isnan(told))
        near = (f.case == NEAR) & ~np.isnan(volume)
        prudent = np.where(near, np.fmin(ahead["prudent"], now["prudent"]), ahead["prudent"])
        rows = asked("harvest_present_value")
        harvest = answer(ahead["value"], ahead["log_error"], prudent, rows & timber)
        for name, found in income.items():
            harvest[name] = np.where(rows & (f.case == EARLY), found, harvest[name])
        return {
            "replacement": replacement(f, asked("replacement")),
            "harvest_present_value": harvest,
            "stumpage": answer(*now.values(), asked("stumpage")),
            "expectation": expectation(f, ahead, asked("expectation")),
            "income": answer(*income.values(), asked("income")),
            "annuity": yearly(f, asked("annuity")),
            "land_expectation": woodland(f, asked("land_expectation")),
            "rent": rent(f, asked("rent")),
            "market_price": sold(f, asked("market_price")),
            "deal_price": deals(f, asked("deal_price")),
        }
