"""Effective weights: brute-force Shapley, exact small cases, flags, single-item AUC."""

from datetime import date
from itertools import combinations
from math import factorial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from models.expert import CardError, load_card, published_cards, score_card, weight_report
from models.expert.weights import _resampled, effective_weights, rank_shifts, single_auc
from riskengine.errors import ModelError

DAY = date(2026, 11, 24)
CARD = published_cards()["farm_common"]


def shapley_of_variance(points: np.ndarray) -> np.ndarray:
    """Share of var(sum) by all coalitions: v(S) = cov-complete variance of the sum over S.

    For a sum the Shapley value of v(S) = var(sum over S) is cov(part, total).
    """
    k = len(points)
    out = np.zeros(k)
    for part in range(k):
        others = [j for j in range(k) if j != part]
        for size in range(k):
            for chosen in combinations(others, size):
                share = factorial(size) * factorial(k - size - 1) / factorial(k)
                without = points[list(chosen)].sum(axis=0).var() if chosen else 0.0
                out[part] += share * (points[[*chosen, part]].sum(axis=0).var() - without)
    return out / points.sum(axis=0).var()


@pytest.mark.parametrize("seed", range(5))
def test_shares_are_the_shapley_value_of_the_variance(seed: int) -> None:
    rng = np.random.default_rng(seed)
    mix = rng.normal(size=(5, 5))
    points = mix @ rng.normal(size=(5, 60))
    shares = effective_weights(points)
    np.testing.assert_allclose(shares, shapley_of_variance(points), rtol=1e-9, atol=1e-12)
    assert shares.sum() == pytest.approx(1.0, abs=1e-12)


def test_shares_by_hand() -> None:
    """Two independent items with deviations 3 and 1 share the variance 9 to 1."""
    points = np.array([[0.0, 0.0, 6.0, 6.0], [0.0, 2.0, 0.0, 2.0], [5.0, 5.0, 5.0, 5.0]])
    np.testing.assert_allclose(effective_weights(points), [0.9, 0.1, 0.0], atol=1e-15)
    assert np.isnan(effective_weights(np.ones((2, 4)))).all()
    # Without the second item two pairs tie: each of the four moves half a place of four.
    np.testing.assert_allclose(rank_shifts(points)[1:], [0.125, 0.0])


