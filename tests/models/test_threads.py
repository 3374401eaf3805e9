"""A fit runs on one thread, whatever the machine allows, and gives the others back."""

import pytest
import sklearn.ensemble  # noqa: F401  loads OpenMP beside BLAS
from threadpoolctl import threadpool_info, threadpool_limits

from models.threads import on_one_thread


def threads() -> dict[str, int]:
    return {one["filepath"]: one["num_threads"] for one in threadpool_info()}


@on_one_thread
def refused() -> None:
    raise ValueError(sorted(set(threads().values())))


def test_a_fit_runs_on_one_thread() -> None:
    with threadpool_limits(2):
        before = threads()
        assert len(before) > 1
        assert set(on_one_thread(threads)().values()) == {1}
        assert set(on_one_thread(on_one_thread(threads))().values()) == {1}
        with pytest.raises(ValueError, match=r"^\[1\]$"):
            refused()
        assert threads() == before
