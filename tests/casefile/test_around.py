"""What stands around a case: codes on papers, policies, a case out of a book, the commands."""

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from riskengine.casefile.decide import decide
from riskengine.casefile.evaluate import Bench
from riskengine.casefile.read import Case, case_in_book, case_of
from riskengine.casefile.record import record
from riskengine.casefile.replay import differences, replay
from riskengine.cli import app
from riskengine.errors import PortfolioError
from riskengine.law import law_for
from riskengine.market import demonstration
from riskengine.rules import statute_of

DAY = date(2026, 11, 23)
INSPECTED = {
    f"{name}_inspected_on": date(2026, 11, 10)
    for name in ("registry", "site", "contract", "map", "borrower")
}
RIGHT = {
    "table": "land", "right_id": "R-1", "kind": "household", "region_code": "429006",
    "area_mu": 120.0, "land_use": "irrigated", "contract_end": date(2055, 12, 31),
    "mortgagor_type": "household", "pledged_object": "land_management_right",
    "filed_with_collective": True, "all_members_signed": True, "registered": True,
    "certified_area_mu": 120.0, **INSPECTED,
}  # fmt: skip
LOAN = {
    "lender_type": "bank", "balance_yuan": 50_000, "starts_on": DAY,
    "matures_on": date(2027, 11, 23),
}  # fmt: skip


def bench() -> Bench:
    return Bench(demonstration(), statute_of)


def made(right: Mapping[str, Any] | None = None, **loan: Any) -> Case:
    return case_of({"loan": {**LOAN, **loan}, "right": [{**RIGHT, **(right or {})}]}, DAY)


def test_a_right_code_says_nothing_and_a_wrong_one_goes_to_a_person() -> None:
    good = decide(
        made({"parcel_code": "4290060012030400017", "mortgagor_code": "11010519491231002X"}),
        bench(),
    )
    assert (good.outcome, good.rights[0].papers) == ("pass", ())
    bad = decide(made({"mortgagor_code": "110105194912310021"}), bench())
    (remark,) = bad.rights[0].papers
    assert (bad.outcome, remark.column, remark.remark.position) == ("refer", "mortgagor_code", 18)
    told = json.dumps(record(bad, "zh"), ensure_ascii=False)
    assert "110105194912310021" not in told


def test_a_unit_code_of_another_kind_of_right_goes_to_a_person() -> None:
    found = decide(made({"unit_code": "429006001002JC00012F00010001"}), bench())
    assert found.outcome == "refer"
    assert [paper.column for paper in found.rights[0].papers] == ["unit_code"]


def test_the_borrowers_own_number_is_checked_too() -> None:
    found = decide(made(borrower_code="110105194912310021"), bench())
    assert found.outcome == "refer"
    assert found.rights[0].papers[0].column == "borrower_code"


def test_insurance_counts_with_notice_no_more_than_the_debt_and_nothing_without() -> None:
    policy = {
        "kind": "full_cost", "sum_insured_yuan": 400_000, "ends_on": date(2027, 12, 31),
        "named_insured": True, "insurer_notified": True, "group_policy": False,
        "crop_repays_loan": False, "output_value_yuan": 600_000,
    }  # fmt: skip
    plain = decide(made(), bench()).limit_yuan
    counted = decide(made({"policy": [policy]}), bench())
    assert counted.limit_yuan - plain == pytest.approx(min(0.2 * 400_000, 50_000), abs=0.01)
    assert counted.rights[0].policies[0].findings == ()
    untold = decide(made({"policy": [{**policy, "insurer_notified": False}]}), bench())
    assert untold.limit_yuan == plain
    assert [one.code for one in untold.rights[0].policies[0].findings] == ["INS-06b"]


def test_a_fund_adds_its_share_once_a_loan_up_to_its_limit() -> None:
    fund = {
        "compensation_fund_share": 0.5, "compensation_fund_limit_yuan": 10_000,
        "compensation_fund_until": date(2028, 1, 1),
    }  # fmt: skip
    two = {"loan": {**LOAN, **fund}, "right": [RIGHT, {**RIGHT, "right_id": "R-2"}]}
    found = decide(case_of(two, DAY), bench())
    added = sum(right.steps[-1].change_yuan for right in found.rights)
    assert added == pytest.approx(10_000, abs=0.02)
    late = {**two, "loan": {**LOAN, **fund, "compensation_fund_until": date(2027, 1, 1)}}
    assert all(
        right.steps[-1].change_yuan == 0.0 for right in decide(case_of(late, DAY), bench()).rights
    )


