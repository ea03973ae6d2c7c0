"""Nothing leaves for a person who was blocked meanwhile: asked right before each piece of an answer."""

from collections.abc import Awaitable, Callable
from typing import Any, cast

from starlette.types import Message, Receive, Scope, Send

from omni2.app.rendering import render
from omni2.identity.deps import PERSON
from omni2.identity.epochs import Mirror
from omni2.kernel.errors import Problem

ABORT = "omni2.abort"
DRAIN = "omni2.drain"


class Release:
    """A `send` that looks at the block mirror and hands over in one step, with nothing awaited between.

    An answer that did not begin becomes the refusal in words; one that did is broken off.
    """

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._started = self._over = False

    async def __call__(self, message: Message) -> None:
        """Send one piece, unless it is not to be."""
        if self._over:
            return
        user_id = self._scope["state"].get(PERSON)
        problem = await self._refusal(user_id) if user_id is not None else None
        if problem is None:
            self._started = True
            await self._send(message)
            return
        self._over = True
        if self._started:
            self._extension(ABORT)
            return
        await render(problem, self._scope["state"].get("request_id"))(self._scope, self._receive, self._send)

    async def _refusal(self, user_id: str) -> Problem | None:
        """Return why nothing may be sent; after the last wait in here come the look and the sending."""
        if (drained := self._extension(DRAIN)) is not None:
            await cast("Awaitable[None]", drained)
        mirror: Mirror = self._scope["app"].state.mirror
        try:
            await mirror.require_open(user_id, "everywhere")
        except Problem as problem:
            return problem
        return None

    def _extension(self, name: str) -> Any:
        """Call what the server offers under `name`, if it does."""
        offered = cast("Callable[[], Any] | None", self._scope.get("extensions", {}).get(name))
        return offered() if offered is not None else None
