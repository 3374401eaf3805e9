"""The sheet and the letter: same bytes, the decision's numbers, nothing open, nobody's number."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from html.parser import HTMLParser
from itertools import pairwise, product
from xml.etree import ElementTree as ET

import pytest

from riskengine.casefile.decide import Decision, decide
from riskengine.casefile.evaluate import Bench
from riskengine.casefile.letter import farmer_letter
from riskengine.casefile.limits import months_after
from riskengine.casefile.picture import added, moving, waterfall_svg
from riskengine.casefile.read import case_of
from riskengine.casefile.repayment import WAYS, repayment
from riskengine.casefile.sheet import officer_sheet
from riskengine.casefile.shown import valid_to, veiled, verdict
from riskengine.casefile.todo import to_do
from riskengine.market.loader import demonstration
from riskengine.rules import statute_of
from riskengine.valuation import Flag
from tests.casefile.made import CITIZEN, DAY, NAN, case, cure, decision, finding, left, right

PAGES = (officer_sheet, farmer_letter)
HOSTILE = '<script>alert("1")</script> & <img src=x onerror=alert(1)> {thing} {{ d.case }}'


def unknown(code: str, fact: str, severity: str = "refer"):
    return finding(code, state="unknown", severity=severity, fact=fact, missing=(fact,))


def answers() -> dict[str, Decision]:
    """One answer of every kind."""
    short = right(
        outcome="haircut", findings=(finding("LMR-EFF-01", severity="haircut", fact="registered"),)
    )
    asked = right(outcome="refer", findings=(
        unknown("LMR-WHO-02a", "contractor_consent", "block"), unknown("SEC-OWN-03a", "disputed"),
    ))  # fmt: skip
    nothing = left(("market_value", 200_000.0), ("verdict", -200_000.0))
    stopped = right(
        outcome="block", left_fen=nothing, lending_value_yuan=0.0, loss_credit_yuan=0.0,
        findings=(finding(),),
    )  # fmt: skip
    blank = right(
        right_id="2", outcome="refer", status="no_value", flags=Flag.NO_VALUE, value_yuan=NAN,
        p05_yuan=NAN, p95_yuan=NAN, remaining_years=NAN, loan_years=NAN, left_fen=left(),
        lending_value_yuan=0.0, loss_credit_yuan=0.0, market_level=0, market_observations=0,
        dots={},
    )  # fmt: skip
    endless = right(right_id="3", remaining_years=float("inf"), loan_years=30.0)
    without = replace(
        decision(), case=case(loan={}), asked_yuan=NAN, cover=NAN, longest_months=None
    )
    return {
        "pass": decision(), "haircut": decision(short, outcome="haircut", cures=(cure(),)),
        "refer": decision(asked, outcome="refer", cures=(
            cure(), cure(codes=("SEC-OWN-03a",), fact="disputed", gain_yuan=0.0, needed_yuan=0.0),
        ), limit_when_mended_yuan=99_999.99),
        "block": decision(stopped, outcome="block", longest_months=None), "no loan": without,
        "several": decision(short, replace(blank, right_id="2"), endless, outcome="refer"),
        "no value": decision(replace(blank, right_id="1"), outcome="refer", limit_yuan=0.0),
        "four": decision(*(right(right_id=str(k)) for k in range(1, 5))),
        "bare": replace(without, case=replace(case(loan={}), title="")),
    }  # fmt: skip


ANSWERS = answers()
MADE = [
    pytest.param(make, made, language, id=f"{make.__name__} {name} {language}")
    for make, (name, made), language in product(PAGES, ANSWERS.items(), ("zh", "en"))
]


class Page(HTMLParser):
    """Elements that are open, and text that is read."""

    EMPTY = frozenset({"meta", "br", "rect", "line"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.names: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names |= {tag} | {name for name, _ in attrs}
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not {"style", "title"} & set(self.open):
            self.seen.append(data)


def read(html: str) -> str:
    """The text of a page."""
    return re.sub(r"\s+", " ", " ".join(Page(html).seen))


@pytest.mark.parametrize(("make", "made", "language"), MADE)
def test_a_page_is_whole_and_the_same_again(
    make: Callable[..., str], made: Decision, language: str
) -> None:
    html = make(made, language)
    assert html == make(made, language)
    assert not re.search(r"[{}]|\bnan\b|\binf\b|\bNone\b", read(html))
    assert not Page(html).open
    assert CITIZEN not in html and CITIZEN[:-1] not in html
    assert not {"script", "img", "link", "onerror", "src", "href"} & Page(html).names
    assert not re.search(r"https?:|@import|url\((?!#)", html)
    assert "@page" in html and "size: A4" in html


@pytest.mark.parametrize("make", PAGES)
def test_hostile_text_is_only_text(make: Callable[..., str]) -> None:
    made = replace(decision(), case=replace(case(), title=HOSTILE))
    html = make(made, "zh")
    assert not {"script", "img", "onerror"} & Page(html).names
    assert "<script>" in read(html) and "{{ d.case }}" in read(html)


@pytest.mark.parametrize(
    "number",
    [CITIZEN, "13800138000", "6222 0202 0000 1234 567", "１１０１０５１９４９１２３１００２Ｘ"],
)
def test_numbers_of_people_in_the_title_are_hidden(number: str) -> None:
    said = veiled(f"张三 {number} 的地")
    assert "*" in said and "的地" in said and number not in said
    assert not re.search(r"\d{8}", said)
    assert veiled("120亩 2026-11-23 NY/T 2539-2016") == "120亩 2026-11-23 NY/T 2539-2016"


def test_the_verdict_is_the_outcome_unless_money_or_value_say_less() -> None:
    words = {name: verdict(ANSWERS[name]) for name in ("pass", "haircut", "refer", "block")}
    assert words == {name: name for name in words}
    assert verdict(replace(decision(), cover=0.8)) == "haircut"
    assert verdict(decision(right(status="refer"))) == "refer"
    for name, chip in (
        ("pass", "通过"),
        ("haircut", "有条件"),
        ("refer", "转人工"),
        ("block", "不得受理"),
    ):
        assert f'<div class="chip {name}">{chip}</div>' in officer_sheet(ANSWERS[name], "zh")


def test_the_numbers_are_those_of_the_decision() -> None:
    made = ANSWERS["refer"]
    said = read(officer_sheet(made, "zh"))
    for words in ("6.12 万元", "61,234.56 元", "补齐后 10.00 万元", "1.22", "5.00 万元", "13 个月"):
        assert words in said, words
    assert "61,234.56 → 99,999.99 元（+38,765.43）" in said
    assert "+1,234.56" in said and "2,345.67" in said
    assert "110***********002X" in said and "0017" in said and "2026-11-10" in said
    assert "到期一次还本付息 52,000.00 元" in said and "65%" in said
    assert "15.00 – 20.00 – 26.00 万元" in said and "剩 29.1 年 · 贷 1.0 年" in said
    assert "有效期至 2027-11-23" in said and "a1b2c3d4e5" in said


@pytest.mark.parametrize("name", sorted(ANSWERS))
def test_the_waterfall_adds_up_to_the_fen(name: str) -> None:
    made = ANSWERS[name]
    html = officer_sheet(made, "zh")
    table = html[html.index("<th>步骤") : html.index("</section>", html.index("<th>步骤"))]
    rows = [re.findall(r"<td[^>]*>([^<]*)</td>", row) for row in table.split("<tr")[1:]]
    rows = [row for row in rows if row]
    fen = [[round(100 * _number(cell)) for cell in row[-2:]] for row in rows]
    assert sum(change for change, _ in fen[:-1]) == fen[-1][1]
    assert fen[-1][1] == round(100 * sum(one.steps[-1].left_yuan for one in made.rights))
    for before, (change, after) in pairwise(fen[:-1]):
        assert before[1] + change == after


def _number(cell: str) -> float:
    return float(cell.replace(",", "").replace("−", "-") or 0.0)


def test_every_finding_that_counts_is_on_the_sheet() -> None:
    found = tuple(
        finding(f"NEW-{k:02d}", severity=severity, state=state, missing=missing)
        for k, (severity, state, missing) in enumerate(
            product(("block", "refer", "haircut"), ("failed", "unknown"), ((), ("disputed",)))
        )
    )
    watched = finding("NEW-99", severity="monitor", fact="black_soil")
    html = officer_sheet(decision(right(findings=(*found, watched)), outcome="block"), "zh")
    assert not [one.code for one in (*found, watched) if one.code not in html]
    letter = farmer_letter(decision(right(findings=found), outcome="block"), "zh")
    assert letter.count("<li>") <= 5
    sentences = read(letter[letter.index("<ol>") : letter.index("</ol>")])
    assert "NEW-" not in sentences and "art. 47" not in sentences


def test_the_letter_begins_with_good_news_where_there_is_any() -> None:
    def news(made: Decision, language: str = "zh") -> str:
        html = farmer_letter(made, language)
        return read(
            html[html.index('<div class="news') : html.index("</div>", html.index("news "))]
        )

    assert "您申请的 5.00 万元，抵押够用" in news(ANSWERS["pass"])
    assert "最多可以贷 61,234 元" in news(ANSWERS["pass"])
    assert "到期一共还 52,000 元" in news(ANSWERS["pass"])
    assert "三天内答复" in news(ANSWERS["pass"])
    assert "可以贷 6.12 万元" in news(ANSWERS["no loan"])
    assert "初步算，最多可以贷 6.12 万元" in news(ANSWERS["refer"])
    assert "现在还不能办" in news(ANSWERS["block"]) and "可以贷" not in news(ANSWERS["block"])
    hope = replace(ANSWERS["block"], limit_when_mended_yuan=88_000.0)
    assert "材料补齐以后，最多可以贷 8.80 万元" in news(hope)
    assert "Once the papers are complete, up to 8.80 万元" in news(hope, "en")


def test_the_letter_says_what_to_bring_and_that_a_person_may_look() -> None:
    said = read(farmer_letter(ANSWERS["refer"], "zh"))
    assert "原承包户签字的同意抵押书 大约多贷 1,234 元" in said
    assert "权属证书原件 办理要用" in said
    assert "最多可以贷 99,999 元，比现在多 38,765 元" in said
    assert "您可以要求人来复核。" in said and "这里是我们用到的资料和来源" in said
    assert "面积 120亩" in said and "看现场 2026-11-10" in said
    assert "You may ask for a person to review." in read(farmer_letter(ANSWERS["refer"], "en"))


def test_a_paper_for_two_facts_of_a_right_is_worth_it_once_and_for_two_rights_twice() -> None:
    home = [cure(fact=fact, gain_yuan=100.0) for fact in ("sole_dwelling", "second_dwelling")]
    other = replace(home[0], right_id="2")
    said = read(farmer_letter(decision(right(), right(right_id="2"), cures=(*home, other)), "zh"))
    assert said.count("另一处住房的证或长期租约") == 1 and "大约多贷 200 元" in said


def test_what_one_look_finds_out_stands_in_one_line() -> None:
    looks = [("SEC-OWN-03a", "disputed"), ("SEC-OWN-03b", "sealed_or_seized")]
    found = tuple(unknown(code, fact) for code, fact in looks)
    idle = tuple(
        cure(codes=(code,), fact=fact, gain_yuan=0.0, needed_yuan=0.0, severity=severity)
        for (code, fact), severity in zip(looks, ("refer", "block"), strict=True)
    )
    (one,) = to_do(decision(right(findings=found), cures=idle))
    assert one.codes == ("SEC-OWN-03a", "SEC-OWN-03b") and one.severity == "block"
    assert (
        one.action.zh == "查登记：权属不明或有争议、被查封、扣押或监管" and one.look == "registry"
    )
    worth = replace(idle[0], gain_yuan=5.0)
    assert len(to_do(decision(right(findings=found), cures=(worth, idle[1])))) == 2


def test_a_crop_is_valued_to_its_harvest() -> None:
    assert valid_to(decision()) == date(2027, 11, 23)
    grown = replace(decision(), case=case(crop_harvest_on="2027-06-10"))
    assert valid_to(grown) == date(2027, 6, 10)


def test_a_loan_of_some_years_is_paid_level() -> None:
    loan = {**case().loan, "matures_on": date(2030, 2, 23), "balance_yuan": 100_000}
    paid = repayment(case(loan=loan))
    assert paid is not None and paid.level
    assert [one.due_on.isoformat() for one in paid.instalments] == [
        "2027-11-23", "2028-11-23", "2029-11-23", "2030-02-23",
    ]  # fmt: skip
    assert [one.interest_yuan for one in paid.instalments] == [4000.0, 4000.0, 4000.0, 1008.22]
    assert paid.instalments[-1].principal_yuan == 100_000 and paid.instalments[-1].left_yuan == 0.0
    worth = sum(paid.yearly_yuan * 1.04**-k for k in (1, 2, 3))
    assert worth < 100_000.0 < worth + paid.yearly_yuan * 1.04**-4
    assert paid.burden == pytest.approx(paid.yearly_yuan / 80_000, rel=1e-12)
    free = repayment(case(loan={**loan, "rate_per_year": 0.0}))
    assert free is not None and free.yearly_yuan == pytest.approx(100_000 / free.years, abs=0.01)


@pytest.mark.parametrize("last", [date(2029, 11, 23), date(2030, 2, 23), date(2027, 5, 23)])
@pytest.mark.parametrize("way", sorted(WAYS))
def test_the_calendar_is_that_of_the_way_of_repayment(way: str, last: date) -> None:
    loan = {**case().loan, "matures_on": last, "balance_yuan": 90_000, "repayment": way}
    paid = repayment(case(loan=loan))
    assert paid is not None and paid.told is WAYS[way]
    listed, rate = paid.instalments, paid.rate_per_year
    assert sum(one.principal_yuan for one in listed) == pytest.approx(90_000.0, abs=0.005)
    assert listed[-1].left_yuan == 0.0 and listed[-1].due_on == last
    whole = [one.principal_yuan + one.interest_yuan for one in listed]
    if way == "bullet":
        assert whole == [pytest.approx(90_000 * (1.0 + rate * paid.years), abs=0.01)]
    elif way == "interest_only":
        assert {one.principal_yuan for one in listed[:-1]} <= {0.0}
    elif way == "annuity":
        assert all(one == pytest.approx(paid.yearly_yuan, abs=0.01) for one in whole[:-1])
        if paid.years == 3.0:  # worth what was lent, discounted at its own rate
            assert whole[-1] == pytest.approx(paid.yearly_yuan, abs=0.02)
            worth = sum(one / (1.0 + rate) ** (k + 1) for k, one in enumerate(whole))
            assert worth == pytest.approx(90_000.0, abs=0.05)
    else:
        parts = [one.principal_yuan for one in listed[:-1]]
        assert parts == [pytest.approx(90_000 / paid.years, abs=0.01)] * len(parts)
        assert [one.interest_yuan for one in listed[:-1]] == [
            pytest.approx((90_000 - k * 90_000 / paid.years) * rate, abs=0.01)
            for k in range(len(parts))
        ]


@pytest.mark.parametrize("first", [date(2026, 11, 23), date(2028, 2, 29), date(2027, 12, 31)])
def test_anniversaries_before_the_last_day(first: date) -> None:
    for days in (1, 180, 364, 365, 366, 367, 730, 731, 1460, 1461, 1462, 3653):
        last = first + timedelta(days)
        loan = {**case().loan, "starts_on": first, "matures_on": last}
        paid = repayment(case(loan=loan))
        anniversaries = [months_after(first, 12 * k) for k in range(1, 12)]
        before = [day for day in anniversaries if day < last]
        assert paid is not None
        assert [one.due_on for one in paid.instalments] == [*before, last]
        whole = len(before) + (last in anniversaries)
        assert paid.years == whole or len(before) < paid.years < len(before) + 1.01


def test_a_loan_that_is_not_told_asks_nothing() -> None:
    assert repayment(case(loan={})) is None
    assert repayment(case(loan={**case().loan, "matures_on": DAY})) is None
    lacking = {k: v for k, v in case().loan.items() if k != "rate_per_year"}
    assert "没有填年利率" in officer_sheet(replace(decision(), case=case(loan=lacking)), "zh")
    poor = {**case().loan, "net_income_yuan_per_year": -5.0}
    assert "−5.00 元" in officer_sheet(replace(decision(), case=case(loan=poor)), "zh")


def test_a_long_calendar_is_cut_in_the_middle() -> None:
    loan = {**case().loan, "matures_on": date(2046, 11, 23)}
    said = read(officer_sheet(replace(decision(), case=case(loan=loan)), "zh"))
    assert "其间 15 年同样付息" in said and "2046-11-23" in said and "2031-11-23" not in said


def test_the_picture_leaves_out_what_changes_nothing() -> None:
    fall = right().steps
    assert [step.name for step in moving(fall)] == [
        "market_value", "price_fall", "sale_route", "insurance",
    ]  # fmt: skip
    svg = waterfall_svg(fall, "zh")
    drawn = ET.fromstring(svg)
    bars = [one for one in drawn.iter() if one.tag == "rect" and one.get("stroke")]
    assert len(bars) == 5 and bars[3].get("fill") == "url(#gain)"
    said = [one.text for one in drawn.iter("text")]
    assert said[:4] == ["20.00", "市场价值", "−8.00", "价格波动"]
    assert "+0.40" in said and said[-2:] == ["6.12", "可贷价值"]
    assert "lending" in waterfall_svg(fall, "en")
    assert "没有估值" in waterfall_svg(
        right(left_fen=left()).steps, "zh"
    ) and "没有估值" in waterfall_svg((), "zh")
    twice = added([fall, fall])
    assert twice[-1].left_yuan == 122_469.12 and twice[0].change_yuan == 400_000.0


def test_the_pages_of_an_answer_of_the_engine() -> None:
    inspected = {f"{name}_inspected_on": "2026-11-10" for name in ("site", "registry", "map")}
    land = {
        "table": "land", "kind": "household", "region_code": "370983", "area_mu": 120,
        "land_use": "irrigated", "contract_end": "2055-12-31", "mortgagor_type": "household",
        "pledged_object": "land_management_right", "certified_area_mu": 110, **inspected,
    }  # fmt: skip
    loan = {
        "balance_yuan": 100_000, "matures_on": "2029-11-23", "rate_per_year": 0.0435,
        "borrower_code": CITIZEN,
    }  # fmt: skip
    asked = case_of({"loan": loan, "right": [land]}, DAY)
    made = decide(asked, Bench(demonstration(), statute_of))
    for make, language in product(PAGES, ("zh", "en")):
        html = make(made, language)
        assert not re.search(r"[{}]", read(html)) and CITIZEN not in html
    sheet = officer_sheet(made, "zh")
    assert not [one.code for one in made.rights[0].findings if one.code not in sheet]
    assert f"{made.limit_yuan:,.2f}" in sheet
    assert "证上110亩，量出来120亩，按小的算" in sheet
