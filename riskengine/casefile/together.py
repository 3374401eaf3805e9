"""Many cases answered in one call: what the scoring service and books of applications use."""

from collections.abc import Sequence
from dataclasses import dataclass

from riskengine import __version__
from riskengine.casefile.answer import Decision, PolicyAnswer, answer, insured, row_facts
from riskengine.casefile.cures import Trial, Variant, asked_yuan, trial_of
from riskengine.casefile.evaluate import Bench
from riskengine.casefile.findings import Finding, findings
from riskengine.casefile.limits import Search
from riskengine.casefile.pieces import Piece, Pieces, covering, debts, pieces_of
from riskengine.casefile.plain import NOBODY
from riskengine.casefile.read import Case
from riskengine.casefile.wide import Ask, Round, Wide, tape
from riskengine.errors import PortfolioError, RiskEngineError
from riskengine.gates.plan import OUTCOMES
from riskengine.pledging.assess import Assessed


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
        One a case, in order; a case with faults has the error that tells them all.

    Notes
    -----
    Rights of one kind on one day are valued and judged in one call.  Rows do not know each
    other: order and company change no bit.
    """
    found: list[Answered | RiskEngineError] = []
    try:
        found.extend(answered(cases, bench))
    except RiskEngineError as fault:
        if len(cases) == 1:
            return [fault]
        good, found = _split(cases, bench)
    return found


def _split(cases, bench):
    half = len(cases) // 2
    return None, decide_many(cases[:half], bench) + decide_many(cases[half:], bench)


class _Case:
    """One case on its way to its answer."""

    __slots__ = ("found", "handles", "order", "pieces", "search", "told", "trial", "cures", "rows")

    def __init__(self, pieces: Pieces) -> None:
        """Begin with its rows."""
        self.pieces = pieces
        self.order = []


def answered(cases: Sequence[Case], bench: Bench) -> list[Answered]:
    """Answer cases without faults."""
    wide = Wide(bench)
    going = [_Case(pieces_of(case)) for case in cases]
    _value(wide, going)
    for one in going:
        one.handles = _asked(wide, one.pieces, one.pieces.rights)
        one.search = None
        if one.pieces.loan is not None:
            one.search = Search(one.pieces.case.valued_on, asked_yuan(one.pieces.case))
            one.search.ask(one.handles)
    wide.hold()
    _try(wide, going)
    searching = [one for one in going if one.search is not None and one.search.narrow()]
    for one in searching:
        again = _asked(wide, one.pieces, one.pieces.rights)
        one.search.ask(again)
    wide.hold()
    while searching := [one for one in searching if one.search.narrow()]:
        for one in searching:
            one.search.ask(_asked(wide, one.pieces, one.pieces.rights))
        wide.hold()
    _reach(wide, going)
    shared = {}
    for one in going:
        for found, _ in one.found:
            if id(found) not in shared:
                shared[id(found)] = row_facts(found)
    return [_answer(one, bench, shared) for one in going]


def _value(wide, going):
    for one in going:
        for k, piece in enumerate(one.pieces.rights):
            wide.want(one.pieces.group(k), piece.right, one.pieces.case.comparables)
    wide.value()


def _asked(wide: Wide, pieces: Pieces, rights: Sequence[Piece]) -> list[tuple[Round, int]]:
    """Ask about the rights of a case, as they are or mended."""
    groups = [pieces.group(k) for k in range(len(rights))]
    worth = [wide.worth(group, piece.right) for group, piece in zip(groups, rights, strict=True)]
    owed = debts(pieces.loan, rights, worth)
    return [
        wide.ask(groups[k], Ask(
            piece.right, piece.pledge, pieces.loan if pieces.tied[k] and pieces.loan else NOBODY,
            covering(piece), owed[k], pieces.wrong[k],
        ))
        for k, piece in enumerate(rights)
    ]  # fmt: skip


def _try(wide: Wide, going) -> None:
    """Find what would mend each case, and ask what it is worth."""
    variants = []
    for one in going:
        one.found = [asked.at(row) for asked, row in one.handles]
        one.told = [findings(*found.judged(row)) for found, row in one.found]
        one.trial = trial_of(one.pieces, one.found, one.told)
        for mends in one.trial.wanted():
            variants.append((one, mends, one.trial.mended(mends)))
    _ask_variants(wide, variants)


def _ask_variants(wide, variants):
    for one, _, rights in variants:
        for k, piece in enumerate(rights):
            wide.want(one.pieces.group(k), piece.right, one.pieces.case.comparables)
    wide.value()
    for one, mends, rights in variants:
        one.trial.variants[mends] = Variant(rights, _asked(wide, one.pieces, rights))


def _reach(wide, going):
    variants = []
    for one in going:
        one.cures, one.order = one.trial.results()
        for mends in one.trial.prefixes(one.order):
            if mends not in one.trial.variants:
                variants.append((one, mends, one.trial.mended(mends)))
    if variants:
        _ask_variants(wide, variants)
        wide.hold()


def _answer(one: _Case, bench: Bench, shared) -> Answered:
    pieces, case = one.pieces, one.pieces.case
    rights = []
    for k, (found, row) in enumerate(one.found):
        piece = pieces.rights[k]
        policies = ()
        if piece.policies:
            policies = insured(
                tape("policies", piece.policies), range(len(piece.policies)),
                bench.law(piece.right.region), bench.law_day or case.valued_on,
            )
        name = str(piece.right.cells["right_id"])
        rights.append(answer(found, row, name, one.told[k], pieces.papers[k], policies, shared[id(found)]))
    asked = asked_yuan(case)
    limit = sum(right.steps[-1].left_yuan for right in rights)
    outcome = max((right.outcome for right in rights), key=OUTCOMES.index)
    trial = one.trial
    decision = Decision(
        case, case.valued_on, outcome, tuple(rights), asked, round(limit, 2),
        limit / asked if asked > 0.0 else float("nan"),
        None if one.search is None else one.search.longest_months, tuple(one.cures),
        trial.to_reach(one.order), trial.lent(tuple(range(len(trial.mends)))), __version__,
        bench.law("").digest, bench.market.digest,
    )
    return Answered(decision, tuple(one.found))
