"""The pages: all that a manifest says is on them, in both languages, and nothing gets out."""

import copy
import math
import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskengine.book import page_figures, page_rows, pictures
from riskengine.book.page import attribution_page, book_page, ratios_page, stress_page
from riskengine.book.page_change import bridge_part
from riskengine.guarantee.terms import PARTIES
from riskengine.report import money
from riskengine.words import Text
from tests.book import example_manifest as example

Page = tuple[Callable[[Any], str], Callable[[], dict[str, Any]]]
PAGES: dict[str, Page] = {
    "book": (book_page, example.book), "stress": (stress_page, example.stress),
    "attribution": (attribution_page, example.attribution), "ratios": (ratios_page, example.ratios),
}  # fmt: skip
VOID = {"meta", "br"}
HOSTILE = "\"><img src=x onerror=alert(1)><script>'&"


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


def words_of(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Texts of a manifest with the key that each stands under."""
    if isinstance(value, dict):
        for key, held in value.items():
            yield from words_of(held, str(key))
    elif isinstance(value, list):
        for held in value:
            yield from words_of(held, name)
    elif isinstance(value, str):
        yield name, value


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_whole_and_the_same_each_time(name: str) -> None:
    draw, manifest = PAGES[name]
    page = draw(manifest())
    assert page == draw(manifest())
    assert page == draw({**manifest(), "seconds": 9e9})
    assert page.startswith("<!doctype html>")
    text_of(page)
    assert "<script" not in page
    assert "http" not in page
    assert [link for link in re.findall(r'(?:src|href)="([^"]*)"', page) if link[0] != "#"] == []
    assert "url(" not in page
    for picture in re.findall(r"<svg .*?</svg>", page, re.DOTALL):
        ET.fromstring(picture)


@pytest.mark.parametrize("name", PAGES)
def test_all_words_of_a_manifest_are_on_its_page(name: str) -> None:
    draw, manifest = PAGES[name]
    text = text_of(draw(manifest()))
    said = {
        key: [word for held, word in words_of(manifest()) if held == key]
        for key in ("title_zh", "title_en", "cause_zh", "narrative_en", "sentence_zh", "sentence_en", "zh", "en", "binds_zh", "note_zh", "guarantee_id", "method_zh")
    }  # fmt: skip
    words = [word for held in said.values() for word in held if word]
    if name == "stress":  # its ratios and funds only lend their names
        broken = {one["name"] for one in example.stress()["ratios"]} & {"reserve_adequacy"}
        lent = {word for key in ("ratios", "funds") for _, word in words_of(example.stress()[key])}
        words = [word for word in words if word not in lent] + [
            one["title_zh"] for one in example.stress()["ratios"] if one["name"] in broken
        ]
    assert len(words) > 10
    if name == "attribution":
        words.remove("规则")
    for word in words:
        assert word in text, word


def test_the_book_says_its_figures_with_their_errors() -> None:
    manifest = example.book()
    text = text_of(book_page(manifest))
    loss = manifest["distribution"]["loss"]
    assert money(loss["expected"]) in text
    for level in ("0.95", "0.99", "0.999"):
        value, error = loss["value_at_risk"][level], loss["value_at_risk_se"][level]
        assert f"{value / 1e4:,.2f} ± {error / 1e4:,.2f} 万元" in text
    more = loss["expected"] - manifest["distribution"]["independent"]["expected"]
    assert f"+{more / 1e4:,.2f} 万元" in text, "the wrong-way mark-up has a line of its own"
    for fund in manifest["funds"]:
        assert fund["title"] in text
        assert money(fund["balance_yuan"]) in text
    for county in manifest["contributions"]["county"]:
        assert f"{county['loss_per_yuan']:.2%}" in text
    assert "31% ± 1.0%" in text
    assert "逾期达到推定天数 160" in text
    assert "no such loan, or its row was rejected" in text
    assert "1f1f1f1f1f1f" in text
    assert "seed 20261124" in text


def test_what_runs_leave_is_shown_in_all_its_shapes() -> None:
    """Reasons in words, measures of one amount, guarantees without a scheme, vintages by age."""
    manifest = example.book()
    manifest["stages"][1]["reasons"] = [
        {"contracts": 46, "title_zh": "列入观察名单", "title_en": "on the watch list"}
    ]
    manifest["distribution"]["loss"]["method"] = [{"zh": "逐户抽样", "en": "every name is drawn"}]
    del manifest["distribution"]["method"]
    manifest["reserves"] = [
        {"name": "ecl", "title_zh": "按阶段", "title_en": "by stage", "yuan": 5e4}
    ]
    manifest["programmes"][0]["programme_id"] = "~0.800000"
    manifest["fees"][0]["programme_id"] = "~x"
    manifest["totals"]["defaulted"] = 6
    vintages = manifest["compensation"]["vintages"]
    vintages[0]["compensated_share"], vintages[1]["compensated_share"] = [0.0, 0.0577], [0.01, None]
    manifest["compensation"] |= {
        "age_months": [6, 12],
        "growth": {"note": {"zh": "增长", "en": "g"}},
    }
    text = text_of(book_page(manifest))
    for word in ("列入观察名单 on the watch list 46", "逐户抽样", "5.00 万元", "无方案，担保80.0%", "~x",
                 "已违约 in default 6", "5.77%", "12 月"):  # fmt: skip
        assert word in text, word
    manifest["compensation"] = {"vintages": [{"half_year": "2026H2", "overdue_share": None}]}
    assert 'id="compensation"' not in book_page(manifest)


def test_a_mark_up_inside_its_error_says_so() -> None:
    manifest = example.book()
    assert "误差内" not in book_page(manifest)
    manifest["distribution"]["independent"] = copy.deepcopy(manifest["distribution"]["loss"])
    assert book_page(manifest).count("误差内 within error") == 6


def test_other_requirements_that_are_met_take_one_line_each() -> None:
    page = book_page(example.book())
    assert "符合的其他要求" in page
    assert page.index("符合的其他要求") < page.index("不得吸收存款")
    assert 'class="ratio meets"' in ratios_page(example.ratios())


def test_stress_says_what_was_struck_and_what_is_assumed() -> None:
    manifest = example.stress()
    manifest["scenarios"][0] |= {"struck": 12, "seen": "assumption", "unmatched": ["county:1"]}
    manifest["scenarios"][1]["ratios_broken"] = ["GI-LEV-01", {"name": "x", "title_zh": "某项"}]
    manifest["reverse"].append({
        "target_yuan": 9e9, "distance": None, "chance": None, "return_period_years": None,
        "factors": [], "sentence_zh": "超过最大损失", "sentence_en": "above the largest loss",
    })  # fmt: skip
    manifest["reverse"][0]["return_period_years"] = 4.1e31
    text = text_of(stress_page(manifest))
    for word in ("涉及 struck 12 笔", "幅度为假设", "组合中没有 not in the book: county:1", "某项",
                 "担保责任余额不超过净资产的倍数、某项", "超过最大损失", "> 100,000 年一遇"):  # fmt: skip
        assert word in text, word


def test_probabilities_have_no_four_decimals() -> None:
    for draw, manifest in PAGES.values():
        assert re.findall(r"\d\.\d{3,}%", text_of(draw(manifest()))) == []


def test_limits_near_and_broken_are_red_and_said_in_words() -> None:
    page = book_page(example.book())
    tiles = re.findall(
        r'<div class="tile (\w*)">(.*?)</div>\s*(?=<div class="tile|</div>)', page, re.DOTALL
    )
    state = {re.sub("<.*", "", words, flags=re.DOTALL).strip(): kind for kind, words in tiles}
    assert state["最大单户"] == "breaks"
    assert state["放大倍数"] == "near"
    assert state["最大关联方"] == "meets"
    assert state["准备金/测算需要"] == "breaks"
    text = text_of(page)
    assert "15项指标：突破3项，接近限额2项，因缺数据无法判断1项。" in text
    assert text.index("红线 red lines") < text.index("一年损失有多大")


@pytest.mark.parametrize("name", PAGES)
def test_what_is_put_in_is_escaped(name: str) -> None:
    """Every text of a manifest, its keys too, tries to get out."""
    draw, manifest = PAGES[name]
    keyed = {"by_party", "reasons", "kinds", "columns", "rows", "models", "inputs", "concentration"}

    def poison(value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {
                f"{held}{HOSTILE}" if key in keyed and (key, held) != ("rows", "loans") else held:
                poison(one, held) for held, one in value.items()
            }  # fmt: skip
        if isinstance(value, list):
            return [poison(one, key) for one in value]
        kept = {"compare", "region_code", "sha256"}
        return f"{value}{HOSTILE}" if isinstance(value, str) and key not in kept else value

    hostile = poison(manifest())
    page = draw(hostile)
    assert "<img" not in page
    assert "<script" not in page
    assert 'x onerror=alert(1)"' not in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page
    text_of(page)


@pytest.mark.parametrize("name", PAGES)
def test_what_is_missing_is_left_out(name: str) -> None:
    draw, manifest = PAGES[name]
    whole = manifest()
    needed = {"old", "new", "lines"}
    for key in whole:
        if key in needed:
            continue
        rest = {held: value for held, value in whole.items() if held != key}
        assert "None" not in text_of(draw(rest))
    none = {key: whole[key] if key in needed else None for key in whole}
    empty = {
        key: held if key in needed or held is None else type(held)() for key, held in whole.items()
    }
    for poorer in (none, empty):
        assert "None" not in text_of(draw(poorer))
    bare = {key: whole[key] for key in needed & whole.keys()} | {"kind": name}
    assert "<section" not in draw(bare) or name == "attribution"


def test_a_figure_that_is_missing_is_a_dash_and_no_error() -> None:
    """Every number of the book is taken away in turn."""
    whole = example.book()

    def without(value: Any, key: str = "") -> Any:
        fixed = {
            "curve",
            "edges",
            "counts",
            "contracts",
            "stage",
            "balance_quantiles",
            "month_chances",
            "kinds",
            "columns",
            "rows",
            "reasons",
        }
        if key in fixed:
            return value
        if isinstance(value, dict):
            return {name: without(held, name) for name, held in value.items()}
        if isinstance(value, list):
            return [without(held, key) for held in value]
        return None if isinstance(value, float) else value

    for part in (
        "totals",
        "layers",
        "funds",
        "contributions",
        "stages",
        "ratios",
        "headroom",
        "reserves",
        "fees",
        "compensation",
        "stress",
        "routes",
        "concentration",
        "programmes",
    ):
        page = book_page(copy.deepcopy(whole) | {part: without(whole[part], part)})
        assert "None" not in text_of(page), part
        assert re.search(r"\bnan\b", page) is None, part


def test_each_party_has_one_colour_on_all_pages() -> None:
    assert set(PARTIES) < set(page_figures.PARTY_WORDS)
    colours = {
        name: set(re.findall(r"--(\w+): (#\w{6})", draw(manifest())))
        for name, (draw, manifest) in PAGES.items()
    }
    assert len({frozenset(held) for held in colours.values()}) == 1
    named = dict(colours["book"])
    assert set(page_figures.PARTY_WORDS) < set(named)
    assert len({named[party] for party in page_figures.PARTY_WORDS}) == len(
        page_figures.PARTY_WORDS
    )
    assert pictures.party_class("nobody") == "p-other"


def test_cut_bars_are_whole() -> None:
    page = book_page(example.book())
    bars = re.findall(r'<div class="stack[^"]*">(.*?)</div>', page)
    assert len(bars) > 8
    for bar in bars:
        shares = [float(share) for share in re.findall(r"width:([\d.]+)%", bar)]
        assert sum(shares) == pytest.approx(100.0, abs=0.03)


def test_nothing_sticks_out_of_its_picture() -> None:
    for draw, manifest in PAGES.values():
        page = draw(manifest())
        assert all(
            float(width) <= 100.01
            for width in re.findall(r"(?:width|left|height|bottom):([\d.]+)%", page)
        )
        assert re.findall(r"(?:width|left|height|bottom):-", page) == []
        for points in re.findall(r'points="([^"]*)"', page):
            for point in points.split():
                assert all(-0.01 <= float(part) <= 100.01 for part in point.split(","))


# The bridge.


def test_the_bridge_adds_up_to_the_fen_before_the_eyes() -> None:
    manifest = example.attribution()
    part = bridge_part(manifest)
    rows = part["rows"]
    fen = [round(float(row["total"].replace(",", "")) * 100) for row in rows]
    steps = [
        round(float(row["yuan"].replace(",", "").replace("−", "-")) * 100) for row in rows[1:-1]
    ]
    assert fen[0] + sum(steps) == fen[-1] == fen[-2]
    assert part["missing"] == ""
    assert float(part["sum"].replace(",", "")) == manifest["total_change_yuan"]
    for before, row in pairwise(rows[:-1]):
        ends = row["left"], row["left"] + row["wide"]
        assert min(abs(before["end"] - end) for end in ends) < 1e-6, (
            "a bar begins where the last ended"
        )
        assert min(abs(row["end"] - end) for end in ends) < 1e-6
    assert all(row["left"] >= -1e-9 and row["left"] + row["wide"] <= 100.0 + 1e-9 for row in rows)


def test_a_bridge_that_misses_a_fen_says_so() -> None:
    manifest = example.attribution()
    manifest["new"]["value_yuan"] = round(manifest["new"]["value_yuan"] + 0.01, 2)
    assert bridge_part(manifest)["missing"] == "+0.01"
    assert "do not use the result" in attribution_page(manifest)
    assert "do not use the result" not in attribution_page(example.attribution())


def test_an_axis_that_does_not_start_at_zero_says_so() -> None:
    manifest = example.attribution()
    assert "横轴自" in attribution_page(manifest)
    assert 'class="zig"' in attribution_page(manifest)
    small = {
        **manifest,
        "old": {"value_yuan": 1e6, "valued_on": "2026-08-24"},
        "new": {"value_yuan": 1e6 + manifest["total_change_yuan"]},
    }
    assert "横轴自" not in attribution_page(small)


@given(
    old=st.integers(-(10**12), 10**12),
    fen=st.lists(st.integers(-(10**11), 10**11), max_size=8),
)
def test_any_bridge_stays_inside_its_picture(old: int, fen: list[int]) -> None:
    lines = [
        {"name": str(k), "title_zh": "甲", "title_en": "a", "yuan": f / 100, "contracts": k}
        for k, f in enumerate(fen)
    ]
    manifest = {
        "old": {"value_yuan": old / 100},
        "new": {"value_yuan": (old + sum(fen)) / 100},
        "lines": lines,
    }
    part = bridge_part(manifest)
    assert part["missing"] == ""
    for row in part["rows"]:
        assert row["left"] >= -1e-4
        assert row["wide"] >= -1e-4
        assert row["left"] + row["wide"] <= 100.0 + 1e-4
    text_of(attribution_page(manifest))


def test_lines_with_a_standard_error_show_it() -> None:
    manifest = example.attribution()
    manifest["lines"][0]["error_yuan"] = 1234.5
    assert "± 1,234.50" in text_of(attribution_page(manifest))


# Curves and scales.

CURVES = st.lists(
    st.tuples(st.floats(0.0, 1e9), st.floats(1e-6, 0.99)), min_size=2, max_size=20
).map(lambda points: [list(pair) for pair in zip(sorted(x for x, _ in points), sorted((p for _, p in points), reverse=True), strict=True)])  # fmt: skip


@given(curve=CURVES, first=st.floats(1e-6, 0.9), second=st.floats(1e-6, 0.9))
def test_rarer_losses_are_no_smaller(curve: list[list[float]], first: float, second: float) -> None:
    rare, often = sorted((first, second))
    low, high = pictures.loss_at(curve, often), pictures.loss_at(curve, rare)
    assert curve[0][0] <= low <= high * (1.0 + 1e-12)
    assert high <= curve[-1][0] * (1.0 + 1e-12)


@given(curve=CURVES)
def test_a_curve_is_met_at_its_own_points(curve: list[list[float]]) -> None:
    chances = [p for _, p in curve]
    for loss, probability in curve:
        if chances.count(probability) == 1:
            assert pictures.loss_at(curve, probability) == pytest.approx(loss, rel=1e-9, abs=1e-6)


def test_a_curve_is_drawn_no_further_than_it_reaches() -> None:
    """A curve that ends at 1 in 200 has neither the tick nor the marks of 1 in 1,000."""
    risks = [
        pictures.Risk(0.99, 5.0, 0.1, 6.0, 0.1),
        pictures.Risk(0.999, 9.0, math.nan, 11.0, math.nan),
    ]
    short = pictures.loss_picture([[0.0, 0.4], [8.0, 0.005]], [], risks, 1.0)
    assert "百年一遇" in short
    assert "千年一遇" not in short
    assert "VaR 99%" in short
    assert "99.9%" not in short
    deep = pictures.loss_picture(
        [[0.0, 0.4], [8.0, 1e-5]],
        [("bank", Text("<b>", "<b>"), [[0.0, 0.3], [4.0, 1e-4]])],
        risks,
        1.0,
    )
    assert "千年一遇" in deep
    assert "&lt;b&gt;" in deep
    assert "<b>" not in deep.replace('<b class="', "")


def test_a_curve_without_chances_is_left_out() -> None:
    manifest = example.book()
    for curve in ([], [[0.0, 0.0], [1.0, 0.0]], [[0.0, 0.5]]):
        manifest["distribution"]["loss"]["curve"] = curve
        assert 'id="loss"' not in book_page(manifest)


@given(top=st.floats(1e-3, 1e12), most=st.integers(2, 6))
def test_ticks_are_few_round_and_inside(top: float, most: int) -> None:
    ticks = pictures.nice_ticks(top, most)
    assert 1 <= len(ticks) <= most
    assert ticks[-1] <= top * (1.0 + 1e-9)
    lead = ticks[0] / 10.0 ** math.floor(math.log10(ticks[0]) + 1e-9)
    assert min(abs(lead - k) for k in (1.0, 2.0, 5.0, 10.0)) < 1e-6


def test_no_height_has_no_ticks() -> None:
    assert pictures.nice_ticks(0.0) == pictures.nice_ticks(math.inf) == []
    assert pictures.axis_words([]) == []


@given(sizes=st.lists(st.one_of(st.none(), st.floats(-1e9, 1e9)), max_size=6))
def test_cut_bars_add_up(sizes: list[float | None]) -> None:
    parts = page_rows.stack(("p-bank", Text("银行", "bank"), size, "") for size in sizes)
    shown = [size for size in sizes if size is not None and size > 0.0]
    assert len(parts) == len(shown)
    if shown:
        assert sum(part["share"] for part in parts) == pytest.approx(100.0)


def test_discs_grow_by_area() -> None:
    radius = [
        float(re.findall(r'r="([\d.]+)"', pictures.bubble(share, 3, ""))[0])
        for share in (0.25, 1.0)
    ]
    assert radius[1] == pytest.approx(2.0 * radius[0], rel=1e-3)
    assert pictures.bubble(-1.0, 1, "") == pictures.bubble(0.0, 1, "")


def test_counties_are_coloured_against_the_book() -> None:
    rows = [
        {"guaranteed_yuan": 1e6, "expected_loss": 1e4},
        {"guaranteed_yuan": 3e6, "loss_per_yuan": 0.03},
        {"guaranteed_yuan": 0.0},
    ]
    assert page_rows.mean_rate(rows) == pytest.approx(0.025)
    assert page_rows.mean_rate([]) == 0.0
    assert [page_rows.shade_of(page_rows.per_yuan(row), 0.025) for row in rows] == [1, 3, 0]
    assert page_rows.county_title({"code": "370121", "title": "山东某县"}) == Text(
        "山东某县", "Shandong 370121"
    )
    assert page_rows.county_title({"county": "370121"}) == Text("山东 370121", "Shandong 370121")


# How ratios are said.

RATIOS = [
    ("guarantee_company.leverage_limit", 8.0, "<=", 10.0, "1", "multiple", "8.00 倍", "≤ 10.00 倍", 0.8),
    ("guarantee_policy.policy_share_least", 0.875, ">=", 0.7, "1", "share", "87.5%", "≥ 70.0%", 0.8),
    ("guarantee_company.paid_in_capital", 2e7, ">=", 2e7, "yuan", "money", "2,000.00 万元", "≥ 2,000.00 万元", 1.0),
    ("guarantee_company.no_deposits", 0.0, "==", 0.0, "code", "flag", "否 no", "应 否 no", None),
    ("guarantee_policy.focus_amount", 0.03, "<=", 0.0, "yuan", "failing", "3.00% 不符", "0%", None),
    ("guarantee_policy.mean_fee_target", 0.0078, "<=", 0.01, "1/year", "yearly", "0.78%/年", "≤ 1.00%/年", 0.78),
    ("guarantee_ratios.overdue_uncompensated", 6.4e6, "", None, "code", "money", "640.00 万元", "–", None),
    ("x.months", 3.0, "<=", 6.0, "month", "month", "3 个月", "≤ 6 个月", 0.5),
    ("x.negative", -0.1, ">=", 0.6, "1", "share", "−10.0%", "≥ 60.0%", 1.25),
    ("x.not_known", None, "<=", 0.1, "1", "share", "–", "≤ 10.0%", None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value", "compare", "limit", "unit", "kind", "said", "bound", "use"), RATIOS
)
def test_ratios_are_said_in_their_own_terms(
    name, value, compare, limit, unit, kind, said, bound, use
) -> None:
    ratio = {"name": name, "value": value, "compare": compare, "limit": limit, "unit": unit}
    assert page_figures.ratio_kind(ratio) == kind
    assert page_figures.ratio_figure(value, kind) == said
    assert page_figures.limit_figure(ratio) == bound
    assert page_figures.limit_use(ratio) == (use if use is None else pytest.approx(use))


@given(p=st.floats(0.0, 1.0))
def test_chances_are_short(p: float) -> None:
    said = page_figures.chance(p)
    assert re.fullmatch(r"[<>]? ?\d{1,3}(\.\d)?%", said)
    assert (said == "0%") == (p == 0.0)
    assert (said == "100%") == (p >= 0.995 and not 0.999 < p < 1.0)


@pytest.mark.parametrize("bad", [None, math.nan, math.inf, "x", True])
def test_what_is_no_number_is_a_dash(bad: Any) -> None:
    figures = page_figures
    for say in (
        figures.amount,
        figures.change,
        figures.to_the_fen,
        figures.percent,
        figures.chance,
    ):
        assert say(bad) == "–"
    assert figures.alike(bad, 1.0) == "–"
