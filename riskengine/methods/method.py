"""What a valuation method is, and how one kind of right is valued by several."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from riskengine.columns import Contract
from riskengine.methods.inputs import Codes, Column, Inputs
from riskengine.words import Text

VALUE, LOG_ERROR, PRUDENT = 0, 1, 2
"""First rows of every method's output: value [yuan], standard error of its
logarithm, and the value a lender may count on before haircuts [yuan]."""


@dataclass(frozen=True, slots=True)
class Working:
    """One intermediate figure that a method shows.

    Parameters
    ----------
    name : str
        English name.
    title : Text
        What people read.
    unit : str
        Unit.
    """

    name: str
    title: Text
    unit: str


def always(_inputs: Inputs, _wanted: NDArray[np.bool_]) -> bool:
    """Say that a method has what it needs.

    Parameters
    ----------
    _inputs : Inputs
        Not looked at.
    _wanted : (n,) bool
        Not looked at.

    Returns
    -------
    bool
        True.
    """
    return True


@dataclass(frozen=True, slots=True)
class Method:
    """One way to value one kind of right.

    Parameters
    ----------
    name : str
        Name in the method matrix.
    title : Text
        What people read.
    formula : str
        The formula in one line.
    source : str
        Standard, article or paper.
    workings : tuple of Working
        Figures it shows, in output order after the first three rows.
    evaluate : callable
        Fills the output; rows that it cannot value stay NaN.
    ready : callable
        Whether anything that the method draws on is there at all: a cheap look that
        spares a batch the output of a method without deals or prices.
    """

    name: str
    title: Text
    formula: str
    source: str
    workings: tuple[Working, ...]
    evaluate: Callable[[Inputs, NDArray[np.bool_], NDArray[np.float64]], None]
    ready: Callable[[Inputs, NDArray[np.bool_]], bool] = always

    def run(self, inputs: Inputs, wanted: NDArray[np.bool_], room: NDArray[np.float64]) -> bool:
        """Value the wanted rows, where there is anything to value them by.

        Parameters
        ----------
        inputs : Inputs
            What is known of the rights, the market and the rules.
        wanted : (n,) bool
            Rows that the method matrix gives to this method.
        room : (3 + workings, n) float64
            Filled with value, log error, prudent value and workings, NaN elsewhere;
            left as it is where the method has nothing to say.

        Returns
        -------
        bool
            Whether the method spoke.
        """
        if not (wanted.any() and self.ready(inputs, wanted)):
            return False
        room.fill(np.nan)
        self.evaluate(inputs, wanted, room)
        return True


@dataclass(frozen=True, slots=True)
class Approach:
    """How one kind of right is valued.

    Parameters
    ----------
    contract : Contract
        Columns of its table.
    methods : tuple of Method
        Its methods, in the order in which answers show them.
    cases : tuple of str
        Rows of the method matrix (rules ``methods.*``) that its rights fall under.
    case : callable
        Position in ``cases`` of every right, (n,) int64.
    term : callable
        Remaining term of every right, (n,) float64 [year], >= 0; infinite where
        the right has no end.
    leading : tuple of str
        For each case, the market quantity whose level, observations and age every
        answer reports; one that its mandatory methods ask for.
    """

    contract: Contract
    methods: tuple[Method, ...]
    cases: tuple[str, ...]
    case: Callable[[Inputs], Codes]
    term: Callable[[Inputs], Column]
    leading: tuple[str, ...]
