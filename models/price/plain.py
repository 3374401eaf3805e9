"""The price model: gradient-boosted trees on the logarithm of a price, conformal error.

The error is measured on rows later than all rows that the trees have seen: their
absolute log residuals give, per group, the (n + 1)(1 - alpha)-th smallest, which
is the half-width that covers a new deal with probability 1 - alpha.

Source: Lei et al., Distribution-Free Predictive Inference for Regression (2018);
Vovk's Mondrian conformal prediction for groups.
"""

import hashlib
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingRegressor

from models.trees import tree_arrays
from riskengine import __version__
from riskengine.learned.features import Feature, described
from riskengine.rights import RIGHTS

NORMAL_95 = 1.6448536269514722


@dataclass(frozen=True)
class PriceConfig:
    """How a price model is trained.

    Parameters
    ----------
    name, table, quantity, origin : str
        Name of the release, kind of right, market quantity, and what the data
        are: ``institution``, ``foreign`` or ``synthetic``.
    target, date, group : str
        Columns of the price, of the day of the deal, and of the error groups.
    features : dict of str to int
        Features with their monotone direction: 1, -1 or 0.
    calibrate_from, test_from : datetime.date
        First day of the calibration rows and of the test rows.
    seed : int
        Random seed.
    coverage : float
        Coverage of the interval, in (0, 1).
    iterations, leaf_rows : int
        Trees, and rows a leaf must hold.
    """

    name: str
    table: str
    quantity: str
    origin: str
    target: str
    date: str
    group: str
    features: dict[str, int]
    calibrate_from: Any
    test_from: Any
    seed: int = 0
    coverage: float = 0.9
    iterations: int = 200
    leaf_rows: int = 30


@dataclass(frozen=True)
class Trained:
    """A fitted price model and how it did on the rows it never saw.

    Parameters
    ----------
    config : PriceConfig
        How it was trained.
    estimator : HistGradientBoostingRegressor
        The trees.
    arrays : dict of str to array
        What is released.
    metrics : dict of str to float
        Measured on the test rows, out of time.
    data_digest : str
        SHA-256 of the training frame.
    """

    config: PriceConfig
    estimator: HistGradientBoostingRegressor
    arrays: dict[str, NDArray[Any]]
    metrics: dict[str, float]
    data_digest: str


def train(frame: pd.DataFrame, config: PriceConfig) -> Trained:
    """Fit, calibrate and test a price model, split by time.

    Parameters
    ----------
    frame : pandas.DataFrame
        Deals, one a row; rows without a price > 0 or a date are left out.
    config : PriceConfig
        How.

    Returns
    -------
    Trained
        The model with its out-of-time figures.

    Raises
    ------
    ValueError
        If a column is missing or a part of the split has too few rows.
    """
    needed = [config.target, config.date, config.group, *config.features]
    missing = [name for name in needed if name not in frame.columns]
    if missing:
        raise ValueError(f"the frame lacks {missing}; name them in the configuration")
    known = frame[frame[config.target].gt(0) & frame[config.date].notna()]
    known = known.sort_values(config.date, kind="stable")
    days = pd.to_datetime(known[config.date])
    early = (days < pd.Timestamp(config.calibrate_from)).to_numpy()
    late = (days >= pd.Timestamp(config.test_from)).to_numpy()
    middle = ~early & ~late
    for part, rows in (("training", early), ("calibration", middle), ("test", late)):
        if rows.sum() < 2 * config.leaf_rows:
            raise ValueError(f"only {rows.sum()} {part} rows; widen the split by time")
    x, groups = encode(known, config)
    y = np.log(known[config.target].to_numpy(float))
    estimator = HistGradientBoostingRegressor(
        max_iter=config.iterations, min_samples_leaf=config.leaf_rows, learning_rate=0.08,
        monotonic_cst=list(config.features.values()), random_state=config.seed,
        early_stopping=False,
    )  # fmt: skip
    estimator.fit(x[early], y[early])
    errors = _group_errors(
        np.abs(y[middle] - estimator.predict(x[middle])), groups[middle], _choices(config), config
    )
    arrays = {**tree_arrays(estimator), **_support(x[early]), "group_error": errors}
    metrics = _test(y[late], estimator.predict(x[late]), errors[groups[late]])
    counts = {"n_train": early.sum(), "n_calibrate": middle.sum(), "n_test": late.sum()}
    metrics |= {name: float(count) for name, count in counts.items()}
    digest = hashlib.sha256(x.tobytes() + y.tobytes()).hexdigest()
    return Trained(config, estimator, arrays, metrics, digest)


