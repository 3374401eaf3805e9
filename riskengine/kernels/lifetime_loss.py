"""Lifetime expected credit loss of many contracts under scenarios, in one pass.

Contracts go in blocks whose running figures stay in the nearest cache: within a period
scenario after scenario, within a scenario contract after contract in straight arithmetic.
No table of periods by contracts is ever made.  What a contract comes out at depends on
nothing but itself.

Source: as `riskengine.kernels.expected_loss`.
"""

import math

import numpy as np

from riskengine.kernels.compiling import kernel
from riskengine.kernels.expected_loss import decay, discounted_decay, force_in_state, small_mean
from riskengine.kernels.exposure_path import repayment_step
from riskengine.kernels.normal import normal_quantile


@kernel
def _state(x, i):
    """1 when a cell of the row is missing, 2 when one is out of range, else 0."""
    state = 0
    for j in range(x.shape[0]):
        value = x[j, i]
        if math.isnan(value):
            return 1
        share = j in (7, 8, 10, 11)
        low = -1.0 if j in (4, 9) else 0.0
        if value < low or value == math.inf or (share and value > 1.0):
            state = 2
    whole = x[1, i] == np.floor(x[1, i]) and x[3, i] == np.floor(x[3, i]) and x[3, i] >= 1.0
    if not whole or x[9, i] == -1.0 or x[10, i] == 1.0 or x[2, i] > 4.0:
        state = 2
    return state


@kernel
def _blank(lane, j):
    """Nothing of a contract yet."""
    for k in range(lane.shape[0]):
        lane[k, j] = 0.0


@kernel
def _zero(values):
    """Start a column at nothing."""
    for j in range(values.size):
        values[j] = 0.0


@kernel
def _longest(lane):
    """Periods of the longest contract of the block."""
    found = 0
    for j in range(lane.shape[1]):
        found = max(found, int(lane[1, j]))
    return found


@kernel
def _hazards(force, scale, multiplier, hazard):
    """Chance to default in the period under one scenario, contract by contract."""
    wide = 0
    for j in range(force.size):
        x = force[j] * scale[j]
        hazard[j] = x * small_mean(x)
    for j in range(force.size):
        wide += force[j] * scale[j] > 0.1
    if wide:
        for j in range(force.size):
            if force[j] * scale[j] > 0.1:
                hazard[j] = -math.expm1(-force[j] * scale[j])
    if multiplier != 1.0:
        for j in range(force.size):
            hazard[j] = min(hazard[j] * multiplier, 1.0)


@kernel
def _spread(force, scale, multiplier, hazard, discount, lost):
    """Defaults of the period, each discounted to its own moment."""
    for j in range(force.size):
        x = force[j] * scale[j]
        lost[j] = x * small_mean(x + discount[j])
    for j in range(force.size):
        x = force[j] * scale[j]
        if multiplier != 1.0 or abs(x + discount[j]) > 0.1:
            if multiplier != 1.0:
                x = -math.log1p(-hazard[j]) if hazard[j] < 1.0 else math.inf
            lost[j] = discounted_decay(x, discount[j])


@kernel
def _collect(alive, hazard, lost, weighted, value, total, own):
    """Losses of the period under one scenario; who defaulted is out."""
    for j in range(alive.size):
        part = alive[j] * weighted[j] * lost[j] * value[j]
        total[j] += part
        own[j] += part
        alive[j] *= 1.0 - hazard[j]


@kernel
def _open(contract, first, clock, lane, powers, status):
    """What a block starts with; whether any has a mass at maturity.  Bad rows have no periods."""
    x, (steps, lengths, per_year, timing) = contract[0], clock
    massive = False
    for j in range(lane.shape[1]):
        i = first + j
        _blank(lane, j)
        for u in range(lengths.size):
            powers[0, u, j] = powers[1, u, j] = powers[2, u, j] = 0.0
        status[i] = _state(x, i)
        if status[i] == 0 and x[1, i] > steps.size:
            status[i] = 2
        if status[i]:
            continue
        periods, kind, every = int(x[1, i]), int(x[2, i]), int(x[3, i])
        # Certain default is a finite force: infinity times a quiet month would be no number.
        lane[0, j] = -math.log1p(-x[7, i]) / per_year if x[7, i] < 1.0 else 1e18
        lane[1, j], lane[2, j] = periods, x[0, i]
        lane[3, j], lane[4, j] = repayment_step(kind, x[0, i], periods, every, x[4, i])
        lane[5, j], lane[6, j], lane[7, j] = 1.0, (periods - 1) % every + 1, math.nan
        lane[8, j] = x[0, i] * x[4, i] if kind == 3 else 0.0
        massive = massive or x[11, i] > 0.0
        lane[9, j], lane[10, j], lane[11, j] = every, x[5, i], x[6, i]
        for u in range(lengths.size):
            force = math.log1p(x[9, i]) * lengths[u]
            powers[0, u, j], powers[1, u, j] = force, math.exp(-force)
            powers[2, u, j] = 1.0
            if timing < 2:
                powers[2, u, j] = math.exp(-force * (1.0 if timing == 0 else 0.5))
    return massive


