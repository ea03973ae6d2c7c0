"""A client of the authorization server, by hand: its document over TLS, its requests, its browser."""

import asyncio
import base64
import hashlib
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import orjson
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from omni2.identity.oauth_clients import Clients
from omni2.upstream.documents import Documents
from tests.support.app import Person, Served
from tests.support.clients import NO_TLS

REDIRECT = "http://127.0.0.1:7777/callback"
VERIFIER = "v" * 64
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


@dataclass
class Site:
    """A web site of a client vendor, over TLS on this machine: what lies at which path."""

    origin: str
    trust: ssl.SSLContext
    pages: dict[str, tuple[int, dict[str, str], bytes]] = field(
        default_factory=dict[str, tuple[int, dict[str, str], bytes]]
    )
    asked: list[str] = field(default_factory=list[str])

    def publish(self, path: str = "/client.json", **metadata: Any) -> str:
        """Put a client metadata document there; return its URL, which is the client id."""
        url = self.origin + path
        document = {
            "client_id": url,
            "client_name": "Test client",
            "redirect_uris": [REDIRECT],
            "token_endpoint_auth_method": "none",
            **metadata,
        }
        self.pages[path] = (200, {"content-type": "application/json"}, orjson.dumps(document))
        return url


@asynccontextmanager
async def vendor(folder: Path) -> AsyncIterator[Site]:
    """Serve a site with a certificate of its own."""
    certificate = _certificate(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    site = Site("", ssl.create_default_context(cafile=str(certificate)))

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        path = head.split()[1]
        site.asked.append(path)
        status, headers, body = site.pages.get(path, (404, {"content-type": "text/plain"}, b"nothing"))
        lines = [
            f"HTTP/1.1 {status} X",
            f"content-length: {len(body)}",
            "connection: close",
            *(f"{name}: {value}" for name, value in headers.items()),
        ]
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
    site.origin = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield site
    finally:
        server.close()
        await server.wait_closed()


def trust(served: Served, site: Site) -> None:
    """Let the product believe the site's certificate."""
    documents = Documents(allow_private=True, trust=site.trust)
    served.api.state.clients = Clients(
        served.database, documents.fetch, registration=served.settings.oauth_registration
    )


@dataclass
class OAuthClient:
    """A program that connects to a served product."""

    served: Served
    client_id: str
    redirect_uri: str = REDIRECT

    def query(self, **changed: str | None) -> str:
        """Return the query of an authorization request; None leaves a parameter out."""
        asked: dict[str, str | None] = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "state": "state-1",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
            "resource": f"{self.served.url}/mcp",
            "scope": "mcp",
            **changed,
        }
        return urlencode({name: value for name, value in asked.items() if value is not None})

    async def refused(self, person: Person, query: str) -> str:
        """Return why the person is told that the request is not even put before them: a code."""
        async with self.served.client(person) as browser:
            answer = await browser.get(f"/oauth/authorize?{query}")
            page = await browser.get(f"/oauth/authorize?{query}", headers={"accept": "text/html"})
            inspected = await browser.post("/api/oauth/inspect", json={"query": query})
        assert page.headers["location"].startswith("/consent?request=")
        assert answer.json()["code"] == inspected.json()["code"]
        assert not {"location", "redirect"} & ({*answer.headers} | {*inspected.json()})
        return str(answer.json()["code"])

    async def authorize(self, person: Person | None, query: str) -> str:
        """Return where the authorization endpoint sends a browser."""
        async with self.served.client(person) as browser:
            answer = await browser.get(f"/oauth/authorize?{query}")
        assert answer.status_code == 302, answer.text
        return answer.headers["location"]

    async def decide(self, person: Person, query: str, *, allow: bool = True) -> dict[str, str]:
        """Let the person decide; return the parameters that the client gets."""
        async with self.served.client(person) as browser:
            answer = await browser.post("/api/oauth/decide", json={"query": query, "allow": allow})
        assert answer.status_code == 200, answer.text
        return parameters(answer.json()["redirect"])

    async def code(self, person: Person, **changed: str | None) -> str:
        """Return a fresh code."""
        return (await self.decide(person, self.query(**changed)))["code"]

    async def connect(self, person: Person) -> dict[str, Any]:
        """Return the tokens of a whole flow."""
        return good(await self.exchange(await self.code(person)))

    async def exchange(self, code: str, **changed: str | None) -> httpx.Response:
        """Ask for the tokens of a code."""
        fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": self.redirect_uri}
        return await self.token(**{**fields, "code_verifier": VERIFIER, **changed})

    async def refresh(self, token: str, **changed: str | None) -> httpx.Response:
        """Ask for new tokens."""
        return await self.token(**{"grant_type": "refresh_token", "refresh_token": token, **changed})

    async def token(self, **fields: str | None) -> httpx.Response:
        """Send a token request, as a program does: no cookie, no header of ours."""
        whole = {"client_id": self.client_id, "resource": f"{self.served.url}/mcp", **fields}
        data = {name: value for name, value in whole.items() if value is not None}
        async with httpx.AsyncClient(base_url=self.served.url, timeout=20, verify=NO_TLS) as client:
            return await client.post("/oauth/token", data=data)


def asked_at(location: str) -> str:
    """Return the client's query that an address of the consent page carries."""
    wrapped = parameters(location)["request"].removeprefix("q.")
    return base64.urlsafe_b64decode(wrapped + "=" * (-len(wrapped) % 4)).decode()


def parameters(location: str) -> dict[str, str]:
    """Return the query of an address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


def good(response: httpx.Response) -> dict[str, Any]:
    """Return the body of a successful token request."""
    assert response.status_code == 200, response.text
    return response.json()


def error_of(response: httpx.Response) -> tuple[int, str]:
    """Return status and error of a refused token request."""
    assert response.status_code >= 400, response.text
    return response.status_code, str(response.json()["error"])


def _certificate(folder: Path) -> Path:
    """Make a certificate for 127.0.0.1; return the file with it and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    at = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - timedelta(days=1))
        .not_valid_after(at + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "vendor.pem"
    path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    return path
