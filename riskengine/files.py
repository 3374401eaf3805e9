"""Files of a run: written whole or not at all, begun with their first batch."""

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from riskengine.faults import Fault

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


def reject_batch(faults: tuple[Fault, ...]) -> pa.RecordBatch:
    """Return faults as rows of the rejected table.

    Parameters
    ----------
    faults : tuple of Fault
        The faults.

    Returns
    -------
    pyarrow.RecordBatch
        One row a fault.
    """
    return pa.RecordBatch.from_pylist([fault.record() for fault in faults], REJECTED)


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
