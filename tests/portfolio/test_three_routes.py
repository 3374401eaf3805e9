"""Three independent routes to one law, and two more: they agree within what each one states.

(i) Simulation with importance sampling, every name drawn; (ii) exact convolution; (iii)
analytic approximation: granularity, Pykhtin, CreditRisk+.  Beside them the contract-level
simulation, and the plain Monte Carlo of creditriskengine, which shares no line with ours.

What is allowed, and why:

- expected loss: 1e-12 of it; simulation takes it by quadrature, convolution sums its law;
- a simulated tail probability or ES: 4 standard errors from 16 independent blocks (one case
  in a thousand by Student's t with 15 degrees; seeds are fixed);
- a simulated VaR: 4 standard errors and one step of the lattice, which it must hit;
- granularity and Pykhtin, VaR: half the largest loss of a name, for the exact law has atoms
  that a smooth formula runs between;
- the same, ES: the square of the adjustment's share in it, the order of the term left out;
- Pykhtin with several factors: 1 %, as the notes ask;
- CreditRisk+: Barbour and Hall's bound, against the exact law with the same gamma factor.
"""

import math
from dataclasses import dataclass

import numpy as np
import pytest
from scipy import special

from riskengine.portfolio.contract_simulation import simulate_contracts
from riskengine.portfolio.contracts import Contracts, prepare_contracts
from riskengine.portfolio.credit_risk_plus import credit_risk_plus
from riskengine.portfolio.exact import Mixture, mixture_law, transformed_law
from riskengine.portfolio.exact import one_factor as one_factor_mixture
from riskengine.portfolio.exposures import Exposures, FactorModel
from riskengine.portfolio.granularity import granularity_adjustment
from riskengine.portfolio.homogeneous import DefaultCount, default_count
from riskengine.portfolio.large_pool import expected_shortfall
from riskengine.portfolio.lattice import LossLaw
from riskengine.portfolio.measures import Measures, sample_measures
from riskengine.portfolio.mixtures import joint_chance
from riskengine.portfolio.multi_factor_adjustment import multi_factor_adjustment
from riskengine.portfolio.panels import legendre
from riskengine.portfolio.simulation import Setting, simulate
from tests.portfolio.books import fixed, one_factor

RHO, STEP, BLOCKS = 0.12, 1e4, 16
SIZES = STEP * np.array([1.0, 2.0, 3.0, 5.0, 8.0])
GRADES = np.array([0.005, 0.01, 0.02, 0.04, 0.08])
SURE = 4.0


@dataclass(frozen=True)
class Book:
    """A book of every size in every grade, with its exact law."""

    debts: Exposures
    law: LossLaw

    @property
    def largest(self) -> float:
        return float(self.debts.debt_yuan.max())


def exact(debts: Exposures) -> LossLaw:
    """Convolution, name by name; alike names are one binomial."""
    columns = np.stack([debts.debt_yuan * debts.severity, debts.default_chance])
    cells, counts = np.unique(columns, axis=1, return_counts=True)
    return mixture_law(one_factor_mixture(cells[1], RHO, cells[0], counts=counts), STEP)


