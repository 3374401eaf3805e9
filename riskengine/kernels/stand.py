"""What a stand is like beside the one it is compared with: quality coefficients.

A coefficient is the stand's figure over that of the reference stand of the same
age.  It multiplies incomes and replacement costs, never the costs still to come.

Source: LY/T 2407-2015 (forest-resource asset appraisal); the 1996 trial norm.
"""

import math

from riskengine.kernels.compiling import kernel


@kernel
def survival_coefficient(survival, required, failed, scale):
    """Quality K1 of a planting from the share of its trees alive (成活率系数).

    1 from the required share on; survival / scale below it; 0 below ``failed``.

    Parameters
    ----------
    survival : float64
        Share of planted trees alive or kept [1], in [0, 1].
    required : float64
        Local required share [1], in (0, 1].
    failed : float64
        Share below which the planting counts as failed [1], in [0, required].
    scale : float64
        Divisor below the requirement [1], > 0: 1 where the share itself is the
        coefficient, ``required`` where its ratio to the requirement is.

    Returns
    -------
    float64
        Coefficient [1], in [0, 1] when scale >= required; NaN if missing.

    Notes
    -----
    The 1996 norm: required 0.85, failed 0.40, scale 1.  Later practice compares
    with the local standard (FO-02, FO-03: 0.88 against 0.80 gives 1).

    Examples
    --------
    >>> survival_coefficient(0.88, 0.8, 0.4, 1.0), survival_coefficient(0.6, 0.85, 0.4, 1.0)
    (1.0, 0.6)
    >>> survival_coefficient(0.39, 0.85, 0.4, 1.0)
    0.0
    """
    if math.isnan(survival):
        return math.nan
    if survival >= required:
        return 1.0
    return survival / scale if survival >= failed else 0.0


@kernel
def young_quality(survival_quality, height, reference_height):
    """Quality K of a young stand: K1 of survival times the ratio of heights K2.

    Parameters
    ----------
    survival_quality : float64
        Coefficient of `survival_coefficient` [1], >= 0.
    height, reference_height : float64
        Mean heights of the stand and of the reference stand [m], > 0.

    Returns
    -------
    float64
        Coefficient [1].

    Examples
    --------
    >>> young_quality(1.0, 2.1, 2.0)
    1.05
    """
    return survival_quality * (height / reference_height)


@kernel
def grown_quality(volume, reference_volume, diameter, reference_diameter):
    """Quality K of a middle-aged or older stand: ratio of volumes times ratio of diameters.

    Parameters
    ----------
    volume, reference_volume : float64
        Standing volumes [m3/mu], or any one unit per area, > 0.
    diameter, reference_diameter : float64
        Mean diameters at breast height [cm], > 0.

    Returns
    -------
    float64
        Coefficient [1].

    Examples
    --------
    >>> round(grown_quality(9.0, 10.0, 14.0, 13.0), 4)
    0.9692
    """
    return (volume / reference_volume) * (diameter / reference_diameter)


@kernel
def fruit_quality(stems, height, crown, crop, stems_cap):
    """Quality K of an orchard: product of its ratios to the reference orchard.

    Parameters
    ----------
    stems : float64
        Ratio of trees per area [1], >= 0; more trees than the cap count no more.
    height, crown, crop : float64
        Ratios of tree height, of crown diameter and of yield [1], >= 0; 1 where
        the rule does not ask for one.
    stems_cap : float64
        Largest ratio of trees that counts [1], > 0; infinite for none.

    Returns
    -------
    float64
        Coefficient [1].

    Examples
    --------
    >>> round(fruit_quality(1.0, 3.3 / 3.5, 3.0 / 3.1, 1.0, 1.0), 6)
    0.912442
    """
    return min(stems, stems_cap) * height * crown * crop


@kernel
def bounded_quality(quality, low, high, surveyed):
    """Quality held in a plausible range unless a survey speaks for it.

    Parameters
    ----------
    quality : float64
        Coefficient K [1], >= 0.
    low, high : float64
        Range [1], 0 <= low <= high, both ends allowed.
    surveyed : bool
        True when a survey of the stand is attached: the coefficient is kept.

    Returns
    -------
    float64
        Coefficient [1]; NaN if missing.

    Examples
    --------
    >>> bounded_quality(1.8, 0.5, 1.5, False), bounded_quality(1.8, 0.5, 1.5, True)
    (1.5, 1.8)
    """
    if surveyed or math.isnan(quality):
        return quality
    return min(max(quality, low), high)
