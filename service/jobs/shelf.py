"""Where books and jobs lie on disk; nothing in it is reached by a name that a caller chose.

``data/tenants/<digest of the tenant>/books/<id>`` holds ``tables.json`` and the files that it
names by digest; ``jobs/<id>`` holds the tables as they were when the job was asked for
(``input``), the tenant's rules (``institution``) and what the job leaves (``out``).
"""

import hashlib
import re
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

from riskengine.files import write_whole
from riskengine.words import Text
from service.jobs.order import INSTITUTION
from service.problems import Fault, Problem

INDEX = "tables.json"
EXPORTING = ".export-"
"""How folders with the tables of one export begin; each lies in the folder of its job."""
NAME = re.compile(r"\A\w[\w.-]{0,99}\Z")
"""Names of folders that are pointed to: no separator, no leading dot."""


@dataclass(frozen=True, slots=True)
class StoredTable:
    """One table of an uploaded book.

    Parameters
    ----------
    table : str
        Its name.
    file : str
        File inside the book's folder.
    form : {"parquet", "csv", "xlsx"}
        Its format.
    sha256 : str
        Digest of its bytes.
    bytes : int
        Its size.
    """

    table: str
    file: str
    form: str
    sha256: str
    bytes: int


def tenant_folder(data: Path, tenant: str) -> Path:
    """Return the folder of a tenant.

    Parameters
    ----------
    data : Path
        Folder of the settings.
    tenant : str
        Whose.

    Returns
    -------
    Path
        Named by digest, whatever the tenant is called.
    """
    return data.resolve() / "tenants" / hashlib.sha256(tenant.encode()).hexdigest()[:32]


def book_folder(data: Path, tenant: str, book_id: str) -> Path:
    """Return the folder of a book whose id the store knows."""
    return tenant_folder(data, tenant) / "books" / book_id


def job_folder(data: Path, tenant: str, job_id: str) -> Path:
    """Return the folder of a job whose id the store knows."""
    return tenant_folder(data, tenant) / "jobs" / job_id


def tables_of(folder: Path) -> dict[str, StoredTable]:
    """Return the tables of a book, by name.

    Parameters
    ----------
    folder : Path
        Folder of the book.

    Returns
    -------
    dict of str to StoredTable
        Empty before the first upload.
    """
    try:
        held = orjson.loads((folder / INDEX).read_bytes())
    except FileNotFoundError:
        return {}
    return {name: StoredTable(**one) for name, one in held.items()}


def put_table(folder: Path, arrived: Path, table: str, form: str, sha256: str) -> StoredTable:
    """Make a file that has arrived whole a table of a book.

    Parameters
    ----------
    folder : Path
        Folder of the book.
    arrived : Path
        The file, inside the folder, its bytes on disk.
    table, form, sha256 : str
        What it is.

    Returns
    -------
    StoredTable
        As the index holds it: the index decides, so the table is the old or the new one.
    """
    held = tables_of(folder)
    name = f"{table}.{sha256[:16]}.{form}"
    made = StoredTable(table, name, form, sha256, arrived.stat().st_size)
    arrived.replace(folder / name)
    old = held.get(table)
    held[table] = made
    write_whole(folder / INDEX, orjson.dumps({key: asdict(one) for key, one in held.items()}))
    if old is not None and old.file != name:
        (folder / old.file).unlink(missing_ok=True)
    return made


def fix(tables: Mapping[str, StoredTable], folder: Path, job: Path) -> None:
    """Give a job the tables of an uploaded book as they are now.

    Parameters
    ----------
    tables : mapping of str to StoredTable
        The tables.
    folder : Path
        Folder of the book.
    job : Path
        Folder of the job.

    Notes
    -----
    Hard links where the disk has them: a table that is replaced is another file, so the
    bytes of the job stay.
    """
    (job / "input").mkdir(parents=True)
    for one in tables.values():
        source, target = folder / one.file, job / "input" / f"{one.table}.{one.form}"
        try:
            target.hardlink_to(source)
        except OSError:
            shutil.copyfile(source, target)


def lay_rules(files: Mapping[str, bytes], job: Path) -> None:
    """Give a job the rules of its tenant as they are now; nothing for a tenant without.

    Parameters
    ----------
    files : mapping of str to bytes
        TOML by file name.
    job : Path
        Folder of the job.
    """
    for name, content in files.items():
        if NAME.match(name) is None or not name.endswith(".toml"):
            raise Problem(
                422, "rules-unusable",
                Text("机构规则中有无效的文件名", "the institution's rules hold an invalid name"),
                Text("请重新提交机构规则", "hand the institution's rules in again"),
            )  # fmt: skip
        (job / INSTITUTION).mkdir(parents=True, exist_ok=True)
        (job / INSTITUTION / name).write_bytes(content)


def pointed(portfolios: Path | None, tenant: str, name: str) -> Path:
    """Return a folder that a tenant points to.

    Parameters
    ----------
    portfolios : Path or None
        Folder of the settings, with one folder a tenant.
    tenant, name : str
        Whose, which.

    Returns
    -------
    Path
        ``portfolios/tenant/name``, of which neither the tenant's part nor the name is a link.

    Raises
    ------
    Problem
        422 if there is none, or the name leads elsewhere.
    """
    good = portfolios is not None and NAME.match(tenant) and NAME.match(name)
    if good and portfolios is not None:
        own = portfolios.resolve() / tenant
        folder = own / name
        if not own.is_symlink() and not folder.is_symlink() and folder.is_dir():
            return folder
    wrong = Text("机构没有这个文件夹", "the institution has no such folder")
    cure = Text(
        "请用机构组合目录下的文件夹名；链接不算",
        "name a folder beside the tenant's others; no link",
    )
    raise Problem(
        422, "no-such-folder", wrong, cure,
        (Fault("/body/source/folder", "no-such-folder", wrong, cure),),
    )  # fmt: skip
