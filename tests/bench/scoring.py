"""Speed of learned scores against scikit-learn, LightGBM, ONNX Runtime and treelite.

The same trees everywhere: scikit-learn's, imported by treelite, converted by skl2onnx
(to 32 bits, all that its runtime takes), and written out as a LightGBM model.  One
thread; each library gets the layout of numbers that it wants.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from tests.bench.timing import best

ROWS, FEATURES, TREES = 100_000, 20, (80, 200)
EXPLAINED = 1_000_000


def sample(rows: int, seed: int) -> tuple[Any, Any]:
    """Applications, made up: skewed, rounded and missing figures, and who defaulted."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, FEATURES))
    x[:, ::3] = np.exp(x[:, ::3])
    x[:, 5] = np.round(x[:, 5], 1)
    log_odds = 0.4 * x[:, :6].sum(axis=1) + np.sin(2.0 * x[:, 7]) + 0.5 * x[:, 8] * x[:, 9] - 2.5
    y = (rng.random(rows) < 1.0 / (1.0 + np.exp(-log_odds))).astype(float)
    x[rng.random(x.shape) < 0.08] = np.nan
    return x, y


def fitted(trees: int) -> Any:
    """A classifier of scikit-learn: 31 leaves, six deep."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    x, y = sample(30_000, 0)
    return HistGradientBoostingClassifier(
        max_iter=trees, max_leaf_nodes=31, max_depth=6, early_stopping=False, random_state=0
    ).fit(x, y)


def lightgbm_text(model: Any) -> str:
    """The trees of scikit-learn in LightGBM's own file format; the baseline in the first."""
    names = " ".join(f"f{k}" for k in range(FEATURES))
    lines = [
        "tree", "version=v4", "num_class=1", "num_tree_per_iteration=1", "label_index=0",
        f"max_feature_idx={FEATURES - 1}", "objective=binary sigmoid:1", f"feature_names={names}",
        "feature_infos=" + " ".join(["[-1e300:1e300]"] * FEATURES), "",
    ]  # fmt: skip
    extra = float(model._baseline_prediction.item())
    for number, (stage,) in enumerate(model._predictors):
        nodes = stage.nodes
        inner = ~nodes["is_leaf"].astype(bool)
        place = np.where(inner, np.cumsum(inner) - 1, -np.cumsum(~inner))
        splits, leaves = nodes[inner], nodes[~inner]
        columns = {
            "split_feature": splits["feature_idx"], "split_gain": np.ones(len(splits), int),
            "threshold": np.minimum(splits["num_threshold"], 1e300),
            "decision_type": np.where(splits["missing_go_to_left"], 10, 8),
            "left_child": place[splits["left"]], "right_child": place[splits["right"]],
            "leaf_value": leaves["value"] + extra, "leaf_weight": leaves["count"],
            "leaf_count": leaves["count"], "internal_value": splits["value"],
            "internal_weight": splits["count"], "internal_count": splits["count"],
        }  # fmt: skip
        lines += [f"Tree={number}", f"num_leaves={len(leaves)}", "num_cat=0"]
        lines += [f"{name}=" + " ".join(map(repr, c.tolist())) for name, c in columns.items()]
        lines += ["is_linear=0", "shrinkage=1", "", ""]
        extra = 0.0
    return "\n".join([*lines, "end of trees", ""])


