"""Closes what a dead replica left open: its flows end as `unknown`, its holds are charged, its answers kept.

Only flows whose owner's lease has run out are touched, by compare-and-set: no living owner is overruled.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from pydantic import JsonValue
from sqlalchemy import select

from omni2.conversations.history import list_frames
from omni2.conversations.steps import end_turn, insert_message
from omni2.engine.context import Engine
from omni2.flows.checkpoints import (
    CHECKPOINTS,
    AnyData,
    Checkpoint,
    ErrorStep,
    ToolCall,
    ToolResult,
    UsageCheck,
    UsageSettled,
)
from omni2.flows.models import FlowHead, FlowRecord
from omni2.flows.phase import Entry, Totals
from omni2.flows.recorder import reopen
from omni2.kernel.errors import Problem
from omni2.kernel.ids import new_id
from omni2.kernel.lane import Step, UnitInvalid
from omni2.kernel.lease import list_live_replicas
from omni2.usage.recovery import Held, charge_unknown, charged_so_far, list_held

log = structlog.get_logger(__name__)

LOOK_EVERY_S = 2.0
BATCH = 200
WORDS = "The server stopped in the middle of this. What was under way may or may not have happened."


@dataclass(frozen=True, slots=True)
class Left:
    """A flow that somebody left open: its head, its record, what it cost and held, the text it sent."""

    head: FlowHead
    checkpoints: list[Checkpoint]
    charged_micros: int
    held: list[Held]
    text: str


class Recovery:
    """Looks for the flows of owners that are gone."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def run(self) -> None:
        """One pass, then a pause."""
        await self.close_dead()
        await asyncio.sleep(LOOK_EVERY_S)

    async def close_dead(self) -> int:
        """Close every flow whose owner holds no lease; return how many."""
        closed = 0
        for left in await self._find():
            try:
                await self._close(left)
                closed += 1
            except UnitInvalid:  # it can never be closed like this: let the next ones by
                log.warning("flow_not_recovered", flow_id=left.head.flow_id)
            except Problem as problem:
                if problem.code != "flow_closed":
                    raise
        if closed:
            log.info("flows_recovered", flows=closed)
        return closed

    async def _find(self) -> list[Left]:
        async with self._engine.database.read() as session:
            open_heads = await session.scalars(select(FlowHead).where(FlowHead.status == "running"))
            heads = open_heads.all()
            live = set(await list_live_replicas(session))  # behind the heads: whose flow is seen had a lease
            found: list[Left] = []
            for head in [head for head in heads if head.owner not in live][:BATCH]:
                rows = await session.scalars(
                    select(FlowRecord.checkpoints)
                    .where(FlowRecord.flow_id == head.flow_id)
                    .order_by(FlowRecord.first_seq)
                )
                checkpoints = [item for row in rows for item in CHECKPOINTS.validate_json(row)]
                frames = await list_frames(session, head.flow_id, 0)
                held = await list_held(session, head.flow_id)
                charged = await charged_so_far(session, head.flow_id)
                found.append(Left(head, checkpoints, charged, held, _text_of(frames)))
            return found

    async def _close(self, left: Left) -> None:
        head = left.head
        flow = reopen(self._engine.recorder, head, left.checkpoints)
        reserved = sum(
            item.data.reserved_micros for item in left.checkpoints if isinstance(item.data, UsageCheck)
        )
        held_micros = sum(held.micros for held in left.held)
        flow.totals.cost_micros = left.charged_micros + held_micros
        entries = [
            Entry(data, "unknown") for data in unfinished_calls([item.data for item in left.checkpoints])
        ]
        entries.append(Entry(ErrorStep(code="owner_gone", detail=WORDS), "unknown"))
        if flow.totals.cost_micros or left.held:
            settled = UsageSettled(
                reserved_micros=reserved,
                charged_micros=flow.totals.cost_micros,
                refunded_micros=max(0, reserved - flow.totals.cost_micros),
                remaining_micros=None,
                input_tokens=flow.totals.input_tokens,
                output_tokens=flow.totals.output_tokens,
            )
            entries.append(Entry(settled, "unknown"))
        steps = [step for held in left.held for step in charge_unknown(held)]
        await flow.end("unknown", *entries, steps=[*steps, *_messages(left, flow.totals)])


def unfinished_calls(data: Sequence[AnyData]) -> list[ToolResult]:
    """Return a result `unknown` for every call on record that has none."""
    finished = {item.call_id for item in data if isinstance(item, ToolResult)}
    return [
        ToolResult(
            target=item.target,
            server=item.server,
            tool=item.tool,
            call_id=item.call_id,
            status="unknown",
            size_bytes=0,
            preview="",
        )
        for item in data
        if isinstance(item, ToolCall) and item.was_allowed and item.call_id not in finished
    ]


def _messages(left: Left, totals: Totals) -> list[Step]:
    head = left.head
    if head.conversation_id is None:
        return []
    turn: dict[str, JsonValue] = {
        "status": "unknown",
        "model": totals.model,
        "input_tokens": totals.input_tokens,
        "output_tokens": totals.output_tokens,
        "estimated": True,
        "charged_micros": totals.cost_micros,
        "remaining_micros": None,
        "duration_ms": None,
        "finish_reason": None,
        "code": "owner_gone",
        "detail": WORDS,
    }
    return [
        insert_message(
            new_id(),
            head.conversation_id,
            ("assistant", left.text),
            {"turn": turn, "tool_calls": []},
            head.flow_id,
        ),
        end_turn(head.conversation_id, head.flow_id),
    ]


def _text_of(frames: Sequence[JsonValue]) -> str:
    return "".join(
        str(frame.get("text", ""))
        for frame in frames
        if isinstance(frame, dict) and frame.get("type") == "text"
    )
