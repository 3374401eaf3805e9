"""A release: arrays, what they are, and proof that nobody altered them.

A release is a folder.  ``manifest.json`` says what the model is and holds the
SHA-256 of every other file that the engine or a reader needs; ``arrays.npz`` holds
plain numbers.  Nothing here can run code: pickles are refused.
"""

import hashlib
import io
import json
import struct
import tokenize
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskengine.errors import ModelError
from riskengine.learned.features import Feature, restored
from riskengine.words import Text

FORMAT = 2
"""Layout of a release that this engine reads."""

MOST_BYTES = 512 * 1024 * 1024
"""Largest ``arrays.npz`` that is read, packed or unpacked [byte]."""

KINDS = ("default", "recovery", "price")

NAMED = ("name", "version", "kind", "form", "origin")
"""What a manifest says in words."""

PLAIN = (np.dtype(np.float64), np.dtype(np.int64), np.dtype(np.bool_))
"""Types of arrays that kernels are given."""

UNREADABLE = (
    OSError, LookupError, ValueError, TypeError, AttributeError, EOFError, SyntaxError,
    RuntimeError, MemoryError, OverflowError, zipfile.BadZipFile, zlib.error, struct.error,
    tokenize.TokenError,
)  # fmt: skip
"""What reading raises on files that are cut, altered or made to do harm."""


@dataclass(frozen=True)
class Release:
    """A verified release.

    Parameters
    ----------
    name, version : str
        Name of the model, and of this release of it.
    kind : {"default", "recovery", "price"}
        What it predicts.
    form : str
        How: ``scorecard``, ``boosting``, ``fractional``, ``two_stage``, ``expert``.
    origin : {"institution", "foreign", "synthetic", "expert"}
        What it was trained on.
    features : tuple of Feature
        What it looks at.
    digest : str
        SHA-256 of the manifest, which holds the digests of the rest.
    manifest : mapping
        Everything it says of itself.
    arrays : mapping of str to array
        Numbers that kernels score; never written to.
    """

    name: str
    version: str
    kind: str
    form: str
    origin: str
    features: tuple[Feature, ...]
    digest: str
    manifest: Mapping[str, Any]
    arrays: Mapping[str, NDArray[Any]]


def read_release(folder: Path) -> Release:
    """Read a release and verify it against its manifest.

    Parameters
    ----------
    folder : pathlib.Path
        Release folder with ``manifest.json`` and ``arrays.npz``.

    Returns
    -------
    Release
        The release.

    Raises
    ------
    ModelError
        If a file is missing, altered, cut, too large, of another layout, or holds
        anything but plain arrays.
    """
    try:
        raw = _bytes(folder, "manifest.json")
        manifest = json.loads(raw)
        if manifest.get("format") != FORMAT:
            stated = manifest.get("format")
            why = Text(f"格式不是第 {FORMAT} 版", f"layout {stated!r} is not {FORMAT}")
            raise refused(folder, why)
        for name in NAMED:
            if not (isinstance(manifest[name], str) and manifest[name]):
                raise refused(folder, Text(f"{name} 不是文字", f"{name} is no text"))
        if manifest["kind"] not in KINDS:
            raise refused(folder, Text("种类未知", f"kind {manifest['kind']!r} is unknown"))
        files = {"arrays.npz": manifest["files"]["arrays.npz"], **manifest["files"]}
        packed = {name: _same(folder, name, digest) for name, digest in sorted(files.items())}
        features = tuple(restored(content) for content in manifest["features"])
        if len({feature.name for feature in features}) < max(len(features), 1):
            raise refused(
                folder, Text("特征重复或没有特征", "features stand twice, or there are none")
            )
        arrays = _arrays(folder, packed["arrays.npz"])
        return Release(
            manifest["name"], manifest["version"], manifest["kind"], manifest["form"],
            manifest["origin"], features, hashlib.sha256(raw).hexdigest(), manifest, arrays,
        )  # fmt: skip
    except UNREADABLE as fault:
        said = fault.strerror if isinstance(fault, OSError) else fault  # without the path
        why = Text("不是完整的发布包", f"is not a whole release ({type(fault).__name__}: {said})")
        raise refused(folder, why) from fault


def _bytes(folder: Path, name: str) -> bytes:
    """Content of a file, unless it is larger than any release has."""
    path = folder / name
    if path.stat().st_size > MOST_BYTES:
        why = Text(f"{name} 过大", f"{name} holds more than {MOST_BYTES} bytes")
        raise refused(folder, why)
    return path.read_bytes()


def _same(folder: Path, name: str, digest: str) -> bytes:
    """Content of a file that is as its manifest says: what is checked is what is used."""
    if Path(name).name != name or name in ("", "..") or "\\" in name:
        raise refused(folder, Text("清单含有路径", f"the manifest names a path, {name!r}"))
    content = _bytes(folder, name)
    if hashlib.sha256(content).hexdigest() != digest:
        why = Text(f"{name} 与清单不符", f"{name} does not match the manifest")
        raise refused(folder, why)
    return content


def _arrays(folder: Path, raw: bytes) -> dict[str, NDArray[Any]]:
    """Plain arrays of a release, closed to writing."""
    with zipfile.ZipFile(io.BytesIO(raw)) as packed:
        size = sum(entry.file_size for entry in packed.infolist())
    if size > MOST_BYTES:
        raise refused(folder, Text("数组过大", f"the arrays hold more than {MOST_BYTES} bytes"))
    with np.load(io.BytesIO(raw), allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files}
    for name, array in arrays.items():
        if array.dtype not in PLAIN or not array.dtype.isnative:
            why = Text(f"数组 {name} 不是数", f"array {name} holds {array.dtype}, no plain numbers")
            raise refused(folder, why)
        array.flags.writeable = False
    return arrays


def refused(folder: Path, why: Text) -> ModelError:
    """Return the error that refuses a release.

    Parameters
    ----------
    folder : pathlib.Path
        Release folder; only its name is said.
    why : Text
        Reason.

    Returns
    -------
    ModelError
        To raise.
    """
    return ModelError(
        Text(f"模型 {folder.name}：{why.zh}", f"model {folder.name}: {why.en}"),
        Text(
            "请用 python -m models train 重新发布，或换回前一版本",
            "release it again with python -m models train, or go back to the version before",
        ),
    )
