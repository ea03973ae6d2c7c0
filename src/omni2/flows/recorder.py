"""Writes flows: every phase is durable before what it allows happens, and a flow always ends.

A flow belongs to the replica that opened it. Each write is fenced in SQL by owner and status, so that an
owner that lost its lease, or a flow that was closed by recovery, can write no more.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from types import TracebackType
from typing import Self, cast

import structlog

from omni2.flows.checkpoints import (
    AnyData,
    Checkpoint,
    Done,
    ErrorStep,
    FlowStatus,
    LlmComplete,
    Source,
    ToolCall,
    Verdict,
)
from omni2.flows.models import FlowHead
from omni2.flows.phase import Doubt, Entry, Opening, Then, Totals, known
from omni2.flows.sentence import outcome_sentence
from omni2.flows.steps import Written, close_head, fence, fetch_last_seq, insert_head, insert_record
from omni2.flows.writing import written
from omni2.kernel.bus import Bus
from omni2.kernel.errors import Problem
from omni2.kernel.ids import new_key, now, uptime
from omni2.kernel.lane import Lane, Row, Step, UnitInvalid, UnitRefused
from omni2.kernel.lease import Lease
from omni2.kernel.tasks import Places, finish_here
from omni2.live.attention import Attention

log = structlog.get_logger(__name__)

RETRY_S = 1.0
MAX_RESTS = 60
UNCLOSED_LIMIT = 1_000


@dataclass(slots=True)
class _Kept:
    """A closing that is to be tried again, how often it was refused, and for how many passes it rests."""

    steps: list[Step]
    refusals: int = 0
    rests: int = 0


class Recorder:
    """Opens flows. Closings that the store refused are kept and tried again until they stand."""

    def __init__(self, lane: Lane, lease: Lease, bus: Bus) -> None:
        self.lane = lane
        self.lease = lease
        self.bus = bus
        self.attention = Attention()
        self._unclosed: dict[str, _Kept] = {}

    def open(self, opening: Opening) -> "Flow":
        """Return a flow, to be used as an async context; nothing is written before its first phase."""
        return Flow(self, opening)

    def keep_closing(self, flow_id: str, steps: list[Step]) -> None:
        """Remember a closing that could not be written. Of too many the oldest is left to recovery."""
        if len(self._unclosed) >= UNCLOSED_LIMIT:
            oldest = next(iter(self._unclosed))
            del self._unclosed[oldest]
            log.warning("closing_given_up", flow_id=oldest)
        self._unclosed[flow_id] = _Kept(steps)

    async def retry_closings(self) -> None:
        """Write what could not be written before; one pass, then a pause.

        What is refused is tried again, ever less often, for as long as the flow is open and ours.
        """
        for flow_id, kept in list(self._unclosed.items()):
            if kept.rests:
                kept.rests -= 1
                continue
            try:
                await self.lane.commit(kept.steps)
            except (UnitRefused, UnitInvalid) as error:  # let the next ones by
                if await self._is_open(flow_id):
                    kept.refusals += 1
                    kept.rests = min(2**kept.refusals, MAX_RESTS)
                    continue
                log.info("closing_dropped", flow_id=flow_id, error=type(error).__name__)
            self._unclosed.pop(flow_id, None)
        await asyncio.sleep(RETRY_S)

    async def _is_open(self, flow_id: str) -> bool:
        """Whether a flow still runs and belongs to this replica, under the lease that it has now."""
        try:
            await self.lane.commit([fence(flow_id, self.lease.replica_id)])
        except UnitRefused:
            return False
        return True


class Flow:
    """One interaction. `note` rides with the next phase; `write` is a phase: durable when it returns."""

    def __init__(self, recorder: Recorder, opening: Opening, owner: str | None = None) -> None:
        self.opening = opening
        self.flow_id = opening.flow_id
        self.key = new_key()
        self.totals = Totals()
        self.status: FlowStatus = "running"
        self.last_seq = 0
        self._recorder = recorder
        self._owner = owner or recorder.lease.replica_id
        self._started_at = now()
        self._started = uptime()
        self._written = False
        self._pending: list[Entry] = []
        self._notable: list[AnyData] = []
        self._turn = Places()
        self._denial: Problem | None = None
        self._doubt: Doubt | None = None

    def note(self, *entries: Entry) -> None:
        """Add checkpoints that become durable with the next phase."""
        self._pending += entries

    def deny(self, problem: Problem) -> None:
        """Note why the flow is refused; it ends as denied unless it ends worse."""
        self._denial = problem

    def continue_behind(self, checkpoints: Sequence[Checkpoint], age: timedelta) -> None:
        """Take up the count of a record that already stands."""
        self._written = True
        self._started = uptime() - age.total_seconds()
        self.last_seq = checkpoints[-1].seq if checkpoints else 0
        for item in checkpoints:
            match item.data:
                case LlmComplete() as call:
                    self.totals.input_tokens += call.input_tokens
                    self.totals.output_tokens += call.output_tokens
                    self.totals.cost_micros += call.cost_micros or 0
                    self.totals.model = call.model
                case ToolCall(was_allowed=True) as called:
                    self.totals.tool_calls += 1
                    self.totals.servers = sorted({*self.totals.servers, called.server})
                case _:
                    pass

    @property
    def is_denied(self) -> bool:
        """Whether a check has refused it."""
        return self._denial is not None

    @property
    def is_recorded(self) -> bool:
        """Whether its first phase is durable."""
        return self._written

    @property
    def elapsed_ms(self) -> float:
        """How long it has been open."""
        return round((uptime() - self._started) * 1000, 3)

    def require_owned(self) -> None:
        """Raise `Problem` when the lease that this flow was opened under is gone: nothing more may leave."""
        lease = self._recorder.lease
        if not lease.valid or lease.replica_id != self._owner:
            raise Problem("lease_lost", 503, "This replica lost its lease and may not go on. Try again.")

    async def write(
        self,
        *entries: Entry,
        steps: Sequence[Step] = (),
        again: Sequence[Step] | None = None,
        then: Then | None = None,
    ) -> list[Row | None]:
        """Make the noted and the given checkpoints durable, together with `steps`, or nothing of it.

        Returns the rows of `steps`. Raises `UnitRefused` (index into `steps`; the noted ones still wait) or
        `Problem` (`flow_closed` when the flow is no longer ours, `database_unavailable`, `record_in_doubt`).

        A phase that the store may or may not have is in doubt: the flow can only be closed then, and the
        closing writes what was lost. `again`, statements that may be run twice, marks what has happened
        already: behind a doubt that waits for the closing. `then` is called with the rows once the phase
        stands, and with None when it is left to the closing, even if the caller is cancelled meanwhile.
        """
        if not self._turn.take():
            await self._turn.wait()
        try:
            if self._doubt is None:
                noted = len(self._pending)
                phase = Doubt((*self._pending, *entries), tuple(again or ()))
                return await finish_here(self._commit(phase, noted, list(steps), then))
            if again is not None:
                self._pending += entries
                self._doubt = replace(self._doubt, again=(*self._doubt.again, *again))
                if then is not None:
                    then(None)
            raise _in_doubt()
        finally:
            self._turn.give_back()

    def end(self, status: FlowStatus, *entries: Entry, steps: Sequence[Step] = ()) -> finish_here[None]:
        """Close the flow: the last checkpoints, `done` behind them, the head settled, all in one unit.

        To be awaited; nothing that happens to the caller cuts it. A store that refuses does not lose it: the
        closing is kept and written when the store is back, and the `Problem` is raised, since nothing final
        may leave before it is durable.
        """
        return finish_here(self._end(status, entries, steps))

    async def _end(self, status: FlowStatus, entries: Sequence[Entry], steps: Sequence[Step]) -> None:
        if not self._turn.take():
            await self._turn.wait()
        try:
            if self.status == "running":
                self.status = status
                await self._close(self._closing(status, entries, steps))
        finally:
            self._turn.give_back()

    def _closing(self, status: FlowStatus, entries: Sequence[Entry], steps: Sequence[Step]) -> list[Step]:
        done, as_json = known(
            Done,
            status=status,
            duration_ms=self.elapsed_ms,
            input_tokens=self.totals.input_tokens,
            output_tokens=self.totals.output_tokens,
            cost_micros=self.totals.cost_micros,
            tool_calls=self.totals.tool_calls,
        )
        all_entries = [*self._pending, *entries, Entry(done, "info", done.duration_ms, json=as_json)]
        self._pending = []
        sentence = outcome_sentence([*self._notable, *(e.data for e in all_entries if e.data)], done)
        if self._denial is not None and status == "denied":
            sentence = f"Denied: {self._denial.detail}"
        closing = close_head((self.flow_id, self._owner), self.totals, done, sentence)
        return [*self._last_unit(all_entries, steps), closing]

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.status != "running":
            return
        if error is None:
            await self.end("denied" if self._denial else "ok")
            return
        status, entry = _ending(error)
        try:
            await self.end(status, entry)
        except Problem as problem:
            log.warning("flow_not_closed", flow_id=self.flow_id, code=problem.code)

    async def _commit(
        self, phase: Doubt, noted: int, steps: list[Step], then: Then | None
    ) -> list[Row | None]:
        """Commit and count in one go, so that whoever is cancelled meanwhile leaves no doubt of it."""
        entries = phase.entries
        head = [] if self._written else [self._head()]
        before = len(head)
        unit = [*head, *steps, self._phase(entries, before)]
        try:
            rows = await self._recorder.lane.commit(unit)
        except UnitRefused as refusal:
            if refusal.index >= before + len(steps):
                raise _closed() from refusal
            raise UnitRefused(refusal.index - before) from refusal
        except UnitInvalid:
            raise
        except Problem:
            self._doubt = phase
            self._count(entries, noted)
            if then is not None:
                then(None)
            raise
        self._written = True
        self.last_seq += len(entries)
        self._count(entries, noted)
        self._recorder.attention.note(self.opening.user_id, self.flow_id)
        own = rows[before : before + len(steps)]
        if then is not None:
            then(own)
        return own

    def _count(self, entries: Sequence[Entry], noted: int) -> None:
        self._notable += [entry.data for entry in entries if entry.data and entry.verdict == "denied"]
        del self._pending[:noted]

    async def _close(self, unit: list[Step]) -> None:
        try:
            await self._recorder.lane.commit(unit)
            self._recorder.attention.note(self.opening.user_id, self.flow_id)
        except UnitRefused as refusal:
            if self._doubt is not None:  # it may have been overtaken by what was in doubt
                self._recorder.keep_closing(self.flow_id, unit)
            raise _closed() from refusal
        except Problem:
            self._recorder.keep_closing(self.flow_id, unit)
            raise

    def _last_unit(self, entries: Sequence[Entry], steps: Sequence[Step]) -> list[Step]:
        """Return what is written last. Behind a phase in doubt it holds for both: that it stands, or not."""
        head = [] if self._written else [self._head(again=self._doubt is not None)]
        if self._doubt is None:
            return [*head, *steps, self._phase(entries, len(head))]
        known, doubt, skip = self.last_seq, self._doubt, len(head)
        again = [fetch_last_seq(self.flow_id), *doubt.again]

        at = now()

        def number(rows: Sequence[Row | None]) -> Written:
            stands = _number(rows[skip])
            lost = [entry for entry in doubt.entries if not entry.make] if stands <= known else []
            return written(self.opening, [*lost, *entries], (stands + 1, at), rows[skip + len(again) :])

        return [*head, *again, *steps, insert_record(self.opening, self._owner, number, at)]

    def _head(self, *, again: bool = False) -> Step:
        return insert_head(self.key, self.opening, self._owner, self._started_at, again=again)

    def _phase(self, entries: Sequence[Entry], skip: int) -> Step:
        """Return the last step of a phase: its record, or the fence alone when there is nothing to record."""
        if not entries:
            return fence(self.flow_id, self._owner)
        start = self.last_seq + 1, now()
        if all(entry.make is None for entry in entries):
            phase = written(self.opening, entries, start)
            return insert_record(self.opening, self._owner, phase, start[1])
        return insert_record(
            self.opening,
            self._owner,
            lambda rows: written(self.opening, entries, start, rows[skip:]),
            start[1],
        )


def _number(row: Row | None) -> int:
    return int(row[0]) if row else 0


def _closed() -> Problem:
    return Problem("flow_closed", 409, "This interaction was closed by another replica.")


def _in_doubt() -> Problem:
    return Problem("record_in_doubt", 503, "Part of this may not be on record, so it goes no further.")


def reopen(recorder: Recorder, head: FlowHead, checkpoints: Sequence[Checkpoint]) -> Flow:
    """Return a flow that another replica left open, to be closed in the name of its dead owner."""
    opening = Opening(
        head.user_id, cast("Source", head.source), head.title, head.conversation_id, head.flow_id
    )
    flow = Flow(recorder, opening, head.owner)
    flow.continue_behind(checkpoints, now() - head.started_at)
    return flow


def _ending(error: BaseException) -> tuple[FlowStatus, Entry]:
    if isinstance(error, Problem):
        status: FlowStatus = "denied" if error.status in {402, 403, 429} else "failed"
        verdict: Verdict = "denied" if status == "denied" else "failed"
        return status, Entry(ErrorStep(code=error.code, detail=error.detail), verdict)
    if isinstance(error, asyncio.CancelledError | GeneratorExit):
        return "cancelled", Entry(
            ErrorStep(code="cancelled", detail="Stopped before it was finished."), "info"
        )
    return "failed", Entry(
        ErrorStep(code="internal", detail="omni2 failed. The log has the details."), "failed"
    )
