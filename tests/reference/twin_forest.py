"""Forest rights in vectorised NumPy and pandas."""

import numpy as np

from tests.reference.twin_common import annuity, combine, quotes, years_from

NAN = np.nan


def twin_forest(batch, market, rules):
    """Every method of the forest table: value, log error and prudent value."""
    with np.errstate(all="ignore"):
        return _twin(batch, market, rules)


def _by_species(batch, rules, rule, column):
    codes = batch.contract.by_name["species"].codes
    table = rules.table(f"forest.{rule}")
    listed = np.array([float(table.get(code, "nan")) for code in codes] + [NAN])
    given = batch.columns[column] if column else np.full(batch.size, NAN)
    return np.where(np.isnan(given), listed[batch.columns["species"]], given)


def _price(batch, market, rules, quantity, column, error):
    codes = batch.contract.by_name["species"].codes
    quoted = quotes(batch, market, quantity, codes, batch.columns["species"])
    return combine(
        quoted["value"].to_numpy(), quoted["log_error"].to_numpy(), batch.columns[column],
        rules.number(f"forest.{error}"),
    )  # fmt: skip


def _volume(age, growth):
    ceiling, speed, shape = growth
    return ceiling * (-np.expm1(-speed * age)) ** shape


def _twin(batch, market, rules):
    c, day = batch.columns, market.day
    kinds = batch.contract.by_name["kind"].codes
    number = rules.number
    area, age = c["area_mu"], c["stand_age_years"]
    term = np.maximum(years_from(day, c["term_end"]), 0.0)
    rate = quotes(batch, market, "forest_rate", kinds, c["kind"])["value"].to_numpy()
    price, price_error = _price(
        batch, market, rules, "log_price", "log_price_yuan_per_m3", "log_price_evidence_error"
    )
    cost, _ = _price(
        batch, market, rules, "felling_cost", "felling_cost_yuan_per_m3", "cost_evidence_error"
    )
    outturn = _by_species(batch, rules, "outturn", "outturn_share")
    felling = _by_species(batch, rules, "felling_age", "rotation_age_years")
    growth = [_by_species(batch, rules, f"growth_{n}", "") for n in ("ceiling", "speed", "shape")]
    sales = price * outturn
    taxed = cost * outturn + number("forest.sales_tax_share") * sales
    stumpage = sales - taxed - number("forest.profit_share") * taxed
    stress = number("income.rate_stress")
    limit = np.where(
        np.nan_to_num(c["survey_attached"]) == 1,
        number("forest.quality_limit_surveyed"), number("forest.quality_limit"),
    )  # fmt: skip

    def timber(later):
        curve = _volume(age, growth)
        volume = np.where(np.isnan(c["volume_m3_per_mu"]), curve, c["volume_m3_per_mu"])
        quality = np.where(curve > 0, np.clip(volume / curve, 1 / limit, limit), 1.0)
        delay = np.nan_to_num(c["permit_delay_years"])
        whole = np.maximum(felling - age, 0.0) if later else np.zeros_like(term)
        chance = np.where(np.isnan(c["permit_chance"]), 1.0, c["permit_chance"])
        answers = []
        for base in (rate, rate + stress):
            r = base + number("forest.loss_hazard")
            ways = []
            for ahead in (whole, np.minimum(whole, term)):
                felled = quality * _volume(age + ahead, growth) if later else volume
                felled = np.where(delay > term, 0.0, felled)
                wait = delay + ahead
                value = felled * stumpage * chance * (1 + r) ** -wait
                ways.append(value - number("forest.overhead") * annuity(r, wait))
            answers.append(np.minimum(*ways))
        leverage = np.where(stumpage > 0, sales / stumpage, 0.0)
        spread = (price_error * leverage) ** 2 + number("forest.volume_error") ** 2
        spread = spread + number("forest.timber_model_error") ** 2
        return {
            "value": np.maximum(answers[0], 0) * area, "log_error": np.sqrt(np.log1p(spread)),
            "prudent": np.maximum(answers[1], 0) * area,
        }  # fmt: skip

    def grown(value, prudent, error):
        total = np.hypot(error, number("forest.growing_model_error"))
        return {
            "value": np.maximum(value, 0) * area, "log_error": total,
            "prudent": np.maximum(prudent, 0) * area,
        }  # fmt: skip

    planting, _ = _price(
        batch,
        market,
        rules,
        "planting_cost",
        "establishment_cost_yuan_per_mu",
        "cost_evidence_error",
    )
    tending, _ = _price(
        batch, market, rules, "tending_cost", "tending_cost_yuan_per_mu_year", "cost_evidence_error"
    )
    rent, rent_error = _price(
        batch,
        market,
        rules,
        "woodland_rent",
        "woodland_rent_yuan_per_mu_year",
        "cost_evidence_error",
    )
    tended_years = _by_species(batch, rules, "tending_years", "tending_years")

    survival = c["survival_share"]
    first = np.where(
        np.isnan(survival) | (survival >= number("forest.required_survival")), 1.0,
        np.where(survival >= number("forest.failing_survival"), survival, 0.0),
    )  # fmt: skip
    height = c["height_m"] / c["reference_height_m"]
    quality = np.where(np.isnan(height), 1.0, np.minimum(height, limit)) * first
    tended = np.minimum(np.maximum(age - 1, 0), tended_years)
    spent = planting + tending * annuity(rate, tended) + rent * annuity(rate, age) * (1 + rate)
    replaced = quality * spent * (1 + rate) ** age
    quoted = quotes(
        batch, market, "planting_cost", batch.contract.by_name["species"].codes, c["species"]
    )
    known = ~np.isnan(c["establishment_cost_yuan_per_mu"])
    error = np.where(known, number("forest.cost_evidence_error"), quoted["log_error"].to_numpy())
    replacement = grown(replaced, replaced, error)

    income = _income(batch, market, rules, age, term, rate, stress, grown)
    plan = (
        planting,
        tending,
        tended_years,
        number("forest.shortest_rotation_share") * felling,
        growth,
        stumpage,
    )
    rows = np.flatnonzero(c["kind"] == kinds.index("woodland"))
    few = [[part[rows] for part in p] if isinstance(p, list) else p[rows] for p in plan]
    bare = [np.full(batch.size, NAN), np.full(batch.size, NAN)]
    for answer, r in zip(bare, (rate, rate + stress), strict=True):
        answer[rows] = _woodland(*few, r[rows], term[rows])
    leverage = number("forest.expectation_leverage")
    rents = [rent * annuity(r, term) for r in (rate, rate + stress)]
    return {
        "stumpage": timber(False), "harvest": timber(True), "replacement": replacement,
        "income": income, "expectation": grown(bare[0], bare[1], price_error * leverage),
        "rent": grown(rents[0], rents[1], rent_error),
    }  # fmt: skip


