"""What the answer to a case holds: verdict, amount, cover, longest term, what would change it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np

from riskengine.casefile.cures import Cure
from riskengine.casefile.dots import ASKED, BINDING, dots_of
from riskengine.casefile.findings import Finding, findings_of, words_of
from riskengine.casefile.read import Case
from riskengine.dates import EPOCH
from riskengine.gates.papers import PaperRemark
from riskengine.gates.plan import LIMITS, OUTCOMES
from riskengine.gates.tapes import Tape
from riskengine.pledging.assess import REFER, Assessed
from riskengine.pledging.insurance import judge_policies
from riskengine.pledging.waterfall import STEPS, agreed_sale
from riskengine.rules import RuleBook
from riskengine.table import Batch
from riskengine.valuation import STATUSES, Flag, statuses
from riskengine.words import Text


class Step(NamedTuple):
    """One step from market value to lending value.

    Parameters
    ----------
    name : str
        One of `riskengine.pledging.waterfall.STEPS`.
    title : Text
        What it is.
    change_yuan, left_yuan : float
        What it takes or adds, and what is left after it [yuan], whole fen.
    """

    name: str
    title: Text
    change_yuan: float
    left_yuan: float


@dataclass(frozen=True, slots=True)
class PolicyAnswer:
    """What is said of one insurance policy on a right.

    Parameters
    ----------
    policy_id : str
        The policy.
    kind : Text
        What it insures.
    sum_insured_yuan : float
        Sum insured [yuan].
    ends_on : datetime.date
        Last day of cover.
    findings : tuple of Finding
        Rules on assigned claims that fail or cannot be told.
    """

    policy_id: str
    kind: Text
    sum_insured_yuan: float
    ends_on: date
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class RightAnswer:
    """What is said of one right of a case.

    Parameters
    ----------
    right_id, table, region : str
        The right.
    kind : Text
        Kind of right.
    area : Text
        Size with its unit; empty where there is none.
    outcome : str
        One of `riskengine.gates.plan.OUTCOMES`.
    status : str
        One of `riskengine.valuation.STATUSES`.
    flags : Flag
        What the reader of the value must know.
    value_yuan, p05_yuan, p95_yuan : float
        Market value and its interval [yuan]; NaN where no method answers.
    remaining_years, loan_years : float
        Years of the right and of the loan [year]; infinite without end, NaN if not known.
    left_fen : tuple of int
        What is left after each step from market value to lending value [0.01 yuan].
    lending_value_yuan : float
        What may be lent on it [yuan].
    loss_credit_yuan : float
        What of it counts when the loan is lost [yuan]: nothing where the security binds no
        third party.
    findings : tuple of Finding
        Rules that fail or cannot be told.
    papers : tuple of PaperRemark
        What is wrong with codes on the papers, and which stand on another right too.
    policies : tuple of PolicyAnswer
        Insurance on the right.
    dots : mapping of str to str
        ``good``, ``bad``, ``unknown`` or ``none`` for each of `DOTS`.
    agreed : bool
        Whether a sale without a court is open.
    cap : float
        Loan-to-value limit found by the gates [1]; infinite where none.
    market_level, market_observations : int
        Where the market evidence stands (`riskengine.market.quotes.LEVELS`), and how many
        observations are behind it.
    """

    right_id: str
    table: str
    region: str
    kind: Text
    area: Text
    outcome: str
    status: str
    flags: Flag
    value_yuan: float
    p05_yuan: float
    p95_yuan: float
    remaining_years: float
    loan_years: float
    left_fen: tuple[int, ...]
    lending_value_yuan: float
    loss_credit_yuan: float
    findings: tuple[Finding, ...]
    papers: tuple[PaperRemark, ...]
    policies: tuple[PolicyAnswer, ...]
    dots: dict[str, str]
    agreed: bool
    cap: float
    market_level: int
    market_observations: int

    @property
    def steps(self) -> tuple[Step, ...]:
        """From market value to lending value, changes adding up to the fen."""
        return _steps(self.left_fen)


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer to a case.

    Parameters
    ----------
    case : Case
        The case, its cells typed.
    valued_on : datetime.date
        Day of valuation.
    outcome : str
        The worst over its rights: a right that is blocked lends nothing, the others stand.
    rights : tuple of RightAnswer
        What is said of each right.
    asked_yuan : float
        Sum asked for or owed [yuan]; NaN without a loan.
    limit_yuan : float
        Most that may be lent on all rights together [yuan].
    cover : float
        Limit over the sum asked for [1]; NaN without a loan.
    longest_months : int or None
        Longest term at which the sum asked for is still covered and no rule on terms
        fails [month]; None where there is none.
    cures : tuple of Cure
        What would mend the case, the most money first.
    to_reach : int or None
        How many cures, from the first, reach the sum asked for; 0 where it is reached as
        the case stands, None where all together do not.
    limit_when_mended_yuan : float
        Most that may be lent once everything that can be mended is [yuan].
    engine, rules, market : str
        Version of the engine, digests of rules and market.
    """

    case: Case
    valued_on: date
    outcome: str
    rights: tuple[RightAnswer, ...]
    asked_yuan: float
    limit_yuan: float
    cover: float
    longest_months: int | None
    cures: tuple[Cure, ...]
    to_reach: int | None
    limit_when_mended_yuan: float
    engine: str
    rules: str
    market: str


