"""The validation report as one HTML file: decision first, every picture over its table."""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from models.report.cells import check, written
from models.report.document import SECTION_TITLES, Cell, Document, Picture, Section, Table
from models.report.pictures import svg
from models.report.series import CURVES, evenly, what_is_drawn, why_not_drawn
from riskengine.errors import ModelError
from riskengine.words import Language, Text

ROWS_WHOLE, ROWS_UNDER, LEAST_ROWS, ROWS_SHOWN = 40, 20, 6, 200
"""Rows up to which the table of a curve or cloud is shown whole; rows of a longer one, and
the fewest of each of its series; rows of any other table."""

DECISION, SIGN_OFF = 1, len(SECTION_TITLES)
WIDE = 9
"""Columns from which a table takes the whole width."""

FILE_NAME = re.compile(r"[\w-][\w.-]*")
CONTROLS = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 127), "�")
"""Characters that HTML may not hold."""

VERDICTS = {
    "promote": Text("建议启用新模型", "Promote the challenger"),
    "keep": Text("维持现用模型", "Keep the champion"),
    "more_data": Text("数据不足，暂不决定", "More data before a decision"),
}
SIGNERS = (
    Text("建模", "Developed by"),
    Text("独立验证", "Validated by"),
    Text("风险负责人", "Head of risk"),
)
WORDS = {
    "decision": Text("结论", "Decision"),
    "contents": Text("目录", "Contents"),
    "check": Text("启用条件", "condition of promotion"),
    "wanted": Text("要求", "asked"),
    "found": Text("实测", "found"),
    "result": Text("结果", "result"),
    "holds": Text("✓ 达到", "✓ met"),
    "fails": Text("✗ 未达到", "✗ not met"),
    "checks_met": Text("{held} / {all} 项达到", "{held} of {all} met"),
    "no_checks": Text("未给出启用条件。", "No condition of promotion was given."),
    "not_given": Text("未提供。", "Not given."),
    "absent": Text("未提供", "not given"),
    "in_the_box": Text("见页首结论框。", "See the box at the head of the page."),
    "not_signed": Text("尚未签署。", "Not signed yet."),
    "signature": Text("签名", "signature"),
    "date": Text("日期", "date"),
    "source": Text("数据来源", "Data"),
    "other": Text("English", "中文"),
    "defaults": Text("违约", "defaults"),
    "intervals": Text("竖线或色带为表中区间", "lines or bands: the interval in the table"),
    "no_interval": Text("未给区间", "no interval was given"),
    "rows": Text("显示 {all} 行中的 {shown} 行", "{shown} of {all} rows shown"),
    "no_rows": Text("没有数据行。", "No rows."),
}


def render(document: Document, language: Language = "zh", *, other: str = "") -> str:
    """Return the page of a validation report.

    Parameters
    ----------
    document : Document
        The report.
    language : {"zh", "en"}
        Language of the page; pictures fall back to English without a Chinese font.
    other : str
        Name of the file in the other language, to which the page links; empty for none.

    Returns
    -------
    str
        HTML, complete in itself and without script; every text is escaped, and the same
        document gives the same bytes.

    Raises
    ------
    ModelError
        If a table or picture cannot be drawn as it says, or `other` is no file name.

    Examples
    --------
    >>> from models.report.document import Decision, standard_sections
    >>> decision = Decision("keep", (Text("新旧无差异", "no difference"),))
    >>> document = Document(Text("<b>", "<b>"), decision, standard_sections({}))
    >>> page = render(document, "en")
    >>> "<h1>&lt;b&gt;</h1>" in page, page.count('class="missing">Not given.')
    (True, 10)
    """
    check(document)
    if other and not FILE_NAME.fullmatch(other):
        raise ModelError(
            Text("另一语言的页面不是文件名", "the page in the other language is no file name"),
            Text("例如 report.en.html", "give one such as report.en.html"),
        )
    sections = sorted(document.sections, key=lambda section: section.number)
    checks = document.decision.checks
    held = sum(one.holds for one in checks)
    words = {key: word.say(language) for key, word in WORDS.items()}
    page: str = _template().render(
        language=language, document=document, say=lambda text: text.say(language), words=words,
        verdict=VERDICTS[document.decision.verdict].say(language), other=other,
        met=WORDS["checks_met"].fill(held=held, all=len(checks)).say(language),
        sections=[_section(section, language) for section in sections],
        signers=[signer.say(language) for signer in SIGNERS],
    )  # fmt: skip
    return page.translate(CONTROLS)


