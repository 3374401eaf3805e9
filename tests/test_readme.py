"""The README: its Python runs, its commands exist, its tables are what the code says."""

import re
import shlex
from pathlib import Path

from typer.main import get_command

from models.cli import app as models_app
from riskengine.cli import app
from riskengine.methods import APPROACHES
from service.auth.caller import SCOPES, Scope
from service.contract.tables import renewed, roles_table, told
from service.protections import Protections
from service.settings import Settings

README = Path("README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


def test_python_runs(capsys) -> None:
    example = blocks("python")[0]
    exec(compile(example, "README.md", "exec"), {})
    assert float(capsys.readouterr().out) > 0.0


def test_every_command_shown_exists_with_its_options() -> None:
    commands = get_command(app).commands
    shown = README.replace("\\\n", " ")
    used = re.findall(r"^\.venv/bin/python -m riskengine ([^\n]*)", shown, flags=re.MULTILINE)
    assert {line.split()[0] for line in used} >= {
        "value", "template", "sample", "check", "revalue", "explain", "ratio-study",
    }  # fmt: skip
    for line in used:
        words = shlex.split(line.split("#")[0])
        command = commands[words[0]]
        if hasattr(command, "commands"):
            command = command.commands[words[1]]
        options = {name for p in command.params for name in p.opts}
        assert {word for word in words if word.startswith("--")} <= options, line


def test_every_command_on_models_exists_with_its_options() -> None:
    commands = get_command(models_app).commands
    shown = README.replace("\\\n", " ")
    used = re.findall(r"^\.venv/bin/python -m models ([^\n]*)", shown, flags=re.MULTILINE)
    assert {line.split()[0] for line in used} >= {
        "train", "evaluate", "compare", "promote", "card", "drift",
    }  # fmt: skip
    for line in used:
        words = shlex.split(line.split("#")[0])
        options = {name for p in commands[words[0]].params for name in p.opts}
        assert {word for word in words if word.startswith("--")} <= options, line


def test_make_targets_shown_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", Path("Makefile").read_text(), flags=re.MULTILINE))
    assert set(re.findall(r"^make (\w+)", README, flags=re.MULTILINE)) <= targets


def test_every_table_is_in_the_map_of_what_is_valued() -> None:
    for table in APPROACHES:
        assert f"| `{table}` |" in README


def test_its_tables_are_those_of_the_service() -> None:
    """Renew them by: python -m service tables."""
    assert renewed(README) == README


def test_every_setting_is_told_once() -> None:
    for one in (Settings, Protections):
        own = set(one.model_fields) - (set(Protections.model_fields) if one is Settings else set())
        names = [name for group in told(one) for name in group]
        assert sorted(names) == sorted(own)


def test_the_table_of_roles_says_who_may_what() -> None:
    head, _, *rows = roles_table().splitlines()
    roles = [cell.strip() for cell in head.split("|")[2:-1]]
    for scope, row in zip(Scope, rows, strict=True):
        said = [cell.strip() == "yes" for cell in row.split("|")[2:-1]]
        assert said == [scope in SCOPES[role] for role in SCOPES] and roles == list(SCOPES)
