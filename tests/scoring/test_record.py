"""The record: plain, whole, in both languages, and the same from every door."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from math import floor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskengine.casefile.sentences import applied_sentence
from riskengine.casefile.shown import wan
from riskengine.scoring.application import read_application
from riskengine.scoring.equipment import Equipment
from riskengine.scoring.pages import MOST, farmer_page, officer_page
from riskengine.scoring.record import OUTCOME_WORDS, borne, record
from riskengine.scoring.score import score
from riskengine.sharing import shared
from tests.scoring.made import EXAMPLES, REGISTRY, ROOT, application, equipment, shipped

CITIZEN = "11010519491231002X"


def texts(part: Any) -> list[dict[str, str]]:
    """Every text of a record."""
    if isinstance(part, dict):
        if part.keys() == {"zh", "en"}:
            return [part]
        return [text for cell in part.values() for text in texts(cell)]
    return [text for cell in part for text in texts(cell)] if isinstance(part, list) else []


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_a_record_is_plain_whole_and_bilingual(path: Path) -> None:
    told = record(score(read_application(path), equipment()))
    again = json.dumps(told, ensure_ascii=False, allow_nan=False)
    assert json.loads(again) == told
    assert again == json.dumps(
        record(score(read_application(path), equipment())), ensure_ascii=False
    )
    found = texts(told)
    assert len(found) > 30
    for text in found:
        assert bool(text["zh"]) == bool(text["en"])
        assert text["en"].isascii() or text["en"] == text["zh"]
    assert told["basis"]["zh"] == "内部估值，非法定评估"
    for key in ("engine_version", "rules_digest", "market_digest", "created_on", "valued_on"):
        assert told[key]


def test_nobody_is_named() -> None:
    one = application("001", borrower={"borrower_code": CITIZEN}, loan={"borrower_code": CITIZEN})
    found = score(one, equipment())
    for said in (json.dumps(record(found), ensure_ascii=False), *(
        page(found, "zh") for page in (officer_page, farmer_page)
    )):  # fmt: skip
        assert CITIZEN not in said
        assert "自有承包地" not in json.dumps(record(found), ensure_ascii=False)


def test_python_and_the_command_line_give_the_same_numbers(tmp_path: Path) -> None:
    folder = next(one for one in sorted(REGISTRY.iterdir()) if one.is_dir())
    base = equipment()
    told = Equipment(base.market, base.law, {}, shipped()[0])
    files = [str(path) for path in EXAMPLES]
    words = ["score", *files, "--default-model", str(folder), "--json"]
    environment = {k: v for k, v in os.environ.items() if k != "NUMBA_DISABLE_JIT"}
    pages = ["--sheet", str(tmp_path / "s.html"), "--letter", str(tmp_path / "l.html")]
    done = subprocess.run(
        [sys.executable, "-m", "riskengine", *words, *pages], capture_output=True, text=True,
        cwd=ROOT, env=environment, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    scores = [score(read_application(path), told) for path in EXAMPLES]
    assert json.loads(done.stdout) == [record(one) for one in scores]
    assert (tmp_path / "s.html").read_text(encoding="utf-8") == officer_page(scores[0], "zh")
    assert (tmp_path / "l.html").read_text(encoding="utf-8") == farmer_page(scores[0], "zh")


class _Words(HTMLParser):
    """The words of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def handle_data(self, data: str) -> None:
        self.said.append(data)


def read(html: str) -> str:
    parser = _Words()
    parser.feed(html)
    return " ".join(" ".join(parser.said).split())


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_pages_show_the_decision_and_where_to_ask(path: Path) -> None:
    found = score(read_application(path), equipment())
    assert found.loss is not None
    assert found.default is not None
    assert found.price is not None
    for language in ("zh", "en"):
        sheet = read(officer_page(found, language, "0953-0000000"))
        letter = read(farmer_page(found, language, "0953-0000000"))
        for said in (sheet, letter):
            assert "0953-0000000" in said
            assert found.default.model.version in said
        assert OUTCOME_WORDS[found.outcome].say(language) in sheet
        assert f"{found.default.pd:.2%}" in sheet
        assert f"{found.price.advised:.2%}" in sheet
        assert all(one.right_id or one.code in sheet for one in found.reasons)
        grave = [
            one for one in found.reasons
            if not one.right_id and one.severity in ("block", "refer")
        ]  # fmt: skip
        told = list(dict.fromkeys(applied_sentence(one.finding) for one in grave if one.finding))
        assert all(one.say(language) in letter for one in told[:MOST])
        assert len(told) <= MOST or str(len(told) - MOST) in letter
    if found.outcome == "decline":
        assert "这次的申请现在还不能办" in read(farmer_page(found, "zh"))


