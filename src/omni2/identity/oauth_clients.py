"""Clients of the authorization server: by the document that their id names, or by their own registration."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, cast

from pydantic import JsonValue
from sqlalchemy import delete, func, select

from omni2.identity.oauth_models import OAuthClient, OAuthConsent
from omni2.identity.oauth_uris import host_of, is_document_url, matches, may_receive
from omni2.identity.schemas import normalise_name
from omni2.identity.throttle import Throttle
from omni2.kernel.db import Database, Work
from omni2.kernel.errors import Problem
from omni2.kernel.ids import new_id, now, uptime
from omni2.kernel.journal import Actor, write_journal
from omni2.kernel.jsons import loads_strict

Kind = Literal["document", "registered"]
FetchDocument = Callable[[str], Awaitable[tuple[bytes, int]]]

REMEMBERED = 1_000
FRESH_S = (60, 86_400)
FETCHES_AT_ONCE = 8
REDIRECTS = 20
NAME_CHARS = 100
REGISTERED_LIMIT = 1_000
UNUSED_KEPT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Client:
    """A program that people may connect. `host` is where its document lies; a registered one has none."""

    client_id: str
    kind: Kind
    name: str
    redirect_uris: tuple[str, ...]

    @property
    def host(self) -> str | None:
        """The host that vouches for the name, or None."""
        return host_of(self.client_id) if self.kind == "document" else None

    def receives_at(self, uri: str) -> bool:
        """Whether codes may be sent to `uri`."""
        return may_receive(uri) and any(matches(known, uri) for known in self.redirect_uris)


class Clients:
    """Finds clients. Documents are fetched through a guarded port and remembered as long as they say."""

    def __init__(self, database: Database, fetch: FetchDocument, *, registration: bool) -> None:
        self._database = database
        self._fetch = fetch
        self.registration = registration
        self._documents: OrderedDict[str, tuple[Client, float]] = OrderedDict()
        self._fetching = asyncio.Semaphore(FETCHES_AT_ONCE)
        self._registrations = Throttle()

    async def known(self, client_id: str) -> Client | None:
        """Return a client without asking anybody outside, or None."""
        if is_document_url(client_id):
            client, until = self._documents.get(client_id, (None, 0.0))
            return client if uptime() < until else None
        async with self._database.read() as session:
            row = await session.get(OAuthClient, client_id) if len(client_id) <= NAME_CHARS else None
        return None if row is None or row.kind != "registered" else client_of(row)

    async def find(self, client_id: str) -> Client:
        """Return a client; raise `Problem` client_unknown, client_document_invalid, or of the fetch."""
        client = await self.known(client_id)
        if client is not None:
            return client
        if not is_document_url(client_id):
            raise Problem("client_unknown", 400, "This program is not registered here. Connect it anew.")
        async with self._fetching:
            body, max_age_s = await self._fetch(client_id)
        client = read_document(client_id, body)
        self._documents[client_id] = (client, uptime() + min(max(max_age_s, FRESH_S[0]), FRESH_S[1]))
        self._documents.move_to_end(client_id)
        while len(self._documents) > REMEMBERED:
            self._documents.popitem(last=False)
        return client

    async def register(self, body: bytes, address: str) -> tuple[Client, int]:
        """Store a client that registers itself; return it and when (seconds since 1970)."""
        if not self.registration:
            raise Problem(
                "access_denied",
                403,
                "Programs cannot register themselves here. Use a client id metadata document, or an access "
                "token from the Connect page.",
            )
        self._registrations.begin("register", address)
        client = read_registration(body)
        async with self._database.work() as work:
            await _make_room(work)
            row = _row(client)
            work.session.add(row)
            actor = Actor(None, f"a program at {address}")
            sentence = f"The program {client.name} registered itself; it sends people to {_hosts(client)}."
            data: JsonValue = {"client_id": client.client_id, "redirect_uris": [*client.redirect_uris]}
            write_journal(work, actor, "client.registered", sentence, subject_id=client.client_id, data=data)
        return client, int(row.created_at.timestamp())


def client_of(row: OAuthClient) -> Client:
    """Return the stored client."""
    uris = row.redirect_uris if isinstance(row.redirect_uris, list) else []
    kind: Kind = "document" if row.kind == "document" else "registered"
    return Client(row.client_id, kind, row.name, tuple(str(uri) for uri in uris))


async def keep_client(work: Work, client: Client) -> None:
    """Store what is known of a client that somebody connects."""
    row = await work.session.get(OAuthClient, client.client_id)
    if row is None:
        work.session.add(_row(client))
    else:
        row.name, row.redirect_uris = client.name, [*client.redirect_uris]
    await work.session.flush()


def read_document(client_id: str, body: bytes) -> Client:
    """Return the client that a metadata document describes; raise `Problem` client_document_invalid."""
    metadata = _object(body, "client_document_invalid")
    if metadata.get("client_id") != client_id:
        raise _invalid_document("It names another client_id than its own address.")
    if metadata.get("token_endpoint_auth_method", "none") not in {"none", "private_key_jwt"}:
        raise _invalid_document("It asks for a shared secret, which a public document cannot hold.")
    uris = _redirect_uris(metadata)
    if uris is None:
        raise _invalid_document("Its redirect_uris are missing or not allowed.")
    return Client(client_id, "document", _name(metadata) or host_of(client_id), uris)


def read_registration(body: bytes) -> Client:
    """Return the client that a registration asks for; raise `Problem` with the codes of RFC 7591."""
    metadata = _object(body, "invalid_client_metadata")
    uris = _redirect_uris(metadata)
    if uris is None:
        raise Problem(
            "invalid_redirect_uri",
            400,
            "Give redirect_uris that are https, http on the loopback address, or the program's own scheme.",
        )
    for field, needed in (("grant_types", "authorization_code"), ("response_types", "code")):
        listed = metadata.get(field)
        if listed is not None and (not isinstance(listed, list) or needed not in listed):
            raise Problem("invalid_client_metadata", 400, f"{field} has to hold {needed}.")
    return Client(new_id(), "registered", _name(metadata) or host_of(uris[0]), uris)


async def _make_room(work: Work) -> None:
    """Forget what registered and was never connected, and refuse when there are too many nevertheless."""
    connected = select(OAuthConsent.client_id)
    await work.session.execute(
        delete(OAuthClient).where(
            OAuthClient.kind == "registered",
            OAuthClient.created_at < now() - UNUSED_KEPT,
            OAuthClient.client_id.not_in(connected),
        )
    )
    held = select(func.count()).select_from(OAuthClient).where(OAuthClient.kind == "registered")
    if (await work.session.scalar(held) or 0) >= REGISTERED_LIMIT:
        raise Problem("temporarily_unavailable", 503, "Too many programs are registered. Try again tomorrow.")


def _row(client: Client) -> OAuthClient:
    return OAuthClient(
        client_id=client.client_id,
        kind=client.kind,
        name=client.name,
        redirect_uris=[*client.redirect_uris],
        created_at=now(),
    )


def _object(body: bytes, code: str) -> dict[str, JsonValue]:
    try:
        value = loads_strict(body)
    except Problem as problem:
        raise Problem(code, 400, "This is not a JSON document that omni2 accepts.") from problem
    if not isinstance(value, dict):
        raise Problem(code, 400, "The document is not a JSON object.")
    return value


def _redirect_uris(metadata: dict[str, JsonValue]) -> tuple[str, ...] | None:
    listed = metadata.get("redirect_uris")
    if not isinstance(listed, list) or not 0 < len(listed) <= REDIRECTS:
        return None
    if not all(isinstance(uri, str) and may_receive(uri) for uri in listed):
        return None
    return tuple(cast("list[str]", listed))


def _name(metadata: dict[str, JsonValue]) -> str | None:
    name = metadata.get("client_name")
    try:
        return normalise_name(name[:1_000])[:NAME_CHARS].strip() if isinstance(name, str) else None
    except ValueError:
        return None


def _hosts(client: Client) -> str:
    return ", ".join(sorted({host_of(uri) for uri in client.redirect_uris}))


def _invalid_document(detail: str) -> Problem:
    return Problem("client_document_invalid", 400, f"The document of this program cannot be used. {detail}")
