"""A sample portfolio and its rows, made once."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from riskengine.exchange.guarantee_rows import guarantee_rows
from riskengine.exchange.kinds import Asked
from riskengine.exchange.pledge_rows import pledge_rows
from riskengine.law import law_for
from riskengine.market.loader import demonstration
from riskengine.sample.writer import write_sample

DAY = date(2026, 11, 24)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("exchange") / "portfolio"
    write_sample(place, 400, 1, DAY)
    return place


@pytest.fixture(scope="session")
def asked() -> Asked:
    return Asked(DAY, demonstration(), law_for(None), {})


@pytest.fixture(scope="session")
def pledged(folder: Path, asked: Asked) -> list[dict[str, Any]]:
    return pledge_rows(folder, DAY, market=asked.market, law=asked.law, learned={})


@pytest.fixture(scope="session")
def guaranteed(folder: Path, asked: Asked) -> list[dict[str, Any]]:
    return guarantee_rows(folder, DAY, asked.law("").at(DAY))
