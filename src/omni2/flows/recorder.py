"""Writes flows: every phase is durable before what it allows happens, and a flow always ends.

A flow belongs to the replica that opened it. Each write is fenced in SQL by owner and status, so that an
owner that lost its lease, or a flow that was closed by recovery, can write no more.
"""

import asyncio
from collections.abc import Sequence
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
from omni2.flows.phase import Entry, Opening, Totals
from omni2.flows.sentence import outcome_sentence
from omni2.flows.steps import close_head, insert_head, insert_record
from omni2.kernel.bus import Bus
from omni2.kernel.errors import Problem
from omni2.kernel.ids import new_key, now, uptime
from omni2.kernel.lane import Lane, Row, Step, UnitInvalid, UnitRefused
from omni2.kernel.lease import Lease
from omni2.kernel.tasks import finish

log = structlog.get_logger(__name__)


class Recorder:
    """Opens flows. Closings that the store refused are kept and tried again until they stand."""

    def __init__(self, lane: Lane, lease: Lease, bus: Bus) -> None:
        self.lane = lane
        self.lease = lease
        self.bus = bus
        self._unclosed: dict[str, list[Step]] = {}

    def open(self, opening: Opening) -> "Flow":
        """Return a flow, to be used as an async context; nothing is written before its first phase."""
        return Flow(self, opening)

    def keep_closing(self, flow_id: str, steps: list[Step]) -> None:
        """Remember a closing that could not be written."""
        self._unclosed[flow_id] = steps

    async def retry_closings(self) -> None:
        """Write what could not be written before; one pass, then a pause."""
        for flow_id, steps in list(self._unclosed.items()):
            try:
                await self.lane.commit(steps)
            except (
                UnitRefused,
                UnitInvalid,
            ) as error:  # it stands already, or never will: let the next ones by
                log.info("closing_dropped", flow_id=flow_id, error=type(error).__name__)
            self._unclosed.pop(flow_id, None)
        await asyncio.sleep(1.0)


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
        self._lock = asyncio.Lock()
        self._denial: Problem | None = None

    def note(self, entry: Entry) -> None:
        """Add a checkpoint that becomes durable with the next phase."""
        self._pending.append(entry)

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
                case ToolCall(rule=None) as called:
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

    async def write(self, *entries: Entry, steps: Sequence[Step] = ()) -> list[Row | None]:
        """Make the noted and the given checkpoints durable, together with `steps`, or nothing of it.

        Returns the rows of `steps`. Raises `UnitRefused` (index into `steps`; the noted ones still wait) or
        `Problem` (`flow_closed` when the flow is no longer ours, `database_unavailable`).
        """
        async with self._lock:
            return await finish(self._commit(list(self._pending), entries, list(steps)))

    async def end(self, status: FlowStatus, *entries: Entry, steps: Sequence[Step] = ()) -> None:
        """Close the flow: the last checkpoints, `done` behind them, the head settled, all in one unit.

        A store that refuses does not lose it: the closing is kept and written when the store is back, and the
        `Problem` is raised, since nothing final may leave before it is durable.
        """
        async with self._lock:
            if self.status != "running":
                return
            self.status = status
            done = Done(
                status=status,
                duration_ms=self.elapsed_ms,
                input_tokens=self.totals.input_tokens,
                output_tokens=self.totals.output_tokens,
                cost_micros=self.totals.cost_micros,
                tool_calls=self.totals.tool_calls,
            )
            all_entries = [*self._pending, *entries, Entry(done, "info", done.duration_ms)]
            self._pending = []
            sentence = outcome_sentence([*self._notable, *(e.data for e in all_entries if e.data)], done)
            if self._denial is not None and status == "denied":
                sentence = f"Denied: {self._denial.detail}"
            last_seq = self.last_seq + len(all_entries)
            closing = close_head((self.flow_id, self._owner), self.totals, done, (sentence, last_seq))
            await finish(self._close(all_entries, [*steps, closing]))

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
        self, noted: Sequence[Entry], given: Sequence[Entry], steps: list[Step]
    ) -> list[Row | None]:
        """Commit and count in one go, so that whoever is cancelled meanwhile leaves no doubt of it."""
        entries = [*noted, *given]
        before = len(self._head())
        unit = [*self._head(), *steps, self._record(entries, before)]
        try:
            rows = await self._recorder.lane.commit(unit)
        except UnitRefused as refusal:
            if refusal.index >= before + len(steps):
                raise Problem(
                    "flow_closed", 409, "This interaction was closed by another replica."
                ) from refusal
            raise UnitRefused(refusal.index - before) from refusal
        self._written = True
        self.last_seq += len(entries)
        self._notable += [entry.data for entry in entries if entry.data and entry.verdict == "denied"]
        del self._pending[: len(noted)]
        return rows[before : before + len(steps)]

    async def _close(self, entries: list[Entry], steps: list[Step]) -> None:
        before = len(self._head())
        unit = [*self._head(), *steps[:-1], self._record(entries, before), steps[-1]]
        self.last_seq += len(entries)
        try:
            await self._recorder.lane.commit(unit)
        except UnitRefused as refusal:
            raise Problem("flow_closed", 409, "This interaction was closed by another replica.") from refusal
        except Problem:
            self._recorder.keep_closing(self.flow_id, unit)
            raise

    def _head(self) -> list[Step]:
        return [] if self._written else [insert_head(self.key, self.opening, self._owner, self._started_at)]

    def _record(self, entries: Sequence[Entry], skip: int) -> Step:
        first, at = self.last_seq + 1, now()

        def checkpoints(rows: Sequence[Row | None]) -> list[Checkpoint]:
            own = rows[skip:]
            return [
                Checkpoint(
                    flow_id=self.flow_id,
                    seq=first + offset,
                    parent_seq=entry.parent_seq,
                    user_id=self.opening.user_id,
                    source=self.opening.source,
                    conversation_id=self.opening.conversation_id,
                    at=at,
                    duration_ms=entry.duration_ms,
                    verdict=entry.verdict,
                    kind=data.kind,
                    data=data,
                )
                for offset, entry in enumerate(entries)
                for data in [entry.make(own) if entry.make else entry.data]
                if data is not None
            ]

        seqs = (first, first + len(entries) - 1)
        return insert_record(self.opening, self._owner, seqs, at, checkpoints)


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
