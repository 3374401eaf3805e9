"""Many cases answered in one call: what the scoring service and books of applications use."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from riskengine import __version__
from riskengine.casefile.answer import (
    Decision,
    PolicyAnswer,
    RightAnswer,
    RowFacts,
    answer,
    insured,
    row_facts,
)
from riskengine.casefile.cures import Cure, Trial, Variant, asked_yuan, trial_of
from riskengine.casefile.evaluate import Bench
from riskengine.casefile.findings import Finding, findings_each
from riskengine.casefile.laid import tape
from riskengine.casefile.limits import EVERY, FEW, FIRST, Search
from riskengine.casefile.pieces import Piece, Pieces, covering, debts, pieces_of
from riskengine.casefile.plain import NOBODY, Row
from riskengine.casefile.read import Case
from riskengine.casefile.wide import Ask, Round, Wide
from riskengine.errors import RiskEngineError
from riskengine.gates.plan import OUTCOMES
from riskengine.pledging.assess import Assessed
from riskengine.rules import RuleBook


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer to a case, with the arithmetic behind it.

    Parameters
    ----------
    decision : Decision
        Verdict, amounts, reasons and cures.
    rows : tuple of (Assessed, int)
        Of every right of the case, the pledges that it was assessed with and its row there.
    """

    decision: Decision
    rows: tuple[tuple[Assessed, int], ...]


@dataclass(slots=True)
class _Going:
    """One case on its way to its answer."""

    pieces: Pieces
    handles: list[tuple[Round, int]] = field(default_factory=list)
    search: Search | None = None
    found: list[tuple[Assessed, int]] = field(default_factory=list)
    told: list[tuple[Finding, ...]] = field(default_factory=list)
    trial: Trial | None = None
    cures: list[Cure] = field(default_factory=list)
    order: list[int] = field(default_factory=list)

    @property
    def tried(self) -> Trial:
        """What would mend it."""
        assert self.trial is not None
        return self.trial


def decide_many(cases: Sequence[Case], bench: Bench) -> list[Answered | RiskEngineError]:
    """Answer cases, each as if it were alone.

    Parameters
    ----------
    cases : sequence of Case
        The cases.
    bench : Bench
        What they are judged by.

    Returns
    -------
    list of Answered or RiskEngineError
        One a case, in order; a case with faults has the error that tells them all, one that
        no rule or market of its day can answer has the error that says so.

    Notes
    -----
    Rights of one kind on one day are valued and judged in one call.  Rows do not know each
    other: order and company change no bit.
    """
    found: list[Answered | RiskEngineError | None] = [None] * len(cases)
    good: list[tuple[int, Pieces]] = []
    for number, case in enumerate(cases):
        try:
            good.append((number, pieces_of(case)))
        except RiskEngineError as fault:
            found[number] = fault
    for (number, _), one in zip(good, _each([pieces for _, pieces in good], bench), strict=True):
        found[number] = one
    return [one for one in found if one is not None]


def _each(cases: Sequence[Pieces], bench: Bench) -> list[Answered | RiskEngineError]:
    """Answer cases together; where one stops them all, in halves until it stands alone."""
    try:
        return list(_answered(cases, bench))
    except RiskEngineError as fault:
        if len(cases) == 1:
            return [fault]
    half = len(cases) // 2
    return [*_each(cases[:half], bench), *_each(cases[half:], bench)]


def answered(case: Case, bench: Bench) -> Answered:
    """Answer one case.

    Parameters
    ----------
    case : Case
        The case.
    bench : Bench
        What it is judged by.

    Returns
    -------
    Answered
        The answer.

    Raises
    ------
    PortfolioError
        Listing every fault of a table of the case.
    """
    return _answered([pieces_of(case)], bench)[0]


def _answered(cases: Sequence[Pieces], bench: Bench) -> list[Answered]:
    """Answer cases in two calls, a third where cures must be counted."""
    wide = Wide(bench)
    going = [_Going(pieces) for pieces in cases]
    first = EVERY if len(going) <= FEW else FIRST
    _value(wide, ((one.pieces, one.pieces.rights) for one in going))
    for one in going:
        one.handles = _asked(wide, one.pieces, one.pieces.rights)
        if one.pieces.loan is not None:
            one.search = Search(one.pieces.case.valued_on, asked_yuan(one.pieces.case), first)
            one.search.ask(one.handles)
    wide.hold()
    for one in going:
        one.found = [asked.at(row) for asked, row in one.handles]
    told = iter(findings_each([held.judged(row) for one in going for held, row in one.found]))
    for one in going:
        one.told = [next(told) for _ in one.found]
        one.trial = trial_of(one.pieces, one.found, one.told)
    _try(wide, [(one, mends) for one in going for mends in one.tried.wanted()])
    _narrow(wide, going)
    for one in going:
        one.cures, one.order = one.tried.results()
    _try(wide, [(one, mends) for one in going for mends in one.tried.prefixes(one.order)])
    wide.hold()
    shared = _shared(going)
    policies = _policies(going, bench)
    return [_answer(one, bench, shared, policies) for one in going]