def test_a_fund_that_says_it_bears_everything_is_counted_at_most_at_the_rule() -> None:
    fund = {
        "compensation_fund_share": 1.0, "compensation_fund_limit_yuan": 1e9,
        "compensation_fund_until": date(2028, 1, 1),
    }  # fmt: skip
    last = decide(made(**fund), bench()).rights[0].steps[-1]
    assert last.left_yuan == pytest.approx(
        (last.left_yuan - last.change_yuan) / (1.0 - 0.8), abs=0.05
    )


def test_what_reaches_the_sum_asked_for() -> None:
    missing = {"registered": False, "agreed_sale": False}
    limit, mended = (
        getattr(decide(made(missing), bench()), name)
        for name in ("limit_yuan", "limit_when_mended_yuan")
    )
    assert limit < mended
    assert decide(made(missing, balance_yuan=limit), bench()).to_reach == 0
    assert decide(made(missing, balance_yuan=(limit + mended) / 2.0), bench()).to_reach == 1
    assert decide(made(missing, balance_yuan=mended + 1.0), bench()).to_reach is None


def test_another_days_law_is_told_rule_by_rule() -> None:
    own, other = replay(made({"filed_with_collective": None}), bench(), date(2018, 6, 1))
    assert own.outcome == "refer"
    changed = {row["id"]: (row["own"], row["other"]) for row in differences(own, other, "en")}
    assert changed["LMR-WHO-01b"] == ("unknown refer", "kept")


def test_an_institution_tightens_a_case(tmp_path: Path) -> None:
    (tmp_path / "lending_practice.toml").write_text(
        "[land_household_cap]\n[[land_household_cap.value]]\nfrom = 2020-01-01\namount = 0.01\n"
        'cite = "bank policy 2020-1"\nseen = "text"\n', encoding="utf-8",
    )  # fmt: skip
    free = decide(made(), bench())
    tight = decide(made(), Bench(demonstration(), law_for(tmp_path)))
    assert tight.limit_yuan == pytest.approx(0.01 * tight.rights[0].value_yuan, abs=0.01)
    assert tight.limit_yuan < free.limit_yuan
    assert "E1-01c" in [finding.code for finding in tight.rights[0].findings]


def book(folder: Path) -> Path:
    """A small portfolio of one right, its pledge and its loan."""
    case = made()
    (right,) = case.rights
    for name, cells in (("land", right.right), ("pledges", right.pledge), ("loans", case.loan)):
        pq.write_table(pa.table({k: [v] for k, v in cells.items()}), folder / f"{name}.parquet")
    return folder


def test_a_case_out_of_a_book_is_the_same_case(tmp_path: Path) -> None:
    found = case_in_book("R-1", book(tmp_path), DAY)
    mine, theirs = (record(decide(case, bench()), "en") for case in (made(), found))
    assert {**mine, "title": ""} == {**theirs, "title": ""}
    with pytest.raises(PortfolioError, match="found 0 times"):
        case_in_book("R-2", tmp_path, DAY)


def test_the_commands_say_what_python_says(tmp_path: Path) -> None:
    folder = book(tmp_path)
    run = CliRunner().invoke
    asked = ["case", "R-1", "--book", str(folder), "--valued-on", DAY.isoformat(), "--json"]
    pages = tmp_path / "sheet.html", tmp_path / "letter.html"
    told = run(app, [*asked, "--sheet", str(pages[0]), "--letter", str(pages[1])])
    assert told.exit_code == 0, told.output
    wanted = record(decide(case_in_book("R-1", folder, DAY), bench()), "zh")
    assert json.loads(told.output) == json.loads(json.dumps(wanted))
    assert all(page.read_text(encoding="utf-8").startswith("<!") for page in pages)
    shown = run(app, ["case", "R-1", "--book", str(folder), "--valued-on", DAY.isoformat()])
    assert shown.exit_code == 0 and "通过" in shown.output


def test_rules_replay_on_the_command_line() -> None:
    path = next(Path("examples/cases").glob("047_*.toml"))
    told = CliRunner().invoke(
        app, ["rules", "replay", str(path), "--law-on", "2026-11-24", "--json"]
    )
    assert told.exit_code == 0, told.output
    answer = json.loads(told.output)
    assert answer["own"]["valued_on"] == answer["other"]["valued_on"]
    assert {row["id"] for row in answer["differences"]} >= {"LMR-WHO-01b"}
