"""The registry: releases by name and version, the stage of each, and how it came to it.

    models/registry/<name>/stages.json        who is champion, and every change
    models/registry/<name>/<version>/         one release, never changed again

A version is named for its content: the same data and configuration give the same
version.  Changes of stage are written whole or not at all, under a lock, so that two
analysts cannot both promote; readers need no lock.
"""

import fcntl
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from riskengine.errors import ModelError
from riskengine.files import as_json, write_whole
from riskengine.learned import load_release, read_release
from riskengine.words import Text

STAGES = ("candidate", "shadow", "champion", "retired")
"""Stages of a release: at most one of a name is champion."""

PLAIN = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}")
"""Names and versions that a folder may have."""

MOVES = {
    ("candidate", "shadow"), ("candidate", "champion"), ("candidate", "retired"),
    ("shadow", "champion"), ("shadow", "candidate"), ("shadow", "retired"),
    ("champion", "retired"), ("retired", "candidate"),
}  # fmt: skip
"""Changes of stage that an analyst may make; a rollback makes one more."""


@dataclass(frozen=True)
class Entry:
    """One change of stage.

    Parameters
    ----------
    version, before, after : str
        Release, and its stage before and after; before is ``""`` when it was added.
    on : str
        Day, ISO.
    by : str
        Role that decided, never a person's name.
    reason : str
        Why.
    digest : str
        SHA-256 of the manifest when the release was added; ``""`` for other changes.
    """

    version: str
    before: str
    after: str
    on: str
    by: str
    reason: str
    digest: str = ""


