"""The watch over all log lines sees a leak."""

from pathlib import Path

import pytest

from tests.house.leaks import PLANTED, leaks_in, leaks_under

pytest_plugins = ["pytester"]
KEY = "rk_" + "0" * 16 + "_" + "A" * 43
LEAKY = """
import logging, os, subprocess, sys
def test_log(): logging.getLogger("a").warning("for %s", "{value}")
def test_print(): print("{key}")
def test_server(): subprocess.run([sys.executable, "-c", "print('{value}')"], check=True)
def test_file(tmp_path): (tmp_path / "server.log").write_text("x {value} y")
def test_clean(): print("nothing")
def test_shown(): print("演示密钥 {key}")
"""


def test_what_leaks() -> None:
    assert list(leaks_in(f"a {PLANTED[0]} b"))
    assert list(leaks_in(PLANTED[1].lower()))
    assert list(leaks_in(f"key {KEY}"))
    assert not list(leaks_in("rk_0000[key] and [id]"))
    assert not list(leaks_in(f"curl -H 'X-API-Key: {KEY}'"))


def test_outputs_in_files(tmp_path: Path) -> None:
    inside = tmp_path / "deep"
    inside.mkdir()
    path = inside / "worker.err"
    path.write_text("nothing")
    assert not leaks_under(tmp_path)
    path.write_bytes(b"\xff" + PLANTED[0].encode())
    assert leaks_under(tmp_path)
    path.unlink()


def test_a_test_that_leaks_fails(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytester.makeconftest("from tests.house.leaks import pytest_runtest_makereport")
    folder = pytester.mkdir("tests") / "service"
    folder.mkdir()
    (folder / "test_leaky.py").write_text(LEAKY.format(value=PLANTED[0], key=KEY), encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[3]))
    result = pytester.runpytest_subprocess(
        "-q", "-p", "no:cacheprovider", "tests/service/test_leaky.py"
    )
    told = "\n".join(result.outlines)
    for name in ("test_log", "test_print", "test_server"):
        assert f"FAILED tests/service/test_leaky.py::{name}" in told, told
    assert "ERROR tests/service/test_leaky.py::test_file" in told
    assert "test_clean" not in told
    assert "test_shown" not in told
    assert PLANTED[0] not in told
