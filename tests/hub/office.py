"""The catalogue's part of omni2, running: books, hub, routes, three people, over a real database."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from omni2.access.book import AccessBook
from omni2.access.routes import router as access_router
from omni2.catalog.book import CatalogBook
from omni2.flows.proof import was_decided_by
from omni2.hub.hub import Hub
from omni2.hub.policy import stdio_commands
from omni2.hub.routes_models import router as models_router
from omni2.hub.routes_servers import router as servers_router
from omni2.hub.routes_tools import router as tools_router
from omni2.hub.routes_virtual import router as virtual_router
from omni2.identity.auth import Authenticator
from omni2.identity.epochs import Mirror
from omni2.identity.models import AccessToken, User
from omni2.kernel.db import Database
from omni2.kernel.errors import Problem
from omni2.kernel.ids import new_id, now
from omni2.kernel.secrets import Sealer, digest
from omni2.kernel.settings import Settings
from omni2.kernel.tasks import Supervisor
from omni2.upstream.models import Models
from omni2.upstream.pool import SessionPool

ROLES = ("admin", "member", "auditor")


@dataclass
class Office:
    """What the tests hold on to. `people` are user ids by role."""

    hub: Hub
    access: AccessBook
    app: FastAPI
    people: dict[str, str]

    @property
    def database(self) -> Database:
        """The real database."""
        return self.hub.database

    @property
    def catalog(self) -> CatalogBook:
        """The catalogue."""
        return self.hub.catalog

    @property
    def mirror(self) -> Mirror:
        """The view of epochs."""
        return self.hub.mirror

    def client(self, role: str = "admin") -> httpx.AsyncClient:
        """Return a client that speaks for one of the people."""
        transport = httpx.ASGITransport(app=self.app)
        headers = {"Authorization": f"Bearer {token_of(role)}"}
        return httpx.AsyncClient(transport=transport, base_url="http://omni2.test", headers=headers)


@asynccontextmanager
async def opened(database: Database, data: Path, **changed: object) -> AsyncIterator[Office]:
    """Open an office; `changed` are settings."""
    settings = Settings.model_validate({"data": data, **changed})
    mirror = Mirror(database)
    catalog = CatalogBook(database, mirror)
    access = AccessBook(database, mirror, catalog)
    supervisor = Supervisor()
    pool = SessionPool(stdio_commands=stdio_commands(settings))
    models = Models()
    sealer = Sealer(b"a key of the tests")
    hub = Hub(database, catalog, mirror, pool, models, sealer, settings, supervisor, database.bus)
    people = await _add_people(database)
    try:
        yield Office(hub, access, _app(hub, access), people)
    finally:
        await supervisor.aclose()
        await pool.aclose()
        await models.aclose()


def token_of(role: str) -> str:
    """Return the access token of one of the people."""
    return f"omni2_token-of-the-{role}"


async def _add_people(database: Database) -> dict[str, str]:
    people = {role: new_id() for role in ROLES}
    async with database.work() as work:
        for role, user_id in people.items():
            email = f"{role}@example.org"
            work.session.add(
                User(
                    user_id=user_id,
                    email=email,
                    name=role.title(),
                    role=role,
                    status="active",
                    created_at=now(),
                )
            )
        await work.session.flush()
        for role, user_id in people.items():
            work.session.add(
                AccessToken(
                    token_hash=digest(token_of(role)),
                    token_id=new_id(),
                    user_id=user_id,
                    name="tests",
                    scopes=["chat", "mcp", "api"],
                    created_at=now(),
                )
            )
    return people


def _app(hub: Hub, access: AccessBook) -> FastAPI:
    app = FastAPI()
    app.state.settings = hub.settings
    app.state.database = hub.database
    app.state.sealer = hub.sealer
    app.state.mirror = hub.mirror
    app.state.authenticator = Authenticator(hub.database, hub.mirror)
    app.state.catalog = hub.catalog
    app.state.access = access
    app.state.decided_by = was_decided_by
    app.state.hub = hub
    for router in (access_router, servers_router, tools_router, virtual_router, models_router):
        app.include_router(router)

    async def render(request: Request, problem: Exception) -> JSONResponse:
        del request
        assert isinstance(problem, Problem)
        return JSONResponse(problem.members(), problem.status)

    app.add_exception_handler(Problem, render)
    return app
