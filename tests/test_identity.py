"""Codes of people, bodies, places, land and titles, against slow twins and printed vectors."""

import re
import string
from collections.abc import Callable
from datetime import date, timedelta
from time import perf_counter

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from riskengine.errors import RiskEngineError
from riskengine.identity import (
    Level,
    RegionLife,
    Remark,
    amounts_agree,
    areas_agree,
    bank_card,
    belongs,
    business_registration,
    certificate_code,
    certificate_text,
    contract_code,
    contractor_code,
    credit_class,
    credit_code,
    issuer_code,
    kind_of_holder,
    land_codes_agree,
    lies_within,
    made_with,
    mask,
    modern_resident_id,
    mu_of_m2,
    organisation_code,
    parcel_code,
    parent_region,
    phone,
    region_code,
    region_level,
    resident_facts,
    resident_id,
    same_place,
    transfer_code,
    unit_code,
    worst,
)
from riskengine.identity.certificates import PROVINCE_LETTERS
from riskengine.identity.people import ORIGINS
from riskengine.regions import PROVINCES

DAY = date(2026, 11, 26)
RESIDENTS = "11010519491231002X", "440524188001010014"
CREDITS = "91350100M000100Y43", "91110000600037341L"
REGISTRATION = "110000013457165"
CREDIT_LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def resident(code: str) -> tuple[Remark, ...]:
    return resident_id(code, DAY)


def region(code: str) -> tuple[Remark, ...]:
    return region_code(code, DAY)


def homestead(code: str) -> tuple[Remark, ...]:
    return unit_code(code, "homestead")


CHECKS: tuple[Callable[[str], tuple[Remark, ...]], ...] = (
    resident, credit_code, organisation_code, business_registration, bank_card, phone, region,
    homestead, issuer_code, contractor_code, parcel_code, contract_code, certificate_code,
    transfer_code,
)  # fmt: skip


def failed(remarks: tuple[Remark, ...]) -> bool:
    return worst(remarks) is Level.FAIL


def said(remarks: tuple[Remark, ...]) -> list[tuple[str, int]]:
    return [(remark.level.value, remark.position) for remark in remarks]


# Slow twins: the check characters as the standards describe them.


def slow_resident(body: str) -> str:
    """ISO 7064 MOD 11-2 by its recursion, not by weights."""
    state = 0
    for digit in body:
        state = (state + int(digit)) * 2 % 11
    return "0123456789X"[(12 - state) % 11]


def slow_credit(body: str) -> str:
    """The character that makes the weighted sum a multiple of 31, found by trial."""
    total = sum(CREDIT_LETTERS.index(c) * 3**place for place, c in enumerate(body))
    return next(c for c in CREDIT_LETTERS if (total + CREDIT_LETTERS.index(c)) % 31 == 0)


def slow_organisation(body: str) -> str:
    total = sum(int(c, 36) * w for c, w in zip(body, (3, 7, 9, 10, 5, 8, 4, 2), strict=True))
    check = 11 - total % 11
    return {10: "X", 11: "0"}.get(check, str(check))


def slow_registration(body: str) -> str:
    state = 10
    for digit in body:
        state += int(digit)
        state = 10 if state % 10 == 0 else state % 10
        state = state * 2 % 11
    return str((11 - state) % 10)


def slow_card(body: str) -> str:
    """Luhn digit by trial."""

    def total(code: str) -> int:
        parts = [int(d) * (1 + place % 2) for place, d in enumerate(reversed(code))]
        return sum(part - 9 if part > 9 else part for part in parts)

    return next(str(d) for d in range(10) if total(f"{body}{d}") % 10 == 0)


def digits(size: int) -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=size, max_size=size)


@st.composite
def resident_bodies(draw: st.DrawFn) -> str:
    born = draw(st.dates(date(1906, 11, 27), DAY))
    return (
        draw(st.sampled_from(sorted(ORIGINS)))
        + draw(digits(4))
        + f"{born:%Y%m%d}"
        + draw(digits(3))
    )


