"""Codes both ways: the two known codings, ambiguous and unknown codes, every fault at once."""

import copy
import json
import tomllib
from pathlib import Path

import pytest

from riskengine.errors import PortfolioError
from riskengine.exchange.mapping import STAR, read_code, shipped, shipped_names, write_code
from riskengine.exchange.mapping_file import check_mapping, mapping_of, read_content, read_mapping
from riskengine.exchange.translate import incoming, outgoing, subject_of
from riskengine.exchange.vocabulary import FILE, subjects
from riskengine.portfolio.stress_file import SHIPPED as STRESS
from riskengine.scoring.parts import borrower_contract

EXAMPLE = Path(__file__).parents[2] / "examples" / "mappings" / "county_guarantee.toml"
CONTENT = tomllib.loads(EXAMPLE.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", shipped_names())
def test_shipped_mappings_read_back_what_they_write(name: str) -> None:
    mapping = shipped(name)
    seen = 0
    for subject, dictionary in mapping.dictionaries.items():
        for code, meanings in dictionary.codes.items():
            for meaning in meanings:
                context = dict(meaning.when)
                sent = code.replace(STAR, "07")
                assert read_code(mapping, subject, sent, context).word == meaning.word
                written = write_code(mapping, subject, meaning.word, context)
                if written.code is None:
                    assert code.endswith(STAR)
                else:
                    assert read_code(mapping, subject, written.code, context).word == meaning.word
                seen += 1
    assert seen
    assert mapping.source
    assert mapping.seen


def test_client_types_of_the_two_systems_stand_in_reverse() -> None:
    new, old = shipped("agri_guarantee_new"), shipped("agri_guarantee_old")
    assert read_code(new, "client_type", "03", {}).word == "enterprise"
    assert read_code(old, "client_type", "3", {}).word == "cooperative"
    assert read_code(new, "client_type", "04", {}).word == "cooperative"
    assert read_code(old, "client_type", "4", {}).word == "enterprise"
    assert read_code(old, "client_type", "03", {}).state == "unknown"  # not taken for 3


def test_post_check_classes_are_not_in_the_order_of_banks() -> None:
    codes = ["01", "02", "03", "04", "05"]
    words = [read_code(shipped("agri_guarantee_new"), "check_class", c, {}).word for c in codes]
    assert words == ["normal", "watch", "doubtful", "substandard", "loss"]


def test_90_and_93_in_both_codings() -> None:
    new, old = shipped("agri_guarantee_new"), shipped("agri_guarantee_old")
    assert [read_code(old, "case_state", code, {}).word for code in ("90", "93")] == ["ended"] * 2
    assert write_code(old, "case_state", "ended", {}).code == "90"
    alone = read_code(new, "case_state", "93", {})
    assert (alone.state, alone.word, alone.asks) == ("ambiguous", None, ("list",))
    found = {
        place: read_code(new, "case_state", "93", {"list": place}).word
        for place in ("project", "compensation", "check")
    }
    assert found == {
        "project": "ended_after_compensation",
        "compensation": "compensated",
        "check": None,
    }
    assert read_code(new, "case_state", "50", {"list": "check"}).word == "check_risk"
    assert read_code(new, "case_state", "50", {"list": "project"}).word == "in_force"


def test_causes_with_a_star_and_of_two_kinds() -> None:
    new = shipped("agri_guarantee_new")
    cause = {"cause": "objective"}
    assert read_code(new, "default_cause", "010103", cause).word == "objective:0101"
    assert read_code(new, "default_cause", "0101", cause).state == "unknown"
    assert read_code(new, "default_cause", "06", cause).word == "objective:06"
    assert read_code(new, "default_cause", "06", {"cause": "subjective"}).word == "subjective:06"
    assert read_code(new, "default_cause", "06", {}).asks == ("cause",)
    assert write_code(new, "default_cause", "objective:0101", cause).code is None


def test_causes_name_those_of_the_stress_scenarios() -> None:
    with STRESS.open("rb") as stream:
        causes = tomllib.load(stream)["causes"]
    assert causes
    assert set(causes) <= set(subjects()["default_cause"].words)


def test_kinds_of_client_are_those_of_an_application() -> None:
    classes = borrower_contract().by_name["borrower_type"].codes
    assert set(subjects()["client_type"].words) == set(classes)


def test_every_list_says_where_it_was_seen() -> None:
    tables = tomllib.loads(FILE.read_text(encoding="utf-8"))
    assert all(t["source"] and t["seen"] in {"code", "memory", "engine"} for t in tables.values())
    assert set(tables) <= set(subjects())


def test_records_come_in_with_what_was_not_known() -> None:
    mapping = read_mapping(EXAMPLE)
    sent = {
        "khlx": "04",
        "loan": {"hkfs": "E", "commodity": "77", "balance_yuan": 3.0, "starts_on": None},
        "rights": [{"table": "B01"}, {"table": "B09"}],
        "prescreen": "1",
    }
    kept = copy.deepcopy(sent)
    found = incoming(mapping, sent)
    assert sent == kept
    assert found.record == {
        "borrower": {"borrower_type": "cooperative"},
        "loan": {
            "repayment": "interest_only", "commodity": "77", "balance_yuan": 3.0, "starts_on": None
        },
        "rights": [{"table": "land"}, {"table": "B09"}],
        "prescreen": "1",  # the mapping does not speak of it
    }  # fmt: skip
    assert [(u.path, u.code, u.why) for u in found.unknown] == [
        ("loan.commodity", "77", "unknown"), ("rights[1].table", "B09", "unknown")
    ]  # fmt: skip
    without = incoming(mapping, sent, leave_out=True)
    assert "commodity" not in without.record["loan"]
    assert without.record["rights"] == [{"table": "land"}, {}]
    assert without.unknown == found.unknown
    told = found.unknown[0].record()
    assert told["code"] == "77"
    assert set(told["message"]) == {"zh", "en"}


def test_records_go_out_and_come_back() -> None:
    mapping = read_mapping(EXAMPLE)
    words = {"loan": {"repayment": "interest_only", "commodity": "pigs"}, "state": "in_force"}
    sent = outgoing(mapping, words)
    assert sent.record == {"loan": {"repayment": "D", "commodity": "21"}, "state": "5"}
    assert not sent.unknown
    assert incoming(mapping, sent.record).record == words
    lost = outgoing(mapping, {"state": "recovering", "borrower_type": "large_grower"})
    assert lost.record == {"state": "recovering", "borrower_type": "large_grower"}
    assert [(u.path, u.why) for u in lost.unknown] == [
        ("state", "unwritten"), ("borrower_type", "unwritten")
    ]  # fmt: skip


def test_numbers_stand_for_their_digits_and_flags_for_nothing() -> None:
    old = shipped("agri_guarantee_old")
    assert incoming(old, {"client_type": 3}).record == {"client_type": "cooperative"}
    assert incoming(old, {"client_type": True}).unknown[0].why == "unknown"
    assert incoming(old, {"client_type": 3.0}).unknown[0].code == "3.0"


def test_two_fields_for_one_cell_are_refused() -> None:
    with pytest.raises(PortfolioError, match="both given"):
        incoming(read_mapping(EXAMPLE), {"khlx": "01", "borrower": {"borrower_type": "02"}})


def test_cells_that_hold_no_code_have_no_subject() -> None:
    assert subject_of("area_mu") is None
    assert subject_of("table") == "right_kind"


BREAKS = [
    (lambda c: c.pop("title"), "title"),
    (lambda c: c.update(title={"zh": "一"}), "title"),
    (lambda c: c.pop("source"), "source"),
    (lambda c: c.update(name="a b"), "name"),
    (lambda c: c.update(code={}), "code"),
    (lambda c: c.update(codes=[]), "codes"),
    (lambda c: c["codes"].update(colour={"1": "red"}), "codes.colour"),
    (lambda c: c["codes"].update(prescreen={}), "codes.prescreen"),
    (lambda c: c["codes"]["client_type"].update({"05": "peasant"}), "codes.client_type.05"),
    (lambda c: c["codes"]["client_type"].update({" 05": "household"}), "codes.client_type. 05"),
    (lambda c: c["codes"]["client_type"].update({"*": "large_grower"}), "codes.client_type.*"),
    (lambda c: c["codes"]["client_type"].update({"05": 5}), "codes.client_type.05"),
    (lambda c: c["codes"]["client_type"].update({"05": []}), "codes.client_type.05"),
    (lambda c: c["codes"]["client_type"].update({"05": [{"word": "large_grower", "wen": {}}]}), "codes.client_type.05"),
    (lambda c: c["codes"]["client_type"].update({"05": "household"}), "codes.client_type"),
    (lambda c: c["codes"]["case_state"]["93"][0].update(when={}), "codes.case_state.93"),
    (lambda c: c["codes"]["case_state"]["93"][1]["when"].update(list="project"), "codes.case_state.93"),
    (lambda c: c["codes"]["case_state"]["93"][1].update(when={"kind": "x"}), "codes.case_state.93"),
    (lambda c: c["write"]["repayment"].update(interest_only="A"), "write.repayment.interest_only"),
    (lambda c: c["write"].update(prescreen={"pass": "1"}), "write.prescreen"),
    (lambda c: c["write"].update(repayment="D"), "write.repayment"),
    (lambda c: c["fields"].update(hkfs="loan.repayment"), "fields"),
    (lambda c: c["fields"].update(hkfs=3), "fields.hkfs"),
    (lambda c: c["filing"].update(name="x"), "filing.name"),
    (lambda c: c.update(context=[]), "context"),
]  # fmt: skip


@pytest.mark.parametrize(("break_it", "path"), BREAKS)
def test_each_fault_is_named_by_its_path(break_it, path: str) -> None:
    content = copy.deepcopy(CONTENT)
    assert not check_mapping(content).faults
    break_it(content)
    found = check_mapping(content)
    assert found.mapping is None
    assert path in {fault.path for fault in found.faults}
    assert all(f.wrong.zh and f.wrong.en and f.cure.zh and f.cure.en for f in found.faults)
    with pytest.raises(PortfolioError) as raised:
        mapping_of(content)
    assert path in raised.value.say("en")


def test_all_faults_are_told_at_once() -> None:
    content = copy.deepcopy(CONTENT)
    content["codes"]["client_type"] |= {"05": "peasant", "06": "lord"}
    content["filing"]["x"] = "y"
    del content["source"]
    assert [fault.path for fault in check_mapping(content).faults] == [
        "source", "codes.client_type.05", "codes.client_type.06", "filing.x"
    ]  # fmt: skip
    assert [fault.path for fault in check_mapping([]).faults] == [""]


def test_words_without_a_code_are_told() -> None:
    assert check_mapping(CONTENT).uncovered["client_type"] == ("large_grower",)
    assert "right_kind" not in check_mapping(CONTENT).uncovered


def test_json_is_the_same_mapping(tmp_path: Path) -> None:
    path = tmp_path / "m.json"
    path.write_text(json.dumps(CONTENT), encoding="utf-8")
    assert read_mapping(path) == read_mapping(EXAMPLE)
    assert read_mapping(path).digest == read_mapping(EXAMPLE).digest


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("m.json", '{"codes": {"prescreen": {"1": "pass", "1": "fail"}}}'),
        ("m.toml", '[codes.prescreen]\n"1" = "pass"\n"1" = "fail"\n'),
        ("m.toml", "[codes"),
        ("m.json", "[" * 100_000),
    ],
)
def test_a_code_that_stands_twice_spoils_the_file(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    with pytest.raises(PortfolioError, match="cannot be read"):
        read_content(path)
    with pytest.raises(PortfolioError, match="cannot be read"):
        read_content(tmp_path / "none.toml")


def test_a_mapping_that_does_not_exist_is_named() -> None:
    with pytest.raises(PortfolioError, match="national_entry"):
        shipped("nobody")
