"""An expert scorecard: blocks of items with points, vetoes, bands, a line, a master scale."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from riskengine.words import Text


@dataclass(frozen=True, slots=True)
class Source:
    """Where something comes from.

    Parameters
    ----------
    cite : str
        Article, standard, paper or page; of an own choice, that it is one.
    seen : {"text", "official", "secondary", "memory"}
        How the source was seen.
    """

    cite: str
    seen: str


@dataclass(frozen=True, slots=True)
class Bin:
    """One interval of a number, closed below and open above; the last is closed above too.

    Parameters
    ----------
    low, high : float
        Ends [unit of the item].
    points : float
        Points [point].
    """

    low: float
    high: float
    points: float


@dataclass(frozen=True, slots=True)
class Option:
    """One answer of a question with listed answers.

    Parameters
    ----------
    code : str
        As the field holds it.
    title : Text
        As people read it.
    points : float
        Points [point].
    """

    code: str
    title: Text
    points: float


@dataclass(frozen=True, slots=True)
class Item:
    """One indicator.

    Parameters
    ----------
    name : str
        Its name in the card.
    title : Text
        What it asks.
    field : str
        Column that holds the fact.
    kind : {"number", "category", "direct"}
        A number in bins, one of the listed answers, or points that people award.
    unit : str
        Unit of a number; empty for a category.
    source : Source
        Where item and points come from.
    missing : float
        Points of a missing fact [point]; NaN where there is no total without it.
    refers : bool
        Whether a missing fact sends the case to a person.
    evidence : Text
        Paper that proves the fact.
    owner : str
        Who keeps it, as a function.
    valid_from : datetime.date
        Since when it stands in the card.
    bins : tuple of Bin
        Of a number, rising.
    options : tuple of Option
        Of a category.
    low, high : float
        Closed range of the fact [unit]; of direct points, of the points.
    step : float
        Step of direct points [point].
    actionable : bool
        Whether the borrower can change it: only then is it named as a cure.
    """

    name: str
    title: Text
    field: str
    kind: Literal["number", "category", "direct"]
    unit: str
    source: Source
    missing: float
    refers: bool
    evidence: Text
    owner: str
    valid_from: date
    bins: tuple[Bin, ...] = ()
    options: tuple[Option, ...] = ()
    low: float = float("-inf")
    high: float = float("inf")
    step: float = 1.0
    actionable: bool = False

    @property
    def span(self) -> tuple[float, float]:
        """Fewest and most points that a known fact can bring [point]."""
        if self.kind == "direct":
            return self.low, self.high
        points = [entry.points for entry in self.bins or self.options]
        return min(points), max(points)


@dataclass(frozen=True, slots=True)
class Block:
    """A group of items with one nominal weight.

    Parameters
    ----------
    name : str
        Its name.
    title : Text
        What it looks at.
    weight : float
        Most points that it can bring [point].
    least : float
        Fewest points [point], at most 0.
    social : bool
        Whether it holds what neighbours think: shown apart, and left out of the PD.
    bonus : bool
        Whether its points come on top of the full marks.
    source : Source
        Where the weight comes from.
    items : tuple of Item
        Its items.
    """

    name: str
    title: Text
    weight: float
    least: float
    social: bool
    bonus: bool
    source: Source
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Veto:
    """A fact that decides whatever the points say.

    Parameters
    ----------
    name : str
        Its name.
    title : Text
        The bad fact.
    outcome : {"", "block", "refer", "warn"}
        What it means; empty where each of its rules says so itself.
    source : Source or None
        Where it comes from; None where rules carry their own citation.
    field, compare, amount, unit : str, str, object, str
        Own test: the fact must stand in this relation to the amount [unit].
    rules : tuple of str
        Rules of the engine; the veto is hit where all of them fail.
    region : str
        Place whose rules are meant; empty for those of the case.
    cure : Text or None
        What mends it.
    """

    name: str
    title: Text
    outcome: str
    source: Source | None
    field: str = ""
    compare: str = ""
    amount: Any = None
    unit: str = ""
    rules: tuple[str, ...] = ()
    region: str = ""
    cure: Text | None = None


@dataclass(frozen=True, slots=True)
class Band:
    """A grade and the lowest total that earns it.

    Parameters
    ----------
    grade : str
        The grade.
    title : Text
        As people read it.
    least : float
        Lowest total [point], itself included; -inf for the last band.
    """

    grade: str
    title: Text
    least: float


@dataclass(frozen=True, slots=True)
class Line:
    """A published formula of the credit line.

    Parameters
    ----------
    base : mapping of str to float
        Amount by grade [yuan].
    parts : mapping of str to float
        Share of each column that is added [1].
    cap : float
        Most that the line can be [yuan].
    source : Source
        Where it comes from.
    """

    base: Mapping[str, float]
    parts: Mapping[str, float]
    cap: float
    source: Source


@dataclass(frozen=True, slots=True)
class MasterScale:
    """Two anchors that turn points into a PD: an expert's statement, not an estimate.

    Parameters
    ----------
    points : tuple of two float
        Totals [point], the higher first.
    pd : tuple of two float
        One-year PD there [1], the lower first.
    source : Source
        Who says so.
    """

    points: tuple[float, float]
    pd: tuple[float, float]
    source: Source


@dataclass(frozen=True, slots=True)
class Card:
    """An expert scorecard.

    Parameters
    ----------
    name : str
        Its name.
    title : Text
        As people read it.
    subject : str
        Who or what is rated.
    valid_from : datetime.date
        First day on which it may be used.
    valid_until : datetime.date or None
        Last day.
    owner : str
        Who keeps it.
    source : Source
        Where it comes from.
    note : Text
        What a user must know: what was published and what the engine chose.
    blocks, vetoes, bands : tuples
        Its parts; bands from the best.
    line : Line or None
        Formula of the credit line.
    scale : MasterScale or None
        From points to a PD.
    grade_field : str
        Column that gives the grade, where the card itself cannot.
    clear_grade : str
        Grade of a case that no veto hits and of which every veto's fact is known.
    climb_field : str
        Column of the grade held before; a grade is climbed one at a time.
    """

    name: str
    title: Text
    subject: str
    valid_from: date
    valid_until: date | None
    owner: str
    source: Source
    note: Text
    blocks: tuple[Block, ...] = ()
    vetoes: tuple[Veto, ...] = ()
    bands: tuple[Band, ...] = ()
    line: Line | None = None
    scale: MasterScale | None = None
    grade_field: str = ""
    clear_grade: str = ""
    climb_field: str = ""

    def items(self, social: bool = True) -> tuple[Item, ...]:
        """Return the items in order.

        Parameters
        ----------
        social : bool
            Whether items of social blocks are among them.

        Returns
        -------
        tuple of Item
            Items, block by block.
        """
        chosen = [block for block in self.blocks if social or not block.social]
        return tuple(item for block in chosen for item in block.items)

    def marks(self, social: bool = True) -> float:
        """Return the full marks, bonus blocks not counted.

        Parameters
        ----------
        social : bool
            Whether social blocks count.

        Returns
        -------
        float
            Full marks [point].
        """
        return sum(
            block.weight
            for block in self.blocks
            if not block.bonus and (social or not block.social)
        )
