"""Means of thin groups, drawn to what surrounds them by their credibility."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from riskengine.kernels.credibility import structure_parameters

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class PlaceTable:
    """What every place adds to the wider one around it.

    Parameters
    ----------
    keys : tuple of str
        Places of all levels, from the widest on.
    level : (k,) int64
        Level of each, from 0.
    effect : (k,) float64
        Deviation from the wider place after credibility [log].
    own : (k,) float64
        Deviation as its deals alone show it [log].
    weight : (k,) float64
        Credibility: weight of the own deviation, in [0, 1].
    count : (k,) int64
        Deals behind it.
    """

    keys: tuple[str, ...]
    level: NDArray[np.int64]
    effect: Floats
    own: Floats
    weight: Floats
    count: NDArray[np.int64]

    def at(self, keys: NDArray[np.object_]) -> Floats:
        """Return the level of the places around each row.

        Parameters
        ----------
        keys : (levels, n) object
            Keys from the widest place on.

        Returns
        -------
        (n,) float64
            Sum of the effects; a place not in the table adds nothing [log].
        """
        table = dict(zip(self.keys, self.effect.tolist(), strict=True))
        total = np.zeros(keys.shape[1])
        for level in keys:
            total += np.array([table.get(key, 0.0) for key in level])
        return total


def credible_means(
    values: Floats, labels: NDArray[np.int64], count: int
) -> tuple[Floats, Floats, Floats]:
    """Credibility means of labelled values about their collective mean.

    Parameters
    ----------
    values : (n,) float64
        Values, any one unit.
    labels : (n,) int64
        Label of each, in [0, count).
    count : int
        Labels.

    Returns
    -------
    tuple of (count,) float64
        Own mean less the collective one (NaN without values), credibility factor
        in [0, 1], and their product (0 without values).  Where the variances cannot
        be told, every factor is 0.
    """
    order = np.argsort(labels, kind="stable")
    starts = np.searchsorted(labels[order], np.arange(count + 1)).astype(np.int64)
    volumes, means, factors = np.empty(count), np.empty(count), np.zeros(count)
    collective, _, _ = structure_parameters(
        np.ascontiguousarray(values[order]), np.ones(values.size), starts, volumes, means, factors
    )
    factors = np.nan_to_num(factors, nan=0.0)
    own = means - collective
    return own, factors, np.where(np.isnan(own), 0.0, own) * factors


def place_table(values: Floats, keys: NDArray[np.object_]) -> PlaceTable:
    """Shrink places level by level: each is drawn to the wider one by its credibility.

    Parameters
    ----------
    values : (n,) float64
        What is left of each log price without its places [log].
    keys : (levels, n) object
        Keys from the widest place on; ``""`` is not known.

    Returns
    -------
    PlaceTable
        Places in the order of level and key.
    """
    rest = values.copy()
    parts: list[tuple[Sequence[str], int, Floats, Floats, Floats, NDArray[np.int64]]] = []
    for number, level in enumerate(keys):
        known = np.array([key != "" for key in level], dtype=bool)
        names, labels = np.unique(level[known].astype(str), return_inverse=True)
        own, weight, effect = credible_means(rest[known], labels.astype(np.int64), names.size)
        counts = np.bincount(labels, minlength=names.size)
        parts.append((names.tolist(), number, effect, own, weight, counts))
        rest[known] -= effect[labels]
    none: Floats = np.zeros(0)
    return PlaceTable(
        tuple(name for part in parts for name in part[0]),
        np.repeat([part[1] for part in parts], [len(part[0]) for part in parts]).astype(np.int64),
        np.concatenate([none, *(part[2] for part in parts)]),
        np.concatenate([none, *(part[3] for part in parts)]),
        np.concatenate([none, *(part[4] for part in parts)]),
        np.concatenate([none, *(part[5] for part in parts)]).astype(np.int64),
    )


def out_of_fold(values: Floats, keys: NDArray[np.object_], seed: int, folds: int = 5) -> Floats:
    """Level of the places around each deal, told by the other deals alone.

    Parameters
    ----------
    values : (n,) float64
        As `place_table`.
    keys : (levels, n) object
        As `place_table`.
    seed : int
        Of the folds.
    folds : int
        Number of folds, >= 2.

    Returns
    -------
    (n,) float64
        Level [log]: no deal has a part in its own.
    """
    out = np.zeros(values.size)
    if not keys.shape[0]:
        return out
    fold = np.random.default_rng(seed).permutation(values.size) % folds
    for k in range(folds):
        held = fold == k
        out[held] = place_table(values[~held], keys[:, ~held]).at(keys[:, held])
    return out
