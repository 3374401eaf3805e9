"""Scores: the examples, what decides, and that together is alone, bit for bit."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from riskengine.learned.reasons import reasons
from riskengine.scoring.application import application_of, read_application
from riskengine.scoring.record import record
from riskengine.scoring.score import Score, score, score_many
from tests.scoring.made import EXAMPLES, application, content, equipment, own, shipped


def codes(found: Score) -> list[str]:
    return [reason.code for reason in found.reasons]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples_come_out_as_they_say(path: Path) -> None:
    found, expected = score(read_application(path), equipment()), content(path.name[:3])["expected"]
    assert found.outcome == expected["decision"], codes(found)
    assert set(expected["reasons"]) <= set(codes(found))
    if found.outcome == "accept":
        assert all(one.severity in ("haircut", "monitor") for one in found.reasons)
    if found.outcome == "decline":
        assert found.reasons[0].severity == "block"
        assert found.reasons[0].state == "failed"


def test_together_is_alone_bit_for_bit() -> None:
    told = [read_application(path) for path in EXAMPLES]
    told += [
        application("003", loan={"matures_on": date(2027 + k, 5, 3), "balance_yuan": 70_000 + 999 * k})
        for k in range(5)
    ]  # fmt: skip
    alone = [record(score(one, equipment())) for one in told]
    assert [record(one) for one in score_many(told, equipment())] == alone
    assert [record(one) for one in score_many(told[::-1], equipment())] == alone[::-1]
    assert [record(one) for one in score_many(told, equipment())] == alone


def test_a_model_that_may_not_decide_is_a_hint() -> None:
    hint = score(application(), replace(equipment(), default_model=shipped()[0]))
    free = score(application(), equipment())
    assert (hint.outcome, free.outcome) == ("refer", "accept")
    assert (hint.indicative, free.indicative) == (True, False)
    assert hint.default is not None
    assert free.default is not None
    assert hint.default.pd == free.default.pd
    told = {one.code: one for one in hint.reasons}
    assert (told["SCO-MOD-02"].kind, told["SCO-MOD-02"].severity) == ("model", "refer")
    assert told["SCO-MOD-03"].severity == "monitor"
    assert (
        record(hint)["default"]["model_not_for"]["en"]
        == "synthetic rows: not for any decision on credit"
    )


def test_without_a_model_there_is_no_pd_and_a_person_looks() -> None:
    found = score(application(), replace(equipment(), default_model=None))
    assert (found.outcome, found.default, found.loss, found.price, found.grade) == (
        "refer", None, None, None, "",
    )  # fmt: skip
    (reason,) = found.reasons
    assert (reason.code, reason.kind, reason.state) == ("SCO-PD-01", "model", "unknown")


def test_a_case_that_the_model_has_not_seen_goes_to_a_person() -> None:
    far = application("001", borrower={"features": {"trade": "grain", "years_farming": None}})
    found = score(far, equipment())
    assert found.default is not None
    assert found.default.refer
    assert found.outcome == "refer"
    assert "SCO-MOD-01" in codes(found)


def test_contributions_sum_to_the_pd_and_reasons_are_those_of_one_case() -> None:
    model = own(shipped()[0])
    for path in EXAMPLES:
        found = score(read_application(path), equipment()).default
        assert found is not None
        total = found.base + sum(part.contribution for part in found.parts)
        assert total == pytest.approx(np.log(found.pd / (1.0 - found.pd)), abs=1e-12)
        assert found.model.digest == model.release.digest
        assert [one.contribution for one in found.reasons] == sorted(
            (one.contribution for one in found.reasons), reverse=True
        )


def test_a_challenger_decides_nothing() -> None:
    first, second = map(own, shipped())
    plain = score(application(), replace(equipment(), default_model=first))
    both = score(application(), replace(equipment(), default_model=first, challenger=second))
    assert both.challenger is not None
    assert plain.default is not None
    assert both.challenger.pd != plain.default.pd
    assert both.challenger.reasons == ()
    swapped = score(application(), replace(equipment(), default_model=second))
    assert swapped.default is not None
    assert swapped.default.pd == both.challenger.pd
    assert record(replace(both, challenger=None, models=plain.models)) == record(plain)


@pytest.mark.parametrize(
    ("part", "cells", "code", "outcome"),
    [
        ("borrower", {"currently_overdue": True}, "SCO-RED-01", "refer"),
        ("borrower", {"dishonest_debtor": None}, "SCO-RED-02", "refer"),
        ("borrower", {"overdue_times_24_months": 7}, "SCO-CRD-01", "refer"),
        ("borrower", {"birth_year": 1961}, "SCO-CRD-05", "refer"),
        ("borrower", {"birth_year": 1962}, "", "accept"),
        ("borrower", {"debt_yuan": 240_000}, "SCO-CRD-03", "refer"),
        ("borrower", {"automated_decision_refused": True}, "PRV-AUTO-01", "refer"),
        ("borrower", {"privacy_notice_given": False}, "PRV-NOTICE-01", "refer"),
        ("borrower", {"shared_with_others": True, "sharing_consent": False}, "PRV-SHARE-01", "decline"),
        ("borrower", {"credit_report_used": False, "credit_query_consent": None}, "", "accept"),
        ("loan", {"balance_yuan": 130_000}, "SCO-COV-01", "refer"),
        ("loan", {"net_income_yuan_per_year": 62_000}, "SCO-PAY-01", "refer"),
    ],
)  # fmt: skip
def test_one_cell_decides(part: str, cells: dict, code: str, outcome: str) -> None:
    found = score(application("001", **{part: cells}), equipment())
    assert found.outcome == outcome, codes(found)
    assert not code or code in codes(found)


@pytest.mark.parametrize(
    ("cells", "code", "outcome"),
    [
        ({"fee_rate_per_year": 0.008}, "", "accept"),
        ({"fee_rate_per_year": 0.0081}, "AGR-FEE-01a", "decline"),
        ({"poverty_alleviation": True, "fee_rate_per_year": 0.006}, "AGR-FEE-01b", "decline"),
        ({"guaranteed_share": 0.81}, "GOV-SHR-01a", "refer"),
        ({"related_party": "controlling_shareholder"}, "GI-REL-01a", "decline"),
        ({"single_client_share": None}, "GI-CON-01", "refer"),
    ],
)  # fmt: skip
def test_rules_on_guarantees_decide(cells: dict, code: str, outcome: str) -> None:
    found = score(application("003", guarantee=cells), equipment())
    assert found.outcome == outcome, codes(found)
    assert not code or code in codes(found)


def test_a_blocked_right_among_others_goes_to_a_person() -> None:
    told = content("004")
    told["rights"][1]["disputed"] = True
    told["loan"] |= {"balance_yuan": 60_000, "net_income_yuan_per_year": 90_000}
    found = score(application_of(told), equipment())
    assert sorted(right.outcome for right in found.decision.rights)[0] == "block"
    assert found.outcome == "refer"
    assert 0.0 < found.limit_yuan <= 60_000


def test_an_institution_tightens_and_only_then_declines(tmp_path: Path) -> None:
    text = """
