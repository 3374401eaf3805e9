"""Allocation over loans: the law's own examples, slow twins, and no fen lost."""

import itertools
import math
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy.optimize import linprog

from riskengine import allocation
from riskengine.allocation import METHODS, MOST_YUAN, Allocation, AllocationError, Claim, allocate
from riskengine.sharing import augmented, shared

Amounts = dict[str, int]
Case = tuple[Amounts, Amounts, list[Claim], dict[str, float]]

INF = math.inf


def run(case: Case, method: str) -> Allocation:
    """Allocate a case given in fen."""
    values, balances, claims, weights = case
    yuan = [{name: fen / 100 for name, fen in amounts.items()} for amounts in (values, balances)]
    return allocate(*yuan, claims, method, weights=weights)


def fen(amount_yuan: float) -> int:
    whole = round(amount_yuan * 100)
    assert amount_yuan == whole / 100
    return whole


def covered(answer: Allocation) -> Amounts:
    return {loan: fen(amount) for loan, amount in answer.covered_yuan.items()}


def total(answer: Allocation) -> int:
    return sum(covered(answer).values())


def paid(values: dict, balances: dict, claims: list[Claim], method: str) -> list[float]:
    return [amount for _, _, amount in allocate(values, balances, claims, method).amounts]


# Worked by hand.


def test_registered_ranks_are_paid_in_order() -> None:
    """Civil Code 414 (1): a plot worth 1,000,000 pays the first in full, the second the rest."""
    claims = [Claim("plot", "second", 2), Claim("plot", "first", 1)]
    answer = allocate({"plot": 1e6}, {"first": 6e5, "second": 8e5}, claims, "legal")
    assert answer.amounts == (("plot", "second", 4e5), ("plot", "first", 6e5))
    assert answer.covered_yuan == {"first": 6e5, "second": 4e5}
    assert answer.uncovered_yuan == {"first": 0.0, "second": 4e5}
    assert answer.left_yuan == {"plot": 0.0}
    assert answer.method == "legal"


def test_registered_before_unregistered_and_those_by_claim() -> None:
    """Civil Code 414 (2), (3): 400,000 first; 600,000 left for claims of 600,000 and 300,000."""
    claims = [Claim("plot", "a", 0), Claim("plot", "b", 0), Claim("plot", "c", 1)]
    balances = {"a": 6e5, "b": 3e5, "c": 4e5}
    assert paid({"plot": 1e6}, balances, claims, "legal") == [4e5, 2e5, 4e5]


def test_one_loan_takes_from_two_securities_by_what_they_offer() -> None:
    claims = [Claim("plot", "a", 1), Claim("barn", "a", 1)]
    values = {"plot": 8e5, "barn": 1.2e6}
    assert paid(values, {"a": 1e6}, claims, "legal") == [4e5, 6e5]
    assert paid(values, {"a": 3e6}, claims, "legal") == [8e5, 1.2e6]


def test_a_loan_takes_where_it_ranks_best() -> None:
    """First on the plot, second on the barn: the plot pays first, the barn is left to its own."""
    claims = [Claim("plot", "a", 1), Claim("barn", "a", 2), Claim("barn", "b", 1)]
    values, balances = {"plot": 50.0, "barn": 100.0}, {"a": 80.0, "b": 90.0}
    assert paid(values, balances, claims, "legal") == [50.0, 10.0, 90.0]


def test_equal_ranks_share_by_claims_not_by_balances() -> None:
    """Two maximum-amount mortgages registered together: claims of 100 and 300 share 200."""
    claims = [Claim("plot", "a", 1, 100.0), Claim("plot", "b", 1)]
    balances = {"a": 900.0, "b": 300.0}
    assert paid({"plot": 200.0}, balances, claims, "legal") == [50.0, 150.0]
    assert paid({"plot": 200.0}, balances, claims, "pro_rata") == [100.0, 100.0]


