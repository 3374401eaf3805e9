"""What people decide and what became of a loan, and for how long personal cells are kept then."""

from datetime import date, datetime

from sqlalchemy import Connection

from riskengine.pledging.assess import LawOf
from service.auth.caller import Caller
from service.clock import day_of, stamp
from service.scoring.retention import keep_until
from service.store.decisions import Decision
from service.store.erasure import keep_longer

LENT_OUTCOMES = frozenset({"running", "repaid", "defaulted", "compensated", "recovered"})
"""What becomes of a loan that was paid out."""
LENT_STATES = frozenset({
    "in_force", "check_unconfirmed", "check_reporting", "check_review", "check_normal",
    "check_risk", "overdue", "compensation_agreed", "compensation_refused", "compensated",
    "recovering", "ended", "ended_after_compensation",
})  # fmt: skip
"""States of a case whose loan was paid out (`riskengine.exchange.states`)."""


def keep_as_lent(
    connection: Connection, caller: Caller, decision: Decision, on: date, law: LawOf,
    because: str, moment: datetime,
) -> bool:  # fmt: skip
    """Keep the personal cells of a decision as long as those of a loan; never shorten.

    Parameters
    ----------
    connection : Connection
        Inside the transaction that writes what they are kept for.
    caller : Caller
        Who says so.
    decision : Decision
        The decision, such as one declined that a person accepted.
    on : datetime.date
        Day on which the loan is known to have been there: its term runs from then at least.
    law : callable
        The institution's law of a place.
    because : str
        Kind of the entry that it follows from.
    moment : datetime.datetime
        The moment.

    Returns
    -------
    bool
        False where they are kept as long already, or were erased.
    """
    loan = decision.entry["application"].get("loan") or {}
    made_on = day_of(datetime.fromisoformat(decision.row["made_at"]))
    rules = law("").at(day_of(moment))
    until = keep_until("accept", loan, max(made_on, on), rules).isoformat()
    return keep_longer(
        connection, caller.tenant, decision.row["decision_id"], until, because, caller.key_id,
        stamp(moment),
    )  # fmt: skip
