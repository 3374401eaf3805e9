"""Keys of one process: looked up once, then held for a few seconds."""

import hmac
import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b

from sqlalchemy import Connection, Engine, update

from service.auth.caller import Caller
from service.auth.holding import Holding
from service.auth.keys import Held, held_of, opens, parts_of
from service.clock import now, stamp, ticks
from service.problems import Problem
from service.store.database import reading, writing
from service.store.tables import api_keys

MOST_KEYS = 10_000
"""Keys that a process holds; the oldest are dropped first."""
NOTED_EVERY = timedelta(seconds=60)
"""How often the last use of a key is written down."""


@dataclass(frozen=True, slots=True)
class _Known:
    """A key that was good, and the mark of its secret: this process alone can make it."""

    caller: Caller
    mark: bytes


class KeyRing:
    """Looks keys up, and holds those that were good.

    A revocation takes effect in every process within ``seconds``.  Whatever is refused was
    looked up afresh, so that an unknown id, a wrong secret and a lapsed key take one time.

    Parameters
    ----------
    engine : Engine
        Where keys are.
    pepper : bytes
        Secret with which keys are hashed.
    seconds : float
        How long a key is held [s].
    """

    def __init__(self, engine: Engine, pepper: bytes, seconds: float) -> None:
        self._engine, self._pepper, self._seconds = engine, pepper, seconds
        self._entries: Holding[_Known] = Holding(MOST_KEYS)
        self._marking = os.urandom(32)

    def known(self, key: str, at: float) -> Caller | None:
        """Return whose key it is if that is held.

        Parameters
        ----------
        key : str
            As it was sent.
        at : float
            Of `service.clock.ticks` [s].

        Returns
        -------
        Caller or None
            None where it must be looked up.
        """
        found = self._entries.good(key[3:19], at)
        if found is None or key[:3] != "rk_" or key[19:20] != "_":
            return None
        return found.caller if self._is_of(found, key[20:]) else None

    def was_known(self, key: str) -> bool:
        """Whether the key was good when it was last looked up, however long ago."""
        found = self._entries.latest(key[3:19])
        return found is not None and self._is_of(found, key[20:])

    def renewal(self, key: str, at: float) -> bool:
        """Whether a key that is known is to be looked up again; told to one who asks."""
        return self._entries.renewal(key[3:19], at)

    def look_up(self, key: str) -> Caller | None:
        """Look a key up in the store; call it in a thread.

        Parameters
        ----------
        key : str
            As it was sent.

        Returns
        -------
        Caller or None
            None for a key that is unknown, lapsed or revoked.

        Raises
        ------
        Problem
            503 if the store is away.
        """
        key_id, secret = parts_of(key)
        at, moment = ticks(), now()
        with reading(self._engine) as connection:
            held = held_of(connection, key_id, moment)
        if not opens(self._pepper, key_id, secret, held) or held is None:
            if held is None:
                self._entries.drop(key_id)
            return None
        left = (datetime.fromisoformat(held.expires_at) - moment).total_seconds()
        known = _Known(held.caller, self._mark(secret))
        self._entries.hold(key_id, known, at, min(self._seconds, left))
        self._note(key_id, held, moment)
        return held.caller

    def _is_of(self, found: _Known, secret: str) -> bool:
        return hmac.compare_digest(found.mark, self._mark(secret))

    def _mark(self, secret: str) -> bytes:
        """Keyed BLAKE2b of a secret part.

        Unlike an HMAC it does not let go of the interpreter: the loop, which asks for every
        request, would get it back from the lane only milliseconds later.
        """
        return blake2b(secret.encode(), key=self._marking, digest_size=32).digest()

    def _note(self, key_id: str, held: Held, moment: datetime) -> None:
        """Write down that a key is used; a store that cannot is no reason to refuse."""
        if held.last_used_at > stamp(moment - NOTED_EVERY):
            return
        try:
            with writing(self._engine) as connection:
                note_use(connection, key_id, moment)
        except Problem:
            return


def note_use(connection: Connection, key_id: str, moment: datetime) -> None:
    """Write down when a key was last used; what a later moment says stays.

    Parameters
    ----------
    connection : Connection
        Inside a transaction that writes.
    key_id : str
        Its id.
    moment : datetime.datetime
        When.
    """
    noted = api_keys.c.last_used_at
    connection.execute(
        update(api_keys)
        .where(api_keys.c.key_id == key_id, noted.is_(None) | (noted < stamp(moment)))
        .values(last_used_at=stamp(moment))
    )
