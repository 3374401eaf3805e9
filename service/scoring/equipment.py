"""What applications are scored by, and the recipe from which it can be put together again."""

from dataclasses import dataclass, field
from typing import Any

from models.store import Registry, load_release, price_models
from riskengine import __version__
from riskengine.errors import ModelError
from riskengine.learned.default import DefaultModel
from riskengine.market.loader import demonstration, load
from riskengine.market.snapshot import Snapshot
from riskengine.pledging.assess import LawOf
from riskengine.rules import statute, statute_of
from riskengine.scoring.equipment import Equipment
from riskengine.scoring.score import Score
from riskengine.words import Text
from service.settings import Settings


@dataclass(frozen=True, slots=True)
class Equipped:
    """What a tenant's applications are scored by.

    Parameters
    ----------
    equipment : Equipment
        As the engine takes it.
    recipe : dict
        Digests and versions from which it is put together again.
    """

    equipment: Equipment
    recipe: dict[str, Any]

    def shadow_of(self, score: Score) -> dict[str, Any] | None:
        """Return what the challenger says of a score; None without one.

        Parameters
        ----------
        score : Score
            As the engine gives it.

        Returns
        -------
        dict or None
            Columns of ``shadow_scores``.
        """
        if score.challenger is None or score.default is None:
            return None
        champion, challenger = self.equipment.default_model, self.equipment.challenger
        assert champion is not None
        assert challenger is not None
        return {
            "model": champion.release.name, "champion": champion.release.version,
            "challenger": challenger.release.version,
            "champion_pd": score.default.pd,
            "challenger_pd": score.challenger.pd,
            "champion_refers": score.default.refer,
            "challenger_refers": score.challenger.refer,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stages:
    """Versions of the model of default.

    Parameters
    ----------
    champion, challenger : str or None
        Version that decides, and version that is scored beside it.
    """

    champion: str | None
    challenger: str | None


@dataclass(frozen=True, slots=True)
class Shared:
    """What all tenants share, loaded once a process and after every promotion.

    Parameters
    ----------
    market : Snapshot
        Market figures.
    price_models : dict
        Released price models by table.
    default_model, challenger : DefaultModel or None
        Champion and shadow of the model of default.
    stages : Stages
        Their versions.
    recipe : dict
        Digests and versions of all.
    """

    market: Snapshot
    price_models: dict[str, Any]
    default_model: DefaultModel | None
    challenger: DefaultModel | None
    stages: Stages
    recipe: dict[str, Any] = field(default_factory=dict)


def staged(settings: Settings) -> Stages:
    """Return which versions the registry names for the model of default.

    Parameters
    ----------
    settings : Settings
        Where the registry is.

    Returns
    -------
    Stages
        Version that decides, and the newest that is scored beside it.

    Raises
    ------
    ModelError
        If the record of stages cannot be read.
    """
    if not settings.default_model:
        return Stages(None, None)
    stages = Registry(settings.registry).stages(settings.default_model)
    newest = list(reversed(stages.items()))
    return Stages(*(
        next((version for version, now in newest if now == stage), None)
        for stage in ("champion", "shadow")
    ))  # fmt: skip


def load_shared(settings: Settings, before: Shared | None = None) -> Shared:
    """Load market and models.

    Parameters
    ----------
    settings : Settings
        Where they are.
    before : Shared or None
        What was loaded before: market and price models are taken from it.

    Returns
    -------
    Shared
        Loaded and verified.

    Raises
    ------
    MarketError, ModelError
        If one of them is not whole.
    """
    if before is not None:
        market, learned = before.market, before.price_models
    else:
        market = load(settings.market) if settings.market else demonstration()
        learned = price_models(settings.price_models)
    stages = staged(settings)
    champion = _released(settings, stages.champion)
    challenger = _released(settings, stages.challenger)
    recipe = {
        "engine_version": __version__, "statute_digest": statute().digest,
        "market_digest": market.digest,
        "models": {
            model.release.name: [model.release.version, model.release.digest]
            for model in (champion,) if model is not None
        },
        "price_models": {table: model.digest for table, model in sorted(learned.items())},
    }  # fmt: skip
    return Shared(market, learned, champion, challenger, stages, recipe)


def _released(settings: Settings, version: str | None) -> DefaultModel | None:
    """A release of the model of default."""
    if version is None:
        return None
    name = settings.default_model
    model = load_release(Registry(settings.registry).folder(name, version))
    if not isinstance(model, DefaultModel):
        raise ModelError(
            Text(f"{name} 不是违约模型", f"{name} is no model of default"),
            Text("请核对 RISKENGINE_DEFAULT_MODEL", "check RISKENGINE_DEFAULT_MODEL"),
        )  # fmt: skip
    return model


def equip(shared: Shared, law: LawOf = statute_of, overlay_digest: str = "") -> Equipped:
    """Put together what a tenant's applications are scored by.

    Parameters
    ----------
    shared : Shared
        What all share.
    law : callable
        The law of places, the tenant's rules laid over it (`service.scoring.law`).
    overlay_digest : str
        Digest of those rules in the store's artifacts; empty for the law alone.

    Returns
    -------
    Equipped
        With its recipe.
    """
    equipment = Equipment(
        shared.market, law, shared.price_models, shared.default_model, shared.challenger
    )
    return Equipped(equipment, {**shared.recipe, "overlay_digest": overlay_digest})
