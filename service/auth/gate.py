"""The gate: who asks, whether they may, and whether they ask too often."""

from dataclasses import dataclass
from functools import partial
from typing import Protocol

from fastapi import Request
from sqlalchemy import Engine
from starlette.concurrency import run_in_threadpool

from riskengine.words import Text
from service.auth.caller import Caller, Scope
from service.auth.holding import Flights
from service.auth.limits import Limiter, Policy, policy_of
from service.auth.ring import KeyRing
from service.auth.sealing import Secrets
from service.auth.tokens import Tokens, tokens_of
from service.clock import ticks
from service.problems import Problem
from service.settings import Settings

MOST_CHARACTERS = 200
"""Longest text that is looked at as a key."""


class Source(Protocol):
    """What knows callers by what they show; `KeyRing` and `Tokens` are the two."""

    def known(self, shown: str, at: float, /) -> Caller | None:
        """Return who it is if that is held."""

    def was_known(self, shown: str, /) -> bool:
        """Whether it was good when it was last looked up."""

    def renewal(self, shown: str, at: float, /) -> bool:
        """Whether it is to be looked up again, though it is held."""

    def look_up(self, shown: str, /) -> Caller | None:
        """Look it up; call it in a thread."""


@dataclass(frozen=True, slots=True)
class Gate:
    """What every request of a caller passes.

    Parameters
    ----------
    ring : KeyRing
        Keys.
    tokens : Tokens or None
        Bearer tokens, where they are taken.
    requests, items, attempts : Limiter
        Limits of callers' requests and items, and of failed attempts by address.
    attempted : Policy
        How many attempts may fail.
    flights : Flights
        Look-ups under way.
    workers, max_batch : int
        Processes that share a limit; largest batch.
    """

    ring: KeyRing
    tokens: Tokens | None
    requests: Limiter
    items: Limiter
    attempts: Limiter
    attempted: Policy
    flights: Flights[Caller | None]
    workers: int
    max_batch: int

    async def admit(self, request: Request, scope: Scope) -> Caller:
        """Return who asks, if they may do what the endpoint does.

        Parameters
        ----------
        request : Request
            With a key or a token.
        scope : Scope
            What the endpoint does.

        Returns
        -------
        Caller
            One token poorer.

        Raises
        ------
        Problem
            401 without a key or token that holds; 403 for one that may not; 429 beyond the
            caller's limit, or after too many failed attempts; 503 if the store is away.
        """
        at = ticks()
        shown, source = self._shown(request.scope["headers"])
        caller = source.known(shown, at) if source is not None else None
        if source is None or caller is None:
            caller = await self._look_up(request, shown, source, at)
        elif source.renewal(shown, at):  # ahead of time: nobody waits for it
            self.flights.begin(shown, partial(run_in_threadpool, source.look_up, shown))
        policy = policy_of(caller.requests_per_minute, self.workers)
        grant = self.requests.take(caller.key_id, policy, at)
        request.scope["state"]["rate"] = (policy, grant.remaining)
        request.scope["state"]["caller"] = caller
        if not grant.granted:
            raise too_many(grant.wait_seconds)
        if scope not in caller.scopes:
            raise forbidden()
        return caller

    def take_items(self, caller: Caller, items: int) -> None:
        """Take items of a batch from their limit, all or none.

        Parameters
        ----------
        caller : Caller
            Who asks.
        items : int
            How many, at most the largest batch.

        Raises
        ------
        Problem
            429 beyond the limit.
        """
        policy = policy_of(caller.items_per_minute, self.workers, self.max_batch)
        grant = self.items.take(caller.key_id, policy, ticks(), items)
        if not grant.granted:
            raise too_many(grant.wait_seconds)

    def _shown(self, headers: list[tuple[bytes, bytes]]) -> tuple[str, Source | None]:
        """What a caller shows, and what knows such; None for nothing that is taken."""
        key, token = credentials(headers)
        return (key, self.ring) if key else (token, self.tokens if token else None)

    async def _look_up(
        self, request: Request, shown: str, source: Source | None, at: float
    ) -> Caller:
        """Look up what is not held, within the limit of attempts of an address."""
        address = request.client.host if request.client else ""
        proven = source is not None and source.was_known(shown)
        wait = self.attempts.wait_for_one(address, self.attempted, at)
        if wait and not proven:
            raise too_many(wait)
        caller: Caller | None = None
        if source is not None:
            look_up = partial(run_in_threadpool, source.look_up, shown)
            caller = await self.flights.join(shown, look_up)
        if caller is None:
            grant = self.attempts.take(address, self.attempted, at)
            if not grant.granted:
                raise too_many(grant.wait_seconds)
            raise unauthenticated(self.tokens is not None)
        return caller


