"""One readable TOML that says how a model is made; every fault of it is told at once.

The file names the columns, their units and directions, the target, the split by
time, the settings of the fit, what is searched, and what promotion asks for.
"""

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from riskengine.errors import ModelError
from riskengine.learned.features import Feature
from riskengine.words import Text

KINDS = {
    "default": ("scorecard", "boosting"),
    "recovery": ("boosting", "two_stage", "fractional"),
    "price": ("boosting",),
}
"""Forms that a model of each kind may have."""

ORIGINS = ("institution", "foreign", "synthetic", "expert")

TOP = {
    "name", "kind", "form", "origin", "seed", "id", "date", "place", "weight", "keep", "not_for",
    "target", "split", "derive", "recode", "missing", "features", "settings", "calibration",
    "search", "bar", "groups", "fairness", "outside", "order", "reject_share", "allow",
    "outcome_on",
}  # fmt: skip
"""Keys of the top level."""

OF_FEATURE = {
    "kind", "unit", "direction", "codes", "most_codes", "low", "high", "title", "actionable",
}  # fmt: skip
"""Keys of a feature."""


@dataclass(frozen=True)
class Target:
    """What is predicted.

    Parameters
    ----------
    column : str
        Column of the outcome: 1 bad and 0 good, a loss share, or a price.
    unit : str
        Its unit; ``1`` for shares and outcomes.
    definition : Text
        When it counts, in words that a reader can check.
    low, high : float
        Admissible range, both ends inside.
    """

    column: str
    unit: str
    definition: Text
    low: float
    high: float


@dataclass(frozen=True)
class TimeSplit:
    """Last days of the parts, each later than the one before.

    Parameters
    ----------
    train_to, calibrate_to, test_to : datetime.date
        Last day of training, of calibration and of test rows, that day inside.
    """

    train_to: date
    calibrate_to: date
    test_to: date


@dataclass(frozen=True)
class Config:
    """How a model is made.

    Parameters
    ----------
    name, kind, form, origin : str
        Name of the model; what it predicts; how; what it is trained on.
    seed : int
        From which every random choice follows, >= 0.
    id, date : str
        Columns of the identifier and of the day of the decision.
    place, weight, keep : str or None
        Columns of the place and of the weight; condition that a row must meet.
    not_for : Text
        What the model must not be used for.
    target : Target
        What is predicted.
    split : TimeSplit
        Parts in time.
    derive : mapping of str to str
        New columns by arithmetic on others.
    recode : mapping
        Column to (messy code to code); ``""`` is missing.
    missing : mapping
        Column to the values that stand for missing.
    features : tuple of Feature
        What the model looks at; a category without codes takes them from training.
    most_codes : mapping of str to int
        Most codes that such a category takes.
    groups, fairness : tuple of str
        Columns of the subgroup tables, and of the fairness tables (audit alone).
    outside : tuple of str
        Columns offered to the leakage probe beside the features.
    outcome_on : str or None
        Column of the day on which a bad outcome was known, for the probe.
    order : tuple of (str, str)
        Pairs of day columns, the first never later than the second.
    reject_share : float
        Share of rows with a fault that may be set aside, in [0, 1); more is an error.
    allow : mapping of str to str
        Findings of the leakage probe that stand, each with its reason.
    settings, calibration, search, bar : mapping
        Of the fit, of the calibration, of the search, and of promotion.
    digest : str
        SHA-256 of the file.
    """

    name: str
    kind: str
    form: str
    origin: str
    seed: int
    id: str
    date: str
    place: str | None
    weight: str | None
    keep: str | None
    not_for: Text
    target: Target
    split: TimeSplit
    derive: Mapping[str, str]
    recode: Mapping[str, Mapping[str, str]]
    missing: Mapping[str, tuple[Any, ...]]
    features: tuple[Feature, ...]
    most_codes: Mapping[str, int]
    groups: tuple[str, ...]
    fairness: tuple[str, ...]
    outside: tuple[str, ...]
    outcome_on: str | None
    order: tuple[tuple[str, str], ...]
    reject_share: float
    allow: Mapping[str, str]
    settings: Mapping[str, Any]
    calibration: Mapping[str, Any]
    search: Mapping[str, Any]
    bar: Mapping[str, float]
    digest: str
    text: str = field(repr=False, default="")


