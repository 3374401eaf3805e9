"""Who bears the losses: to the fen on every path, in the mean as the shares say, any threads."""

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from riskengine.book.figures import without_wrong_way
from riskengine.book.layers import (
    DRAWS,
    Borne,
    Claims,
    Groups,
    _paid,
    blocks_for,
    drawn,
    groups_of,
)
from riskengine.book.load import LoadedBook
from riskengine.portfolio.contract_simulation import simulate_contracts
from riskengine.portfolio.contracts import prepare_contracts
from riskengine.portfolio.scenarios import Scenarios, draw, nominal
from riskengine.portfolio.simulation import Simulation, simulate
from tests.book import made

PATHS, BLOCKS, SEED = 2048, 8, 17


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> LoadedBook:
    return made.loaded(tmp_path_factory.mktemp("book"), made.rows(24))


def blocks(book: LoadedBook, paths: int = PATHS) -> Callable[[int], Scenarios]:
    """Plain scenarios by block."""
    usual = nominal(book.measured.model, math.inf)
    return lambda number: draw(usual, paths, seed=SEED, block=number)


@pytest.fixture(scope="module")
def groups(book: LoadedBook) -> Groups:
    return groups_of(book.measured, book.programmes)


@pytest.fixture(scope="module")
def borne(book: LoadedBook, groups: Groups) -> tuple[Borne, Claims]:
    return drawn(book.measured, groups, blocks(book), BLOCKS, seed=SEED)


@pytest.fixture(scope="module")
def analytic(book: LoadedBook) -> Simulation:
    return simulate(book.measured.exposures, book.measured.model, seed=1, scenarios=64, scrambles=2)


def test_groups_by_scheme(book: LoadedBook, groups: Groups) -> None:
    assert groups.names == ("PR-1", "PR-2", "~0.800000")
    assert np.bincount(groups.member).tolist() == [12, 8, 4]
    assert sum(groups.volumes_fen) == round(100 * book.measured.contracts.debt_yuan.sum())
    alone = groups.programmes[2]
    assert {layer.party: layer.share for layer in alone.layers} == {"bank": 0.2, "guarantor": 0.8}


def test_schemes_that_nobody_wrote_down_fall_back_on_the_guaranteed_share(
    book: LoadedBook,
) -> None:
    found = groups_of(book.measured, {})
    assert found.names == ("~0.800000",)
    lender = replace(
        book.measured,
        contracts=replace(book.measured.contracts, guaranteed_share=np.zeros(24)),
    )
    (programme,) = groups_of(lender, {}).programmes
    assert {layer.party for layer in programme.layers} == {"bank"}


def test_parties_add_up_to_the_loss_in_fen_on_every_path(book: LoadedBook, groups: Groups) -> None:
    whole = book.measured.grouped(groups.member, len(groups.names))
    prepared = prepare_contracts(whole, book.measured.model)
    for number in range(2):
        scenarios = blocks(book, 256)(number)
        losses = simulate_contracts(prepared, scenarios, seed=SEED, stream=number)
        paid = _paid(prepared, groups, scenarios, SEED, number, 1)
        assert losses.losses_fen.any()
        assert np.array_equal(paid.period_fen.sum(axis=0), losses.losses_fen.sum(axis=0))
        assert np.array_equal(paid.group_fen.sum(axis=0), losses.losses_fen.sum(axis=1))
        assert (paid.period_fen >= 0).all()


def test_one_bit_for_any_number_of_threads(
    book: LoadedBook, groups: Groups, borne: tuple[Borne, Claims]
) -> None:
    told: list[tuple[int, int]] = []
    again, claims = drawn(
        book.measured, groups, blocks(book), BLOCKS, seed=SEED, threads=2,
        progress=lambda done, total: told.append((done, total)),
    )  # fmt: skip
    assert told == [(k + 1, BLOCKS) for k in range(BLOCKS)]
    for name in ("borne_yuan", "group_yuan", "weights"):
        assert np.array_equal(getattr(again, name), getattr(borne[0], name)), name
    assert np.array_equal(claims.claims_fen, borne[1].claims_fen)


def test_the_draws_expect_what_quadrature_expects(
    book: LoadedBook, borne: tuple[Borne, Claims], analytic: Simulation
) -> None:
    """The whole, and the parties' shares of quota programmes, within four standard errors."""
    found = borne[0]
    assert found.parties == ("bank", "guarantor", "county_fund", "province")
    each = found.borne_yuan.sum(axis=0).mean(axis=1)
    error = float(each.std(ddof=1) / math.sqrt(BLOCKS))
    assert made.close(float(each.mean()), analytic.expected_loss_yuan, error)
    assert error < 0.03 * analytic.expected_loss_yuan
    loss = np.bincount(
        groups_of(book.measured, book.programmes).member, analytic.expected_by_debt_yuan
    )
    shares = {
        "bank": (0.2, 0.2, 0.2), "guarantor": (0.4, 0.4, 0.8), "county_fund": (0.4, 0.0, 0.0),
        "province": (0.0, 0.4, 0.0),
    }  # fmt: skip
    for party, of in shares.items():
        value, spread = found.expected(party)
        assert made.close(value, float(np.dot(of, loss)), spread), party