def test_bootstrap_equals_drawing_the_rows() -> None:
    points = np.random.default_rng(1).integers(0, 6, (4, 30)).astype(float)
    rng = np.random.default_rng(9)
    slow = [effective_weights(points[:, rng.integers(0, 30, 30)]) for _ in range(20)]
    np.testing.assert_allclose(_resampled(points, 9, 20), slow, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_single_auc_equals_scikit_learn_and_placements(seed: int) -> None:
    rng = np.random.default_rng(seed)
    bad = (rng.random(80) < 0.3).astype(float)
    points = rng.integers(0, 5, 80) - bad
    auc, error = single_auc(points, bad)
    assert auc == pytest.approx(roc_auc_score(1.0 - bad, points), abs=1e-12)
    good, poor = points[bad == 0.0], points[bad == 1.0]
    psi = (good[:, None] > poor).astype(float) + 0.5 * (good[:, None] == poor)
    variance = psi.mean(1).var(ddof=1) / good.size + psi.mean(0).var(ddof=1) / poor.size
    assert error == pytest.approx(variance**0.5, rel=1e-12)
    assert np.isnan(single_auc(points, np.zeros(80))).all()


def farms(n: int, seed: int) -> pd.DataFrame:
    """Farms of which all are registered, and whose overdue days and opinion go together."""
    rng = np.random.default_rng(seed)
    strength = rng.normal(size=n)
    frame = pd.DataFrame({item.field: [None] * n for item in CARD.items()}, dtype=object)
    frame["operating_years"] = np.clip(4.0 + 2.0 * strength + rng.normal(size=n), 0.0, 60.0)
    frame["registered_business"] = "yes"
    frame["longest_overdue_days_24_months"] = np.clip(20.0 - 40.0 * strength, 0.0, 700.0)
    frame["village_opinion_points"] = np.clip(np.round(3.0 + 2.0 * strength), 0.0, 6.0)
    frame["profit_margin"] = np.clip(0.1 - 0.2 * strength, -10.0, 1.0)
    return frame


def test_report_flags_what_weighs_too_little_or_too_much() -> None:
    scored = score_card(CARD, farms(400, 1), DAY, gates=False)
    report = weight_report(CARD, scored, seed=3)
    items = report.items.set_index("name")
    assert items["nominal"].sum() == pytest.approx(1.0, abs=1e-12)
    assert items["effective"].sum() == pytest.approx(1.0, abs=1e-12)
    assert report.blocks["effective"].sum() == pytest.approx(1.0, abs=1e-12)
    assert items.loc["registered_form", "flag"] == "constant"
    assert items.loc["longest_overdue", "flag"] == "heavy" and items.loc["longest_overdue", "sure"]
    assert items.loc["margin", "flag"] == "reversed"
    assert (
        items.loc["village_opinion", "social"] and items.loc["village_opinion", "flag"] == "heavy"
    )
    assert (items["low"] <= items["effective"] + 1e-12).all()
    assert (items["high"] >= items["effective"] - 1e-12).all()
    by_block = {
        block.name: items.loc[[item.name for item in block.items], "effective"].sum()
        for block in CARD.blocks
    }
    np.testing.assert_allclose(
        report.blocks["effective"], list(by_block.values()), rtol=1e-10, atol=1e-12
    )
    assert report.n == 400 and report.bads == -1
    assert {"flag_zh", "flag_en"} <= set(report.items.columns)


def test_report_is_seeded_and_order_free() -> None:
    frame = farms(120, 2)
    scored = score_card(CARD, frame, DAY, gates=False)
    one, two = weight_report(CARD, scored, seed=5), weight_report(CARD, scored, seed=5)
    pd.testing.assert_frame_equal(one.items, two.items)
    turned = score_card(CARD, frame.iloc[::-1], DAY, gates=False)
    np.testing.assert_allclose(
        weight_report(CARD, turned).items["effective"], one.items["effective"], atol=1e-12
    )


def test_outcomes_give_single_item_figures() -> None:
    frame = farms(600, 4)
    rng = np.random.default_rng(4)
    bad = (rng.random(600) < 0.2).astype(float)
    bad[:30] = np.nan
    scored = score_card(CARD, frame, DAY, gates=False)
    report = weight_report(CARD, scored, bad)
    assert report.bads == int(np.nansum(bad))
    items = report.items.set_index("name")
    assert items.loc["registered_form", "auc"] == 0.5
    off = (items["auc"] - 0.5).abs() - 3.0 * items["auc_error"]
    assert (off <= 1e-12).all()  # outcomes drawn by chance: nothing separates


def test_a_book_without_differences_is_refused() -> None:
    scored = score_card(CARD, farms(1, 1), DAY, gates=False)
    with pytest.raises(ModelError, match="fewer than two totals"):
        weight_report(CARD, scored)
    with pytest.raises(ModelError, match="fewer than two totals"):
        weight_report(CARD, pd.concat([scored, scored], ignore_index=True))
    village = published_cards()["credit_village"]
    empty = score_card(village, pd.DataFrame({"a": [1, 2]}), DAY)
    with pytest.raises(ModelError, match="fewer than two totals"):
        weight_report(village, empty)


ITEM = """
[[block]]
name = "{name}"
title = {{zh = "{name}", en = "{name}"}}
weight = 25.0
cite = "test"
seen = "memory"

[[block.item]]
name = "{name}"
title = {{zh = "{name}", en = "{name}"}}
field = "{field}"
missing = 0.0
evidence = {{zh = "无", en = "none"}}
cite = "test"
seen = "memory"
{rest}
"""
HEAD = """
name = "spain"
title = {zh = "西班牙", en = "Spain"}
subject = "borrower"
valid_from = 2000-01-01
owner = "test"
cite = "test: points set before any outcome was looked at"
seen = "memory"
note = {zh = "测试", en = "test"}
"""
JOBS = """options = [{code = "fixed", points = 25.0}, {code = "freelance", points = 15.0},
    {code = "partime", points = 5.0}, {code = "others", points = 5.0}]"""
HOMES = """options = [{code = "owner", points = 25.0}, {code = "priv", points = 10.0},
    {code = "parents", points = 10.0}, {code = "rent", points = 5.0},
    {code = "ignore", points = 5.0}, {code = "other", points = 5.0}]"""
RECORDS = 'options = [{code = "no", points = 25.0}, {code = "yes", points = 0.0}]'
YEARS = """unit = "year"
low = 0.0
high = 60.0
bins = [{to = 1.0, points = 0.0}, {from = 1.0, to = 5.0, points = 10.0},
    {from = 5.0, points = 25.0}]"""


def test_a_card_on_a_real_book(shared_data: Path, tmp_path: Path) -> None:
    """Four items of equal nominal weight on 4,454 loans: they do not weigh the same."""
    frame = pd.read_parquet(shared_data / "credit_data_es.parquet")
    path = tmp_path / "spain.toml"
    parts = (("job", "Job", JOBS), ("home", "Home", HOMES), ("records", "Records", RECORDS),
             ("years", "Seniority", YEARS))  # fmt: skip
    text = HEAD + "".join(ITEM.format(name=n, field=f, rest=rest) for n, f, rest in parts)
    path.write_text(text, encoding="utf-8")
    card = load_card(path)
    scored = score_card(card, frame, DAY)
    bad = (frame["Status"] == "bad").to_numpy(np.float64)
    report = weight_report(card, scored, bad)
    items = report.items.set_index("name")
    assert report.n == 4454 and report.bads == 1254
    assert (items["nominal"] == 0.25).all()
    assert items["effective"].max() > 1.4 * items["effective"].min()
    assert (items["auc"] > 0.55).all() and (items["auc"] < 0.70).all()
    total, _ = single_auc(scored["total"].to_numpy(), bad)
    assert total > items["auc"].max() + 0.05
    path.write_text(text.replace('"Seniority"', '"Age"'), encoding="utf-8")
    with pytest.raises(CardError, match="age of a person may not be scored"):
        load_card(path)
