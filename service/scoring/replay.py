"""A decision made again from its record, and held byte for byte against what was answered."""

import hashlib
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import orjson
from sqlalchemy import Connection, Engine

from models.store import load_release
from riskengine.errors import RiskEngineError
from riskengine.market.loader import load
from riskengine.pledging.assess import LawOf
from riskengine.rules import statute_of
from riskengine.rules.overlay import known_places, statute_in
from riskengine.scoring.application import application_of
from riskengine.scoring.equipment import Equipment
from riskengine.scoring.record import record
from riskengine.scoring.score import Score, score
from riskengine.words import Text
from service.auth.sealing import Secrets
from service.refusals import DECISION, absent
from service.scoring.equipment import Shared
from service.scoring.law import law_of_files
from service.scoring.personal import join
from service.store import artifacts, decisions, overlays
from service.store.database import reading

MOST_DIFFERENCES = 200
MOST_KEPT = 8
"""Equipments that are kept for the next replay."""
ERASED = Text(
    "答复所依据的个人信息或模型特征已被删除，不能照原样重现",
    "personal cells or features on which the answer rested were erased: it cannot be made again"
    " as it was",
)


class Here(Protocol):
    """What a replay needs of the service: its state, or what a command opened."""

    @property
    def engine(self) -> Engine:
        """The store."""

    @property
    def secrets(self) -> Secrets:
        """With which personal cells are opened."""

    @property
    def shared(self) -> Shared:
        """What is loaded now; taken where a decision was made from the same."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that came out otherwise.

    Parameters
    ----------
    path : str
        JSON pointer into the answer.
    answered, replayed : object
        What was said, and what is said now; None where it is not there.
    """

    path: str
    answered: Any
    replayed: Any


@dataclass(frozen=True, slots=True)
class Replayed:
    """A decision made again.

    Parameters
    ----------
    same : bool
        Whether its bytes are those that were answered.
    body : bytes
        What it says now; empty where it cannot be made again.
    differences : tuple of Difference
        What came out otherwise, the first `MOST_DIFFERENCES`.
    proven : bool
        Whether the answer that is kept is the one that the chain knows.
    erased : bool
        Whether personal cells and features were erased; the decision is then made again
        without them.
    answer_sha256 : str
        Digest of what was answered, by the chain.
    recipe : dict
        What the decision was made from.
    failed : Text or None
        Why it cannot be made again; said too where it comes out otherwise because what it
        rested on was erased.
    """

    same: bool
    body: bytes
    differences: tuple[Difference, ...]
    proven: bool
    erased: bool
    answer_sha256: str
    recipe: dict[str, Any]
    failed: Text | None = None


def replay(state: Here, tenant: str, decision_id: str) -> Replayed:
    """Make a decision again from its record.

    Parameters
    ----------
    state : State or the like
        The service; what it is scored by now does not matter.
    tenant : str
        Whose decision.
    decision_id : str
        Which.

    Returns
    -------
    Replayed
        With every difference.

    Raises
    ------
    Problem
        404 if this tenant has no such decision; 503 if the store is away.
    """
    with reading(state.engine) as connection:
        found = decisions.find(connection, tenant, decision_id)
        if found is None:
            raise absent(DECISION)
        sealed, erased = decisions.sealed_of(connection, tenant, decision_id)
    entry = found.entry
    expected = entry["answer_sha256"]
    proven = hashlib.sha256(found.answer).hexdigest() == expected
    body, failed = b"", None
    try:
        body = bytes_of(entry, score_again(state, tenant, found, sealed))
    except RiskEngineError as fault:
        failed = fault.wrong
    same = hashlib.sha256(body).hexdigest() == expected
    if erased and not same and failed is None:
        failed = ERASED
    told = () if same or not body else tuple(_first(_differences(found.answer, body)))
    return Replayed(same, body, told, proven, erased, expected, entry["recipe"], failed)


def score_again(state: Here, tenant: str, found: decisions.Decision, sealed: bytes | None) -> Score:
    """Score an application again from what its decision was made from.

    Parameters
    ----------
    state : State
        The service.
    tenant : str
        Whose decision.
    found : Decision
        The decision.
    sealed : bytes or None
        Its personal cells; None once they were erased.

    Returns
    -------
    Score
        The whole answer.

    Raises
    ------
    RiskEngineError
        If what it was made from is gone or damaged, or it cannot be scored.
    """
    entry = found.entry
    content = entry["application"]
    if sealed is not None:
        held = state.secrets.open(sealed, found.row["decision_id"])
        if held is None or hashlib.sha256(held).hexdigest() != entry["personal_commitment"]:
            raise _unusable("个人信息无法打开", "the personal cells cannot be opened")
        content = join(content, held)
    return score(application_of(content), _equipment(state, tenant, entry["recipe"]))


