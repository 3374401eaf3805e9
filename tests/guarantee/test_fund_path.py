"""Fund paths: identities to the fen, a slow twin, exact ruin, what is refused."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskengine.guarantee.fund_path import Fund, fund_paths, summarise_funds
from riskengine.portfolio.exposures import BookError

SMALL = st.integers(0, 4)
FEN = st.integers(0, 10**9) | st.integers(0, 5)
SHARES = st.sampled_from([0.0, 0.5, 1.0]) | st.floats(0.0, 1.0)


def fund(months: int, opening: int = 0, income: int = 0, in_force: int = 0, **terms) -> Fund:
    return Fund("county", opening, np.full(months, income), np.full(months, in_force), **terms)


@st.composite
def cases(draw) -> tuple[Fund, np.ndarray]:
    months, paths = draw(st.integers(1, 8)), draw(st.integers(1, 3))
    columns = st.lists(FEN, min_size=months, max_size=months).map(np.array)
    held = Fund(
        "one", draw(FEN), draw(columns), draw(columns), draw(st.sampled_from([0.0, 0.002, 0.1])),
        draw(SMALL | st.just(12)), draw(SHARES), draw(SMALL | st.just(12)), draw(SHARES), draw(FEN),
        draw(FEN), draw(SMALL | st.just(12)),
    )  # fmt: skip
    claims = st.lists(FEN, min_size=months * paths, max_size=months * paths)
    return held, np.array(draw(claims), dtype=np.int64).reshape(1, months, paths)


def slow(held: Fund, claims: list[int]) -> dict[str, object]:
    """One path as a diary: what is due on which day, Python's own whole numbers and round."""
    months = len(claims)
    due = {t: [] for t in range(months)}
    arriving = {t: [] for t in range(months)}
    later = {"claims": 0, "recoveries": 0, "top_ups": 0}
    for t, claim in enumerate(claims):
        if t + held.claim_delay_months < months:
            due[t + held.claim_delay_months].append(claim)
        else:
            later["claims"] += claim
    have, asked_in_all, under_way = held.opening_fen, 0, 0
    diary, first = [], months
    for t in range(months):
        have += round(have * held.interest_rate_per_month) + int(held.income_fen[t])
        for kind, amount in arriving[t]:
            have += amount
            under_way -= amount if kind == "top_up" else 0
        pay = min(have, sum(due[t]))
        lost = sum(due[t]) - pay
        first = t if lost and first == months else first
        back, when = round(pay * held.recovery_share), t + held.recovery_delay_months
        have -= pay
        if when == t:
            have += back
        elif when < months:
            arriving[when].append(("recovery", back))
        else:
            later["recoveries"] += back
        if have < round(held.floor_share * int(held.in_force_fen[t])):
            ask = max(
                0, min(held.top_up_to_fen - have - under_way, held.committed_fen - asked_in_all)
            )
            asked_in_all += ask
            when = t + held.top_up_delay_months
            if when == t:
                have += ask
            elif when < months:
                arriving[when].append(("top_up", ask))
                under_way += ask
            else:
                later["top_ups"] += ask
                under_way += ask
        diary.append((have, pay, lost))
    return {"diary": diary, "later": later, "first": first, "asked": asked_in_all}


@given(cases())
def test_the_kernel_keeps_the_same_diary(case: tuple[Fund, np.ndarray]) -> None:
    held, claims = case
    found = fund_paths([held], claims)
    for j in range(claims.shape[2]):
        wanted = slow(held, claims[0, :, j].tolist())
        columns = (found.balance_fen, found.paid_fen, found.unpaid_fen)
        assert list(zip(*(x[0, :, j].tolist() for x in columns), strict=True)) == wanted["diary"]
        assert found.not_yet_due_fen[0, j] == wanted["later"]["claims"]
        assert found.recoverable_fen[0, j] == wanted["later"]["recoveries"]
        assert found.promised_fen[0, j] == wanted["later"]["top_ups"]
        assert found.topped_up_fen[0, j] + found.promised_fen[0, j] == wanted["asked"]
        assert found.exhausted_in[0, j] == wanted["first"]


@given(cases())
def test_not_a_fen_is_lost_on_any_path(case: tuple[Fund, np.ndarray]) -> None:
    held, claims = case
    found = fund_paths([held], claims)
    paid, unpaid = found.paid_fen.sum(axis=1), found.unpaid_fen.sum(axis=1)
    assert np.array_equal(paid + unpaid + found.not_yet_due_fen, claims.sum(axis=1))
    received = found.income_fen + found.recovered_fen + found.topped_up_fen
    assert np.array_equal(found.opening_fen[:, None] + received - paid, found.balance_fen[:, -1])
    for amount in (
        found.balance_fen,
        found.paid_fen,
        found.unpaid_fen,
        found.promised_fen,
        found.recoverable_fen,
    ):
        assert np.all(amount >= 0)
    assert np.all(found.topped_up_fen + found.promised_fen <= held.committed_fen)
    recovered = found.recovered_fen + found.recoverable_fen
    assert np.all(np.abs(recovered - held.recovery_share * paid) <= 0.5 * claims.shape[1] + 1e-6)


