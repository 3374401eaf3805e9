"""CreditRisk+: the five published examples, the transform of the generating function, draws.

The examples and their results are those of the manual and workbook that Credit Suisse First
Boston published in 1997.
"""

import numpy as np
import pytest
from scipy import stats

from riskengine.portfolio.credit_risk_plus import CreditRiskPlus, credit_risk_plus
from riskengine.portfolio.exposures import BookError

EXPOSURE = np.array([
    358475, 1089819, 1799710, 1933116, 2317327, 2410929, 2652184, 2957685, 3137989, 3204044,
    4727724, 4830517, 4912097, 4928989, 5042312, 5320364, 5435457, 5517586, 5764596, 5847845,
    6466533, 6480322, 7727651, 15410906, 20238895,
], dtype=np.float64)  # fmt: skip
RATING = "HHFGGGHGDDADDHFEDCECHHBFE"
RATES = {
    "A": (0.015, 0.025, 0.035), "B": (0.016, 0.031, 0.042), "C": (0.030, 0.044, 0.053),
    "D": (0.050, 0.063, 0.070), "E": (0.075, 0.086, 0.086), "F": (0.100, 0.101, 0.096),
    "G": (0.150, 0.131, 0.111), "H": (0.300, 0.199, 0.134),
}  # fmt: skip
PD = np.array([RATES[letter][0] for letter in RATING])
SECTORS = "UJJUEEUJEEUEEJEEUUUUUEJEU"
SHARES = np.array([
    (50, 30, 10, 10), (25, 25, 25, 25), (25, 25, 20, 30), (75, 5, 10, 10), (50, 10, 10, 30),
    (50, 20, 10, 20), (25, 10, 10, 55), (25, 25, 20, 30), (25, 25, 25, 25), (75, 10, 5, 10),
    (50, 10, 10, 30), (50, 20, 10, 20), (25, 25, 25, 25), (25, 10, 10, 55), (25, 25, 30, 20),
    (75, 10, 5, 10), (50, 20, 10, 20), (50, 10, 10, 30), (25, 25, 20, 30), (25, 10, 10, 55),
    (25, 25, 20, 30), (75, 10, 5, 10), (25, 25, 20, 30), (50, 20, 10, 20), (75, 10, 10, 5),
]) / 100.0  # fmt: skip
LATER = {
    1: (358475, 0), 4: (966558, 0), 9: (3137989, 3137989), 10: (3204044, 0),
    11: (4727724, 4727724), 13: (4912097, 0), 17: (2717728.5, 0), 18: (5517586, 5517586),
    19: (2882298, 1441149), 20: (5847845, 5847845),
}  # fmt: skip


def published(book: CreditRiskPlus, level: float, value: float) -> None:
    assert book.measures(level).value_at_risk == pytest.approx(value, abs=1.0)


def one_sector() -> CreditRiskPlus:
    return credit_risk_plus(EXPOSURE, PD, 0.5 * PD)


def test_example_1a() -> None:
    """PF-CRP-1A."""
    book = one_sector()
    assert book.bands.unit_yuan == 202389.0
    assert np.sum(EXPOSURE) == 130513072
    assert book.expected == pytest.approx(14221863.481, abs=1.0)
    assert book.law.expected == pytest.approx(14221863.481, abs=1.0)
    assert book.deviation == pytest.approx(12668741.906, abs=1.0)
    assert book.exact_deviation == pytest.approx(12613103.678, abs=1.0)
    for level, value in (
        (0.5, 11089455), (0.75, 20498062), (0.95, 38908486), (0.975, 46152128),
        (0.99, 55311503), (0.995, 62033181), (0.999, 77133478),
    ):  # fmt: skip
        published(book, level, value)


def test_banded_deviation_is_not_the_exact_one() -> None:
    book = one_sector()
    assert book.deviation - book.exact_deviation > 55000.0
    assert np.sqrt(book.law.variance) == pytest.approx(book.deviation, rel=1e-9)
    assert book.measures(0.99, interpolated=False).value_at_risk == 55454586.0


def test_example_1b() -> None:
    """PF-CRP-1B: without the two largest."""
    book = credit_risk_plus(EXPOSURE[:23], PD[:23], 0.5 * PD[:23])
    assert book.bands.unit_yuan == 77277.0
    assert book.expected == pytest.approx(11162855.756, abs=1.0)
    for level, value in ((0.95, 28823669), (0.975, 33733871), (0.99, 39946857), (0.995, 44482660)):
        published(book, level, value)


