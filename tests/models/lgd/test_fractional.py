"""Fractional logit and the mixture: statsmodels, limits, and what must be refused."""

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.special import expit

from models.lgd.design import make_design
from models.lgd.fractional import fit_fractional
from models.lgd.two_stage import fit_two_stage
from riskengine.errors import ModelError
from riskengine.kernels.recovery_score import linear_scores, mixture_quantile, mixture_rows
from riskengine.learned.features import Feature

SECOND_OPINION = 1e-7


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(1)
    n = 1500
    design = np.column_stack([np.ones(n), rng.normal(size=(n, 3))])
    mean = expit(design @ [0.3, 0.8, -0.5, 0.0])
    y = rng.beta(2 * mean, 2 * (1 - mean))
    y[rng.random(n) < 0.08], y[rng.random(n) < 0.08] = 0.0, 1.0
    return design, y, rng.uniform(0.5, 3.0, n)


def test_statsmodels_agrees_on_coefficients_and_robust_errors(data) -> None:
    design, y, _ = data
    ours = fit_fractional(design, y)
    theirs = sm.GLM(y, design, family=sm.families.Binomial()).fit(cov_type="HC0", tol=1e-14)
    np.testing.assert_allclose(ours.coefficients, theirs.params, rtol=SECOND_OPINION)
    np.testing.assert_allclose(ours.errors, theirs.bse, rtol=SECOND_OPINION)


def test_statsmodels_agrees_with_weights(data) -> None:
    design, y, w = data
    ours = fit_fractional(design, y, w)
    theirs = sm.GLM(y, design, family=sm.families.Binomial(), var_weights=w).fit(tol=1e-14)
    np.testing.assert_allclose(ours.coefficients, theirs.params, rtol=SECOND_OPINION)


def test_robust_errors_are_smaller_than_naive_ones_for_shares(data) -> None:
    """The Bernoulli variance is the largest that a share can have: naive errors overstate."""
    design, y, _ = data
    p = fit_fractional(design, y).predict(design)
    naive = np.sqrt(np.diag(np.linalg.inv(design.T @ (design * (p * (1 - p))[:, None]))))
    assert (fit_fractional(design, y).errors < naive).all()


def test_mean_of_predictions_is_the_mean_of_shares(data) -> None:
    design, y, w = data
    predicted = fit_fractional(design, y, w).predict(design)
    assert np.average(predicted, weights=w) == pytest.approx(np.average(y, weights=w), rel=1e-9)


def test_a_whole_weight_is_a_row_repeated(data) -> None:
    design, y, _ = data
    times = np.arange(y.size) % 3 + 1
    once = fit_fractional(design, y, times.astype(float)).coefficients
    repeated = fit_fractional(np.repeat(design, times, axis=0), np.repeat(y, times)).coefficients
    np.testing.assert_allclose(once, repeated, rtol=1e-8)


@pytest.mark.parametrize(
    "spoil", ["repeated", "separated", "above"], ids=["columns repeat", "separated", "above 1"]
)
def test_what_has_no_answer_is_refused(data, spoil) -> None:
    design, y, w = data
    if spoil == "repeated":
        design = np.column_stack([design, design[:, 1]])
    elif spoil == "separated":
        y = (design[:, 1] > 0).astype(float)
    else:
        y = y + 0.5
    with pytest.raises(ModelError):
        fit_fractional(design, y, w)
    if spoil != "above":
        assert np.isfinite(fit_fractional(design, y, w, ridge=1.0).coefficients).all()


FEATURES = (Feature("a"), Feature("b", "category", codes=("x", "y", "z", "never")), Feature("c"))


def table(rng, n):
    x = np.array([rng.lognormal(size=n), rng.integers(0, 3, n) * 1.0, rng.normal(size=n)])
    x[:, rng.random(n) < 0.1] = np.nan
    return x


def test_the_kernel_scores_what_the_design_matrix_says() -> None:
    rng = np.random.default_rng(2)
    x = table(rng, 400)
    design = make_design(x, FEATURES)
    coefficients = rng.normal(size=len(design.columns) + 1)
    a = {k.removeprefix("linear_"): v for k, v in design.arrays([coefficients]).items()}
    new = table(rng, 300) * 3.0
    new[1] = np.where(np.isnan(new[1]), np.nan, rng.integers(-1, 6, 300))
    out = np.empty(300)
    linear_scores(
        new, a["low"], a["high"], a["centre"], a["slope"][0], a["missing"][0],
        a["code_effects"][0], a["code_starts"], float(a["intercept"][0]), out,
    )  # fmt: skip
    np.testing.assert_allclose(out, design.matrix(new) @ coefficients, rtol=0, atol=1e-13)


def test_two_stages_find_the_masses_and_the_mean() -> None:
    rng = np.random.default_rng(3)
    n = 20_000
    x = np.array([rng.normal(size=n)])
    p0, p1, m, phi = expit(-1 + x[0]), expit(-2 - 0.5 * x[0]), expit(0.2 + 0.4 * x[0]), 4.0
    y = rng.beta(m * phi, (1 - m) * phi)
    y = np.where(rng.random(n) < p1, 1.0, y)
    y = np.where(rng.random(n) < p0, 0.0, y)
    fitted = fit_two_stage(x, y, np.ones(n), (Feature("a"),), ridge=0.0)
    inner = np.abs(x[0]) < 2.0  # numbers are drawn to the middle 98 %
    for found, truth in zip(fitted.parts(x), (p0, p1, m), strict=True):
        assert np.abs(found - truth)[inner].max() < 0.04
    assert fitted.precision == pytest.approx(phi, rel=0.05)


def test_mixture_against_simulation() -> None:
    rng = np.random.default_rng(4)
    n, p0, p1, m, phi = 400_000, 0.2, 0.15, 0.4, 3.0
    y = rng.beta(m * phi, (1 - m) * phi, n)
    y = np.where(rng.random(n) < p1, 1.0, y)
    y = np.where(rng.random(n) < p0, 0.0, y)
    levels = np.array([0.1, 0.3, 0.5, 0.8, 0.95])
    scores = np.log([[p0 / (1 - p0)], [p1 / (1 - p1)], [m / (1 - m)]])
    mean, quantiles = np.empty(1), np.empty((5, 1))
    mixture_rows(scores, levels, phi, mean, quantiles)
    assert mean[0] == pytest.approx(y.mean(), abs=3 * y.std() / np.sqrt(n))
    for level, q in zip(levels, quantiles[:, 0], strict=True):
        error = 3 * np.sqrt(level * (1 - level) / n)
        assert np.mean(y < q) - error <= level <= np.mean(y <= q) + error


def test_mixture_at_its_ends() -> None:
    assert mixture_quantile(0.5, 1.0, 0.3, 0.5, 2.0) == 0.0
    assert mixture_quantile(0.5, 0.0, 1.0, 0.5, 2.0) == 1.0
    assert mixture_quantile(0.5, 0.2, 0.1, 0.0, 2.0) == 0.0
    assert mixture_quantile(0.5, 0.2, 0.1, 1.0, 2.0) == 1.0
