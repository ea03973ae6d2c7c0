"""Stored sign-ins: what a sign-in server gave, sealed for one server and one owner."""

from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from omni2.catalog.sign_in_models import SHARED, ServerCredential
from omni2.identity.epochs import bump
from omni2.kernel.db import Work
from omni2.kernel.ids import new_id, now
from omni2.kernel.jsons import dumps, loads
from omni2.kernel.secrets import Sealer
from omni2.upstream.oauth_discovery import SignInServer
from omni2.upstream.oauth_tokens import OurClient, Tokens

EARLY = timedelta(minutes=5)
EARLY_SHARE = 5  # a token is renewed when a fifth of its life is left, at most five minutes before its end


@dataclass(frozen=True, slots=True)
class Held:
    """What a sign-in gave, and all that it takes to renew it. `url` is the server's address at that time."""

    url: str
    server: SignInServer
    client: OurClient
    tokens: Tokens = field(repr=False)


def seal_held(sealer: Sealer, held: Held, server_id: str, owner: str) -> str:
    """Return the sealed form."""
    return sealer.seal(dumps(asdict(held)), context_of(server_id, owner))


def open_held(sealer: Sealer, sealed: str, server_id: str, owner: str) -> Held:
    """Return what was sealed for this server and owner; raise `Problem` secret_unreadable for others."""
    found = cast("dict[str, Any]", loads(sealer.open(sealed, context_of(server_id, owner))))
    return Held(
        url=found["url"],
        server=server_of(found["server"]),
        client=OurClient(**found["client"]),
        tokens=Tokens(**found["tokens"]),
    )


def server_of(found: dict[str, Any]) -> SignInServer:
    """Return a sign-in server as it was stored."""
    lists: dict[str, Any] = {name: tuple(found[name]) for name in ("auth_methods", "scopes")}
    return SignInServer(**{**found, **lists})


def context_of(server_id: str, owner: str) -> str:
    """Return the context that a sign-in is sealed for."""
    return f"sign_in:{server_id}:{owner}"


async def find_credential(
    session: AsyncSession, server_id: str, owner: str, *, lock: bool = False
) -> ServerCredential | None:
    """Return the row of an owner."""
    query = select(ServerCredential).where(
        ServerCredential.server_id == server_id, ServerCredential.owner == owner
    )
    return await session.scalar(query.with_for_update() if lock else query)


async def keep_held(work: Work, sealer: Sealer, row: ServerCredential, held: Held) -> None:
    """Store what a sign-in gave, and tell the replicas."""
    tokens, at = held.tokens, now()
    row.sealed = seal_held(sealer, held, row.server_id, row.owner)
    row.state, row.last_error, row.busy_until = "connected", None, None
    row.scopes = tokens.scope or " ".join(held.server.scopes) or None
    row.expires_at, row.refresh_at = times_of(tokens, at)
    row.refreshed_at, row.connected_at = None, at
    await bump(work, "credentials", row.credential_id)


def times_of(tokens: Tokens, at: datetime) -> tuple[datetime | None, datetime | None]:
    """Return when tokens that came at `at` end, and when they are to be renewed."""
    if tokens.lifetime_s is None:
        return None, None
    life = timedelta(seconds=tokens.lifetime_s)
    ends = at + life
    return ends, ends - min(EARLY, life / EARLY_SHARE) if tokens.refresh else None


def new_credential(server_id: str, owner: str) -> ServerCredential:
    """Return a row for an owner that has none."""
    return ServerCredential(
        credential_id=new_id(),
        server_id=server_id,
        owner=owner,
        user_id=None if owner == SHARED else owner,
        state="failed",
    )
