"""Sales of a ratio study in the one order in which everything is computed."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from riskengine.appraisal.cells import Array
from riskengine.appraisal.settings import TiedPrices


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Sales of one study, in rising order of ratio: one order, whatever the input's.

    Parameters
    ----------
    row : (n,) int64
        Place of each sale in the input, from 0.
    assessed, sale_price : (n,) float64
        Estimates and prices [yuan].
    ratios : (n,) float64
        Ratios [1].
    """

    row: npt.NDArray[np.int64]
    assessed: Array
    sale_price: Array
    ratios: Array

    def only(self, kept: npt.NDArray[np.bool_]) -> "Sample":
        """Return part of the sample.

        Parameters
        ----------
        kept : (n,) bool
            Sales to keep.

        Returns
        -------
        Sample
            The kept sales, in the same order.
        """
        return Sample(self.row[kept], self.assessed[kept], self.sale_price[kept], self.ratios[kept])


def sample_of(row: npt.NDArray[np.int64], assessed: Array, sale_price: Array) -> Sample:
    """Put sales into the one order in which everything is computed.

    Parameters
    ----------
    row : (n,) int64
        Place of each sale in the input.
    assessed, sale_price : (n,) float64
        Estimates and prices [yuan], > 0.

    Returns
    -------
    Sample
        Sorted by ratio, then price, estimate and row.

    Examples
    --------
    >>> sample_of(np.arange(2), np.array([9.0, 8.0]), np.array([10.0, 10.0])).row.tolist()
    [1, 0]
    """
    ratios = assessed / sale_price
    order = np.lexsort((row, assessed, sale_price, ratios))
    return Sample(row[order], assessed[order], sale_price[order], ratios[order])


def price_order(
    sample: Sample, tied_prices: TiedPrices
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Sales by rising price, and which share the rank of the one before.

    Parameters
    ----------
    sample : Sample
        The sales.
    tied_prices : {"stable", "midrank"}
        Ranks of equal prices: as the rows of the input come, or shared.

    Returns
    -------
    tuple
        Order, (n,) int64, and ties with the place before, (n,) bool.

    Examples
    --------
    >>> sample = sample_of(np.arange(2), np.array([9.0, 8.0]), np.array([10.0, 10.0]))
    >>> order, tied = price_order(sample, "midrank")
    >>> order.tolist(), tied.tolist()
    ([1, 0], [False, True])
    """
    order = np.lexsort((sample.row, sample.sale_price))
    tied = np.zeros(order.size, dtype=np.bool_)
    if tied_prices == "midrank":
        tied[1:] = np.diff(sample.sale_price[order]) == 0.0
    return order, tied
