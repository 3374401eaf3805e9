"""A short run of the kills that ``make faults`` does 200 times."""

from datetime import date
from pathlib import Path

import pytest

from riskengine.sample.writer import write_sample
from tests.service.faults.harness import Outcome, Plan, disturb, table, told
from tests.service.servers import PostgreSQL


@pytest.fixture(scope="module")
def portfolio(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A book of some hundred rows."""
    folder = tmp_path_factory.mktemp("kills") / "portfolio"
    write_sample(folder, 200, 2026, date(2026, 11, 24))
    return folder


def check(name: str, found: Outcome, kills: int) -> None:
    """Nothing lost, doubled or changed; everything that was killed came back."""
    print(table(told({name: found})))
    assert found.wrong == []
    assert sum(found.kills.values()) == kills
    assert found.figures["acknowledged"] == found.figures["decisions"] > 0
    assert found.figures["jobs_done"] >= 2
    assert found.figures["tracebacks_in_log"] == 0


def test_kills_over_sqlite(portfolio: Path, tmp_path: Path) -> None:
    plan = Plan(4, 2, 0, clients=2, kinds=("check",), seed=1)
    check("sqlite", disturb(tmp_path, None, portfolio, plan), 6)


def test_kills_over_a_real_server(
    postgresql: PostgreSQL, portfolio: Path, tmp_path: Path
) -> None:  # fmt: skip
    plan = Plan(1, 1, 4, clients=2, kinds=("check",), seed=2)
    check("postgresql", disturb(tmp_path, postgresql, portfolio, plan), 6)
