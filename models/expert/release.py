"""An expert card as a release, which the engine scores like any model that was learned."""

import hashlib
from pathlib import Path

from models.expert.arrays import card_features, to_scorecard_arrays
from models.expert.card import Card, MasterScale
from models.expert.load import card_toml
from models.report.card import card as model_card
from models.store.write import write_release
from riskengine import __version__
from riskengine.errors import ModelError
from riskengine.learned import DefaultModel
from riskengine.learned.features import described
from riskengine.words import Text

TARGET = Text(
    "一年内违约，由专家在主标尺上陈述", "default within a year, as the expert's scale states it"
)


def release_card(card: Card, folder: Path, scale: MasterScale | None = None) -> DefaultModel:
    """Write a card as a release of origin ``expert``, social items left out.

    Parameters
    ----------
    card : Card
        The card.
    folder : pathlib.Path
        Release folder; made when missing.
    scale : MasterScale or None
        From points to a PD; the card's own where None.

    Returns
    -------
    DefaultModel
        The release as the engine loads it.  Vetoes, bands and the line are no part of it:
        they stay with `models.expert.score.score_card`.

    Raises
    ------
    ModelError
        If the card has no master scale or no items, or a missing fact leaves it without a
        total.
    """
    stated = scale or card.scale
    if stated is None:
        raise ModelError(
            Text(f"评分卡 {card.name} 没有主标尺", f"scorecard {card.name} has no master scale"),
            Text("给出两个锚点", "give two anchors: points and the PD there"),
        )
    text = card_toml(card)
    digest = hashlib.sha256(f"{text}{stated.points}{stated.pd}".encode())
    manifest = {
        "name": card.name, "version": digest.hexdigest()[:12], "kind": "default",
        "form": "expert", "origin": "expert",
        "target": {"column": "", "unit": "1", "zh": TARGET.zh, "en": TARGET.en},
        "features": [described(feature) for feature in card_features(card)],
        "notes": [{"zh": card.note.zh, "en": card.note.en}, stated.source.cite],
        "lineage": {"engine_version": __version__},
    }  # fmt: skip
    arrays = to_scorecard_arrays(card, scale=stated)
    model = write_release(
        folder, arrays, manifest, {"card.toml": text, "card.md": model_card(manifest)}, card
    )
    assert isinstance(model, DefaultModel)  # the kind that was written
    return model
