"""Rows laid out as columns, against the same laid out cell by cell."""

import random
from math import nan

import numpy as np
import pytest

from riskengine.casefile.plain import NOBODY, Row, columns_of
from riskengine.casefile.readers import codes_of, names_of, reader_of


def cell_by_cell(table: str, rows: list[Row]) -> dict[str, list[float]]:
    held = set(reader_of(table).required).union(*(row.numbers for row in rows))
    names = [name for name in names_of(table) if reader_of(table).full or name in held]
    nothing = {name: -1.0 if name in codes_of(table) else nan for name in names}
    return {name: [row.numbers.get(name, nothing[name]) for row in rows] for name in names}


@pytest.mark.parametrize("table", ["land", "forest", "equity", "pledges", "loans", "policies"])
@pytest.mark.parametrize("size", [0, 1, 9])
def test_rows_are_laid_out_as_cell_by_cell(table: str, size: int) -> None:
    rng = random.Random(size)
    names = names_of(table)
    rows = [NOBODY] * (size > 1)
    while len(rows) < size:
        stated = rng.sample(names, rng.randrange(1, min(12, len(names))))
        rows.append(Row({}, {name: float(rng.randrange(3)) for name in stated}, ""))
    found, wanted = columns_of(table, rows), cell_by_cell(table, rows)
    assert list(found) == list(wanted)
    for name, column in found.items():
        np.testing.assert_array_equal(column, wanted[name])
        assert column.dtype == (np.int64 if name in codes_of(table) else np.float64)
