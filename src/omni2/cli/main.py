"""The command line: everything that a page does can be scripted."""

import typer

from omni2.cli.admin import app as admin
from omni2.cli.doctor import doctor_command
from omni2.cli.explain import explain_command
from omni2.cli.model import app as model
from omni2.cli.openapi import openapi_command
from omni2.cli.serve import serve_command
from omni2.cli.server import app as server
from omni2.cli.token import app as token
from omni2.cli.usage import app as usage
from omni2.cli.user import app as user

app = typer.Typer(
    name="omni2",
    help="A governed AI workspace and MCP hub.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command("serve")(serve_command)
app.add_typer(admin, name="admin")
app.add_typer(user, name="user")
app.add_typer(token, name="token")
app.add_typer(server, name="server")
app.add_typer(model, name="model")
app.add_typer(usage, name="usage")
app.command("explain")(explain_command)
app.command("doctor")(doctor_command)
app.command("openapi")(openapi_command)


def main() -> None:
    """Run the command line."""
    app()
