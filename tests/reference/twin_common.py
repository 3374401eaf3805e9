"""What every vectorised twin needs: market merged by pandas, dates, reconciliation, lending.

Independent of the engine's kernels: NumPy and pandas as a good analyst writes them.
It is the correctness twin of the compiled path and its opponent in the benchmarks.
"""

import numpy as np
import pandas as pd

NAN = np.nan


def years_from(day, days):
    """Years by anniversaries from one date to day numbers."""
    years = np.arange(day.year - 350, day.year + 351)
    months = (years - 1970) * 12 + day.month - 1
    anniversaries = months.astype("datetime64[M]").astype("datetime64[D]").astype(float)
    anniversaries += day.day - 1
    place = np.clip(np.searchsorted(anniversaries, days, side="right") - 1, 0, 699)
    since, until = anniversaries[place], anniversaries[place + 1]
    return np.where(np.isnan(days), NAN, place - 350 + (days - since) / (until - since))


def quotes(batch, market, quantity, categories, codes):
    """Market quotes by a merge on place and category."""
    frame = pd.DataFrame({
        "region": pd.Categorical.from_codes(batch.region_index, list(batch.regions)),
        "category": pd.Categorical.from_codes(codes, list(categories)),
    })  # fmt: skip
    pairs = frame.drop_duplicates().dropna()
    found = [
        market.quote(quantity, str(row.region), str(row.category)) for row in pairs.itertuples()
    ]
    pairs = pairs.assign(
        value=[quote.value for quote in found], log_error=[quote.log_error for quote in found]
    )
    return frame.merge(pairs, how="left", on=["region", "category"])[["value", "log_error"]]


def combine(market, market_error, own, own_error):
    """Precision-weighted mean of two logarithms, either of which may be missing."""
    with np.errstate(all="ignore"):
        weight = market_error**2 / (market_error**2 + own_error**2)
        both = np.exp((1 - weight) * np.log(market) + weight * np.log(own))
        error = np.sqrt(weight) * own_error
    value = np.where(np.isnan(own), market, np.where(np.isnan(market), own, both))
    spread = np.where(np.isnan(own), market_error, np.where(np.isnan(market), own_error, error))
    return value, spread


def annuity(rate, years):
    """(1 - (1 + r)^-n) / r, and n at r = 0."""
    with np.errstate(all="ignore"):
        return np.where(rate == 0.0, years, -np.expm1(-years * np.log1p(rate)) / rate)


def reconcile(methods, roles, case, policy):
    """Reconciled figures of many rights, (10, n), and weights (m, n)."""
    correlation, _, z95, z75 = policy
    values = np.stack([m["value"] for m in methods], axis=1)
    errors = np.stack([m["log_error"] for m in methods], axis=1)
    prudents = np.stack([m["prudent"] for m in methods], axis=1)
    role = roles[case]
    counted = (role == 1) | (role == 2)
    with np.errstate(all="ignore"):
        usable = counted & (values > 0)
        worthless = ((role == 1) & (values == 0)).any(axis=1)
        known = usable.any(axis=1)
        kept = usable.copy()
        while True:
            inverse = np.where(kept, 1 / errors, 0.0)
            count = kept.sum(axis=1, keepdims=True)
            total = inverse.sum(axis=1, keepdims=True)
            raw = (inverse - correlation * total / (1 + (count - 1) * correlation)) * inverse
            raw = np.where(kept, raw, 0.0)
            negative = raw.min(axis=1) < 0
            if not negative.any():
                break
            rows = np.flatnonzero(negative)
            kept[rows, raw[rows].argmin(axis=1)] = False
        mass = raw.sum(axis=1)
        weights = np.where(known[:, None], raw / mass[:, None], 0.0)
        error = np.sqrt((1 - correlation) / mass)
        logs = np.where(weights > 0, np.log(values), 0.0)
        centre = (weights * logs).sum(axis=1)
        chi = np.where(weights > 0, ((logs - centre[:, None]) / errors) ** 2, 0.0).sum(axis=1)
        free = (weights > 0).sum(axis=1) - 1
        birge = np.where(free > 0, np.sqrt(np.maximum(1.0, chi / np.maximum(free, 1))), 1.0)
        alive = known & ~worthless
        base = np.where(alive, np.exp(centre), 0.0)
        error = np.where(alive, error * birge, 0.0)
        added_each = np.where((role == 4) & (values > 0), values, 0.0)
        added = added_each.sum(axis=1)
        variance = (base * error) ** 2
        variance += (np.where(added_each > 0, added_each * errors, 0.0) ** 2).sum(axis=1)
        value = np.where(known | worthless, base + added, NAN)
        spread = np.where(value > 0, np.sqrt(variance) / value, 0.0 * value)
        largest = np.where(usable, values, -np.inf).max(axis=1)
        smallest = np.where(usable, values, np.inf).min(axis=1)
        order = np.argsort(-np.where(weights > 0, weights, -1), axis=1, kind="stable")
        rows = np.arange(len(value))
        first = values[rows, order[:, 0]]
        second_at = order[:, min(1, values.shape[1] - 1)]
        second = np.where(weights[rows, second_at] > 0, values[rows, second_at], first)
        lower = np.where(alive, np.minimum(first, second), np.where(worthless, 0.0, NAN))
        low = np.where(counted & ~np.isnan(prudents), prudents, np.inf).min(axis=1)
        figures = np.stack([
            value, spread, value * np.exp(-z95 * spread), value * np.exp(-z75 * spread),
            value * np.exp(z95 * spread), added, np.where(known, largest / smallest, NAN),
            lower + added, low + added, ((role == 1) & np.isnan(values)).sum(axis=1),
        ])  # fmt: skip
    return figures, weights.T


