"""The way back to the caller while a request of theirs runs: progress, log, and questions of the server."""

import asyncio
import secrets
from collections.abc import Mapping
from typing import Protocol

from pydantic import JsonValue

from omni2.gateway.outlet import Outlet
from omni2.gateway.sessions import ASKED, Session
from omni2.gateway.wire import Id, Object, notification_bytes, request_bytes
from omni2.kernel.errors import Problem
from omni2.upstream.ports import URL_QUESTION, Resumed

ASK_WITHIN_S = 300.0
LEVELS = ("debug", "info", "notice", "warning", "error", "critical", "alert", "emergency")
_NEEDS: Mapping[str, str] = {
    "sampling/createMessage": "sampling",
    "elicitation/create": "elicitation",
    URL_QUESTION: "elicitation",
    "roots/list": "roots",
}


class Way(Protocol):
    """The way out of a response: on this replica, or by another one."""

    @property
    def over(self) -> bool:
        """Whether nothing leaves any more."""
        ...

    async def event(self, body: bytes) -> None:
        """Send one message."""
        ...


class BaseLink:
    """What links of all revisions share. Without an outlet, or one that streams, nothing is said."""

    def __init__(self, outlet: Outlet | None, capabilities: Object, meta: Object, level: str | None) -> None:
        self.outlet: Way | None = outlet
        self.resumed: Resumed | None = None
        self._capabilities = capabilities
        self._token = meta.get("progressToken")
        self._level = level

    def supports(self, method: str) -> bool:
        """Whether the client said that it answers this; one that names no way of elicitation takes forms."""
        needed = _NEEDS.get(method)
        said = None if needed is None else self._capabilities.get(needed)
        if not isinstance(said, dict) or needed != "elicitation":
            return isinstance(said, dict)
        return "url" in said if method == URL_QUESTION else "form" in said or "url" not in said

    async def progress(self, params: dict[str, JsonValue]) -> None:
        """Hand on progress to a client that gave a token for it."""
        if isinstance(self._token, str | int) and not isinstance(self._token, bool):
            await self._say("notifications/progress", {**params, "progressToken": self._token})

    async def log(self, params: dict[str, JsonValue]) -> None:
        """Hand on a log message that the client asked for."""
        if self._level is not None and severity(params.get("level")) >= severity(self._level):
            await self._say("notifications/message", params)

    async def ask(
        self, requests: Mapping[str, dict[str, JsonValue]], state: JsonValue = None
    ) -> Mapping[str, JsonValue]:
        """Put requests to the client; raise `Problem` where that cannot be done."""
        raise unanswerable()

    async def _say(self, method: str, params: Mapping[str, JsonValue]) -> None:
        """Send a notification; what cannot leave (a block, a client that went away) is dropped."""
        if self.outlet is not None and not self.outlet.over:
            try:
                await self.outlet.event(notification_bytes(method, params))
            except (Problem, ConnectionError):
                return


class StreamLink(BaseLink):
    """For the older revisions: questions go out on the request's own stream, answers are posted back."""

    def __init__(self, outlet: Outlet | None, session: Session, meta: Object) -> None:
        super().__init__(outlet, session.capabilities, meta, session.log_level or LEVELS[0])
        self._session = session

    def supports(self, method: str) -> bool:
        """Whether the client answers this, and takes a stream."""
        return self.outlet is not None and super().supports(method)

    async def ask(
        self, requests: Mapping[str, dict[str, JsonValue]], state: JsonValue = None
    ) -> Mapping[str, JsonValue]:
        """Put all requests to the client at once; raise `Problem` when one of them is declined or late."""
        outlet = self.outlet
        if outlet is None:
            raise unanswerable()
        asked: dict[str, tuple[Id, asyncio.Future[JsonValue]]] = {}
        try:
            for key, request in requests.items():
                number = ASKED + secrets.token_hex(8)  # no other replica asks by the same
                waiting = asyncio.get_running_loop().create_future()
                self._session.asked[number] = waiting
                asked[key] = (number, waiting)
                params = request.get("params")
                await outlet.event(
                    request_bytes(
                        number, str(request.get("method")), params if isinstance(params, dict) else {}
                    )
                )
            async with asyncio.timeout(ASK_WITHIN_S):
                return {key: _result(await waiting) for key, (_, waiting) in asked.items()}
        except TimeoutError as error:
            raise too_late() from error
        finally:
            for number, _ in asked.values():
                self._session.asked.pop(number, None)


def understood(capabilities: Object) -> Object:
    """Return what matters here of what a client says that it can do: what it keeps may be of any size."""
    kept: Object = {}
    for name in sorted(set(_NEEDS.values())):
        said = capabilities.get(name)
        if isinstance(said, dict):
            kept[name] = {way: {} for way in ("form", "url") if way in said}
    return kept


def answers_anything(capabilities: Object) -> bool:
    """Whether a client answers any question of a server."""
    return any(isinstance(capabilities.get(name), dict) for name in _NEEDS.values())


def severity(level: JsonValue) -> int:
    """Return how grave a level is; one that is unknown is the least."""
    return LEVELS.index(level) if isinstance(level, str) and level in LEVELS else 0


def unanswerable() -> Problem:
    """Return the problem of a question that cannot reach the client."""
    return Problem("client_cannot_answer", 422, "The client takes no questions on this request.")


def too_late() -> Problem:
    """Return the problem of a question that was not answered."""
    return Problem("input_timeout", 504, "The client did not answer the server's question in time.")


def _result(message: JsonValue) -> JsonValue:
    """Return the result of a posted answer; raise `Problem` for an error."""
    if isinstance(message, dict) and isinstance(result := message.get("result"), dict):
        return result
    error = message.get("error") if isinstance(message, dict) else None
    words = error.get("message") if isinstance(error, dict) else None
    detail = f"The client declined: {str(words)[:500]}" if words else "The client declined."
    raise Problem("input_declined", 422, detail)
