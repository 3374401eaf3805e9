"""``python -m service``: check what is needed, listen, keep the processes running."""

import os
import socket
import sys
from collections.abc import Callable, Sequence
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from prometheus_client.multiprocess import mark_process_dead

from riskengine.words import Text
from service.auth.caller import Role
from service.auth.keybook import Order, enter_tenant, issue
from service.auth.sealing import secrets_of
from service.clock import now
from service.observe.logs import configure, log
from service.problems import Problem
from service.serving.door import shut
from service.serving.needs import unusable
from service.serving.supervise import Child, Supervisor
from service.settings import Settings
from service.sources import UNUSABLE, tell
from service.store.database import EMBEDDED, open_database, reading, writing
from service.store.integrity import damage_of
from service.store.tables import tenants

DEMO = "demo"
"""Tenant of the embedded service's first key."""
EARLIER_SECONDS = 0.1
"""How long before processes take no new connection new ones are held off [s]."""
MOST_UNASKED = 4
"""Most processes that answer requests where nobody said how many."""


def missing(settings: Settings) -> list[tuple[Text, Text]]:
    """Return what keeps the service from starting.

    Parameters
    ----------
    settings : Settings
        As they were read.

    Returns
    -------
    list of (Text, Text)
        What is wrong, and what to do; empty if nothing is.
    """
    found = []
    exposed = not _loopback(settings.host)
    if settings.secret is None and (exposed or settings.database_url is not None):
        found.append((
            Text("没有设置密钥 RISKENGINE_SECRET，不得对外服务或使用外部数据库",
                 "no RISKENGINE_SECRET is set: refused beyond loopback or with a database server"),
            Text("设 RISKENGINE_SECRET，或以 RISKENGINE_SECRETS_DIR 指向密钥文件夹",
                 "set RISKENGINE_SECRET, or a folder of secret files by RISKENGINE_SECRETS_DIR"),
        ))  # fmt: skip
    try:
        settings.data.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=settings.data):
            pass
    except OSError:
        found.append((
            Text(f"数据文件夹 {settings.data} 不可写",
                 f"the data folder {settings.data} cannot be written"),
            Text("以 RISKENGINE_DATA 指定可写的文件夹", "name a folder by RISKENGINE_DATA"),
        ))  # fmt: skip
    found += unusable(settings)
    if settings.database_url is None and not found:
        damage = damage_of(settings.data / EMBEDDED)
        found += [damage] if damage is not None else []
    return found


