"""The lending value as a waterfall: its plain twin, its sums, and the value it started from."""

from datetime import date
from math import inf, isnan, nan

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskengine.casefile.decide import steps_of
from riskengine.collateral import sale_at_reserve
from riskengine.gates.tables import pledges
from riskengine.gates.tapes import read_tape
from riskengine.kernels.lending import lending_rows
from riskengine.kernels.waterfall import waterfall_rows
from riskengine.market import demonstration
from riskengine.pledging.assess import assess
from riskengine.pledging.join import alone
from riskengine.pledging.waterfall import STEPS
from riskengine.rights import RIGHTS
from riskengine.rules import RuleBook, statute
from riskengine.valuation import value
from tests.plain_results import DAY, sample
from tests.reference import waterfall as twin
from tests.reference.waterfall import Pledge

NAMES = list(STEPS)
RAISES = {"insurance", "compensation_fund"}
"""The only steps that may raise what is left."""
FEN = 0.01
"""Rounded once on either side: two correct answers differ by no more [yuan]."""


def waterfall(cases: list[Pledge]) -> np.ndarray:
    """The kernel on some pledges of one policy: (17, n) fen."""

    def columns(*names: str) -> np.ndarray:
        rows = [[getattr(case, name) for case in cases] for name in names]
        return np.array([[nan if cell is None else float(cell) for cell in row] for row in rows])

    figures = np.full((10, len(cases)), nan)
    figures[[0, 1, 3, 6, 7, 8]] = columns(
        "value", "error", "quartile", "divergence", "lower_method", "stressed"
    )
    claims = columns(
        "last_price", "price_age", "prior", "arrears", "sitting", "insurance", "fund_share",
        "fund_limit",
    )  # fmt: skip
    shares = columns("term", "counted", "keeps", "cap", "agreed")
    outcome = np.array([3 if case.blocked else 2 for case in cases], dtype=np.uint8)
    sales = columns(
        "variance", "trend", "market_fall", "buyers", "auction", "cost", "waited", "model"
    )
    policy = np.array([
        cases[0].divergence_limit, cases[0].oldest_price, cases[0].quantile, cases[0].prior_ratio,
    ])  # fmt: skip
    out = np.empty((len(STEPS), len(cases)), dtype=np.int64)
    waterfall_rows(figures, claims, shares, outcome, sales, np.arange(len(cases)), policy, out)
    return out


MONEY = st.floats(1.0, 1e9)
PART = st.floats(0.0, 1.0)
MAYBE = st.none() | st.floats(-1e3, 1e9)
PLEDGES = st.builds(
    Pledge, value=MONEY | st.sampled_from([0.0, nan]), error=st.floats(0.0, 2.0), quartile=MONEY,
    stressed=MONEY | st.just(inf), divergence=st.floats(1.0, 3.0) | st.just(nan),
    lower_method=MONEY, last_price=st.none() | MONEY, price_age=st.none() | st.floats(-2.0, 6.0),
    prior=MAYBE, arrears=MAYBE, sitting=MAYBE, insurance=MAYBE, fund_share=st.none() | PART,
    fund_limit=MAYBE, term=PART, counted=PART, keeps=PART, cap=PART | st.just(inf), agreed=st.booleans(),
    blocked=st.booleans(), variance=st.floats(0.0, 1.0), buyers=PART, auction=PART, cost=PART,
    waited=PART, model=PART, trend=st.floats(-0.2, 0.0), divergence_limit=st.just(1.5),
    oldest_price=st.just(3.0), quantile=st.just(1.645), prior_ratio=st.just(0.5),
)  # fmt: skip


@given(st.lists(PLEDGES, min_size=1, max_size=6))
def test_kernel_and_plain_twin_agree_step_by_step(cases: list[Pledge]) -> None:
    out = waterfall(cases)
    for i, case in enumerate(cases):
        plain = twin.steps(case)
        assert out[:, i] / 100.0 == pytest.approx(plain, rel=1e-9, abs=FEN)


@given(st.lists(PLEDGES, min_size=1, max_size=6))
def test_no_step_but_insurance_and_the_fund_raises(cases: list[Pledge]) -> None:
    change = np.diff(waterfall(cases), axis=0)
    for k, name in enumerate(NAMES[1:]):
        signs = change[k] >= 0 if name in RAISES else change[k] <= 0
        assert signs.all(), name


@given(PLEDGES)
def test_alone_as_in_company(case: Pledge) -> None:
    company = [case._replace(value=1e6), case, case._replace(value=2.0)]
    np.testing.assert_array_equal(waterfall(company)[:, 1], waterfall([case])[:, 0])


WEAKER = {
    "prior": 1e4, "arrears": 1e4, "sitting": 1e4, "term": 0.5, "counted": 0.5, "keeps": 0.5,
    "cap": 0.1, "blocked": True, "buyers": 0.5, "cost": 0.5, "waited": 0.5, "model": 0.5,
    "variance": 0.2, "error": 0.5, "quartile": 5e5, "stressed": 4e5, "last_price": 3e5,
}  # fmt: skip
WHOLE = Pledge(1e6, price_age=1.0)


@pytest.mark.parametrize("name", list(WEAKER))
def test_everything_that_weakens_a_pledge_lowers_its_lending_value(name: str) -> None:
    weaker = WHOLE._replace(**{name: WEAKER[name]})
    whole, weak = waterfall([WHOLE, weaker])[-1]
    assert (whole, weak < whole) == (100_000_000, True)


