"""The door at `/mcp`: reads a request, knows who sent it, and hands it to the handler of its method."""

from typing import Any

import structlog
from starlette.types import Receive, Scope, Send

from omni2.engine.context import Engine
from omni2.engine.requests import refuse
from omni2.gateway.ask import Ask
from omni2.gateway.handlers import Handlers
from omni2.gateway.methods import require_method
from omni2.gateway.outlet import DOOR, KEPT, WHOLE, Header, Outlet
from omni2.gateway.request import Incoming, bearer, read_body, read_head, require_json, revision_of
from omni2.gateway.sessions import Session, deliver_kind
from omni2.gateway.wire import (
    INVALID_REQUEST,
    MODERN,
    Fault,
    Message,
    fault_bytes,
    fault_of,
    parse,
    result_bytes,
)
from omni2.identity.auth import not_signed_in
from omni2.identity.origins import networks_of, origin_of
from omni2.identity.principal import Principal
from omni2.kernel.errors import Problem
from omni2.kernel.served import origin_at
from omni2.kernel.tasks import Supervisor
from omni2.live.registry import Ending, Handle

log = structlog.get_logger(__name__)

VERBS = ("POST", "GET", "DELETE")
SESSION_HEADER = b"mcp-session-id"
_NOTHING: dict[str, Any] = {}