def steps_of(found: Assessed, row: int) -> tuple[Step, ...]:
    """Return the waterfall of one pledge, its changes adding up to the fen.

    Parameters
    ----------
    found : Assessed
        The pledges.
    row : int
        Position of the pledge.

    Returns
    -------
    tuple of Step
        From market value to lending value.
    """
    return _steps(found.steps[:, row].tolist())


def _steps(left: Sequence[int]) -> tuple[Step, ...]:
    """A waterfall from what is left after each step [0.01 yuan]."""
    before = [0, *left[:-1]]
    return tuple([
        Step(name, title, (after - earlier) / 100.0, after / 100.0)
        for (name, title), earlier, after in zip(TITLES, before, left, strict=True)
    ])  # fmt: skip


TITLES = tuple(STEPS.items())


class RowFacts(NamedTuple):
    """What is worked out once for all pledges that were judged together.

    Parameters
    ----------
    status : list of str
        Status of each right of the valuation, one of `riskengine.valuation.STATUSES`.
    loan_years : list of float
        Years of the loan of each pledge [year].
    agreed : list of bool
        Where a sale without a court is open.
    live : list of bool
        Where a policy runs.
    left : list of tuple of int
        What is left of each pledge after each step [0.01 yuan].
    outcome : list of int
        Severest outcome of each pledge, as a position in `riskengine.gates.plan.OUTCOMES`.
    cap : list of float
        Loan-to-value limit of each pledge [1].
    words : list of tuple of (str or None)
        Of each pledge the words of the facts `ASKED`; None where not known.
    """

    status: list[str]
    loan_years: list[float]
    agreed: list[bool]
    live: list[bool]
    left: list[tuple[int, ...]]
    outcome: list[int]
    cap: list[float]
    words: list[tuple[str | None, ...]]


def row_facts(found: Assessed) -> RowFacts:
    """Work out what answers about many pledges share.

    Parameters
    ----------
    found : Assessed
        The pledges.

    Returns
    -------
    RowFacts
        By row.
    """
    of = found.of
    return RowFacts(
        [STATUSES[status] for status in statuses(found.valuation.flags).tolist()],
        of.years_to("loan.matures_on").tolist(),
        (agreed_sale(of, found.facts) == 1.0).tolist(),
        (of.policies["live"] > 0.0).tolist(), list(zip(*found.steps.tolist(), strict=True)),
        found.outcome.tolist(),
        found.limits[LOAN_TO_VALUE].tolist(), _words(found),
    )  # fmt: skip


LOAN_TO_VALUE = LIMITS.index("loan_to_value")
"""Limit of the loan among all limits."""


