"""The states of a case: what may follow what, whole and as an institution records it."""

from datetime import date
from pathlib import Path

import pytest

from riskengine.exchange.mapping import shipped
from riskengine.exchange.mapping_file import read_mapping
from riskengine.exchange.states import Step, check_history, entries, may_follow, moves
from riskengine.exchange.translate import history_of
from riskengine.exchange.vocabulary import CASE_STATE, subjects

EXAMPLE = Path(__file__).parents[2] / "examples" / "mappings" / "county_guarantee.toml"
LIFE = (
    "lead", "accepted", "prescreen", "due_diligence", "valuation", "feedback_awaited",
    "feedback_given", "meeting_awaited", "meeting_held", "signed_off", "contracts",
    "conditions_met", "in_force", "check_reporting", "check_review", "check_risk", "overdue",
    "compensation_agreed", "compensated", "recovering", "ended_after_compensation",
)  # fmt: skip


def test_the_machine_is_whole() -> None:
    words = set(subjects()[CASE_STATE].words)
    assert set(moves()) == words
    assert entries() <= words
    assert set().union(*moves().values()) <= words
    reached, new = set(entries()), set(entries())
    while new:
        new = set().union(*(moves()[state] for state in new)) - reached
        reached |= new
    assert reached == words  # no state stands aside
    last = {state for state, following in moves().items() if not following}
    assert last == {"ended", "rejected", "cancelled"}


def test_a_whole_life_is_allowed_and_its_parts_in_another_order_are_not() -> None:
    assert check_history([Step(state) for state in LIFE]) == ()
    for k in range(LIFE.index("in_force")):  # checks and recoveries may turn
        turned = [*LIFE[:k], LIFE[k + 1], LIFE[k], *LIFE[k + 2 :]]
        assert check_history([Step(state) for state in turned])


def test_moves_that_are_not_allowed_are_named() -> None:
    found = check_history([Step("in_force"), Step("compensated"), Step("in_force")])
    assert [(one.position, one.before, one.after) for one in found] == [
        (1, "", "in_force"), (2, "in_force", "compensated"), (3, "compensated", "in_force")
    ]  # fmt: skip
    assert "已代偿" in found[1].wrong.zh
    assert "overdue" in found[1].cure.en
    assert check_history([Step("accepted"), Step("gone")])[0].after == "gone"
    assert (
        "last state"
        in check_history([Step("accepted"), Step("cancelled"), Step("lead")])[0].cure.en
    )


def test_a_state_entered_again_is_no_move_and_days_run_forwards() -> None:
    days = [date(2026, 1, 1), date(2026, 1, 1), date(2025, 12, 31)]
    steps = [
        Step(state, day) for state, day in zip(("lead", "lead", "accepted"), days, strict=True)
    ]
    found = check_history(steps)
    assert [one.position for one in found] == [3]
    assert "2025-12-31" in found[0].wrong.en
    assert check_history([Step("lead", days[0]), Step("accepted")]) == ()


def test_steps_that_an_institution_does_not_record_are_passed_over() -> None:
    assert not may_follow("accepted", "signed_off")
    assert may_follow("accepted", "signed_off", {"accepted", "signed_off"})
    assert not may_follow("accepted", "signed_off", {"accepted", "meeting_held", "signed_off"})
    assert not may_follow("ended", "in_force", {"in_force"})
    assert may_follow("", "in_force", {"in_force"})


def test_histories_in_the_codes_of_an_institution() -> None:
    mapping = read_mapping(EXAMPLE)
    codes = ["1", "2", "3", "5", "6", ("93", "task"), ("93", "project")]
    history = [
        {"state": code, "on": date(2026, 1, k + 1)}
        if isinstance(code, str)
        else {"state": code[0], "context": {"list": code[1]}}
        for k, code in enumerate(codes)
    ]
    assert history_of(mapping, history) == ((), ())
    unknown, faults = history_of(
        mapping, [{"state": "5"}, {"state": "93"}, {"state": "7"}, {"state": "2"}]
    )
    assert [(one.path, one.why) for one in unknown] == [
        ("[1].state", "ambiguous"), ("[2].state", "unknown")
    ]  # fmt: skip
    # 5 may be the first entry only where all before it is unrecorded: here 1 to 3 are.
    assert [one.position for one in faults] == [1, 2]


@pytest.mark.parametrize(
    ("name", "codes", "place", "wrong"),
    [
        ("commercial_guarantor", ["10", "20", "30", "40", "50", "51", "55"], "project", 0),
        ("commercial_guarantor", ["10", "30", "20"], "project", 2),
        ("national_entry", ["60", "80", "85"], "", 0),
        ("national_entry", ["60", "90", "80"], "", 1),
        ("agri_guarantee_old", ["50", "90"], "", 0),
        ("agri_guarantee_old", ["90", "50"], "", 1),
    ],
)
def test_histories_in_the_known_codings(
    name: str, codes: list[str], place: str, wrong: int
) -> None:
    context = {"list": place} if place else {}
    unknown, faults = history_of(shipped(name), [{"state": code} for code in codes], context)
    assert unknown == ()
    assert len(faults) == wrong
