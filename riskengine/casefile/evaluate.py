"""A case valued and held against the law, right by right.

`riskengine.casefile.wide` does the same for many cases at once; this is its plain twin.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np

from riskengine.casefile.read import Case, tape_of
from riskengine.gates.tables import LOANS, pledges, policies
from riskengine.gates.tapes import Tape
from riskengine.market.snapshot import Snapshot
from riskengine.pledging.assess import Assessed, LawOf, assess
from riskengine.pledging.join import alone, as_lent_on
from riskengine.rules import RuleBook, statute
from riskengine.single import check_records, told
from riskengine.valuation import value


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
        The nation's rules by which rights are valued; those of this engine when None.
    """

    market: Snapshot
    law: LawOf
    learned: Mapping[str, Any] = field(default_factory=dict)
    law_day: date | None = None
    national: RuleBook | None = None

    @property
    def nation(self) -> RuleBook:
        """The nation's rules by which rights are valued."""
        return self.national if self.national is not None else statute()


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
    day, deals = case.valued_on, case.comparables
    market, rules = bench.market.on(day), bench.nation.at(day)
    values = []
    for right in case.rights:
        checked = check_records(right.table, [right.right], day)
        if not checked.batch.size:
            raise told(checked.faults)
        values.append(value(as_lent_on(checked.batch), market, rules, bench.learned, deals))
    loans = tape_of(LOANS, [case.loan], day) if case.loan else None
    papers = [tape_of(pledges(), [right.pledge], day) for right in case.rights]
    debt = _debts(papers, loans, [float(one.reconciled[0, 0]) for one in values])
    return [
        assess(
            values[k], papers[k], np.zeros(1, dtype=np.int64), loans,
            tape_of(policies(), right.policies, day) if right.policies else None,
            standing=alone(debt[k : k + 1]), law=bench.law, law_day=bench.law_day,
        )
        for k, right in enumerate(case.rights)
    ]  # fmt: skip


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
