"""Reading a case: a TOML file, or records of the same shape."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from riskengine.columns import Contract
from riskengine.errors import PortfolioError
from riskengine.gates.tables import LOANS, pledges, policies
from riskengine.gates.tapes import Tape, read_tape
from riskengine.single import cell_text, contract_of, told
from riskengine.words import Text

Record = Mapping[str, Any]
LARGEST_CASE = 1 << 20
"""Largest case file [byte]."""


@dataclass(frozen=True, slots=True)
class PledgedRight:
    """One right of a case with its papers and policies.

    Parameters
    ----------
    table : str
        Kind of right.
    right, pledge : mapping of str to object
        Cells of the right's table and of the pledges, by declared column.
    policies : tuple of mapping
        Cells of the policies on it.
    """

    table: str
    right: Record
    pledge: Record
    policies: tuple[Record, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """A loan and the rights that are to secure it.

    Parameters
    ----------
    valued_on : datetime.date
        Day of valuation.
    loan : mapping of str to object
        Cells of the loan; empty where only the rights are asked about.
    rights : tuple of PledgedRight
        What secures it.
    title : str
        What the file calls it.
    """

    valued_on: date
    loan: Record
    rights: tuple[PledgedRight, ...]
    title: str = ""
    named: Record = field(default_factory=dict)


def read_case(path: Path, valued_on: date | None = None) -> Case:
    """Read a case file.

    Parameters
    ----------
    path : pathlib.Path
        TOML: ``valued_on``, a table ``loan``, and one ``right`` after another with
        ``table`` and its cells, each with ``policy`` after policy.
    valued_on : datetime.date or None
        Day of valuation that goes before the file's.

    Returns
    -------
    Case
        The case, its cells not yet checked.

    Raises
    ------
    PortfolioError
        If the file cannot be read, or a name means no column.
    """
    try:
        raw = path.read_bytes()
        if len(raw) > LARGEST_CASE:
            raise _unreadable(path.name, Text("文件过大", "the file is too large"))
        content = tomllib.loads(raw.decode("utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise _unreadable(
            path.name, Text(f"无法读取：{fault}", f"cannot be read: {fault}")
        ) from fault
    day = valued_on or content.get("valued_on")
    if type(day) is not date:
        raise _unreadable(path.name, Text("没有估值日 valued_on", "no valued_on, a date"))
    return case_of(content, day)


def case_of(content: Record, valued_on: date) -> Case:
    """Make a case from plain data.

    Parameters
    ----------
    content : mapping
        As a case file holds it.
    valued_on : datetime.date
        Day of valuation.

    Returns
    -------
    Case
        The case, its cells not yet checked.

    Raises
    ------
    PortfolioError
        If there is no right, or a name means no column.
    """
    listed = content.get("right", [])
    if not isinstance(listed, Sequence) or not listed:
        raise _unreadable("right", Text("案件没有权利 [[right]]", "the case has no [[right]]"))
    rights = tuple(_right(number, record) for number, record in enumerate(listed, 1))
    loan = dict(_named(LOANS, content.get("loan", {})))
    if loan:
        loan.setdefault("loan_id", "1")
    return Case(valued_on, loan, rights, str(content.get("title", "")), content)


def _right(number: int, record: Record) -> PledgedRight:
    """One right: its cells go to its own table or to the pledges."""
    cells = dict(record)
    table = str(cells.pop("table", ""))
    contract, papers = contract_of(table), pledges()
    insured = cells.pop("policy", [])
    right: dict[str, Any] = {"right_id": str(number)}
    pledge: dict[str, Any] = {}
    unknown = []
    for heading, cell in cells.items():
        if column := contract.column_for(heading):
            right[column.name] = cell
        elif column := papers.column_for(heading):
            pledge[column.name] = cell
        else:
            unknown.append(heading)
    if unknown:
        raise _unknown(f"{table}, pledges", unknown)
    name = right["right_id"]
    pledge |= {"right_kind": table, "right_id": name}
    pledge.setdefault("pledge_id", name)
    pledge.setdefault("loan_id", "1")
    return PledgedRight(table, right, pledge, tuple(
        {"policy_id": str(k), "right_kind": table, "right_id": name, **_named(policies(), policy)}
        for k, policy in enumerate(insured, 1)
    ))  # fmt: skip


def _named(contract: Contract, record: Record) -> Record:
    """Cells under their declared names."""
    named, unknown = {}, []
    for heading, cell in record.items():
        column = contract.column_for(heading)
        if column is None:
            unknown.append(heading)
        else:
            named[column.name] = cell
    if unknown:
        raise _unknown(contract.table, unknown)
    return named


def tape_of(contract: Contract, records: Sequence[Record], valued_on: date) -> Tape:
    """Check records of one table.

    Parameters
    ----------
    contract : Contract
        What they hold.
    records : sequence of mapping
        Cells by declared column.
    valued_on : datetime.date
        Day of valuation.

    Returns
    -------
    Tape
        The rows.

    Raises
    ------
    PortfolioError
        Listing every fault.
    """
    names = list(dict.fromkeys(
        [column.name for column in contract.columns if column.required]
        + [name for record in records for name in record]
    ))  # fmt: skip
    arrays = [
        pa.array([cell_text(record.get(name)) for record in records], pa.string()) for name in names
    ]
    tape = read_tape(contract, pa.RecordBatch.from_arrays(arrays, names=names), valued_on)
    if tape.faults:
        raise told(tape.faults)
    return tape


def _unreadable(name: str, why: Text) -> PortfolioError:
    return PortfolioError(
        Text(f"案件 {name}：{why.zh}", f"case {name}: {why.en}"),
        Text("请对照 examples/cases 中的案件文件", "compare the case files in examples/cases"),
    )


def _unknown(where: str, names: Sequence[str]) -> PortfolioError:
    listed = ", ".join(names)
    return PortfolioError(
        Text(f"{where} 没有列：{listed}", f"{where} have no column {listed}"),
        Text("用 template 命令查看可填的列", "see the columns with the template command"),
    )
