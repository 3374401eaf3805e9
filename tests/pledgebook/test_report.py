"""The page: everything that the manifest says is on it, in both languages, and nothing else."""

import copy
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from riskengine.pledgebook.report import QUEUE_WORDS, report_page
from riskengine.report import money

Book = tuple[Path, dict[str, Any]]
VOID = {"meta", "br"}


class Checker(HTMLParser):
    """Every tag that opens closes."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def text_of(page: str) -> str:
    checker = Checker()
    checker.feed(page)
    assert not checker.open
    return " ".join(" ".join(checker.text).split())


def test_the_page_shows_what_the_manifest_says(judged: Book) -> None:
    out, manifest = judged
    page = (out / "report.html").read_text(encoding="utf-8")
    assert page == report_page(manifest), "the page is drawn from the manifest alone"
    text = text_of(page)
    tally = manifest["tally"]
    assert f"{manifest['rows_in']:,}" in text
    assert money(sum(kind[1] for kind in tally["kinds"].values())) in text
    assert money(sum(kind[2] for kind in tally["kinds"].values())) in text
    for word in QUEUE_WORDS.values():
        assert word.zh in text
        assert word.en in text
    for mark in list(manifest["rules"])[:20]:
        told = manifest["rules"][mark]
        for words in (mark, told["title_zh"], told["title_en"], told["cure_zh"]):
            assert " ".join(words.split()) in text, words
    for told in [
        *list(tally["facts"].values())[:14],
        *list(manifest["watch"]["kinds"].values())[:16],
    ]:
        assert told["title_zh"] in text
        assert told["title_en"] in text
    for pledge in manifest["watch"]["first"]:
        assert pledge["pledge_id"] in text
    assert page.count('class="plot"') == len(tally["cover"])
    assert "http" not in page.replace("http-equiv", "")


def test_a_page_does_not_depend_on_how_long_the_run_took(judged: Book) -> None:
    _, manifest = judged
    slow = {**manifest, "seconds": 9e9, "rows_per_second": 0}
    assert report_page(slow) == report_page(manifest)


def test_what_is_put_in_is_escaped(judged: Book) -> None:
    _, manifest = judged
    hostile = copy.deepcopy(manifest)
    hostile["watch"]["first"][0]["pledge_id"] = "<img src=x onerror=alert(1)>"
    page = report_page(hostile)
    assert "<img" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page


@pytest.mark.parametrize("rejected", [True, False])
def test_a_book_of_nothing_has_a_page(
    rejected: bool, hand: Any, household: Any, pledge: Any, judge: Any, tmp_path: Path
) -> None:
    rows = [pledge("P", "NOTHING")] if rejected else []
    folder = hand(land=[household("A")], pledges=rows or [pledge("P", "A")])
    if not rejected:
        path = folder / "pledges.csv"
        path.write_text(path.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    judge(folder, tmp_path / "out")
    text = text_of((tmp_path / "out" / "report.html").read_text(encoding="utf-8"))
    assert "押品审查报告" in text
    assert ("no such right, or its row was rejected" in text) == rejected
