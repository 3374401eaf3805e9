"""scikit-learn forgets monotone directions for some losses; here they hold."""

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingRegressor
from threadpoolctl import threadpool_limits

from models.monotone_trees import put_right
from models.trees import tree_arrays
from riskengine.learned.trees import prepare, raw_scores

LOSSES = (
    {"loss": "absolute_error"}, {"loss": "quantile", "quantile": 0.05},
    {"loss": "quantile", "quantile": 0.95},
)  # fmt: skip


def _fitted(loss):
    rng = np.random.default_rng(0)
    x = np.column_stack([
        rng.uniform(size=2500), rng.normal(size=2500), rng.integers(0, 4, 2500), rng.normal(size=2500)
    ])  # fmt: skip
    y = -x[:, 0] + x[:, 1] ** 2 + 0.3 * x[:, 2] + 0.2 * x[:, 3] + rng.normal(size=2500)
    model = HistGradientBoostingRegressor(
        monotonic_cst=[-1, 0, 0, 1], categorical_features=[2], max_iter=60, early_stopping=False,
        **loss,
    )  # fmt: skip
    return model.fit(x, y), x


def _worst(predict, x, column, sign):
    """Largest step against a direction, at 25 rows."""
    grid = np.repeat(x[:25], 200, axis=0)
    grid[:, column] = np.tile(np.linspace(x[:, column].min(), x[:, column].max(), 200), 25)
    return float((-sign * np.diff(predict(grid).reshape(25, 200), axis=1)).max())


@pytest.fixture(autouse=True)
def _one_thread():
    with threadpool_limits(1):
        yield


@pytest.mark.parametrize("loss", LOSSES)
def test_directions_hold_after_and_not_before(loss) -> None:
    model, x = _fitted(loss)
    before = model.predict(x)
    assert _worst(model.predict, x, 0, -1) > 0.01
    put_right(model, [-1, 0, 0, 1])
    assert _worst(model.predict, x, 0, -1) < 1e-12
    assert _worst(model.predict, x, 3, 1) < 1e-12
    assert np.corrcoef(before, model.predict(x))[0, 1] > 0.95
    scores = raw_scores(prepare(tree_arrays(model), 4), np.ascontiguousarray(x.T))
    np.testing.assert_array_equal(scores, model.predict(x))


def test_what_was_monotone_stays_to_the_last_bit() -> None:
    model, x = _fitted({"loss": "squared_error"})
    before = model.predict(x)
    np.testing.assert_array_equal(put_right(model, [-1, 0, 0, 1]).predict(x), before)
