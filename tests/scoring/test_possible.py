"""What cannot be is refused with both fields; a minor goes to a person; income is known."""

from datetime import date

import pytest

from riskengine.scoring.application import ApplicationError, application_of
from riskengine.scoring.facts import sure_age
from riskengine.scoring.record import borne, record
from riskengine.scoring.score import Score, score
from tests.scoring.made import application, content, equipment


@pytest.mark.parametrize(
    ("change", "path", "named"),
    [
        ({"loan": {"matures_on": "2026-11-23", "starts_on": None}}, "loan.matures_on", "valued_on"),
        ({"loan": {"matures_on": "2001-01-01", "starts_on": None}}, "loan.matures_on", "valued_on"),
        ({"created_on": "2027-11-23"}, "loan.matures_on", "created_on"),
        ({"borrower": {"birth_year": 2027}}, "borrower.birth_year", "created_on"),
        ({"borrower": {"birth_year": 1980.5}}, "borrower.birth_year", "whole"),
        ({"borrower": {"birth_year": 2099, "borrower_type": "enterprise"}}, "borrower.birth_year",
         "created_on"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(change: dict, path: str, named: str) -> None:
    told = content()
    for part, cells in change.items():
        told[part] = {**told[part], **cells} if isinstance(cells, dict) else cells
    with pytest.raises(ApplicationError) as refused:
        score(application_of(told), equipment())
    assert refused.value.path == path
    assert named in refused.value.wrong.en
    assert named in refused.value.wrong.zh or named == "whole"
    assert refused.value.cure.zh


@pytest.mark.parametrize(
    ("born", "outcome"),
    [(2026, "refer"), (2020, "refer"), (2009, "refer"), (2008, "refer"), (2007, "accept")],
)
def test_who_may_be_a_minor_goes_to_a_person(born: int, outcome: str) -> None:
    found = score(application(borrower={"birth_year": born}), equipment())
    assert found.outcome == outcome
    told = [one for one in found.reasons if one.code == "PER-AGE-01"]
    assert bool(told) == (outcome == "refer")
    for one in told:
        assert (one.kind, one.severity, one.cite) == ("law", "refer", "Civil Code, arts. 17-19")
    firm = score(
        application(borrower={"birth_year": born, "borrower_type": "enterprise"}), equipment()
    )
    assert "PER-AGE-01" not in [one.code for one in firm.reasons]


def test_the_age_is_the_one_that_is_sure() -> None:
    assert sure_age(2008.0, date(2026, 12, 30)) == 17.0
    assert sure_age(2008.0, date(2026, 12, 31)) == 18.0
    assert sure_age(2026.0, date(2026, 1, 1)) == 0.0


def pd_of(income: float | None, **borrower: float) -> Score:
    return score(
        application(loan={"net_income_yuan_per_year": income}, borrower=borrower), equipment()
    )


@pytest.mark.parametrize("income", [0.0, -5.0, -1e9, 1e-9])
@pytest.mark.parametrize("borrower", [{}, {"debt_yuan": 0.0}])
def test_no_income_is_known_and_no_better_than_a_yuan(income: float, borrower: dict) -> None:
    found, least, none = pd_of(income, **borrower), pd_of(1.0, **borrower), pd_of(None, **borrower)
    assert found.default is not None
    assert least.default is not None
    assert none.default is not None
    assert found.default.pd >= least.default.pd > none.default.pd
    assert found.outcome == "refer"
    if income <= 0.0:
        assert "SCO-PAY-01" in [one.code for one in found.reasons]


def test_what_is_declined_has_no_limit_and_keeps_its_lending_value() -> None:
    found = score(application("006"), equipment())
    told = record(found)
    assert (told["decision"], told["limit_yuan"]) == ("decline", 0.0)
    assert told["collateral"]["lending_value_yuan"] > 60_000.0


def test_past_the_highest_age_the_longest_term_is_nought() -> None:
    found = score(application(borrower={"birth_year": 1950}), equipment())
    assert (found.longest_months, found.decision.longest_months) == (0, 349)
    short = application(borrower={"birth_year": 1950}, loan={"balance_yuan": 9_000_000})
    assert score(short, equipment()).longest_months == 0
    young = application(loan={"balance_yuan": 9_000_000})
    assert score(young, equipment()).longest_months is None


@pytest.mark.parametrize("share", [0.5, 0.8, 0.3, 1.0, 0.77])
@pytest.mark.parametrize("fund", [None, 0.2, 0.35])
def test_parts_of_the_expected_loss_add_up_to_the_fen(share: float, fund: float | None) -> None:
    cells = {
        "guaranteed_share": share, "re_guaranteed_by_national_fund": fund is not None,
        "national_fund_share": fund,
    }  # fmt: skip
    for asked in (60_000, 61_234.56, 77_777.77):
        one = application("003", guarantee=cells, loan={"balance_yuan": asked})
        loss = record(score(one, equipment()))["loss"]
        parts = [loss[f"el_life_{who}_yuan"] for who in ("lender", "guarantor", "re_guarantor")]
        assert sum(round(100 * part) for part in parts) == round(100 * loss["el_life_yuan"])
        exact = (1.0 - share, share * (1.0 - (fund or 0.0)), share * (fund or 0.0))
        for part, wanted in zip(parts, exact, strict=True):
            assert part == pytest.approx(loss["el_life_yuan"] * wanted, abs=0.011)


def test_nothing_and_a_fen_are_shared() -> None:
    assert borne(0.0, (0.5, 0.5)) == [0.0, 0.0]
    assert borne(0.01, (0.5, 0.25, 0.25)) == [0.01, 0.0, 0.0]