def test_example_1c_of_three_years() -> None:
    exposure = np.zeros((25, 3))
    exposure[:, 0] = EXPOSURE
    for obligor, later in LATER.items():
        exposure[obligor - 1, 1:] = later
    rates = np.array([RATES[letter] for letter in RATING])
    book = credit_risk_plus(exposure, rates, 0.5 * rates)
    assert book.expected == pytest.approx(17277632, abs=1.0)
    published(book, 0.99, 62100307)
    assert book.deviation_shares().shape == (25,)


def test_example_2_of_three_sectors() -> None:
    shares = np.array([[float(letter == sector) for sector in "UJE"] for letter in SECTORS])
    book = credit_risk_plus(EXPOSURE, PD, 0.5 * PD, shares=shares)
    assert book.expected == pytest.approx(14221863, abs=1.0)
    published(book, 0.99, 49931502)


def test_example_3_of_shares_and_specific_risk() -> None:
    book = credit_risk_plus(EXPOSURE, PD, 0.5 * PD, shares=SHARES, specific=(0,))
    assert book.expected == pytest.approx(14221863, abs=1.0)
    published(book, 0.99, 47368235)


def transform(book: CreditRiskPlus, size: int = 8192) -> np.ndarray:
    """Law by Fourier transform of the generating function."""
    z = np.exp(-2j * np.pi * np.arange(size) / size)
    whole = np.ones(size, dtype=complex)
    for k, (mean, deviation) in enumerate(zip(book.means, book.deviations, strict=True)):
        theta = book.bands.shares[:, k] * book.bands.rates
        losses = theta @ z ** book.bands.places[:, None] / mean
        if deviation == 0.0:
            whole *= np.exp(mean * (losses - 1.0))
        else:
            beta = deviation**2 / mean
            whole *= (1.0 + beta * (1.0 - losses)) ** (-mean / beta)
    return np.fft.ifft(whole).real


@pytest.mark.parametrize("specific", [(), (0,), (0, 2)])
def test_law_is_the_transform(specific: tuple[int, ...]) -> None:
    book = credit_risk_plus(EXPOSURE, PD, 0.5 * PD, shares=SHARES, specific=specific)
    p = book.law.probabilities
    assert np.sum(p) == pytest.approx(1.0, abs=1e-13)
    np.testing.assert_allclose(p, transform(book)[: p.size], atol=1e-15)


def test_contributions_add_up() -> None:
    book = credit_risk_plus(EXPOSURE, PD, 0.5 * PD, shares=SHARES, specific=(0,))
    for level in (0.9, 0.99, 0.999):
        value, shortfall = book.euler(level)
        found = book.measures(level, interpolated=False)
        assert np.sum(value) == pytest.approx(found.value_at_risk, rel=1e-10)
        assert np.sum(shortfall) == pytest.approx(found.expected_shortfall, rel=1e-10)
        manual = book.percentile_shares(level)
        assert np.sum(manual) == pytest.approx(book.measures(level).value_at_risk, rel=1e-12)
        assert np.all(value >= 0.0)
    assert np.sum(book.deviation_shares()) == pytest.approx(book.deviation, rel=1e-13)


def test_contributions_are_derivatives() -> None:
    """Deviation shares: v_i d sd / d v_i by finite differences, on the lattice itself."""
    unit, places = 1.0, np.array([3.0, 5.0, 9.0])
    rate = np.array([0.1, 0.05, 0.02])

    def deviation(v: np.ndarray) -> float:
        free = 0.5 * rate @ v
        return float(np.sqrt(rate @ v**2 + free**2))

    book = credit_risk_plus(places, rate, 0.5 * rate, unit_yuan=unit)
    assert book.deviation == pytest.approx(deviation(places), rel=1e-14)
    for i in range(3):
        step = np.where(np.arange(3) == i, 1e-5, 0.0)
        slope = (deviation(places + step) - deviation(places - step)) / 2e-5
        assert book.deviation_shares()[i] == pytest.approx(places[i] * slope, rel=1e-8)


def test_draws_of_gamma_and_poisson() -> None:
    book = credit_risk_plus(EXPOSURE, PD, 0.5 * PD, shares=SHARES, specific=(0,))
    rng = np.random.Generator(np.random.Philox(key=3))
    n = 200000
    moved = np.ones((n, 4))
    for k in range(1, 4):
        shape = (book.means[k] / book.deviations[k]) ** 2
        moved[:, k] = rng.gamma(shape, 1.0 / shape, n)
    rates = moved @ (book.bands.shares * book.bands.rates[:, None]).T
    losses = rng.poisson(rates) @ book.bands.places
    for units in (0, 50, 150, 250):
        p = float(np.sum(book.law.probabilities[: units + 1]))
        assert np.mean(losses <= units) == pytest.approx(p, abs=4.0 * np.sqrt(p * (1 - p) / n))
    value, shortfall = book.euler(0.9)
    at = round(book.measures(0.9, interpolated=False).value_at_risk / book.bands.unit_yuan)
    worse = losses > at
    mean = book.bands.unit_yuan * np.mean(losses[worse])
    assert np.sum(shortfall) == pytest.approx(mean, rel=0.02)
    tail = book.bands.unit_yuan * book.bands.places * np.mean(rng.poisson(rates)[worse], axis=0)
    assert np.all(shortfall > 0.8 * tail)  # fresh defaults in bad states: less than the real ones


