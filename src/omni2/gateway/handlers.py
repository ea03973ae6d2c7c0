"""What each method does: lists from the catalogue as the caller may use it, the rest by the governed path."""

from collections.abc import Awaitable, Callable, Mapping

from omni2.engine.context import Engine
from omni2.engine.requests import Answered, Asked
from omni2.gateway.answers import modern_result
from omni2.gateway.ask import Ask
from omni2.gateway.calls import Calls, passed_on
from omni2.gateway.link import LEVELS, understood
from omni2.gateway.mirrored import Mirrors
from omni2.gateway.parking import Parking, input_of
from omni2.gateway.request import client_words
from omni2.gateway.sessions import Sessions
from omni2.gateway.shelf import Listings, Shelf, What, require_open
from omni2.gateway.streams import SUBSCRIPTION_KEY, Stream, Streams
from omni2.gateway.updates import Updates, may_read
from omni2.gateway.wire import (
    INVALID_PARAMS,
    LEGACY,
    NEWEST_LEGACY,
    SUPPORTED,
    Fault,
    Object,
    notification_bytes,
)
from omni2.kernel.errors import Problem

RESOURCE_NOT_FOUND = -32002
URIS_LIMIT = 200
_OF: Mapping[str, What] = {
    "tools/list": "tools",
    "prompts/list": "prompts",
    "resources/list": "resources",
    "resources/templates/list": "resourceTemplates",
}
Handler = Callable[[Ask], Awaitable[Object | None]]


