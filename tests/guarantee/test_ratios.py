"""The table of ratios: every rule of an institution, its status and what it still allows."""

from datetime import date
from typing import Any

import numpy as np
import pytest

from riskengine.dates import day_number
from riskengine.gates.judge import single
from riskengine.gates.plan import plan_of
from riskengine.guarantee.contracts import Contracts, RatioError, contracts_of
from riskengine.guarantee.institution_facts import facts_of_institution, institution_of
from riskengine.guarantee.ratios import STATUS_WORDS, Ratio, ratios
from riskengine.guarantee.switches import Switches
from riskengine.rules import load, statute, statute_of
from riskengine.rules.overlay import lay_over

DAY = date(2026, 11, 24)


def day(*parts: int) -> float:
    return float(day_number(date(*parts)))


def book(**more: Any) -> Contracts:
    """Ten households of 1 million, borne by eight tenths, one firm of 2 million."""
    size = 11
    columns = {
        "client": range(size), "county": [1] * size, "kind": [1] * 10 + [3], "state": [0] * size,
        "in_force_balance_yuan": [1e6] * 10 + [2e6], "own_share": [0.8] * 10 + [1.0],
        "small_agri": [1] * 10 + [0], "is_pig": [0] * size, "poverty_alleviation": [0] * size,
        "fee_rate_per_year": [0.007] * size, "loan_rate_per_year": [0.04] * size,
        "bank_share": [0.2] * size, "started_on": [day(2026, 3, 1)] * size,
        "overdue_days": [0.0] * size, "compensated_yuan": [0.0] * size,
    }  # fmt: skip
    return contracts_of(**(columns | more))


def said(**more: Any) -> dict[str, Any]:
    """A statement that answers everything."""
    facts = {
        "as_of": DAY, "consolidated": False, "net_assets_yuan": 50e6,
        "equity_in_guarantors_yuan": 0.0, "total_assets_yuan": 70e6,
        "paid_in_capital_yuan": 40e6, "tier_one_yuan": 40e6, "tier_two_yuan": 20e6,
        "tier_three_yuan": 9e6, "compensation_receivable_yuan": 1e6,
        "unearned_reserve_yuan": 60e3, "compensation_reserve_yuan": 100e3,
        "compensation_reserve_opening_yuan": 20e3, "compensation_reserve_used_yuan": 0.0,
        "fee_income_year_yuan": 100e3, "fund_yuan": 3e6, "licence": True,
        "takes_deposits": False, "lends_own_or_entrusted_money": False,
        "invests_for_others": False, "reserves_provided": True, "supervisory_rating_held": True,
        "policy_business_is_main": True, "government_backed": True, "agri_policy_guarantor": True,
    }  # fmt: skip
    return facts | more


def table(
    contracts: Contracts | None = None, statement: dict[str, Any] | None = None, on: date = DAY,
    **more: Any,
) -> dict[str, Ratio]:  # fmt: skip
    found = ratios(
        book() if contracts is None else contracts, said() if statement is None else statement,
        statute().at(on), **more,
    )  # fmt: skip
    return {one.rule or one.name: one for one in found}


def test_the_whole_table_of_a_sound_company() -> None:
    found = table()
    # 10 x 1 m x 0.8 x 0.75 + 2 m = 8 million; 10 of 11 clients and 10 of 12 million are agri.
    assert "GI-LEV-01" not in found
    assert found["GI-LEV-02a"].value == pytest.approx(8e6 / 50e6)
    assert found["GI-LEV-02a"].limit == 15.0
    assert found["GI-LEV-02a"].headroom_yuan == pytest.approx(15 * 50e6 - 8e6)
    assert found["GI-CON-01"].value == pytest.approx(0.04)
    assert found["GI-CON-01"].headroom_yuan == 3e6
    assert found["GI-CON-02"].headroom_yuan == 5.5e6
    assert found["AGR-DUAL-01a"].value == 1.0
    assert found["GOV-MIX-01a"].value == pytest.approx(10 / 12)
    assert found["GOV-MIX-01a"].headroom_yuan == pytest.approx(10e6 / 0.8 - 12e6)
    assert found["GOV-MIX-01b"].value == 1.0
    assert found["GOV-FEE-01"].value == pytest.approx(0.007)
    assert found["GI-A-04"].value == pytest.approx((50e6 + 160e3) / 70e6)
    assert found["GI-A-06a"].value == pytest.approx(40 / 69)
    assert found["GI-RES-02"].value == 0.6
    assert found["liability_balance"].value == 8e6
    broken = {name: one for name, one in found.items() if one.status == "breaks"}
    assert not broken
    unknown = {name for name, one in found.items() if one.status == "unknown"}
    # Nothing was released or compensated yet: there is nothing to divide by.
    assert unknown == {
        "AGR-TRIG-01a", "AGR-TRIG-01b", "GI-R-01", "GI-R-02", "recovery_rate", "loss_rate",
        "provision_coverage",
    }  # fmt: skip


