"""Deals for the price models: files beside the repository, made ready for the configurations.

Minnesota gives neither identifier nor day: the row number and the middle of the year
take their place.  Taiwan gives addresses: the land section, or the road or village of
a house, is the narrowest place.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingRegressor
from threadpoolctl import threadpool_limits

from models.assess.price import price_lines
from models.config import Config, read_config
from models.frame import Frame, prepare
from models.price.measures import GroupLine, accuracy
from models.price.screen import arm_flags
from models.price.settings import PriceSettings
from models.store import Registry
from models.training import Candidate, train
from tests.realdata.taiwan import ROAD, SECTION

CONFIGS = Path(__file__).parents[2] / "examples" / "models"
MINNESOTA, TAIWAN = "minnland.parquet", "tw_lvr_rural_collateral.parquet"
FLOORS = {name: k + 1.0 for k, name in enumerate("一二三四五六七八九十")}
NORTH = ("基隆市", "臺北市", "新北市", "桃園市", "新竹市", "新竹縣", "宜蘭縣")
CENTRE = ("苗栗縣", "臺中市", "彰化縣", "南投縣", "雲林縣")
EAST = ("花蓮縣", "臺東縣")


@dataclass(frozen=True)
class Case:
    """One price model on real deals."""

    name: str
    file: str
    config: str


CASES = (
    Case("minnesota", MINNESOTA, "minnesota_land.toml"),
    Case("farm_land", TAIWAN, "taiwan_farm_land.toml"),
    Case("village_house", TAIWAN, "taiwan_village_house.toml"),
)


def table_of(case: Case, folder: Path) -> pd.DataFrame:
    """Deals with the columns that the configuration names."""
    frame = pd.read_parquet(folder / case.file)
    texts = [name for name in frame if isinstance(frame[name].dtype, pd.CategoricalDtype)]
    frame = frame.assign(**{name: frame[name].astype("string") for name in texts})
    return _minnesota(frame) if case.file == MINNESOTA else _taiwan(frame)


def _minnesota(frame: pd.DataFrame) -> pd.DataFrame:
    day = pd.to_datetime(frame["year"].astype(str) + "-07-01")
    return frame.assign(row=np.arange(len(frame)), sold_on=day)


def _taiwan(frame: pd.DataFrame) -> pd.DataFrame:
    text = frame["location"].astype("string")
    road, section = (text.str.extract(p, expand=False) for p in (ROAD, SECTION))
    near = road.where(frame["building_area_m2"] > 0.0, section).fillna("")
    age = (frame["txn_date"] - frame["completion_date"]).dt.days / 365.25
    county = frame["county"].astype(str)
    part = np.select(
        [county.isin(NORTH), county.isin(CENTRE), county.isin(EAST)], ["north", "centre", "east"],
        "south",
    )  # fmt: skip
    kind = frame["district"].astype(str).str[-1].map({"鄉": "township", "鎮": "town", "市": "town"})
    material = frame["material"].astype("string")
    built = np.select(
        [material.str.contains("鋼筋混凝土|鋼骨", na=False), material.str.contains("加強磚", na=False),
         material.str.contains("木|土|石|竹|磚", na=False)],
        ["concrete", "reinforced_brick", "old"], "other",
    )  # fmt: skip
    shape = frame["building_type"].astype("string")
    return frame.assign(
        near=near, age_years=age.clip(lower=0.0), part=part, kind=kind.fillna("district"),
        built=built, detached=np.where(shape.str.contains("透天|農舍", na=False), "yes", "no"),
        floors=frame["total_floors"].astype("string").str[0].map(FLOORS),
        addition=frame["f_unregistered_addition"].astype("boolean").fillna(False).astype(float),
        parcels=frame["n_land"].astype(float), parking=frame["n_parking"].astype(float),
        baths_number=frame["baths"].astype(float), rooms_number=frame["rooms"].astype(float),
        price=frame["total_price_twd"].astype(float),
    )  # fmt: skip


def plain_baselines(frame: Frame) -> dict[str, np.ndarray]:
    """Log prices of the test rows by the two models published with the data, fitted on this split.

    Gradient boosting at its defaults with the year or month as a feature, and least
    squares with a straight trend; districts by their smoothed mean.
    """
    past, test = np.isin(frame.part, ("train", "calibrate")), frame.part == "test"
    y = np.log(frame.y)
    months = frame.day.astype("datetime64[M]").astype(float)
    places = [name for name in ("county", "district") if name in frame.table]
    levels = [_encoded(frame.table[name].astype(str).to_numpy(), y, past) for name in places]
    rows = [*frame.x, months, *levels]
    x = np.column_stack(rows)
    trees = HistGradientBoostingRegressor(random_state=0, early_stopping=False)
    filled = np.where(np.isnan(x), np.nanmedian(x[past], axis=0), x)
    dummies = [
        frame.x[k] == code
        for k, feature in enumerate(frame.features)
        for code in range(1, len(feature.codes))
    ]
    wide = np.column_stack([np.ones(len(x)), filled, np.isnan(x), *dummies]).astype(float)
    effects = np.linalg.lstsq(wide[past], y[past], rcond=None)[0]
    with threadpool_limits(1):
        found = trees.fit(x[past], y[past]).predict(x[test])
    return {"boosting_default": found, "least_squares": wide[test] @ effects}


def _encoded(names: np.ndarray, y: np.ndarray, past: np.ndarray) -> np.ndarray:
    told = pd.DataFrame({"name": names[past], "y": y[past]}).groupby("name")["y"]
    overall = y[past].mean()
    smooth = (told.sum() + 10.0 * overall) / (told.count() + 10.0)
    return pd.Series(names).map(smooth).fillna(overall).to_numpy()


@dataclass(frozen=True)
class Study:
    """A trained release, its figures by group, and what other models say on the same rows."""

    config: Config
    candidate: Candidate
    frame: Frame
    lines: tuple[GroupLine, ...]
    others: dict[str, dict[str, float]]

    @property
    def own(self) -> dict[str, float]:
        """Test figures of the release."""
        return dict(self.candidate.assessment.metrics)

    @property
    def told(self) -> dict:
        """What the release says of itself."""
        return dict(self.candidate.model.manifest)

    @property
    def plain(self) -> dict[str, tuple[float, float]]:
        """Cover and width of plain split conformal by group."""
        return {
            name: (cover, width) for name, (cover, width) in self.told["plain_intervals"].items()
        }


def study(case: Case, folder: Path) -> Study:
    """Train as an analyst does, and measure on the test rows once."""
    config, table = read_config(CONFIGS / case.config), table_of(case, folder)
    with TemporaryDirectory() as place:
        candidate = train(config, table, Registry(Path(place) / "registry"), config.split.test_to)
    frame = prepare(table, config)
    test = frame.of("test")
    flags = arm_flags(test.table, PriceSettings.of(config.settings))
    rows = ~np.any(list(flags.values()), axis=0)
    y = np.log(test.y[rows])
    others = {name: accuracy(one[rows], y) for name, one in plain_baselines(frame).items()}
    return Study(config, candidate, frame, price_lines(candidate.model, test, config), others)


def pages(folder: Path) -> Iterator[str]:
    """What the report says of the price models."""
    yield "## Price models: land and village houses"
    yield ""
    yield (
        "Settings were chosen by rolling origins before the test.  The test rows had been looked at before "
        "the error of the level of prices entered the widths, before Taiwan was grouped by kind of township "
        "and before directions were repaired; each was decided on earlier rows or on principle, but it was "
        "no single look."
    )
    for case in CASES:
        found = study(case, folder)
        split = found.config.split
        yield ""
        yield f"### {found.config.name}"
        yield ""
        yield (
            f"`examples/models/{case.config}`: learned to {split.calibrate_to}, "
            f"tested from then to {split.test_to}."
        )
        yield ""
        yield "| model | R2 (log) | median APE | median ratio | COD | PRD | PRB | within 20 % |"
        yield "|" + "---|" * 8
        for name, x in {"boosting": found.own, **found.told["baselines"], **found.others}.items():
            yield (
                f"| {name} | {x['r2_log']:.3f} | {x['median_ape']:.3f} | {x['median_ratio']:.3f} | {x['cod']:.1f} "
                f"| {x['prd']:.3f} | {x['prb']:+.3f} | {x['within_20']:.3f} |"
            )
        yield ""
        yield "| group | test sales | answered | cover of 90 % | mean width, log | plain split: cover | width |"
        yield "|" + "---|" * 7
        for x in found.lines:
            plain_cover, plain_width = found.plain[x.group]
            yield (
                f"| {x.group} | {x.deals:,} | {x.answered:,} | {x.cover:.3f} | {x.width:.3f} "
                f"| {plain_cover:.3f} | {plain_width:.3f} |"
            )
        swing = np.array(found.told["cover_left_out"])
        yield ""
        yield (
            "Cover of a group and period at rolling origins before the test, widths from the other origins: "
            f"{swing.min():.2f} to {swing.max():.2f}."
        )
