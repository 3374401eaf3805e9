"""What all tests share: the profile of hypothesis and the folder of real data."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

from tests.house.leaks import pytest_runtest_makereport  # noqa: F401 - a hook for every test

ROOT = Path(__file__).parents[1]

settings.register_profile("house", deadline=None, derandomize="CI" in os.environ)
# Not compiled, examples show which lines are reached; that they hold is shown compiled.
settings.register_profile("lines", deadline=None, derandomize=True, max_examples=15)
settings.load_profile("lines" if os.environ.get("NUMBA_DISABLE_JIT") == "1" else "house")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real data that lies beside the repository, not in it."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("no real data beside the repository (../shared/data)")
    return folder
