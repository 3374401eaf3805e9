"""Guarantee terms on many paths: what every party pays of every loss, in whole fen.

A programme is a list of splits.  A split looks at what one party bears at that moment, cuts
a slice out of it (attachment and width, counted per loss, per year or over all periods) and
shares the slice among takers by largest remainder; a taker may have a cap on all that it
has paid.  What nobody takes stays where it was, so the parties' amounts add up to the loss.

Amounts are whole fen held as float64, exact below 2^53.  Of the product of an amount and a
share only what is over a multiple of the denominator is multiplied out, so that it is exact
too as long as denominators stay below 2^25: no remainder is ever rounded.

Source: credit notes 5.1; largest remainder: Hamilton's method, ties to the earlier taker.
"""

import math

import numpy as np

from riskengine.kernels.compiling import kernel


@kernel
def _fill(amounts, value):
    """Set every amount."""
    for i in range(amounts.size):
        amounts[i] = value


@kernel
def _copy(amounts, to):
    """Copy amounts."""
    for i in range(amounts.size):
        to[i] = amounts[i]


@kernel
def _cut(base, counted, attach, width, part):
    """Part of every amount that falls between attachment and its end, counted so far included."""
    for i in range(base.size):
        before = counted[i]
        after = before + base[i]
        counted[i] = after
        part[i] = min(max(after - attach, 0.0), width) - min(max(before - attach, 0.0), width)


@kernel
def _small_losses(base, limit, inclusive, part):
    """Whole amounts that do not reach a franchise; one that is just reached counts if inclusive."""
    for i in range(base.size):
        below = base[i] < limit or (base[i] == limit and not inclusive)
        part[i] = base[i] if below else 0.0


@kernel
def _share_one(part, weight, whole, taken):
    """Share of one taker; on equal remainders it pays, not the ceding party."""
    inverse = 1.0 / whole
    for i in range(part.size):
        rounds = np.floor(part[i] * inverse)
        product = (part[i] - rounds * whole) * weight
        quotient = np.floor(product / whole)
        more = 1.0 if 2.0 * (product - quotient * whole) >= whole else 0.0
        taken[i] = rounds * weight + quotient + more


@kernel
def _rounds(part, whole, rounds, over):
    """How often the denominator goes into an amount, once more or less, and what is over."""
    inverse = 1.0 / whole
    for i in range(part.size):
        rounds[i] = np.floor(part[i] * inverse)
        over[i] = part[i] - rounds[i] * whole


@kernel
def _share_floor(rounds, over, weight, whole, taken, rests, missing):
    """Rounded-down share of a taker, its remainder, and what is missing after it."""
    for i in range(rounds.size):
        product = over[i] * weight
        quotient = np.floor(product / whole)
        rests[i] = product - quotient * whole
        taken[i] = rounds[i] * weight + quotient
        missing[i] -= taken[i]


@kernel
def _rank(early, late, first, second):
    """Lower what is missing for the one of two remainders that ranks behind the other.

    ``first`` and ``second``: fen missing less the remainders that rank before each.
    """
    for i in range(early.size):
        behind = 1.0 if late[i] > early[i] else 0.0
        first[i] -= behind
        second[i] -= 1.0 - behind


@kernel
def _give(turns, taken):
    """One fen more where fen are missing still when it is this taker's turn."""
    for i in range(taken.size):
        taken[i] += 1.0 if turns[i] > 0.0 else 0.0


@kernel
def _share(part, takers, first, last, whole, room):
    """Share a slice among takers and the ceding party, which comes last."""
    taken, rests, turns, missing, rounds, over = room
    if last - first == 1:
        _share_one(part, takers[first, 1], whole, taken[0])
        return
    count, left = last - first, whole
    _copy(part, missing)
    _rounds(part, whole, rounds, over)
    for j in range(count):
        weight = takers[first + j, 1]
        left -= weight
        _share_floor(rounds, over, weight, whole, taken[j], rests[j], missing)
    ranked = count
    if left > 0.0:
        _share_floor(rounds, over, left, whole, taken[count], rests[count], missing)
        ranked += 1
    for j in range(ranked):
        _copy(missing, turns[j])
    for j in range(count):
        for k in range(j + 1, ranked):
            _rank(rests[j], rests[k], turns[j], turns[k])
        _give(turns[j], taken[j])


