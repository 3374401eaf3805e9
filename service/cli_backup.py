"""``python -m service backup``: a copy of the embedded store, taken while the service goes on."""

from pathlib import Path
from typing import Annotated

import typer

from riskengine.errors import RiskEngineError
from service.settings import Settings
from service.store.backup import back_up

FAILED = 2
"""Exit code where nothing was copied."""
app = typer.Typer()


@app.command("backup")
def backup_command(
    folder: Annotated[Path, typer.Argument(help="新的文件夹 a new folder")],
) -> None:
    """备份 Copy the embedded store into a new folder; the secret is kept apart from it."""
    try:
        made = back_up(Settings(), folder)
    except RiskEngineError as fault:
        typer.echo(f"{fault.wrong.zh} {fault.wrong.en}", err=True)
        typer.echo(f"{fault.cure.zh} {fault.cure.en}", err=True)
        raise typer.Exit(FAILED) from fault
    size = f"{made.bytes / 2**20:,.1f} MiB"
    typer.echo(f"已备份 copied: {made.folder}  数据库 database {size}  文件 files {made.files}")
    typer.echo(
        "密钥未备份，请另处保存 RISKENGINE_SECRET 或 secret 文件；恢复后运行 verify --anchor，"
        "并重做备份之后的删除\n"
        "the secret was not copied: keep it elsewhere; after a restore run verify --anchor and"
        " repeat the erasures made since"
    )
