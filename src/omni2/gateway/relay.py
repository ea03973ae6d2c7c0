"""Parked calls of other replicas: a retry that arrives here goes on with the call where that waits.

The bus may lose anything, so every wait is bounded: who takes a call says so at once, and again and again
while it runs; what came of it is said until it was heard; and who hears nothing for too long says that it is
lost.
"""

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

import structlog
from pydantic import JsonValue, TypeAdapter

from omni2.engine.requests import Answered
from omni2.gateway.link import Way
from omni2.gateway.parking import Elsewhere, Parked, Parking, unknown_state
from omni2.gateway.wire import REFUSED, Fault, Object
from omni2.kernel.bus import Bus
from omni2.kernel.errors import Problem
from omni2.kernel.tasks import Supervisor, end

log = structlog.get_logger(__name__)

TOPIC = "mcp_parked"
TAKEN_WITHIN_S = 2.0
BEAT_S = 2.0
SILENT_S = 10.0
SAID_AGAIN_S = 0.5
MAX_WAITING = 256  # of what is said meanwhile, for a client that does not read as fast
TRIES = 4
_SAID = frozenset({"runs", "event", "asks", "done", "failed", "cancelled", "unknown"})
_MEANWHILE = frozenset({"runs", "event"})
_ANSWERED: TypeAdapter[Answered] = TypeAdapter(Answered)


@dataclass(frozen=True, slots=True)
class Interim:
    """The call asks once more: what, and the sealed state of its new round."""

    requests: Object
    state: str


@dataclass(eq=False, slots=True)
class _Served:
    """A call of this replica that another one waits for, until that heard what came of it or left."""

    gone: asyncio.Event = field(default_factory=asyncio.Event)
    heard: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(slots=True)
class _Remote:
    """The way to the client by the replica that its retry reached."""

    relay: "Relay"
    call: str
    over: bool = False

    async def event(self, body: bytes) -> None:
        """Send one message."""
        await self.relay.say(self.call, "event", {"body": body.decode()})


class Relay:
    """Both ends: `go_on` is where a retry arrived, `follow` where calls wait."""

    def __init__(self, bus: Bus, parking: Parking) -> None:
        self._bus = bus
        self._parking = parking
        self._supervisor: Supervisor | None = None
        self._served: dict[str, _Served] = {}
        self._waiting: dict[str, asyncio.Queue[Object]] = {}

    def supervise(self, supervisor: Supervisor) -> None:
        """Start to serve the calls that wait here."""
        self._supervisor = supervisor
        supervisor.loop("mcp_parked", self.follow)

    async def go_on(
        self, found: Elsewhere, answers: Mapping[str, JsonValue], way: Way | None
    ) -> Answered | Interim:
        """Return what comes of a call that waits on another replica; what is said meanwhile goes by `way`.

        Raises like the call itself, `Fault` for a state that stands for no call there, and `Problem`
        call_lost where that replica is gone.
        """
        call = secrets.token_hex(8)
        inbox: asyncio.Queue[Object] = asyncio.Queue()
        self._waiting[call] = inbox
        last: Object | None = None
        try:
            wanted: Object = {"owner": found.owner, "state": found.state, "context": found.context}
            await self.say(call, "take", {**wanted, "answers": {**answers}})
            last = await _last(inbox, way)
            return _come(last)
        except TimeoutError as error:
            detail = "The replica where this call waited is gone. Send the request anew."
            raise Problem("call_lost", 503, detail) from error
        finally:
            del self._waiting[call]
            await self.say(call, "gone" if last is None else "heard")

    async def follow(self) -> None:
        """Hear what concerns calls that wait, or are waited for, here; for ever."""
        async with self._bus.subscribe(TOPIC) as inbox:
            while True:
                _, payload = await inbox.get()
                if isinstance(payload, dict):
                    self._hear(payload)

    async def say(self, call: str, kind: str, members: Mapping[str, JsonValue] | None = None) -> None:
        """Tell the other end of a call something."""
        await self._bus.publish(TOPIC, {**(members or {}), "call": call, "kind": kind})

    def _hear(self, message: Object) -> None:
        call, kind = str(message.get("call")), message.get("kind")
        served, waiting = self._served.get(call), self._waiting.get(call)
        if kind == "take" and message.get("owner") == self._parking.owner and self._supervisor is not None:
            self._served[call] = _Served()
            self._supervisor.spawn(self._serve(call, message), name="mcp parked call")
        elif kind == "heard" and served is not None:
            served.heard.set()
        elif kind == "gone" and served is not None:
            served.gone.set()
        elif (
            kind in _SAID
            and waiting is not None
            and (kind not in _MEANWHILE or waiting.qsize() < MAX_WAITING)
        ):
            waiting.put_nowait(message)

    async def _serve(self, call: str, message: Object) -> None:
        """Let a call go on that waits here, and tell who asked what comes of it."""
        served = self._served[call]
        try:
            kind, members = await self._came(call, served, message)
            for _ in range(TRIES):
                if served.heard.is_set() or served.gone.is_set():
                    return
                await self.say(call, kind, members)
                await _wait_for(served.heard, SAID_AGAIN_S)
        finally:
            del self._served[call]

    async def _came(self, call: str, served: _Served, message: Object) -> tuple[str, Object]:
        try:
            parked = self._parking.take(str(message.get("state")), str(message.get("context")))
            if not isinstance(parked, Parked):
                raise unknown_state()
        except Fault:
            return "unknown", {}
        await self.say(call, "runs")
        answers = message.get("answers")
        parked.link.resume(_Remote(self, call), answers if isinstance(answers, dict) else {})
        try:
            return await self._attend(call, served, parked)
        except Problem as problem:
            return "failed", _told(problem)

    async def _attend(self, call: str, served: _Served, parked: Parked) -> tuple[str, Object]:
        """Wait for what comes of a call, and say meanwhile that it runs; end it where nobody waits for it."""
        link, gone = parked.link, asyncio.create_task(served.gone.wait(), name="mcp parked call left")
        kept = False
        try:
            while not (parked.task.done() or gone.done()):
                await asyncio.wait(
                    {parked.task, link.questions, gone},
                    timeout=BEAT_S,
                    return_when=asyncio.FIRST_COMPLETED,
                )
                if link.questions.done() and not (parked.task.done() or gone.done()):
                    state = self._parking.park(parked.again())
                    kept = True
                    return "asks", {"requests": link.questions.result(), "state": state}
                await self.say(call, "runs")
            return _outcome(parked.task) if parked.task.done() else ("failed", {})
        finally:
            link.outlet = None
            gone.cancel()
            if not kept:
                await end(parked.task)


