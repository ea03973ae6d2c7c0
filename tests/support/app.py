"""The whole product in the test's own loop: a real server on a free port, people, tools, a scripted model."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr
from sqlalchemy import select, text

from omni2.access.grants import add_grant
from omni2.access.schemas import GrantCreate
from omni2.app.edge import Edge
from omni2.app.main import create_api
from omni2.app.mcp_mount import McpMount
from omni2.app.process import Process
from omni2.app.server import AnnouncingServer, server_config
from omni2.catalog.price import Price
from omni2.flows.checkpoints import CHECKPOINTS, Checkpoint
from omni2.flows.models import FlowHead, FlowRecord
from omni2.hub.model_rows import ensure_provider, make_default, new_model
from omni2.identity.auth import open_session
from omni2.identity.credentials import create_token
from omni2.identity.epochs import bump
from omni2.identity.models import User
from omni2.identity.people import add_user
from omni2.identity.principal import Principal
from omni2.identity.roles import Role
from omni2.identity.schemas import TokenCreate
from omni2.kernel.db import Database
from omni2.kernel.journal import CONSOLE
from omni2.kernel.settings import Settings
from omni2.upstream.ports import ModelPort
from omni2.usage.models import BudgetWindow, LedgerEntry, Reservation
from omni2.usage.verify import verify_ledger
from tests.support.clients import NO_TLS, PATIENCE_S, ChatClient

CREDIT = 1_000
PER_MESSAGE = Price(0, 0, 0, 0, CREDIT, "set", "test")


@dataclass(frozen=True, slots=True)
class Person:
    """A user with a session and a token for every door."""

    user: User
    cookie: str
    token: str

    @property
    def user_id(self) -> str:
        """Who."""
        return self.user.user_id


@dataclass
class Served:
    """A running server; `url` is its origin."""

    url: str
    process: Process
    api: Any
    settings: Settings
    stop: Callable[[], Awaitable[None]]
    clients: list[httpx.AsyncClient] = field(default_factory=list[httpx.AsyncClient])
    chats: list[ChatClient] = field(default_factory=list[ChatClient])

    @property
    def database(self) -> Database:
        """The real database."""
        return self.process.database

    def client(self, person: Person | None = None) -> httpx.AsyncClient:
        """Return a client of the REST interface, with the person's session."""
        headers = {"X-Omni2": "1", "Origin": self.url}
        cookies = {"omni2": person.cookie} if person else None
        client = httpx.AsyncClient(
            base_url=self.url, headers=headers, cookies=cookies, timeout=20, verify=NO_TLS
        )
        self.clients.append(client)
        return client

    async def chat(self, person: Person, *, by_token: bool = False) -> ChatClient:
        """Return an open, greeted chat connection."""
        headers = self.credentials(person, by_token=by_token)
        client = await ChatClient.connect(self.url, headers)
        self.chats.append(client)
        await client.welcome()
        return client

    def credentials(self, person: Person, *, by_token: bool = False) -> dict[str, str]:
        """Return the headers by which a person is known."""
        if by_token:
            return {"Authorization": f"Bearer {person.token}"}
        return {"Cookie": f"omni2={person.cookie}", "Origin": self.url}

    async def person(self, name: str, role: Role = "member") -> Person:
        """Add an active person, signed in, with a token."""
        return await add_person(self.database, name, role)

    async def flow(self, flow_id: str) -> tuple[FlowHead, list[Checkpoint]]:
        """Return a flow as stored."""
        return await read_flow(self.database, flow_id)

    async def ended(self, person: Person, flow_id: str) -> None:
        """Wait for the end of a turn, without a socket."""
        user = person.user
        principal = Principal(user.user_id, user.email, user.name, user.role, "session", "none")
        async with asyncio.timeout(PATIENCE_S):
            async for _ in self.process.turns.follow(principal, flow_id, 0):
                pass

    @asynccontextmanager
    async def writes_held(self) -> AsyncIterator[None]:
        """Let no record be written while the context lasts; what was to be written waits."""
        async with self.database.work() as work:
            if not self.database.is_sqlite:
                await work.session.execute(text("LOCK TABLE flow_records IN EXCLUSIVE MODE"))
            yield

    async def flows(self, person: Person) -> list[FlowHead]:
        """Return the flows of a person, in order."""
        async with self.database.read() as session:
            rows = await session.scalars(
                select(FlowHead).where(FlowHead.user_id == person.user_id).order_by(FlowHead.key)
            )
            return list(rows)

    async def require_balanced(self) -> None:
        """Assert that nothing is held and that every window is the sum of its ledger."""
        async with self.database.read() as session:
            assert await verify_ledger(session) == []
            assert list(await session.scalars(select(Reservation))) == []
            windows = await session.scalars(select(BudgetWindow))
            assert all(window.reserved_micros == 0 for window in windows)

    async def ledger(self, person: Person) -> list[LedgerEntry]:
        """Return what a person was charged, in order."""
        async with self.database.read() as session:
            rows = await session.scalars(
                select(LedgerEntry).where(LedgerEntry.user_id == person.user_id).order_by(LedgerEntry.key)
            )
            return list(rows)

    async def aclose(self) -> None:
        """Close every client."""
        for chat in self.chats:
            await chat.aclose()
        for client in self.clients:
            await client.aclose()


