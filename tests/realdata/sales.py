"""The engine's comparison method on foreign sales: kernel, rules and calibration, split by time.

Everything that is learned (how traits and places move the price, how far the
stated error must be scaled) comes from sales before the split; sales after it are
only valued and compared.

    |---- deals ----|-- calibration --|            scale of the error
    |------------- deals -------------|--- later ---|   what is reported
                                      split
"""

import math
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from riskengine.appraisal import ratio_study
from riskengine.comparables import LEVELS, index_deals
from riskengine.kernels.comparison import comparison_rows
from riskengine.rules import statute

NOMINAL = 0.9
NORMAL_90 = 1.6448536269514722
LEAST_CALIBRATION = 100
"""Sales from which a group has a scale of its own; smaller ones share one."""


@dataclass(frozen=True)
class Deals:
    """One group of sales as the comparison wants them.

    `codes` stand for region codes of 9 digits: a neighbourhood within a township
    within a county of the foreign land takes the place of township, county and
    province, since the engine looks for deals at those three levels.
    """

    price: np.ndarray
    codes: list[str]
    place: np.ndarray
    traits: np.ndarray
    index: np.ndarray
    day: np.ndarray
    age: np.ndarray


def compare(deals: Deals, subjects: Deals, error: float, most: int | None = None) -> pd.DataFrame:
    """Price of every subject by its nearest deals, by the engine's kernel and rules."""
    rules = statute().at(date(2026, 11, 24))
    number = rules.number
    names = (
        "factor_low", "factor_high", "product_low", "product_high", "gross_floor", "missing_gross",
    )  # fmt: skip
    policy = np.array([
        *(number(f"comparison.{name}") for name in names), error,
        number("comparison.usual_count"), number("comparison.quantile"),
    ])  # fmt: skip
    fewest = number("comparison.minimum_cases")
    limit = int(number("comparison.largest_cases")) if most is None else most
    places = tuple(sorted({*deals.codes, *subjects.codes}))
    number_of = {code: k for k, code in enumerate(places)}
    here = np.array([number_of[code] for code in deals.codes], dtype=np.int64)
    levels = index_deals(np.zeros(here.size, dtype=np.int64), places, here, deals.day)
    one = np.ones(here.size)
    block = np.stack([deals.price, one, deals.index, one, deals.age, deals.place, deals.traits])
    size = len(subjects.codes)
    rights = np.stack([*np.ones((3, size)), subjects.place, subjects.traits])
    out, level = np.full((5, size), np.nan), np.full(size, np.nan)
    there = np.array([number_of[code] for code in subjects.codes], dtype=np.int64)
    same = np.zeros(there.size, dtype=np.int64)
    for k, (name, place) in enumerate(zip(LEVELS, levels, strict=True)):
        cells = place.cells(same, places, there)
        starts, stops = place.starts[cells], place.stops[cells]
        needed = np.isnan(out[0]) & (stops - starts >= fewest)
        found = np.full((5, size), np.nan)
        sorted_block = np.ascontiguousarray(block[:, place.order])
        comparison_rows(starts, stops, rights, sorted_block, policy, limit, needed, found)
        taken = needed & (found[2] >= fewest)
        out[:, taken], level[taken] = found[:, taken], k
        added = rules.table("comparison.level_error")[name]
        out[1, taken] = np.hypot(out[1, taken], added)
    return pd.DataFrame({"estimate": out[0], "error": out[1], "used": out[2], "level": level})


def scale_of(ratio: np.ndarray, error: np.ndarray) -> float:
    """Split-conformal factor on the stated error for 90 % intervals."""
    scores = np.sort(np.abs(np.log(ratio)) / error)
    rank = math.ceil((scores.size + 1) * NOMINAL)
    return float(scores[min(rank, scores.size) - 1]) / NORMAL_90