def test_every_line_can_be_read() -> None:
    for one in table(need_yuan=1e5).values():
        assert one.title.zh != one.title.en
        assert one.how.zh
        assert one.how.en
        assert one.citation
        assert one.status in STATUS_WORDS
        if one.status == "no_limit":
            assert (one.limit, one.compare) == (None, "")
        if one.seen == "memory":
            assert one.severity != "block"


def test_conflicts_and_doubts_stand_beside_the_ratio() -> None:
    note = table()["GI-A-05"].note
    assert note is not None
    assert "60 %" in note.en
    assert table()["GI-A-05"].severity == "refer"


@pytest.mark.parametrize(
    ("assets", "agri", "rule", "status"),
    [
        (0.8e6, 1, "GI-LEV-02a", "meets"), (0.6e6, 1, "GI-LEV-02a", "near"),
        (0.5334e6, 1, "GI-LEV-02a", "near"), (0.53e6, 1, "GI-LEV-02a", "breaks"),
        (0.8e6, 0, "GI-LEV-01", "near"), (0.79e6, 0, "GI-LEV-01", "breaks"),
    ],
)  # fmt: skip
def test_gi_lev_ten_or_fifteen_times(assets: float, agri: int, rule: str, status: str) -> None:
    some = book(small_agri=[agri] * 10 + [0])
    found = table(some, said(net_assets_yuan=assets))
    assert found[rule].status == status
    assert ({"GI-LEV-01", "GI-LEV-02a"} - {rule}).isdisjoint(found)


@pytest.mark.parametrize(
    ("assets", "expected"),
    [
        (0.9e6, {"GI-LEV-01": "near"}),
        (0.7e6, {"GI-LEV-01": "unknown", "GI-LEV-02a": "meets"}),
        (0.5e6, {"GI-LEV-02a": "breaks"}),
    ],
)  # fmt: skip
def test_leverage_where_nobody_knows_whom_the_company_serves(
    assets: float, expected: dict[str, str]
) -> None:
    """Between 10 and 15 times the limit decides; outside, the answer is the same either way."""
    found = table(book(small_agri=[-1] * 11), said(net_assets_yuan=assets))
    assert {k: found[k].status for k in ("GI-LEV-01", "GI-LEV-02a") if k in found} == expected


@pytest.mark.parametrize(
    ("fact", "rules"),
    [
        ("net_assets_yuan", ("GI-LEV-02a", "GI-CON-01", "GI-CON-02", "GI-A-04")),
        ("equity_in_guarantors_yuan", ("GI-LEV-02a", "GI-CON-01")),
        ("consolidated", ("GI-A-04", "GI-A-05", "GI-A-06a", "GI-A-06b")),
        ("total_assets_yuan", ("GI-A-04", "GI-A-05")), ("licence", ("GI-LIC-01a",)),
        ("paid_in_capital_yuan", ("GI-LIC-01b",)), ("takes_deposits", ("GI-BAN-01a",)),
        ("unearned_reserve_yuan", ("GI-RES-02",)), ("fee_income_year_yuan", ("GI-RES-02",)),
        ("compensation_reserve_yuan", ("GI-RES-03a",)),
        ("compensation_reserve_opening_yuan", ("GI-RES-03a",)),
        ("reserves_provided", ("GI-RES-01a",)),
        ("policy_business_is_main", ("GOV-MAIN-01a",)),
    ],
)  # fmt: skip
def test_a_missing_fact_is_unknown_never_a_pass(fact: str, rules: tuple[str, ...]) -> None:
    found = table(statement=said(**{fact: None}))
    assert {found[rule].status for rule in rules} == {"unknown"}


