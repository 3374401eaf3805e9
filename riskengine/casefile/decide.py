"""One case, answered: verdict, amount, cover, longest term, and what would change it."""

from riskengine.casefile.answer import (
    Decision,
    PolicyAnswer,
    RightAnswer,
    Step,
    steps_of,
)
from riskengine.casefile.dots import DOT_FACTS, DOTS
from riskengine.casefile.evaluate import Bench
from riskengine.casefile.read import Case
from riskengine.casefile.together import answered

__all__ = [
    "DOTS", "DOT_FACTS", "Decision", "PolicyAnswer", "RightAnswer", "Step", "decide", "steps_of",
]  # fmt: skip


def decide(case: Case, bench: Bench) -> Decision:
    """Answer a case.

    Parameters
    ----------
    case : Case
        The case.
    bench : Bench
        What it is judged by.

    Returns
    -------
    Decision
        Verdict, amounts, reasons and cures; the same bytes when asked again.

    Raises
    ------
    PortfolioError
        Listing every fault of a table of the case.
    """
    return answered(case, bench).decision
