"""Loss of a book when the common factors are known: its mean and what is left of its spread.

A cell is many debts that differ in size only.  Given factors z and the mixing m of a t
copula, a debt of scale w (debt times severity) defaults with probability
p = N((k m - a'z) / sqrt(1 - a'Ca)) and then loses w max(1 - S, 0), S lognormal:

    ln S = ln F - s^2 / 2 + s X - h T0 t,   X = b'z + sqrt(1 - b'Cb) u,
    t = exp(-k' b'z - k'^2 b'Cb / 2) - 1,

t being how much longer than usual the sale takes.  Cells lie by segment, and in it first
those without collateral, then those with a put left over once z is known, then those
whose sale z decides alone.  Rows of ``cells``:

    0 threshold over sqrt(1 - a'Ca), 1 sum of scales, 2 of their squares, 3 of their cubes,
    4 distance d at z = 0 (sale certain: ln F - s^2 b'Cb / 2), 5 h T0 / s' (h T0),
    6 s' = s sqrt(1 - b'Cb) (s), 7 exp(s'^2), 0 for s' > 6

Columns of ``slow``: k', k'^2 b'Cb / 2, 1 / sqrt(1 - b'Cb), which is s / s'.

Source: Vasicek, Risk 15(12) (2002) 160; Frye, Risk 13(4) (2000) 91; Demarta & McNeil, Int.
Stat. Rev. 73 (2005) 111 (t copula); credit notes 2.3, 4.5.
"""

import math

import numpy as np

from riskengine.kernels.compiling import kernel
from riskengine.kernels.normal_table import summed_normal_cdf, tabled_normal_cdf, wide_normal_cdf


@kernel
def common_parts(starts, columns, loadings, factors, out):
    """Weighted sums of factors, loadings that are 0 passed over.

    Parameters
    ----------
    starts : (g + 1,) int64
        Where the loadings of each segment start, and where the last ends.
    columns : (k,) int64
        Factor of each loading that is not 0.
    loadings : (k,) float64
        The loadings [1].
    factors : (s, f) float64
        Factors of each scenario [1].
    out : (s, g) float64
        Filled with the sums of products [1].

    Examples
    --------
    >>> import numpy as np
    >>> out = np.empty((1, 1))
    >>> two = np.array([0, 2]), np.array([0, 2]), np.array([0.5, 0.25])
    >>> common_parts(*two, np.array([[1.0, 9.0, -2.0]]), out)
    >>> out.tolist()
    [[0.0]]
    """
    for s in range(factors.shape[0]):
        for g in range(starts.size - 1):
            total = 0.0
            for k in range(starts[g], starts[g + 1]):
                total += loadings[k] * factors[s, columns[k]]
            out[s, g] = total


@kernel
def put_mean(table, distance, spread):
    """Mean of max(1 - S, 0) for a lognormal S: N(d) - F N(d - s), F = exp(s^2 / 2 - d s).

    Parameters
    ----------
    table : (m, 4) float64
        Normal probabilities.
    distance : float64
        d = (s^2 / 2 - ln F) / s [1].
    spread : float64
        s [1], > 0.

    Returns
    -------
    float64
        Mean [1], in [0, 1]; absolute error below 1e-12.

    Examples
    --------
    >>> import numpy as np
    >>> from riskengine.kernels.normal_table import fill_normal_table
    >>> table = np.empty((8192, 4))
    >>> fill_normal_table(table)
    >>> round(put_mean(table, 0.15, 0.3), 10)
    0.1192353847
    """
    if distance < -7.5:
        return 0.0
    sale = math.exp(spread * (0.5 * spread - distance))
    partly = sale * wide_normal_cdf(table, distance - spread)
    return max(wide_normal_cdf(table, distance) - partly, 0.0)


@kernel
def put_moments(table, distance, spread, growth):
    """Mean and mean square of max(1 - S, 0).

    The mean as in `put_mean`; N(d) - 2 F N(d - s) + F^2 exp(s^2) N(d - 2 s).

    Parameters
    ----------
    table, distance, spread : array and float64
        As in `put_mean` [1].
    growth : float64
        exp(s^2) [1]; 0 where s > 6.

    Returns
    -------
    tuple of float64
        Mean and mean square [1], in [0, 1]; absolute error below 1e-12.

    Notes
    -----
    Above s = 6 the sale brings all or nothing: the mean square is then the mean, an upper
    bound.

    Examples
    --------
    >>> import numpy as np
    >>> from riskengine.kernels.normal_table import fill_normal_table
    >>> table = np.empty((8192, 4))
    >>> fill_normal_table(table)
    >>> [round(x, 10) for x in put_moments(table, 0.15, 0.3, math.exp(0.09))]
    [0.1192353847, 0.0359425665]
    """
    if distance < -7.5:
        return 0.0, 0.0
    short = wide_normal_cdf(table, distance)
    sale = math.exp(spread * (0.5 * spread - distance))
    partly = sale * wide_normal_cdf(table, distance - spread)
    mean = max(short - partly, 0.0)
    if growth == 0.0:
        return mean, mean
    whole = sale * sale * growth
    square = short - 2.0 * partly + whole * wide_normal_cdf(table, distance - 2.0 * spread)
    return mean, max(square, 0.0)


