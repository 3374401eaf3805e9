"""Case files as people write them: what is laid out wrongly is refused with a cure, not guessed."""

from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from riskengine.casefile.decide import Decision, decide
from riskengine.casefile.evaluate import Bench, evaluate
from riskengine.casefile.letter import farmer_letter
from riskengine.casefile.read import MOST_RIGHTS, case_in_book, case_of, read_case
from riskengine.casefile.reasons import reasons
from riskengine.casefile.record import record
from riskengine.casefile.sheet import officer_sheet
from riskengine.casefile.typed import typed
from riskengine.errors import PortfolioError
from riskengine.gates.tables import pledges
from riskengine.market import demonstration
from riskengine.rights import RIGHTS
from riskengine.rights.comparables import COMPARABLES
from riskengine.rules import statute_of

DAY = date(2026, 11, 23)
SEEN = {f"{name}_inspected_on": date(2026, 11, 10) for name in
        ("registry", "site", "contract", "map", "borrower")}  # fmt: skip
LOAN = {"lender_type": "bank", "balance_yuan": 20_000, "starts_on": DAY,
        "matures_on": date(2027, 11, 23)}  # fmt: skip
OWN = {
    "table": "land", "kind": "household", "region_code": "640221", "area_mu": 20,
    "land_use": "irrigated", "contract_end": date(2055, 12, 31), "mortgagor_type": "household",
    "pledged_object": "land_management_right", "filed_with_collective": True,
    "all_members_signed": True, "registered": True, "certified_area_mu": 20, **SEEN,
}  # fmt: skip
BENCH = Bench(demonstration(), statute_of)


def content(**changes: Any) -> dict[str, Any]:
    """A case in order, with some of its parts changed."""
    return {"loan": dict(LOAN), "right": [deepcopy(OWN)], **changes}


def own(**changes: Any) -> dict[str, Any]:
    """Its right, with some cells changed; None leaves one out."""
    return {name: cell for name, cell in {**OWN, **changes}.items() if cell is not None}


def answer(made: dict[str, Any]) -> Decision:
    """The answer to a case."""
    return decide(case_of(made, DAY), BENCH)


def both(error: PortfolioError) -> str:
    """What an error says, in both languages."""
    return f"{error.say('zh')} {error.say('en')}"


# What is laid out wrongly.

WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "loan a number": (content(loan=5), "[loan]"),
    "loan a list": (content(loan=[LOAN]), "[loan]"),
    "right a text": (content(right="abc"), "[[right]]"),
    "right numbers": (content(right=[1]), "[[right]]"),
    "right one table": (content(right=OWN), "[[right]]"),
    "no right": (content(right=[]), "[[right]]"),
    "policy a number": (content(right=[own(policy=5)]), "[[policy]]"),
    "policy a text": (content(right=[own(policy="ab")]), "[[policy]]"),
    "policy numbers": (content(right=[own(policy=[1])]), "[[policy]]"),
    "a part that is none": (content(loans=LOAN), "loans"),
    "one column by two names": (content(right=[{**OWN, "面积": 30}]), "area_mu"),
    "one right twice": (content(right=[own(right_id="A"), own(right_id="A")]), "2"),
    "another loan": (content(right=[own(loan_id="L-2")]), "loan_id"),
    "too many rights": (content(right=[OWN] * (MOST_RIGHTS + 1)), "pledges"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_laid_out_wrongly_is_refused_with_a_cure(name: str) -> None:
    made, told = WRONG[name]
    with pytest.raises(PortfolioError) as caught:
        case_of(made, DAY)
    assert told in caught.value.say("zh") and told in caught.value.say("en")


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"", "valued_on"),
        (b"\xff\xfe\x00", "UTF-8"),
        ("title = '张三'".encode("gb18030"), "UTF-8"),
        (b"a = " + b"[" * 3000, "cannot be read"),
        (b"valued_on = 2026-11-23\nloan = {balance_yuan = " + b"9" * 5000 + b"}", "cannot be read"),
        (b"valued_on = 2026-11-23T10:00:00", "valued_on"),
        (b"valued_on = '2026-11-23'", "valued_on"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_case_is_told(raw: bytes, told: str, tmp_path: Path) -> None:
    path = tmp_path / "case.toml"
    path.write_bytes(raw)
    with pytest.raises(PortfolioError) as caught:
        read_case(path)
    assert told in both(caught.value)


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "case.toml"
    path.write_bytes(b'\xef\xbb\xbfvalued_on = 2026-11-23\n[[right]]\ntable = "land"\n')
    assert read_case(path).valued_on == DAY


# Cells written in other ways.


def test_a_loan_with_a_number_of_its_own_is_the_loan_of_the_rights() -> None:
    assert record(answer(content(loan={**LOAN, "loan_id": "L-9"})), "zh") == record(
        answer(content()), "zh"
    )


def test_numbers_days_and_words_in_texts_are_what_they_say() -> None:
    loan = {**LOAN, "balance_yuan": "20,000", "matures_on": "2027/11/23", "lender_type": "银行"}
    right = own(area_mu="20", contract_end="2055年12月31日", registered="是", kind="承包户")
    written, plain = answer(content(loan=loan, right=[right])), answer(content())
    for make in (officer_sheet, farmer_letter, record):
        assert make(written, "zh") == make(plain, "zh")


def test_a_cell_that_holds_nothing_is_left_out() -> None:
    case = typed(case_of(content(right=[own(certified_area_mu="", agreed_sale=" ")]), DAY))
    assert case.rights[0].pledge.keys().isdisjoint({"certified_area_mu", "agreed_sale"})


# Papers.


def test_one_certificate_on_two_rights_goes_to_a_person_and_is_told() -> None:
    number = "鲁(2020)肥城市不动产权第0000001号"
    twice = answer(content(right=[own(certificate_no=number), own(certificate_no=number)]))
    apart = answer(content(right=[own(certificate_no=number), own(certificate_no="另一本")]))
    assert (twice.outcome, apart.outcome) == ("refer", "pass")
    assert [right.outcome for right in twice.rights] == ["refer", "refer"]
    assert not any(number in make(twice, "zh") for make in (officer_sheet, farmer_letter))


def test_a_right_told_twice_goes_to_a_person_as_one_certificate_does() -> None:
    twice = answer(content(right=[OWN, dict(OWN)]))
    named = answer(content(right=[own(right_id="A"), own(right_id="B", area_mu="20.0")]))
    for decision in (twice, named):
        assert decision.outcome == "refer"
        for right in decision.rights:
            (paper,) = right.papers
            assert (paper.column, paper.refers) == ("certificate_no", True)
            assert "told twice" in paper.remark.text.en
    for other in (own(area_mu=21), own(certificate_no="一本"), own(filed_with_collective=False)):
        apart = answer(content(right=[OWN, other]))
        assert not any(right.papers for right in apart.rights)
    three = answer(content(right=[OWN, own(area_mu=21), OWN]))
    assert [len(right.papers) for right in three.rights] == [1, 0, 1]
    one = answer(content(right=[own(certificate_no="一本")] * 2))
    assert ["certificate stands" in p.remark.text.en for r in one.rights for p in r.papers] == [
        True, True,
    ]  # fmt: skip


def test_a_code_that_cannot_be_right_is_told_to_officer_and_farmer() -> None:
    wrong = {**LOAN, "borrower_code": "110105194912310021"}
    decision = answer(content(loan=wrong, right=[own(parcel_code="12345")]))
    assert decision.outcome == "refer" and decision.rights[0].outcome == "refer"
    sheet, letter = officer_sheet(decision, "zh"), farmer_letter(decision, "en")
    assert "地块代码应为19位" in sheet and "证号第18位校验不对" in sheet
    assert "the parcel code has 5 characters" in letter and "check character 18" in letter
    assert wrong["borrower_code"] not in sheet + letter
    assert wrong["borrower_code"] not in str(record(decision, "zh"))
    assert all(reason.severity == "refer" for reason in reasons(decision))


def test_numbers_of_people_in_the_title_are_hidden_in_the_record_too() -> None:
    told = record(answer(content(title="张三 11010519491231002X")), "zh")["title"]
    assert told == "张三 110***********002X"


def test_a_case_out_of_a_book_is_valued_by_the_deals_of_the_book(tmp_path: Path) -> None:
    for contract in (RIGHTS["land"], pledges(), COMPARABLES):
        cells = {one.name: one.example for one in contract.columns if one.example}
        cells |= {"pledge_id": "P-1", "right_id": "SAMPLE-0001"} if contract is pledges() else {}
        cells.pop("loan_id", None)
        rows = [cells, cells.values()]
        text = "\n".join(",".join(row) for row in rows)
        (tmp_path / f"{contract.table}.csv").write_text(text, encoding="gb18030")
    case = case_in_book("P-1", tmp_path, DAY)
    assert case.comparables is not None
    assert evaluate(case, BENCH)[0].valuation.inputs.comparables is case.comparables
