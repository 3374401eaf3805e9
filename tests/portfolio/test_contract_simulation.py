"""Contract-level simulation: its exact law by many routes, and its bits."""

import math
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from riskengine.kernels.wrong_way import conditional_shortfall
from riskengine.portfolio.contract_simulation import (
    ContractLosses,
    consecutive_years,
    simulate_contracts,
)
from riskengine.portfolio.contracts import Contracts, prepare_contracts
from riskengine.portfolio.exposures import BookError, Exposures, FactorModel

SURE = 1e-4
"""A test of chance fails where its p-value is below; seeds are fixed, so it fails or not."""


class Draws(NamedTuple):
    factors: np.ndarray
    mixing: np.ndarray
    weights: np.ndarray


def draws(scenarios: int, factors: int = 1, seed: int = 1, nu: float = math.inf) -> Draws:
    rng = np.random.default_rng(seed)
    z = rng.normal(size=(scenarios, factors))
    mixing = np.ones(scenarios) if math.isinf(nu) else np.sqrt(rng.chisquare(nu, scenarios) / nu)
    return Draws(z, mixing, np.ones(scenarios))


def still(scenarios: int, factor: float = 0.0) -> Draws:
    return Draws(np.full((scenarios, 1), factor), np.ones(scenarios), np.ones(scenarios))


def model(rho: float = 0.0, beta: float = 0.0, slow: float = 0.0) -> FactorModel:
    column = np.array([[1.0]])
    return FactorModel(
        ("nation",), column, ("all",), math.sqrt(rho) * column, math.sqrt(beta) * column,
        np.array([slow]),
    )  # fmt: skip


def contracts(
    chance,
    debt=0.01,
    *,
    forward=0.0,
    group=None,
    profile=None,
    cumulative=None,
    share=1.0,
    groups=None,
    **columns,
) -> Contracts:
    """Debts of one fen unless told: then a loss is a count of defaults."""
    chance = np.atleast_1d(np.asarray(chance, dtype=float))
    size = chance.size
    full = {"severity": 1.0, "spread": 0.3, "sale_years": 0.0, "holding": 0.0} | columns
    held = Exposures(
        np.broadcast_to(debt, size).astype(float), chance, np.zeros(size, dtype=np.int64),
        np.full(size, full["severity"]), np.broadcast_to(forward, size).astype(float),
        np.full(size, full["spread"]), np.full(size, full["sale_years"]), np.full(size, full["holding"]),
    )  # fmt: skip
    group = np.zeros(size, dtype=np.int64) if group is None else group
    return Contracts(
        held, group, np.broadcast_to(share, size).astype(float),
        np.zeros(size, dtype=np.int64) if profile is None else profile,
        np.array([[1.0]]) if cumulative is None else cumulative,
        int(group.max()) + 1 if groups is None and size else groups or 1,
    )  # fmt: skip


def run(
    given: Contracts,
    of: FactorModel,
    scenarios: Draws,
    seed: int = 11,
    nu: float = math.inf,
    **more,
) -> ContractLosses:
    return simulate_contracts(prepare_contracts(given, of, nu=nu), scenarios, seed=seed, **more)


def counts_fit(seen: np.ndarray, pmf: np.ndarray) -> float:
    """P-value of chi-square of counts against a law, rare counts put together."""
    expected = pmf * seen.size
    keep = expected >= 10.0
    observed = np.bincount(seen, minlength=pmf.size)[: pmf.size]
    e = np.append(expected[keep], seen.size - expected[keep].sum())
    o = np.append(observed[keep], seen.size - observed[keep].sum())
    return float(stats.chisquare(o, e * seen.size / e.sum()).pvalue)


def total(losses: ContractLosses) -> np.ndarray:
    return losses.losses_fen.sum(axis=(0, 1))


# The law of defaults


def test_counts_of_like_contracts_are_binomial() -> None:
    seen = total(run(contracts(np.full(200, 0.05)), model(), still(20000)))
    assert counts_fit(seen, stats.binom.pmf(np.arange(201), 200, 0.05)) > SURE


