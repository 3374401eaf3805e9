"""The list of what falls due: every kind by hand, and what is not worth a row."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from riskengine.pledgebook.watch import ORDER, SHOWN
from riskengine.rules.facts import INSPECTIONS

DAY = date(2026, 11, 24)
FRESH = {f"{name}_inspected_on": "2026-11-20" for name in INSPECTIONS}


def after(days: int) -> str:
    return (DAY + timedelta(days)).isoformat()


@pytest.fixture
def watch(
    hand: Callable[..., Path], household: Any, pledge: Any, loan: Any, judge: Any, tmp_path: Path
) -> Callable[..., dict[str, dict[str, Any]]]:
    """Rows by what falls due on one pledge made by hand."""

    def run(
        right: dict[str, Any] | None = None, papers: dict[str, Any] | None = None,
        lent: dict[str, Any] | None = None, policies: list[dict[str, Any]] | None = None,
        **options: Any,
    ) -> dict[str, dict[str, Any]]:  # fmt: skip
        tables: dict[str, Any] = {
            "land": [household("R", **(right or {}))],
            "pledges": [pledge("P", "R", "L", created_on="2026-01-10", **(FRESH | (papers or {})))],
            "loans": [loan("L", 1000.0) | (lent or {})],
        }
        if policies:
            tables["policies"] = [
                {"policy_id": f"I{k}", "right_kind": "land", "right_id": "R", "kind": "full_cost",
                 "sum_insured_yuan": 1000, **policy}
                for k, policy in enumerate(policies)
            ]  # fmt: skip
        judge(hand(**tables), tmp_path / "out", **options)
        rows = pq.read_table(tmp_path / "out" / "watch.parquet").to_pylist()
        assert len({row["what"] for row in rows}) == len(rows), "one row a pledge and thing"
        return {row["what"]: row for row in rows}

    return run


def test_a_pledge_in_order_is_not_listed(watch: Any) -> None:
    assert watch() == {}


@pytest.mark.parametrize("days", [-400, -1, 0, 90, 91])
@pytest.mark.parametrize(
    ("what", "where", "column"),
    [
        ("registered_until", "papers", "registered_until"),
        ("retransfer_consent_until", "papers", "retransfer_consent_until"),
        ("loan_matures", "lent", "matures_on"),
        ("guarantee_ends", "lent", "guarantee_until"),
    ],
)
def test_what_ends_within_the_horizon_or_is_overdue(
    watch: Any, what: str, where: str, column: str, days: int
) -> None:
    more = {"starts_on": "2020-01-10"} if column == "matures_on" else {}
    found = watch(**{where: {column: after(days), **more}})
    assert (what in found) == (days <= 90)
    if what in found:
        row = found[what]
        assert (row["due_on"], row["days_left"]) == (date.fromisoformat(after(days)), days)
        assert row["level"] == ("red" if days < 0 else "yellow")
        assert row["money_at_risk_yuan"] == 1000.0
        assert row["title_zh"]
        assert row["title_en"]


def test_a_consent_that_need_not_last_is_told_before_it_ends_and_not_after(watch: Any) -> None:
    assert "contractor_consent_until" in watch(papers={"contractor_consent_until": after(30)})
    assert "contractor_consent_until" not in watch(papers={"contractor_consent_until": after(-30)})


def test_a_paper_that_was_never_given_does_not_end(watch: Any) -> None:
    assert watch(papers={"registered": "no", "registered_until": after(5)}) == {}


def test_revaluation_is_due_a_year_after_the_last_and_at_once_where_there_was_none(
    watch: Any,
) -> None:
    soon = watch(papers={"appraised_on": "2026-01-05"})["revaluation"]
    assert soon["due_on"] == date(2027, 1, 5)
    never = watch(papers={"appraised_on": ""})["revaluation"]
    assert (never["days_left"], never["detail_en"]) == (0, "never appraised")
    assert watch(papers={"appraised_on": "2024-01-05"})["revaluation"]["level"] == "red"


def test_old_inspections_are_one_row_that_names_them(watch: Any) -> None:
    old = {f"{name}_inspected_on": "2025-02-01" for name in INSPECTIONS}
    found = watch(papers=old)
    assert list(found) == ["inspections"]
    assert found["inspections"]["level"] == "red"
    assert "登记查询、现场查勘、合同章程查阅" in found["inspections"]["detail_zh"]
    one = watch(papers={"site_inspected_on": "2026-05-10"})["inspections"]
    assert one["detail_en"] == "visit on the spot"
    assert watch(papers={"map_inspected_on": ""})["inspections"]["days_left"] == 0


def test_a_renewed_policy_is_not_lapsed(watch: Any) -> None:
    gone = {"starts_on": "2024-01-01", "ends_on": "2025-01-01"}
    runs = {"starts_on": "2026-06-01", "ends_on": "2027-06-01", "kind": "material_cost"}
    assert watch(policies=[gone])["insurance_ends"]["level"] == "red"
    assert "insurance_ends" not in watch(policies=[gone, runs])
    ends = watch(policies=[gone, runs | {"ends_on": after(30)}])["insurance_ends"]
    assert ends["days_left"] == 30


def test_a_right_that_ends_inside_the_loan_is_told_once_however_far(watch: Any) -> None:
    found = watch(right={"contract_end": after(200)})
    assert found["right_ends_inside_loan"]["days_left"] == 200
    assert found["right_ends_inside_loan"]["level"] == "red"
    assert "right_ends" not in found
    near = watch(right={"contract_end": after(40)}, lent={"matures_on": after(20)})
    assert near["right_ends"]["days_left"] == 40
    assert "right_ends_inside_loan" not in near


def test_a_signed_extension_lengthens_the_contract(watch: Any) -> None:
    codes = {"contract_end": after(40), "second_round_extension": "signed"}
    assert not {"right_ends", "right_ends_inside_loan"} & set(watch(right=codes))


def test_a_right_that_ended_long_ago_is_told_with_its_loan_alone(watch: Any) -> None:
    found = watch(
        right={"contract_end": "2023-12-31"},
        papers={"appraised_on": "2020-01-01", "site_inspected_on": "2020-01-01",
                "registered_until": "2023-12-31"},
        lent={"matures_on": after(10)}, policies=[{"ends_on": "2023-01-01"}],
    )  # fmt: skip
    assert {"right_ends", "loan_matures"} <= set(found)
    assert set(found) <= {"right_ends", "loan_matures", "cover_below_one"}


def test_a_repaid_loan_has_no_money_at_risk(watch: Any) -> None:
    assert watch(papers={"appraised_on": "2020-01-01"}, lent={"balance_yuan": 0}) == {}


def test_time_to_enforce_is_told_half_a_year_ahead(watch: Any) -> None:
    late = watch(lent={"starts_on": "2020-01-10", "matures_on": "2024-04-01"})["limitation"]
    assert late["due_on"] == date(2027, 4, 1)
    assert late["level"] == "yellow"
    early = watch(lent={"starts_on": "2020-01-10", "matures_on": "2024-09-01"})
    assert "limitation" not in early


@pytest.mark.parametrize(
    ("share", "level"), [(1.01, None), (1.14, None), (1.20, "yellow"), (1.32, "yellow"), (1.4, "red")]
)  # fmt: skip
def test_a_fall_of_the_value(watch: Any, tmp_path: Path, share: float, level: str | None) -> None:
    watch()
    row = pq.read_table(tmp_path / "out" / "pledges" / "land.parquet").to_pylist()[0]
    found = watch(right={"previous_value_yuan": share * row["after_market_value_yuan"]})
    assert found.get("value_fell", {}).get("level") == level
    if level == "red":
        assert found["value_fell"]["detail_en"] == "−28%"


def test_cover_below_one(watch: Any) -> None:
    found = watch(lent={"balance_yuan": 9_000_000})
    assert found["cover_below_one"]["level"] == "red"
    assert float(found["cover_below_one"]["detail_en"]) < 1.0


def test_sealed_and_idle(watch: Any) -> None:
    found = watch(papers={"sealed_or_seized": "yes"})
    assert found["sealed"]["level"] == "red"
    idle = watch(right={"kind": "lease_prepaid", "lease_end": "2040-01-01",
                        "rent_prepaid_through": "2030-01-01"}, papers={"idle_years": 1.0})  # fmt: skip
    assert idle["idle"]["level"] == "yellow"


def test_the_fund_counts_only_where_it_bears_something(watch: Any) -> None:
    until = {"compensation_fund_until": after(10)}
    assert "fund_ends" not in watch(lent=until)
    assert "fund_ends" in watch(lent=until | {"compensation_fund_share": 0.3})


def test_without_loans_the_lending_value_is_at_risk(
    hand: Callable[..., Path], household: Any, pledge: Any, judge: Any, tmp_path: Path
) -> None:
    rows = [pledge("P", "R", **FRESH) | {"appraised_on": "2020-01-01"}]
    judge(hand(land=[household("R")], pledges=rows), tmp_path / "out")
    listed = pq.read_table(tmp_path / "out" / "watch.parquet").to_pylist()
    row = pq.read_table(tmp_path / "out" / "pledges" / "land.parquet").to_pylist()[0]
    assert [one["what"] for one in listed] == ["revaluation"]
    assert listed[0]["money_at_risk_yuan"] == row["lending_value_yuan"] > 0.0


def test_the_list_is_ranked_and_the_summary_adds_up(judged: tuple[Path, dict[str, Any]]) -> None:
    out, manifest = judged
    table = pq.read_table(out / "watch.parquet")
    rows = table.to_pylist()
    assert table.sort_by(list(ORDER[:1])).column("money_at_risk_yuan").equals(
        table.column("money_at_risk_yuan")
    )  # fmt: skip
    pairs = [(row["pledge_id"], row["what"]) for row in rows]
    assert len(set(pairs)) == len(pairs)
    watch = manifest["watch"]
    assert manifest["watched"] == watch["rows"] == len(rows)
    assert watch["pledges"] == len({row["pledge_id"] for row in rows})
    assert sum(kind["pledges"] for kind in watch["kinds"].values()) == len(rows)
    assert len(watch["first"]) == min(SHOWN, watch["pledges"])
    ids = list(dict.fromkeys(row["pledge_id"] for row in rows))
    assert [one["pledge_id"] for one in watch["first"]] == ids[:SHOWN]
    for one in watch["first"]:
        assert len(one["entries"]) == sum(row["pledge_id"] == one["pledge_id"] for row in rows)
