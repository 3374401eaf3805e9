"""Losses and prices by second routes: slow integrals and sums written out."""

from datetime import date
from math import exp, log1p, sqrt

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from riskengine.casefile.together import decide_many
from riskengine.scoring.loss import Losses, losses, shipped_loadings
from riskengine.scoring.record import record
from riskengine.scoring.score import score
from tests.scoring.made import application, content, equipment

PD = 0.04


def lost(pd: float = PD, floor: float = 0.0, **loan: object) -> Losses:
    """Loss of the first example with another loan."""
    answers = decide_many([application("001", loan=loan).case], equipment().bench())
    return losses(answers, np.array([pd]), np.array([floor]))


def slow_lgd(forward: float, spread: float, pd: float, together: float) -> float:
    """Severity x E[(1 - S)+ | A <= k], A and the log of S jointly normal."""
    k, rest = norm.ppf(pd), sqrt(1.0 - together**2)

    def part(x: float) -> float:
        sale = forward * exp(spread * x - 0.5 * spread * spread)
        return norm.pdf(x) * max(1.0 - sale, 0.0) * norm.cdf((k - together * x) / rest)

    edge = (0.5 * spread * spread - np.log(forward)) / spread
    whole = quad(part, -12.0, min(edge, 12.0), epsabs=1e-14, limit=400)[0]
    return shipped_loadings().assumed["severity"] * whole / pd


@pytest.mark.parametrize("balance", [180_000.0, 260_000.0, 900_000.0])
@pytest.mark.parametrize("commodity", ["grain", "pigs", None])
def test_lgd_against_a_slow_integral(balance: float, commodity: str | None) -> None:
    found = lost(balance_yuan=balance, commodity=commodity).each[0]
    loadings = shipped_loadings()
    default, sale = loadings.default[commodity or "other"], loadings.sale["land"]
    together = sum(part * sale[family] for family, part in default.items())
    forward = found.proceeds_yuan / balance * exp(-log1p(0.045) * found.sale_years)
    slow = slow_lgd(forward, found.proceeds_spread, found.chance_12_months, together)
    assert found.lgd_12_months == pytest.approx(slow, rel=1e-8)
    assert found.lgd_independent == pytest.approx(
        slow_lgd(forward, found.proceeds_spread, PD, 0.0), rel=1e-8
    )
    assert found.lgd_12_months > found.lgd_independent


def schedule(balance: float, months: int, way: str, rate: float) -> list[float]:
    """Exposure at a default in each month."""
    step = rate / 12.0
    if way == "equal_principal":
        return [balance * (months - k) / months for k in range(months)]
    if way == "annuity":
        pay = balance * step / (1.0 - (1.0 + step) ** -months)
        owed = [balance]
        for _ in range(months - 1):
            owed.append(owed[-1] * (1.0 + step) - pay)
        return owed
    return [balance * (1.0 + step * (k + 1) * (way == "bullet")) for k in range(months)]


@pytest.mark.parametrize("way", ["bullet", "interest_only", "equal_principal", "annuity"])
@pytest.mark.parametrize("years", [1, 3])
def test_exposure_and_life_chance_written_out(way: str, years: int) -> None:
    found = lost(
        balance_yuan=100_000.0, repayment=way, matures_on=date(2026 + years, 11, 23)
    ).each[0]  # fmt: skip
    months = 12 * years
    mass = 0.6 if way in ("bullet", "interest_only") and months <= 12 else 0.0
    flat = -log1p(-PD) * (1.0 - mass) / (min(months, 12) if mass else 12.0)
    alive, dies = 1.0, []
    for month in range(1, months + 1):
        force = flat + (-log1p(-PD) * mass if month == months else 0.0)
        dies.append(alive * (1.0 - exp(-force)))
        alive *= exp(-force)
    owed = schedule(100_000.0, months, way, 0.045)
    assert found.months == months
    assert found.chance_life == pytest.approx(sum(dies), rel=1e-12)
    assert found.chance_12_months == pytest.approx(sum(dies[:12]), rel=1e-12)
    assert found.chance_12_months == pytest.approx(PD, rel=1e-12)
    mean = sum(d * e for d, e in zip(dies, owed, strict=True)) / sum(dies)
    assert found.ead_life_yuan == pytest.approx(mean, rel=1e-10)


