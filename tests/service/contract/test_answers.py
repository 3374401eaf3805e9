"""The answer to an application fits its schema: every example, and many that were changed."""

import copy
import random
from typing import Any

import orjson
import pytest
from pydantic import ValidationError

from riskengine.errors import RiskEngineError
from riskengine.scoring.application import application_of
from riskengine.scoring.record import record
from riskengine.scoring.score import score_many
from service.examples import every_kind
from service.schemas.score import ScoreAnswer
from tests.service.security.house import House

SEED, CHANGED = 2026, 120
ADDED = {
    "decision_id": "d-" + "0" * 32, "made_at": "2026-11-26T08:00:00.000000Z", "trace_id": "0" * 32,
}  # fmt: skip
"""What the service adds to what the engine says."""


def whole(told: dict[str, Any]) -> bytes:
    """An answer as it goes out."""
    return orjson.dumps({**told, **{k: c for k, c in ADDED.items() if k not in told}})


@pytest.fixture(scope="module")
def equipment(house: House) -> Any:
    return house.state.fleet.of("north").equipment


def test_examples_of_every_kind_fit(equipment: Any) -> None:
    found = score_many([application_of(one) for one in every_kind()], equipment)
    tables = set()
    for one in found:
        answer = ScoreAnswer.model_validate_json(whole(record(one)))
        tables |= {right.table for right in answer.collateral.rights}
    assert len(tables) == 6


def changed(chance: random.Random) -> dict[str, Any]:
    """An example, some of its cells gone, some another size."""
    one = copy.deepcopy(chance.choice(every_kind()))
    for part in [one["borrower"], one["loan"], one.get("guarantee", {}), *one["rights"]]:
        for name in list(part):
            if chance.random() < 0.08:
                del part[name]
            elif isinstance(part[name], float) and chance.random() < 0.2:
                part[name] *= chance.choice((0.0, 0.3, 3.0, 100.0))
            elif isinstance(part[name], bool) and chance.random() < 0.2:
                part[name] = not part[name]
    return one


def test_changed_applications_fit(equipment: Any) -> None:
    chance, taken = random.Random(SEED), []
    while len(taken) < CHANGED:
        try:
            taken.append(application_of(changed(chance)))
        except RiskEngineError:
            continue
    told = [one for one in score_many(taken, equipment) if not isinstance(one, Exception)]
    assert len(told) > CHANGED // 2
    seen = {ScoreAnswer.model_validate_json(whole(record(one))).decision for one in told}
    assert len(seen) > 1


@pytest.mark.parametrize("spoil", ["lost", "added", "text"])
def test_what_does_not_fit_is_refused(equipment: Any, spoil: str) -> None:
    (one,) = score_many([application_of(every_kind()[0])], equipment)
    told = orjson.loads(whole(record(one)))
    if spoil == "lost":
        del told["collateral"]["rights"][0]["p05_yuan"]
    elif spoil == "added":
        told["loss"]["more"] = 1
    else:
        told["limit_yuan"] = "much"
    with pytest.raises(ValidationError):
        ScoreAnswer.model_validate_json(orjson.dumps(told))
