"""A case valued and held against the law: the arithmetic behind every answer to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np

from riskengine.casefile.read import Case, PledgedRight, Record, tape_of
from riskengine.gates.tables import LOANS, pledges, policies
from riskengine.gates.tapes import Tape
from riskengine.market.snapshot import Snapshot
from riskengine.pledging.assess import Assessed, LawOf, assess
from riskengine.pledging.join import alone, as_lent_on
from riskengine.rules import RuleBook, statute
from riskengine.single import check_records, told
from riskengine.valuation import Valuation, value


@dataclass(frozen=True, slots=True)
class Bench:
    """What a case is judged by.

    Parameters
    ----------
    market : Snapshot
        Market figures.
    law : callable
        The law of a place, from its region code.
    learned : mapping of str to object
        Released price models by table.
    law_day : datetime.date or None
        Day whose law judges in place of the case's own days: another date's law.
    national : RuleBook or None
        The nation's rules by which rights are valued; None for the installed ones.
    """

    market: Snapshot
    law: LawOf
    learned: Mapping[str, Any] = field(default_factory=dict)
    law_day: date | None = None
    national: RuleBook | None = None
    _values: dict[tuple[Any, ...], Valuation] = field(default_factory=dict)
    _tapes: dict[tuple[Any, ...], Tape] = field(default_factory=dict)
    _answers: dict[tuple[Any, ...], Assessed] = field(default_factory=dict)

    @property
    def nation(self) -> RuleBook:
        """The nation's rules by which rights are valued."""
        return self.national if self.national is not None else statute()

    def value(self, case: Case, right: PledgedRight) -> Valuation:
        """Value one right of a case, once for the same cells and deals.

        Parameters
        ----------
        case : Case
            The case.
        right : PledgedRight
            The right.

        Returns
        -------
        Valuation
            In row 0.

        Raises
        ------
        PortfolioError
            Listing every fault of its cells.
        """
        valued_on, deals = case.valued_on, case.comparables
        key = (right.table, valued_on, id(deals), _key(right.right))
        if key not in self._values:
            checked = check_records(right.table, [right.right], valued_on)
            if not checked.batch.size:
                raise told(checked.faults)
            market, rules = self.market.on(valued_on), self.nation.at(valued_on)
            self._values[key] = value(as_lent_on(checked.batch), market, rules, self.learned, deals)
        return self._values[key]

    def papers(self, right: PledgedRight, valued_on: date) -> Tape:
        """Check the papers of one right, once for the same cells.

        Parameters
        ----------
        right : PledgedRight
            The right.
        valued_on : datetime.date
            Day of valuation.

        Returns
        -------
        Tape
            The pledge, in row 0.

        Raises
        ------
        PortfolioError
            Listing every fault of its cells.
        """
        key = (valued_on, _key(right.pledge))
        if key not in self._tapes:
            self._tapes[key] = tape_of(pledges(), [right.pledge], valued_on)
        return self._tapes[key]

    def assess(self, case: Case, right: PledgedRight, loans: Tape | None, debt: float) -> Assessed:
        """Hold the law against one right of a case, once for the same cells and debt.

        Parameters
        ----------
        case : Case
            The case.
        right : PledgedRight
            The right.
        loans : Tape or None
            The loan of the case.
        debt : float
            Debt that the right secures [yuan]; NaN without a loan.

        Returns
        -------
        Assessed
            In row 0.

        Raises
        ------
        PortfolioError
            Listing every fault of its cells.
        """
        day = case.valued_on
        cells = (_key(right.right), _key(right.pledge), *map(_key, right.policies))
        key = (
            self.law,
            self.law_day,
            id(case.comparables),
            day,
            right.table,
            _key(case.loan),
            repr(debt),
            cells,
        )
        if key not in self._answers:
            cover = tape_of(policies(), right.policies, day) if right.policies else None
            self._answers[key] = assess(
                self.value(case, right), self.papers(right, day), np.zeros(1, dtype=np.int64),
                loans, cover, standing=alone(np.array([debt])), law=self.law, law_day=self.law_day,
            )  # fmt: skip
        return self._answers[key]


def _key(cells: Record) -> tuple[tuple[str, str], ...]:
    """Cells as something that can be looked up."""
    return tuple(sorted((name, repr(cell)) for name, cell in cells.items()))


def evaluate(case: Case, bench: Bench) -> list[Assessed]:
    """Value every right of a case and hold the law against its pledge.

    Parameters
    ----------
    case : Case
        The case.
    bench : Bench
        What it is judged by.

    Returns
    -------
    list of Assessed
        One a right, in row 0 of each.

    Raises
    ------
    PortfolioError
        Listing every fault of a table of the case.
    """
    day = case.valued_on
    values = [bench.value(case, right) for right in case.rights]
    loans = tape_of(LOANS, [case.loan], day) if case.loan else None
    papers = [bench.papers(right, day) for right in case.rights]
    debt = _debts(papers, loans, [float(value.reconciled[0, 0]) for value in values])
    return [
        bench.assess(case, right, loans, owed)
        for right, owed in zip(case.rights, debt.tolist(), strict=True)
    ]


def _debts(papers: list[Tape], loans: Tape | None, values: list[float]) -> Any:
    """Debt that each pledge of the case secures [yuan]: the balance by value, up to its limit."""
    if loans is None:
        return np.full(len(papers), np.nan)
    balance = float(loans.batch.columns["balance_yuan"][0])
    worth = np.nan_to_num(np.array(values))
    total = worth.sum()
    share = worth / total if total > 0.0 else np.full(len(papers), 1.0 / len(papers))
    limits = [
        float(tape.batch.columns["secured_limit_yuan"][0])
        if "secured_limit_yuan" in tape.batch.columns else np.nan
        for tape in papers
    ]  # fmt: skip
    return np.fmin(balance * share, np.array(limits))
