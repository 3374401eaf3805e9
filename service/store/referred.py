"""Content that entries of a chain refer to, held against its digest once each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from service.store.artifacts import SHARED, get
from service.store.faults import Fault, Held, fault


@dataclass(slots=True)
class Referred:
    """What the entries of a tenant refer to.

    Parameters
    ----------
    tenant : str
        Whose chain.
    first : dict of (str, str) to (int, str)
        By owner and digest of the content: position and subject of the first entry that does.
    """

    tenant: str
    first: dict[tuple[str, str], tuple[int, str]] = field(default_factory=dict)

    def note(self, entries: Sequence[Held]) -> None:
        """Note what entries refer to.

        Parameters
        ----------
        entries : sequence of Held
            In order.
        """
        for entry in entries:
            for owner, digest in self._of(entry):
                if isinstance(digest, str) and digest:
                    self.first.setdefault((owner, digest), (entry.position, entry.subject))

    def _of(self, entry: Held) -> Iterator[tuple[str, Any]]:
        """Owners and digests of one entry."""
        body = entry.body
        match entry.kind:
            case "pointer":
                yield self.tenant, body.get("digest")
            case "job":
                yield self.tenant, body.get("overlay_digest")
            case "decision":
                recipe = body.get("recipe")
                recipe = recipe if isinstance(recipe, dict) else {}
                yield self.tenant, recipe.get("overlay_digest")
                kept = recipe.get("artifacts")
                for digest in kept.values() if isinstance(kept, dict) else ():
                    yield SHARED, digest

    def faults(self, connection: Connection) -> Iterator[Fault]:
        """Find what is gone or changed.

        Parameters
        ----------
        connection : Connection
            Where to read.

        Yields
        ------
        Fault
            One a content, at the first entry that refers to it.
        """
        for (owner, digest), (position, subject) in sorted(self.first.items()):
            if get(connection, owner, digest) is None:
                yield fault(position, "artifact", subject)
