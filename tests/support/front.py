"""The front office: the routes of people, blocks and budgets on one database, and browsers to call them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, cast

import httpx
from fastapi import FastAPI, Request
from httpx import ASGITransport, AsyncClient
from pydantic import JsonValue
from starlette.responses import JSONResponse

from omni2.identity.allowance import Allowance
from omni2.identity.auth import Authenticator
from omni2.identity.epochs import Mirror
from omni2.identity.links import create_link, first_admin_link
from omni2.identity.passwords import Passwords
from omni2.identity.people import add_user
from omni2.identity.roles import Role
from omni2.identity.routes_auth import router as auth
from omni2.identity.routes_teams import router as teams
from omni2.identity.routes_tokens import router as tokens
from omni2.identity.routes_users import router as users
from omni2.identity.throttle import Throttle
from omni2.kernel.db import Database
from omni2.kernel.errors import Problem
from omni2.kernel.settings import Settings
from omni2.live.block import Blocking
from omni2.live.registry import Registry
from omni2.live.routes import router as live
from omni2.usage.budgets import Budgets
from omni2.usage.routes import router as usage

ADMIN = "ada@example.org"
PASSWORD = "correct horse battery"
CREDIT = 1_000


@dataclass
class Front:
    """Everything behind the routes."""

    database: Database
    mirror: Mirror
    registry: Registry
    authenticator: Authenticator
    passwords: Passwords
    blocking: Blocking
    budgets: Budgets
    app: FastAPI

    @asynccontextmanager
    async def browser(self, address: str = "10.0.0.1", base: str = "http://test") -> AsyncIterator["Browser"]:
        """A browser at an address, signed in nowhere."""
        transport = ASGITransport(self.app, client=(address, 4000))
        async with AsyncClient(
            transport=transport, base_url=base, headers={"user-agent": "Test/1"}
        ) as client:
            yield Browser(client)

    @asynccontextmanager
    async def signed_in(self, email: str, address: str = "10.0.0.1") -> AsyncIterator["Browser"]:
        """A browser that signed in with the usual password."""
        async with self.browser(address) as browser:
            await browser.sign_in(email)
            yield browser

    async def person(self, email: str, role: Role = "member", name: str | None = None) -> str:
        """Add an active person with the usual password; return the id."""
        stored = await self.passwords.hash(PASSWORD)
        async with self.database.work() as work:
            return (await add_user(work, email, name, role, stored)).user_id

    async def invited(self, email: str, role: Role = "member") -> tuple[str, str]:
        """Add an invited person; return the id and the token of the link."""
        async with self.database.work() as work:
            user = await add_user(work, email, None, role)
            return user.user_id, (await create_link(work, user)).token

    async def first_link(self) -> str:
        """Return the token of a link for the first administrator."""
        link = await first_admin_link(self.database)
        assert link is not None
        return link.token


@dataclass
class Browser:
    """A client that keeps cookies and says what it got."""

    client: AsyncClient

    async def sign_in(self, email: str, password: str = PASSWORD) -> dict[str, Any]:
        """Sign in, and return who one is then."""
        return ok(await self.client.post("/api/auth/login", json={"email": email, "password": password}))

    async def get(self, path: str, **query: str) -> dict[str, Any]:
        """Return the body of a successful GET."""
        return ok(await self.client.get(path, params=query))

    async def post(self, path: str, **body: JsonValue) -> dict[str, Any]:
        """Return the body of a successful POST."""
        return ok(await self.client.post(path, json=body))

    async def put(self, path: str, **body: JsonValue) -> dict[str, Any]:
        """Return the body of a successful PUT."""
        return ok(await self.client.put(path, json=body))

    async def patch(self, path: str, **body: JsonValue) -> dict[str, Any]:
        """Return the body of a successful PATCH."""
        return ok(await self.client.patch(path, json=body))

    async def delete(self, path: str) -> None:
        """Delete, successfully."""
        response = await self.client.delete(path)
        assert response.status_code in {200, 204}, response.text

    async def refused(self, method: str, path: str, **body: JsonValue) -> tuple[int, str]:
        """Return status and code of a refusal."""
        response = await self.client.request(method, path, json=body or None)
        assert response.status_code >= 400, response.text
        return response.status_code, str(response.json().get("code", "validation"))


@asynccontextmanager
async def fronted(
    database: Database, replica: str = "this", *, origin: str = "http://test"
) -> AsyncIterator[Front]:
    """Open the front office on a migrated database."""
    mirror, passwords = Mirror(database), Passwords(2)
    registry = Registry(mirror)
    authenticator = Authenticator(database, mirror)
    blocking = Blocking(database, mirror, registry, lambda: replica)
    budgets = Budgets(database, "UTC", 500 * CREDIT, CREDIT)
    app = FastAPI(version="9.9.9")
    for router in (auth, users, teams, tokens, live, usage):
        app.include_router(router)
    app.add_exception_handler(Problem, _render)
    app.state.settings = Settings(public_url=origin)
    app.state.database = database
    app.state.mirror = mirror
    app.state.authenticator = authenticator
    app.state.passwords = passwords
    app.state.throttle = Throttle()
    app.state.registry = registry
    app.state.blocking = blocking
    app.state.budgets = budgets

    async def allowance(user_id: str) -> Allowance:
        window = await budgets.window(user_id)
        return Allowance(window.remaining_micros, window.limit_micros, window.resets_at, CREDIT, budgets.zone)

    app.state.allowance = allowance
    yield Front(database, mirror, registry, authenticator, passwords, blocking, budgets, app)
    passwords.close()


def ok(response: httpx.Response) -> dict[str, Any]:
    """Return the body of an answer that is one."""
    assert response.status_code in {200, 201, 204}, response.text
    return response.json() if response.content else {}


async def _render(request: Request, error: Exception) -> JSONResponse:
    del request
    problem = cast("Problem", error)
    return JSONResponse(problem.members(), problem.status)