@dataclass(frozen=True)
class Registry:
    """Releases of an institution.

    Parameters
    ----------
    root : pathlib.Path
        Folder; made when the first release is added.
    """

    root: Path

    def names(self) -> tuple[str, ...]:
        """Return the names of the models, in order."""
        if not self.root.is_dir():
            return ()
        return tuple(sorted(p.name for p in self.root.iterdir() if (p / "stages.json").is_file()))

    def folder(self, name: str, version: str) -> Path:
        """Return the folder of a release.

        Parameters
        ----------
        name, version : str
            Which.

        Returns
        -------
        pathlib.Path
            The folder.

        Raises
        ------
        ModelError
            If there is no such release.
        """
        folder = self.root / name / version
        if not (_plain(name) and _plain(version) and (folder / "manifest.json").is_file()):
            raise _refused(name, f"版本 {version} 不存在", f"there is no version {version}")
        return folder

    def log(self, name: str) -> tuple[Entry, ...]:
        """Return every change of stage of a model, oldest first.

        Parameters
        ----------
        name : str
            Model.

        Returns
        -------
        tuple of Entry
            Changes; empty for a name never seen.

        Raises
        ------
        ModelError
            If the record cannot be read.
        """
        path = self.root / name / "stages.json"
        if not (_plain(name) and path.is_file()):
            return ()
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            return tuple(Entry(**entry) for entry in content["log"])
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as fault:
            raise _refused(
                name, "阶段记录已损坏", f"its stages cannot be read ({fault})"
            ) from fault

    def stages(self, name: str) -> dict[str, str]:
        """Return the stage of every version of a model.

        Parameters
        ----------
        name : str
            Model.

        Returns
        -------
        dict of str to str
            Version to stage, oldest first.
        """
        return {entry.version: entry.after for entry in self.log(name)}

    def champion(self, name: str) -> str | None:
        """Return the version that decides, or None.

        Parameters
        ----------
        name : str
            Model.

        Returns
        -------
        str or None
            Version.
        """
        stages = self.stages(name).items()
        return next((version for version, stage in stages if stage == "champion"), None)

    def add(self, staged: Path, on: date, by: str = "analyst") -> str:
        """Take a written release in as a candidate.

        Parameters
        ----------
        staged : pathlib.Path
            Folder of the release, on the same disk; it is moved.
        on : datetime.date
            Day.
        by : str
            Role that trained it.

        Returns
        -------
        str
            Its version; one that is there already is left as it is.

        Raises
        ------
        ModelError
            If the release cannot be read.
        """
        release = read_release(staged)
        home = self.root / release.name
        if not (_plain(release.name) and _plain(release.version)):
            raise _refused(
                release.name, "名称或版本含有路径", "its name or version is no plain name"
            )
        home.mkdir(parents=True, exist_ok=True)
        with self._locked(release.name):
            if release.version in self.stages(release.name):
                shutil.rmtree(staged)
                return release.version
            target = home / release.version
            if target.exists():  # moved by a run that was killed before it was entered
                shutil.rmtree(target)
            staged.rename(target)
            entry = Entry(
                release.version, "", "candidate", on.isoformat(), by, "trained", release.digest
            )
            self._write(release.name, (*self.log(release.name), entry))
        return release.version

    def move(self, name: str, version: str, stage: str, on: date, by: str, reason: str) -> None:
        """Change the stage of a release; a new champion retires the old one in one step.

        Parameters
        ----------
        name, version, stage : str
            Which, and its new stage.
        on : datetime.date
            Day.
        by, reason : str
            Role that decided, and why.

        Raises
        ------
        ModelError
            If the release is altered, or the change is not one of `MOVES`.
        """
        if stage != "retired":  # what was altered must still be put out of use
            self._whole(name, version)
        if version not in self.stages(name):
            raise _refused(name, f"版本 {version} 不存在", f"there is no version {version}")
        with self._locked(name):
            now = self.stages(name)
            if (now.get(version, ""), stage) not in MOVES:
                zh = f"版本 {version} 现为 {now.get(version)}，不能改为 {stage}"
                en = f"version {version} is {now.get(version)} and cannot become {stage}"
                raise _refused(name, zh, en)
            self._change(name, version, stage, on, by, reason)

    def rollback(self, name: str, on: date, by: str, reason: str) -> str:
        """Make the champion before the present one champion again.

        Parameters
        ----------
        name : str
            Model.
        on : datetime.date
            Day.
        by, reason : str
            Role that decided, and why.

        Returns
        -------
        str
            Version that decides now.

        Raises
        ------
        ModelError
            If there was no other champion before, or its release is altered.
        """
        if not self.log(name):
            raise _refused(name, "没有这个模型", "there is no such model")
        with self._locked(name):
            present = self.champion(name)
            once = [version for version in _champions(self.log(name)) if version != present]
            if not once:
                raise _refused(name, "没有可退回的前一版本", "there is no champion to go back to")
            before = once[-1]
            self._whole(name, before)
            self._change(name, before, "champion", on, by, reason)
        return before

    def _whole(self, name: str, version: str) -> None:
        """See that a release is the one that was added, to the last byte of its manifest."""
        folder = self.folder(name, version)
        load_release(folder)
        added = [e.digest for e in self.log(name) if e.version == version and e.before == ""]
        if added and added[-1] not in ("", read_release(folder).digest):
            zh, en = "清单在入库后被改动", "its manifest was altered after it was added"
            raise _refused(name, f"版本 {version} 的{zh}", f"version {version}: {en}")

    def _change(
        self, name: str, version: str, stage: str, on: date, by: str, reason: str
    ) -> None:  # fmt: skip
        entries, day = list(self.log(name)), on.isoformat()
        present = self.champion(name)
        if stage == "champion" and present is not None:
            entries.append(Entry(present, "champion", "retired", day, by, f"replaced by {version}"))
        entries.append(Entry(version, self.stages(name)[version], stage, day, by, reason))
        self._write(name, tuple(entries))

    def _write(self, name: str, entries: tuple[Entry, ...]) -> None:
        content = as_json({"log": [asdict(entry) for entry in entries]})
        write_whole(self.root / name / "stages.json", content)

    @contextmanager
    def _locked(self, name: str) -> Iterator[None]:
        (self.root / name).mkdir(parents=True, exist_ok=True)
        handle = os.open(self.root / name / ".lock", os.O_CREAT | os.O_RDWR, 0o644)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)


def _plain(part: str) -> bool:
    """Whether a name or version can be a folder and nothing else."""
    return bool(PLAIN.fullmatch(part))


def _champions(log: tuple[Entry, ...]) -> list[str]:
    """Champions that a rollback can go back to, the present one last.

    A rollback takes away those that came after the version it went back to: a second
    one goes further back, never to what was just withdrawn.
    """
    line: list[str] = []
    for entry in log:
        if entry.after != "champion":
            continue
        if entry.before == "retired" and entry.version in line:
            line = line[: line.index(entry.version)]
        line = [version for version in line if version != entry.version] + [entry.version]
    return line


def _refused(name: str, zh: str, en: str) -> ModelError:
    return ModelError(
        Text(f"模型 {name}：{zh}", f"model {name}: {en}"),
        Text(
            "用 python -m models list 查看版本与阶段",
            "see versions and stages with python -m models list",
        ),
    )
