"""One value from the outputs of several methods, with its interval."""

import numpy as np
from numpy.typing import NDArray

from riskengine.kernels.reconcile import gather_rows, interval_rows, weigh_rows
from riskengine.methods.inputs import Inputs
from riskengine.methods.run import ROLES, Run

NORMAL_95, NORMAL_75 = 1.6448536269514722, 0.6744897501960817
"""Standard normal quantiles of the interval P5-P95 and of P25."""

RECONCILED_FIGURES = (
    "market_value_yuan", "log_error", "p05_yuan", "p25_yuan", "p95_yuan", "additions_yuan",
    "method_ratio", "lower_method_yuan", "prudent_value_yuan",
)  # fmt: skip
"""Figures in the order of `riskengine.kernels.reconcile.interval_rows`."""


UNANSWERED = 9
"""Row below them: mandatory methods without an answer."""


def reconcile(inputs: Inputs, run: Run) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Reconcile the methods of every right.

    Parameters
    ----------
    inputs : Inputs
        The rights.
    run : Run
        Outputs of their methods.

    Returns
    -------
    (10, n) float64
        Figures named by `RECONCILED_FIGURES`, then `UNANSWERED`.
    (m, n) float64
        Weight of each method.
    """
    reconciled = np.empty((len(RECONCILED_FIGURES) + 1, inputs.size))
    weights = np.empty((run.starts.size, inputs.size))
    asked = run.figures, run.starts, run.roles, says(run.roles, run.starts), run.case
    correlation = inputs.rule("reconcile.correlation")
    if gather_rows(*asked, reconciled, weights):
        errors, shares = np.empty((2, run.starts.size))
        weigh_rows(*asked, correlation, errors, shares, reconciled, weights)
    interval_rows(NORMAL_95, NORMAL_75, reconciled)
    return reconciled, weights


def says(roles: NDArray[np.int64], starts: NDArray[np.int64]) -> NDArray[np.int64]:
    """List the methods that have a say in each case.

    Parameters
    ----------
    roles : (cases, m) int64
        Role of each method in each case, numbered as `ROLES`.
    starts : (m,) int64
        Negative for a method that answered for no right.

    Returns
    -------
    (cases, 2 + m) int64
        As `riskengine.kernels.reconcile.gather_rows` wants it.
    """
    mandatory, cross, addition = ROLES["mandatory"], ROLES["cross"], ROLES["addition"]
    counts = (roles == mandatory) | (roles == cross) | (roles == addition)
    counts &= starts >= 0
    lists = np.full((roles.shape[0], 2 + starts.size), -1, dtype=np.int64)
    lists[:, 0] = (roles == mandatory).sum(axis=1)
    lists[:, 1] = counts.sum(axis=1)
    case, method = np.nonzero(counts)
    lists[case, 1 + np.cumsum(counts, axis=1)[case, method]] = method
    return lists
