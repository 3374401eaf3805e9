"""The command line: exit codes, JSON, the same numbers as in process."""

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from riskengine import cli
from riskengine.book.checking import check_whole
from riskengine.market import demonstration
from riskengine.rights import RIGHTS
from riskengine.sample.writer import write_sample
from riskengine.single import value_one

DAY = "2026-11-24"
ROOT = Path(__file__).parents[1]


def run(*words: str, code: int = 0) -> str:
    environment = {
        k: v for k, v in os.environ.items() if k not in ("NUMBA_OPT", "NUMBA_DISABLE_JIT")
    }
    command = [sys.executable, "-m", "riskengine", *words]
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=ROOT, env=environment, check=False
    )
    assert done.returncode == code, done.stderr
    return done.stdout if code == 0 else done.stdout + done.stderr


@pytest.mark.parametrize("table", list(RIGHTS))
def test_value_of_the_example_is_the_same_to_the_last_bit(table: str) -> None:
    tree = json.loads(run("value", "--table", table, "--valued-on", DAY, "--json"))
    valuation = value_one(table, [], date.fromisoformat(DAY), demonstration(), {})
    assert tree["value"] == valuation.reconciled[0, 0]
    assert tree["value"] > 0.0


def test_the_whole_path_in_both_languages(tmp_path: Path) -> None:
    run("sample", str(tmp_path / "book"), "--rows", "300", "--valued-on", DAY)
    told = json.loads(
        run(
            "revalue",
            str(tmp_path / "book"),
            str(tmp_path / "out"),
            "--valued-on",
            DAY,
            "--jobs",
            "1",
            "--json",
        )
    )
    assert told["rows_in"] == told["rows_valued"] + told["rows_rejected"] == 300
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "农村权利组合重估报告" in page
    assert "Revaluation" in page
    for language, word in (("zh", "市场价值"), ("en", "market value")):
        tree = run(
            "explain",
            "SAMPLE-LAND-000000001",
            str(tmp_path / "book"),
            "--language",
            language,
            "--valued-on",
            DAY,
        )
        assert word in tree
    assert "0 行有问题" in run("check", str(tmp_path / "book"), "--valued-on", DAY)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("value", "area_mu=lots", "--valued-on", DAY), "not a number"),
        (("value", "castle=1", "--valued-on", DAY), "castle"),
        (("value", "--table", "castle", "--valued-on", DAY), "castle"),
        (("revalue", "nowhere", "out", "--valued-on", DAY), "does not exist"),
        (("value", "--valued-on", "soon"), "YYYY-MM-DD"),
        (("value", "--price-model", "nowhere", "--valued-on", DAY), "release"),
        (("value", "--market", "nowhere", "--valued-on", DAY), "snapshot"),
    ],
)
def test_what_cannot_be_done_is_told_with_exit_code_2(words: tuple[str, ...], told: str) -> None:
    said = run(*words, code=2)
    assert told in said
    assert "Traceback" not in said


def test_explain_tells_of_an_unknown_identifier(tmp_path: Path) -> None:
    write_sample(tmp_path, 100, 1, date.fromisoformat(DAY))
    assert "found 0 times" in run("explain", "nobody", str(tmp_path), "--valued-on", DAY, code=2)


def test_check_exits_1_and_lists_faults(tmp_path: Path) -> None:
    (tmp_path / "land.csv").write_text(
        "right_id,kind,region_code,area_mu,land_use\nR-1,household,370983,-1,dry\n"
    )
    assert "outside the range" in run("check", str(tmp_path), "--valued-on", DAY, code=1)


def test_templates_pass_their_own_check(tmp_path: Path) -> None:
    run("template", str(tmp_path))
    for table in RIGHTS:
        assert (tmp_path / f"{table}.schema.json").exists()
        assert f"`{table}`" in (tmp_path / f"{table}.md").read_text(encoding="utf-8")
        found = check_whole(tmp_path / f"{table}.csv", date.fromisoformat(DAY))
        assert found["rows_in"] > 0
        assert found["rows_rejected"] == 0
    run("check", str(tmp_path / "templates.xlsx"), "--valued-on", DAY)


@pytest.mark.parametrize("plain", ["1", "0"])
def test_what_plain_python_cannot_do_is_done_once_more_compiled(
    monkeypatch: pytest.MonkeyPatch, plain: str
) -> None:
    def fails() -> None:
        raise OverflowError

    started: list[dict[str, str]] = []
    monkeypatch.setenv("NUMBA_DISABLE_JIT", plain)
    monkeypatch.setattr(cli, "app", fails)
    monkeypatch.setattr(cli.os, "execve", lambda _path, _words, env: started.append(env))
    if plain == "0":
        with pytest.raises(OverflowError):
            cli.main()
        assert not started
    else:
        cli.main()
        assert started[0]["NUMBA_DISABLE_JIT"] == "0"
