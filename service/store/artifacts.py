"""Content by its digest, and which of it is in force."""

import hashlib
import io
import tarfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, insert, select, update

from service.refusals import changed_meanwhile
from service.store import ledger
from service.store.tables import artifacts, pointers

SHARED = ""
"""Tenant of what all tenants share."""
LEVEL = 6


@dataclass(frozen=True, slots=True)
class Pointer:
    """Which content of a kind is in force.

    Parameters
    ----------
    digest : str
        Digest of the content; empty where nothing is in force.
    generation : int
        Changes so far; 0 where there was none.
    changed_at, by : str
        Moment of the last change, and who made it.
    """

    digest: str
    generation: int
    changed_at: str
    by: str


NOTHING = Pointer("", 0, "", "")


def digest_of(content: bytes) -> str:
    """Return the digest by which content is kept: SHA-256 in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def put(
    connection: Connection, tenant: str, kind: str, name: str, content: bytes, made_at: str
) -> str:  # fmt: skip
    """Keep content; the same content is kept once.

    Parameters
    ----------
    connection : Connection
        Inside a transaction that writes.
    tenant : str
        Whose; `SHARED` for all.
    kind, name : str
        What it is: ``overlay``, ``mapping``, ``statute``, ``market``, ``release``...
    content : bytes
        The content.
    made_at : str
        The moment.

    Returns
    -------
    str
        Its digest.
    """
    digest = digest_of(content)
    if not has(connection, tenant, digest):
        ledger.alone(connection, tenant)
        if not has(connection, tenant, digest):
            connection.execute(insert(artifacts).values(
                tenant=tenant, digest=digest, kind=kind, name=name, made_at=made_at,
                content=zlib.compress(content, LEVEL),
            ))  # fmt: skip
    return digest


def has(connection: Connection, tenant: str, digest: str) -> bool:
    """Whether a tenant's content of this digest is kept."""
    query = select(artifacts.c.digest).where(
        artifacts.c.tenant == tenant, artifacts.c.digest == digest
    )
    return connection.execute(query).first() is not None


def get(connection: Connection, tenant: str, digest: str) -> bytes | None:
    """Return content by its digest.

    Parameters
    ----------
    connection : Connection
        Where to look.
    tenant : str
        Whose; `SHARED` for what all share.
    digest : str
        SHA-256 in hexadecimal.

    Returns
    -------
    bytes or None
        None where there is none, or where what is kept no longer has this digest.
    """
    packed = connection.execute(
        select(artifacts.c.content).where(
            artifacts.c.tenant == tenant, artifacts.c.digest == digest
        )
    ).scalar()
    if packed is None:
        return None
    try:
        content = zlib.decompress(packed)
    except zlib.error:
        return None
    return content if digest_of(content) == digest else None


def pointer(connection: Connection, tenant: str, kind: str, name: str) -> Pointer:
    """Return which content is in force.

    Parameters
    ----------
    connection : Connection
        Where to look.
    tenant : str
        Whose.
    kind, name : str
        Of what.

    Returns
    -------
    Pointer
        `NOTHING` where none ever was.
    """
    row = connection.execute(
        select(pointers).where(
            pointers.c.tenant == tenant, pointers.c.kind == kind, pointers.c.name == name
        )
    ).first()
    return Pointer(row.digest, row.generation, row.changed_at, row.by) if row else NOTHING


def point(
    connection: Connection, tenant: str, kind: str, name: str, digest: str, expected: str | None,
    by: str, changed_at: str,
) -> Pointer:  # fmt: skip
    """Put content in force, with an entry in the tenant's chain.

    Parameters
    ----------
    connection : Connection
        Inside a transaction that writes.
    tenant : str
        Whose.
    kind, name : str
        Of what.
    digest : str
        Content that was `put`; empty to put nothing in force.
    expected : str or None
        Digest that is believed to be in force (If-Match), empty for nothing; None to not care.
    by : str
        Who changes it.
    changed_at : str
        The moment.

    Returns
    -------
    Pointer
        As it stands now.

    Raises
    ------
    Problem
        412 if something else is in force.
    """
    ledger.alone(connection, tenant)
    now = pointer(connection, tenant, kind, name)
    if expected is not None and now.digest != expected:
        raise changed_meanwhile(now.digest)
    made = Pointer(digest, now.generation + 1, changed_at, by)
    values = {"digest": digest, "generation": made.generation, "changed_at": changed_at, "by": by}
    if now is NOTHING:
        connection.execute(insert(pointers).values(tenant=tenant, kind=kind, name=name, **values))
    else:
        mine = (pointers.c.tenant == tenant, pointers.c.kind == kind, pointers.c.name == name)
        connection.execute(update(pointers).where(*mine).values(**values))
    body = {"kind": kind, "name": name, "before": now.digest, **values}
    ledger.append(connection, tenant, [ledger.Entry("pointer", name[:40], changed_at, body)])
    return made


def pack(files: Mapping[str, bytes]) -> bytes:
    """Return files as one content: the same files give the same bytes.

    Parameters
    ----------
    files : mapping of str to bytes
        Content by relative path, with ``/``.

    Returns
    -------
    bytes
        A tar archive (POSIX ustar, or pax for long names), ordered by name, without times
        or owners.
    """
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name in sorted(files):
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(files[name]), 0o644
            archive.addfile(entry, io.BytesIO(files[name]))
    return held.getvalue()


def unpack(content: bytes) -> dict[str, bytes]:
    """Return the files of a content that `pack` made.

    Parameters
    ----------
    content : bytes
        As `pack` returned it.

    Returns
    -------
    dict of str to bytes
        Content by relative path.
    """
    found = {}
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:") as archive:
        for entry in archive:
            stream = archive.extractfile(entry)
            if stream is not None:
                found[entry.name] = stream.read()
    return found


def files_in(folder: Path, pattern: str = "**/*") -> dict[str, bytes]:
    """Return the files of a folder, as `pack` takes them.

    Parameters
    ----------
    folder : pathlib.Path
        The folder.
    pattern : str
        Which files, as `pathlib.Path.glob` takes it.

    Returns
    -------
    dict of str to bytes
        Content by relative path, with ``/``.
    """
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.glob(pattern)) if path.is_file()
    }  # fmt: skip


def lay_out(content: bytes, folder: Path) -> Path:
    """Write the files of a packed content into a folder.

    Parameters
    ----------
    content : bytes
        As `pack` returned it.
    folder : pathlib.Path
        Made where it is missing.

    Returns
    -------
    pathlib.Path
        The folder.

    Raises
    ------
    ValueError
        If a name leads out of the folder.
    """
    for name, raw in unpack(content).items():
        path = folder / name
        if not path.resolve().is_relative_to(folder.resolve()):
            raise ValueError("a name leads out of its folder")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(raw)
    folder.mkdir(parents=True, exist_ok=True)
    return folder
