"""From a file and a configuration to a candidate in the registry, with its proof.

    read → check → probe for leaks → search → fit → release → assess as the engine
    answers → report and card → registry

The released arrays depend on the data and the configuration alone: every choice is
seeded and every fit runs on one thread, however many tasks run at a time.
"""

import hashlib
import importlib.metadata
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from models.assess.document import document_of
from models.assess.result import Assessment, checks
from models.assess.words import TRIGGERS, USES
from models.config import Config
from models.fitted import Fitted
from models.frame import Frame, prepare
from models.kinds import KINDS
from models.leakage import refuse_leaks
from models.report.card import card
from models.report.page import render
from models.search import Tried, best, search, validated
from models.sources import code_digest
from models.store import Registry, load_release, write_release
from riskengine import __version__
from riskengine.errors import ModelError
from riskengine.learned import Model
from riskengine.learned.features import described
from riskengine.words import Text


@dataclass(frozen=True)
class Candidate:
    """A trained release.

    Parameters
    ----------
    name, version : str
        Its place in the registry.
    folder : pathlib.Path
        Its folder.
    model : Model
        As the engine loads it.
    assessment : Assessment
        How it did on the test rows.
    tried : tuple of Tried
        Settings that were searched, best first.
    """

    name: str
    version: str
    folder: Path
    model: Model
    assessment: Assessment
    tried: tuple[Tried, ...]


def silent(step: str, done: int, tasks: int) -> None:
    """Tell nobody.

    Parameters
    ----------
    step : str
        Step.
    done, tasks : int
        Tasks done, and their number.
    """
    del step, done, tasks


def train(
    config: Config, table: pd.DataFrame, registry: Registry, on: date, *, jobs: int = 1,
    by: str = "analyst", memory: Path | None = None,
    tell: Callable[[str, int, int], None] = silent,
) -> Candidate:  # fmt: skip
    """Train a model and take it in as a candidate.

    Parameters
    ----------
    config : Config
        How.
    table : pandas.DataFrame
        Rows as read.
    registry : Registry
        Where it goes.
    on : datetime.date
        Day, for the record of stages.
    jobs : int
        Tasks of the search at a time; the release does not depend on it.
    by : str
        Role that trains.
    memory : pathlib.Path or None
        Where the scores of the search are kept; beside the registry when None.
    tell : callable
        Called with a step, tasks done and their number.

    Returns
    -------
    Candidate
        The release.

    Raises
    ------
    ModelError
        If the data have a fault or a feature leaks the outcome, before anything is
        trained.
    """
    tell("check", 0, 1)
    frame = prepare(table, config)
    allowed = refuse_leaks(frame, config)
    kind, training = KINDS[config.kind], frame.of("train")
    kept = memory or registry.root / ".search" / config.name
    tried: tuple[Tried, ...] = ()
    settings: Mapping[str, Any] = config.settings
    with unfit_settings_told():
        if config.search:
            tried = search(
                config, training, kind.score, kept, jobs, lambda done, of: tell("search", done, of)
            )
            settings = best(tried)
        tell("validate", 0, 1)
        inside = validated(config, training, kind.score, settings)
        tell("fit", 0, 1)
        fitted = kind.fit(config, frame, settings)
    tell("assess", 0, 1)
    registry.root.mkdir(parents=True, exist_ok=True)
    staged = Path(tempfile.mkdtemp(prefix=".staged-", dir=registry.root))
    staged.chmod(0o755)  # mkdtemp hides it from the account that serves
    try:
        entries = manifest_of(config, frame, fitted, settings, allowed)
        model, assessment = _released(staged, config, frame, fitted, entries, tried, inside)
        version = registry.add(staged, on, by)
    finally:
        shutil.rmtree(staged, ignore_errors=True)
    folder = registry.folder(config.name, version)
    return Candidate(config.name, version, folder, model, assessment, tried)


@contextmanager
def unfit_settings_told() -> Iterator[None]:
    """Turn what a library says of a setting of the wrong kind into an error in words.

    Raises
    ------
    ModelError
        If a fit refuses its settings.
    """
    try:
        yield
    except (TypeError, ValueError, LookupError, AttributeError, ArithmeticError) as fault:
        raise ModelError(
            Text(f"[settings]、[search] 或 [calibration] 不成立（{fault}）",
                 f"[settings], [search] or [calibration] cannot be used ({fault})"),
            Text("请改正配置中的设置", "mend these settings of the configuration"),
        ) from fault  # fmt: skip


