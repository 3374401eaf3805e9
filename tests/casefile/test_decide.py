"""The answer to a case: cures against the mended case itself, terms at their edge, other days' law."""

from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Any

import pytest

from riskengine.casefile.decide import Decision, decide
from riskengine.casefile.evaluate import Bench, evaluate
from riskengine.casefile.findings import known
from riskengine.casefile.limits import LONGEST, TERM_FACTS, months_after
from riskengine.casefile.read import case_of
from riskengine.market import demonstration
from riskengine.rules import statute_of
from tests.reference import gates as twin

DAY = date(2026, 11, 23)
SEEN = {f"{name}_inspected_on": date(2026, 11, 10) for name in
        ("registry", "site", "contract", "map", "borrower")}  # fmt: skip
LOAN = {"lender_type": "bank", "balance_yuan": 5_000, "starts_on": DAY,
        "matures_on": date(2027, 11, 23)}  # fmt: skip
LEASE = {
    "table": "land", "kind": "lease_yearly", "region_code": "370983", "area_mu": 120,
    "land_use": "irrigated", "contract_end": date(2055, 12, 31), "lease_end": date(2033, 12, 31),
    "contract_rent_yuan_per_mu_year": 500, "rent_prepaid_through": date(2026, 12, 31),
    "transfer_starts_on": date(2023, 12, 31), "mortgagor_type": "person", "holder_type": "member",
    "pledged_object": "land_management_right", "agreed_sale": True, "registered": False,
    "contractor_consent": True, "retransfer_consent": False, "filed_with_collective": False,
    "transfer_filed": False, "written_contract": True, "certified_area_mu": 120, **SEEN,
}  # fmt: skip
OWN = {
    "table": "land", "kind": "household", "region_code": "370983", "area_mu": 20,
    "land_use": "irrigated", "contract_end": date(2055, 12, 31), "mortgagor_type": "household",
    "pledged_object": "land_management_right", "filed_with_collective": True,
    "all_members_signed": True, "registered": True, "certified_area_mu": 20, **SEEN,
}  # fmt: skip
WOOD = {
    "table": "forest", "kind": "timber", "region_code": "350427", "area_mu": 100, "species": "fir",
    "stand_age_years": 18, "term_end": date(2050, 12, 31), "registered": False,
    "co_owners_consent": None, "felling_permit": False, "certificate_held": True, **SEEN,
}  # fmt: skip
POLICY = {"kind": "full_cost", "sum_insured_yuan": 16_000, "ends_on": date(2027, 12, 31),
          "named_insured": True, "insurer_notified": False}  # fmt: skip
CASES: dict[str, dict[str, Any]] = {
    "lease": {"loan": LOAN, "right": [LEASE]},
    "lease without consent": {"loan": LOAN, "right": [{**LEASE, "contractor_consent": False}]},
    "little is known": {"loan": LOAN, "right": [
        {k: cell for k, cell in LEASE.items() if k not in {*SEEN, "contractor_consent"}}]},
    "two rights": {"loan": {**LOAN, "balance_yuan": 20_000}, "right": [
        {**OWN, "filed_with_collective": None, "registered": False, "policy": [POLICY]}, WOOD]},
    "lease, rent paid": {"loan": {**LOAN, "balance_yuan": 3_000}, "right": [
        {**LEASE, "filed_with_collective": True, "rent_prepaid_through": date(2029, 6, 30)}]},
    "own land": {"loan": {**LOAN, "balance_yuan": 20_000}, "right": [OWN]},
    "land alone, no loan": {"right": [OWN]},
}  # fmt: skip
NAMES = list(CASES)


@cache
def answer(name: str) -> Decision:
    return decided(CASES[name])


def decided(content: dict[str, Any], **bench: Any) -> Decision:
    return decide(case_of(content, DAY), Bench(demonstration(), statute_of, **bench))


# What mends a case.