def _income(batch, market, rules, age, term, rate, stress, grown):
    """Bearing orchards, bamboo and public-welfare forest."""
    c, number = batch.columns, rules.number
    kinds = batch.contract.by_name["kind"].codes
    species = batch.contract.by_name["species"].codes
    zero = np.zeros(batch.size, dtype=np.int64)
    given = c["income_yuan_per_mu_year"] - c["cost_yuan_per_mu_year"]
    quoted = quotes(batch, market, "orchard_income", species, c["species"])
    orchard, orchard_error = combine(
        quoted["value"].to_numpy(), quoted["log_error"].to_numpy(),
        np.where(given > 0, given, NAN), number("forest.income_evidence_error"),
    )  # fmt: skip
    ages = [
        _by_species(batch, rules, name, f"{name}_years")
        for name in ("first_bearing_age", "full_bearing_age", "life_end_age")
    ]
    bearing = [_bearing(orchard, age, *ages, r, term) for r in (rate, rate + stress)]
    market_bamboo = quotes(batch, market, "bamboo_income", ["*"], zero)
    on_year, off_year = c["on_year_income_yuan_per_mu"], c["off_year_income_yuan_per_mu"]
    both = ~np.isnan(on_year) & ~np.isnan(off_year)
    yearly = np.where(both, 0.5 * (on_year + off_year), market_bamboo["value"].to_numpy())
    bamboo = [yearly * annuity(r, term) for r in (rate, rate + stress)]
    bamboo_error = np.where(
        np.isnan(on_year),
        market_bamboo["log_error"].to_numpy(),
        number("forest.income_evidence_error"),
    )
    paid_quote = quotes(batch, market, "welfare_payment", ["*"], zero)
    payment, payment_error = combine(
        paid_quote["value"].to_numpy(), paid_quote["log_error"].to_numpy(),
        c["compensation_yuan_per_mu_year"], number("forest.payment_evidence_error"),
    )  # fmt: skip
    welfare = [payment * annuity(r, term) for r in (rate, rate + stress)]
    welfare[1] = np.minimum(welfare[1], payment * number("forest.compensation_years"))
    kind = [c["kind"] == kinds.index(name) for name in ("economic", "bamboo", "welfare")]
    pick = [np.select(kind, [bearing[k], bamboo[k], welfare[k]], NAN) for k in (0, 1)]
    return grown(
        pick[0], pick[1], np.select(kind, [orchard_error, bamboo_error, payment_error], NAN)
    )


def _bearing(income, age, first, full, last, rate, term):
    """Year by year over all rows at once."""
    horizon = np.minimum(term, last - age)
    value = np.zeros_like(horizon)
    for year in range(int(np.nanmax(np.ceil(np.maximum(horizon, 0)), initial=0))):
        part = np.clip(horizon - year, 0.0, 1.0)
        at = age + year + 1
        share = np.where(
            at < first, 0.0, np.where(at < full, (at - first + 1) / (full - first + 1), 1.0)
        )
        value = value + income * share * part * (1 + rate) ** -(year + 1)
    level = income * annuity(rate, np.maximum(horizon, 0.0))
    missing = np.isnan(horizon) | (np.isnan(income) & (horizon > 0))
    earned = np.where((age >= full) & (horizon > 0), level, value)
    return np.where(missing, NAN, np.where(horizon > 0, earned, 0.0))


def _woodland(planting, tending, tended_years, felling, growth, stumpage, rate, term):
    """Best sequences of rotations, one year of horizon after another, all rows at once."""
    size, years = term.size, 101
    missing = np.isnan(term + stumpage + felling + planting)
    first = np.where(missing, years, np.ceil(felling))
    single = np.full((years, size), -np.inf)
    for age in range(1, years):
        tended = np.minimum(max(age - 1, 0), tended_years)
        costs = planting + tending * annuity(rate, tended)
        value = stumpage * _volume(age, growth) * (1 + rate) ** -age - costs
        single[age] = np.where(age >= first, value, -np.inf)
    best = np.zeros((years, size))
    for horizon in range(1, years):
        best[horizon] = best[horizon - 1]
        for age in range(1, horizon + 1):
            best[horizon] = np.fmax(
                best[horizon], single[age] + (1 + rate) ** -age * best[horizon - age]
            )
    last = np.minimum(np.nan_to_num(term), years - 1).astype(int)
    return np.where(missing, NAN, best[last, np.arange(size)])
