"""What a validation report holds: decision, twelve sections, tables, and pictures of tables.

A picture owns the table that it is drawn from, so no picture can stand without it.
Source of the order: the working notes on validation reports (decision first, then
training, discrimination, calibration ... sign-off).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from riskengine.errors import ModelError
from riskengine.words import Text

ColumnKind = Literal["text", "integer", "number", "share", "money", "p_value"]
PictureKind = Literal["line", "step", "reliability", "bars", "scatter", "histogram"]
Verdict = Literal["promote", "keep", "more_data"]
Cell: TypeAlias = str | Text | float | int | None
Places: TypeAlias = int | tuple[int | None, ...]
"""Place of one column of a table, from 0, or of one column a series."""


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Parameters
    ----------
    title : Text
        Head, with the unit.
    kind : {"text", "integer", "number", "share", "money", "p_value"}
        How its cells are written; a share is a fraction and is written in per cent.
    decimals : int or None
        Decimals, >= 0; None for the usual number of its kind.
    """

    title: Text
    kind: ColumnKind = "text"
    decimals: int | None = None


@dataclass(frozen=True)
class Table:
    """Rows under heads.

    Parameters
    ----------
    title : Text
        What it shows.
    columns : tuple of Column
        Columns.
    rows : tuple of tuple
        Rows of as many cells; None and NaN are written as a dash.
    note : Text or None
        What a reader must know.
    """

    title: Text
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: Text | None = None


@dataclass(frozen=True)
class Picture:
    """A drawing of the columns of a table, which stands under it.

    Parameters
    ----------
    kind : {"line", "step", "reliability", "bars", "scatter", "histogram"}
        ``step`` is a ROC or CAP curve; ``step``, ``reliability`` and ``scatter`` have a
        diagonal, and ``scatter`` has logarithmic axes.
    title : Text
        What it shows.
    table : Table
        The table.
    x : int
        Column along x; of the labels for ``bars`` and ``histogram``.
    y : int or tuple of int
        Column or columns that are drawn, one series each.
    n : int
        Rows that the figures rest on, >= 0.
    low, high : int, tuple or None
        Columns of the ends of the interval of each series.
    group : int or None
        Column whose values are the series, when ``y`` is one column.
    defaults : int or None
        Defaults that the figures rest on, those of the smallest series; None where the
        figures are not of defaults, and then ``n`` stands in for it.
    reference : float or None
        Figure to which a line is drawn, such as 0.5 of an AUC.
    note : Text or None
        What a reader must know.
    """

    kind: PictureKind
    title: Text
    table: Table
    x: int
    y: Places
    n: int
    low: Places | None = None
    high: Places | None = None
    group: int | None = None
    defaults: int | None = None
    reference: float | None = None
    note: Text | None = None


@dataclass(frozen=True)
class Section:
    """One section of the report.

    Parameters
    ----------
    number : int
        Place, 1 to 12.
    title : Text
        Title.
    text : tuple of Text
        Paragraphs.
    tables : tuple of Table
        Tables; those of its pictures need not be named again.
    pictures : tuple of Picture
        Pictures.
    source : Text or None
        Data that it rests on, and their date.
    """

    number: int
    title: Text
    text: tuple[Text, ...] = ()
    tables: tuple[Table, ...] = ()
    pictures: tuple[Picture, ...] = ()
    source: Text | None = None


@dataclass(frozen=True)
class Content:
    """What a caller hands in for one section.

    Parameters
    ----------
    text : tuple of Text
        Paragraphs.
    tables : tuple of Table
        Tables.
    pictures : tuple of Picture
        Pictures.
    source : Text or None
        Data that it rests on, and their date.
    """

    text: tuple[Text, ...] = ()
    tables: tuple[Table, ...] = ()
    pictures: tuple[Picture, ...] = ()
    source: Text | None = None


@dataclass(frozen=True)
class Check:
    """One condition of promotion.

    Parameters
    ----------
    name : Text
        What is asked.
    wanted, found : str
        Bar, and figure with its interval.
    holds : bool
        Whether it is met.
    """

    name: Text
    wanted: str
    found: str
    holds: bool


@dataclass(frozen=True)
class Decision:
    """What is proposed, and why.

    Parameters
    ----------
    verdict : {"promote", "keep", "more_data"}
        Promote the challenger, keep the champion, or gather more data.
    reasons : tuple of Text
        Reasons, the gravest first; three are usual.
    checks : tuple of Check
        Conditions of promotion.
    """

    verdict: Verdict
    reasons: tuple[Text, ...]
    checks: tuple[Check, ...] = ()


@dataclass(frozen=True)
class Tile:
    """One headline figure.

    Parameters
    ----------
    title : Text
        What it is.
    figure : str
        The figure.
    under : Text or None
        Interval and n.
    """

    title: Text
    figure: str
    under: Text | None = None


@dataclass(frozen=True)
class Document:
    """A validation report.

    Parameters
    ----------
    title : Text
        Title with the name and version of the model.
    decision : Decision
        What is proposed.
    sections : tuple of Section
        Sections, as `standard_sections` gives them.
    footer : tuple of Text
        Digests, versions, seed.
    lead : Text or None
        One line under the title.
    warning : Text or None
        What no reader may miss, such as that the data are foreign.
    tiles : tuple of Tile
        Headline figures.
    """

    title: Text
    decision: Decision
    sections: tuple[Section, ...]
    footer: tuple[Text, ...] = ()
    lead: Text | None = None
    warning: Text | None = None
    tiles: tuple[Tile, ...] = field(default=())


SECTION_TITLES: Mapping[str, Text] = {
    "decision": Text("结论", "Decision"),
    "training": Text("训练了什么", "What was trained"),
    "discrimination": Text("区分能力", "Discrimination"),
    "calibration": Text("校准", "Calibration"),
    "stability": Text("稳定性", "Stability"),
    "monotonicity": Text("单调性与理由稳定性", "Monotonicity and stability of reasons"),
    "values": Text("估值模型", "Value models"),
    "recovery": Text("回收", "Recovery"),
    "fairness": Text("公平性", "Fairness"),
    "sensitivity": Text("敏感性与最差个案", "Sensitivity and the worst cases"),
    "limits": Text("局限与监测", "Limits and monitoring"),
    "sign_off": Text("签署", "Sign-off"),
}
"""Sections in the order in which they stand."""


def standard_sections(parts: Mapping[str, Content]) -> tuple[Section, ...]:
    """Return the twelve sections in their order; those not handed in are empty.

    Parameters
    ----------
    parts : mapping of str to Content
        Content by key of `SECTION_TITLES`.

    Returns
    -------
    tuple of Section
        Twelve sections.

    Raises
    ------
    ModelError
        If a key is none of the twelve.

    Examples
    --------
    >>> sections = standard_sections({"limits": Content(text=(Text("无", "none"),))})
    >>> len(sections), sections[10].title.en, sections[10].text[0].en
    (12, 'Limits and monitoring', 'none')
    """
    unknown = sorted(set(parts) - set(SECTION_TITLES))
    if unknown:
        names = ", ".join(unknown)
        raise ModelError(
            Text(f"报告没有章节 {names}", f"the report has no section {names}"),
            Text(
                "可用章节：" + "、".join(SECTION_TITLES), "it may be: " + ", ".join(SECTION_TITLES)
            ),
        )
    return tuple(
        Section(number, title, part.text, part.tables, part.pictures, part.source)
        for number, (key, title) in enumerate(SECTION_TITLES.items(), start=1)
        for part in [parts.get(key, Content())]
    )
