"""Settings of the service, from the environment or from secret files, read once at the entry."""

import os
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SecretsSettingsSource,
    SettingsConfigDict,
)

from service.protections import Protections


class Settings(Protections):
    """What an operator may set, each as ``RISKENGINE_NAME``.

    A secret may stand in a file instead: ``RISKENGINE_SECRETS_DIR`` names a folder with one
    file a secret, as container engines mount them.

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
        Database; SQLite inside ``data`` when unset.
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
        Released price models.
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
        Redis of the job queue (``redis://``); SQLite inside ``data`` when unset.
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

    model_config = SettingsConfigDict(env_prefix="RISKENGINE_", extra="ignore", frozen=True)

    host: str = "127.0.0.1"
    port: int = Field(8000, ge=0, le=65535)
    workers: int | None = Field(None, ge=1, le=64)
    data: Path = Path("build/service")
    database_url: SecretStr | None = None
    secret: SecretStr | None = Field(None, min_length=32)
    market: Path | None = None
    registry: Path = Path("models/registry")
    default_model: str = "household-default"
    price_models: tuple[Path, ...] = ()
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

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource, dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:  # fmt: skip
        """Read arguments, then the environment, then secret files; never a ``.env`` file."""
        folder = os.environ.get("RISKENGINE_SECRETS_DIR")
        files = SecretsSettingsSource(settings_cls, secrets_dir=folder) if folder else None
        return (init_settings, env_settings, *((files,) if files else ()))
