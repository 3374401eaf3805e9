"""Facts that follow from the right, the pledge, the loan, the policies and the value."""

from collections.abc import Mapping
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from riskengine.gates import derive_rights as kinds
from riskengine.gates.derive_rights import Derived, truth, words
from riskengine.gates.secured import Column, Secured
from riskengine.rights import RIGHTS
from riskengine.rules import RuleBook, statute_of
from riskengine.rules.facts import declared_facts

EXTENDED = 0
"""Position of a signed contract among the states of the second-round extension."""
FAR = 20.0
"""Years from which a term that has begun is surely longer than any that law asks about."""


# The loan.


def secured_party(of: Secured) -> Column:
    """Who is secured, by the kind of lender."""
    listed = tuple(declared_facts()["secured_party"].words or ())
    party = {
        "guarantee_company": "guarantee_company", "small_loan_company": "other", "other": "other",
    }  # fmt: skip
    lookup = [float(listed.index(party.get(kind, "financial_institution"))) for kind in LENDERS]
    found: Column = np.array([*lookup, np.nan])[_lender(of)]
    return found


LENDERS = (
    "bank", "rural_bank", "policy_bank", "guarantee_company", "small_loan_company", "other",
)  # fmt: skip
"""Kinds of lender in the order of the loans' column."""


def _lender(of: Secured) -> NDArray[np.int64]:
    """Kind of lender of every pledge, -1 where not known."""
    missing = np.full(of.size, -1, dtype=np.int64)
    codes: NDArray[np.int64] = of.loans.get("lender_type", missing)
    return codes


def lender_is_financial_institution(of: Secured) -> Column:
    """Banks are; a guarantee company is argued (LMR-WHO-03), a small-loan company is not."""
    found: Column = np.array([1.0, 1.0, 1.0, np.nan, 0.0, 0.0, np.nan])[_lender(of)]
    return found


def loan_amount_yuan(of: Secured) -> Column:
    """Balance of the loan, or the sum asked for."""
    return of.loan("balance_yuan")


def loan_term_years(of: Secured) -> Column:
    """From payout, or from the day of valuation where that is not known, to maturity."""
    start = of.years_to("loan.starts_on")
    return of.years_to("loan.matures_on") - np.where(np.isnan(start), 0.0, start)


def years_since_due(of: Secured) -> Column:
    """Years since the loan fell due; negative before."""
    return -of.years_to("loan.matures_on")


def limitation_expired(of: Secured) -> Column:
    """Whether the general limitation period has run since the loan fell due."""
    period = of.rules.held("law_security.limitation_years")
    if period is None:
        return np.full(of.size, np.nan)
    since = years_since_due(of)
    return truth(since > period, since)


def _over(of: Secured, whole: Column) -> Column:
    """Debt secured over a sum; any debt is too much for a sum of nothing."""
    nothing = np.where(np.isnan(of.secured_yuan), np.nan, np.inf)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return np.where(
            whole > 0.0, of.secured_yuan / whole, np.where(whole == 0.0, nothing, np.nan)
        )


