"""What a command works with: the installation in a data directory, whether it is being served or not."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from sqlalchemy.ext.asyncio import AsyncSession

from omni2.cli.sealing import is_running, sealing
from omni2.identity.epochs import Mirror
from omni2.identity.models import User
from omni2.identity.passwords import Passwords
from omni2.identity.people import find_user
from omni2.identity.schemas import normalise_email
from omni2.kernel.address import find_origin
from omni2.kernel.bus import Bus, MemoryBus
from omni2.kernel.bus_redis import RedisBus
from omni2.kernel.db import Database
from omni2.kernel.errors import Problem
from omni2.kernel.lease import is_served
from omni2.kernel.log import configure
from omni2.kernel.private import make_private
from omni2.kernel.secrets import Sealer, load_key
from omni2.kernel.settings import Settings
from omni2.migrations import current_revision, revisions, upgrade

T = TypeVar("T")
Data = Annotated[Path, typer.Option(envvar="OMNI2_DATA", help="Directory of the database, keys and logs.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
PasswordStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input; else print a link.")
]
DEFAULT_DATA = Path("data")


@dataclass(frozen=True, slots=True)
class Office:
    """An installation, opened for one command. `origin` is where browsers find it."""

    settings: Settings
    origin: str
    database: Database
    mirror: Mirror
    sealer: Sealer
    passwords: Passwords


def run_in(data: Path, command: Callable[[Office], Awaitable[T]]) -> T:
    """Open the installation in `data`, run `command`, close everything."""

    async def run() -> T:
        async with opened(data) as office:
            return await command(office)

    configure("WARNING", as_json=False)
    make_private(data)
    return asyncio.run(run())


@asynccontextmanager
async def opened(data: Path) -> AsyncIterator[Office]:
    """Open the installation; an empty or older database is brought up to date first."""
    settings = Settings(data=data)
    bus: Bus = RedisBus(settings.bus_url.get_secret_value()) if settings.bus_url else MemoryBus()
    database = Database(settings.sqlalchemy_url, bus, synchronous=settings.sqlite_synchronous)
    passwords = Passwords(1)
    await bus.open()
    try:
        await _bring_up_to_date(database)
        key = load_key(data, settings.secret_key.get_secret_value() if settings.secret_key else None)
        origin = await _origin(settings, database)
        async with sealing(settings, database):
            yield Office(settings, origin, database, Mirror(database), Sealer(key), passwords)
    finally:
        passwords.close()
        await database.aclose()
        await bus.aclose()


async def require_user(session: AsyncSession, email: str) -> User:
    """Return the person with this e-mail address; raise `Problem` when there is none."""
    try:
        user = await find_user(session, normalise_email(email))
    except ValueError as error:
        raise Problem("invalid_request", 422, f"{email} is not an e-mail address.") from error
    if user is None:
        raise Problem("not_found", 404, f"Nobody here has the e-mail address {email}.")
    return user


def read_password() -> str:
    """Return the first line of standard input."""
    return sys.stdin.readline().rstrip("\r\n")


async def _origin(settings: Settings, database: Database) -> str:
    """Return where a server that runs says that it is; settings come first only while none runs."""
    found = find_origin(settings.data)
    if settings.public_url or found is None:
        return settings.origin
    told = settings.model_fields_set & {"host", "port"}
    return settings.origin if told and not await is_running(database) else found


async def _bring_up_to_date(database: Database) -> None:
    if database.is_sqlite and is_served(database.path):
        async with database.connect_writer() as connection:
            current = await connection.run_sync(current_revision)
        if current in revisions()[:-1]:
            raise Problem(
                "served_by_another_version",
                409,
                "The server that runs is older than this command. Restart it with this version first.",
            )
    await upgrade(database)
