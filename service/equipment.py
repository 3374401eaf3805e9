"""What applications are scored by, and the recipe from which it can be put together again."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from models.store import Registry, load_release, price_models
from riskengine import __version__
from riskengine.errors import ModelError
from riskengine.law import law_for
from riskengine.learned.default import DefaultModel
from riskengine.market.loader import demonstration, load
from riskengine.market.snapshot import Snapshot
from riskengine.rules import statute
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
        if score.challenger is None or score.likelihood is None:
            return None
        champion, challenger = self.equipment.default_model, self.equipment.challenger
        assert champion is not None
        assert challenger is not None
        return {
            "model": champion.release.name, "champion": champion.release.version,
            "challenger": challenger.release.version,
            "champion_pd": score.likelihood.pd_12_months,
            "challenger_pd": score.challenger.pd_12_months,
            "champion_refers": not score.likelihood.inside,
            "challenger_refers": not score.challenger.inside,
        }  # fmt: skip


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
    """

    market: Snapshot
    price_models: dict[str, Any]
    default_model: DefaultModel | None
    challenger: DefaultModel | None
    recipe: dict[str, Any] = field(default_factory=dict)


def load_shared(settings: Settings) -> Shared:
    """Load market and models.

    Parameters
    ----------
    settings : Settings
        Where they are.

    Returns
    -------
    Shared
        Loaded and verified.

    Raises
    ------
    MarketError, ModelError
        If one of them is not whole.
    """
    market = load(settings.market) if settings.market else demonstration()
    learned = price_models(settings.price_models)
    champion = _released(settings, "champion")
    challenger = _released(settings, "shadow")
    recipe = {
        "engine_version": __version__, "statute_digest": statute().digest,
        "market_digest": market.digest,
        "models": {
            model.release.name: [model.release.version, model.release.digest]
            for model in (champion,) if model is not None
        },
        "price_models": {table: model.digest for table, model in sorted(learned.items())},
    }  # fmt: skip
    return Shared(market, learned, champion, challenger, recipe)


def _released(settings: Settings, stage: str) -> DefaultModel | None:
    """The release of the model of default in a stage."""
    name = settings.default_model
    if not name:
        return None
    registry = Registry(settings.registry)
    stages = registry.stages(name)
    version = next((v for v, now in reversed(list(stages.items())) if now == stage), None)
    if version is None:
        return None
    model = load_release(registry.folder(name, version))
    if not isinstance(model, DefaultModel):
        raise ModelError(
            Text(f"{name} 不是违约模型", f"{name} is no model of default"),
            Text("请核对 RISKENGINE_DEFAULT_MODEL", "check RISKENGINE_DEFAULT_MODEL"),
        )  # fmt: skip
    return model


def equip(shared: Shared, overlay: Path | None = None, overlay_digest: str = "") -> Equipped:
    """Put together what a tenant's applications are scored by.

    Parameters
    ----------
    shared : Shared
        What all share.
    overlay : Path or None
        Folder of the tenant's rules.
    overlay_digest : str
        Its digest in the store's artifacts.

    Returns
    -------
    Equipped
        With its recipe.

    Raises
    ------
    RuleError
        If the overlay loosens the law.
    """
    equipment = Equipment(
        shared.market, law_for(overlay), shared.price_models, shared.default_model,
        shared.challenger,
    )  # fmt: skip
    return Equipped(equipment, {**shared.recipe, "overlay_digest": overlay_digest})
