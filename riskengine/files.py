"""Files of a run: written whole or not at all, begun with their first batch."""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from riskengine.faults import Fault
from riskengine.spreadsheet import guarded_batch

REJECTED = pa.schema([
    ("table", pa.string()), ("row", pa.int64()), ("right_id", pa.string()),
    ("column", pa.string()), ("heading", pa.string()), ("value", pa.string()),
    ("rule", pa.string()), ("message_zh", pa.string()), ("message_en", pa.string()),
    ("cure_zh", pa.string()), ("cure_en", pa.string()),
])  # fmt: skip
"""Columns of ``rejected.parquet`` and ``rejected.csv``."""


def sha256_of(path: Path) -> str:
    """Return the digest of a file.

    Parameters
    ----------
    path : pathlib.Path
        The file.

    Returns
    -------
    str
        SHA-256 in hexadecimal.
    """
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def as_json(content: Mapping[str, Any]) -> bytes:
    """Return JSON as files hold it.

    Parameters
    ----------
    content : mapping
        Plain data.

    Returns
    -------
    bytes
        UTF-8, one space of indentation, a newline at the end.
    """
    return json.dumps(content, ensure_ascii=False, indent=1).encode() + b"\n"


def write_whole(path: Path, content: bytes) -> None:
    """Write a small file so that it is there whole or not at all.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    content : bytes
        What it holds.
    """
    partial = path.with_name(f"{path.name}.partial")
    with partial.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    partial.replace(path)


REJECT_ROWS = 16384
"""Rows of the rejected table that are made at a time."""


def reject_batches(faults: Sequence[Fault]) -> Iterator[pa.RecordBatch]:
    """Yield faults as rows of the rejected table.

    Parameters
    ----------
    faults : sequence of Fault
        The faults.

    Yields
    ------
    pyarrow.RecordBatch
        One row a fault, at most `REJECT_ROWS` at a time.
    """
    for start in range(0, len(faults), REJECT_ROWS):
        told = [fault.record() for fault in faults[start : start + REJECT_ROWS]]
        yield pa.RecordBatch.from_pylist(told, REJECTED)


class Rejects:
    """``rejected.parquet`` and ``rejected.csv``, written while faults are found.

    Parameters
    ----------
    folder : pathlib.Path
        Where they are made.
    """

    def __init__(self, folder: Path) -> None:
        self._parquet = pq.ParquetWriter(folder / "rejected.parquet", REJECTED)
        self._csv = pacsv.CSVWriter(folder / "rejected.csv", REJECTED)

    def __enter__(self) -> "Rejects":
        """Begin."""
        return self

    def __exit__(self, *_: object) -> None:
        """Finish both files."""
        self._parquet.close()
        self._csv.close()

    def add(self, faults: Sequence[Fault]) -> None:
        """Add faults.

        Parameters
        ----------
        faults : sequence of Fault
            One row each.
        """
        for batch in reject_batches(faults):
            self.write(batch)

    def write(self, batch: pa.RecordBatch) -> None:
        """Add rows.

        Parameters
        ----------
        batch : pyarrow.RecordBatch
            As `reject_batches` yields them.
        """
        self._parquet.write_batch(batch)
        self._csv.write_batch(guarded_batch(batch))


def write_csv(table: pa.Table, path: Path) -> None:
    """Write a table that people open in a spreadsheet.

    Parameters
    ----------
    table : pyarrow.Table
        Any columns.
    path : pathlib.Path
        The file; no text in it is taken for a formula.
    """
    with pacsv.CSVWriter(path, table.schema) as text:
        for batch in table.to_batches():
            text.write_batch(guarded_batch(batch))


class Part:
    """A Parquet file that is begun with its first batch."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.writer: pq.ParquetWriter | None = None

    def write(self, batch: pa.RecordBatch) -> None:
        """Add a batch.

        Parameters
        ----------
        batch : pyarrow.RecordBatch
            Rows of the schema of the first.
        """
        if self.writer is None:
            words = [field.name for field in batch.schema if pa.types.is_dictionary(field.type)]
            self.writer = pq.ParquetWriter(
                self.path, batch.schema, compression="lz4", use_dictionary=words,
                write_statistics=False, store_schema=True,
            )  # fmt: skip
        self.writer.write_batch(batch)

    def close(self) -> None:
        """Finish the file, if it was begun."""
        if self.writer is not None:
            self.writer.close()
