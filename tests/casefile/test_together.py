"""Many cases in one call: each answer is the one it would have alone, bit for bit."""

import random
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from riskengine.casefile import laws, limits, wide
from riskengine.casefile.decide import decide
from riskengine.casefile.evaluate import Bench, evaluate
from riskengine.casefile.limits import LONGEST, TERM_FACTS, months_after
from riskengine.casefile.read import Case, read_case
from riskengine.casefile.together import Answered, decide_many
from riskengine.casefile.typed import typed
from riskengine.errors import PortfolioError, RiskEngineError
from riskengine.gates.plan import LIMITS
from riskengine.market import demonstration
from riskengine.pledging.assess import Assessed
from riskengine.rules import statute_of

FILES = sorted((Path(__file__).parents[2] / "examples" / "cases").glob("*.toml"))
DAY = date(2026, 11, 23)


@cache
def bench() -> Bench:
    return Bench(demonstration(), statute_of)


@cache
def cases() -> tuple[Case, ...]:
    return tuple(read_case(path) for path in FILES)


@cache
def alone(number: int) -> str:
    return repr(decide(cases()[number], bench()))


def said(found: Answered | RiskEngineError) -> str:
    return repr(found.decision) if isinstance(found, Answered) else f"{found}"


def faulty(number: int, **loan: object) -> Case:
    case = cases()[number]
    return replace(case, loan={**case.loan, **loan})


@pytest.mark.parametrize("size", [2, 16, 109])
def test_together_is_alone_whatever_the_order_and_the_company(size: int) -> None:
    rng = random.Random(size)
    for _ in range(3):
        drawn = [rng.randrange(len(FILES)) for _ in range(size)]
        found = decide_many([cases()[k] for k in drawn], bench())
        assert [said(one) for one in found] == [alone(k) for k in drawn]


def test_every_file_is_answered_with_all_the_others() -> None:
    found = decide_many(cases(), bench())
    assert [said(one) for one in found] == [alone(k) for k in range(len(FILES))]


def test_the_same_case_many_times_gets_the_same_answer() -> None:
    found = decide_many([cases()[0]] * 7, bench())
    assert {said(one) for one in found} == {alone(0)}


def test_a_fault_is_told_as_alone_and_leaves_the_others_as_they_are() -> None:
    wrong = [
        faulty(3, balance_yuan=-5),
        faulty(5, matures_on="someday"),
        faulty(8, rate_per_year=9),
    ]
    mixed = [cases()[0], wrong[0], cases()[90], wrong[1], wrong[2], cases()[104]]
    found = decide_many(mixed, bench())
    for k in (1, 3, 4):
        with pytest.raises(PortfolioError) as told:
            decide(mixed[k], bench())
        assert isinstance(found[k], PortfolioError)
        assert said(found[k]) == f"{told.value}"
    assert [said(found[k]) for k in (0, 2, 5)] == [alone(0), alone(90), alone(104)]


def test_a_day_without_law_stops_its_own_case_only() -> None:
    early = replace(cases()[0], valued_on=date(1990, 1, 1), loan={})
    early = replace(early, rights=(replace(early.rights[0], pledge={
        name: cell for name, cell in early.rights[0].pledge.items() if not isinstance(cell, date)
    }),))  # fmt: skip
    found = decide_many([cases()[1], early, cases()[2], cases()[3]], bench())
    assert isinstance(found[1], RiskEngineError)
    assert not isinstance(found[1], PortfolioError)
    assert [said(found[k]) for k in (0, 2, 3)] == [alone(1), alone(2), alone(3)]


def test_cells_in_writing_are_the_cells_that_they_stand_for() -> None:
    plain = cases()[0]
    written = replace(
        plain,
        loan={name: cell.isoformat() if isinstance(cell, date) else f"{cell}"
              for name, cell in plain.loan.items()},
        rights=tuple(
            replace(right, right={name: _written(cell) for name, cell in right.right.items()},
                    pledge={name: _written(cell) for name, cell in right.pledge.items()})
            for right in plain.rights
        ),
    )  # fmt: skip
    found, other = decide(plain, bench()), decide(written, bench())
    assert (other.rights, other.limit_yuan, other.longest_months) == (
        found.rights, found.limit_yuan, found.longest_months,
    )  # fmt: skip


