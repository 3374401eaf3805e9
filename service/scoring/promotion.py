"""What each tenant is scored by, replaced while requests go on.

A promotion is seen by looking: at the registry's record of stages and at the pointers of the
store, a few times a second.  What is new is loaded and warmed beside what serves, then takes
its place in one assignment.  No decision is made by what was replaced more than
`CONFIRM_SECONDS` before: a process that could not look for so long looks first.  So a change
may be acknowledged once that time has passed, whatever the other processes do.
"""

import tarfile
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine

from riskengine.errors import RiskEngineError
from riskengine.words import Text
from service.refusals import rules_unusable
from service.scoring.equipment import Equipped, Shared, Stages, equip, staged
from service.scoring.law import law_of_files
from service.settings import Settings
from service.store import overlays
from service.store.database import reading

LOOK_SECONDS = 0.2
"""How often a process looks whether something was promoted [s]."""
CONFIRM_SECONDS = 1.0
"""Longest time for which what was found is relied on [s]."""
RETRY_SECONDS = 30.0
"""When to try again what could not be loaded [s]."""
SHARED = ""
"""Name under which a failure of what all tenants share is kept."""

Warm = Callable[[Equipped], None]
"""Scores examples, so that nothing is compiled while clients wait."""
Load = Callable[[Shared | None], Shared]
"""Loads what all tenants share, from what was loaded before."""
Told = Callable[[str, dict[str, Any]], None]
"""Is told an event and its details."""


@dataclass(frozen=True, slots=True)
class Serving:
    """What a process scores by; replaced as a whole.

    Parameters
    ----------
    shared : Shared
        Market and models.
    kits : dict of str to Equipped
        By tenant; entries are added, never changed.
    overlays : dict of str to str
        Digest of each tenant's rules; empty for the law alone.
    """

    shared: Shared
    kits: dict[str, Equipped] = field(default_factory=dict)
    overlays: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Failure:
    """Something that was promoted and cannot be used.

    Parameters
    ----------
    wanted : object
        What was promoted.
    wrong : Text
        Why it cannot be used.
    at : float
        When it was tried, on the monotonic clock [s].
    """

    wanted: Any
    wrong: Text
    at: float