@given(cases(), st.integers(0, 10**9))
def test_more_money_never_leaves_more_unpaid(case: tuple[Fund, np.ndarray], more: int) -> None:
    held, claims = case
    poor = Fund(
        held.fund_id,
        held.opening_fen,
        held.income_fen,
        held.in_force_fen,
        claim_delay_months=held.claim_delay_months,
    )
    rich = Fund(
        held.fund_id,
        held.opening_fen + more,
        held.income_fen,
        held.in_force_fen,
        claim_delay_months=held.claim_delay_months,
    )
    one, other = (fund_paths([x], claims) for x in (poor, rich))
    assert np.all(other.unpaid_fen.sum(axis=1) <= one.unpaid_fen.sum(axis=1))
    assert np.all(other.exhausted_in >= one.exhausted_in)


def test_the_next_party_pays_what_the_fund_could_not() -> None:
    claims = np.random.default_rng(1).integers(0, 100, (1, 12, 50))
    county = fund_paths([fund(12, 200, 5, claim_delay_months=2)], claims)
    province = fund_paths([fund(12, 300)], county.unpaid_fen)
    paid = county.paid_fen.sum(axis=1) + province.paid_fen.sum(axis=1)
    assert np.array_equal(
        paid + province.unpaid_fen.sum(axis=1) + county.not_yet_due_fen, claims.sum(axis=1)
    )


# Extremes


def test_a_fund_without_money_pays_nothing_and_without_claims_is_never_exhausted() -> None:
    claims = np.zeros((2, 3, 2), dtype=np.int64)
    claims[0, 1, 1] = 7
    found = fund_paths([fund(3), fund(3)], claims)
    assert found.exhausted_in.tolist() == [[3, 1], [3, 3]]
    assert found.paid_fen.sum() == 0 and found.unpaid_fen.sum() == 7


def test_delays_beyond_the_horizon_leave_all_for_later() -> None:
    held = fund(
        3,
        10,
        in_force=100,
        claim_delay_months=3,
        floor_share=0.2,
        top_up_to_fen=50,
        committed_fen=500,
        top_up_delay_months=9,
    )
    found = fund_paths([held], np.full((1, 3, 1), 40))
    assert found.not_yet_due_fen.tolist() == [[120]] and found.paid_fen.sum() == 0
    assert (
        found.promised_fen.tolist() == [[40]] and found.topped_up_fen.sum() == 0
    )  # not asked for twice
    assert found.balance_fen.ravel().tolist() == [10, 10, 10]


def test_a_rate_that_is_half_a_fen_goes_to_even() -> None:
    found = fund_paths([fund(1, 100, recovery_share=0.5)], np.array([[[1, 3, 5]]]))
    assert found.recovered_fen.tolist() == [[0, 2, 2]]


# The chance of ruin


def test_ruin_of_a_walk_is_exact() -> None:
    """Every path of ten months, with its own probability as weight, against the walk's law."""
    months, p, claim, opening = 10, 0.3, 4, 5
    choices = np.array(list(itertools.product((0, 1), repeat=months))).T
    weights = np.prod(np.where(choices == 1, p, 1.0 - p), axis=0) * choices.shape[1]
    found = fund_paths([fund(months, opening, 1)], claim * choices[None])
    summary = summarise_funds(found, weights)
    alive, ruined = {opening: 1.0}, []
    for _ in range(months):
        after: dict[int, float] = {}
        gone = 0.0
        for have, chance in alive.items():
            for due, q in ((0, 1.0 - p), (claim, p)):
                if have + 1 < due:
                    gone += chance * q
                else:
                    after[have + 1 - due] = after.get(have + 1 - due, 0.0) + chance * q
        ruined.append(gone)
        alive = after
    assert np.allclose(summary.month_chance[0], ruined, rtol=0.0, atol=1e-14)
    assert summary.exhaustion_chance[0] == pytest.approx(sum(ruined), rel=1e-12)
    assert summary.any_chance == pytest.approx(sum(ruined), rel=1e-12)


