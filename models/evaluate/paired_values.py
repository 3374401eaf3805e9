"""Two models of value on the same sales.

COD is that of the ratio studies of `riskengine.appraisal`; it is not written again.

Source: Wilcoxon (1945), Biometrics Bulletin 1 (signed ranks).
"""

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from models.evaluate.checks import Array, Significance, fault, numbers, same_length
from models.evaluate.paired import Paired, paired_bootstrap
from riskengine.kernels.ratio import coefficient_of_dispersion, median_of_sorted


def compare_values(
    price: ArrayLike,
    first: ArrayLike,
    second: ArrayLike,
    clusters: ArrayLike | None = None,
    resamples: int = 1000,
    seed: int = 0,
    confidence: float = 0.95,
) -> tuple[Paired, Paired, Significance]:
    """COD, absolute log error and the Wilcoxon test of two models of value.

    Parameters
    ----------
    price, first, second : (n,) array-like
        Prices paid and the two estimates [yuan], > 0.
    clusters : (n,) array-like, optional
        Place of each sale, drawn as a whole.
    resamples, seed : int
        Resamples and their seed.
    confidence : float
        Confidence, in (0, 1).

    Returns
    -------
    tuple of Paired, Paired and Significance
        ``COD`` [per cent], ``absolute log error`` (lower is better), and Wilcoxon's
        signed ranks of the paired absolute log errors (rows taken as independent).

    Raises
    ------
    ModelError
        For amounts that are not above 0, or unequal lengths.
    """
    paid, *guesses = (
        numbers(values, name)
        for values, name in ((price, "price"), (first, "first"), (second, "second"))
    )
    same_length(price=paid, first=guesses[0], second=guesses[1])
    if min(paid.min(), guesses[0].min(), guesses[1].min()) <= 0.0:
        raise fault(
            "价格或估值不大于零", "a price or an estimate is not above 0",
            "请剔除或修正", "drop or mend these rows",
        )  # fmt: skip
    ratios = [guess / paid for guess in guesses]
    orders = [np.argsort(ratio, kind="stable") for ratio in ratios]
    errors = [np.abs(np.log(ratio)) for ratio in ratios]

    def dispersion(times: Array) -> tuple[float, float]:
        counts = times.astype(np.int64)
        found = []
        for ratio, order in zip(ratios, orders, strict=True):
            drawn = np.repeat(ratio[order], counts[order])
            found.append(float(coefficient_of_dispersion(drawn, median_of_sorted(drawn))))
        return found[0], found[1]

    def mean_error(times: Array) -> tuple[float, float]:
        return float(times @ errors[0] / times.sum()), float(times @ errors[1] / times.sum())

    signed = errors[0] - errors[1]
    p_value, statistic = 1.0, 0.0
    if np.any(signed != 0.0):
        ranks = stats.wilcoxon(signed)
        p_value, statistic = float(ranks.pvalue), float(ranks.statistic)
    found = [
        paired_bootstrap(name, figure, paid.size, clusters, resamples, seed, confidence)
        for name, figure in (("COD", dispersion), ("absolute log error", mean_error))
    ]
    return found[0], found[1], Significance("Wilcoxon, absolute log errors", statistic, p_value)