@pytest.mark.parametrize(
    ("column", "rules"),
    [
        ("own_share", ("GI-LEV-02a", "GI-CON-01", "GI-CON-02", "liability_balance")),
        ("fee_rate_per_year", ("GOV-FEE-01", "AGR-FEE-01a", "mean_fee", "GI-R-04")),
        ("small_agri", ("GOV-MIX-01a", "GOV-MIX-01b")), ("bank_share", ("GOV-SHR-01a",)),
        ("overdue_days", ("GI-R-03a", "GI-R-03b")), ("started_on", ("AGR-FEE-01a",)),
    ],
)  # fmt: skip
def test_a_missing_column_is_unknown_never_a_pass(column: str, rules: tuple[str, ...]) -> None:
    found = table(book(**{column: None}))
    assert {found[rule].status for rule in rules} == {"unknown"}


def test_one_missing_cell_of_a_column_is_enough() -> None:
    fees = [0.007] * 10 + [np.nan]
    found = table(book(fee_rate_per_year=fees))["GOV-FEE-01"]
    assert found.status == "unknown"
    assert found.value == pytest.approx(0.007)
    assert "1 contracts lack a fact" in found.how.en


def test_net_assets_eaten_up_break_the_limits_and_pass_none() -> None:
    for assets in (0.0, -1e6):
        found = table(statement=said(net_assets_yuan=assets))
        assert found["GI-LEV-02a"].value == float("inf")
        assert {found[r].status for r in ("GI-LEV-02a", "GI-CON-01")} == {"breaks"}


@pytest.mark.parametrize(
    ("small", "large", "status"),
    [(30, 5e6, "meets"), (30, 6e6, "near"), (14, 6e6, "near"), (14, 6.1e6, "breaks")],
)  # fmt: skip
def test_a_floor_is_near_from_the_other_side(small: int, large: float, status: str) -> None:
    size = small + 1
    some = contracts_of(
        client=range(size), county=[0] * size, kind=[3] * size, state=[0] * size,
        is_pig=[0] * size, in_force_balance_yuan=[1e6] * small + [large],
    )  # fmt: skip
    assert table(some)["AGR-DUAL-01a"].status == status


def test_days_move_the_table() -> None:
    """The mix of business is a rule from 1 March 2025 on; leverage from October 2017."""
    early = said(as_of=date(2017, 1, 1))
    assert table(statement=early, on=date(2025, 3, 1))["GOV-MIX-01a"].from_day == date(2025, 3, 1)
    assert "GOV-MIX-01a" not in table(statement=early, on=date(2025, 2, 28))
    assert "GI-R-01" not in table(statement=early, on=date(2022, 12, 31))
    before = table(statement=early, on=date(2018, 4, 1))
    # The limit is there, the weights by which liability is measured are not yet.
    assert before["GI-LEV-01"].status == "unknown"
    assert before["GI-CON-01"].status == "unknown"
    assert "GI-A-04" not in before
    assert "GI-LEV-01" not in table(statement=early, on=date(2017, 9, 30))


def test_another_limit_from_another_day_moves_the_verdict(tmp_path: Any) -> None:
    (tmp_path / "guarantee_company.toml").write_text(
        "[single_client_limit]\n[[single_client_limit.value]]\nfrom = 2026-07-01\n"
        'amount = 0.03\ncite = "a stricter article"\nseen = "text"\n',
        encoding="utf-8",
    )
    book_ = lay_over(statute(), load(tmp_path, "institution", statute()))
    for on, status in ((date(2026, 6, 30), "meets"), (date(2026, 7, 1), "breaks")):
        found = ratios(book(), said(as_of=on), book_.at(on))
        (one,) = [r for r in found if r.rule == "GI-CON-01"]
        assert one.status == status
    assert one.citation == "a stricter article"


def test_the_table_says_what_the_gates_say() -> None:
    """Second route: the same facts judged as one record give the same failures."""
    statement = said(net_assets_yuan=5e5, total_assets_yuan=120e6, takes_deposits=True)
    rules = statute().at(DAY)
    of = institution_of(book(), statement, rules, Switches())
    record = {k: v.value for k, v in facts_of_institution(of).items() if v.settled}
    judged = single(plan_of(statute(), "institution", DAY), record, DAY, DAY)
    failed = {gate.rule.code for gate in judged.failed(0)}
    found = table(statement=statement)
    gates = {gate.rule.code for gate in judged.plan.gates}
    assert {k for k, one in found.items() if one.status == "breaks" and k in gates} == failed
    assert failed >= {"GI-LEV-02a", "GI-CON-01", "GI-BAN-01a", "GI-A-04"}


