"""`omni2 mcp`: a door over standard input and output, for clients that start a program."""

import asyncio
import os
from pathlib import Path
from typing import Annotated

import typer

from omni2.cli.output import refusing
from omni2.cli.stdio_relay import relay
from omni2.kernel.address import find_origin
from omni2.kernel.errors import Problem, invalid
from omni2.kernel.settings import Settings

Data = Annotated[Path, typer.Option(envvar="OMNI2_DATA", help="Directory of the server that runs here.")]


@refusing
def mcp_command(
    url: Annotated[
        str | None,
        typer.Option(help="The endpoint, such as https://omni2.example.com/mcp; else the server here."),
    ] = None,
    token_file: Annotated[
        Path | None, typer.Option(help="A file with the access token, instead of OMNI2_TOKEN.")
    ] = None,
    data: Data = Path("data"),
) -> None:
    """Relay MCP between standard input and output and a server; ends when the input does."""
    where = url or f"{find_origin(data) or Settings(data=data).origin}/mcp"
    if not where.startswith(("http://", "https://")):
        raise invalid("url", "Give the URL of the endpoint, such as https://omni2.example.com/mcp.")
    asyncio.run(relay(where, _token(token_file)))


def _token(file: Path | None) -> str:
    found = file.read_text(encoding="utf-8") if file else os.environ.get("OMNI2_TOKEN", "")
    if not found.strip():
        raise Problem(
            "token_missing", 401, "Set OMNI2_TOKEN, or name a file with the token: --token-file FILE."
        )
    return found.strip()
