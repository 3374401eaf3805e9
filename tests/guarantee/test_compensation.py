"""Compensation, recovery, overdue, costs, vintages, terms and growth."""

from datetime import date
from typing import Any

import numpy as np
import pytest

from riskengine.dates import day_number
from riskengine.errors import RuleNotFound
from riskengine.guarantee.compensation import (
    compensation_balance,
    compensation_rate,
    compensation_rate_of_counties,
    financing_cost,
    loss_rate,
    mean_rate,
    overdue_uncompensated,
)
from riskengine.guarantee.contracts import Contracts, RatioError, contracts_of
from riskengine.guarantee.figures import later
from riskengine.guarantee.recoveries import (
    calendar_recovery_rate,
    recovery_by_cohort,
    recovery_rate,
)
from riskengine.guarantee.switches import Switches
from riskengine.guarantee.vintages import growth, term_bands, vintages
from riskengine.rules import statute

DAY = date(2026, 11, 24)
RULES = statute().at(DAY)
NAN = float("nan")


def on(*text: str) -> list[float]:
    """Days since 1970-01-01; empty where not known."""
    return [float(day_number(date.fromisoformat(one))) if one else NAN for one in text]


def book(**columns: Any) -> Contracts:
    size = len(columns["state"])
    same = {"client": range(size), "county": [1] * size, "kind": [1] * size}
    balance = {"in_force_balance_yuan": [1e6 if s == 0 else 0.0 for s in columns["state"]]}
    return contracts_of(**(same | balance | columns))


def history() -> Contracts:
    """Two contracts in force, three released of this year and of the last."""
    return book(
        state=[0, 0, 1, 2, 2], county=[1, 2, 1, 1, 2],
        released_on=on("", "", "2026-03-01", "2025-12-31", "2026-01-01"),
        released_yuan=[NAN, NAN, 8e6, 1e6, 2e6],
        compensated_on=on("", "", "", "2025-12-31", "2026-01-01"),
        compensated_yuan=[0.0, NAN, 0.0, 5e5, 1e6], recovered_yuan=[0, 0, 0, 1e5, 2e5],
        written_off_yuan=[0, 0, 0, 0, 3e5],
    )  # fmt: skip


def test_gi_r_01_year_by_day_of_payment_over_released_of_the_year() -> None:
    found = compensation_rate(history(), RULES, Switches())
    assert (found.value, found.missing) == (1e6 / 10e6, 0)
    assert "1,000,000.00 / 10,000,000.00" in found.how.en


def test_gi_r_02_cumulative_over_cumulative_released() -> None:
    found = compensation_rate(history(), RULES, Switches(), cumulative=True)
    assert found.value == 1.5e6 / 11e6


def test_the_balance_in_force_as_denominator_is_a_switch() -> None:
    way = Switches(compensation_denominator="in_force")
    assert compensation_rate(history(), RULES, way).value == 1e6 / 2e6
    assert "balance in force" in compensation_rate(history(), RULES, way).how.en


def test_events_after_the_day_do_not_count() -> None:
    before = statute().at(date(2025, 12, 31))
    assert compensation_rate(history(), before, Switches()).value == 0.5
    assert compensation_rate(history(), statute().at(date(2025, 1, 1)), Switches()).value is None


def test_what_is_not_known_is_counted() -> None:
    two = book(state=[2, 1], released_on=on("2026-02-01", "2026-02-01"), released_yuan=[1e6, 1e6])
    found = compensation_rate(two, RULES, Switches())
    assert (found.value, found.missing) == (0.0, 1)
    undated = book(state=[1], released_yuan=[1e6])
    assert compensation_rate(undated, RULES, Switches()).missing == 1
    partly = book(state=[0], compensated_yuan=[5.0])
    assert compensation_rate(partly, RULES, Switches()).missing == 1


def test_rates_of_counties() -> None:
    found = compensation_rate_of_counties(history(), RULES, Switches())
    assert {county: one.value for county, one in found.items()} == {1: 0.0, 2: 0.5}


