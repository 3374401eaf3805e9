"""One thread while fitting: sums are then added in one order on any machine."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from threadpoolctl import threadpool_limits

P = ParamSpec("P")
R = TypeVar("R")


def on_one_thread(fit: Callable[P, R]) -> Callable[P, R]:
    """Run a fit with one thread of BLAS and of OpenMP.

    Parameters
    ----------
    fit : callable
        What to run.

    Returns
    -------
    callable
        The same, byte-equal on any number of threads.
    """

    @wraps(fit)
    def alone(*args: P.args, **kwargs: P.kwargs) -> R:
        with threadpool_limits(limits=1):
            return fit(*args, **kwargs)

    return alone
