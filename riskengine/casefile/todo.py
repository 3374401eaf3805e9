"""What is to be done on a case, with what each thing is worth: for officer and farmer alike."""

from dataclasses import dataclass, replace

from riskengine.casefile.cures import Cure
from riskengine.casefile.decide import Decision
from riskengine.casefile.findings import Finding
from riskengine.casefile.shown import INSPECTED
from riskengine.gates.plan import LEVELS
from riskengine.rules.facts import declared_facts
from riskengine.words import Text


@dataclass(frozen=True, slots=True)
class ToDo:
    """One thing to be done.

    Parameters
    ----------
    action : Text
        What to do.
    right_id : str
        The right that it mends.
    codes : tuple of str
        Marks of the rules that it settles.
    fact : str
        The fact that it changes.
    look : str
        Inspection that finds the fact out, where nobody has looked yet; else empty.
    severity : str
        The severest outcome that it lifts.
    gain_yuan, needed_yuan : float
        What it adds alone, and what is lost without it when all else is done [yuan].
    """

    action: Text
    right_id: str
    codes: tuple[str, ...]
    fact: str
    look: str
    severity: str
    gain_yuan: float
    needed_yuan: float


def to_do(decision: Decision) -> tuple[ToDo, ...]:
    """Return what is to be done, the most money first.

    Parameters
    ----------
    decision : Decision
        The answer to a case.

    Returns
    -------
    tuple of ToDo
        Its cures; what one look would find out and moves no money stands in one line.
    """
    listed: list[ToDo] = []
    looks: dict[tuple[str, str], int] = {}
    for cure in decision.cures:
        one = _of(decision, cure)
        if not one.look or cure.gain_yuan or cure.needed_yuan:
            listed.append(one)
            continue
        key = (one.right_id, one.look)
        if key in looks:
            listed[looks[key]] = _joined(listed[looks[key]], one)
        else:
            looks[key] = len(listed)
            listed.append(one)
    return tuple(listed)


def _of(decision: Decision, cure: Cure) -> ToDo:
    """A cure: where nobody has looked yet, to look comes first."""
    action, look = cure.action, ""
    fact = declared_facts().get(cure.fact)
    found = _findings(decision, cure)
    if fact and fact.inspection and found and all(cure.fact in one.missing for one in found):
        look = fact.inspection
        done = INSPECTED[look]
        action = Text(f"{done.zh}：{fact.title.zh}", f"{done.en}: {fact.title.en}")
    return ToDo(
        action, cure.right_id, cure.codes, cure.fact, look, cure.severity, cure.gain_yuan,
        cure.needed_yuan,
    )  # fmt: skip


def _joined(one: ToDo, other: ToDo) -> ToDo:
    """Two things that one look finds out."""
    title = declared_facts()[other.fact].title
    action = Text(f"{one.action.zh}、{title.zh}", f"{one.action.en}; {title.en}")
    worst = max((one.severity, other.severity), key=LEVELS.__getitem__)
    codes = tuple(sorted({*one.codes, *other.codes}))
    return replace(one, action=action, codes=codes, severity=worst)


def _findings(decision: Decision, cure: Cure) -> list[Finding]:
    """Findings that a cure settles."""
    return [
        finding
        for right in decision.rights
        if right.right_id == cure.right_id
        for finding in right.findings
        if finding.code in cure.codes
    ]
