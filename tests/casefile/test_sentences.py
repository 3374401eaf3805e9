"""Sentences: both languages, every rule, no place left open, nobody's number told."""

import re
from datetime import date
from pathlib import Path

import pytest

from riskengine.casefile.phrases import filled, found_for, papers, places, remark, sentences
from riskengine.casefile.reasons import reasons
from riskengine.casefile.sentences import sentence
from riskengine.errors import PortfolioError
from riskengine.rules import statute_of
from riskengine.rules.facts import declared_facts
from riskengine.valuation import Flag
from riskengine.words import Text
from tests.casefile.made import case, cure, decision, finding, right

LAW = Path(__file__).parents[2] / "riskengine" / "rules"
RIGHTS = {"land", "homestead", "construction", "forest", "equity", "ecology"}
FORTY = (
    "LMR-WHO-02", "LMR-WHO-01", "LMR-CONS-01", "LMR-TERM-05", "LMR-TERM-02", "LMR-RENT-01",
    "LMR-RENT-02", "LMR-REG-01", "LMR-CAP-01", "RED-PBF-01", "LMR-USE-01", "LMR-USE-02",
    "HOM-ENF-01", "HOM-BASE-01", "HOM-ONE-01", "HOM-BUY-01", "FOR-OBJ-02", "FOR-CUT-01",
    "FOR-VAL", "FOR-CONS-01", "CCL-ENTR-03", "CCL-COLL-01", "EQT-DIST-01", "ECO-CCER-01",
    "SEC-OWN-03", "SEC-RANK-01", "DUP", "REG-MISS", "CODE", "AREA", "VAL-WIDE", "VAL-DIV",
    "VAL-OLD", "VAL-HIGH", "INS", "CRED", "DEBT", "PURP", "AGE", "CASH",
)  # fmt: skip
EVERY = [
    pytest.param(text, id=f"{mark} {k}")
    for mark, one in sorted(sentences().items())
    for k, text in enumerate((*one.says, *one.unknown))
]


def rules():
    """Rules of all places that a farmer's right can meet, with their places."""
    for place in ["", *(path.name for path in sorted((LAW / "places").iterdir()))]:
        for name, rule in statute_of(place).rules.items():
            if rule.judges is None or rule.severity not in ("block", "refer", "haircut"):
                continue
            if RIGHTS & set(rule.judges.rights):
                yield place, name, rule


def test_the_forty_sentences_are_there() -> None:
    assert len(FORTY) == 40
    assert not [mark for mark in FORTY if mark not in sentences()]


def test_every_rule_that_a_farmer_meets_has_a_sentence() -> None:
    assert len(list(rules())) > 200
    lacking = {rule.code for _, _, rule in rules() if found_for(rule.code) is None}
    assert not lacking


@pytest.mark.parametrize("text", EVERY)
def test_a_sentence_is_whole_in_both_languages(text: Text) -> None:
    assert text.zh.endswith("。") and text.en.endswith(".")
    assert places(Text(text.zh, "")) >= places(Text("", text.en))
    assert places(Text(text.zh, "")) - {"thing"} == places(Text("", text.en)) - {"thing"}
    assert not re.search(r"[A-Z]{3,}-", text.zh + text.en), "a rule's mark in the sentence"
    assert re.search(r"[一-鿿]", text.zh) and not re.search(r"[一-鿿]", text.en)


def test_the_last_wording_needs_nothing_that_may_be_lacking() -> None:
    for mark, one in sentences().items():
        assert places(one.says[-1]) <= {"thing"}, mark


@pytest.mark.parametrize("state", ["failed", "unknown"])
def test_every_rule_is_told_without_an_open_place(state: str) -> None:
    made = right(table="land")
    for _, name, rule in rules():
        missing = (rule.judges.fact,) if state == "unknown" else ()
        one = finding(
            rule.code, name=name, state=state, severity=rule.severity, missing=missing,
            fact=rule.judges.fact, fact_title=declared_facts()[rule.judges.fact].title,
        )  # fmt: skip
        text = sentence(one, made, decision(made))
        assert text.zh.endswith("。") and text.en.endswith("."), rule.code
        assert not re.search(r"[{}]", text.zh + text.en), rule.code
        assert rule.code not in text.zh + text.en


def test_places_are_filled_from_the_case() -> None:
    paid = finding("LMR-RENT-01a", fact="rent_paid_to_maturity", severity="haircut")
    made = decision(case=case(rent_prepaid_through=date(2026, 12, 31), rent_arrears_yuan=12_000.9))
    assert sentence(paid, right(), made).zh == "租金只交到2026-12-31，后面的年份暂时不能计算价值。"
    owing = finding("LMR-RENT-02a", fact="rent_arrears_yuan", severity="haircut")
    assert sentence(owing, right(), made).zh == "还欠租金12,000元，要先扣除。"
    assert sentence(owing, right(), made).en == "12,000 yuan rent is owing and is deducted first."


def test_a_short_tail_says_what_an_extension_brings() -> None:
    tail = finding("LMR-TERM-05a", fact="tail_years", severity="haircut")
    longer = cure(codes=("LMR-TERM-05a",), fact="tail_years", gain_yuan=15_346.7)
    told = sentence(tail, right(), decision(cures=(longer,)))
    assert told.zh == (
        "经营权到2028-06-30结束，比还款日只多7个月，太短了；租期再延3年，估计能多贷15,346元。"
    )
    assert "多贷" not in sentence(tail, right(), decision()).zh
    late = {**case().loan, "matures_on": date(2030, 1, 1)}
    told = sentence(tail, right(), decision(case=case(loan=late)))
    assert told.zh == "经营权到2028-06-30就结束了，比还款日还早；请先延长租期，或早一点还款。"