@asynccontextmanager
async def serving_app(
    database_url: str, data: Path, models: ModelPort | None = None, **changed: Any
) -> AsyncIterator[Served]:
    """Serve the product on a free port, with its real limits and socket protocol."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", 0))
    listener.listen(512)
    listener.setblocking(False)  # noqa: FBT003 the socket's own interface
    port = int(listener.getsockname()[1])
    settings = settings_for(database_url, data, port, **changed)
    api = create_api(settings, models)
    started = asyncio.Event()
    server = AnnouncingServer(server_config(Edge(McpMount(api), settings)), started.set)
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)  # other servers of the tests silence it
    task = asyncio.create_task(server.serve(sockets=[listener]), name="server")
    waiting = asyncio.create_task(started.wait())
    await asyncio.wait((task, waiting), return_when=asyncio.FIRST_COMPLETED)
    assert started.is_set(), "the server did not start"

    async def stop() -> None:
        server.should_exit = True
        await task

    served = Served(f"http://127.0.0.1:{port}", api.state.process, api, settings, stop)
    try:
        yield served
    finally:
        await served.aclose()
        await stop()
        listener.close()


def settings_for(database_url: str, data: Path, port: int, **changed: Any) -> Settings:
    """Return the settings of a server without the demo."""
    values = {"demo": False, "database_url": SecretStr(database_url), "data": data, "port": port, **changed}
    return Settings.model_validate(values)


async def add_person(database: Database, name: str, role: Role = "member") -> Person:
    """Add an active person, signed in, with a token."""
    async with database.work() as work:
        user = await add_user(work, f"{name.lower()}@example.org", name, role, "no password opens this")
        cookie = open_session(work, user, client="tests", address="127.0.0.1", days=1)
    body = TokenCreate(name="tests", scopes=["chat", "mcp", "api"])
    _, token = await create_token(database, user, body, CONSOLE)
    return Person(user, cookie, token)


async def add_model(database: Database, price: Price | None = PER_MESSAGE, name: str = "scripted") -> str:
    """Add the default model at this price; return its id."""
    async with database.work() as work:
        provider = await ensure_provider(work, "openai_compatible", "http://models.example.org/v1")
        row = new_model(provider, name, name.title(), None)
        row.price = price.to_json() if price else None
        work.session.add(row)
        await make_default(work, row)
        await bump(work, "catalog")
    return row.model_id


async def grant(
    database: Database,
    server: str,
    allow: Sequence[str] = ("*",),
    deny: Sequence[str] = (),
    name: str = "tools",
) -> str:
    """Grant tools of a server to everyone; return the id of the grant."""
    body = GrantCreate(subject="everyone", server=server, allow=[*allow], deny=[*deny], name=name)
    async with database.work() as work:
        return (await add_grant(work, CONSOLE, body)).grant_id


async def read_flow(database: Database, flow_id: str) -> tuple[FlowHead, list[Checkpoint]]:
    """Return a flow as stored: its head, its checkpoints in order."""
    async with database.read() as session:
        head = await session.scalar(select(FlowHead).where(FlowHead.flow_id == flow_id))
        assert head is not None
        rows = await session.scalars(
            select(FlowRecord.checkpoints).where(FlowRecord.flow_id == flow_id).order_by(FlowRecord.first_seq)
        )
        return head, [item for row in rows for item in CHECKPOINTS.validate_json(row)]


async def eventually(holds: Callable[[], bool]) -> None:
    """Let others run until `holds`."""
    async with asyncio.timeout(PATIENCE_S):
        while not holds():  # noqa: ASYNC110 what is looked at tells nobody that it changed
            await asyncio.sleep(0)
