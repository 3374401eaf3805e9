"""Search over settings by forward validation inside the training rows, resumable.

Every (settings, fold) is one task.  Its score is written to a file named for the
data, the settings and the fold, so that a search that was killed goes on where it
stood, and a search over more settings only does the new ones.  The best mean score
wins; of equals the first.
"""

import hashlib
import itertools
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from joblib import Parallel, delayed

from models.config import Config
from models.evaluate.splits import Fold, rolling_origin, spatial_blocks
from models.frame import Frame
from models.sources import code_digest
from riskengine.errors import ModelError
from riskengine.files import as_json, write_whole
from riskengine.learned.features import described
from riskengine.words import Text

MOST_CHOICES = 2000
"""Choices of settings that one search tries at most."""

Scorer = Callable[[Config, Frame, Frame, Mapping[str, Any]], float]
"""Fits on the first rows with some settings and returns how well it does on the second."""


@dataclass(frozen=True)
class Tried:
    """One choice of settings and how it did.

    Parameters
    ----------
    settings : mapping
        The settings.
    scores : tuple of float
        Score on each fold, higher is better.
    mean : float
        Their mean.
    """

    settings: Mapping[str, Any]
    scores: tuple[float, ...]
    mean: float


def candidates(config: Config) -> tuple[Mapping[str, Any], ...]:
    """Return every choice of settings that a configuration asks to try.

    Parameters
    ----------
    config : Config
        Settings, and lists of others in ``search``; ``search.folds`` is no setting.

    Returns
    -------
    tuple of mapping
        Choices, that of the configuration first.

    Raises
    ------
    ModelError
        If there are more of them than `MOST_CHOICES`.
    """
    lists = {name: values for name, values in config.search.items() if name != "folds"}
    asked = math.prod(len(values) for values in lists.values())
    if asked > MOST_CHOICES:
        raise _refused(
            f"[search] 有 {asked} 种设置，最多 {MOST_CHOICES} 种",
            f"[search] asks for {asked} choices of settings, at most {MOST_CHOICES}",
        )
    grid = [dict(zip(lists, choice, strict=True)) for choice in itertools.product(*lists.values())]
    every = [{**config.settings, **choice} for choice in grid]
    first = dict(config.settings)
    return (first, *(choice for choice in every if choice != first)) if lists else (first,)


def forward_folds(config: Config, train: Frame) -> tuple[Fold, ...]:
    """Return folds that each train on the past and look at the stretch that follows.

    Parameters
    ----------
    config : Config
        ``search.folds``: how many, 3 when not said.
    train : Frame
        Training rows.

    Returns
    -------
    tuple of Fold
        Folds of about equal numbers of rows to look at, fewer where the rows know only
        a few days; the first half of the rows only trains.

    Raises
    ------
    ModelError
        If the training rows span too few days.
    """
    count = int(config.search.get("folds", 3))
    days = np.sort(train.day)
    at = [int(days.size * (0.5 + 0.5 * k / count)) for k in range(count + 1)]
    origins = np.unique(np.array([days[min(k, days.size - 1)] for k in at]))
    if origins.size < 2 or origins[0] == days[0]:
        raise _refused("训练期太短，无法向前验证", "the training rows span too few days")
    folds: list[Fold] = []
    for begin, end in itertools.pairwise(origins):
        horizon = int((end - begin) / np.timedelta64(1, "D")) + (end == origins[-1])
        folds += rolling_origin(train.day, [begin - np.timedelta64(1, "D")], horizon)
    return tuple(folds)


def search(
    config: Config, train: Frame, score: Scorer, memory: Path, jobs: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Tried, ...]:  # fmt: skip
    """Try every choice of settings, best first.

    Parameters
    ----------
    config : Config
        What to try.
    train : Frame
        Training rows alone.
    score : callable
        Fits and scores.
    memory : pathlib.Path
        Folder of the scores that are known; made when missing.
    jobs : int
        Tasks at a time, >= 1; the answer does not depend on it.
    progress : callable or None
        Called with tasks done and their number.

    Returns
    -------
    tuple of Tried
        Choices, the best first.

    Raises
    ------
    ModelError
        If nothing can be tried.
    """
    choices, folds = candidates(config), forward_folds(config, train)
    memory.mkdir(parents=True, exist_ok=True)
    tasks = [(choice, fold) for choice in choices for fold in folds]
    code = code_digest()
    paths = [memory / f"{_key(train, config, choice, fold, code)}.json" for choice, fold in tasks]
    known = [_known(path) for path in paths]
    todo = [k for k, value in enumerate(known) if value is None]
    work = Parallel(n_jobs=jobs, return_as="generator", prefer="processes")(
        delayed(_one)(score, config, train, *tasks[k]) for k in todo
    )
    for done, (k, value) in enumerate(zip(todo, work, strict=True), 1):
        known[k] = value
        write_whole(paths[k], as_json({"score": value}))
        if progress is not None:
            progress(len(tasks) - len(todo) + done, len(tasks))
    scores = np.array(known, dtype=float).reshape(len(choices), len(folds))
    order = np.argsort(-scores.mean(axis=1), kind="stable")
    return tuple(
        Tried(choices[k], tuple(scores[k].tolist()), float(scores[k].mean())) for k in order
    )


def _one(
    score: Scorer, config: Config, train: Frame, settings: Mapping[str, Any], fold: Fold
) -> float:
    return float(score(config, train.rows(fold.train), train.rows(fold.test), settings))


def _key(
    train: Frame, config: Config, settings: Mapping[str, Any], fold: Fold, code: str
) -> str:  # fmt: skip
    """What a score depends on: data, features, form, seed, settings, fold and code."""
    content: list[Any] = [train.digest, [described(feature) for feature in train.features]]
    content += [config.kind, config.form, config.seed, dict(settings), fold.name, code]
    content += [str(config.split.train_to), fold.train.size, fold.test.size]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:32]


def _known(path: Path) -> float | None:
    try:
        return float(json.loads(path.read_text(encoding="utf-8"))["score"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def validated(
    config: Config, train: Frame, score: Scorer, settings: Mapping[str, Any]
) -> dict[str, float]:
    """Return how settings do forward in time and in places never seen, inside training.

    Parameters
    ----------
    config : Config
        Place, folds, seed.
    train : Frame
        Training rows alone.
    score : callable
        Fits and scores.
    settings : mapping
        Of the form.

    Returns
    -------
    dict of str to float
        ``score_forward`` over the folds of `forward_folds`, and with a place
        ``score_new_places`` over five blocks of whole places.
    """
    folds = {"score_forward": forward_folds(config, train)}
    if config.place is not None and np.unique(train.place.astype(str)).size >= 5:
        folds["score_new_places"] = spatial_blocks(train.place.astype(str), seed=config.seed)
    return {
        name: float(np.mean([_one(score, config, train, settings, fold) for fold in those]))
        for name, those in folds.items()
    }


def best(tried: Sequence[Tried]) -> Mapping[str, Any]:
    """Return the settings that won.

    Parameters
    ----------
    tried : sequence of Tried
        As `search` gives them.

    Returns
    -------
    mapping
        Settings.
    """
    return tried[0].settings


def _refused(zh: str, en: str) -> ModelError:
    return ModelError(
        Text(zh, en),
        Text("请修改配置的 [search] 或 [split]", "mend [search] or [split] of the configuration"),
    )