@st.composite
def credit_codes(draw: st.DrawFn) -> str:
    pair = draw(st.sampled_from(["91", "92", "93", "11", "12", "51", "N1", "N2", "N3", "N9"]))
    inner = draw(st.text(CREDIT_LETTERS, min_size=8, max_size=8))
    place = draw(st.sampled_from(sorted(PROVINCES))) + draw(digits(4))
    body = pair + place + inner + slow_organisation(inner)
    return body + slow_credit(body)


# Vectors printed in the specification.


@pytest.mark.parametrize("code", RESIDENTS)
def test_printed_identity_numbers_hold(code: str) -> None:
    day = date(1980, 1, 1)
    assert resident_id(code, day) == ()
    assert slow_resident(code[:17]) == code[17]


def test_an_identity_number_may_be_too_old_for_its_day() -> None:
    assert said(resident("440524188001010014")) == [("fail", 7)]


@pytest.mark.parametrize("code", CREDITS)
def test_printed_credit_codes_hold_with_the_organisation_code_inside(code: str) -> None:
    assert credit_code(code) == ()
    assert organisation_code(code[8:17]) == ()
    assert organisation_code(f"{code[8:16]}-{code[16]}") == ()


def test_the_printed_registration_number_holds() -> None:
    assert business_registration(REGISTRATION) == ()


# What each scheme guarantees.

SUBSTITUTIONS: list[tuple[Callable[[str], tuple[Remark, ...]], str, str]] = [
    (resident, "11010519491231002X", "0123456789X"),
    *((credit_code, code, CREDIT_LETTERS) for code in CREDITS),
    (organisation_code, "600037341", string.digits),
    (business_registration, REGISTRATION, string.digits),
    (bank_card, "622202" + "1234567890123" [:9] + slow_card("622202123456789"), string.digits),
]  # fmt: skip


@pytest.mark.parametrize(("check", "code", "alphabet"), SUBSTITUTIONS)
def test_every_single_slip_is_found(check: Callable, code: str, alphabet: str) -> None:
    assert not failed(check(code))
    for place, right in enumerate(code):
        for wrong in set(alphabet) - {right}:
            assert failed(check(code[:place] + wrong + code[place + 1 :])), (place, wrong)


@pytest.mark.parametrize(("check", "code", "alphabet"), SUBSTITUTIONS)
def test_every_swap_of_neighbours_is_found_where_the_scheme_can(
    check: Callable, code: str, alphabet: str
) -> None:
    blind = {"09", "90"} if check is bank_card else set()
    for place in range(len(code) - 1):
        pair = code[place : place + 2]
        if pair[0] != pair[1] and pair not in blind:
            swapped = code[:place] + pair[::-1] + code[place + 2 :]
            assert failed(check(swapped)) or check is business_registration, place


@given(resident_bodies(), st.data())
def test_swaps_and_slips_in_any_identity_number(body: str, data: st.DataObject) -> None:
    code = body + slow_resident(body)
    place = data.draw(st.integers(0, 16))
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    assert swapped == code or failed(resident(swapped))
    slipped = (
        code[:place]
        + str((int(code[place]) + data.draw(st.integers(1, 9))) % 10)
        + code[place + 1 :]
    )
    assert failed(resident(slipped))


@given(credit_codes(), st.data())
def test_swaps_and_slips_in_any_credit_code(code: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, 16))
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    assert swapped == code or failed(credit_code(swapped))
    slipped = code[:place] + data.draw(st.sampled_from(CREDIT_LETTERS)) + code[place + 1 :]
    assert slipped == code or failed(credit_code(slipped))


@given(digits(14))
def test_mod_11_10_finds_nearly_every_swap(body: str) -> None:
    code = body + slow_registration(body)
    assert business_registration(code) == ()
    missed = [
        place
        for place in range(14)
        if code[place] != code[place + 1]
        and not failed(
            business_registration(code[:place] + code[place + 1] + code[place] + code[place + 2 :])
        )
    ]
    assert len(missed) <= 4


