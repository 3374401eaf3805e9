"""Files of loadings: every fault at once, and the factors and segments that a book needs."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskengine.book.factors import FAMILIES, SHIPPED, Loadings, factor_model, load_loadings
from riskengine.gates.tables import COMMODITIES
from riskengine.portfolio.exposures import BookError, FactorModel
from riskengine.rights import RIGHTS

SHORT = """
name = "two rows"
seen = "estimated"
[correlation]
county = 0.25
[default.other]
nation = 0.3
[default.pigs]
nation = 0.2
commodity = 0.4
[sale.land]
county = 0.5
slowdown = 0.2
[assumed]
pledges_together = 0.5
severity = 0.7
maturity_share = 0.5
"""


@pytest.fixture
def write(tmp_path: Path) -> Any:
    """Write a file of loadings."""

    def run(text: str | bytes) -> Path:
        path = tmp_path / "loadings.toml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return run


def refused(path: Path) -> str:
    with pytest.raises(BookError) as told:
        load_loadings(path)
    assert path.name in told.value.say("zh")
    assert "factors.toml" in told.value.say("en")
    return told.value.wrong.en


def test_the_shipped_file_is_sound_and_complete() -> None:
    found = load_loadings()
    assert found.seen == "assumption"
    assert {choice.code for choice in COMMODITIES} == set(found.default)
    assert set(RIGHTS) == set(found.sale)
    assert len(found.digest) == 64
    model, _ = factor_model(found, ["370983"] * 2, ["grain", "pigs"], ["land", ""])
    # As its own head says: a crop grower about 0.12, a pig farm about 0.18.
    assert model.default_share == pytest.approx([0.1138, 0.1763], rel=1e-12)


def test_a_short_file_is_read_as_it_stands(write: Any) -> None:
    found = load_loadings(write(SHORT))
    assert (found.name, found.seen) == ("two rows", "estimated")
    assert found.default["pigs"] == {"nation": 0.2, "commodity": 0.4}
    assert found.assumed["severity"] == 0.7
    assert found.digest != load_loadings().digest
    assert load_loadings(write(SHORT.replace("[correlation]\ncounty = 0.25", ""))).correlation == {}


def test_every_fault_at_once(write: Any) -> None:
    said = refused(write("""
