"""Models over HTTP: what decides, cards, the shadow report, drift, promotion."""

from typing import Any

import numpy as np
import pytest
from scipy.stats import spearmanr

from models.store import Registry
from service.governance.shadow import grades
from tests.service.governance.conftest import House, Opener

NAME = "household-default"


@pytest.fixture(scope="module")
def house(opener: Opener) -> House:
    return opener()


@pytest.fixture(scope="module")
def scored(house: House) -> list[dict[str, Any]]:
    """Twelve decisions that both models scored."""
    return [
        house.score(application_no=f"A-{k}", loan={"balance_yuan": 20_000.0 + 15_000.0 * k})
        for k in range(12)
    ]


def listed(house: House) -> dict[str, Any]:
    (model,) = house.call("GET", "/v1/models", "auditor").json()["models"]
    found: dict[str, Any] = model
    return found


def test_models_are_those_of_the_registry(house: House) -> None:
    registry = Registry(house.settings.registry)
    model = listed(house)
    assert model["champion"] == registry.champion(NAME)
    assert {one["version"]: one["stage"] for one in model["versions"]} == registry.stages(NAME)
    used = {one["as"]: one["version"] for one in model["in_use"]}
    assert used == {"champion": model["champion"], "shadow": model["shadow"]}
    assert {one["origin"] for one in model["versions"]} == {"synthetic"}


def test_a_card_is_text_or_data(house: House) -> None:
    path = f"/v1/models/{NAME}/card"
    version = listed(house)["champion"]
    folder = house.settings.registry / NAME / version
    text = house.call("GET", path, "auditor", headers={"Accept": "text/markdown"})
    assert text.content == (folder / "card.md").read_bytes()
    assert text.headers["content-type"].startswith("text/markdown")
    data = house.call("GET", path, "auditor")
    assert (data.json()["version"], data.json()["kind"]) == (version, "default")
    assert data.json()["not_for"]["en"]
    tag = data.headers["etag"]
    assert house.call("GET", path, headers={"If-None-Match": tag}).status_code == 304
    assert house.call("GET", f"{path}?version=nothing").status_code == 404
    assert house.call("GET", "/v1/models/nothing/card").status_code == 404
    assert house.call("GET", "/v1/models/..%2F..%2Fetc/card").status_code in (404, 422)


def test_the_shadow_report_is_what_both_said(house: House, scored: list[dict[str, Any]]) -> None:
    report = house.call("GET", f"/v1/models/{NAME}/shadow", "analyst").json()
    champion = np.array([one["default"]["pd_12_months"] for one in scored])
    challenger = np.array([one["challenger"]["pd_12_months"] for one in scored])
    assert report["n"] == len(scored)
    assert report["champion_mean_pd"] == pytest.approx(champion.mean(), rel=1e-12)
    assert report["challenger_mean_pd"] == pytest.approx(challenger.mean(), rel=1e-12)
    assert report["rank_correlation"] == pytest.approx(
        spearmanr(champion, challenger).statistic, rel=1e-12
    )
    assert sum(one["n"] for one in report["quantiles"]) == len(scored)
    inside = [not one["default"]["inside_model_support"] for one in scored]
    assert report["champion_refer_share"] == np.mean(inside)
    assert report["outcomes"] == {"n": 0, "defaults": 0}
    assert report["score"] is not None


def test_outcomes_join_the_report(house: House, scored: list[dict[str, Any]]) -> None:
    worst = sorted(scored, key=lambda one: one["default"]["pd_12_months"])
    words = ["repaid", "repaid", "running", "defaulted"]
    chosen = [worst[0], worst[1], worst[2], worst[-1]]
    for one, word in zip(chosen, words, strict=True):
        path = f"/v1/decisions/{one['decision_id']}/outcome"
        body = {"outcome": word, "on": "2027-06-30"}
        assert house.call("POST", path, "lender", json=body).status_code == 201
    told = house.call("GET", f"/v1/models/{NAME}/shadow", "analyst").json()["outcomes"]
    assert (told["n"], told["defaults"]) == (3, 1)
    assert told["champion"]["auc"] == 1.0
    pd = np.array([one["default"]["pd_12_months"] for one in (worst[0], worst[1], worst[-1])])
    brier = float(np.mean((pd - [0.0, 0.0, 1.0]) ** 2))
    assert told["champion"]["brier"] == pytest.approx(brier, rel=1e-12)


