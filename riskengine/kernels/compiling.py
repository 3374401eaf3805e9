"""The one place that decides how kernels are compiled."""

import os

from numba import config, njit

CACHED = os.environ.get("RISKENGINE_CACHE") == "1"
"""True only in an image build: a development cache serves stale helpers."""

FEATURES = "-avx512f"
"""What kernels do without: with AVX-512, LLVM (llvmlite 0.50, Zen 4) vectorizes a loop over
conditional sums wrongly, and half of a spread came out, silently.  Values are then also the same
bits on processors with and without it."""
if not config.CPU_FEATURES:  # type: ignore[attr-defined]  # an own NUMBA_CPU_FEATURES stands
    config.CPU_FEATURES = FEATURES  # type: ignore[attr-defined]

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
