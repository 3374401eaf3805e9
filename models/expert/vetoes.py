"""Which vetoes hit: facts held against the card's own limits and against rules of a day."""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.expert.card import Card, Veto
from models.expert.encode import FLAGS, answer
from riskengine.rules import Rule, RuleBook, statute_of
from riskengine.words import Text

HIT, CLEAR, UNKNOWN = 1, 0, -1
RELATIONS: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
    "==": operator.eq,
}  # fmt: skip
SEVERE = ("pass", "refer", "block")
"""Outcomes, the mildest first."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What one veto says of every case.

    Parameters
    ----------
    veto : Veto
        The veto.
    state : (n,) int8
        1 hit, 0 clear, -1 not known.
    outcome : {"block", "refer", "warn"}
        What a hit means.
    cite : str
        Its source.
    cure : Text or None
        What mends it.
    """

    veto: Veto
    state: NDArray[np.int8]
    outcome: str
    cite: str
    cure: Text | None


def judge_vetoes(
    card: Card, frame: pd.DataFrame, day: date, book: RuleBook, facts: Mapping[str, Any],
    gates: bool,
) -> list[Judged]:  # fmt: skip
    """Hold every veto of a card against every case.

    Parameters
    ----------
    card : Card
        The card.
    frame : pandas.DataFrame
        Cases; a column that is absent is known of none.
    day : datetime.date
        Day that selects the values of rules.
    book : RuleBook
        Rules of the place, for vetoes that name no region.
    facts : mapping of str to object
        Facts that hold for every case, such as ``agri_policy_guarantor``.
    gates : bool
        Whether vetoes that name rules are judged here; False where the engine's gates
        have judged them.

    Returns
    -------
    list of Judged
        In the order of the card.
    """
    judged = []
    for veto in card.vetoes:
        if not veto.rules:
            cite = veto.source.cite if veto.source else ""
            held = _holds(_column(frame, facts, veto.field), veto.compare, veto.amount)
            state = np.where(held == UNKNOWN, UNKNOWN, 1 - held).astype(np.int8)
            judged.append(Judged(veto, state, veto.outcome, cite, veto.cure))
        elif gates:
            judged.append(_ruled(veto, frame, day, book, facts))
    return judged


def _ruled(
    veto: Veto, frame: pd.DataFrame, day: date, book: RuleBook, facts: Mapping[str, Any]
) -> Judged:
    """Hit where all of its rules fail; a rule that does not speak on the day fails nobody."""
    book = statute_of(veto.region) if veto.region else book
    speaking = [rule for name in veto.rules if (rule := book.rule(name).speaking(day))]
    states = [_state(rule, veto, frame, day, facts) for rule in speaking]
    if len(speaking) < len(veto.rules) or not states:
        states = [np.zeros(len(frame), dtype=np.int8)]
    stacked = np.array(states)
    state = np.where((stacked == CLEAR).any(axis=0), CLEAR, stacked.min(axis=0))
    severity = {rule.severity for rule in speaking}
    cites = [value.cite for rule in speaking if (value := rule.held(day))]
    memory = any((value := rule.held(day)) and value.seen == "memory" for rule in speaking)
    outcome = veto.outcome or ("block" if severity == {"block"} and not memory else "refer")
    cure = veto.cure or next((rule.judges.cure for rule in speaking if rule.judges.cure), None)
    return Judged(veto, state.astype(np.int8), outcome, "; ".join(cites), cure)


def _state(
    rule: Rule, veto: Veto, frame: pd.DataFrame, day: date, facts: Mapping[str, Any]
) -> NDArray[np.int8]:
    """One rule: clear where it does not apply, hit where it fails."""
    value = rule.at(day)
    held = _holds(_column(frame, facts, veto.field or rule.judges.fact), rule.compare, value.amount)
    state = np.where(held == UNKNOWN, UNKNOWN, 1 - held)
    for fact, words in (rule.judges.when or {}).items():
        applies = _holds(_column(frame, facts, fact), "in", words)
        state = np.where(applies == 0, CLEAR, np.where(applies == UNKNOWN,
                         np.where(state == CLEAR, CLEAR, UNKNOWN), state))  # fmt: skip
    return state.astype(np.int8)


