"""The requests of an OAuth 2.1 client: authorization, codes, refresh, revocation, registration."""

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import quote, urlencode, urlsplit

from pydantic import JsonValue

from omni2.kernel.errors import Problem
from omni2.upstream.oauth_discovery import SignInServer
from omni2.upstream.oauth_wire import OAuthWire, Object, Reply, broken

AuthMethod = Literal["none", "client_secret_basic", "client_secret_post"]
MAX_LIFETIME_S = 366 * 86_400
_ACCESS = re.compile(r"[\x21-\x7e]{1,8192}")
_ERROR = re.compile(r"[a-z_]{1,64}")


@dataclass(frozen=True, slots=True)
class OurClient:
    """Who omni2 is to a sign-in server."""

    client_id: str
    secret: str | None = field(default=None, repr=False)
    method: AuthMethod = "none"


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a sign-in server gave. `lifetime_s` is None when it did not say."""

    access: str = field(repr=False)
    refresh: str | None = field(repr=False)
    lifetime_s: int | None
    scope: str | None


def authorization_url(
    server: SignInServer, client: OurClient, redirect_uri: str, *, state: str, verifier: str
) -> str:
    """Return where a browser is sent to sign in."""
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    fields = {
        "response_type": "code",
        "client_id": client.client_id,
        "redirect_uri": redirect_uri,
        "state": state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        "resource": server.resource,
        **({"scope": " ".join(server.scopes)} if server.scopes else {}),
        **({"prompt": "consent"} if "offline_access" in server.scopes else {}),
    }
    mark = "&" if urlsplit(server.authorization_endpoint).query else "?"
    return f"{server.authorization_endpoint}{mark}{urlencode(fields)}"


async def exchange(
    wire: OAuthWire, server: SignInServer, client: OurClient, redirect_uri: str, *, code: str, verifier: str
) -> Tokens:
    """Return the tokens of a code; raise `Problem` sign_in_refused with its `error`, or another."""
    fields = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "code_verifier": verifier,
        "resource": server.resource,
    }
    return await _tokens(wire, server, client, fields)


async def renew(wire: OAuthWire, server: SignInServer, client: OurClient, refresh: str) -> Tokens:
    """Return fresh tokens; a refresh token that was not rotated stays. Raises like `exchange`."""
    fields = {"grant_type": "refresh_token", "refresh_token": refresh, "resource": server.resource}
    tokens = await _tokens(wire, server, client, fields)
    return tokens if tokens.refresh else Tokens(tokens.access, refresh, tokens.lifetime_s, tokens.scope)


async def revoke(wire: OAuthWire, server: SignInServer, client: OurClient, tokens: Tokens) -> bool:
    """Give tokens back where that is offered; return whether it was done. Raises `Problem`."""
    if server.revocation_endpoint is None:
        return False
    kind, value = ("refresh_token", tokens.refresh) if tokens.refresh else ("access_token", tokens.access)
    sent, authorization = _identified(client, {"token": value, "token_type_hint": kind})
    reply = await wire.post_form(server.revocation_endpoint, sent, authorization)
    return reply.status == 200


async def register(wire: OAuthWire, server: SignInServer, redirect_uri: str, origin: str) -> OurClient:
    """Register omni2 as a client (RFC 7591); raise `Problem` when that is refused."""
    endpoint = server.registration_endpoint
    if endpoint is None:
        raise Problem("sign_in_invalid", 502, "The sign-in server registers no programs.")
    public = not server.auth_methods or "none" in server.auth_methods
    asked: Object = {
        "client_name": "omni2",
        "client_uri": origin,
        "application_type": "web" if urlsplit(origin).scheme == "https" else "native",
        "redirect_uris": [redirect_uri],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "none" if public else method_for(server.auth_methods),
        **({"scope": " ".join(server.scopes)} if server.scopes else {}),
    }
    reply = await wire.post_json(endpoint, asked)
    if reply.status not in {200, 201}:
        raise _refused(endpoint, reply)
    match reply.content:
        case {"client_id": str(client_id)} as found if 0 < len(client_id) <= 512:
            secret = found.get("client_secret")
            if not isinstance(secret, str) or not secret:
                return OurClient(client_id)
            return OurClient(client_id, secret, _registered_method(found, server.auth_methods))
        case _:
            raise broken(endpoint, "it gave no client id")


def method_for(offered: tuple[str, ...]) -> AuthMethod:
    """Return how a secret is shown to a server that offers these ways."""
    return "client_secret_post" if offered and "client_secret_basic" not in offered else "client_secret_basic"


def _registered_method(found: Mapping[str, JsonValue], offered: tuple[str, ...]) -> AuthMethod:
    match found.get("token_endpoint_auth_method"):
        case "client_secret_basic" | "client_secret_post" | "none" as method:
            return method
        case _:
            return method_for(offered)


async def _tokens(
    wire: OAuthWire, server: SignInServer, client: OurClient, fields: Mapping[str, str]
) -> Tokens:
    sent, authorization = _identified(client, fields)
    reply = await wire.post_form(server.token_endpoint, sent, authorization)
    if reply.status != 200:
        raise _refused(server.token_endpoint, reply)
    match reply.content:
        case {"access_token": str(access), "token_type": str(kind)} as found if _ACCESS.fullmatch(access):
            if kind.lower() != "bearer":
                raise broken(server.token_endpoint, "its tokens are not bearer tokens")
            return Tokens(access, _refresh(found), _lifetime(found), _scope(found))
        case _:
            raise broken(server.token_endpoint, "its answer holds no access token")


def _identified(client: OurClient, fields: Mapping[str, str]) -> tuple[dict[str, str], str | None]:
    """Return a form and the header that say who we are."""
    match client:
        case OurClient(client_id, str(secret), "client_secret_basic"):
            pair = f"{quote(client_id, safe='')}:{quote(secret, safe='')}"
            return dict(fields), f"Basic {base64.b64encode(pair.encode()).decode()}"
        case OurClient(client_id, str(secret), "client_secret_post"):
            return {**fields, "client_id": client_id, "client_secret": secret}, None
        case _:
            return {**fields, "client_id": client.client_id}, None


def _refused(url: str, reply: Reply) -> Problem:
    """Return what a refusal says; a server may repeat what it was sent, so only its code is kept."""
    error = (reply.content or {}).get("error")
    if isinstance(error, str) and _ERROR.fullmatch(error):
        host = urlsplit(url).hostname
        return Problem("sign_in_refused", 502, f"{host} refused: {error}.", error=error)
    if reply.status >= 500 or reply.status == 429:
        return Problem(
            "sign_in_unreachable", 502, f"{urlsplit(url).hostname} failed (HTTP {reply.status}). Try again."
        )
    return broken(url, f"it answered HTTP {reply.status}")


def _refresh(found: Mapping[str, JsonValue]) -> str | None:
    value = found.get("refresh_token")
    return value if isinstance(value, str) and 0 < len(value) <= 8_192 else None


def _lifetime(found: Mapping[str, JsonValue]) -> int | None:
    match found.get("expires_in"):
        case bool():
            return None
        case int() | float() as seconds if seconds > 0:
            return int(min(seconds, MAX_LIFETIME_S))
        case str(text) if text.isdecimal() and len(text) < 12:
            return min(int(text), MAX_LIFETIME_S)
        case _:
            return None


def _scope(found: Mapping[str, JsonValue]) -> str | None:
    value = found.get("scope")
    return " ".join(value.split())[:2_000] if isinstance(value, str) else None
