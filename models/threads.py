"""One thread while fitting: sums are then added in one order on any machine."""

import sys
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import ParamSpec, TypeVar

from threadpoolctl import ThreadpoolController

P = ParamSpec("P")
R = TypeVar("R")


@lru_cache(maxsize=1)
def _libraries(modules: int) -> ThreadpoolController:
    """Libraries with threads, found again (10 ms) only once more modules are loaded."""
    del modules
    return ThreadpoolController()


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
        with _libraries(len(sys.modules)).limit(limits=1):
            return fit(*args, **kwargs)

    return alone
