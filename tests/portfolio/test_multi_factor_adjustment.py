"""Pykhtin's adjustment: the two-sector oracle, one factor, brute force, simulation."""

import math

import numpy as np
import pytest
from scipy import stats

from riskengine.kernels.bivariate import bivariate_normal_cdf
from riskengine.portfolio.exposures import BookError, Exposures, FactorModel
from riskengine.portfolio.factor_book import secured_book
from riskengine.portfolio.granularity import book_adjustment, granularity_adjustment
from riskengine.portfolio.large_pool import expected_shortfall, loss_quantile
from riskengine.portfolio.multi_factor_adjustment import multi_factor_adjustment


def unsecured(
    debt: list[float], pd: list[float], segment: list[int], lgd: list[float]
) -> Exposures:
    zero = np.zeros(len(debt))
    return Exposures(
        np.array(debt), np.array(pd), np.array(segment, dtype=np.int64), np.array(lgd),
        zero, zero, zero, zero,
    )  # fmt: skip


def two_sectors(rho: tuple[float, float], shared: float) -> FactorModel:
    """factor_k = sqrt(g) M + sqrt(1 - g) S_k."""
    own = math.sqrt(1.0 - shared)
    turn = np.array([[math.sqrt(shared), own, 0.0], [math.sqrt(shared), 0.0, own]])
    return FactorModel(
        ("M", "S1", "S2"), np.eye(3), ("one", "two"), np.sqrt(rho)[:, None] * turn,
        np.zeros((2, 3)), np.zeros(2),
    )  # fmt: skip


def general(loadings: np.ndarray) -> FactorModel:
    count, factors = loadings.shape
    spread = 0.3 * np.eye(factors) + 0.7
    return FactorModel(
        tuple(f"f{k}" for k in range(factors)), spread, tuple(f"s{k}" for k in range(count)),
        loadings, np.zeros((count, factors)), np.zeros(count),
    )  # fmt: skip


def exact_two_sectors(level: float) -> tuple[float, float]:
    """Loss quantile and shortfall of the oracle's book: two correlated normals by quadrature.

    The second sector's state is integrated in closed form, the first by Gauss-Legendre.
    """
    rho, pd, lgd, w = (0.15, 0.12), (0.02, 0.03), (0.5, 0.6), (0.6, 0.4)
    link = 0.3
    nodes, weights = np.polynomial.legendre.leggauss(32)
    edges = np.linspace(-8.5, 8.5, 69)
    half = 0.5 * np.diff(edges)
    x = ((edges[:-1] + half)[:, None] + half[:, None] * nodes).ravel()
    mass = (half[:, None] * weights).ravel() * stats.norm.pdf(x)
    c = stats.norm.ppf(pd)
    first = w[0] * lgd[0] * stats.norm.cdf((c[0] - math.sqrt(rho[0]) * x) / math.sqrt(1 - rho[0]))

    def above(loss: float) -> float:
        need = (loss - first) / (w[1] * lgd[1])
        z = (c[1] - math.sqrt(1 - rho[1]) * stats.norm.ppf(np.clip(need, 0, 1))) / math.sqrt(rho[1])
        p = stats.norm.cdf((z - link * x) / math.sqrt(1 - link * link))
        return float(mass @ np.where(need < 0, 1.0, np.where(need >= 1, 0.0, p)))

    low, high = 0.0, 0.54
    for _ in range(60):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if above(middle) > 1.0 - level else (low, middle)
    grid = np.linspace(high, 0.54, 4001)
    over = np.trapezoid([above(float(g)) for g in grid[:1500]], grid[:1500])
    return high, high + over / (1.0 - level)


def test_two_sectors() -> None:
    """PF-2SEC-01: 0.074423237; the adjustment is 0.6 % below it, as the notes measured."""
    quantile, shortfall = exact_two_sectors(0.999)
    assert quantile == pytest.approx(0.074423237, rel=2e-5)
    book = unsecured([0.6, 0.4], [0.02, 0.03], [0, 1], [0.5, 0.6])
    found = multi_factor_adjustment(
        book, two_sectors((0.15, 0.12), 0.3), level=0.999, squares=[0, 0]
    )
    assert found.quantile / quantile - 1.0 == pytest.approx(-0.0062, abs=2e-4)
    # Without the adjustment it is 2.2 % below.
    assert found.fine_quantile / quantile - 1.0 == pytest.approx(-0.0218, abs=2e-4)
    assert abs(found.shortfall / shortfall - 1.0) < 0.01
    assert abs(found.fine_shortfall / shortfall - 1.0) > 0.02
    assert found.granularity_quantile == found.granularity_shortfall == 0.0
    assert np.all((found.likeness > 0.7) & (found.likeness < 0.9))


