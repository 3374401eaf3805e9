"""Released price models: arrays that kernels score, verified by digest, never pickles."""

import hashlib
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskengine.errors import ModelError
from riskengine.kernels.trees import outside_support, score_rows
from riskengine.words import Text

ARRAYS = (
    "roots", "feature", "threshold", "missing_left", "left", "right", "leaf", "baseline", "low",
    "high", "may_miss", "group_error",
)  # fmt: skip
"""Arrays of a release, all numeric."""


@dataclass(frozen=True)
class PriceModel:
    """A released model of the logarithm of a price.

    Parameters
    ----------
    table : str
        Kind of right that it speaks of.
    quantity : str
        Market quantity that it predicts, such as ``land_rent``.
    features : tuple of str
        Columns that it looks at, in order.
    group : str
        Code column by which its error was measured.
    name, digest : str
        Name and SHA-256 of the release.
    origin : str
        What it was trained on: ``institution``, ``foreign`` or ``synthetic``.
    arrays : mapping of str to array
        As `ARRAYS`.
    """

    table: str
    quantity: str
    features: tuple[str, ...]
    group: str
    name: str
    digest: str
    origin: str
    arrays: Mapping[str, NDArray[Any]]

    def predict(
        self, x: NDArray[np.float64], groups: NDArray[np.int64], wanted: NDArray[np.bool_]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Predict prices and their errors.

        Parameters
        ----------
        x : (features, n) float64
            Features in the order of `features`; NaN is missing.
        groups : (n,) int64
            Position of each row in the choices of `group`; -1 where missing.
        wanted : (n,) bool
            Rows to predict.

        Returns
        -------
        tuple of (n,) float64
            Price and standard error of its logarithm; NaN for rows that are not
            wanted or lie outside what the model has seen.
        """
        a = self.arrays
        inside = wanted.copy()
        outside_support(x, inside, a["low"], a["high"], a["may_miss"])
        score = np.full(x.shape[1], np.nan)
        score_rows(
            x, inside, a["roots"], a["feature"], a["threshold"], a["missing_left"], a["left"],
            a["right"], a["leaf"], float(a["baseline"][0]), score,
        )  # fmt: skip
        return np.exp(score), np.where(inside, a["group_error"][groups], np.nan)


def load_release(folder: Path) -> PriceModel:
    """Read a released model and verify it against its manifest.

    Parameters
    ----------
    folder : pathlib.Path
        Release folder with ``manifest.json`` and ``arrays.npz``.

    Returns
    -------
    PriceModel
        The model.

    Raises
    ------
    ModelError
        If a file is missing, altered, or holds anything but plain arrays.
    """
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        raw = (folder / "arrays.npz").read_bytes()
        digest = hashlib.sha256(raw).hexdigest()
        if digest != manifest["arrays_sha256"]:
            why = Text("数组与清单不符", "the arrays do not match the manifest")
            raise _refused(folder, why)
        with np.load(folder / "arrays.npz", allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in ARRAYS}
        return PriceModel(
            manifest["table"], manifest["quantity"], tuple(manifest["features"]),
            manifest["group"], manifest["name"], digest, manifest["origin"], arrays,
        )  # fmt: skip
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as fault:
        why = Text("不是完整的发布包", f"is not a whole release ({fault})")
        raise _refused(folder, why) from fault


def _refused(folder: Path, why: Text) -> ModelError:
    return ModelError(
        Text(f"模型 {folder.name}：{why.zh}", f"model {folder.name}: {why.en}"),
        Text("请用 python -m models train 重新发布", "release it with python -m models train"),
    )
