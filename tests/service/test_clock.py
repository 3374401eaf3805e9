"""Days are those of China, moments those of UTC."""

from datetime import UTC, date, datetime

import pytest

from service.clock import day_of


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2027, 2, 28, 15, 59, 59, tzinfo=UTC), date(2027, 2, 28)),
        (datetime(2027, 2, 28, 16, 0, 0, tzinfo=UTC), date(2027, 3, 1)),
        (datetime(2027, 3, 1, 1, 30, tzinfo=UTC), date(2027, 3, 1)),
    ],
)  # fmt: skip
def test_the_day_is_that_of_the_county(moment: datetime, day: date) -> None:
    assert day_of(moment) == day
