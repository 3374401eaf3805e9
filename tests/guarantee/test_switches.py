"""Every disputed reading is named, has a default with a source, and can be chosen."""

from datetime import date

import pytest

from riskengine.guarantee.contracts import RatioError
from riskengine.guarantee.switches import DISPUTED, Switches, reading, readings
from riskengine.rules import statute

RULES = statute().at(date(2026, 11, 24))


def test_every_switch_has_a_reading_with_its_source() -> None:
    found = {one.name: one for one in readings(RULES, Switches())}
    assert list(found) == list(Switches.__dataclass_fields__)
    for name, one in found.items():
        assert one.default in one.choices, name
        assert one.taken == one.default
        assert not one.chosen
        assert one.citation, name
        assert one.effect.zh != one.effect.en
        assert one.row.split("-")[0] in {"GI", "GOV", "AGR"}


@pytest.mark.parametrize("name", list(DISPUTED))
def test_every_choice_is_taken_when_chosen(name: str) -> None:
    for choice in DISPUTED[name].choices:
        assert reading(name, RULES, Switches(**{name: choice})) == choice


def test_a_reading_that_there_is_not_is_refused() -> None:
    with pytest.raises(RatioError, match="must be one of share_borne, full_balance"):
        Switches(balance_counted="half")
    with pytest.raises(RatioError, match="must be one of True, False"):
        Switches(small_micro_limit_inclusive="yes")  # type: ignore[arg-type]


def test_the_readings_of_the_rules() -> None:
    said = {one.name: one.taken for one in readings(RULES, Switches())}
    assert said["balance_counted"] == "share_borne"
    assert said["small_micro_limit_inclusive"] is True
    assert said["farm_household_limit_inclusive"] is True
    assert said["compensation_denominator"] == "released"
    assert said["means"] == "simple_mean"


def test_before_a_rule_speaks_the_first_choice_is_taken() -> None:
    early = statute().at(date(2016, 1, 1))
    (one,) = [r for r in readings(early, Switches()) if r.name == "balance_counted"]
    assert (one.default, one.taken, one.seen) == (None, "share_borne", "")