def test_gi_res_03_the_reserve_that_had_to_be_provided() -> None:
    # 1 % of 8 million on top of 20,000 yuan.
    assert table()["GI-RES-03a"].limit == 100e3 / 8e6
    less = said(compensation_reserve_yuan=99_999.99)
    assert table(statement=less)["GI-RES-03a"].status == "breaks"
    unused = less | {"compensation_reserve_used_yuan": None}
    assert table(statement=unused)["GI-RES-03a"].status == "unknown"
    full = said(compensation_reserve_yuan=800e3, compensation_reserve_opening_yuan=None)
    assert table(statement=full)["GI-RES-03a"].status in {"meets", "near"}
    whole = table(switches=Switches(reserve_base="in_force_balance"))["GI-RES-03a"]
    assert whole.limit == pytest.approx((20e3 + 100e3) / 10e6)
    assert whole.status == "breaks"


def test_reserves_against_the_modelled_need() -> None:
    assert table(need_yuan=160e3)["reserve_adequacy"].status == "near"
    assert table(need_yuan=161e3)["reserve_adequacy"].status == "breaks"
    assert table(need_yuan=100e3)["reserve_adequacy"].status == "meets"
    none = said(unearned_reserve_yuan=None)
    assert table(statement=none, need_yuan=1.0)["reserve_adequacy"].status == "unknown"
    assert "reserve_adequacy" not in table()


def test_the_trigger_of_the_year_is_strict() -> None:
    """Warn at 3 %: the line itself warns (AGR-TRIG-01)."""
    for paid, status in ((29_999.99, "near"), (30_000.0, "breaks"), (20_000.0, "meets")):
        some = book(
            state=[0] * 10 + [2], released_on=[np.nan] * 10 + [day(2026, 6, 1)],
            released_yuan=[np.nan] * 10 + [1e6], compensated_on=[np.nan] * 10 + [day(2026, 6, 1)],
            compensated_yuan=[0.0] * 10 + [paid], recovered_yuan=[0.0] * 11,
            written_off_yuan=[0.0] * 11,
        )  # fmt: skip
        found = table(some)
        assert found["AGR-TRIG-01a"].status == status
        assert found["GI-R-01"].status == "no_limit"
        assert found["provision_coverage"].value == pytest.approx(160e3 / paid)


def test_an_empty_book_has_no_shares() -> None:
    none = contracts_of(client=[], county=[], kind=[], state=[], in_force_balance_yuan=[])
    found = table(none)
    assert found["GI-LEV-01"].status == "meets"
    assert found["GI-LEV-01"].value == 0.0
    assert found["AGR-DUAL-01a"].status == "unknown"
    assert found["AGR-FEE-01a"].status == "unknown"


def test_a_statement_of_a_later_day_is_refused() -> None:
    with pytest.raises(RatioError, match="later than the day"):
        table(statement=said(as_of=date(2026, 12, 31)))


def test_the_order_of_contracts_moves_nothing() -> None:
    order = np.random.default_rng(5).permutation(11)
    assert list(table(book().take(order)).values()) == list(table().values())


def test_what_the_statement_says_of_the_company_goes_before_the_test() -> None:
    assert "GI-LEV-01" in table(statement=said(serves_mainly_small_agri=False))
    found = table(book(small_agri=[0] * 11), said(serves_mainly_small_agri=True))
    assert found["GI-LEV-02a"].limit == 15.0


def test_a_place_with_a_fund_has_its_ratio() -> None:
    """Guangyuan: the fund is refilled below a tenth of what is in force (AGR-FUND-01)."""
    rules = statute_of("510800").at(DAY)
    for fund, status, room in ((1.2e6, "near", 0.0), (1.1e6, "breaks", -1e6), (3e6, "meets", 18e6)):
        found = {one.rule: one for one in ratios(book(), said(fund_yuan=fund), rules)}
        assert found["AGR-FUND-01c"].status == status
        assert found["AGR-FUND-01c"].headroom_yuan == pytest.approx(room)
    none = {one.rule: one for one in ratios(book(), said(fund_yuan=None), rules)}
    assert none["AGR-FUND-01c"].status == "unknown"


def test_before_the_reserves_there_is_no_line_for_them() -> None:
    found = table(statement=said(as_of=None), on=date(2010, 3, 7))
    assert not {"GI-RES-02", "GI-RES-03a"} & found.keys()