@pytest.fixture(scope="module", params=[50, 500, 5000])
def book(request: pytest.FixtureRequest) -> Book:
    i = np.arange(request.param)
    debts = fixed(SIZES[i % 5], GRADES[i // 5 % 5], np.zeros(i.size), np.ones(i.size))
    return Book(debts, exact(debts))


@pytest.fixture(scope="module")
def equal() -> Book:
    debts = fixed(np.full(1000, STEP), np.full(1000, 0.02), np.zeros(1000), np.ones(1000))
    return Book(debts, exact(debts))


def drawn(debts: Exposures, level: float, law: LossLaw, seed: int = 3) -> Setting:
    """Route (i) against route (ii)."""
    found, true = (
        simulate(
            debts, one_factor(RHO), level=level, seed=seed, scenarios=1024, scrambles=BLOCKS,
            own_risk="drawn",
        ),
        law.measures(level),
    )  # fmt: skip
    assert found.expected_loss_yuan == pytest.approx(true.expected, rel=1e-12)
    worst, at = found.expected_shortfall, found.value_at_risk
    assert abs(worst.value - true.expected_shortfall) < SURE * worst.standard_error
    assert worst.standard_error < 0.015 * worst.value
    assert abs(at.value - true.value_at_risk) <= SURE * at.standard_error + STEP
    for share in (0.8, 1.0, 1.1):
        loss = share * true.value_at_risk
        beyond = found.law.exceedance(loss)
        assert abs(beyond.value - law.exceeding(loss)) < SURE * beyond.standard_error
    mean = found.mean_weight
    assert abs(mean.value - 1.0) < SURE * mean.standard_error + 1e-9
    return found.setting


def contracts(debts: Exposures, setting: Setting, level: float, law: LossLaw) -> None:
    """Fourth route: every contract's loss in whole fen, in the same scenarios."""
    none = np.zeros(debts.size, dtype=np.int64)
    given = Contracts(debts, none, np.ones(debts.size), none, np.ones((1, 1)), 1)
    ready, true = prepare_contracts(given, one_factor(RHO)), law.measures(level)
    worst, beyond = np.empty(BLOCKS), np.empty(BLOCKS)
    for r in range(BLOCKS):
        scenarios = setting.block(r)
        found = simulate_contracts(ready, scenarios, seed=7, first_scenario=r * 1024)
        worst[r] = sample_measures(found.book_yuan, level, weights=found.weights).expected_shortfall
        beyond[r] = np.mean(found.weights * (found.book_yuan > true.value_at_risk + 0.5))
    near(worst, true.expected_shortfall)
    near(beyond, law.exceeding(true.value_at_risk))


def near(blocks: np.ndarray, truth: float) -> None:
    error = blocks.std(ddof=1) / math.sqrt(blocks.size)
    assert abs(blocks.mean() - truth) < SURE * error


def analytic(debts: Exposures, level: float, true: Measures) -> float:
    """Route (iii) against route (ii); the share of ES that single names add."""
    by_hand = granularity_adjustment(debts.debt_yuan, debts.default_chance, RHO, level=level)
    found = multi_factor_adjustment(debts, one_factor(RHO), level=level)
    assert found.quantile == pytest.approx(by_hand.quantile, rel=1e-9)
    assert found.shortfall == pytest.approx(by_hand.shortfall, rel=1e-9)
    assert abs(found.quantile - true.value_at_risk) <= 0.5 * debts.debt_yuan.max()
    share = found.granularity_shortfall / found.shortfall
    assert abs(found.shortfall / true.expected_shortfall - 1.0) < share * share
    return share


@pytest.mark.parametrize("level", [0.99, 0.999])
def test_different_debts(book: Book, level: float) -> None:
    """Books of 50, 500 and 5,000 names in 25 kinds, exposures 1 to 8, PD 0.5 to 8 %."""
    setting = drawn(book.debts, level, book.law)
    contracts(book.debts, setting, level, book.law)
    share = analytic(book.debts, level, book.law.measures(level))
    # Without single names a book of 50 would look a fifth safer than it is.
    assert (share > 0.2) == (book.debts.size == 50)


def test_a_normal_for_single_names_stays_in_its_bound(book: Book) -> None:
    """The error of P(L > VaR) is within what the treatment states; at 50 names it says so."""
    at = book.law.measures(0.999).value_at_risk
    found = simulate(
        book.debts, one_factor(RHO), seed=3, scenarios=256, scrambles=4, own_risk="normal"
    )
    bound, truth = found.treatment.normal_error, book.law.exceeding(at)
    # The atom at VaR lies half above, half below in a smooth law.
    atom = 0.5 * float(book.law.probabilities[round(at / STEP)])
    assert abs(found.law.exceedance(at).value - truth) < bound * truth + atom
    assert (bound < 0.2) == (book.debts.size == 5000)


@pytest.mark.parametrize("level", [0.99, 0.999])
def test_equal_debts(equal: Book, level: float) -> None:
    """A thousand names, PD 2 %: the closed tail of the count is a route of its own."""
    pool = default_count(1000, RHO, default_chance=0.02)
    true, other = equal.law.measures(level), pool.measures(level, STEP)
    assert other.value_at_risk == true.value_at_risk
    assert other.expected_shortfall == pytest.approx(true.expected_shortfall, rel=1e-11)
    setting = drawn(equal.debts, level, equal.law)
    contracts(equal.debts, setting, level, equal.law)
    assert analytic(equal.debts, level, true) < 0.03
    fine = float(expected_shortfall(0.02, RHO, level)[0]) * 1000 * STEP
    assert 0.96 < fine / true.expected_shortfall < 0.99  # an endless pool is not enough


@pytest.mark.parametrize("chance", [0.005, 0.02])
def test_credit_risk_plus_with_the_same_variance(chance: float) -> None:
    """Gamma intensities with the variance of the Gaussian chance: exact up to Poisson.

    Against the Gaussian factor itself the variances are equal and the tails are not: the
    gamma law is lighter, a fifth lower at 99.9 %.  That is a difference of models, so no
    tolerance is claimed for it.
    """
    n = 1000
    spread = math.sqrt(joint_chance(chance, chance, RHO) - chance * chance)
    found = credit_risk_plus(np.ones(n), np.full(n, chance), np.full(n, spread), unit_yuan=1.0)
    true = gamma_law(n, chance, spread)
    size = min(true.probabilities.size, found.law.probabilities.size)
    apart = np.cumsum(true.probabilities[:size]) - np.cumsum(found.law.probabilities[:size])
    assert np.max(np.abs(apart)) < 0.1 * found.poisson_error
    assert found.law.variance == pytest.approx(true.variance + n * (chance**2 + spread**2))
    for level in (0.99, 0.999):
        one, other = found.measures(level, interpolated=False), true.measures(level)
        assert abs(one.value_at_risk - other.value_at_risk) <= 1.0
        assert one.expected_shortfall == pytest.approx(other.expected_shortfall, rel=chance)
    gaussian = DefaultCount(n, float(special.ndtri(chance)), RHO)
    assert gaussian.law().variance == pytest.approx(true.variance, rel=1e-9)
    lighter = true.measures(0.999).expected_shortfall
    assert 0.75 < lighter / gaussian.measures(0.999).expected_shortfall < 0.9


def gamma_law(n: int, chance: float, spread: float) -> LossLaw:
    """Exact count when the chance of all names is a gamma variable."""
    shape = (chance / spread) ** 2
    x, w = legendre(np.append(-45.0, np.linspace(-12.0, math.log(60.0 / shape + 20.0), 60)), 16)
    w = w * np.exp(shape * (math.log(shape) + x) - shape * np.exp(x) - special.gammaln(shape))
    assert w.sum() == pytest.approx(1.0, abs=1e-11)
    # The chance passes 1 with probability below 1e-20.
    states = np.minimum(chance * np.exp(x), 1.0)[:, None]
    return mixture_law(Mixture(states, np.ones((1, 1)), w / w.sum(), np.array([n])), 1.0)


@pytest.fixture(scope="module")
def two() -> tuple[Exposures, FactorModel, LossLaw]:
    """300 and 200 names of two sectors with factors correlated by a half; exact in two states."""
    counts, chance, rho = np.array([300, 200]), np.array([0.02, 0.03]), np.array([0.15, 0.12])
    link = 0.5
    model = FactorModel(
        ("a", "b"), np.array([[1.0, link], [link, 1.0]]), ("s", "t"), np.diag(np.sqrt(rho)),
        np.zeros((2, 2)), np.zeros(2),
    )  # fmt: skip
    z, w = legendre(np.linspace(-8.5, 8.5, 9), 10, normal=True)
    first, own = (x.ravel() for x in np.meshgrid(z, z, indexing="ij"))
    states = np.stack([first, link * first + math.sqrt(1.0 - link * link) * own], axis=1)
    chances = special.ndtr((special.ndtri(chance) - np.sqrt(rho) * states) / np.sqrt(1.0 - rho))
    weights = np.outer(w, w).ravel()
    held = Mixture(chances, STEP * np.array([[1.0, 2.0]]), weights / weights.sum(), counts)
    law = mixture_law(held, STEP)
    second = transformed_law(held, STEP).probabilities[: law.probabilities.size]
    assert second == pytest.approx(law.probabilities, abs=1e-14)
    debts = fixed(
        np.repeat(STEP * np.array([1.0, 2.0]), counts), np.repeat(chance, counts),
        np.repeat([0.0, 1.0], counts), np.ones(500),
    )  # fmt: skip
    return debts, model, law


@pytest.mark.parametrize("level", [0.99, 0.999])
def test_two_factors(two: tuple[Exposures, FactorModel, LossLaw], level: float) -> None:
    debts, model, law = two
    true = law.measures(level)
    assert true.expected == pytest.approx(18.0 * STEP, rel=1e-11)
    found = simulate(debts, model, level=level, seed=5, scenarios=1024, scrambles=BLOCKS)
    assert found.treatment.kind == "drawn"
    assert found.expected_loss_yuan == pytest.approx(true.expected, rel=1e-12)
    worst, at = found.expected_shortfall, found.value_at_risk
    assert abs(worst.value - true.expected_shortfall) < SURE * worst.standard_error
    assert abs(at.value - true.value_at_risk) <= SURE * at.standard_error + STEP
    other = multi_factor_adjustment(debts, model, level=level)
    assert other.quantile == pytest.approx(true.value_at_risk, rel=0.01)
    assert other.shortfall == pytest.approx(true.expected_shortfall, rel=0.002)
    # One factor alone, or no single names, would each miss it by more.
    assert other.fine_shortfall / true.expected_shortfall < 0.97


def test_creditriskengine_draws_the_same_law() -> None:
    """Second opinion: its plain Monte Carlo of 300 names, read with our measures.

    Its own ES is E[L | L >= VaR] and takes too much of the atom at VaR, so only the draws
    are compared; 4 standard errors of 20,000 independent draws.
    """
    copula = pytest.importorskip("creditriskengine.portfolio.copula")
    i, draws = np.arange(300), 20_000
    debt, chance = SIZES[i % 5], GRADES[i // 5 % 5]
    law = exact(fixed(debt, chance, np.zeros(300), np.ones(300)))
    losses = copula.simulate_single_factor(
        chance, np.ones(300), debt, RHO, n_simulations=draws, seed=11, antithetic=False
    )
    spread = math.sqrt(law.variance / draws)
    assert abs(losses.mean() - law.expected) < SURE * spread
    for level in (0.9, 0.99):
        true = law.measures(level)
        beyond = law.exceeding(true.value_at_risk)
        seen = float(np.mean(losses > true.value_at_risk + 0.5))
        assert abs(seen - beyond) < SURE * math.sqrt(beyond * (1.0 - beyond) / draws)
        blocks = [
            sample_measures(part, level).expected_shortfall for part in losses.reshape(BLOCKS, -1)
        ]
        near(np.array(blocks), true.expected_shortfall)
