"""Choices of a ratio study, checked once; they are part of its result."""

import math
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, get_args

from riskengine.appraisal.cells import RatioStudyError
from riskengine.appraisal.equity import CUTS, EDITIONS
from riskengine.appraisal.intervals import RankRule
from riskengine.words import Text

TiedPrices: TypeAlias = Literal["stable", "midrank"]
"""Ranks of equal prices in MKI and KI: as the rows come, or shared."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How a ratio study is made.

    Parameters
    ----------
    trim : float or None
        Ratios beyond this many interquartile ranges from the quartiles are
        trimmed, > 0; None trims nothing.
    trim_quartiles : str
        Definition of the quartiles, ``R1`` or ``R4`` ... ``R9``; the standard's is ``R6``.
    confidence : float
        Confidence of the intervals, in (0, 1).
    bootstrap : int
        Resamples, >= 0; 0 makes no bootstrap interval.
    seed : int
        Seed of the resamples, >= 0.
    vei_cut : str
        Edition or percentile definition that cuts the groups of the VEI.
    median_ci_rule : {"draft", "2013", "exact"}
        Rule for the ranks of median intervals.
    tied_prices : {"stable", "midrank"}
        Ranks of equal prices in MKI and KI.

    Raises
    ------
    RatioStudyError
        If a choice is not one of those.
    """

    trim: float | None = 3.0
    trim_quartiles: str = "R6"
    confidence: float = 0.95
    bootstrap: int = 1000
    seed: int = 0
    vei_cut: str = "2026"
    median_ci_rule: RankRule = "draft"
    tied_prices: TiedPrices = "stable"

    def __post_init__(self) -> None:
        definitions = ("R1", *CUTS)
        checks: tuple[tuple[str, bool, str], ...] = (
            ("trim", self.trim is None or (_real(self.trim) and 0.0 < self.trim < math.inf),
             "None or a number > 0"),
            ("trim_quartiles", self.trim_quartiles in definitions, ", ".join(definitions)),
            ("confidence", _real(self.confidence) and 0.0 < self.confidence < 1.0,
             "a number > 0 and < 1"),
            ("bootstrap", _whole(self.bootstrap) and self.bootstrap >= 0, "a whole number >= 0"),
            ("seed", _whole(self.seed) and 0 <= self.seed < 2**64, "a whole number >= 0"),
            ("vei_cut", self.vei_cut in {*EDITIONS, *definitions},
             ", ".join((*EDITIONS, *definitions))),
            ("median_ci_rule", self.median_ci_rule in get_args(RankRule),
             ", ".join(get_args(RankRule))),
            ("tied_prices", self.tied_prices in get_args(TiedPrices),
             ", ".join(get_args(TiedPrices))),
        )  # fmt: skip
        for name, sound, allowed in checks:
            if not sound:
                value = getattr(self, name)
                raise RatioStudyError(
                    Text(f"{name} = {value!r} 不可用", f"{name} = {value!r} cannot be used"),
                    Text(f"可用：{allowed}", f"it may be: {allowed}"),
                )


def _real(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
