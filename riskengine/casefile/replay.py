"""A case under another date's law."""

from dataclasses import replace
from datetime import date
from typing import Any

from riskengine.casefile.decide import Decision, decide
from riskengine.casefile.evaluate import Bench
from riskengine.casefile.read import Case
from riskengine.gates.plan import severity_words
from riskengine.words import Language, Text


def replay(case: Case, bench: Bench, law_day: date) -> tuple[Decision, Decision]:
    """Answer a case by the law of its own days and by that of another.

    Parameters
    ----------
    case : Case
        The case.
    bench : Bench
        What it is judged by.
    law_day : datetime.date
        Day whose law judges the second time; values stay those of the day of valuation.

    Returns
    -------
    tuple of Decision
        By the case's own days, and by the other's law.
    """
    return decide(case, bench), decide(case, replace(bench, law_day=law_day))


def differences(own: Decision, other: Decision, language: Language) -> list[dict[str, Any]]:
    """List the rules that decide differently under two laws.

    Parameters
    ----------
    own, other : Decision
        One case under two laws.
    language : {"zh", "en"}
        Language of titles.

    Returns
    -------
    list of dict
        right_id, id, title, and what each law says of it (``kept`` where it neither fails nor
        cannot be told), by right and mark.
    """
    found = []
    for before, after in zip(own.rights, other.rights, strict=True):
        states = [
            {finding.code or finding.name: finding for finding in right.findings}
            for right in (before, after)
        ]
        for mark in sorted(states[0].keys() | states[1].keys()):
            told = [state.get(mark) for state in states]
            said = [f"{one.state} {one.severity}" if one else "kept" for one in told]
            if said[0] != said[1]:
                known = told[0] or told[1]
                assert known is not None
                found.append({
                    "right_id": before.right_id, "id": mark, "title": known.title.say(language),
                    "own": said[0], "other": said[1],
                })  # fmt: skip
    return found


STATES = {"failed": Text("不符合", "fails"), "unknown": Text("不清楚", "not known")}


def told(said: str, language: Language) -> str:
    """Return what a law says of a rule, as people read it.

    Parameters
    ----------
    said : str
        As `differences` lists it: ``kept``, or state and severity.
    language : {"zh", "en"}
        Language wanted.

    Returns
    -------
    str
        Words.

    Examples
    --------
    >>> told("kept", "en"), told("unknown refer", "en"), told("failed block", "zh")
    ('kept, or not in force', 'not known [refer]', '不符合 [不得受理]')
    """
    if said == "kept":
        return Text("符合或不适用", "kept, or not in force").say(language)
    state, severity = said.split()
    return f"{STATES[state].say(language)} [{severity_words(severity).say(language)}]"
