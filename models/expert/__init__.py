"""Expert scorecards: what a lender without history can start from.

A card is data (TOML or the institution's own Excel sheet): blocks of items with points,
vetoes in a list of their own, bands, a line, a master scale.  `published_cards` holds what
could be encoded honestly of the published systems; `score_card` scores a frame;
`release_card` makes a release of it that the engine scores like any other;
`weight_report` tells what each item really drives; `compare_with_model` puts sheet and
model side by side; overrides are kept and judged by what came of them.
"""

from models.expert.arrays import card_features, to_scorecard_arrays
from models.expert.card import Card, MasterScale, Source
from models.expert.compare import ModelView, compare_with_model
from models.expert.faults import CardError
from models.expert.load import card_toml, load_card, published_cards, published_systems
from models.expert.overrides import Override, override_hit_rate, record_override
from models.expert.release import release_card
from models.expert.score import score_card
from models.expert.sheet import SheetFacts, import_sheet
from models.expert.sheet_write import write_sheet
from models.expert.weights import weight_report

__all__ = [
    "Card", "CardError", "MasterScale", "ModelView", "Override", "SheetFacts", "Source",
    "card_features", "card_toml", "compare_with_model", "import_sheet", "load_card",
    "override_hit_rate", "published_cards", "published_systems", "record_override",
    "release_card", "score_card", "to_scorecard_arrays", "weight_report", "write_sheet",
]  # fmt: skip
