"""Ranges that arguments of valuation formulas come from, for property tests.

Below 1e-30 the 60 digits of the twins are too few, and nobody pays by the microsecond.
"""

from hypothesis import strategies as st

RATES = (st.just(0.0) | st.floats(1e-30, 0.6) | st.floats(-0.05, -1e-30)) | st.sampled_from(
    [1e-12, 1e-9, -1e-9, 1e-6]
)
"""Effective annual rates [1/year]."""
POSITIVE_RATES = st.floats(1e-6, 0.6)
GROWTHS = st.floats(-0.1, 0.2)
TERMS = st.just(0.0) | st.floats(1e-6, 120.0)
"""Terms with parts of a year [year]."""
WHOLE_TERMS = st.integers(0, 70)
MONEY = st.just(0.0) | st.floats(1e-2, 1e9)
"""Amounts [yuan]: nothing, or a cent and more."""
SHARES = st.just(0.0) | st.floats(1e-6, 1.0)
