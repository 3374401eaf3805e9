"""The key set of an issuer of tokens (RFC 7517): fetched, kept, fetched again within bounds."""

import threading
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path
from typing import IO, Any

import orjson

from riskengine.words import Text
from service.clock import ticks
from service.problems import Problem

MOST_BYTES = 256 << 10
MOST_KEYS = 100
TIMEOUT_SECONDS = 3.0
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
FAMILIES = {"RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP"}
"""Type of key that an algorithm takes, by its first letters."""

Keys = Mapping[str, dict[str, Any]]
Fetch = Callable[[], bytes]


@dataclass(slots=True)
class KeySet:
    """Public keys of an issuer by their id.

    Parameters
    ----------
    fetch : callable
        Returns the key set as JSON; raises OSError when the issuer is away.
    keep_seconds : float
        Age at which it is fetched again [s].
    lapse_seconds : float
        Age from which it serves no more while the issuer is away [s].
    refresh_seconds : float
        Shortest time between two fetches, whatever is asked for [s].
    clock : callable
        Seconds of a clock that only goes forward.
    """

    fetch: Fetch
    keep_seconds: float
    lapse_seconds: float
    refresh_seconds: float
    clock: Callable[[], float] = ticks
    _keys: Keys = field(default_factory=dict)
    _made_at: float = float("-inf")
    _tried_at: float = float("-inf")
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def key(self, kid: str) -> dict[str, Any] | None:
        """Return a key; call it in a thread.

        Parameters
        ----------
        kid : str
            Its id.

        Returns
        -------
        dict or None
            The JSON Web Key; None for an id that the issuer does not know.

        Raises
        ------
        Problem
            503 if the issuer is away and what was kept has lapsed.
        """
        if kid not in self._keys or self.clock() - self._made_at > self.keep_seconds:
            with self._lock:
                self._refresh(kid)
        if self.clock() - self._made_at > self.lapse_seconds:
            raise Problem(
                503, "issuer-unavailable",
                Text("令牌签发方暂不可用", "the issuer of tokens does not answer"),
                Text("请稍后再试，或使用密钥", "try again soon, or use a key"),
                headers={"Retry-After": "10"},
            )  # fmt: skip
        return self._keys.get(kid)

    def _refresh(self, kid: str) -> None:
        now = self.clock()
        fresh = now - self._made_at <= self.keep_seconds
        if (fresh and kid in self._keys) or now - self._tried_at < self.refresh_seconds:
            return
        self._tried_at = now
        try:
            self._keys = keys_in(self.fetch())
            self._made_at = now
        except (OSError, ValueError):
            return  # what is kept serves until it lapses


def keys_in(content: bytes) -> dict[str, dict[str, Any]]:
    """Return the public signing keys of a key set.

    Parameters
    ----------
    content : bytes
        JSON Web Key Set.

    Returns
    -------
    dict of str to dict
        By ``kid``; shared secrets (``oct``), keys for encryption and keys without an id are
        left out.

    Raises
    ------
    ValueError
        If it is no key set.
    """
    found = orjson.loads(content)
    listed = found.get("keys") if isinstance(found, dict) else None
    if not isinstance(listed, list):
        raise ValueError("no key set")
    return {
        key["kid"]: key
        for key in listed[:MOST_KEYS]
        if isinstance(key, dict) and isinstance(key.get("kid"), str) and "d" not in key
        and key.get("kty") in FAMILIES.values() and key.get("use", "sig") == "sig"
    }  # fmt: skip


def fetch_from(place: str) -> Fetch:
    """Return what fetches a key set.

    Parameters
    ----------
    place : str
        An https address, http on loopback, or a file.

    Returns
    -------
    callable
        Returns the bytes.

    Raises
    ------
    ValueError
        For an address that anyone on the way could answer.
    """
    address = urllib.parse.urlsplit(place)
    if address.scheme in {"http", "https"}:
        if address.scheme == "http" and address.hostname not in LOOPBACK:
            raise ValueError("RISKENGINE_JWT_JWKS must be an https address or a file")
        opener = urllib.request.build_opener(_NoRedirect())
        return lambda: _read(opener, place)
    return Path(place).read_bytes


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Follows nothing: keys come from the address that was set, or not at all."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Message,
        newurl: str,
    ) -> None:  # fmt: skip
        """Refuse."""


def _read(opener: urllib.request.OpenerDirector, place: str) -> bytes:
    with opener.open(place, timeout=TIMEOUT_SECONDS) as answer:
        content: bytes = answer.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise ValueError("key set too large")
    return content
