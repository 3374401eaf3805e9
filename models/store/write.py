"""Writing and reading releases: a folder of arrays, a manifest, a card and the estimator."""

import hashlib
import json
from pathlib import Path
from typing import Any

import joblib
import numpy as np
from numpy.typing import NDArray

from riskengine.learned import PriceModel, load_release
from riskengine.learned.release import FORMAT

__all__ = ["PriceModel", "load_release", "write_release"]


def write_release(
    folder: Path,
    arrays: dict[str, NDArray[Any]],
    manifest: dict[str, Any],
    card: str,
    estimator: object,
) -> PriceModel:
    """Write a release and read it back as the engine will.

    Parameters
    ----------
    folder : pathlib.Path
        Release folder; made when missing.
    arrays : dict of str to array
        What the kernels score.
    manifest : dict
        Everything but the layout and the digests.
    card : str
        Model card, Markdown.
    estimator : object
        Fitted scikit-learn estimator, for the analyst alone.

    Returns
    -------
    PriceModel
        The release as loaded.

    Raises
    ------
    ModelError
        If what was written cannot be read back.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "arrays.npz").open("wb") as stream:
        np.savez(stream, **{name: arrays[name] for name in sorted(arrays)})
    (folder / "card.md").write_text(card, encoding="utf-8")
    joblib.dump(estimator, folder / "model.joblib")
    digests = {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest()
        for name in ("arrays.npz", "card.md")
    }
    content = json.dumps(
        {**manifest, "format": FORMAT, "files": digests}, ensure_ascii=False, indent=1
    )
    (folder / "manifest.json").write_text(content + "\n", encoding="utf-8")
    return load_release(folder)
