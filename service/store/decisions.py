"""Decisions as they are found, listed and moved from state to state."""

import base64
import binascii
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, Select, and_, exists, select, update

from service.refusals import bad_cursor
from service.store import ledger
from service.store.packing import unpack
from service.store.pages import MOST
from service.store.tables import decisions, personal, persons, reviews
from service.store.tables import ledger as chain

LISTED = tuple(column for column in decisions.columns if column.name != "answer")


@dataclass(frozen=True, slots=True)
class Filters:
    """Which decisions are listed; what is None does not matter.

    Parameters
    ----------
    decision : str or None
        ``accept``, ``refer`` or ``decline``.
    valued_from, valued_until : str or None
        First and last day of valuation, YYYY-MM-DD.
    made_from, made_until : str or None
        First moment, and the moment before which, as `service.clock.stamp` writes them.
    application_no : str or None
        The institution's number.
    borrower : str, tuple of str or None
        Keyed hash of a person's code, or what it may be
        (`service.scoring.people.names_of`): who borrows, or is named beside the borrower.
    reason : str or None
        Code or name of a rule that the decision tells among its reasons.
    reviewed : bool or None
        Whether a person looked at it.
    case_state : str or None
        State of the case.
    """

    decision: str | None = None
    valued_from: str | None = None
    valued_until: str | None = None
    made_from: str | None = None
    made_until: str | None = None
    application_no: str | None = None
    borrower: str | tuple[str, ...] | None = None
    reason: str | None = None
    reviewed: bool | None = None
    case_state: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of decisions, the newest first.

    Parameters
    ----------
    rows : list of dict
        Columns of ``decisions`` without the answer.
    cursor : str or None
        Where the next page begins; None after the last.
    """

    rows: list[dict[str, Any]]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision as it is stored.

    Parameters
    ----------
    row : dict
        Columns of ``decisions`` without the answer.
    answer : bytes
        What was answered.
    digest : str
        Digest of its entry in the chain.
    entry : dict
        Body of its entry in the chain.
    """

    row: dict[str, Any]
    answer: bytes
    digest: str
    entry: dict[str, Any]


def find(connection: Connection, tenant: str, decision_id: str) -> Decision | None:
    """Return a decision of a tenant.

    Parameters
    ----------
    connection : Connection
        Where to look.
    tenant : str
        Whose.
    decision_id : str
        Which.

    Returns
    -------
    Decision or None
        None where this tenant has none of that id.
    """
    chained = and_(chain.c.tenant == tenant, chain.c.position == decisions.c.position)
    found = connection.execute(
        select(decisions, chain.c.digest, chain.c.body)
        .join(chain, chained)
        .where(decisions.c.tenant == tenant, decisions.c.decision_id == decision_id)
    ).mappings().first()  # fmt: skip
    if found is None:
        return None
    row = {column.name: found[column.name] for column in LISTED}
    answer, body = unpack(found["answer"]), unpack(found["body"])
    return Decision(row, answer, found["digest"], orjson.loads(body))


def page(
    connection: Connection, tenant: str, filters: Filters, cursor: str | None = None,
    limit: int = 50,
) -> Page:  # fmt: skip
    """List decisions of a tenant, the newest first.

    Pages hold what was there when the first was read: what comes later stands before it.

    Parameters
    ----------
    connection : Connection
        Where to look.
    tenant : str
        Whose.
    filters : Filters
        Which.
    cursor : str or None
        Of the page before; None for the first.
    limit : int
        Most rows, 1 to `MOST`.

    Returns
    -------
    Page
        The page.

    Raises
    ------
    Problem
        422 for a cursor that is none, or that belongs to other filters.
    """
    wanted, bound = _conditions(tenant, filters), asdict(filters)
    if cursor is not None:
        wanted.append(decisions.c.position < place_of(cursor, bound))
    limit = max(1, min(limit, MOST))
    query = select(*LISTED).where(*wanted).order_by(decisions.c.position.desc()).limit(limit + 1)
    rows = [dict(row) for row in connection.execute(query).mappings()]
    more = len(rows) > limit
    rows = rows[:limit]
    return Page(rows, cursor_of(rows[-1]["position"], bound) if more else None)


