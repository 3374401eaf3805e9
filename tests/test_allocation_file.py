"""A group of rights and loans from a file, on the command line as in Python."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from riskengine.allocation import METHODS, AllocationError
from riskengine.allocation_file import allocate_file, record
from riskengine.cli import app

EXAMPLE = Path("examples/allocation/two_banks.toml")


def test_the_example_by_legal_rank_worked_by_hand() -> None:
    found = allocate_file(EXAMPLE, "legal")
    # Bank A takes 250,000 of the land first, bank B the 50,000 left and all the timber; the
    # guarantee company's unregistered claim on the timber comes last, its house pays 90,000.
    assert [yuan for _, _, yuan in found.amounts] == [250_000.0, 50_000.0, 120_000.0, 0.0, 90_000.0]
    assert found.uncovered_yuan == {
        "bank A": 0.0, "bank B": 10_000.0, "guarantee company": 60_000.0,
    }  # fmt: skip


def test_the_command_says_what_python_says() -> None:
    told = CliRunner().invoke(app, ["allocate", str(EXAMPLE), "--json"])
    assert told.exit_code == 0, told.output
    wanted = {method: record(allocate_file(EXAMPLE, method)) for method in METHODS}
    assert json.loads(told.output) == json.loads(json.dumps(wanted))
    shown = CliRunner().invoke(app, ["allocate", str(EXAMPLE), "--language", "en"])
    assert "legal" in shown.output and "uncovered" in shown.output


@pytest.mark.parametrize(
    "content",
    ["", "values = 1", "[values]\na = 1.0", "\x00", "[values]\n[balances]\n[[claim]]\nwhose = 1"],
)
def test_what_is_no_group_is_refused_with_a_cure(tmp_path: Path, content: str) -> None:
    path = tmp_path / "group.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(AllocationError, match="examples/allocation"):
        allocate_file(path, "legal")
    with pytest.raises(AllocationError):
        allocate_file(tmp_path / "none.toml", "legal")
