"""Farm sales in Minnesota, five regions, 2002-2009 (county assessors; alr4 MinnLand).

Split: sales of 2009 are later; 2005 to 2008, each valued from the two years before
it, calibrate.  Only year and region are known: farms of like soil and size in the
region take the place of the township.  Prices are brought to the level of the last
earlier year; none is carried forward.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from tests.realdata.sales import Deals, Line, compare, judge, scales, trait_effects

FILE = "minnland.parquet"
SPLIT, BACK, MOST = 2009, 2, 400
CALIBRATION = (2005, 2006, 2007, 2008)
SIZES = (40.0, 80.0, 160.0)
BASELINE = (
    "0.219 / 0.261, COD 30.6 / 35.3 (gradient boosting / least squares, up to 2008 against 2009-11)"
)


@dataclass(frozen=True)
class Study:
    """The later year, valued from the earlier ones."""

    lines: list[Line]
    scale: dict[str, float]
    earlier: int


def load(folder: Path) -> pd.DataFrame:
    """Sales with little value in buildings, without repeated rows."""
    frame = pd.read_parquet(folder / FILE).drop_duplicates()
    frame = frame[frame["improvements_pct"].fillna(0.0) <= 50.0].reset_index(drop=True)
    return frame.assign(
        region=frame["region"].astype(str), sale=frame["acre_price_usd"].astype(float)
    )


def traits_of(frame: pd.DataFrame) -> np.ndarray:
    """Size, soil, share of tillable land, buildings, set-aside and terms of payment."""
    size = np.log(frame["acres"].astype(float))
    soil, tillable = frame["productivity"] / 10.0, frame["tillable_pct"] / 100.0
    own_soil = [
        (soil.fillna(0.0) * (frame["region"] == name)).to_numpy()
        for name in sorted(frame["region"].unique())
    ]
    return np.column_stack([
        size, size**2, *own_soil, soil.isna(), tillable.fillna(0.0), tillable.isna(),
        frame["improvements_pct"].fillna(0.0) / 100.0, frame["crp_pct"] / 100.0,
        frame["financing"].astype(str) == "seller_financed",
    ]).astype(float)  # fmt: skip


def codes_of(frame: pd.DataFrame, cuts: np.ndarray) -> list[str]:
    """A code of 2 + 4 + 3 digits for region, band of soil and band of size."""
    region = frame["region"].map(
        {name: 11 + k for k, name in enumerate(sorted(set(frame["region"])))}
    )
    soil = frame["productivity"]
    band = np.where(soil.isna(), 0, 1 + np.searchsorted(cuts, soil.fillna(0.0)))
    size = np.searchsorted(SIZES, frame["acres"])
    return [f"{r:02d}{b:04d}{s:03d}" for r, b, s in zip(region, band, size, strict=True)]


def value(frame: pd.DataFrame, year: int) -> pd.DataFrame:
    """Estimates of one year's sales from the sales before it."""
    known = frame["year"] < year
    cell = (frame["region"] + frame["year"].astype(str)).to_numpy()
    traits, logs = traits_of(frame), np.log(frame["sale"].to_numpy())
    effects, left = trait_effects(traits[known], logs[known], cell[known])
    worth = traits @ effects
    level = pd.Series(logs - worth)[known].groupby(cell[known]).median()
    here = pd.Series(cell).map(level).to_numpy()
    today = (frame["region"] + str(year - 1)).map(level).to_numpy()
    cuts = np.nanquantile(frame.loc[known, "productivity"], [0.2, 0.4, 0.6, 0.8])
    codes = np.array(codes_of(frame, cuts))
    recent, new = known & (frame["year"] >= year - BACK), frame["year"] == year
    deals, subjects = (
        Deals(
            frame.loc[rows, "sale"].to_numpy(), codes[rows].tolist(), np.ones(rows.sum()),
            np.exp(worth[rows]), np.exp(here[rows] - today[rows]),
            frame.loc[rows, "year"].to_numpy(float), year - frame.loc[rows, "year"].to_numpy(float),
        )
        for rows in (recent.to_numpy(), new.to_numpy())
    )  # fmt: skip
    found = compare(deals, subjects, left, MOST).set_axis(frame.index[new])
    return found.assign(group=frame.loc[new, "region"], sale=frame.loc[new, "sale"])


def study(folder: Path) -> Study:
    """Calibrate on 2005 to 2008 as they came, report 2009."""
    frame = load(folder)
    scale = scales(pd.concat([value(frame, year) for year in CALIBRATION]))
    return Study(judge(value(frame, SPLIT), scale), scale, int((frame["year"] < SPLIT).sum()))
