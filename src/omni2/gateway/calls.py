"""Governed requests on their way: each is waited for together with its client and its server's questions."""

import asyncio
from typing import Any, TypeVar

from omni2.engine.context import Engine
from omni2.engine.requests import Answered, Asked, answer
from omni2.gateway.answers import TIMING_KEY, called_result, modern_result, timing_header, with_timing
from omni2.gateway.ask import Ask
from omni2.gateway.attending import PING_S, Attending, gone, keep_alive
from omni2.gateway.link import BaseLink, StreamLink, answers_anything, understood
from omni2.gateway.parking import Elsewhere, Parked, Parking, ParkingLink, context_of
from omni2.gateway.relay import Interim, Relay
from omni2.gateway.sessions import Cancellable
from omni2.gateway.wire import INVALID_REQUEST, REFUSED, Fault, Id, Object, result_bytes
from omni2.kernel.alarm import Alarm
from omni2.kernel.lease import list_live_replicas
from omni2.kernel.tasks import end
from omni2.upstream.ports import Resumed

T = TypeVar("T")
LOG_LEVEL_KEY = "io.modelcontextprotocol/logLevel"
_PASSED_ON = ("traceparent", "tracestate", "baggage")


class Calls:
    """Starts, parks and resumes requests; a client that goes away cancels its own."""

    def __init__(self, engine: Engine, parking: Parking, info: Object) -> None:
        self._engine = engine
        self._parking = parking
        self.relay = Relay(engine.bus, parking)
        self._pings = Alarm(PING_S)
        self._info = info

    async def start(self, ask: Ask, asked: Asked, resumed: Resumed | None = None) -> Answered | None:
        """Return the answer, or None where the response is over already: input is required first."""
        link = _link(ask)
        if not isinstance(link, ParkingLink):
            return await self.answer_here(ask, asked, resumed)
        link.resumed = resumed
        work = answer(self._engine, ask.principal, asked, door="mcp", link=link)
        return await self._attend(ask, asyncio.create_task(work, name="mcp request"), link)

    async def resume(self, ask: Ask, asked: Asked, state: str, answers: Object) -> Answered | None:
        """Go on with a parked request, on whichever replica it waits; like `start`.

        Where that is gone and the server keeps nothing itself, the request is made once more with its state.
        """
        parked = self._parking.take(state, self._context(ask))
        way = ask.outlet if ask.head.accepts_stream else None
        if not isinstance(parked, Elsewhere):
            parked.link.resume(way, answers)
            return await self._attend(ask, parked.task, parked.link)
        if parked.upstream is not None and await self._is_gone(parked):
            return await self.start(ask, asked, Resumed(answers, parked.upstream))
        work = self.relay.go_on(parked, answers, way)
        came = await self._attend(
            ask, asyncio.create_task(work, name="mcp relay"), BaseLink(None, {}, {}, None)
        )
        if isinstance(came, Interim):
            await self._ask_for(ask, came.requests, came.state)
            return None
        return came

    async def send(self, ask: Ask, answered: Answered) -> None:
        """Release an answer: single JSON, or the last message of what streams by now."""
        result = called_result(answered, ask.message.method)
        if ask.modern:
            result = modern_result(result, ask.message.method, self._info)
        if not ask.outlet.streaming and ask.head.accepts_json:
            body = result_bytes(ask.id, result)
            await ask.outlet.json(body, headers=(timing_header(answered.timing),))
            return
        if TIMING_KEY in ask.message.meta:
            result = with_timing(result, answered.timing)
        await ask.outlet.open()
        await ask.outlet.close(result_bytes(ask.id, result))

    async def answer_here(self, ask: Ask, asked: Asked, resumed: Resumed | None = None) -> Answered:
        """Return the answer to a request that no other one takes up: its task is that of the HTTP request."""
        link = _link(ask)
        link.resumed = resumed
        attending = Attending(ask, self._pings)
        running: dict[Id, Cancellable] = ask.session.calls if ask.session is not None else {}
        if ask.id in running:
            raise Fault(INVALID_REQUEST, "A request with this id is still running in this session.")
        running[ask.id] = attending
        try:
            attending.begin()
            return await answer(self._engine, ask.principal, asked, door="mcp", link=link)
        except asyncio.CancelledError:
            attending.explain()
            raise
        finally:
            attending.finish()
            running.pop(ask.id, None)

    async def _attend(self, ask: Ask, task: "asyncio.Task[T]", link: BaseLink) -> T | None:
        left = asyncio.create_task(gone(ask), name="mcp client")
        parked = False
        try:
            while not task.done():
                questions = (
                    {link.questions} if isinstance(link, ParkingLink) else set[asyncio.Future[Object]]()
                )
                done, _ = await asyncio.wait(
                    {task, left, *questions}, timeout=PING_S, return_when=asyncio.FIRST_COMPLETED
                )
                if task in done:
                    break
                if left in done:
                    raise ConnectionResetError
                if questions & done and isinstance(link, ParkingLink):
                    await self._park(ask, task, link)
                    parked = True
                    return None
                await keep_alive(ask)
            if task.cancelled():
                raise Fault(REFUSED, "This request was cancelled.")
            return task.result()
        finally:
            left.cancel()
            if not parked:
                await end(task)

    async def _park(self, ask: Ask, task: "asyncio.Task[Any]", link: ParkingLink) -> None:
        link.outlet = None
        state = self._parking.park(Parked(ask.principal.user_id, task, link, self._context(ask)))
        await self._ask_for(ask, link.questions.result(), state)

    async def _ask_for(self, ask: Ask, requests: Object, state: str) -> None:
        result: Object = {
            "resultType": "input_required",
            "inputRequests": {**requests},
            "requestState": state,
        }
        body = result_bytes(ask.id, modern_result(result, "", self._info))
        if ask.outlet.streaming:
            await ask.outlet.close(body)
        else:
            await ask.outlet.json(body)

    async def _is_gone(self, parked: Elsewhere) -> bool:
        """Whether the replica that kept a call has no lease any more, so that the call is over."""
        async with self._engine.database.read() as session:
            return parked.replica not in await list_live_replicas(session)

    def _context(self, ask: Ask) -> str:
        return context_of(ask.who, ask.slug, ask.message.method, ask.params)


def passed_on(meta: Object) -> Object:
    """Return what of a client's `_meta` a server gets: the trace, and nothing else."""
    if not meta:
        return {}
    return {name: meta[name] for name in _PASSED_ON if isinstance(meta.get(name), str)}


def _link(ask: Ask) -> BaseLink:
    """Return the way back to the caller; one of the newest revision is parked only if it can answer."""
    outlet = ask.outlet if ask.head.accepts_stream else None
    meta = ask.message.meta
    if ask.session is not None:
        return StreamLink(outlet, ask.session, meta)
    given = meta.get(LOG_LEVEL_KEY)
    level = given if isinstance(given, str) else None
    if answers_anything(ask.capabilities):
        return ParkingLink(outlet, understood(ask.capabilities), meta, level)
    return BaseLink(outlet, {}, meta, level)
