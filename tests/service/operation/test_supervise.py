"""The parent of the processes, with small children that behave badly on purpose."""

import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from service.serving import supervise
from service.serving.supervise import Child, Supervisor
from service.serving.worker import _beat_on
from service.sources import UNUSABLE

ROOT = Path(__file__).parents[3]
GOOD = """
import os, signal, sys, time
from service.serving.supervise import beat
pulse = int(sys.argv[1]); going = True
def stop(*_):
    global going
    going = False
signal.signal(signal.SIGTERM, stop)
open(sys.argv[2], "a").write(f"{os.getpid()}\\n")
beat(pulse, True)
while going and beat(pulse):
    time.sleep(0.05)
"""
SLOW = GOOD.replace(
    "beat(pulse, True)",
    """
open(sys.argv[2] + ".alone", "a").write(sys.argv[3])
time.sleep(0.7)
beat(pulse, True)""",
)
"""Says that it is ready a while after it began, and notes whether it is alone."""
SILENT = GOOD.replace("and beat(pulse)", "")
USELESS = "import sys; sys.exit(78)"
CRASHING = "import sys; sys.exit(3)"


def child(name: str, script: str, note: Path) -> Child:
    """A child that runs a script and notes its process."""
    return Child(name, ("-c", script, "{pulse}", str(note)))


class Run:
    """A supervisor in this process, told to stop from a thread."""

    def __init__(self, children: list[Child], **more: Any) -> None:
        self.events: list[tuple[str, dict[str, Any]]] = []
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        self.supervisor = Supervisor(
            children, environment, 5.0, lambda event, details: self.events.append((event, details)),
            lambda: None, **more,
        )  # fmt: skip

    def until(self, *steps: Callable[[], bool]) -> int:
        """Run; wait for each step in turn, then stop."""

        def wait() -> None:
            until = time.monotonic() + 20
            for step in steps:
                while not step() and time.monotonic() < until:
                    time.sleep(0.02)
            self.supervisor._stop = True

        watcher = threading.Thread(target=wait)
        watcher.start()
        code = self.supervisor.run()
        watcher.join()
        return code

    def count(self, event: str) -> int:
        """How often something happened."""
        return sum(one == event for one, _ in self.events)


def pids(note: Path) -> list[int]:
    """Processes that ran, in order."""
    return [int(line) for line in note.read_text().split()] if note.exists() else []


