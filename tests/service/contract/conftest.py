"""One service for all tests of the contract: two institutions, a key of every role."""

from collections.abc import Iterator

import pytest

from tests.service.security.house import House, opened


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A service with a registry of its own, and folders for books."""
    folder = tmp_path_factory.mktemp("contract")
    (folder / "portfolios").mkdir()
    with opened(folder, portfolios=folder / "portfolios") as one:
        yield one
