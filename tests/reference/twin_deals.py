"""Comparison with deals, one right after another, from plain dictionaries of cells."""

import math
from datetime import date

from tests.reference import comparison as slow
from tests.reference.discount import annuity_factor

NAN = math.nan
PLACES = (("township", 9), ("county", 6), ("province", 2))
PRICES = {
    "land": "land_rent", "homestead": "building_cost", "forest": "log_price",
    "construction": "construction_price",
}  # fmt: skip
BASES = {
    "land": ("rent_per_mu_year", "price_per_mu"), "homestead": ("price_per_m2",),
    "forest": ("price_per_mu",), "construction": ("price_per_m2",),
}  # fmt: skip
FACTORS = ("soil_grade", "irrigated_share", "slope_degrees", "plot_area_mu", "road_distance_km")
GRAIN = ("paddy", "irrigated", "dry")


def cell(row, name):
    """A cell, None where it is empty."""
    value = row.get(name)
    empty = value is None or value == "" or str(value) in ("nan", "NaT")
    return None if empty else value


def years_between(earlier, later):
    """Years by anniversaries of the later date, as the engine counts from its day."""
    whole = later.year - earlier.year
    while anniversary(later, -whole) < earlier:
        whole -= 1
    while anniversary(later, -whole - 1) >= earlier:
        whole += 1
    last, before = anniversary(later, -whole), anniversary(later, -whole - 1)
    return whole + (last - earlier).days / (last - before).days


def anniversary(day, years):
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def line(points, values, x):
    """Linear between points, level beyond them."""
    if x <= points[0]:
        return values[0]
    for (a, fa), (b, fb) in zip(
        zip(points, values, strict=True), zip(points[1:], values[1:], strict=True), strict=False
    ):
        if x <= b:
            return fa + (fb - fa) * (x - a) / (b - a)
    return values[-1]