def test_a_later_rank_counts_what_is_still_owed() -> None:
    """The plot has paid half of a: on the barn 50 and 50 share, not 100 and 50."""
    claims = [Claim("plot", "a", 1), Claim("barn", "a", 0), Claim("barn", "b", 0)]
    values, balances = {"plot": 50.0, "barn": 40.0}, {"a": 100.0, "b": 50.0}
    assert paid(values, balances, claims, "legal") == [50.0, 20.0, 20.0]


def test_a_maximum_is_never_passed() -> None:
    """Civil Code 420: beyond the agreed 300,000 the first loan has no claim on the plot."""
    claims = [Claim("plot", "a", 1, 3e5), Claim("plot", "b", 2)]
    answer = allocate({"plot": 1e6}, {"a": 5e5, "b": 4e5}, claims, "legal")
    assert [amount for *_, amount in answer.amounts] == [3e5, 4e5]
    assert answer.left_yuan == {"plot": 3e5}


def test_the_debtors_own_security_first_in_two_calls() -> None:
    """Civil Code 392: the third party's barn pays what the debtor's plot leaves uncovered."""
    own = allocate({"plot": 60.0}, {"a": 100.0}, [Claim("plot", "a", 1)], "legal")
    other = allocate({"barn": 90.0}, own.uncovered_yuan, [Claim("barn", "a", 1)], "legal")
    assert other.amounts == (("barn", "a", 40.0),)


def test_what_a_loan_cannot_take_is_shared_again() -> None:
    claims = [Claim("plot", loan, 1) for loan in "abc"]
    balances = {"a": 10.0, "b": 40.0, "c": 50.0}
    assert paid(
        {
            "plot": 90.0,
        },
        balances,
        claims,
        "pro_rata",
    ) == [9.0, 36.0, 45.0]
    capped = [replace(claims[0], limit_yuan=0.0), replace(claims[1], limit_yuan=20.0), claims[2]]
    assert paid({"plot": 90.0}, balances, capped, "pro_rata") == [0.0, 20.0, 50.0]


def test_odd_fen_go_to_the_largest_remainder_then_to_the_earlier_name() -> None:
    claims = [Claim("plot", loan, 0) for loan in "cab"]
    alike = dict.fromkeys("abc", 1.0)
    assert paid({"plot": 1.0}, alike, claims, "pro_rata") == [0.33, 0.34, 0.33]
    assert paid({"plot": 0.10}, {"a": 1.0, "b": 1.0, "c": 4.0}, claims, "pro_rata") == [
        0.06, 0.02, 0.02,
    ]  # fmt: skip
    assert shared(np.array([7, 9]), np.array([2, 3, 0]), np.array([0, 0, 1])).tolist() == [3, 4, 0]


def test_published_case() -> None:
    """LGD-ALLOC-01 of the credit notes: exposures 100, 80, 60; collaterals 70, 50, 90."""
    values, balances = {"0": 70.0, "1": 50.0, "2": 90.0}, {"0": 100.0, "1": 80.0, "2": 60.0}
    claims = [Claim("0", "0", 0), Claim("1", "0", 0), Claim("1", "1", 0), Claim("2", "2", 0)]
    weights = {"0": 0.02, "1": 0.05, "2": 0.01}
    shared_out = allocate(values, balances, claims, "pro_rata")
    assert shared_out.covered_yuan == {"0": 97.78, "1": 22.22, "2": 60.0}
    assert sum(allocate(values, balances, claims, "maximum_cover").covered_yuan.values()) == 180.0
    best = allocate(values, balances, claims, "linear_programme", weights=weights)
    missed = sum(weights[loan] * amount for loan, amount in best.uncovered_yuan.items())
    assert missed == pytest.approx(2.1, rel=1e-12)


def test_maximum_cover_gives_way_along_a_chain() -> None:
    """Pro rata spends the plot on b too; b can live from the barn, whose c from the pond."""
    claims = [Claim("plot", "a", 1), Claim("plot", "b", 1), Claim("barn", "b", 1),
              Claim("barn", "c", 1), Claim("pond", "c", 1)]  # fmt: skip
    values, balances = dict.fromkeys(("plot", "barn", "pond"), 10.0), dict.fromkeys("abc", 10.0)
    assert paid(values, balances, claims, "pro_rata") != [10.0, 0.0, 10.0, 0.0, 10.0]
    assert paid(values, balances, claims, "maximum_cover") == [10.0, 0.0, 10.0, 0.0, 10.0]


