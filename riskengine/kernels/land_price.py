"""Prices of construction land: benchmark corrected, residual, floor price, net of levy.

A price of one plot says something of another after corrections for term, plot
ratio, date, ownership and individual traits; each factor is subject over
comparable.  What a lender can count on is net of tax and of the levy on the gain
(土地增值收益调节金).

Source: GB/T 18508-2014 (appraisal of urban land).
"""

from riskengine.kernels.compiling import kernel
from riskengine.kernels.construction import appreciation_levy


@kernel
def benchmark_price(price, corrections, date, term, plot_ratio, development):
    """Benchmark price corrected (基准地价系数修正): P0 (1 + sum K) K_date K_term K_FAR + D.

    Parameters
    ----------
    price : float64
        Benchmark price P0 [yuan/m2], > 0.
    corrections : float64
        Sum of individual corrections [1], > -1.
    date, term, plot_ratio : float64
        Factors [1], > 0.
    development : float64
        Correction for works on the land D [yuan/m2].

    Returns
    -------
    float64
        Price [yuan/m2].

    Examples
    --------
    >>> round(benchmark_price(500.0, -0.13, 1.06, 0.97, 1.51, 0.0))
    675
    """
    return price * (1.0 + corrections) * date * term * plot_ratio + development


@kernel
def residual_price(completed, building, fee_share, selling_share, profit_share):
    """Land by hypothetical development (剩余法), from values already discounted.

    L = S (1 - s) - B (1 + f) - p (L + B (1 + f)), solved for L.

    Parameters
    ----------
    completed : float64
        Value when completed S, discounted [yuan], >= 0.
    building : float64
        Cost of building B, discounted [yuan], >= 0.
    fee_share, selling_share, profit_share : float64
        Fees over building f, selling cost over the completed value s, profit over
        land, building and fees p [1], >= 0.

    Returns
    -------
    float64
        Land [yuan]; negative where the scheme does not pay.

    Examples
    --------
    >>> round(residual_price(29752066.0, 9190000.0, 0.06, 0.05, 0.2))
    13812319
    """
    spent = building * (1.0 + fee_share)
    return completed * (1.0 - selling_share) / (1.0 + profit_share) - spent


@kernel
def net_of_levy(price, basis, levy, tax):
    """What is left of a price after tax and levy: P (1 - tax) - levy max(0, P - basis).

    Parameters
    ----------
    price, basis : float64
        Price, and cost of acquiring and developing [yuan], >= 0.
    levy, tax : float64
        Levy on the gain and tax on the price [1], in [0, 1].

    Returns
    -------
    float64
        Net amount [yuan].

    Examples
    --------
    >>> net_of_levy(100.0, 40.0, 0.3, 0.05)
    77.0
    """
    return price * (1.0 - tax) - appreciation_levy(price, basis, levy)


@kernel
def unit_land_price(floor_price, plot_ratio):
    """Price of land from its price over floor space (楼面地价): floor price x plot ratio.

    Parameters
    ----------
    floor_price : float64
        Price over floor space [yuan/m2].
    plot_ratio : float64
        Floor area over land area [1], > 0.

    Returns
    -------
    float64
        Price over land area [yuan/m2].

    Examples
    --------
    >>> unit_land_price(300.0, 3.0)
    900.0
    """
    return floor_price * plot_ratio
