"""Dockerfile and compose file say what is true: every path, command, name and port is checked."""

import json
import os
import re
import shlex
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from dockerfile_parse import DockerfileParser
from typer.main import get_command

from service.__main__ import app
from service.routes import health
from service.settings import Settings
from service.sources import OTHERS
from tests.service.operation.pins import HEAD, ROOT, blocks, needed, wanted

MODULES = {
    "service": ROOT / "service/__main__.py",
    "service.serving.probe": ROOT / "service/serving/probe.py",
}
POSTGRES = "999"
"""User of the database in its image; its entry point reads as root, which passes by owners."""
TAG = re.compile(r"^[a-z/]+:\d+\.\d+[\w.-]*$")


@pytest.fixture(scope="module")
def steps() -> list[dict[str, Any]]:
    """Instructions of the Dockerfile."""
    return DockerfileParser(str(ROOT)).structure


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    """The compose file."""
    return yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))


def values(steps: list[dict[str, Any]], instruction: str) -> list[str]:
    """What an instruction is given, each time."""
    return [one["value"] for one in steps if one["instruction"] == instruction]


def final(steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Instructions of the last stage."""
    last = max(k for k, one in enumerate(steps) if one["instruction"] == "FROM")
    return steps[last:]


def environment(steps: list[dict[str, Any]]) -> dict[str, str]:
    """Variables that a stage sets."""
    pairs = [word.partition("=") for value in values(steps, "ENV") for word in shlex.split(value)]
    return {name: value for name, _, value in pairs}


def commands() -> set[str]:
    """Commands of ``python -m service``."""
    return set(get_command(app).commands)  # type: ignore[attr-defined]


def check_command(words: list[str]) -> None:
    """See that a command exists."""
    assert words[:2] == ["python", "-m"]
    assert words[2] in MODULES
    assert MODULES[words[2]].is_file()
    if words[2] == "service":
        assert words[3] in commands()
    else:
        assert words[3] in {route.path for route in health.router.routes}


def check_variables(names: set[str]) -> None:
    """See that every variable of ours is a setting."""
    fields = {f"RISKENGINE_{name.upper()}" for name in Settings.model_fields}
    fields |= OTHERS
    assert {name for name in names if name.startswith("RISKENGINE_")} <= fields


def test_images_are_pinned(steps: list[dict[str, Any]], compose: dict[str, Any]) -> None:
    images = [value.split()[0] for value in values(steps, "FROM")]
    assert len(images) == 2
    assert len(set(images)) == 1
    named = [one["image"] for one in compose["services"].values() if "build" not in one]
    for image in [*images, *named]:
        assert TAG.fullmatch(image), image


def test_what_is_copied_is_there_and_not_ignored(steps: list[dict[str, Any]]) -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    assert ignored[0] == "*"
    copied = [v.split()[:-1] for v in values(steps, "COPY") if "--from" not in v]
    for path in (path for paths in copied for path in paths):
        assert (ROOT / path).exists(), path
        assert f"!{path}" in ignored
    assert {f"!{path}" for paths in copied for path in paths} == {
        line for line in ignored if line.startswith("!")
    }


def test_packages_are_pinned_by_hash(steps: list[dict[str, Any]]) -> None:
    installed = [value for value in values(steps, "RUN") if "pip install" in value]
    assert all("--require-hashes" in value or "--no-deps" in value for value in installed)
    assert any("--require-hashes -r constraints-service.txt" in value for value in installed)
    found = blocks((ROOT / "constraints-service.txt").read_text(encoding="utf-8"))
    assert needed() - {"riskengine"} <= set(found)
    assert (ROOT / "constraints-service.txt").read_text(encoding="utf-8") == wanted()
    assert wanted().startswith(HEAD)
    assert all("--hash=sha256:" in block for block in found.values())
    assert not {"pytest", "scikit-learn", "schemathesis"} & set(found)


def test_the_image_runs_as_nobody_and_holds_no_secret(steps: list[dict[str, Any]]) -> None:
    last = final(steps)
    assert values(last, "USER") == ["10001"]
    assert "--uid 10001" in values(last, "RUN")[0]
    assert "libgomp1" in values(last, "RUN")[0]  # parallel kernels need it
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert not re.search(r"(?i)(password|token|secret)\s*=", text)
    names = {name for name in environment(steps) if re.search("SECRET|PASSWORD|DATABASE_URL", name)}
    assert not names
    check_variables(set(environment(steps)))


def test_kernels_are_compiled_where_they_are_looked_for(steps: list[dict[str, Any]]) -> None:
    building, running = (
        environment(steps[: steps.index(final(steps)[0])]),
        environment(final(steps)),
    )
    for name in ("RISKENGINE_CACHE", "NUMBA_CACHE_DIR"):
        assert building[name] == running[name]
    check_command(
        values(steps, "RUN")[[*values(steps, "RUN")].index("python -m service warm")].split()
    )
    copied = [value for value in values(final(steps), "COPY") if "/opt/numba" in value]
    assert len(copied) == 1
    assert len(set(values(steps, "WORKDIR"))) == 1  # the cache knows sources by their path


def test_the_image_says_how_it_is_run(steps: list[dict[str, Any]]) -> None:
    last = final(steps)
    check_command(json.loads(values(last, "CMD")[0]))
    health_check = values(last, "HEALTHCHECK")[0]
    check_command(json.loads(health_check[health_check.index("[") :]))
    assert values(last, "EXPOSE") == [environment(last)["RISKENGINE_PORT"]]
    assert values(last, "STOPSIGNAL") == ["SIGTERM"]


def test_every_service_is_bounded_and_read_only(compose: dict[str, Any]) -> None:
    assert set(compose["services"]) == {"service", "worker", "postgres"}
    for one in compose["services"].values():
        assert one["read_only"] is True
        assert "/tmp" in one["tmpfs"]
        assert one["cap_drop"] == ["ALL"]
        assert set(one["deploy"]["resources"]["limits"]) == {"cpus", "memory"}
        check_variables(set(one["environment"]))
        assert not any("SECRET" in str(value) for value in one["environment"].values())


def test_secrets_are_files_and_each_is_a_setting(compose: dict[str, Any]) -> None:
    for name, secret in compose["secrets"].items():
        assert set(secret) == {"file"}
        assert secret["file"] == f"secrets/{name}"
        assert not (ROOT / secret["file"]).exists()
    ours = set(compose["services"]["service"]["secrets"])
    assert ours == {"riskengine_secret", "riskengine_database_url"}
    check_variables({name.upper() for name in ours})
    postgres = compose["services"]["postgres"]
    assert postgres["environment"]["POSTGRES_PASSWORD_FILE"] == "/run/secrets/database_password"
    assert postgres["secrets"] == ["database_password"]


def test_the_head_of_the_compose_file_makes_secrets_that_containers_can_read(
    steps: list[dict[str, Any]], compose: dict[str, Any], tmp_path: Path
) -> None:
    head = (ROOT / "compose.yaml").read_text(encoding="utf-8").split("\nname:")[0].splitlines()
    lines = [line.removeprefix("#   ") for line in head if line.startswith("#   ")]
    lines = [line for line in lines if not line.startswith("docker ")]
    owners = tmp_path / "owners"
    script = 'sudo() { echo "$3 $9" >> "$OWNERS"; shift 5; install "$@"; }\n' + "\n".join(lines)
    subprocess.run(
        ["sh", "-euc", script], cwd=tmp_path, check=True, timeout=60,
        env={**os.environ, "OWNERS": str(owners)},
    )  # fmt: skip
    given = dict(reversed(line.split()) for line in owners.read_text().splitlines())
    user = values(final(steps), "USER")[0]
    wanted = dict.fromkeys(compose["services"]["service"]["secrets"], user)
    wanted["database_password"] = POSTGRES
    assert given == {f"secrets/{name}": owner for name, owner in wanted.items()}
    assert set(wanted) == set(compose["secrets"])
    made = {path.name: path for path in (tmp_path / "secrets").iterdir()}
    assert {stat.S_IMODE(path.stat().st_mode) for path in made.values()} == {0o400}
    password = made["database_password"].read_text()
    assert len(password) >= 32
    url, secret = (made[f"riskengine_{k}"].read_text() for k in ("database_url", "secret"))
    chosen = Settings(database_url=url, secret=secret)
    assert chosen.database_url is not None
    assert f":{password}@postgres:5432/" in chosen.database_url.get_secret_value()


def test_services_wait_for_a_healthy_database(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert services["service"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    assert services["worker"]["depends_on"] == {"service": {"condition": "service_healthy"}}
    for name in ("service", "postgres"):
        assert services[name]["healthcheck"]["test"][0] == "CMD"
    check_command(services["service"]["healthcheck"]["test"][1:])
    check_command(services["worker"]["command"])
    assert services["postgres"]["healthcheck"]["test"][1] == "pg_isready"


def test_ports_and_volumes_match(steps: list[dict[str, Any]], compose: dict[str, Any]) -> None:
    service = compose["services"]["service"]
    host, _, inside = service["ports"][0].rpartition(":")
    assert inside == values(final(steps), "EXPOSE")[0]
    assert host.startswith("127.0.0.1:")
    mounted = [v for one in compose["services"].values() for v in one["volumes"]]
    assert {v.split(":")[0] for v in mounted} == set(compose["volumes"])
    inside_ = {v.split(":")[1] for v in service["volumes"]}
    running = environment(final(steps))
    assert {running["RISKENGINE_DATA"], running["NUMBA_CACHE_DIR"]} <= inside_
    assert f"{values(steps, 'WORKDIR')[-1]}/{Settings.model_fields['registry'].default}" in inside_


def test_there_is_time_to_stop(compose: dict[str, Any]) -> None:
    fields = Settings.model_fields
    needs = fields["drain_seconds"].default + fields["stop_seconds"].default + 5.0
    service = compose["services"]["service"]
    assert (
        float(service["environment"]["RISKENGINE_STOP_SECONDS"]) == fields["stop_seconds"].default
    )
    assert float(service["stop_grace_period"].removesuffix("s")) > needs


def test_secret_files_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "riskengine_secret").write_text("f" * 40)
    monkeypatch.setenv("RISKENGINE_SECRETS_DIR", str(tmp_path))
    secret = Settings().secret
    assert secret is not None
    assert secret.get_secret_value() == "f" * 40
    assert "ffff" not in repr(Settings())