def test_organisation_letters_eleven_apart_are_not_told_apart() -> None:
    assert organisation_code("A0000000" + slow_organisation("A0000000")) == ()
    assert organisation_code("L0000000" + slow_organisation("A0000000")) == ()


# Round trips: what the twins make, the checks accept and read back.


@given(resident_bodies())
def test_identity_numbers_are_read_back(body: str) -> None:
    code = body + slow_resident(body)
    assert resident(code) == ()
    facts = resident_facts(code)
    assert facts is not None
    assert f"{facts.born_on:%Y%m%d}" == body[6:14]
    assert facts.origin == ORIGINS[body[:2]]
    assert facts.sex == ("male" if body[16] in "13579" else "female")


@given(resident_bodies().filter(lambda body: body[6:8] == "19"))
def test_old_identity_numbers_become_modern(body: str) -> None:
    old = body[:6] + body[8:]
    assert said(resident(old)) == [("warn", 0)]
    assert modern_resident_id(old) == body + slow_resident(body)
    assert resident_facts(old) == resident_facts(modern_resident_id(old))
    assert modern_resident_id(modern_resident_id(old)) == ""


@given(credit_codes())
def test_credit_codes_are_read_back(code: str) -> None:
    assert credit_code(code) == ()
    assert credit_class(code) is not None
    assert kind_of_holder(code) == "body" or code[:17].isdigit()


@given(st.text(string.digits + string.ascii_uppercase, min_size=8, max_size=8))
def test_organisation_codes(body: str) -> None:
    code = body + slow_organisation(body)
    assert organisation_code(code) == organisation_code(f"{body}-{code[8]}") == ()
    assert kind_of_holder(code) == "body"
    wrong = "1" if code[8] != "1" else "2"
    assert said(organisation_code(f"{body}-{wrong}")) == [("fail", 10)]


@given(st.integers(11, 18).flatmap(digits))
def test_bank_cards(body: str) -> None:
    right = slow_card(body)
    for last in string.digits:
        assert failed(bank_card(body + last)) == (last != right)


# Identity numbers.


def numbered(place: str, born: str, order: str = "001") -> str:
    body = place + born + order
    return body + slow_resident(body)


@pytest.mark.parametrize(
    ("code", "found"),
    [
        (numbered("110105", "20230229"), [("fail", 7)]),
        (numbered("110105", "19000229"), [("fail", 7)]),
        (numbered("110105", "20241301"), [("fail", 7)]),
        (numbered("110105", "00000000"), [("fail", 7)]),
        (numbered("110105", "20261126"), []),
        (numbered("110105", "20261127"), [("fail", 7)]),
        (numbered("110105", "19051127"), []),
        (numbered("110105", "19051126"), [("fail", 7)]),
        (numbered("990105", "19491231"), [("warn", 1)]),
        (numbered("810000", "19491231"), []),
        (numbered("820000", "19491231"), []),
        (numbered("830000", "19491231"), []),
        (numbered("840000", "19491231"), [("warn", 1)]),
        ("11010519491231002x", [("warn", 18)]),
        ("110105194912310020", [("fail", 18)]),
        ("1101051949123100X2", [("fail", 17)]),
        ("110105491331002", [("warn", 0), ("fail", 7)]),
        ("11010519491231002", [("fail", 0)]),
        ("１10105194912310021", [("fail", 1)]),
        ("11010519491231002٢", [("fail", 18)]),
        (" 1010519491231002X", [("fail", 1)]),
        ("", [("fail", 0)]),
    ],
)
def test_identity_numbers_by_fault(code: str, found: list[tuple[str, int]]) -> None:
    assert said(resident(code)) == found


def test_born_on_29_february_turns_121_on_1_march() -> None:
    code = numbered("110105", "19040229")
    assert resident_id(code, date(2025, 2, 28)) == ()
    assert failed(resident_id(code, date(2025, 3, 1)))


def test_words_of_a_wrong_check_character() -> None:
    (remark,) = resident("110105194912310020")
    assert remark.text.zh == "证号第18位校验不对"
    assert remark.text.en == "check character 18 is wrong"


