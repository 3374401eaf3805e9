"""Nobody grants more than they have."""

from collections.abc import Collection

from riskengine.words import Text
from service.auth.caller import Caller, Scope
from service.problems import Fault, Problem


def within(caller: Caller, scopes: Collection[Scope], requests: int, items: int) -> None:
    """See that a key can do no more than the key that makes it.

    Parameters
    ----------
    caller : Caller
        Who makes it.
    scopes : collection of Scope
        What it may do.
    requests, items : int
        Its limits [1/minute].

    Raises
    ------
    Problem
        403 naming each scope and limit that the caller has not.
    """
    beyond = sorted(set(scopes) - caller.scopes)
    faults = [
        Fault("/body/scopes", scope, Text(f"无权授予 {scope}", f"{scope} is not yours to give"))
        for scope in beyond
    ]
    for field, wanted, own in (
        ("requests_per_minute", requests, caller.requests_per_minute),
        ("items_per_minute", items, caller.items_per_minute),
    ):
        if wanted > own:
            said = Text(f"不得超过授予者的 {own}", f"not above {own}, the limit of who makes it")
            faults.append(Fault(f"/body/{field}", "limit", said))
    if faults:
        raise Problem(
            403, "beyond-own", Text("超出授予者自己的权限", "more than who makes it has"),
            Text("请按 errors 收窄，或由运维在命令行建立",
                 "narrow what errors lists, or let operators make it on the command line"),
            faults,
        )  # fmt: skip
