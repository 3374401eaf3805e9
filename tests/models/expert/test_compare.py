"""Sheet beside model: the bridge adds up, grades and notches, reasons."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from models.expert import ModelView, compare_with_model, published_cards, score_card
from models.expert.arrays import factor_offset
from riskengine.errors import ModelError

DAY = date(2026, 11, 24)
CARD = published_cards()["household_common"]


def households(n: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({item.field: [None] * n for item in CARD.items()}, dtype=object)
    frame["net_assets_yuan"] = rng.uniform(0.0, 400_000.0, n)
    frame["debt_ratio_before"] = rng.uniform(0.0, 0.8, n)
    frame["expense_to_income"] = rng.uniform(0.3, 1.2, n)
    frame["conduct_record"] = rng.choice(["good", "ordinary", "poor"], n)
    frame["village_opinion_points"] = rng.integers(0, 21, n) / 2.0
    return frame


def view(n: int, seed: int) -> ModelView:
    rng = np.random.default_rng(seed)
    fields = ("debt_ratio_before", "expense_to_income", "county_growth")
    return ModelView(fields, -2.9, rng.normal(0.0, 0.8, (3, n)))


@pytest.mark.parametrize("social", [True, False])
def test_the_bridge_adds_up_exactly(social: bool) -> None:
    scored = score_card(CARD, households(50, 1), DAY, gates=False)
    model = view(50, 2)
    both = compare_with_model(CARD, scored, model, social=social)
    np.testing.assert_allclose(
        both.bridge.sum(axis=1), both.grades["difference"], rtol=1e-12, atol=1e-10
    )
    factor, offset = factor_offset(CARD.scale)
    pd_model = 1.0 / (1.0 + np.exp(-model.log_odds))
    points = offset + factor * np.log((1.0 - pd_model) / pd_model)
    np.testing.assert_allclose(both.grades["model_points"], points, rtol=1e-10)
    total = "total" if social else "total_without_social"
    np.testing.assert_array_equal(both.grades["sheet_points"], scored[total])
    assert ("village_opinion_points" in both.bridge) == social
    assert {"base", "county_growth", "net_assets_yuan"} <= set(both.bridge.columns)
    grade = "grade" if social else "grade_without_social"
    assert list(both.grades["sheet_grade"]) == list(scored[grade])


def test_grades_notches_and_words() -> None:
    scored = score_card(CARD, households(2, 3), DAY, gates=False)
    factor, offset = factor_offset(CARD.scale)
    contributions = np.zeros((1, 2))
    contributions[0] = -(np.array([95.0, 65.0]) - offset) / factor
    both = compare_with_model(CARD, scored, ModelView(("county_growth",), 0.0, contributions))
    assert list(both.grades["model_grade"]) == ["优", "一般"]
    order = [band.grade for band in CARD.bands]
    for row in both.grades.itertuples():
        assert row.notches == order.index(row.sheet_grade) - order.index(row.model_grade)
    assert "county_growth：模型" in both.grades["why_zh"].iloc[0] + both.grades["why_zh"].iloc[1]
    assert both.grades["why_en"].str.contains("the model gives").all()


def test_a_model_that_is_the_sheet_differs_in_nothing() -> None:
    """The card's own contributions as a model: every line of the bridge is zero."""
    scored = score_card(CARD, households(40, 5), DAY, gates=False)
    factor, offset = factor_offset(CARD.scale)
    points = scored[[f"item.{item.name}" for item in CARD.items()]].to_numpy().T
    means = points.mean(axis=1)
    model = ModelView(
        tuple(item.field for item in CARD.items()),
        -(means.sum() - offset) / factor,
        -(points - means[:, None]) / factor,
    )
    both = compare_with_model(CARD, scored, model)
    np.testing.assert_allclose(both.bridge.to_numpy(), 0.0, atol=1e-10)
    assert (both.grades["notches"] == 0).all() and (both.grades["why_zh"] == "").all()


def test_what_cannot_be_compared() -> None:
    bachu = published_cards()["bachu_household"]
    scored = score_card(bachu, pd.DataFrame({"household_points": [70.0]}), DAY)
    with pytest.raises(ModelError, match="lacks bands or a master scale"):
        compare_with_model(bachu, scored, view(1, 1))
    scored = score_card(CARD, households(3, 1), DAY, gates=False)
    with pytest.raises(ModelError, match="do not fit the cases"):
        compare_with_model(CARD, scored, view(4, 1))