def bytes_of(entry: Mapping[str, Any], made: Score) -> bytes:
    """Return what is answered of a score under the head of an entry of the chain.

    Parameters
    ----------
    entry : mapping
        Body of the decision's entry.
    made : Score
        The score.

    Returns
    -------
    bytes
        JSON.
    """
    head = {name: entry[name] for name in ("decision_id", "made_at", "trace_id")}
    return orjson.dumps({**head, **record(made), **entry.get("remarks", {})})


def _first(found: Iterator[Difference]) -> Iterator[Difference]:
    for _, one in zip(range(MOST_DIFFERENCES), found, strict=False):
        yield one


def _differences(answered: bytes, replayed: bytes) -> Iterator[Difference]:
    """What two answers say otherwise."""
    yield from _walk("", orjson.loads(answered), orjson.loads(replayed))


def _walk(path: str, old: Any, new: Any) -> Iterator[Difference]:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in dict.fromkeys((*old, *new)):
            escaped = key.replace("~", "~0").replace("/", "~1")
            yield from _walk(f"{path}/{escaped}", old.get(key), new.get(key))
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for k, (before, after) in enumerate(zip(old, new, strict=True)):
            yield from _walk(f"{path}/{k}", before, after)
    elif old != new:
        yield Difference(path, old, new)


_KEPT: OrderedDict[bytes, Equipment] = OrderedDict()
_LOCK = threading.Lock()


def _equipment(state: Here, tenant: str, recipe: Mapping[str, Any]) -> Equipment:
    """What a decision was made from, put together again; kept for the next."""
    key = tenant.encode() + b"\n" + orjson.dumps(recipe, option=orjson.OPT_SORT_KEYS)
    with _LOCK:
        found = _KEPT.get(key)
        if found is not None:
            _KEPT.move_to_end(key)
            return found
    with reading(state.engine) as connection, tempfile.TemporaryDirectory() as folder:
        made = _put_together(connection, state, tenant, recipe, Path(folder))
    with _LOCK:
        _KEPT[key] = made
        while len(_KEPT) > MOST_KEPT:
            _KEPT.popitem(last=False)
    return made


def _put_together(
    connection: Connection, state: Here, tenant: str, recipe: Mapping[str, Any], folder: Path
) -> Equipment:  # fmt: skip
    """Equipment from what the store keeps; the loaded one where it is the same."""
    shared, kept = state.shared, recipe.get("artifacts", {})
    loaded = shared.recipe.get("artifacts", {})

    def laid(role: str) -> Path:
        return _laid(connection, artifacts.SHARED, kept.get(role, ""), folder / role)

    of, places = _statute(laid, kept.get("statute") == loaded.get("statute"))
    overlay = recipe.get("overlay_digest", "")
    files = overlays.files_of(connection, tenant, overlay)
    if files is None:
        raise _gone(overlay)
    law = law_of_files(files, of, places)
    market = shared.market
    if kept.get("market") != loaded.get("market"):
        market = load(laid("market"))
    models: dict[str, Any] = {}
    for role in kept:
        if role not in ("statute", "market"):
            same = kept[role] == loaded.get(role)
            models[role] = _loaded(shared, role) if same else load_release(laid(role))
    priced = {
        role.removeprefix("price."): model for role, model in models.items()
        if role.startswith("price.")
    }  # fmt: skip
    return Equipment(
        market, law, priced, models.get("default_model"), models.get("challenger"), of("")
    )


def _statute(laid: Callable[[str], Path], same: bool) -> tuple[LawOf, tuple[str, ...]]:
    """The law of a decision, and the places that have rules of their own by it."""
    if same:
        return statute_of, known_places()
    folder = laid("statute")
    places = folder / "places"
    names = sorted(one.name for one in places.iterdir()) if places.is_dir() else []
    return statute_in(folder), tuple(names)


def _loaded(shared: Shared, role: str) -> Any:
    """A model that is loaded already."""
    if role.startswith("price."):
        return shared.price_models[role.removeprefix("price.")]
    return getattr(shared, role)


def _laid(connection: Connection, tenant: str, digest: str, folder: Path) -> Path:
    """Content of the store as files."""
    content = artifacts.get(connection, tenant, digest)
    if content is None:
        raise _gone(digest)
    return artifacts.lay_out(content, folder)


def _gone(digest: str) -> RiskEngineError:
    return _unusable(
        f"存档 {digest[:12]} 不在或已损坏", f"what is kept as {digest[:12]} is gone or damaged"
    )


def _unusable(zh: str, en: str) -> RiskEngineError:
    return RiskEngineError(
        Text(zh, en), Text("请从备份恢复数据库", "restore the database from a backup")
    )