name = "bad"
seen = "guessed"
[correlation]
nation = 2
weather = 0.5
[default.pig]
nation = 2
[default.grain]
village = 0.1
nation = "much"
[default.fruit]
nation = 0.8
county = 0.7
[sale.house]
nation = nan
[sale.land]
nation = true
slowdown = -0.1
[sale.forest]
nation = 0.9
province = 0.9
[assumed]
severity = 1.5
maturity_share = -0.1
luck = 0.5
"""))  # fmt: skip
    for fault in (
        "seen must be one of: estimated, assumption", "[default.other] is missing",
        "[default.pig] is no commodity", "default.pig.nation must lie in [-1, 1]",
        "default.grain.village is not known", "default.grain.nation must lie in [-1, 1]",
        "[default.fruit] must leave something", "[sale.house] is no kind of right",
        "sale.house.nation must lie in [-1, 1]", "sale.land.nation must lie in [-1, 1]",
        "sale.land.slowdown must lie in [0, 1]", "[sale.forest] must explain no more than all",
        "correlation.nation must lie in [-1, 1]", "correlation.weather is not known",
        "assumed.luck is not known", "assumed.pledges_together must be given, in [0, 1]",
        "assumed.severity must be given, in [0, 1]",
        "assumed.maturity_share must be given, in [0, 1]",
    ):  # fmt: skip
        assert fault in said, fault


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "[default] is missing; [sale] is missing; [assumed] is missing; name is missing"),
        (SHORT.replace("[assumed]", "[presumed]"), "[assumed] is missing"),
        (SHORT.replace('seen = "estimated"', ""), "seen is missing"),
        ("default = 3\nsale = []\nassumed = 1\n", "[default] is no table; [sale] is no table"),
        (SHORT.replace("[correlation]\ncounty = 0.25", "") + "\n[default]\nother = 1\n",
         "cannot be read"),
        ("correlation = 1\n" + SHORT.replace("[correlation]\ncounty = 0.25", ""),
         "[correlation] is no table"),
        (SHORT.replace("[default.pigs]\nnation = 0.2\ncommodity = 0.4", "")
         .replace("[default.other]", "[default]\npigs = 3\n[default.other]"),
         "[default.pigs] is no table"),
        (SHORT + "=", "cannot be read"),
        (b"\xff\xfe", "cannot be read"),
        (SHORT.replace("nation = 0.3", "nation = 1.0"), "must leave something"),
        (SHORT.replace("nation = 0.3", "nation = inf"), "must lie in [-1, 1]"),
    ],
)  # fmt: skip
def test_files_that_are_none(write: Any, text: str | bytes, said: str) -> None:
    assert said in refused(write(text))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert "cannot be read" in refused(tmp_path / "nowhere.toml")
    assert "cannot be read" in refused(tmp_path)


def test_one_county_has_one_factor_of_each_family(write: Any) -> None:
    model, segment = factor_model(
        load_loadings(write(SHORT)), ["370983"] * 3, ["pigs", "", "pigs"], ["land", "", "land"]
    )
    assert model.factors == (
        "nation", "province:37", "county:370983", "commodity:other", "commodity:pigs", "hazard:37",
    )  # fmt: skip
    assert model.segments == ("370983|pigs|land", "370983||")
    assert segment.tolist() == [0, 1, 0]
    assert model.default_loadings.tolist() == [
        [0.2, 0.0, 0.0, 0.0, 0.4, 0.0], [0.3, 0.0, 0.0, 0.0, 0.0, 0.0],
    ]  # fmt: skip
    assert model.sale_loadings.tolist() == [[0.0, 0.0, 0.5, 0.0, 0.0, 0.0], [0.0] * 6]
    assert model.slowdown.tolist() == [0.2, 0.0]
    assert model.default_share == pytest.approx([0.2, 0.09])


def test_a_commodity_that_is_not_known_loads_as_other() -> None:
    held = load_loadings()
    model, _ = factor_model(held, ["370983"] * 2, ["", "other"], ["", ""])
    assert model.factors.count("commodity:other") == 1
    assert np.array_equal(model.default_loadings[0], model.default_loadings[1])
    few = replace(held, default={"other": held.default["other"]})
    model, _ = factor_model(few, ["370983"], ["pigs"], [""])
    assert model.default_share == pytest.approx([0.18**2 + 0.12**2 + 0.15**2])


def test_families_are_correlated_within_and_not_between(write: Any) -> None:
    model, _ = factor_model(
        load_loadings(write(SHORT)), ["370983", "511181", "370502"], ["grain"] * 3, [""] * 3
    )
    place = {name: k for k, name in enumerate(model.factors)}
    counties = [k for name, k in place.items() if name.startswith("county")]
    assert len(counties) == 3
    assert np.array_equal(
        model.correlation[np.ix_(counties, counties)], np.full((3, 3), 0.25) + 0.75 * np.eye(3)
    )
    others = [k for k in range(len(place)) if k not in counties]
    assert np.array_equal(model.correlation[np.ix_(others, others)], np.eye(len(others)))
    assert not model.correlation[np.ix_(counties, others)].any()


def test_a_negative_correlation_of_too_many_is_refused() -> None:
    """Three counties cannot all be at -0.6 to one another: the matrix would be indefinite."""
    held = replace(load_loadings(), correlation={"county": -0.6})
    factor_model(held, ["370983", "511181"], ["grain"] * 2, [""] * 2)
    with pytest.raises(BookError, match="not positive semidefinite"):
        factor_model(held, ["370983", "511181", "370502"], ["grain"] * 3, [""] * 3)


def test_a_singular_correlation_has_a_root() -> None:
    """All provinces one: singular, and admitted with the symmetric root."""
    held = replace(load_loadings(), correlation={"province": 1.0, "county": 1.0})
    model, _ = factor_model(held, ["370983", "511181"], ["grain"] * 2, ["land"] * 2)
    assert np.linalg.matrix_rank(model.correlation) < len(model.factors)
    assert model.root @ model.root.T == pytest.approx(model.correlation, abs=1e-12)


@given(st.lists(st.tuples(st.sampled_from(["370983", "511181", "320281"]),
                          st.sampled_from(["", "grain", "pigs"]),
                          st.sampled_from(["", "land", "forest"])), min_size=1, max_size=12),
       st.randoms())  # fmt: skip
def test_the_order_of_rows_changes_no_segment(
    exposures: list[tuple[str, str, str]], random: Any
) -> None:
    def laid(rows: list[tuple[str, str, str]]) -> tuple[FactorModel, list[str]]:
        model, segment = factor_model(load_once(), *map(list, zip(*rows, strict=True)))
        return model, [model.segments[k] for k in segment]

    model, names = laid(exposures)
    assert names == ["|".join(row) for row in exposures]
    turned = list(exposures)
    random.shuffle(turned)
    other, _ = laid(turned)
    assert (model.factors, model.segments) == (other.factors, other.segments)
    for part in ("default_loadings", "sale_loadings", "slowdown", "correlation"):
        assert np.array_equal(getattr(model, part), getattr(other, part))
    families = [name.partition(":")[0] for name in model.factors]
    assert sorted(families, key=FAMILIES.index) == families


SHIPPED_LOADINGS: list[Loadings] = []


def load_once() -> Loadings:
    """The shipped file, read once."""
    if not SHIPPED_LOADINGS:
        SHIPPED_LOADINGS.append(load_loadings(SHIPPED))
    return SHIPPED_LOADINGS[0]
