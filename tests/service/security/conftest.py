"""One service for all tests of security: opened once a module."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.service.security.house import House, opened


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Two institutions, every role."""
    folder: Path = tmp_path_factory.mktemp("house")
    with opened(folder) as one:
        yield one
