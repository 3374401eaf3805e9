"""Verdicts on pledges as rows of a table."""

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from riskengine.gates.judge import Judged
from riskengine.gates.plan import LEVELS, LIMITS, OUTCOMES
from riskengine.pledgebook.tally import claim_names, mark_of
from riskengine.pledging.assess import Assessed
from riskengine.pledging.waterfall import STEPS

MARK = " "
"""Between the marks of rules in one cell."""


class Names:
    """Marks of the rules that decide on each pledge, found once for each set of bits."""

    def __init__(self, found: Assessed) -> None:
        self.found = found
        self.failed = self._cells("failed")
        self.unknown = self._cells("unknown")

    def _cells(self, which: str) -> pa.Array:
        """Marks of the rules of each pledge whose bit is set, watching rules left out."""
        size = self.found.of.size
        index, cells = np.zeros(size, dtype=np.int64), list[str]()
        for rows, judged in self.found.parts:
            bits = getattr(judged.found, which)
            whole = pa.py_buffer(np.ascontiguousarray(bits.T))
            rights = pa.Array.from_buffers(pa.binary(bits.shape[0]), rows.size, [None, whole])
            sets = rights.dictionary_encode()
            index[rows] = len(cells) + sets.indices.to_numpy(zero_copy_only=False)
            columns = [np.frombuffer(one, np.uint8) for one in sets.dictionary.to_pylist()]
            cells += [MARK.join(_marks(judged, column)) for column in columns]
        return coded(index, cells)


def _marks(judged: Judged, column: NDArray[np.uint8]) -> Iterator[str]:
    """Marks of the rules of one set of bits."""
    for k, gate in enumerate(judged.plan.gates):
        if column[k // 8] >> (k % 8) & 1 and LEVELS[gate.rule.severity] >= 1:
            yield mark_of(gate)


def pledge_results(
    found: Assessed, names: Names, outcome: NDArray[np.uint8], marks: NDArray[np.int64]
) -> pa.RecordBatch:
    """Return verdicts on some pledges as rows.

    Parameters
    ----------
    found : Assessed
        The pledges.
    names : Names
        Rules that decide on each.
    outcome : (n,) uint8
        Outcome with what the book says against them.
    marks : (n,) int64
        Sums of `riskengine.pledgebook.claims.Claim`.

    Returns
    -------
    pyarrow.RecordBatch
        One row a pledge; the schema does not depend on the kind of right.
    """
    of, pledges = found.of, found.pledges
    with np.errstate(divide="ignore", invalid="ignore"):
        cover = np.where(of.secured_yuan > 0.0, found.lending_value_yuan / of.secured_yuan, np.nan)
    columns: dict[str, pa.Array] = {
        "pledge_id": pledges.batch.ids.cast(pa.string()),
        "right_id": pledges.text("right_id"),
        "loan_id": pledges.text("loan_id"),
        "region_code": coded(of.rights.region_index, of.rights.regions),
        "outcome": coded(outcome.astype(np.int64), OUTCOMES),
        "failed": names.failed,
        "unknown": names.unknown,
        "claims": _claims(marks),
        "remaining_term_years": pa.array(of.term_years),
        "debt_yuan": pa.array(of.secured_yuan),
        "cover": pa.array(cover),
        "loan_to_value_limit": pa.array(found.limits[LIMITS.index("loan_to_value")]),
    }
    for k, name in enumerate(STEPS):
        columns[f"after_{name}_yuan"] = pa.array(found.steps[k] / 100.0)
    columns["lending_value_yuan"] = pa.array(found.lending_value_yuan)
    return pa.RecordBatch.from_pydict(columns)


def _claims(marks: NDArray[np.int64]) -> pa.Array:
    """What the book says against each pledge, as names."""
    sets, index = np.unique(marks, return_inverse=True)
    words = [MARK.join(claim_names(int(one))) for one in sets]
    return coded(index.reshape(-1).astype(np.int64), words)


def coded(index: NDArray[np.int64], words: Sequence[str]) -> pa.DictionaryArray:
    """Return a column of words stored once each.

    Parameters
    ----------
    index : (n,) int64
        Position of the word of each row.
    words : sequence of str
        Words, some perhaps alike.

    Returns
    -------
    pyarrow.DictionaryArray
        The column.

    Notes
    -----
    No word stands in the dictionary twice: with repeats, Parquet files of the same rows
    differ in their bytes.
    """
    distinct = pa.array(words, pa.string()).dictionary_encode()
    place = distinct.indices.take(pa.array(index))
    return pa.DictionaryArray.from_arrays(place, distinct.dictionary)
