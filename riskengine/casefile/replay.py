"""A case under another date's law."""

from dataclasses import replace
from datetime import date
from typing import Any

from riskengine.casefile.decide import Decision, decide
from riskengine.casefile.evaluate import Bench
from riskengine.casefile.read import Case
from riskengine.words import Language


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
        right_id, id, title, and what each law says of it (``kept`` where neither fails nor
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