def _released(
    staged: Path, config: Config, frame: Frame, fitted: Fitted, entries: Mapping[str, Any],
    tried: tuple[Tried, ...], inside: Mapping[str, float],
) -> tuple[Model, Assessment]:  # fmt: skip
    """Write a release, ask it as the engine does, and write what it answered into it."""
    write_release(staged, fitted.arrays, entries, {"config.toml": config.text}, fitted.estimator)
    assessment = KINDS[config.kind].assess(load_release(staged), frame.of("test"), config)
    told = {**entries, "metrics": {**assessment.metrics, **inside}}
    wanted = {name: value for name, value in config.bar.items() if name != "champion"}
    bar = checks(wanted, told["metrics"])
    told["bar"] = [[c.name.en, c.wanted, c.found, c.holds] for c in bar]
    document = document_of(config, frame, fitted, told, assessment, bar, tried)
    files = {
        "config.toml": config.text, "card.md": card(told),
        "report.zh.html": render(document, "zh"), "report.en.html": render(document, "en"),
    }  # fmt: skip
    if not frame.rejected.empty:
        files["rejected.csv"] = frame.rejected.to_csv(index=False)
    return write_release(staged, fitted.arrays, told, files, fitted.estimator), assessment


def card_words(config: Config, frame: Frame) -> dict[str, Any]:
    """Return what the card says beyond figures.

    Parameters
    ----------
    config, frame : Config, Frame
        How the model was made, and from what.

    Returns
    -------
    dict
        Use, population, window, triggers, and the command that trains it again.
    """
    use = USES[config.kind]
    kept = config.keep or "every row with an outcome"
    return {
        "use": {"zh": use.zh, "en": use.en}, "population": kept,
        "window": {"from": str(frame.day.min()), "to": str(frame.day.max())},
        "triggers": [{"zh": one.zh, "en": one.en} for one in TRIGGERS],
        "retrain": "python -m models train config.toml DATA",
    }  # fmt: skip


def manifest_of(
    config: Config, frame: Frame, fitted: Fitted, settings: Mapping[str, Any],
    allowed: Mapping[str, str],
) -> dict[str, Any]:  # fmt: skip
    """Return what a release says of itself, before it is assessed.

    Parameters
    ----------
    config : Config
        How it was made.
    frame : Frame
        From what.
    fitted : Fitted
        What came of it.
    settings : mapping
        Settings of the fit.
    allowed : mapping of str to str
        Findings of the leakage probe that stand, with their reason.

    Returns
    -------
    dict
        Plain values; nothing of a clock, a machine or a person.
    """
    split = config.split
    arrays = hashlib.sha256()
    for name in sorted(fitted.arrays):
        array = np.ascontiguousarray(fitted.arrays[name])
        arrays.update(f"{name}{array.dtype}{array.shape}".encode())
        arrays.update(array.tobytes())
    arrays.update(f"{config.digest}{frame.digest}".encode())
    return {
        "bar_set": dict(config.bar), "name": config.name,
        "version": arrays.hexdigest()[:12], "kind": config.kind,
        "form": config.form, "origin": config.origin,
        "not_for": {"zh": config.not_for.zh, "en": config.not_for.en},
        "target": {
            "column": config.target.column, "unit": config.target.unit,
            "zh": config.target.definition.zh, "en": config.target.definition.en,
        },
        "features": [described(feature) for feature in fitted.features],
        **card_words(config, frame),
        "split": {
            "train_to": str(split.train_to), "calibrate_to": str(split.calibrate_to),
            "test_to": str(split.test_to),
        },
        "counts": dict(frame.counts), "settings": dict(settings), "seed": config.seed,
        "allowed": dict(allowed), "notes": [{"zh": n.zh, "en": n.en} for n in fitted.notes],
        "lineage": {
            "data_sha256": frame.digest, "config_sha256": config.digest,
            "code_sha256": code_digest(), "engine_version": __version__,
            "libraries": {
                name: importlib.metadata.version(name)
                for name in ("numpy", "numba", "pandas", "scikit-learn", "scipy")
            },
        },
        **fitted.manifest,
    }  # fmt: skip
