"""Sums over a book that the report needs, kept per chunk and added up in order.

A tally is plain numbers and lists, so that it can be written as JSON beside each
finished chunk; adding tallies in chunk order gives the same sums whatever the
number of workers.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskengine.faults import Fault, found_in
from riskengine.valuation import STATUSES, Flag, Valuation, statuses

TERM_EDGES = (0.0, 1.0, 3.0, 5.0, 10.0, 20.0, 30.0, 50.0, np.inf)
"""Edges of the classes of remaining term [year]; each class holds its low edge."""

WIDTH_EDGES = (0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, np.inf)
"""Edges of the classes of interval width (P95 - P5) / value [1]."""

MOVERS = 20
"""Rights with the largest changes that are kept."""

Tally = dict[str, Any]


def tally_of(valuation: Valuation) -> Tally:
    """Return the sums of one batch.

    Parameters
    ----------
    valuation : Valuation
        The values.

    Returns
    -------
    dict
        Counts, yuan by class, and the biggest movers.
    """
    table = valuation.approach.contract.table
    value = np.nan_to_num(valuation.reconciled[0])
    lent = np.nan_to_num(valuation.lent[5])
    regions = [region[:6] for region in valuation.batch.regions]
    cases = [f"{name}" for name in valuation.approach.cases]
    status = statuses(valuation.flags)
    spread = valuation.reconciled[4] - valuation.reconciled[2]
    width = np.divide(spread, value, out=np.full(value.size, np.nan), where=value > 0.0)
    return {
        "tables": {table: [valuation.batch.size, _sum(value), _sum(lent)]},
        "cases": _by(valuation.case, cases, value, lent),
        "counties": _by(valuation.batch.region_index, regions, value, lent),
        "terms": {table: _classes(valuation.term, TERM_EDGES, value)},
        "widths": {table: _classes(width, WIDTH_EDGES, np.ones_like(value))},
        "statuses": {STATUSES[k]: int(n) for k, n in enumerate(np.bincount(status, minlength=3))},
        "flags": {
            str(flag.name).lower(): int(np.count_nonzero(valuation.flags & int(flag)))
            for flag in Flag
        },
        "movers": _movers(valuation, value),
        "previous": [_sum(np.nan_to_num(valuation.batch.columns["previous_value_yuan"]))],
    }


def _sum(values: NDArray[np.float64]) -> float:
    """Sum whose bits depend on the values alone."""
    return float(np.sum(values))


def _by(
    index: NDArray[np.int64],
    names: list[str],
    value: NDArray[np.float64],
    lent: NDArray[np.float64],
) -> dict[str, list[float]]:
    """Rows, value and lending value by name."""
    size = len(names)
    counts = np.bincount(index, minlength=size)
    values = np.bincount(index, value, size)
    lents = np.bincount(index, lent, size)
    found: dict[str, list[float]] = {}
    for k, name in enumerate(names):
        if counts[k]:
            row = found.setdefault(name, [0, 0.0, 0.0])
            row[0] += int(counts[k])
            row[1] += float(values[k])
            row[2] += float(lents[k])
    return found


def _classes(
    values: NDArray[np.float64], edges: tuple[float, ...], weights: NDArray[np.float64]
) -> list[float]:
    """Sum of weights in each class; rows without a figure are left out."""
    known = ~np.isnan(values)
    place = np.searchsorted(np.array(edges[1:-1]), values[known], side="right")
    return [float(x) for x in np.bincount(place, weights[known], len(edges) - 1)]


def _movers(valuation: Valuation, value: NDArray[np.float64]) -> list[list[Any]]:
    """The biggest changes since the last revaluation: table, id, before, now."""
    before = valuation.batch.columns["previous_value_yuan"]
    known = np.flatnonzero(~np.isnan(before) & ~np.isnan(valuation.reconciled[0]))
    change = np.abs(value[known] - before[known])
    if change.size > MOVERS:
        least = np.partition(change, change.size - MOVERS)[change.size - MOVERS]
        known, change = known[change >= least], change[change >= least]
    largest = known[np.argsort(-change, kind="stable")[:MOVERS]]
    table = valuation.approach.contract.table
    ids = valuation.batch.ids
    return [[table, ids[int(k)].as_py(), float(before[k]), float(value[k])] for k in largest]


def fault_tally(faults: Iterable[Fault], rejected: int) -> Tally:
    """Return the sums of the rows that were stopped at the door.

    Parameters
    ----------
    faults : iterable of Fault
        Every fault.
    rejected : int
        Rows with at least one.

    Returns
    -------
    dict
        Rejected rows, faults by kind and by column.
    """
    found = list(found_in(faults))
    return {
        "rejected": rejected,
        "faults": dict(sorted(Counter(kind.name.lower() for kind, _ in found).items())),
        "fault_columns": dict(sorted(Counter(column for _, column in found).items())),
    }


def add(total: Tally, more: Mapping[str, Any]) -> Tally:
    """Add one tally to another, in place.

    Parameters
    ----------
    total : dict
        Sum so far, changed.
    more : mapping
        What is added.

    Returns
    -------
    dict
        ``total``.
    """
    for key, entry in more.items():
        if key == "movers":
            merged = [*total.get(key, []), *entry]
            merged.sort(key=lambda mover: (-abs(mover[3] - mover[2]), mover[0], mover[1]))
            total[key] = merged[:MOVERS]
        elif isinstance(entry, Mapping):
            add(total.setdefault(key, {}), entry)
        elif isinstance(entry, list):
            before = total.get(key, [0] * len(entry))
            total[key] = [a + b for a, b in zip(before, entry, strict=True)]
        else:
            total[key] = total.get(key, 0) + entry
    return total
