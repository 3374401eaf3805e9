"""An expert card as a release: scored by kernels to the last bit, with reasons in words."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from models.expert import published_cards, release_card, score_card, to_scorecard_arrays
from models.store import Registry
from riskengine.errors import ModelError
from riskengine.learned import DefaultModel, features, load_release
from riskengine.learned.reasons import reasons
from riskengine.learned.scorecards import check_scorecard, scorecard_score
from tests.models.expert.test_score import engine_score, sample

DAY = date(2026, 11, 24)
CARDS = published_cards()
RELEASED = ("household_common", "farm_common")


@pytest.fixture(scope="module", params=RELEASED)
def released(request, tmp_path_factory) -> tuple[str, DefaultModel]:
    folder = tmp_path_factory.mktemp("cards") / request.param
    release_card(CARDS[request.param], folder)
    model = load_release(folder)
    assert isinstance(model, DefaultModel)
    return request.param, model


def cases(model: DefaultModel, name: str, n: int = 200):
    frame = sample(CARDS[name], n, seed=3)
    x, unseen = features.encode({f.name: frame[f.name] for f in model.features}, model.features)
    assert not unseen.any()
    return frame, x


@pytest.mark.parametrize("name", [name for name, card in CARDS.items() if card.items()])
def test_kernels_score_every_published_card_to_the_last_bit(name: str) -> None:
    card = CARDS[name]
    arrays = to_scorecard_arrays(card, social=True)
    frame = sample(card, 200, seed=4)
    scored = score_card(card, frame, DAY, gates=False)
    x = np.array([
        frame[item.field].map({option.code: k for k, option in enumerate(item.options)})
        if item.options else frame[item.field] for item in card.items()
    ]).astype(float)  # fmt: skip
    found = scorecard_score(arrays, x)
    np.testing.assert_array_equal(found, engine_score(arrays, x))
    np.testing.assert_array_equal(found, scored["total"])


def test_the_engine_says_what_the_card_says(released) -> None:
    name, model = released
    assert (model.release.origin, model.release.form) == ("expert", "expert")
    check_scorecard(model.release.arrays)
    frame, x = cases(model, name)
    factor, offset = model.release.arrays["scale"]
    wanted = -(engine_score(model.release.arrays, x) - offset) / factor
    np.testing.assert_array_equal(model.form.raw(x), wanted)
    stated = score_card(CARDS[name], frame, DAY, gates=False)["pd_expert"]
    np.testing.assert_allclose(model.pd(x), stated, rtol=1e-12)
    np.testing.assert_allclose([model.pd_one(x[:, k]) for k in range(9)], stated[:9], rtol=1e-12)


def test_a_missing_fact_that_refers_is_outside(released) -> None:
    name, model = released
    _, x = cases(model, name)
    refers = [item.refers for item in CARDS[name].items(social=False)]
    np.testing.assert_array_equal(model.outside(x), np.isnan(x[refers]).any(axis=0))


def test_reasons_add_up_and_are_told_with_what_would_help(released) -> None:
    name, model = released
    _, x = cases(model, name)
    base, parts = model.contributions(x)
    np.testing.assert_allclose(base + parts.sum(axis=0), model.logit(x), atol=1e-12)
    half = sum(sum(item.span) for item in CARDS[name].items(social=False)) / 2.0
    factor, offset = model.release.arrays["scale"]
    assert base[0] == pytest.approx(-(half - offset) / factor, abs=1e-12)
    cured = 0
    for k in range(40):
        for one in reasons(model, np.ascontiguousarray(x[:, k]), most=6):
            assert one.told.zh and one.told.en
            feature = next(f for f in model.features if f.name == one.feature)
            assert feature.words.zh in one.told.zh and feature.words.en in one.told.en
            if one.cure is not None:
                assert feature.actionable and one.pd_after < model.pd(x[:, [k]])[0]
                assert "违约概率由" in one.cure.zh and "the PD falls from" in one.cure.en
                cured += 1
    assert cured > 10


def test_answers_are_told_in_words(released) -> None:
    name, model = released
    titles = {
        item.field: [option.title for option in item.options]
        for item in CARDS[name].items(social=False) if item.options
    }  # fmt: skip
    assert titles
    for feature in model.features:
        assert list(feature.code_titles) == titles.get(feature.name, [])


def test_the_registry_takes_it_and_its_version_is_its_content(tmp_path) -> None:
    card = CARDS["household_common"]
    made = [release_card(card, tmp_path / str(k)).release for k in range(2)]
    assert made[0].digest == made[1].digest
    stricter = replace(card.scale, pd=(0.02, 0.1))
    assert release_card(card, tmp_path / "3", stricter).release.version != made[0].version
    registry = Registry(tmp_path / "registry")
    assert registry.add(tmp_path / "0", DAY, "analyst") == made[0].version
    told = (registry.folder(card.name, made[0].version) / "card.md").read_text(encoding="utf-8")
    assert card.note.zh in told and "专家评分：权重来自公开办法与判断" in told


def test_a_card_without_a_scale_is_no_model_of_default(tmp_path) -> None:
    with pytest.raises(ModelError, match="no master scale"):
        release_card(CARDS["brazil_farm"], tmp_path / "card")
    scale = CARDS["farm_common"].scale
    with pytest.raises(ModelError, match="no items"):
        release_card(CARDS["jinan_conduct"], tmp_path / "card", scale)
    # A missing fact leaves this card without a total, so it has no points to release.
    with pytest.raises(ModelError, match="no sound scorecard"):
        release_card(CARDS["brazil_farm"], tmp_path / "card", scale)
