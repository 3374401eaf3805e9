"""Workout files: the published case, two losses, all faults at once, open cases completed."""

import numpy as np
import pandas as pd
import pytest

from models.lgd.workout import (
    completed,
    parts_of_mean,
    run_off,
    workout_faults,
    workout_table,
)
from riskengine.errors import ModelError

DAY = pd.Timestamp("2020-01-01")


def after(years: float) -> pd.Timestamp:
    return DAY + pd.Timedelta(days=round(365 * years))


def one_case(**changes):
    row = {
        "id": "A", "defaulted_on": DAY, "ead_yuan": 1000.0, "closed_on": after(3), "cured": False,
        "claim_paid_on": pd.NaT, "claim_yuan": np.nan,
    } | changes  # fmt: skip
    return pd.DataFrame([row])


def flows_of(*rows):
    return pd.DataFrame(rows, columns=["id", "on", "yuan", "kind", "party"])


def test_the_workout_of_the_notes() -> None:
    """LGD-WORKOUT-01, with days that are not whole: exact years from the same days."""
    years = [0.5, 1.25, 2.0]
    flows = flows_of(
        *(
            ("A", after(t), r, "recovery", "lender")
            for t, r in zip(years, (300, 250, 150), strict=True)
        ),
        *(("A", after(t), c, "cost", "lender") for t, c in zip(years[:2], (40, 30), strict=True)),
    )
    found = workout_table(one_case(), flows, 0.08).iloc[0]
    days = np.array([round(365 * t) for t in years]) / 365
    worth = 1.08**-days
    assert found["recovered_yuan"] == pytest.approx(np.dot([300, 250, 150], worth), rel=1e-12)
    assert found["spent_yuan"] == pytest.approx(np.dot([40, 30], worth[:2]), rel=1e-12)
    # Half a day of rounding (365 x 0.5 = 182.5) is what keeps it from 0.421392205243.
    assert found["lgd"] == pytest.approx(0.421392205243, abs=2e-4)


def test_lender_and_guarantor_lose_different_shares() -> None:
    case = one_case(claim_paid_on=after(1), claim_yuan=800.0)
    flows = flows_of(
        ("A", after(1), 800.0, "claim", "guarantor"),
        ("A", after(2), 100.0, "recovery", "lender"),
        ("A", after(2), 300.0, "recovery", "guarantor"),
        ("A", after(3), 20.0, "cost", "guarantor"),
    )
    lender = workout_table(case, flows, 0.05).iloc[0]
    guarantor = workout_table(case, flows, 0.05, "guarantor").iloc[0]
    days = (after(2) - DAY).days / 365
    assert lender["lgd"] == pytest.approx(1 - (800 / 1.05 + 100 * 1.05**-days) / 1000, rel=1e-12)
    assert guarantor["lgd"] == pytest.approx(1 - (300 / 1.05 - 20 / 1.05**2) / 800, rel=1e-12)


def test_losses_below_0_and_above_1_stand() -> None:
    cases = pd.concat([one_case(), one_case(id="B")])
    flows = flows_of(
        ("A", after(0), 1200.0, "recovery", "lender"), ("B", after(1), 90.0, "cost", "lender")
    )
    lgd = workout_table(cases, flows, 0.0)["lgd"]
    assert lgd.tolist() == pytest.approx([-0.2, 1.09])
    # Clipped first the mean would be 0.5; what was lost on 2,000 is 890.
    assert lgd.mean() == pytest.approx(890 / 2000)


def test_all_faults_are_told_at_once() -> None:
    cases = pd.concat(
        [
            one_case(), one_case(), one_case(id="B", ead_yuan=np.nan),
            one_case(id="C", closed_on=after(-1)), one_case(id="D", defaulted_on="no day"),
            one_case(id="E"), one_case(id=None),
        ]
    )  # fmt: skip
    flows = flows_of(
        ("A", after(-0.5), 10.0, "recovery", "lender"), ("B", after(1), -5.0, "cost", "lender"),
        ("X", after(1), 5.0, "gift", "bank"), ("E", after(1), 99999.0, "recovery", "lender"),
        ("E", after(9), 1.0, "recovery", "lender"), ("E", None, np.nan, "recovery", "lender"),
    )  # fmt: skip
    told = workout_faults(cases, flows, "lender")
    wanted = [
        "twice", "exposure is missing", "closed before", "not a date", "no identifier",
        "before the default", "negative", "no such default", "none of", "lender or guarantor",
        "exceed", "after the workout was closed", "not finite",
    ]  # fmt: skip
    for words in wanted:
        assert told["fault"].str.contains(words).any(), words
    with pytest.raises(ModelError) as refused:
        workout_table(cases, flows, 0.05)
    assert all(words in str(refused.value) for words in wanted)
    assert "99999" not in str(refused.value)


def test_missing_columns_are_named() -> None:
    told = workout_faults(one_case().drop(columns="ead_yuan"), flows_of(), "lender")
    assert told[["table", "column"]].values.tolist() == [["defaults", "ead_yuan"]]


def simulated(rng, n=4000):
    """Quick workouts bring much, slow ones little: closing tells of the loss."""
    start = DAY - pd.to_timedelta(rng.integers(0, 365 * 10, n), unit="D")
    length = rng.exponential(2.0, n).clip(0.05, 9.0)
    share = np.clip(0.9 - 0.12 * length + rng.normal(0, 0.05, n), 0.0, 1.0)
    return start, length, share


def test_open_workouts_completed_without_the_bias_of_closed_ones() -> None:
    rng = np.random.default_rng(5)
    start, length, share = simulated(rng)
    n = len(length)
    closed_on = start + pd.to_timedelta(np.round(length * 365), unit="D")
    is_open = closed_on > DAY
    cases = pd.DataFrame(
        {
            "id": np.arange(n), "defaulted_on": start, "ead_yuan": 1000.0,
            "closed_on": np.where(is_open, np.datetime64("NaT"), closed_on), "cured": False,
        }
    )  # fmt: skip
    flows = pd.DataFrame(
        {
            "id": np.arange(n),
            "on": closed_on,
            "yuan": 1000 * share,
            "kind": "recovery",
            "party": "lender",
        }
    )[~is_open]
    table = workout_table(cases, flows, 0.05)
    curve = run_off(table, flows, 0.05, DAY, step=0.25)
    found = completed(table, curve, DAY)
    worth = 1.05 ** -((closed_on - start).days.to_numpy() / 365)
    truth = 1 - share * worth
    recent = np.asarray(start > DAY - pd.Timedelta(days=365 * 3))
    closed_only = table["lgd"][recent & ~is_open].mean()
    error = truth[recent].std() / np.sqrt(recent.sum())
    assert closed_only < truth[recent].mean() - 10 * error
    assert table["lgd"][recent].mean() > truth[recent].mean() + 10 * error
    assert found[recent].mean() == pytest.approx(truth[recent].mean(), abs=3 * error)
    assert (curve.ends >= 0).all() and (np.diff(curve.at_risk) <= 0).all()


def test_cures_and_the_rest_add_up() -> None:
    cases = pd.concat([one_case(cured=True), one_case(id="B"), one_case(id="C")])
    flows = flows_of(
        ("A", after(0.5), 990.0, "recovery", "lender"), ("B", after(1), 300.0, "recovery", "lender")
    )
    parts = parts_of_mean(workout_table(cases, flows, 0.05))
    whole = parts["share_cured"] * parts["lgd_cured"]
    whole += (1 - parts["share_cured"]) * parts["lgd_rest"]
    assert whole == pytest.approx(parts["lgd"], rel=1e-14)