def runs(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


def killed(note: Path, number: int) -> bool:
    """Kill the newest process once there are so many."""
    found = pids(note)
    if len(found) < number:
        return False
    os.kill(found[-1], signal.SIGKILL)
    return True


def test_what_dies_is_started_again_and_all_stop_in_order(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    run = Run([child("web-1", GOOD, one), child("jobs-1", GOOD, two)])
    code = run.until(
        lambda: run.count("process_ready") == 2,
        lambda: killed(one, 1),
        lambda: run.count("process_ready") == 3,
    )
    assert code == 0
    assert len(pids(one)) == 2
    assert len(pids(two)) == 1
    assert [d["code"] for e, d in run.events if e == "process_ended"] == [-signal.SIGKILL]
    assert not any(map(runs, [*pids(one), *pids(two)]))
    assert run.events[-1] == ("stopped", {})


def test_one_that_was_not_heard_yet_is_waited_for_before_it_is_replaced(tmp_path: Path) -> None:
    note = tmp_path / "web"
    web = Child("web-1", ("-c", SLOW, "{pulse}", str(note), "{alone}"))
    run = Run([web], rolling=("web-1",))

    def hung_up() -> bool:
        run.supervisor._roll = len(pids(note)) == 2  # it has begun, and is not ready
        return run.supervisor._roll

    run.until(
        lambda: run.count("process_ready") == 1, lambda: killed(note, 1), hung_up,
        lambda: run.count("process_ready") == 3,
    )  # fmt: skip
    assert len(pids(note)) == 3
    assert (tmp_path / "web.alone").read_text() == "110"  # the third answers beside the second


def test_the_others_start_when_the_first_is_ready(tmp_path: Path) -> None:
    run = Run([child("web-1", GOOD, tmp_path / "a"), child("web-2", GOOD, tmp_path / "b")])
    run.until(lambda: run.count("process_ready") == 2)
    order = [(event, details.get("process")) for event, details in run.events]
    assert order.index(("process_ready", "web-1")) < order.index(("process_started", "web-2"))


def test_what_hangs_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervise, "HUNG_SECONDS", 0.3)
    run = Run([child("web-1", SILENT, tmp_path / "a")])
    run.until(lambda: run.count("process_started") == 2)
    assert run.count("process_hung") >= 1
    assert not any(map(runs, pids(tmp_path / "a")))


@pytest.mark.parametrize(("script", "code", "starts"), [(USELESS, UNUSABLE, 1), (CRASHING, 3, 3)])
def test_what_no_restart_can_help_stops_all(
    script: str, code: int, starts: int, tmp_path: Path
) -> None:
    run = Run([child("web-1", script, tmp_path / "a"), child("jobs-1", GOOD, tmp_path / "b")])
    assert run.until(lambda: run.count("stopped") > 0) == code
    assert run.count("process_started") == starts
    assert not pids(tmp_path / "b")


def test_crashes_wait_longer_each_time(tmp_path: Path) -> None:
    run = Run([child("web-1", GOOD, tmp_path / "a"), child("jobs-1", CRASHING, tmp_path / "b")])
    run.until(lambda: run.count("process_ended") == 3)
    pauses = [details["again_in"] for event, details in run.events if event == "process_ended"]
    assert pauses[:3] == [0.1, 0.2, 0.4]


def test_what_cannot_be_started_now_is_started_later(tmp_path: Path) -> None:
    note, limits = tmp_path / "a", resource.getrlimit(resource.RLIMIT_NOFILE)
    run = Run([child("web-1", GOOD, note)])

    def none_left() -> bool:
        pid = pids(note)[0]
        resource.setrlimit(resource.RLIMIT_NOFILE, (3, limits[1]))
        os.kill(pid, signal.SIGKILL)
        return True

    def enough() -> bool:
        if not run.count("process_not_started"):
            return False
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
        return True

    try:
        code = run.until(
            lambda: run.count("process_ready") == 1, none_left, enough,
            lambda: run.count("process_ready") == 2,
        )  # fmt: skip
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    assert code == 0
    assert run.count("process_not_started") >= 1
    assert len(pids(note)) == 2


def test_a_rolling_restart_always_has_one_that_serves(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    run = Run([child("web-1", GOOD, one), child("web-2", GOOD, two)], rolling=("web-1", "web-2"))

    def roll() -> bool:
        run.supervisor._roll = True
        return True

    code = run.until(
        lambda: run.count("process_ready") == 2,
        roll,
        lambda: run.count("process_ready") == 4,
        lambda: not runs(pids(one)[0]) and not runs(pids(two)[0]),
    )
    assert code == 0
    assert (len(pids(one)), len(pids(two))) == (2, 2)
    assert run.count("process_ended") == 0  # nobody died, all were told


def test_a_hang_up_replaces_those_that_run_jobs_after_those_that_answer(tmp_path: Path) -> None:
    names = ("web-1", "jobs-1", "jobs-2")
    run = Run(
        [child(name, GOOD, tmp_path / name) for name in names],
        rolling=("web-1",), later=("jobs-1", "jobs-2"),
    )  # fmt: skip

    def roll() -> bool:
        run.supervisor._roll = True
        return True

    code = run.until(
        lambda: run.count("process_ready") == 3,
        roll,
        lambda: run.count("process_ready") == 6,
        lambda: not any(runs(pids(tmp_path / name)[0]) for name in names),
    )
    assert code == 0
    assert [len(pids(tmp_path / name)) for name in names] == [2, 2, 2]
    order = [details["process"] for event, details in run.events if event == "process_started"]
    assert order[3:] == list(names)
    assert run.count("process_ended") == 0


def test_a_process_that_runs_jobs_is_no_company_for_one_that_answers(tmp_path: Path) -> None:
    note = tmp_path / "web"
    web = Child("web-1", ("-c", SLOW, "{pulse}", str(note), "{alone}"))
    run = Run(
        [web, child("jobs-1", GOOD, tmp_path / "jobs")], rolling=("web-1",), later=("jobs-1",)
    )
    run.until(
        lambda: run.count("process_ready") == 2, lambda: killed(note, 1),
        lambda: run.count("process_ready") == 3,
    )  # fmt: skip
    assert (tmp_path / "web.alone").read_text() == "11"


def test_the_door_is_shut_once_the_children_have_drained(tmp_path: Path) -> None:
    shut: list[float] = []
    lasting = GOOD.replace("going = False", "time.sleep(1.0); going = False")
    run = Run(
        [child("web-1", lasting, tmp_path / "a")], drain=0.4,
        when_drained=lambda: shut.append(time.monotonic()),
    )  # fmt: skip
    told: list[float] = []
    run.until(lambda: run.count("process_ready") == 1, lambda: not told.append(time.monotonic()))  # type: ignore[func-returns-value]
    assert len(shut) == 1
    assert 0.3 < shut[0] - told[0] < 1.0


def test_a_worker_is_ready_once_its_code_is_loaded() -> None:
    reading, writing = os.pipe()
    loaded = threading.Event()
    threading.Thread(target=_beat_on, args=(writing, loaded), daemon=True).start()
    assert os.read(reading, 1) == b"."
    loaded.set()
    assert os.read(reading, 1) == b"r"
    assert os.read(reading, 1) == b"."


def test_children_of_a_dead_parent_stop(tmp_path: Path) -> None:
    script = (
        "import os, sys; from pathlib import Path;"
        "from service.serving.supervise import Child, Supervisor;"
        "c = Child('web-1', ('-c', sys.argv[1], '{pulse}', sys.argv[2]));"
        "Supervisor([c], dict(os.environ), 5.0, lambda *_: None, lambda: None).run()"
    )
    note = tmp_path / "a"
    parent = subprocess.Popen(
        [sys.executable, "-c", script, GOOD, str(note)], cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    until = time.monotonic() + 20
    while not pids(note) and time.monotonic() < until:
        time.sleep(0.02)
    parent.kill()
    parent.wait()
    while runs(pids(note)[0]) and time.monotonic() < until:
        time.sleep(0.02)
    assert not runs(pids(note)[0])
