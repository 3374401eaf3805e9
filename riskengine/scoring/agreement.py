"""Whether what one application says in several places agrees.

Two cells of one document that cannot both be true are an error.  Where honest data can differ,
by the day or the system that they come from, the rules ``SCO-DAT-*`` send it to a person.
"""

from collections.abc import Mapping
from math import isnan
from typing import Any

from riskengine import identity
from riskengine.casefile.decide import Decision
from riskengine.casefile.repayment import number_of
from riskengine.gates.papers import paper_remarks
from riskengine.scoring.application import FEATURES, Application, ApplicationError
from riskengine.scoring.parts import PERSONS
from riskengine.single import cell_text
from riskengine.words import Text

Cells = Mapping[str, Any]
ONE_PERSON = frozenset({"farm_household", "family_farm", "other"})
KINDS = {
    "household": ONE_PERSON, "large_grower": ONE_PERSON,
    "family_farm": ONE_PERSON | {"small_micro_enterprise"},
    "cooperative": frozenset({"cooperative", "small_micro_enterprise", "other"}),
    "enterprise": frozenset({"small_micro_enterprise", "enterprise", "other"}),
}  # fmt: skip
"""Words of ``loan.borrower_kind`` that a class of borrowers may go by in the reports."""


def contradiction(
    application: Application, borrower: Cells, decision: Decision
) -> ApplicationError | None:
    """Find two cells of an application that cannot both be true.

    Parameters
    ----------
    application : Application
        The application.
    borrower : mapping of str to object
        Typed cells of its borrower.
    decision : Decision
        The answer to its case, cells typed.

    Returns
    -------
    ApplicationError or None
        Naming both cells; None where there are none.  Cells are not repeated.
    """
    loan = decision.case.loan
    kind, of = loan.get("borrower_kind"), borrower["borrower_type"]
    if kind is not None and kind not in KINDS[of]:
        return _both("borrower.borrower_type", "loan.borrower_kind")
    given: Cells = application.borrower.get(FEATURES) or {}
    for name, cell in given.items():
        for part, cells in (("borrower", borrower), ("loan", loan)):
            if _differ(cell, cells.get(name)):
                return _both(f"{part}.{name}", f"borrower.{FEATURES}.{name}")
    return None


def _differ(given: Any, stated: Any) -> bool:
    """Whether a given feature and a stated cell are numbers, and not the same."""
    if isinstance(stated, bool) or not isinstance(stated, int | float):
        return False
    number = number_of(given)
    return not isnan(number) and number != stated


def _both(one: str, other: str) -> ApplicationError:
    """The error that names two cells."""
    return ApplicationError(
        one, Text(f"与 {other} 矛盾", f"contradicts {other}"),
        Text("核对两处，填成一致或只留一处", "check both: make them agree, or leave one out"),
    )  # fmt: skip


def settled(application: Application, borrower: Cells, decision: Decision) -> tuple[Cells, Cells]:
    """Return the borrower by which an application is scored, and what does not agree.

    Parameters
    ----------
    application : Application
        The application.
    borrower : mapping of str to object
        Typed cells of its borrower.
    decision : Decision
        The answer to its case, cells typed.

    Returns
    -------
    borrower : mapping of str to object
        The typed cells and the features.  A year of birth that is not that of the identity
        number gives way to it.
    facts : mapping of str to object
        Days overdue and the watch list of the loan, and flags of what does not agree; nothing
        that is not stated disagrees.
    """
    loan = decision.case.loan
    overdue = number_of(loan.get("overdue_days") or 0.0)
    held = {**borrower, FEATURES: application.borrower.get(FEATURES) or {}}
    facts = {
        "overdue_days": overdue, "watch_list": bool(loan.get("watch_list")),
        "overdue_contradicted": overdue > 0.0 and borrower.get("currently_overdue") is False,
        "principal_below_balance": _short_principal(loan),
        "loan_region_differs": _elsewhere(loan.get("region_code"), decision),
        "birth_year_differs": False, "borrower_code_wrong": False,
    }  # fmt: skip
    own = cell_text(application.borrower.get("borrower_code")) or ""
    code = own or cell_text(loan.get("borrower_code")) or ""
    if not code:
        return held, facts
    remarks = paper_remarks({"borrower_code": code}, "", "", decision.valued_on)
    wrong = any(one.refers for one in remarks)
    facts["borrower_code_wrong"] = wrong and bool(own)
    told, born = borrower.get("birth_year"), None if wrong else identity.resident_facts(code)
    if born is not None and told is not None and borrower["borrower_type"] in PERSONS:
        year = float(born.born_on.year)
        facts["birth_year_differs"] = year != told
        held["birth_year"] = year
    return held, facts


def _short_principal(loan: Cells) -> bool:
    """Whether something was paid out, and less than is owed."""
    paid = loan.get("principal_yuan")
    return paid is not None and 0.0 < number_of(paid) < number_of(loan.get("balance_yuan"))


def _elsewhere(region: Any, decision: Decision) -> bool:
    """Whether the region of the loan holds no right and lies in that of none."""
    if not region:
        return False
    code = str(region)
    places = [right.region for right in decision.rights]
    return not any(
        identity.lies_within(place, code) or identity.lies_within(code, place) for place in places
    )
