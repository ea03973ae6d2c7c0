"""The ASGI application: routes, sockets, the web app, and the process behind them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import fields

from fastapi import FastAPI
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp
from starlette.websockets import WebSocket

from omni2.app.edge import Edge
from omni2.app.errors import install_errors
from omni2.app.mcp_mount import McpMount
from omni2.app.process import open_process
from omni2.app.routers import ROUTERS
from omni2.app.server import Leaving
from omni2.app.spa import WebApp
from omni2.app.version import VERSION
from omni2.chat.socket import ChatDoor
from omni2.flows.proof import was_decided_by
from omni2.insight.watch_socket import WatchDoor
from omni2.kernel.errors import Problem
from omni2.kernel.settings import Settings
from omni2.upstream.ports import ModelPort


def create_api(settings: Settings, models: ModelPort | None = None) -> FastAPI:
    """Return the inner application; its state is filled when it starts."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[Leaving]:
        async with open_process(settings, models) as process:
            for item in fields(process):
                setattr(app.state, item.name, getattr(process, item.name))
            app.state.process = process
            app.state.allowance = process.allowance
            app.state.watching = process.watch.watching
            app.state.decided_by = was_decided_by
            app.state.stop_turns = process.turns.stop_conversation
            yield {"leave": process.gateway.handlers.streams.leave}

    app = FastAPI(
        title="omni2", version=VERSION, lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None
    )
    app.state.settings = settings
    install_errors(app)
    for router in ROUTERS:  # none has a prefix or the like: as they are, without a copy of each route
        app.router.routes += router.routes
    app.router.routes.append(WebSocketRoute("/ws/chat", serve_chat))
    app.router.routes.append(WebSocketRoute("/ws/watch", serve_watch))
    app.router.routes.append(Route("/{path:path}", WebApp().answer, methods=["GET"]))
    return app


def create_app(settings: Settings | None = None, models: ModelPort | None = None) -> ASGIApp:
    """Return the whole application; `models` replaces the model providers behind the same port."""
    settings = settings or Settings()
    return Edge(McpMount(create_api(settings, models)), settings)


async def serve_chat(socket: WebSocket) -> None:
    """Hand a chat connection to its door; one that the edge refused is told why there."""
    door: ChatDoor = socket.app.state.chat
    problem: Problem | None = socket.scope.get("omni2.problem")
    await door.serve(socket, problem)


async def serve_watch(socket: WebSocket) -> None:
    """Hand a watching connection to its door; one that the edge refused is told why there."""
    door: WatchDoor = socket.app.state.watch
    problem: Problem | None = socket.scope.get("omni2.problem")
    await door.serve(socket, problem)
