"""Settings and files that cannot be used: told with their cure, never shown, and never ignored."""

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from service.auth.caller import Role
from service.jobs.queue import FILE
from service.serving.needs import unusable
from service.serving.probe import ask
from service.serving.serve import missing
from service.settings import Settings
from service.sources import OTHERS, UNUSABLE, SettingsRefused, check_sources, faults_of
from service.store.database import EMBEDDED

ROOT = Path(__file__).parents[3]
KNOWN = tuple(Settings.model_fields)
APART = ("unshare", "--user", "--map-user=1000")
"""Takes from root what it may do to every file."""


def command(
    folder: Path, *words: str, before: tuple[str, ...] = (), **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run a command of the service with its data in a folder."""
    names = {f"RISKENGINE_{name.upper()}": value for name, value in variables.items()}
    return subprocess.run(
        [*before, sys.executable, "-m", "service", *words], cwd=ROOT, capture_output=True, text=True,
        check=False, timeout=60, encoding="utf-8",
        env={**os.environ, "RISKENGINE_DATA": str(folder), "PYTHONDONTWRITEBYTECODE": "1", **names},
    )  # fmt: skip


def said(fault: SettingsRefused | ValidationError) -> list[str]:
    """What people are told, in one line for each fault."""
    faults = faults_of(fault) if isinstance(fault, ValidationError) else fault.faults
    return [f"{wrong.zh} {cure.zh} {wrong.en} {cure.en}" for wrong, cure in faults]


@pytest.mark.parametrize("words", [(), ("worker",), ("keys", "list"), ("verify",), ("openapi",)])
def test_a_wrong_secret_is_told_by_every_command_and_not_shown(
    words: tuple[str, ...], tmp_path: Path
) -> None:
    done = command(tmp_path, *words, secret="shortsecret123", port="99999")
    assert done.returncode == UNUSABLE
    for text in ("RISKENGINE_SECRET 至少 32 个字符", "RISKENGINE_SECRET must have at least 32",
                 "RISKENGINE_PORT 不得大于 65535", "RISKENGINE_PORT must not be above 65535"):  # fmt: skip
        assert text in done.stderr
    assert "shortsecret123" not in done.stderr + done.stdout
    assert "Traceback" not in done.stderr


def test_no_text_of_the_error_shows_a_value() -> None:
    with pytest.raises(ValidationError) as caught:
        Settings(secret="shortsecret123", database_url="mysql://me:hidden@host/x", host="h")
    shown = str(caught.value) + repr(caught.value) + "".join(said(caught.value))
    assert "shortsecret123" not in shown
    assert "hidden" not in shown


def test_a_name_that_nobody_reads_stops_every_command(tmp_path: Path) -> None:
    done = command(tmp_path, "keys", "list", datbase_url="postgresql+psycopg://db/x")
    assert done.returncode == UNUSABLE
    assert "没有名为 RISKENGINE_DATBASE_URL 的设置" in done.stderr
    assert "perhaps RISKENGINE_DATABASE_URL?" in done.stderr
    assert not (tmp_path / EMBEDDED).exists()


def test_names_are_known_whatever_their_case_and_the_engines_own_too() -> None:
    check_sources(KNOWN, dict.fromkeys(OTHERS - {"RISKENGINE_SECRETS_DIR"}, "1"))
    check_sources(KNOWN, {"riskengine_Port": "1", "OTHER": "1", "PATH": ""})
    with pytest.raises(SettingsRefused) as caught:
        check_sources(KNOWN, {"RISKENGINE_QQQQ": "1", "riskengine_prot": "1"})
    first, second = said(caught.value)
    assert "RISKENGINE_QQQQ" in first
    assert "README.md" in first
    assert "riskengine_prot" in second
    assert "RISKENGINE_PORT" in second


def test_every_variable_of_this_repository_is_known() -> None:
    known = {f"RISKENGINE_{name.upper()}" for name in KNOWN} | OTHERS
    asked = (
        ROOT / "Makefile",
        *(ROOT / "riskengine").rglob("*.py"),
        *(ROOT / "models").rglob("*.py"),
    )
    for path in asked:
        for word in path.read_text(encoding="utf-8").replace('"', " ").replace("=", " ").split():
            if word.startswith("RISKENGINE_"):
                assert word in known, (path, word)


def test_the_folder_of_secrets_must_be_there_and_its_names_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RISKENGINE_SECRETS_DIR", str(tmp_path / "nope"))
    with pytest.raises(SettingsRefused) as caught:
        Settings()
    assert "nope" in said(caught.value)[0]
    assert "RISKENGINE_SECRETS_DIR" in said(caught.value)[0]
    (tmp_path / "database_password").write_text("of the database's own container")
    monkeypatch.setenv("RISKENGINE_SECRETS_DIR", str(tmp_path))
    assert Settings().secret is None
    (tmp_path / "riskengine_secert").write_text("f" * 40)
    with pytest.raises(SettingsRefused) as caught:
        Settings()
    assert "RISKENGINE_SECRET" in said(caught.value)[0]
    assert "ffff" not in said(caught.value)[0]


def test_lists_are_separated_by_commas_or_in_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RISKENGINE_HOSTS", "a.b, c.d")
    monkeypatch.setenv("RISKENGINE_CORS_ORIGINS", '["https://a.b"]')
    monkeypatch.setenv("RISKENGINE_JWT_ALGORITHMS", "RS256,ES256")
    monkeypatch.setenv("RISKENGINE_JWT_ROLES", "risk,auditor")
    monkeypatch.setenv("RISKENGINE_PRICE_MODELS", "one,two/three")
    found = Settings()
    assert found.hosts == ("a.b", "c.d")
    assert found.cors_origins == ("https://a.b",)
    assert found.jwt_algorithms == ("RS256", "ES256")
    assert found.jwt_roles == {Role.RISK, Role.AUDITOR}
    assert found.price_models == (Path("one"), Path("two/three"))
    assert ask("/ready", 1, 0.1) == 0  # nobody is there, but the hosts are understood
    monkeypatch.setenv("RISKENGINE_HOSTS", "")
    assert Settings().hosts == ()
    monkeypatch.setenv("RISKENGINE_HOSTS", '["a.b"')
    monkeypatch.setenv("RISKENGINE_JWT_ALGORITHMS", "HS256")
    with pytest.raises(ValidationError) as caught:
        Settings()
    first, second = sorted(said(caught.value))
    assert "RISKENGINE_HOSTS is no list in JSON" in first
    assert "RISKENGINE_JWT_ALGORITHMS must be one of 'RS256'" in second


@pytest.mark.parametrize(
    "address",
    ["notaurl", "", "mysql://u:p@h/x", "postgresql+psycopg2://u:p@h/x", "sqlite://", "postgresql://h:p/x",
     "sqlite:///:memory:", "postgres://h/x"],
)  # fmt: skip
def test_a_database_that_cannot_be_opened_here_is_refused(address: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Settings(database_url=address)
    (told,) = said(caught.value)
    assert "RISKENGINE_DATABASE_URL" in told
    assert "postgresql+psycopg://" in told


def test_postgresql_is_asked_by_the_driver_that_is_here() -> None:
    for given in ("postgresql://u:p%40s@h:5433/x", "postgresql+psycopg://u:p%40s@h:5433/x"):
        url = Settings(database_url=given).database_url
        assert url is not None
        assert url.get_secret_value() == "postgresql+psycopg://u:p%40s@h:5433/x"


def test_a_queue_needs_an_address_of_redis_and_its_client(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ValidationError) as caught:
        Settings(queue_url="http://foo")
    assert "redis://" in said(caught.value)[0]
    monkeypatch.setattr("service.serving.needs.find_spec", lambda _: None)
    chosen = Settings(queue_url="redis://foo:6379/0", data=tmp_path)
    assert any("pip install redis" in cure.en for _, cure in missing(chosen))
    monkeypatch.setattr("service.serving.needs.find_spec", lambda _: object())
    assert missing(chosen) == []


@pytest.mark.parametrize("name", ["secret", EMBEDDED, f"{EMBEDDED}-wal", FILE])
def test_a_file_that_cannot_be_used_is_named(name: str, tmp_path: Path) -> None:
    assert unusable(Settings(data=tmp_path)) == []
    (tmp_path / name).mkdir()
    ((wrong, cure),) = missing(Settings(data=tmp_path))
    assert str(tmp_path / name) in wrong.zh
    assert str(tmp_path / name) in wrong.en
    assert "chown" in cure.en


def test_data_that_this_user_may_not_read_are_refused_by_name(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("s" * 64)
    secret.chmod(0o000)
    before = () if os.geteuid() else APART
    if before and shutil.which(before[0]) is None:
        pytest.skip("root reads every file")
    for words in ((), ("worker",), ("keys", "list")):
        done = command(tmp_path, *words, before=before)
        assert done.returncode == UNUSABLE, done.stderr
        assert str(secret) in done.stderr
        assert "Traceback" not in done.stderr


def test_what_is_made_is_the_users_alone(tmp_path: Path) -> None:
    before = os.umask(0o022)  # as most systems have it
    try:
        done = command(tmp_path / "data", "tenants", "make", "bank", "A bank")
    finally:
        os.umask(before)
    assert done.returncode == 0, done.stderr
    made = [tmp_path / "data", *(tmp_path / "data").rglob("*")]
    assert {"secret", EMBEDDED} <= {path.name for path in made}
    for path in made:
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
