"""What a client is told whose work was not done: 503 with Retry-After (RFC 9110, 10.2.3)."""

from riskengine.words import Text
from service.problems import Problem

AGAIN = Text(
    "请稍后以同一幂等键重试", "try again soon with the same idempotency key"
)  # fmt: skip


def busy(seconds: int) -> Problem:
    """Return the problem that sheds load.

    Parameters
    ----------
    seconds : int
        After how many seconds to try again [s].

    Returns
    -------
    Problem
        503 with Retry-After.
    """
    return _refused(
        "busy", Text("服务繁忙，本次未受理", "the service is busy: this was not taken on"), seconds
    )


def late(seconds: int) -> Problem:
    """Return the problem of a work that waited too long; arguments as for `busy`."""
    wrong = Text("等待过久，本次未评分", "the wait was too long: this was not scored")
    return _refused("too-late", wrong, seconds)


def closing(seconds: int) -> Problem:
    """Return the problem of a process that stops; arguments as for `busy`."""
    wrong = Text("服务正在停止，本次未受理", "the service is stopping: this was not taken on")
    return _refused("closing", wrong, seconds)


def gone(seconds: int) -> Problem:
    """Return what is noted of a client that went away; arguments as for `busy`."""
    wrong = Text("客户端已断开，本次未评分", "the client went away: this was not scored")
    return _refused("client-gone", wrong, seconds)


def stalled(seconds: int) -> Problem:
    """Return the problem of a work whose batch hangs; arguments as for `busy`."""
    wrong = Text(
        "存储迟迟不应，是否已记录尚不可知",
        "the store does not answer: whether this was recorded is not known",
    )
    return _refused("stalled", wrong, seconds)


def _refused(code: str, wrong: Text, seconds: int) -> Problem:
    return Problem(503, code, wrong, AGAIN, headers={"Retry-After": str(seconds)})