def test_counts_of_unlike_contracts_are_poisson_binomial() -> None:
    chance = np.random.default_rng(2).uniform(0.001, 0.2, 150)
    pmf = np.ones(1)
    for p in chance:
        pmf = np.convolve(pmf, [1.0 - p, p])
    seen = total(run(contracts(chance), model(), still(20000)))
    assert counts_fit(seen, pmf) > SURE


def test_every_contract_has_its_own_frequency_and_no_neighbour_follows_another() -> None:
    chance = np.random.default_rng(3).permutation(
        np.concatenate([np.full(60, 0.04), np.linspace(0.002, 0.6, 60)])
    )
    seen = run(contracts(chance, group=np.arange(120)), model(), still(10000)).losses_fen[:, 0]
    z = (seen.mean(axis=1) - chance) / np.sqrt(chance * (1 - chance) / 10000)
    assert stats.kstest(z, "norm").pvalue > SURE
    assert np.sum(z * z) < stats.chi2.isf(SURE, 120)
    between = np.corrcoef(seen[np.argsort(-chance, kind="stable")])
    off = between[np.triu_indices(120, 1)] * 100.0
    assert np.abs(off).max() < 5.2 and stats.kstest(off, "norm").pvalue > SURE
    after = np.corrcoef(seen.sum(axis=0)[1:], seen.sum(axis=0)[:-1])[0, 1]
    assert abs(after) < 4.0 / 100.0


def test_no_chance_and_certainty() -> None:
    chance = np.array([0.0, 1.0, 0.5, 1.0, 0.0, 1e-300, 1.0 - 1e-16])
    for of, scenarios in ((model(), still(200)), (model(0.3), draws(200))):
        seen = run(contracts(chance, group=np.arange(7)), of, scenarios).losses_fen[:, 0]
        assert np.all(seen[[0, 4, 5]] == 0) and np.all(seen[[1, 3, 6]] == 1)
        assert 0 < seen[2].sum() < 200


def test_given_the_factor_the_chance_is_vasicek_s() -> None:
    p, rho, z = 0.03, 0.2, -1.7
    wanted = stats.norm.cdf((stats.norm.ppf(p) - math.sqrt(rho) * z) / math.sqrt(1 - rho))
    seen = total(run(contracts(np.full(500, p)), model(rho), still(4000, z)))
    assert counts_fit(seen, stats.binom.pmf(np.arange(501), 500, wanted)) > SURE


def test_pf_hom_01_by_simulation() -> None:
    """PF-HOM-01: n = 1000, PD 0.0033, correlation 0.2; P(defaults <= 31, 69) as the notes print."""
    seen = total(run(contracts(np.full(1000, 0.0033)), model(0.2), draws(40000)))
    for count, wanted in ((31, 0.9900773041), (69, 0.9990112472)):
        error = math.sqrt(wanted * (1.0 - wanted) / 40000)
        assert abs(np.mean(seen <= count) - wanted) < 4.0 * error


def test_pf_fm_b_the_t_copula_has_its_chances_and_its_tail() -> None:
    """PF-FM-B, nu = 10, m = 10,000: quantiles 239 and 596 (95 %, 99 %), within 1 % as the notes
    say, and the error of the chance of the simulation."""
    given = draws(20000, nu=10.0)
    seen = total(run(contracts(np.full(10000, 0.005)), model(0.038), given, nu=10.0))
    assert abs(seen.mean() - 50.0) < 4.0 * seen.std() / math.sqrt(seen.size)
    for level, count in ((0.95, 239), (0.99, 596)):
        error, near = math.sqrt(level * (1.0 - level) / seen.size), max(0.01 * count, 2.0)
        assert np.mean(seen < count - near) < level + 4.0 * error
        assert np.mean(seen <= count + near) > level - 4.0 * error


# The law of losses