def test_gi_r_06_compensation_balance() -> None:
    found = compensation_balance(history(), RULES)
    assert found.value == 1.5e6 - 3e5 - 3e5
    with pytest.raises(RuleNotFound):
        compensation_balance(history(), statute().at(date(2022, 12, 31)))


def test_recovery_by_total_cohort_and_calendar() -> None:
    assert recovery_rate(history(), RULES).value == 3e5 / 1.5e6
    cohorts = recovery_by_cohort(history(), DAY)
    assert cohorts.year.tolist() == [2025, 2026]
    assert cohorts.recovery_rate.tolist() == [0.2, 0.2]
    span = date(2026, 1, 1), date(2026, 12, 31)
    days = on("2025-12-31", "2026-05-05", "2026-06-06")
    found = calendar_recovery_rate(history(), days, [9e5, 1e5, 2e5], *span)
    assert found.value == pytest.approx(0.3)
    with pytest.raises(RatioError, match="does not fit its days"):
        calendar_recovery_rate(history(), days, [1.0], *span)
    with pytest.raises(RatioError, match="does not fit its days"):
        calendar_recovery_rate(history(), days, [1.0, -1.0, NAN], *span)


def test_loss_rate_is_written_off_over_released() -> None:
    assert loss_rate(history(), RULES).value == 3e5 / 11e6


def test_gi_r_03_overdue_without_the_banks_share_and_its_line_beyond_three_months() -> None:
    # Three calendar months before 24 November is 24 August: 92 days, itself not beyond.
    some = book(
        state=[0, 0, 0, 0, 2], overdue_days=[0, 30, 92, 93, 200],
        overdue_principal_yuan=[NAN, 1e6, 2e6, 3e6, 9e6], bank_share=[0.2] * 5,
        compensated_on=on("", "", "", "", "2026-01-01"), compensated_yuan=[0, 0, 0, 0, 7e6],
    )  # fmt: skip
    assert overdue_uncompensated(some, RULES).value == pytest.approx(0.8 * 6e6)
    assert overdue_uncompensated(some, RULES, long=True).value == pytest.approx(0.8 * 3e6)
    assert overdue_uncompensated(some, RULES).missing == 0
    unknown = book(state=[0, 0], overdue_days=[NAN, 5.0], overdue_principal_yuan=[1.0, 1e6])
    found = overdue_uncompensated(unknown, RULES)
    assert (found.value, found.missing) == (1e6, 2)


def test_gi_r_04_simple_means_and_their_sum() -> None:
    two = book(
        state=[0, 0, 1], in_force_balance_yuan=[9e6, 1e6, 0], fee_rate_per_year=[0.005, 0.015, 0.9],
        loan_rate_per_year=[0.04, 0.06, 0.9],
    )  # fmt: skip
    assert mean_rate(two, "fee_rate_per_year", RULES, Switches()).value == pytest.approx(0.01)
    assert financing_cost(two, RULES, Switches()).value == pytest.approx(0.06)
    way = Switches(means="balance_weighted")
    assert mean_rate(two, "fee_rate_per_year", RULES, way).value == pytest.approx(0.006)
    none = financing_cost(book(state=[0]), RULES, Switches())
    assert (none.value, none.missing) == (None, 1)


def test_months_end_on_the_last_day_of_shorter_ones() -> None:
    days = np.array(on("2024-01-31", "2024-02-29", "2023-12-31", ""))
    assert later(days, 1)[:3].tolist() == on("2024-02-29", "2024-03-29", "2024-01-31")
    assert later(days, -12)[:3].tolist() == on("2023-01-31", "2023-02-28", "2022-12-31")
    assert np.isnan(later(days, 1)[3])


