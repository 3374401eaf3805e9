"""The kernel of fund paths on cases worked by hand."""

import numpy as np

from riskengine.kernels.fund_path import fund_path


def run(
    claims: list[int], income: list[int], floor: list[int], terms: list[int], rates: list[float]
):
    months = len(claims)
    balance, paid, unpaid, asked = (np.empty((months, 1), dtype=np.int64) for _ in range(4))
    totals = np.empty((7, 1), dtype=np.int64)
    fund_path(
        np.array(claims).reshape(-1, 1), np.array(income), np.array(floor), np.array(terms),
        np.array(rates), balance, paid, unpaid, asked, totals,
    )  # fmt: skip
    return [x.ravel().tolist() for x in (balance, paid, unpaid, asked, totals)]


def test_a_fund_that_is_emptied_and_filled_again() -> None:
    # Opening 100; claims of 60 a month due one month later; half comes back after two months;
    # below 50 it is topped up to 80, at most 90 in all, after one month.
    balance, paid, unpaid, asked, totals = run(
        [60, 60, 60, 60, 0], [10] * 5, [50] * 5, [100, 1, 2, 1, 80, 90], [0.5, 0.0]
    )
    # 0: 100+10=110. 1: 120-60=60. 2: 70-60=10, asks 70. 3: 10+10+30+70-60=60.
    # 4: 60+10+30-60=40, asks what is left of 90: 20.
    assert balance == [110, 60, 10, 60, 40]
    assert paid == [0, 60, 60, 60, 60]
    assert unpaid == [0] * 5
    assert asked == [0, 0, 70, 0, 20]
    assert totals == [50, 60, 70, 0, 60, 20, 5]


def test_what_cannot_be_paid_is_unpaid_at_once() -> None:
    balance, paid, unpaid, asked, totals = run(
        [30, 0, 90], [0, 5, 0], [0, 0, 0], [10, 0, 0, 0, 0, 0], [0.25, 0.1]
    )
    # 0: 10+1 interest, pays 11 of 30, round(2.75)=3 back. 1: 3+0+5=8. 2: 8+1, pays 9, 2 back.
    assert balance == [3, 8, 2]
    assert paid == [11, 0, 9]
    assert unpaid == [19, 0, 81]
    assert totals == [7, 5, 0, 0, 0, 0, 0]


def test_a_top_up_at_once_and_claims_that_fall_due_too_late() -> None:
    balance, paid, unpaid, asked, totals = run(
        [50, 50], [0, 0], [40, 40], [30, 7, 3, 0, 45, 20], [1.0, 0.0]
    )
    assert balance == [45, 45] and paid == unpaid == [0, 0]
    assert asked == [15, 0]
    assert totals == [0, 0, 15, 100, 0, 0, 2]
