"""Defaults and losses of single contracts, drawn from their exact law given the factors.

In a cell of contracts of like PD, whose largest PD in this scenario is P, candidates for
default are P-coins: the gap to the next one is geometric, floor(ln U / ln(1 - P)), so
that contracts between candidates cost nothing.  A candidate defaults with probability
PD / P (thinning); together every contract defaults with just its PD, independently.

Draws are named, not sequenced: candidate k of cell c in scenario s has the Philox counter
(k, c, s, purpose), so no chunk, thread or order can change it.

Source: Devroye, Non-Uniform Random Variate Generation (1986), ch. X.2 (geometric gaps)
and VI.2 (thinning).
"""

import math

import numpy as np

from riskengine.kernels.compiling import kernel
from riskengine.kernels.philox import philox, unit_normal, unit_uniform
from riskengine.kernels.wrong_way import conditional_default_chance


@kernel
def segment_states(factors, default_loadings, sale_loadings, slowdown, sale_share, out):
    """What each scenario does to each segment: its default, its sales, their delay.

    y = a'z, x = b'z and T(z) / T0 - 1 = exp(-k x - k^2 b'Cb / 2) - 1.

    Parameters
    ----------
    factors : (s, f) float64
        Factors z [1]; low is bad.
    default_loadings, sale_loadings : (g, f) float64
        Loadings a and b [1].
    slowdown, sale_share : (g,) float64
        k and b'Cb [1].
    out : (s, g, 3) float64
        Filled with y, x [1] and the excess of the time to sell over its mean [1].

    Notes
    -----
    Summed factor by factor in order: a matrix product would give bits that depend on how
    many scenarios are handed over at once.
    """
    for i in range(factors.shape[0]):
        for j in range(slowdown.size):
            standing, sale = 0.0, 0.0
            for k in range(factors.shape[1]):
                standing += default_loadings[j, k] * factors[i, k]
                sale += sale_loadings[j, k] * factors[i, k]
            pace = slowdown[j]
            out[i, j, 0] = standing
            out[i, j, 1] = sale
            out[i, j, 2] = math.expm1(-pace * (sale + 0.5 * pace * sale_share[j]))


@kernel
def sale_over_debt(log_level, spread, delay_cost, sale, excess, own, normal):
    """What one sale brings of one yuan of debt.

    exp(ln F - s^2 / 2 + s (x + sqrt(1 - b'Cb) u) - h (T(z) - T0)).

    Parameters
    ----------
    log_level : float64
        ln F - s^2 / 2 [1]; minus infinity without collateral.
    spread : float64
        s [1], >= 0.
    delay_cost : float64
        h T0 [1], >= 0.
    sale : float64
        Systematic part x of the sale price [1].
    excess : float64
        T(z) / T0 - 1 [1], >= -1.
    own : float64
        sqrt(1 - b'Cb) [1], in [0, 1].
    normal : float64
        Standard normal draw u [1].

    Returns
    -------
    float64
        Net proceeds over debt [1], >= 0.

    Examples
    --------
    >>> round(sale_over_debt(math.log(1.2), 0.3, 0.1, -1.0, 0.5, 0.8, 0.25), 6)
    0.897916
    """
    return math.exp(log_level + spread * (sale + own * normal) - delay_cost * excess)


@kernel
def default_month(word, chances, others):
    """Month in which a defaulting contract defaults, from an alias table.

    Of m columns, each as likely, column j is month j with chance ``chances[j]``, else
    month ``others[j]``.

    Parameters
    ----------
    word : uint64
        Random word of 32 bits [1].
    chances : (m,) float64
        Chance of a column's own month [1], in [0, 1].
    others : (m,) float64
        The other month of a column, a whole number [1].

    Returns
    -------
    int64
        Month, from 0.

    Notes
    -----
    Source: Walker, ACM Trans. Math. Softw. 3 (1977) 253.

    Examples
    --------
    >>> default_month(np.uint64(2**31), np.array([0.5, 1.0]), np.array([1.0, 1.0]))
    1
    """
    place = float(word) * 2.0**-32 * chances.size
    column = int(place)
    return column if place - column < chances[column] else int(others[column])