WORDS = {
    "zh": ("最多可以贷", "多贷", "可以贷", "够担保"),
    "en": ("yuan may be lent", "yuan more", "enough for"),
}
"""How pages speak of money that may be lent."""


def body(html: str) -> str:
    """The words of a page without its style."""
    return read(html.split("</head>")[1])


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_pages_tell_the_decided_figures_and_the_lending_value_as_that(
    path: Path, language: str
) -> None:
    found = score(read_application(path), equipment())
    letter, sheet = body(farmer_page(found, language)), body(officer_page(found, language))
    worth = f"{floor(found.decision.limit_yuan):,}"
    assert {"zh": "第二十四条", "en": "art. 24"}[language] in letter
    assert {"zh": "三天内", "en": "three days"}[language] not in letter
    limit = {"zh": "决定的额度", "en": "limit by the decision"}[language]
    assert f"{limit} {wan(0.0 if found.outcome == 'decline' else found.limit_yuan)}" in sheet
    if found.outcome == "decline":
        assert not [word for word in WORDS[language] if word in letter]
        assert worth == "0" or worth not in letter
        return
    assert f"{floor(found.limit_yuan):,}" in letter
    enough = {"zh": f"够担保 {worth} 元", "en": f"enough for up to {worth} yuan"}[language]
    assert enough in letter
    assert letter.count(worth) == 1 or worth == f"{floor(found.limit_yuan):,}"
    years, rest = divmod(found.longest_months or 0, 12)
    longest = {"zh": f"最长可以贷 {years} 年", "en": f"for {years} year"}[language]
    assert longest in letter
    assert rest == 0 or str(rest) in letter
    months = {"zh": f"{found.longest_months} 个月", "en": f"{found.longest_months} months"}
    assert months[language] in sheet


def test_a_client_at_the_cap_is_promised_nothing() -> None:
    found = replace(score(application("001"), equipment()), outcome="refer", limit_yuan=0.0)
    letter = body(farmer_page(found, "en"))
    assert "A person must look before we can answer" in letter
    assert "the security is enough for up to 123,666 yuan; that is not what may be lent" in letter
    assert letter.count("may be lent") == 1


def test_a_decline_with_papers_to_bring_speaks_of_no_money() -> None:
    told = score(application("004"), equipment())
    gains = body(farmer_page(told, "en"))
    assert "the security counts about" in gains
    for language in ("zh", "en"):
        letter = body(farmer_page(replace(told, outcome="decline"), language))
        assert {"zh": "采伐许可证", "en": "the felling permit"}[language] in letter
        assert not [word for word in WORDS[language] if word in letter]


def test_hostile_words_are_only_words() -> None:
    found = score(application("001"), equipment())
    html = officer_page(found, "zh", "<script>alert(1)</script>")
    assert "<script>alert" not in html


@given(
    yuan=st.floats(0.0, 1e11), parts=st.lists(st.integers(0, 1000), min_size=1, max_size=4)
)  # fmt: skip
def test_parts_of_a_sum_are_those_that_claims_are_shared_by(yuan: float, parts: list[int]) -> None:
    shares = [part / max(sum(parts), 1) for part in parts]
    fen, weights = round(100.0 * yuan), [round(share * 1e12) for share in shares]
    wanted = shared(np.array([fen]), np.array(weights), np.zeros(len(weights), dtype=np.intp))
    found = borne(yuan, shares)
    assert found == [part / 100.0 for part in wanted.tolist()]
    if sum(parts):
        assert sum(round(100.0 * part) for part in found) == fen
