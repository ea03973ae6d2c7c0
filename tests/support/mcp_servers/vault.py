"""An MCP server behind a small OAuth 2.1 authorization server of its own, which notes all that it is sent."""

import asyncio
import base64
import hashlib
import json
import secrets
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode

from tests.support.mcp_servers.raw_http import JSON, Receive, Scope, Send, answer, body_of, respond, text
from tests.support.mcp_servers.workshop import Workshop

_caller: ContextVar[str] = ContextVar("caller", default="")


@dataclass
class Vault(Workshop):
    """`whoami` tells the account, `leak` repeats the credentials. Tests turn its manners by the fields.

    `needs` says which scope a tool needs; when `grudging`, none of these is ever granted. When it `greets`,
    it shakes hands with whoever comes.
    """

    origin: str = ""
    account: str = "ann@vault.test"
    lifetime_s: int | None = 3600
    rotates: bool = True
    registers: bool = True
    documents: bool = False
    wanted: dict[str, Any] | None = None
    metadata: dict[str, Any] = field(default_factory=dict[str, Any])
    resource: dict[str, Any] = field(default_factory=dict[str, Any])
    names_resource: str | None = None
    says_issuer: str | None = ""
    refuses: str | None = None
    refuses_refresh: str | None = None
    leads_to: str = ""
    hides: tuple[str, ...] = ()
    described_at: str = "/.well-known/oauth-authorization-server"
    gate_refresh: asyncio.Event | None = None
    refreshing: asyncio.Event = field(default_factory=asyncio.Event)
    clients: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    codes: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])
    access: dict[str, str] = field(default_factory=dict[str, str])
    refresh: dict[str, str] = field(default_factory=dict[str, str])
    given: list[str] = field(default_factory=list[str])
    revoked: list[str] = field(default_factory=list[str])
    grants: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    arrived: list[tuple[str, dict[str, str], bytes]] = field(
        default_factory=list[tuple[str, dict[str, str], bytes]]
    )
    tools: tuple[str, ...] = ("whoami", "leak", "echo")
    needs: dict[str, str] = field(default_factory=dict[str, str])
    allowed: dict[str, str] = field(default_factory=dict[str, str])
    grudging: bool = False
    greets: bool = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one HTTP request, of either server."""
        if scope["type"] != "http":
            return
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        path: str = scope["path"]
        self.arrived.append((path, headers, scope["query_string"]))
        if path != "/mcp":
            await self._sign_in(scope, headers, receive, send)
            return
        token = headers.get("authorization", "").removeprefix("Bearer ")
        if token not in self.access:
            if self.greets and await self._greeted(await body_of(receive), send):
                return
            named = self.names_resource or f"{self.origin}/.well-known/oauth-protected-resource/mcp"
            challenge = f'Bearer resource_metadata="{named}", scope="tools:read"'.encode()
            if self.hides:
                challenge = b"Bearer"
            await respond(send, 401, b'{"error":"no"}', JSON, (b"www-authenticate", challenge))
            return
        kept = _caller.set(token)
        try:
            await super().__call__(scope, receive, send)
        finally:
            _caller.reset(kept)

    def of(self, path: str) -> list[dict[str, str]]:
        """Return the headers of every request to a path."""
        return [headers for asked, headers, _ in self.arrived if asked == path]

    def expire(self) -> None:
        """Let every access token that was given be refused from now on."""
        self.access.clear()

    async def _greeted(self, body: bytes, send: Send) -> bool:
        message = json.loads(body)
        if message["method"] == "initialize":
            info = {"name": "vault", "version": "1"}
            able: dict[str, Any] = {"tools": {}}
            result = {"protocolVersion": self.revision, "capabilities": able, "serverInfo": info}
            await answer(send, message["id"], result)
        return message["method"] == "initialize"

    async def _call(self, message: dict[str, Any], receive: Receive, send: Send) -> None:
        name = message["params"]["name"]
        needed = self.needs.get(name)
        if needed is not None and needed not in self.allowed.get(_caller.get(), "").split():
            challenge = f'Bearer error="insufficient_scope", scope="{needed}"'.encode()
            await respond(
                send, 403, b'{"error":"insufficient_scope"}', JSON, (b"www-authenticate", challenge)
            )
            return
        match name:
            case "whoami":
                await answer(send, message["id"], text(self.access.get(_caller.get(), "nobody")))
            case "leak":
                await answer(send, message["id"], text(f"you sent Bearer {_caller.get()}"))
            case _:
                await super()._call(message, receive, send)

    async def _sign_in(self, scope: Scope, headers: Mapping[str, str], receive: Receive, send: Send) -> None:
        path = str(scope["path"])
        content = await body_of(receive)
        if path.startswith(self.hides or ("-",)):
            await respond(send, 404, b"")
        elif path.startswith("/.well-known/oauth-protected-resource"):
            document = {"resource": f"{self.origin}/mcp", "authorization_servers": [self.origin]}
            await self._say(send, 200, {**document, **self.resource})
        elif path == self.described_at:
            await self._say(send, 200, self._described())
        elif path == "/register" and self.registers:
            asked = json.loads(content)
            client = {**asked, "client_id": secrets.token_urlsafe(8)}
            self.clients[client["client_id"]] = client
            await self._say(send, 201, client)
        elif path == "/led":
            await respond(send, 302, b"", (b"location", self.leads_to.encode()))
        elif path == "/authorize":
            await self._authorize(_fields(scope["query_string"]), send)
        elif path == "/token":
            await self._token(_fields(content), send)
        elif path == "/revoke":
            self._revoke(_fields(content)["token"])
            await respond(send, 200, b"")
        else:
            await respond(send, 404, b"")

    def _described(self) -> dict[str, Any]:
        document: dict[str, Any] = {
            "issuer": self.origin,
            "authorization_endpoint": f"{self.origin}/authorize",
            "token_endpoint": f"{self.origin}/token",
            "revocation_endpoint": f"{self.origin}/revoke",
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["none", "client_secret_basic"],
            "authorization_response_iss_parameter_supported": True,
            "client_id_metadata_document_supported": self.documents,
        }
        if self.registers:
            document["registration_endpoint"] = f"{self.origin}/register"
        return {**document, **self.metadata}

    async def _authorize(self, asked: dict[str, str], send: Send) -> None:
        assert asked["code_challenge_method"] == "S256"
        assert asked["resource"] == self.resource.get("resource", f"{self.origin}/mcp")
        code = secrets.token_urlsafe(8)
        self.codes[code] = {**asked, "account": self.account}
        issuer = self.origin if self.says_issuer == "" else self.says_issuer
        said = {"error": self.refuses} if self.refuses else {"code": code}
        answered = {**said, "state": asked["state"], **({"iss": issuer} if issuer else {})}
        where = f"{asked['redirect_uri']}?{urlencode(answered)}"
        await respond(send, 302, b"", (b"location", where.encode()))

    async def _token(self, asked: dict[str, str], send: Send) -> None:
        self.grants.append(asked)
        if asked["grant_type"] == "authorization_code":
            begun = self.codes.pop(asked["code"], None)
            digest = hashlib.sha256(asked["code_verifier"].encode()).digest()
            challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
            if begun is None or begun["code_challenge"] != challenge:
                await self._say(send, 400, {"error": "invalid_grant"})
                return
            scope = begun.get("scope", "")
            if self.grudging:
                scope = " ".join(one for one in scope.split() if one not in self.needs.values())
            await self._give(send, begun["account"], scope)
            return
        self.refreshing.set()
        if self.gate_refresh is not None:
            await self.gate_refresh.wait()
        shown = asked["refresh_token"]
        account = self.refresh.get(shown)
        if self.refuses_refresh or account is None:
            status = 503 if self.refuses_refresh == "temporarily_unavailable" else 400
            await self._say(send, status, {"error": self.refuses_refresh or "invalid_grant"})
            return
        if self.rotates:
            del self.refresh[shown]
        await self._give(send, account, self.allowed[shown], None if self.rotates else shown)

    async def _give(self, send: Send, account: str, scope: str, refresh: str | None = None) -> None:
        access, refresh = secrets.token_urlsafe(24), refresh or secrets.token_urlsafe(24)
        self.access[access] = self.refresh[refresh] = account
        self.allowed[access] = self.allowed[refresh] = scope
        self.given += [access, refresh]
        given: dict[str, Any] = {"access_token": access, "token_type": "Bearer", "refresh_token": refresh}
        if self.lifetime_s is not None:
            given["expires_in"] = self.lifetime_s
        await self._say(send, 200, {**given, **(self.wanted or {})})

    def _revoke(self, token: str) -> None:
        self.revoked.append(token)
        account = self.refresh.pop(token, None) or self.access.pop(token, None)
        for known in [known for known, whose in self.access.items() if whose == account]:
            del self.access[known]

    async def _say(self, send: Send, status: int, document: Mapping[str, Any]) -> None:
        await respond(send, status, json.dumps(document).encode(), JSON)


def _fields(content: bytes) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(content.decode()).items()}
