"""Cells at the door: what may stand for a day, and what names a person."""

from datetime import date, datetime

import pytest
from pydantic import TypeAdapter, ValidationError

from service.problems import MESSAGES
from service.schemas.cells import Day
from service.schemas.plain import names_somebody

DAY: TypeAdapter[date] = TypeAdapter(Day)


def test_a_day_is_read() -> None:
    assert DAY.validate_json('"2026-11-26"') == date(2026, 11, 26)


@pytest.mark.parametrize(
    "cell",
    ['"1699920000"', "1699920000", '"0"', '"20261126"', '"2026-1-26"', '"2026-11-26T00:00:00"',
     '"26-11-2026"', '"2026-02-30"', "null", '""', '"2026-11-26\\n"', '"２026-11-26"', "true"],
)  # fmt: skip
def test_seconds_and_other_writings_are_no_days(cell: str) -> None:
    with pytest.raises(ValidationError) as told:
        DAY.validate_json(cell)
    assert [fault["type"] for fault in told.value.errors()] == ["day"]
    assert "day" in MESSAGES


@pytest.mark.parametrize("given", [date(2026, 11, 26), "2026-11-26"])
def test_a_day_of_a_query_is_read(given: object) -> None:
    assert DAY.validate_python(given) == date(2026, 11, 26)


@pytest.mark.parametrize("given", [datetime(2026, 11, 26), 1699920000, 20.5, None, "1699920000"])
def test_a_moment_is_no_day(given: object) -> None:
    with pytest.raises(ValidationError):
        DAY.validate_python(given)


@pytest.mark.parametrize(("text", "somebody"), [
    ("11010519491231002X", True), ("A11010519491231002X", True), ("11010519491231002xB", True),
    ("J11010519491231002XJ", True), ("借款人440524188001010014号", True),
    ("440524188001010014A", True), ("110105194912310021", False),  # does not check
    ("440524188001010014J", False), ("440524188001010014Q", False),  # codes of land contracts
    ("9440524188001010014", False), ("4405241880010100140", False), ("11010519491231002X1", False),
])  # fmt: skip
def test_an_identity_number_is_seen_beside_letters(text: str, somebody: bool) -> None:
    assert names_somebody(text) is somebody
