"""The one place that decides how kernels are compiled."""

import os

from numba import njit

CACHED = os.environ.get("RISKENGINE_CACHE") == "1"
"""True only in an image build: a development cache serves stale helpers."""

kernel = njit(nogil=True, error_model="numpy", cache=CACHED)
"""Compile a function lazily: no GIL held, IEEE division, no fast-math."""


def plain(function):
    """Return a kernel as the plain Python function that it was written as.

    For the few calls that are not worth compiling, and for tests.

    Parameters
    ----------
    function : callable
        A kernel, compiled or not.

    Returns
    -------
    callable
        The plain function; kernels that it calls stay as they are.
    """
    return getattr(function, "py_func", function)