def gate_of(settings: Settings, engine: Engine, secrets: Secrets) -> Gate:
    """Return the gate of a process.

    Parameters
    ----------
    settings : Settings
        Limits, tokens.
    engine : Engine
        Where keys are.
    secrets : Secrets
        Keys for hashing and naming.

    Returns
    -------
    Gate
        Nothing looked up yet.
    """
    return Gate(
        KeyRing(engine, secrets.pepper, settings.key_cache_seconds),
        tokens_of(settings, engine, secrets),
        Limiter(), Limiter(), Limiter(),
        Policy(settings.attempts_per_minute, settings.attempts_per_minute),
        Flights(settings.key_cache_seconds),
        settings.workers or 1, settings.max_batch,
    )  # fmt: skip


def credentials(headers: list[tuple[bytes, bytes]]) -> tuple[str, str]:
    """Return the key and the bearer token that headers give.

    Parameters
    ----------
    headers : list of (bytes, bytes)
        Names in lower case.

    Returns
    -------
    tuple of str
        Key and token; both empty unless there is exactly one of them, so that nobody who
        stands between can read another caller than the service does.
    """
    key = token = b""
    given = 0
    for name, value in headers:
        if name == b"x-api-key":
            key, given = value, given + 1
        elif name == b"authorization" and value[:7].lower() == b"bearer ":
            token, given = value[7:].strip(), given + 1
    if given != 1 or len(key) > MOST_CHARACTERS:
        return "", ""
    return key.decode("latin-1"), token.decode("latin-1")


def unauthenticated(bearer: bool) -> Problem:
    """Return the one problem of everyone whom the service does not know.

    Parameters
    ----------
    bearer : bool
        Whether tokens are taken.

    Returns
    -------
    Problem
        401.
    """
    ways = 'ApiKey realm="riskengine"' + (', Bearer realm="riskengine"' if bearer else "")
    return Problem(
        401, "unauthenticated", Text("没有有效的密钥", "no key that holds"),
        Text("请在 X-API-Key 中给出密钥", "give a key in X-API-Key"),
        headers={"WWW-Authenticate": ways},
    )  # fmt: skip


def forbidden() -> Problem:
    """Return the problem of a caller who may not.

    Returns
    -------
    Problem
        403.
    """
    return Problem(
        403, "forbidden", Text("此密钥无此权限", "this key may not do that"),
        Text("请向机构管理员申请相应角色", "ask your institution's administrator for the role"),
    )  # fmt: skip


def too_many(wait_seconds: float) -> Problem:
    """Return the problem of a caller who asks too often.

    Parameters
    ----------
    wait_seconds : float
        Until it may be tried again [s].

    Returns
    -------
    Problem
        429 with Retry-After (RFC 9110, 10.2.3), in whole seconds.
    """
    return Problem(
        429, "too-many-requests", Text("请求过于频繁", "too many requests"),
        Text("请按 Retry-After 稍后再试", "wait as long as Retry-After says"),
        headers={"Retry-After": str(max(1, int(-(-wait_seconds // 1))))},
    )  # fmt: skip


def rate_headers(rate: tuple[Policy, int]) -> list[tuple[bytes, bytes]]:
    """Return the RateLimit header fields (draft-ietf-httpapi-ratelimit-headers).

    Parameters
    ----------
    rate : tuple of (Policy, int)
        A caller's policy in this process and the tokens that are left.

    Returns
    -------
    list of (bytes, bytes)
        ``q`` tokens at once in ``w`` seconds; ``r`` left, full again in ``t`` seconds.
    """
    policy, left = rate
    quota = policy.capacity
    window = -(-quota * 60 // policy.per_minute)
    full = -(-(quota - left) * 60 // policy.per_minute)
    return [
        (b"ratelimit-policy", b'"requests";q=%d;w=%d' % (quota, window)),
        (b"ratelimit", b'"requests";r=%d;t=%d' % (left, full)),
    ]
