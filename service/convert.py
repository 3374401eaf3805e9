"""Between the service's schemas and the engine's columns."""

import math
from typing import Any

import pyarrow as pa

from riskengine.table import Checked
from riskengine.valuation import FLAG_WORDS, Flag, Valuation, results
from service.schemas import FaultAnswer

FAULT_FIELDS = tuple(FaultAnswer.model_fields)


def result_rows(valuation: Valuation | None) -> list[dict[str, Any]]:
    """Return results as JSON rows: the batch's columns, NaN as null, flags in words."""
    if valuation is None:
        return []
    rows: list[dict[str, Any]] = pa.Table.from_batches([results(valuation)]).to_pylist()
    return [
        {name: _plain(cell) for name, cell in row.items()} | {"notes": _notes(row["flags"])}
        for row in rows
    ]


def _plain(cell: Any) -> Any:
    return None if isinstance(cell, float) and not math.isfinite(cell) else cell


def _notes(flags: int) -> list[dict[str, str]]:
    return [
        {"flag": str(flag.name).lower(), "zh": FLAG_WORDS[flag].zh, "en": FLAG_WORDS[flag].en}
        for flag in Flag
        if flags & flag
    ]


def fault_answers(checked: Checked) -> list[FaultAnswer]:
    """Return faults as answers."""
    return [
        FaultAnswer(**{name: fault.record()[name] for name in FAULT_FIELDS})  # type: ignore[arg-type]
        for fault in checked.faults
    ]
