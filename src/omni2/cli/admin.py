"""`omni2 admin`: the first administrator, and others, from the command line."""

from typing import Annotated

import typer

from omni2.cli.accounts import create_account
from omni2.cli.context import DEFAULT_DATA, AsJson, Data, PasswordStdin
from omni2.cli.output import refusing
from omni2.identity.schemas import UserCreate

app = typer.Typer(help="Administrators.", no_args_is_help=True)


@app.callback()
def admin() -> None:
    """Administrators."""


@app.command("create")
@refusing
def create(
    email: str,
    name: Annotated[str | None, typer.Option(help="The person's name.")] = None,
    password_stdin: PasswordStdin = False,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Create an administrator; prints a one-time link unless the password comes from standard input."""
    body = UserCreate(email=email, name=name, role="admin")
    create_account(data, body, password_stdin=password_stdin, as_json=as_json)