def test_losses_given_default_have_the_brute_law() -> None:
    """One contract that always defaults, against NumPy draws of the same formula."""
    f, s, z, beta, slow, hold, wait = 1.1, 0.4, -1.2, 0.3, 0.5, 0.08, 1.5
    given = contracts(1.0, 1e6, forward=f, spread=s, holding=hold, sale_years=wait, severity=0.9)
    seen = total(run(given, model(0.2, beta, slow), still(20000, z))) / 100.0
    x = math.sqrt(beta) * z + math.sqrt(1 - beta) * np.random.default_rng(5).normal(size=20000)
    late = wait * math.exp(-slow * math.sqrt(beta) * z - slow**2 * beta / 2.0)
    sale = f * np.exp(-s * s / 2 + s * x - hold * (late - wait))
    brute = np.rint(0.9 * np.maximum(1.0 - sale, 0.0) * 1e8) / 100.0
    assert stats.ks_2samp(seen, brute).pvalue > SURE
    share = conditional_shortfall(
        1.0, f * math.exp(-hold * (late - wait)), s, math.sqrt(beta) * z, beta
    )
    assert abs(seen.mean() - 9e5 * share) < 4.0 * seen.std() / math.sqrt(20000)


def test_a_whole_book_has_the_moments_of_its_conditional_law() -> None:
    rng = np.random.default_rng(6)
    n, rho, beta = 400, 0.15, 0.25
    p, debt = rng.uniform(0.005, 0.12, n), rng.lognormal(10.0, 0.8, n)
    forward = np.where(rng.random(n) < 0.4, 0.0, rng.uniform(0.6, 1.6, n))
    group, z = rng.integers(0, 5, n), -0.8
    seen = run(
        contracts(p, debt, forward=forward, group=group, severity=0.8),
        model(rho, beta),
        still(6000, z),
    )
    chance = stats.norm.cdf((stats.norm.ppf(p) - math.sqrt(rho) * z) / math.sqrt(1 - rho))
    share = np.array(
        [conditional_shortfall(1.0, f, 0.3, math.sqrt(beta) * z, beta) for f in forward]
    )
    mean = np.bincount(group, chance * 0.8 * share * debt)
    by_group = seen.losses_fen[:, 0] / 100.0
    error = by_group.std(axis=1) / math.sqrt(6000)
    assert np.all(np.abs(by_group.mean(axis=1) - mean) < 4.0 * error)


def test_wrong_way_collateral_costs_more() -> None:
    given = contracts(np.full(2000, 0.03), 1000.0, forward=1.1, sale_years=1.0, holding=0.1)
    scenarios = draws(3000)
    mild, harsh = (
        run(given, of, scenarios).book_yuan for of in (model(0.15), model(0.15, 0.5, 0.5))
    )
    assert harsh.mean() > 1.1 * mild.mean()
    assert np.quantile(harsh, 0.99) > 1.3 * np.quantile(mild, 0.99)


def test_months_follow_the_profile_of_each_contract() -> None:
    shares = np.array([[0.1, 0.0, 0.25, 0.05, 0.6, 0.0], [0.0, 0.0, 0.0, 1.0, 0.0, 0.0]])
    size = 400
    profile = np.arange(size) % 2
    given = contracts(
        np.full(size, 0.2), profile=profile, group=profile, cumulative=np.cumsum(shares, axis=1)
    )
    seen = run(given, model(), still(500)).losses_fen.sum(axis=2)
    assert np.all(seen[1, [0, 1, 2, 4, 5]] == 0) and seen[1, 3] > 0
    keep = shares[0] > 0.0
    assert np.all(seen[0, ~keep] == 0)
    assert stats.chisquare(seen[0, keep], shares[0, keep] * seen[0].sum()).pvalue > SURE


def test_claims_are_the_guaranteed_share_rounded_half_even() -> None:
    given = contracts(
        np.ones(4),
        np.array([0.05, 0.15, 100.01, 7.0]),
        share=np.array([0.5, 0.5, 0.8, 0.0]),
        group=np.arange(4),
    )
    seen = run(given, model(), still(1))
    assert seen.losses_fen.ravel().tolist() == [5, 15, 10001, 700]
    assert seen.claims_fen.ravel().tolist() == [2, 8, 8001, 0]
    assert seen.retained_fen.ravel().tolist() == [3, 7, 2000, 700]
    assert seen.book_yuan.tolist() == [107.21]


