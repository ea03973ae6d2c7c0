"""How much of a body is read, from whom, and for how long."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, cast

from starlette.exceptions import HTTPException
from starlette.types import Message, Receive, Scope

from omni2.kernel.errors import Problem
from omni2.kernel.tasks import by

BODY_LIMIT = 4 * 1024 * 1024
STRANGER_LIMIT = 64 * 1024
SIGN_IN_LIMIT = 16 * 1024
BODY_WITHIN_S = 30.0
CUT_OFF = "omni2.cut_off"
_SIGN_IN = "/api/auth/"


class BodyRefused(HTTPException):
    """A problem that is met while a body is read; the framework passes on this kind of exception alone."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.status)
        self.problem = problem


class BoundedBody:
    """A `receive` that bounds the body in size, and in the time until it is complete.

    Who drips it is cut off. Beyond `STRANGER_LIMIT` it is read only once `identify` has not raised.
    """

    def __init__(self, scope: Scope, receive: Receive, identify: Callable[[], Awaitable[object]]) -> None:
        self._scope = scope
        self._receive = receive
        self._identify = identify
        self._limit = SIGN_IN_LIMIT if scope["path"].startswith(_SIGN_IN) else BODY_LIMIT
        self._deadline = asyncio.get_running_loop().time() + BODY_WITHIN_S
        self._size = 0
        self._begun = self._known = self._complete = False

    async def __call__(self) -> Message:
        """Return the next piece; raise `BodyRefused`."""
        if self._complete:
            return await self._receive()
        if not self._begun:
            self._begun = True
            await self._require(_declared(self._scope))
        try:
            message = await by(self._deadline, cast("Coroutine[Any, Any, Message]", self._receive()))
        except TimeoutError as error:
            self._scope[CUT_OFF] = True
            raise BodyRefused(
                Problem("body_timeout", 408, "The body did not arrive in time. Send it again.")
            ) from error
        self._complete = not message.get("more_body", False)
        self._size += len(message.get("body", b""))
        await self._require(self._size)
        return message

    async def _require(self, size: int) -> None:
        if size > self._limit:
            most = f"{self._limit // 1024} KiB" if self._limit < BODY_LIMIT else "4 MiB"
            raise BodyRefused(
                Problem("too_large", 413, f"The body is larger than {most}.", limit=self._limit)
            )
        if size > STRANGER_LIMIT and not self._known:
            try:
                await self._identify()
            except Problem as problem:
                raise BodyRefused(problem) from problem
            self._known = True


def _declared(scope: Scope) -> int:
    """Return the size that the head announces, 0 without one; the server refuses what is no number."""
    text = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    return int(text) if text.isdigit() and len(text) < 20 else 0
