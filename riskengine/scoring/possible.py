"""What no application can say: a loan due before it is made, a borrower not yet born."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from riskengine.casefile.repayment import day_of, number_of
from riskengine.scoring.application import ApplicationError
from riskengine.words import Text


def impossible(
    created_on: date, valued_on: date, loan: Mapping[str, Any], borrower: Mapping[str, Any]
) -> ApplicationError | None:
    """Return what an application says that cannot be.

    Parameters
    ----------
    created_on, valued_on : datetime.date
        Days of the application.
    loan, borrower : mapping of str to object
        Typed cells.

    Returns
    -------
    ApplicationError or None
        The first such thing, with both fields that contradict each other; None where there
        is none.
    """
    due = day_of(loan.get("matures_on"))
    for name, day in (("valued_on", valued_on), ("created_on", created_on)):
        if due is not None and due <= day:
            return ApplicationError(
                "loan.matures_on",
                Text(f"{due} 不晚于 {name} {day}", f"{due} is not after {name} {day}"),
                Text(f"到期日须晚于 {name}；请核对两个日期",
                     f"a loan falls due after {name}: check both days"),
            )  # fmt: skip
    born = number_of(borrower.get("birth_year"))
    if born > created_on.year:
        return _birth(
            Text(f"{born:g} 晚于 created_on {created_on}",
                 f"{born:g} is after created_on {created_on}"),
            Text("请核对出生年份和 created_on", "check the year of birth and created_on"),
        )  # fmt: skip
    if born % 1.0 > 0.0:
        return _birth(
            Text(f"{born:g} 不是整数年份", f"{born:g} is no whole year"),
            Text("请填身份证件上的出生年份", "give the year of birth on the identity card"),
        )
    return None


def _birth(wrong: Text, cure: Text) -> ApplicationError:
    return ApplicationError("borrower.birth_year", wrong, cure)
