"""Ecological assets in vectorised NumPy and pandas."""

import numpy as np

from tests.reference.twin_common import quotes, years_from

NAN = np.nan
KINDS = ("carbon_issued", "carbon_contracted", "compensation", "value_account")
PROGRAMMES = ("ccer", "provincial_offset", "carbon_ticket", "voluntary", "charity", "other")
PROJECTS = (
    "plantation", "bamboo", "shrub", "natural_forest", "economic_forest", "wetland", "marine",
    "cropland", "other",
)  # fmt: skip
STAGES = ("planned", "published", "registered", "verified")


def by_code(rules, name, codes, index):
    """A rule's table by the code of each row, NaN where there is none."""
    table = rules.table(name)
    return np.array([*(table[code] for code in codes), NAN])[index]


def filled(column, default):
    """A column with its blanks filled."""
    return np.where(np.isnan(column), default, column)


class Carbon:
    """Prices of carbon, row by row."""

    def __init__(self, batch, market):
        programme = batch.columns["programme"]
        nowhere = np.zeros(batch.size, dtype=np.int64)
        spot = quotes(batch, market, "carbon_price", PROGRAMMES, programme)
        mean = quotes(batch, market, "carbon_long_run_price", PROGRAMMES, programme)
        self.price, self.error = spot["value"].to_numpy(), spot["log_error"].to_numpy()
        self.mean = mean["value"].fillna(spot["value"]).to_numpy()
        self.mean_error = mean["log_error"].fillna(spot["log_error"]).to_numpy()
        self.kappa, self.sigma, self.rate = (
            quotes(batch, market, name, ("*",), nowhere)["value"].to_numpy()
            for name in ("carbon_reversion", "carbon_volatility", "carbon_discount_rate")
        )

    def near(self, years):
        """Share of today's deviation that is left."""
        return np.exp(-self.kappa * years)

    def expected(self, years):
        """Mean price after some years, by the moments of the mean-reverting process."""
        level = np.log(self.mean) - self.sigma**2 / (4.0 * self.kappa)
        kept = self.near(years)
        variance = self.sigma**2 * (1.0 - kept**2) / (2.0 * self.kappa)
        return np.exp(level + (np.log(self.price) - level) * kept + variance / 2.0)


def offtake(c, day):
    """Price, volume and end of the contract."""
    end = years_from(day, c["contract_end"])
    price = np.where(end < 0.0, NAN, c["contract_price_yuan_per_t"])
    volume = np.where(np.isnan(price), 0.0, filled(c["contract_volume_t"], np.inf))
    return price, volume, filled(end, np.inf)


def units(batch, market, rules, carbon):
    """Issued units: at the market, and with their contract."""
    c, q = batch.columns, batch.columns["quantity_t"]
    turnover = quotes(batch, market, "carbon_turnover", PROGRAMMES, c["programme"])[
        "value"
    ].to_numpy()
    wait = quotes(
        batch, market, "years_to_sell", ("ecology",), np.zeros(batch.size, dtype=np.int64)
    )["value"].to_numpy()
    price, volume, _ = offtake(c, market.day)
    stress = rules.number("income.rate_stress")
    taken_up = filled(q / (rules.number("ecology.market_share") * turnover), 0.0)
    years, whole = wait + taken_up / 2.0, wait + taken_up
    near, expected = carbon.near(years), carbon.expected(years)
    swing = carbon.error * near + carbon.mean_error * (1.0 - near)
    open_unit = expected * (1.0 + carbon.rate) ** -years
    low_unit = np.minimum(carbon.price, expected) * (1.0 + carbon.rate + stress) ** -whole
    sure = np.minimum(q, volume)
    paid = sure * price * rules.number("ecology.delivery_chance") * (1.0 + carbon.rate) ** -wait
    value = (q - sure) * open_unit + paid
    exposed = np.where(value > 0.0, (q - sure) * open_unit / value, 0.0)
    none = np.isnan(price) | (sure == 0.0)
    value = np.where(none, NAN, value)
    return {
        "value": q * open_unit,
        "log_error": np.hypot(swing, rules.number("ecology.spot_model_error")),
        "prudent": q * low_unit,
    }, {
        "value": value,
        "log_error": np.hypot(exposed * swing, rules.number("ecology.contract_error")),
        "prudent": paid * (1.0 + stress) ** -wait + (q - sure) * low_unit,
    }  # fmt: skip


