"""A batch of which one stops all: looked for by halves until it stands alone."""

from collections.abc import Callable, Sequence
from typing import Any

from service.problems import Problem


def apart(works: Sequence[Any], answer: Callable[[Sequence[Any]], Sequence[Any]]) -> list[Any]:
    """Answer works together; where something fails, in halves until it fails alone.

    Parameters
    ----------
    works : sequence
        Works of one tenant.
    answer : callable
        Answers some of them in order, all or none: what it raises leaves nothing behind.

    Returns
    -------
    list
        One a work, in order: its answer, or what failed for it alone.  A `Problem` that is
        raised is about all of them, such as a store that is away, and tried no further.
    """
    try:
        return list(answer(works))
    except Problem as problem:
        return [problem] * len(works)
    except Exception as fault:  # noqa: BLE001 - of one: others are answered
        if len(works) == 1:
            return [fault]
    half = len(works) // 2
    return [*apart(works[:half], answer), *apart(works[half:], answer)]