def cells_that_mend(fact: str, loan: dict[str, Any], right: dict[str, Any]) -> dict[str, Any]:
    """What an officer would change in the case file to mend one fact."""
    later = {"lease_end": date(2036, 12, 31)} if "lease_end" in right else {}
    special: dict[str, dict[str, Any]] = {
        "rent_paid_to_maturity": {"rent_prepaid_through": loan.get("matures_on")},
        "rent_arrears_yuan": {"rent_arrears_yuan": 0},
        "tail_years": later or {"contract_end": date(2058, 12, 31)},
        "insurer_notified": {"policy": [
            {**policy, "insurer_notified": True} for policy in right.get("policy", [])]},
    }  # fmt: skip
    adverse = {
        "illegal_building", "disputed", "sealed_or_seized", "serious_breach", "forced_or_offset",
        "use_changed", "land_damaged", "forfeiture_clause", "public_interest_facility",
        "prior_lease_in_possession", "land_building_pledged_apart", "building_added_after_pledge",
        "non_grain_use", "non_farm_building_on_land", "forbidden_arable_use", "illegal_greening",
        "arable_converted_without_approval", "over_county_scale_cap", "secures_others_debt",
        "use_change_suspected", "red_line_activity_permitted",
    }  # fmt: skip
    words = {"crop": "grain", "crop_priority": "grain", "appraisers_signed": 2}
    return special.get(fact, {fact: words.get(fact, fact not in adverse)})


def mended(content: dict[str, Any], cures: Iterator[Any]) -> dict[str, Any]:
    """A case file in which some things are mended."""
    rights = [dict(right) for right in content["right"]]
    for cure in cures:
        right = rights[int(cure.right_id) - 1]
        right |= cells_that_mend(cure.fact, content.get("loan", {}), right)
    return {**content, "right": rights}


SIMPLE = ["lease", "lease, rent paid", "lease without consent", "two rights"]


@pytest.mark.parametrize("name", SIMPLE)
def test_the_gain_of_a_cure_is_that_of_answering_the_mended_case(name: str) -> None:
    now = answer(name)
    assert now.cures
    for cure in now.cures:
        then = decided(mended(CASES[name], iter([cure])))
        assert cure.gain_yuan == round(then.limit_yuan - now.limit_yuan, 2), cure.fact


@pytest.mark.parametrize("name", SIMPLE)
def test_the_limit_when_mended_is_that_of_the_wholly_mended_case(name: str) -> None:
    now = answer(name)
    whole = decided(mended(CASES[name], iter(now.cures)))
    assert now.limit_when_mended_yuan == whole.limit_yuan
    settled = {code for cure in now.cures for code in cure.codes}
    left = {finding.code for right in whole.rights for finding in right.findings}
    assert settled.isdisjoint(left), "every cure settles the rules that it names"
    for cure in now.cures:
        rest = decided(mended(CASES[name], (one for one in now.cures if one is not cure)))
        assert cure.needed_yuan == round(whole.limit_yuan - rest.limit_yuan, 2), cure.fact


@pytest.mark.parametrize("name", NAMES)
def test_cures_are_listed_by_what_they_are_worth(name: str) -> None:
    gains = [cure.gain_yuan for cure in answer(name).cures]
    assert gains == sorted(gains, reverse=True)
    assert answer(name).limit_when_mended_yuan >= answer(name).limit_yuan
    keys = [(cure.right_id, cure.fact) for cure in answer(name).cures]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("name", NAMES)
def test_every_cure_stands_against_a_finding_on_its_own_fact(name: str) -> None:
    found = {
        (right.right_id, finding.code): {finding.fact, *finding.missing}
        for right in answer(name).rights for finding in right.findings
    }  # fmt: skip
    for cure in answer(name).cures:
        for code in cure.codes:
            assert cure.fact in found[cure.right_id, code]


def test_without_a_loan_nobody_extends_a_contract_for_its_tail() -> None:
    found = answer("land alone, no loan")
    assert "tail_years" in {f.fact for right in found.rights for f in right.findings}
    assert "tail_years" not in {cure.fact for cure in found.cures}


def test_no_consent_lends_nothing_until_it_is_brought() -> None:
    now = answer("lease without consent")
    assert (now.outcome, now.limit_yuan) == ("block", 0.0)
    (consent,) = [cure for cure in now.cures if cure.fact == "contractor_consent"]
    assert consent.gain_yuan > 0.0
    assert consent.needed_yuan == now.limit_when_mended_yuan
    assert consent.severity == "block"


