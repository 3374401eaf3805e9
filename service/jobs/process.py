"""A job's own process as its worker holds it: started, heard, asked to stop, ended."""

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import orjson

from service.jobs.order import Order

ROOT = Path(__file__).parents[2]
"""The checkout, from which the service runs."""
SECRETS = ("RISKENGINE_SECRET", "RISKENGINE_DATABASE_URL", "RISKENGINE_QUEUE_URL",
           "RISKENGINE_SECRETS_DIR")  # fmt: skip
"""What the process of a job has no use for."""
Answer = dict[str, Any]


class JobProcess:
    """The process of one job, in a group of its own.

    Parameters
    ----------
    order : Order
        What it is to do.
    """

    def __init__(self, order: Order) -> None:
        env = {name: value for name, value in os.environ.items() if name not in SECRETS}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "service.jobs.child"], cwd=ROOT, env=env,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, process_group=0,
        )  # fmt: skip
        self._answers: queue.SimpleQueue[Answer] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self._write(order.line())

    def hear(self, seconds: float) -> Answer | None:
        """Return the next answer of the process.

        Parameters
        ----------
        seconds : float
            How long to wait for one [s].

        Returns
        -------
        dict or None
            Progress (``done``, ``total``) or how the job ended; ``crash`` for a process that
            went without a word, ``stopped`` for one that heard nothing for too long; None
            where nothing was said.
        """
        try:
            return self._answers.get(timeout=seconds)
        except queue.Empty:
            return None

    def keep_alive(self) -> None:
        """Tell the process that its worker still holds the job."""
        self._write(b"\n")

    def ask_to_stop(self) -> None:
        """Ask the process to end at the next step of its work."""
        self._write(b"cancel\n")

    def end(self) -> None:
        """End the process and all that it started; nothing of it is left."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._reader.join()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()

    def _write(self, line: bytes) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(line)
            self._process.stdin.flush()
        except BrokenPipeError:
            return  # its end is heard as an answer

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            try:
                self._answers.put(orjson.loads(line))
            except orjson.JSONDecodeError:
                continue
        code = self._process.wait()
        said = f"signal {-code}" if code < 0 else f"exit {code}"
        self._answers.put({"crash": said})