class Gateway:
    """Serves `/mcp` and `/mcp/{slug}`; an ASGI application for these paths alone."""

    def __init__(self, engine: Engine, version: str) -> None:
        self.handlers = Handlers(engine, version)
        self._engine = engine

    def supervise(self, supervisor: Supervisor) -> None:
        """Start what runs beside the requests."""
        supervisor.loop("mcp_sessions", self.handlers.sessions.follow)
        supervisor.loop("mcp_expiry", self.handlers.sessions.tidy)
        self.handlers.streams.supervise(supervisor)
        self.handlers.relay.supervise(supervisor)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one HTTP request. A client that vanishes is no error."""
        outlet = Outlet(scope, send, self._engine.mirror)
        try:
            kept: dict[str, Any] = scope.get(KEPT) or {}
            head: Incoming | None = kept.get("head")
            if head is None:
                kept["head"] = head = read_head(scope)
            if head.verb == "POST":
                await self._post(scope, head, receive, outlet)
            elif head.verb in VERBS:
                await self._session_verb(scope, head, receive, outlet)
            else:
                await outlet.empty(405, ((b"allow", ", ".join(VERBS).encode()),))
        except ConnectionError:
            outlet.over = True
        except Fault as fault:
            await outlet.json(fault_bytes(None, fault), fault.status_at(None))
        except Problem as problem:
            await self.refuse(scope, outlet, problem)

    async def refuse(self, scope: Scope, outlet: Outlet, problem: Problem) -> None:
        """Answer with a problem: who is not known hears where to go, who is blocked hears the words."""
        headers: list[Header] = []
        if problem.status == 401 or problem.code == "insufficient_scope":
            headers.append(
                (b"www-authenticate", self._challenge(scope, problem).encode("latin-1", "replace"))
            )
        if outlet.over:
            return
        await outlet.problem(problem, headers)

    async def _post(self, scope: Scope, head: Incoming, receive: Receive, outlet: Outlet) -> None:
        known = self._known(scope)  # then the same head was good before
        if known is None:
            require_json(head)
        message = parse(scope[WHOLE].body if WHOLE in scope else await read_body(receive))
        try:
            revision = revision_of(head, message)
        except Fault as fault:
            await outlet.json(fault_bytes(message.id, fault), fault.status_at(None))
            return
        principal = known or await self._authenticate(scope, head)
        if self._engine.mirror.refused(principal.user_id, DOOR) or DOOR not in principal.scopes:
            await self._admit(principal, head, message)
        outlet.user_id = principal.user_id
        ask = Ask(head, message, revision, principal, outlet, receive)
        outlet.on_open = lambda: self._hold(ask)
        try:
            await self._serve(scope, ask)
        except Fault as fault:
            await _fail(ask, fault)
        except Problem as problem:
            await self._refuse_request(scope, ask, problem)
        finally:
            outlet.on_open = None  # it holds the request, which holds the outlet
            if ask.handle is not None:
                self._engine.registry.remove(ask.handle)

    async def _serve(self, scope: Scope, ask: Ask) -> None:
        message = ask.message
        if ask.revision != MODERN and message.method != "initialize":
            ask.session = self._same_session(scope, ask) or await self._session(scope, ask)
        if message.kind == "request":
            ask.revision = ask.session.revision if ask.session else ask.revision
            require_method(message.method, ask.revision)
            result = await self.handlers.serve(ask)
            if result is not None:
                await _answer(ask, result_bytes(ask.id, result))
            return
        if ask.session is not None:
            await self._hear(ask.session, message)
        elif message.kind == "answer":
            raise Fault(INVALID_REQUEST, "Invalid request: answers go into the retry of a request.")
        await ask.outlet.empty(202)

    async def _hear(self, session: Session, message: Message) -> None:
        """Take a notification or an answer of a client: it concerns what runs in its session alone."""
        kind = deliver_kind(message)
        if kind is not None:
            await self.handlers.sessions.pass_on(session, *kind)

    async def _session_verb(self, scope: Scope, head: Incoming, receive: Receive, outlet: Outlet) -> None:
        """Serve GET, the stream of a session, and DELETE, its end. The newest revision has neither."""
        if head.version == MODERN:
            await outlet.empty(405, ((b"allow", b"POST"),))
            return
        message = Message("notification", None, head.verb, {}, {}, {})
        revision_of(head, message)
        principal = await self._authenticate(scope, head)
        await self._admit(principal, head, message)
        outlet.user_id = principal.user_id
        ask = Ask(head, message, "", principal, outlet, receive)
        ask.session = await self._session(scope, ask)
        ask.revision = ask.session.revision
        if head.verb == "DELETE":
            await self.handlers.sessions.end(ask.session)
            await outlet.empty(204)
        elif not head.accepts_stream:
            raise Problem("not_acceptable", 406, "Accept text/event-stream.")
        else:
            await self.handlers.stream(ask)

    def _same_session(self, scope: Scope, ask: Ask) -> Session | None:
        """Return the session that the same head belonged to before, if it still stands for this principal."""
        kept: dict[str, Any] = scope.get(KEPT, _NOTHING)
        before: tuple[Principal, Session, tuple[Header, ...]] | None = kept.get("session")
        if before is None or before[0] is not ask.principal or not self.handlers.sessions.stands(before[1]):
            return None
        ask.outlet.session_headers = before[2]
        return before[1]

    async def _session(self, scope: Scope, ask: Ask) -> Session:
        if ask.head.session_id is None:
            raise Fault(INVALID_REQUEST, "Mcp-Session-Id is missing. Initialize first.", status=400)
        session = await self.handlers.sessions.find(ask.principal, ask.slug, ask.head.session_id)
        headers = ((SESSION_HEADER, ask.head.session_id.encode("latin-1")),)
        ask.outlet.session_headers = headers
        if KEPT in scope:
            scope[KEPT]["session"] = ask.principal, session, headers
        return session

    def _known(self, scope: Scope) -> Principal | None:
        """Return whom the same head showed before, None where that takes a read."""
        before: Principal | None = scope.get(KEPT, _NOTHING).get("principal")
        view = self._engine.views.of(before) if before is not None else None
        return None if view is None else view.principal

    async def _authenticate(self, scope: Scope, head: Incoming) -> Principal:
        token = bearer(head)
        if token is None:
            raise not_signed_in("Show an access token in the header Authorization: Bearer.")
        peer = scope["client"][0] if scope.get("client") else "unknown"
        trusted = networks_of(self._engine.settings.trusted_proxies)
        hops = (head.header(b"x-forwarded-for") or "",) if trusted else ()
        address = origin_of(peer, hops, trusted) if trusted else peer
        client, at = (head.header(b"user-agent") or "")[:200], head.slug or None
        principal = await self._engine.authenticator.by_token(token, (client, address, at))
        if KEPT in scope:
            scope[KEPT]["principal"] = principal
        return principal

    async def _admit(self, principal: Principal, head: Incoming, message: Message) -> None:
        """Raise `Problem` unless this person may use the door. A refusal of somebody known leaves a flow.

        It is asked only where the view of now does not say that they may.
        """
        try:
            await self._engine.mirror.require_open(principal.user_id, DOOR)
            if DOOR not in principal.scopes:
                detail = "This token does not open mcp. Create one with scope mcp."
                raise Problem("insufficient_scope", 403, detail)
        except Problem as problem:
            if problem.status == 403:
                title = f"/mcp/{head.slug} {message.method}" if head.slug else f"/mcp {message.method}"
                await refuse(self._engine, principal, title, problem)
            raise

    async def _refuse_request(self, scope: Scope, ask: Ask, problem: Problem) -> None:
        """Answer a request that a problem ends: over HTTP where it ends access, else in JSON-RPC."""
        if problem.status in {401, 403}:
            if ask.outlet.streaming:
                await ask.outlet.end(
                    Ending(4000 + problem.status, problem.code, problem.detail), ask.message.id
                )
            else:
                await self.refuse(scope, ask.outlet, problem)
            return
        if ask.message.method == "tools/call" and problem.status < 500:
            await _answer(ask, result_bytes(ask.id, self.handlers.refused_tool(ask, problem)))
            return
        fault = fault_of(problem)
        await _fail(ask, Fault(fault.code, fault.message, fault.data, problem.status))

    def _hold(self, ask: Ask) -> None:
        """Let a block find the stream that an answer becomes."""

        async def end(ending: Ending) -> None:
            await ask.outlet.end(ending, ask.message.id)

        principal = ask.principal
        handle = Handle("stream", principal.user_id, DOOR, principal.credential_id, end)
        self._engine.registry.add(handle)
        ask.handle = handle

    def _challenge(self, scope: Scope, problem: Problem) -> str:
        host = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), "")
        origin = origin_at(self._engine.settings, host)
        where = f'resource_metadata="{origin}/.well-known/oauth-protected-resource/mcp"'
        if problem.status == 401:
            shown = any(name == b"authorization" for name, _ in scope["headers"])
            return f'Bearer error="invalid_token", {where}' if shown else f"Bearer {where}"
        return f'Bearer error="insufficient_scope", scope="mcp", {where}'


async def _answer(ask: Ask, body: bytes) -> None:
    if ask.outlet.streaming or not ask.head.accepts_json:
        await ask.outlet.open()
        await ask.outlet.close(body)
    else:
        await ask.outlet.json(body)


async def _fail(ask: Ask, fault: Fault) -> None:
    if ask.outlet.over:
        return
    if ask.outlet.streaming:
        await ask.outlet.close(fault_bytes(ask.message.id, fault))
    else:
        await ask.outlet.json(fault_bytes(ask.message.id, fault), fault.status_at(ask.revision))
