"""The turns that run on this replica: started, followed, stopped. A dropped socket does not end one."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import structlog

from omni2.conversations.history import get_conversation, get_question, list_said
from omni2.engine.context import Engine
from omni2.engine.storable import storable
from omni2.engine.stream import Frame, TurnStream, follow_stored
from omni2.engine.turn import Ask, new_ask, run_turn
from omni2.flows.heads import owner_of
from omni2.identity.principal import Principal
from omni2.kernel.errors import Problem, invalid, not_found
from omni2.kernel.ids import new_id
from omni2.kernel.tasks import Supervisor, end
from omni2.live.registry import Ending, Handle

log = structlog.get_logger(__name__)

TEXT_LIMIT = 32_000
TURNS_LIMIT = 256
STORE_ATTEMPTS, STORE_AGAIN_S = 60, 1.0
STOPPED = Ending(1000, "stopped", "Stopped.")


class Turns:
    """Owns the running turns of this replica."""

    def __init__(self, engine: Engine, supervisor: Supervisor) -> None:
        self._engine = engine
        self._supervisor = supervisor
        self._streams: dict[str, TurnStream] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def say(
        self, principal: Principal, text: str, conversation_id: str | None, model_id: str | None
    ) -> Ask:
        """Start answering a message; raise `Problem` for one that cannot be answered at all."""
        text = storable(text)
        if not text.strip():
            raise invalid("text", "Write something first.")
        if len(text) > TEXT_LIMIT:
            raise Problem(
                "too_long", 422, f"Use at most {TEXT_LIMIT:,} characters.", field="text", limit=TEXT_LIMIT
            )
        history = []
        if conversation_id is not None:
            async with self._engine.database.read() as session:
                await get_conversation(session, conversation_id, principal.user_id)
                history = await list_said(session, conversation_id)
        ask = new_ask(text, conversation_id, model_id, tuple(history))
        await self._start(principal, ask)
        return ask

    async def regenerate(self, principal: Principal, message_id: str) -> Ask:
        """Answer the question behind `message_id` again; what was said after it is hidden, not deleted."""
        async with self._engine.database.read() as session:
            conversation_id, question = await get_question(session, message_id, principal.user_id)
            history = await list_said(session, conversation_id, before_key=question.key)
        ask = Ask(
            flow_id=new_id(),
            conversation_id=conversation_id,
            message_id=question.message_id,
            text=question.text,
            is_new=False,
            history=tuple(history),
            supersede_key=question.key,
        )
        await self._start(principal, ask)
        return ask

    async def follow(self, principal: Principal, flow_id: str, after: int) -> AsyncIterator[Frame]:
        """Yield a turn's frames behind `after`, wherever it runs; raise `Problem` 404 for a foreign one."""
        stream = self._streams.get(flow_id)
        if stream is not None and stream.user_id != principal.user_id:
            raise not_found("answer")
        if stream is None:
            async with self._engine.database.read() as session:
                found = await owner_of(session, flow_id)
            if found is None or found[0] != principal.user_id:
                raise not_found("answer")
            frames = follow_stored(self._engine.database, self._engine.bus, flow_id, after)
        else:
            frames = stream.follow(after)
        async for frame in frames:
            yield frame

    async def stop(self, principal: Principal, flow_id: str) -> None:
        """Stop the user's turn, on whichever replica it runs; what was used is charged, the rest returned."""
        if await self._stop_here(principal.user_id, flow_id):
            return
        async with self._engine.database.read() as session:
            found = await owner_of(session, flow_id)
        if found is None or found[0] != principal.user_id:
            raise not_found("answer")
        await self._engine.bus.publish("stop", {"user_id": principal.user_id, "flow_id": flow_id})

    async def stop_conversation(self, conversation_id: str) -> None:
        """Stop whatever runs in a conversation and wait until it is closed."""
        for flow_id, stream in list(self._streams.items()):
            if stream.conversation_id == conversation_id and (task := self._tasks.get(flow_id)):
                task.cancel()
                await asyncio.wait([task])

    async def listen(self) -> None:
        """Stop here what another replica was asked to stop."""
        async with self._engine.bus.subscribe("stop") as inbox:
            while True:
                _, payload = await inbox.get()
                if isinstance(payload, dict):
                    await self._stop_here(str(payload.get("user_id")), str(payload.get("flow_id")))

    async def running_flow(self, principal: Principal, conversation_id: str) -> str | None:
        """Return the flow of the turn that is being answered in the user's conversation, if one is."""
        found = [stream for stream in self._streams.values() if stream.conversation_id == conversation_id]
        async with self._engine.database.read() as session:
            conversation = await get_conversation(session, conversation_id, principal.user_id)
        return found[-1].flow_id if found else conversation.running_flow_id

    async def aclose(self) -> None:
        """Cancel what still runs and wait until each turn is closed on record."""
        await end(*self._tasks.values())

    async def _stop_here(self, user_id: str, flow_id: str) -> bool:
        for handle in self._engine.registry.of(user_id):
            if handle.kind == "turn" and handle.flow_id == flow_id:
                await self._engine.registry.end([handle], STOPPED)
                return True
        return False

    async def _start(self, principal: Principal, ask: Ask) -> None:
        """Start the turn; return once the question is on record, so that what is accepted is never lost.

        Raises `Problem` when the store did not take it, the turn has ended then, or when too many run.
        """
        self._require_room(principal.user_id)
        stream = TurnStream(principal.user_id, ask.flow_id, ask.conversation_id)
        self._streams[ask.flow_id] = stream
        task = self._supervisor.spawn(self._run(principal, ask, stream), name=f"turn {ask.flow_id}")
        self._tasks[ask.flow_id] = task
        await stream.on_record.wait()
        if stream.unstored is not None:
            raise stream.unstored

    def _require_room(self, user_id: str) -> None:
        running = sum(stream.user_id == user_id and not stream.ended for stream in self._streams.values())
        if running >= TURNS_LIMIT:
            detail = f"{TURNS_LIMIT} answers of yours are being written. Wait for one, or stop it."
            raise Problem("too_many_turns", 429, detail, limit=TURNS_LIMIT, retry_after_ms=1000)

    async def _run(self, principal: Principal, ask: Ask, stream: TurnStream) -> None:
        task = asyncio.current_task()
        storing = self._supervisor.spawn(self._store(stream), name=f"chunks {ask.flow_id}")

        async def end(ending: Ending) -> None:
            del ending
            if task is not None and not task.done():
                task.cancel()
                await asyncio.wait([task])

        handle = Handle("turn", principal.user_id, "chat", principal.credential_id, end, flow_id=ask.flow_id)
        try:
            with self._engine.registry.hold(handle):
                await run_turn(self._engine, principal, ask, stream.put, stream.note_record)
        except Problem as refusal:  # the door closed since the question was taken: that is on record too
            refused = replace(ask, refusal=refusal)
            await run_turn(self._engine, principal, refused, stream.put, stream.note_record)
        finally:
            stream.end()
            self._tasks.pop(ask.flow_id, None)
            storing.add_done_callback(lambda _: self._streams.pop(ask.flow_id, None))

    async def _store(self, stream: TurnStream) -> None:
        for _ in range(STORE_ATTEMPTS):
            try:
                await stream.keep_stored(self._engine.recorder.lane, self._engine.bus)
            except Problem as problem:
                log.warning("chunks_not_stored", flow_id=stream.flow_id, code=problem.code)
                await asyncio.sleep(STORE_AGAIN_S)
            else:
                return