def test_another_institution_has_its_own_report(house: House, scored: list[dict[str, Any]]) -> None:
    assert house.call("GET", f"/v1/models/{NAME}/shadow", "analyst", "south").json()["n"] == 0
    assert house.call("GET", f"/v1/models/{NAME}/drift", "analyst", "south").json()["n"] == 0
    early = house.call("GET", f"/v1/models/{NAME}/shadow?to=2020-01-01", "analyst").json()
    assert early["n"] == 0


def test_drift_counts_the_last_applications(house: House, scored: list[dict[str, Any]]) -> None:
    told = house.call("GET", f"/v1/models/{NAME}/drift?last=10", "analyst").json()
    assert told["n"] == 10
    names = [one["feature"] for one in told["features"]]
    assert "amount_per_income" in names
    assert all(one["n_now"] == 10 for one in told["features"])
    outside = [not one["default"]["inside_model_support"] for one in scored[-10:]]
    assert told["outside_share"] == np.mean(outside)
    # ten rows of one borrower: chance alone gives much, and no shift is certain without excess
    assert all(one["expected_by_chance"] > 0.0 for one in told["features"])


def test_grades_are_those_of_the_scale() -> None:
    scale = {"A": 0.01, "B": 0.02}
    assert grades(np.array([0.0, 0.01, 0.0100001, 0.02, 0.5]), scale) == ["A", "A", "B", "B", ""]


def test_promotion_holds_at_once_and_the_past_stands(opener: Opener) -> None:
    house = opener()
    before = house.score()
    first, second = listed(house)["champion"], listed(house)["shadow"]
    body = {"version": second, "stage": "champion", "reason": "better in the shadow"}
    assert house.call("POST", f"/v1/models/{NAME}/promote", json=body).status_code == 403
    done = house.call("POST", f"/v1/models/{NAME}/promote", "operator", json=body)
    assert (done.status_code, done.json()["champion"]) == (200, second)
    assert done.json()["failed"] == []
    after = house.score()
    assert after["models"]["default"]["version"] == second
    replayed = house.call("POST", f"/v1/decisions/{before['decision_id']}/replay").json()
    assert replayed["same"]
    back = house.call(
        "POST", f"/v1/models/{NAME}/rollback", "operator", json={"reason": "alarms since Monday"}
    )
    assert back.json()["champion"] == first
    assert house.score()["models"]["default"]["version"] == first
    assert back.json()["history"][0]["reason"] == "alarms since Monday"


def test_a_rule_change_holds_at_once_and_the_past_stands(opener: Opener) -> None:
    house = opener()
    before = house.score()
    page = house.call(
        "GET", f"/v1/decisions/{before['decision_id']}/explanation",
        headers={"Accept": "text/html"},
    ).text  # fmt: skip
    market = sum(right["market_value_yuan"] for right in before["collateral"]["rights"])
    cap = round(0.5 * before["asked_yuan"] / market, 4)
    text = (
        f"[land_household_cap]\n[[land_household_cap.value]]\nfrom = 2026-01-01\namount = {cap}\n"
        'cite = "own policy"\nseen = "text"\n'
    )
    put = house.call("PUT", "/v1/rules/overlay", json={"files": {"lending_practice.toml": text}})
    assert put.status_code == 200
    after = house.score()
    assert after["limit_yuan"] < before["limit_yuan"]
    assert house.score("south")["limit_yuan"] == before["limit_yuan"]
    for one in (before, after):
        assert house.call("POST", f"/v1/decisions/{one['decision_id']}/replay").json()["same"]
    again = house.call(
        "GET", f"/v1/decisions/{before['decision_id']}/explanation",
        headers={"Accept": "text/html"},
    ).text  # fmt: skip
    assert again == page


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"version": "nothing", "stage": "champion", "reason": "no such one"}, 404),
        ({"version": "4a868b611b6c", "stage": "champion", "reason": "it is already"}, 409),
        ({"version": "4a868b611b6c", "stage": "king", "reason": "no such stage"}, 422),
        ({"version": "../x", "stage": "champion", "reason": "no such name"}, 422),
        ({"version": "4a868b611b6c", "stage": "champion", "reason": "no"}, 422),
    ],
)
def test_promotions_that_cannot_be_are_refused(
    house: House, body: dict[str, Any], status: int
) -> None:
    before = listed(house)["history"]
    answer = house.call("POST", f"/v1/models/{NAME}/promote", "operator", json=body)
    assert answer.status_code == status
    assert listed(house)["history"] == before
