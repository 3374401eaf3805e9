"""What is found against rows of the tables of a book: what stops a row, what a person looks at."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from riskengine.columns import Contract
from riskengine.faults import Fault, FaultKind
from riskengine.gates.tapes import Rows, Tape, faults_at, rows_of

Column = NDArray[np.float64]
Marks = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of one table that passed the door, with what is found against them.

    Parameters
    ----------
    contract : Contract
        Every column that the table may have.
    tape : Tape
        The rows.
    lost : mapping of str to pyarrow.Array
        Text columns of rows that the door rejected.
    stopped : (n,) bool
        Rows that are rejected for what other tables say.
    faults, referred : list of Fault
        Why rows are rejected, and what a person looks at on rows that are kept.
    """

    contract: Contract
    tape: Tape
    lost: Mapping[str, pa.Array] = field(default_factory=dict)
    stopped: Marks = field(init=False)
    faults: list[Fault] = field(default_factory=list)
    referred: list[Fault] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin with no row stopped."""
        object.__setattr__(self, "stopped", np.zeros(self.tape.size, dtype=bool))

    def stop(self, marks: Marks, column: str, kind: FaultKind, **facts: Any) -> None:
        """Reject the marked rows, each with a fault.

        Parameters
        ----------
        marks : (n,) bool
            Rows at fault.
        column : str
            Column at fault.
        kind : FaultKind
            What is wrong.
        **facts : object
            Fill the message; of a list or an array each row takes its own.
        """
        self.faults.extend(
            faults_at(self.tape, marks, self.contract.by_name[column], kind, **facts)
        )
        np.logical_or(self.stopped, marks, out=self.stopped)

    def refer(self, marks: Marks, column: str, kind: FaultKind, **facts: Any) -> None:
        """Keep the marked rows and have a person look at them.

        Parameters
        ----------
        marks : (n,) bool
            Rows to look at.
        column : str
            Column to look at.
        kind : FaultKind
            What is odd.
        **facts : object
            Fill the message; of a list or an array each row takes its own.
        """
        at = self.contract.by_name[column]
        self.referred.extend(faults_at(self.tape, marks, at, kind, **facts))

    @property
    def referred_and_kept(self) -> list[Fault]:
        """What a person looks at on rows that were not stopped."""
        kept = set(self.tape.batch.rows[~self.stopped].tolist())
        return [fault for fault in self.referred if fault.row in kept]

    def lost_at_door(self, column: str, wanted: pa.Array) -> Marks:
        """Return which texts stand in rows that the door rejected.

        Parameters
        ----------
        column : str
            Text column.
        wanted : pyarrow.Array
            Texts looked for.

        Returns
        -------
        (k,) bool
            Those that stand in such a row.
        """
        if column not in self.lost:
            return np.zeros(len(wanted), dtype=bool)
        return stated(wanted) & (rows_of(wanted, self.lost[column]) >= 0)

    def number(self, name: str) -> Column:
        """Return a number, date or flag column.

        Parameters
        ----------
        name : str
            Column.

        Returns
        -------
        (n,) float64
            The column; NaN where the file has none.
        """
        found = self.tape.batch.columns.get(name)
        return np.full(self.tape.size, np.nan) if found is None else np.asarray(found)

    def code(self, name: str) -> Rows:
        """Return a code column.

        Parameters
        ----------
        name : str
            Column.

        Returns
        -------
        (n,) int64
            Positions among the column's codes; -1 where missing.
        """
        found = self.tape.batch.columns.get(name)
        return np.full(self.tape.size, -1, dtype=np.int64) if found is None else np.asarray(found)

    def is_code(self, name: str, code: str) -> Marks:
        """Return the rows that hold one code.

        Parameters
        ----------
        name : str
            Code column.
        code : str
            One of its codes.

        Returns
        -------
        (n,) bool
            Rows that hold it.
        """
        marks: Marks = self.code(name) == self.contract.by_name[name].codes.index(code)
        return marks


def stated(text: pa.Array) -> Marks:
    """Return whether each text is stated at all.

    Parameters
    ----------
    text : pyarrow.Array
        Texts.

    Returns
    -------
    (n,) bool
        False where null or empty.

    Examples
    --------
    >>> stated(pa.array(["a", "", None])).tolist()
    [True, False, False]
    """
    marks: Marks = pc.fill_null(pc.not_equal(text, ""), False).to_numpy(zero_copy_only=False)
    return marks


Tables = Mapping[str, Table]
"""Tables of a book by name; a table that the portfolio does not have is not there."""