def test_summary_by_hand() -> None:
    claims = np.array([[[0, 30, 0, 200]], [[500, 0, 0, 0]]])
    held = [
        fund(1, 100),
        fund(1, 400, in_force=400, floor_share=1.0, top_up_to_fen=150, committed_fen=1000),
    ]
    found = summarise_funds(fund_paths(held, claims), levels=[0.25, 0.5, 0.75, 1.0])
    assert found.exhaustion_chance.tolist() == [0.25, 0.25] and found.any_chance == 0.5
    assert found.exhaustion_error == pytest.approx([0.25, 0.25])
    assert found.unpaid_yuan == pytest.approx([0.25, 0.25])
    assert found.top_up_yuan == pytest.approx([0.0, 0.375])
    assert found.balance_yuan[0, 0].tolist() == [0.0, 0.7, 1.0, 1.0]
    assert found.month_chance.tolist() == [[0.25], [0.25]]


def test_weights_and_blocks_change_means_and_errors() -> None:
    rng = np.random.default_rng(2)
    size = 4096
    shift = 1.2
    z = rng.normal(size=size) + shift
    weights = np.exp(-shift * z + shift * shift / 2.0)
    shifted = fund_paths(
        [fund(1, 200)], np.rint(100.0 * np.exp(0.5 * z)).astype(np.int64)[None, None]
    )
    found = summarise_funds(shifted, weights, batches=16)
    exact = 0.5 * math.erfc(2.0 * math.log(2.005) / math.sqrt(2.0))  # exp(z / 2) rounds above 200
    assert abs(found.exhaustion_chance[0] - exact) < 4.0 * found.exhaustion_error[0]
    assert found.exhaustion_error[0] < 0.1 * exact
    single = summarise_funds(shifted, weights, batches=1)
    assert np.isnan(single.exhaustion_error[0])
    assert single.exhaustion_chance[0] == pytest.approx(found.exhaustion_chance[0], rel=1e-12)
    levels = np.linspace(0.01, 1.0, 100)
    plain, same = (
        summarise_funds(shifted, w, levels=levels).balance_yuan
        for w in (np.ones(size), np.full(size, 1.0 + 2.0**-52))
    )
    assert np.array_equal(plain, same)
    assert np.array_equal(
        plain[0, 0], np.quantile(shifted.balance_fen, levels, method="inverted_cdf") / 100.0
    )
    low = summarise_funds(shifted, weights, levels=[0.05]).balance_yuan[0, 0, 0]
    assert low == 0.0  # exhausted with 8 %
    assert (
        summarise_funds(shifted, 0.5 * weights / weights.mean(), levels=[0.9]).balance_yuan.max()
        == shifted.balance_fen.max() / 100.0
    )


# What it refuses


@pytest.mark.parametrize(
    ("terms", "match"),
    [
        ({"opening": -1}, "county, opening_fen must be a whole number"),
        ({"opening": 2**53}, "county, opening_fen"),
        ({"opening": 1.5}, "county, opening_fen"),
        ({"income": -1}, "county, income_fen must hold whole fen"),
        ({"in_force": -1}, "county, in_force_fen"),
        ({"in_force": 1.5}, "county, in_force_fen"),
        ({"claim_delay_months": -1}, "county, claim_delay_months"),
        ({"recovery_delay_months": 0.5}, "county, recovery_delay_months"),
        ({"top_up_delay_months": -2}, "county, top_up_delay_months"),
        ({"committed_fen": -1}, "county, committed_fen"),
        ({"top_up_to_fen": -1}, "county, top_up_to_fen"),
        ({"recovery_share": 1.1}, "county, recovery_share must be in"),
        ({"floor_share": math.nan}, "county, floor_share must be in"),
        ({"interest_rate_per_month": -0.1}, "county, interest_rate_per_month must be in"),
    ],
)
def test_bad_terms_are_refused(terms: dict[str, float], match: str) -> None:
    with pytest.raises(BookError, match=match):
        fund(2, **terms)


def test_bad_claims_and_summaries_are_refused() -> None:
    held, good = fund(2, 5), np.zeros((1, 2, 3), dtype=np.int64)
    for claims, match in (
        (good[0], "by fund, month and path"), (good[:, :1], "by fund, month and path"),
        (good.astype(float), "by fund, month and path"), (good[..., :0], "by fund, month and path"),
        (good - 1, "must not be negative"), (good + 2**53, "must not be negative or above"),
        (good + 2**52, "must stay below"),
    ):  # fmt: skip
        with pytest.raises(BookError, match=match):
            fund_paths([held], claims)
    for funds in ([], [held, held], [held, fund(3)]):
        with pytest.raises(BookError):
            fund_paths(funds, good)
    growing = fund(2, 2**51, interest_rate_per_month=1.0)
    with pytest.raises(BookError, match="must stay below"):
        fund_paths([growing], good)
    found = fund_paths([held], good)
    for more in ({"weights": np.ones(2)}, {"weights": -np.ones(3)}, {"weights": np.full(3, math.nan)},
                 {"levels": [0.0]}, {"levels": [1.5]}, {"batches": 2}, {"batches": 0}):  # fmt: skip
        with pytest.raises(BookError):
            summarise_funds(found, **more)