def marks(figures, term, stated, contradicted, level, age, policy):
    """Bit sets of what the reader must know."""
    value, error, ratio = figures[0], figures[1], figures[6]
    divergence, wide, excess, old = policy
    with np.errstate(all="ignore"):
        told = [
            np.isnan(value), figures[9] > 0, ratio > divergence, error > wide, term <= 0,
            (value == 0) & (term > 0), stated > value * (1 + excess), age > old, level == 0,
            np.isnan(term), contradicted,
        ]  # fmt: skip
    return sum(mark.astype(np.int64) << bit for bit, mark in enumerate(told))


def lend(figures, facts, policy):
    """Lending figures of many rights, (6, n)."""
    (divergence, oldest, z, drift, model, buffer, free_rate, typical, first_reserve,
     second_reserve, first_chance, later_chance) = policy  # fmt: skip
    value, error, _, p25, _, _, ratio, lower, prudent = figures[:9]
    years = facts["years_to_sell"]
    with np.errstate(all="ignore"):
        basis = np.minimum(np.minimum(p25, prudent), value)
        basis = np.where(ratio > divergence, np.minimum(basis, lower), basis)
        recent = (facts["price_age"] >= 0) & (facts["price_age"] <= oldest)
        basis = np.where(recent, np.minimum(basis, facts["last_price"]), basis)
        kept = (1 - facts["liquidity"]) * (1 - facts["sale_cost"]) * (1 - model)
        kept = kept * (1 + free_rate) ** -years
        swing = facts["volatility"] * np.sqrt(years)
        market_fall = np.exp(drift * years - z * swing)
        whole_fall = np.exp(drift * years - z * np.hypot(swing, error))
        claims = np.maximum(facts["prior"], 0) / typical + np.maximum(facts["arrears"], 0)
        lent = np.minimum(
            np.maximum(basis - claims, 0) * market_fall, np.maximum(value - claims, 0) * whole_fall
        )
        lent = np.minimum(lent * kept * (1 - buffer), facts["cap"] * value)
        step = (1 + free_rate) ** (-0.25 * years)
        sold = (
            first_chance * first_reserve + (1 - first_chance) * later_chance * second_reserve * step
        )
        sold += (1 - first_chance) * (1 - later_chance) * later_chance * second_reserve * step**2
        forced = value * sold * (1 + free_rate) ** -years * (1 - facts["sale_cost"])
    return np.stack([basis, 1 - whole_fall, 1 - whole_fall * kept, forced, 12 * years, lent])


def whole(batch, market, rules, approach, methods, case):
    """Reconciled and lending figures from the methods of a table, as the engine's order."""
    names = {"none": 0, "mandatory": 1, "cross": 2, "check": 3, "addition": 4}
    roles = np.array([
        [names[rules.table(f"methods.{c}").get(m.name, "none")] for m in approach.methods]
        for c in approach.cases
    ])  # fmt: skip
    blank = np.full(batch.size, NAN)
    empty = {"value": blank, "log_error": blank, "prudent": blank}
    listed = [methods.get(m.name, empty) for m in approach.methods]
    policy = (
        rules.number("reconcile.correlation"), rules.number("reconcile.divergence_ratio"),
        1.6448536269514722, 0.6744897501960817,
    )  # fmt: skip
    figures, weights = reconcile(listed, roles, case, policy)
    table = approach.contract.table
    one = np.zeros(batch.size, dtype=np.int64)
    quoted = {
        name: quotes(batch, market, quantity, [table], one)["value"].to_numpy()
        for name, quantity in (
            ("volatility", "volatility"), ("years_to_sell", "years_to_sell"),
            ("liquidity", "liquidity_haircut"), ("sale_cost", "sale_cost"),
        )
    }  # fmt: skip
    caps = rules.table("lending.loan_to_value_cap")
    facts = {
        **quoted,
        "last_price": batch.columns["last_price_yuan"],
        "price_age": -years_from(market.day, batch.columns["last_price_on"]),
        "prior": np.nan_to_num(batch.columns["prior_claims_yuan"]),
        "arrears": np.nan_to_num(batch.columns.get("rent_arrears_yuan", np.zeros(batch.size))),
        "cap": np.array([caps[c] for c in approach.cases])[case],
    }
    law = "law_enforcement" if market.day.year >= 2017 else "lending"
    names = (
        "reconcile.divergence_ratio", "lending.last_price_age", "lending.normal_quantile",
        "lending.drift", "lending.model_haircut", "lending.buffer", None,
        "lending.prior_claim_ratio", f"{law}.first_reserve", f"{law}.second_reserve",
        "lending.first_round_chance", "lending.later_round_chance",
    )  # fmt: skip
    risk_free = market.quote("risk_free_rate", "", "*").value
    policy = tuple(rules.number(name) if name else risk_free for name in names)
    return figures, weights, lend(figures, facts, policy)
