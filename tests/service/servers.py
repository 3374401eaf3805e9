"""A real PostgreSQL server for tests: the packaged one, or the system's."""

import os
import shutil
import subprocess
import warnings
from pathlib import Path

import psycopg


def binaries() -> Path | None:
    """Folder of PostgreSQL's programs, if there are any."""
    found = shutil.which("initdb")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pgserver
    except ImportError:
        return Path(found).resolve().parent if found else None
    return Path(pgserver.__file__).parent / "pginstall" / "bin"


class PostgreSQL:
    """One server in one folder, reached by its socket only.

    PostgreSQL refuses to run as root; then it runs in a user namespace, as nobody inside it.
    """

    def __init__(self, programs: Path, folder: Path) -> None:
        self.programs, self.folder, self.made = programs, folder, 0
        apart = ["unshare", "--user", "--map-user=1000"]
        self.prefix = apart if hasattr(os, "geteuid") and os.geteuid() == 0 else []
        self._run("initdb", "-U", "postgres", "--auth=trust", "--encoding=utf8", "-N")
        self.start()

    def _run(self, program: str, *arguments: str) -> None:
        log = self.folder / "commands.log"
        with log.open("ab") as stream:  # a pipe would be held open by the server
            done = subprocess.run(
                [*self.prefix, str(self.programs / program), "-D", str(self.folder / "data"), *arguments],
                stdout=stream, stderr=stream, check=False, timeout=60,
            )  # fmt: skip
        if done.returncode:
            raise RuntimeError(log.read_text(encoding="utf-8", errors="replace")[-2000:])

    def start(self) -> None:
        """Start without fsync, as no test cuts the power; wait until it answers."""
        options = f'-F -h "" -k {self.folder}'
        self._run("pg_ctl", "-w", "-o", options, "-l", str(self.folder / "log"), "start")

    def stop(self, mode: str = "fast") -> None:
        """Stop; ``immediate`` as a loss of power would."""
        self._run("pg_ctl", "-w", "-m", mode, "stop")

    def fresh(self) -> str:
        """Make an empty schema, far cheaper than a database, and return its address."""
        self.made += 1
        name = f"t{self.made}"
        with psycopg.connect(
            host=str(self.folder), user="postgres", dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(f"CREATE SCHEMA {name}")
        path = f"options=-csearch_path%3D{name}"
        return f"postgresql+psycopg://postgres@/postgres?host={self.folder}&{path}"
