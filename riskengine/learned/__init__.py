"""Learned numbers: released arrays, verified by digest, scored by kernels; never pickles."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from riskengine.learned.default import DefaultModel
from riskengine.learned.price import PriceModel
from riskengine.learned.release import Release, read_release, refused
from riskengine.words import Text

__all__ = [
    "DefaultModel",
    "Model",
    "PriceModel",
    "Release",
    "load_release",
    "price_models",
    "read_release",
]

Model = DefaultModel | PriceModel

MODELS: Mapping[str, Callable[[Release], Model]] = {
    "default": DefaultModel.of,
    "price": PriceModel.of,
}
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
        return MODELS[release.kind](release)
    except (KeyError, ValueError, IndexError) as fault:
        why = Text("缺少所需的数组", f"an array that its kind needs is wrong ({fault})")
        raise refused(folder, why) from fault


def price_models(folders: Iterable[Path]) -> dict[str, PriceModel]:
    """Read released price models, one for each kind of right at most.

    Parameters
    ----------
    folders : iterable of pathlib.Path
        Release folders.

    Returns
    -------
    dict of str to PriceModel
        Models by the table that each is for.

    Raises
    ------
    ModelError
        If a release is missing, altered or of another kind, or two are for one table.
    """
    found: dict[str, PriceModel] = {}
    for folder in folders:
        model = load_release(folder)
        if not isinstance(model, PriceModel):
            raise refused(folder, Text("不是价格模型", "is no model of prices"))
        if model.table in found:
            why = Text(f"{model.table} 已有价格模型", f"there is another model for {model.table}")
            raise refused(folder, why)
        found[model.table] = model
    return found
