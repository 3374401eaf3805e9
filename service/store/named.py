"""Names under which persons are found, held against the sealed cells of their decisions."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, select

from service.auth.sealing import Secrets
from service.scoring.people import borrower_of, others_of
from service.scoring.personal import join
from service.store.faults import Fault, Held, fault
from service.store.tables import decisions, persons


def persons_beside(
    connection: Connection, lies: Sequence[ColumnElement[bool]]
) -> Mapping[str, list[str]]:  # fmt: skip
    """Return the persons who are named beside the borrowers of some decisions.

    Parameters
    ----------
    connection : Connection
        Where to read.
    lies : sequence of condition
        Which decisions.

    Returns
    -------
    mapping of str to list of str
        Keyed hashes of their codes, by decision.
    """
    found: dict[str, list[str]] = defaultdict(list)
    query = select(persons.c.decision_id, persons.c.name).join(
        decisions,
        (decisions.c.decision_id == persons.c.decision_id)
        & (decisions.c.tenant == persons.c.tenant),
    )
    for row in connection.execute(query.where(*lies)):
        found[row.decision_id].append(row.name)
    return found


def persons_of(
    tenant: str, entry: Held, kept: Any, seen: tuple[str | None, frozenset[str]],
    secrets: Secrets | None,
) -> Iterator[Fault]:  # fmt: skip
    """Hold the names of a decision's persons against its cells; none may stand once erased.

    Parameters
    ----------
    tenant : str
        Whose.
    entry : Held
        The decision's entry.
    kept : Row
        Its row of personal cells.
    seen : tuple of (str or None, frozenset of str)
        The borrower's name as it is listed, and those of the persons beside.
    secrets : Secrets or None
        With which cells are opened.

    Yields
    ------
    Fault
        ``borrower`` or ``persons``.
    """
    names, beside = {kept.borrower, seen[0]}, seen[1]
    wanted: frozenset[str] | None = None
    if kept.sealed is None:
        names.add(None)
        wanted = frozenset()
    elif secrets is not None and (held := secrets.open(kept.sealed, entry.subject)) is not None:
        try:
            content = join(entry.body["application"], held)
        except (ValueError, TypeError, LookupError):  # told by its commitment
            return
        code = borrower_of(content)
        names.add(secrets.name_of(tenant, code) if code else None)
        others = others_of(secrets, tenant, entry.subject, content)
        wanted = frozenset(one["name"] for one in others)
    if len(names) > 1:
        yield fault(entry.position, "borrower", entry.subject)
    if wanted is not None and beside != wanted:
        yield fault(entry.position, "persons", entry.subject)
