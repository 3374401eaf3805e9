"""Pledges on the rights of one batch: facts, law, lending value."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from riskengine.dates import day_number
from riskengine.gates.arrays import some_of
from riskengine.gates.gather import facts_of
from riskengine.gates.judge import Facts, Judged, judge
from riskengine.gates.papers import papers_refer
from riskengine.gates.plan import LIMITS, Plan, plan_of
from riskengine.gates.secured import Column, Secured
from riskengine.gates.tapes import Rows, Tape
from riskengine.pledging.join import Standing, borrowers, secured
from riskengine.pledging.waterfall import lending_steps
from riskengine.rules import RuleBook
from riskengine.valuation import Valuation

LawOf = Callable[[str], RuleBook]
"""The law of a place, from its region code."""


@dataclass(frozen=True, slots=True)
class Assessed:
    """Pledges on the rights of one batch.

    Parameters
    ----------
    valuation : Valuation
        Values of the rights.
    rights : (n,) int64
        Position of each pledge's right in the valuation.
    of : Secured
        The pledges with what they belong to.
    pledges : Tape
        The pledges.
    policies : Tape or None
        Insurance policies, of these rights and of others.
    facts : Facts
        What is known, for the national law.
    parts : tuple of ((k,) int64, Judged)
        Pledges under the law of one place, and what it says of them.
    outcome : (n,) uint8
        Severest outcome of each pledge.
    keeps : (n,) float64
        Share that haircuts of the law leave [1].
    limits : (l, n) float64
        Limits, in the order of `riskengine.gates.plan.LIMITS`.
    steps : (17, n) int64
        What is left after each step [0.01 yuan], in the order of
        `riskengine.pledging.waterfall.STEPS`.
    """

    valuation: Valuation
    rights: Rows
    of: Secured
    pledges: Tape
    policies: Tape | None
    facts: Facts
    parts: tuple[tuple[Rows, Judged], ...]
    outcome: NDArray[np.uint8]
    keeps: Column
    limits: Column
    steps: NDArray[np.int64]

    def judged(self, row: int) -> tuple[Judged, int]:
        """Return what the law says of one pledge.

        Parameters
        ----------
        row : int
            Its position.

        Returns
        -------
        tuple of (Judged, int)
            The verdict of its place's law, and its position there.

        Raises
        ------
        IndexError
            If there is no such pledge.
        """
        for rows, judged in self.parts:
            if rows.size == self.outcome.size and 0 <= row < rows.size:  # one law for all
                return judged, row
            place = int(np.searchsorted(rows, row))
            if place < rows.size and rows[place] == row:
                return judged, place
        raise IndexError(row)

    def first(self, count: int) -> "Assessed":
        """Return the first pledges only.

        Parameters
        ----------
        count : int
            How many, in [1, n].

        Returns
        -------
        Assessed
            The same numbers.
        """
        if count == self.of.size:
            return self
        cut = [(rows, judged, int(np.searchsorted(rows, count))) for rows, judged in self.parts]
        rows = np.arange(count)
        pledges = Tape(
            self.pledges.batch.take(rows),
            {name: text[:count] for name, text in self.pledges.texts.items()},
        )  # fmt: skip
        return Assessed(
            self.valuation, self.rights[:count], self.of.first(rows, pledges.batch), pledges,
            self.policies, self.facts.first(count),
            tuple((rows[:stop], judged.first(stop)) for rows, judged, stop in cut if stop),
            self.outcome[:count], self.keeps[:count], self.limits[:, :count],
            self.steps[:, :count],
        )  # fmt: skip

    @property
    def lending_value_yuan(self) -> Column:
        """What may be lent on each pledge [yuan]."""
        lent: Column = self.steps[-1] / 100.0
        return lent


def assess(
    valuation: Valuation,
    pledges: Tape,
    rights: Rows,
    loans: Tape | None = None,
    policies: Tape | None = None,
    *,
    standing: Standing,
    law: LawOf,
    law_day: date | None = None,
) -> Assessed:
    """Hold the law against pledges on the rights of one batch, and find what may be lent.

    Parameters
    ----------
    valuation : Valuation
        Values of the rights.
    pledges : Tape
        Pledges on them.
    rights : (n,) int64
        Position of each pledge's right in the valuation.
    loans, policies : Tape or None
        The loans, and the insurance policies.
    standing : Standing
        What each pledge secures, and what others leave to it.
    law : callable
        The law of a place, from its region code.
    law_day : datetime.date or None
        Day whose law judges, in place of the days of creation and valuation.

    Returns
    -------
    Assessed
        Facts, verdicts and lending values.

    Raises
    ------
    RuleError
        If a rule judges by a fact that is not declared.
    """
    rules = law("").at(valuation.inputs.market.day)
    of = secured(valuation, pledges, rights, loans, policies, standing, rules)
    codes = borrowers(pledges, loans)
    wrong = papers_refer(pledges, codes, of.table, _places(of), of.valued_on)
    return hold(valuation, of, rights, pledges, policies, wrong=wrong, law=law, law_day=law_day)


def hold(
    valuation: Valuation,
    of: Secured,
    rights: Rows,
    pledges: Tape,
    policies: Tape | None,
    *,
    wrong: NDArray[np.bool_],
    law: LawOf,
    law_day: date | None = None,
) -> Assessed:
    """Hold the law against pledges that are tied to what they belong to.

    Parameters
    ----------
    valuation : Valuation
        Values of the rights.
    of : Secured
        The pledges, tied to rights, loans and policies.
    rights : (n,) int64
        Position of each pledge's right in the valuation.
    pledges : Tape
        The pledges.
    policies : Tape or None
        The policies to whose rows ``of`` is tied.
    wrong : (n,) bool
        Pledges with a code on their papers that cannot be right.
    law, law_day
        As in `assess`.

    Returns
    -------
    Assessed
        Facts, verdicts and lending values.

    Raises
    ------
    RuleError
        If a rule judges by a fact that is not declared.
    """
    size = of.size
    outcome, keeps = np.zeros(size, dtype=np.uint8), np.ones(size)
    limits = np.full((len(LIMITS), size), np.inf)
    facts: Facts | None = None
    parts = []
    created = of.created if law_day is None else np.full(size, float(day_number(law_day)))
    for book, rows in _by_law(of, law):
        plan = plan_of(book, of.table, law_day or of.valued_on)
        facts = facts_of(of, plan, facts)
        some = facts if rows.size == size else _some(facts, plan, rows)
        judged = judge(plan, some, created[rows], law_day or of.valued_on)
        outcome[rows], keeps[rows] = judged.found.outcome, judged.found.keeps
        limits[:, rows] = judged.found.limits
        parts.append((rows, judged))
    facts = Facts(size, {}, {}) if facts is None else facts
    outcome[wrong] = np.maximum(outcome[wrong], REFER)
    steps = lending_steps(valuation, of, rights, facts, (outcome, keeps, limits), policies)
    return Assessed(
        valuation, rights, of, pledges, policies, facts, tuple(parts), outcome, keeps, limits, steps
    )


REFER = 2
"""Position of "refer" among the outcomes."""


def _places(of: Secured) -> pa.Array:
    """Region of every pledge's right."""
    return pa.array(of.rights.regions, pa.string()).take(pa.array(of.rights.region_index))


def _by_law(of: Secured, law: LawOf) -> list[tuple[RuleBook, Rows]]:
    """Pledges by the law of their place, the nation's first."""
    books = [law(region) for region in of.rights.regions]
    index = of.rights.region_index
    distinct = list(dict.fromkeys([law(""), *books]))
    number = np.array([distinct.index(book) for book in books])
    which = number[index]
    found = ((book, np.flatnonzero(which == k)) for k, book in enumerate(distinct))
    return [(book, rows) for book, rows in found if rows.size]


def _some(facts: Facts, plan: Plan, rows: Rows) -> Facts:
    """Facts of some things that one law asks for."""
    return Facts(
        rows.size, some_of(facts.coded, tuple(plan.words), rows),
        some_of(facts.numbers, plan.numbers, rows),
    )  # fmt: skip
