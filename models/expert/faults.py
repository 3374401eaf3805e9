"""What can be wrong with a scorecard, all of it at once, each with its place and its cure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from riskengine.errors import ModelError
from riskengine.words import Text

Path = tuple[str | int, ...]
"""Where in a card: keys, and positions from 0, such as ``("block", 1, "item", 0, "points")``."""


@dataclass(frozen=True, slots=True)
class CardFault:
    """One fault of a card.

    Parameters
    ----------
    path : tuple of str or int
        Where it lies.
    wrong, cure : Text
        What is wrong, and what to do about it.
    """

    path: Path
    wrong: Text
    cure: Text


class CardError(ModelError):
    """A scorecard that breaks its contract.

    Parameters
    ----------
    name : str
        File or sheet.
    faults : iterable of CardFault
        Every fault.
    place : callable of a path to str
        Turns a path into a line or a cell that a reader can find.
    """

    def __init__(
        self, name: str, faults: Iterable[CardFault], place: Callable[[Path], str]
    ) -> None:
        self.faults = tuple(faults)
        self.places = tuple(place(fault.path) for fault in self.faults)
        told = list(zip(self.places, self.faults, strict=True))
        count = len(told)
        super().__init__(
            Text(
                f"评分卡 {name} 有 {count} 处错误：\n"
                + "\n".join(f"{at}：{fault.wrong.zh}；{fault.cure.zh}" for at, fault in told),
                f"scorecard {name} has {count} fault(s):\n"
                + "\n".join(f"{at}: {fault.wrong.en}; {fault.cure.en}" for at, fault in told),
            ),
            Text("请逐条改正后重新读入", "correct each and load it again"),
        )


def in_words(path: Path) -> str:
    """Write a path so that a person can follow it.

    Parameters
    ----------
    path : tuple of str or int
        Where.

    Returns
    -------
    str
        Such as ``block[2].item[1].points``; positions count from 1.

    Examples
    --------
    >>> in_words(("block", 1, "item", 0, "points"))
    'block[2].item[1].points'
    """
    words = ""
    for part in path:
        words += f"[{part + 1}]" if isinstance(part, int) else f".{part}"
    return words.lstrip(".") or "card"
