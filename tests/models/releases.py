"""Small releases made by hand: one tree of one question, or a card of two features."""

import hashlib
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from riskengine.learned.features import Feature, described
from riskengine.learned.release import FORMAT

FEATURES = (
    Feature("debt", unit="1", direction=1, low=0.0, high=50.0, actionable=True),
    Feature("crop", kind="category", codes=("rice", "tea", "hogs")),
)

COMMON: Mapping[str, Any] = {
    "calibration": np.array([0.1, 0.9]), "low": np.array([0.0, 0.0]), "high": np.array([9.0, 2.0]),
    "may_miss": np.array([False, True]),
}  # fmt: skip

TREE: Mapping[str, Any] = COMMON | {
    "roots": np.array([0]), "feature": np.array([0, -1, -1]), "threshold": np.array([2.0, 0.0, 0.0]),
    "missing_left": np.array([True, False, False]), "left": np.array([1, 0, 0]),
    "right": np.array([2, 0, 0]), "leaf": np.array([0.0, -0.5, 1.0]),
    "cover": np.array([30.0, 20.0, 10.0]), "baseline": np.array([-2.0]),
    "category_row": np.array([-1, -1, -1]), "category_left": np.zeros((0, 3), dtype=bool),
    "category_known": np.array([[False] * 3, [True] * 3]),
}  # fmt: skip
"""Raw log odds: -2.5 up to a debt of 2 or where it is missing, -1 above."""

CARD: Mapping[str, Any] = COMMON | {
    "is_category": np.array([False, True]), "edges": np.array([2.0]),
    "edge_starts": np.array([0, 1, 1]), "code_bins": np.array([0, 1, 1]),
    "code_starts": np.array([0, 0, 3]), "points": np.array([30.0, 10.0, 20.0, 25.0, 15.0, 20.0]),
    "point_starts": np.array([0, 3, 6]), "scale": np.array([20.0, 60.0]),
    "card_mean": np.array([22.0, 20.0]),
}  # fmt: skip
"""Score: 30 or 10 by debt, 25 for rice and 15 for others, 20 for what is missing."""


def manifest(**changes: Any) -> dict[str, Any]:
    """What such a release says of itself, before its files are named."""
    return {
        "format": FORMAT, "name": "made", "version": "v1", "kind": "default", "form": "boosting",
        "origin": "synthetic", "features": [described(one) for one in FEATURES], **changes,
    }  # fmt: skip


def put(
    folder: Path, arrays: Mapping[str, Any] = TREE, told: Mapping[str, Any] | None = None
) -> Path:
    """Write a release whose digests are true, whatever its arrays and manifest are."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "arrays.npz").open("wb") as stream:
        np.savez(stream, **arrays)
    return seal(folder, told or manifest())


def seal(folder: Path, told: Mapping[str, Any]) -> Path:
    """Write the manifest of files that lie there."""
    digest = hashlib.sha256((folder / "arrays.npz").read_bytes()).hexdigest()
    whole = {"files": {"arrays.npz": digest}, **told}
    (folder / "manifest.json").write_text(json.dumps(whole), encoding="utf-8")
    return folder


def zipped(path: Path, entries: Mapping[str, bytes], method: int = zipfile.ZIP_STORED) -> None:
    """Write a zip file of anything."""
    with zipfile.ZipFile(path, "w", method) as packed:
        for name, content in entries.items():
            packed.writestr(name, content)