def test_closer_sectors_need_less() -> None:
    book, gaps = unsecured([0.6, 0.4], [0.02, 0.03], [0, 1], [0.5, 0.6]), []
    for shared in (0.3, 0.6, 0.9, 1.0):
        found = multi_factor_adjustment(
            book, two_sectors((0.15, 0.12), shared), level=0.999, squares=[0, 0]
        )
        gaps.append(found.multi_factor_quantile)
    assert gaps[0] > gaps[1] > gaps[2] > gaps[3] == pytest.approx(0.0, abs=1e-15)


def test_one_factor_is_exact() -> None:
    """A single common cause: the fine book is the closed form, the rest granularity."""
    debt, pd, lgd = [50.0, 30.0, 20.0], [0.01, 0.03, 0.08], [0.45, 0.6, 0.3]
    book = unsecured(debt, pd, [0, 1, 2], lgd)
    turn = np.array([0.6, 0.8]) / math.sqrt(0.36 + 0.64 + 2 * 0.7 * 0.48)
    model = general(np.sqrt([0.2, 0.12, 0.05])[:, None] * turn)
    found = multi_factor_adjustment(book, model, level=0.999, loss_variance=[0.02, 0.0, 0.01])
    rho = model.default_share
    assert found.fine_quantile == pytest.approx(
        debt @ loss_quantile(pd, rho, 0.999, lgd), rel=1e-12
    )
    assert found.fine_shortfall == pytest.approx(
        debt @ expected_shortfall(pd, rho, 0.999, lgd), rel=1e-12
    )
    assert found.multi_factor_quantile == pytest.approx(0.0, abs=1e-12)
    single = granularity_adjustment(
        debt, pd, rho, lgd, loss_variance=[0.02, 0.0, 0.01], level=0.999
    )
    assert found.granularity_quantile == pytest.approx(single.quantile_adjustment, rel=1e-9)
    assert found.granularity_shortfall == pytest.approx(single.shortfall_adjustment, rel=1e-9)
    assert found.likeness == pytest.approx([1.0, 1.0, 1.0], rel=1e-12)
    assert found.weights == pytest.approx(turn, rel=1e-12)


def test_brute_force_over_pairs() -> None:
    """Pykhtin's formulas pair by pair with Phi2, the derivative by differences."""
    rng, level = np.random.default_rng(4), 0.995
    loadings = rng.uniform(0.05, 0.35, (3, 4))
    model = general(loadings)
    debt, pd = rng.lognormal(0, 1, 7), rng.uniform(0.005, 0.1, 7)
    lgd, segment = rng.uniform(0.2, 0.9, 7), rng.integers(0, 3, 7)
    book = unsecured(debt, pd, segment, lgd)
    found = multi_factor_adjustment(book, model, level=level)
    spread, c, z = model.correlation, stats.norm.ppf(pd), float(stats.norm.ppf(1.0 - level))
    r = np.sqrt(model.default_share)[segment]
    bad = debt * lgd * stats.norm.cdf((c - r * z) / np.sqrt(1 - r**2))
    axis = np.sum((bad / r)[:, None] * loadings[segment], axis=0)
    axis /= math.sqrt(axis @ spread @ axis)
    assert found.weights == pytest.approx(axis, rel=1e-10)
    a = (loadings @ spread @ axis)[segment]
    shared = (loadings @ spread @ loadings.T)[np.ix_(segment, segment)]
    left = (shared - np.outer(a, a)) / np.sqrt(np.outer(1 - a**2, 1 - a**2))

    def parts(y: float) -> tuple[float, float, float]:
        u = (c - a * y) / np.sqrt(1 - a**2)
        p = stats.norm.cdf(u)
        slope = float(np.sum(debt * lgd * stats.norm.pdf(u) * -a / np.sqrt(1 - a**2)))
        wide, single = 0.0, 0.0
        for i in range(7):
            for j in range(7):
                both = bivariate_normal_cdf(u[i], u[j], left[i, j])
                wide += debt[i] * lgd[i] * debt[j] * lgd[j] * (both - p[i] * p[j])
                if i == j:
                    single += (debt[i] * lgd[i]) ** 2 * (p[i] - both)
        return wide, single, slope

    for kind, given in ((0, found.multi_factor_quantile), (1, found.granularity_quantile)):
        step = 1e-4

        def ratio(y: float, kind: int = kind) -> float:
            held = parts(y)
            return float(stats.norm.pdf(y)) * held[kind] / held[2]

        by_hand = -0.5 * (ratio(z + step) - ratio(z - step)) / (2 * step) / stats.norm.pdf(z)
        assert given == pytest.approx(by_hand, rel=1e-6)


