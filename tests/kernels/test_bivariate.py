"""Bivariate normal: 40-digit references, scipy quadrature, closed forms, identities."""

import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import integrate, special, stats

from riskengine.kernels.bivariate import (
    bivariate_normal_cdf,
    marched_integral,
    normal_between,
)
from riskengine.kernels.compiling import plain
from riskengine.kernels.normal import normal_cdf, normal_quantile, normal_survival
from riskengine.kernels.tails import log_normal_cdf, normal_tail_rate

EXACT = 1e-12
INFINITE = math.inf

# h, k, rho, Phi2: integral of n(x) N((k - rho x) / sqrt(1 - rho^2)) with mpmath, 30 digits,
# Gauss-Legendre on intervals shrinking by 1.2 towards every scale of the integrand.
REFERENCES = [
    (0.68550291033596, 0.4944025197762436, -0.9999994103174162, 0.4429757202185572),
    (0.08054042110967355, 1.0374296398268235, -0.9999999999999959, 0.3823284399686723),
    (-0.887733507382259, -0.8877391894720753, 0.9999498398482085, 0.18626634874461676),
    (-9.140729967765655, 9.376810807234024, -0.9999174896773306, 2.761617272869439e-20),
    (4.043749365697927, 15.087689187048037, 0.9953132610759433, 0.9999736984241935),
    (10.693845519332104, -2.9118162412837676, -0.996200512276945, 0.0017966698031100525),
    (-3.5940964042860393, -3.5940964036928515, 0.9999979954444668, 0.00016226037895576722),
    (-8.432096080649844, 8.432160668412347, -0.9992324318053543, 2.2620912643067726e-18),
    (4.805286352238361, -11.421786779268368, -0.30048173279868007, 1.4988639058282045e-30),
    (-11.258752810705623, 3.9985972342685727, -0.637708064887401, 1.44189546626842e-34),
    (-9.997343524639968, -9.9973435246322, 0.3412689818507565, 1.2815959324450472e-35),
    (4.187484977490532, 0.37606925200314556, 0.664573086528899, 0.6465672884190617),
    (-2.907795830298504, -0.2244789890922354, 0.9999999985330563, 0.0018199294583336502),
    (-0.7582838440687959, 0.7567727283233912, -0.9174230382280895, 0.04846230976245168),
    (-4.622006249483326, 4.622003996122021, -0.9999999991438157, 1.4115871131993045e-10),
    (-3.7594155630504567, -4.563260206301287, -0.03452702888062653, 1.0866323713444803e-10),
    (-7.6659488346489475, 19.336258070052462, -0.9999995876831768, 8.875697530438076e-15),
    (8.939974235570421, -7.888350717548661, -0.49378432508062087, 1.531031092766965e-15),
    (0.873072734457359, -0.8730727345114105, -0.9999938475180179, 0.00038136300591111395),
    (0.05938248548046191, -0.059382485480430285, -0.9999999999504938, 1.5808807244120563e-06),
    (-13.224021706136384, -13.224021706148998, 0.3751374955734289, 1.074782137722221e-58),
    (-6.349281333138273, -22.592549249145215, 0.9999999507780598, 2.565020218167e-113),
    (-16.053773615392757, 11.96390570249265, 0.3709795011577717, 2.6895827963368822e-58),
    (4.54090647501299, -27.013101219477022, 0.033521673390690454, 5.184922735398957e-161),
    (-8.672725374121255, -21.028091456600823, 0.999998447140494, 1.8148037242329704e-98),
    (-22.572565480739723, 22.57256546942078, -0.9999996826348482, 2.897906227539256e-115),
    (-7.2690435895500265, -15.367216478841065, -0.09653454898871972, 9.31646870191568e-72),
]


@pytest.mark.parametrize(
    ("h", "k", "rho", "value"),
    [(0.0, 0.0, 0.5, 0.333333333333333), (-1.0, -2.0, 0.3, 0.00868789741471931)],
    ids=["NUM-BVN-01", "NUM-BVN-02"],
)
def test_credit_notes(h: float, k: float, rho: float, value: float) -> None:
    assert bivariate_normal_cdf(h, k, rho) == pytest.approx(value, rel=EXACT, abs=0.0)


@pytest.mark.parametrize(("h", "k", "rho", "value"), REFERENCES)
def test_references_in_body_and_tails(h: float, k: float, rho: float, value: float) -> None:
    assert bivariate_normal_cdf(h, k, rho) == pytest.approx(value, rel=EXACT, abs=0.0)
    assert marched_integral(min(h, k), max(h, k), rho, INFINITE) == pytest.approx(
        value, rel=EXACT, abs=0.0
    )


def test_tails_in_use() -> None:
    """NUM-TAIL-01; 1 - cdf would say 0 for the first and minus infinity for the second."""
    assert normal_survival(10.0) == pytest.approx(7.61985302416053e-24, rel=1e-11, abs=0.0)
    assert log_normal_cdf(-40.0) == pytest.approx(-804.608442013754, rel=1e-11, abs=0.0)
    assert -normal_quantile(1e-20) == pytest.approx(9.26234008979841, rel=1e-11, abs=0.0)
    assert normal_quantile(1e-12) == pytest.approx(-7.034483825301, rel=1e-11, abs=0.0)
    assert 1.0 - normal_cdf(10.0) == 0.0


