"""What one application says in several places: overdue, watched, contradicted, identity."""

import json
from typing import Any

import pytest

from riskengine.casefile.sheet import place_of
from riskengine.errors import RiskEngineError
from riskengine.scoring.pages import farmer_page, officer_page
from riskengine.scoring.record import record
from riskengine.scoring.score import Score, score, score_many
from tests.scoring.made import application, equipment

OLD, WRONG, BODY = "11010519491231002X", "110105194912310021", "91350100M000100Y43"
"""A number born in 1949, the same with a wrong check character, and a code of a body."""
OF_1980 = "110105198001010016"
"""A number born in 1980."""


def found(**parts: dict[str, Any]) -> Score:
    return score(application("001", **parts), equipment())


def codes(one: Score) -> dict[str, str]:
    return {reason.code: reason.kind for reason in one.reasons if reason.severity == "refer"}


@pytest.mark.parametrize(
    ("parts", "kinds"),
    [
        ({"loan": {"overdue_days": 0, "watch_list": False}}, {}),
        ({"loan": {"overdue_days": 1}}, {"SCO-RED-11": "policy", "SCO-DAT-01": "data"}),
        ({"loan": {"overdue_days": 400}, "borrower": {"currently_overdue": True}},
         {"SCO-RED-01": "policy", "SCO-RED-11": "policy"}),
        ({"loan": {"overdue_days": 400}, "borrower": {"currently_overdue": None}},
         {"SCO-RED-01": "data", "SCO-RED-11": "policy"}),
        ({"loan": {"watch_list": True}}, {"SCO-RED-12": "policy"}),
        ({"loan": {"principal_yuan": 1}}, {"SCO-DAT-02": "data"}),
        ({"loan": {"principal_yuan": 0}}, {}),  # nothing is paid out yet
        ({"loan": {"principal_yuan": 60_000}}, {}),
        ({"loan": {"region_code": "370983"}}, {"SCO-DAT-03": "data"}),
        ({"loan": {"region_code": "640221"}}, {}),
        ({"loan": {"region_code": "640221100"}}, {}),
        ({"borrower": {"borrower_code": "not an id"}}, {"SCO-DAT-05": "data"}),
        ({"borrower": {"borrower_code": WRONG}}, {"SCO-DAT-05": "data"}),
        ({"borrower": {"borrower_code": OF_1980}}, {}),
        ({"borrower": {"borrower_code": BODY}}, {}),
        ({"borrower": {"borrower_code": OLD}}, {"SCO-DAT-04": "data", "SCO-CRD-05": "policy"}),
        ({"loan": {"borrower_code": OLD}}, {"SCO-DAT-04": "data", "SCO-CRD-05": "policy"}),
        ({"borrower": {"borrower_code": OLD, "birth_year": 1949}}, {"SCO-CRD-05": "policy"}),
    ],
)  # fmt: skip
def test_what_is_overdue_watched_or_does_not_agree_goes_to_a_person(
    parts: dict[str, Any], kinds: dict[str, str]
) -> None:
    one = found(**parts)
    assert codes(one) == kinds
    assert one.outcome == ("refer" if kinds else "accept")


def test_the_year_in_the_number_bounds_the_term_and_the_number_is_not_told() -> None:
    one = found(borrower={"borrower_code": OLD, "birth_year": 1980})
    assert one.longest_months is None or one.longest_months < found().longest_months
    told = json.dumps(record(one), ensure_ascii=False)
    reason = next(reason for reason in one.reasons if reason.code == "SCO-DAT-04")
    assert reason.cure is not None
    for text in (reason.cure.zh, reason.cure.en):
        assert "borrower.birth_year" in text
        assert "borrower_code" in text
    for said in (told, officer_page(one, "zh"), farmer_page(one, "en")):
        assert OLD not in said
        assert OLD[6:14] not in said
    letter = farmer_page(one, "en")
    assert "year of birth and identity number must agree; bring the originals" in letter
    assert "borrower.birth_year" not in letter


def test_a_body_has_no_age() -> None:
    firm = {"borrower_type": "enterprise", "borrower_code": OLD, "birth_year": 1980}
    assert "SCO-DAT-04" not in codes(found(borrower=firm))


@pytest.mark.parametrize(
    ("parts", "one", "other"),
    [
        ({"loan": {"borrower_kind": "enterprise"}}, "borrower.borrower_type",
         "loan.borrower_kind"),
        ({"loan": {"borrower_kind": "农民合作社"}}, "borrower.borrower_type",
         "loan.borrower_kind"),
        ({"borrower": {"borrower_type": "cooperative"}, "loan": {"borrower_kind": "enterprise"}},
         "borrower.borrower_type", "loan.borrower_kind"),
        ({"borrower": {"years_farming": 1}}, "borrower.years_farming",
         "borrower.features.years_farming"),
    ],
)  # fmt: skip
def test_two_cells_that_cannot_both_be_true_are_an_error_that_names_both(
    parts: dict[str, Any], one: str, other: str
) -> None:
    good, bad = application("001"), application("001", **parts)
    answered, told = score_many([good, bad], equipment())
    assert isinstance(answered, Score)
    assert isinstance(told, RiskEngineError)
    for language in ("zh", "en"):
        assert one in told.say(language)
        assert other in told.say(language)
    assert told.path == one


@pytest.mark.parametrize(
    "parts",
    [
        {"loan": {"borrower_kind": "farm_household"}},
        {"loan": {"borrower_kind": "family_farm"}},
        {"loan": {"borrower_kind": "other"}},
        {"borrower": {"borrower_type": "family_farm"},
         "loan": {"borrower_kind": "small_micro_enterprise"}},
        {"borrower": {"years_farming": 20}},
        {"borrower": {"years_farming": "20"}},
    ],
)  # fmt: skip
def test_what_can_both_be_true_is_scored(parts: dict[str, Any]) -> None:
    assert "SCO-DAT" not in " ".join(codes(found(**parts)))


def test_a_right_listed_twice_is_not_lent_on_without_a_person() -> None:
    from riskengine.scoring.application import application_of
    from tests.scoring.made import content

    told = content("001")
    told["rights"] = [told["rights"][0], dict(told["rights"][0])]
    one = score(application_of(told), equipment())
    assert one.outcome == "refer"
    assert [reason.right_id for reason in one.reasons if reason.code == "PAPER-certificate_no"] == [
        "1", "2",
    ]  # fmt: skip
    assert place_of(one.decision, "2").en == "right 2"
