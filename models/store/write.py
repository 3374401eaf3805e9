"""Writing and reading releases: a folder of arrays, a manifest, a card and the estimator."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import joblib
import numpy as np
from numpy.typing import NDArray

from riskengine.learned import Model, load_release
from riskengine.learned.release import FORMAT


def write_release(
    folder: Path,
    arrays: Mapping[str, NDArray[Any]],
    manifest: Mapping[str, Any],
    files: Mapping[str, str],
    estimator: object,
) -> Model:
    """Write a release and read it back as the engine will.

    Parameters
    ----------
    folder : pathlib.Path
        Release folder; made when missing.
    arrays : dict of str to array
        What the kernels score.
    manifest : dict
        Everything but the layout and the digests.
    files : mapping of str to str
        Further files by name: card, report, configuration.
    estimator : object
        Fitted scikit-learn estimator, for the analyst alone.

    Returns
    -------
    Model
        The release as loaded.

    Raises
    ------
    ModelError
        If what was written cannot be read back.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "arrays.npz").open("wb") as stream:
        np.savez(stream, **{name: arrays[name] for name in sorted(arrays)})
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    joblib.dump(estimator, folder / "model.joblib")
    digests = {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest()
        for name in ("arrays.npz", *sorted(files))
    }
    content = json.dumps(
        {**manifest, "format": FORMAT, "files": digests}, ensure_ascii=False, indent=1
    )
    (folder / "manifest.json").write_text(content + "\n", encoding="utf-8")
    return load_release(folder)
