"""The card of a price model: what it is for, how it did, where it does not hold."""

from collections.abc import Iterator

import numpy as np

from models.price.fit import PriceFit
from models.price.measures import LEAST, GroupLine

WARNINGS = {
    "synthetic": "Trained on SYNTHETIC rows: shows the path only. 用合成数据训练，只演示流程。",
    "foreign": "Trained on FOREIGN sales: levels do not transfer. 境外数据，价格水平不可照搬。",
    "institution": "Trained on the institution's own deals. 用本机构成交数据训练。",
    "expert": "From judgement, not from deals. 专家判断，非成交数据。",
}
FIGURES = ("r2_log", "median_ape", "median_ratio", "cod", "prd", "prb", "within_20", "within_30")
SPREAD = 0.03
"""How far the cover of a group may lie from the nominal one before the card says so."""


def card_of(fit: PriceFit) -> str:
    """Return the model card.

    Parameters
    ----------
    fit : PriceFit
        The model.

    Returns
    -------
    str
        Markdown page.
    """
    return "\n".join([*_head(fit), *_figures(fit), *_groups(fit), *_screened(fit), ""])


def _head(fit: PriceFit) -> Iterator[str]:
    config, split = fit.config, fit.config.split
    yield f"# {config.name}"
    yield ""
    yield f"**{WARNINGS[config.origin]}** {config.not_for.zh} {config.not_for.en}"
    yield ""
    yield f"{config.target.definition.zh} / {config.target.definition.en} [{config.target.unit}]."
    yield ""
    yield (
        f"Learned from deals to {split.calibrate_to}; widths from errors of rolling origins up to "
        f"then, {fit.settings.horizon} period(s) ahead; tested to {split.test_to}."
    )
    verdict = "beats" if fit.ships else "does NOT beat"
    yield f"On COD out of time it {verdict} the linear model and the median of each group."
    yield ""


def _figures(fit: PriceFit) -> Iterator[str]:
    yield "| model | " + " | ".join(FIGURES) + " |"
    yield "|" + "---|" * (len(FIGURES) + 1)
    for name, figures in fit.models.items():
        cells = " | ".join(f"{figures[figure]:.3f}" for figure in FIGURES)
        yield f"| {name} | {cells} |"
    yield ""
    prd, prb = fit.models["boosting"]["prd"], fit.models["boosting"]["prb"]
    if prd > 1.03 or prb < -0.05:
        yield (
            f"Vertical inequity: PRD {prd:.3f}, PRB {prb:+.3f}. Cheap parcels come out dear, dear "
            "ones cheap. 低价高估、高价低估。"
        )
        yield ""


def _groups(fit: PriceFit) -> Iterator[str]:
    yield f"Intervals of {fit.settings.coverage:.0%}; plain is split conformal with one width."
    yield ""
    yield "| group | deals | answered | cover | width | bound holds | plain cover | plain width |"
    yield "|" + "---|" * 8
    for x in fit.lines:
        yield (
            f"| {x.group} | {x.deals} | {x.answered} | {x.cover:.3f} | {x.width:.3f} "
            f"| {x.bound_cover:.3f} | {x.plain_cover:.3f} | {x.plain_width:.3f} |"
        )
    yield ""
    swing = np.array(fit.manifest["metrics"]["cover_left_out"])
    if (swing >= 0.0).any():
        low, high = swing[swing >= 0.0].min(), swing[swing >= 0.0].max()
        yield (
            f"Left out one origin at a time, cover of a group and period ran from {low:.3f} to"
            f" {high:.3f}: deals of one period share the error of its level."
        )
        yield ""
    missed = [x.group for x in fit.lines if _misses(x, fit.settings.coverage)]
    if missed:
        yield (f"Cover is more than {100 * SPREAD:.0f} points off in {', '.join(missed)}.")
        yield ""


def _misses(line: GroupLine, coverage: float) -> bool:
    return line.answered >= LEAST and abs(line.cover - coverage) > SPREAD


def _screened(fit: PriceFit) -> Iterator[str]:
    told = ", ".join(f"{name} {count}" for name, count in fit.screened.counts.items() if count)
    yield f"Screened (flagged, none deleted): {told}."
    yield ""
    yield "| feature | direction |"
    yield "|---|---|"
    for feature in fit.deals.features:
        yield f"| `{feature.name}` {feature.words.en} | {feature.direction:+d} |"
    yield ""
    yield f"Data digest `{fit.manifest['data_digest'][:16]}`, seed {fit.config.seed}."
