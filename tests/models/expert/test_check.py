"""Every fault of a card at once, each with its line; what may not be scored is refused."""

import tomllib
from datetime import date

import pytest

from models.expert import CardError, load_card
from models.expert.check import document_faults
from models.expert.fairness import protected_in
from models.expert.load import CARDS

GOOD = """
name = "own"
title = {zh = "自有", en = "own"}
subject = "household"
valid_from = 2026-01-01
owner = "risk department"
cite = "notice 1"
seen = "text"
note = {zh = "无", en = "none"}

[[block]]
name = "a"
title = {zh = "甲", en = "a"}
weight = 10.0
cite = "notice 1"
seen = "text"

[[block.item]]
name = "income"
title = {zh = "收入", en = "income"}
field = "income_yuan_per_year"
unit = "yuan/year"
low = 0.0
high = 1e8
missing = 0.0
evidence = {zh = "流水", en = "bank records"}
cite = "notice 1"
seen = "text"
bins = [
    {to = 5e4, points = 2.0},
    {from = 5e4, points = 6.0},
]

[[block.item]]
name = "activity"
title = {zh = "主业", en = "activity"}
field = "activity"
missing = 0.0
evidence = {zh = "合同", en = "contracts"}
cite = "notice 1"
seen = "text"
options = [
    {code = "grain", points = 4.0},
    {code = "other", points = 1.0},
]

[[veto]]
name = "dishonest"
title = {zh = "失信", en = "dishonest debtor"}
field = "dishonest_debtor"
compare = "=="
amount = false
outcome = "block"
cite = "notice 1"
seen = "text"

[[band]]
grade = "A"
title = {zh = "甲", en = "A"}
from = 8.0

[[band]]
grade = "B"
title = {zh = "乙", en = "B"}
"""


def faults(text: str, permit=()) -> list[str]:
    found = document_faults(tomllib.loads(text), permit)
    assert all(fault.wrong.zh and fault.cure.zh and fault.cure.en for fault in found)
    return [fault.wrong.en for fault in found]


def test_the_good_card_has_no_fault() -> None:
    assert faults(GOOD) == []


ANCHORS = """[master_scale]
anchors = [{points = 9.0, pd = 0.1}, {points = 5.0, pd = 0.1}]
cite = "x"
seen = "memory"

"""
BAD = [
    ("{from = 5e4, points = 6.0}", "{from = 4e4, points = 6.0}", "overlap"),
    ("{from = 5e4, points = 6.0}", "{from = 6e4, points = 6.0}", "leave a gap"),
    ("{to = 5e4, points = 2.0}", "{from = 1.0, to = 5e4, points = 2.0}", "do not fill"),
    ("{to = 5e4, points = 2.0}", "{points = 2.0}", "lacks an end"),
    ("{to = 5e4, points = 2.0}", "{to = 0.0, points = 2.0}", "is empty"),
    ("points = 6.0", "points = 7.0", "add up to 11, not to the weight 10"),
    ("points = 1.0", "points = -3.0", "below the floor"),
    ("points = 6.0", 'points = "6"', "should be a finite number"),
    ("points = 6.0", "points = inf", "should be a finite number"),
    ('{code = "other", points = 1.0}', '{code = "grain", points = 1.0}', "stands twice"),
    ('name = "activity"', 'name = "income"', "item income stands twice"),
    ('field = "activity"', 'field = "income_yuan_per_year"', "field income_yuan_per_year stands"),
    ("missing = 0.0\nevidence = {zh = \"合同\"", "missing = 5.0\nevidence = {zh = \"合同\"", "outside"),
    ("missing = 0.0\nevidence = {zh = \"合同\"", "evidence = {zh = \"合同\"", "missing is missing"),
    ('"contracts"}\ncite = "notice 1"', '"contracts"}', "has no citation"),
    ('"contracts"}\ncite = "notice 1"', '"contracts"}\ncite = " "', "should be words"),
    ("seen = \"text\"\nbins", "seen = \"heard\"\nbins", "one of"),
    ('unit = "yuan/year"', 'unit = "wan"', "is no unit"),
    ('unit = "yuan/year"\n', "", "lacks unit"),
    ('"bank records"}', '"bank records"}\nvalid_from = 2027-01-01', "begins after its card"),
    ('owner = "risk department"', 'owner = "x"\nvalid_until = 2025-01-01', "ends before it begins"),
    ('subject = "household"', 'subject = "dog"', "one of"),
    ('zh = "收入", en = "income"', 'zh = "收入"', "should hold zh and en"),
    ("low = 0.0", "lowest = 0.0", "does not belong here"),
    ('grade = "B"', 'grade = "A"', "grade A stands twice"),
    ('title = {zh = "乙", en = "B"}', 'title = {zh = "乙", en = "B"}\nfrom = 9.0', "not below the band"),
    ("amount = false", "amount = 1.0", "lacks its unit"),
    ('compare = "=="', 'compare = "in"', "cannot be compared"),
    ('outcome = "block"\n', "", "lacks outcome"),
    ('cite = "notice 1"\nseen = "text"\n\n[[band]]', '[[band]]', "has no citation"),
    ('amount = false', 'amount = false\nrules = ["law_security.title_disputed"]', "may not repeat"),
    ('outcome = "block"\ncite = "notice 1"\nseen = "text"', 'outcome = "block"\ncite = "k"\nseen = "memory"',
     "may not block"),
    ('[[band]]\ngrade = "A"', ANCHORS + '[[band]]\ngrade = "A"', "two anchors"),
    ('owner = "risk department"', 'owner = "x"\nclear_grade = "A"', "more than one source"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "told"), BAD)
