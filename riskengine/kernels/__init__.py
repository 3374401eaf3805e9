"""Compiled arithmetic: plain loops over float64, numpy and numba only.

Nothing here knows a rule, a date, a table or a message.  Scalar formulas come
first in each module, loops over rows after them.  Kernels trust their
arguments; callers mark bad rows before they call.
"""
