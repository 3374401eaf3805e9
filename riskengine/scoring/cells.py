"""Cells of borrowers and guarantees past the door: one check for many applications."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pyarrow as pa

from riskengine.casefile.typed import content_of
from riskengine.columns import TEXT_LENGTH, Contract
from riskengine.errors import PortfolioError
from riskengine.gates.tapes import read_tape
from riskengine.scoring.application import ApplicationError
from riskengine.single import cell_text
from riskengine.words import Text

Cells = Mapping[str, Any]


def typed_cells(
    contract: Contract, records: Sequence[Cells], day: date
) -> list[Cells | PortfolioError]:
    """Check the cells of one part of many applications.

    Parameters
    ----------
    contract : Contract
        What the part holds; its first column is an identifier that is not looked at.
    records : sequence of mapping
        Cells by column, one an application.
    day : datetime.date
        Day of valuation.

    Returns
    -------
    list of mapping or PortfolioError
        Of each its cells as numbers, flags and words, nothing left out that holds something;
        or the error that names the path of its first fault and tells all.
    """
    needed = [one.name for one in contract.columns[1:] if one.required]
    found: list[Cells | PortfolioError | None] = [at_once(contract, one, needed) for one in records]
    slow = [k for k, one in enumerate(found) if one is None]
    checked = _checked(contract, [records[k] for k in slow], day) if slow else []
    for k, one in zip(slow, checked, strict=True):
        found[k] = one
    return [one for one in found if one is not None]


def at_once(contract: Contract, record: Cells, needed: Sequence[str]) -> Cells | None:
    """Return cells that are what their columns hold already, as JSON gives them.

    Parameters
    ----------
    contract : Contract
        What they are cells of.
    record : mapping of str to object
        Cells by column.
    needed : sequence of str
        Columns that must be there, the identifier aside.

    Returns
    -------
    mapping or None
        What `typed_cells` gives; None where a cell must be read or is at fault.
    """
    cells: dict[str, Any] = {}
    for name, cell in record.items():
        if cell is None or cell == "":
            continue
        column = contract.by_name[name]
        match column.kind:
            case "flag" if cell is True or cell is False:
                cells[name] = cell
            case "number" if type(cell) is float or type(cell) is int:
                number = float(cell)
                if not column.low <= number <= column.high or (
                    column.low_open and number == column.low
                ):
                    return None
                cells[name] = number
            case "code" if cell in column.codes:
                cells[name] = cell
            case "text" if type(cell) is str and cell.isalnum() and len(cell) <= TEXT_LENGTH:
                pass
            case _:
                return None
    return None if any(name not in cells for name in needed) else cells


def _checked(
    contract: Contract, records: Sequence[Cells], day: date
) -> list[Cells | PortfolioError]:
    """Cells read as every table is."""
    names = list(dict.fromkeys(
        [column.name for column in contract.columns if column.required]
        + [name for record in records for name in record]
    ))  # fmt: skip
    key = contract.identifier.name
    names = [key, *(name for name in names if name != key)]
    arrays = [pa.array([str(k) for k in range(len(records))], pa.string())] + [
        pa.array([cell_text(record.get(name)) for record in records], pa.string())
        for name in names[1:]
    ]
    tape = read_tape(contract, pa.RecordBatch.from_arrays(arrays, names=names), day)
    faults: dict[int, list[Any]] = {}
    for fault in tape.faults:
        faults.setdefault(fault.row - 1, []).append(fault)
    found: list[Cells | PortfolioError] = [
        _told(contract, faults.get(k, [])) for k in range(len(records))
    ]
    columns = [
        (contract.by_name[name], column.tolist())
        for name, column in tape.batch.columns.items()
        if name in names
    ]
    for place, row in enumerate((tape.batch.rows - 1).tolist()):
        cells = {
            column.name: content_of(column, numbers[place])
            for column, numbers in columns
            if numbers[place] == numbers[place]
        }
        found[row] = {name: cell for name, cell in cells.items() if cell is not None}
    return found


def _told(contract: Contract, faults: Sequence[Any]) -> PortfolioError:
    """The error of one application's part."""
    if not faults:
        return ApplicationError(contract.table, Text("无法读取", "cannot be read"), Text("", ""))
    told = [fault.record() for fault in faults]
    path = f"{contract.table}.{told[0]['column']}"
    return ApplicationError(
        path,
        Text("；".join(f"{f['heading']} {f['value']}：{f['message_zh']}" for f in told),
             "; ".join(f"{f['column']} {f['value']}: {f['message_en']}" for f in told)),
        Text("；".join(dict.fromkeys(str(f["cure_zh"]) for f in told)),
             "; ".join(dict.fromkeys(str(f["cure_en"]) for f in told))),
        faults,
    )  # fmt: skip