def listen(settings: Settings) -> socket.socket | tuple[Text, Text]:
    """Take the port.

    Parameters
    ----------
    settings : Settings
        Which.

    Returns
    -------
    socket.socket or (Text, Text)
        Bound and listening, so that clients wait while processes start; or what is wrong,
        and what to do.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
        listener.listen(2048)
    except OSError:
        listener.close()
        where = f"{settings.host}:{settings.port}"
        return (
            Text(f"无法监听 {where}：端口可能已被占用", f"cannot listen on {where}: perhaps taken"),
            Text("停掉占用者，或设 RISKENGINE_PORT", "stop who holds it, or set RISKENGINE_PORT"),
        )
    listener.set_inheritable(True)
    return listener


def serve(settings: Settings) -> int:
    """Serve until told to stop.

    Parameters
    ----------
    settings : Settings
        Settings.

    Returns
    -------
    int
        Exit code: 0 after an ordered stop, 78 if something is missing.
    """
    faults = missing(settings)
    taken = listen(settings) if not faults else None
    if isinstance(taken, tuple):
        faults = [taken]
    if faults or not isinstance(taken, socket.socket):
        tell(faults)
        return UNUSABLE
    configure(settings)
    web = [f"web-{k}" for k in range(1, processes_of(settings) + 1)]
    with taken as listener, TemporaryDirectory(prefix="riskengine-metrics-") as metrics:
        host, port = listener.getsockname()[:2]
        where = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        print(
            f"正在启动，首次须编译一两分钟  starting; the first time compiles: {where}/health",
            flush=True,
        )
        children = children_of(settings, web, listener.fileno())
        supervisor = Supervisor(
            children, environment_of(settings, len(web), Path(metrics)),
            settings.drain_seconds + settings.stop_seconds + 5.0,
            _telling(Path(metrics)), announcing(settings, where), tuple(web),
            tuple(child.name for child in children[len(web) :]),
            settings.drain_seconds - EARLIER_SECONDS, partial(shut, listener),
        )  # fmt: skip
        return supervisor.run()


def processes_of(settings: Settings) -> int:
    """Return how many processes answer requests.

    Parameters
    ----------
    settings : Settings
        Which may say it.

    Returns
    -------
    int
        What they say; else as many as the cores that this process may use, 1 to
        `MOST_UNASKED`.
    """
    if settings.workers is not None:
        return settings.workers
    from joblib import cpu_count  # knows of containers; loads numpy, which this process lacks

    return min(int(cpu_count()), MOST_UNASKED)


def children_of(settings: Settings, answering: Sequence[str], listener: int) -> list[Child]:
    """Return the processes that are kept running.

    Parameters
    ----------
    settings : Settings
        How many run jobs.
    answering : sequence of str
        Names of those that answer requests.
    listener : int
        Descriptor of the listening socket.

    Returns
    -------
    list of Child
        Those that answer requests, then those that run jobs.
    """
    web = ("-m", "service", "web", "--listener", str(listener), "--pulse", "{pulse}",
           "--alone", "{alone}")  # fmt: skip
    jobs = ("-m", "service", "worker", "--pulse", "{pulse}")
    return [
        *(Child(name, web, (listener,)) for name in answering),
        *(Child(f"jobs-{k}", jobs) for k in range(1, settings.job_workers + 1)),
    ]


def environment_of(settings: Settings, answering: int, metrics: Path) -> dict[str, str]:
    """Return the environment of the processes.

    Parameters
    ----------
    settings : Settings
        Where data are.
    answering : int
        How many processes share the limits of callers.
    metrics : pathlib.Path
        Folder in which processes share their metrics.

    Returns
    -------
    dict of str to str
        This process's, with compiled code kept beside the data unless it is kept elsewhere.
    """
    compiled = {"RISKENGINE_CACHE": "1", "NUMBA_CACHE_DIR": str(settings.data / "numba")}
    return {
        **compiled, **os.environ, "RISKENGINE_WORKERS": str(answering),
        "PROMETHEUS_MULTIPROC_DIR": str(metrics),
    }  # fmt: skip


def announcing(settings: Settings, where: str) -> Callable[[], None]:
    """Return what tells people that the service is ready.

    Parameters
    ----------
    settings : Settings
        Settings.
    where : str
        Address.

    Returns
    -------
    callable
        Prints the address; for the embedded service a key of one day, and a line to try.
    """

    def announce() -> None:
        print(f"就绪 ready: {where}/docs", flush=True)
        if not settings.demo or settings.database_url is not None or not _loopback(settings.host):
            return
        try:
            key = demo_key(settings)
        except Problem as fault:  # what serves goes on serving
            tell([(fault.wrong, fault.cure)])
            return
        print(
            f"一日有效的演示密钥  key of tenant {DEMO} for one day: {key}\n"
            f"试一试  try: {sys.executable} -m service example | curl -s {where}/v1/scores"
            f" -H 'X-API-Key: {key}' -H 'Content-Type: application/json' --data-binary @-",
            flush=True,
        )

    return announce


def demo_key(settings: Settings) -> str:
    """Make a key of the demonstration tenant, valid for one day.

    Parameters
    ----------
    settings : Settings
        Where the store is.

    Returns
    -------
    str
        The key.
    """
    engine, moment = open_database(settings), now()
    try:
        with reading(engine) as connection:
            known = connection.execute(tenants.select().where(tenants.c.tenant == DEMO)).first()
        with writing(engine) as connection:
            if known is None:
                enter_tenant(connection, DEMO, "演示机构 demonstration", "service", moment)
            order = Order("demo", Role.ADMIN, days=1)
            return issue(connection, secrets_of(settings), DEMO, order, "service", moment)
    finally:
        engine.dispose()


def _telling(metrics: Path) -> Callable[[str, dict[str, Any]], None]:
    """Log what happens to processes; the gauges of those that died go."""

    def told(event: str, details: dict[str, Any]) -> None:
        if event == "process_ended":
            mark_process_dead(details["pid"], str(metrics))  # type: ignore[no-untyped-call]
        log(event, details)

    return told


def _loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
