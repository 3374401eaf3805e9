"""Is a price model near, even-handed and honest about its width on deals that came later."""

import numpy as np
from numpy.typing import NDArray

from models.assess.default_sections import stability_content
from models.assess.result import Assessment, table
from models.config import Config
from models.evaluate.paired_values import compare_values
from models.frame import Frame
from models.price.deals import Deals, deals_of
from models.price.fit import estimate
from models.price.kind import fair_deals
from models.price.measures import GroupLine, accuracy, group_lines
from models.price.settings import PriceSettings
from models.report.document import Content, Picture, Table
from riskengine.drift import drift
from riskengine.errors import ModelError
from riskengine.learned.price import PriceEstimate, PriceModel
from riskengine.words import Text

Floats = NDArray[np.float64]

LARGE = 100
"""Deals from which the cover of a group is held against its level."""

SHOWN = 400
"""Deals in the picture of sold against valued."""


def assess_price(model: PriceModel, frame: Frame, config: Config) -> Assessment:
    """Assess a price model.

    Parameters
    ----------
    model : PriceModel
        As the engine answers.
    frame : Frame
        Deals that it never saw.
    config : Config
        Columns of flags and remarks.

    Returns
    -------
    Assessment
        Figures, and the section on values.

    Raises
    ------
    ModelError
        If the model answers for none of the deals.
    """
    deals, told = _asked(model, frame, config)
    said = ~np.isnan(told.price)
    if not said.any():
        raise ModelError(
            Text("测试行中没有可估价的成交", "the model answers for none of the test deals"),
            Text(
                "核对测试期数据与训练数据的范围", "see whether test rows are like those of training"
            ),
        )
    lines, y = _lines(deals, told), deals.y[said]
    whole, own = lines[-1], accuracy(np.log(told.price[said]), y)
    misses = [abs(one.cover - model.coverage) for one in lines if one.answered >= LARGE]
    figures = {
        "n": float(deals.y.size), **own, "answered": whole.answered / whole.deals,
        "coverage": whole.cover, "coverage_miss": abs(whole.cover - model.coverage),
        "coverage_worst": max(misses, default=np.nan), "bound_coverage": whole.bound_cover,
        "width_log": whole.width, **_baselines(model, own["cod"]),
        "drift_alarms": float(sum(
            one.alarm or one.missing_alarm
            for one in drift(model.arrays, deals.x, list(model.features))
        )),
    }  # fmt: skip
    contents = {
        "values": _content(model, np.exp(y), told, said, lines),
        "stability": stability_content(model.arrays, model.specs, deals.x),
    }
    return Assessment(figures, contents)


def price_lines(model: PriceModel, frame: Frame, config: Config) -> tuple[GroupLine, ...]:
    """Return the figures of every group.

    Parameters
    ----------
    model, frame, config
        As `assess_price`.

    Returns
    -------
    tuple of GroupLine
        Groups in order of name, then ``all``.
    """
    return _lines(*_asked(model, frame, config))


def _lines(deals: Deals, told: PriceEstimate) -> tuple[GroupLine, ...]:
    names = [deals.groups[g] if g >= 0 else "—" for g in deals.group]
    return group_lines(names, deals.y, told)


def _asked(model: PriceModel, frame: Frame, config: Config) -> tuple[Deals, PriceEstimate]:
    settings = PriceSettings.of({**config.settings, **model.manifest.get("settings", {})})
    deals = fair_deals(frame, settings, model.group_codes)
    return deals, estimate(model, deals)


def _baselines(model: PriceModel, cod: float) -> dict[str, float]:
    """Figures of the baselines where the release was tested, and whether it beats them."""
    held = model.manifest.get("baselines", {})
    found = {
        f"{name}_{kind}": told[name]
        for kind, told in held.items()
        for name in ("cod", "median_ape")
    }
    if held:
        found["beats_baselines"] = float(all(cod < told["cod"] for told in held.values()))
    return found


def price_answer(model: PriceModel, frame: Frame) -> Floats:
    """Return the price of every row, whatever its flags.

    Parameters
    ----------
    model : PriceModel
        The model.
    frame : Frame
        Rows.

    Returns
    -------
    (n,) float64
        Price in the unit of the target; NaN where the model abstains.
    """
    settings = PriceSettings.of(model.manifest["settings"])
    every = np.ones(frame.y.size, dtype=bool)
    return estimate(model, deals_of(frame, settings, every, every, model.group_codes)).price