def test_cells_and_debts_agree() -> None:
    model = two_sectors((0.15, 0.12), 0.3)
    debts = unsecured(
        [1.0] * 30 + [2.0] * 20, [0.02] * 30 + [0.03] * 20, [0] * 30 + [1] * 20, [0.5] * 50
    )
    cells = unsecured([30.0, 40.0], [0.02, 0.03], [0, 1], [0.5, 0.5])
    one = multi_factor_adjustment(debts, model, level=0.99)
    two = multi_factor_adjustment(cells, model, level=0.99, squares=[30.0, 80.0])
    assert two.quantile == pytest.approx(one.quantile, rel=1e-12)
    assert two.shortfall == pytest.approx(one.shortfall, rel=1e-12)
    assert two.granularity_quantile > 0.0
    turned = multi_factor_adjustment(debts.take(np.arange(49, -1, -1)), model, level=0.99)
    assert turned.quantile == pytest.approx(one.quantile, rel=1e-12)


def test_four_segments_against_simulation() -> None:
    """A large pool with four dependent factors and no closed form: within 1 %."""
    rng = np.random.default_rng(8)
    model = general(np.eye(4) * 0.15 + 0.08)
    book = unsecured([40.0, 30.0, 20.0, 10.0], [0.02, 0.04, 0.01, 0.06], [0, 1, 2, 3], [0.45] * 4)
    found = multi_factor_adjustment(book, model, level=0.99, squares=np.zeros(4))
    z = rng.standard_normal((400_000, 4)) @ model.root.T
    root = np.sqrt(1.0 - model.default_share)
    u = (stats.norm.ppf(book.default_chance) - z @ model.default_loadings.T) / root
    losses = np.sort(stats.norm.cdf(u) @ (book.debt_yuan * book.severity))[::-1]
    assert found.quantile == pytest.approx(losses[4000], rel=0.01)
    assert found.shortfall == pytest.approx(losses[:4000].mean(), rel=0.01)


def test_collateral_in_one_factor() -> None:
    """With one factor the general road meets the special one, wrong-way risk included."""
    full = lambda value: np.full(3, value)  # noqa: E731
    book = Exposures(
        np.array([5.0, 3.0, 2.0]), np.array([0.02, 0.05, 0.03]), np.array([0, 1, 0]), full(0.9),
        np.array([1.1, 0.7, 0.0]), full(0.3), full(1.0), full(0.05),
    )  # fmt: skip
    model = FactorModel(
        ("a",),
        np.eye(1),
        ("s", "t"),
        np.array([[0.4], [0.3]]),
        np.array([[0.6], [0.2]]),
        np.array([0.3, 0.0]),
    )
    found = multi_factor_adjustment(book, model, level=0.99)
    special = book_adjustment(secured_book(book, model), 0.99)
    assert found.fine_quantile == pytest.approx(special.fine_quantile, rel=1e-12)
    assert found.fine_shortfall == pytest.approx(special.fine_shortfall, rel=1e-12)
    assert found.granularity_quantile == pytest.approx(special.quantile_adjustment, rel=1e-9)
    assert found.multi_factor_quantile == pytest.approx(0.0, abs=1e-13)