# Bodies.


def credited(first: str, inner: str = "60003734", check: str = "") -> str:
    body = first + inner + (check or slow_organisation(inner))
    return body + slow_credit(body)


@pytest.mark.parametrize(
    ("code", "found"),
    [
        (credited("93370983"), []),
        (credited("N2370983"), []),
        (credited("91100000"), []),
        (credited("91100001"), [("warn", 3)]),
        (credited("94370983"), [("warn", 2)]),
        (credited("C1370983"), [("warn", 1)]),
        (credited("91990000"), [("warn", 3)]),
        (credited("91370983", check="2"), [("warn", 17)]),
        (
            credited("93370983").lower(),
            [("warn", 18)] if credited("93370983")[17].isalpha() else [],
        ),
        ("91350100m000100Y43", [("warn", 9)]),
        ("91350100M000100Y44", [("fail", 18)]),
        ("91350100I000100Y43", [("fail", 9)]),
        ("9135010AM000100Y43", [("fail", 8)]),
        ("91350100M000100Y4", [("fail", 0)]),
    ],
)
def test_credit_codes_by_fault(code: str, found: list[tuple[str, int]]) -> None:
    assert said(credit_code(code)) == found


@pytest.mark.parametrize(
    ("pair", "zh"),
    [
        ("91", "企业"), ("92", "个体工商户"), ("93", "农民专业合作社"), ("11", "机关"),
        ("12", "事业单位"), ("51", "社会团体"), ("N1", "组级集体经济组织"),
        ("N2", "村级集体经济组织"), ("N3", "乡镇级集体经济组织"), ("n9", "其他农业组织"),
    ],
)  # fmt: skip
def test_classes_have_words(pair: str, zh: str) -> None:
    words = credit_class(pair)
    assert words is not None
    assert words.zh == zh
    assert credit_class("X7") is None


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        *((code, "body") for code in CREDITS),
        ("11010519491231002X", "person"),
        ("11010519491231002x", "person"),
        (numbered("370983", "19800101"), "person"),
        (modern_resident_id("370983800101001"), "person"),
        (credited("37370983"), "body"),
        (REGISTRATION, "body"),
        ("370983800101001", "person"),
        ("600037341", "body"),
        ("60003734-1", "body"),
        ("110105194912310020", "unknown"),
        ("", "unknown"),
        ("9" * 70, "unknown"),
        ("张三", "unknown"),
    ],
)
def test_holders_are_told_by_the_check_not_by_the_first_character(code: str, kind: str) -> None:
    assert kind_of_holder(code) == kind


def both_checks(start: int, inner: bool) -> str:
    """A number of 18 digits that passes the checks of people and of bodies."""
    for number in range(start, start + 10**6):
        born = date(1980, 1, 1) + timedelta(days=number // 1000)
        body = f"110105{born:%Y%m%d}{number % 1000:03d}"
        check = slow_resident(body)
        holds_inside = slow_organisation(body[8:16]) == body[16]
        if check != "X" and slow_credit(body) == check and holds_inside is inner:
            return body + check
    raise AssertionError


def test_numbers_that_pass_both_checks_are_not_guessed() -> None:
    assert kind_of_holder(both_checks(0, inner=True)) == "unknown"
    assert kind_of_holder(both_checks(0, inner=False)) == "person"


# Regions.


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("370983", []), ("370983100", []), ("370983100203", []), ("370983100203220", []),
        ("370983100203999", [("warn", 13)]), ("370000", []), ("370900", []),
        ("370983000000", []), ("419001", []), ("429021", []), ("469001", []), ("659001", []),
        ("419000", [("warn", 3)]), ("441900003", []), ("370900100", [("warn", 5)]),
        ("370083", [("warn", 3)]), ("370171", [("warn", 5)]), ("370983000203", [("warn", 7)]),
        ("990101", [("warn", 1)]), ("37", [("fail", 0)]), ("37098A", [("fail", 6)]),
        ("３70983", [("fail", 1)]),
    ],
)  # fmt: skip
def test_region_codes_by_fault(code: str, found: list[tuple[str, int]]) -> None:
    assert said(region(code)) == found


