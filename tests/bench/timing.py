"""How long a thing takes, at best."""

import time
from collections.abc import Callable


def best(action: Callable[[], object], times: int) -> float:
    """Shortest of several runs [s]."""
    spent = []
    for _ in range(times):
        start = time.perf_counter()
        action()
        spent.append(time.perf_counter() - start)
    return min(spent)