def _conditions(tenant: str, filters: Filters) -> list[ColumnElement[bool]]:
    """What a decision must be to be listed."""
    column = decisions.c
    wanted: list[ColumnElement[bool]] = [column.tenant == tenant]
    pairs = (
        (filters.decision, column.decision.__eq__), (filters.valued_from, column.valued_on.__ge__),
        (filters.valued_until, column.valued_on.__le__),
        (filters.made_from, column.made_at.__ge__), (filters.made_until, column.made_at.__lt__),
        (filters.application_no, column.application_no.__eq__),
        (filters.case_state, column.case_state.__eq__),
    )  # fmt: skip
    wanted += [compare(value) for value, compare in pairs if value is not None]
    if filters.borrower is not None:
        names = (filters.borrower,) if isinstance(filters.borrower, str) else filters.borrower
        wanted.append(column.borrower.in_(names) | column.decision_id.in_(naming(tenant, names)))
    if filters.reason is not None:
        wanted.append(column.reasons.contains(f" {filters.reason} ", autoescape=True))
    if filters.reviewed is not None:
        looked = exists().where(
            reviews.c.tenant == tenant,
            reviews.c.decision_id == column.decision_id,
            reviews.c.verdict != "requested",
        )
        wanted.append(looked if filters.reviewed else ~looked)
    return wanted


def naming(tenant: str, names: Sequence[str]) -> Select[tuple[str]]:
    """Return the query of the decisions that name persons beside their borrower.

    Parameters
    ----------
    tenant : str
        Whose.
    names : sequence of str
        Keyed hashes of their codes.

    Returns
    -------
    Select
        Of ids of decisions.
    """
    mine = (persons.c.tenant == tenant, persons.c.name.in_(names))
    return select(persons.c.decision_id).where(*mine)


def _mark(bound: Mapping[str, Any]) -> str:
    """A short digest by which a cursor knows its filters."""
    raw = orjson.dumps(bound, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(raw).hexdigest()[:12]


def cursor_of(position: int, bound: Mapping[str, Any]) -> str:
    """Return the cursor that stands behind a position of a list.

    Parameters
    ----------
    position : int
        Of the last row of a page.
    bound : mapping
        Filters of the list, plain data.

    Returns
    -------
    str
        Base64 for addresses.

    Examples
    --------
    >>> place_of(cursor_of(7, {"state": "open"}), {"state": "open"})
    7
    """
    raw = f"{position}.{_mark(bound)}".encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def place_of(cursor: str, bound: Mapping[str, Any]) -> int:
    """Return the position at which the page before ended.

    Parameters
    ----------
    cursor : str
        As `cursor_of` gave it.
    bound : mapping
        Filters of the list, plain data.

    Returns
    -------
    int
        The position.

    Raises
    ------
    Problem
        422 for a cursor that is none, or that belongs to other filters.
    """
    try:
        raw = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
        number, _, mark = raw.decode("ascii").partition(".")
        if len(number) > 18 or not number.isdecimal() or mark != _mark(bound):
            raise ValueError("a cursor of another list")
        return int(number)
    except (ValueError, binascii.Error):
        raise bad_cursor() from None


def move_case(
    connection: Connection, tenant: str, decision_id: str, state: str, by: str, made_at: str
) -> bool:
    """Set the state of a case, with an entry in the chain.

    Parameters
    ----------
    connection : Connection
        Inside a transaction that writes.
    tenant : str
        Whose.
    decision_id : str
        Which.
    state : str
        Its state from now on.
    by : str
        Who says so.
    made_at : str
        The moment.

    Returns
    -------
    bool
        False where this tenant has no such decision.
    """
    mine = (decisions.c.tenant == tenant, decisions.c.decision_id == decision_id)
    if connection.execute(select(decisions.c.position).where(*mine)).scalar() is None:
        return False
    body = {"state": state, "by": by, "made_at": made_at}
    ledger.append(connection, tenant, [ledger.Entry("case_state", decision_id, made_at, body)])
    connection.execute(update(decisions).where(*mine).values(case_state=state))
    return True


def sealed_of(connection: Connection, tenant: str, decision_id: str) -> tuple[bytes | None, bool]:
    """Return the sealed personal cells of a decision.

    Parameters
    ----------
    connection : Connection
        Where to look.
    tenant : str
        Whose.
    decision_id : str
        Which.

    Returns
    -------
    bytes or None
        As `service.auth.sealing.Secrets.open` takes them; None once erased.
    bool
        Whether they were erased.
    """
    row = connection.execute(
        select(personal.c.sealed, personal.c.erased_at).where(
            personal.c.tenant == tenant, personal.c.decision_id == decision_id
        )
    ).first()
    return (row.sealed, row.erased_at is not None) if row else (None, False)