# Bits


def mixed(n: int = 900, seed: int = 7) -> tuple[Contracts, FactorModel]:
    rng = np.random.default_rng(seed)
    loads = rng.uniform(0.1, 0.4, (3, 2))
    of = FactorModel(
        ("a", "b"),
        np.array([[1.0, 0.3], [0.3, 1.0]]),
        ("x", "y", "z"),
        loads,
        loads[::-1],
        np.array([0.0, 0.4, 0.8]),
    )
    grade = rng.choice([0.01, 0.03, 0.08, 0.0, 1.0], n)
    held = Exposures(
        rng.choice([1e4, 3e4, 5e4], n), np.where(rng.random(n) < 0.5, grade, rng.uniform(0.0, 0.1, n)),
        rng.integers(0, 3, n), np.full(n, 0.9), rng.choice([0.0, 0.9, 1.3], n), np.full(n, 0.3),
        np.full(n, 1.0), np.full(n, 0.06),
    )  # fmt: skip
    cumulative = np.cumsum(np.array([[0.25] * 4, [0.0, 0.0, 0.0, 1.0]]), axis=1)
    return Contracts(
        held, rng.integers(0, 4, n), rng.choice([0.7, 0.8], n), rng.integers(0, 2, n), cumulative, 4
    ), of


def same(one: ContractLosses, other: ContractLosses) -> bool:
    return np.array_equal(one.losses_fen, other.losses_fen) and np.array_equal(
        one.claims_fen, other.claims_fen
    )


def test_threads_chunks_and_parts_change_no_bit() -> None:
    given, of = mixed()
    book, scenarios = prepare_contracts(given, of, nu=5.0), draws(150, 2, nu=5.0)
    whole = simulate_contracts(book, scenarios, seed=2**63 + 1)
    for threads, chunk in ((2, 64), (1, 1), (2, 7), (1, 1000)):
        assert same(
            whole, simulate_contracts(book, scenarios, seed=2**63 + 1, threads=threads, chunk=chunk)
        )
    part = Draws(*(x[90:] for x in scenarios))
    late = simulate_contracts(book, part, seed=2**63 + 1, first_scenario=90)
    assert np.array_equal(late.claims_fen, whole.claims_fen[..., 90:])
    for other in ({"seed": 2**63 + 2}, {"seed": 1}, {"seed": 2**63 + 1, "stream": 1}):
        assert not same(whole, simulate_contracts(book, scenarios, **other))


@given(seed=st.integers(0, 2**32))
def test_the_order_of_rows_changes_no_bit(seed: int) -> None:
    given, of = mixed(300, seed % 5)
    order = np.random.default_rng(seed).permutation(300)
    moved = Contracts(
        given.exposures.take(order), given.group[order], given.guaranteed_share[order], given.profile[order],
        given.cumulative, given.groups,
    )  # fmt: skip
    scenarios = draws(8, 2)
    assert same(run(given, of, scenarios), run(moved, of, scenarios))


@given(
    chance=st.lists(
        st.sampled_from([1e-12, 1e-3, 0.01, 0.02, 0.5, 1.0]) | st.floats(1e-9, 1.0),
        min_size=1,
        max_size=60,
    )
)
def test_cells_part_the_contracts_by_falling_chance(chance: list[float]) -> None:
    book = prepare_contracts(contracts(np.repeat(chance, 100)), model(0.1))
    first, last, segment = book.cells.T
    assert first[0] == 0 and last[-1] == 100 * len(chance) and np.array_equal(first[1:], last[:-1])
    assert np.all(last > first) and np.all(last - first <= 2048) and np.all(segment == 0)
    for a, b in zip(first, last, strict=True):
        rows = book.table[a:b, 0]
        assert np.all(rows[1:] <= rows[:-1])
        assert np.isinf(rows[0]) == np.isinf(rows[-1])


