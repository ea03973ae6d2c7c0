"""Signing in to a server: begun by a browser session, finished by the same one, once, within ten minutes."""

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import Any, cast

import structlog
from sqlalchemy import delete

from omni2.catalog.models import Server
from omni2.catalog.servers import get_server
from omni2.catalog.sign_in_models import SHARED, PendingSignIn, ServerCredential, ServerSignIn
from omni2.hub.hub import Hub
from omni2.hub.our_client import client_for
from omni2.hub.policy import same_origin
from omni2.hub.sign_in_store import Held, context_of, find_credential, keep_held, new_credential, server_of
from omni2.identity.principal import Principal
from omni2.kernel.db import Work
from omni2.kernel.errors import Problem
from omni2.kernel.ids import now
from omni2.kernel.journal import write_journal
from omni2.kernel.jsons import dumps, loads
from omni2.kernel.secrets import digest
from omni2.upstream.challenge import scopes_in
from omni2.upstream.oauth_discovery import SignInServer, discover
from omni2.upstream.oauth_tokens import OurClient, authorization_url, exchange
from omni2.upstream.oauth_wire import OAuthWire

log = structlog.get_logger(__name__)

KEPT = timedelta(minutes=10)
CALLBACK = "/oauth/upstream/callback"
_SAID = {
    "access_denied": "it was not allowed there",
    "invalid_scope": "the permissions that were asked for are not known there",
    "unauthorized_client": "omni2 may not sign people in there",
    "server_error": "the sign-in server failed",
    "temporarily_unavailable": "the sign-in server is busy; try again later",
}


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in that is under way."""

    server_id: str
    owner: str
    page: str
    url: str
    redirect_uri: str
    verifier: str
    server: SignInServer
    client: OurClient


@dataclass(frozen=True, slots=True)
class Finished:
    """What came of a sign-in; `problem` is also on record for the person to read."""

    server_id: str
    slug: str
    page: str
    problem: Problem | None


async def begin(hub: Hub, principal: Principal, row: Server, *, page: str, origin: str) -> str:
    """Return where to send the browser; raise `Problem` when the server's sign-in cannot be found or used."""
    if principal.method != "session":
        raise Problem("browser_needed", 409, "Accounts are connected in a browser. Sign in to omni2 there.")
    url = row.url or ""
    wire = OAuthWire(allow_private=row.allow_private)
    owner = SHARED if row.sign_in == "shared" else principal.user_id
    server = await _asking(hub, row.server_id, owner, await discover(wire, url))
    redirect_uri = origin + CALLBACK
    client = await client_for(hub, wire, row, server, redirect_uri)
    begun = Begun(row.server_id, owner, page, url, redirect_uri, secrets.token_urlsafe(64), server, client)
    state = secrets.token_urlsafe(32)
    async with hub.database.work() as work:
        await _note_begun(hub, work, principal, begun, state)
    return authorization_url(server, client, redirect_uri, state=state, verifier=begun.verifier)


async def finish(hub: Hub, principal: Principal, answer: Mapping[str, str]) -> Finished:
    """Take the answer of a sign-in server; raise `Problem` sign_in_expired for one that nobody waits for."""
    begun = await _take(hub, principal, answer.get("state", ""))
    async with hub.database.read() as session:
        row = await get_server(session, begun.server_id)
    mode = "shared" if begun.owner == SHARED else "per_user"
    if row.sign_in != mode or not same_origin(row.url, begun.url):
        raise _expired()
    try:
        _require_answer(begun, answer)
        wire = OAuthWire(allow_private=row.allow_private)
        tokens = await exchange(
            wire,
            begun.server,
            begun.client,
            begun.redirect_uri,
            code=answer.get("code", ""),
            verifier=begun.verifier,
        )
    except Problem as problem:
        log.warning("sign_in_failed", server=row.slug, code=problem.code)
        await _note_failed(hub, principal, row, begun, problem)
        return Finished(row.server_id, row.slug, begun.page, problem)
    await _note_connected(hub, principal, row, begun, Held(begun.url, begun.server, begun.client, tokens))
    await hub.mirror.catch_up()
    hub.wake(row.server_id)
    return Finished(row.server_id, row.slug, begun.page, None)


