"""What must hold in the store once everything is quiet again."""

from dataclasses import dataclass

from sqlalchemy import func, select

from service.auth.sealing import secrets_of
from service.scoring.recording import key_name
from service.settings import Settings
from service.store import ledger as chain
from service.store.database import open_database, reading
from service.store.packing import unpack
from service.store.tables import decisions, jobs, ledger, replies
from service.store.verify import verify
from tests.service.faults.clients import Acknowledged


@dataclass(frozen=True, slots=True)
class Proof:
    """What was found.

    Parameters
    ----------
    acknowledged, decisions, entries : int
        Answers that clients hold, rows of decisions, entries of all chains.
    jobs : int
        Jobs that are done.
    wrong : tuple of str
        What is not as it must be.
    """

    acknowledged: int
    decisions: int
    entries: int
    jobs: int
    wrong: tuple[str, ...]


def prove(settings: Settings, held: list[Acknowledged]) -> Proof:
    """Hold the store against what clients were told.

    Parameters
    ----------
    settings : Settings
        Where the store is.
    held : list of Acknowledged
        Every acknowledged answer; every key that was ever asked for is among them.

    Returns
    -------
    Proof
        ``wrong`` is empty if no decision was lost, changed or doubled.
    """
    engine, wrong = open_database(settings), list[str]()
    secrets = secrets_of(settings)
    wanted = {(one.tenant, key_name(secrets, one.tenant, one.key)): one.body for one in held}
    entries = rows = 0
    try:
        with reading(engine) as connection:
            query = select(
                replies.c.tenant, replies.c.idempotency_key, decisions.c.answer,
            ).join(decisions, decisions.c.decision_id == replies.c.decision_id)  # fmt: skip
            stored = {
                (row.tenant, row.idempotency_key): unpack(row.answer)
                for row in connection.execute(query)
            }
            wrong += [f"lost: {key}" for key in wanted if key not in stored]
            wrong += [f"nobody holds {key}" for key in stored if key not in wanted]
            wrong += [
                f"other bytes: {key}" for key, body in wanted.items()
                if key in stored and stored[key] != body
            ]  # fmt: skip
            rows = connection.execute(select(func.count()).select_from(decisions)).scalar_one()
            if rows != len(stored):
                wrong.append(f"{rows} decisions under {len(stored)} keys")
            entered = connection.execute(
                select(func.count()).select_from(ledger).where(ledger.c.kind == "decision")
            ).scalar_one()
            if entered != rows:
                wrong.append(f"{rows} decisions, {entered} entries")
            for tenant in chain.tenants(connection):
                found = verify(connection, tenant, secrets)
                entries += found.entries
                wrong += [f"{tenant} {one.position}: {one.said.en}" for one in found.faults]
            states = connection.execute(
                select(jobs.c.state, func.count()).group_by(jobs.c.state)
            ).all()  # fmt: skip
    finally:
        engine.dispose()
    done: dict[str, int] = dict(states)  # type: ignore[arg-type]
    wrong += [f"{count} jobs {state}" for state, count in done.items() if state != "done"]
    return Proof(len(wanted), rows, entries, done.get("done", 0), tuple(wrong))