[default_chance_most]
severity = "block"
[[default_chance_most.value]]
from = 2026-01-01
amount = 0.02
cite = "credit policy of the institution"
seen = "official"

[amount_most]
[[amount_most.value]]
from = 2026-01-01
amount = {household = 50000.0, large_grower = inf, family_farm = inf, cooperative = inf, enterprise = inf}
cite = "credit policy of the institution"
seen = "official"
"""
    folder = tmp_path / "bank"
    folder.mkdir()
    (folder / "scoring.toml").write_text(text, encoding="utf-8")
    found = score(application("001", borrower={"existing_exposure_yuan": 8_000}), equipment(folder))
    assert found.outcome == "decline"
    reason = found.reasons[0]
    assert (reason.code, reason.severity, reason.kind, reason.origin) == (
        "SCO-PD-01", "block", "model", "bank",
    )  # fmt: skip
    assert found.limit_yuan == 0.0
    assert "SCO-AMT-01" in codes(found)
    assert found.rules != score(application(), equipment()).rules


def test_age_bounds_the_term_of_persons_alone() -> None:
    old = application("001", borrower={"birth_year": 1962})
    assert score(old, equipment()).longest_months == 12
    firm = application("001", borrower={"birth_year": 1962, "borrower_type": "enterprise"})
    assert (
        score(firm, equipment()).longest_months
        == score(application(), equipment()).decision.longest_months
    )


def test_an_application_without_a_loan_is_answered() -> None:
    told = content()
    told["loan"] = {}
    found = score(application_of(told), equipment())
    assert (found.outcome, found.loss, found.price) == ("refer", None, None)
    assert found.limit_yuan == found.decision.limit_yuan > 0.0


def test_reasons_of_many_are_those_of_one() -> None:
    model = shipped()[1]
    arrays = model.release.arrays
    rng = np.random.default_rng(5)
    low, high = arrays["low"], arrays["high"]
    x = low[:, None] + (high - low)[:, None] * rng.random((low.size, 40))
    for k, feature in enumerate(model.features):
        if feature.kind == "category":
            x[k] = rng.integers(0, len(feature.codes), 40)
    x[3, ::7] = np.nan
    from riskengine.learned.reasons import reasons_many

    _, parts = model.contributions(x)
    many = reasons_many(model, x, parts, model.pd(x), 4)
    assert sum(map(len, many)) > 40
    assert repr(many) == repr([reasons(model, x[:, i]) for i in range(40)])


def test_what_is_not_known_is_to_be_found_out_and_presumes_no_guilt() -> None:
    unknown = dict.fromkeys(
        ("evades_debt", "open_enforcement", "overdue_times_24_months", "currently_overdue")
    )
    found = score(application("001", borrower=unknown), equipment())
    own = {one.rule: one for one in found.reasons if not one.right_id and one.state == "unknown"}
    for fact, rule in (
        ("evades_debt", "scoring.no_evasion"), ("open_enforcement", "scoring.no_enforcement"),
        ("overdue_times_24_months", "scoring.overdue_times_most"),
    ):  # fmt: skip
        reason = own[rule]
        assert reason.missing == (fact,)
        assert reason.cure is not None
        assert reason.cure.zh.startswith(("查明", "查询"))
    held = application("001", borrower={"open_enforcement": True})
    failed = next(one for one in score(held, equipment()).reasons if one.code == "SCO-RED-03")
    assert failed.cure is not None and failed.cure.zh == "先结清执行案件"
