"""Registered sales of rural land and houses in Taiwan (OGDL 1.0, attribution 內政部地政司).

Split: contracts from 2019-04-01 on are later; March 2019, valued from the deals
before it, calibrates.  Levels: land section or road, district, county.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from tests.realdata.sales import (
    Deals,
    Line,
    compare,
    judge,
    place_levels,
    place_score,
    scales,
    trait_effects,
)

FILE = "tw_lvr_rural_collateral.parquet"
FIRST, CALIBRATION, SPLIT, LAST = (
    pd.Timestamp(day) for day in ("2018-01-01", "2019-03-01", "2019-04-01", "2019-06-01")
)
HOUSES = ("village_house", "farmhouse")
ZONES = ("一般農業區", "山坡地保育區", "森林區", "鄉村區")
ROAD = r"(?:區|鎮|鄉|市)([^0-9０-９]*?[路街道段巷里村])"
SECTION = r"^(.*?段)"
BASELINES = {
    "farm_land": "0.424 / 0.378, COD 68.6 / 69.4 (gradient boosting / least squares)",
    "farm_land_urban_agri_zone": "0.464, COD 72.8",
    "village_building_land": "0.442, COD 84.3",
    "village_house": "0.121 / 0.168, COD 20.5 / 27.8",
    "farmhouse": "0.310, COD 47.5 (n = 31)",
    "forest_land": "0.575, COD 72.5 (random split)",
}
"""Median APE and COD beside the data: release 2019-S against 2020-04."""


@dataclass(frozen=True)
class Study:
    """The later period, valued from the earlier one."""

    lines: list[Line]
    scale: dict[str, float]
    earlier: int


def load(folder: Path) -> pd.DataFrame:
    """Arm's-length sales with unit price, place and traits."""
    frame = pd.read_parquet(folder / FILE)
    price = frame["total_price_twd"].astype(float)
    fair = frame["arms_length"] & (price >= 10_000.0) & (frame["target"] != "車位")
    dated = frame["txn_date"].between(FIRST, LAST, inclusive="left")
    frame = frame[fair & dated].copy()
    house = frame["collateral_class"].isin(HOUSES)
    frame["group"] = frame["collateral_class"].astype(str)
    area = frame["building_area_m2"].where(house, frame["land_area_m2"]).astype(float)
    frame = frame.assign(area=area, sale=frame["total_price_twd"].astype(float))
    frame = frame[(frame["area"] > 1.0) & (frame["land_area_m2"] > 0.0)]
    text = frame["location"].astype(str)
    road, section = (text.str.extract(p, expand=False).fillna("") for p in (ROAD, SECTION))
    near = road.where(frame["collateral_class"].isin(HOUSES), section)
    county = frame["county"].astype(str)
    district = county + "|" + frame["district"].astype(str)
    frame = frame.assign(county=county, district=district, near=district + "|" + near)
    return frame.assign(code=_codes(frame)).reset_index(drop=True)


def _codes(frame: pd.DataFrame) -> list[str]:
    """A code of 2 + 4 + 3 digits for county, district and neighbourhood."""
    number: dict[str, int] = {}
    count: dict[str, int] = {}
    for name in sorted({*frame["county"], *frame["district"], *frame["near"]}):
        wider = name.rpartition("|")[0]
        number[name] = count[wider] = count.get(wider, -1) + 1
    return [
        f"{number[c] + 11:02d}{number[d]:04d}{number[n]:03d}"
        for c, d, n in zip(frame["county"], frame["district"], frame["near"], strict=True)
    ]


def traits_of(frame: pd.DataFrame, group: str) -> np.ndarray:
    """Traits of land, or of houses."""
    size = np.log(frame["area"])
    if group not in HOUSES:
        zone = frame["nonurban_zone"].astype(str)
        marks = [(zone == name) for name in ZONES]
        others = [frame["n_land"] > 1, frame["f_unregistered_addition"], frame["f_share"]]
        return np.column_stack([size, *marks, *others]).astype(float)
    years = (frame["txn_date"] - frame["completion_date"]).dt.days / 3652.5
    age = years.clip(0.0, 6.0)
    material, shape = frame["material"].astype(str), frame["building_type"].astype(str)
    return np.column_stack([
        size, np.log(frame["land_area_m2"]) - size, age.isna(), age.fillna(0.0),
        age.fillna(0.0) ** 2, material.str.contains("鋼筋混凝土"),
        material.str.contains("木|土|石|竹|磚造$"), ~shape.str.contains("透天|農舍"),
        frame["n_parking"] > 0, frame["f_unregistered_addition"],
    ]).astype(float)  # fmt: skip


def value(frame: pd.DataFrame, day: pd.Timestamp, until: pd.Timestamp) -> pd.DataFrame:
    """Estimates of the sales from a day on, from the two years of sales before it."""
    parts = []
    for group, rows in frame.sort_values("txn_date", kind="stable").groupby("group"):
        old = rows[(rows["txn_date"] < day) & (rows["txn_date"] >= day - pd.Timedelta(days=730))]
        new = rows[(rows["txn_date"] >= day) & (rows["txn_date"] < until)]
        logs = np.log((old["sale"] / old["area"]).to_numpy())
        effects, left = trait_effects(traits_of(old, group), logs, old["district"].to_numpy())
        worth = [traits_of(part, group) @ effects for part in (old, new)]
        layers = [
            [part[name].to_numpy() for name in ("county", "district", "near")]
            for part in (old, new)
        ]
        levels = place_levels(logs - worth[0], *layers[0])
        deals, subjects = (
            Deals(
                (part["sale"] / part["area"]).to_numpy(), part["code"].tolist(),
                place_score(levels, *layer), np.exp(trait), np.ones(len(part)),
                (part["txn_date"] - FIRST).dt.days.to_numpy(float),
                (day - part["txn_date"]).dt.days.to_numpy(float) / 365.25,
            )
            for part, layer, trait in zip((old, new), layers, worth, strict=True)
        )  # fmt: skip
        found = compare(deals, subjects, left).set_axis(new.index)
        found["estimate"] *= new["area"]
        parts.append(found.assign(group=group, sale=new["sale"]))
    return pd.concat(parts)


def study(folder: Path) -> Study:
    """Calibrate on March 2019, report April 2019 and later."""
    frame = load(folder)
    scale = scales(value(frame, CALIBRATION, SPLIT))
    lines = judge(value(frame, SPLIT, LAST), scale)
    return Study(lines, scale, int((frame["txn_date"] < SPLIT).sum()))
