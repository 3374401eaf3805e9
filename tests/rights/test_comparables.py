"""Deals speak the language of the rights: the same codes, titles, units and ranges."""

from datetime import date

import pytest

from riskengine.methods.comparison_grid import PLANS
from riskengine.rights import RIGHTS
from riskengine.rights.comparables import COMPARABLES
from riskengine.rules import statute

SHARED = {
    ("land", "land_use"): "category", ("forest", "species"): "category",
    ("construction", "land_use"): "category", ("homestead", "kind"): "kind",
    ("forest", "kind"): "kind", ("homestead", "structure"): "structure",
}  # fmt: skip


@pytest.mark.parametrize(("right", "column"), SHARED)
def test_codes_and_titles_agree(right, column) -> None:
    own = RIGHTS[right].by_name[column].choices
    deals = {
        choice.code: choice.title for choice in COMPARABLES.by_name[SHARED[right, column]].choices
    }
    for choice in own:
        assert deals[choice.code] == choice.title


def test_no_code_of_deals_is_without_a_right() -> None:
    for name in ("category", "kind", "structure"):
        known = {
            code
            for (right, column), shared in SHARED.items()
            if shared == name
            for code in RIGHTS[right].by_name[column].codes
        }
        assert set(COMPARABLES.by_name[name].codes) == known


@pytest.mark.parametrize("table", PLANS)
def test_facts_of_the_same_name_have_the_same_unit_and_range(table) -> None:
    right = RIGHTS[table].by_name
    for column in COMPARABLES.columns:
        if column.name in right and column.kind == "number":
            its = right[column.name]
            assert (column.unit, column.low, column.high) == (its.unit, its.low, its.high), (
                column.name
            )


def test_every_plan_has_its_rules() -> None:
    rules = statute().at(date(2026, 11, 24))
    assert set(COMPARABLES.by_name["table"].codes) == set(PLANS)
    for name in ("usual_error", "yearly_trend", "drift"):
        assert set(rules.table(f"comparison.{name}")) == set(PLANS)
