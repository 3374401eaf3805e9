"""The README's section on the service, run from top to bottom against a real server."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SECTION = re.search(r"^## The scoring service\n(.*?)^## ", README, re.DOTALL | re.MULTILINE)
BLOCKS = re.findall(r"```(bash|python)\n(.*?)```", SECTION[1] if SECTION else "", re.DOTALL)
PATIENCE = 600.0
"""Longest wait for a service that may have to compile [s]."""
STRICT = 'set -euo pipefail\ncurl() { command curl --fail-with-body "$@"; }\n'


class Served:
    """``make serve``'s command, with what its terminal shows."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as one:
            one.bind(("127.0.0.1", 0))
            port = int(one.getsockname()[1])
        self.url, self.key, self.lines = f"http://127.0.0.1:{port}", "", [""]
        self.environment = {
            **os.environ, "RISKENGINE_PORT": str(port), "RISKENGINE_CACHE": "1",
            "RISKENGINE_DATA": str(folder / "data"), "PYTHONPATH": str(ROOT),
        }  # fmt: skip
        self.ready = threading.Event()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "service"], cwd=ROOT, env=self.environment,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8",
        )  # fmt: skip
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def stop(self) -> None:
        """Stop it in order."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(90)
        self.reader.join(30)
        assert self.process.stdout is not None
        self.process.stdout.close()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line)
            found = re.search(r"one day: (rk_\S+)", line)
            if found:
                self.key = found[1]
                self.ready.set()
        self.ready.set()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The service, started as the README says."""
    one = Served(tmp_path_factory.mktemp("served"))
    started = one.ready.wait(PATIENCE) and one.key
    if not started:
        one.stop()
        pytest.fail("".join(one.lines[-20:]))
    yield one
    one.stop()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a reader stands: with the checkout's Python and its data, and nothing of ours.

    The code is found where it lies: under another path its kernels would be compiled again.
    """
    place = tmp_path_factory.mktemp("reader")
    for name in (".venv", "models", "examples"):
        (place / name).symlink_to(ROOT / name)
    return place


def test_every_block_runs_in_its_order(served: Served, folder: Path) -> None:
    assert shutil.which("curl") and len(BLOCKS) >= 7
    environment, dump = dict(served.environment), folder / "environment.json"
    said = []
    keep = f'\n{sys.executable} -c \'import json, os; json.dump(dict(os.environ), open("{dump}", "w"))\''
    for kind, block in BLOCKS:
        text = block.replace("http://127.0.0.1:8000", served.url).replace("rk_...", served.key)
        command = (
            ["bash", "-c", STRICT + text + keep] if kind == "bash" else [sys.executable, "-c", text]
        )
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300,
            check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{block}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
        if kind == "bash":
            environment = json.loads(dump.read_text())
        said.append(done.stdout)
    told = "".join(said)
    assert '"same":true' in told and '"proven":true' in told
    assert json.loads((folder / "answer.json").read_text())["decision"] in {"accept", "refer"}
    assert "<html" in (folder / "letter.html").read_text(encoding="utf-8")
    assert "done [" in told and "results/land/part-" in told


def test_every_endpoint_shown_is_in_the_document() -> None:
    document = json.loads((ROOT / "service" / "openapi.json").read_text(encoding="utf-8"))
    templates = [
        re.compile(re.sub(r"{\w+}", r"[^/]+", path) + r"\Z") for path in document["paths"]
    ]  # fmt: skip
    shown = re.findall(r"\$URL(/[^\s\"'?]*)", README)
    assert len(shown) > 15
    assert [path for path in shown if not any(one.match(path) for one in templates)] == []
