"""Whether the laws of several places ask of a pledge what each alone would ask."""

from datetime import date
from functools import lru_cache

from riskengine.gates.plan import plan_of
from riskengine.rules import RuleBook

SHARED = frozenset({
    "registered_area_share", "area_over_standard_m2", "ecological_red_line_share",
    "expropriation_announced", "expropriator_notified", "retransfer_consent",
})  # fmt: skip
"""Facts that the lending value itself rests on, where any rule asks for them."""


@lru_cache(maxsize=256)
def alike(books: tuple[RuleBook, ...], table: str, day: date) -> bool:
    """Say whether facts gathered for several laws at once are what each alone would gather.

    Parameters
    ----------
    books : tuple of RuleBook
        The laws.
    table : str
        Kind of right.
    day : datetime.date
        Day whose law judges.

    Returns
    -------
    bool
        False where one asks of a fact how it stood on the day of valuation and another on
        that of creation, or only some of them ask for one of `SHARED`.
    """
    plans = [plan_of(book, table, day) for book in books]
    asked = [{*plan.words, *plan.numbers} for plan in plans]
    every = set().union(*asked)
    same = (
        len(
            {
                name in plan.current
                for plan, names in zip(plans, asked, strict=True)
                if name in names
            }
        )
        == 1
        for name in every
    )
    shared = all(len({name in names for names in asked}) == 1 for name in SHARED)
    return shared and all(same)
