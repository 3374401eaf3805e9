"""Equal rows found by hashing, and rows spread over the nodes of a grid."""

import numpy as np

from riskengine.kernels.compiling import kernel


@kernel
def group_equal_rows(keys, places, slots, member, first):
    """Number the groups of equal rows in the order in which they first appear.

    Parameters
    ----------
    keys : (n, k) int64
        Rows, compared bit by bit, any unit.
    places : (n,) int64
        Where to look first for each row, in [0, m): equal rows at equal places.
    slots : (m,) int64
        All -1; m a power of two, > n.
    member : (n,) int64
        Filled with the group of every row.
    first : (n,) int64
        Filled with the first row of every group.

    Returns
    -------
    int64
        Number of groups.

    Examples
    --------
    >>> import numpy as np
    >>> keys, member, first = np.array([[5], [7], [5]]), np.empty(3, int), np.empty(3, int)
    >>> group_equal_rows(keys, np.zeros(3, int), np.full(4, -1), member, first)
    2
    >>> member.tolist()
    [0, 1, 0]
    """
    count = 0
    for i in range(keys.shape[0]):
        place = places[i]
        while True:
            group = slots[place]
            if group < 0:
                slots[place] = count
                first[count] = i
                member[i] = count
                count += 1
                break
            same = True
            for j in range(keys.shape[1]):
                if keys[first[group], j] != keys[i, j]:
                    same = False
                    break
            if same:
                member[i] = group
                break
            place = (place + 1) & (slots.size - 1)
    return count


@kernel
def polynomial_shares(nodes, x, out):
    """Shares of a point among nodes that keep the mean of every polynomial.

    Parameters
    ----------
    nodes : (k,) float64
        Distinct nodes, any unit.
    x : float64
        The point, in the unit of the nodes.
    out : (k,) float64
        Filled with the Lagrange polynomials at x [1]; they add up to 1, some may be
        negative.

    Examples
    --------
    >>> import numpy as np
    >>> out = np.empty(3)
    >>> polynomial_shares(np.array([0.0, 1.0, 2.0]), 1.5, out)
    >>> out.tolist()
    [-0.125, 0.75, 0.375]
    """
    for j in range(nodes.size):
        share = 1.0
        for k in range(nodes.size):
            if k != j:
                share *= (x - nodes[k]) / (nodes[j] - nodes[k])
        out[j] = share


@kernel
def spread_over_grid(base, points, nodes, counts, values, cells):
    """Spread values of rows over the nodes of a product grid: sum of values x shares.

    Parameters
    ----------
    base : (n,) int64
        First node of each row's grid.
    points : (n, d) float64
        Coordinates of each row, any unit.
    nodes : (d, k) float64
        Nodes of each coordinate in its unit, the first ``counts`` of each row used.
    counts : (d,) int64
        Number of nodes of each coordinate.
    values : (n, v) float64
        What is spread, any unit.
    cells : (m, v) float64
        Sums are added here, in the unit of the values.
    """
    shares = np.empty((nodes.shape[0], nodes.shape[1]))
    total = 1
    for j in range(counts.size):
        total *= counts[j]
    product = np.empty(total)
    for i in range(base.size):
        _product_shares(points[i], nodes, counts, shares, product)
        for j in range(total):
            for v in range(values.shape[1]):
                cells[base[i] + j, v] += values[i, v] * product[j]


@kernel
def gather_from_grid(base, points, nodes, counts, cells, values):
    """Read rows off a product grid: the interpolation that `spread_over_grid` transposes.

    Parameters
    ----------
    base, points, nodes, counts : arrays
        As in `spread_over_grid`, any unit.
    cells : (m, v) float64
        Values at the nodes.
    values : (n, v) float64
        Filled with values at the rows.
    """
    shares = np.empty((nodes.shape[0], nodes.shape[1]))
    total = 1
    for j in range(counts.size):
        total *= counts[j]
    product = np.empty(total)
    for i in range(base.size):
        _product_shares(points[i], nodes, counts, shares, product)
        for v in range(values.shape[1]):
            found = 0.0
            for j in range(total):
                found += cells[base[i] + j, v] * product[j]
            values[i, v] = found


@kernel
def _product_shares(point, nodes, counts, shares, product):
    """Shares on a product grid: products of shares along each coordinate."""
    product[0] = 1.0
    filled = 1
    for j in range(counts.size):
        polynomial_shares(nodes[j, : counts[j]], point[j], shares[j])
        for old in range(filled - 1, -1, -1):
            for new in range(counts[j] - 1, -1, -1):
                product[old * counts[j] + new] = product[old] * shares[j, new]
        filled *= counts[j]
