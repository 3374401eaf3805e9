"""The page: decision first, twelve sections in order, every picture over its table, all escaped."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest

from models.report import (
    SECTION_TITLES,
    Check,
    Column,
    Content,
    Decision,
    Document,
    Picture,
    Section,
    Table,
    Tile,
    render,
    standard_sections,
)
from models.report.page import ROWS_UNDER
from riskengine.errors import ModelError
from riskengine.words import Text
from tests.models.report.example import document

VOID = {"meta", "br", "path", "use"}
HOSTILE = (
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7 * 7 }}", "--><b>", "]]>",
    "_hidden", "\x00\x1b", "&lt;b&gt;", "$x^2$", "</table></svg>",
)  # fmt: skip


def both(word: str) -> Text:
    return Text(word, word)


class Balanced(HTMLParser):
    """Fails when a tag is left open; keeps what stands where."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []

    def handle_starttag(self, tag, attrs) -> None:
        assert not any(name.startswith("on") for name, _ in attrs)
        self.seen.append(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs) -> None:
        self.seen.append(tag)

    def handle_endtag(self, tag) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag


def parsed(page: str) -> Balanced:
    reader = Balanced()
    reader.feed(page)
    assert reader.open == []
    return reader


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    return {language: render(document(), language) for language in ("zh", "en")}


def small(*pictures: Picture, tables: tuple[Table, ...] = (), text: str = "") -> Document:
    """A report of one section."""
    told = (both(text),) if text else ()
    decision = Decision("keep", (both("reason"),))
    return Document(
        both("report"),
        decision,
        standard_sections({"discrimination": Content(told, tables, pictures)}),
    )


def rates(count: int = 3) -> Table:
    columns = (Column(both("grade")), Column(both("rate"), "share"))
    return Table(
        both("rates"), columns, tuple((f"g{k}", 0.01 * (k + 1)) for k in range(count))
    )  # fmt: skip


@pytest.mark.parametrize("language", ["zh", "en"])
def test_page_is_whole_closed_and_small(pages, language) -> None:
    page = pages[language]
    tags = parsed(page).seen
    assert not {"script", "link", "iframe", "img", "object", "form"} & set(tags)
    assert [link for link in re.findall(r'(?:src|href)="([^"]*)"', page) if link[0] != "#"] == []
    assert "url(http" not in page
    assert len(page.encode()) < 2_000_000
    assert page.count("<svg ") == 10
    for picture in re.findall(r"<svg .*?</svg>", page, re.DOTALL):
        ET.fromstring(picture)
        assert len(picture) < 100_000


def test_the_same_document_gives_the_same_bytes() -> None:
    report = small(Picture("bars", both("bars"), rates(), 0, 1, 50), text="text")
    assert render(report, "zh") == render(report, "zh")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_decision_then_contents_then_twelve_sections(pages, language) -> None:
    page = pages[language]
    heads = ["class='box'", "<nav>", *(f'id="s{k}"' for k in range(1, 13))]
    places = [page.index(head.replace("class='box'", 'class="box promote"')) for head in heads]
    assert places == sorted(places)
    titles = re.findall(r"<h2><i>(\d+)</i>([^<]*)</h2>", page)
    wanted = [(str(k), title.say(language)) for k, title in enumerate(SECTION_TITLES.values(), 1)]
    assert titles == wanted
    assert page.index("0.057 [0.041, 0.073]") < page.index("<nav>")
    assert ("3 / 4 项达到" in page) == (language == "zh")
    assert ("3 of 4 met" in page) == (language == "en")
    assert ("境外数据" in page) == (language == "zh")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_picture_has_its_table_and_an_n(pages, language) -> None:
    page = pages[language]
    blocks = re.split(r'<div class="block(?: wide)?">', page)[1:]
    for block in blocks:
        drawn = block.count("<svg ") + block.count('class="why"')
        assert len(re.findall(r'class="under">n = [\d,]+', block)) == drawn
        assert block.count("<table") == 1
        if drawn:
            assert block.index("n = ") < block.index("<table")
    assert sum(block.count("<svg ") for block in blocks) == 10


def test_empty_sections_say_so(pages) -> None:
    page = pages["en"]
    assert page.count('<p class="missing">Not given.</p>') == 2
    assert page.count("<small>not given</small>") == 2
    assert "See the box at the head of the page." in page
    assert "Not signed yet." in page and page.count("signature · date") == 3
    signed = replace(document(), sections=(Section(12, both("Sign-off"), (both("signed"),)),))
    assert "signature · date" not in render(signed, "en")


