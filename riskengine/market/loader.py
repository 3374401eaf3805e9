"""Reading and checking a snapshot folder."""

import csv
import hashlib
import io
import math
import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from riskengine.errors import MarketError
from riskengine.market.quotes import LEVELS, PREFIX_LENGTHS, Spread
from riskengine.market.snapshot import OBSERVATION_COLUMNS, Observation, Quantity, Snapshot
from riskengine.units import UNITS
from riskengine.words import Text


@cache
def demonstration() -> Snapshot:
    """Return the demonstration snapshot built from published figures.

    Returns
    -------
    Snapshot
        Figures with their sources; not a market survey.
    """
    return load(Path(__file__).parent / "demonstration")


def load(folder: Path) -> Snapshot:
    """Read a snapshot folder.

    ``snapshot.toml`` names the snapshot; every other TOML file declares the
    quantities of one subject and every CSV file (UTF-8) holds observations.

    Parameters
    ----------
    folder : pathlib.Path
        The folder.

    Returns
    -------
    Snapshot
        The snapshot.

    Raises
    ------
    MarketError
        Listing every fault of the files, with line numbers.
    """
    digest = hashlib.sha256()
    faults: list[str] = []
    declared: dict[str, Any] = {}
    tables: dict[str, str] = {}
    head: dict[str, Any] = {}
    for path in sorted([*folder.glob("*.toml"), *folder.glob("*.csv")]):
        raw = path.read_bytes()
        digest.update(path.name.encode() + b"\0" + raw + b"\0")
        try:
            text = raw.decode("utf-8-sig")
            if path.suffix == ".csv":
                tables[path.name] = text
            elif path.name == "snapshot.toml":
                head = tomllib.loads(text)
            else:
                declared |= tomllib.loads(text)
        except (UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
            faults.append(f"{path.name}: {fault}")
    faults += [f"snapshot.toml: {key} is missing" for key in HEAD_KEYS if key not in head]
    quantities = {name: _quantity(name, entry, faults) for name, entry in declared.items()}
    observations = [
        observation
        for name, text in tables.items()
        for observation in _observations(name, text, quantities, faults)
    ]
    if faults:
        raise _broken(folder.name, faults)
    title = Text(head["title"]["zh"], head["title"]["en"])
    return Snapshot(
        head["name"], title, head["as_of"], quantities, tuple(observations), digest.hexdigest()
    )


HEAD_KEYS = ("name", "title", "as_of")
"""What ``snapshot.toml`` must hold."""


def _observations(
    name: str, text: str, quantities: Mapping[str, Quantity], faults: list[str]
) -> list[Observation]:
    """Check one table of observations."""
    rows = csv.DictReader(io.StringIO(text), restval="")
    if tuple(rows.fieldnames or ()) != OBSERVATION_COLUMNS:
        faults.append(f"{name}: columns must be {', '.join(OBSERVATION_COLUMNS)}")
        return []
    read = (_observation(row, f"{name} line {rows.line_num}", quantities, faults) for row in rows)
    return [observation for observation in read if observation is not None]


def _broken(name: str, faults: list[str]) -> MarketError:
    listed = "; ".join(faults)
    return MarketError(
        Text(f"市场快照 {name} 有误：{listed}", f"market snapshot {name}: {listed}"),
        Text("请按快照格式改正后重试", "correct the snapshot and try again"),
    )


def _quantity(name: str, entry: Mapping[str, Any], faults: list[str]) -> Quantity:
    """Check one declaration."""
    if entry.get("unit") not in UNITS:
        faults.append(f"[{name}]: unknown unit {entry.get('unit')!r}")
    between = entry.get("between", {})
    spread = Spread(
        float(entry.get("within", 0.0)),
        float(entry.get("drift", 0.0)),
        tuple(float(between.get(level, 0.0)) for level in LEVELS),
        float(entry.get("category", 0.0)),
        {letter: float(deviation) for letter, deviation in entry.get("confidence", {}).items()},
    )
    if spread.within <= 0.0 or not spread.confidence:
        faults.append(f"[{name}]: within > 0 and confidence are needed")
    title = entry.get("title", {})
    return Quantity(
        name, Text(title.get("zh", name), title.get("en", name)), entry.get("unit", ""), spread,
        entry.get("parents", {}), bool(entry.get("latest", False)),
    )  # fmt: skip


def _observation(
    row: Mapping[str, str], where: str, quantities: Mapping[str, Quantity], faults: list[str]
) -> Observation | None:
    """Check one line of observations."""
    wrong = faults.append
    quantity = quantities.get(row["quantity"])
    if quantity is None:
        wrong(f"{where}: undeclared quantity {row['quantity']!r}")
        return None
    if row["unit"] != quantity.unit:
        wrong(f"{where}: unit {row['unit']!r}, not {quantity.unit!r}")
    if row["confidence"] not in quantity.spread.confidence:
        wrong(f"{where}: unknown confidence {row['confidence']!r}")
    region = row["region"]
    if region != "CN" and not (region.isdigit() and len(region) in PREFIX_LENGTHS[2:]):
        wrong(f"{where}: region {region!r} is not CN or 2-12 digits")
    if not row["source"]:
        wrong(f"{where}: no source")
    try:
        value = float(row["value"])
        day = date.fromisoformat(row["observed_on"])
        count = int(row["observations"])
        if not (0.0 < value < math.inf) or count < 1:
            raise ValueError(f"value {value} and observations {count} must be positive")
    except ValueError as fault:
        wrong(f"{where}: {fault}")
        return None
    return Observation(
        row["quantity"], region, row["category"], value, day, count, row["confidence"],
        row["source"], row["detail"],
    )  # fmt: skip