async def _asking(hub: Hub, server_id: str, owner: str, server: SignInServer) -> SignInServer:
    """Return the sign-in server with the scopes to ask it for: those that an administrator chose; else those
    that the server wants, with what it granted before and then found missing."""
    async with hub.database.read() as session:
        known = await session.get(ServerSignIn, server_id)
        held = await find_credential(session, server_id, owner)
    if known is not None and known.scopes:
        return replace(server, scopes=tuple(known.scopes.split()))
    if held is None or not held.wanted_scopes:
        return server
    return replace(
        server, scopes=scopes_in(" ".join((*server.scopes, held.scopes or "", held.wanted_scopes)))
    )


async def _note_begun(hub: Hub, work: Work, principal: Principal, begun: Begun, state: str) -> None:
    session, at = work.session, now()
    await session.execute(delete(PendingSignIn).where(PendingSignIn.expires_at <= at))
    await session.execute(
        delete(PendingSignIn).where(
            PendingSignIn.user_id == principal.user_id, PendingSignIn.server_id == begun.server_id
        )
    )
    session.add(
        PendingSignIn(
            state_hash=digest(state),
            server_id=begun.server_id,
            owner=begun.owner,
            user_id=principal.user_id,
            session_hash=principal.credential_id,
            sealed=hub.sealer.seal(dumps(asdict(begun)), context_of(begun.server_id, begun.owner)),
            expires_at=at + KEPT,
        )
    )


async def _take(hub: Hub, principal: Principal, state: str) -> Begun:
    """Return what this very session began, which is used up by that."""
    async with hub.database.work() as work:
        taken = await work.session.execute(
            delete(PendingSignIn)
            .where(
                PendingSignIn.state_hash == digest(state),
                PendingSignIn.user_id == principal.user_id,
                PendingSignIn.session_hash == principal.credential_id,
                PendingSignIn.expires_at > now(),
            )
            .returning(PendingSignIn.sealed, PendingSignIn.server_id, PendingSignIn.owner)
        )
        found = taken.one_or_none()
    if found is None:
        raise _expired()
    opened = hub.sealer.open(found.sealed, context_of(found.server_id, found.owner))
    stored = cast("dict[str, Any]", loads(opened))
    stored["server"], stored["client"] = server_of(stored["server"]), OurClient(**stored["client"])
    return Begun(**stored)


def _require_answer(begun: Begun, answer: Mapping[str, str]) -> None:
    """Raise `Problem` unless the answer holds a code and comes from the very server that was asked."""
    issuer = answer.get("iss")
    if issuer is None and begun.server.says_issuer:
        raise Problem("sign_in_invalid", 502, "The answer does not say which sign-in server it comes from.")
    if issuer is not None and issuer != begun.server.issuer:
        raise Problem("sign_in_invalid", 502, "The answer comes from another sign-in server than was asked.")
    error = answer.get("error")
    if error is not None:
        words = _SAID.get(error, "the sign-in server refused")
        raise Problem("sign_in_refused", 502, f"{words}.", unknown_scope=error == "invalid_scope")
    if not answer.get("code"):
        raise Problem("sign_in_invalid", 502, "The answer of the sign-in server holds no code.")


async def _note_connected(hub: Hub, principal: Principal, row: Server, begun: Begun, held: Held) -> None:
    shared = begun.owner == SHARED
    async with hub.database.work() as work:
        credential = await _credential(work, begun)
        credential.connected_by = principal.email
        await keep_held(work, hub.sealer, credential, held)
        whose = "an account for all who use" if shared else "their own account at"
        sentence = f"Connected {whose} the server {row.title} ({row.slug})."
        write_journal(work, principal.actor, "server.connected", sentence, subject_id=row.server_id)


async def _note_failed(hub: Hub, principal: Principal, row: Server, begun: Begun, problem: Problem) -> None:
    """Keep why, where the person looks; what was connected before stays so."""
    words = f"The sign-in to {row.title} did not work: {problem.detail[:1].lower()}{problem.detail[1:]}"
    async with hub.database.work() as work:
        credential = await _credential(work, begun)
        credential.last_error = words
        if problem.extra.get("unknown_scope"):
            credential.wanted_scopes = None
        sentence = f"Could not connect to the server {row.title} ({row.slug}): {problem.code}."
        write_journal(work, principal.actor, "server.connect_failed", sentence, subject_id=row.server_id)


async def _credential(work: Work, begun: Begun) -> ServerCredential:
    found = await find_credential(work.session, begun.server_id, begun.owner, lock=True)
    if found is None:
        found = new_credential(begun.server_id, begun.owner)
        work.session.add(found)
    return found


def _expired() -> Problem:
    return Problem(
        "sign_in_expired",
        400,
        "This sign-in cannot be finished: it was begun in another browser, was finished before, or took more "
        "than ten minutes. Start it again.",
    )
