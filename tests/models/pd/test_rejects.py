"""Reject inference: what each method does, and whether the benchmark can tell."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy.special import expit

from models.pd import RejectSettings, fit_logistic, masked_benchmark, with_rejects
from riskengine.errors import ModelError


def line(x: np.ndarray, y: np.ndarray, weight: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    fit = fit_logistic(x, y, weight)
    return lambda cells: fit.intercept + fit.coefficients @ cells


def sample(n: int = 4000, bend: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(3)
    x = generator.normal(size=(2, n))
    odds = -1.0 + x[0] - 0.8 * x[1] + bend * np.maximum(x[0], 0.0) ** 2
    return x, (generator.random(n) < expit(odds)).astype(float)


def parts() -> tuple[np.ndarray, ...]:
    x, y = sample()
    accepted = x[0] < 0.5
    scorer = line(x[:, accepted], y[accepted], np.ones(accepted.sum()))
    seen, turned = x[:, accepted], x[:, ~accepted]
    return seen, y[accepted], turned, scorer(seen), scorer(turned)


def test_nothing_is_inferred_unless_asked_for() -> None:
    x, y, turned, raw, turned_raw = parts()
    found = with_rejects(x, y, None, turned, raw, turned_raw)
    assert found.x.shape == x.shape and not found.inferred.any()


def test_fuzzy_cases_enter_twice_with_the_weight_of_one() -> None:
    x, y, turned, raw, turned_raw = parts()
    found = with_rejects(x, y, None, turned, raw, turned_raw, RejectSettings("fuzzy"))
    m = turned_raw.size
    assert found.y.size == y.size + 2 * m and found.inferred.sum() == 2 * m
    assert found.weight[found.inferred].sum() == pytest.approx(m)
    bads = found.weight[found.inferred] @ found.y[found.inferred]
    assert bads == pytest.approx(expit(turned_raw).sum())
    harder = with_rejects(
        x, y, None, turned, raw, turned_raw, RejectSettings("fuzzy", prudence=3.0)
    )
    assert harder.weight[harder.inferred] @ harder.y[harder.inferred] > 1.2 * bads


def test_fuzzy_inference_leaves_a_line_where_it_was() -> None:
    """It adds what the model already said: the coefficients stay, only their errors shrink."""
    x, y, turned, raw, turned_raw = parts()
    found = with_rejects(x, y, None, turned, raw, turned_raw, RejectSettings("fuzzy"))
    before, after = fit_logistic(x, y), fit_logistic(found.x, found.y, found.weight)
    np.testing.assert_allclose(after.coefficients, before.coefficients, atol=1e-7)
    assert (after.errors < before.errors).all()  # a precision nobody has earned


def test_parcels_take_the_rate_of_their_band_and_the_seed_decides_who() -> None:
    x, y, turned, raw, turned_raw = parts()
    how = RejectSettings("parcelling", bands=5, seed=1)
    found = with_rejects(x, y, None, turned, raw, turned_raw, how)
    again = with_rejects(x, y, None, turned, raw, turned_raw, how)
    np.testing.assert_array_equal(found.y, again.y)
    top = raw >= np.quantile(raw, 0.8)
    assert found.y[found.inferred].mean() == pytest.approx(y[top].mean(), abs=0.1)


def test_reweighting_keeps_the_rows_and_the_total() -> None:
    x, y, turned, raw, turned_raw = parts()
    found = with_rejects(x, y, None, turned, raw, turned_raw, RejectSettings("reweighting"))
    assert found.y.size == y.size and not found.inferred.any()
    assert found.weight.sum() == pytest.approx(y.size + turned_raw.size)
    assert found.weight.min() == 1.0


def test_benchmark_says_no_where_the_model_is_right_and_nothing_can_be_gained() -> None:
    x, y = sample()
    for result in masked_benchmark(x, y, None, -x[0], line, settings=(RejectSettings("fuzzy"),)):
        assert not result.helped and abs(result.gain) < 1e-6


def test_benchmark_says_yes_where_prudence_is_deserved() -> None:
    """Refused cases much worse than the accepted line says: prudence in odds repairs part of it."""
    x, y = sample(8000, bend=1.5)
    tried = (RejectSettings("fuzzy", prudence=4.0), RejectSettings("fuzzy", prudence=1.0))
    helped, plain = masked_benchmark(x, y, None, -x[0], line, share=0.3, settings=tried)
    assert helped.helped and helped.gain_hidden > helped.gain > 0
    assert helped.p_value < 0.001 and not plain.helped


def test_benchmark_says_no_where_inference_harms() -> None:
    x, y = sample(6000)
    harmful = RejectSettings("fuzzy", prudence=20.0)
    (result,) = masked_benchmark(x, y, None, -x[0], line, settings=(harmful,))
    assert result.gain < -3 * result.error and not result.helped


def test_all_methods_are_tried_by_default() -> None:
    x, y = sample(1500)
    results = masked_benchmark(x, y, None, -x[0], line)
    assert [r.method for r in results] == ["parcelling", "fuzzy", "reweighting"]
    assert all(np.isfinite([r.loss, r.gain, r.error, r.gain_hidden]).all() for r in results)


def test_bad_input_is_refused() -> None:
    x, y, turned, raw, turned_raw = parts()
    with pytest.raises(ModelError):
        RejectSettings("augment")
    with pytest.raises(ModelError):
        with_rejects(x, y, None, turned[:1], raw, turned_raw, RejectSettings("fuzzy"))
    with pytest.raises(ModelError):
        masked_benchmark(x, y, None, raw, line, share=1.0)
    with pytest.raises(ModelError, match="one class"):
        masked_benchmark(x, (x[0] > -0.2).astype(float), None, -x[0], line, share=0.8)
