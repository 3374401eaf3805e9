"""Counting the ratios of a book alone: what `python -m riskengine ratios` does."""

import shutil
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from riskengine import __version__
from riskengine.book.page import ratios_page
from riskengine.book.place import leave, prepare
from riskengine.book.ratio_record import ratio_record
from riskengine.book.read import GuaranteeBook, read_guarantee_book
from riskengine.book.tables import book_tables
from riskengine.files import as_json, sha256_of, write_whole
from riskengine.folder import find_tables
from riskengine.guarantee.switches import Switches
from riskengine.pledging.assess import LawOf


def count_ratios(
    source: Path, out: Path, valued_on: date, law: LawOf, switches: Switches | None = None
) -> dict[str, Any]:
    """Count what the supervisor counts, without a loss model.

    Parameters
    ----------
    source : pathlib.Path
        Portfolio folder with loans, guarantees and statements.
    out : pathlib.Path
        Folder for ``report.html`` and ``manifest.json``.
    valued_on : datetime.date
        Day whose rules count.
    law : callable
        The law of a place, from its region code.
    switches : Switches or None
        Readings chosen; None takes the rules' own.

    Returns
    -------
    dict
        The manifest.

    Raises
    ------
    PortfolioError
        If a file cannot be read as a whole, or the folder holds other results.
    """
    work = prepare(out, "ratios")
    try:
        files = find_tables(source, book_tables())
        with TemporaryDirectory() as spool:
            book = read_guarantee_book(files, Path(spool), valued_on)
        rules = law("").at(valued_on)
        manifest = {
            "kind": "ratios", "engine_version": __version__, "valued_on": valued_on.isoformat(),
            "rules_digest": law("").digest,
            "inputs": {
                file.contract.table: {"file": file.path.name, "sha256": sha256_of(file.path)}
                for file in files
            },
            "rows": _rows(book), **ratio_record(book, rules, switches or Switches(), None),
        }  # fmt: skip
        (work / "report.html").write_text(ratios_page(manifest), encoding="utf-8")
        write_whole(work / "manifest.json", as_json(manifest))
        leave(work, out, ("report.html",))
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return manifest


def _rows(book: GuaranteeBook) -> dict[str, dict[str, int]]:
    return {
        name: {"rows_in": rows, "rows_kept": rows - book.rows_rejected[name],
               "rows_rejected": book.rows_rejected[name]}
        for name, rows in book.rows_in.items()
    }  # fmt: skip
