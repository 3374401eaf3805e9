"""Build the wheel, look inside, and import it from an empty folder.

Run by `make wheel`: fails when a data file is left behind, when models/ or
service/ slip in, or when the installed engine cannot find its own rules.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
PROBE = """
import pathlib, sys
import riskengine
from riskengine.rules import statute
assert pathlib.Path(riskengine.__file__).is_relative_to(sys.argv[1]), riskengine.__file__
assert statute().rules
for application in ("models", "service"):
    try:
        __import__(application)
    except ModuleNotFoundError:
        continue
    raise SystemExit(f"{application} can be imported outside the checkout")
print("riskengine", riskengine.__version__, "imports from the wheel")
"""


def expected_files() -> set[str]:
    """Files of the engine that the wheel must hold."""
    return {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "riskengine").rglob("*")
        if path.suffix in {".py", ".toml", ".csv", ".html"} or path.name == "py.typed"
    }


def copy_source(folder: Path) -> None:
    """Copy what the wheel is made of: setuptools reuses what it finds in ./build."""
    ignore = shutil.ignore_patterns("__pycache__")
    for name in ("riskengine", "models", "service"):
        shutil.copytree(ROOT / name, folder / name, ignore=ignore)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)


def pip(*arguments: str) -> None:
    """Run pip of this environment."""
    subprocess.run(
        [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments],
        check=True,
    )


def main() -> None:
    """Build, compare, import."""
    with tempfile.TemporaryDirectory() as folder:
        source, built, site, empty = (
            Path(folder) / name for name in ("source", "built", "site", "empty")
        )
        empty.mkdir()
        copy_source(source)
        pip("wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(built), str(source))
        [wheel] = built.iterdir()
        held = set(zipfile.ZipFile(wheel).namelist())
        if missing := sorted(expected_files() - held):
            raise SystemExit(f"not in the wheel: {missing}")
        tops = {name.split("/")[0] for name in held}
        if foreign := sorted(top for top in tops if top.split("-")[0] != "riskengine"):
            raise SystemExit(f"in the wheel, but not of the engine: {foreign}")
        pip("install", "--no-deps", "--target", str(site), str(wheel))
        subprocess.run(
            [sys.executable, "-P", "-c", PROBE, str(site)],
            check=True,
            cwd=empty,
            env={**os.environ, "PYTHONPATH": str(site)},
        )


if __name__ == "__main__":
    main()
