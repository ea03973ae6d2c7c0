"""A stage for the read side: people and flows written as the product writes them, and routes to read them."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

import httpx
from fastapi import APIRouter, FastAPI, Request
from httpx import ASGITransport, AsyncClient
from sqlalchemy import update
from starlette.responses import JSONResponse

from omni2.access.book import AccessBook
from omni2.catalog.book import CatalogBook
from omni2.flows.checkpoints import AuthCheck, FlowStatus, Source, ToolCall, ToolResult
from omni2.flows.phase import Entry, Opening
from omni2.flows.recorder import Flow, Recorder
from omni2.flows.steps import insert_call
from omni2.flows.verify_watch import Proof
from omni2.identity.auth import Authenticator
from omni2.identity.credentials import create_token
from omni2.identity.epochs import Mirror
from omni2.identity.models import User
from omni2.identity.people import add_user
from omni2.identity.principal import Principal
from omni2.identity.roles import Role
from omni2.identity.schemas import TokenCreate
from omni2.kernel.db import Database
from omni2.kernel.errors import Problem
from omni2.kernel.lane import Lane
from omni2.kernel.lease import Lease
from omni2.kernel.settings import Settings
from omni2.live.registry import Ending, Handle, Registry
from omni2.usage.budgets import Budgets, Charge, reserve, settle
from tests.support.lanes import lane_of

CREDIT = 1_000
DAILY = 500 * CREDIT


@dataclass(frozen=True, slots=True)
class Person:
    """A user with a token."""

    user: User
    principal: Principal
    secret: str

    @property
    def user_id(self) -> str:
        """Who."""
        return self.user.user_id

    @property
    def email(self) -> str:
        """By which address."""
        return self.user.email


@dataclass
class Stage:
    """Everything that reading needs, on one database."""

    database: Database
    lane: Lane
    recorder: Recorder
    mirror: Mirror
    registry: Registry
    budgets: Budgets
    stopped: list[str] = field(default_factory=list[str])
    on_stop: Callable[[str], Awaitable[None]] | None = None
    proof: Proof | None = None

    async def person(self, name: str, role: Role = "member", seen_at: datetime | None = None) -> Person:
        """Add an active user called `name`, at example.org, with a token for the API."""
        email = f"{name.split(maxsplit=1)[0].lower()}@example.org"
        async with self.database.work() as work:
            user = await add_user(work, email, name, role, "no password opens this")
            user.last_seen_at = seen_at
        principal = Principal(user.user_id, email, name, role, "session", "none")
        body = TokenCreate(name="test", scopes=["chat", "mcp", "api"])
        _, secret = await create_token(self.database, user, body, principal.actor)
        return Person(user, principal, secret)

    async def change(self, person: Person, **values: object) -> None:
        """Change a user's row."""
        async with self.database.work() as work:
            await work.session.execute(update(User).where(User.user_id == person.user_id).values(**values))

    @asynccontextmanager
    async def flow(
        self, person: Person, title: str, source: Source = "chat", conversation_id: str | None = None
    ) -> AsyncIterator[Flow]:
        """Open a flow whose first phase is on record."""
        async with self.recorder.open(Opening(person.user_id, source, title, conversation_id)) as flow:
            await flow.write(Entry(AuthCheck(method="session")))
            yield flow

    async def call(self, person: Person, server: str, status: str = "ok", duration_ms: float = 10.0) -> str:
        """Record a flow of one call of `echo` on a server; return its id."""
        async with self.flow(person, f"{server}.echo", "mcp") as flow:
            called = ToolCall(server=server, tool="echo", call_id="c1", arguments={"text": "a secret plan"})
            await flow.write(Entry(called))
            result = ToolResult.model_validate(
                {**called.model_dump(include={"server", "tool", "call_id"}), "status": status}
                | {"size_bytes": 4, "preview": "plan"}
            )
            flow.totals.tool_calls, flow.totals.servers = 1, [server]
            counted = insert_call(flow.opening, (server, "echo"), status, duration_ms)
            ended = cast("FlowStatus", {"ok": "ok", "denied": "denied"}.get(status, "failed"))
            await flow.end(ended, Entry(result, duration_ms=duration_ms), steps=[counted])
        return flow.flow_id

    async def spend(self, person: Person, micros: int, *, unpriced: bool = False) -> None:
        """Reserve and settle a model call, in a flow."""
        async with self.flow(person, "What does it cost?") as flow:
            window = await self.budgets.window(person.user_id)
            hold, steps = reserve(window, flow.flow_id, micros)
            await flow.write(steps=steps)
            charge = Charge("model", micros, unpriced=unpriced, provider="openai", model="gpt-x")
            flow.totals.cost_micros = micros
            await flow.end("ok", steps=settle(hold, charge))

    @asynccontextmanager
    async def connected(self, person: Person) -> AsyncIterator[Handle]:
        """Hold a socket open for somebody."""
        handle = Handle("socket", person.user_id, "chat", "none", _nothing)
        with self.registry.hold(handle):
            yield handle

    @asynccontextmanager
    async def client(self, person: Person, *routers: APIRouter) -> AsyncIterator[AsyncClient]:
        """A client of these routes, signed in as `person`."""
        transport = ASGITransport(self._app(routers))
        headers = {"authorization": f"Bearer {person.secret}", "x-omni2": "1"}
        async with AsyncClient(transport=transport, base_url="http://test", headers=headers) as client:
            yield client

    def _app(self, routers: Iterable[APIRouter]) -> FastAPI:
        app = FastAPI()
        for router in routers:
            app.include_router(router)
        app.add_exception_handler(Problem, _render)
        app.state.settings = Settings()
        app.state.database = self.database
        app.state.bus = self.database.bus
        app.state.mirror = self.mirror
        app.state.authenticator = Authenticator(self.database, self.mirror)
        app.state.registry = self.registry
        app.state.access = AccessBook(self.database, self.mirror, CatalogBook(self.database, self.mirror))
        app.state.budgets = self.budgets
        app.state.stop_turns = self._stop
        app.state.proof = self.proof
        return app

    async def _stop(self, conversation_id: str) -> None:
        self.stopped.append(conversation_id)
        if self.on_stop is not None:
            await self.on_stop(conversation_id)


@asynccontextmanager
async def staged(database: Database, zone: str = "UTC") -> AsyncIterator[Stage]:
    """Open a stage on a migrated database."""
    lane = lane_of(database)
    await lane.open()
    mirror = Mirror(database)
    recorder = Recorder(lane, Lease(database), database.bus)
    budgets = Budgets(database, zone, DAILY, CREDIT)
    try:
        yield Stage(database, lane, recorder, mirror, Registry(mirror), budgets)
    finally:
        await lane.aclose()


async def every_page(client: AsyncClient, path: str, **query: str | int) -> list[dict[str, Any]]:
    """Return the items of all pages of a list."""
    items: list[dict[str, Any]] = []
    after: str | None = None
    while True:
        page = ok(await client.get(path, params={**query, **({"after": after} if after else {})}))
        items += page["items"]
        after = page["next"]
        if after is None:
            return items


def ok(response: httpx.Response) -> dict[str, Any]:
    """Return the body of an answer that is one."""
    assert response.status_code == 200, response.text
    return response.json()


async def _render(request: Request, error: Exception) -> JSONResponse:
    del request
    problem = cast("Problem", error)
    return JSONResponse(problem.members(), problem.status)


async def _nothing(ending: Ending) -> None:
    del ending
