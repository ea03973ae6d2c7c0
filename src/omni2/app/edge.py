"""The outermost layer, plain ASGI: request ids, headers, origin and host checks, bounded bodies, bugs."""

from collections.abc import Mapping

import structlog
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from omni2.app.bodies import CUT_OFF, BoundedBody
from omni2.app.release import Release
from omni2.app.rendering import bug, render
from omni2.gateway.outlet import KEPT, WHOLE
from omni2.gateway.request import is_ours
from omni2.identity.deps import authenticate
from omni2.kernel.errors import Problem
from omni2.kernel.ids import new_id
from omni2.kernel.served import serves
from omni2.kernel.settings import Settings

log = structlog.get_logger(__name__)

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
HEADERS: Mapping[str, str] = {
    "content-security-policy": (
        "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; object-src 'none'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}

_NOSNIFF = (b"x-content-type-options", b"nosniff")
_RAW = tuple((name.encode(), value.encode()) for name, value in HEADERS.items())


class Edge:
    """Wraps the application. A bug becomes a 500 with a request id; the text of an exception leaves never."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        problem = self._host_problem(scope) or self._origin_problem(scope) or _cookie_problem(scope)
        if problem is not None:
            scope["omni2.problem"] = problem
        await self._app(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        request_id = new_id()
        scope.setdefault("state", {})["request_id"] = request_id
        leave = scope[WHOLE] if WHOLE in scope else _Leaving(scope, send, request_id)
        try:
            if WHOLE in scope:
                await self._whole(scope, receive, send)
            else:
                await self._parted(scope, receive, leave.send)
        except Exception as error:
            log.error("request_failed", request_id=request_id, path=scope["path"], exc_info=error)
            if not leave.response_started:
                await render(bug(), request_id)(scope, receive, leave.send)

    async def _whole(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request to the gateway that is there as a whole, by what was found of the same head."""
        kept: dict[str, object] = scope[KEPT]
        if "edge" not in kept:
            problem = self._problem(scope, ours=True)
            if problem is not None:
                await render(problem, scope["state"]["request_id"])(scope, receive, send)
                return
            kept["edge"] = True
        await self._app(scope, receive, send)

    async def _parted(self, scope: Scope, receive: Receive, send: Send) -> None:
        ours = is_ours(scope["path"])  # the gateway asks itself before anything leaves
        problem = self._problem(scope, ours=ours)
        if problem is not None:
            await render(problem, scope["state"]["request_id"])(scope, receive, send)
            return
        leave = send if ours else Release(scope, receive, send)
        await self._app(scope, _bounded(scope, receive), leave)

    def _problem(self, scope: Scope, *, ours: bool) -> Problem | None:
        problem = self._host_problem(scope) or _address_problem(scope)
        return problem or (self._origin_problem if ours else self._write_problem)(scope)

    def _write_problem(self, scope: Scope) -> Problem | None:
        """Refuse a state-changing request of another site: it takes our origin, a custom header, JSON."""
        if scope["method"] in SAFE or not scope["path"].startswith("/api/"):
            return None
        headers = Headers(scope=scope)
        if headers.get("authorization", "").lower().startswith("bearer ") and "cookie" not in headers:
            return _content_problem(headers)
        if (problem := self._origin_problem(scope)) is not None:
            return problem
        if headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
            return Problem("origin_refused", 403, "This request comes from another site.")
        if "x-omni2" not in headers:
            return Problem("header_missing", 403, "State-changing requests need the header X-Omni2: 1.")
        return _content_problem(headers)

    def _origin_problem(self, scope: Scope) -> Problem | None:
        """Refuse an `Origin` that is not exactly ours; programs send none."""
        origin = _header(scope, b"origin")
        if origin is None or origin in self._origins(_header(scope, b"host") or ""):
            return None
        return Problem("origin_refused", 403, "This request comes from another site.")

    def _origins(self, host: str) -> frozenset[str]:
        settings = self._settings
        if settings.public_url:
            return frozenset({settings.origin})
        return frozenset({settings.origin, f"http://{host}"})

    def _host_problem(self, scope: Scope) -> Problem | None:
        """Refuse a `Host` that is not ours: a page of another site may have pointed its name here."""
        if serves(self._settings, _header(scope, b"host") or ""):
            return None
        return Problem(
            "host_refused", 403, "This host name is not served here. Set OMNI2_PUBLIC_URL to use it."
        )


def _bounded(scope: Scope, receive: Receive) -> BoundedBody:
    return BoundedBody(scope, receive, lambda: authenticate(HTTPConnection(scope)))


def _header(scope: Scope, name: bytes) -> str | None:
    """Return the first value of a header."""
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), None)


def _cookie_problem(scope: Scope) -> Problem | None:
    """Refuse a cookie on a socket without an `Origin`: browsers send one, and programs bring a token."""
    headers = Headers(scope=scope)
    if "cookie" not in headers or "authorization" in headers or "origin" in headers:
        return None
    return Problem(
        "origin_refused", 403, "A cookie opens a socket only with its Origin. Programs use a token."
    )


class _Leaving:
    """The way out of a request, which adds the headers of all answers."""

    def __init__(self, scope: Scope, send: Send, request_id: str) -> None:
        self.response_started = False
        self._scope = scope
        self._send = send
        self._request_id = request_id

    async def send(self, message: Message) -> None:
        """Send a piece of the answer."""
        if message["type"] == "http.response.start":
            self.response_started = True
            _add_headers(message, self._scope, self._request_id)
        await self._send(message)


def _add_headers(message: Message, scope: Scope, request_id: str) -> None:
    if is_ours(scope["path"]) and not scope.get(CUT_OFF):  # JSON and streams for programs: no page
        message["headers"] = [*message["headers"], (b"x-request-id", request_id.encode()), _NOSNIFF]
        return
    headers: list[tuple[bytes, bytes]] = [
        (name, value) for name, value in message.get("headers", ()) if name != b"x-request-id"
    ]
    given = {name for name, _ in headers}
    headers.append((b"x-request-id", request_id.encode()))
    headers += [pair for pair in _RAW if pair[0] not in given]
    if scope.get(CUT_OFF):
        headers = [*(pair for pair in headers if pair[0] != b"connection"), (b"connection", b"close")]
    if b"cache-control" not in given and scope["path"].startswith("/api/"):
        headers.append((b"cache-control", b"no-store"))
    message["headers"] = headers


def _address_problem(scope: Scope) -> Problem | None:
    """Refuse NUL characters, which no name of ours holds and PostgreSQL does not take."""
    if "\x00" in scope["path"] or b"%00" in scope["query_string"] or b"\x00" in scope["query_string"]:
        return Problem("invalid_request", 400, "An address may not hold NUL characters.")
    return None


def _content_problem(headers: Headers) -> Problem | None:
    has_body = headers.get("content-length", "0") != "0" or "transfer-encoding" in headers
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if has_body and kind != "application/json":
        return Problem("unsupported_media_type", 415, "Send JSON with content type application/json.")
    return None