def test_provinces_are_dated() -> None:
    assert region_code("500101", date(1997, 3, 13))[0].position == 1
    assert region_code("500101", date(1997, 3, 14)) == ()


def test_a_table_of_counties_is_dated() -> None:
    table = {
        "110103": [RegionLife(date(1980, 1, 1), date(2010, 6, 30))],
        "370983": [RegionLife(date(1992, 8, 1))],
    }
    assert region_code("110103", date(2010, 6, 30), table) == ()
    assert said(region_code("110103", date(2010, 7, 1), table)) == [("warn", 0)]
    assert said(region_code("370983100", date(1992, 7, 31), table)) == [("warn", 0)]
    assert region_code("370983100", date(1992, 8, 1), table) == ()
    assert said(region_code("370982", DAY, table)) == [("warn", 0)]
    assert region_code("370900", DAY, table) == ()


@pytest.mark.parametrize(
    ("code", "chain"),
    [
        ("370983100203", ["370983100", "370983", "370900", "370000", ""]),
        ("419001", ["410000", ""]),
        ("429004001", ["429004", "420000", ""]),
        ("110105", ["110000", ""]),
        ("441900003", ["441900", "440000", ""]),
        ("x", [""]),
    ],
)
def test_regions_lie_within_their_parents(code: str, chain: list[str]) -> None:
    walked = [parent_region(code)]
    while walked[-1]:
        walked.append(parent_region(walked[-1]))
    assert walked == chain
    assert all(lies_within(code, outer) for outer in chain[:-1])
    assert not lies_within(code, "120000")


def test_levels() -> None:
    codes = "370000", "370900", "370983", "370983100", "370983100203", "37"
    levels = ["province", "city", "county", "township", "village", None]
    assert [region_level(code) for code in codes] == levels
    assert region_level("370983100000") == "township"


def test_another_county_is_a_warning() -> None:
    assert same_place("3709831002030100001", "370983100") == ()
    assert same_place("3709831002030100001", "370900") == ()
    assert said(same_place("3709831002030100001", "370982")) == [("warn", 6)]
    assert said(same_place("3709831002030100001", "no")) == [("warn", 0)]
    assert said(same_place("37", "370982")) == [("warn", 0)]


# Real-estate units.


def unit(letters: str, fixture: str = "F00010001") -> str:
    return f"370983001002{letters}00012{fixture}"


@pytest.mark.parametrize(
    ("code", "right", "found"),
    [
        (unit("JC"), "homestead", []),
        (unit("GC"), "homestead", [("warn", 13), ("warn", 13)]),
        (unit("JB"), "homestead", [("warn", 14)]),
        (unit("JC", "W00000000"), "homestead", [("warn", 20)]),
        (unit("JD", "W00000000"), "land", []),
        (unit("JE", "L00000001"), "land", []),
        (unit("GF", "W00000000"), "land", []),
        (unit("JC"), "land", [("warn", 14)]),
        (unit("JE", "L00000001"), "forest", []),
        (unit("JL", "L00000001"), "forest", []),
        (unit("JE", "W00000000"), "forest", [("warn", 20)]),
        (unit("JD", "L00000001"), "forest", [("warn", 14)]),
        (unit("JB"), "construction", []),
        (unit("GB"), "construction", [("warn", 13)]),
        (unit("JX"), "construction", [("warn", 14)]),
        (unit("ZY"), "equity", []),
        (unit("JK"), "ecology", [("warn", 14)]),
        (unit("GA"), "ecology", [("warn", 13)]),
        (unit("JD", "W00000001"), "land", [("fail", 21)]),
        (unit("KD"), "land", [("fail", 13)]),
        (unit("J4"), "land", [("fail", 14)]),
        (unit("JD", "T00000001"), "land", [("fail", 20)]),
        (unit("jD", "W00000000"), "land", [("warn", 13)]),
        (unit("JD")[:27], "land", [("fail", 0)]),
        (unit("JD") + "0000", "land", [("fail", 0)]),
        ("99" + unit("JD")[2:], "land", [("warn", 1)]),
        ("", "land", [("warn", 0)]),
    ],
)
def test_unit_codes_by_fault(code: str, right: str, found: list[tuple[str, int]]) -> None:
    assert said(unit_code(code, right)) == found


