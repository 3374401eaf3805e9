"""Equal rows and product grids."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskengine.kernels.grouping import (
    gather_from_grid,
    group_equal_rows,
    polynomial_shares,
    spread_over_grid,
)


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=40),
    st.integers(1, 5),
)
def test_groups_are_those_of_a_dictionary(rows, places):
    keys = np.array(rows)
    member, first = np.empty(len(rows), dtype=np.int64), np.empty(len(rows), dtype=np.int64)
    where = keys.sum(axis=1) % places
    count = group_equal_rows(keys, where, np.full(64, -1), member, first)
    seen: dict[tuple[int, int], int] = {}
    expected = [seen.setdefault(row, len(seen)) for row in rows]
    assert member.tolist() == expected and count == len(seen)
    assert [rows[i] for i in first[:count]] == list(seen)


def test_shares_keep_polynomials():
    nodes, out = np.array([0.0, 0.5, 1.5, 2.0]), np.empty(4)
    polynomial_shares(nodes, 1.2, out)
    for power in range(4):
        assert out @ nodes**power == pytest.approx(1.2**power, rel=1e-13)
    polynomial_shares(nodes, 1.5, out)
    assert out.tolist() == [0.0, 0.0, 1.0, 0.0]


def test_spreading_and_gathering_are_transposed():
    rng = np.random.Generator(np.random.Philox(5))
    points, values = rng.random((6, 2)), rng.random((6, 1))
    nodes, counts = np.array([[0.0, 0.5, 1.0], [0.0, 1.0, 0.0]]), np.array([3, 2])
    base = np.array([0, 0, 6, 6, 0, 6])
    cells, found = np.zeros((12, 1)), np.empty((6, 1))
    spread_over_grid(base, points, nodes, counts, values, cells)
    assert cells.sum() == pytest.approx(values.sum(), rel=1e-13)
    mesh = np.stack(np.meshgrid(nodes[0], nodes[1, :2], indexing="ij"), -1).reshape(-1, 2)
    function = np.tile(mesh[:, 0] ** 2 * (1.0 + mesh[:, 1]), 2)[:, None]
    gather_from_grid(base, points, nodes, counts, function, found)
    exact = points[:, 0] ** 2 * (1.0 + points[:, 1])
    np.testing.assert_allclose(found[:, 0], exact, rtol=1e-12)
    assert float(cells[:, 0] @ function[:, 0]) == pytest.approx(
        float(exact @ values[:, 0]), rel=1e-12
    )
