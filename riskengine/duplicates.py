"""Identifiers that stand in more than one row, found in flat memory.

Hashes of all identifiers are spread over buckets on disk by their top bits;
each bucket is small, so sorting it finds equal hashes; the identifiers behind
equal hashes are then compared themselves, because hashes may collide.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from riskengine.folder import OpenTable, read_rows, row_groups
from riskengine.kernels.check import hash_strings

BUCKET_ROWS = 1 << 17
BATCH_ROWS = 1 << 16


def duplicate_rows(table: OpenTable, folder: Path) -> NDArray[np.int64]:
    """Find every row whose identifier occurs more than once in a table.

    Parameters
    ----------
    table : OpenTable
        The table.
    folder : pathlib.Path
        Folder for the buckets, removed again afterwards.

    Returns
    -------
    (k,) int64
        Row numbers from 0, rising.
    """
    buckets = 1 << max(0, (table.rows // BUCKET_ROWS).bit_length())
    paths = [folder / f"{table.contract.table}-{bucket}.ids" for bucket in range(buckets)]
    for path in paths:
        path.unlink(missing_ok=True)
    for first, ids in _identifiers(table):
        _spread(ids, first, paths)
    suspects = np.concatenate([_equal_hashes(path) for path in paths])
    for path in paths:
        path.unlink(missing_ok=True)
    suspects.sort()
    return _confirmed(table, suspects) if suspects.size else suspects


def _identifiers(table: OpenTable) -> Iterator[tuple[int, pa.Array]]:
    """Identifiers of a table in batches, with the row number of the first."""
    names = {k: v for k, v in table.names.items() if v == table.contract.identifier.name}
    only = OpenTable(table.contract, table.path, names, (), (), table.rows)
    first = 0
    for batch in read_rows(only, range(len(row_groups(table))), BATCH_ROWS):
        ids = batch.column(0)
        if not pa.types.is_string(ids.type):
            ids = ids.cast(pa.string())
        yield first, ids
        first += len(ids)


def _spread(ids: pa.Array, first: int, paths: list[Path]) -> None:
    """Append the hash and row number of every identifier to its bucket."""
    _, offsets, data = ids.buffers()
    starts = np.frombuffer(offsets, np.int32)[ids.offset : ids.offset + len(ids) + 1]
    text = np.frombuffer(data, np.uint8) if data is not None else np.zeros(0, np.uint8)
    hashes = np.empty(len(ids), np.uint64)
    hash_strings(starts.astype(np.int64), text, hashes)
    rows = np.arange(first, first + len(ids), dtype=np.uint64)
    present = np.ones(len(ids), bool) if not ids.null_count else np.asarray(ids.is_valid())
    shift = np.uint64(64 - (len(paths).bit_length() - 1))
    bucket = hashes >> shift if len(paths) > 1 else np.zeros(len(ids), np.uint64)
    pairs = np.stack([hashes, rows], axis=1)[present]
    order = np.argsort(bucket[present], kind="stable")
    cuts = np.searchsorted(bucket[present][order], np.arange(1, len(paths), dtype=np.uint64))
    for path, part in zip(paths, np.split(pairs[order], cuts), strict=True):
        if part.size:
            with path.open("ab") as stream:
                stream.write(part.tobytes())


def _equal_hashes(path: Path) -> NDArray[np.int64]:
    """Row numbers of one bucket whose hash occurs more than once."""
    if not path.exists():
        return np.zeros(0, np.int64)
    pairs = np.fromfile(path, np.uint64).reshape(-1, 2)
    hashes = np.sort(pairs[:, 0])
    if not (hashes[1:] == hashes[:-1]).any():
        return np.zeros(0, np.int64)
    ordered = pairs[np.argsort(pairs[:, 0], kind="stable")]
    same = ordered[1:, 0] == ordered[:-1, 0]
    twice = np.zeros(len(ordered), bool)
    twice[1:] |= same
    twice[:-1] |= same
    rows: NDArray[np.int64] = ordered[twice, 1].astype(np.int64)
    return rows


def _confirmed(table: OpenTable, suspects: NDArray[np.int64]) -> NDArray[np.int64]:
    """Keep the suspects whose identifiers themselves are equal."""
    found: list[tuple[int, str]] = []
    for first, ids in _identifiers(table):
        low, high = np.searchsorted(suspects, [first, first + len(ids)])
        inside = suspects[low:high]
        texts = ids.take(pa.array(inside - first)).to_pylist()
        found += zip(inside.tolist(), texts, strict=True)
    counts = Counter(text for _, text in found)
    return np.array([row for row, text in found if counts[text] > 1], dtype=np.int64)
