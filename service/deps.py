"""What endpoints ask for: the state, and a caller who may do it."""

from typing import Annotated, Any

from fastapi import Depends, Request, Security
from fastapi.openapi.models import APIKey, APIKeyIn
from fastapi.security.base import SecurityBase

from service.auth.caller import Caller, Scope
from service.queries import refuse_unknown
from service.state import State, state_of

Ready = Annotated[State, Depends(state_of)]
SCHEME, BEARER = "ApiKey", "Bearer"


class Needs(SecurityBase):
    """A dependency that lets in whoever has a scope: one call, nothing more to solve.

    Parameters
    ----------
    scope : Scope
        What the endpoint does.
    """

    scheme_name = SCHEME
    model = APIKey.model_validate(
        {"in": APIKeyIn.header, "name": "X-API-Key", "description": "接口密钥 API key"}
    )

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    @property
    def openapi(self) -> dict[str, Any]:
        """What ``openapi_extra`` takes of an endpoint that awaits this itself, to be quicker."""
        return {"security": [{SCHEME: [self.scope.value]}]}

    async def __call__(self, request: Request) -> Caller:
        """Return who asks.

        Raises
        ------
        Problem
            401 without a key or token that holds; 403 for one that may not; 429 beyond a
            limit; 503 while the state is loading or the store is away; 422 for a query
            that the endpoint does not know.
        """
        caller = await (await state_of(request)).gate.admit(request, self.scope)
        refuse_unknown(request)
        return caller


def document_tokens(found: dict[str, Any]) -> None:
    """Name bearer tokens beside keys in an OpenAPI document.

    Parameters
    ----------
    found : dict
        The document; every operation that takes a key takes a token too.
    """
    schemes = found.get("components", {}).get("securitySchemes", {})
    if SCHEME not in schemes:
        return
    schemes[BEARER] = {
        "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
        "description": "机构身份平台签发的令牌（如已启用） token of the issuer, where one is set",
    }  # fmt: skip
    for path in found["paths"].values():
        for operation in path.values():
            ways = operation.get("security", [])
            ways.extend([{BEARER: way[SCHEME]} for way in ways if SCHEME in way])


Scoring = Annotated[Caller, Security(Needs(Scope.SCORE), scopes=[Scope.SCORE])]
Reading = Annotated[Caller, Security(Needs(Scope.READ), scopes=[Scope.READ])]
Reviewing = Annotated[Caller, Security(Needs(Scope.REVIEW), scopes=[Scope.REVIEW])]
Bookkeeping = Annotated[Caller, Security(Needs(Scope.BOOKS), scopes=[Scope.BOOKS])]
Modelling = Annotated[Caller, Security(Needs(Scope.MODELS), scopes=[Scope.MODELS])]
Administering = Annotated[Caller, Security(Needs(Scope.ADMIN), scopes=[Scope.ADMIN])]
Operating = Annotated[Caller, Security(Needs(Scope.OPERATE), scopes=[Scope.OPERATE])]