def test_caps_and_areas_are_told_in_numbers() -> None:
    cap = finding("E1-01a", fact="loan_to_value", wanted=Text("不高于0.5", "at most 0.5"))
    assert "估值的50%" in sentence(cap, right(), decision()).zh
    over = finding("HOM-ONE-01a", fact="area_over_standard_m2", found=Text("35平方米", "35 m2"))
    house = right(table="homestead")
    assert sentence(over, house, decision(house)).zh == "院子超过标准35平方米，超出部分不算。"


def test_a_rule_without_a_sentence_is_told_by_its_fact_and_cure() -> None:
    told = sentence(finding("NEW-01"), right(), decision())
    assert told.zh == "承包方书面同意抵押：现在是“否”，应为是。取得同意。"
    assert told.en == "The contractor consents: it is no, must be yes. Get the consent."
    lost = finding("NEW-01", state="unknown", missing=("contractor_consent",))
    assert "承包方书面同意抵押" in sentence(lost, right(), decision()).zh


def test_a_fact_that_nobody_looked_for_is_no_accusation() -> None:
    lost = finding("SEC-OWN-03a", state="unknown", fact="disputed", missing=("disputed",))
    assert sentence(lost, right(), decision()).zh.startswith("还没有到登记处查过这块地")
    other = finding("LMR-WHO-02a", state="unknown", missing=("mortgagor_type",))
    assert "抵押人类型" in sentence(other, right(), decision()).zh


def test_looks_that_are_still_open_are_one_sentence() -> None:
    lost = tuple(
        finding(code, state="unknown", fact=fact, missing=(fact,))
        for code, fact in (("SEC-OWN-03a", "disputed"), ("LMR-USE-01a", "use_changed"))
    )
    (one,) = reasons(decision(right(findings=lost)))
    assert one.text.zh == "还有几样没有做完：查登记、看现场；请带上权属证书原件，我们一起办。"
    assert [found.code for found in one.findings] == ["SEC-OWN-03a", "LMR-USE-01a"]


def test_reasons_begin_with_what_counts_most() -> None:
    found = (
        finding("LMR-EFF-01", severity="haircut", fact="registered"),
        finding("LMR-WHO-01b", severity="refer", fact="filed_with_collective"),
        finding("LMR-WHO-02a"),
        finding("LMR-WHO-02b", state="unknown", severity="refer", fact="filed_with_collective",
                missing=("filed_with_collective",)),
    )  # fmt: skip
    told = reasons(decision(right(findings=found, flags=Flag.WIDE, market_observations=3)))
    marks = [one.findings[0].code if one.findings else "value" for one in told]
    assert marks == ["LMR-WHO-02a", "LMR-WHO-01b", "value", "LMR-EFF-01", "LMR-WHO-02b"]
    assert "只有3个" in told[2].text.zh


def test_rights_told_alike_are_told_once() -> None:
    rights = [right(right_id=name, findings=(finding(),)) for name in ("1", "2")]
    (one,) = reasons(decision(*rights))
    assert one.rights == ("1", "2") and len(one.findings) == 1


@pytest.mark.parametrize(
    ("flag", "words"),
    [
        (Flag.EXPIRED | Flag.NO_VALUE, "期限已经到了"), (Flag.WORTHLESS, "没有可以抵押的价值"),
        (Flag.NO_VALUE | Flag.MANDATORY_MISSING, "还算不出"), (Flag.DIVERGENT, "两种算法"),
        (Flag.CONTRADICTED, "对不上"), (Flag.STATED_HIGH, "报的价"),
        (Flag.MANDATORY_MISSING, "还缺一样主要的依据"),
    ],
)  # fmt: skip
def test_what_the_value_says_is_told(flag: Flag, words: str) -> None:
    (one,) = reasons(decision(right(flags=flag)))
    assert words in one.text.zh


def test_income_that_does_not_repay_is_told() -> None:
    poor = {**case().loan, "net_income_yuan_per_year": 20_000}
    (one,) = reasons(decision(case=case(loan=poor)))
    assert one.text.zh.startswith("一年净收入20,000元，不够还每年的52,000元")


def test_a_remark_is_filled_or_shortened_and_evaluates_nothing() -> None:
    assert remark("CRED", times=4, limit_times=2).zh == "征信里近两年逾期4次，超过2次的标准。"
    assert remark("CRED").zh == "征信里近两年有几次逾期，超过了标准。"
    assert remark("SEC-RANK-01", bank="{x.__class__}", prior_yuan="1").zh.startswith(
        "已经押给{x.__class__}了"
    )
    assert filled((Text("{a}", "{a}"),), {}) == Text("", "")
    with pytest.raises(PortfolioError, match="no sentence NOTHING"):
        remark("NOTHING")


def test_papers_are_of_facts() -> None:
    known = {f"LOOK-{look}" for look in ("registry", "contract", "borrower")}
    assert not [name for name in papers() if name not in known | declared_facts().keys()]