class Fleet:
    """What each tenant is scored by.

    Parameters
    ----------
    settings : Settings
        Where things are.
    engine : Engine
        The store.
    load : callable
        Loads what all share; given what was loaded before, None at the start.
    warm : callable or None
        What is done with new equipment before it serves.
    told : callable or None
        Who is told of promotions and failures.
    """

    def __init__(
        self, settings: Settings, engine: Engine, load: Load,
        warm: Warm | None = None, told: Told | None = None,
    ) -> None:  # fmt: skip
        self._settings, self._engine = settings, engine
        self._warm = warm or (lambda _: None)
        self._told = told or (lambda _event, _details: None)
        self._load = load
        self._serving = Serving(load(None))
        self._failures: dict[str, Failure] = {}
        self._lock = threading.Lock()
        self._confirmed = 0.0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._keep_looking, name="fleet", daemon=True)

    @property
    def shared(self) -> Shared:
        """Market and models that serve now."""
        return self._serving.shared

    @property
    def failures(self) -> dict[str, Text]:
        """Why what was promoted is not used: by tenant, `SHARED` for models; empty if all is."""
        return {name: failure.wrong for name, failure in self._failures.items()}

    def status(self) -> dict[str, Any]:
        """Return what this process uses, as plain data."""
        shared = self._serving.shared
        models = {"champion": shared.default_model, "challenger": shared.challenger}
        return {
            **{
                stage: None if model is None else {
                    "name": model.release.name, "version": model.release.version,
                    "digest": model.release.digest,
                }
                for stage, model in models.items()
            },
            "market_digest": shared.market.digest,
            "failed": {
                name: {"zh": wrong.zh, "en": wrong.en} for name, wrong in self.failures.items()
            },
        }  # fmt: skip

    def start(self) -> None:
        """Begin to look for promotions."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._ended.set()
        if self._thread.ident is not None:
            self._thread.join()

    def of(self, tenant: str) -> Equipped:
        """Return what a tenant's applications are scored by now.

        Parameters
        ----------
        tenant : str
            Whose.

        Returns
        -------
        Equipped
            In force at most `CONFIRM_SECONDS` ago.

        Raises
        ------
        Problem
            503 if the store is away, or if the tenant's rules cannot be used and no earlier
            ones were in use: the law alone would be looser.
        """
        if time.monotonic() - self._confirmed > CONFIRM_SECONDS:
            self.refresh()
        kit = self._serving.kits.get(tenant)
        return kit if kit is not None else self._first(tenant)

    def refresh(self) -> None:
        """Look now, and load what is new; waits for whoever does so already.

        Raises
        ------
        Problem
            503 if the store is away.
        """
        asked = time.monotonic()
        with self._lock:
            if self._confirmed >= asked:  # another thread looked since
                return
            began = time.monotonic()
            self._replace(began)
            self._confirmed = began

    def acknowledge(self) -> dict[str, Text]:
        """Wait until what was just promoted is what every process decides by.

        Called after the change is durable, from a thread that may wait.

        Returns
        -------
        dict of str to Text
            `failures` of this process: empty when the promotion holds.
        """
        began = time.monotonic()
        self.refresh()
        time.sleep(max(0.0, began + CONFIRM_SECONDS - time.monotonic()))
        return self.failures

    def _keep_looking(self) -> None:
        away = False
        while not self._ended.wait(LOOK_SECONDS):
            try:
                self.refresh()
                away = False
            except Exception as fault:  # noqa: BLE001 - a thread that ends would see no promotion
                if not away:
                    self._told("look_failed", {"kind": type(fault).__name__})
                away = True

    def _replace(self, now: float) -> None:
        """Load what differs from what serves, and put it in its place."""
        old = self._serving
        shared = self._newer_shared(old.shared, now)
        with reading(self._engine) as connection:
            found = overlays.digests_in_force(connection, tuple(old.kits))
        changed = {tenant for tenant in old.kits if found[tenant] != old.overlays[tenant]}
        for name in (set(self._failures) & set(old.kits)) - changed:
            del self._failures[name]  # what failed was taken back
        if shared is old.shared and not changed:
            return
        kits, digests = {}, {}
        for tenant, kit in old.kits.items():
            new = self._newer_kit(tenant, shared, found[tenant], now) if tenant in changed else None
            if new is not None:
                kits[tenant], digests[tenant] = new, found[tenant]
            else:
                digest = digests[tenant] = old.overlays[tenant]
                kits[tenant] = (
                    kit if shared is old.shared else equip(shared, kit.equipment.law, digest)
                )
        if shared is not old.shared:
            try:
                self._warm(equip(shared))
            except Exception as fault:  # noqa: BLE001 - whatever it is, the old one serves on
                self._fail(SHARED, shared.stages, fault, now)
                return
            self._failures.pop(SHARED, None)
        self._serving = Serving(shared, kits, digests)
        self._told("promoted", {
            "champion": shared.stages.champion, "challenger": shared.stages.challenger,
            "overlays": len(changed), "seconds": round(time.monotonic() - now, 3),
        })  # fmt: skip

    def _newer_shared(self, old: Shared, now: float) -> Shared:
        """Models as the registry names them now; the old ones if they cannot be loaded."""
        wanted: Stages | None = None
        try:
            wanted = staged(self._settings)
            if wanted == old.stages:
                self._failures.pop(SHARED, None)
                return old
            if self._failed_lately(SHARED, wanted, now):
                return old
            return self._load(old)
        except (RiskEngineError, OSError, ValueError, KeyError) as fault:
            self._fail(SHARED, wanted, fault, now)
            return old

    def _newer_kit(self, tenant: str, shared: Shared, digest: str, now: float) -> Equipped | None:
        """A tenant's equipment under new rules; None if they cannot be used."""
        if self._failed_lately(tenant, digest, now):
            return None
        try:
            law = law_of_files(_overlay_files(self._engine, tenant, digest))
            self._failures.pop(tenant, None)
            return equip(shared, law, digest)
        except (RiskEngineError, OSError, ValueError, KeyError, tarfile.TarError) as fault:
            self._fail(tenant, digest, fault, now)
            return None

    def _first(self, tenant: str) -> Equipped:
        """Put together what a tenant is scored by that this process has not met."""
        with self._lock:
            serving = self._serving
            if tenant not in serving.kits:
                with reading(self._engine) as connection:
                    digest = overlays.in_force(connection, tenant).digest
                kit = self._newer_kit(tenant, serving.shared, digest, time.monotonic())
                if kit is None:
                    raise rules_unusable(int(RETRY_SECONDS))
                serving.overlays[tenant] = digest
                serving.kits[tenant] = kit
            return serving.kits[tenant]

    def _failed_lately(self, name: str, wanted: Any, now: float) -> bool:
        """Whether this could not be loaded a moment ago."""
        failure = self._failures.get(name)
        return failure is not None and failure.wanted == wanted and now - failure.at < RETRY_SECONDS

    def _fail(self, name: str, wanted: Any, fault: Exception, now: float) -> None:
        """Remember why something cannot be used; tell it once."""
        wrong = fault.wrong if isinstance(fault, RiskEngineError) else Text(
            "内容已损坏或无法读取", "it is damaged or cannot be read"
        )  # fmt: skip
        known = self._failures.get(name)
        self._failures[name] = Failure(wanted, wrong, now)
        if known is None or known.wanted != wanted:
            self._told("promotion_failed", {
                "of": "tenant" if name else "models", "wrong": wrong.en,
                "kind": type(fault).__name__,
            })  # fmt: skip


def _overlay_files(engine: Engine, tenant: str, digest: str) -> Mapping[str, bytes]:
    """A tenant's rules as the store keeps them; KeyError if they are gone or damaged."""
    with reading(engine) as connection:
        files = overlays.files_of(connection, tenant, digest)
    if files is None:
        raise KeyError(digest)
    return files
