"""Common factors when some of them are known: their law, and the book as it then stands.

Of factors Z, normal with correlation C, those in S are held at z.  The others are normal with

    mean C21 C11^-1 z   and   covariance C22 - C21 C11^-1 C12:

the mean alone would leave out all that is still uncertain.  Given Z_S = z the latent variable
of default is normal with mean a'm and variance t^2 = a'Va + 1 - a'Ca, the sale likewise with
mean b'm and variance v^2 = b'Vb + 1 - b'Cb.  Standardised again, they are an ordinary book in
an ordinary factor model: threshold (c - a'm) / t, spread s v, proceeds and time to sell moved
by b'm.  So every road to the loss runs under stress as it runs without, and exactly.

Source: Anderson, An Introduction to Multivariate Statistical Analysis (2003), 2.5; credit
notes 6.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from scipy import special

from riskengine.portfolio.exposures import BookError, Column, Exposures, FactorModel, Index
from riskengine.words import Text

SINGULAR = 1e-10
"""An eigenvalue of a correlation below it counts as 0, and so does a variance."""
ROUNDING = 1e-14
"""Eigenvalues of a difference below it are its rounding."""
SURE = 1e-7
"""A sale whose deviation is below it is settled by the known factors."""


@dataclass(frozen=True, slots=True)
class ConditionalFactors:
    """Law of the common factors once some of them are known.

    Parameters
    ----------
    factors : tuple of str
        Names of the f factors.
    named : tuple of str
        Those that are known.
    mean : (f,) float64
        Means [1]; of a known factor its value.
    covariance : (f, f) float64
        Covariance [1]; rows of known factors are 0.
    root : (f, f) float64
        Symmetric matrix R with R R' = covariance.
    distance : float
        Length of the known values, sqrt(z' C11^-1 z) [1]: how far from usual they are.
    """

    factors: tuple[str, ...]
    named: tuple[str, ...]
    mean: Column
    covariance: Column
    root: Column
    distance: float

    def drawn(self, normals: Column) -> Column:
        """Turn independent normals into factors.

        Parameters
        ----------
        normals : (s, f) float64
            Independent standard normals [1].

        Returns
        -------
        (s, f) float64
            Factors [1] with this mean and covariance.
        """
        found: Column = self.mean + normals @ self.root.T
        return found


def conditional(model: FactorModel, named: Mapping[str, float]) -> ConditionalFactors:
    """Law of all factors given the values of some.

    Parameters
    ----------
    model : FactorModel
        The factors.
    named : mapping of str to float
        Value [1] of each known factor; low is bad.

    Returns
    -------
    ConditionalFactors
        Mean and covariance.

    Raises
    ------
    BookError
        If a factor is not in the model, a value is not finite, or values cannot occur
        together: factors that are one and the same take one value.

    Notes
    -----
    A singular C11 is inverted on its range alone.

    Examples
    --------
    >>> model = FactorModel(("rain", "price"), np.array([[1.0, 0.6], [0.6, 1.0]]), ("crop",),
    ...     np.array([[0.3, 0.2]]), np.zeros((1, 2)), np.zeros(1))
    >>> found = conditional(model, {"rain": -2.0})
    >>> found.mean.round(12).tolist(), found.covariance.round(12).tolist()
    ([-2.0, -1.2], [[0.0, 0.0], [0.0, 0.64]])
    """
    known, values = _known(model, named)
    c = model.correlation
    spectrum, vectors = np.linalg.eigh(c[np.ix_(known, known)])
    kept = spectrum > SINGULAR
    basis = vectors[:, kept]
    scores = basis.T @ values
    if known.size and np.max(np.abs(values - basis @ scores)) > 1e-7:
        raise BookError(
            Text("所设因子值不能同时出现：这些因子完全相关",
                 "the factor values cannot occur together: these factors are perfectly correlated"),
            Text("完全相关的因子应取一致的值", "give such factors values that agree"),
        )  # fmt: skip
    # C[:, S] C11^-1 C[S, :] as H H', so that what is left stays symmetric.
    half = c[:, known] @ (basis / np.sqrt(spectrum[kept]))
    whitened = scores / np.sqrt(spectrum[kept])
    mean, covariance = half @ whitened, c - half @ half.T
    mean[known] = values
    sure = np.diag(covariance) < SINGULAR
    sure[known] = True
    covariance[sure, :] = 0.0
    covariance[:, sure] = 0.0
    left, turned = np.linalg.eigh(covariance)
    root = turned * np.sqrt(np.where(left > ROUNDING, left, 0.0)) @ turned.T
    names = tuple(model.factors[j] for j in known)
    distance = float(np.linalg.norm(whitened))
    return ConditionalFactors(model.factors, names, mean, covariance, root, distance)


def _known(model: FactorModel, named: Mapping[str, float]) -> tuple[Index, Column]:
    """Places and values of known factors, in the order of the model."""
    place = {name: at for at, name in enumerate(model.factors)}
    for name, value in named.items():
        if name not in place:
            raise BookError(
                Text(f"因子模型中没有因子{name}", f"the factor model has no factor {name}"),
                Text("请核对因子名称", "check the name of the factor"),
            )
        if not np.isfinite(value):
            raise BookError(
                Text(f"因子{name}的值{value}应为有限数", f"factor {name} must be finite: {value}"),
                Text("低为不利，例如-2.33", "low is bad, -2.33 for example"),
            )
    known = np.array(sorted(place[name] for name in named), dtype=np.int64)
    values = np.array([float(named[model.factors[j]]) for j in known])
    return known, values


def given(
    exposures: Exposures, model: FactorModel, known: ConditionalFactors
) -> tuple[Exposures, FactorModel]:
    """Return the book as it stands once some factors are known: an ordinary book again.

    Parameters
    ----------
    exposures : Exposures
        The book.
    model : FactorModel
        Its factors.
    known : ConditionalFactors
        From `conditional` of the same model.

    Returns
    -------
    exposures : Exposures
        PD, proceeds, spread and time to sell given the known factors; PDs are exact
        conditional expectations.
    model : FactorModel
        The same factors and segments.  A factor now stands for its deviation from its
        conditional mean over its conditional deviation; known ones carry no loading.

    Raises
    ------
    BookError
        If a debt belongs to no segment, or the law is of another model.

    Notes
    -----
    Gaussian copula.  In a t copula the mixing multiplies the threshold but not a'm, so draw
    factors by `ConditionalFactors.drawn` there.  Proceeds and time to sell at other states
    than the mean follow from the loadings; their means move with the variance that is gone:
    F exp(s b'm - s^2 (1 - v^2) / 2), T exp(-k b'm - k^2 (b'Cb - b'Vb) / 2).
    """
    if known.factors != model.factors:
        raise BookError(
            Text("条件因子与因子模型不符", "the conditional factors are of another model"),
            Text("请用同一因子模型", "use one and the same factor model"),
        )
    check_segments(exposures, model)
    a, b, m, v = model.default_loadings, model.sale_loadings, known.mean, known.covariance
    total = np.sqrt(_form(a, v) + 1.0 - model.default_share)
    gone = np.maximum(model.sale_share - _form(b, v), 0.0)
    still = np.sqrt(np.maximum(1.0 - gone, 0.0))
    moved_model = _standardised(model, known.root, total, still)
    segment, forward = exposures.segment, exposures.forward
    at_default, at_sale = (a @ m)[segment], (b @ m)[segment]
    threshold = (special.ndtri(exposures.default_chance) - at_default) / total[segment]
    s, k, lost = exposures.spread, model.slowdown[segment], gone[segment]
    years = exposures.sale_years * np.exp(-k * at_sale - 0.5 * k * k * lost)
    later = exposures.holding * (years - exposures.sale_years)
    proceeds = forward * np.exp(s * at_sale - 0.5 * s * s * lost - later)
    return replace(
        exposures, default_chance=special.ndtr(threshold), forward=proceeds,
        spread=s * still[segment], sale_years=years,
    ), moved_model  # fmt: skip


def check_segments(exposures: Exposures, model: FactorModel) -> None:
    """Refuse debts that belong to no segment of a model.

    Parameters
    ----------
    exposures : Exposures
        The book.
    model : FactorModel
        Its factors.

    Raises
    ------
    BookError
        If there is one.
    """
    if exposures.size and int(exposures.segment.max()) >= len(model.segments):
        raise BookError(
            Text("债权所属分组不在因子模型中", "a debt belongs to no segment of the factor model"),
            Text("请补充分组或更正编号", "add the segment or correct its number"),
        )


def _form(loadings: Column, matrix: Column) -> Column:
    found: Column = np.maximum(np.einsum("gi,ij,gj->g", loadings, matrix, loadings), 0.0)
    return found


def _standardised(model: FactorModel, root: Column, total: Column, still: Column) -> FactorModel:
    """The model of the deviations that are left, each of variance 1."""
    deviation = np.linalg.norm(root, axis=1)
    half = root / np.where(deviation > 0.0, deviation, 1.0)[:, None]
    correlation = half @ half.T
    np.fill_diagonal(correlation, 1.0)
    inverse = np.divide(1.0, still, out=np.zeros_like(still), where=still > SURE)
    return FactorModel(
        model.factors, correlation, model.segments,
        model.default_loadings * deviation / total[:, None],
        model.sale_loadings * deviation * inverse[:, None],
        model.slowdown * np.where(inverse > 0.0, still, 0.0),
    )  # fmt: skip