def _written(cell: object) -> object:
    if isinstance(cell, bool):
        return "是" if cell else "否"
    return cell.isoformat() if isinstance(cell, date) else f"{cell}"


@pytest.mark.parametrize("number", range(0, len(FILES), 4))
def test_the_wide_call_is_the_plain_one(number: int) -> None:
    (found,) = decide_many([cases()[number]], bench())
    assert isinstance(found, Answered)
    plainly = evaluate(typed(cases()[number]), bench())
    for (held, row), one in zip(found.rows, plainly, strict=True):
        assert held.of.size >= row + 1
        assert held.steps[:, row].tolist() == one.steps[:, 0].tolist()
        assert held.outcome[row] == one.outcome[0]
        np.testing.assert_array_equal(held.limits[:, row], one.limits[:, 0])
        np.testing.assert_array_equal(
            held.valuation.reconciled[:, held.rights[row]], one.valuation.reconciled[:, 0]
        )
        judged, place = held.judged(row)
        theirs, own = one.judged(0)
        assert judged.failed(place) == theirs.failed(own)
        assert judged.unknown(place) == theirs.unknown(own)


def longest_by_halving(case: Case) -> int | None:
    """The longest term, one case and one term at a time."""

    def fits(months: int) -> bool:
        ends = {"matures_on": months_after(case.valued_on, months), "starts_on": case.valued_on}
        found = evaluate(replace(case, loan={**case.loan, **ends}), bench())
        lent = sum(int(one.steps[-1, 0]) for one in found) / 100.0
        kept = all(_kept(one, months / 12.0) for one in found)
        return lent > 0.0 and lent >= float(case.loan["balance_yuan"]) and kept

    if not fits(1):
        return None
    low, high = 1, LONGEST
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(middle) else (low, middle - 1)
    return low


def _kept(found: Assessed, years: float) -> bool:
    judged, row = found.judged(0)
    if any(gate.fact in TERM_FACTS for gate in judged.failed(row)):
        return False
    most = [found.limits[LIMITS.index(name), 0] for name in ("loan_term_years", "pledged_years")]
    return bool(years <= min(most) + 1e-9)


@pytest.mark.parametrize("number", [0, 12, 18, 43, 84, 103])
def test_the_longest_term_is_that_of_plain_halving(number: int) -> None:
    case = typed(cases()[number])
    assert decide(case, bench()).longest_months == longest_by_halving(case)


def test_two_calls_find_every_term() -> None:
    for truth in range(1, LONGEST + 1):
        low, high = 1, LONGEST
        for _ in range(2):
            known = set(limits._halvings(low, high, limits.DEPTH))
            while low < high and (middle := (low + high + 1) // 2) in known:
                low, high = (middle, high) if truth >= middle else (low, middle - 1)
        assert (low, high) == (truth, truth)


def test_few_cases_try_every_term_at_once_and_find_the_same() -> None:
    assert sorted(limits.EVERY) == list(range(1, LONGEST + 1))
    some = [typed(case) for case in cases()[: limits.FEW + 1]]
    few, many = decide_many(some[:-1], bench()), decide_many(some, bench())
    assert [said(one) for one in few] == [said(one) for one in many[:-1]]


def test_laws_that_ask_alike_are_judged_in_one_call() -> None:
    regions = {right.right["region_code"] for case in cases() for right in case.rights}
    books = tuple(dict.fromkeys(statute_of(region) for region in sorted(regions)))
    assert len(books) > 5
    assert all(laws.alike(books, table, DAY) for table in ("land", "homestead", "forest", "equity"))


def test_laws_that_do_not_ask_alike_give_the_same_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wide, "alike", lambda *_: False)
    found = decide_many(cases(), bench())
    assert [said(one) for one in found] == [alone(k) for k in range(len(FILES))]


def test_nothing_asked_is_nothing_answered() -> None:
    assert decide_many([], bench()) == []