def _column(frame: pd.DataFrame, facts: Mapping[str, Any], name: str) -> list[Any]:
    """A fact of every case; None where nobody states it."""
    if name in frame.columns:
        return list(frame[name])
    return [facts.get(name)] * len(frame)


def _holds(cells: list[Any], compare: str, amount: Any) -> NDArray[np.int8]:
    """1 where the fact stands in the relation, 0 where not, -1 where it is not known."""
    places, words = pd.factorize(np.array([answer(cell) for cell in cells], dtype=object))
    held = np.array([_one(word, compare, amount) for word in words], dtype=np.int8)
    return held[places] if len(cells) else np.empty(0, dtype=np.int8)


def _one(word: str, compare: str, amount: Any) -> int:
    """One fact: a flag, a word or a number, as the amount is."""
    if not word:
        return UNKNOWN
    if compare in {"in", "not in"}:
        among = any(_same(word, entry) for entry in amount)
        return int(among is (compare == "in"))
    if isinstance(amount, bool):
        return UNKNOWN if _flag(word) is None else int(_flag(word) is amount)
    if isinstance(amount, str):
        return int(word == amount)
    number = _number(word)
    return UNKNOWN if np.isnan(number) else int(RELATIONS[compare](number, float(amount)))


def _number(word: str) -> float:
    """A word as a finite number; NaN where it is none."""
    try:
        number = float(word)
    except ValueError:
        return np.nan
    return number if np.isfinite(number) else np.nan


def _same(word: str, amount: Any) -> bool:
    """Whether a word says what the amount says."""
    return _flag(word) is amount if isinstance(amount, bool) else word == str(amount)


def _flag(word: str) -> bool | None:
    """Yes or no as a truth value; None where it is neither."""
    code = FLAGS.get(word.lower(), word.lower())
    return {"yes": True, "no": False}.get(code)


def reasons(judged: list[Judged], n: int) -> list[list[tuple[str, Text]]]:
    """Say for every case which vetoes hit and which could not be judged.

    Parameters
    ----------
    judged : list of Judged
        What the vetoes say.
    n : int
        Cases.

    Returns
    -------
    list of list of (str, Text)
        Per case: name of the veto and words; what is not known comes last, in one text.
    """
    told: list[list[tuple[str, Text]]] = [[] for _ in range(n)]
    unknown: list[list[Text]] = [[] for _ in range(n)]
    for one in judged:
        title, cure = one.veto.title, one.cure
        mend = Text(f"，{cure.zh}", f"; {cure.en}") if cure else Text("", "")
        words = Text(f"{title.zh}（{one.cite}）{mend.zh}", f"{title.en} ({one.cite}){mend.en}")
        for row in np.flatnonzero(one.state == HIT).tolist():
            told[row].append((one.veto.name, words))
        for row in np.flatnonzero(one.state == UNKNOWN).tolist():
            unknown[row].append(title)
    for row, titles in enumerate(unknown):
        if titles:
            zh, en = "、".join(t.zh for t in titles), "; ".join(t.en for t in titles)
            told[row].append(("", Text(f"尚未查明：{zh}", f"not yet known: {en}")))
    return told


def outcomes(judged: list[Judged], n: int) -> NDArray[np.int8]:
    """Return the severest outcome of every case.

    Parameters
    ----------
    judged : list of Judged
        What the vetoes say.
    n : int
        Cases.

    Returns
    -------
    (n,) int8
        Position in `SEVERE`; a fact that is not known refers, unless a hit would only warn.
    """
    worst = np.zeros(n, dtype=np.int8)
    for one in judged:
        if one.outcome == "warn":
            continue
        hit = SEVERE.index(one.outcome)
        here = np.where(one.state == HIT, hit, np.where(one.state == UNKNOWN, 1, 0))
        worst = np.maximum(worst, here).astype(np.int8)
    return worst
