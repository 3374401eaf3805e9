"""Finding and opening the tables of a portfolio: Parquet, CSV (UTF-8, GB18030), Excel.

Whatever the file, the batch reads Parquet: other formats are first copied, as
text and in a stream, to a spool, so that one way of chunking serves them all.
"""

import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from riskengine.columns import Contract
from riskengine.errors import PortfolioError
from riskengine.faults import Fault, FaultKind
from riskengine.headings import match_headings
from riskengine.spreadsheet import unguarded_batch
from riskengine.words import Text

SUFFIXES = (".parquet", ".csv", ".xlsx")
SPOOL_ROWS = 65536
LARGEST_SHEET_BYTES = 2 << 30
"""Largest unpacked workbook; beyond it the archive is taken for hostile."""


@dataclass(frozen=True, slots=True)
class TableFile:
    """One table of a portfolio as it lies on disk.

    Parameters
    ----------
    contract : Contract
        What it holds.
    path : pathlib.Path
        The file.
    sheet : str or None
        Sheet of a workbook.
    """

    contract: Contract
    path: Path
    sheet: str | None = None


@dataclass(frozen=True, slots=True)
class OpenTable:
    """A table ready to be read in chunks.

    Parameters
    ----------
    contract : Contract
        What it holds.
    path : pathlib.Path
        Parquet file: the original or its spool.
    names : mapping of str to str
        Declared name by column name in the file.
    unknown : tuple of str
        Headings that mean nothing here and are left aside.
    broken : tuple of Fault
        Lines that could not even be split into cells.
    rows : int
        Rows in the Parquet file.
    """

    contract: Contract
    path: Path
    names: Mapping[str, str]
    unknown: tuple[str, ...]
    broken: tuple[Fault, ...]
    rows: int


def find_tables(source: Path, contracts: Sequence[Contract]) -> list[TableFile]:
    """Find the tables of a portfolio.

    Parameters
    ----------
    source : pathlib.Path
        A folder with one file a table (named in English or Chinese), a workbook
        with one sheet a table, or one file.
    contracts : sequence of Contract
        Tables to look for.

    Returns
    -------
    list of TableFile
        In the order of the contracts.

    Raises
    ------
    PortfolioError
        If there is nothing to read, or one table stands in two files.
    """
    if not source.exists():
        raise _unreadable(source, Text("找不到", "does not exist"))
    files = sorted(source.iterdir()) if source.is_dir() else [source]
    found: list[TableFile] = []
    for path in files:
        if path.suffix.lower() not in SUFFIXES or path.name.startswith((".", "~")):
            continue
        if path.suffix.lower() == ".xlsx":
            found += _sheets(path, contracts)
        else:
            found += [TableFile(c, path) for c in contracts if path.stem in (c.table, c.title.zh)]
    tables = [file.contract.table for file in found]
    twice = {table for table in tables if tables.count(table) > 1}
    if twice:
        listed = ", ".join(sorted(twice))
        raise _unreadable(source, Text(f"表 {listed} 有两个文件", f"holds {listed} twice"))
    if not found:
        names = ", ".join(c.table for c in contracts)
        raise _unreadable(
            source, Text(f"没有可读的表（应为 {names}）", f"holds no table (expected {names})")
        )
    order = [contract.table for contract in contracts]
    return sorted(found, key=lambda file: order.index(file.contract.table))


def open_table(file: TableFile, spool: Path) -> OpenTable:
    """Open one table for reading in chunks.

    Parameters
    ----------
    file : TableFile
        The table.
    spool : pathlib.Path
        Folder for the copy of a table that is not Parquet.

    Returns
    -------
    OpenTable
        The table.

    Raises
    ------
    PortfolioError
        If the file cannot be read, or its headings break the contract.
    """
    broken: tuple[Fault, ...] = ()
    path = file.path
    if path.suffix.lower() != ".parquet":
        path = spool / f"{file.contract.table}.spool.parquet"
        if path.suffix and file.sheet is None:
            broken = _spool_csv(file, path)
        else:
            _spool_sheet(file, path)
    try:
        with pq.ParquetFile(path) as parquet:
            headings, rows = parquet.schema_arrow.names, parquet.metadata.num_rows
    except (pa.ArrowInvalid, OSError) as fault:
        why = Text("不是完整的 Parquet 文件", f"is not a whole Parquet file ({fault})")
        raise _unreadable(file.path, why) from fault
    names, unknown = match_headings(file.contract, headings)
    return OpenTable(file.contract, path, names, tuple(unknown), broken, rows)


