"""What a job's own process is told, and what it tells back: plain data, no secret."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson

INSTITUTION = "institution"
"""Folder of a tenant's rules; it stands in what they say of their origin."""
SPOOL = "spool"
"""Folder of a job's temporary files."""


@dataclass(frozen=True, slots=True)
class Order:
    """What one job is to do.

    Parameters
    ----------
    kind : str
        ``revalue``, ``pledges``, ``book``, ``stress``, ``ratios`` or ``check``.
    valued_on : str
        Day of valuation, ISO 8601.
    arguments : dict
        Arguments of the kind.
    folder : str
        Folder of the job.
    pointed : str or None
        Folder whose tables are copied first; None for a book that was uploaded.
    market : str or None
        Market snapshot; None for the demonstration.
    price_models : list of str
        Released price models.
    processes, threads : int
        How many to use; they change no result.
    lease_seconds : float
        A process that hears nothing from its worker for so long ends; one that comes after
        it waits twice as long for that [s].
    """

    kind: str
    valued_on: str
    arguments: dict[str, Any]
    folder: str
    pointed: str | None
    market: str | None
    price_models: list[str]
    processes: int
    threads: int
    lease_seconds: float

    def line(self) -> bytes:
        """Return the order as one line of JSON."""
        return orjson.dumps(asdict(self)) + b"\n"

    @property
    def home(self) -> Path:
        """Folder of the job."""
        return Path(self.folder)

    @property
    def spool(self) -> Path:
        """Folder of everything that is made on the way: nothing of a job lies elsewhere."""
        return self.home / SPOOL

    @property
    def out(self) -> Path:
        """Folder of the results."""
        return self.home / "out"

    @property
    def source(self) -> Path:
        """Folder of the tables."""
        return self.home / "input"


def order_of(line: bytes) -> Order:
    """Return the order that a line holds.

    Parameters
    ----------
    line : bytes
        As `Order.line` gave it.

    Returns
    -------
    Order
        The order.
    """
    return Order(**orjson.loads(line))
