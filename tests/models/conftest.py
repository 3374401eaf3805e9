"""Tests of models run on one thread: two of OpenMP on a loaded machine wait for each other."""

from collections.abc import Iterator

import pytest
import sklearn.ensemble  # noqa: F401  loads OpenMP, which is then limited too
from threadpoolctl import threadpool_limits


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    with threadpool_limits(1):
        yield
