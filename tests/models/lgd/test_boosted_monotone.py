"""Quantiles of a loss keep the declared direction, which scikit-learn drops for that loss."""

import numpy as np

from models.lgd.boosted import Boosting, fit_boosting
from riskengine.learned.features import Feature


def test_a_quantile_rises_with_its_feature() -> None:
    rng = np.random.default_rng(5)
    x = rng.uniform(0.0, 1.0, (2, 800))
    noise = rng.normal(0.0, 0.3, 800)
    y = np.clip(0.4 + 0.2 * x[0] + 0.15 * np.sin(12.0 * x[0]) + noise, 0.0, 1.0)
    features = (Feature("cover", unit="1", direction=1), Feature("size", unit="mu"))
    settings = Boosting(iterations=40, leaves=8, leaf_rows=10, learning_rate=0.1, l2=1.0)
    model = fit_boosting(x, y, np.ones(800), features, settings, level=0.9, seed=1)
    grid = np.column_stack([np.linspace(0.0, 1.0, 101), np.full(101, 0.5)])
    assert (np.diff(model.predict(grid)) >= -1e-12).all()
