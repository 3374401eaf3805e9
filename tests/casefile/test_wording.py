"""Wording: numbers by their kind, one or many, and no guilt presumed where a fact is not known."""

import pytest

from riskengine.casefile.findings import find_out, wanted
from riskengine.casefile.sentences import applied_sentence
from riskengine.casefile.sheet import officer_sheet
from riskengine.gates.plan import Gate
from riskengine.rules import statute_of
from riskengine.rules.facts import declared_facts
from riskengine.words import Text
from tests.casefile.made import cure, decision, finding

GUILT = {"evades_debt": "逃废的债务", "open_enforcement": "结清", "overdue_times_24_months": "按时"}


def asks(code: str) -> Text:
    rule = next(one for one in statute_of("").rules.values() if one.code == code)
    gate = Gate(rule, rule.values[-1], rule.values[-1].first_day, None)
    return wanted("application", declared_facts()[rule.judges.fact], gate)


@pytest.mark.parametrize(
    ("code", "zh", "en"),
    [
        ("SCO-CRD-05", "不高于65岁", "at most 65 years"),
        ("SCO-CRD-03", "不高于50%", "at most 50%"),
        ("SCO-COV-01", "不低于100%", "at least 100%"),
        ("SCO-CRD-01", "不高于6", "at most 6"),
        ("SCO-CRD-02", "低于90天", "below 90 days"),
        ("SCO-RED-03", "应为否", "must be no"),
    ],
)
def test_numbers_are_told_by_their_kind(code: str, zh: str, en: str) -> None:
    assert asks(code) == Text(zh, en)


def test_of_one_word_or_of_several() -> None:
    for rule in statute_of("").rules.values():
        if rule.judges is None or not rule.judges.fact or rule.compare != "in":
            continue
        amount = rule.values[-1].amount
        fact, subject = declared_facts()[rule.judges.fact], rule.judges.rights[0]
        said = wanted(subject, fact, Gate(rule, rule.values[-1], rule.values[-1].first_day, None))
        assert said.zh.startswith("应为") and "其中之一" not in said.zh
        assert said.zh.endswith("之一") == (len(amount) > 1), said
        assert said.en.startswith("one of " if len(amount) > 1 else "must be ")


@pytest.mark.parametrize("name", GUILT)
def test_what_is_not_known_is_found_out(name: str) -> None:
    said = find_out([name])
    assert GUILT[name] not in said.zh
    assert said.zh.startswith(("查询", "查明")) and said.en


def test_a_fact_without_words_of_its_own_is_asked_for_by_its_title() -> None:
    assert find_out(["contractor_consent"]).zh == "查明并提供证明：承包方书面同意抵押（是否）"
    assert find_out(["disputed"]).en.startswith("find out: ")  # an inspection tells it


def test_one_thing_is_and_two_things_are_mended() -> None:
    assert "once one thing is mended" in officer_sheet(decision(cures=(cure(),)), "en")
    assert "once 2 things are mended" in officer_sheet(decision(cures=(cure(), cure())), "en")


def test_every_rule_on_an_application_is_told_in_whole_sentences() -> None:
    for rule in statute_of("37").rules.values():
        judges = rule.judges
        if (
            judges is None
            or not judges.fact
            or not {"application", "guarantee"} & set(judges.rights)
        ):
            continue
        fact = declared_facts()[judges.fact]
        for state, missing in (("failed", ()), ("unknown", (fact.name,))):
            said = applied_sentence(finding(
                rule.code, name=rule.name, state=state, missing=missing, fact=fact.name,
                fact_title=fact.title, title=rule.title,
            ))  # fmt: skip
            assert said.zh.endswith("。") and said.en.endswith("."), rule.code
            assert rule.title.zh + "。" not in said.zh, rule.code
            assert not set("{}") & set(said.zh + said.en)


def test_the_letter_tells_the_number_found_and_wanted() -> None:
    one = finding(
        "SCO-CRD-02", state="failed", fact="longest_overdue_days_24_months",
        found=Text("120天", "120 days"), wanted=Text("低于90天", "below 90 days"),
    )  # fmt: skip
    assert applied_sentence(one).zh == (
        "近24个月最长连着逾期120天，要求低于90天；按时还款一段时间后再来办。"
    )
    open_ = finding("SCO-RED-03", state="unknown", fact="open_enforcement",
                    missing=("open_enforcement",))  # fmt: skip
    assert "我们去查" in applied_sentence(open_).zh