@cache
def _template() -> Any:
    """Return the page's template."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    return environment.get_template("report.html")


def _section(section: Section, language: Language) -> dict[str, Any]:
    """One section: paragraphs, and blocks of pictures over their table."""
    given = bool(section.text or section.tables or section.pictures)
    blocks = list(_blocks(section, language))
    missing = {DECISION: "in_the_box", SIGN_OFF: "not_signed"}.get(section.number, "not_given")
    return {
        "number": section.number, "title": section.title.say(language),
        "text": [text.say(language) for text in section.text],
        "source": section.source.say(language) if section.source else "",
        "blocks": blocks, "given": given, "single": sum(not one["wide"] for one in blocks) <= 1,
        "missing": WORDS[missing].say(language), "absent": not given and missing == "not_given",
        "signed": section.number == SIGN_OFF and not given,
    }  # fmt: skip


def _blocks(section: Section, language: Language) -> Iterator[dict[str, Any]]:
    """Tables in their order, each once, its pictures over it; tables of pictures come first."""
    owned = [picture.table for picture in section.pictures]
    every = [*(table for table in owned if table not in section.tables), *section.tables]
    tables = [table for place, table in enumerate(every) if table not in every[:place]]
    for table in tables:
        pictures = [picture for picture in section.pictures if picture.table == table]
        drawn = [_picture(picture, language) for picture in pictures]
        yield {
            "pictures": drawn,
            "table": _table(table, pictures, language),
            "named": not any(one["title"] == table.title.say(language) for one in drawn),
            "wide": len(table.columns) >= WIDE,
        }


def _picture(picture: Picture, language: Language) -> dict[str, Any]:
    """One picture, or why it is not drawn, with its n."""
    why = why_not_drawn(picture)
    under = [f"n = {picture.n:,}"]
    if picture.defaults is not None:
        under.append(f"{WORDS['defaults'].say(language)} {picture.defaults:,}")
    if why is None:
        under.extend(text.say(language) for text in _under(picture))
    return {
        "title": picture.title.say(language), "why": why.say(language) if why else "",
        # What matplotlib wrote; its texts are outlines, and its one label is escaped.
        "svg": "" if why else Markup(svg(picture, language)),
        "under": " · ".join(under), "note": picture.note.say(language) if picture.note else "",
    }  # fmt: skip


def _under(picture: Picture) -> Iterator[Text]:
    """What a reader must know of a drawn picture."""
    if picture.low is not None:
        yield WORDS["intervals"]
    elif picture.kind in ("bars", "reliability"):
        yield WORDS["no_interval"]
    part = what_is_drawn(picture)
    if part is not None:
        yield part


def _table(table: Table, pictures: Sequence[Picture], language: Language) -> dict[str, Any]:
    """Heads and rows as they are read."""
    rows = _rows(table, pictures)
    shown = WORDS["rows"].fill(shown=f"{len(rows):,}", all=f"{len(table.rows):,}")
    return {
        "title": table.title.say(language),
        "heads": [
            {"title": column.title.say(language), "right": column.kind != "text"}
            for column in table.columns
        ],
        "rows": [
            [
                {"text": written(cell, column, language), "right": column.kind != "text"}
                for cell, column in zip(row, table.columns, strict=True)
            ]
            for row in rows
        ],
        "shown": shown.say(language) if len(rows) < len(table.rows) else "",
        "note": table.note.say(language) if table.note else "",
    }


def _rows(table: Table, pictures: Sequence[Picture]) -> list[tuple[Cell, ...]]:
    """Rows that are shown: the first ones; of long curves, rows spread along each of them."""
    curves = [picture for picture in pictures if picture.kind in (*CURVES, "scatter")]
    if not curves or len(table.rows) <= ROWS_WHOLE:
        return list(table.rows[:ROWS_SHOWN])
    groups: dict[Cell, list[tuple[Cell, ...]]] = {}
    place = curves[0].group
    for row in table.rows:
        groups.setdefault(None if place is None else row[place], []).append(row)
    most = max(ROWS_UNDER // max(len(groups), 1), LEAST_ROWS)
    return [rows[k] for rows in groups.values() for k in evenly(len(rows), most)]
