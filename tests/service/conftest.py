"""What tests of the service share: a real PostgreSQL, and fresh databases of both kinds."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from service.settings import Settings
from service.store.database import open_database
from service.store.migrate import migrate
from tests.service.servers import PostgreSQL, binaries


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """One server a session; it is stopped at the end."""
    programs = binaries()
    if programs is None:
        pytest.skip("no PostgreSQL: neither the package pgserver nor initdb on the PATH")
    folder = Path(tempfile.mkdtemp(prefix="pg"))  # short: a socket's path has a limit
    try:
        try:
            server = PostgreSQL(programs, folder)
        except (RuntimeError, OSError) as fault:
            pytest.skip(f"PostgreSQL does not start here: {fault}")
        yield server
        server.stop("immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Settings with an empty database of each kind."""
    url = None
    if request.param == "postgresql":
        url = request.getfixturevalue("postgresql").fresh()
    return Settings(data=tmp_path / "data", database_url=url, secret="s" * 32)


@pytest.fixture
def engine(database_settings: Settings) -> Iterator[Engine]:
    """A database of each kind with the newest layout."""
    opened = open_database(database_settings)
    migrate(opened)
    yield opened
    opened.dispose()
