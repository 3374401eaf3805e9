"""A dictionary for `service.store.packing`: decisions on the example applications, as text."""

from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import select

from service.auth.caller import SCOPES, Caller, Role
from service.auth.keys import make_tenant
from service.auth.sealing import secrets_of
from service.clock import now
from service.examples import applications
from service.scoring.equipment import Shared, equip
from service.scoring.personal import personal_names
from service.scoring.scorer import Scorer, Work
from service.settings import Settings
from service.store.database import open_database, reading, writing
from service.store.migrate import migrate
from service.store.packing import unpack
from service.store.tables import decisions, ledger

TENANT = "examples"
HEADER = b"synthetic: decisions on the files of examples/applications, for service/store/packing.py"


def dictionary(shared: Shared) -> bytes:
    """Return what decisions look like.

    Parameters
    ----------
    shared : Shared
        Market and models.

    Returns
    -------
    bytes
        Answers and, nearest to what is packed, bodies of the chain; a line each.
    """
    with TemporaryDirectory() as folder:
        settings = Settings(data=Path(folder), database_url=None)
        engine, secrets = open_database(settings), secrets_of(settings)
        migrate(engine)
        with writing(engine) as connection:
            make_tenant(connection, TENANT, TENANT, now())
        caller = Caller(TENANT, "k-example", Role.LENDER, SCOPES[Role.LENDER], 60, 60)
        works = [Work(caller, one, "0" * 32, None) for one in applications().values()]
        Scorer(engine, secrets, personal_names())(works, equip(shared))
        with reading(engine) as connection:
            bodies = connection.execute(select(ledger.c.body).order_by(ledger.c.position))
            answers = connection.execute(select(decisions.c.answer).order_by(decisions.c.position))
            lines = [unpack(packed) for rows in (answers, bodies) for packed in rows.scalars()]
        engine.dispose()
    return b"\n".join([HEADER, *lines]) + b"\n"
