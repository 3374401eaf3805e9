"""The embedded service's own secret: one for all processes, whole or refused."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from riskengine.errors import RiskEngineError
from service.auth.sealing import secrets_of
from service.settings import Settings


def test_processes_that_start_together_share_one_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, seen = Settings(data=tmp_path), []
    opened = os.open

    def slow(path: str, *more: int) -> int:
        """While one process makes the secret, another looks for it."""
        handle = opened(path, *more)
        if not seen:
            seen.append(path)
            seen.append(secrets_of(settings))
        return handle

    monkeypatch.setattr("service.auth.sealing.os.open", slow)
    first = secrets_of(settings)
    assert first == seen[1] == secrets_of(settings)
    assert [one.name for one in tmp_path.iterdir()] == ["secret"]
    assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600


def test_many_at_once(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(secrets_of, [Settings(data=tmp_path)] * 32))
    assert all(one == found[0] for one in found)


@pytest.mark.parametrize("left", [b"", b"0" * 31])
def test_a_secret_that_was_cut_off_is_refused(tmp_path: Path, left: bytes) -> None:
    (tmp_path / "secret").write_bytes(left)
    with pytest.raises(RiskEngineError, match="secret"):
        secrets_of(Settings(data=tmp_path))
