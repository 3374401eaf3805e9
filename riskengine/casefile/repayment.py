"""What the loan of a case asks of its borrower year by year."""

from dataclasses import dataclass
from datetime import date
from math import expm1, isfinite, log1p
from typing import Any

from riskengine.casefile.limits import months_after
from riskengine.casefile.read import Case
from riskengine.words import Text

WAYS = {
    "bullet": Text(
        "按约定到期一次还本付息列出。", "As stated: interest and principal in one sum at the end."
    ),
    "interest_only": Text(
        "按约定付息、到期还本，逐年列出。", "As stated: interest each year, principal at the end."
    ),
    "equal_principal": Text(
        "按约定等额本金，逐年列出；实际期数以合同为准。",
        "As stated: equal parts of the principal, listed by year; the contract has the periods.",
    ),
    "annuity": Text(
        "按约定等额本息，逐年列出；实际期数以合同为准。",
        "As stated: level payments, listed by year; the contract has the periods.",
    ),
}
"""Ways of repayment as the sheet tells them."""
NO_WAY = Text(
    "没有写明还款方式，按每年付息、到期还本列出。",
    "How it is repaid is not stated: interest each year, principal at the end.",
)
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
    way : str
        How it is repaid, one of `WAYS`; empty where not stated.
    """

    starts_on: date
    matures_on: date
    years: float
    owed_yuan: float
    rate_per_year: float
    yearly_yuan: float
    level: bool
    income_yuan: float
    way: str

    @property
    def told(self) -> Text:
        """How the payments are listed."""
        return WAYS.get(self.way, NO_WAY)

    @property
    def burden(self) -> float:
        """What a year asks over net income [1]; NaN where either is not known or none is earned."""
        return self.yearly_yuan / self.income_yuan if self.income_yuan > 0.0 else float("nan")

    @property
    def instalments(self) -> tuple[Instalment, ...]:
        """What is paid on each anniversary and on the last day, by the way that is stated."""
        whole = _whole_years(self.starts_on, self.matures_on)
        days = [months_after(self.starts_on, 12 * k) for k in range(1, whole + 1)]
        before, left, kept, listed = self.starts_on, self.owed_yuan, 0.0, []
        for day in (*days, self.matures_on):
            years = _years(before, day)
            kept += left * self.rate_per_year * years
            ends = day == self.matures_on
            paid = left if ends else self._principal(left, kept, years)
            due = 0.0 if self.way == "bullet" and not ends else kept
            left, kept, before = round(left - paid, 2), kept - due, day
            if self.way != "bullet" or ends:
                listed.append(Instalment(day, paid, round(due, 2), left))
        return tuple(listed)

    def _principal(self, left: float, interest: float, years: float) -> float:
        """Principal paid at the end of some time before the last day [yuan]."""
        if self.way == "equal_principal":
            return round(self.owed_yuan * years / self.years, 2)
        if self.way == "annuity" and isfinite(self.yearly_yuan):
            return min(left, round(self.yearly_yuan - interest, 2))
        return 0.0


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
    Payments are listed by year, whatever the periods of the contract; where the way is not
    stated, interest on each anniversary and the principal at the end.  Of a loan above one year
    the yearly payment is a P r / (1 - (1 + r)^-n), whatever the way: paying interest alone
    would say nothing of whether income repays it.
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
        number_of(loan.get("net_income_yuan_per_year")), str(loan.get("repayment") or ""),
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
