"""Settings of the service, from the environment or from secret files, read once at the entry."""

import os
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, SecretStr, field_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SecretsSettingsSource,
    SettingsConfigDict,
)

from riskengine.words import Text
from service.protections import Protections
from service.sources import FOLDER, Wrong, check_sources, listed

QUEUES = ("redis", "rediss", "unix")
"""Schemes of a queue's address that the client of Redis knows."""


class Settings(Protections):
    """What an operator may set, each as ``RISKENGINE_NAME``.

    A secret may stand in a file instead: ``RISKENGINE_SECRETS_DIR`` names a folder with one
    file a secret, as container engines mount them.  Lists are separated by commas, or in JSON.
    A variable ``RISKENGINE_...`` that is none of these is refused.

    Attributes
    ----------
    host, port : str, int
        Where to listen; loopback by default.
    workers : int or None
        Processes that answer requests; when unset one a core, at most 4; each holds some
        550 MiB under load.
    data : Path
        Folder of the embedded database, of books and of their results.
    database_url : SecretStr or None
        Database, ``postgresql+psycopg://`` or ``sqlite:///``; SQLite inside ``data`` when unset.
    secret : SecretStr or None
        At least 32 characters, from which the keys for hashing and sealing come; the
        embedded service makes one in ``data`` when unset.
    market : Path or None
        Market snapshot folder; the demonstration when unset.
    registry : Path
        Registry of released models.
    default_model : str
        Name of the model of default in the registry; empty for none.
    price_models : tuple of Path
        Released price models, separated by commas.
    portfolios : Path or None
        Folder with one folder a tenant, in which books that are pointed to must lie.
    max_rights, max_batch : int
        Most rights of one valuation request, most applications of one batch.
    max_body_bytes, max_upload_bytes : int
        Largest request body, and largest uploaded table.
    queue_length, batch_size : int
        Scores that may wait in one process (fewer while it is slow), and most that are scored
        together.
    body_seconds : float
        Longest time in which a request body must arrive [s].
    queue_seconds : float
        Longest wait of a score before it is refused [s].
    drain_seconds : float
        How long a process that is told to stop says so on ``/ready`` and still serves [s].
    stop_seconds : float
        How long it then finishes what it has begun [s].
    job_workers : int
        Processes that run jobs; 0 where they run elsewhere.
    log_format : {"json", "console"}
        How log lines are written.
    log_share : float
        Share of successful requests that are logged; all others always are.
    demo : bool
        Whether the embedded service prints a key of one day when it is ready.
    tracing : str or None
        OTLP endpoint (HTTP) of traces; none when unset.
    queue_url : SecretStr or None
        Redis of the job queue (``redis://``, with ``pip install redis``); SQLite inside ``data``
        when unset.
    jobs_at_once : int
        Jobs that one worker runs side by side.
    max_jobs_waiting : int
        Jobs of one tenant that may wait; beyond them a new one is refused.
    job_processes, job_threads : int
        Processes and threads of one job; they change no result.
    lease_seconds : float
        After this time without a sign of life a worker's job is taken up by another [s].
    keep_results_days, keep_uploads_days : int
        Days for which results of ended jobs and books that nobody uses are kept [day].

    What guards the service is described in `service.protections.Protections`.
    """

    model_config = SettingsConfigDict(
        env_prefix="RISKENGINE_", extra="ignore", frozen=True, hide_input_in_errors=True
    )

    host: str = "127.0.0.1"
    port: int = Field(8000, ge=0, le=65535)
    workers: int | None = Field(None, ge=1, le=64)
    data: Path = Path("build/service")
    database_url: SecretStr | None = None
    secret: SecretStr | None = Field(None, min_length=32)
    market: Path | None = None
    registry: Path = Path("models/registry")
    default_model: str = "household-default"
    price_models: Annotated[tuple[Path, ...], NoDecode, BeforeValidator(listed)] = ()
    portfolios: Path | None = None
    max_rights: int = Field(1000, ge=1)
    max_batch: int = Field(2000, ge=1)
    max_body_bytes: int = Field(4 << 20, ge=1024)
    max_upload_bytes: int = Field(1 << 30, ge=1024)
    queue_length: int = Field(512, ge=1)
    batch_size: int = Field(256, ge=1)
    body_seconds: float = Field(20.0, gt=0.0)
    queue_seconds: float = Field(5.0, gt=0.0)
    drain_seconds: float = Field(1.0, ge=0.0)
    stop_seconds: float = Field(30.0, gt=0.0)
    job_workers: int = Field(1, ge=0, le=64)
    log_share: float = Field(1.0, ge=0.0, le=1.0)
    demo: bool = True
    tracing: str | None = None
    log_format: Literal["json", "console"] = "json"
    queue_url: SecretStr | None = None
    jobs_at_once: int = Field(1, ge=1, le=64)
    max_jobs_waiting: int = Field(100, ge=1)
    job_processes: int = Field(1, ge=1, le=64)
    job_threads: int = Field(2, ge=1, le=64)
    lease_seconds: float = Field(30.0, ge=0.5, le=3600.0)
    keep_results_days: int = Field(365, ge=1)
    keep_uploads_days: int = Field(365, ge=1)

    @field_validator("database_url")
    @classmethod
    def _database(cls, given: SecretStr | None) -> SecretStr | None:
        """Take an address of a database that can be opened; psycopg is PostgreSQL's driver."""
        if given is None:
            return None
        from sqlalchemy import make_url
        from sqlalchemy.exc import ArgumentError

        try:
            url = make_url(given.get_secret_value())
        except (ArgumentError, ValueError):
            raise Wrong(*NO_DATABASE) from None
        if url.drivername == "postgresql":
            named = url.set(drivername="postgresql+psycopg")
            return SecretStr(named.render_as_string(hide_password=False))
        lasts = url.database not in (None, "", ":memory:")
        if url.drivername != "postgresql+psycopg" and not (url.drivername == "sqlite" and lasts):
            raise Wrong(*NO_DATABASE)
        return given

    @field_validator("queue_url")
    @classmethod
    def _queue(cls, given: SecretStr | None) -> SecretStr | None:
        """Take an address of a queue that Redis's client knows."""
        if given is not None and given.get_secret_value().partition("://")[0] not in QUEUES:
            raise Wrong(*NO_QUEUE)
        return given

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource, dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:  # fmt: skip
        """Read arguments, then the environment, then secret files; never a ``.env`` file."""
        check_sources(settings_cls.model_fields, os.environ)
        folder = os.environ.get(FOLDER)
        files = SecretsSettingsSource(settings_cls, secrets_dir=folder) if folder else None
        return (init_settings, env_settings, *((files,) if files else ()))


NO_DATABASE = (
    Text("不是可用的数据库地址", "is no address of a database that is known here"),
    Text("写作 postgresql+psycopg://用户:密码@主机:5432/库名 或 sqlite:////路径/文件",
         "write postgresql+psycopg://user:password@host:5432/name or sqlite:////path/to/file"),
)  # fmt: skip
NO_QUEUE = (
    Text("不是 Redis 的地址", "is no address of Redis"),
    Text("写作 redis://主机:6379/0，或删去它以用数据文件夹内的队列",
         "write redis://host:6379/0, or unset it for a queue in the data folder"),
)  # fmt: skip
