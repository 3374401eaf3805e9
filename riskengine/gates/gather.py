"""Every fact that the law asks of some pledges: stated, found in the right, derived, inspected."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from riskengine.gates.derive import DERIVED
from riskengine.gates.derive_rights import Derived
from riskengine.gates.judge import UNKNOWN, Codes, Facts, Numbers
from riskengine.gates.plan import Plan
from riskengine.gates.secured import Secured
from riskengine.gates.tables import ON, UNTIL, inspected
from riskengine.kernels.facts import clear_rows, code_rows, flag_rows, lapse_rows
from riskengine.rules.facts import Fact, declared_facts

MONTH = 365.25 / 12.0
"""Mean month [day]."""


def facts_of(of: Secured, plan: Plan, so_far: Facts | None = None) -> Facts:
    """Gather every fact that the law asks of some pledges.

    Parameters
    ----------
    of : Secured
        The pledges.
    plan : Plan
        The law.
    so_far : Facts or None
        What was gathered for another law: not gathered again.

    Returns
    -------
    Facts
        The facts.

    Notes
    -----
    What an officer states goes before a column of the right, that before what can be
    derived.  An inspection answers the adverse facts that it would have found, where it was
    made no longer than ``gates.inspection_months`` before the day that decides.  A consent, a
    resolution or an authority must be there on the day the security is created; a filing, a
    registration or a notice may follow, and must still hold on the day of valuation.
    """
    work = _Gathering(of, {
        gate.fact for gate in plan.gates if gate.rule.decides == "valued_on"
    })  # fmt: skip
    declared = declared_facts()
    coded = dict(so_far.coded) if so_far is not None else {}
    numbers = dict(so_far.numbers) if so_far is not None else {}
    for name, words in plan.words.items():
        if name not in coded:
            coded[name] = work.coded(declared[name], words)
    for name in plan.numbers:
        if name not in numbers:
            numbers[name] = work.number(declared[name])
    return Facts(of.size, coded, numbers)


def _derivation(of: Secured, name: str) -> Derived | None:
    """How a fact follows, where it does."""
    return DERIVED.get(of.table, {}).get(name) or DERIVED[""].get(name)


@dataclass(slots=True)
class _Gathering:
    """Facts of some pledges while they are gathered."""

    of: Secured
    current: set[str]
    looks: dict[tuple[str, bool], NDArray[np.bool_]] = field(default_factory=dict)

    def looked(self, fact: Fact) -> NDArray[np.bool_]:
        """Whether the inspection that finds a fact was made in time for the rules on it."""
        of, current = self.of, fact.name in self.current
        key = fact.inspection, current
        if key not in self.looks:
            made = of.pledge(inspected(fact.inspection))
            start = np.full(of.size, of.day) if current else of.created
            oldest = start - of.rules.number("gates.inspection_months") * MONTH
            self.looks[key] = (made <= of.day) & (made >= oldest)
        return self.looks[key]

    def coded(self, fact: Fact, words: tuple[str, ...]) -> Codes:
        """A flag or a word of every pledge."""
        of = self.of
        out = np.full(of.size, UNKNOWN, dtype=np.int8)
        for columns in (of.pledges.columns, of.rights.columns):
            if fact.name in columns and (fact.source == "paper" or columns is of.rights.columns):
                _fill(columns[fact.name], words, out)
        derive = _derivation(of, fact.name)
        if derive is not None and (out < 0).any():
            found = derive(of)
            known = (out < 0) & ~np.isnan(found)
            out[known] = found[known].astype(np.int8)
        if fact.dated:
            day = of.created if fact.settled else np.full(of.size, of.day)
            lapse_rows(of.pledge(fact.name + ON), of.pledge(fact.name + UNTIL), day, out)
        if fact.inspection:
            said = str(fact.clear).lower() if isinstance(fact.clear, bool) else str(fact.clear)
            clear_rows(self.looked(fact), np.int8(words.index(said)), out)
        return out

    def number(self, fact: Fact) -> Numbers:
        """A number of every pledge."""
        of = self.of
        out = np.full(of.size, np.nan)
        for columns in (of.pledges.columns, of.rights.columns):
            if fact.name in columns and columns[fact.name].dtype == np.float64:
                out = np.where(np.isnan(out), columns[fact.name], out)
        derive = _derivation(of, fact.name)
        if derive is not None and np.isnan(out).any():
            out = np.where(np.isnan(out), derive(of), out)
        if fact.inspection:
            clear = self.looked(fact)
            clear = clear & ~_outranked(of) if fact.name == "prior_claims_yuan" else clear
            out = np.where(np.isnan(out) & clear, float(fact.clear), out)
        return out


def _outranked(of: Secured) -> NDArray[np.bool_]:
    """Whether a pledge ranks behind another of whose debt nothing is known."""
    return (of.pledge("rank") > 1.0) & ~(of.senior_yuan > 0.0)


def _fill(
    column: NDArray[np.float64] | NDArray[np.int64], words: tuple[str, ...], out: Codes
) -> None:
    """Fill what a column states."""
    if column.dtype == np.float64:
        flag_rows(column, out)
    else:
        code_rows(column, np.arange(len(words), dtype=np.int8), out)
