"""The longest term of a case."""

from dataclasses import replace
from datetime import date, timedelta

from riskengine.casefile.evaluate import Bench, evaluate
from riskengine.casefile.read import Case
from riskengine.gates.plan import LIMITS
from riskengine.pledging.assess import Assessed

LONGEST = 600
"""Longest term tried [month]."""
TERM_FACTS = frozenset({"tail_years", "loan_term_years", "pledged_years", "rent_paid_to_maturity"})
"""Facts by which a rule speaks of the term."""


def longest_months(case: Case, bench: Bench) -> int | None:
    """Return the longest term at which the sum asked for is covered and no rule on terms fails.

    Parameters
    ----------
    case : Case
        A case with a loan.
    bench : Bench
        What it is judged by.

    Returns
    -------
    int or None
        Term from the day of valuation [month], in [1, 600]; None where no term will do, or
        nothing may be lent.

    Notes
    -----
    Rules on terms and cover only tighten as the term grows, so the term is found by
    halving.
    """
    asked = float(case.loan["balance_yuan"])
    if not _fits(case, bench, asked, 1):
        return None
    low, high = 1, LONGEST
    while low < high:
        middle = (low + high + 1) // 2
        if _fits(case, bench, asked, middle):
            low = middle
        else:
            high = middle - 1
    return low


def months_after(day: date, months: int) -> date:
    """Return the day some months after another.

    Parameters
    ----------
    day : datetime.date
        The day.
    months : int
        Months, >= 0.

    Returns
    -------
    datetime.date
        The same day of the month, or its last.

    Examples
    --------
    >>> months_after(date(2026, 11, 30), 3)
    datetime.date(2027, 2, 28)
    """
    years, month = divmod(day.month - 1 + months, 12)
    first_after = date(day.year + years + (month == 11), (month + 1) % 12 + 1, 1)
    last = (first_after - timedelta(1)).day
    return date(day.year + years, month + 1, min(day.day, last))


def _fits(case: Case, bench: Bench, asked: float, months: int) -> bool:
    """Whether a term covers the sum and breaks no rule on terms."""
    loan = {**case.loan, "matures_on": months_after(case.valued_on, months)}
    loan["starts_on"] = case.valued_on
    found = evaluate(replace(case, loan=loan), bench)
    lent = sum(int(one.steps[-1, 0]) for one in found) / 100.0
    return 0.0 < lent >= asked and all(_term_kept(one, months / 12.0) for one in found)


def _term_kept(found: Assessed, years: float) -> bool:
    """Whether no rule on terms fails and no limit of a term is passed."""
    judged, row = found.judged(0)
    if any(gate.fact in TERM_FACTS for gate in judged.failed(row)):
        return False
    limits = [
        float(found.limits[LIMITS.index(name), 0]) for name in ("loan_term_years", "pledged_years")
    ]
    return years <= min(limits) + 1e-9