def test_each_fault_is_found(old: str, new: str, told: str) -> None:
    assert old in GOOD
    found = faults(GOOD.replace(old, new, 1))
    assert any(told in fault for fault in found), found


def test_all_faults_of_a_file_are_told_with_their_lines(tmp_path) -> None:
    text = GOOD.replace("{from = 5e4, points = 6.0}", "{from = 4e4, points = 6.0}")
    text = text.replace('{code = "other", points = 1.0}', '{code = "grain", points = 1.0}')
    text = text.replace('field = "dishonest_debtor"', 'field = "sex"')
    path = tmp_path / "own.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CardError) as raised:
        load_card(path)
    lines = text.splitlines()
    wanted = {"overlap": "{from = 4e4", "stands twice": '{code = "grain", points = 1.0}',
              "may not be scored": 'field = "sex"'}  # fmt: skip
    for told, start in wanted.items():
        number = 1 + next(k for k, line in enumerate(lines) if line.strip().startswith(start))
        place = next(
            place
            for place, fault in zip(raised.value.places, raised.value.faults, strict=True)
            if told in fault.wrong.en
        )
        assert place.startswith(f"own.toml:{number} "), (told, place, number)
    assert len(raised.value.faults) == 3
    assert "3 处错误" in raised.value.say("zh")


def test_a_rule_must_exist_and_memory_does_not_block() -> None:
    veto = '[[veto]]\nname = "r"\ntitle = {zh = "规则", en = "rule"}\nrules = ["%s"]\n'
    assert any("no rule named" in told for told in faults(GOOD + veto % "law_land.nothing"))
    named = faults(GOOD + veto % "reconcile.stated_excess")
    assert named == ["rule reconcile.stated_excess judges no single fact"]
    memory = faults(GOOD + veto % "law_land.all_members_signed" + 'outcome = "block"\n')
    assert memory == ["rules ['law_land.all_members_signed'] are from memory, none may block"]
    assert faults(GOOD + veto % "law_security.title_disputed") == []


def test_broken_files(tmp_path) -> None:
    for name, content in (("a.toml", b"name = "), ("b.toml", b"\xff\xfe")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(CardError, match="cannot be read"):
            load_card(tmp_path / name)
    with pytest.raises(CardError, match="cannot be read"):
        load_card(tmp_path / "none.toml")
    (tmp_path / "c.toml").write_text('vetoes_of = "none"\n' + GOOD, encoding="utf-8")
    with pytest.raises(CardError, match=r"there is no other none\.toml"):
        load_card(tmp_path / "c.toml")
    (tmp_path / "d.toml").write_text("block = 3\nband = [1]\nline = 2\n", encoding="utf-8")
    with pytest.raises(CardError, match=r"block"):
        load_card(tmp_path / "d.toml")


@pytest.mark.parametrize(
    ("field", "title", "codes", "kind"),
    [
        ("sex", "x", (), "sex"), ("x", "性别", (), "sex"), ("x", "x", ("男", "女"), "sex"),
        ("borrowerGender", "x", (), "sex"), ("f1", "民族", (), "nationality"),
        ("nationality", "x", (), "nationality"), ("q", "宗教信仰", (), "religion"),
        ("borrower_age_years", "x", (), "age"), ("x", "借款人年龄", (), "age"),
        ("birth_year", "x", (), "age"), ("education", "x", (), "education"),
        ("x", "文化程度", (), "education"), ("x", "婚姻状况", (), "marital"),
        ("x", "x", ("married", "single"), "marital"),
    ],
)  # fmt: skip
def test_protected_facts_are_refused(field, title, codes, kind) -> None:
    assert [found.name for found in protected_in(field, [title], codes)] == [kind]


@pytest.mark.parametrize(
    ("field", "title"),
    [
        ("house_age_years", "房龄"), ("stand_age_years", "林龄"), ("village_name", "村"),
        ("average_yield", "平均亩产"), ("sexed_semen_share", "性控冻精占比"), ("storage_share", "仓储"),
        ("income_percentage", "收入占比"), ("trace_code", "追溯码"), ("management_points", "管理"),
    ],
)  # fmt: skip
def test_honest_facts_are_not(field, title) -> None:
    assert list(protected_in(field, [title])) == []


@pytest.mark.parametrize("permit", [(), ("education",)])
def test_education_is_off_unless_permitted(permit) -> None:
    text = GOOD.replace('field = "activity"', 'field = "education"')
    found = faults(text, permit)
    assert (found == []) == bool(permit)
    assert faults(text.replace('"education"', '"sex"'), ("sex", "education")) != []


def test_age_only_as_a_cap_on_age_plus_term() -> None:
    cap = GOOD.replace('field = "dishonest_debtor"', 'field = "age_plus_term_years"')
    cap = cap.replace(
        'compare = "=="\namount = false', 'compare = "<="\namount = 70.0\nunit = "year"'
    )
    assert faults(cap) == []
    assert any("age" in told for told in faults(cap.replace("age_plus_term_years", "age_years")))


def test_cards_lie_in_the_package() -> None:
    assert (CARDS / "red_lines.toml").is_file()
    assert load_card(CARDS / "red_lines.toml").valid_from <= date(2026, 1, 1)
