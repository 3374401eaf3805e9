"""Rate limits: token buckets that remember one number each (GCRA).

A bucket holds ``capacity`` tokens and refills evenly.  It is kept as the moment at which it
will be full again (the theoretical arrival time of ITU-T I.371, annex A), so that an idle
bucket is the same as none and may be forgotten.  Limits hold in one process: with several
workers each grants its share.
"""

import threading
from dataclasses import dataclass

MOST_BUCKETS = 20_000
"""Buckets of one process; full ones are forgotten first, then the oldest."""
WINDOW_SECONDS = 60.0
BURST = 1.0 / 6.0
"""Part of a minute's tokens that may be used at once."""


@dataclass(frozen=True, slots=True)
class Policy:
    """How much may be asked.

    Parameters
    ----------
    per_minute : int
        Tokens of a minute in one process [1/minute], >= 1.
    capacity : int
        Most tokens at once, >= 1.
    """

    per_minute: int
    capacity: int


@dataclass(frozen=True, slots=True)
class Grant:
    """What a bucket answered.

    Parameters
    ----------
    granted : bool
        Whether the tokens were there; they are taken only then.
    remaining : int
        Tokens that are left.
    wait_seconds : float
        Until the tokens asked for are there [s]; 0 when granted.
    """

    granted: bool
    remaining: int
    wait_seconds: float


def policy_of(per_minute: int, workers: int, at_least: int = 1) -> Policy:
    """Return one process's share of a limit.

    Parameters
    ----------
    per_minute : int
        Limit over all workers [1/minute], >= 1.
    workers : int
        Processes that share it, >= 1.
    at_least : int
        Smallest capacity, such as the largest batch.

    Returns
    -------
    Policy
        Rounded up, so that the shares add up to the limit or a little more.

    Examples
    --------
    >>> policy_of(600, 2)
    Policy(per_minute=300, capacity=50)
    """
    share = -(-per_minute // workers)
    return Policy(share, max(at_least, int(share * BURST), 1))


class Limiter:
    """Buckets by name, exact under threads."""

    def __init__(self, most: int = MOST_BUCKETS) -> None:
        self._full_at: dict[str, float] = {}
        self._lock = threading.Lock()
        self._most = most

    def take(self, name: str, policy: Policy, now: float, tokens: int = 1) -> Grant:
        """Take tokens from a bucket, all or none.

        Parameters
        ----------
        name : str
            Whose bucket.
        policy : Policy
            Its rate and capacity.
        now : float
            Seconds of a clock that only goes forward [s].
        tokens : int
            How many, >= 0.

        Returns
        -------
        Grant
            Whether they were there.
        """
        each = WINDOW_SECONDS / policy.per_minute
        most = policy.capacity * each
        with self._lock:
            full_at = max(self._full_at.get(name, now), now)
            after = full_at + tokens * each
            over = after - now - most
            if over > 1e-9:
                left = int((most - (full_at - now)) / each + 1e-9)
                return Grant(False, max(left, 0), over)
            if len(self._full_at) >= self._most and name not in self._full_at:
                self._forget(now)
            self._full_at[name] = after
        return Grant(True, int((most - (after - now)) / each + 1e-9), 0.0)

    def wait_for_one(self, name: str, policy: Policy, now: float) -> float:
        """Return how long until a token is there, without taking it.

        Parameters
        ----------
        name, policy, now
            As of `take`.

        Returns
        -------
        float
            0 if one is there now [s].
        """
        each = WINDOW_SECONDS / policy.per_minute
        over = self._full_at.get(name, now) + each - now - policy.capacity * each
        return over if over > 1e-9 else 0.0

    def _forget(self, now: float) -> None:
        """Drop buckets that are full; the oldest tenth if none is."""
        for name in [name for name, full_at in self._full_at.items() if full_at <= now]:
            del self._full_at[name]
        if len(self._full_at) >= self._most:
            for name in list(self._full_at)[: max(self._most // 10, 1)]:
                del self._full_at[name]

    def __len__(self) -> int:
        return len(self._full_at)
