"""Signing out of a server, and changing how people sign in to it: what is no longer wanted is forgotten."""

from contextlib import suppress

import structlog
from sqlalchemy import delete

from omni2.catalog.models import Server
from omni2.catalog.servers import get_server
from omni2.catalog.sign_in_models import SHARED, PendingSignIn, ServerCredential, ServerSignIn
from omni2.hub.hub import Hub
from omni2.hub.our_client import seal_secret
from omni2.hub.schemas_sign_in import SignInPut
from omni2.hub.sign_in_store import find_credential, open_held
from omni2.identity.epochs import bump, serialise
from omni2.identity.principal import Principal
from omni2.kernel.db import Work
from omni2.kernel.errors import Problem, invalid
from omni2.kernel.journal import Actor, write_journal
from omni2.upstream.oauth_tokens import revoke
from omni2.upstream.oauth_wire import OAuthWire
from omni2.upstream.signed_pool import with_token
from omni2.upstream.targets import server_target

log = structlog.get_logger(__name__)

_MODES = {
    "none": "no sign-in",
    "shared": "one account for all",
    "per_user": "an account of each person's own",
}


async def sign_out(hub: Hub, principal: Principal, row: Server, owner: str) -> None:
    """Forget a sign-in, here at once; then give its tokens back to the server, if it takes them."""
    async with hub.database.work() as work:
        await serialise(work)
        found = await find_credential(work.session, row.server_id, owner, lock=True)
        if found is None:
            return
        sealed = found.sealed
        await _forget(work, found)
        whose = "the account for all who use" if owner == SHARED else "their own account at"
        sentence = f"Disconnected {whose} the server {row.title} ({row.slug})."
        write_journal(work, principal.actor, "server.disconnected", sentence, subject_id=row.server_id)
    await hub.mirror.catch_up()
    hub.wake(row.server_id)
    if sealed is not None:
        with suppress(Problem):
            await _give_back(hub, row, owner, sealed)


async def put_sign_in(hub: Hub, actor: Actor, server_id: str, body: SignInPut) -> None:
    """Change who signs in, and as which client; sign-ins that this leaves without use are forgotten."""
    async with hub.database.work() as work:
        await serialise(work)
        row = await get_server(work.session, server_id, lock=True)
        if body.mode != "none" and row.transport == "stdio":
            raise invalid("mode", f"A server over {row.transport} takes no sign-in.")
        if row.demo:
            raise Problem(
                "demo_server", 409, "A demo server is reached as it is. Add a server of your own instead."
            )
        known = await work.session.get(ServerSignIn, server_id, with_for_update=True)
        if known is None:
            known = ServerSignIn(server_id=server_id, kind="registered", method="none")
            work.session.add(known)
        other_client = _note_client(hub, known, body)
        if row.sign_in != body.mode or other_client:
            await _forget_all(work, server_id)
        if row.sign_in != body.mode:
            row.sign_in, row.version = body.mode, row.version + 1
        sentence = f"Set {_MODES[body.mode]} for the server {row.title} ({row.slug})."
        write_journal(work, actor, "server.sign_in_changed", sentence, subject_id=server_id)
        await bump(work, "catalog")
    await hub.settle()
    hub.wake(server_id)


def _note_client(hub: Hub, known: ServerSignIn, body: SignInPut) -> bool:
    """Store which client we are; return whether it is another one."""
    known.scopes = body.scopes or None
    if body.client_id is None:
        if known.kind != "given":
            return False
        known.kind, known.client_id, known.sealed_secret, known.method = "registered", None, None, "none"
        known.issuer = known.redirect_uri = None
        return True
    other = known.kind != "given" or known.client_id != body.client_id
    if other or body.client_secret is not None:
        known.sealed_secret = seal_secret(hub.sealer, known.server_id, body.client_secret)
    known.kind, known.client_id = "given", body.client_id
    return other


async def _forget_all(work: Work, server_id: str) -> None:
    await work.session.execute(delete(PendingSignIn).where(PendingSignIn.server_id == server_id))
    gone = await work.session.scalars(
        delete(ServerCredential)
        .where(ServerCredential.server_id == server_id)
        .returning(ServerCredential.credential_id)
    )
    for credential_id in gone.all():
        await bump(work, "credentials", credential_id)


async def _forget(work: Work, found: ServerCredential) -> None:
    await work.session.delete(found)
    await bump(work, "credentials", found.credential_id)


async def _give_back(hub: Hub, row: Server, owner: str, sealed: str) -> None:
    """Close the session of a token, then revoke it; that this fails keeps nobody signed in here."""
    held = open_held(hub.sealer, sealed, row.server_id, owner)
    entry = (await hub.catalog.snapshot()).find_server(row.server_id)
    if entry is not None:
        user_id = None if owner == SHARED else owner
        target = server_target(entry, hub.sealer, user_id)
        await hub.pool.release(with_token(target, held.tokens.access))
    try:
        await revoke(OAuthWire(allow_private=row.allow_private), held.server, held.client, held.tokens)
    except Problem as problem:
        log.warning("tokens_not_revoked", server=row.slug, code=problem.code)
