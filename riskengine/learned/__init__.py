"""Learned numbers: released arrays, verified by digest, scored by kernels; never pickles."""

from pathlib import Path

from riskengine.learned.price import PriceModel
from riskengine.learned.release import Release, read_release

__all__ = ["Model", "PriceModel", "Release", "load_release", "read_release"]

Model = PriceModel


def load_release(folder: Path) -> Model:
    """Read a released model, whatever its kind, and verify it.

    Parameters
    ----------
    folder : pathlib.Path
        Release folder.

    Returns
    -------
    PriceModel
        The model.

    Raises
    ------
    ModelError
        If the release is missing, altered, cut or of another layout, or an array that
        its kind needs is missing or has another shape.
    """
    return PriceModel.of(read_release(folder))