@kernel
def _cap(taken, paid, cap):
    """Lower what is taken so that all that was taken stays within the cap."""
    for i in range(taken.size):
        given = min(taken[i], max(cap - paid[i], 0.0))
        taken[i] = given
        paid[i] += given


@kernel
def _move(taken, giver, receiver):
    """Move amounts from one party to another."""
    for i in range(taken.size):
        giver[i] -= taken[i]
        receiver[i] += taken[i]


@kernel
def _add(amounts, total):
    """Add amounts to totals."""
    for i in range(amounts.size):
        total[i] += amounts[i]


@kernel
def _settle(held, period, total):
    """Add what a party bears to its totals and clear it for the next period."""
    for i in range(held.size):
        period[i] += held[i]
        total[i] += held[i]
        held[i] = 0.0


@kernel
def _hand_over(amounts, out):
    """Whole amounts as integers."""
    for p in range(amounts.shape[0]):
        for i in range(amounts.shape[1]):
            out[p, i] = int(amounts[p, i])


@kernel
def _starts_anew(basis, period, year):
    """Whether counting starts anew in a period: always per loss, else at the turn of a year."""
    return basis == 0.0 or (basis == 1.0 and period % year == 0)


@kernel
def _slice(split, period, year, counted, base, cut):
    """The slice of the base that a split shares: the base itself, or cut out of it."""
    if split[5] == 0.0:
        return base
    if split[5] == 1.0:
        if _starts_anew(split[8], period, year):
            _fill(counted, 0.0)
        _cut(base, counted, split[6], split[7], cut)
    else:
        _small_losses(base, split[6], split[5] == 2.0, cut)
    return cut


@kernel
def _pay_split(split, takers, period, year, paid, part, held, kept, room, slots):
    """One split of one period: from what the ceding party bears to its takers."""
    taken, giver = room[0], int(split[1])
    first, last = int(split[2]), int(split[3])
    _share(part, takers, first, last, split[4], room)
    for j in range(first, last):
        own, party = taken[j - first], int(takers[j, 0])
        if takers[j, 3] < math.inf:
            if _starts_anew(takers[j, 4], period, year):
                _fill(paid[j], 0.0)
            _cap(own, paid[j], takers[j, 3])
        if takers[j, 2] == 1.0:
            _move(own, held[giver], kept[party])
        elif party != giver:
            _move(own, held[giver], held[party])
        if takers[j, 5] >= 0.0:
            _add(own, slots[int(takers[j, 5])])


@kernel
def pay_paths(
    losses, splits, takers, counts, keeps, year, low, high, periods_out, groups_out, slots_out
):
    """What every party pays of the losses of many groups on some paths.

    Parameters
    ----------
    losses : (g, t, n) int64
        Losses of groups, periods and paths [0.01 yuan], >= 0; those of a group over all
        periods below 2^53.  Party 0, the lender, bears them at first.
    splits : (g, s, 9) float64
        Splits of every group in order: 1 where the base is what the ceding party bears now
        and 0 where it is the base of the split before; ceding party; first taker; end of
        takers; denominator of their shares [1], < 2^25; 0 for the whole base, 1 for a
        slice, 2 and 3 for losses below a franchise (2: a loss that equals it is above);
        attachment or franchise [0.01 yuan]; width of the slice [0.01 yuan], may be
        infinite; basis 0 loss, 1 year, 2 all periods.
    takers : (g, k, 6) float64
        Takers of every group: party; numerator of the share [1]; 1 where what it takes is
        ceded no further; cap on its payments [0.01 yuan], may be infinite; basis of the cap;
        row of ``slots_out`` or -1.
    counts : (g,) int64
        Splits of every group [1].
    keeps : (g,) int64
        1 for groups with a taker that cedes no further [1].
    year : int64
        Periods of a year [1], >= 1.
    low, high : int64
        Paths low, ..., high - 1 are done [1].
    periods_out : (p, t, n) int64
        Filled with what every party bears, groups added up [0.01 yuan].
    groups_out : (p, g, n) int64
        Filled with what every party bears, periods added up [0.01 yuan].
    slots_out : (m, t, n) int64
        Filled with what takers of every slot take [0.01 yuan].

    Notes
    -----
    All loops run along the paths of a block, so that they are vectors of the processor.
    """
    size, periods, parties = high - low, losses.shape[1], periods_out.shape[0]
    most = takers.shape[1]
    by_period = np.zeros((periods, parties, size))
    by_slot = np.zeros((periods, slots_out.shape[0], size))
    total, held = np.zeros((parties, size)), np.zeros((parties, size))
    kept = np.zeros((parties, size))
    counted, paid = np.empty((splits.shape[1], size)), np.empty((most, size))
    shares = np.empty((3, most + 1, size))
    line = np.empty((5, size))
    base, cut = line[0], line[1]
    room = (shares[0], shares[1], shares[2], line[2], line[3], line[4])
    for g in range(losses.shape[0]):
        counted[:], paid[:], total[:] = 0.0, 0.0, 0.0
        for t in range(periods):
            for i in range(size):
                held[0, i] = losses[g, t, low + i]
            for s in range(counts[g]):
                if splits[g, s, 0] == 1.0:
                    _copy(held[int(splits[g, s, 1])], base)
                part = _slice(splits[g, s], t, year, counted[s], base, cut)
                _pay_split(
                    splits[g, s], takers[g], t, year, paid, part, held, kept, room, by_slot[t]
                )
            for p in range(parties):
                _settle(held[p], by_period[t, p], total[p])
                if keeps[g] == 1:
                    _settle(kept[p], by_period[t, p], total[p])
        _hand_over(total, groups_out[:, g, low:high])
    for t in range(periods):
        _hand_over(by_period[t], periods_out[:, t, low:high])
        _hand_over(by_slot[t], slots_out[:, t, low:high])