@kernel
def longer_sale(slow, systematic):
    """How much longer than usual a sale takes: exp(-k y - k^2 b'Cb / 2) - 1.

    Parameters
    ----------
    slow : (3,) float64
        Row of a segment: k [1], k^2 b'Cb / 2 [1], 1 / sqrt(1 - b'Cb) [1].
    systematic : float64
        Systematic part y of the sale price [1].

    Returns
    -------
    float64
        Extra time over the usual time [1], > -1; its mean over the factor is 0.

    Examples
    --------
    >>> import numpy as np
    >>> longer_sale(np.array([0.0, 0.0, 1.0]), -2.0)
    0.0
    """
    return math.expm1(-slow[0] * systematic - slow[1])


@kernel
def _sure_loss(cells, i, systematic, longer):
    """What a defaulted cell loses of each yuan when z alone decides the sale."""
    exponent = cells[4, i] + cells[6, i] * systematic - cells[5, i] * longer
    return -math.expm1(exponent) if exponent < 0.0 else 0.0


@kernel
def _lost_in_sale(table, cells, certain, i, systematic, longer, ratio):
    """Mean and mean square of what a defaulted debt of scale 1 loses, with collateral."""
    if certain:
        lost = _sure_loss(cells, i, systematic, longer)
        return lost, lost * lost
    distance = cells[4, i] - ratio * systematic + cells[5, i] * longer
    return put_moments(table, distance, cells[6, i], cells[7, i])


@kernel
def _segment_mean(table, cells, bounds, slow, y, x, m):
    """Mean loss of one segment."""
    threshold, scale = cells[0], cells[1]
    total = summed_normal_cdf(table, threshold, scale, bounds[0], bounds[1], m, y)
    if bounds[1] == bounds[3]:
        return total
    longer, ratio = longer_sale(slow, x), slow[2]
    for i in range(bounds[1], bounds[2]):
        p = tabled_normal_cdf(table, threshold[i] * m - y)
        distance = cells[4, i] - ratio * x + cells[5, i] * longer
        total += scale[i] * p * put_mean(table, distance, cells[6, i])
    for i in range(bounds[2], bounds[3]):
        p = tabled_normal_cdf(table, threshold[i] * m - y)
        total += scale[i] * p * _sure_loss(cells, i, x, longer)
    return total


@kernel
def conditional_means(table, cells, bounds, slow, y, x, mixing, mean):
    """Mean loss of the book in each scenario.

    Parameters
    ----------
    table : (m, 4) float64
        Normal probabilities.
    cells : (8, n) float64
        Cells, see above; scales in [yuan].
    bounds : (g, 4) int64
        Where the three kinds of cells of each segment start, and where the last ends.
    slow : (g, 3) float64
        See above [1].
    y : (s, g) float64
        Common part of default a'z over sqrt(1 - a'Ca) of each segment [1].
    x : (s, g) float64
        Common part of the sale b'z [1].
    mixing : (s,) float64
        Multiplier of thresholds [1], > 0; 1 in the Gaussian copula.
    mean : (s,) float64
        Filled with the mean loss [yuan].

    Notes
    -----
    Scenarios do not touch each other: any chunk of them gives the same bits.
    """
    for s in range(mixing.size):
        total = 0.0
        for g in range(bounds.shape[0]):
            total += _segment_mean(table, cells, bounds[g], slow[g], y[s, g], x[s, g], mixing[s])
        mean[s] = total


@kernel
def _segment_moments(table, cells, bounds, slow, y, x, m):
    """Mean, variance and a bound of the third absolute moment of one segment."""
    total, square, cube = 0.0, 0.0, 0.0
    for i in range(bounds[0], bounds[1]):
        q = tabled_normal_cdf(table, cells[0, i] * m - y)
        v = q - q * q
        total += cells[1, i] * q
        square += cells[2, i] * v
        cube += cells[3, i] * v
    if bounds[1] == bounds[3]:
        return total, square, cube
    longer, ratio = longer_sale(slow, x), slow[2]
    for i in range(bounds[1], bounds[3]):
        p = tabled_normal_cdf(table, cells[0, i] * m - y)
        lost, twice = _lost_in_sale(table, cells, i >= bounds[2], i, x, longer, ratio)
        q, v = p * lost, max(p * twice - p * p * lost * lost, 0.0)
        total += cells[1, i] * q
        square += cells[2, i] * v
        cube += cells[3, i] * v
    return total, square, cube


