"""Settings of the service, from the environment, read once at the entry."""

from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What an operator may set, each as ``RISKENGINE_NAME``.

    Attributes
    ----------
    host, port : str, int
        Where to listen; loopback by default.
    market : Path or None
        Market snapshot folder; the demonstration when unset.
    price_models : tuple of Path
        Released price models.
    max_rights : int
        Most rights in one request.
    max_body_bytes : int
        Largest request body.
    """

    model_config = SettingsConfigDict(env_prefix="RISKENGINE_", extra="ignore", frozen=True)

    host: str = "127.0.0.1"
    port: int = 8000
    market: Path | None = None
    price_models: tuple[Path, ...] = ()
    max_rights: int = 1000
    max_body_bytes: int = 4 << 20