@kernel
def _share_weighted(amount, paid, members, t, i, out, at):
    """Share an amount in proportion to what members paid at (t, i), by largest remainder."""
    whole = 0
    for k in range(members.size):
        whole += paid[members[k], t, i]
    if whole == 0 or amount == 0:
        return amount
    rests = np.zeros(members.size, dtype=np.int64)
    left = amount
    for k in range(members.size):
        weight = paid[members[k], t, i]
        quotient = int(float(amount) * (float(weight) / float(whole)))
        # The product may wrap around; the remainder is small and right all the same.
        rest = amount * weight - quotient * whole
        while rest < 0:
            quotient, rest = quotient - 1, rest + whole
        while rest >= whole:
            quotient, rest = quotient + 1, rest - whole
        rests[k] = rest
        out[members[k], at, i] += quotient
        left -= quotient
    for _ in range(left):
        best = 0
        for k in range(1, members.size):
            if rests[k] > rests[best]:
                best = k
        out[members[best], at, i] += 1
        rests[best] = -1
    return 0


@kernel
def recovery_paths(paid, first, pro_rata, share, cost_share, delay, out, costs, later):
    """What comes back of payments, and to whom, after a delay.

    Parameters
    ----------
    paid : (p, t, n) int64
        What every party paid [0.01 yuan], >= 0.
    first : (a,) int64
        Parties that are made whole one after the other before the rest [1].
    pro_rata : (b,) int64
        Parties that share what is left in proportion to their payments [1].
    share : float64
        Part of these parties' payments that is recovered [1], in [0, 1].
    cost_share : float64
        Part of it that recovering costs [1], in [0, 1].
    delay : int64
        Periods until it comes [1], >= 0.
    out : (p, t, n) int64
        Zeros; filled with what comes back, in the period in which it does [0.01 yuan].
    costs : (t, n) int64
        Filled with costs, likewise [0.01 yuan].
    later : (n,) int64
        Filled with what comes, costs included, after the last period [0.01 yuan].
    """
    periods, paths = paid.shape[1], paid.shape[2]
    costs[:], later[:] = 0, 0
    for t in range(periods):
        at = t + delay
        for i in range(paths):
            base = 0
            for k in range(first.size):
                base += paid[first[k], t, i]
            for k in range(pro_rata.size):
                base += paid[pro_rata[k], t, i]
            gross = int(np.rint(share * base))
            if at >= periods:
                later[i] += gross
                continue
            cost = int(np.rint(cost_share * gross))
            costs[at, i] += cost
            left = gross - cost
            for k in range(first.size):
                given = min(left, paid[first[k], t, i])
                out[first[k], at, i] += given
                left -= given
            _share_weighted(left, paid, pro_rata, t, i, out, at)