def test_thousands_of_defaults_start_below_the_smallest_float() -> None:
    n = 2000
    book = credit_risk_plus(np.ones(n), np.ones(n) * 0.9, np.zeros(n), unit_yuan=1.0)
    p = book.law.probabilities
    np.testing.assert_allclose(
        p, stats.poisson.pmf(np.arange(p.size), 1800.0), rtol=1e-9, atol=1e-290
    )
    assert book.measures(0.99, interpolated=False).value_at_risk == stats.poisson.ppf(0.99, 1800.0)


def test_poisson_error_of_barbour_and_hall() -> None:
    """500 names of 2 %: the distance to the binomial lies within the bound."""
    n, q = 500, 0.02
    book = credit_risk_plus(np.ones(n), np.full(n, q), np.zeros(n), unit_yuan=1.0)
    counts = np.arange(book.law.probabilities.size)
    exact = stats.binom.pmf(counts, n, q)
    total = 0.5 * np.sum(np.abs(exact - book.law.probabilities))
    assert book.poisson_error == pytest.approx(q * (1.0 - np.exp(-n * q)), rel=1e-12)
    assert 0.1 * book.poisson_error < total < book.poisson_error


def test_order_of_obligors_says_nothing() -> None:
    order = np.random.Generator(np.random.Philox(key=5)).permutation(25)
    one = credit_risk_plus(EXPOSURE, PD, 0.5 * PD, shares=SHARES, specific=(0,))
    other = credit_risk_plus(
        EXPOSURE[order], PD[order], 0.5 * PD[order], shares=SHARES[order], specific=(0,)
    )
    np.testing.assert_allclose(other.law.probabilities, one.law.probabilities, rtol=1e-12)
    np.testing.assert_allclose(other.euler(0.99)[0], one.euler(0.99)[0][order], rtol=1e-11)


def test_no_deviation_is_poisson_and_lost_rows_are_left_out() -> None:
    book = credit_risk_plus(
        [2.0, 0.0, 1.0], [0.1, 0.2, 0.0], [0.0, 0.1, 0.1], unit_yuan=1.0, points=12
    )
    p = stats.poisson.pmf(np.arange(6), 0.1)
    np.testing.assert_allclose(book.law.probabilities[::2], p, rtol=1e-13)
    assert book.deviation_shares()[1:].tolist() == [0.0, 0.0]


@pytest.mark.parametrize(
    ("exposure", "rate", "deviation", "more"),
    [
        ([1.0, -1.0], [0.1, 0.1], [0.1, 0.1], {}),
        ([1.0, np.nan], [0.1, 0.1], [0.1, 0.1], {}),
        ([1.0], [1.5], [0.1], {}),
        ([1.0], [0.1], [-0.1], {}),
        ([1.0], [0.1, 0.1], [0.1], {}),
        ([], [], [], {}),
        ([0.0], [0.1], [0.1], {}),
        ([1.0], [0.0], [0.1], {}),
        ([1.0], [0.1], [0.1], {"shares": [[0.5, 0.4]]}),
        ([1.0], [0.1], [0.1], {"shares": [[1.5, -0.5]]}),
        ([1.0], [0.1], [0.1], {"shares": [1.0]}),
        ([1.0], [0.1], [0.1], {"specific": (1,)}),
        ([1.0], [0.1], [0.1], {"unit_yuan": 0.0}),
        ([1.0], [0.1], [0.1], {"unit_yuan": 1e-6}),
        ([1.0], [0.1], [0.1], {"points": 1}),
        ([1.0], [0.1], [0.1], {"points": 10**7}),
        ([1.0, 1.0], [1.0, 1.0], [500.0, 500.0], {"unit_yuan": 1e-5}),
    ],
)
def test_bad_books_are_refused(exposure: list, rate: list, deviation: list, more: dict) -> None:
    with pytest.raises(BookError):
        credit_risk_plus(exposure, rate, deviation, **more)