def price_gains(frame: Frame, old: Floats, new: Floats, seed: int) -> dict[str, float]:
    """Return how much nearer a challenger's prices come than a champion's.

    Parameters
    ----------
    frame : Frame
        Rows.
    old, new : (n,) float64
        Answers; rows from which either abstains are left out.
    seed : int
        Of resamples.

    Returns
    -------
    dict of str to float
        Gains of COD and of the absolute log error, with intervals and p-values, and rows.
    """
    both = ~np.isnan(old) & ~np.isnan(new)
    pairs = compare_values(frame.y[both], old[both], new[both], seed=seed)
    gains = {"n": float(both.sum())}
    for name, pair in zip(("cod", "log_error"), pairs[:2], strict=True):
        gains |= {
            f"{name}_gain": pair.difference, f"{name}_gain_low": pair.interval.low,
            f"{name}_gain_high": pair.interval.high, f"{name}_gain_p": pair.test.p_value,
        }  # fmt: skip
    return gains


def _content(
    model: PriceModel, price: Floats, told: PriceEstimate, said: NDArray[np.bool_],
    lines: tuple[GroupLine, ...],
) -> Content:  # fmt: skip
    every = max(1, price.size // SHOWN)
    order = np.argsort(price, kind="stable")[::every]
    points = table(
        "成交价与估价", "Sold against valued",
        (("成交价", "sold", "money"), ("估价", "valued", "money"), ("下限", "low", "money"),
         ("上限", "high", "money")),
        [
            tuple(float(v) for v in (price[k], told.price[said][k], told.low[said][k],
                                     told.high[said][k]))
            for k in order
        ],
    )  # fmt: skip
    abstained = int((~said).sum())
    text = Text(
        f"区间名义覆盖 {model.coverage:.0%}；超出所见范围的 {abstained} 笔不估价。",
        f"Intervals should cover {model.coverage:.0%}; {abstained} deals outside what the model"
        " has seen are not valued.",
    )
    picture = Picture("scatter", points.title, points, 0, 1, price.size)
    return Content(
        text=(text,),
        tables=(_cover(model, (lines[-1], *lines[:-1])), *_others(model)),
        pictures=(picture,),
    )


def _cover(model: PriceModel, lines: tuple[GroupLine, ...]) -> Table:
    plain = model.manifest.get("plain_intervals", {})
    rows = [
        (
            one.group, one.deals, one.answered,
            *(_known(x) for x in (one.cover, one.cover_low, one.cover_high)), model.coverage,
            _known(one.width), *plain.get(one.group, (None, None)),
        )
        for one in lines
    ]  # fmt: skip
    heads = (
        ("组", "group", "text"), ("笔数", "n", "integer"), ("估价笔数", "answered", "integer"),
        ("覆盖", "cover", "share"), ("下限", "low", "share"), ("上限", "high", "share"),
        ("名义", "wanted", "share"), ("宽度（对数）", "width, log", "number"),
        ("单一宽度的覆盖", "cover of one width", "share"),
        ("单一宽度（对数）", "one width, log", "number"),
    )  # fmt: skip
    return table("区间覆盖，按组", "Cover of intervals by group", heads, rows)


def _known(figure: float) -> float | None:
    return None if np.isnan(figure) else figure


def _others(model: PriceModel) -> tuple[Table, ...]:
    held = model.manifest.get("baselines", {})
    if not held:
        return ()
    names = ("r2_log", "median_ape", "cod", "prd", "prb")
    words = {
        "linear": Text("线性特征价格模型", "linear hedonic model"),
        "median": Text("分组中位数", "median of the group"),
    }
    rows = [
        (words.get(name, Text(name, name)), *(told[one] for one in names))
        for name, told in held.items()
    ]
    heads = (
        ("基准", "baseline", "text"), ("R²（对数）", "R² of log", "number"),
        ("中位绝对误差", "median error", "share"), ("COD", "COD", "number"),
        ("PRD", "PRD", "number"), ("PRB", "PRB", "number"),
    )  # fmt: skip
    return (
        table("须胜过的基准，发布时的测试期", "Baselines, on the test of the release", heads, rows),
    )