def read_rows(table: OpenTable, groups: Sequence[int], rows: int) -> Iterator[pa.RecordBatch]:
    """Read row groups of a table in batches under the declared names.

    Parameters
    ----------
    table : OpenTable
        The table.
    groups : sequence of int
        Row groups.
    rows : int
        Largest batch.

    Yields
    ------
    pyarrow.RecordBatch
        Raw columns.
    """
    words = [c for c, name in table.names.items() if table.contract.by_name[name].kind != "number"]
    identifier = table.contract.identifier.name
    encoded = [column for column in words if table.names[column] != identifier]
    with pq.ParquetFile(table.path, read_dictionary=encoded, pre_buffer=False) as parquet:
        columns = [name for name in parquet.schema_arrow.names if name in table.names]
        for batch in parquet.iter_batches(rows, list(groups), columns, use_threads=False):
            yield batch.rename_columns([table.names[name] for name in batch.schema.names])


def read_whole(table: OpenTable) -> pa.RecordBatch:
    """Read all rows of a table as one batch.

    Parameters
    ----------
    table : OpenTable
        The table.

    Returns
    -------
    pyarrow.RecordBatch
        Raw columns under the declared names, empty where the table has no rows.
    """
    read = list(read_rows(table, range(len(row_groups(table))), SPOOL_ROWS))
    if not any(batch.num_rows for batch in read):
        empty = pa.array([], pa.string())
        return pa.RecordBatch.from_pydict(dict.fromkeys(table.names.values(), empty))
    whole = pa.Table.from_batches(read)
    columns = [column.combine_chunks() for column in whole.columns]
    return pa.RecordBatch.from_arrays(columns, names=whole.column_names)


def row_groups(table: OpenTable) -> list[int]:
    """Return the number of rows in each row group of a table.

    Parameters
    ----------
    table : OpenTable
        The table.

    Returns
    -------
    list of int
        Rows by row group.
    """
    metadata = pq.read_metadata(table.path)
    return [metadata.row_group(group).num_rows for group in range(metadata.num_row_groups)]


def _unreadable(path: Path, why: Text) -> PortfolioError:
    return PortfolioError(
        Text(f"{path.name}：{why.zh}", f"{path.name} {why.en}"),
        Text("请重新导出后再试", "export it again and retry"),
    )


def _sheets(path: Path, contracts: Sequence[Contract]) -> list[TableFile]:
    """Tables of a workbook: by sheet name, or by file name for a single sheet."""
    import openpyxl

    try:
        with zipfile.ZipFile(path) as archive:
            if sum(item.file_size for item in archive.infolist()) > LARGEST_SHEET_BYTES:
                raise _unreadable(path, Text("展开后过大", "is too large when unpacked"))
        workbook = openpyxl.load_workbook(path, read_only=True)
        names = workbook.sheetnames
        workbook.close()
    except (zipfile.BadZipFile, KeyError, OSError, ValueError) as fault:
        raise _unreadable(path, Text("不是完整的 Excel 文件", "is not a whole workbook")) from fault
    found = [TableFile(c, path, n) for c in contracts for n in names if n in (c.table, c.title.zh)]
    if found:
        return found
    return [TableFile(c, path, names[0]) for c in contracts if path.stem in (c.table, c.title.zh)]


def _encoding(path: Path) -> str:
    """Encoding of a text file: UTF-8 when all of it is, else GB18030."""
    import codecs

    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as stream:
        if stream.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            return "utf-16"
        stream.seek(0)
        try:
            while block := stream.read(1 << 20):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "gb18030"
    return "utf-8"


def _delimiter(path: Path, encoding: str) -> str:
    """The mark between cells: the one that the heading line has most of."""
    with path.open(encoding=encoding, errors="replace") as stream:
        heading = stream.readline()
    return max(",\t;", key=heading.count)


