"""Bearer tokens of an issuer (RFC 7519, RFC 8725): whose they are and what they may do."""

import hashlib
import hmac
from typing import Any

import jwt
from sqlalchemy import Engine

from service.auth.caller import SCOPES, Caller, Role, Scope
from service.auth.holding import Holding
from service.auth.issuer import FAMILIES, KeySet, fetch_from
from service.auth.keybook import is_tenant
from service.auth.sealing import Secrets
from service.clock import now, ticks
from service.protections import Protections
from service.store.database import reading

MOST_TOKENS = 10_000
"""Tokens that a process holds; the oldest are dropped first."""
MOST_CHARACTERS = 8192
SHORTEST_RSA_BITS = 2048
REQUIRED = ["exp", "iss", "aud", "sub"]


class Tokens:
    """Verifies tokens once, and holds those that were good for a few seconds.

    Parameters
    ----------
    settings : Protections
        Issuer, audience, claims.
    keys : KeySet
        The issuer's keys.
    engine : Engine
        Where institutions are.
    secrets : Secrets
        For naming subjects by a keyed hash: a subject may be a person's account.
    """

    def __init__(
        self, settings: Protections, keys: KeySet, engine: Engine, secrets: Secrets
    ) -> None:  # fmt: skip
        self._settings, self._keys, self._engine = settings, keys, engine
        self._secrets = secrets
        self._entries: Holding[Caller] = Holding(MOST_TOKENS)

    def known(self, token: str, at: float) -> Caller | None:
        """Return whose token it is if that is held; None where it must be verified.

        Parameters
        ----------
        token : str
            As it was sent.
        at : float
            Of `service.clock.ticks` [s].
        """
        return self._entries.good(_name(token), at)

    def was_known(self, token: str) -> bool:
        """Whether the token was good when it was last verified, however long ago."""
        return self._entries.latest(_name(token)) is not None

    def renewal(self, token: str, at: float) -> bool:
        """Whether a token that is known is to be verified again; told to one who asks."""
        return self._entries.renewal(_name(token), at)

    def look_up(self, token: str) -> Caller | None:
        """Verify a token; call it in a thread.

        Parameters
        ----------
        token : str
            As it was sent.

        Returns
        -------
        Caller or None
            None for a token that does not hold.

        Raises
        ------
        Problem
            503 if the issuer or the store is away.
        """
        at, moment = ticks(), now()
        claims = self._claims(token)
        who = self._caller(claims) if claims is not None else None
        if who is None or claims is None:
            return None
        with reading(self._engine) as connection:
            if not is_tenant(connection, who.tenant):
                return None
        left = float(claims["exp"]) - moment.timestamp()
        self._entries.hold(_name(token), who, at, min(self._settings.key_cache_seconds, left))
        return who

    def _claims(self, token: str) -> dict[str, Any] | None:
        """What a token says, if its signature, times, issuer and audience are right."""
        if len(token) > MOST_CHARACTERS:
            return None
        try:
            head = jwt.get_unverified_header(token)
            key = self._key(head)
            if key is None:
                return None
            found: dict[str, Any] = jwt.decode(
                token, key, algorithms=[head["alg"]],
                issuer=self._settings.jwt_issuer, audience=self._settings.jwt_audience,
                leeway=self._settings.jwt_leeway_seconds, options={"require": REQUIRED},
            )  # fmt: skip
        except (jwt.PyJWTError, ValueError, TypeError, RecursionError, OverflowError):
            return None
        return found

    def _key(self, head: dict[str, Any]) -> jwt.PyJWK | None:
        """The key that a header names, if the algorithm is one that is taken and fits it."""
        algorithm, kid = head.get("alg"), head.get("kid")
        if algorithm not in self._settings.jwt_algorithms or not isinstance(kid, str):
            return None
        data = self._keys.key(kid)
        if data is None or data.get("kty") != FAMILIES[algorithm[:2]]:
            return None
        if data.get("alg", algorithm) != algorithm:
            return None
        key = jwt.PyJWK(data, algorithm)
        if getattr(key.key, "key_size", SHORTEST_RSA_BITS) < SHORTEST_RSA_BITS:
            return key if data["kty"] == "EC" else None
        return key

    def _caller(self, claims: dict[str, Any]) -> Caller | None:
        """Whose claims these are; None where they name no role or institution."""
        wanted = self._settings
        tenant, role = claims.get(wanted.jwt_tenant_claim), claims.get(wanted.jwt_role_claim)
        if not isinstance(tenant, str) or not tenant or not isinstance(role, str):
            return None
        if role not in wanted.jwt_roles or role == Role.OPERATOR:
            return None
        scopes = SCOPES[Role(role)]
        if wanted.jwt_scope_claim:
            named = claims.get(wanted.jwt_scope_claim)
            words = named.split() if isinstance(named, str) else []
            scopes &= {scope for scope in Scope if scope in words}
        name = self._name_of(tenant, claims)
        if name is None:
            return None
        limit = wanted.jwt_requests_per_minute
        return Caller(tenant, name, Role(role), scopes, limit, limit)

    def _name_of(self, tenant: str, claims: dict[str, Any]) -> str | None:
        """How records name who shows a token; None where it does not name its holder as it must."""
        wanted = self._settings.jwt_holder_claim
        if not wanted:
            about = f"token\n{self._settings.jwt_issuer}\n{claims['sub']}".encode()
            return "t-" + hmac.new(self._secrets.naming, about, hashlib.sha256).hexdigest()[:32]
        holder = claims.get(wanted)
        if not isinstance(holder, str) or not holder:
            return None
        return self._secrets.holder_name(tenant, holder)


def _name(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def tokens_of(settings: Protections, engine: Engine, secrets: Secrets) -> Tokens | None:
    """Return what verifies tokens, or None where none are taken.

    Parameters
    ----------
    settings : Protections
        Issuer, audience and key set.
    engine : Engine
        Where institutions are.
    secrets : Secrets
        For naming subjects.

    Returns
    -------
    Tokens or None
        Nothing is fetched before the first token.

    Raises
    ------
    ValueError
        If the address of the key set is no https address.
    """
    if not settings.jwt_issuer or not settings.jwt_audience or not settings.jwt_jwks:
        return None
    keys = KeySet(
        fetch_from(settings.jwt_jwks), settings.jwt_keep_seconds, settings.jwt_lapse_seconds,
        settings.jwt_refresh_seconds,
    )  # fmt: skip
    return Tokens(settings, keys, engine, secrets)