def scales(sales: pd.DataFrame) -> dict[str, float]:
    """Scale of every group, and under ``""`` of the groups too small for one of their own."""
    told = sales.dropna(subset=["estimate"])
    ratio = (told["sale"] / told["estimate"]).to_numpy()
    error, group = told["error"].to_numpy(), told["group"].to_numpy()
    found = {"": scale_of(ratio, error)}
    for name in sorted(set(group)):
        rows = group == name
        if rows.sum() >= LEAST_CALIBRATION:
            found[name] = scale_of(ratio[rows], error[rows])
    return found


@dataclass(frozen=True)
class Line:
    """What a later period says of one group."""

    group: str
    sales: int
    answered: int
    median_ape: float
    cod: float
    prd: float
    prb: float
    median_ratio: float
    within_30: float
    coverage: float
    width: float
    scale: float


def judge(later: pd.DataFrame, scale: dict[str, float]) -> list[Line]:
    """Figures of every group and of all, on the later period only."""
    factor = later["group"].map(lambda name: scale.get(name, scale[""]))
    later = later.assign(error=later["error"] * factor)
    groups = [(name, rows) for name, rows in later.groupby("group")]
    return [_line(name, rows, scale) for name, rows in [*groups, ("all", later)]]


def _line(name: str, rows: pd.DataFrame, scale: dict[str, float]) -> Line:
    told = rows.dropna(subset=["estimate"])
    ratio = told["estimate"] / told["sale"]
    inside = np.abs(np.log(ratio)) <= NORMAL_90 * told["error"]
    study = None
    if len(told) > 1:
        study = ratio_study(
            assessed=told["estimate"].to_numpy(), sale_price=told["sale"].to_numpy(), trim=None,
            bootstrap=0,
        ).overall.statistics  # fmt: skip
    off = np.abs(ratio - 1.0)
    return Line(
        name, len(rows), len(told), float(off.median()), *(
            (study.cod, study.prd, study.prb, study.median) if study else (math.nan,) * 4
        ), float((off < 0.3).mean()), float(inside.mean()),
        float(np.exp(NORMAL_90 * told["error"].median())), scale.get(name, scale[""]),
    )  # fmt: skip


def trait_effects(
    traits: np.ndarray, logs: np.ndarray, places: np.ndarray, ridge: float = 5.0
) -> tuple[np.ndarray, float]:
    """Effects of traits on the logarithm of price within places, and what they leave over.

    Least squares on deviations from the mean of the place, once with all sales and
    once without the outermost hundredth on either side.
    """
    both = pd.DataFrame(np.column_stack([traits, logs]))
    within = (both - both.groupby(places).transform("mean")).to_numpy()
    x, y = within[:, :-1], within[:, -1]
    kept = np.ones(y.size, dtype=bool)
    for _ in range(2):
        square = x[kept].T @ x[kept] + ridge * np.eye(x.shape[1])
        effects = np.linalg.solve(square, x[kept].T @ y[kept])
        left = y - x @ effects
        low, high = np.quantile(left, [0.01, 0.99])
        kept = (left >= low) & (left <= high)
    return effects, float(np.std(left[kept]))


def place_levels(logs: np.ndarray, *layers: np.ndarray) -> list[dict[str, float]]:
    """Deviation of every place from the wider one, shrunk by its credibility (Bühlmann)."""
    finest = pd.Series(logs).groupby(layers[-1])
    free = logs.size - finest.ngroups
    noise = float(((logs - finest.transform("mean")) ** 2).sum()) / max(free, 1)
    rest, found = logs - np.median(logs), []
    for layer in layers:
        means = pd.Series(rest).groupby(layer).agg(["mean", "count"])
        spread = float((means["count"] * means["mean"] ** 2).sum() - noise * len(means))
        between = max(spread / means["count"].sum(), 1e-4)
        level = means["mean"] * means["count"] / (means["count"] + noise / between)
        found.append(level.to_dict())
        rest = rest - pd.Series(layer).map(level).to_numpy()
    return found


def place_score(levels: list[dict[str, float]], *layers: np.ndarray) -> np.ndarray:
    """Price level of places; one never seen before is like the wider one around it."""
    total = np.zeros(len(layers[0]))
    for level, layer in zip(levels, layers, strict=True):
        total += np.array([level.get(name, 0.0) for name in layer])
    return np.exp(total)
