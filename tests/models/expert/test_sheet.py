"""An institution's own sheet: written, filled in by people, read back, every fault by its cell."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from openpyxl import Workbook, load_workbook

from models.expert import (
    CardError,
    SheetFacts,
    card_toml,
    import_sheet,
    load_card,
    published_cards,
    score_card,
    write_sheet,
)  # fmt: skip
from models.expert.sheet_words import HEADINGS, Interval, interval
from riskengine.words import Text

DAY = date(2026, 11, 24)
FACTS = SheetFacts(
    "own", Text("本行", "own"), "household", date(2026, 1, 1), "风险部", "本行〔2026〕1号"
)
HEADS = ["模块", "模块权重", "社会评价", "指标", "字段", "单位", "合理范围", "区间或选项", "分值",
         "缺失分值", "依据"]  # fmt: skip
ROWS = [
    ["资产", 15, None, "净资产", "net_assets_yuan", "元", "[-1000000,100000000]", "≥100,000", 10, 0, "1号"],
    [None, None, None, None, None, None, None, "[0,100000)", 5, None, None],
    [None, None, None, None, None, None, None, "＜0", 0, None, None],
    [None, None, None, "住房", "house", None, None, "own=自有", 5, 0, "1号"],
    [None, None, None, None, None, None, None, "rent=租住", 1, None, None],
    ["口碑", 10, "是", "村民评议", "opinion", None, None, "打分[0,10]步长0.5", None, 0, "1号"],
    ["等级", None, None, "A", None, None, None, "≥20", None, None, None],
    ["等级", None, None, "B", None, None, None, "<20", None, None, None],
    ["一票否决", None, None, "失信被执行人", "dishonest_debtor", None, None, "是", "否决", None, "1号"],
]  # fmt: skip


def workbook(tmp_path, rows, heads=HEADS, title=True):
    book = Workbook()
    page = book.active
    page.title = "农户"
    if title:
        page.append(["某银行农户评级表"])
        page.merge_cells("A1:K1")
    page.append(heads)
    for row in rows:
        page.append(row)
    path = tmp_path / "own.xlsx"
    book.save(path)
    return path


def test_a_bank_s_sheet_becomes_a_card(tmp_path) -> None:
    card = import_sheet(workbook(tmp_path, ROWS), FACTS)
    assert [block.name for block in card.blocks] == ["资产", "口碑"]
    assert card.blocks[1].social and not card.blocks[0].social and card.marks() == 25.0
    assets, house, opinion = card.items()
    assert [(e.low, e.high, e.points) for e in assets.bins] == [
        (-1e6, 0.0, 0.0), (0.0, 1e5, 5.0), (1e5, 1e8, 10.0),
    ]  # fmt: skip
    assert [(o.code, o.title.zh, o.points) for o in house.options] == [
        ("own", "自有", 5.0), ("rent", "租住", 1.0),
    ]  # fmt: skip
    assert (opinion.kind, opinion.high, opinion.step) == ("direct", 10.0, 0.5)
    frame = pd.DataFrame({
        "net_assets_yuan": [200_000, 100_000, -5, None], "house": ["自有", "rent", None, "own"],
        "opinion": [8, 10, 0, None], "dishonest_debtor": ["否", "否", "是", None],
    })  # fmt: skip
    scored = score_card(card, frame, DAY)
    assert list(scored["total"]) == [23.0, 21.0, 0.0, 5.0]
    assert list(scored["grade"]) == ["A", "A", "B", "B"]
    assert list(scored["outcome"]) == ["pass", "pass", "block", "refer"]
    path = tmp_path / "own.toml"
    path.write_text(card_toml(card), encoding="utf-8")
    assert repr(load_card(path)) == repr(card)


def test_vetoes_of_the_red_lines_can_be_taken_over(tmp_path) -> None:
    red = published_cards()["red_lines"].vetoes
    card = import_sheet(workbook(tmp_path, ROWS), FACTS, vetoes=red)
    assert [veto.name for veto in card.vetoes] == [*(veto.name for veto in red), "dishonest_debtor"]


def change(row: int, column: str, value: object) -> list[list]:
    rows = [list(line) for line in ROWS]
    rows[row][HEADS.index(column)] = value
    return rows


@pytest.mark.parametrize(
    ("row", "column", "value", "cell", "told"),
    [
        (1, "区间或选项", "0-100000", "H4", "ends of 0-100000 cannot be told"),
        (1, "区间或选项", "(0,100000]", "H4", "cannot be told"),
        (1, "区间或选项", "[0,90000)", "H3", "leave a gap"),
        (1, "区间或选项", "[0,110000)", "H3", "overlap"),
        (1, "分值", "五", "I4", "the points are no number"),
        (0, "分值", 12, "B3", "add up to 17, not to the weight 15"),
        (0, "模块权重", None, "A3", "weight is missing"),
        (0, "单位", "万元", "F3", "must be converted"),
        (0, "单位", "斗", "F3", "is no unit"),
        (0, "合理范围", None, "D3", "lacks low"),
        (0, "缺失分值", None, "D3", "missing is missing"),
        (0, "缺失分值", 99, "J3", "a missing fact scores 99"),
        (0, "依据", None, "D3", "has no citation"),
        (3, "字段", "sex", "E6", "sex may not be scored"),
        (3, "指标", "户主年龄", "E6", "age of a person may not be scored"),
        (3, "指标", "文化程度", "E6", "education may not be scored"),
        (3, "字段", "net_assets_yuan", "D6", "field net_assets_yuan stands twice"),
        (4, "区间或选项", "own=自有", "H7", "option own stands twice"),
        (5, "区间或选项", "打分[0,10]步长3", "H8", "the step must divide"),
        (7, "区间或选项", "差", "H10", "is no interval"),
        (8, "分值", "拒绝", "I11", "the outcome cannot be read"),
        (8, "区间或选项", "可能", "H11", "must say yes or no"),
        (8, "依据", None, "D11", "has no citation"),
    ],
)  # fmt: skip
def test_every_fault_names_its_cell(tmp_path, row, column, value, cell, told) -> None:
    with pytest.raises(CardError) as raised:
        import_sheet(workbook(tmp_path, change(row, column, value)), FACTS)
    found = list(zip(raised.value.places, raised.value.faults, strict=True))
    assert (f"农户!{cell}", True) in [(place, told in f.wrong.en) for place, f in found], found


def test_all_faults_of_a_sheet_at_once(tmp_path) -> None:
    rows = change(1, "区间或选项", "0-100000")
    rows[3][HEADS.index("字段")] = "性别"
    rows[8][HEADS.index("分值")] = "拒绝"
    with pytest.raises(CardError) as raised:
        import_sheet(workbook(tmp_path, rows), FACTS)
    assert {"农户!H4", "农户!E6", "农户!I11"} <= set(raised.value.places)
    assert "农户!H4" in raised.value.say("zh") and "农户!I11" in raised.value.say("en")


def test_education_can_be_permitted(tmp_path) -> None:
    rows = change(3, "指标", "文化程度")
    assert len(import_sheet(workbook(tmp_path, rows), FACTS, permit=["education"]).items()) == 3


@pytest.mark.parametrize(
    "name", ["household_common", "farm_common", "jinan_conduct", "brazil_farm"]
)
def test_a_card_written_as_a_sheet_scores_the_same(tmp_path, name: str) -> None:
    card = published_cards()[name]
    path = tmp_path / "template.xlsx"
    write_sheet(path, card)
    back = import_sheet(path, FACTS)
    assert [item.span for item in back.items()] == [item.span for item in card.items()]
    assert [block.social for block in back.blocks] == [block.social for block in card.blocks]
    assert [band.least for band in back.bands] == [band.least for band in card.bands]
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({
        item.field: rng.choice(
            [option.code for option in item.options] or [b.low for b in item.bins] or [item.low], 50
        )
        for item in card.items()
    })  # fmt: skip
    mine, theirs = (score_card(one, frame, DAY, gates=False) for one in (card, back))
    np.testing.assert_array_equal(mine["total"], theirs["total"])
    assert list(mine["grade"]) == list(theirs["grade"])


def test_the_template_explains_itself_and_holds_no_formula(tmp_path) -> None:
    path = tmp_path / "template.xlsx"
    write_sheet(path, published_cards()["jinan_conduct"])
    page = load_workbook(path).active
    heads = [cell.value for cell in page[2]]
    assert [head.rstrip("*") for head in heads] == [words[0] for words in HEADINGS.values()]
    assert page["A2"].comment is not None
    assert all(cell.data_type != "f" for row in page.iter_rows() for cell in row)


@pytest.mark.parametrize("heads", [["甲", "乙"], ["模块", "指标", "分值"]])
def test_headings_are_found_or_named(tmp_path, heads) -> None:
    with pytest.raises(CardError, match="no headings|are missing"):
        import_sheet(workbook(tmp_path, [], heads), FACTS)


def test_no_workbook(tmp_path) -> None:
    with pytest.raises(CardError, match="cannot be opened"):
        import_sheet(tmp_path / "none.xlsx", FACTS)
    (tmp_path / "text.xlsx").write_text("x", encoding="utf-8")
    with pytest.raises(CardError, match="cannot be opened"):
        import_sheet(tmp_path / "text.xlsx", FACTS)
    with pytest.raises(CardError, match="cannot be opened"):
        import_sheet(workbook(tmp_path, ROWS), FACTS, sheet="没有")


@pytest.mark.parametrize(
    ("word", "read"),
    [
        ("≥5", Interval(5.0, None)), (">=5", Interval(5.0, None)), ("5及以上", Interval(5.0, None)),
        ("不低于 5", Interval(5.0, None)), ("<3", Interval(None, 3.0)), ("不足3", Interval(None, 3.0)),
        ("[3，5）", Interval(3.0, 5.0)), ("[-1,000,5)", None), ("[1,000~5,000)", Interval(1000.0, 5000.0)),
        ("打分[0,6]", Interval(0.0, 6.0, 1.0)), ("自有", None), ("一般", None),
    ],
)  # fmt: skip
def test_intervals(word, read) -> None:
    found = interval(word)
    if word == "[-1,000,5)":  # a thousands separator and a comma cannot be told apart
        assert not isinstance(found, Interval) or found == Interval(-1000.0, 5.0)
    else:
        assert found == read


@pytest.mark.parametrize(
    "word", ["≤5", ">5", "3-5", "5以上", "5以下", "(3,5]", "[3,5]", "3至5", "超过5"]
)
def test_ends_that_cannot_be_told(word) -> None:
    assert isinstance(interval(word), Text)
