"""Texts that people open in a spreadsheet: none is taken for a formula, and each comes back.

Whatever is written as CSV or Excel is guarded here; what comes in as CSV or Excel is taken
back as it was, so that a cell of a list of rejects can be handed in again.
"""

import pyarrow as pa
import pyarrow.compute as pc

SIGNS = "=+-@＝＋－＠"
"""Signs with which a spreadsheet lets a formula begin."""
RISKY = (*SIGNS, "\t", "\r", "\n")
"""Beginnings of a text that a spreadsheet may take for a formula."""
FORMULA = rf"^[\p{{Z}}\p{{C}}]*[{SIGNS.replace('-', '')}-]|[\x00-\x1f\x7f]"
GUARDED = rf"^\s*'+([{SIGNS.replace('-', '')}-])"


def guarded(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    str
        With an apostrophe before it where it begins like a formula; characters that cannot
        be printed become blanks.

    Examples
    --------
    >>> guarded("=HYPERLINK(1)"), guarded("甲县"), guarded(" +1")
    ("'=HYPERLINK(1)", '甲县', "'+1")
    """
    plain = "".join(one if one.isprintable() else " " for one in text).strip()
    return f"'{plain}" if plain.startswith(RISKY) else plain


def guarded_batch(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return a batch whose texts no spreadsheet takes for a formula.

    Parameters
    ----------
    batch : pyarrow.RecordBatch
        Any columns.

    Returns
    -------
    pyarrow.RecordBatch
        Texts that begin like a formula or hold control characters as `guarded` returns them;
        all else as it was.
    """
    return pa.RecordBatch.from_arrays([_guarded(one) for one in batch.columns], batch.schema.names)


def _guarded(cells: pa.Array) -> pa.Array:
    """One column, guarded where it holds text."""
    if pa.types.is_dictionary(cells.type):
        return pa.DictionaryArray.from_arrays(cells.indices, _guarded(cells.dictionary))
    if not _is_text(cells.type):
        return cells
    risky = pc.fill_null(pc.match_substring_regex(cells, FORMULA), False)
    if not pc.any(risky).as_py():
        return cells
    mended = [guarded(text) for text in cells.filter(risky).to_pylist()]
    return pc.replace_with_mask(cells, risky, pa.array(mended, cells.type))


def unguarded_batch(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return a batch with its texts as they were before they were guarded.

    Parameters
    ----------
    batch : pyarrow.RecordBatch
        Columns as a CSV or Excel file holds them.

    Returns
    -------
    pyarrow.RecordBatch
        Without the apostrophes before what begins like a formula; all else as it was.
    """
    return pa.RecordBatch.from_arrays(
        [_unguarded(one) for one in batch.columns], batch.schema.names
    )


def _unguarded(cells: pa.Array) -> pa.Array:
    """One column as it was before it was guarded."""
    if not _is_text(cells.type) or not pc.any(pc.match_substring(cells, "'")).as_py():
        return cells
    return pc.replace_substring_regex(cells, GUARDED, r"\1")


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))
