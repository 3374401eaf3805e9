"""What endpoints ask for: the state, and a caller who may do it."""

from typing import Annotated

from fastapi import Depends, Security
from fastapi.security import APIKeyHeader, SecurityScopes

from riskengine.words import Text
from service.auth.caller import Caller, Scope
from service.auth.keys import caller_of
from service.clock import now
from service.problems import Problem
from service.state import State, state_of
from service.store.database import reading

Ready = Annotated[State, Depends(state_of)]
KEY = APIKeyHeader(name="X-API-Key", auto_error=False, description="接口密钥 API key")


def caller(
    wanted: SecurityScopes, state: Ready,
    key: Annotated[str | None, Security(KEY)],
) -> Caller:  # fmt: skip
    """Return who asks, if the key may do what the endpoint does.

    Raises
    ------
    Problem
        401 without a key that holds; 403 for one that may not.
    """
    with reading(state.engine) as connection:
        found = caller_of(connection, state.secrets.pepper, key or "", now())
    if found is None:
        raise Problem(
            401, "unauthenticated", Text("没有有效的密钥", "no key that holds"),
            Text("请在 X-API-Key 中给出密钥", "give a key in X-API-Key"),
            headers={"WWW-Authenticate": "ApiKey"},
        )  # fmt: skip
    if not set(wanted.scopes) <= found.scopes:
        raise Problem(
            403, "forbidden", Text("此密钥无此权限", "this key may not do that"),
            Text("请向机构管理员申请相应角色", "ask your institution's administrator for the role"),
        )  # fmt: skip
    return found


Scoring = Annotated[Caller, Security(caller, scopes=[Scope.SCORE])]
Reading = Annotated[Caller, Security(caller, scopes=[Scope.READ])]
Reviewing = Annotated[Caller, Security(caller, scopes=[Scope.REVIEW])]
Bookkeeping = Annotated[Caller, Security(caller, scopes=[Scope.BOOKS])]
Modelling = Annotated[Caller, Security(caller, scopes=[Scope.MODELS])]
Administering = Annotated[Caller, Security(caller, scopes=[Scope.ADMIN])]
Operating = Annotated[Caller, Security(caller, scopes=[Scope.OPERATE])]