def test_collateral_with_many_factors_against_simulation() -> None:
    """Sales and defaults share factors that the chosen one does not hold."""
    rng, n = np.random.default_rng(9), 2
    book = Exposures(
        np.array([60.0, 40.0]), np.array([0.03, 0.05]), np.array([0, 1]), np.ones(n),
        np.array([1.0, 0.9]), np.full(n, 0.3), np.ones(n), np.full(n, 0.05),
    )  # fmt: skip
    model = FactorModel(
        ("m", "a", "b"), np.eye(3), ("s", "t"), np.array([[0.3, 0.2, 0.0], [0.3, 0.0, 0.25]]),
        np.array([[0.4, 0.3, 0.0], [0.3, 0.0, 0.3]]), np.array([0.2, 0.0]),
    )  # fmt: skip
    found = multi_factor_adjustment(book, model, level=0.99, squares=[0.0, 0.0])
    z = rng.standard_normal((200_000, 3))
    total = np.zeros(len(z))
    for i in range(n):
        y, b2 = z @ model.sale_loadings[i], model.sale_share[i]
        k = model.slowdown[i]
        late = np.exp(-k * y - 0.5 * k * k * b2) - 1.0
        mean = book.forward[i] * np.exp(0.3 * y - 0.5 * 0.09 * b2 - 0.05 * late)
        s = 0.3 * math.sqrt(1.0 - b2)
        d = -np.log(mean) / s + 0.5 * s
        put = stats.norm.cdf(d) - mean * stats.norm.cdf(d - s)
        rest = math.sqrt(1.0 - model.default_share[i])
        u = (stats.norm.ppf(book.default_chance[i]) - z @ model.default_loadings[i]) / rest
        total += book.debt_yuan[i] * stats.norm.cdf(u) * put
    losses = np.sort(total)[::-1]
    assert found.quantile == pytest.approx(losses[2000], rel=0.02)
    assert found.shortfall == pytest.approx(losses[:2000].mean(), rel=0.02)


def test_segments_and_debts_without_risk() -> None:
    """PD 0 and 1 and a segment without common causes are allowed beside others."""
    model = general(np.array([[0.3, 0.1], [0.1, 0.3], [0.0, 0.0]]))
    some = unsecured(
        [10.0, 5.0, 3.0, 4.0, 6.0], [0.02, 0.0, 1.0, 0.03, 0.05], [0, 0, 1, 2, 1], [0.5] * 5
    )
    found = multi_factor_adjustment(some, model, level=0.99)
    assert np.isnan(found.likeness[2]) and np.isfinite(found.quantile)
    bare = unsecured([10.0, 6.0], [0.02, 0.05], [0, 1], [0.5] * 2)
    alone = multi_factor_adjustment(bare, model, level=0.99, squares=[0, 0])
    all_fine = multi_factor_adjustment(some, model, level=0.99, squares=np.zeros(5))
    assert all_fine.fine_quantile > alone.fine_quantile + 1.5


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"level": 1.0}, "level must be in"),
        ({"squares": [1.0]}, "do not fit the rows"),
        ({"squares": [-1.0, 1.0]}, "squares must be in"),
        ({"loss_variance": [0.1, 0.1, 0.1]}, "do not fit the rows"),
        ({"loss_variance": -0.1}, "loss_variance must be in"),
    ],
)
def test_refusals(change: dict[str, object], said: str) -> None:
    book = unsecured([0.6, 0.4], [0.02, 0.03], [0, 1], [0.5, 0.6])
    with pytest.raises(BookError, match=said):
        multi_factor_adjustment(book, two_sectors((0.15, 0.12), 0.3), **({"level": 0.99} | change))  # type: ignore[arg-type]


def test_books_that_have_no_answer() -> None:
    book = unsecured([0.6, 0.4], [0.02, 0.03], [0, 1], [0.5, 0.6])
    with pytest.raises(BookError, match="depends on common causes"):
        multi_factor_adjustment(book, general(np.zeros((2, 2))), level=0.99)
    nothing = unsecured([0.6, 0.4], [0.0, 0.0], [0, 1], [0.5, 0.6])
    with pytest.raises(BookError, match="depends on common causes"):
        multi_factor_adjustment(nothing, two_sectors((0.15, 0.12), 0.3), level=0.99)
    alike = two_sectors((0.9999, 0.9999), 0.3)
    with pytest.raises(BookError, match="stay alike"):
        multi_factor_adjustment(book, alike, level=0.99)
    with pytest.raises(BookError, match="names a segment"):
        multi_factor_adjustment(
            unsecured([1.0], [0.1], [5], [0.5]), two_sectors((0.1, 0.1), 0.3), level=0.9
        )
