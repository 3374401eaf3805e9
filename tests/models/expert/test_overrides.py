"""Overrides: complete records, and a hit rate that does not flatter."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from scipy.stats import beta

from models.expert import Override, override_hit_rate, record_override
from riskengine.errors import ModelError

GRADES = ("优", "良", "中", "一般")
GOOD = Override("C1", "中", "良", "fact_newer", "township_group", date(2026, 3, 1))


def test_a_record_counts_notches() -> None:
    assert record_override(GOOD, GRADES)["notches"] == 1
    assert record_override(replace(GOOD, final_grade="一般"), GRADES)["notches"] == -1
    assert record_override(GOOD, GRADES)["decided_on"] == date(2026, 3, 1)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"reason": "liked him"}, "reason is one of"), ({"role": "王某"}, "role is one of"),
        ({"final_grade": "AAA"}, "final_grade is no grade"), ({"final_grade": "中"}, "not changed"),
        ({"reason": "other"}, "needs a note"), ({"case_id": " "}, "case_id is empty"),
    ],
)  # fmt: skip
def test_a_bad_record_is_refused(change, told) -> None:
    with pytest.raises(ModelError, match=told):
        record_override(replace(GOOD, **change), GRADES)


def test_all_faults_of_a_record_at_once_and_no_name_is_echoed() -> None:
    with pytest.raises(ModelError) as raised:
        record_override(replace(GOOD, reason="x", role="王某", final_grade="Z"), GRADES)
    assert str(raised.value).count(";") == 2 and "王某" not in raised.value.say("zh")


@pytest.fixture
def book() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Ten raised (one bad, two open), four lowered (one bad, two refused), 86 left alone."""
    cases = pd.DataFrame({
        "case_id": [f"C{k}" for k in range(100)], "model_grade": ["中"] * 50 + ["良"] * 50,
        "bad": 0.0,
    })  # fmt: skip
    cases.loc[[0, 10], "bad"] = 1.0
    cases.loc[[8, 9, 12, 13], "bad"] = np.nan
    cases.loc[20:29, "bad"] = 1.0  # of the 36 kept at 中, ten default
    overrides = pd.DataFrame([
        {**record_override(replace(GOOD, case_id=f"C{k}"), GRADES)} for k in range(10)
    ] + [
        record_override(replace(GOOD, case_id=f"C{k}", final_grade="一般", role="committee"), GRADES)
        for k in range(10, 14)
    ])  # fmt: skip
    return overrides, cases


def test_hit_rates_by_hand(book) -> None:
    rates = override_hit_rate(*book).set_index("direction")
    raised, lowered = rates.loc["raised"], rates.loc["lowered"]
    assert (raised["n"], raised["open"], raised["bads"]) == (10, 2, 1)
    assert raised["hit_rate"] == 7 / 8 and raised["bad_rate"] == 1 / 8
    assert (lowered["n"], lowered["open"], lowered["bads"]) == (4, 2, 1)
    assert lowered["hit_rate"] == 1 / 2
    assert raised["bad_rate_kept"] == lowered["bad_rate_kept"] == pytest.approx(10 / 36)
    np.testing.assert_allclose(
        [raised["low"], raised["high"]], beta.ppf([0.05, 0.95], 1.5, 7.5), rtol=1e-9
    )


def test_groups_and_empty_groups(book) -> None:
    overrides, cases = book
    by_role = override_hit_rate(overrides, cases, by=["role"])
    assert list(by_role["role"]) == ["committee", "township_group"]
    assert by_role["n"].sum() == len(overrides)
    nothing = override_hit_rate(overrides, cases.assign(bad=np.nan))
    assert nothing["hit_rate"].isna().all() and (nothing["open"] == nothing["n"]).all()
    assert override_hit_rate(overrides.iloc[:0], cases).empty


def test_cases_must_be_there_once(book) -> None:
    overrides, cases = book
    with pytest.raises(ModelError, match="1 overrides have no case"):
        override_hit_rate(overrides, cases.iloc[1:])
    with pytest.raises(ModelError, match="stand twice"):
        override_hit_rate(overrides, pd.concat([cases, cases.iloc[:1]]))
