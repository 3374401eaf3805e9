"""Figures that registers hold twice, in two units, and that may disagree."""

from sys import float_info

from riskengine.units import SQUARE_METRES_PER_MU

YUAN_PER_WAN_YUAN = 10_000.0
"""1 万元 = 10,000 yuan."""

_SLACK = 8.0 * float_info.epsilon
"""Relative slack for decimals that binary numbers cannot hold."""


def mu_of_m2(area_m2: float) -> float:
    """Convert square metres to mu, without rounding.

    Parameters
    ----------
    area_m2 : float
        Area [m2].

    Returns
    -------
    float
        Area [mu]; 1 mu = 2000/3 m2.

    Examples
    --------
    >>> round(mu_of_m2(10000.0), 6)
    15.0
    """
    return area_m2 / SQUARE_METRES_PER_MU


def areas_agree(area_m2: float, area_mu: float, decimals_m2: int = 2, decimals_mu: int = 2) -> bool:
    """Whether two statements of one area differ by no more than their rounding.

    Parameters
    ----------
    area_m2 : float
        Area [m2], rounded.
    area_mu : float
        Area [mu], rounded.
    decimals_m2, decimals_mu : int
        Decimals that each is held with.

    Returns
    -------
    bool
        True within half a unit of the last decimal of both, ends closed; False where
        either is negative, infinite or NaN.

    Examples
    --------
    >>> areas_agree(2000.0, 3.0), areas_agree(2000.0, 3.02)
    (True, False)
    """
    rounding_mu = 0.5 * 10.0**-decimals_mu + mu_of_m2(0.5 * 10.0**-decimals_m2)
    return _agree(mu_of_m2(area_m2), area_mu, rounding_mu)


def amounts_agree(amount_yuan: float, amount_wan_yuan: float, decimals: int = 2) -> bool:
    """Whether a sum printed in 万元 is the sum in yuan, rounded for print.

    Parameters
    ----------
    amount_yuan : float
        Sum [yuan], held to the fen.
    amount_wan_yuan : float
        Sum [10,000 yuan] as printed.
    decimals : int
        Decimals in print, usually 2 to 6.

    Returns
    -------
    bool
        True within half a unit of the last decimal, ends closed; False where either is
        negative, infinite or NaN.

    Examples
    --------
    >>> amounts_agree(123456.0, 12.35), amounts_agree(123456.0, 12.34)
    (True, False)
    """
    return _agree(amount_yuan / YUAN_PER_WAN_YUAN, amount_wan_yuan, 0.5 * 10.0**-decimals)


def _agree(exact: float, stated: float, rounding: float) -> bool:
    """Whether two figures differ by no more than their rounding."""
    if not (0.0 <= exact < float("inf") and 0.0 <= stated < float("inf")):
        return False
    return abs(exact - stated) <= rounding + _SLACK * max(exact, rounding)
