"""The exports by name, and what each is made from."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from riskengine import __version__
from riskengine.errors import PortfolioError
from riskengine.exchange.collateral import collateral_sheet
from riskengine.exchange.guarantee_rows import guarantee_rows
from riskengine.exchange.guarantee_sheets import (
    balance_sheet,
    compensation_sheet,
    summary_sheet,
)
from riskengine.exchange.mapping import CodeMapping
from riskengine.exchange.pledge_rows import newest_of, pledge_rows, record_rows, rights_of
from riskengine.exchange.sheet import Made, Sheet
from riskengine.market.snapshot import Snapshot
from riskengine.pledging.assess import LawOf
from riskengine.words import Text


@dataclass(frozen=True, slots=True)
class Asked:
    """What an export is asked with.

    Parameters
    ----------
    valued_on : datetime.date
        Day of valuation.
    market : Snapshot
        Market figures.
    law : callable
        The law of a place, from its region code.
    learned : mapping of str to object
        Released price models by table.
    mapping : CodeMapping or None
        The institution's mapping.
    shown_because : str
        Reason for showing personal identifiers; empty masks them.
    """

    valued_on: date
    market: Snapshot
    law: LawOf
    learned: Mapping[str, Any]
    mapping: CodeMapping | None = None
    shown_because: str = ""


KINDS: Mapping[str, Callable[..., Sheet]] = {
    "collateral": collateral_sheet, "compensation": compensation_sheet,
    "bank_summary": summary_sheet, "balances": balance_sheet,
}  # fmt: skip
"""Exports by name."""
OF_RECORDS = ("collateral",)
"""Exports that records of scores are enough for."""


def export_portfolio(kind: str, source: Path, asked: Asked) -> Sheet:
    """Return an export of a portfolio folder.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    source : pathlib.Path
        The portfolio.
    asked : Asked
        Day, market, law, mapping.

    Returns
    -------
    Sheet
        To be written by `riskengine.exchange.writing`.

    Raises
    ------
    PortfolioError
        If there is no such export, or the portfolio cannot be read as a whole.
    """
    make = kind_of(kind)
    if kind == "collateral":
        rows = pledge_rows(
            source, asked.valued_on, market=asked.market, law=asked.law, learned=asked.learned
        )
    else:
        rows = guarantee_rows(source, asked.valued_on, asked.law("").at(asked.valued_on))
    made = Made(
        __version__, asked.law("").digest, asked.market.digest,
        asked.mapping.digest if asked.mapping else "", asked.valued_on.isoformat(),
    )  # fmt: skip
    return make(rows, made, asked.mapping, shown_because=asked.shown_because)


def export_records(
    kind: str,
    records: Iterable[Mapping[str, Any]],
    mapping: CodeMapping | None = None,
    shown_because: str = "",
) -> Sheet:
    """Return an export of records of scores.

    Parameters
    ----------
    kind : str
        One of `OF_RECORDS`.
    records : iterable of mapping
        As the engine records its answers, in the order in which they were made; of one
        application the newest counts.
    mapping : CodeMapping or None
        The institution's mapping.
    shown_because : str
        Reason for showing personal identifiers; empty masks them.

    Returns
    -------
    Sheet
        Versions, digests and day of valuation are those that the records state, several
        where they differ.

    Raises
    ------
    PortfolioError
        If the export needs a portfolio, or there is none of that name.
    """
    make = kind_of(kind)
    if kind not in OF_RECORDS:
        raise PortfolioError(
            Text(f"导出“{kind}”要用组合数据，评分记录不够",
                 f"the export {kind!r} is made from a portfolio; records of scores do not do"),
            Text("请提供组合文件夹或组合作业", "name a portfolio folder or the job of a book"),
        )  # fmt: skip
    held = newest_of(records)
    made = Made(
        _stated(held, "engine_version"), _stated(held, "rules_digest"),
        _stated(held, "market_digest"), mapping.digest if mapping else "",
        _stated(held, "valued_on"),
    )  # fmt: skip
    return make(record_rows(held), made, mapping, shown_because=shown_because)


def kind_of(kind: str) -> Callable[..., Sheet]:
    """Return what makes an export.

    Parameters
    ----------
    kind : str
        Its name.

    Returns
    -------
    callable
        From rows to a sheet.

    Raises
    ------
    PortfolioError
        If there is none of that name.
    """
    found = KINDS.get(kind)
    if found is None:
        listed = ", ".join(KINDS)
        raise PortfolioError(
            Text(f"没有导出“{kind}”", f"there is no export {kind!r}"),
            Text(f"可用：{listed}", f"there are: {listed}"),
        )
    return found


def _stated(records: list[Mapping[str, Any]], name: str) -> str:
    """What the records state under a name, each once."""
    found = {
        str(record.get(name) or record.get("versions", {}).get(name) or "") for record in records
    }
    return " ".join(sorted(found - {""}))


def read_records(path: Path) -> list[dict[str, Any]]:
    """Read records of scores from a file.

    Parameters
    ----------
    path : pathlib.Path
        JSON of one record or a list of them, or one record a line (``.jsonl``).

    Returns
    -------
    list of dict
        The records.

    Raises
    ------
    PortfolioError
        If the file is not that.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
        lines = [line for line in text.splitlines() if line.strip()]
        read = [json.loads(line) for line in lines] if path.suffix == ".jsonl" else json.loads(text)
    except (OSError, ValueError, RecursionError) as fault:
        raise _no_records(path) from fault
    held = read if isinstance(read, list) else [read]
    rights = [rights_of(one) if isinstance(one, dict) else None for one in held]
    if not all(isinstance(listed, list) for listed in rights):
        raise _no_records(path)
    for one in (right for listed in rights for right in listed or ()):
        if not (isinstance(one, dict) and one.get("right_id") and one.get("table")):
            raise _no_records(path)
    return held


def _no_records(path: Path) -> PortfolioError:
    return PortfolioError(
        Text(f"{path.name} 中没有评分记录", f"{path.name} holds no records of scores"),
        Text("请用 case 或 score 命令的 --json 输出",
             "use what the commands case or score print with --json"),
    )  # fmt: skip
