"""What can be mended by changing what a fact follows from, and what nobody can mend."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date

from riskengine.casefile.limits import months_after
from riskengine.casefile.read import Case, PledgedRight


def _later(column: str, years: int) -> Callable[[Case, PledgedRight], PledgedRight]:
    """A right whose end moves out."""

    def moved(_case: Case, right: PledgedRight) -> PledgedRight:
        end: date | None = right.right.get(column)
        if end is None:
            return right
        return replace(right, right={**right.right, column: months_after(end, 12 * years)})

    return moved


EXTENSION_YEARS = 3
"""Years by which a lease is taken to be extended."""


def _extended(case: Case, right: PledgedRight) -> PledgedRight:
    """A right that runs on for some more years."""
    for column in ("lease_end", "term_end", "contract_end"):
        right = _later(column, EXTENSION_YEARS)(case, right) if column in right.right else right
        if column in right.right and column != "contract_end":
            break
    return right


def _rent_paid(case: Case, right: PledgedRight) -> PledgedRight:
    """Rent paid to the day on which the loan falls due."""
    due = case.loan.get("matures_on")
    return right if due is None else replace(
        right, right={**right.right, "rent_prepaid_through": due}
    )  # fmt: skip


def _no_arrears(_case: Case, right: PledgedRight) -> PledgedRight:
    """Arrears of rent paid."""
    return replace(right, right={**right.right, "rent_arrears_yuan": 0.0})


def _told(_case: Case, right: PledgedRight) -> PledgedRight:
    """Every insurer told of the pledge."""
    told = tuple({**policy, "insurer_notified": True} for policy in right.policies)
    return replace(right, policies=told)


def _housed(_case: Case, right: PledgedRight) -> PledgedRight:
    """The household has another dwelling."""
    return replace(right, right={**right.right, "other_dwelling": True, "sole_dwelling": False})


CHANGES: Mapping[str, Callable[[Case, PledgedRight], PledgedRight]] = {
    "tail_years": _extended, "transfer_term_years": _extended, "rent_paid_to_maturity": _rent_paid,
    "rent_arrears_yuan": _no_arrears, "rent_paid_as_agreed": _no_arrears,
    "insurer_notified": _told, "second_dwelling": _housed, "sole_dwelling": _housed,
}  # fmt: skip
"""Facts that are mended by changing what they follow from."""
OF_THE_LOAN = frozenset({"tail_years", "rent_paid_to_maturity"})
"""Facts that only a loan with its last day lets anybody tell."""
BEYOND_MENDING = frozenset({
    "kind", "land_use", "pledged_object", "mortgagor_type", "holder_type", "forest_type",
    "on_permanent_basic_farmland", "public_welfare", "in_national_park", "national_park_zone",
    "in_nature_reserve", "forest_use_category", "units_issued", "low_income_protected",
    "stand_class", "age_class", "bearing_stage", "buyer_pool", "black_soil", "prior_claims_yuan",
    "ecological_red_line_share", "expropriation_announced", "loan_to_value",
    "local_authority_valid", "local_rule_found",
})  # fmt: skip
"""Facts that no paper changes: they are what they are, or others decide."""
