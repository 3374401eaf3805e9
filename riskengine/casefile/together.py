"""Many cases answered in one call: what the scoring service and books of applications use."""

from collections.abc import Sequence
from dataclasses import dataclass

from riskengine.casefile.decide import Decision, decide
from riskengine.casefile.evaluate import Bench, evaluate
from riskengine.casefile.read import Case
from riskengine.casefile.typed import typed
from riskengine.errors import PortfolioError
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


def decide_many(cases: Sequence[Case], bench: Bench) -> list[Answered | PortfolioError]:
    """Answer cases, each as if it were alone.

    Parameters
    ----------
    cases : sequence of Case
        The cases.
    bench : Bench
        What they are judged by.

    Returns
    -------
    list of Answered or PortfolioError
        One a case, in order; a case with faults has the error that tells them all.
    """
    return [_answered(case, bench) for case in cases]


def _answered(case: Case, bench: Bench) -> Answered | PortfolioError:
    """One case."""
    try:
        decision = decide(case, bench)
        found = evaluate(typed(case), bench)
    except PortfolioError as fault:
        return fault
    return Answered(decision, tuple((one, 0) for one in found))