def test_equal_weights_go_to_the_earlier_name() -> None:
    claims = [Claim("plot", "b", 1), Claim("plot", "a", 1)]
    balances = {"a": 6.0, "b": 6.0}
    assert paid({"plot": 8.0}, balances, claims, "linear_programme") == [2.0, 6.0]


@pytest.mark.parametrize("method", METHODS)
def test_nothing_to_share(method: str) -> None:
    assert allocate({}, {}, [], method) == Allocation(method, (), {}, {}, {})
    answer = allocate({"plot": 5.0}, {"a": 3.0}, [], method)
    assert (answer.left_yuan, answer.uncovered_yuan) == ({"plot": 5.0}, {"a": 3.0})
    empty = allocate({"plot": 0.0}, {"a": 0.0}, [Claim("plot", "a", 1, 0.0)], method)
    assert empty.amounts == (("plot", "a", 0.0),)


def test_amounts_are_rounded_to_the_fen_on_entry() -> None:
    answer = allocate({"plot": 100.004}, {"a": 200.006}, [Claim("plot", "a", 1)], "legal")
    assert answer.covered_yuan == {"a": 100.0}
    assert answer.uncovered_yuan == {"a": 100.01}


# Refusals.

GOOD = Claim("plot", "a", 1)


@pytest.mark.parametrize(
    ("changes", "wrong", "cure"),
    [
        ({"method": "by_hand"}, "no method 'by_hand'", "linear_programme"),
        ({"claims": [Claim("field", "a", 1)]}, "'field' of loan 'a': no such security", "value"),
        ({"claims": [Claim("plot", "z", 1)]}, "of loan 'z': no such loan", "balance"),
        ({"claims": [GOOD, replace(GOOD, rank=2)]}, "claimed twice", "each pair"),
        ({"claims": [replace(GOOD, rank=-1)]}, "rank is -1", "not registered"),
        ({"claims": [replace(GOOD, rank=1.5)]}, "rank is 1.5", "not registered"),
        ({"claims": [replace(GOOD, limit_yuan=-1.0)]}, "limit is -1.0", "infinite for none"),
        ({"claims": [replace(GOOD, limit_yuan=math.nan)]}, "limit is nan", "infinite for none"),
        ({"values": {"plot": -0.01}}, "value of security 'plot' is -0.01", "finite"),
        ({"values": {"plot": math.nan}}, "value of security 'plot' is nan", "finite"),
        ({"values": {"plot": INF}}, "value of security 'plot' is inf", "finite"),
        ({"values": {"plot": MOST_YUAN, "barn": 1.0}}, "value of security: the sum", "groups"),
        ({"balances": {"a": -1.0}}, "balance of loan 'a' is -1.0", "finite"),
        ({"balances": {"a": math.nan}}, "balance of loan 'a' is nan", "finite"),
        ({"balances": {"a": INF}}, "balance of loan 'a' is inf", "finite"),
        ({"balances": {"a": 2 * MOST_YUAN}}, "balance of loan: the sum", "groups"),
        ({"weights": {"a": -1.0}}, "weight of loan 'a' is -1.0", "finite"),
        ({"weights": {"a": INF}}, "weight of loan 'a' is inf", "finite"),
        ({"weights": {}}, "loan 'a' has a weight or a balance", "every loan"),
        ({"weights": {"a": 1.0, "z": 1.0}}, "loan 'z' has a weight or a balance", "every loan"),
    ],
)
def test_refusals(changes: dict, wrong: str, cure: str) -> None:
    asked = {"values": {"plot": 1.0}, "balances": {"a": 1.0}, "claims": [GOOD],
             "method": "legal", "weights": None, **changes}  # fmt: skip
    with pytest.raises(AllocationError) as caught:
        allocate(asked["values"], asked["balances"], asked["claims"], asked["method"],
                 weights=asked["weights"])  # fmt: skip
    assert wrong in caught.value.wrong.en and cure in caught.value.cure.en
    assert caught.value.wrong.zh and caught.value.cure.zh


