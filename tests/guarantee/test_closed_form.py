"""Expected payments in closed form: oracles, quadrature and the path kernel as second routes."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from riskengine.guarantee.algebra import pay
from riskengine.guarantee.amounts import Amount
from riskengine.guarantee.closed_form import (
    capped_guarantee,
    excess_layer,
    expected_in_pool,
    expected_of_pmf,
    layer_of_pmf,
)
from riskengine.guarantee.large_pool import LargePool
from riskengine.guarantee.programme import Programme, shared_by
from riskengine.guarantee.terms import (
    Deductible,
    ExcessLayer,
    FirstLossFund,
    QuotaShare,
    RateCap,
    ReGuarantee,
    StopLoss,
)
from riskengine.portfolio.exposures import BookError

POOL = LargePool(0.03, 0.15, 0.6)
VOLUME = 10**10


def close(found: float, expected: float, rel: float) -> None:
    assert math.isclose(found, expected, rel_tol=rel, abs_tol=0.0)


def test_gu_cap_01() -> None:
    found = capped_guarantee(POOL, 100000000.0, 0.8, 0.05)
    close(found.cap_yuan, 4000000.0, 1e-8)
    close(found.expected_uncapped_yuan, 1440000.0, 1e-8)
    close(found.expected_capped_yuan, 1343280.73213, 1e-8)
    close(found.chance_of_cap, 0.0589083509942, 1e-8)
    # The notes print eleven to twelve digits: the closed form holds all of them.
    close(found.expected_capped_yuan, 1343280.73213, 1e-11)
    close(found.chance_of_cap, 0.0589083509942, 1e-11)


def test_gu_xl_01() -> None:
    found = excess_layer(POOL, 0.04, 0.07)
    close(found.expected, 0.00151580194752, 1e-8)
    close(found.rate_on_line, 0.0505267315839, 1e-8)
    close(found.expected, 0.00151580194752, 1e-11)


def test_pf_sl_01() -> None:
    pool = LargePool(0.02, 0.1)
    found = excess_layer(pool, 0.05, math.inf)
    close(found.expected, 0.00108263676012, 1e-9)
    close(found.chance_reached, 0.05938426305, 1e-9)
    close(excess_layer(pool, 0.0, 0.05).expected, 0.0189173632399, 1e-9)
    assert math.isnan(found.rate_on_line)


CAPPED = Programme("capped", (RateCap(party="guarantor", share=0.8, cap=Amount(rate=0.05)),))
LAYERED = Programme("layered", (
    Deductible(party="bank", amount=Amount(rate=0.004)),
    RateCap(party="guarantor", share=0.8, cap=Amount(rate=0.05)),
    QuotaShare(party="bank", share=0.2),
    ReGuarantee(party="province", share=0.4, cap=Amount(rate=0.01)),
    ExcessLayer(party="national", attach=Amount(rate=0.01), detach=Amount(rate=0.02), share=0.5,
                cedes_from="guarantor"),
    ExcessLayer(party="government", attach=Amount(rate=0.02), detach=None, share=0.3,
                cedes_from="guarantor"),
    StopLoss(party="insurer", attach=Amount(rate=0.03), limit=Amount(rate=0.04)),
    FirstLossFund(party="county_fund", share=0.5, balance=Amount(rate=0.003),
                  cedes_from="guarantor"),
))  # fmt: skip


def test_a_programme_of_one_cap_is_gu_cap_01() -> None:
    found = expected_in_pool(CAPPED, POOL, VOLUME)
    close(found["guarantor"], 1343280.73213, 1e-11)
    close(found["bank"] + found["guarantor"], 1e8 * 0.018, 1e-12)


def by_quadrature(programme: Programme, pool: LargePool) -> dict[str, float]:
    """Mean payments of the path kernel over the law of the factor."""
    z, step = np.linspace(-9.0, 9.0, 40_001, retstep=True)
    chance = stats.norm.cdf(
        (stats.norm.ppf(pool.default_chance) - math.sqrt(pool.correlation) * z)
        / math.sqrt(1.0 - pool.correlation)
    )
    losses = np.rint(pool.loss_share * VOLUME * chance).astype(np.int64)
    found = pay(programme, losses, VOLUME)
    means = found.amounts_fen[:, 0] @ stats.norm.pdf(z) * step / 100.0
    return dict(zip(found.parties, means.tolist(), strict=True))


@pytest.mark.parametrize("programme", [CAPPED, LAYERED])
@pytest.mark.parametrize("pool", [POOL, LargePool(0.01, 0.3), LargePool(0.2, 0.05, 0.4)])
def test_closed_form_is_the_mean_of_the_paths(programme: Programme, pool: LargePool) -> None:
    closed, paths = expected_in_pool(programme, pool, VOLUME), by_quadrature(programme, pool)
    assert set(closed) == set(paths)
    for party, yuan in closed.items():
        assert abs(yuan - paths[party]) < 2e-7 * VOLUME / 100.0, party
    close(math.fsum(closed.values()), pool.expected * VOLUME / 100.0, 1e-12)


@pytest.mark.parametrize(
    ("chance", "correlation", "attach", "detach"),
    [(0.03, 0.15, 0.07, 0.12), (0.02, 0.9, 0.5, 0.9), (0.02, 0.01, 0.04, 0.05), (0.2, 0.3, 1e-3, 0.01), (0.01, 0.05, 0.1, 0.2)],
)  # fmt: skip
def test_layers_are_integrals_of_the_tail(
    chance: float, correlation: float, attach: float, detach: float
) -> None:
    pool = LargePool(chance, correlation)
    tail, _ = integrate.quad(pool.reached, attach, detach, epsabs=0.0, epsrel=1e-12, limit=200)
    close(pool.between(attach, detach), tail, 1e-11)


@pytest.mark.parametrize(
    ("chance", "correlation", "attach", "detach", "expected"),
    [
        (0.001, 0.1, 0.3, 0.6, 1.6981910295729e-18),
        (0.01, 0.05, 0.3, 0.4, 2.294619629781733e-18),
        (0.01, 0.2, 0.5, 0.500001, 9.864422360775717e-14),
        (0.005, 0.03, 0.25, 0.3, 6.432103305481854e-31),
    ],
)
def test_far_and_thin_layers_keep_their_digits(
    chance: float, correlation: float, attach: float, detach: float, expected: float
) -> None:
    """Expected figures: the integral over the factor with forty digits."""
    close(LargePool(chance, correlation).between(attach, detach), expected, 1e-12)


@given(
    st.floats(1e-4, 0.5), st.floats(0.01, 0.9), st.floats(0.1, 1.0),
    st.lists(st.floats(0.0, 1.2), min_size=3, max_size=3),
)  # fmt: skip
def test_layers_add_up_and_cost_less_further_up(chance, correlation, lgd, levels) -> None:
    low, middle, high = sorted(levels)
    pool = LargePool(chance, correlation, lgd)
    whole = pool.between(low, middle) + pool.between(middle, high)
    assert math.isclose(pool.between(low, high), whole, rel_tol=1e-11, abs_tol=1e-18)
    assert math.isclose(pool.between(0.0, 1.0), pool.expected, rel_tol=1e-12)
    for a, b in ((low, middle), (middle, high)):
        assert pool.reached(b) * (b - a) <= pool.between(a, b) * (1 + 1e-9) + 1e-300
        assert pool.between(a, b) <= pool.reached(a) * (b - a) * (1 + 1e-9)


# Limits


def test_without_correlation_the_loss_is_certain() -> None:
    pool = LargePool(0.1, 0.0, 0.5)
    assert (pool.reached(0.05), pool.reached(0.05, inclusive=True), pool.reached(0.04)) == (0, 1, 1)
    close(excess_layer(pool, 0.02, 0.09).expected, 0.03, 1e-14)
    assert excess_layer(pool, 0.06, 0.09).expected == 0.0


def test_with_full_correlation_all_default_or_none() -> None:
    pool = LargePool(0.1, 1.0, 0.5)
    assert (pool.reached(0.3), pool.reached(0.5), pool.reached(-0.1)) == (0.1, 0.0, 1.0)
    close(pool.between(0.2, 0.4), 0.1 * 0.2, 1e-14)
    close(expected_in_pool(CAPPED, pool, VOLUME)["guarantor"], 0.1 * 4e6, 1e-13)


@pytest.mark.parametrize("chance", [0.0, 1.0])
def test_certain_defaults_and_none(chance: float) -> None:
    pool = LargePool(chance, 0.2, 0.5)
    assert pool.between(0.0, 0.3) == 0.3 * chance
    assert pool.reached(0.2) == chance
    assert expected_in_pool(CAPPED, pool, VOLUME)["guarantor"] == 4e6 * chance
    assert LargePool(0.1, 0.2, 0.0).between(0.0, 1.0) == 0.0
    assert LargePool(0.1, 0.2).reached(-0.1) == 1.0
    assert LargePool(0.1, 0.2).reached(1.0) == 0.0
    assert expected_in_pool(CAPPED, LargePool(0.1, 0.2, 0.0), VOLUME) == {
        "bank": 0.0,
        "guarantor": 0.0,
    }
    assert expected_in_pool(CAPPED, POOL, 0) == {"bank": 0.0, "guarantor": 0.0}


@pytest.mark.parametrize("bad", [-0.1, 1.1, math.nan, math.inf])
def test_pools_that_are_none_are_refused(bad: float) -> None:
    for pool in ((bad, 0.2), (0.1, bad), (0.1, 0.2, bad)):
        with pytest.raises(BookError, match=r"must be in \[0, 1\]"):
            LargePool(*pool)
    with pytest.raises(BookError, match="out of range"):
        capped_guarantee(POOL, 1e8, bad, 0.05)
    with pytest.raises(BookError, match="share"):
        excess_layer(POOL, 0.1, 0.2, share=bad)


def test_layers_without_width_are_refused() -> None:
    for attach, detach in ((0.2, 0.2), (0.3, 0.2), (-0.1, 0.2), (math.nan, 0.2)):
        with pytest.raises(BookError, match="attach"):
            excess_layer(POOL, attach, detach)
    with pytest.raises(BookError, match="attach"):
        POOL.between(0.3, 0.2)
    franchise = Deductible(party="bank", amount=Amount(rate=0.1), basis="loss", franchise=True)
    with pytest.raises(BookError, match="franchise"):
        expected_in_pool(Programme("x", (franchise,)), POOL, VOLUME)


# From a pmf


def test_a_pmf_gives_every_partys_mean_exactly() -> None:
    n, chance, step = 40, 0.05, VOLUME // 40
    pmf = stats.binom.pmf(np.arange(n + 1), n, chance)
    found = expected_of_pmf(LAYERED, pmf / pmf.sum(), step, VOLUME)
    brute = dict.fromkeys(found, 0.0)
    for k, weight in enumerate(pmf):
        paid = pay(LAYERED, [k * step], VOLUME)
        for party, amounts in zip(paid.parties, paid.amounts_fen, strict=True):
            brute[party] += weight * amounts[0, 0] / 100.0
    for party, yuan in found.items():
        close(yuan, brute[party], 1e-12)
    close(math.fsum(found.values()), chance * VOLUME / 100.0, 1e-10)


def test_a_large_book_tends_to_the_large_pool() -> None:
    """Layers of a pmf of 4,000 like debts against the closed form."""
    n, pool = 4000, LargePool(0.03, 0.15)
    z, w = np.polynomial.legendre.leggauss(200)
    chance = stats.norm.cdf((stats.norm.ppf(0.03) - math.sqrt(0.15) * 8 * z) / math.sqrt(0.85))
    weights = 8 * w * stats.norm.pdf(8 * z)
    pmf = weights @ stats.binom.pmf(np.arange(n + 1)[None], n, chance[:, None])
    # Between two points of the lattice, so that no atom lies on an end.
    low, high = 0.07 + 0.5 / n, 0.12 + 0.5 / n
    finite = layer_of_pmf(pmf / pmf.sum(), 1.0 / n, low, high)
    limit = excess_layer(pool, low, high)
    for name in ("expected", "rate_on_line", "chance_reached", "chance_exhausted"):
        close(getattr(finite, name), getattr(limit, name), 0.01)


def test_inclusive_attachment_counts_a_loss_that_just_reaches_it() -> None:
    found = layer_of_pmf([0.5, 0.3, 0.2], 10.0, 10.0, 20.0)
    assert (found.expected, found.chance_reached, found.chance_exhausted) == (2.0, 0.2, 0.2)
    assert layer_of_pmf([0.5, 0.3, 0.2], 10.0, 10.0, 20.0, inclusive=True).chance_reached == 0.5


@pytest.mark.parametrize("pmf", [[], [0.5, 0.4], [1.5, -0.5], [math.nan, 1.0], [[1.0]]])
def test_chances_that_are_none_are_refused(pmf: object) -> None:
    with pytest.raises(BookError, match="pmf"):
        layer_of_pmf(pmf, 1.0, 0.0, 1.0)
    with pytest.raises(BookError, match="pmf"):
        expected_of_pmf(CAPPED, pmf, 1, 1)


def test_a_lattice_needs_a_step() -> None:
    with pytest.raises(BookError, match="step"):
        layer_of_pmf([1.0], 0.0, 0.0, 1.0)


@settings(max_examples=30)
@given(st.floats(0.001, 0.2), st.floats(0.0, 0.2))
def test_a_4321_costs_each_its_share(chance: float, correlation: float) -> None:
    shares = {"guarantor": 0.4, "province": 0.3, "bank": 0.2, "government": 0.1}
    found = expected_in_pool(shared_by("4321", shares), LargePool(chance, correlation), VOLUME)
    for party, share in shares.items():
        close(found[party], share * chance * VOLUME / 100.0, 1e-9)