def _narrow(wide: Wide, going: Sequence[_Going]) -> None:
    """Look for the longest terms until all are found."""
    searching = [one for one in going if one.search is not None]
    while True:
        searching = [one for one in searching if one.search is not None and one.search.narrow()]
        for one in searching:
            if one.search is not None:
                one.search.ask(_asked(wide, one.pieces, one.pieces.rights))
        wide.hold()
        if not searching:
            return


def _value(wide: Wide, rights: Iterable[tuple[Pieces, Sequence[Piece]]]) -> None:
    """Value the rights of some cases."""
    for pieces, pledged in rights:
        for group, piece in zip(pieces.groups, pledged, strict=True):
            wide.want(group, piece.right, pieces.case.comparables)
    wide.value()


def _asked(wide: Wide, pieces: Pieces, rights: Sequence[Piece]) -> list[tuple[Round, int]]:
    """Ask about the rights of a case, as they are or mended."""
    groups, loan = pieces.groups, pieces.loan
    worth = [wide.worth(group, piece.right) for group, piece in zip(groups, rights, strict=True)]
    return [
        wide.ask(group, Ask(
            piece.right, piece.pledge, loan if loan and named else NOBODY, covering(piece), owed,
            wrong,
        ))
        for group, piece, named, owed, wrong in zip(
            groups, rights, pieces.tied, debts(loan, rights, worth), pieces.wrong, strict=True
        )
    ]  # fmt: skip


def _try(wide: Wide, wanted: Iterable[tuple[_Going, tuple[int, ...]]]) -> None:
    """Ask what cases are worth with some things mended."""
    variants: list[tuple[Trial, Variant]] = []
    for one, mends in wanted:
        trial = one.tried
        if mends not in trial.variants:
            rights = trial.mended(mends)
            like = trial.like(rights)
            if like is None:
                like = Variant(rights, [])
                variants.append((trial, like))
            trial.variants[mends] = like
    _value(wide, ((trial.pieces, variant.rights) for trial, variant in variants))
    for trial, variant in variants:
        variant.handles.extend(_asked(wide, trial.pieces, variant.rights))


class _Shared(NamedTuple):
    """Pledges judged together, without the rows at other terms, and what their answers share."""

    found: Assessed
    facts: RowFacts


def _shared(going: Iterable[_Going]) -> dict[int, _Shared]:
    """What answers about many pledges share, by the pledges judged together."""
    held = {id(found): (found, 0) for one in going for found, _ in one.found}
    for one in going:
        for found, row in one.found:
            held[id(found)] = found, max(held[id(found)][1], row + 1)
    firsts = {key: found.first(stop) for key, (found, stop) in held.items()}
    return {key: _Shared(found, row_facts(found)) for key, found in firsts.items()}


def _policies(going: Iterable[_Going], bench: Bench) -> dict[int, PolicyAnswer]:
    """What is said of every policy, by the row that it is."""
    by_law: dict[tuple[RuleBook, date], list[Row]] = {}
    for one in going:
        day = bench.law_day or one.pieces.case.valued_on
        for piece in one.pieces.rights:
            if piece.policies:
                book = bench.law(piece.right.region)
                by_law.setdefault((book, day), []).extend(piece.policies)
    told: dict[int, PolicyAnswer] = {}
    for (book, day), rows in by_law.items():
        names = [str(row.cells["policy_id"]) for row in rows]
        found = insured(tape("policies", rows), names, book, day)
        told |= {id(row): one for row, one in zip(rows, found, strict=True)}
    return told


def _answer(
    one: _Going, bench: Bench, shared: Mapping[int, _Shared], policies: Mapping[int, PolicyAnswer]
) -> Answered:
    """The answer to one case."""
    case, trial = one.pieces.case, one.tried
    kept = [(shared[id(found)], row) for found, row in one.found]
    rights = tuple(_right(one, k, *kept[k], policies) for k in range(len(kept)))
    asked = asked_yuan(case)
    limit = sum(right.lending_value_yuan for right in rights)
    outcome = max((right.outcome for right in rights), key=OUTCOMES.index)
    decision = Decision(
        case, case.valued_on, outcome, rights, asked, round(limit, 2),
        limit / asked if asked > 0.0 else float("nan"),
        None if one.search is None else one.search.longest_months, tuple(one.cures),
        trial.to_reach(one.order), trial.lent(tuple(range(len(trial.mends)))), __version__,
        bench.law("").digest, bench.market.digest,
    )  # fmt: skip
    return Answered(decision, tuple((held.found, row) for held, row in kept))


def _right(
    one: _Going, k: int, held: _Shared, row: int, policies: Mapping[int, PolicyAnswer]
) -> RightAnswer:
    """What is said of one right of a case."""
    piece = one.pieces.rights[k]
    return answer(
        held.found, row, str(piece.right.cells["right_id"]), one.told[k], one.pieces.papers[k],
        tuple(policies[id(policy)] for policy in piece.policies), held.facts,
    )  # fmt: skip