class Twin:
    """The comparison of one table on one day."""

    def __init__(self, table, deals, market, rules):
        self.table, self.market, self.rules, self.day = table, market, rules, market.day
        number = rules.number
        self.grid = slow.Grid(
            *(number(f"comparison.{name}") for name in (
                "factor_low", "factor_high", "product_low", "product_high", "gross_floor",
                "missing_gross",
            )),
            rules.table("comparison.usual_error")[table], number("comparison.usual_count"),
            number("comparison.quantile"),
        )  # fmt: skip
        self.deals = sorted(
            (deal for deal in deals if self.counts(deal)), key=lambda d: d["deal_on"], reverse=True
        )

    def counts(self, deal):
        """Whether a deal may be compared with at all."""
        age = (self.day - deal["deal_on"]).days
        return (
            deal["table"] == self.table
            and deal["basis"] in BASES[self.table]
            and 0 <= age <= self.rules.number("comparison.oldest_years") * 365.25
            and cell(deal, "arms_length") is not False
            and cell(deal, "related_party") is not True
            and cell(deal, "distressed") is not True
            and self.price(deal) > 0.0
        )

    def key(self, row):
        """What a right and a deal must share; None where a part is missing."""
        deal = "comparable_id" in row
        if self.table == "homestead":
            return cell(row, "kind")
        if self.table == "forest":
            kind, species = cell(row, "kind"), cell(row, "category" if deal else "species")
            return (kind, species) if kind and species else None
        use = cell(row, "category" if deal else "land_use")
        kept = not deal and self.table == "land" and cell(row, "permanent_basic_farmland")
        return None if kept and use not in GRAIN else use

    def price(self, deal):
        price, term = deal["unit_price_yuan"], cell(deal, "term_years")
        if deal["basis"] == "price_per_mu" and self.table == "land":
            if term is None:
                return NAN
            rate = self.market.quote("land_discount_rate", "", "*").value
            return price / annuity_factor(rate, term)
        if self.table == "construction" and cell(deal, "land_tenure") == "state":
            return price * (1.0 - self.rules.number("construction.ownership_gap"))
        return price

    def scores(self, row):
        deal = "comparable_id" in row
        category = {"land": "land_use", "forest": "species", "construction": "land_use"}
        name = (
            None
            if self.table == "homestead"
            else (cell(row, "category" if deal else category[self.table]))
        )
        quote = self.market.quote(PRICES[self.table], row["region_code"], name or "*")
        return [quote.value, self.trait(row)]

    def trait(self, row):
        deal = "comparable_id" in row
        if self.table == "land":
            known = [(n, cell(row, n)) for n in FACTORS if cell(row, n) is not None]
            tables = {n: self.rules.table(f"land_price.correction_{n}") for n, _ in known}
            sums = [line(tables[n]["points"], tables[n]["corrections"], x) for n, x in known]
            return 1.0 + math.fsum(sums) if known else NAN
        if self.table == "forest":
            if row["kind"] != "timber":
                return 1.0
            volume = cell(row, "volume_m3_per_mu")
            share = self.rules.number("comparison.stand_share")
            return NAN if volume is None else volume**share
        if self.table == "construction":
            ratio, use = cell(row, "plot_ratio"), cell(row, "category" if deal else "land_use")
            table = self.rules.table("construction.plot_ratio_coefficient")
            if ratio is None or use not in table:
                return NAN
            inside = table["ratio"][0] <= ratio <= table["ratio"][-1]
            return line(table["ratio"], table[use], ratio) if inside else NAN
        return self.house(row, deal)

    def house(self, row, deal):
        structure, built = cell(row, "structure"), cell(row, "built_on")
        newness, table = cell(row, "inspected_newness"), self.rules.table
        if structure is None or (newness is None and built is None):
            return NAN
        if newness is None:
            age = years_between(built, self.day)
            if deal:
                age -= years_between(row["deal_on"], self.day)
            life, residual = (
                table(f"homestead.{n}")[structure] for n in ("life", "residual_share")
            )
            newness = max(1.0 - (1.0 - residual) * age / life, residual)
        share = self.rules.number("comparison.house_share")
        return 1.0 - share + share * table("homestead.structure_cost_ratio")[structure] * newness

    def term(self, row):
        deal = "comparable_id" in row
        if self.table == "land" or row.get("kind") == "timber":
            return 1.0
        if deal:
            left = cell(row, "term_years")
        else:
            end = cell(row, "term_end")
            left = None if end is None else max(-years_between(end, self.day), 0.0)
        if left is None:
            return math.inf if self.table == "homestead" and not self.lease(row) else NAN
        return left if deal else self.allowed(row, left)

    def lease(self, row):
        return "comparable_id" not in row and row["kind"] == "use_right"

    def allowed(self, row, left):
        """What the law leaves of a registered term."""
        if self.table == "construction":
            use, began = cell(row, "land_use"), cell(row, "granted_on")
            if use is None:
                return NAN
            longest = self.rules.table("construction.statutory_term")[use]
            return max(min(left, longest - (years_between(began, self.day) if began else 0.0)), 0.0)
        if self.lease(row):
            began = cell(row, "term_start")
            elapsed = max(years_between(began, self.day), 0.0) if began else 0.0
            return max(min(left, self.rules.number("homestead.lease_ceiling") - elapsed), 0.0)
        return left

    def rate(self, row):
        if self.table == "land":
            return 1.0
        name, category = {
            "homestead": ("homestead_yield", "*"), "forest": ("forest_rate", row.get("kind")),
            "construction": ("construction_yield", cell(row, "land_use")),
        }[self.table]  # fmt: skip
        return self.market.quote(name, row["region_code"], category).value if category else NAN

    def find(self, row):
        """Price, error, deals used and level of one right; None where nothing is near enough."""
        key, fewest = self.key(row), self.rules.number("comparison.minimum_cases")
        if key is None:
            return None
        subject = (1.0, self.term(row), self.rate(row), *self.scores(row))
        drift = self.rules.table("comparison.drift")[self.table]
        for level, (place, digits) in enumerate(PLACES):
            near = [
                deal for deal in self.deals
                if self.key(deal) == key
                and deal["region_code"][:digits] == row["region_code"][:digits]
            ][: int(self.rules.number("comparison.largest_cases"))]  # fmt: skip
            listed = [
                (self.price(d), 1.0, 1.0, self.term(d), years_between(d["deal_on"], self.day),
                 *self.scores(d))
                for d in near
            ]  # fmt: skip
            price, error, used, age, _ = slow.compare(subject, listed, self.grid)
            if used >= fewest:
                added = self.rules.table("comparison.level_error")[place]
                return price, math.sqrt(error**2 + added**2 + drift**2 * age), used, level + 1
        return None