def test_el_is_pd_times_lgd_times_ead() -> None:
    for name in ("001", "002", "003", "004"):
        told = record(score(application(name), equipment()))["loss"]
        for span in ("12_months", "life"):
            product = told[f"chance_{span}"] * told[f"lgd_{span}"] * told[f"ead_{span}_yuan"]
            assert told[f"el_{span}_yuan"] == pytest.approx(product, abs=0.01)
    told = record(score(application("003"), equipment()))["loss"]
    parts = [told[f"el_life_{who}_yuan"] for who in ("lender", "guarantor", "re_guarantor")]
    assert sum(parts) == pytest.approx(told["el_life_yuan"], abs=0.02)
    assert parts == pytest.approx(
        [told["el_life_yuan"] * share for share in (0.2, 0.64, 0.16)], abs=0.01
    )


def test_the_floor_holds_and_an_own_lgd_stands() -> None:
    assert lost(floor=0.1).each[0].lgd_life == 0.1
    assert lost(floor=0.1).each[0].lgd_modelled < 0.01
    assert lost(floor=0.1, loss_share=0.03).each[0].lgd_life == 0.03
    assert lost(floor=0.1, balance_yuan=1e6).each[0].lgd_life > 0.1


def test_more_security_never_loses_more() -> None:
    found = [lost(balance_yuan=balance).each[0] for balance in (5e4, 1e5, 2e5, 4e5, 8e5)]
    shares = [one.lgd_life for one in found]
    assert shares == sorted(shares)
    assert shares[-1] > shares[0]


def test_fee_written_out() -> None:
    """Claims at the end of each month over the balance guaranteed at its start, discounted."""
    found = score(application("003"), equipment())
    assert found.loss is not None
    assert found.price is not None
    assert found.default is not None
    loan = content("003")["loan"]
    rate, months = loan["rate_per_year"], int(found.loss.months)
    owed = schedule(loan["balance_yuan"], months, "annuity", rate)
    hazard = -np.expm1(log1p(-found.default.pd) / 12.0)
    claims = annuity = 0.0
    for k in range(months):
        alive = (1.0 - hazard) ** k
        claims += (
            0.8
            * 0.8
            * owed[k]
            * found.loss.lgd_life
            * hazard
            * alive
            / (1 + rate) ** ((k + 1) / 12)
        )
        annuity += 0.8 * owed[k] * alive / (1 + rate) ** (k / 12) / 12
    assert found.price.break_even == pytest.approx(claims / annuity, rel=1e-10)
    full = claims / annuity + 0.005 + 0.08 * 0.08
    assert found.price.full == pytest.approx(full, rel=1e-10)
    assert (found.price.of, found.price.ceiling, found.price.charged) == (
        "guarantee_fee",
        0.008,
        0.006,
    )
    assert found.price.advised == 0.008


def test_a_plain_loan_has_a_premium_and_no_ceiling() -> None:
    found = score(application("001"), equipment()).price
    assert found is not None
    assert found.of == "risk_premium"
    assert np.isnan(found.ceiling)
    assert np.isnan(found.charged)
    assert found.advised == found.full > found.break_even > 0.0


def test_grade_is_that_of_the_scale() -> None:
    for name in ("001", "002", "005"):
        found = score(application(name), equipment())
        assert found.default is not None
        bounds = [0.0, 0.0025, 0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 1.0]
        names = ["A1", "A2", "A3", "B1", "B2", "B3", "C1", "C2", "D"]
        place = int(np.searchsorted(bounds, found.default.pd, side="left")) - 1
        assert found.grade == names[place]
