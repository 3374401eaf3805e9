"""How cells are written, and what a document must satisfy before it is drawn."""

import math
from collections.abc import Iterator

import numpy as np

from models.report.document import Cell, Column, ColumnKind, Document, Picture, Places, Table
from riskengine.errors import ModelError
from riskengine.words import Language, Text

NOTHING = "–"
DECIMALS: dict[ColumnKind, int] = {"integer": 0, "number": 3, "share": 2, "money": 0, "p_value": 3}
YES_NO = (Text("否", "no"), Text("是", "yes"))
FAULTS_TOLD = 12
VERDICTS = ("promote", "keep", "more_data")
KINDS = ("line", "step", "reliability", "bars", "scatter", "histogram")


def written(cell: Cell, column: Column, language: Language) -> str:
    """Return a cell as people read it.

    Parameters
    ----------
    cell : str, Text, float, int or None
        Value; a share is a fraction.
    column : Column
        Column that it stands in.
    language : {"zh", "en"}
        Language.

    Returns
    -------
    str
        The text; a dash for None and NaN, and words as they are in any column.

    Examples
    --------
    >>> share, p = Column(Text("率", "rate"), "share"), Column(Text("p", "p"), "p_value")
    >>> written(0.0893, share, "en"), written(2e-7, p, "en"), written(None, p, "en")
    ('8.93%', '< 0.001', '–')
    """
    if isinstance(cell, Text):
        return cell.say(language)
    if cell is None or isinstance(cell, str):
        return NOTHING if cell is None else cell
    if isinstance(cell, bool | np.bool_):
        return YES_NO[int(cell)].say(language)
    return _figure(float(cell), column)


def _figure(value: float, column: Column) -> str:
    if not math.isfinite(value):
        return NOTHING if math.isnan(value) else "∞" if value > 0.0 else "-∞"
    decimals = DECIMALS.get(column.kind, 3) if column.decimals is None else column.decimals
    if column.kind == "text":
        return f"{value:g}"
    if column.kind == "p_value" and 0.0 <= value < 0.001:
        return "< 0.001"
    if column.kind == "share":
        return _signed(f"{value:,.{decimals}%}")
    return _signed(f"{value:,.{decimals}f}")


def _signed(figure: str) -> str:
    """Nought carries no sign."""
    return figure[1:] if figure.startswith("-") and not figure.strip("-0.,%") else figure


def number(cell: Cell) -> float:
    """Return a cell as a number, NaN where it is none.

    Parameters
    ----------
    cell : str, Text, float, int or None
        Value.

    Returns
    -------
    float
        The number.

    Examples
    --------
    >>> number(3), number("a")
    (3.0, nan)
    """
    return math.nan if cell is None or isinstance(cell, str | Text) else float(cell)


def places(columns: Places | None) -> tuple[int | None, ...]:
    """Return columns as a tuple.

    Parameters
    ----------
    columns : int, tuple or None
        One column, several, or none.

    Returns
    -------
    tuple of int or None
        Columns.
    """
    if columns is None:
        return ()
    return columns if isinstance(columns, tuple) else (columns,)


def check(document: Document) -> None:
    """Refuse a document that cannot be drawn as it says.

    Parameters
    ----------
    document : Document
        The report.

    Raises
    ------
    ModelError
        With the first twelve faults: no reason, rows of another length than their
        heads, columns that do not exist, pictures of no known kind, sections twice.
    """
    faults = list(_faults(document))
    if faults:
        told, more = faults[:FAULTS_TOLD], " …" if len(faults) > FAULTS_TOLD else ""
        raise ModelError(
            Text(
                f"报告有 {len(faults)} 处错误：" + "；".join(f.zh for f in told) + more,
                f"the report has {len(faults)} faults: " + "; ".join(f.en for f in told) + more,
            ),
            Text("请修正交来的表与图", "mend the tables and pictures handed in"),
        )


def _faults(document: Document) -> Iterator[Text]:
    if document.decision.verdict not in VERDICTS:
        verdict = document.decision.verdict
        yield Text(f"结论 {verdict} 未知", f"verdict {verdict!r} is unknown")
    if not document.decision.reasons:
        yield Text("结论没有理由", "the decision has no reason")
    numbers = [section.number for section in document.sections]
    if len(set(numbers)) < len(numbers):
        yield Text("章节编号重复", "a section number stands twice")
    for section in document.sections:
        for table in section.tables:
            yield from _table_faults(table)
        for picture in section.pictures:
            yield from _table_faults(picture.table)
            yield from _picture_faults(picture)


def _table_faults(table: Table) -> Iterator[Text]:
    wide = len(table.columns)
    for row, cells in enumerate(table.rows):
        if len(cells) != wide:
            yield Text(
                f"表「{table.title.zh}」第 {row} 行有 {len(cells)} 格，应为 {wide} 格",
                f"table '{table.title.en}', row {row}: {len(cells)} cells under {wide} heads",
            )
            return


def _picture_faults(picture: Picture) -> Iterator[Text]:
    zh, en = f"图「{picture.title.zh}」", f"picture '{picture.title.en}': "
    if picture.kind not in KINDS:
        yield Text(f"{zh}种类未知", f"{en}kind {picture.kind!r} is unknown")
    drawn = places(picture.y)
    ends = (*places(picture.low), *places(picture.high))
    named = [picture.x, *drawn, *ends, picture.group]
    wide = len(picture.table.columns)
    if not drawn or None in drawn or any(k is not None and not 0 <= k < wide for k in named):
        yield Text(f"{zh}所指的列不存在", f"{en}a column named is not in its table")
        return
    if picture.group is not None and len(drawn) != 1:
        yield Text(f"{zh}分组时只能画一列", f"{en}groups are drawn of one column")
    lows, highs = places(picture.low), places(picture.high)
    if len(lows) != len(highs) or len(lows) > len(drawn):
        yield Text(f"{zh}区间上下限不成对", f"{en}the ends of the intervals do not pair")
    if picture.group is not None and picture.kind in ("bars", "histogram"):
        pairs = [(row[picture.x], row[picture.group]) for row in picture.table.rows]
        if len(set(pairs)) < len(pairs):
            yield Text(f"{zh}同组同名的行重复", f"{en}a label stands twice in a group")
    if picture.n < 0 or (picture.defaults or 0) < 0 or (picture.defaults or 0) > picture.n:
        yield Text(f"{zh}n 或违约数不可能", f"{en}n = {picture.n}, defaults = {picture.defaults}")