def test_the_fund_bears_its_share_of_the_whole_loan_up_to_its_limit() -> None:
    helped = WHOLE._replace(fund_share=0.4, fund_limit=1e9)
    limited = helped._replace(fund_limit=1e5)
    blocked = helped._replace(blocked=True)
    lent = waterfall([helped, limited, blocked])[-1] / 100.0
    assert lent.tolist() == pytest.approx([1e6 / 0.6, 1.1e6, 0.0], abs=FEN)


# The lending value that is found before the law of the pledge is asked.


@given(st.lists(PLEDGES, min_size=1, max_size=6), st.floats(0.0, 0.5))
def test_without_claims_haircuts_and_cap_it_is_the_lending_value_of_the_right(
    cases: list[Pledge], buffer: float
) -> None:
    bare = [
        Pledge(
            case.value, case.error, case.quartile, case.stressed, case.divergence,
            case.lower_method, case.last_price, case.price_age, case.prior, case.arrears,
            variance=case.variance, trend=case.trend, buyers=case.buyers, cost=case.cost, waited=case.waited,
            model=case.model * (1.0 - buffer),
        )
        for case in cases
    ]  # fmt: skip
    assert_as_lent(bare, [case.model for case in cases], buffer)


def assert_as_lent(bare: list[Pledge], model: list[float], buffer: float) -> None:
    size = len(bare)
    figures = np.full((10, size), nan)
    for row, name in ((0, "value"), (1, "error"), (3, "quartile"), (6, "divergence"),
                      (7, "lower_method"), (8, "stressed")):  # fmt: skip
        figures[row] = [getattr(case, name) for case in bare]
    claims = np.array([
        [nan if getattr(case, name) is None else getattr(case, name) for case in bare]
        for name in ("last_price", "price_age", "prior", "arrears")
    ])  # fmt: skip
    sales = np.array([
        (c.variance, c.trend, c.buyers * c.cost * m * c.waited, 1.0, 12.0, c.market_fall)
        for c, m in zip(bare, model, strict=True)
    ]).T  # fmt: skip
    first = bare[0]
    policy = np.array([
        first.divergence_limit, first.oldest_price, first.quantile, buffer, first.prior_ratio,
    ])  # fmt: skip
    out = np.empty((6, size))
    lending_rows(
        figures, claims, np.array([1e9]), np.zeros(size, dtype=np.int64), np.ascontiguousarray(sales),
        np.arange(size), policy, out,
    )  # fmt: skip
    lent = np.where(figures[0] > 0.0, out[5], 0.0)
    assert waterfall(bare)[-1] / 100.0 == pytest.approx(lent, rel=1e-12, abs=FEN)


@pytest.mark.parametrize("table", [table for table in RIGHTS if table != "land"])
def test_a_clean_pledge_lends_what_the_right_lends(table: str) -> None:
    batch = sample(table, 400)
    valuation = value(batch, demonstration().on(DAY), statute().at(DAY))
    ids = batch.ids.cast(pa.string())
    cells = {
        "pledge_id": ids, "right_id": ids, "right_kind": pa.array([table] * batch.size),
        "agreed_sale": pa.array(["true"] * batch.size),
    }  # fmt: skip
    papers = read_tape(pledges(), pa.RecordBatch.from_pydict(cells), DAY)
    rows = np.arange(batch.size)
    standing = alone(np.full(batch.size, nan))
    found = assess(valuation, papers, rows, standing=standing, law=lambda _: NO_LAW)
    assert (found.outcome == 0).all()
    lent = np.where(valuation.reconciled[0] > 0.0, valuation.lent[5], 0.0)
    known = ~np.isnan(valuation.term)
    assert found.lending_value_yuan[known] == pytest.approx(lent[known], rel=1e-12, abs=FEN)
    assert (found.lending_value_yuan <= np.nan_to_num(lent) + FEN).all()
    for row in range(0, batch.size, 40):
        steps = steps_of(found, row)
        fen = [round(step.change_yuan * 100.0) for step in steps]
        assert sum(fen) == round(steps[-1].left_yuan * 100.0) == int(found.steps[-1, row])
        assert [sum(fen[: k + 1]) for k in range(len(fen))] == found.steps[:, row].tolist()


NO_LAW = RuleBook(
    {name: rule for name, rule in statute().rules.items() if not rule.judges.fact}, ""
)
"""A law that judges nothing: every pledge passes, with no haircut and no limit."""


# Published vectors.


@pytest.mark.parametrize(("reserve", "left"), [(0.56, 510_000.0), (0.70, 650_000.0)])
def test_a_court_sale_at_the_reserve(reserve: float, left: float) -> None:
    assert sale_at_reserve(1e6, reserve, 0.05) == pytest.approx(left, rel=1e-12)
    assert sale_at_reserve(1e6, reserve, 0.05, prior_yuan=100_000.0) == pytest.approx(left - 1e5)
    assert sale_at_reserve(1e6, reserve, 0.05, prior_yuan=1e6) == 0.0


def test_reserves_are_those_of_the_rules() -> None:
    rules = statute().at(date(2026, 11, 23))
    first, second = (
        rules.number(f"law_enforcement.{name}_reserve") for name in ("first", "second")
    )
    assert (first, second) == (0.7, 0.56)
    assert second == pytest.approx(first * (1.0 - 0.2))
    assert not isnan(first)
