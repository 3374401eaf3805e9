"""Facts that follow from the kind of right and from what its own row says."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from riskengine.gates.secured import Column, Secured
from riskengine.rights import RIGHTS
from riskengine.rules.facts import declared_facts

Derived = Callable[[Secured], Column]
"""A fact of every pledge: numbers, flags as 1 and 0, words as positions; NaN where not known."""


def truth(marks: NDArray[np.bool_], known: Column | None = None) -> Column:
    """Flags as numbers, unknown where what they rest on is not known."""
    flags = np.where(marks, 1.0, 0.0)
    return flags if known is None else np.where(np.isnan(known), np.nan, flags)


def words(fact: str, of: Secured, named: Mapping[str, str], column: str = "") -> Column:
    """Words of a fact from the cases of rights, or from a code column of theirs."""
    listed = tuple(declared_facts()[fact].words or ())
    sources = RIGHTS[of.table].by_name[column].codes if column else of.cases
    lookup = [float(listed.index(named[name])) if name in named else np.nan for name in sources]
    index = of.rights.columns[column] if column else of.case
    found: Column = np.array([*lookup, np.nan])[index]
    return found


CROPS = {
    "paddy": "grain", "irrigated": "grain", "dry": "grain", "vegetable": "vegetable",
    "orchard": "fruit", "pond": "pond",
}  # fmt: skip
"""What land of each use is taken to grow where nothing is stated."""
FOREST_CROPS = dict.fromkeys(("timber", "economic", "bamboo", "woodland", "welfare"), "forest")
FOREST_TYPES = {"timber": "timber", "economic": "economic", "bamboo": "timber"}
"""Forest types on the certificate by kind; bamboo stands as timber (Forest Law, art. 83)."""
AGES = {
    "forest_timber_young": "young", "forest_timber_middle": "middle",
    "forest_timber_near_mature": "near_mature", "forest_timber_mature": "mature",
    "forest_timber_over_mature": "over_mature", "forest_bamboo_new": "young",
    "forest_bamboo": "mature",
}  # fmt: skip
BEARINGS = {
    "forest_economic_pre_bearing": "pre_bearing", "forest_economic_early": "early",
    "forest_economic_full": "full",
}  # fmt: skip
STANDS = {
    "forest_timber_young": "young_timber", "forest_timber_middle": "middle_aged_timber",
    "forest_timber_near_mature": "older_timber", "forest_timber_mature": "older_timber",
    "forest_timber_over_mature": "older_timber", "forest_bamboo_new": "moso_bamboo",
    "forest_bamboo": "moso_bamboo", "forest_economic_pre_bearing": "other_economic",
    "forest_economic_early": "other_economic", "forest_economic_full": "other_economic",
    "forest_woodland": "none", "forest_welfare": "none",
}  # fmt: skip


def stand_class(of: Secured) -> Column:
    """Class of the stand; fruit trees by their species."""
    found = words("stand_class", of, STANDS)
    listed = tuple(declared_facts()["stand_class"].words or ())
    fruit = RIGHTS["forest"].by_name["species"].codes.index("fruit")
    trees = of.rights.columns["species"] == fruit
    economic = found == listed.index("other_economic")
    stand: Column = np.where(trees & economic, float(listed.index("fruit_trees")), found)
    return stand


PROTECTED_TYPES = ("protection", "special_use")
"""Forest types on the certificate that make a forest one for public welfare."""


def public_welfare(of: Secured) -> Column:
    """True for public-welfare forest, by kind or by the type on the certificate."""
    kinds = RIGHTS["forest"].by_name["kind"].codes
    welfare = of.rights.columns["kind"] == kinds.index("welfare")
    listed = tuple(declared_facts()["forest_type"].words or ())
    stated = of.pledges.columns.get("forest_type")
    for name in PROTECTED_TYPES if stated is not None else ():
        welfare = welfare | (stated == listed.index(name))
    return np.where(welfare, 1.0, np.nan)


def crop_priority(of: Secured) -> Column:
    """What is grown, as stated, or as the use of the land tells."""
    told = words("crop_priority", of, CROPS, "land_use")
    stated = of.pledges.columns.get("crop")
    if stated is None:
        return told
    crops = tuple(declared_facts()["crop"].words or ())
    listed = tuple(declared_facts()["crop_priority"].words or ())
    lookup = [float(listed.index(crop)) if crop in listed else np.nan for crop in crops]
    named: Column = np.array([*lookup, np.nan])[stated]
    return np.where(np.isnan(named), told, named)


def programme(of: Secured) -> Column:
    """No programme of carbon units stands behind an income or an account."""
    kinds = RIGHTS["ecology"].by_name["kind"].codes
    other = RIGHTS["ecology"].by_name["programme"].codes.index("other")
    outside = [kinds.index(name) for name in ("compensation", "value_account")]
    return np.where(np.isin(of.rights.columns["kind"], outside), float(other), np.nan)


def dividend_history_years(of: Secured) -> Column:
    """Years in which a dividend was paid, listed or behind the mean; 0 where none is known."""
    listed = np.stack([of.right(f"dividend_{k}_yuan_per_share_year") for k in range(1, 6)])
    years = (listed > 0.0).sum(axis=0).astype(np.float64)
    behind = np.where(
        of.right("dividend_mean_yuan_per_share_year") > 0.0, of.right("dividend_mean_years"), 0.0
    )
    longest: Column = np.fmax(years, np.where(np.isnan(behind), 0.0, behind))
    return longest


def units_issued(of: Secured) -> Column:
    """Units issued; none of those still to come."""
    issued = RIGHTS["ecology"].by_name["kind"].codes.index("carbon_issued")
    return np.where(of.rights.columns["kind"] == issued, of.right("quantity_t"), 0.0)


def yield_t_per_mu_year(of: Secured) -> Column:
    """Tonnes a year over the area, where the yield itself is not stated."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return of.right("expected_t_per_year") / of.right("area_mu")


def house_age_years(of: Secured) -> Column:
    """Age of the house, or its effective age where that is stated."""
    stated = of.right("effective_age_years")
    return np.where(np.isnan(stated), -of.years_to("right.built_on"), stated)


def simple_structure(of: Secured) -> Column:
    """Whether the house is a simple structure."""
    codes = of.rights.columns["structure"]
    simple = RIGHTS["homestead"].by_name["structure"].codes.index("simple")
    return np.where(codes < 0, np.nan, np.where(codes == simple, 1.0, 0.0))


def with_greenhouse(of: Secured) -> Column:
    """Whether facilities stand on land for vegetables."""
    shed = RIGHTS["land"].by_name["land_use"].codes.index("vegetable")
    cost = of.right("facilities_cost_yuan")
    return truth((of.rights.columns["land_use"] == shed) & (cost > 0.0))


def buyer_is_member(of: Secured) -> Column:
    """Whether shares may pass to members alone."""
    named = {"inside_collective": 1.0, "county_market": 0.0}
    codes = RIGHTS["equity"].by_name["transfer_restriction"].codes
    lookup = np.array([named.get(code, np.nan) for code in codes] + [np.nan])
    found: Column = lookup[of.rights.columns["transfer_restriction"]]
    return found


def member_share_of_all(of: Secured) -> Column:
    """Shares held over all shares."""
    return of.right("shares") / of.right("total_shares")


def buyer_pool(of: Secured) -> Column:
    """Who may buy a house: the village, where nothing is stated."""
    codes = of.rights.columns["buyer_pool"]
    village = RIGHTS["homestead"].by_name["buyer_pool"].codes.index("village")
    return np.where(codes < 0, float(village), codes.astype(np.float64))