def _spool_csv(file: TableFile, path: Path) -> tuple[Fault, ...]:
    """Copy a CSV file to Parquet as text; return the lines that could not be split."""
    broken: list[int] = []

    def note(row: Any) -> str:
        broken.append(row.number)
        return "skip"

    encoding = _encoding(file.path)
    parse = pacsv.ParseOptions(
        delimiter=_delimiter(file.path, encoding), newlines_in_values=True, invalid_row_handler=note
    )
    read = pacsv.ReadOptions(encoding=encoding, use_threads=False, block_size=8 << 20)
    try:
        headings = _headings(file.path, encoding, parse.delimiter)
        convert = pacsv.ConvertOptions(
            column_types=dict.fromkeys(headings, pa.string()), strings_can_be_null=True,
            null_values=["", "NA", "N/A", "NULL", "null", "None", "无", "-", "—"],
            quoted_strings_can_be_null=True,
        )  # fmt: skip
        with pacsv.open_csv(file.path, read, parse, convert) as stream:
            _spool(path, iter(stream), stream.schema, file.contract)
    except (pa.ArrowInvalid, pa.ArrowKeyError, UnicodeError, OSError) as fault:
        why = Text("无法按 CSV 读取", f"cannot be read as CSV ({fault})")
        raise _unreadable(file.path, why) from fault
    identifier = file.contract.identifier
    return tuple(
        Fault(FaultKind.BROKEN_LINE, file.contract.table, row - 1, "", identifier, "", {})
        for row in sorted(broken)
    )


def _headings(path: Path, encoding: str, delimiter: str) -> list[str]:
    """Heading cells of a CSV file."""
    import csv

    with path.open(encoding=encoding, newline="") as stream:
        headings = next(csv.reader(stream, delimiter=delimiter), [])
    if not headings:
        raise _unreadable(path, Text("是空文件", "is empty"))
    return [heading.lstrip("\ufeff") for heading in headings]


def _spool(
    path: Path, batches: Iterator[pa.RecordBatch], schema: pa.Schema, contract: Contract
) -> None:
    """Write text batches to Parquet; a second heading line of English names is dropped."""
    with pq.ParquetWriter(path, schema, compression="lz4") as writer:
        first = True
        for batch in batches:
            named = first and batch.num_rows and _are_names(batch, contract)
            first = first and not batch.num_rows
            if batch.num_rows > int(named):
                writer.write_batch(unguarded_batch(batch.slice(int(named))))


def _are_names(batch: pa.RecordBatch, contract: Contract) -> bool:
    """Whether the first row holds English column names, as the template's second line."""
    cells = [column[0].as_py() for column in batch.columns]
    return any(cells) and all(cell is None or cell in contract.by_name for cell in cells)


def _spool_sheet(file: TableFile, path: Path) -> None:
    """Copy one sheet of a workbook to Parquet as text."""
    import openpyxl

    workbook = openpyxl.load_workbook(file.path, read_only=True, data_only=True)
    try:
        lines = workbook[file.sheet].iter_rows(values_only=True)
        headings = [str(cell) if cell is not None else "" for cell in next(lines, ())]
        while headings and not headings[-1]:
            headings.pop()
        if not headings:
            why = Text(f"工作表 {file.sheet} 为空", f"sheet {file.sheet} is empty")
            raise _unreadable(file.path, why)
        schema = pa.schema([(heading, pa.string()) for heading in headings])
        _spool(path, _sheet_batches(lines, schema), schema, file.contract)
    finally:
        workbook.close()


def _sheet_batches(lines: Iterator[tuple[Any, ...]], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """Rows of a sheet as text batches; rows without any cell are not rows."""
    block: list[list[str | None]] = []
    for line in lines:
        cells = [_cell_text(cell) for cell in line[: len(schema)]]
        if any(cells):
            block.append(cells + [None] * (len(schema) - len(cells)))
        if len(block) == SPOOL_ROWS:
            yield _text_batch(block, schema)
            block = []
    if block:
        yield _text_batch(block, schema)


def _text_batch(block: list[list[str | None]], schema: pa.Schema) -> pa.RecordBatch:
    """Rows of cells as a batch of text columns."""
    columns = [pa.array(column, pa.string()) for column in zip(*block, strict=True)]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _cell_text(cell: Any) -> str | None:
    """A sheet's cell as text."""
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        return None
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)