def test_agr_class_01_term_bands() -> None:
    ends = ("2024-08-30", "2024-08-31", "2025-02-28", "2025-03-01", "2027-02-28", "2027-03-01", "")
    some = book(state=[0] * 7, started_on=on(*["2024-02-29"] * 7), ends_on=on(*ends))
    found = term_bands(some, RULES)
    # Six months from 29 February end on 29 August; a year on 28 February.
    assert found.contracts.tolist() == [0, 3, 2, 1]
    assert found.balance_yuan.sum() == 6e6
    assert found.missing == 1
    assert [band.en for band in found.bands] == [
        "below 6 months", "6 to 12 months", "12 to 36 months", "above 36 months"
    ]  # fmt: skip
    short = book(state=[0], started_on=on("2024-02-29"), ends_on=on("2024-08-28"))
    assert term_bands(short, RULES).contracts.tolist() == [1, 0, 0, 0]


def test_vintages_by_half_year_and_age() -> None:
    some = book(
        state=[2, 0, 0, 0], amount_yuan=[1e6, 3e6, 2e6, NAN],
        started_on=on("2025-01-15", "2025-06-30", "2026-02-01", "2026-02-01"),
        compensated_on=on("2025-08-01", "", "", ""), compensated_yuan=[8e5, 0, 0, 0],
        overdue_days=[0, 10, 0, 0], overdue_principal_yuan=[0, 6e5, 0, 0],
    )  # fmt: skip
    found = vintages(some, DAY)
    assert list(zip(found.year.tolist(), found.half.tolist(), strict=True)) == [
        (2025, 1), (2026, 1)
    ]  # fmt: skip
    assert found.amount_yuan.tolist() == [4e6, 2e6]
    assert found.age_months.tolist() == [6, 12]
    assert found.compensated_share[0].tolist() == [0.0, 0.2]
    assert np.isnan(found.compensated_share[1]).all()
    assert found.overdue_share.tolist() == [0.15, 0.0]
    assert found.missing == 1
    assert vintages(book(state=[0]), DAY).contracts.size == 0


def test_case_98_a_young_book_understates() -> None:
    """A steady default of 2 % of each cohort in its second year, volume 3.6 times a year."""
    starts = [f"{year}-06-01" for year in range(2021, 2027)]
    amounts = [1e6 * 3.6**k for k in range(6)]
    done = [2 if year <= 2024 else 0 for year in range(2021, 2027)]
    some = book(
        state=done, amount_yuan=amounts, started_on=on(*starts),
        in_force_balance_yuan=[0.0 if s else a for a, s in zip(amounts, done, strict=True)],
        ends_on=on(*[f"{year + 2}-05-31" for year in range(2021, 2027)]),
        released_on=on(*[f"{year + 2}-05-31" if year <= 2024 else "" for year in range(2021, 2027)]),
        released_yuan=[a if s else NAN for a, s in zip(amounts, done, strict=True)],
        compensated_on=on(*[f"{y + 2}-05-01" if y <= 2024 else "" for y in range(2021, 2027)]),
        compensated_yuan=[0.02 * a if s else 0.0 for a, s in zip(amounts, done, strict=True)],
    )  # fmt: skip
    found = growth(some, DAY)
    assert found.multiple == pytest.approx(3.6)
    assert found.matured_rate == pytest.approx(0.02)
    assert found.note is not None
    assert "3.6 times" in found.note.en
    # Over what is in force the growing book looks far safer than its cohorts are.
    way = Switches(compensation_denominator="in_force")
    young = compensation_rate(some, RULES, way, cumulative=True)
    assert young.value is not None
    assert young.value < 0.02
    flat = growth(
        book(state=[0, 0], amount_yuan=[1, 1], started_on=on("2025-01-01", "2026-01-01")), DAY
    )
    assert (flat.multiple, flat.note, flat.matured_rate) == (1.0, None, None)
    new = growth(book(state=[0], amount_yuan=[1.0], started_on=on("2026-01-01")), DAY)
    assert new.multiple is None
    assert new.note is not None
    assert "many times" in new.note.en
