"""The state of a case: which may follow, and which a declined case never reaches."""

from collections.abc import Collection, Mapping
from typing import Any

from riskengine.exchange.mapping import CodeMapping
from riskengine.exchange.states import Step, check_history, moves
from riskengine.exchange.vocabulary import CASE_STATE
from riskengine.words import Text
from service.problems import Fault, Problem

GRANTED = frozenset({"signed_off", "contracts", "conditions_met", "in_force"})
"""States of a case that was granted."""


def may_move(before: str, after: str, recorded: Collection[str] | None = None) -> None:
    """Refuse a state that there is not, or that cannot follow.

    Parameters
    ----------
    before, after : str
        State of the case, empty where none was told, and the state wanted.
    recorded : collection of str or None
        States that the institution records; it passes through the others unseen. None for all.

    Raises
    ------
    Problem
        409 if it cannot follow; 422 if there is no such state.
    """
    history = [Step(before), Step(after)] if before else [Step(after)]
    faults = [one for one in check_history(history, recorded) if one.position == len(history)]
    known = after in moves()
    if known and (not before or not faults):  # the first word on a case may come late
        return
    raise Problem(
        409 if known else 422, "case-state", faults[0].wrong, faults[0].cure,
        (Fault("/body/state", "case-state", faults[0].wrong, faults[0].cure),),
    )  # fmt: skip


def may_be_granted(after: str, effective: Mapping[str, Any]) -> None:
    """Refuse to grant what is declined, by the machine or by a person.

    Parameters
    ----------
    after : str
        The state wanted.
    effective : mapping
        What holds of the decision after its reviews, with ``decision``.

    Raises
    ------
    Problem
        409 for a state of `GRANTED` while the decision is to decline.
    """
    if after in GRANTED and effective["decision"] == "decline":
        raise Problem(
            409, "declined",
            Text("此申请现为不予受理，不能签批或放款",
                 "the application is declined: it cannot be signed off or released"),
            Text("消除所列情形后重新申请；非法律所禁的，可由复核人员改判",
                 "cure the reasons and apply anew; a reviewer may override what no law forbids"),
        )  # fmt: skip


def recorded_by(mapping: CodeMapping) -> frozenset[str] | None:
    """Return the states that an institution records.

    Parameters
    ----------
    mapping : CodeMapping
        Its mapping.

    Returns
    -------
    frozenset of str or None
        None where the mapping says nothing of states.
    """
    dictionary = mapping.dictionaries.get(CASE_STATE)
    return None if dictionary is None else frozenset(dictionary.words({}))