@kernel
def _begin(t, contract, curve, first, lane, force):
    """Force of default of each contract in the period."""
    profile, shapes, base, periods = contract[1], curve[0], lane[0], lane[1]
    for j in range(force.size):
        force[j] = base[j] * shapes[profile[first + j], t] if t < periods[j] else 0.0


@kernel
def _over(t, lane, hazard):
    """Nobody defaults any more in contracts that have come to their end."""
    for j in range(lane.shape[1]):
        if lane[1, j] == t:
            for s in range(hazard.shape[0]):
                hazard[s, j] = 0.0


@kernel
def _turn(t, contract, curve, states, per_year, first, lane, scale, weighted):
    """What changes with the year or the scenario: states and LGD."""
    x, profile, means = contract[0], contract[1], curve[1]
    weights, factors, paths, changed = states
    y = t // per_year
    for j in range(lane.shape[1]):
        i = first + j
        if t >= lane[1, j]:
            continue
        if t % per_year == 0 and (changed[t] or means[profile[i], y] != lane[7, j]):
            lane[7, j] = means[profile[i], y]
            _scale_forces(lane[0, j] * lane[7, j], x[10, i], factors[y], scale, j)
        if changed[t]:
            for s in range(weights.size):
                lgd = min(max(paths[1, t, s] + paths[2, t, s] * x[8, i], 0.0), 1.0)
                weighted[s, j] = weights[s] * lgd


@kernel
def _scale_forces(whole, correlation, factors, scale, j):
    """What each scenario's state does to the forces of a year."""
    usual = correlation > 0.0 and 0.0 < whole < 36.0
    quantile = normal_quantile(decay(whole)) if usual else 0.0
    for s in range(factors.size):
        scale[s, j] = 1.0
        if usual and not math.isnan(factors[s]):
            scale[s, j] = force_in_state(quantile, factors[s], correlation) / whole


@kernel
def _listed(t, contract, first, lane):
    """Principal of contracts whose plan is listed."""
    x, _, schedule, starts = contract
    for j in range(lane.shape[1]):
        if x[2, first + j] == 4.0 and t < lane[1, j]:
            lane[2, j] = schedule[starts[first + j] + t]


@kernel
def _value(t, part, lane, power, shift, value):
    """Exposures at default, discounted; then principal and discount move on."""
    periods, owed, growth, payment, factor = lane[1], lane[2], lane[3], lane[4], lane[5]
    due, accruing, every, added, multiplier = lane[6], lane[8], lane[9], lane[10], lane[11]
    opening = lane[12]
    # Three loops: with all columns in one, the compiler cannot tell that they are apart.
    for j in range(value.size):
        exposure = multiplier[j] * (owed[j] + part * accruing[j]) + added[j]
        value[j] = exposure * factor[j] if t < periods[j] else 0.0
    for j in range(value.size):
        value[j] *= shift[j]
        factor[j] *= power[j]
        opening[j] = owed[j] + accruing[j]
    for j in range(value.size):
        paid = due[j] == 1.0
        owed[j] = owed[j] * growth[j] - payment[j] if paid else owed[j]
        due[j] = every[j] if paid else due[j] - 1.0