def _words(found: Assessed) -> list[tuple[str | None, ...]]:
    """Words of the facts `ASKED`."""
    if len(found.parts) == 1:
        return words_of(found.parts[0][1], ASKED)
    words: list[tuple[str | None, ...]] = [()] * found.outcome.size
    for rows, judged in found.parts:
        for row, said in zip(rows.tolist(), words_of(judged, ASKED), strict=True):
            words[row] = said
    return words


def answer(
    found: Assessed, row: int, name: str, told: tuple[Finding, ...],
    papers: tuple[PaperRemark, ...], policies: tuple[PolicyAnswer, ...], facts: RowFacts,
) -> RightAnswer:  # fmt: skip
    """Return what is said of one right of a case.

    Parameters
    ----------
    found : Assessed
        Rights that were judged with it.
    row : int
        Its position among them.
    name : str
        Its identifier.
    told : tuple of Finding
        Rules that fail or cannot be told.
    papers : tuple of PaperRemark
        What is wrong with its papers.
    policies : tuple of PolicyAnswer
        Insurance on it.
    facts : RowFacts
        What was worked out for all of them.

    Returns
    -------
    RightAnswer
        The answer.
    """
    valuation, of, at = found.valuation, found.of, int(found.rights[row])
    batch = valuation.batch
    kind = int(batch.columns["kind"][at])
    left, words = facts.left[row], facts.words[row]
    lent = left[-1] / 100.0
    novel = of.table in ("equity", "ecology") and words[BINDING] != "true"
    refer = REFER if any(paper.refers for paper in papers) else 0
    outcome = OUTCOMES[max(refer, facts.outcome[row])]
    flags, quote = int(valuation.flags[at]), valuation.quotes.table[valuation.quotes.index[at]]
    figures = valuation.reconciled[:, at].tolist()
    return RightAnswer(
        name, of.table, batch.regions[batch.region_index[at]],
        batch.contract.by_name["kind"].choices[kind].title, _area(batch, at), outcome,
        facts.status[at], Flag(flags), figures[0], figures[2], figures[4],
        float(valuation.term[at]), facts.loan_years[row], left,
        lent, 0.0 if novel else lent, told, papers, policies,
        dots_of(facts.live[row], words, [finding.fact for finding in told]), facts.agreed[row],
        facts.cap[row], quote.level, quote.observations,
    )  # fmt: skip


def insured(
    policies: Tape, names: Sequence[str], book: RuleBook, day: date
) -> list[PolicyAnswer]:  # fmt: skip
    """Return what is said of policies on rights of one place.

    Parameters
    ----------
    policies : Tape
        Policies.
    names : sequence of str
        Their identifiers.
    book : RuleBook
        The law of the place.
    day : datetime.date
        Day whose law judges.

    Returns
    -------
    list of PolicyAnswer
        One a policy.
    """
    columns, kinds = policies.batch.columns, policies.batch.contract.by_name["kind"].choices
    judged = judge_policies(policies, book, day)
    return [
        PolicyAnswer(
            name, kinds[kind].title, insured_yuan, EPOCH + timedelta(days=int(end)),
            said,
        )
        for name, said, kind, insured_yuan, end in zip(
            names, findings_of(judged, range(len(names))),
            *(columns[one].tolist() for one in ("kind", "sum_insured_yuan", "ends_on")),
            strict=True,
        )
    ]  # fmt: skip


def _area(batch: Batch, row: int) -> Text:
    """Size of the right."""
    for name, unit in SIZES.items():
        size = float(batch.columns[name][row]) if name in batch.columns else np.nan
        if not np.isnan(size):
            return Text(f"{size:,.10g}{unit.zh}", f"{size:,.10g} {unit.en}")
    return Text("", "")


SIZES = {
    "area_mu": Text("亩", "mu"), "area_m2": Text("平方米", "m2"),
    "building_area_m2": Text("平方米", "m2"), "shares": Text("股", "shares"),
    "quantity_t": Text("吨", "t"),
}  # fmt: skip
"""Columns that tell the size of a right."""