def test_a_right_that_is_none_is_refused() -> None:
    with pytest.raises(RiskEngineError, match="use one of land"):
        unit_code(unit("JC"), "house")


SPECIFIED_UNIT = re.compile(r"[0-9]{12}[GJZ][A-Z][0-9]{5}[FLQW][0-9]{8}")


@given(st.from_regex(SPECIFIED_UNIT, fullmatch=True) | st.text(min_size=28, max_size=28))
@example(unit("JC") + "\n")
def test_unit_form_is_the_specified_pattern(code: str) -> None:
    held = not any(r.level is Level.FAIL and r.position != 21 for r in homestead(code))
    assert held == bool(SPECIFIED_UNIT.fullmatch(code.upper() if code.isascii() else code))


# Land contracts.

ISSUER = "37098310020301"
CONTRACTOR = ISSUER + "0007"
PARCEL = ISSUER + "00123"
CONTRACT = CONTRACTOR + "J"


@given(digits(12), digits(4), digits(5), st.sampled_from("JQ"))
def test_land_codes_grow_out_of_the_issuer(rest: str, serial: str, plot: str, way: str) -> None:
    issuer, contractor = "37" + rest, "37" + rest + serial
    assert issuer_code(issuer) == contractor_code(contractor) == ()
    assert parcel_code(issuer + plot) == contract_code(contractor + way) == ()
    assert certificate_code(contractor + way) == transfer_code(contractor) == ()
    assert belongs(issuer + plot, issuer)
    assert made_with(contractor + way, contractor)
    assert land_codes_agree(
        issuer=issuer, contractor=contractor, parcel=issuer + plot, contract=contractor + way,
        certificate=contractor + way,
    ) == ()  # fmt: skip


@pytest.mark.parametrize(
    ("check", "code", "found"),
    [
        (issuer_code, "99" + ISSUER[2:], [("warn", 1)]),
        (issuer_code, ISSUER[:-1], [("fail", 0)]),
        (contractor_code, CONTRACT, [("fail", 0)]),
        (parcel_code, CONTRACT, [("fail", 19)]),
        (parcel_code, PARCEL, []),
        (contract_code, PARCEL, [("fail", 19)]),
        (contract_code, CONTRACTOR + "j", [("warn", 19)]),
        (contract_code, CONTRACTOR + "K", [("warn", 19)]),
        (certificate_code, "99" + CONTRACT[2:], [("warn", 1)]),
        (transfer_code, CONTRACTOR[:17] + "L", []),
        (transfer_code, CONTRACT, [("fail", 0)]),
    ],
)
def test_land_codes_by_fault(check: Callable, code: str, found: list[tuple[str, int]]) -> None:
    assert said(check(code)) == found


def test_neither_empty_nor_broken_codes_belong() -> None:
    assert not belongs("", "")
    assert not belongs(PARCEL, "")
    assert not belongs(PARCEL, ISSUER[:13])
    assert not belongs(PARCEL, ISSUER[:13] + "2")
    assert not made_with("", "")
    assert not made_with(PARCEL, CONTRACTOR)
    assert not made_with(CONTRACT, CONTRACTOR[:17] + "8")


