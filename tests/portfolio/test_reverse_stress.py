"""The most likely ways to a loss: closed form, symmetry, other solvers, simulation."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import optimize, special

from riskengine.portfolio.compression import compress
from riskengine.portfolio.conditional import means, prepare
from riskengine.portfolio.exposures import BookError, Exposures, FactorModel
from riskengine.portfolio.factor_losses import expected_losses, state_losses
from riskengine.portfolio.failure_points import ROUGH
from riskengine.portfolio.reverse_stress import reverse_stress


def bare(debts: list[float], chances: list[float], severity: float = 1.0) -> Exposures:
    size = len(debts)
    nothing = [np.zeros(size)] * 4
    return Exposures(np.array(debts), np.array(chances), np.arange(size), np.full(size, severity),
                     *nothing)  # fmt: skip


def model_of(loadings: list[list[float]], correlation: np.ndarray | None = None) -> FactorModel:
    a = np.array(loadings)
    c = np.eye(a.shape[1]) if correlation is None else correlation
    names = ("nation", "commodity:pigs", "hazard:37", "rent")[: a.shape[1]]
    return FactorModel(names, c, tuple("stuvwx"[: len(a)]), a, np.zeros(a.shape), np.zeros(len(a)))


def mixed(size: int = 80, seed: int = 4) -> tuple[Exposures, FactorModel]:
    """Three correlated factors, four segments, collateral that falls with them and sells late."""
    random = np.random.default_rng(seed)
    c = np.array([[1.0, 0.3, 0.0], [0.3, 1.0, 0.4], [0.0, 0.4, 1.0]])
    model = FactorModel(
        ("nation", "commodity:pigs", "hazard:37"), c, tuple("stuv"),
        random.uniform(0.05, 0.4, (4, 3)), random.uniform(0.05, 0.4, (4, 3)), np.full(4, 0.3),
    )  # fmt: skip
    forward = np.where(random.random(size) < 0.4, 0.0, random.uniform(0.4, 1.5, size))
    return Exposures(
        random.uniform(1e4, 1e5, size), random.uniform(0.005, 0.06, size),
        random.integers(0, 4, size), np.full(size, 0.75), forward,
        random.uniform(0.2, 0.6, size), random.uniform(0.5, 2.0, size), np.full(size, 0.06),
    ), model  # fmt: skip


def test_st_rev_01() -> None:
    """ST-REV-01: reverse stress of a large homogeneous book by search."""
    searched = reverse_stress(bare([1e6], [0.025], 0.5), model_of([[np.sqrt(0.12)]]), 4e4)
    (way,) = searched.failures
    assert way.factors[0] == pytest.approx(-1.85297689798, rel=1e-9)
    assert way.probability == pytest.approx(0.0319428349855, rel=1e-9)
    assert way.curved_probability == pytest.approx(0.0319428349855, rel=1e-9)
    assert way.return_period_years == pytest.approx(31.3059251145, rel=1e-9)
    assert way.loss_yuan == pytest.approx(4e4, rel=1e-12)


def test_a_negative_loading_fails_upwards_and_longer_horizons_return_later() -> None:
    searched = reverse_stress(bare([1e6], [0.025], 0.5), model_of([[-np.sqrt(0.12)]]), 4e4,
                              horizon_years=3.0)  # fmt: skip
    assert searched.failures[0].factors[0] == pytest.approx(1.85297689798, rel=1e-9)
    assert searched.failures[0].return_period_years == pytest.approx(3 * 31.3059251145, rel=1e-9)


def test_two_sectors_fail_one_or_the_other() -> None:
    """Mirror images, never the saddle between them; both chances together are the truth."""
    book, model = bare([100.0, 100.0], [0.02, 0.02]), model_of([[0.6, 0.0], [0.0, 0.6]])
    ways = reverse_stress(book, model, 60.0).failures
    assert len(ways) == 2
    assert np.sort(ways[0].factors) == pytest.approx(np.sort(ways[1].factors), rel=1e-9)
    assert ways[0].factors[0] != pytest.approx(ways[0].factors[1], abs=1.0)

    def distance(angle: float) -> float:
        u = np.array([np.cos(angle), np.sin(angle)])
        gap = lambda t: state_losses(book, model, t * u).sum() - 60.0  # noqa: E731
        return optimize.brentq(gap, 0.0, 8.0, xtol=1e-12)

    nearest = optimize.minimize_scalar(
        distance, bounds=(np.pi - 0.2, np.pi + 0.4), method="bounded"
    )
    assert ways[0].distance == pytest.approx(nearest.fun, abs=1e-9)
    assert distance(1.25 * np.pi) > nearest.fun + 0.1  # the saddle
    # The exact chance: over the second factor, the first must lie below a curve.
    z = np.linspace(-8.0, 8.0, 4001)
    own = 100.0 * special.ndtr((special.ndtri(0.02) - 0.6 * z) / 0.8)
    left = np.clip((60.0 - own) / 100.0, 0.0, 1.0)
    with np.errstate(divide="ignore"):
        bound = (special.ndtri(0.02) - 0.8 * special.ndtri(left)) / 0.6
    density = np.exp(-0.5 * z * z) / np.sqrt(2.0 * np.pi)
    exact = np.sum(density * special.ndtr(bound)) * (z[1] - z[0])
    plain = sum(way.probability for way in ways)
    curved = sum(way.curved_probability for way in ways)
    assert abs(curved / exact - 1.0) < 0.15
    assert abs(plain / exact - 1.0) > 0.3


def test_the_point_is_the_one_a_general_solver_finds() -> None:
    book, model = mixed()
    target = 4.0 * expected_losses(book, model).sum()
    way = reverse_stress(book, model, target).failures[0]
    inverse = np.linalg.inv(model.correlation)
    best = min(
        (optimize.minimize(
            lambda z: 0.5 * z @ inverse @ z, start, jac=lambda z: inverse @ z, method="SLSQP",
            constraints={"type": "ineq", "fun": lambda z: np.log(state_losses(book, model, z).sum() / target)},
            options={"ftol": 1e-14, "maxiter": 200})
         for start in -2.0 * np.eye(3)), key=lambda found: found.fun,
    )  # fmt: skip
    assert way.factors == pytest.approx(best.x, abs=1e-5)
    assert 0.5 * way.distance**2 == pytest.approx(best.fun, rel=1e-9)
    assert way.loss_yuan == pytest.approx(target, rel=1e-10)
    assert state_losses(book, model, way.factors).sum() == pytest.approx(target, rel=1e-10)
    assert way.factors @ inverse @ way.factors == pytest.approx(way.distance**2, rel=1e-12)


def test_the_curved_chance_is_that_of_a_simulation() -> None:
    book, model = mixed()
    target = 3.0 * expected_losses(book, model).sum()
    found = reverse_stress(book, model, target)
    z = np.random.default_rng(7).normal(size=(60_000, 3)) @ model.root.T
    drawn = means(prepare(compress(book).cells, model), z, np.ones(len(z))) >= target
    error = drawn.std() / np.sqrt(drawn.size)
    assert found.failures[0].curved_probability == pytest.approx(drawn.mean(), abs=4 * error)


def test_factors_that_are_one_and_the_same() -> None:
    c = np.array([[1.0, 1.0], [1.0, 1.0]])
    book = bare([1e6], [0.025], 0.5)
    way = reverse_stress(book, model_of([[0.5 * np.sqrt(0.12)] * 2], c), 4e4).failures[0]
    assert way.factors == pytest.approx([-1.85297689798] * 2, rel=1e-8)
    assert way.distance == pytest.approx(1.85297689798, rel=1e-8)


def test_a_large_book_ends_where_all_its_cells_say() -> None:
    book, model = mixed(2 * ROUGH)
    target = 4.0 * expected_losses(book, model).sum()
    way = reverse_stress(book, model, target).failures[0]
    assert state_losses(book, model, way.factors).sum() == pytest.approx(target, rel=1e-9)
    mixed_up = book.take(np.random.default_rng(1).permutation(book.size))
    assert reverse_stress(mixed_up, model, target).failures[0].factors == pytest.approx(
        way.factors, rel=1e-9
    )


def test_what_is_lost_anyway_needs_no_stress() -> None:
    book = bare([100.0], [0.3])
    found = reverse_stress(book, model_of([[0.4]]), 10.0)
    (way,) = found.failures
    assert way.distance == 0.0 and way.probability == 0.5 and np.isnan(way.curved_probability)
    assert "no stress is needed" in way.sentence.en and "无需" in way.sentence.zh


def test_the_sentence_names_what_moves() -> None:
    book, model = mixed()
    found = reverse_stress(book, model, 4.0 * expected_losses(book, model).sum())
    said = found.failures[0].sentence
    assert "生猪行情-" in said.zh and "年一遇" in said.zh
    assert "market of pigs -" in said.en and "weather of province 37 -" in said.en
    other = reverse_stress(bare([1e6], [0.02]), model_of([[0.0, 0.0, 0.0, 0.5]]), 4e5)
    assert other.failures[0].sentence.en.startswith("rent -")


def test_out_of_reach() -> None:
    book = bare([100.0, 50.0], [0.02, 0.0])
    model = model_of([[0.4], [0.4]])
    with pytest.raises(BookError, match="out of reach.*below 100 yuan"):
        reverse_stress(book, model, 100.0)
    with pytest.raises(BookError, match="no state within 30 deviations"):
        reverse_stress(bare([100.0], [1e-4]), model_of([[0.05]]), 99.0)
    still = replace(model, default_loadings=np.zeros((2, 1)))
    with pytest.raises(BookError, match="out of reach"):
        reverse_stress(book, still, 50.0)


@pytest.mark.parametrize("target", [0.0, -1.0, np.nan, np.inf])
def test_targets_out_of_range(target: float) -> None:
    with pytest.raises(BookError, match="target_yuan"):
        reverse_stress(bare([100.0], [0.02]), model_of([[0.4]]), target)
