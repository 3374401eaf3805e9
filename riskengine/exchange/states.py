"""The states of a case and whether its history is one that can be."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from riskengine.exchange.vocabulary import CASE_STATE, STATES_FILE, subjects, toml_file
from riskengine.words import Text


@dataclass(frozen=True, slots=True)
class Step:
    """One entry of a case's history.

    Parameters
    ----------
    state : str
        The engine's word.
    on : datetime.date or None
        Day on which it was entered; None where not recorded.
    """

    state: str
    on: date | None = None


@dataclass(frozen=True, slots=True)
class HistoryFault:
    """One entry that cannot follow the one before it.

    Parameters
    ----------
    position : int
        Place of the entry, from 1.
    before, after : str
        State before, and the state entered; ``before`` is empty for the first entry.
    wrong, cure : Text
        What is wrong, and what the reader can do.
    """

    position: int
    before: str
    after: str
    wrong: Text
    cure: Text


@cache
def moves() -> Mapping[str, frozenset[str]]:
    """Return the states that may follow each state.

    Returns
    -------
    mapping of str to frozenset of str
        Empty where a state is the last.

    Examples
    --------
    >>> "compensated" in moves()["overdue"], "compensated" in moves()["compensation_agreed"]
    (False, True)
    """
    table = toml_file(STATES_FILE)["state"]
    return {name: frozenset(state["next"]) for name, state in table.items()}


@cache
def entries() -> frozenset[str]:
    """Return the states with which a history may begin.

    Returns
    -------
    frozenset of str
        The states.
    """
    return frozenset(toml_file(STATES_FILE)["entries"])


def may_follow(before: str, after: str, recorded: Collection[str] | None = None) -> bool:
    """Whether a state may follow another.

    Parameters
    ----------
    before, after : str
        States; an empty ``before`` asks whether a history may begin with ``after``.
    recorded : collection of str or None
        States that the institution records; it passes through the others unseen.  None
        for all.

    Returns
    -------
    bool
        True where there is a way between them on which every state passed is one that the
        institution does not record.

    Examples
    --------
    >>> may_follow("accepted", "feedback_awaited")
    False
    >>> may_follow("accepted", "feedback_awaited", {"accepted", "feedback_awaited"})
    True
    """
    seen: set[str] = set()
    open_states = set(moves()[before]) if before else set(entries())
    while open_states:
        if after in open_states:
            return True
        seen |= open_states
        unseen = {one for one in open_states if recorded is not None and one not in recorded}
        open_states = {one for state in unseen for one in moves()[state]} - seen
    return False


def check_history(
    history: Sequence[Step], recorded: Collection[str] | None = None
) -> tuple[HistoryFault, ...]:
    """Return what cannot be in the history of a case.

    Parameters
    ----------
    history : sequence of Step
        States in the order recorded.
    recorded : collection of str or None
        States that the institution records; None for all.

    Returns
    -------
    tuple of HistoryFault
        Moves that are not allowed, states that are not known, days that run backwards; all
        of them, by position.  A state entered again without another between is no move.
    """
    faults = []
    before = Step("")
    for position, step in enumerate(history, start=1):
        if step.state not in moves():
            faults.append(_unknown(position, before, step))
            continue
        if step.state != before.state and not may_follow(before.state, step.state, recorded):
            faults.append(_not_allowed(position, before, step))
        if before.on is not None and step.on is not None and step.on < before.on:
            faults.append(_backwards(position, before, step))
        before = step
    return tuple(faults)


def _unknown(position: int, before: Step, step: Step) -> HistoryFault:
    return HistoryFault(
        position, before.state, step.state,
        Text(f"第{position}步：没有状态“{step.state}”",
             f"entry {position}: there is no state {step.state!r}"),
        Text("请在对照表中补上这个代码", "add its code to the mapping"),
    )  # fmt: skip


def _not_allowed(position: int, before: Step, step: Step) -> HistoryFault:
    """A move that the machine does not know, with those that it does."""
    words = subjects()[CASE_STATE].words
    allowed = moves()[before.state] if before.state else entries()
    listed = [one for one in words if one in allowed]
    start = Text("开始", "the start")
    left = words[before.state] if before.state else start
    return HistoryFault(
        position, before.state, step.state,
        Text(f"第{position}步：不能从“{left.zh}”到“{words[step.state].zh}”",
             f"entry {position}: {left.en!r} cannot be followed by {words[step.state].en!r}"),
        Text("之后可以是：" + "、".join(words[one].zh for one in listed) if listed
             else "这是最后的状态，请核对",
             "it may be followed by: " + ", ".join(words[one].en for one in listed) if listed
             else "it is a last state; check the record"),
    )  # fmt: skip


def _backwards(position: int, before: Step, step: Step) -> HistoryFault:
    return HistoryFault(
        position, before.state, step.state,
        Text(f"第{position}步的日期 {step.on} 早于上一步 {before.on}",
             f"entry {position} is of {step.on}, before the one of {before.on} above it"),
        Text("请核对两个日期", "check both days"),
    )  # fmt: skip
