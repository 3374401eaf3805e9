"""The regression against scikit-learn, statsmodels and closed forms."""

import warnings

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from models.pd import fit_logistic
from models.pd.collinear import inflation
from models.pd.newton import GRADIENT, separated
from riskengine.errors import ModelError


def sample(n: int = 3000) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    generator = np.random.default_rng(7)
    x = generator.normal(size=(5, n))
    x[4] += 0.8 * x[0]
    y = (generator.random(n) < 1.0 / (1.0 + np.exp(2.5 - x.sum(axis=0) * 0.5))).astype(float)
    return x, y, generator.uniform(0.3, 3.0, n)


@pytest.mark.parametrize("ridge", [0.0, 7.0])
def test_scikit_learn_agrees(ridge: float) -> None:
    x, y, weight = sample()
    fit = fit_logistic(x, y, weight, ridge)
    strength = 1.0 / ridge if ridge else np.inf
    peer = LogisticRegression(C=strength, tol=1e-12, solver="newton-cholesky", max_iter=500)
    peer.fit(x.T, y, sample_weight=weight)
    np.testing.assert_allclose(fit.coefficients, peer.coef_[0], rtol=0, atol=1e-8)
    assert fit.intercept == pytest.approx(peer.intercept_[0], abs=1e-8)
    assert fit.gradient < GRADIENT and fit.remedy == ("ridge" if ridge else "none")


def test_statsmodels_agrees_on_errors_too() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import statsmodels.api as sm
        from statsmodels.stats.outliers_influence import variance_inflation_factor
    x, y, weight = sample()
    fit = fit_logistic(x, y, weight)
    design = sm.add_constant(x.T)
    model = sm.GLM(y, design, family=sm.families.Binomial(), freq_weights=weight)
    peer = model.fit(tol=1e-13, maxiter=200)
    np.testing.assert_allclose(fit.coefficients, peer.params[1:], rtol=0, atol=1e-8)
    np.testing.assert_allclose(fit.errors, peer.bse, rtol=1e-8)
    np.testing.assert_allclose(fit.p_values, peer.pvalues, rtol=1e-6, atol=1e-30)
    assert fit.log_likelihood == pytest.approx(peer.llf, rel=1e-10)
    plain, robust = fit_logistic(x, y), sm.Logit(y, design).fit(disp=0, cov_type="HC0", tol=1e-12)
    np.testing.assert_allclose(plain.robust_errors, robust.bse, rtol=1e-6)
    factors = [variance_inflation_factor(design, k) for k in range(1, 6)]
    np.testing.assert_allclose(inflation(x), factors, rtol=1e-10)


def test_saturated_table_is_its_closed_form() -> None:
    y = np.repeat([1.0, 0.0, 1.0, 0.0], [12, 30, 9, 60])
    x = np.repeat([1.0, 0.0], [42, 69])
    fit = fit_logistic([x], y)
    assert fit.intercept == pytest.approx(np.log(9 / 60), abs=1e-9)
    assert fit.coefficients[0] == pytest.approx(np.log(12 / 30) - np.log(9 / 60), abs=1e-9)
    assert fit.errors[1] == pytest.approx(np.sqrt(1 / 12 + 1 / 30 + 1 / 9 + 1 / 60), rel=1e-8)


def test_firth_is_half_a_count_in_each_cell() -> None:
    """For a saturated table Firth's penalty is Haldane's half count."""
    y, x = np.repeat([1.0, 1.0, 0.0], [12, 5, 9]), np.repeat([1.0, 0.0], [12, 14])
    fit = fit_logistic([x], y)
    assert fit.remedy == "firth" and fit.gradient < GRADIENT
    assert fit.intercept == pytest.approx(np.log(5.5 / 9.5), abs=1e-8)
    assert fit.coefficients[0] == pytest.approx(np.log(12.5 / 0.5) - np.log(5.5 / 9.5), abs=1e-8)


def test_firth_halves_the_bias_of_rare_events() -> None:
    generator = np.random.default_rng(11)
    x = generator.normal(size=(1, 120))
    plain, firth = [], []
    for _ in range(60):
        y = (generator.random(120) < 1.0 / (1.0 + np.exp(2.5 - x[0]))).astype(float)
        if y.sum() > 2:
            plain.append(fit_logistic(x, y).coefficients[0])
            firth.append(fit_logistic(x, y, separation="always").coefficients[0])
    assert abs(np.mean(firth) - 1.0) < abs(np.mean(plain) - 1.0)


def test_complete_separation_is_proved_and_refused_when_asked() -> None:
    x, y = np.arange(20.0), np.repeat([0.0, 1.0], 10)
    design = np.column_stack([np.ones(20), x])
    assert separated(design, y)
    mixed = y.copy()
    mixed[[3, 15]] = [1.0, 0.0]
    assert not separated(design, mixed)
    with pytest.raises(ModelError, match="separate"):
        fit_logistic([x], y, separation="refuse")
    assert np.isfinite(fit_logistic([x], y).coefficients).all()
    assert fit_logistic([x], y, ridge=1.0).remedy == "ridge"


def test_steep_but_not_separated_data_keep_the_likelihood() -> None:
    x = np.concatenate([np.linspace(-30, 30, 400), [0.4, -0.4]])
    y = np.concatenate([(np.linspace(-30, 30, 400) > 0).astype(float), [0.0, 1.0]])
    fit = fit_logistic([x], y)
    assert fit.remedy == "none" and fit.gradient < GRADIENT


def test_dependent_columns_are_refused() -> None:
    x, y, _ = sample(200)
    with pytest.raises(ModelError, match="depend"):
        fit_logistic(np.vstack([x, x[0] - 2 * x[1]]), y)
    with pytest.raises(ModelError, match="depend"):
        fit_logistic(np.vstack([x, np.ones(200)]), y)
    assert np.isinf(inflation(np.vstack([x, x[0]]))).all()


@pytest.mark.parametrize("cell", [np.nan, np.inf])
def test_non_finite_regressor_is_refused(cell: float) -> None:
    with pytest.raises(ModelError, match="not finite"):
        fit_logistic([[0.0, cell, 1.0]], [0, 1, 0])


def test_one_class_is_refused() -> None:
    with pytest.raises(ModelError, match="one class"):
        fit_logistic([[0.0, 1.0]], [0, 0])
