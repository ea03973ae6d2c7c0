"""`omni2 token`: access tokens, from the command line."""

import re
from typing import Annotated

import typer

from omni2.cli.accounts import print_json
from omni2.cli.context import DEFAULT_DATA, AsJson, Data, Office, require_user, run_in
from omni2.cli.output import line, refusing
from omni2.identity.credentials import create_token
from omni2.identity.schemas import TokenCreate, TokenCreated, token_view
from omni2.kernel.errors import Problem, invalid
from omni2.kernel.journal import CONSOLE

app = typer.Typer(help="Access tokens.", no_args_is_help=True)
_DAYS = re.compile(r"(\d{1,4})d")


@app.callback()
def token() -> None:
    """Access tokens."""


@app.command("create")
@refusing
def create(
    user: Annotated[str, typer.Option(help="E-mail address of the owner.")],
    scopes: Annotated[str, typer.Option(help="What it opens: chat, mcp, api, with commas between.")],
    name: Annotated[str, typer.Option(help="What it is called in lists.")] = "command line",
    expires: Annotated[str | None, typer.Option(help="After how long it ends, such as 90d.")] = None,
    servers: Annotated[str | None, typer.Option(help="Slugs that it is limited to, with commas.")] = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Create an access token and print it alone."""
    limit = None if servers is None else _listed(servers)
    body = TokenCreate.model_validate(
        {"name": name, "scopes": _listed(scopes), "expires_in_days": _days(expires), "servers": limit}
    )

    async def make(office: Office) -> TokenCreated:
        async with office.database.read() as session:
            owner = await require_user(session, user)
        if owner.status == "deactivated":
            raise Problem("deactivated", 409, f"{owner.email} is deactivated. Activate the account first.")
        made, secret = await create_token(office.database, owner, body, CONSOLE)
        return TokenCreated(token=token_view(made), secret=secret)

    created = run_in(data, make)
    if as_json:
        print_json(created.model_dump(mode="json"))
    else:
        line(created.secret)


def _listed(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _days(expires: str | None) -> int | None:
    if expires is None:
        return None
    found = _DAYS.fullmatch(expires.strip())
    if found is None:
        raise invalid("expires", "Say after how many days the token ends, such as 90d.")
    return int(found.group(1))
