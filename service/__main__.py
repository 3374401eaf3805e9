"""``python -m service``: serve on loopback."""

import uvicorn

from service.settings import Settings


def main() -> None:
    """Start the server and say where its pages are."""
    settings = Settings()
    print(f"docs: http://{settings.host}:{settings.port}/docs", flush=True)
    uvicorn.run("service.app:create_app", factory=True, host=settings.host, port=settings.port)


if __name__ == "__main__":
    main()
