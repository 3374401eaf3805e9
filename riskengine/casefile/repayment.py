"""What the loan of a case asks of its borrower year by year."""

from dataclasses import dataclass
from datetime import date
from math import expm1, isfinite, log1p
from typing import Any

from riskengine.casefile.limits import months_after
from riskengine.casefile.read import Case

DAYS_A_YEAR = 365.0
"""Days by which a bank divides a part of a year."""


@dataclass(frozen=True, slots=True)
class Instalment:
    """One payment.

    Parameters
    ----------
    due_on : datetime.date
        Day on which it falls due.
    principal_yuan, interest_yuan : float
        What is paid [yuan]; interest is NaN where no rate is stated.
    left_yuan : float
        Principal owed after it [yuan].
    """

    due_on: date
    principal_yuan: float
    interest_yuan: float
    left_yuan: float


@dataclass(frozen=True, slots=True)
class Repayment:
    """What a loan asks of its borrower.

    Parameters
    ----------
    starts_on, matures_on : datetime.date
        First and last day.
    years : float
        Term [year]: whole years, and days over 365.
    owed_yuan, rate_per_year : float
        Principal [yuan] and rate [1/year]; NaN where no rate is stated.
    yearly_yuan : float
        What a year asks [yuan]: of a loan above one year its level yearly payment, else all
        of it; NaN where no rate is stated.
    level : bool
        Whether that is a level payment over several years.
    income_yuan : float
        Borrower's net income a year [yuan]; NaN where not stated.
    """

    starts_on: date
    matures_on: date
    years: float
    owed_yuan: float
    rate_per_year: float
    yearly_yuan: float
    level: bool
    income_yuan: float

    @property
    def burden(self) -> float:
        """What a year asks over net income [1]; NaN where either is not known or none is earned."""
        return self.yearly_yuan / self.income_yuan if self.income_yuan > 0.0 else float("nan")

    @property
    def instalments(self) -> tuple[Instalment, ...]:
        """Interest each year, principal at the end."""
        first, last, owed = self.starts_on, self.matures_on, self.owed_yuan
        interest = owed * self.rate_per_year
        whole = _whole_years(first, last)
        days = [months_after(first, 12 * k) for k in range(1, whole + 1)]
        part = round(interest * _years(days[-1] if days else first, last), 2)
        return (
            *(Instalment(day, 0.0, round(interest, 2), owed) for day in days),
            Instalment(last, owed, part, 0.0),
        )


def repayment(case: Case) -> Repayment | None:
    """Return what the loan of a case asks of its borrower.

    Parameters
    ----------
    case : Case
        The case.

    Returns
    -------
    Repayment or None
        The payments; None where there is no loan, or its sum or last day is not told.

    Notes
    -----
    Nothing is known of instalments, so interest is taken as paid on each anniversary and the
    principal at the end.  Of a loan above one year the yearly payment is a P r / (1 -
    (1 + r)^-n): paying interest alone would say nothing of whether income repays it.
    """
    loan = case.loan
    owed, matures_on = number_of(loan.get("balance_yuan")), day_of(loan.get("matures_on"))
    starts_on = day_of(loan.get("starts_on")) or case.valued_on
    if matures_on is None or not isfinite(owed) or matures_on <= starts_on:
        return None
    rate = number_of(loan.get("rate_per_year"))
    whole = _whole_years(starts_on, matures_on)
    years = whole + _years(months_after(starts_on, 12 * whole), matures_on)
    level = years > 1.0
    yearly = _level(owed, rate, years) if level else owed + owed * rate * years
    return Repayment(
        starts_on, matures_on, years, owed, rate, round(yearly, 2), level,
        number_of(loan.get("net_income_yuan_per_year")),
    )  # fmt: skip


def _whole_years(first: date, last: date) -> int:
    """How many anniversaries of the first day lie before the last."""
    years = last.year - first.year
    return years if months_after(first, 12 * years) < last else years - 1


def _years(first: date, last: date) -> float:
    """Years from one day to another at most one year later."""
    return 1.0 if last == months_after(first, 12) else (last - first).days / DAYS_A_YEAR


def _level(owed: float, rate: float, years: float) -> float:
    """Level payment at the end of each year [yuan]."""
    return owed / years if rate == 0.0 else owed * rate / -expm1(-years * log1p(rate))


def number_of(cell: Any) -> float:
    """Return the number of a cell.

    Parameters
    ----------
    cell : object
        Number, text or nothing.

    Returns
    -------
    float
        The number, in any unit; NaN where there is none.
    """
    try:
        return float(cell)
    except (TypeError, ValueError):
        return float("nan")


def day_of(cell: Any) -> date | None:
    """Return the day of a cell.

    Parameters
    ----------
    cell : object
        Date, text or nothing.

    Returns
    -------
    datetime.date or None
        The day; None where there is none.
    """
    if isinstance(cell, date):
        return cell
    try:
        return date.fromisoformat(str(cell))
    except ValueError:
        return None
