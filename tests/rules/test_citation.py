"""Citations in Chinese: every shipped rule, known names only, what is not known left as it is."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from riskengine.guarantee.ratio_lines import OWN_NOTES
from riskengine.rules.citation import cited

LAW = Path(__file__).parents[2] / "riskengine" / "rules"
LATIN = frozenset({
    "GB", "LY", "T", "CCER", "V01", "IAAO", "CRE20", "K", "u", "n", "forestmangr", "exfm17",
})  # fmt: skip
"""Standards, methodologies, bodies and symbols that Chinese texts write in Latin too."""
MARK = re.compile(
    r"(?<![A-Za-z])[A-Z]{1,5}(?:-[A-Z0-9]+)+(?![A-Za-z])|(?<=资料)[A-Z]\d*|(?<=、)[A-Z]\d+|(?<=\d)[a-z]"
)
"""Marks of rows of the notes, which are their names."""
PAGE = re.compile(r"网页[\w.]+(?: [\w-]+)?")


def cites() -> list[str]:
    """Every citation of every rule, national and of places."""

    def within(held: Any) -> Iterator[str]:
        if isinstance(held, dict):
            for key, one in held.items():
                yield from [one] if key == "cite" else within(one)
        elif isinstance(held, list):
            for one in held:
                yield from within(one)

    files = [*LAW.glob("cn/*.toml"), *LAW.glob("places/*/*.toml")]
    found = {one for path in files for one in within(tomllib.loads(path.read_text("utf-8")))}
    return sorted({*found, OWN_NOTES})


def test_there_are_many() -> None:
    assert len(cites()) > 400


@pytest.mark.parametrize("cite", cites())
def test_no_english_word_is_left(cite: str) -> None:
    said = cited(cite)
    assert said.en == cite
    words = re.findall(r"[A-Za-z][A-Za-z0-9]*", MARK.sub("", PAGE.sub("", said.zh)))
    assert not [word for word in words if word not in LATIN], said.zh
    assert re.search(r"[一-鿿]", said.zh) or said.zh.startswith(("GB/T", "LY/T"))


@pytest.mark.parametrize(
    ("cite", "zh"),
    [
        ("Rural Land Contract Law (2018 amendment), art. 47(1)",
         "《农村土地承包法》（2018年修正）第47条第1款"),
        ("Civil Code, art. 399(2)", "《民法典》第399条第2项"),
        ("Rural Land Contract Law (2018 amendment), arts 11, 18, 38(2), 63",
         "《农村土地承包法》（2018年修正）第11条、第18条、第38条第2项、第63条"),
        ("Yinfa [2016] 79, art. 6", "银发〔2016〕79号第6条"),
        ("SPC Security Interpretation (2020), art. 42",
         "《最高人民法院关于适用〈中华人民共和国民法典〉有关担保制度的解释》（2020年）第42条"),
        ("Capital Measures for Commercial Banks, order 4 of 2023, ch. 4",
         "《商业银行资本管理办法》（2023年第4号令）第4章"),
        ("bank template of repayment tests (notes P47)", "银行还款能力测算模板（资料P47）"),
        ("engine policy, to be calibrated", "本引擎政策，待校准"),
        ("GB/T 28406-2012, 8.4-8.5 and 5.3", "GB/T 28406-2012第8.4至8.5条、第5.3条"),
        ("engine policy on Civil Code art. 692 (regulation notes GUA-TERM-01)",
         "本引擎政策（依据《民法典》第692条）（法规资料GUA-TERM-01）"),
    ],
)  # fmt: skip
def test_a_citation_as_it_is_read(cite: str, zh: str) -> None:
    assert cited(cite).zh == zh


@pytest.mark.parametrize(
    "own", ["", "本行信贷政策2026年第7条", "credit policy, 2026, article 7", "Forest Law, somewhere", "((", "a; ; b"]
)  # fmt: skip
def test_what_is_not_known_stays_as_it_is(own: str) -> None:
    assert cited(own).en == own
    assert cited(own).zh == own.replace("; ", "；")


def test_known_parts_are_told_beside_those_that_are_not() -> None:
    said = cited("Forest Law, art. 60; our own handbook, p. 3").zh
    assert said == "《森林法》第60条；our own handbook, p. 3"
