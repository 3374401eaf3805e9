"""The one place that decides how kernels are compiled."""

import os

from numba import njit

CACHED = os.environ.get("RISKENGINE_CACHE") == "1"
"""True only in an image build: a development cache serves stale helpers."""

kernel = njit(nogil=True, error_model="numpy", cache=CACHED)
"""Compile a function lazily: no GIL held, IEEE division, no fast-math."""