class Handlers:
    """One handler a method. A handler returns the result, or None where it has answered itself."""

    def __init__(self, engine: Engine, version: str) -> None:
        self._engine = engine
        self._info: Object = {"name": "omni2", "title": "omni2", "version": version}
        self.sessions = Sessions(engine.database, engine.bus)
        self.parking = Parking(engine.sealer, lambda: engine.recorder.lease.replica_id)
        self.listings = Listings()
        self._mirrors = Mirrors()
        self._updates = Updates(engine)
        self.streams = Streams(engine, self.listings, self._updates)
        self.sessions.on_change(self.streams.note)
        self._calls = Calls(engine, self.parking, self._info)
        self.relay = self._calls.relay
        self.by_method: Mapping[str, Handler] = {
            "initialize": self._initialize,
            "ping": _ping,
            "server/discover": self._discover,
            "logging/setLevel": self._set_level,
            **dict.fromkeys(_OF, self._list),
            "tools/call": self._call_tool,
            "prompts/get": self._get_prompt,
            "resources/read": self._read_resource,
            "completion/complete": self._complete,
            "resources/subscribe": self._subscribe,
            "resources/unsubscribe": self._unsubscribe,
            "subscriptions/listen": self._listen,
        }

    async def serve(self, ask: Ask) -> Object | None:
        """Serve a request whose method exists in its revision."""
        result = await self.by_method[ask.message.method](ask)
        if result is not None and ask.modern:
            return modern_result(result, ask.message.method, self._info)
        return result

    async def stream(self, ask: Ask) -> None:
        """Serve the stream of a session; a newer one takes the place of an older one."""
        session = ask.session
        assert session is not None  # noqa: S101
        stream = Stream(ask, frozenset(_OF.values()), session.uris)
        if session.stream is not None:
            session.stream()
        session.stream = stream.finish
        try:
            await self.streams.run(stream)
        finally:
            if session.stream == stream.finish:
                session.stream = None

    def refused_tool(self, ask: Ask, problem: Problem) -> Object:
        """Return a refusal of a tool call as a model can read it."""
        result: Object = {"content": [{"type": "text", "text": problem.detail}], "isError": True}
        return modern_result(result, ask.message.method, self._info) if ask.modern else result

    async def _initialize(self, ask: Ask) -> Object:
        requested = ask.text("protocolVersion", 64)
        revision = requested if requested in LEGACY else NEWEST_LEGACY
        shelf = await self._shelf(ask)
        client = client_words(ask.object("clientInfo"), revision)
        capabilities = understood(ask.object("capabilities"))
        opened = await self.sessions.open(ask.principal, ask.slug, revision, client, capabilities)
        ask.outlet.session_headers = ((b"mcp-session-id", opened[0].encode()),)
        return {"protocolVersion": revision, "serverInfo": self._info, **_offer(shelf)}

    async def _discover(self, ask: Ask) -> Object:
        shelf = await self._shelf(ask)
        return {"supportedVersions": [*SUPPORTED], **_offer(shelf)}

    async def _set_level(self, ask: Ask) -> Object:
        level = ask.text("level")
        if level not in LEVELS:
            raise Fault(INVALID_PARAMS, f"params.level must be one of {', '.join(LEVELS)}.")
        session = ask.session
        assert session is not None  # noqa: S101
        await self.sessions.save(session, log_level=level, uris=session.uris)
        await self._updates.set_level(await self._shelf(ask), level, ask.principal.user_id)
        return {}

    async def _list(self, ask: Ask) -> Object:
        what = _OF[ask.message.method]
        return self.listings.of(await self._shelf(ask), what).page(what, ask.params.get("cursor"))

    async def _call_tool(self, ask: Ask) -> None:
        name, arguments = ask.text("name", 256), ask.object("arguments")
        shelf = self._known_shelf(ask) or await self._shelf(ask)
        found = shelf.find_tool(name) or _guess(shelf, name)
        if ask.modern and shelf.access.allows(*found).allowed:
            tool = shelf.catalog.servers[found[0]].tools[found[1]]
            self._mirrors.require_equal(ask.head, tool, arguments)
        asked = Asked("tool", *found, arguments, ask.client, passed_on(ask.message.meta))
        if ask.modern:
            answered = await self._governed(ask, asked)
            if answered is None:
                return
        else:
            answered = await self._calls.answer_here(ask, asked)
        if answered.called.status == "denied" and _is_hidden(shelf, found):
            raise Fault(INVALID_PARAMS, f"Unknown tool: {name}")
        await self._calls.send(ask, answered)

    async def _get_prompt(self, ask: Ask) -> None:
        name, arguments = ask.text("name", 256), ask.object("arguments")
        shelf = await self._shelf(ask)
        found = shelf.find_prompt(name) or _guess(shelf, name)
        asked = Asked("prompt", *found, arguments, ask.client, passed_on(ask.message.meta))
        answered = await self._governed(ask, asked)
        if answered is None:
            return
        known = shelf.access.allows_prompt(*found).code != "unknown_prompt"
        if answered.called.status == "denied" and not (known and shelf.access.uses(found[0])):
            raise Fault(INVALID_PARAMS, f"Unknown prompt: {name}")
        await self._calls.send(ask, answered)

    async def _read_resource(self, ask: Ask) -> None:
        uri = ask.text("uri")
        shelf = await self._shelf(ask)
        slug = shelf.find_resource(uri)
        asked = Asked("resource", slug or ask.slug, uri, {}, ask.client, passed_on(ask.message.meta))
        answered = await self._governed(ask, asked)
        if answered is None:
            return
        if answered.called.status == "denied" and (slug is None or not shelf.access.uses(slug)):
            code = INVALID_PARAMS if ask.modern else RESOURCE_NOT_FOUND
            raise Fault(code, "Resource not found", {"uri": uri})
        await self._calls.send(ask, answered)

    async def _complete(self, ask: Ask) -> None:
        ref, argument = ask.object("ref"), ask.object("argument")
        shelf = await self._shelf(ask)
        found, own = _referred(shelf, ref)
        arguments: Object = {"ref": own, "argument": argument}
        if "context" in ask.params:
            arguments["context"] = ask.object("context")
        asked = Asked("completion", *found, arguments, ask.client, passed_on(ask.message.meta))
        answered = await self._governed(ask, asked)
        if answered is None:
            return
        if answered.called.status == "denied" and not shelf.access.uses(found[0]):
            raise Fault(INVALID_PARAMS, "Unknown reference.")
        await self._calls.send(ask, answered)

    async def _subscribe(self, ask: Ask) -> Object:
        uri, session = ask.text("uri"), ask.session
        assert session is not None  # noqa: S101
        shelf = await self._shelf(ask)
        if not may_read(shelf, uri):
            raise Fault(RESOURCE_NOT_FOUND, "Resource not found", {"uri": uri})
        if len(session.uris) >= URIS_LIMIT and uri not in session.uris:
            raise Fault(INVALID_PARAMS, f"At most {URIS_LIMIT} resources can be subscribed to at a time.")
        before = session.uris
        await self.sessions.save(session, log_level=session.log_level, uris=before | {uri})
        try:
            await self.streams.follow(session)
        except Problem:
            await self.sessions.save(session, log_level=session.log_level, uris=before)
            raise
        return {}

    async def _unsubscribe(self, ask: Ask) -> Object:
        uri, session = ask.text("uri"), ask.session
        assert session is not None  # noqa: S101
        await self.sessions.save(session, log_level=session.log_level, uris=session.uris - {uri})
        await self.streams.follow(session)
        return {}

    async def _listen(self, ask: Ask) -> None:
        if not ask.head.accepts_stream:
            raise Fault(INVALID_PARAMS, "Accept text/event-stream to listen.", status=406)
        wished = ask.object("notifications")
        shelf = await self._shelf(ask)
        listed = wished.get("resourceSubscriptions")
        uris = [uri for uri in listed if isinstance(uri, str)] if isinstance(listed, list) else []
        honoured: Object = {
            name: True
            for name in ("toolsListChanged", "promptsListChanged", "resourcesListChanged")
            if wished.get(name) is True
        }
        allowed = [uri for uri in uris[:URIS_LIMIT] if may_read(shelf, uri)]
        if allowed:
            honoured["resourceSubscriptions"] = [*allowed]
        told: Object = {"notifications": honoured, "_meta": {SUBSCRIPTION_KEY: ask.id}}
        first = notification_bytes("notifications/subscriptions/acknowledged", told)
        stream = Stream(ask, _wants(honoured), frozenset(allowed))
        ask.outlet.on_open = None
        await self.streams.run(stream, first)

    async def _governed(self, ask: Ask, asked: Asked) -> Answered | None:
        """Take the governed path, or go on with what waits there for this very retry."""
        retried = input_of(ask.params) if ask.modern else None
        if retried is not None and retried[0]:
            return await self._calls.resume(ask, asked, *retried)
        return await self._calls.start(ask, asked)

    def _known_shelf(self, ask: Ask) -> Shelf | None:
        """Return what an earlier request found at the same address, None where that takes another look."""
        view = self._engine.views.of(ask.principal)
        if view is None:
            return None
        found: Shelf | None = view.notes.get(("shelf", ask.slug))
        if found is None:
            found = require_open(Shelf(view.access, view.access.catalog, ask.slug))
            view.notes["shelf", ask.slug] = found
        return found

    async def _shelf(self, ask: Ask) -> Shelf:
        access = await self._engine.access.of(ask.principal)
        return require_open(Shelf(access, access.catalog, ask.slug))