def peers(model: Any) -> dict[str, tuple[Callable[[Any], Any], type]]:
    """Probabilities by each library, and the numbers that it wants."""
    import lightgbm
    import onnxruntime
    import treelite
    from skl2onnx import to_onnx

    booster = lightgbm.Booster(model_str=lightgbm_text(model))
    imported = treelite.sklearn.import_model(model)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    first = sample(1, 1)[0].astype(np.float32)
    graph = to_onnx(model, first, options={id(model): {"zipmap": False}})
    session = onnxruntime.InferenceSession(
        graph.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    name = session.get_inputs()[0].name
    return {
        "scikit-learn": (lambda x: model.predict_proba(x)[:, 1], np.float64),
        "LightGBM": (lambda x: booster.predict(x, num_threads=1), np.float64),
        "ONNX Runtime": (lambda x: session.run(None, {name: x})[1][:, 1], np.float32),
        "treelite": (lambda x: treelite.gtil.predict(imported, x, nthread=1).ravel(), np.float64),
    }


def race(trees: int) -> list[tuple[str, str]]:
    """One row and many rows by everybody, checked to be the same probabilities."""
    from models.trees import tree_arrays
    from riskengine.kernels.calibrate import calibrate_rows, probability
    from riskengine.learned.trees import prepare, raw_score_one, raw_scores

    model = fitted(trees)
    prepared, none = prepare(tree_arrays(model)), np.zeros(0)
    x, _ = sample(ROWS, 1)
    across = np.ascontiguousarray(x.T)
    rows, out = list(x[:1000]), np.empty(ROWS)

    def many() -> None:
        calibrate_rows(raw_scores(prepared, across), 0.0, 1.0, none, none, out)

    def one() -> None:
        for row in rows:
            probability(raw_score_one(prepared, row))

    many()
    spent, single = {}, {}
    for name, (predict, kind) in peers(model).items():
        given = x.astype(kind)
        off = np.abs(predict(given) - out)
        assert np.quantile(off, 0.99) < (1e-12 if kind is np.float64 else 1e-5), name
        spent[name] = best(lambda p=predict, g=given: p(g), 3)
        single[name] = best(lambda p=predict, g=given: p(g[:1]), 50)
    np.testing.assert_array_equal(raw_scores(prepared, across), model.decision_function(x))
    ours, ours_single = best(many, 7), best(one, 9) / len(rows)
    fastest = min(spent, key=lambda name: spent[name])
    times = ", ".join(f"{name} {time * 1e3:,.0f}" for name, time in spent.items())
    singles = ", ".join(f"{name} {time * 1e6:,.0f}" for name, time in single.items())
    return [
        (f"one PD by {trees} trees, µs", f"{ours_single * 1e6:.1f}; {singles}"),
        (f"ratio to scikit-learn's predict_proba, {trees} trees (aim >= 300x)",
         f"{single['scikit-learn'] / ours_single:,.0f}x"),
        (f"{ROWS:,} PDs by {trees} trees, ms", f"{ours * 1e3:,.0f}; {times}"),
        (f"ratio to the fastest ({fastest}), {trees} trees (aim >= 1.5x)",
         f"{spent[fastest] / ours:,.1f}x"),
    ]  # fmt: skip


def explained(trees: int) -> list[tuple[str, str]]:
    """Contributions of a million rows, in parts so that memory stays flat."""
    import shap

    from models.trees import tree_arrays
    from riskengine.learned.trees import contributions, prepare

    model = fitted(trees)
    prepared = prepare(tree_arrays(model))
    x, _ = sample(ROWS, 2)
    across = np.ascontiguousarray(x.T)

    def million() -> None:
        for _ in range(EXPLAINED // ROWS):
            contributions(prepared, across)

    contributions(prepared, across[:, :1])
    explainer = shap.TreeExplainer(model)
    theirs = best(lambda: explainer.shap_values(x[:300]), 2) / 300
    ours = best(million, 2)
    return [
        (f"contributions of {EXPLAINED:,} rows, {trees} trees, one thread, s (aim < 10)",
         f"{ours:.1f}"),
        ("ratio to shap's TreeExplainer", f"{theirs * EXPLAINED / ours:,.0f}x"),
    ]  # fmt: skip


def bench_scoring() -> list[tuple[str, str]]:
    """Rows of the table of measurements."""
    import warnings

    from threadpoolctl import threadpool_limits

    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return [line for trees in TREES for line in race(trees)] + explained(TREES[0])


if __name__ == "__main__":
    for title, figure in bench_scoring():
        print(f"{title}: {figure}")
