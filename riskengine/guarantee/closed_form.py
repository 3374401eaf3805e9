"""Expected payments without simulation: in the large homogeneous pool, and from a pmf.

A layer of the large pool is a difference of stop-losses (`riskengine.guarantee.large_pool`).
Each party's payment under a programme is piecewise linear in L, so its mean is a sum of such
layers: any single-period programme has a closed form.  From a pmf on a lattice the sum over
its points is exact.

Source: Vasicek, Risk 15(12) (2002) 160; credit notes 4.1 and 5.1.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from riskengine.guarantee.algebra import pay
from riskengine.guarantee.amounts import whole_fen
from riskengine.guarantee.checks import share_of
from riskengine.guarantee.encoding import Cut, Volume, cap_of, splits_of
from riskengine.guarantee.large_pool import LargePool
from riskengine.guarantee.structure import Programme
from riskengine.guarantee.terms import LENDER, Deductible
from riskengine.portfolio.exposures import Column, refused


@dataclass(frozen=True, slots=True)
class CappedGuarantee:
    """A guarantee of a portfolio with a cap on the compensation rate.

    Parameters
    ----------
    cap_yuan : float
        Most that is paid [yuan].
    expected_uncapped_yuan, expected_capped_yuan : float
        Expected payment without the cap and with it [yuan].
    chance_of_cap : float
        Chance that the cap is hit [1].
    """

    cap_yuan: float
    expected_uncapped_yuan: float
    expected_capped_yuan: float
    chance_of_cap: float


def capped_guarantee(
    pool: LargePool, volume_yuan: float, share: float, cap_rate: float
) -> CappedGuarantee:
    """Return what a capped guarantee of a large pool costs (form of EIF and COSME).

    Pays share x loss, at most volume x share x cap rate.

    Parameters
    ----------
    pool : LargePool
        The pool.
    volume_yuan : float
        Volume of loans [yuan], >= 0.
    share : float
        Guaranteed share [1], in [0, 1].
    cap_rate : float
        Cap over the guaranteed volume [1], >= 0.

    Returns
    -------
    CappedGuarantee
        Amounts and chance.

    Raises
    ------
    BookError
        If a number is out of its range.

    Examples
    --------
    >>> found = capped_guarantee(LargePool(0.03, 0.15, 0.6), 1e8, 0.8, 0.05)
    >>> round(found.expected_capped_yuan, 5)
    1343280.73213
    """
    if not (0.0 <= volume_yuan < math.inf and 0.0 <= share <= 1.0 and 0.0 <= cap_rate < math.inf):
        raise refused("volume_yuan, share, cap_rate", "超出范围", "are out of range")
    guaranteed = volume_yuan * share
    return CappedGuarantee(
        guaranteed * cap_rate,
        guaranteed * pool.expected,
        guaranteed * pool.between(0.0, cap_rate),
        pool.reached(cap_rate),
    )


@dataclass(frozen=True, slots=True)
class LayerCost:
    """What a layer of losses costs.

    Parameters
    ----------
    expected : float
        Expected loss of the layer, in the unit handed in.
    rate_on_line : float
        Expected loss over the width of the layer [1]; NaN for a layer without end.
    chance_reached, chance_exhausted : float
        Chance that losses pass its start, and that they use it up [1].
    """

    expected: float
    rate_on_line: float
    chance_reached: float
    chance_exhausted: float


def excess_layer(
    pool: LargePool, attach: float, detach: float, *, share: float = 1.0, inclusive: bool = False
) -> LayerCost:
    """Return what an excess layer or stop-loss of a large pool costs.

    Parameters
    ----------
    pool : LargePool
        The pool.
    attach, detach : float
        Start and end over volume [1], 0 <= attach < detach; the end may be infinite.
    share : float
        Share of the layer [1], in [0, 1].
    inclusive : bool
        Whether a loss that equals the start has reached the layer.

    Returns
    -------
    LayerCost
        Expected loss over volume [1].

    Raises
    ------
    BookError
        If the layer has no width or the share is no share.

    Examples
    --------
    >>> found = excess_layer(LargePool(0.03, 0.15, 0.6), 0.04, 0.07)
    >>> round(found.expected, 14), round(found.rate_on_line, 13)
    (0.00151580194752, 0.0505267315839)
    """
    _check_layer(attach, detach, share)
    expected = share * pool.between(attach, detach)
    return LayerCost(
        expected,
        expected / (detach - attach) if detach < math.inf else math.nan,
        pool.reached(attach, inclusive=inclusive),
        pool.reached(detach, inclusive=True),
    )


def layer_of_pmf(
    pmf: ArrayLike, step: float, attach: float, detach: float = math.inf, *,
    share: float = 1.0, inclusive: bool = False,
) -> LayerCost:  # fmt: skip
    """Return what a layer costs where the loss lies on a lattice: exact.

    Parameters
    ----------
    pmf : (m,) array-like
        Chances of the losses 0, step, 2 step, ... [1], together 1.
    step : float
        Step of the lattice, in the unit of the amounts, > 0.
    attach, detach : float
        Start and end of the layer, 0 <= attach < detach; the end may be infinite.
    share : float
        Share of the layer [1], in [0, 1].
    inclusive : bool
        Whether a loss that equals the start has reached the layer.

    Returns
    -------
    LayerCost
        In the unit of the amounts.

    Raises
    ------
    BookError
        If the chances are none, or the layer has no width.

    Examples
    --------
    >>> layer_of_pmf([0.5, 0.3, 0.2], 10.0, 5.0, 15.0).expected
    3.5
    """
    _check_layer(attach, detach, share)
    chances = _chances(pmf)
    if not 0.0 < step < math.inf:
        raise refused("step", "应大于0", "must be > 0")
    losses = step * np.arange(chances.size)
    taken = share * (np.minimum(losses, detach) - np.minimum(losses, attach))
    expected = math.fsum(chances * taken)
    past = losses >= attach if inclusive else losses > attach
    return LayerCost(
        expected,
        expected / (detach - attach) if detach < math.inf else math.nan,
        math.fsum(chances[past]),
        math.fsum(chances[losses >= detach]),
    )


def expected_of_pmf(
    programme: Programme, pmf: ArrayLike, step_fen: int, volume_fen: int, *, premium_fen: int = 0
) -> dict[str, float]:
    """Return every party's expected payment where the loss of one year lies on a lattice.

    Parameters
    ----------
    programme : Programme
        The terms.
    pmf : (m,) array-like
        Chances of the losses 0, step, 2 step, ... [1], together 1.
    step_fen : int
        Step of the lattice [0.01 yuan], > 0.
    volume_fen, premium_fen : int
        Volume and premium [0.01 yuan], >= 0.

    Returns
    -------
    dict of str to float
        Expected payments by party [yuan]; they add up to the expected loss.

    Raises
    ------
    BookError
        If the chances are none, or amounts no whole fen.

    Examples
    --------
    >>> from riskengine.guarantee.programme import shared_by
    >>> expected_of_pmf(shared_by("2:8", {"guarantor": 0.8}), [0.9, 0.1], 100_000, 1_000_000)
    {'bank': 20.0, 'guarantor': 80.0}
    """
    chances = _chances(pmf)
    losses = whole_fen("step_fen", step_fen) * np.arange(chances.size, dtype=np.int64)
    paid = pay(programme, losses, volume_fen, premium_fen=premium_fen)
    return {
        party: math.fsum(chances * amounts[0]) / 100.0
        for party, amounts in zip(paid.parties, paid.amounts_fen, strict=True)
    }


def expected_in_pool(
    programme: Programme, pool: LargePool, volume_fen: int, *, premium_fen: int = 0
) -> dict[str, float]:
    """Return every party's expected payment of one year's loss of a large pool, in closed form.

    Parameters
    ----------
    programme : Programme
        The terms; without a franchise, which makes payments jump.
    pool : LargePool
        The pool, its loss taken as one loss.
    volume_fen, premium_fen : int
        Volume and premium [0.01 yuan], >= 0.

    Returns
    -------
    dict of str to float
        Expected payments by party [yuan], before rounding to fen; they add up to the
        expected loss.

    Raises
    ------
    BookError
        If the programme has a franchise.

    Examples
    --------
    >>> from riskengine.guarantee.programme import shared_by
    >>> two_eight = shared_by("2:8", {"guarantor": 0.8})
    >>> found = expected_in_pool(two_eight, LargePool(0.03, 0.15), 10**10)
    >>> {party: round(yuan) for party, yuan in found.items()}
    {'bank': 600000, 'guarantor': 2400000}
    """
    if any(isinstance(layer, Deductible) and layer.franchise for layer in programme.layers):
        raise refused("programme", "含相对免赔，付款不连续", "has a franchise: payments jump")
    volume = Volume(whole_fen("volume_fen", volume_fen), whole_fen("premium_fen", premium_fen))
    knots = np.array([0.0, pool.loss_share * volume.guaranteed_fen])
    while True:
        watched = Watched(knots)
        borne = _borne(programme, volume, knots, watched)
        if not watched.kinks:
            break
        knots = np.union1d(knots, watched.kinks)
    if knots[-1] == 0.0:
        return dict.fromkeys(borne, 0.0)
    levels = knots / volume.guaranteed_fen
    cost = [pool.between(a, b) for a, b in pairwise(levels.tolist())]
    return {
        party: math.fsum(np.diff(amounts) / np.diff(levels) * cost) / 100.0
        for party, amounts in borne.items()
    }


class Watched:
    """Losses at which a payment changes its slope, found between the knots of a first try.

    Parameters
    ----------
    knots : (m,) float64
        Losses looked at, rising [0.01 yuan].
    """

    def __init__(self, knots: Column) -> None:
        self.knots = knots
        self.kinks: list[float] = []

    def crosses(self, amounts: Column, level: float) -> None:
        """Note where an amount passes a level between two knots.

        Parameters
        ----------
        amounts : (m,) float64
            Amount at every knot, not falling [0.01 yuan].
        level : float
            The level [0.01 yuan].
        """
        k = int(np.searchsorted(amounts, level))
        if not 0 < k < amounts.size:
            return
        below, above = amounts[k - 1], amounts[k]
        # A level that a knot meets to rounding is met.
        if min(level - below, above - level) <= 1e-11 * self.knots[-1]:
            return
        part = (level - below) / (above - below)
        self.kinks.append(float(self.knots[k - 1] + part * (self.knots[k] - self.knots[k - 1])))


def _borne(
    programme: Programme, volume: Volume, losses: Column, watched: Watched
) -> dict[str, Column]:
    """What every party bears of single losses, without rounding."""
    held = {LENDER: losses.copy()}
    kept: dict[str, Column] = {}
    base = held[LENDER]
    for fresh, cut, members in splits_of(programme, volume):
        giver = programme.layers[members[0]].cedes_from
        base = held[giver].copy() if fresh else base
        part = _part(base, cut, watched.crosses)
        for k in members:
            layer = programme.layers[k]
            cap, _ = cap_of(layer, volume)
            asked = share_of(layer) * part
            watched.crosses(asked, cap)
            taken = np.minimum(asked, cap)
            held[giver] = held[giver] - taken
            to = kept if isinstance(layer, Deductible) else held
            to[layer.party] = to.get(layer.party, np.zeros_like(losses)) + taken
    for party, amounts in kept.items():
        held[party] = held.get(party, np.zeros_like(losses)) + amounts
    return held


def _part(base: Column, cut: Cut, crosses: Callable[[Column, float], None]) -> Column:
    """The slice that a split shares."""
    if cut.mode == 0.0:
        return base
    crosses(base, cut.attach)
    crosses(base, cut.attach + cut.width)
    found: Column = np.clip(base - cut.attach, 0.0, cut.width)
    return found


def _chances(pmf: ArrayLike) -> Column:
    """Checked chances of a lattice."""
    found = np.asarray(pmf, dtype=np.float64)
    fit = found.ndim == 1 and found.size > 0 and bool(np.all(found >= 0.0))
    if not fit or not abs(math.fsum(found) - 1.0) <= 1e-9:
        raise refused(
            "pmf", "应为合计1的一列概率", "must be one column of chances that add up to 1"
        )
    return found


def _check_layer(attach: float, detach: float, share: float) -> None:
    """Refuse a layer without width, or a share that is none."""
    if not 0.0 <= attach < detach:
        raise refused("attach, detach", "应满足0≤起赔点<止赔点", "must be 0 <= attach < detach")
    if not 0.0 <= share <= 1.0:
        raise refused("share", "应在0到1之间", "must be in [0, 1]")