@kernel
def _cell_losses(key, where, contracts, state, own, chances, profiles, out):
    """Add the losses of one cell in one scenario; chances: P, least PD, mixing, a'Ca."""
    bound, least, mixing, share = chances
    cell, scenario, stream = np.uint64(where[0]), np.uint64(where[1]), np.uint64(where[2])
    gap = -1.0 / math.log1p(-bound) if bound < 1.0 else 0.0
    i, last, count = where[3], where[4], np.uint64(0)
    while True:
        w0, w1, w2, w3 = philox(count, cell, scenario, stream, key[0], key[1])
        step = -math.log(unit_uniform(w0, w1)) * gap
        if step >= last - i:
            return
        i += int(step)
        thin = (float((w2 << np.uint64(11)) | (w1 & np.uint64(0x7FF))) + 0.5) * 2.0**-43 * bound
        if thin < least or thin < conditional_default_chance(
            contracts[i, 0] * mixing, state[0], share
        ):
            loss = contracts[i, 1]
            if contracts[i, 2] > -math.inf:
                v0, v1, v2, v3 = philox(
                    count, cell, scenario, stream + np.uint64(1), key[0], key[1]
                )
                sold = sale_over_debt(
                    contracts[i, 2], contracts[i, 3], contracts[i, 4], state[1], state[2],
                    own, unit_normal(v0, v1, v2, v3),
                )  # fmt: skip
                loss *= max(1.0 - sold, 0.0)
            fen = np.rint(loss)
            group, profile = int(contracts[i, 6]), int(contracts[i, 7])
            month = default_month(w3, profiles[0, profile], profiles[1, profile])
            out[group, month, 0] += int(fen)
            out[group, month, 1] += int(np.rint(fen * contracts[i, 5]))
        i += 1
        count += np.uint64(1)


@kernel
def simulate_cells(key, naming, cells, contracts, states, shares, mixing, profiles, out):
    """Losses and claims of a sorted book in some scenarios, summed by group and month.

    Parameters
    ----------
    key : (2,) uint64
        Words of 32 bits of the seed [1].
    naming : (2,) int64
        Number of the first scenario [1], and of the stream [1], both in [0, 2^31).
    cells : (c, 3) int64
        First row, row after the last, and segment of every cell [1].
    contracts : (n, 8) float64
        Threshold of default [1], falling within a cell; loss without collateral [fen]; ln F -
        s^2 / 2 [1], minus infinity without collateral; s [1]; h T0 [1]; guaranteed share [1];
        group; row of the profile.
    states : (s, g, 3) float64
        See `segment_states` [1].
    shares : (g, 2) float64
        a'Ca and sqrt(1 - b'Cb) [1].
    mixing : (s,) float64
        sqrt(W / nu) of the t copula [1], > 0; ones for the Gaussian.
    profiles : (2, p, m) float64
        Chances [1] and other months of `default_month`.
    out : (s, groups, m, 2) int64
        Losses and claims [fen] are added to it.

    Notes
    -----
    A cell's rows are copied into the cache of the core, then all scenarios pass over them;
    each draw has its own name, so the order of the loops means nothing.
    """
    rows = np.empty((np.max(cells[:, 1] - cells[:, 0]), contracts.shape[1]))
    for c in range(cells.shape[0]):
        first, last, segment = cells[c]
        for i in range(first, last):
            for j in range(contracts.shape[1]):
                rows[i - first, j] = contracts[i, j]
        share, own = shares[segment]
        for s in range(mixing.size):
            standing = states[s, segment, 0]
            bound = conditional_default_chance(rows[0, 0] * mixing[s], standing, share)
            if bound > 0.0:
                least = conditional_default_chance(
                    rows[last - first - 1, 0] * mixing[s], standing, share
                )
                where = (c, naming[0] + s, 2 * naming[1], 0, last - first)
                chances = (bound, least, mixing[s], share)
                _cell_losses(
                    key, where, rows, states[s, segment], own, chances, profiles,
                    out[s],
                )  # fmt: skip
