"""Books as the store knows them; their tables lie on disk."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select

from service.store.pages import behind, cut
from service.store.tables import books


def add(connection: Connection, row: dict[str, Any]) -> None:
    """Add a book.

    Parameters
    ----------
    connection : Connection
        Inside a transaction that writes.
    row : dict
        Columns of ``books``.
    """
    connection.execute(insert(books).values(**row))


def find(
    connection: Connection, tenant: str, book_id: str, *, hold: bool = False
) -> Row[Any] | None:
    """Return a book of a tenant.

    Parameters
    ----------
    connection : Connection
        Where to look.
    tenant : str
        Whose.
    book_id : str
        Which.
    hold : bool
        Whether nobody else may change it, its tables or its jobs until the transaction ends.

    Returns
    -------
    Row or None
        None where the tenant has no such book.
    """
    query = select(books).where(books.c.tenant == tenant, books.c.book_id == book_id)
    return connection.execute(query.with_for_update() if hold else query).first()


def page(
    connection: Connection, tenant: str, cursor: str | None, limit: int
) -> tuple[Sequence[Row[Any]], str | None]:
    """Return books of a tenant, newest first.

    Parameters
    ----------
    connection : Connection
        Where to look.
    tenant : str
        Whose.
    cursor : str or None
        Where the page before ended.
    limit : int
        Rows of a page.

    Returns
    -------
    list of Row
        The page.
    str or None
        Cursor of the next.
    """
    query = behind(select(books).where(books.c.tenant == tenant), books, "book_id", cursor)
    return cut(connection.execute(query.limit(limit + 1)).all(), limit, "book_id")


def remove(connection: Connection, tenant: str, book_id: str) -> None:
    """Remove a book of a tenant.

    Parameters
    ----------
    connection : Connection
        Inside a transaction that writes.
    tenant : str
        Whose.
    book_id : str
        Which.
    """
    connection.execute(delete(books).where(books.c.tenant == tenant, books.c.book_id == book_id))


def made_before(connection: Connection, moment: str) -> Sequence[Any]:
    """Return uploaded books of all tenants that were made before a moment.

    Parameters
    ----------
    connection : Connection
        Where to look.
    moment : str
        As `service.clock.stamp` writes it.

    Returns
    -------
    list of Row
        Tenant and id.
    """
    query = select(books.c.tenant, books.c.book_id).where(
        books.c.source == "upload", books.c.made_at < moment
    )
    return connection.execute(query).all()
