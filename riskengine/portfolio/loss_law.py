"""Law of the loss of a book from blocks of weighted scenarios: tails, VaR and ES with errors.

Each scenario is a normal with the mean and spread that the single names leave, or a point
where nothing is left.  Blocks are independent (another scrambling each), so their spread
is the error of their mean.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from riskengine.kernels.tail_sums import mixture_quantile, mixture_tail
from riskengine.portfolio.exposures import BookError, Column
from riskengine.words import Text


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number that was simulated.

    Parameters
    ----------
    value : float
        From all blocks together.
    standard_error : float
        From the spread between blocks; NaN with one block.
    """

    value: float
    standard_error: float


@dataclass(frozen=True, slots=True)
class LossLaw:
    """Losses over r blocks of s scenarios.

    Parameters
    ----------
    means, spreads : (r, s) float64
        Mean and standard deviation of the loss in each scenario [yuan].
    weights : (r, s) float64
        Likelihood ratios [1].
    """

    means: Column
    spreads: Column
    weights: Column

    def exceedance(self, loss_yuan: float) -> Estimate:
        """Probability of losing more.

        Parameters
        ----------
        loss_yuan : float
            Loss [yuan].

        Returns
        -------
        Estimate
            P(L > loss) [1].
        """

        def tail(means: Column, spreads: Column, weights: Column) -> float:
            return float(mixture_tail(means, spreads, weights, loss_yuan)[0])

        return self._estimate(tail)

    def value_at_risk(self, level: float) -> Estimate:
        """VaR: the smallest loss that is exceeded with probability 1 - level at most.

        Parameters
        ----------
        level : float
            Level [1], in (0, 1).

        Returns
        -------
        Estimate
            VaR [yuan]: inf{x: F(x) >= level}.

        Raises
        ------
        BookError
            If the level is outside (0, 1).
        """
        tail = _tail(level)
        return self._estimate(lambda m, d, w: _quantile(m, d, w, tail))

    def expected_shortfall(self, level: float) -> Estimate:
        """ES: mean of the worst 1 - level, an atom at VaR split (Acerbi & Tasche).

        Parameters
        ----------
        level : float
            Level [1], in (0, 1).

        Returns
        -------
        Estimate
            ES [yuan], at least VaR.

        Raises
        ------
        BookError
            If the level is outside (0, 1).
        """
        tail = _tail(level)

        def shortfall(means: Column, spreads: Column, weights: Column) -> float:
            at = _quantile(means, spreads, weights, tail)
            chance, lost, _ = mixture_tail(means, spreads, weights, at)
            return float((lost + at * (tail - chance)) / tail)

        return self._estimate(shortfall)

    def mean_weight(self) -> Estimate:
        """Mean of the likelihood ratios, which should be 1.

        Returns
        -------
        Estimate
            Mean [1].
        """
        return _of_blocks(self.weights.mean(axis=1), float(self.weights.mean()))

    def effective_size(self) -> float:
        """Effective number of scenarios (sum w)^2 / sum w^2.

        Returns
        -------
        float
            In [1, r s].
        """
        return float(self.weights.sum() ** 2 / np.sum(self.weights**2))

    def _estimate(self, figure: Callable[[Column, Column, Column], float]) -> Estimate:
        size = self.weights.shape[1]
        blocks = [
            figure(means, spreads, weights / size)
            for means, spreads, weights in zip(self.means, self.spreads, self.weights, strict=True)
        ]
        share = self.weights.ravel() / self.weights.size
        return _of_blocks(np.array(blocks), figure(self.means.ravel(), self.spreads.ravel(), share))


def _of_blocks(blocks: Column, value: float) -> Estimate:
    error = blocks.std(ddof=1) / np.sqrt(blocks.size) if blocks.size > 1 else np.nan
    return Estimate(value, float(error))


def _tail(level: float) -> float:
    if not 0.0 < level < 1.0:
        raise BookError(
            Text(f"置信水平{level}应在0与1之间", f"level {level} must be in (0, 1)"),
            Text("例如0.999", "0.999, for example"),
        )
    return 1.0 - level


def _quantile(means: Column, spreads: Column, weights: Column, tail: float) -> float:
    """inf{x: P(L > x) <= tail}; points alone are sorted, else the root is sought."""
    if not spreads.any():
        order = np.argsort(-means, kind="stable")
        beyond = np.cumsum(weights[order])
        place = min(int(np.searchsorted(beyond, tail, side="right")), means.size - 1)
        return float(means[order[place]])
    reach = 9.0 * spreads
    low, high = float(np.min(means - reach)), float(np.max(means + reach))
    if mixture_tail(means, spreads, weights, low)[0] <= tail:
        return low
    return float(mixture_quantile(means, spreads, weights, tail, low, high))
