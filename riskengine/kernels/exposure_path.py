"""What is owed period by period: principal left before each payment, and what default adds.

Periods are months as a rule, years where figures are yearly.  A loan that defaults in a
period owes the principal of that period's opening: the payment due at its end is the one
that is not made.  Payments are counted back from the last period, so that a loan half way
through keeps its dates: with one payment every k periods they fall at the ends of periods
m, m - k, m - 2k, ...

Every plan of repayment is b' = growth x b - payment at a payment date:

    0 bullet              principal at the end           growth 1        payment 0
    1 equal principal     B / number of payments         growth 1        payment B / n
    2 annuity             level payments                 growth 1 + r k  payment B r k / (1 - (1 + r k)^-n)
    3 interest at the end what accrues is owed too       growth 1        payment -B r k
    4 listed              principal of every period is given

Source: People's Bank of China, nominal rates by the period (no compounding within the
year but by paying); credit notes 3 (exposure of a guarantee).
"""  # noqa: E501

import math

from riskengine.kernels.compiling import kernel


@kernel
def payments_left(periods, every):
    """Payments still to come, the last at the end of the last period: ceil(m / k).

    Parameters
    ----------
    periods : int64
        Periods left m [period], >= 0.
    every : int64
        Periods between payments k [period], >= 1.

    Returns
    -------
    int64
        Payments [1].

    Examples
    --------
    >>> payments_left(10, 3), payments_left(12, 3)
    (4, 4)
    """
    return (periods + every - 1) // every


@kernel
def repayment_step(kind, balance, periods, every, rate):
    """Growth and payment of a plan: b' = growth x b - payment at each payment date.

    Parameters
    ----------
    kind : int64
        Plan of the module's table [code].
    balance : float64
        Principal owed now B [yuan], >= 0.
    periods, every : int64
        Periods left and periods between payments [period]; ``every`` >= 1.
    rate : float64
        Interest of one period r [1/period], > -1 over the time between payments.

    Returns
    -------
    growth, payment : float64
        Growth [1] and payment [yuan].

    Examples
    --------
    >>> repayment_step(1, 120.0, 12, 3, 0.01)
    (1.0, 30.0)
    """
    count, paid = payments_left(periods, every), rate * every
    if kind == 3:
        return 1.0, -balance * paid
    if count == 0 or kind in (0, 4):
        return 1.0, 0.0
    if kind == 1 or paid == 0.0:
        return 1.0, balance / count
    return 1.0 + paid, balance * paid / -math.expm1(-count * math.log1p(paid))


@kernel
def pays_at(period, periods, every):
    """Whether a payment falls at the end of a period.

    Parameters
    ----------
    period : int64
        Period, from 0 [period].
    periods, every : int64
        Periods left and periods between payments [period].

    Returns
    -------
    bool
        True [code] where the periods to come are a multiple of ``every``.

    Examples
    --------
    >>> [pays_at(t, 4, 3) for t in range(4)]
    [True, False, False, True]
    """
    return (periods - 1 - period) % every == 0


@kernel
def exposure_rows(x, schedule, starts, part, out):
    """Exposure at default of every period, contract by contract: for showing and for checks.

    Parameters
    ----------
    x : (7, n) float64
        Principal [yuan]; periods left [period]; plan [code]; periods between payments
        [period]; interest of one period [1/period]; added at default [yuan]; multiplier
        of principal [1].
    schedule : (m,) float64
        Principal of every period of listed plans [yuan], contract after contract.
    starts : (n + 1,) int64
        Where each contract's list starts; any single number where none is listed.
    part : float64
        Part of the period's interest that has accrued at default [1], in [0, 1]: plan 3.
    out : (t, n) float64
        Filled with exposures [yuan]; 0 after the last period.
    """
    for i in range(x.shape[1]):
        periods, kind, every = int(x[1, i]), int(x[2, i]), int(x[3, i])
        growth, payment = repayment_step(kind, x[0, i], periods, every, x[4, i])
        owed = x[0, i] * (1.0 + x[4, i] * part) if kind == 3 else x[0, i]
        for t in range(out.shape[0]):
            out[t, i] = 0.0
            if t >= periods:
                continue
            if kind == 4:
                owed = schedule[starts[i] + t]
            out[t, i] = x[6, i] * owed + x[5, i]
            if pays_at(t, periods, every):
                owed = owed * growth - payment


@kernel
def balance_sum_rows(x, schedule, starts, until, out):
    """Principal summed over the first periods and over all: in-force balance x time.

    Parameters
    ----------
    x : (7, n) float64
        As `exposure_rows`, as of the start of the contract.
    schedule : (m,) float64
        As `exposure_rows` [yuan].
    starts : (n + 1,) int64
        As `exposure_rows`.
    until : (n,) float64
        Periods passed [period], in [0, periods]; a part of one counts as that part.
    out : (2, n) float64
        Filled with both sums [yuan period].
    """
    for i in range(x.shape[1]):
        periods, kind, every = int(x[1, i]), int(x[2, i]), int(x[3, i])
        growth, payment = repayment_step(kind, x[0, i], periods, every, x[4, i])
        owed, whole, passed = x[0, i], 0.0, 0.0
        for t in range(periods):
            if kind == 4:
                owed = schedule[starts[i] + t]
            whole += owed
            passed += owed * min(max(until[i] - t, 0.0), 1.0)
            if pays_at(t, periods, every):
                owed = owed * growth - payment
        out[0, i], out[1, i] = passed, whole
