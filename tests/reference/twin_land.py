"""Land management rights in vectorised NumPy and pandas."""

import numpy as np

from tests.reference.twin_common import annuity, combine, quotes, years_from

NAN = np.nan
KINDS = ("household", "lease_yearly", "lease_prepaid", "lease_mixed", "wasteland")
USES = ("paddy", "irrigated", "dry", "vegetable", "orchard", "pond", "grassland", "wasteland")


def term(batch, day):
    """Remaining years: lease and contract, whichever ends first."""
    lease, contract = (
        years_from(day, batch.columns[name]) for name in ("lease_end", "contract_end")
    )
    return np.maximum(np.fmin(lease, contract), 0.0)


def stepped(rent, share, amount, every, elapsed, rate, hazard, start, end):
    """Value of a stepped rent payable between two times, review by review."""
    risky = np.expm1(np.log1p(rate) + hazard)
    total = np.zeros_like(end)
    level = np.isnan(every)
    total = np.where(level, rent * (annuity(risky, end) - annuity(risky, start)), total)
    every = np.where(level, 1e9, every)
    reviews = np.where(level | np.isnan(end), 0, np.ceil((end + elapsed) / every))
    for step in range(int(np.nanmax(reviews, initial=0))):
        begin = np.maximum(np.where(step == 0, 0.0, step * every - elapsed), start)
        finish = np.minimum((step + 1) * every - elapsed, end)
        with np.errstate(all="ignore"):
            power = (1 + share) ** step
            money = np.where(
                share == 0, rent + amount * step, rent * power + amount * (power - 1) / share
            )
        part = money * (annuity(risky, finish) - annuity(risky, begin))
        total = total + np.where(~level & (finish > begin), part, 0.0)
    return total * np.exp(hazard * start)


def lease(rent, contract, x, years, rate):
    """Value of market rent and of rent payable."""
    paid = np.minimum(x["paid"], years)
    sure = np.where(x["share"] > 0, paid, 0.0)
    risky = np.expm1(np.log1p(rate) + x["hazard"])
    market = annuity(rate, sure) + np.exp(x["hazard"] * sure) * (
        annuity(risky, years) - annuity(risky, sure)
    )
    steps = (x["step_share"], x["step_yuan"], x["every"], x["elapsed"], rate)
    payable = stepped(contract, *steps, x["hazard"], sure, years)
    none = np.zeros_like(years)
    early = (1 - x["share"]) * stepped(contract, *steps, none, none, sure)
    payable = payable + np.where((x["share"] < 1) & (sure > 0), early, 0.0)
    return rent * market, np.where(contract == 0.0, 0.0, payable)