@kernel
def conditional_moments(table, cells, bounds, slow, y, x, mixing, out):
    """Mean, variance and a bound of the third absolute moment in each scenario.

    Parameters
    ----------
    table, cells, bounds, slow, y, x, mixing : arrays
        As in `conditional_means`; scales in [yuan].
    out : (s, 3) float64
        Filled with mean [yuan], variance [yuan^2] and the bound [yuan^3].

    Notes
    -----
    A loss of w times a share in [0, 1] has E|L - EL|^3 <= w Var(L): the share is never
    further than 1 from its mean.
    """
    for s in range(mixing.size):
        total, square, cube = 0.0, 0.0, 0.0
        for g in range(bounds.shape[0]):
            found = _segment_moments(table, cells, bounds[g], slow[g], y[s, g], x[s, g], mixing[s])
            total += found[0]
            square += found[1]
            cube += found[2]
        out[s, 0], out[s, 1], out[s, 2] = total, square, cube


@kernel
def segment_moments(table, cells, bounds, slow, y, x, mixing, out):
    """Mean and variance of each segment in each scenario.

    Parameters
    ----------
    table, cells, bounds, slow, y, x, mixing : arrays
        As in `conditional_means`; scales in [yuan].
    out : (s, g, 2) float64
        Filled with means [yuan] and variances [yuan^2].
    """
    for s in range(mixing.size):
        for g in range(bounds.shape[0]):
            found = _segment_moments(table, cells, bounds[g], slow[g], y[s, g], x[s, g], mixing[s])
            out[s, g, 0], out[s, g, 1] = found[0], found[1]


@kernel
def segment_means(table, cells, bounds, slow, y, x, mixing, out):
    """Mean loss of each segment in each scenario.

    Parameters
    ----------
    table, cells, bounds, slow, y, x, mixing : arrays
        As in `conditional_means`; scales in [yuan].
    out : (s, g) float64
        Filled with means [yuan].
    """
    for s in range(mixing.size):
        for g in range(bounds.shape[0]):
            out[s, g] = _segment_mean(table, cells, bounds[g], slow[g], y[s, g], x[s, g], mixing[s])


@kernel
def _cell_moments(table, cells, bounds, slow, y, x, m, squared, q, v):
    """Mean of each cell for a scale of 1, and its variance where wanted."""
    for g in range(bounds.shape[0]):
        for i in range(bounds[g, 0], bounds[g, 1]):
            q[i] = tabled_normal_cdf(table, cells[0, i] * m - y[g])
            v[i] = q[i] - q[i] * q[i]
        if bounds[g, 1] == bounds[g, 3]:
            continue
        longer, ratio = longer_sale(slow[g], x[g]), slow[g, 2]
        for i in range(bounds[g, 1], bounds[g, 3]):
            p, certain = tabled_normal_cdf(table, cells[0, i] * m - y[g]), i >= bounds[g, 2]
            if not squared and not certain:  # means alone: half the work
                distance = cells[4, i] - ratio * x[g] + cells[5, i] * longer
                q[i] = p * put_mean(table, distance, cells[6, i])
                continue
            lost, twice = _lost_in_sale(table, cells, certain, i, x[g], longer, ratio)
            q[i] = p * lost
            v[i] = max(p * twice - p * p * lost * lost, 0.0)


@kernel
def weighted_cells(table, cells, bounds, slow, y, x, mixing, first, second, out):
    """Sums over scenarios of each cell's mean and variance for a scale of 1.

    Parameters
    ----------
    table, cells, bounds, slow, y, x, mixing : arrays
        As in `conditional_means`.
    first, second : (k, s) float64
        Weights of the mean and of the variance in each scenario, any unit.
    out : (k, 2, n) float64
        Weighted means and variances are added here, in the unit of the weights.
    """
    size = cells.shape[1]
    q, v = np.empty(size), np.zeros(size)
    for s in range(mixing.size):
        squared = np.any(second[:, s] != 0.0)
        if not squared and not np.any(first[:, s] != 0.0):
            continue
        _cell_moments(table, cells, bounds, slow, y[s], x[s], mixing[s], squared, q, v)
        for j in range(out.shape[0]):
            mean, variance = out[j, 0], out[j, 1]
            a, b = first[j, s], second[j, s]
            if a != 0.0:
                for i in range(size):
                    mean[i] += a * q[i]
            if b != 0.0:
                for i in range(size):
                    variance[i] += b * v[i]
