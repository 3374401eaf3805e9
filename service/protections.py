"""Settings that guard the service: keys, tokens, limits, headers."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field
from pydantic_settings import BaseSettings, NoDecode

from service.auth.caller import Role
from service.sources import listed

Algorithm = Literal[
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"
]
"""Asymmetric algorithms (RFC 7518, 3.1; RFC 8037): a shared secret is never one."""


class Protections(BaseSettings):
    """What an operator may set of what guards the service.

    Attributes
    ----------
    key_cache_seconds : float
        Longest time until a revocation holds in every worker [s].
    attempts_per_minute : int
        Most failed attempts to sign in from one address in one process [1/minute].
    header_seconds : float
        Longest time in which the headers of a request must arrive [s].
    max_header_bytes : int
        Largest headers of a request, request line included [byte].
    max_batch_bytes : int
        Largest body of a batch of applications [byte].
    min_body_bytes_per_second : int
        Rate that extends the time for a large body [byte/s].
    hosts : tuple of str
        Names under which the service may be addressed, separated by commas; any when empty.
    hsts_seconds : int
        max-age of Strict-Transport-Security [s]; 0 for none, as behind plain HTTP.
    cors_origins : tuple of str
        Origins whose pages may call the service, separated by commas; none when empty.
    docs : bool
        Whether /docs, /redoc and /openapi.json are served.
    jwt_issuer, jwt_audience : str
        What a bearer token must name; tokens are taken only when both are set.
    jwt_jwks : str
        Key set of the issuer: an https address (http on loopback only) or a file.
    jwt_tenant_claim, jwt_role_claim, jwt_scope_claim : str
        Claims with tenant, role and, where named, narrower scopes.
    jwt_holder_claim : str
        Claim with the institution's own code of whoever holds a token, as keys name theirs: a
        person with a key and a token is then one. Tokens without it are refused once it is set.
    jwt_algorithms : tuple of str
        Algorithms that are taken, separated by commas; asymmetric ones only.
    jwt_roles : frozenset of Role
        Roles that a token may give, separated by commas; never that of an operator.
    jwt_leeway_seconds : int
        How far the issuer's clock may be off [s].
    jwt_refresh_seconds : float
        Shortest time between two fetches of the key set [s].
    jwt_keep_seconds : float
        Age at which the key set is fetched again [s].
    jwt_lapse_seconds : float
        Longest time for which a key set serves while its issuer is away [s].
    jwt_requests_per_minute : int
        Limit of one subject [1/minute].
    """

    key_cache_seconds: float = Field(5.0, ge=0.0, le=60.0)
    attempts_per_minute: int = Field(60, ge=1)
    header_seconds: float = Field(10.0, gt=0.0)
    max_header_bytes: int = Field(32 << 10, ge=1024)
    max_batch_bytes: int = Field(32 << 20, ge=1024)
    min_body_bytes_per_second: int = Field(32 << 10, ge=1)
    hosts: Annotated[tuple[str, ...], NoDecode, BeforeValidator(listed)] = ()
    hsts_seconds: int = Field(0, ge=0)
    cors_origins: Annotated[tuple[str, ...], NoDecode, BeforeValidator(listed)] = ()
    docs: bool = True
    jwt_issuer: str = ""
    jwt_audience: str = ""
    jwt_jwks: str = ""
    jwt_tenant_claim: str = "tenant"
    jwt_role_claim: str = "role"
    jwt_scope_claim: str = ""
    jwt_holder_claim: str = ""
    jwt_algorithms: Annotated[tuple[Algorithm, ...], NoDecode, BeforeValidator(listed)] = (
        "RS256", "PS256", "ES256", "EdDSA",
    )  # fmt: skip
    jwt_roles: Annotated[frozenset[Role], NoDecode, BeforeValidator(listed)] = frozenset(Role) - {
        Role.OPERATOR
    }
    jwt_leeway_seconds: int = Field(30, ge=0, le=300)
    jwt_refresh_seconds: float = Field(10.0, ge=0.0)
    jwt_keep_seconds: float = Field(300.0, gt=0.0)
    jwt_lapse_seconds: float = Field(3600.0, gt=0.0)
    jwt_requests_per_minute: int = Field(60_000, ge=1)
