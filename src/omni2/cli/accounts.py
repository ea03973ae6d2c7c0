"""What `admin create` and `user create` share."""

import json
from pathlib import Path

from omni2.cli.context import Office, read_password, run_in
from omni2.cli.output import line
from omni2.identity.people import create_active_user, create_user
from omni2.identity.schemas import LinkCreated, UserCreate, UserCreated, UserView, user_view
from omni2.kernel.journal import CONSOLE


def create_account(data: Path, body: UserCreate, *, password_stdin: bool, as_json: bool) -> None:
    """Create a person with the password from standard input, or print a one-time link to set one."""
    password = read_password() if password_stdin else None

    async def create(office: Office) -> UserView | UserCreated:
        if password is not None:
            stored = await office.passwords.hash(password)
            user = await create_active_user(
                office.database, body.email, body.name, body.role, stored, CONSOLE
            )
            return user_view(user, None)
        user, link = await create_user(office.database, body.email, body.name, body.role, CONSOLE)
        url = link.url(office.origin)
        return UserCreated(user=user_view(user, None), link=url, expires_at=link.expires_at)

    created = run_in(data, create)
    if as_json:
        line(created.model_dump_json())
    elif isinstance(created, LinkCreated):
        line(created.link)
    else:
        line(f"Created {created.email} as {created.role}.")


def print_json(value: object) -> None:
    """Print a value as one line of JSON."""
    line(json.dumps(value))
