"""Dispatches `/mcp` to the gateway before the framework sees it: no route, no middleware on the hot path."""

from typing import cast

from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from omni2.app.bodies import BodyRefused
from omni2.gateway.door import Gateway
from omni2.gateway.outlet import Outlet
from omni2.gateway.request import is_ours


class McpMount:
    """The gateway at `/mcp`, and the inner application for everything else."""

    def __init__(self, api: FastAPI) -> None:
        self._api = api
        self._gateway: Gateway | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http" or not is_ours(scope["path"]):
            await self._api(scope, receive, send)
            return
        scope["app"] = self._api
        gateway = self._gateway
        if gateway is None:
            self._gateway = gateway = cast("Gateway", self._api.state.gateway)
        try:
            await gateway(scope, receive, send)
        except BodyRefused as refused:
            outlet = Outlet(scope, send, self._api.state.mirror)
            await gateway.refuse(scope, outlet, refused.problem)
