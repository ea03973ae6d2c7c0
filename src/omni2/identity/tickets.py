"""One-time socket tickets: what a program shows instead of its token where it cannot send headers.

A ticket is 256 random bits, lives ten seconds, opens one socket, and travels as a WebSocket subprotocol:
never in a URL. It stands for the token that asked for it and is worth nothing once that is revoked.
"""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select

from omni2.identity.auth import Authenticator, not_signed_in
from omni2.identity.models import Ticket
from omni2.identity.principal import Principal
from omni2.kernel.db import Database
from omni2.kernel.errors import Problem
from omni2.kernel.ids import now
from omni2.kernel.secrets import digest

LIFETIME = timedelta(seconds=10)
OPEN_LIMIT = 100
PROTOCOL = "omni2.chat"
PREFIX = "omni2.ticket."


async def issue_ticket(database: Database, principal: Principal) -> tuple[str, datetime]:
    """Return a new ticket for the token that asks, stored nowhere, and when it ends."""
    if principal.method != "token":
        raise Problem("token_needed", 403, "Tickets are for programs. Ask for one with an access token.")
    ticket, expires_at = secrets.token_urlsafe(32), now() + LIFETIME
    async with database.work() as work:
        await work.session.execute(delete(Ticket).where(Ticket.expires_at <= now()))
        held = select(func.count()).select_from(Ticket).where(Ticket.token_hash == principal.credential_id)
        if (await work.session.scalar(held) or 0) >= OPEN_LIMIT:
            detail = f"There are {OPEN_LIMIT} unused tickets already. Use one, or wait ten seconds."
            raise Problem(
                "too_many_tickets", 429, detail, retry_after_ms=LIFETIME // timedelta(milliseconds=1)
            )
        work.session.add(
            Ticket(ticket_hash=digest(ticket), token_hash=principal.credential_id, expires_at=expires_at)
        )
    return ticket, expires_at


async def redeem_ticket(database: Database, authenticator: Authenticator, ticket: str) -> Principal:
    """Use a ticket up and return the principal of its token; raise `Problem` 401. One of several succeeds."""
    async with database.work() as work:
        taken = delete(Ticket).where(Ticket.ticket_hash == digest(ticket))
        found = (
            await work.session.execute(taken.returning(Ticket.token_hash, Ticket.expires_at))
        ).one_or_none()
    if found is None or found.expires_at <= now():
        raise not_signed_in("This ticket does not work: it was used or is older than ten seconds.")
    return await authenticator.by_token_hash(found.token_hash)


def find_ticket(headers: Mapping[str, str]) -> str | None:
    """Return the ticket among the subprotocols that a socket offers."""
    offered = _offered(headers)
    return next((name.removeprefix(PREFIX) for name in offered if name.startswith(PREFIX)), None)


def chosen_protocol(headers: Mapping[str, str]) -> str | None:
    """Return the subprotocol that the server speaks, if it is offered; a ticket is never sent back."""
    return PROTOCOL if PROTOCOL in _offered(headers) else None


def _offered(headers: Mapping[str, str]) -> list[str]:
    return [name.strip() for name in headers.get("sec-websocket-protocol", "").split(",")]