def test_streams_of_years_are_independent_and_follow_each_other() -> None:
    book = prepare_contracts(contracts(np.full(300, 0.1)), model())
    years = [simulate_contracts(book, still(3000), seed=1, stream=k) for k in range(3)]
    together = consecutive_years(years)
    assert together.losses_fen.shape == (1, 3, 3000) and np.all(together.weights == 1.0)
    between = np.corrcoef(together.losses_fen[0]) - np.eye(3)
    assert np.abs(between).max() < 4.0 / math.sqrt(3000)


# What it refuses


def test_nothing_to_lose_loses_nothing() -> None:
    for chance, debt in ((0.0, 100.0), (1.0, 0.0)):
        assert total(run(contracts(chance, debt), model(), still(3))).tolist() == [0, 0, 0]
    empty = contracts(np.empty(0), group=np.empty(0, dtype=np.int64))
    assert total(run(empty, model(), still(2))).tolist() == [0, 0]


def test_bad_contracts_are_refused() -> None:
    one = np.zeros(2, dtype=np.int64)
    for wrong, match in (
        ({"group": np.array([0, 5]), "groups": 2}, "group must hold 2 whole numbers in"),
        ({"group": np.array([0.0, 1.0])}, "group must hold"),
        ({"profile": np.array([0, 1])}, "profile must hold"),
        ({"share": 1.2}, "guaranteed_share must be in"),
        ({"share": math.nan}, "guaranteed_share must be in"),
        ({"cumulative": np.array([[0.5, 0.4, 1.0]])}, "cumulative must rise"),
        ({"cumulative": np.array([[0.5, 0.9]])}, "cumulative must rise"),
        ({"cumulative": np.array([[-0.1, 1.0]])}, "cumulative must rise"),
        ({"cumulative": np.array([[math.nan, 1.0]])}, "cumulative must be a table"),
        ({"debt": 5e13}, "debt_yuan must add up"),
    ):
        with pytest.raises(BookError, match=match):
            contracts([0.1, 0.1], **({"group": one} | wrong))
    with pytest.raises(BookError, match="nu must be above 0"):
        prepare_contracts(contracts(0.1), model(), nu=math.nan)
    far = contracts(0.1).exposures
    moved = Exposures(
        *(
            np.array([1]) if k == 2 else getattr(far, name)
            for k, name in enumerate(Exposures.__slots__)
        )
    )
    with pytest.raises(BookError, match="segment is not in the factor model"):
        prepare_contracts(
            Contracts(moved, one[:1], np.ones(1), one[:1], np.array([[1.0]]), 1), model()
        )


def test_bad_scenarios_are_refused() -> None:
    book, ones = prepare_contracts(contracts(0.1), model()), np.ones(2)
    z = np.zeros((2, 1))
    for scenarios, match in (
        (Draws(np.zeros((2, 3)), ones, ones), "factors must be"),
        (Draws(np.zeros((0, 1)), ones[:0], ones[:0]), "factors must be"),
        (Draws(z * math.nan, ones, ones), "must be finite"),
        (Draws(z, ones, ones[:1]), "must be finite"),
        (Draws(z, ones, -ones), "weights must be finite and not negative"),
        (Draws(z, 0.0 * ones, ones), "mixing must be finite and above 0"),
        (Draws(z, 2.0 * ones, ones), "mixing must be ones"),
    ):
        with pytest.raises(BookError, match=match):
            simulate_contracts(book, scenarios, seed=1)
    for more in (
        {"seed": -1},
        {"seed": 2**64},
        {"seed": 1, "stream": 2**31},
        {"seed": 1, "first_scenario": 2**31 - 1},
        {"seed": 1, "threads": 0},
    ):
        with pytest.raises(BookError):
            simulate_contracts(book, still(2), **more)
    two = simulate_contracts(book, still(2), seed=1)
    for years in ([], [two, simulate_contracts(book, still(3), seed=1)]):
        with pytest.raises(BookError, match="years must be at least one"):
            consecutive_years(years)
