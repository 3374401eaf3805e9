"""``python -m service openapi`` and ``client``: the contract as files."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from service.contract.changes import broken
from service.contract.document import text_of

CLIENT = Path(__file__).parents[1] / "client"
README = Path(__file__).parents[2] / "README.md"
app = typer.Typer(help="接口文档 the contract with clients")


@app.command()
def openapi(
    since: Annotated[
        Path | None, typer.Option(help="与此旧文档相比，列出会使客户端失效的更改 an older document")
    ] = None,
) -> None:
    """接口文档 Print the OpenAPI document, or what of it would break clients of an older one."""
    from service.app import create_app
    from service.settings import Settings

    document = create_app(Settings()).openapi()
    if since is None:
        sys.stdout.write(text_of(document))
        return
    faults = broken(json.loads(since.read_text(encoding="utf-8")), document)
    for fault in faults:
        typer.echo(fault)
    raise typer.Exit(1 if faults else 0)


@app.command()
def client() -> None:
    """客户端 Write the typed client anew from the document."""
    from service.app import create_app
    from service.contract.generate import client_files
    from service.settings import Settings

    for path, text in client_files(create_app(Settings()).openapi(), CLIENT).items():
        path.write_text(text, encoding="utf-8")
        typer.echo(path.name)


@app.command()
def tables() -> None:
    """说明书的表 Write the tables of settings and roles in README.md anew."""
    from service.contract.tables import renewed

    README.write_text(renewed(README.read_text(encoding="utf-8")), encoding="utf-8")
    typer.echo(README.name)