async def _last(inbox: "asyncio.Queue[Object]", way: Way | None) -> Object:
    """Return what came of a call, handing on what is said before; raise `TimeoutError` for silence."""
    limit_s = TAKEN_WITHIN_S
    while True:
        async with asyncio.timeout(limit_s):
            message = await inbox.get()
        limit_s = SILENT_S
        if message["kind"] not in _MEANWHILE:
            return message
        if message["kind"] == "event" and way is not None:
            await way.event(str(message["body"]).encode())


async def _wait_for(event: asyncio.Event, limit_s: float) -> None:
    try:
        async with asyncio.timeout(limit_s):
            await event.wait()
    except TimeoutError:
        return


def _outcome(task: "asyncio.Task[Answered]") -> tuple[str, Object]:
    """Return what came of a call that is over, as it crosses the bus."""
    if task.cancelled():
        return "cancelled", {}
    error = task.exception()
    if error is None:
        return "done", {"answered": _ANSWERED.dump_python(task.result(), mode="json")}
    if isinstance(error, Problem):
        return "failed", _told(error)
    log.error("parked_call_failed", exc_info=error)
    return "failed", _told(Problem("internal", 500, "omni2 failed. The log has the details."))


def _told(problem: Problem) -> Object:
    return {"problem": problem.members()}


def _problem(members: Object) -> Problem:
    match members:
        case {"code": str(code), "status": int(status), "detail": str(words), **more}:
            return Problem(code, status, words, **more)
        case _:
            return Problem("internal", 500, "omni2 failed. The log has the details.")


def _come(message: Object) -> Answered | Interim:
    """Return what came of a call as it crossed the bus, or raise it."""
    match message:
        case {"kind": "done", "answered": answered}:
            return _ANSWERED.validate_python(answered)
        case {"kind": "asks", "requests": dict(requests), "state": str(state)}:
            return Interim(requests, state)
        case {"kind": "failed", "problem": dict(problem)}:
            raise _problem(problem)
        case {"kind": "cancelled"}:
            raise Fault(REFUSED, "This request was cancelled.")
        case _:
            raise unknown_state()
