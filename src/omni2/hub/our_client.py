"""Who omni2 is to a sign-in server: registered by an admin, by its document, or by itself."""

from urllib.parse import urlsplit

from pydantic import JsonValue

from omni2.catalog.models import Server
from omni2.catalog.sign_in_models import ServerSignIn
from omni2.hub.hub import Hub
from omni2.kernel.errors import Problem
from omni2.kernel.secrets import Sealer
from omni2.upstream.net import refusal
from omni2.upstream.oauth_discovery import SignInServer
from omni2.upstream.oauth_tokens import AuthMethod, OurClient, method_for, register
from omni2.upstream.oauth_wire import OAuthWire

DOCUMENT = "/.well-known/oauth-client"
_PRIVATE = (".local", ".internal", ".lan", ".localhost")


async def client_for(
    hub: Hub, wire: OAuthWire, row: Server, server: SignInServer, redirect_uri: str
) -> OurClient:
    """Return who we are there; raise `Problem` client_needed when only an admin can say."""
    async with hub.database.read() as session:
        known = await session.get(ServerSignIn, row.server_id)
    if known is not None and known.kind == "given" and known.client_id:
        secret = _secret(hub.sealer, known)
        return OurClient(known.client_id, secret, method_for(server.auth_methods) if secret else "none")
    origin = redirect_uri.partition("/oauth/")[0]
    if server.documents and is_public(origin):
        return OurClient(origin + DOCUMENT)
    if known is not None and known.client_id and _fits(known, server, redirect_uri):
        return OurClient(known.client_id, _secret(hub.sealer, known), _method(known.method))
    if server.registration_endpoint is None:
        raise Problem(
            "client_needed",
            409,
            f"The sign-in server of {row.title} registers no programs by itself. Register omni2 there with "
            f"the redirect address {redirect_uri} and enter its client id in the settings of {row.title}.",
        )
    client = await register(wire, server, redirect_uri, origin)
    await _keep(hub, row.server_id, client, server, redirect_uri)
    return client


def our_document(origin: str, redirect_uri: str) -> dict[str, JsonValue]:
    """Return our client id metadata document."""
    return {
        "client_id": origin + DOCUMENT,
        "client_name": "omni2",
        "client_uri": origin,
        "redirect_uris": [redirect_uri],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "none",
    }


def is_public(origin: str) -> bool:
    """Whether a sign-in server on the internet can fetch our document there."""
    parts = urlsplit(origin)
    host = parts.hostname or ""
    if parts.scheme != "https" or "." not in host.strip(".") or host.endswith(_PRIVATE):
        return False
    try:
        return refusal(host, allow_private=False) is None
    except ValueError:
        return True  # a name, not an address


def seal_secret(sealer: Sealer, server_id: str, secret: str | None) -> str | None:
    """Return a client secret as it is stored."""
    return None if secret is None else sealer.seal(secret, _context(server_id))


def _secret(sealer: Sealer, known: ServerSignIn) -> str | None:
    if known.sealed_secret is None:
        return None
    return sealer.open(known.sealed_secret, _context(known.server_id))


def _context(server_id: str) -> str:
    return f"sign_in_client:{server_id}"


def _fits(known: ServerSignIn, server: SignInServer, redirect_uri: str) -> bool:
    """Whether a registration is with this very sign-in server, for this very address of ours."""
    same = (known.issuer, known.redirect_uri) == (server.issuer, redirect_uri)
    return known.kind == "registered" and same


def _method(text: str) -> AuthMethod:
    match text:
        case "client_secret_basic" | "client_secret_post":
            return text
        case _:
            return "none"


async def _keep(hub: Hub, server_id: str, client: OurClient, server: SignInServer, redirect_uri: str) -> None:
    async with hub.database.work() as work:
        row = await work.session.get(ServerSignIn, server_id, with_for_update=True)
        if row is None:
            row = ServerSignIn(server_id=server_id, kind="registered", method="none")
            work.session.add(row)
        if row.kind == "given":
            return
        row.kind, row.client_id, row.method = "registered", client.client_id, client.method
        row.sealed_secret = seal_secret(hub.sealer, server_id, client.secret)
        row.issuer, row.redirect_uri = server.issuer, redirect_uri
