"""Rules that hold a number a code, laid out for kernels: once a code, not once a row."""

import numpy as np
from numpy.typing import NDArray

from riskengine.methods.inputs import Inputs


def code_tables(inputs: Inputs, column: str, *names: str) -> NDArray[np.float64]:
    """Return the tables of rules in the order of a column's codes, one below the other.

    Parameters
    ----------
    inputs : Inputs
        Rights.
    column : str
        Code column.
    *names : str
        Rules whose amount is a table from code to number, as ``subject.rule``.

    Returns
    -------
    (k, c + 1) float64
        Numbers of the k rules, each in its rule's unit; NaN where a table has no such
        code, and in the last place, which code -1 (missing) takes.
    """
    codes = inputs.batch.contract.by_name[column].codes
    inputs.code(column)
    tables = np.full((len(names), len(codes) + 1), np.nan)
    for k, name in enumerate(names):
        inputs.asked[f"rule:{name}"] = column
        table = inputs.rules.table(name)
        tables[k, :-1] = [float(table.get(code, "nan")) for code in codes]
    return tables