def yearly_tonnes(batch, market, rules):
    """Tonnes a year and their error."""
    c = batch.columns
    found = quotes(batch, market, "carbon_yield", PROJECTS, c["project_type"])
    given, stated, area = c["yield_t_per_mu_year"], c["expected_t_per_year"], c["area_mu"]
    tonnes = filled(stated, area * filled(given, found["value"].to_numpy()))
    own = rules.number("ecology.yield_error")
    guessed = np.isnan(stated) & np.isnan(given)
    error = np.where(guessed, np.hypot(own, found["log_error"].to_numpy()), own)
    return np.where(tonnes > area * rules.number("ecology.yield_limit"), NAN, tonnes), error


def batches(batch, market, rules, carbon):
    """Issuance still to come: at the market, and with its contract."""
    c, day = batch.columns, market.day
    tonnes, fuzzy = yearly_tonnes(batch, market, rules)
    fuzzy = np.hypot(fuzzy, rules.number("ecology.issuance_model_error"))
    begin = filled(years_from(day, c["crediting_start"]), 0.0)
    begin = np.fmax(begin, years_from(day, c["issued_through"]))
    end = years_from(day, c["crediting_end"])
    every = filled(c["issuance_interval_years"], rules.number("ecology.issuance_interval"))
    lag = rules.number("ecology.issuance_lag")
    buffer = filled(
        c["buffer_share"], by_code(rules, "ecology.buffer_share", PROGRAMMES, c["programme"])
    )
    kept = 1.0 - filled(c["developer_share"], rules.number("ecology.developer_share"))
    registered = by_code(rules, "ecology.registration_chance", STAGES, c["stage"])
    issued = by_code(rules, "ecology.issuance_chance", STAGES, c["stage"])
    fee = filled(c["verification_cost_yuan"], rules.number("ecology.verification_cost"))
    first_fee = filled(c["validation_cost_yuan"], rules.number("ecology.validation_cost"))
    first_fee = np.where(c["stage"] >= STAGES.index("registered"), 0.0, first_fee)
    price, volume, contract_end = offtake(c, day)
    paid = filled(price, 0.0) * rules.number("ecology.delivery_chance")
    low_rate = carbon.rate + rules.number("income.rate_stress")
    sums = np.zeros((6, batch.size))
    spent, low_spent, sold = first_fee.copy(), first_fee.copy(), np.zeros(batch.size)
    finish = np.minimum(np.maximum(begin + every, 0.0), end)
    while (finish > begin).any():
        live = finish > begin
        checked = np.maximum(finish, 0.0)
        years = checked + lag
        alive = np.where(
            live, registered * np.exp(-rules.number("ecology.loss_hazard") * checked), 0.0
        )
        spent += fee * alive * (1.0 + carbon.rate) ** -checked
        low_spent += fee * alive * (1.0 + low_rate) ** -checked
        credit = np.where(live, tonnes * (finish - begin) * (1.0 - buffer), 0.0)
        under = np.where(years <= contract_end, np.minimum(credit, volume - sold), 0.0)
        expected, near = carbon.expected(years), carbon.near(years)
        worth = alive * issued * kept * (1.0 + carbon.rate) ** -years
        low_worth = alive * issued * kept * (1.0 + low_rate) ** -years
        sums += np.stack([
            worth * credit * expected, worth * credit * expected * near, worth * under * expected,
            worth * under * expected * near, worth * under * paid,
            low_worth * under * np.minimum(paid, expected),
        ])  # fmt: skip
        sold += under
        begin, finish = np.where(live, finish, begin), np.minimum(finish + every, end)
    market_sum, near_sum, bound, bound_near, fixed, floor = sums
    revenue = market_sum - bound + fixed
    at_market = carbon.error * near_sum + carbon.mean_error * (market_sum - near_sum)
    rest = carbon.error * bound_near + carbon.mean_error * (bound - bound_near)
    mixed = np.hypot(at_market - rest, rules.number("ecology.contract_error") * fixed)
    prudent = np.maximum(floor - low_spent, 0.0)
    none = np.isnan(price) | (sold == 0.0)
    return {
        "value": np.maximum(market_sum - spent, 0.0), "prudent": prudent,
        "log_error": log_error(market_sum, spent, at_market, fuzzy),
    }, {
        "value": np.where(none, NAN, np.maximum(revenue - spent, 0.0)),
        "log_error": np.where(none, NAN, log_error(revenue, spent, mixed, fuzzy)),
        "prudent": np.where(none, NAN, prudent),
    }  # fmt: skip


