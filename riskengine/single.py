"""One right at a time: from facts on a line, from a record, or out of a portfolio."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from riskengine.checking import read_deals
from riskengine.columns import Contract, blank_row
from riskengine.errors import PortfolioError
from riskengine.faults import Fault
from riskengine.folder import find_tables, open_table, read_rows, row_groups
from riskengine.market.snapshot import Snapshot
from riskengine.rights import RIGHTS
from riskengine.rights.comparables import COMPARABLES
from riskengine.rules import statute
from riskengine.table import Checked, check
from riskengine.valuation import Valuation, value
from riskengine.words import Text


def value_records(
    table: str,
    records: Sequence[Mapping[str, Any]],
    valued_on: date,
    market: Snapshot,
    learned: Mapping[str, Any],
) -> tuple[Checked, Valuation | None]:
    """Value rights given as records.

    Parameters
    ----------
    table : str
        Kind of right.
    records : sequence of mapping
        Cells by declared column name.
    valued_on : datetime.date
        Valuation date.
    market : Snapshot
        Market figures.
    learned : mapping of str to object
        Released price models by table.

    Returns
    -------
    Checked
        Good rows and every fault of the others.
    Valuation or None
        Values of the good rows; None when there is none.

    Raises
    ------
    PortfolioError
        If the kind of right or a column is unknown.
    """
    checked = check_records(table, records, valued_on)
    if not checked.batch.size:
        return checked, None
    day = market.on(valued_on)
    return checked, value(checked.batch, day, statute().at(valued_on), learned)


def check_records(table: str, records: Sequence[Mapping[str, Any]], valued_on: date) -> Checked:
    """Check rights given as records.

    Parameters
    ----------
    table : str
        Kind of right.
    records : sequence of mapping
        Cells by declared column name.
    valued_on : datetime.date
        Valuation date.

    Returns
    -------
    Checked
        Good rows and every fault of the others.

    Raises
    ------
    PortfolioError
        If the kind of right or a column is unknown.
    """
    contract = contract_of(table)
    names = list(dict.fromkeys(name for record in records for name in record))
    unknown = [name for name in names if name not in contract.by_name]
    if unknown:
        listed = ", ".join(unknown)
        raise PortfolioError(
            Text(f"{table} 没有列：{listed}", f"{table} has no column {listed}"),
            Text("用 template 命令查看可填的列", "see the columns with the template command"),
        )
    names += [column.name for column in contract.columns[:1] if column.name not in names]
    cells = {name: [cell_text(record.get(name)) for record in records] for name in names}
    arrays = [pa.array(column, pa.string()) for column in cells.values()]
    batch = pa.RecordBatch.from_arrays(arrays, names=list(cells))
    return check(contract, batch, valued_on)


def contract_of(table: str) -> Contract:
    """Return the contract of a kind of right.

    Parameters
    ----------
    table : str
        Table name.

    Returns
    -------
    Contract
        The contract.

    Raises
    ------
    PortfolioError
        If there is no such kind.
    """
    if table not in RIGHTS:
        listed = ", ".join(RIGHTS)
        raise PortfolioError(
            Text(f"没有 {table} 这种权利", f"there is no kind of right named {table}"),
            Text(f"可选：{listed}", f"choose one of {listed}"),
        )
    return RIGHTS[table]


def cell_text(cell: Any) -> str | None:
    """Return a cell as text, exactly.

    Parameters
    ----------
    cell : object
        Text, number, truth value, date or nothing.

    Returns
    -------
    str or None
        The text; None for nothing.
    """
    if cell is None or cell == "":
        return None
    if isinstance(cell, bool):
        return "true" if cell else "false"
    text = repr(cell) if isinstance(cell, float) else str(cell)
    return text.encode(errors="replace").decode()  # lone surrogates are not text


def told(faults: Sequence[Fault]) -> PortfolioError:
    """Return the error that tells every fault of some facts.

    Parameters
    ----------
    faults : sequence of Fault
        The faults.

    Returns
    -------
    PortfolioError
        To be raised.
    """
    records = [fault.record() for fault in faults]
    return PortfolioError(
        Text(
            "；".join(f"{f['heading']} {f['value']}：{f['message_zh']}" for f in records),
            "; ".join(f"{f['column']} {f['value']}: {f['message_en']}" for f in records),
        ),
        Text(
            "；".join(dict.fromkeys(str(f["cure_zh"]) for f in records)),
            "; ".join(dict.fromkeys(str(f["cure_en"]) for f in records)),
        ),
        faults=faults,
    )


def value_one(
    table: str,
    facts: Sequence[str],
    valued_on: date,
    market: Snapshot,
    learned: Mapping[str, Any],
) -> Valuation:
    """Value one right from ``column=value`` facts, or the template's example.

    Parameters
    ----------
    table : str
        Kind of right.
    facts : sequence of str
        ``column=value`` pairs; the example row of the template when empty.
    valued_on : datetime.date
        Valuation date.
    market : Snapshot
        Market figures.
    learned : mapping of str to object
        Released price models by table.

    Returns
    -------
    Valuation
        The value of the right, in row 0.

    Raises
    ------
    PortfolioError
        Listing every fault of the facts.
    """
    contract = contract_of(table)
    record: dict[str, Any] = dict(fact.partition("=")[::2] for fact in facts)
    if not facts:
        record = {name: cell for name, cell in blank_row(contract).items() if cell}
    record.setdefault("right_id", "1")
    columns = {heading: contract.column_for(heading) for heading in record}
    named = {column.name if column else h: record[h] for h, column in columns.items()}
    checked, valuation = value_records(table, [named], valued_on, market, learned)
    if valuation is None:
        raise told(checked.faults)
    return valuation


def value_from_portfolio(
    right_id: str, source: Path, valued_on: date, market: Snapshot, learned: Mapping[str, Any]
) -> Valuation:
    """Value one right of a portfolio.

    Parameters
    ----------
    right_id : str
        Its identifier.
    source : pathlib.Path
        The portfolio.
    valued_on : datetime.date
        Valuation date.
    market : Snapshot
        Market figures.
    learned : mapping of str to object
        Released price models by table.

    Returns
    -------
    Valuation
        The value of the right, in row 0.

    Raises
    ------
    PortfolioError
        If it is not there, stands there twice, or its row has faults.
    """
    with TemporaryDirectory() as spool:
        found: list[tuple[Contract, pa.RecordBatch]] = []
        files = find_tables(source, (*RIGHTS.values(), COMPARABLES))
        deals = read_deals(files, Path(spool), valued_on)
        for file in files:
            if file.contract is COMPARABLES:
                continue
            table = open_table(file, Path(spool))
            for raw in read_rows(table, range(len(row_groups(table))), 65536):
                ids = raw.column(table.contract.identifier.name).cast(pa.string())
                row = raw.filter(pc.equal(ids, right_id))
                if row.num_rows:
                    found.append((table.contract, row))
    if len(found) != 1 or found[0][1].num_rows != 1:
        number = sum(row.num_rows for _, row in found)
        raise PortfolioError(
            Text(
                f"编号 {right_id} 出现 {number} 次",
                f"identifier {right_id} is found {number} times",
            ),
            Text("请核对编号", "check the identifier"),
        )
    contract, row = found[0]
    checked = check(contract, row, valued_on)
    if not checked.batch.size:
        raise told(checked.faults)
    rules = statute().at(valued_on)
    return value(checked.batch, market.on(valued_on), rules, learned, deals.comparables)
