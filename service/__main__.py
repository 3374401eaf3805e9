"""``python -m service``: serve on loopback; other commands are listed by ``--help``."""

import importlib
import json
import socket
from importlib.util import find_spec
from typing import Annotated

import typer

from service.serving.serve import serve as serve_all
from service.serving.worker import run_jobs
from service.settings import Settings

app = typer.Typer(help="农村产权评分服务  the scoring service", pretty_exceptions_enable=False)
OTHERS = (
    "service.cli_keys", "service.cli_store", "service.cli_backup", "service.contract.cli",
)  # fmt: skip
"""Modules whose ``app`` holds further commands."""


@app.callback(invoke_without_command=True)
def main(context: typer.Context) -> None:
    """农村产权评分服务 The scoring service; without a command it serves."""
    if context.invoked_subcommand is None:
        serve()


@app.command()
def serve() -> None:
    """启动服务 Serve until stopped by Ctrl-C or SIGTERM; SIGHUP restarts process by process."""
    raise typer.Exit(serve_all(Settings()))


@app.command(hidden=True)
def web(
    listener: Annotated[int, typer.Option(help="套接字 descriptor of the listening socket")],
    pulse: Annotated[int, typer.Option(help="心跳管道 descriptor of the pulse")] = -1,
    alone: Annotated[int, typer.Option(help="1：没有别的进程在应答 no other answers")] = 1,
) -> None:
    """一个应答进程 One process that answers requests."""
    from service.serving.web import run_web

    raise typer.Exit(run_web(Settings(), socket.socket(fileno=listener), pulse, alone == 1))


@app.command()
def worker(
    pulse: Annotated[int, typer.Option(hidden=True, help="心跳管道 descriptor of the pulse")] = -1,
) -> None:
    """运行任务 Run jobs until stopped."""
    raise typer.Exit(run_jobs(Settings(), pulse))


@app.command()
def warm() -> None:
    """编译内核 Load and compile everything, then end: for building an image."""
    from service.scoring.equipment import load_shared
    from service.scoring.warm import warm_all

    print(f"{warm_all(load_shared(Settings())):.1f} s")


@app.command()
def example() -> None:
    """一份示例申请 Print an example application as JSON."""
    from service.examples import applications

    print(json.dumps(next(iter(applications().values())), ensure_ascii=False))


for name in OTHERS:
    if find_spec(name) is not None:
        other: typer.Typer = importlib.import_module(name).app
        app.registered_commands += other.registered_commands
        app.registered_groups += other.registered_groups


if __name__ == "__main__":
    app()