@pytest.mark.parametrize(
    ("codes", "found"),
    [
        ({}, []),
        ({"parcel": PARCEL}, []),
        ({"parcel": PARCEL, "issuer": ISSUER[:13] + "2"}, [("fail", 14)]),
        ({"parcel": PARCEL, "contractor": "36" + CONTRACTOR[2:]}, [("fail", 2)]),
        ({"parcel": PARCEL, "certificate": "36" + CONTRACT[2:]}, [("fail", 2)]),
        ({"contract": CONTRACT, "contractor": CONTRACTOR[:17] + "8"}, [("fail", 18)]),
        ({"contract": CONTRACT, "issuer": "36" + ISSUER[2:]}, [("fail", 2)]),
        ({"certificate": CONTRACT, "contract": CONTRACTOR[:17] + "8J"}, [("fail", 18)]),
        ({"certificate": CONTRACT, "contract": CONTRACTOR + "Q"}, [("warn", 19)]),
        ({"contractor": ISSUER[:5], "issuer": ISSUER}, [("fail", 6)]),
    ],
)
def test_land_codes_that_disagree(codes: dict[str, str], found: list[tuple[str, int]]) -> None:
    assert said(land_codes_agree(**codes)) == found


# Certificates.

SPECIFIED_CERTIFICATE = re.compile(
    f"[{PROVINCE_LETTERS}][（(][0-9]{{4}}[）)].{{2,12}}不动产(权|证明)第[0-9]{{7}}号"
)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("鲁（2021）肥城市不动产权第0001234号", ("title", "鲁", 2021, "肥城市", "0001234")),
        ("鲁(2021) 肥城市 不动产证明第0001234号",
         ("mortgage_or_notice", "鲁", 2021, "肥城市", "0001234")),
        ("闽林证字(2008)第00123号", ("forest", "", 2008, "闽", "00123")),
        ("闽将林证字〔2008〕第00123号", ("forest", "闽", 2008, "闽将", "00123")),
        ("肥集用（2011）第0123号", ("land", "", 2011, "肥", "0123")),
        ("鲁肥集用(2011)第08-0123号", ("land", "鲁", 2011, "鲁肥", "08-0123")),
        ("肥宅字（1993）第12号", ("homestead", "", 1993, "肥", "12")),
        ("肥宅基地使用证12号", ("homestead", "", None, "肥", "12")),
    ],
)  # fmt: skip
def test_certificates_are_parsed_and_kept(text: str, parts: tuple) -> None:
    read = certificate_text(text)
    assert read is not None
    assert read.raw == text
    kind, province, year, place, number = parts
    assert (read.kind, read.year, read.place, read.number) == (kind, year, place, number)
    assert read.province == (text[0] if text[0] in PROVINCE_LETTERS else "")


@pytest.mark.parametrize(
    "text",
    [
        "", "宅", "住宅一处", "鲁（2021）肥城市不动产权第001234号", "美（2021）肥城市不动产权第0001234号",
        "鲁（2021）市不动产权第0001234号", "鲁（21）肥城市不动产权第0001234号", "闽林证字(2008)第号",
        "鲁（2021）" + "城" * 80 + "不动产权第0001234号",
    ],
)  # fmt: skip
def test_other_texts_are_no_certificates(text: str) -> None:
    assert certificate_text(text) is None


@given(
    st.from_regex(SPECIFIED_CERTIFICATE, fullmatch=True).filter(lambda t: t == "".join(t.split()))
)
def test_unified_certificates_of_the_specified_pattern(text: str) -> None:
    read = certificate_text(text)
    assert read is not None
    assert read.kind in {"title", "mortgage_or_notice"}
    mark = "不动产权" if read.kind == "title" else "不动产证明"
    assert (
        text
        == f"{read.province}{text[1]}{read.year:04d}{text[6]}{read.place}{mark}第{read.number}号"
    )


# Figures.


@given(st.integers(1, 10**10))
def test_rounded_areas_agree(hundredths: int) -> None:
    area_m2 = hundredths / 100
    area_mu = round(area_m2 * 3 / 2000, 2)
    assert areas_agree(area_m2, area_mu)
    assert not areas_agree(area_m2, area_mu + 0.02)
    assert mu_of_m2(area_m2) == pytest.approx(area_m2 * 0.0015, rel=1e-12)


