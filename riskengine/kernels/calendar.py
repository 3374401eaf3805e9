"""Day counts: days since 1970-01-01 to years, by anniversaries.

Source: proleptic Gregorian calendar; civil-date arithmetic in whole eras of
400 years (146,097 days).
"""

import math

from riskengine.kernels.compiling import kernel


@kernel
def civil_from_day(day):
    """Calendar date of a day number.

    Parameters
    ----------
    day : int64
        Days since 1970-01-01 [day], any sign.

    Returns
    -------
    tuple of int64
        Year, month in [1, 12], day of month in [1, 31].

    Examples
    --------
    >>> civil_from_day(20781)
    (2026, 11, 24)
    """
    shifted = day + 719468
    era = shifted // 146097
    of_era = shifted - era * 146097
    year_of_era = (of_era - of_era // 1460 + of_era // 36524 - of_era // 146096) // 365
    of_year = of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    month_from_march = (5 * of_year + 2) // 153
    day_of_month = of_year - (153 * month_from_march + 2) // 5 + 1
    month = month_from_march + 3 if month_from_march < 10 else month_from_march - 9
    year = year_of_era + era * 400 + (1 if month <= 2 else 0)
    return year, month, day_of_month


@kernel
def day_from_civil(year, month, day_of_month):
    """Day number of a calendar date; 29 February of a common year is 1 March.

    Parameters
    ----------
    year, month, day_of_month : int64
        Calendar date [year, month in [1, 12], day in [1, 31]].

    Returns
    -------
    int64
        Days since 1970-01-01 [day].

    Examples
    --------
    >>> day_from_civil(2026, 11, 24)
    20781
    """
    shifted = year - 1 if month <= 2 else year
    era = shifted // 400
    year_of_era = shifted - era * 400
    of_year = (153 * (month - 3 if month > 2 else month + 9) + 2) // 5 + day_of_month - 1
    of_era = year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + of_year
    return era * 146097 + of_era - 719468


@kernel
def years_between(start, end):
    """Years from one day to another, counted by anniversaries of the first.

    k + (end - day k) / (day k+1 - day k), day k being the anniversary on or before
    ``end``; k is negative before the start.

    Parameters
    ----------
    start, end : float64
        Days since 1970-01-01 [day]; NaN is missing.

    Returns
    -------
    float64
        Years [year], negative when ``end`` is before ``start``; NaN if missing.

    Notes
    -----
    Ten calendar years are exactly 10.0; the count is continuous and rises.

    Examples
    --------
    >>> years_between(day_from_civil(2026, 1, 1), day_from_civil(2036, 1, 1))
    10.0
    """
    if math.isnan(start) or math.isnan(end):
        return math.nan
    year, month, day_of_month = civil_from_day(int(start))
    whole = civil_from_day(int(end))[0] - year
    last = day_from_civil(year + whole, month, day_of_month)
    if last > end:
        whole -= 1
        last = day_from_civil(year + whole, month, day_of_month)
    following = day_from_civil(year + whole + 1, month, day_of_month)
    return whole + (end - last) / (following - last)


@kernel
def years_between_rows(start, anniversaries, ends, out):
    """`years_between` from one day to each of many.

    Parameters
    ----------
    start : float64
        Days since 1970-01-01 [day].
    anniversaries : (2 k + 1,) float64
        Anniversaries of that day, k years either way [day].
    ends : (n,) float64
        Days since 1970-01-01 [day]; NaN is missing.
    out : (n,) float64
        Filled with years [year].

    Notes
    -----
    A row costs two look-ups.  Beyond the anniversaries years of mean length are counted.
    """
    reach = anniversaries.size // 2
    for i in range(ends.size):
        end = ends[i]
        if math.isnan(end):
            out[i] = math.nan
        elif anniversaries[1] < end < anniversaries[2 * reach - 1]:
            k = int((end - anniversaries[0]) / 365.2425)
            if anniversaries[k] > end:
                k -= 1
            elif anniversaries[k + 1] <= end:
                k += 1
            last = anniversaries[k]
            out[i] = k - reach + (end - last) / (anniversaries[k + 1] - last)
        else:
            out[i] = (end - start) / 365.2425