# The longest term.


@pytest.mark.parametrize("name", ["lease, rent paid", "two rights", "own land"])
def test_the_longest_term_is_at_its_edge(name: str) -> None:
    months = answer(name).longest_months
    assert months is not None
    assert fits(name, months)
    assert months == LONGEST or not fits(name, months + 1), "one month more fails"
    assert all(fits(name, k) for k in {1, months // 2, months - 1} if k >= 1)


def fits(name: str, months: int) -> bool:
    """Whether the sum asked for is covered at a term, and no rule on terms fails."""
    content = CASES[name]
    loan = {**content["loan"], "matures_on": months_after(DAY, months)}
    then = decided({**content, "loan": loan})
    failing = {
        finding.fact for right in then.rights for finding in right.findings
        if finding.state == "failed"
    }  # fmt: skip
    return then.limit_yuan >= loan["balance_yuan"] and not failing & TERM_FACTS


def test_there_is_no_term_where_nothing_may_be_lent() -> None:
    content = {**CASES["lease without consent"], "loan": {**LOAN, "balance_yuan": 0}}
    decision = decided(content)
    assert (decision.outcome, decision.longest_months) == ("block", None)


def test_there_is_no_term_for_a_sum_that_is_never_covered() -> None:
    content = {**CASES["own land"], "loan": {**LOAN, "balance_yuan": 1e9}}
    assert decided(content).longest_months is None
    assert answer("land alone, no loan").longest_months is None


@pytest.mark.parametrize("day", [date(2026, 1, 31), date(2024, 2, 29), date(2026, 12, 31)])
def test_months_after_keeps_the_day_or_takes_the_last(day: date) -> None:
    for months in range(40):
        then = months_after(day, months)
        assert (then.year - day.year) * 12 + then.month - day.month == months
        assert then.day == day.day or (then.day < day.day and months_after(then, 0) == then)


# The answer itself.


@pytest.mark.parametrize("name", NAMES)
def test_the_same_bytes_when_asked_again(name: str) -> None:
    assert repr(decided(CASES[name])).encode() == repr(answer(name)).encode()


@pytest.mark.parametrize("name", NAMES)
def test_steps_add_up_to_the_limit_in_fen(name: str) -> None:
    decision = answer(name)
    fen = [[round(step.change_yuan * 100.0) for step in right.steps] for right in decision.rights]
    assert sum(map(sum, fen)) == round(decision.limit_yuan * 100.0)


# Another day's law.


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "day",
    [date(2018, 12, 31), date(2019, 1, 1), date(2020, 7, 1), date(2021, 1, 1), date(2024, 6, 1)],
)
def test_another_days_law_says_what_its_rules_say(name: str, day: date) -> None:
    case = case_of(CASES[name], DAY)
    bench = Bench(demonstration(), statute_of, law_day=day)
    for found, right in zip(evaluate(case, bench), case.rights, strict=True):
        judged, row = found.judged(0)
        record = {
            fact: as_fact(known(judged, row, fact))
            for fact in (*judged.plan.words, *judged.plan.numbers)
        }
        book = statute_of(str(right.right["region_code"]))
        plain = twin.judged(book, right.table, record, day, day)
        assert {gate.rule.name for gate in judged.failed(row)} == plain.failed
        assert {gate.rule.name for gate in judged.unknown(row)} == plain.unknown
        assert judged.outcome(row) == plain.outcome


def as_fact(content: str | float | None) -> Any:
    return {"true": True, "false": False}.get(content, content) if content is not None else None


def test_consent_is_asked_for_from_the_day_of_the_amended_contract_law() -> None:
    content = CASES["lease without consent"]
    for day, asked in ((date(2018, 12, 31), False), (date(2019, 1, 1), True)):
        found = decided(content, law_day=day)
        codes = {finding.code for right in found.rights for finding in right.findings}
        assert ("LMR-WHO-02a" in codes) == asked
        assert (found.outcome == "block") == asked
        assert (found.limit_yuan == 0.0) == asked
