"""Every contract's default and loss in every scenario: for terms that no cell can carry.

Contract i defaults in scenario z with

    PD_i(z) = N((c_i - a'z) / sqrt(1 - a'Ca)),   t copula: c_i sqrt(W / nu) for c_i,

and its collateral is then sold once: a draw from the lognormal of
`riskengine.portfolio.exposures`, in bad times slower.  Its loss and the guaranteed part of
it are whole fen, rounded half-even, summed by group and month of default.

The law is exact, up to the 2^-53 of a uniform number: gaps to the next candidate are
geometric, candidates are thinned.  Draws come from the counter-based Philox generator, named
by seed, stream, scenario and cell; cells are cut from contracts sorted by all they hold.  So
the same seed gives the same bits on any number of threads, for any chunk, and in any order
of the rows.  Another book, were it one contract longer, has other cells and so other draws.

Source: credit notes 4.5 and 8; Frye, Risk 13(4) (2000) 91.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray

from riskengine.kernels.contract_simulation import segment_states, simulate_cells
from riskengine.portfolio.contracts import PreparedContracts
from riskengine.portfolio.exposures import Column, Index, refused

Fen = NDArray[np.int64]

ROOM_BYTES = 2**23
"""Most room that the sums of one chunk of scenarios take."""


class Draws(Protocol):
    """Scenarios of common factors, such as those of `riskengine.portfolio.scenarios`."""

    @property
    def factors(self) -> Column:
        """Factors [1], (s, f): low is bad."""

    @property
    def mixing(self) -> Column:
        """Mixing sqrt(W / nu) of the t copula [1], (s,); ones for the Gaussian."""

    @property
    def weights(self) -> Column:
        """Likelihood ratios [1], (s,), of mean 1."""


@dataclass(frozen=True, slots=True)
class ContractLosses:
    """Losses by group, month of default and scenario.

    Parameters
    ----------
    losses_fen : (groups, m, s) int64
        What banks and guarantors lose together [fen].
    claims_fen : (groups, m, s) int64
        The guaranteed part of it [fen]; the bank keeps the rest.
    weights : (s,) float64
        Likelihood ratios [1]: a mean is the mean of weight x value.
    """

    losses_fen: Fen
    claims_fen: Fen
    weights: Column

    @property
    def retained_fen(self) -> Fen:
        """What the banks keep [fen], (groups, m, s)."""
        return self.losses_fen - self.claims_fen

    @property
    def book_yuan(self) -> Column:
        """Loss of the whole book over the horizon [yuan], (s,)."""
        found: Column = self.losses_fen.sum(axis=(0, 1)) / 100.0
        return found


def simulate_contracts(
    prepared: PreparedContracts, scenarios: Draws, *, seed: int, stream: int = 0,
    first_scenario: int = 0, threads: int = 1, chunk: int = 64,
) -> ContractLosses:  # fmt: skip
    """Draw every contract's default, month, sale and loss in every scenario.

    Parameters
    ----------
    prepared : PreparedContracts
        Contracts, from `prepare_contracts`.
    scenarios : Draws
        Factors (s, f), mixing (s,), weights (s,).
    seed : int
        Seed of what is the contracts' own, in [0, 2^64).
    stream : int
        Number of an independent run with the same seed, such as the year; in [0, 2^31).
    first_scenario : int
        Number of the first scenario: parts of one set give the bits of the whole.
    threads : int
        Threads, >= 1; they change no bit.
    chunk : int
        Most scenarios that a thread takes at once, >= 1; changes no bit.

    Returns
    -------
    ContractLosses
        Losses and claims by group, month and scenario.

    Raises
    ------
    BookError
        If scenarios and model do not fit, or a number is out of range.
    """
    _checked(prepared, scenarios)
    ranges = (("seed", seed, 2**64), ("stream", stream, 2**31),
              ("first_scenario", first_scenario, 2**31 - scenarios.mixing.size))  # fmt: skip
    for name, value, limit in ranges:
        if not 0 <= value < limit:
            raise refused(name, f"应在0到{limit}之间", f"must be in [0, {limit})")
    if threads < 1 or chunk < 1:
        raise refused("threads, chunk", "应为1以上", "must be 1 or more")
    size, shape = scenarios.mixing.size, (prepared.groups, prepared.months_table.shape[2])
    out = np.empty((2, *shape, size), dtype=np.int64)
    step = min(chunk, max(ROOM_BYTES // (16 * shape[0] * shape[1]), 1))
    key = np.array([seed % 2**32, seed // 2**32], dtype=np.uint64)

    def draw(start: int) -> None:
        """Draw one chunk of scenarios."""
        part = slice(start, min(start + step, size))
        naming = np.array([first_scenario + start, stream])
        out[..., part] = _drawn(prepared, scenarios, part, key, naming, shape)

    Parallel(n_jobs=threads, prefer="threads")(
        delayed(draw)(start) for start in range(0, size, step)
    )
    return ContractLosses(out[0], out[1], scenarios.weights)


def _drawn(
    prepared: PreparedContracts, scenarios: Draws, part: slice, key: NDArray[np.uint64],
    naming: Index, shape: tuple[int, int],
) -> Fen:  # fmt: skip
    """Losses and claims of some scenarios, (2, groups, m, scenarios)."""
    model, mixing = prepared.model, np.ascontiguousarray(scenarios.mixing[part])
    count = len(model.segments)
    states = np.empty((mixing.size, count, 3))
    segment_states(
        np.ascontiguousarray(scenarios.factors[part]), model.default_loadings,
        model.sale_loadings, model.slowdown, model.sale_share, states,
    )  # fmt: skip
    shares = np.stack([model.default_share, np.sqrt(np.maximum(1.0 - model.sale_share, 0.0))], 1)
    sums = np.zeros((mixing.size, *shape, 2), dtype=np.int64)
    if prepared.cells.size:
        simulate_cells(
            key, naming, prepared.cells, prepared.table, states, np.ascontiguousarray(shares),
            mixing, prepared.months_table, sums,
        )  # fmt: skip
    return np.moveaxis(sums, (3, 0), (0, 3))


def consecutive_years(years: Sequence[ContractLosses]) -> ContractLosses:
    """Losses of several years in a row, from one simulation of each year.

    The years' scenarios are independent blocks: path j takes scenario j of every year, its
    weight is the product of their weights.  Whose contracts are in force in which year, and
    with what PD given survival, the exposures of each year say; use another ``stream`` (and
    other scenarios) for each.

    Parameters
    ----------
    years : sequence of ContractLosses
        One a year, of the same groups and scenarios; at least one.

    Returns
    -------
    ContractLosses
        The months one after the other.

    Raises
    ------
    BookError
        If there is no year, or groups or scenarios differ.
    """
    shapes = {(year.losses_fen.shape[0], year.losses_fen.shape[2]) for year in years}
    if len(shapes) != 1:
        said = "must be at least one, of the same groups and scenarios"
        raise refused("years", "至少一年，组别与情景数应相同", said)
    return ContractLosses(
        np.concatenate([year.losses_fen for year in years], axis=1),
        np.concatenate([year.claims_fen for year in years], axis=1),
        np.prod([year.weights for year in years], axis=0),
    )


def _checked(prepared: PreparedContracts, scenarios: Draws) -> None:
    """Refuse scenarios that are not of this model."""
    size, wanted = scenarios.mixing.shape, len(prepared.model.factors)
    if len(size) != 1 or not size[0] or scenarios.factors.shape != (*size, wanted):
        said = f"must be (scenarios, {wanted}), at least one scenario"
        raise refused("factors", f"应为（情景数，{wanted}），至少一个情景", said)
    if scenarios.weights.shape != size or not np.all(np.isfinite(scenarios.factors)):
        raise refused("weights, factors", "应为有限数，每情景一个", "must be finite, one each")
    if not np.all((scenarios.weights >= 0.0) & np.isfinite(scenarios.weights)):
        raise refused("weights", "不得为负", "must be finite and not negative")
    if not np.all((scenarios.mixing > 0.0) & np.isfinite(scenarios.mixing)):
        raise refused("mixing", "应为正数", "must be finite and above 0")
    if math.isinf(prepared.nu) and np.any(scenarios.mixing != 1.0):
        raise refused("mixing", "高斯模型应全为1", "must be ones for the Gaussian copula")
