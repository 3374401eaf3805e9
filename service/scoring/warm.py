"""Warming: examples go the whole way of a score but the store, so that nothing is loaded later.

Scored are examples of every kind of right, alone and together, with models and without.
"""

import time
from dataclasses import replace
from functools import cache
from typing import Any

import orjson
from pydantic import TypeAdapter

from riskengine.errors import RiskEngineError
from riskengine.rules import statute_of
from riskengine.scoring.application import Application, application_of
from riskengine.scoring.equipment import Equipment
from riskengine.scoring.record import record
from riskengine.scoring.score import score_many
from service.examples import every_kind
from service.schemas.application import Application as Schema
from service.scoring.equipment import Equipped, Shared, equip
from service.scoring.personal import commitment, personal_names, split
from service.store.packing import pack


def warm(kit: Equipped) -> None:
    """Score the examples by some equipment.

    Parameters
    ----------
    kit : Equipped
        What is about to serve.

    Raises
    ------
    RiskEngineError
        If the first example, which is in order, cannot be scored.
    """
    made = applications()
    first = score_many(made[:1], kit.equipment)[0]
    if isinstance(first, RiskEngineError):
        raise first
    for score in score_many(made, kit.equipment):
        if not isinstance(score, RiskEngineError):
            pack(orjson.dumps(record(score)))


def warm_all(shared: Shared) -> float:
    """Warm a process that has just loaded.

    Parameters
    ----------
    shared : Shared
        Market and models.

    Returns
    -------
    float
        How long it took [s].
    """
    began = time.monotonic()
    kit = equip(shared)
    warm(kit)
    for application in applications():
        score_many([application], kit.equipment)
    warm(replace(kit, equipment=Equipment(shared.market, statute_of, {}, None)))
    return time.monotonic() - began


@cache
def applications() -> tuple[Application, ...]:
    """Return the examples as the engine takes them, past schema and personal cells."""
    adapter: TypeAdapter[Any] = TypeAdapter(Schema)
    names, made = personal_names(), []
    for content in every_kind():
        commitment(split(adapter.validate_json(orjson.dumps(content)), names)[1])
        made.append(application_of(content))
    return tuple(made)
