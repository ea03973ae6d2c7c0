"""The command line: everything that a page does can be scripted."""

import typer

from omni2.cli.openapi import openapi_command
from omni2.cli.serve import serve_command

app = typer.Typer(
    name="omni2",
    help="A governed AI workspace and MCP hub.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command("serve")(serve_command)
app.command("openapi")(openapi_command)


def main() -> None:
    """Run the command line."""
    app()