def test_every_fault_is_told_and_every_cure_once() -> None:
    claims = [Claim("plot", "y", 1), Claim("plot", "z", -1)]
    with pytest.raises(AllocationError) as caught:
        allocate({"plot": math.nan}, {"a": -1.0}, claims, "none")
    assert caught.value.wrong.en.count(";") == caught.value.wrong.zh.count("；") == 5
    assert caught.value.cure.en.count("give a finite number") == 1
    assert "{" not in str(caught.value)


def test_braces_in_names_are_only_names() -> None:
    with pytest.raises(AllocationError, match="'{limit}' of loan 'z'"):
        allocate({}, {}, [Claim("{limit}", "z", 1)], "legal")


def test_a_solver_that_fails_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    failed = SimpleNamespace(x=None, message="iteration limit")
    monkeypatch.setattr("scipy.optimize.linprog", lambda *args, **more: failed)
    with pytest.raises(AllocationError, match="iteration limit"):
        allocate({"plot": 1.0}, {"a": 1.0}, [GOOD], "linear_programme")


# Properties.


@st.composite
def cases(draw: st.DrawFn, most: int = 10**15 // 5, size: int = 5) -> Case:
    """A group with amounts in fen; many amounts are small or alike, to meet ties."""
    figure = st.one_of(st.integers(0, min(most, 9)), st.integers(0, most))
    values = {f"s{i}": draw(figure) for i in range(draw(st.integers(1, size)))}
    balances = {f"l{i}": draw(figure) for i in range(draw(st.integers(1, size)))}
    pairs = draw(st.sets(st.sampled_from(list(itertools.product(values, balances)))))
    limit = st.one_of(st.just(INF), figure.map(lambda fen: fen / 100))
    claims = [Claim(*pair, draw(st.integers(0, 3)), draw(limit)) for pair in sorted(pairs)]
    weight = st.one_of(st.sampled_from([0.0, 1.0, 1.0 + 1e-12, 1e-9]), st.floats(0.0, 1.0))
    return (
        values,
        balances,
        draw(st.permutations(claims)),
        {loan: draw(weight) for loan in balances},
    )


def limit_fen(claim: Claim) -> float:
    return claim.limit_yuan if claim.limit_yuan == INF else fen(claim.limit_yuan)


def conserved(case: Case, answer: Allocation) -> None:
    """Hold that used and left make the value, covered and uncovered the balance, within limits."""
    values, balances, claims, _ = case
    assert [pair for *pair, _ in answer.amounts] == [[c.security, c.loan] for c in claims]
    used: Amounts = defaultdict(int)
    got: Amounts = defaultdict(int)
    for claim, (security, loan, amount) in zip(claims, answer.amounts, strict=True):
        assert 0 <= fen(amount) <= limit_fen(claim)
        used[security] += fen(amount)
        got[loan] += fen(amount)
    for security, value in values.items():
        assert used[security] + fen(answer.left_yuan[security]) == value
        assert answer.left_yuan[security] >= 0.0
    for loan, balance in balances.items():
        assert got[loan] == fen(answer.covered_yuan[loan])
        assert got[loan] + fen(answer.uncovered_yuan[loan]) == balance
        assert answer.uncovered_yuan[loan] >= 0.0


@pytest.mark.parametrize("method", METHODS)
@given(case=cases())
def test_no_fen_is_lost_and_no_limit_broken(case: Case, method: str) -> None:
    conserved(case, run(case, method))


@pytest.mark.parametrize("method", METHODS)
@given(case=cases())
def test_nothing_is_left_that_somebody_could_take(case: Case, method: str) -> None:
    answer = run(case, method)
    for claim, (security, loan, amount) in zip(case[2], answer.amounts, strict=True):
        assert (
            answer.left_yuan[security] == 0.0
            or answer.uncovered_yuan[loan] == 0.0
            or fen(amount) == limit_fen(claim)
        )


@given(case=cases())
def test_a_lower_rank_waits(case: Case) -> None:
    """What pays a lower rank, no higher rank of the same security could still take."""
    answer = run(case, "legal")
    paid_fen = [fen(amount) for *_, amount in answer.amounts]
    for (low, got), (high, had) in itertools.permutations(zip(case[2], paid_fen, strict=True), 2):
        below = low.rank == 0 < high.rank or 0 < high.rank < low.rank
        if low.security == high.security and below and got > 0:
            assert answer.uncovered_yuan[high.loan] == 0.0 or had == limit_fen(high)


@pytest.mark.parametrize("method", METHODS)
@given(case=cases(), data=st.data())
def test_order_changes_nothing(case: Case, method: str, data: st.DataObject) -> None:
    values, balances, claims, weights = case
    shuffled = (
        *(dict(data.draw(st.permutations(list(part.items())))) for part in (values, balances)),
        data.draw(st.permutations(claims)),
        dict(data.draw(st.permutations(list(weights.items())))),
    )
    one, other = run(case, method), run(shuffled, method)
    assert set(one.amounts) == set(other.amounts)
    assert replace(one, amounts=()) == replace(other, amounts=())


@pytest.mark.parametrize("method", ["pro_rata", "legal"])
@given(case=cases(most=10**6))
def test_names_decide_odd_fen_only(case: Case, method: str) -> None:
    """Named the other way round, shares by proportion differ by what rounding moves."""
    values, balances, claims, weights = case
    turned = {name: f"{name[0]}{9 - int(name[1:])}" for name in (*values, *balances)}
    mirrored = (
        {turned[name]: value for name, value in values.items()},
        {turned[name]: balance for name, balance in balances.items()},
        [replace(c, security=turned[c.security], loan=turned[c.loan]) for c in claims],
        {turned[name]: weight for name, weight in weights.items()},
    )
    one, other = covered(run(case, method)), covered(run(mirrored, method))
    assert all(abs(one[loan] - other[turned[loan]]) <= NEAR_FEN for loan in balances)


@pytest.mark.parametrize("method", METHODS)
@given(case=cases(size=3), other=cases(size=3))
def test_separate_groups_do_not_meet(case: Case, other: Case, method: str) -> None:
    values, balances, claims, weights = other
    moved = (
        {f"x{name}": value for name, value in values.items()},
        {f"x{name}": balance for name, balance in balances.items()},
        [replace(c, security=f"x{c.security}", loan=f"x{c.loan}") for c in claims],
        {f"x{name}": weight for name, weight in weights.items()},
    )
    both = (case[0] | moved[0], case[1] | moved[1], case[2] + moved[2], case[3] | moved[3])
    answer = run(both, method)
    assert answer.amounts == run(case, method).amounts + run(moved, method).amounts


@given(case=cases())
def test_only_the_order_of_ranks_counts(case: Case) -> None:
    values, balances, claims, weights = case
    spread = [replace(claim, rank=claim.rank * 7) for claim in claims]
    assert run(case, "legal") == run((values, balances, spread, weights), "legal")


@given(case=cases())
def test_a_repaid_loan_changes_nothing(case: Case) -> None:
    """A mortgage whose loan is repaid is gone (Civil Code 393): those behind move up."""
    values, balances, claims, weights = case
    later = [replace(claim, rank=claim.rank + 1 if claim.rank else 0) for claim in claims]
    repaid = [Claim(security, "gone", 1) for security in sorted(values)[:2]]
    more = (values, {**balances, "gone": 0}, later + repaid, {**weights, "gone": 1.0})
    assert run(more, "legal").amounts[: len(claims)] == run(case, "legal").amounts


@given(case=cases())
def test_maximum_cover_is_the_least_cut(case: Case) -> None:
    """Duality: the largest flow is the least cut, by trying all cuts."""
    values, balances, claims, _ = case
    least = min(
        sum(values[s] for s in values if s not in near)
        + sum(balances[loan] for loan in balances if loan in far)
        + sum(limit_fen(c) for c in claims if c.security in near and c.loan not in far)
        for near in subsets(values)
        for far in subsets(balances)
    )
    answer = run(case, "maximum_cover")
    assert total(answer) == least
    assert all(total(run(case, method)) <= least for method in METHODS)
    least_covered = covered(run(case, "pro_rata"))
    assert all(amount >= least_covered[loan] for loan, amount in covered(answer).items())


def subsets(names: Amounts) -> list[tuple[str, ...]]:
    return [part for n in range(len(names) + 1) for part in itertools.combinations(names, n)]


@given(case=cases())
def test_a_programme_covers_as_much_as_the_maximum(case: Case) -> None:
    """With equal weights, and with any: whoever comes last takes what nobody else can."""
    most = total(run(case, "maximum_cover"))
    alike = (*case[:3], dict.fromkeys(case[1], 0.3))
    assert total(run(alike, "linear_programme")) == total(run(case, "linear_programme")) == most
    assert run(alike, "linear_programme") == allocate(
        *({name: fen / 100 for name, fen in part.items()} for part in case[:2]),
        case[2],
        "linear_programme",
    )


@given(case=cases(most=3, size=2))
def test_a_programme_is_the_best_of_all(case: Case) -> None:
    values, balances, claims, weights = case
    exact = {loan: Fraction(weight) for loan, weight in weights.items()}
    ranges = [range(int(min(3, limit_fen(claim))) + 1) for claim in claims]
    best = Fraction(0)
    for amounts in itertools.product(*ranges):
        used: Amounts = defaultdict(int)
        got: Amounts = defaultdict(int)
        for claim, amount in zip(claims, amounts, strict=True):
            used[claim.security] += amount
            got[claim.loan] += amount
        if all(used[s] <= values[s] for s in used) and all(got[b] <= balances[b] for b in got):
            best = max(best, sum((exact[loan] * got[loan] for loan in got), Fraction(0)))
    answer = covered(run(case, "linear_programme"))
    assert sum(exact[loan] * amount for loan, amount in answer.items()) == best


@given(case=cases())
def test_a_programme_serves_the_heaviest_first(case: Case) -> None:
    """The greedy twin, in whole fen without a solver: optimal on a polymatroid."""
    _, _, claims, weights = case
    answer = run(case, "linear_programme")
    ordered = sorted(claims, key=lambda claim: (claim.security, claim.loan))
    network = allocation._network(
        {name: fen / 100 for name, fen in case[0].items()},
        {name: fen / 100 for name, fen in case[1].items()}, ordered,
    )  # fmt: skip
    loans, taken = sorted(weights), network.nothing()
    for loan in sorted(loans, key=lambda name: (-weights[name], name)):
        taken = augmented(network, taken, np.array([name == loan for name in loans]))
    expected = (network.balances - network.owed(taken)).tolist()
    assert covered(answer) == dict(zip(loans, expected, strict=True))


@given(case=cases(most=10**9))
def test_a_programme_agrees_with_the_plain_one(case: Case) -> None:
    """The textbook form with the weights themselves, in floating point."""
    values, balances, claims, weights = case
    answer = covered(run(case, "linear_programme"))
    worth = sum(weights[loan] * amount for loan, amount in answer.items())
    if not claims:
        assert worth == 0.0
        return
    rows = [[float(c.security == s) for c in claims] for s in values]
    rows += [[float(c.loan == loan) for c in claims] for loan in balances]
    found = linprog(
        [-weights[c.loan] for c in claims], A_ub=rows, b_ub=[*values.values(), *balances.values()],
        bounds=[(0.0, limit_fen(c)) for c in claims], method="highs",
    )  # fmt: skip
    slack = 1e-6 * sum(balances.values())  # what the solver's tolerance may cost it
    assert -found.fun - slack <= worth <= -found.fun + slack


@pytest.mark.parametrize(
    ("wrong", "mended"),
    [(np.zeros_like, True), (lambda cover: cover - 1, True), (lambda cover: cover + 1, False)],
)
@given(case=cases())
@example(case=({"s0": 5}, {"l0": 5, "l1": 5}, [Claim("s0", "l1", 0), Claim("s0", "l0", 0)],
               {"l0": 1.0, "l1": 2.0}))  # fmt: skip
def test_a_wrong_fen_of_the_solver_breaks_nothing(
    case: Case, wrong: Callable, mended: bool
) -> None:
    """Limits hold whatever the solver says; cover that it forgets is put back where it belongs."""
    solved, right = allocation._programmed, covered(run(case, "linear_programme"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            allocation, "_programmed",
            lambda network, falling: np.clip(wrong(solved(network, falling)), 0, network.balances),
        )  # fmt: skip
        found = run(case, "linear_programme")
        conserved(case, found)
    assert total(found) == sum(right.values())
    assert covered(found) == right or not mended


# The slow twin: the same rounds in exact fractions, rounded never.

NEAR_FEN = 12
"""What rounding each round to the fen may move, in groups of five by five."""


def fill(left: dict, owed: dict, claims: list[Claim], weights: dict, paid_out: dict) -> None:
    """Share until nothing moves, in fractions."""
    while True:
        able = [c for c in claims if left[c.security] > 0 and owed[c.loan] > 0
                and paid_out[c] < limit_fen(c)]  # fmt: skip
        if not able:
            return
        offers = {}
        for claim in able:
            rivals = sum(weights[c] for c in able if c.security == claim.security)
            share = left[claim.security] * Fraction(weights[claim]) / rivals
            room = limit_fen(claim)
            offers[claim] = share if room == INF else min(share, room - paid_out[claim])
        offered = {loan: sum(o for c, o in offers.items() if c.loan == loan) for loan in owed}
        taken = {c: o * min(Fraction(1), owed[c.loan] / offered[c.loan]) for c, o in offers.items()}
        for claim, amount in taken.items():
            paid_out[claim] += amount
            left[claim.security] -= amount
            owed[claim.loan] -= amount


def twin(case: Case, method: str) -> dict[Claim, Fraction]:
    values, balances, claims, _ = case
    left = {name: Fraction(value) for name, value in values.items()}
    owed = {name: Fraction(balance) for name, balance in balances.items()}
    paid_out = dict.fromkeys(claims, Fraction(0))
    if method == "pro_rata":
        fill(left, owed, claims, {c: balances[c.loan] for c in claims}, paid_out)
        return paid_out
    real = [c for c in claims if balances[c.loan] > 0 and limit_fen(c) > 0]
    steps = {}
    for claim in real:
        ranks = sorted({c.rank for c in real if c.security == claim.security} - {0})
        steps[claim] = 99 if claim.rank == 0 else ranks.index(claim.rank)
    for step in sorted(set(steps.values())):
        members = [claim for claim in real if steps[claim] == step]
        weights = {c: owed[c.loan] if limit_fen(c) == INF else min(owed[c.loan], limit_fen(c))
                   for c in members}  # fmt: skip
        fill(left, owed, members, weights, paid_out)
    return paid_out


@pytest.mark.parametrize("method", ["pro_rata", "legal"])
@given(case=cases(most=10**9))
def test_shares_by_proportion_are_those_of_fractions(case: Case, method: str) -> None:
    expected = twin(case, method)
    for claim, (*_, amount) in zip(case[2], run(case, method).amounts, strict=True):
        assert abs(fen(amount) - expected[claim]) <= NEAR_FEN


# Speed.


@pytest.mark.bench
@pytest.mark.parametrize("method", METHODS)
def test_two_hundred_by_two_hundred(method: str, benchmark: Callable) -> None:
    chance = np.random.default_rng(20261124)
    names = [f"{place:03d}" for place in range(200)]
    values, balances = (dict(zip(names, chance.uniform(0.0, 1e8, 200), strict=True)) for _ in "vb")
    claims = [Claim(s, loan, int(chance.integers(0, 200)), float(chance.uniform(0.0, 2e6)))
              for s in names for loan in names]  # fmt: skip
    weights = dict(zip(names, chance.random(200), strict=True))
    benchmark(lambda: allocate(values, balances, claims, method, weights=weights))
    assert benchmark.stats.stats.median < 1.0
