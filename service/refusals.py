"""Problems that several parts answer with, each written once."""

from riskengine.words import Text
from service.problems import Fault, Problem

BOOK = Text("这个组合", "such book")
DECISION = Text("这一决定", "such decision")
JOB = Text("这个任务", "such job")


def absent(what: Text) -> Problem:
    """Return the problem that something is not there, or not the reader's.

    Parameters
    ----------
    what : Text
        What was looked for: it follows "没有" and "there is no".

    Returns
    -------
    Problem
        404.
    """
    return Problem(
        404, "not-found", Text(f"没有{what.zh}", f"there is no {what.en}"),
        Text("请核对名称或编号", "check its name or id"),
    )  # fmt: skip


def changed_meanwhile(present: str | None) -> Problem:
    """Return the problem of a change of what somebody else has changed since it was read.

    Parameters
    ----------
    present : str or None
        Digest of what is there now; empty or None for nothing.

    Returns
    -------
    Problem
        412 with the ETag of what is there.
    """
    return Problem(
        412, "changed-meanwhile", Text("读取之后已被更改", "it was changed since it was read"),
        Text("请重新读取后再改", "read it again, then change it"),
        headers={"ETag": f'"{present}"'} if present else None,
    )  # fmt: skip


def key_reused() -> Problem:
    """Return the problem of an idempotency key that stands for another request: 422."""
    return Problem(
        422, "idempotency-key-reused",
        Text("这个幂等键已用于另一请求", "this idempotency key stands for another request"),
        Text("请为新的请求使用新的键", "use a new key for a new request"),
    )  # fmt: skip


def rules_unusable(seconds: int = 30) -> Problem:
    """Return the problem of an institution's rules that are gone or damaged.

    Parameters
    ----------
    seconds : int
        After how many seconds to try again [s].

    Returns
    -------
    Problem
        503 with Retry-After.
    """
    return Problem(
        503, "rules-unusable",
        Text("本机构规则无法使用", "your institution's rules cannot be used"),
        Text("请联系运维", "tell whoever operates the service"),
        headers={"Retry-After": str(seconds)},
    )  # fmt: skip


def bad_cursor() -> Problem:
    """Return the problem of a cursor that is none of this list and these filters: 422."""
    wrong = Text("游标无效，或属于另一组筛选条件", "no cursor of this list and these filters")
    cure = Text("请原样使用上一页给出的游标", "use the cursor of the page before as it stands")
    return Problem(
        422, "invalid-cursor", wrong, cure, (Fault("/query/cursor", "cursor", wrong, cure),)
    )