def test_no_curve_of_fewer_than_thirty_defaults() -> None:
    for kind in ("line", "step", "reliability"):
        table = replace(rates(), columns=(Column(both("x"), "number"), rates().columns[1]))
        table = replace(table, rows=((0.1, 0.1), (0.2, 0.2)))
        picture = Picture(kind, both("curve"), table, 0, 1, 500, defaults=29)
        page = render(small(picture), "en")
        assert "<svg" not in page
        assert "no curve: 29 defaults, fewer than 30" in page
        assert '<td class="n">20.00%</td>' in page and "n = 500 · defaults 29" in page
        assert "<svg" in render(small(replace(picture, defaults=30)), "en")
        few = render(small(replace(picture, n=29, defaults=None)), "en")
        assert "no curve: 29 rows, fewer than 30" in few
    bars = Picture("bars", both("bars"), rates(), 0, 1, 500, defaults=29)
    assert "<svg" in render(small(bars), "en")  # bars are no curve


def test_missing_intervals_are_told() -> None:
    bars = Picture("bars", both("bars"), rates(), 0, 1, 500)
    assert "no interval was given" in render(small(bars), "en")
    assert "no interval was given" not in render(small(replace(bars, low=1, high=1)), "en")


def test_long_tables_are_cut_and_say_so() -> None:
    columns = (
        Column(both("model")), Column(both("x"), "number", 0), Column(both("y"), "number", 0),
    )  # fmt: skip
    rows = tuple((name, float(k), float(k)) for name in ("new", "old") for k in range(1000))
    table = Table(both("points"), columns, rows)
    page = render(small(Picture("step", both("curve"), table, 1, 2, 900, group=0)), "en")
    cells = re.findall(r'<tr><td>(\w+)</td><td class="n">([\d,]+)</td>', page)
    assert len(cells) == ROWS_UNDER
    assert {("new", "0"), ("new", "999"), ("old", "0"), ("old", "999")} <= set(cells)
    assert "20 of 2,000 rows shown" in page and "400 of 2,000 points drawn" in page
    plain = render(small(tables=(table,)), "en")
    assert "200 of 2,000 rows shown" in plain and ">199<" in plain and ">200<" not in plain


def test_a_table_of_two_pictures_stands_once() -> None:
    table = rates()
    first = Picture("bars", both("bars"), table, 0, 1, 50)
    page = render(small(first, replace(first, title=both("again")), tables=(table,)), "en")
    assert page.count("<svg ") == 2
    assert page.count(">g1<") == 1


def test_hostile_names_change_nothing() -> None:
    rows = tuple((word, both(word), 0.1 * (k + 1)) for k, word in enumerate(HOSTILE))
    columns = tuple(Column(both(word), kind) for word, kind in zip(HOSTILE, ("text", "text", "share"), strict=False))  # fmt: skip
    for word in HOSTILE:
        told = both(word)
        table = Table(told, columns, rows, told)
        picture = Picture("bars", told, table, 0, 2, 40, note=told)
        lines = Picture("line", told, replace(table, rows=rows[:6]), 0, 2, 40, group=1)
        drawn = (picture, lines) if word == HOSTILE[0] else ()
        page = render(
            Document(
                told, Decision("keep", (told,), (Check(told, word, word, False),)),
                (Section(1, told, (told,), (table,), drawn, told),),
                (told,), told, told, (Tile(told, word, told),),
            ), "en",
        )  # fmt: skip
        tags = parsed(page).seen
        assert tags.count("b") == 1  # the tile's own
        assert not {"script", "img"} & set(tags)
        assert "49" not in re.sub(r"<svg.*?</svg>", "", page, flags=re.DOTALL)
        assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", page)


@pytest.mark.parametrize("other", ["javascript:alert(1)", "../x.html", "//x.example", 'a" b'])
def test_the_link_is_a_file_name(other) -> None:
    with pytest.raises(ModelError, match="no file name"):
        render(small(), "en", other=other)
    assert 'href="report.zh.html">中文</a>' in render(small(), "en", other="report.zh.html")


def test_faults_are_told_together() -> None:
    table = rates()
    ragged = replace(table, rows=(("a",), ("b", 0.1)))
    base = Picture("line", both("p"), table, 0, 1, 90)
    faulty = small(
        replace(base, kind="pie"), replace(base, y=7), replace(base, y=(1, 1), group=0),
        replace(base, low=1), replace(base, defaults=91), replace(base, n=-1),
        Picture("bars", both("p"), replace(table, rows=(("a", 1.0), ("a", 2.0))), 0, 1, 9, group=0),
        tables=(ragged,),
    )  # fmt: skip
    faulty = replace(faulty, decision=Decision("maybe", ()))
    with pytest.raises(ModelError) as raised:
        render(faulty)
    for part in (
        "verdict 'maybe'", "no reason", "row 0: 1 cells under 2 heads", "'pie' is unknown",
        "column named", "groups are drawn of one", "do not pair", "defaults = 91", "n = -1",
        "stands twice in a group",
    ):  # fmt: skip
        assert part in raised.value.say("en")
    assert raised.value.say("zh").startswith("报告有 10 处错误")
    with pytest.raises(ModelError, match="section number"):
        render(replace(small(), sections=(Section(1, both("a")), Section(1, both("b")))))


def test_sections_have_fixed_keys() -> None:
    assert [section.number for section in standard_sections({})] == list(range(1, 13))
    with pytest.raises(ModelError, match="no section colour"):
        standard_sections({"colour": Content()})
