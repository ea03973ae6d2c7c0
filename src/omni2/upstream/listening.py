"""Hearing of changes: the standing request of the revision that has no sessions, renewed when it ends."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress

from mcp.shared.exceptions import MCPError
from mcp_types import METHOD_NOT_FOUND
from pydantic import JsonValue

from omni2.kernel.errors import Problem
from omni2.upstream.envelope import Object
from omni2.upstream.faults import SERVER_FAULTS

FIRST_PAUSE_S = 1.0
MAX_PAUSE_S = 60.0
HEARD_S = 5.0

_LISTS = {
    "tools": "toolsListChanged",
    "prompts": "promptsListChanged",
    "resources": "resourcesListChanged",
}


class Listening:
    """Keeps one `subscriptions/listen` open with what is wanted now. `ask` returns when it has ended."""

    def __init__(self, capabilities: Object, ask: Callable[[Object], Awaitable[object]]) -> None:
        self._lists: Object = {
            wanted: True for name, wanted in _LISTS.items() if _says_changes(capabilities.get(name))
        }
        self._ask = ask
        self._task: asyncio.Task[None] | None = None
        self._heard = asyncio.Event()
        self.listen_to(())

    def listen_to(self, uris: Iterable[str]) -> None:
        """Hear of these resources from now on, and of the lists that the server says it changes."""
        self.stop()
        self._heard.clear()
        wanted: list[JsonValue] = [*uris]
        notifications: Object = {**self._lists, **({"resourceSubscriptions": wanted} if wanted else {})}
        if notifications:
            work = self._live({"notifications": notifications})
            self._task = asyncio.create_task(work, name="upstream-listening")

    def acknowledge(self) -> None:
        """The server says that it heard what is wanted."""
        self._heard.set()

    async def heard(self) -> None:
        """Wait a moment until the server heard what is wanted: what changes before may go unheard."""
        with suppress(TimeoutError):
            async with asyncio.timeout(HEARD_S):
                await self._heard.wait()

    def stop(self) -> None:
        """Hear of nothing any more."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    async def _live(self, params: Object) -> None:
        pause_s = FIRST_PAUSE_S
        while True:
            try:
                await self._ask(params)
                pause_s = FIRST_PAUSE_S
            except (Problem, *SERVER_FAULTS) as error:
                if isinstance(error, MCPError) and error.code == METHOD_NOT_FOUND:
                    return
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, MAX_PAUSE_S)


def _says_changes(capability: JsonValue) -> bool:
    return isinstance(capability, dict) and capability.get("listChanged") is True