def twin_land(batch, market, rules):
    """Every method of the land table: value, log error and prudent value."""
    c, day = batch.columns, market.day
    kind = c["kind"]
    household, prepaid, mixed = (
        kind == KINDS.index(k) for k in ("household", "lease_prepaid", "lease_mixed")
    )
    wasteland = kind == KINDS.index("wasteland")
    grain = np.isin(c["land_use"], [0, 1, 2])
    use = np.where(
        (np.nan_to_num(c["permanent_basic_farmland"]) == 1) & ~grain, len(USES), c["land_use"]
    )
    quoted = quotes(batch, market, "land_rent", [*USES, "cropland"], use)
    budget = c["gross_income_yuan_per_mu_year"] - c["operating_cost_yuan_per_mu_year"]
    rent, error = combine(
        quoted["value"].to_numpy(), quoted["log_error"].to_numpy(),
        np.where(budget > 0, budget, NAN), rules.number("land.budget_evidence_error"),
    )  # fmt: skip
    rent, error = combine(
        rent, error, c["market_rent_yuan_per_mu_year"], rules.number("land.parcel_evidence_error")
    )
    contract = c["contract_rent_yuan_per_mu_year"]
    contract = np.where(household | (wasteland & np.isnan(contract)), 0.0, contract)
    contract = np.where(np.isnan(contract), rent, contract)
    through = np.maximum(np.nan_to_num(years_from(day, c["rent_prepaid_through"])), 0.0)
    every = c["rent_step_years"]
    elapsed = np.maximum(np.nan_to_num(-years_from(day, c["rent_reviewed_on"])), 0.0)
    x = {
        "share": np.where(prepaid, 1.0, np.where(mixed, np.nan_to_num(c["rent_prepaid_share"]), 0.0)),
        "paid": np.where(prepaid | mixed, through, 0.0),
        "hazard": np.where(contract > 0, rules.number("land.lease_hazard"), 0.0),
        "step_share": np.nan_to_num(c["rent_step_share"]),
        "step_yuan": np.nan_to_num(c["rent_step_yuan_per_mu_year"]),
        "every": every, "elapsed": np.fmin(elapsed, np.nan_to_num(every)),
    }  # fmt: skip
    rate = quotes(batch, market, "land_discount_rate", KINDS, kind)["value"].to_numpy()
    years = term(batch, day)
    renews = np.nan_to_num(c["renewal_clause"]) == 1
    chance = np.where(
        household, rules.number("land.extension_chance_household"),
        np.where(renews, rules.number("land.extension_chance_renewal_clause"), 0.0),
    )  # fmt: skip
    extra = rules.number("land.extension_years")
    counted = np.where(household, rules.number("land.extension_lending_weight"), 0.0)
    due = np.where(np.nan_to_num(c["rent_in_advance"]) == 1, 1 + rate, 1.0)
    answers = []
    with np.errstate(all="ignore"):
        for r in (rate, rate + rules.number("income.rate_stress")):
            gained, owed = lease(rent, contract, x, years, r)
            later = chance * rent * (annuity(r, years + extra) - annuity(r, years))
            answers.append((gained, owed, later))
        gained, owed, later = answers[0]
        gain = np.maximum(gained - owed, 0.0) + later
        leverage = np.where(gain > 0, (gained + later) / gain, 0.0)
        spread = (error * leverage) ** 2 + rules.number("land.income_model_error") ** 2
        low = np.maximum(answers[1][0] - answers[1][1], 0.0) + answers[1][2] * counted
    scale = c["area_mu"] * due
    blank = np.full(batch.size, NAN)
    return {
        "income": {
            "value": scale * gain, "log_error": np.sqrt(np.log1p(spread)), "prudent": scale * low,
        },
        "facilities": _facilities(c, day, rules),
        "crops": _crops(c, day, rules, rate),
        "learned": {"value": blank, "log_error": blank, "prudent": blank},
    }  # fmt: skip


def _facilities(c, day, rules):
    cost = np.nan_to_num(c["facilities_cost_yuan"])
    age = -years_from(day, c["facilities_built_on"])
    share = np.where(
        np.nan_to_num(c["facilities_removable"]) == 1,
        rules.number("land.facilities_removable_share"),
        rules.number("land.facilities_with_land_share"),
    )
    with np.errstate(all="ignore"):
        left = cost * np.maximum(0.0, 1 - age / c["facilities_life_years"]) * share
    known = (cost > 0) & (age >= 0) & (c["facilities_life_years"] > 0)
    value = np.where(known, left, 0.0)
    error = np.full(value.shape, rules.number("land.facilities_error"))
    return {"value": value, "log_error": error, "prudent": value}


def _crops(c, day, rules, rate):
    cost, income = np.nan_to_num(c["crop_cost_yuan"]), np.nan_to_num(c["crop_income_yuan"])
    age = np.maximum(np.nan_to_num(-years_from(day, c["crop_cost_on"])), 0.0)
    ahead = years_from(day, c["crop_harvest_on"])
    finish = np.maximum(np.nan_to_num(c["crop_finish_cost_yuan"]), 0.0)
    with np.errstate(all="ignore"):
        sunk = np.where(cost > 0, cost * (1 + rate) ** age, 0.0)
        reap = np.where((income > 0) & (ahead >= 0), income * (1 + rate) ** -ahead - finish, 0.0)
    value = np.maximum(sunk, reap) * rules.number("land.crop_harvest_chance")
    error = np.full(value.shape, rules.number("land.crops_error"))
    return {"value": value, "log_error": error, "prudent": value}