def encode(
    frame: pd.DataFrame, config: PriceConfig
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Turn a frame into features and error groups, codes by their declared order.

    Parameters
    ----------
    frame : pandas.DataFrame
        Deals or rights.
    config : PriceConfig
        Features and group.

    Returns
    -------
    tuple of array
        (n, features) float64 and (n,) int64; missing codes are NaN and -1.
    """
    columns = [_coded(frame[name], name, config) for name in config.features]
    groups = np.nan_to_num(_coded(frame[config.group], config.group, config), nan=-1.0)
    return np.column_stack(columns), groups.astype(np.int64)


def _coded(series: "pd.Series[Any]", name: str, config: PriceConfig) -> NDArray[np.float64]:
    column = RIGHTS[config.table].by_name.get(name)
    if column is None or column.kind != "code":
        return series.to_numpy(float, na_value=np.nan)
    places = {code: float(k) for k, code in enumerate(column.codes)}
    return series.astype(object).map(places).to_numpy(float)


def _choices(config: PriceConfig) -> int:
    return len(RIGHTS[config.table].by_name[config.group].codes)


def _group_errors(
    scores: NDArray[np.float64], groups: NDArray[np.int64], size: int, config: PriceConfig
) -> NDArray[np.float64]:
    """Log error of every group, as the normal error with the conformal half-width."""
    overall = _conformal(scores, config.coverage)
    own = [scores[groups == group] for group in range(size)]
    widths = [_conformal(s, config.coverage) if s.size >= 100 else overall for s in own]
    return np.array([*widths, overall]) / NORMAL_95


def _conformal(scores: NDArray[np.float64], coverage: float) -> float:
    """The ceil((n + 1) coverage)-th smallest score."""
    rank = math.ceil((scores.size + 1) * coverage)
    return float(np.sort(scores)[min(rank, scores.size) - 1])


def _support(x: NDArray[np.float64]) -> dict[str, NDArray[Any]]:
    """What the model has seen: ranges and which features may be missing."""
    return {
        "low": np.nanmin(x, axis=0), "high": np.nanmax(x, axis=0),
        "may_miss": np.isnan(x).any(axis=0),
    }  # fmt: skip


def _test(
    y: NDArray[np.float64], predicted: NDArray[np.float64], errors: NDArray[np.float64]
) -> dict[str, float]:
    """Out-of-time figures."""
    ratio = np.exp(predicted - y)
    median = float(np.median(ratio))
    return {
        "median_ape": float(np.median(np.abs(ratio - 1.0))),
        "median_ratio": median,
        "cod": float(100.0 * np.mean(np.abs(ratio - median)) / median),
        "coverage": float(np.mean(np.abs(y - predicted) <= NORMAL_95 * errors)),
        "r2_log": float(1.0 - np.var(y - predicted) / np.var(y)),
    }


def manifest(trained: Trained) -> dict[str, Any]:
    """Return what a release says of itself.

    Parameters
    ----------
    trained : Trained
        The model.

    Returns
    -------
    dict
        Manifest without the digest of the arrays.
    """
    config = trained.config
    return {
        "name": config.name, "version": trained.data_digest[:12], "kind": "price",
        "form": "boosting", "table": config.table, "quantity": config.quantity,
        "origin": config.origin, "features": [described(feature) for feature in _features(config)],
        "group": config.group, "target": config.target,
        "coverage": config.coverage, "calibrate_from": str(config.calibrate_from),
        "test_from": str(config.test_from), "seed": config.seed, "metrics": trained.metrics,
        "data_digest": trained.data_digest, "engine_version": __version__,
    }  # fmt: skip


def _features(config: PriceConfig) -> list[Feature]:
    contract = RIGHTS[config.table].by_name
    return [
        Feature(
            name, "category" if contract[name].kind == "code" else "number",
            contract[name].unit, direction, tuple(contract[name].codes), title=contract[name].title,
        )
        for name, direction in config.features.items()
    ]  # fmt: skip


def card(trained: Trained) -> str:
    """Return the model card.

    Parameters
    ----------
    trained : Trained
        The model.

    Returns
    -------
    str
        Markdown page.
    """
    config = trained.config
    warnings = {
        "synthetic": "Trained on SYNTHETIC rows: shows the path only. 用合成数据训练，只演示流程。",
        "foreign": "Trained on FOREIGN sales: levels do not transfer. 境外数据，价格水平不可照搬。",
        "institution": "Trained on the institution's own deals. 用本机构成交数据训练。",
    }
    predicts = (
        f"Predicts the logarithm of `{config.target}` ({config.quantity}) for `{config.table}`;"
        f" gradient-boosted trees with monotone directions, split-conformal error by"
        f" `{config.group}`."
    )
    split = (
        f"Split by time: trained before {config.calibrate_from}, calibrated before"
        f" {config.test_from}, tested from then on."
    )
    lines = [
        f"# {config.name}", "", f"**{warnings[config.origin]}**", "",
        predicts, "", split, "",
        "| figure | out of time |", "|---|---|",
        *(f"| {name} | {value:.4g} |" for name, value in trained.metrics.items()), "",
        "| feature | direction |", "|---|---|",
        *(f"| `{name}` | {direction:+d} |" for name, direction in config.features.items()), "",
        f"Data digest `{trained.data_digest[:16]}`, seed {config.seed}.", "",
    ]  # fmt: skip
    return "\n".join(lines)
