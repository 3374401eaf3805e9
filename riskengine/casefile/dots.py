"""What an officer looks at first of each right, and how it stands."""

from collections.abc import Iterable
from functools import lru_cache

from riskengine.words import Text

DOTS = {
    "consent": Text("同意", "consent"), "filing": Text("备案", "filing"),
    "registration": Text("登记", "registration"), "rent": Text("租金", "rent"),
    "insurance": Text("保险", "insurance"), "seal": Text("查封", "seal"),
}  # fmt: skip
"""What an officer looks at first of each right."""
DOT_FACTS = {
    "consent": (("contractor_consent", True), ("all_members_signed", True),
                ("co_owners_consent", True), ("collective_consent", True)),
    "filing": (("filed_with_collective", True), ("owner_notified", True)),
    "registration": (("registered", True), ("equity_registered", True),
                     ("movable_finance_registered", True)),
    "rent": (("rent_paid_to_maturity", True), ("rent_paid_as_agreed", True)),
    "insurance": (("house_insured", True), ("insurer_notified", True)),
    "seal": (("sealed_or_seized", False),),
}  # fmt: skip
"""Facts behind each dot, with the word that is good."""
BEHIND_DOTS = frozenset(name for facts in DOT_FACTS.values() for name, _ in facts)
ASKED = (*sorted(BEHIND_DOTS), "registrar_designated_by_law")
"""Facts of which an answer tells the word."""
BINDING = ASKED.index("registrar_designated_by_law")


def dots_of(live: bool, words: tuple[str | None, ...], about: Iterable[str]) -> dict[str, str]:
    """Return how each thing stands that an officer looks at first.

    Parameters
    ----------
    live : bool
        Whether a policy runs.
    words : tuple of (str or None)
        Words of the facts `ASKED`; None where not known.
    about : iterable of str
        Facts that some finding is about.

    Returns
    -------
    dict of str to str
        ``good``, ``bad``, ``unknown`` or ``none`` for each of `DOTS`.
    """
    return dict(_dots(live, words, BEHIND_DOTS.intersection(about)))


@lru_cache(maxsize=4096)
def _dots(live: bool, words: tuple[str | None, ...], asked: frozenset[str]) -> dict[str, str]:
    """How each thing stands that an officer looks at first."""
    known = dict(zip(ASKED, words, strict=True))
    dots = {}
    for dot, facts in DOT_FACTS.items():
        states = []
        for name, good in facts:
            word = known[name]
            if word is not None and (name != "insurer_notified" or live):
                states.append("good" if word == str(good).lower() else "bad")
            elif name in asked:
                states.append("unknown")
        dots[dot] = next((s for s in ("bad", "unknown", "good") if s in states), "none")
    return dots
