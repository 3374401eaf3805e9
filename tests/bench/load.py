"""A load on loopback: connections that stay open, each sends when its answer has come.

The generator is the same for every server that is measured, and takes a core of its own.
"""

import asyncio
import itertools
import math
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

try:
    from uvloop import new_event_loop
except ImportError:
    new_event_loop = asyncio.new_event_loop


@dataclass
class Load:
    """What a load came to."""

    seconds: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)
    waits: list[float] = field(default_factory=list)
    after_sending: dict[int, list[float]] = field(default_factory=dict)
    broken: int = 0

    @property
    def answers(self) -> int:
        """Answers of any status."""
        return sum(self.statuses.values())

    @property
    def per_second(self) -> float:
        """Answers with 2xx a second."""
        good = sum(n for status, n in self.statuses.items() if 200 <= status < 300)
        return good / self.seconds

    def wait(self, share: float) -> float:
        """Quantile of the wait for an answer with 2xx [ms]."""
        return float(np.quantile(self.waits, share)) * 1e3 if self.waits else float("nan")

    def note(self, status: int, due: float, sent: float) -> None:
        """Write down an answer to a request that was due and sent at some times [s]."""
        now = time.perf_counter()
        self.statuses[status] += 1
        self.after_sending.setdefault(status, []).append(now - sent)
        if 200 <= status < 300:
            self.waits.append(now - due)

    def wait_after_sending(self, status: int, share: float) -> float:
        """Quantile of the time from sending to an answer of some status [ms]."""
        found = self.after_sending.get(status)
        return float(np.quantile(found, share)) * 1e3 if found else float("nan")


class _Connection(asyncio.Protocol):
    """One connection: the next request goes out when the last is answered."""

    def __init__(self, run: "_Run") -> None:
        self.run, self.held, self.wanted, self.status = run, bytearray(), -1, 0
        self.due, self.sent = 0.0, 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def next(self) -> None:
        if self.run.over():
            self.transport.close()
            return
        due = self.run.due()
        wait = due - time.perf_counter()
        if wait > 0.0:
            asyncio.get_running_loop().call_later(wait, self.send, due)
        else:
            self.send(due)

    def send(self, due: float) -> None:
        if not self.transport.is_closing():
            self.due, self.sent = due, time.perf_counter()
            self.transport.write(next(self.run.requests))

    def data_received(self, data: bytes) -> None:
        self.held += data
        if self.wanted < 0:
            end = self.held.find(b"\r\n\r\n")
            if end < 0:
                return
            head = bytes(self.held[:end]).lower()
            self.status = int(head[9:12])
            at = head.find(b"content-length:")
            size = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            self.wanted = end + 4 + size
        if len(self.held) >= self.wanted:
            self.run.load.note(self.status, self.due, self.sent)
            del self.held[: self.wanted]
            self.wanted = -1
            self.next()

    def connection_lost(self, _: Exception | None) -> None:
        self.run.closed(broken=not self.run.over())


class _Run:
    """One load."""

    def __init__(self, requests: Iterator[bytes], seconds: float, rate: float | None) -> None:
        self.load, self.requests, self.seconds = Load(), requests, seconds
        self.rate, self.turn = rate, itertools.count()
        self.begin, self.end = math.inf, math.inf
        self.open, self.done = 0, asyncio.get_running_loop().create_future()

    def start(self) -> None:
        """Begin, now that all connections are open."""
        self.begin = time.perf_counter()
        self.end = self.begin + self.seconds

    def over(self) -> bool:
        return time.perf_counter() >= self.end

    def due(self) -> float:
        """When the next request is due; now where no rate is asked."""
        if self.rate is None:
            return time.perf_counter()
        return self.begin + next(self.turn) / self.rate

    def closed(self, broken: bool) -> None:
        self.load.broken += broken
        self.open -= 1
        if self.open == 0 and not self.done.done():
            self.done.set_result(None)


async def _loaded(
    port: int, requests: Iterator[bytes], seconds: float, connections: int, rate: float | None
) -> Load:
    run = _Run(requests, seconds, rate)
    loop = asyncio.get_running_loop()
    run.open = connections
    made = [
        (await loop.create_connection(lambda: _Connection(run), "127.0.0.1", port))[1]
        for _ in range(connections)
    ]
    run.start()
    for one in made:
        one.next()
    await run.done
    run.load.seconds = min(time.perf_counter() - run.begin, seconds)
    return run.load


def load(
    port: int, requests: Iterator[bytes], seconds: float, connections: int,
    rate: float | None = None,
) -> Load:  # fmt: skip
    """Put a load on a server.

    Parameters
    ----------
    port : int
        On loopback.
    requests : iterator of bytes
        Whole HTTP/1.1 requests.
    seconds : float
        How long [s].
    connections : int
        How many are open at once.
    rate : float or None
        Requests a second of all connections together; as many as come through when None.
        Waits then count from when a request was due, also where its connection was late.

    Returns
    -------
    Load
        Answers and waits.
    """
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        return runner.run(_loaded(port, requests, seconds, connections, rate))


def request(path: str, headers: dict[str, str], body: bytes) -> bytes:
    """Return a POST as it goes over the wire."""
    lines = [f"POST {path} HTTP/1.1", "host: 127.0.0.1", "content-type: application/json"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines += [f"content-length: {len(body)}", "", ""]
    return "\r\n".join(lines).encode() + body


def endless(make: Callable[[int], bytes]) -> Iterator[bytes]:
    """Requests by number, without end."""
    return map(make, itertools.count())
