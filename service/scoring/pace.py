"""How many works to take together, and how long to wait for company, learnt from batches."""

from dataclasses import dataclass

FORGET = 0.9
"""Weight of everything before, at each new batch: some ten batches are remembered."""
FEWEST = 8
"""Never fewer than these are taken: the fixed cost of a commit must be shared."""
GAP_SECONDS, LONGEST_SECONDS = 0.002, 0.05
"""Longest wait for the next work of a company, and for all of it [s]."""
LEAVES = 0.8
"""Share of a company that is still expected when fewer came."""


@dataclass(slots=True)
class Pace:
    """Least squares of a batch's time on its size: seconds = fixed + each * size.

    Parameters
    ----------
    most : int
        Most that may be taken together, >= 1.
    seconds : float
        Time that one batch should not exceed, > 0 [s].

    Notes
    -----
    Sums are forgotten exponentially, so that a slow disk or a busy machine is followed.
    """

    most: int
    seconds: float
    _n: float = 0.0
    _x: float = 0.0
    _y: float = 0.0
    _xx: float = 0.0
    _xy: float = 0.0

    def observe(self, size: int, seconds: float) -> None:
        """Take note of a batch.

        Parameters
        ----------
        size : int
            Works in it, >= 1.
        seconds : float
            How long it took [s].
        """
        self._n = self._n * FORGET + 1.0
        self._x = self._x * FORGET + size
        self._y = self._y * FORGET + seconds
        self._xx = self._xx * FORGET + size * size
        self._xy = self._xy * FORGET + size * seconds

    def each(self) -> float:
        """Return the mean time of one work, its share of the fixed cost included [s]."""
        return self._y / self._x if self._x else 0.0

    def size(self) -> int:
        """Return how many to take now.

        Returns
        -------
        int
            From min(`FEWEST`, ``most``) to ``most``: what fits into ``seconds``.
        """
        spread = self._n * self._xx - self._x * self._x
        if spread <= 1e-9 * self._xx:  # batches of one size tell no slope
            slope, fixed = self.each(), 0.0
        else:
            slope = (self._n * self._xy - self._x * self._y) / spread
            fixed = (self._y - slope * self._x) / self._n
        if slope <= 0.0 or fixed >= self.seconds:  # waiting, not work: sharing it is all that helps
            return self.most
        fits = int(min(float(self.most), (self.seconds - max(0.0, fixed)) / slope))
        return max(min(FEWEST, self.most), fits)


@dataclass(slots=True)
class Company:
    """How many works are usually there together.

    Clients that are answered together ask again together, one close behind the other, and
    those that waited meanwhile are still there.  A batch that begins with some of them leaves
    the rest to wait for all of it, and shares the interpreter with the thread that reads them
    in.  Whoever asks alone waits for nobody.

    Parameters
    ----------
    usual : int
        How many to expect, >= 1.
    """

    usual: int = 1

    def observe(self, size: int) -> None:
        """Take note of a company.

        Parameters
        ----------
        size : int
            Works that were answered now, and that wait now, >= 0.
        """
        self.usual = max(1, size, int(self.usual * LEAVES))