def read_config(path: Path) -> Config:
    """Read how a model is made.

    Parameters
    ----------
    path : pathlib.Path
        TOML, UTF-8.

    Returns
    -------
    Config
        The configuration.

    Raises
    ------
    ModelError
        If it cannot be read, or with every fault that it has.
    """
    try:
        raw = path.read_bytes()
        content = tomllib.loads(raw.decode("utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise _refused(path.name, [f"{type(fault).__name__}: {fault}"]) from fault
    return parse(content, raw.decode("utf-8-sig"), path.name)


def parse(content: Mapping[str, Any], text: str = "", source: str = "configuration") -> Config:
    """Turn the content of a configuration into one, or tell all that is wrong.

    Parameters
    ----------
    content : mapping
        As TOML gives it.
    text : str
        The file, of which the digest is taken and which goes into the release.
    source : str
        Name of the file, for messages.

    Returns
    -------
    Config
        The configuration.

    Raises
    ------
    ModelError
        With every fault.
    """
    faults = [f"unknown key {name}" for name in sorted(set(content) - TOP)]
    needed = ("name", "kind", "form", "origin", "seed", "id", "date", "target", "split", "features")
    faults += [f"{name} is missing" for name in needed if name not in content]
    if faults:
        raise _refused(source, faults)
    faults += _top_faults(content)
    target = _target(content["target"], content["kind"], faults)
    split = _split(content["split"], faults)
    features = tuple(
        _feature(name, one, faults) for name, one in _table(content, "features", faults).items()
    )
    if not features:
        faults.append("features are empty")
    faults += _column_faults(content, features)
    if faults:
        raise _refused(source, faults)
    return Config(
        content["name"], content["kind"], content["form"], content["origin"], content["seed"],
        content["id"], content["date"], content.get("place"), content.get("weight"),
        content.get("keep"), _words(content.get("not_for", {}), "not_for", faults), target, split,
        content.get("derive", {}), content.get("recode", {}),
        {name: tuple(values) for name, values in content.get("missing", {}).items()}, features,
        {name: int(one.get("most_codes", 30)) for name, one in content["features"].items()},
        tuple(content.get("groups", ())), tuple(content.get("fairness", ())),
        tuple(content.get("outside", ())), content.get("outcome_on"),
        tuple((before, after) for before, after in content.get("order", ())),
        float(content.get("reject_share", 0.0)), content.get("allow", {}),
        content.get("settings", {}),
        content.get("calibration", {}), content.get("search", {}), content.get("bar", {}),
        hashlib.sha256(text.encode()).hexdigest(), text,
    )  # fmt: skip


def _top_faults(content: Mapping[str, Any]) -> list[str]:
    faults = []
    name = content["name"]
    if not (isinstance(name, str) and name.replace("-", "").isalnum() and name.isascii()):
        faults.append("name must be letters, digits and hyphens")
    if content["kind"] not in KINDS:
        faults.append(f"kind {content['kind']!r} is none of {', '.join(KINDS)}")
    elif content["form"] not in KINDS[content["kind"]]:
        forms = ", ".join(KINDS[content["kind"]])
        faults.append(f"form {content['form']!r} of {content['kind']} is none of {forms}")
    if content["origin"] not in ORIGINS:
        faults.append(f"origin {content['origin']!r} is none of {', '.join(ORIGINS)}")
    seed = content["seed"]
    if not isinstance(seed, int) or isinstance(seed, bool) or seed < 0:
        faults.append("seed must be a whole number >= 0")
    tables = ("derive", "recode", "missing", "settings", "calibration", "search", "bar", "allow")
    faults += [
        f"{key} must be a table" for key in tables if not isinstance(content.get(key, {}), Mapping)
    ]
    if not 0.0 <= content.get("reject_share", 0.0) < 1.0:
        faults.append("reject_share must lie in [0, 1)")
    return faults


def _table(content: Mapping[str, Any], key: str, faults: list[str]) -> Mapping[str, Any]:
    table = content[key]
    if isinstance(table, Mapping):
        return table
    faults.append(f"{key} must be a table")
    return {}


def _target(content: Any, kind: str, faults: list[str]) -> Target:
    if not isinstance(content, Mapping) or "column" not in content:
        faults.append("target.column is missing")
        content = {"column": ""}
    faults += [
        f"target.{key} is unknown"
        for key in sorted(set(content) - {"column", "unit", "definition", "low", "high"})
    ]
    low, high = {"default": (0.0, 1.0), "recovery": (-1.0, 2.0)}.get(kind, (0.0, float("inf")))
    definition = _words(content.get("definition", {}), "target.definition", faults)
    if not definition.en:
        faults.append("target.definition is missing: say in words when the outcome counts")
    return Target(
        content["column"], content.get("unit", "1"), definition, content.get("low", low),
        content.get("high", high),
    )  # fmt: skip


def _split(content: Any, faults: list[str]) -> TimeSplit:
    names = ("train_to", "calibrate_to", "test_to")
    days = [content.get(name) if isinstance(content, Mapping) else None for name in names]
    for name, day in zip(names, days, strict=True):
        if not isinstance(day, date) or isinstance(day, datetime):
            faults.append(f"split.{name} must be a date such as 2028-12-31")
    if all(isinstance(day, date) for day in days) and not days[0] < days[1] < days[2]:
        faults.append("split: train_to, calibrate_to and test_to must follow each other")
    return TimeSplit(*days)


def _feature(name: str, content: Any, faults: list[str]) -> Feature:
    if not isinstance(content, Mapping):
        faults.append(f"features.{name} must be a table")
        return Feature(name)
    where = f"features.{name}"
    faults += [f"{where}.{key} is unknown" for key in sorted(set(content) - OF_FEATURE)]
    kind = content.get("kind", "number")
    direction = content.get("direction", 0)
    if kind not in ("number", "category"):
        faults.append(f"{where}.kind {kind!r} is neither number nor category")
    if direction not in (-1, 0, 1) or (kind == "category" and direction != 0):
        faults.append(f"{where}.direction must be -1, 0 or 1, and 0 for a category")
    if kind == "number" and not content.get("unit"):
        faults.append(f'{where}.unit is missing; "1" for a pure number')
    low, high = content.get("low", float("-inf")), content.get("high", float("inf"))
    if not low < high:
        faults.append(f"{where}: low must be below high")
    return Feature(
        name, kind, content.get("unit", ""), direction, tuple(content.get("codes", ())),
        float(low), float(high), _words(content.get("title", {}), f"{where}.title", faults),
        bool(content.get("actionable", False)),
    )  # fmt: skip


def _words(content: Any, where: str, faults: list[str]) -> Text:
    if not isinstance(content, Mapping) or set(content) - {"zh", "en"}:
        faults.append(f"{where} must be {{zh = ..., en = ...}}")
        return Text("", "")
    return Text(content.get("zh", ""), content.get("en", ""))


def _column_faults(content: Mapping[str, Any], features: tuple[Feature, ...]) -> list[str]:
    target = content["target"].get("column") if isinstance(content["target"], Mapping) else None
    barred = {target: "the target", content["id"]: "the identifier", content["date"]: "the day"}
    return [
        f"features.{feature.name} is {barred[feature.name]}: it cannot be looked at"
        for feature in features
        if feature.name in barred
    ]


def _refused(source: str, faults: list[str]) -> ModelError:
    told = "; ".join(faults)
    return ModelError(
        Text(f"{source} 有 {len(faults)} 处错误：{told}", f"{source}: {told}"),
        Text("请按 examples/models 的样子修改", "mend it after the files in examples/models"),
    )