async def _ping(ask: Ask) -> Object:
    del ask
    return {}


def _offer(shelf: Shelf) -> Object:
    """Return capabilities and instructions of an address."""
    capabilities: Object = {
        "tools": {"listChanged": True},
        "prompts": {"listChanged": True},
        "resources": {"subscribe": True, "listChanged": True},
        "completions": {},
        "logging": {},
    }
    server = shelf.catalog.servers.get(shelf.slug)
    words = server.instructions if server else None
    return {"capabilities": capabilities, **({"instructions": words} if words else {})}


def _guess(shelf: Shelf, name: str) -> tuple[str, str]:
    """Return what an unknown name would be of, so that the refusal is on record like any other."""
    if shelf.slug:
        return shelf.slug, name
    slug, _, own = name.partition("__")
    return (slug[:32], own) if own else ("", name)


def _is_hidden(shelf: Shelf, found: tuple[str, str]) -> bool:
    """Whether a denied tool is answered like one that does not exist."""
    known = shelf.access.allows(*found).code not in {"unknown_server", "unknown_tool"}
    return not (known and shelf.access.uses(found[0]))


def _referred(shelf: Shelf, ref: Object) -> tuple[tuple[str, str], Object]:
    """Return what a completion refers to, and the reference as its server knows it."""
    match ref:
        case {"type": "ref/prompt", "name": str(name)}:
            found = shelf.find_prompt(name) or _guess(shelf, name)
            return found, {**ref, "name": found[1]}
        case {"type": "ref/resource", "uri": str(uri)}:
            return (shelf.find_template(uri) or shelf.slug, uri), ref
        case _:
            raise Fault(
                INVALID_PARAMS, "params.ref must be a ref/prompt with a name or a ref/resource with a uri."
            )


def _wants(honoured: Object) -> frozenset[What]:
    wants: set[What] = set()
    if "toolsListChanged" in honoured:
        wants.add("tools")
    if "promptsListChanged" in honoured:
        wants.add("prompts")
    if "resourcesListChanged" in honoured:
        wants |= {"resources", "resourceTemplates"}
    return frozenset(wants)
