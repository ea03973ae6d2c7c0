"""Finds out who signs people in to an MCP server: from its 401 (RFC 9728), then from RFC 8414 metadata."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast
from urllib.parse import urlsplit, urlunsplit

from pydantic import JsonValue

from omni2.kernel.errors import Problem
from omni2.upstream.challenge import parameters, scopes_in
from omni2.upstream.oauth_wire import OAuthWire, Object, broken
from omni2.upstream.ports import CLIENT_INFO

PRM = "/.well-known/oauth-protected-resource"
RFC8414 = "/.well-known/oauth-authorization-server"
OPENID = "/.well-known/openid-configuration"
MAX_TEXT = 2_048

# Most servers refuse whatever comes without a token; some greet whoever comes, and refuse what follows. Those
# of the oldest transport are asked for their stream.
_HELLO: Object = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": CLIENT_INFO}
_KNOCKS: tuple[Object | None, ...] = (
    {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}},
    {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": _HELLO},
    None,
)


@dataclass(frozen=True, slots=True)
class SignInServer:
    """Who signs in to a server, and where. `documents`: clients may be named by the URL of a document.

    `says_issuer`: its answers carry `iss`. `scopes` are those that the server wants.
    """

    resource: str
    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    registration_endpoint: str | None
    revocation_endpoint: str | None
    auth_methods: tuple[str, ...]
    scopes: tuple[str, ...]
    documents: bool
    says_issuer: bool


async def discover(wire: OAuthWire, server_url: str) -> SignInServer:
    """Return who signs in to the server at `server_url`; raise `Problem` that says what is missing."""
    challenged = await _challenge(wire, server_url)
    found = await _resource(wire, server_url, challenged.get("resource_metadata"))
    resource = _text(found, "resource") if found else None
    if resource is not None and not covers(resource, server_url):
        raise broken(server_url, f"it says that its tokens are for {resource[:200]}, which is another server")
    listed = _texts(found, "authorization_servers") if found else ()
    issuer = listed[0] if listed else _origin(server_url)
    metadata = await _metadata(wire, issuer)
    if metadata is None:
        if listed:
            raise broken(issuer, "it publishes no metadata")
        metadata = _before_metadata(issuer)
    scopes = scopes_in(challenged.get("scope")) or (_texts(found, "scopes_supported") if found else ())
    if scopes and "offline_access" in _texts(metadata, "scopes_supported"):
        scopes = tuple(dict.fromkeys((*scopes, "offline_access")))
    return _server(wire, resource or _canonical(server_url), metadata, scopes)


def covers(resource: str, url: str) -> bool:
    """Whether `url` is the resource itself or lies beneath it, on the same origin."""
    one, two = urlsplit(resource), urlsplit(url)
    same = (one.scheme.lower(), one.netloc.lower()) == (two.scheme.lower(), two.netloc.lower())
    path = one.path.rstrip("/")
    return same and (two.path.rstrip("/") == path or two.path.startswith(f"{path}/"))


async def _challenge(wire: OAuthWire, server_url: str) -> Mapping[str, str]:
    """Return what the server says when it is asked without credentials."""
    for message in _KNOCKS:
        reply = await wire.challenge(server_url, message)
        if reply.status == 401:
            return parameters(reply.headers.get("www-authenticate", ""))
    return {}


async def _resource(wire: OAuthWire, server_url: str, named: str | None) -> Object | None:
    """Return the metadata of the resource: where the server says, else at its well-known places."""
    if named is not None:
        reply = await wire.get(named)
        if reply.status != 200 or reply.content is None:
            raise broken(named, "the document that the server names is not there")
        return reply.content
    path = urlsplit(server_url).path.rstrip("/")
    for place in dict.fromkeys((f"{PRM}{path}", PRM)):
        reply = await wire.get(_origin(server_url) + place)
        if reply.status == 200 and reply.content is not None and "authorization_servers" in reply.content:
            return reply.content
    return None


async def _metadata(wire: OAuthWire, issuer: str) -> Object | None:
    """Return the metadata of an authorization server, or None when it publishes none."""
    origin, path = _origin(issuer), urlsplit(issuer).path.rstrip("/")
    places = (RFC8414 + path, OPENID + path, *((path + OPENID,) if path else ()))
    for place in places:
        reply = await wire.get(origin + place)
        if reply.status != 200 or reply.content is None:
            continue
        named = _text(reply.content, "issuer")
        if named is None or named.rstrip("/") != issuer.rstrip("/"):
            raise broken(issuer, "its metadata is that of another issuer")
        if "S256" not in _texts(reply.content, "code_challenge_methods_supported"):
            raise broken(issuer, "it does not support PKCE with S256")
        return reply.content
    return None


def _before_metadata(origin: str) -> Object:
    """Return where the endpoints of revision 2025-03-26 lie on a server that publishes nothing."""
    return {
        "issuer": origin,
        "authorization_endpoint": f"{origin}/authorize",
        "token_endpoint": f"{origin}/token",
        "registration_endpoint": f"{origin}/register",
    }


def _server(wire: OAuthWire, resource: str, metadata: Object, scopes: tuple[str, ...]) -> SignInServer:
    issuer = _text(metadata, "issuer") or ""

    def needed(name: str) -> str:
        url = _text(metadata, name)
        if url is None:
            raise broken(issuer, f"it has no {name}")
        return wire.require(url)

    def optional(name: str) -> str | None:
        url = _text(metadata, name)
        return None if url is None else wire.require(url)

    return SignInServer(
        resource=resource,
        issuer=issuer,
        authorization_endpoint=needed("authorization_endpoint"),
        token_endpoint=needed("token_endpoint"),
        registration_endpoint=optional("registration_endpoint"),
        revocation_endpoint=optional("revocation_endpoint"),
        auth_methods=_texts(metadata, "token_endpoint_auth_methods_supported"),
        scopes=scopes_in(" ".join(scopes)),
        documents=metadata.get("client_id_metadata_document_supported") is True,
        says_issuer=metadata.get("authorization_response_iss_parameter_supported") is True,
    )


def _origin(url: str) -> str:
    parts = urlsplit(url)
    if not parts.scheme or not parts.netloc:
        raise Problem("url_refused", 422, "The server names a sign-in server without an address.")
    return urlunsplit((parts.scheme, parts.netloc, "", "", ""))


def _canonical(url: str) -> str:
    parts = urlsplit(url)
    path = "" if parts.path == "/" else parts.path
    return urlunsplit((parts.scheme.lower(), parts.netloc.lower(), path, parts.query, ""))


def _text(document: Object, name: str) -> str | None:
    value = document.get(name)
    return value if isinstance(value, str) and 0 < len(value) <= MAX_TEXT else None


def _texts(document: Object, name: str) -> tuple[str, ...]:
    value = document.get(name)
    items = cast("list[JsonValue]", value) if isinstance(value, list) else []
    return tuple(item for item in items if isinstance(item, str) and 0 < len(item) <= MAX_TEXT)