def loan_to_value(of: Secured) -> Column:
    """Debt secured, with that of earlier ranks, over the pledge's share of the market value."""
    left = np.where(of.own_share > 0.0, of.value_yuan * of.own_share, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        earlier = np.where(left > 0.0, of.senior_yuan / left, 0.0)
    return _over(of, left) + earlier


def depreciated_cost(of: Secured) -> Column:
    """Cost of the facilities less straight-line depreciation [yuan]."""
    age, life = -of.years_to("right.facilities_built_on"), of.right("facilities_life_years")
    left = np.clip(1.0 - age / life, 0.0, 1.0)
    return of.right("facilities_cost_yuan") * left


def loan_to_depreciated_cost(of: Secured) -> Column:
    """Debt over the facilities' cost less straight-line depreciation."""
    return _over(of, depreciated_cost(of))


def loan_to_dividend_multiple(of: Secured) -> Column:
    """Debt over the mean yearly dividend received."""
    return _over(of, mean_dividend(of))


def mean_dividend(of: Secured) -> Column:
    """Mean dividend of the years listed, or the mean stated, on all shares [yuan/year]."""
    years = [of.right(f"dividend_{k}_yuan_per_share_year") for k in range(1, 6)]
    listed = np.stack(years)
    known = (~np.isnan(listed)).sum(axis=0)
    mean = np.where(known > 0, np.nansum(listed, axis=0) / np.maximum(known, 1), np.nan)
    stated = of.right("dividend_mean_yuan_per_share_year")
    fixed = of.right("fixed_dividend_yuan_per_share_year")
    share = np.where(np.isnan(mean), np.where(np.isnan(stated), fixed, stated), mean)
    return share * of.right("shares")


def compensation_multiple(of: Secured) -> Column:
    """Debt over last year's compensation."""
    if of.table == "ecology":
        return _over(of, of.right("income_yuan_per_year"))
    return _over(of, of.right("compensation_yuan_per_mu_year") * of.right("area_mu"))


# Terms.


def tail_years(of: Secured) -> Column:
    """Years that the right runs on after the loan falls due."""
    return of.term_years - of.years_to("loan.matures_on")


def _transfer(of: Secured, enough: float, beyond: bool) -> Column:
    """Years from the start of a transfer to its end.

    Where the start is not known, the years still to run are the least that it can be:
    they are given only where they decide by themselves.
    """
    end, start = of.years_to("right.lease_end"), of.years_to("pledge.transfer_starts_on")
    least = np.where(end > enough if beyond else end >= enough, end, np.nan)
    return np.where(np.isnan(start), least, end - start)


def transfer_term_years(of: Secured) -> Column:
    """Years of the transfer."""
    enough = of.rules.held("law_land.registrable_term")
    return _transfer(of, FAR if enough is None else enough, beyond=False)


def lease_term_years(of: Secured) -> Column:
    """Years of the lease."""
    return _transfer(of, FAR, beyond=True)


def lease_years_beyond_contract(of: Secured) -> Column:
    """Years by which a transfer outlasts the contract under it; 0 where it does not."""
    signed = of.rights.columns["second_round_extension"] == EXTENDED
    more = np.where(signed, of.rules.number("land.extension_years"), 0.0)
    contract = of.years_to("right.contract_end") + more
    return np.maximum(of.years_to("right.lease_end") - contract, 0.0)


def rent_paid_to_maturity(of: Secured) -> Column:
    """Whether rent is paid up to the day on which the loan falls due."""
    paid, due = of.right("rent_prepaid_through"), of.loan("matures_on")
    return truth(paid >= due, paid + due)


def rent_paid_as_agreed(of: Secured) -> Column:
    """Whether no rent is in arrears."""
    owed = of.right("rent_arrears_yuan")
    return truth(owed <= 0.0, owed)


TERM_USES = {"warehouse": "industrial", "rental_housing": "other", "public": "other"}
"""Uses of land that have no longest term of their own, and whose they share."""


def term_over_cap_years(of: Secured) -> Column:
    """Years by which construction land was granted beyond the longest term of its use."""
    caps = of.rules.held("law_construction.longest_term")
    if caps is None:
        return np.full(of.size, np.nan)
    uses = RIGHTS["construction"].by_name["land_use"].codes
    lookup = np.array([float(caps[TERM_USES.get(use, use)]) for use in uses] + [np.nan])
    years = of.years_to("right.term_end") - of.years_to("right.granted_on")
    over: Column = np.maximum(years - lookup[of.rights.columns["land_use"]], 0.0)
    return over


# What is pledged.


def registered_area_share(of: Secured) -> Column:
    """Area pledged over the area on the certificate."""
    metres = of.table in ("homestead", "construction")
    unit = "m2" if metres else "mu"
    pledged, certified = of.pledge(f"pledged_area_{unit}"), of.pledge(f"certified_area_{unit}")
    own = {"homestead": "building_area_m2", "construction": "area_m2"}.get(of.table, "area_mu")
    whole = of.right(own) if own in of.rights.columns else np.ones(of.size)
    pledged = np.where(np.isnan(pledged), whole, pledged)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        share = np.where(certified > 0.0, pledged / certified, np.nan)
    return np.ones(of.size) if of.table == "equity" else share


def claim_over_registered_share(of: Secured) -> Column:
    """Amount secured by contract over the amount on the register; 1 where none is stated."""
    secured, registered = of.pledge("secured_limit_yuan"), of.pledge("registered_limit_yuan")
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(registered > 0.0, secured / registered, np.nan)
    return np.where(np.isnan(secured), 1.0, share)


def insurer_notified(of: Secured) -> Column:
    """Whether every insurer was told; true where nothing is insured and so nothing counted."""
    return np.where(of.policies["live"] > 0.0, of.policies["told"], 1.0)


def house_insured(of: Secured) -> Column:
    """Whether a house policy runs."""
    return truth(of.policies["house"] > 0.0)


def local_rule_found(of: Secured) -> Column:
    """True where the place has rules of its own on rights of this kind; else not known."""
    has = [_has_own(statute_of(region), of.table) for region in of.rights.regions]
    return np.where(np.array(has)[of.rights.region_index], 1.0, np.nan)


@lru_cache(maxsize=256)
def _has_own(book: RuleBook, table: str) -> bool:
    """Whether a place's law holds rules of its own on a kind of right."""
    return any(rule.origin != "cn" and table in rule.judges.rights for rule in book.rules.values())


def _always(amount: float) -> Derived:
    """A fact that the engine's own way of valuing settles."""
    return lambda of: np.full(of.size, amount)


def _as(column: str) -> Derived:
    """A fact that a column of the right states under another name."""
    return lambda of: of.right(column)


def _worded(fact: str, named: Mapping[str, str], column: str = "") -> Derived:
    """A fact in words."""
    return lambda of: words(fact, of, named, column)


DERIVED: Mapping[str, Mapping[str, Derived]] = {
    "": {
        "secured_party": secured_party,
        "lender_is_financial_institution": lender_is_financial_institution,
        "loan_amount_yuan": loan_amount_yuan, "loan_term_years": loan_term_years,
        "years_since_due": years_since_due, "limitation_expired": limitation_expired,
        "loan_to_value": loan_to_value, "tail_years": tail_years,
        "registered_area_share": registered_area_share,
        "claim_over_registered_share": claim_over_registered_share,
        "insurer_notified": insurer_notified, "local_rule_found": local_rule_found,
        "cites_repealed_law": _always(0.0), "valued_at_lawful_use": _always(1.0),
    },
    "land": {
        "on_permanent_basic_farmland": _as("permanent_basic_farmland"),
        "crop": _worded("crop", kinds.CROPS, "land_use"),
        "crop_priority": kinds.crop_priority,
        "transfer_term_years": transfer_term_years, "lease_term_years": lease_term_years,
        "lease_years_beyond_contract": lease_years_beyond_contract,
        "pledged_years": loan_term_years, "rent_paid_to_maturity": rent_paid_to_maturity,
        "rent_paid_as_agreed": rent_paid_as_agreed, "with_greenhouse": kinds.with_greenhouse,
        "loan_to_depreciated_cost": loan_to_depreciated_cost,
    },
    "homestead": {
        "second_dwelling": _as("other_dwelling"), "buyer_pool": kinds.buyer_pool,
        "house_insured": house_insured,
        "house_age_years": kinds.house_age_years, "house_value_yuan": lambda of: of.value_yuan,
        "simple_structure": kinds.simple_structure,
    },
    "forest": {
        "crop": _worded("crop", kinds.FOREST_CROPS, "kind"),
        "forest_type": _worded("forest_type", kinds.FOREST_TYPES, "kind"),
        "age_class": _worded("age_class", kinds.AGES),
        "bearing_stage": _worded("bearing_stage", kinds.BEARINGS),
        "stand_class": kinds.stand_class, "public_welfare": kinds.public_welfare,
        "replanting_cost_deducted": _always(1.0), "welfare_forest_area_mu": _as("area_mu"),
        "compensation_multiple": compensation_multiple, "lease_years_beyond_contract": _always(0.0),
    },
    "construction": {"term_over_cap_years": term_over_cap_years},
    "equity": {
        "loan_to_dividend_multiple": loan_to_dividend_multiple,
        "dividend_history_years": kinds.dividend_history_years, "valuation_basis": _always(0.0),
        "buyer_is_member": kinds.buyer_is_member, "member_share_of_all": kinds.member_share_of_all,
    },
    "ecology": {
        "programme": kinds.programme, "units_issued": kinds.units_issued,
        "yield_t_per_mu_year": kinds.yield_t_per_mu_year,
        "crediting_years": lambda of: (
            of.years_to("right.crediting_end") - of.years_to("right.crediting_start")
        ),
        "loan_to_mean_price_value": loan_to_value,
        "compensation_multiple": compensation_multiple,
        "welfare_forest_area_mu": _as("area_mu"),
    },
}  # fmt: skip
"""How each fact follows, by kind of right; those under the empty name hold for all."""
BY_LOAN_DAYS = frozenset({
    "loan_term_years", "years_since_due", "limitation_expired", "tail_years", "pledged_years",
    "rent_paid_to_maturity",
})  # fmt: skip
"""Facts that follow from the days on which a loan is paid out and falls due."""