def log_error(revenue, spent, swing, fuzzy):
    """Log error of revenue less costs."""
    relative = (fuzzy**2 + (swing / revenue) ** 2) * (revenue / (revenue - spent)) ** 2
    return np.where(revenue > spent, np.sqrt(np.log1p(relative)), fuzzy)


def income(batch, market, rules):
    """Compensation income."""
    c = batch.columns
    nowhere = np.zeros(batch.size, dtype=np.int64)
    quoted = quotes(batch, market, "compensation_discount_rate", ("*",), nowhere)
    rate, rate_error = quoted["value"].to_numpy(), quoted["log_error"].to_numpy()
    years = years_from(market.day, c["income_end"])
    open_end = np.isnan(years)
    years = np.where(open_end, rules.number("ecology.compensation_years"), np.maximum(years, 0.0))
    growth, hazard = (rules.number(f"ecology.compensation_{n}") for n in ("growth", "hazard"))

    def annuity(r, g):
        risky = (1.0 + r) * np.exp(hazard) - 1.0
        return (1.0 - ((1.0 + g) / (1.0 + risky)) ** years) / (risky - g)

    error = np.full(batch.size, rules.number("ecology.compensation_error"))
    error = np.where(
        open_end, np.hypot(error, rules.number("ecology.compensation_end_error")), error
    )
    factor, dearer = annuity(rate, growth), annuity(rate * np.exp(rate_error), growth)
    swing = np.where(dearer > 0.0, np.log(factor / dearer), 0.0)
    stressed = annuity(rate + rules.number("income.rate_stress"), min(growth, 0.0))
    c_year = c["income_yuan_per_year"]
    return {
        "value": c_year * factor, "log_error": np.hypot(error, swing),
        "prudent": c_year * np.minimum(stressed, rules.number("ecology.compensation_multiple")),
    }  # fmt: skip


@np.errstate(all="ignore")
def twin_ecology(batch, market, rules):
    """Every method of ecological assets: value, log error, prudent value."""
    kind = batch.columns["kind"]
    issued, coming, paid = (kind == k for k in range(3))
    carbon = Carbon(batch, market)
    spot, delivered = units(batch, market, rules, carbon)
    issuance, contracted = batches(batch, market, rules, carbon)
    yearly = income(batch, market, rules)
    return {
        "spot": {name: np.where(issued, v, NAN) for name, v in spot.items()},
        "issuance": {name: np.where(coming, v, NAN) for name, v in issuance.items()},
        "contract": {
            name: np.where(issued, delivered[name], np.where(coming, contracted[name], NAN))
            for name in ("value", "log_error", "prudent")
        },
        "income": {name: np.where(paid, v, NAN) for name, v in yearly.items()},
    }