@given(st.floats(-1e6, 38.0))
@example(-12.0)
@example(-11.999999)
def test_logarithm_and_tail_rate_are_those_of_scipy(x: float) -> None:
    assert log_normal_cdf(x) == pytest.approx(special.log_ndtr(x), rel=1e-13, abs=1e-300)
    if x > -38.0:
        rate = stats.norm.pdf(x) / special.ndtr(x)
        assert normal_tail_rate(x) == pytest.approx(rate, rel=1e-12, abs=1e-300)
    else:
        assert normal_tail_rate(x) == pytest.approx(-x - 1.0 / x, rel=2.0 / x**4 + 1e-15, abs=0.0)


@given(st.floats(-6.0, 6.0), st.floats(-6.0, 6.0), st.floats(-0.99, 0.99))
@settings(max_examples=40)
def test_quadrature_of_scipy(h: float, k: float, rho: float) -> None:
    root = math.sqrt((1.0 - rho) * (1.0 + rho))

    def density(x: float) -> float:
        return float(stats.norm.pdf(x) * special.ndtr((k - rho * x) / root))

    points = sorted(x for x in (rho * k, 0.0, k / rho if rho else 0.0) if -12.0 < x < h)
    expected, _ = integrate.quad(
        density, -12.0, h, points=points or None, epsabs=1e-13, epsrel=1e-12, limit=400
    )
    assert bivariate_normal_cdf(h, k, rho) == pytest.approx(expected, rel=1e-10, abs=1e-12)


@given(st.floats(-1.0, 1.0))
def test_orthant(rho: float) -> None:
    """Sheppard (1899): P(X <= 0, Y <= 0) = 1/4 + asin(rho) / 2 pi."""
    expected = 0.25 + math.asin(rho) / (2.0 * math.pi)
    assert bivariate_normal_cdf(0.0, 0.0, rho) == pytest.approx(expected, rel=EXACT, abs=1e-16)


@given(st.floats(-9.0, 9.0), st.floats(-9.0, 9.0), st.floats(-1.0, 1.0))
@settings(max_examples=60)
def test_identities(h: float, k: float, rho: float) -> None:
    value = bivariate_normal_cdf(h, k, rho)
    assert value == bivariate_normal_cdf(k, h, rho)
    other = bivariate_normal_cdf(h, -k, -rho)
    assert value + other == pytest.approx(normal_cdf(h), rel=1e-13, abs=0.0)
    assert value <= min(normal_cdf(h), normal_cdf(k)) * (1.0 + 1e-13)
    assert value <= bivariate_normal_cdf(h + 0.1, k, rho) * (1.0 + 1e-13)
    assert value <= bivariate_normal_cdf(h, k, min(rho + 0.1, 1.0)) * (1.0 + 1e-13)


@given(st.floats(-7.9, 7.9), st.floats(-7.9, 7.9), st.floats(0.0, 0.9))
@settings(max_examples=60)
def test_both_roads_meet(h: float, k: float, rho: float) -> None:
    low, high = min(h, k), max(h, k)
    marched = marched_integral(low, high, rho, INFINITE)
    assert bivariate_normal_cdf(h, k, rho) == pytest.approx(marched, rel=1e-13, abs=0.0)


def test_limits() -> None:
    assert bivariate_normal_cdf(-INFINITE, 1.0, 0.3) == 0.0
    assert bivariate_normal_cdf(INFINITE, 1.0, -0.3) == normal_cdf(1.0)
    assert bivariate_normal_cdf(INFINITE, INFINITE, 0.5) == 1.0
    assert bivariate_normal_cdf(-1.0, 2.0, 1.0) == normal_cdf(-1.0)
    assert bivariate_normal_cdf(-2.0, 1.0, -1.0) == 0.0
    assert bivariate_normal_cdf(2.0, -1.0, -1.0) == pytest.approx(
        normal_cdf(2.0) - normal_cdf(1.0), rel=1e-14, abs=0.0
    )
    for bad in ((math.nan, 0.0, 0.0), (0.0, math.nan, 0.0), (0.0, 0.0, math.nan), (0.0, 0.0, 1.1)):
        assert math.isnan(bivariate_normal_cdf(*bad))


def test_a_thin_strip_keeps_its_digits() -> None:
    """With rho = -1 the answer is N(h) - N(-k); subtracted, it has 6 digits here."""
    h, width = 1.0, 2.0**-33
    expected = stats.norm.pdf(h - 0.5 * width) * width
    found = bivariate_normal_cdf(h, -(h - width), -1.0)
    assert found == pytest.approx(expected, rel=1e-13, abs=0.0)
    assert normal_cdf(h) - normal_cdf(h - width) != pytest.approx(expected, rel=1e-8, abs=0.0)


@given(st.floats(-39.0, 9.0), st.floats(1e-9, 5.0))
def test_between_two_numbers(low: float, width: float) -> None:
    high = low + width
    middle, half = 0.5 * (low + high), 0.5 * (high - low)
    nodes, weights = np.polynomial.legendre.leggauss(60)
    expected = half * float(weights @ stats.norm.pdf(middle + half * nodes))
    if expected > 1e-290:
        assert normal_between(low, high) == pytest.approx(expected, rel=1e-12, abs=0.0)
    assert normal_between(high, low) == 0.0


def test_compiled_is_plain_python() -> None:
    for h, k, rho, _ in REFERENCES[:6]:
        assert bivariate_normal_cdf(h, k, rho) == pytest.approx(
            plain(bivariate_normal_cdf)(h, k, rho), rel=1e-15, abs=0.0
        )
