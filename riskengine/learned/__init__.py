"""Learned numbers: released arrays, verified by digest, scored by kernels; never pickles."""

from pathlib import Path

from riskengine.learned.default import DefaultModel
from riskengine.learned.price import PriceModel
from riskengine.learned.release import Release, read_release, refused
from riskengine.words import Text

__all__ = ["DefaultModel", "Model", "PriceModel", "Release", "load_release", "read_release"]

Model = DefaultModel | PriceModel

MODELS = {"default": DefaultModel, "price": PriceModel}
"""What loads a release, by its kind."""


def load_release(folder: Path) -> Model:
    """Read a released model, whatever its kind, and verify it.

    Parameters
    ----------
    folder : pathlib.Path
        Release folder.

    Returns
    -------
    Model
        The model.

    Raises
    ------
    ModelError
        If the release is missing, altered, cut or of another layout, or an array that
        its kind needs is missing or has another shape.
    """
    release = read_release(folder)
    try:
        return MODELS[release.kind].of(release)
    except (KeyError, ValueError, IndexError) as fault:
        why = Text("缺少所需的数组", f"an array that its kind needs is wrong ({fault})")
        raise refused(folder, why) from fault
