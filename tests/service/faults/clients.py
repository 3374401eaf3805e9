"""Clients as they are met: each remembers what was acknowledged, and asks again until it is."""

import random
import threading
import time
from copy import deepcopy
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse
from pathlib import Path
from typing import Any

import orjson

from service.examples import applications

EXAMPLES = tuple(deepcopy(one) for one in applications().values())
LONGEST_PAUSE = 0.5
GIVE_UP_SECONDS = 240.0
"""A request that is not acknowledged for so long waits for ever [s]."""
MAY_COME = frozenset({0, 429, 503})
"""Statuses after which a client asks again; 0 is a connection that broke."""


class Line:
    """A connection that is kept, and made again when it breaks."""

    def __init__(self, port: int, key: str, seconds: float = 20.0) -> None:
        self.port, self.key, self.seconds = port, key, seconds
        self._held: HTTPConnection | None = None

    def ask(
        self, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        """Send a request; status 0 where no answer came."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            if self._held is None:
                self._held = HTTPConnection("127.0.0.1", self.port, timeout=self.seconds)
            self._held.request(
                method, path, body,
                {"X-API-Key": self.key, "Content-Type": "application/json", **given},
            )  # fmt: skip
            answer: HTTPResponse = self._held.getresponse()
            content = answer.read()
            return answer.status, {k.lower(): v for k, v in answer.getheaders()}, content
        except (OSError, HTTPException):
            self.close()
            return 0, {}, b""

    def close(self) -> None:
        """Let the connection go."""
        if self._held is not None:
            self._held.close()
            self._held = None


@dataclass(slots=True)
class Acknowledged:
    """What a client was told.

    Parameters
    ----------
    tenant, key : str
        Under which idempotency key.
    body : bytes
        The answer.
    first, asked, answered : float
        When it was first sent, when the try that was answered began and ended, monotonic [s].
    tries : int
        How often it was sent.
    """

    tenant: str
    key: str
    body: bytes
    first: float = 0.0
    asked: float = 0.0
    answered: float = 0.0
    tries: int = 1


@dataclass(slots=True)
class Noted:
    """What all clients saw."""

    acknowledged: list[Acknowledged] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    lock: Any = field(default_factory=threading.Lock)

    def saw(self, status: int) -> None:
        """Count a status."""
        with self.lock:
            self.statuses[status] = self.statuses.get(status, 0) + 1

    def tell(self, fault: str) -> None:
        """Note something that must not be."""
        with self.lock:
            self.wrong.append(fault)


class ScoreClient(threading.Thread):
    """Scores application after application, each under a key of its own.

    Parameters
    ----------
    port : int
        Where.
    tenant, api_key : str
        Whose.
    number : int
        Which client, and its seed.
    noted : Noted
        Where it writes down what it saw.
    pause : float
        Mean pause between two applications [s].
    """

    def __init__(
        self, port: int, tenant: str, api_key: str, number: int, noted: Noted, pause: float = 0.02
    ) -> None:  # fmt: skip
        super().__init__(name=f"client-{tenant}-{number}", daemon=True)
        self.line, self.tenant, self.number = Line(port, api_key), tenant, number
        self.noted, self.pause = noted, pause
        self.draw, self.leave = random.Random(number), threading.Event()
        self.own: list[Acknowledged] = []

    def run(self) -> None:
        """Ask until told to leave; the last application is asked for until acknowledged."""
        count = 0
        while not self.leave.is_set():
            application = {**EXAMPLES[count % len(EXAMPLES)],
                           "application_no": f"{self.tenant}-{self.number}-{count}"}  # fmt: skip
            found = self._until_told(f"k-{self.number}-{count}", orjson.dumps(application))
            if found is None:
                break
            self.own.append(found)
            with self.noted.lock:
                self.noted.acknowledged.append(found)
            if self.draw.random() < 0.1:
                self._ask_again(self.draw.choice(self.own), count)
            count += 1
            time.sleep(self.draw.uniform(0.0, 2.0 * self.pause))
        self.line.close()

    def _until_told(self, key: str, body: bytes) -> Acknowledged | None:
        """Ask for a decision until it is acknowledged."""
        first, tries, pause = time.monotonic(), 0, 0.02
        while True:
            tries, asked = tries + 1, time.monotonic()
            status, _, content = self.line.ask("POST", "/v1/scores", body, Idempotency_Key=key)
            self.noted.saw(status)
            if status == 200:
                return Acknowledged(
                    self.tenant, key, content, first, asked, time.monotonic(), tries
                )  # fmt: skip
            if status not in MAY_COME:
                self.noted.tell(f"{status} for {key}: {content[:200]!r}")
                return None
            if time.monotonic() > first + GIVE_UP_SECONDS:
                self.noted.tell(f"{key} waits for ever, last {status}: {content[:200]!r}")
                return None
            time.sleep(self.draw.uniform(0.5, 1.0) * pause)
            pause = min(LONGEST_PAUSE, 2.0 * pause)

    def _ask_again(self, one: Acknowledged, count: int) -> None:
        """Ask for an earlier decision: its bytes, or no answer."""
        number = int(one.key.rpartition("-")[2])
        application = {**EXAMPLES[number % len(EXAMPLES)],
                       "application_no": f"{self.tenant}-{self.number}-{number}"}  # fmt: skip
        body = orjson.dumps(application)
        status, headers, content = self.line.ask(
            "POST", "/v1/scores", body, Idempotency_Key=one.key
        )
        self.noted.saw(status)
        if status == 200 and (content != one.body or "idempotency-replayed" not in headers):
            self.noted.tell(f"another answer to {one.key} at {count}")
        elif status not in (200, *MAY_COME):
            self.noted.tell(f"{status} for {one.key} again: {content[:200]!r}")


class JobClient(threading.Thread):
    """Asks for job after job on one book and holds the results against the expected ones.

    Parameters
    ----------
    port : int
        Where.
    tenant, api_key : str
        Whose.
    folder : Path
        Tables of the book.
    kinds : tuple of str
        Kinds of jobs, in turn.
    noted : Noted
        Where faults are written down.
    """

    def __init__(
        self, port: int, tenant: str, api_key: str, folder: Path, kinds: tuple[str, ...],
        noted: Noted,
    ) -> None:  # fmt: skip
        super().__init__(name=f"jobs-{tenant}", daemon=True)
        self.line, self.folder, self.kinds, self.noted = Line(port, api_key), folder, kinds, noted
        self.leave, self.expected = threading.Event(), dict[str, dict[str, Any]]()
        self.book_id, self.done, self.attempts, self.asked = "", 0, 0, 0

    def prepare(self) -> None:
        """Upload the book and run each kind undisturbed: what every later job must leave."""
        made = orjson.loads(self._told("POST", "/v1/books", orjson.dumps({"title": "book"})))
        self.book_id = made["book_id"]
        for path in sorted(self.folder.glob("*.parquet")):
            place = f"/v1/books/{self.book_id}/tables/{path.stem}"
            self._told("PUT", place, path.read_bytes())
        for kind in self.kinds:
            job_id = self._ask(kind)
            if self._ended(job_id):
                self.expected[kind] = self._fetch(job_id)
        self.done = self.attempts = 0

    def run(self) -> None:
        """Ask for jobs until told to leave; the last is waited for."""
        count = 0
        while not self.leave.is_set():
            kind = self.kinds[count % len(self.kinds)]
            job_id = self._ask(kind)
            if not self._ended(job_id):
                break
            if self._fetch(job_id) != self.expected[kind]:
                self.noted.tell(f"other bytes of {kind} {job_id}")
            count += 1
        self.line.close()

    def _ask(self, kind: str) -> str:
        self.asked += 1
        body = orjson.dumps({"kind": kind, "valued_on": "2026-11-24"})
        path, key = f"/v1/books/{self.book_id}/jobs", f"job-{self.asked}"
        return str(orjson.loads(self._told("POST", path, body, Idempotency_Key=key))["job_id"])

    def _ended(self, job_id: str) -> bool:
        """Wait until a job is done."""
        end = time.monotonic() + GIVE_UP_SECONDS
        while time.monotonic() < end:
            job = orjson.loads(self._told("GET", f"/v1/jobs/{job_id}"))
            if job["state"] == "done":
                self.done, self.attempts = self.done + 1, self.attempts + job["attempts"]
                return True
            if job["state"] not in ("queued", "running"):
                self.noted.tell(f"{job_id} is {job['state']}: {job['problem']}")
                return False
            time.sleep(0.1)
        self.noted.tell(f"{job_id} waits for ever")
        return False

    def _fetch(self, job_id: str) -> dict[str, Any]:
        listed = orjson.loads(self._told("GET", f"/v1/jobs/{job_id}/results"))["items"]
        found = {}
        for one in listed:
            content: Any = self._told("GET", f"/v1/jobs/{job_id}/results/{one['file']}")
            if one["file"] == "manifest.json":
                held = orjson.loads(content)
                content = {k: held[k] for k in held if k not in ("seconds", "rows_per_second")}
            found[one["file"]] = content
        return found

    def _told(self, method: str, path: str, body: bytes | None = None, **headers: str) -> bytes:
        """Ask until there is an answer."""
        end, last = time.monotonic() + GIVE_UP_SECONDS, (0, b"")
        while time.monotonic() < end:
            status, _, content = self.line.ask(method, path, body, **headers)
            last = (status, content[:200])
            if status in (200, 201, 202):
                return content
            if status not in MAY_COME:
                break
            time.sleep(0.1)
        self.noted.tell(f"{method} {path}: {last}")
        raise RuntimeError(f"{method} {path}: {last}")