@kernel
def _at_maturity(t, x, states, per_year, first, lane, room, total):
    """Losses on contracts whose last period it is, by those who are left and do not repay."""
    alive, weighted, own = room
    factors, multiplier = states[1][t // per_year], states[2][0, t]
    for j in range(total.size):
        i = first + j
        if t != lane[1, j] - 1.0 or not x[11, i] > 0.0:
            continue
        chance, correlation = x[11, i], x[10, i]
        quantile = normal_quantile(chance)
        value = (x[6, i] * lane[12, j] + x[5, i]) * lane[5, j]
        for s in range(alive.shape[0]):
            unpaid = chance
            if not math.isnan(factors[s]) and correlation > 0.0 and chance < 1.0:
                unpaid = decay(force_in_state(quantile, factors[s], correlation))
            unpaid = min(unpaid * multiplier[s], 1.0)
            part = alive[s, j] * unpaid * weighted[s, j] * value
            own[s, j] += part
            total[j] += part
            alive[s, j] *= 1.0 - unpaid


@kernel
def _add(total, loss, year, within):
    """Put a period's losses where they belong; their sum is given back."""
    whole = 0.0
    for j in range(total.size):
        loss[j] += total[j]
        whole += total[j]
    if within:
        for j in range(total.size):
            year[j] += total[j]
    return whole


@kernel
def _finish(start, weights, alive, own, out, status, by_scenario):
    """PD until maturity, sums by scenario, and no number where none can be told."""
    for j in range(alive.shape[1]):
        defaulted = 0.0
        for s in range(weights.size):
            defaulted += weights[s] * (1.0 - alive[s, j])
            by_scenario[s] += own[s, j]
        out[2, start + j] = defaulted
        if status[start + j]:
            out[0, start + j] = out[1, start + j] = out[2, start + j] = math.nan


@kernel
def lifetime_rows(
    contract, curve, states, clock, first, last, out, status, by_period, by_scenario
):  # fmt: skip
    """12-month and lifetime ECL of contracts under scenarios.

    Parameters
    ----------
    contract : tuple
        x (12, n) float64: the seven rows of `riskengine.kernels.exposure_path.exposure_rows`,
        then PD of 12 months [1], in [0, 1]; LGD [1], in [0, 1]; effective rate [1/year],
        > -1; asset correlation [1], in [0, 1); chance that a contract alive at maturity
        is not repaid [1], in [0, 1].  profile (n,) int64: row of ``curve``.  schedule,
        starts: as there.
    curve : tuple
        Relative force of default by period (p, t) [1], and its mean by year (p, y) times
        the periods of a year [1]: the force of a period is -ln(1 - PD) / periods of a year
        times it; whether any of the first differs from the period before (t,) bool, True
        at 0.
    states : tuple
        weights (s,) float64 [1]; factors (y, s) float64 [1], NaN for no shift; paths
        (3, t, s) float64: multiplier of hazards [1], level of LGD [1], multiplier of LGD
        [1]; changed (t,) bool: whether paths or factors differ from the period before, and
        True at 0.
    clock : tuple
        Kind of length of every period (t,) int64: a longer contract is out of range;
        lengths (u,) float64 [year], periods of a year [period], timing [code].
    first, last : int64
        Rows to fill, from and up to.
    out : (3, n) float64
        Filled with 12-month ECL, lifetime ECL [yuan] and lifetime PD [1], all weighted.
    status : (n,) int64
        Filled with 0 fine, 1 something missing, 2 out of range; then the row is NaN.
    by_period : (t,) float64
        Losses by period of default are added here [yuan].
    by_scenario : (s,) float64
        Weighted lifetime losses by scenario are added here [yuan].
    """
    weights, (step_of, lengths, per_year, timing), block = states[0], clock, 128
    for start in range(first, last, block):
        size = min(block, last - start)
        wide = (weights.size, size)
        alive, scale, weighted, own = np.ones(wide), np.ones(wide), np.zeros(wide), np.zeros(wide)
        force, value, total = np.empty(size), np.empty(size), np.empty(size)
        hazard, lost, before = np.empty(wide), np.empty(wide), -1
        lane, powers = np.empty((13, size)), np.empty((3, lengths.size, size))
        year, loss = out[0, start : start + size], out[1, start : start + size]
        massive = _open(contract, start, clock, lane, powers, status)
        _zero(year)
        _zero(loss)
        for t in range(_longest(lane)):
            u = step_of[t]
            _zero(total)
            turned = t % per_year == 0 or states[3][t]
            if turned:
                _turn(t, contract, curve, states, per_year, start, lane, scale, weighted)
            if contract[2].size:
                _listed(t, contract, start, lane)
            _value(t, 1.0 if timing == 0 else 0.5, lane, powers[1, u], powers[2, u], value)
            fresh = turned or curve[2][t] or (timing == 2 and u != before)
            before = u
            if fresh:
                _begin(t, contract, curve, start, lane, force)
            else:
                _over(t, lane, hazard)
            for s in range(weights.size):
                if fresh:
                    multiplier = states[2][0, t, s]
                    _hazards(force, scale[s], multiplier, hazard[s])
                    if timing == 2:
                        _spread(force, scale[s], multiplier, hazard[s], powers[0, u], lost[s])
                seen = lost[s] if timing == 2 else hazard[s]
                _collect(alive[s], hazard[s], seen, weighted[s], value, total, own[s])
            if massive:
                room = (alive, weighted, own)
                _at_maturity(t, contract[0], states, per_year, start, lane, room, total)
            by_period[t] += _add(total, loss, year, t < per_year)
        _finish(start, weights, alive, own, out, status, by_scenario)