def test_areas_by_a_coarse_factor_disagree() -> None:
    assert not areas_agree(667_000.0, 1000.0)
    assert areas_agree(666_666.67, 1000.0)
    assert not areas_agree(float("nan"), 1.0)
    assert not areas_agree(1.0, float("nan"))
    assert not areas_agree(float("inf"), float("inf"))
    assert not areas_agree(-1.0, -0.0015)


@given(st.integers(0, 10**12), st.integers(2, 6))
def test_sums_printed_in_wan_yuan_agree(fen: int, decimals: int) -> None:
    yuan = fen / 100
    assert amounts_agree(yuan, round(yuan / 10_000, decimals), decimals)
    assert not amounts_agree(yuan, yuan / 10_000 + 2 * 10.0**-decimals, decimals)


# What holds for every check.


@given(st.sampled_from(CHECKS), st.text(max_size=70))
@example(resident, "²" * 18)
@example(resident, "ß" * 18)
@example(credit_code, "ǆ" * 18)
@example(transfer_code, "\ud800" * 18)
def test_no_text_raises_and_no_position_lies_outside(check: Callable, text: str) -> None:
    for remark in check(text):
        assert 0 <= remark.position <= len(text)
        assert remark.text.zh and remark.text.en
    kind_of_holder(text)
    certificate_text(text)
    same_place(text, text)
    lies_within(text, text)


CODES = st.sampled_from([*RESIDENTS, *CREDITS, REGISTRATION, unit("JC"), PARCEL, CONTRACT])


@given(st.sampled_from(CHECKS), CODES, st.integers(0, 27), st.sampled_from("0Ax٣张 "))
def test_remarks_hold_no_part_of_the_code(
    check: Callable, code: str, place: int, letter: str
) -> None:
    spoilt = code[:place] + letter + code[place + 1 :]
    for remark in check(spoilt):
        for words in (remark.text.zh, remark.text.en):
            assert not any(spoilt[i : i + 4] in words for i in range(len(spoilt) - 3))


@pytest.mark.parametrize("check", CHECKS)
def test_long_texts_are_refused_at_once(check: Callable) -> None:
    hostile = "1" * 50_000_000
    started = perf_counter()
    (remark,) = check(hostile)
    assert (remark.level, remark.position) == (Level.FAIL, 0)
    assert "64" in remark.text.en
    assert mask(hostile) == "********"
    assert certificate_text(hostile) is None
    assert kind_of_holder(hostile) == "unknown"
    assert region_level(hostile) is None
    assert said(land_codes_agree(issuer=hostile, contractor=hostile)) == [("fail", 0)]
    assert not belongs(hostile, hostile)
    assert perf_counter() - started < 1.0


@given(st.text(max_size=64))
def test_masks_hide(text: str) -> None:
    hidden = mask(text)
    assert len(hidden) == len(text)
    assert hidden.isprintable()
    assert hidden[3:-4] == "*" * max(0, len(text) - 7)
    assert len(text) >= 11 or set(hidden) <= {"*"}


def test_masks() -> None:
    assert mask("110105194912311234") == "110***********1234"
    assert mask("13800001234") == "138****1234"
    assert mask("600037341") == "*********"


def test_the_worst_level_counts() -> None:
    assert worst(()) is Level.OK
    assert worst(credit_code(credited("94370983"))) is Level.WARN
    assert worst(resident("x")) is Level.FAIL
    assert [level.value for level in Level] == ["ok", "warn", "fail"]


# A second opinion, where it is installed.


@given(credit_codes(), digits(14), digits(15))
def test_another_library_agrees(code: str, registration: str, card: str) -> None:
    pytest.importorskip("stdnum")
    from stdnum import luhn
    from stdnum.cn import uscc
    from stdnum.iso7064 import mod_11_2, mod_11_10

    assert uscc.calc_check_digit(code[:17]) == code[17]
    assert all(uscc.is_valid(printed) for printed in CREDITS)
    assert mod_11_10.is_valid(registration + slow_registration(registration))
    assert luhn.is_valid(card + slow_card(card))
    body = "110105" + "19491231" + card[:3]
    assert mod_11_2.is_valid(body + slow_resident(body))
