"""What the cap of an institution leaves, and what a decision says of it."""

from typing import Any

import pytest

from riskengine.law import law_for
from riskengine.scoring.equipment import Equipment
from riskengine.scoring.pages import farmer_page, officer_page
from riskengine.scoring.reasons import Reason
from riskengine.scoring.record import record
from riskengine.scoring.score import Score, score
from tests.scoring.made import application, equipment

CAPPED = """
[amount_most]
[[amount_most.value]]
from = 2026-01-01
amount = {household = 50000.0, large_grower = inf, family_farm = inf, cooperative = inf, enterprise = inf}
cite = "credit policy of the institution"
seen = "official"
"""


@pytest.fixture(scope="module")
def capped(tmp_path_factory: pytest.TempPathFactory) -> Equipment:
    folder = tmp_path_factory.mktemp("rules") / "bank"
    folder.mkdir()
    (folder / "scoring.toml").write_text(CAPPED, encoding="utf-8")
    base = equipment()
    return Equipment(base.market, law_for(folder), {}, base.default_model)


def cap_of(found: Score) -> list[Reason]:
    return [one for one in found.reasons if one.code == "SCO-AMT-01"]


def test_a_cap_below_the_sum_asked_goes_to_a_person_who_reads_what_to_ask(
    capped: Equipment,
) -> None:
    found = score(application(borrower={"existing_exposure_yuan": 8_000}), capped)
    assert (found.outcome, found.limit_yuan) == ("refer", 42_000.0)
    (reason,) = cap_of(found)
    assert (reason.rule, reason.kind, reason.severity, reason.state, reason.origin) == (
        "scoring.amount_most", "policy", "refer", "failed", "bank",
    )  # fmt: skip
    assert reason.found.en == "8,000.00 yuan borne already, 60,000.00 yuan now"
    assert reason.wanted.en == "together at most 50,000.00 yuan"
    assert reason.cure is not None
    assert reason.cure.zh == "改为申请不超过 42,000.00 元"
    assert (reason.cite, reason.since, reason.seen) == (
        "credit policy of the institution", "2026-01-01", "official",
    )  # fmt: skip
    assert "SCO-AMT-01" in officer_page(found, "en")
    assert "42,000.00" in farmer_page(found, "zh")
    asked = application(borrower={"existing_exposure_yuan": 8_000}, loan={"balance_yuan": 42_000})
    again = score(asked, capped)
    assert (again.outcome, again.limit_yuan, cap_of(again)) == ("accept", 42_000.0, [])
    over = application(loan={"balance_yuan": 50_000.01})
    assert (score(over, capped).outcome, score(over, capped).limit_yuan) == ("refer", 50_000.0)


@pytest.mark.parametrize("before", [50_000, 200_000])
def test_without_room_nothing_is_accepted(capped: Equipment, before: float) -> None:
    found = score(application(borrower={"existing_exposure_yuan": before}), capped)
    assert (found.outcome, found.limit_yuan) == ("refer", 0.0)
    (reason,) = cap_of(found)
    assert reason.cure is not None
    assert "no room is left" in reason.cure.en
    assert record(found)["reasons"][0]["code"] == "SCO-AMT-01"


@pytest.mark.parametrize("before", [0, 9_999.99])
def test_a_guarantee_counts_its_share_and_no_fen_passes_the_cap(
    capped: Equipment, before: float
) -> None:
    share = 0.3
    cells: dict[str, Any] = {"guaranteed_share": share}
    first = application(
        "003", guarantee=cells, borrower={"existing_exposure_yuan": before},
        loan={"balance_yuan": 900_000},
    )  # fmt: skip
    found = score(first, capped)
    (reason,) = cap_of(found)
    assert reason.found.en.endswith("270,000.00 yuan now")
    room = float(reason.cure.en.split()[2].replace(",", ""))  # type: ignore[union-attr]
    assert before + share * room <= 50_000.0
    assert 50_000.0 - before - share * room < 0.01


def test_without_a_sum_asked_the_cap_is_told_where_it_cuts(capped: Equipment) -> None:
    none = application(loan=dict.fromkeys(application().case.loan))
    found = score(none, capped)
    assert (found.outcome, found.limit_yuan) == ("refer", 50_000.0)
    assert len(cap_of(found)) == 1


def test_no_cap_no_reason() -> None:
    far = score(application(borrower={"existing_exposure_yuan": 1e10}), equipment())
    assert (far.outcome, cap_of(far)) == ("accept", [])
