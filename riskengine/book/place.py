"""Where a run on a book leaves its results: made aside, moved into place, the manifest last."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

from riskengine.errors import PortfolioError
from riskengine.words import Text

MANIFEST = "manifest.json"


def prepare(out: Path, kind: str) -> Path:
    """Make the work folder of a run.

    Parameters
    ----------
    out : pathlib.Path
        Folder for the results.
    kind : str
        Which command; its own results are replaced, no other's.

    Returns
    -------
    pathlib.Path
        Empty folder inside it.

    Raises
    ------
    PortfolioError
        If it is no folder, or holds the results of another command, or something that is no
        result.
    """
    note, work = out / MANIFEST, out / ".work"
    if out.exists() and not out.is_dir():
        raise PortfolioError(
            Text(f"{out.name} 不是文件夹", f"{out.name} is no folder"),
            Text("请换一个空文件夹", "choose an empty folder"),
        )
    others = [path for path in out.iterdir() if path.name != ".work"] if out.is_dir() else []
    if (note.exists() and not _is(note, kind)) or (others and not note.exists()):
        raise PortfolioError(
            Text(f"{out.name} 中已有别的文件", f"{out.name} holds other files"),
            Text("请换一个空文件夹", "choose an empty folder"),
        )
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    return work


def _is(note: Path, kind: str) -> bool:
    """Whether a manifest is one of a command."""
    try:
        return bool(json.loads(note.read_bytes()).get("kind") == kind)
    except (ValueError, AttributeError):
        return False


def leave(work: Path, out: Path, names: Sequence[str]) -> None:
    """Move results into place, the manifest last.

    Parameters
    ----------
    work : pathlib.Path
        Where they were made.
    out : pathlib.Path
        Where they belong.
    names : sequence of str
        Files beside the manifest.
    """
    (out / MANIFEST).unlink(missing_ok=True)
    for name in names:
        (work / name).replace(out / name)
    (work / MANIFEST).replace(out / MANIFEST)