def test_by_group_and_by_party_it_is_the_same_money(borne: tuple[Borne, Claims]) -> None:
    found = borne[0]
    by_party = [found.expected(party)[0] for party in found.parties]
    assert found.group_yuan.sum(axis=1) == pytest.approx(by_party, rel=1e-12)


def test_shifted_scenarios_expect_the_same(
    book: LoadedBook, groups: Groups, borne: tuple[Borne, Claims], analytic: Simulation
) -> None:
    proposal = analytic.setting.proposal
    aimed, _ = drawn(
        book.measured, groups, lambda k: draw(proposal, PATHS, seed=SEED, block=k), BLOCKS,
        seed=SEED,
    )  # fmt: skip
    assert aimed.weights.mean() == pytest.approx(1.0, abs=0.01)
    for party in aimed.parties:
        (a, one), (b, other) = aimed.expected(party), borne[0].expected(party)
        assert made.close(a, b, math.hypot(one, other)), party
    tail = aimed.measures("guarantor", 0.99)
    assert 0.0 < tail.value_at_risk <= tail.expected_shortfall
    plain = borne[0].measures("guarantor", 0.99)
    assert tail.value_at_risk == pytest.approx(plain.value_at_risk, rel=0.15)


def test_gross_claims_are_whole_debts(
    book: LoadedBook, groups: Groups, borne: tuple[Borne, Claims]
) -> None:
    gross, claims = drawn(book.measured, groups, blocks(book), BLOCKS, seed=SEED, gross=True)
    assert claims.funds == ("F-1",)
    assert claims.claims_fen.shape == (1, 12, PATHS * BLOCKS)
    held = book.measured.exposures
    wanted = held.debt_yuan * held.default_chance
    each = gross.borne_yuan.sum(axis=0).mean(axis=1)
    assert made.close(
        float(each.mean()), float(wanted.sum()), float(each.std(ddof=1) / math.sqrt(BLOCKS))
    )
    value, error = gross.expected("county_fund")
    assert made.close(value, 0.4 * float(wanted[groups.member == 0].sum()), error)
    on_fund = claims.claims_fen.sum(axis=(0, 1)).mean() / 100.0
    assert on_fund == pytest.approx(value, rel=1e-12)
    net = borne[0].borne_yuan.sum(axis=0)
    assert (gross.borne_yuan.sum(axis=0) >= net).all(), "the same defaults, nothing recovered"


def test_prices_that_know_nothing_of_bad_times_have_no_mark_up(
    book: LoadedBook, analytic: Simulation, tmp_path: Path
) -> None:
    model = without_wrong_way(book.measured.model)
    assert not model.sale_loadings.any()
    assert not model.slowdown.any()
    alone = simulate(book.measured.exposures, model, seed=1, scenarios=64, scrambles=2)
    assert analytic.expected_loss_yuan > 1.02 * alone.expected_loss_yuan
    each = analytic.expected_by_debt_yuan - alone.expected_by_debt_yuan
    secured = book.measured.exposures.forward > 0.0
    assert (each[secured] > 0.0).all()
    assert np.abs(each[~secured]).max() < 1e-9
    free = made.loaded(tmp_path, made.rows(24), loadings=made.without_sale()).measured
    found = simulate(free.exposures, free.model, seed=1, scenarios=64, scrambles=2)
    assert found.expected_loss_yuan == pytest.approx(alone.expected_loss_yuan, rel=1e-12)


def test_likelihood_ratios_average_one_and_expect_the_loss(book: LoadedBook) -> None:
    """Names are twisted too: few scenarios leave the mean far off, so enough of them."""
    found = simulate(
        book.measured.exposures, book.measured.model, seed=5, scenarios=2048, scrambles=16
    )
    assert made.close(found.mean_weight.value, 1.0, found.mean_weight.standard_error)
    assert found.mean_weight.standard_error < 0.05
    each = (found.law.means * found.law.weights).mean(axis=1)
    error = float(each.std(ddof=1) / math.sqrt(each.size))
    assert made.close(float(each.mean()), found.expected_loss_yuan, error)


def test_a_single_block_has_no_error(book: LoadedBook, groups: Groups) -> None:
    found, _ = drawn(book.measured, groups, blocks(book, 64), 1, seed=SEED)
    value, error = found.expected("bank")
    assert value >= 0.0
    assert math.isnan(error)


def test_how_many_blocks_a_book_can_afford() -> None:
    assert blocks_for(100, 4096, 8) == 8
    assert blocks_for(10**6, 4096, 8) == 2
    assert blocks_for(10**5, 4096, 8) == int(DRAWS / (10**5 * 4096)) == 4
    assert blocks_for(0, 0, 8) == 8
