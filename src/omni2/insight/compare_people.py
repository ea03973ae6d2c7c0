"""Two people side by side: what they may do now, and what each did in a time; and a flow's neighbours."""

from datetime import datetime
from typing import cast

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from omni2.access.book import AccessBook
from omni2.access.effective import Somebody
from omni2.access.schemas import SnapshotView
from omni2.flows.models import CallMark, FlowHead
from omni2.flows.queries import Sight, find_flows, get_flow
from omni2.identity.blocks import standing_blocks
from omni2.identity.models import User
from omni2.insight.compare import compare_access
from omni2.insight.compare_schemas import Neighbours, PeopleDifference, PeoplePair, PersonPeriod, ToolUse
from omni2.kernel.errors import invalid, not_found
from omni2.kernel.ids import key_at, now

TOOLS = 50


async def compare_people(session: AsyncSession, book: AccessBook, wanted: PeoplePair) -> PeopleDifference:
    """Return what two people differ in; raise `Problem` 404 for an unknown one, 422 for an empty time."""
    until = wanted.until or now()
    if until <= wanted.since:
        raise invalid("since", "The time must end after it begins.")
    span = (wanted.since, until)
    a, b = await _period(session, wanted.a, span), await _period(session, wanted.b, span)
    names = (a.name, b.name) if a.name != b.name else (a.email, b.email)
    access = compare_access(await _access(book, a), await _access(book, b), names)
    return PeopleDifference(
        since=wanted.since,
        until=until,
        sentences=[access.sentence, *_sentences(a, b, names)],
        a=a,
        b=b,
        access=access,
    )


async def list_neighbours(session: AsyncSession, sight: Sight, flow_id: str) -> Neighbours:
    """Return the flows of the same person before and behind one; raise `Problem` 404 as `get_flow` does."""
    flow = await get_flow(session, sight, flow_id)
    mine = select(FlowHead.key).where(FlowHead.flow_id == flow_id).scalar_subquery()
    others = select(FlowHead.flow_id).where(FlowHead.user_id == flow.user_id)
    previous = await session.scalar(others.where(FlowHead.key < mine).order_by(FlowHead.key.desc()).limit(1))
    following = await session.scalar(others.where(FlowHead.key > mine).order_by(FlowHead.key).limit(1))
    rows = await find_flows(session, sight, [found for found in (previous, following) if found])
    by_id = {row.flow_id: row for row in rows}
    return Neighbours(previous=by_id.get(previous or ""), next=by_id.get(following or ""))


async def _access(book: AccessBook, person: PersonPeriod) -> SnapshotView:
    access = await book.of(Somebody(person.user_id, person.role, person.name))
    body = cast("dict[str, object]", access.snapshot_json())
    return SnapshotView.model_validate({"access_id": access.access_id, **body})


async def _period(session: AsyncSession, user_id: str, span: tuple[datetime, datetime]) -> PersonPeriod:
    user = await session.get(User, user_id)
    if user is None:
        raise not_found("user")
    block = (await standing_blocks(session, (user_id,))).get(user_id)
    mine = (FlowHead.user_id == user_id, *_within(FlowHead.key, span))
    statuses = await session.execute(
        select(FlowHead.status, func.count()).where(*mine).group_by(FlowHead.status)
    )
    by_status = dict(statuses.all())
    totals = await session.execute(
        select(
            func.sum(FlowHead.tool_calls),
            func.sum(FlowHead.input_tokens),
            func.sum(FlowHead.output_tokens),
            func.sum(FlowHead.cost_micros),
            func.avg(FlowHead.duration_ms),
        ).where(*mine)
    )
    calls, tokens_in, tokens_out, micros, mean_ms = totals.one()
    return PersonPeriod(
        user_id=user_id,
        email=user.email,
        name=user.name or user.email,
        role=user.role,
        blocked=None if block is None else block.scope,
        flows=sum(by_status.values()),
        by_status=by_status,
        tool_calls=int(calls or 0),
        input_tokens=int(tokens_in or 0),
        output_tokens=int(tokens_out or 0),
        cost_micros=int(micros or 0),
        duration_ms=None if mean_ms is None else float(mean_ms),
        tools=await _tools(session, user_id, span),
    )


async def _tools(session: AsyncSession, user_id: str, span: tuple[datetime, datetime]) -> list[ToolUse]:
    calls, not_ok = func.count(), func.sum(case((CallMark.status == "ok", 0), else_=1))
    rows = await session.execute(
        select(CallMark.server, CallMark.tool, calls, not_ok)
        .where(CallMark.user_id == user_id, *_within(CallMark.key, span))
        .group_by(CallMark.server, CallMark.tool)
        .order_by(calls.desc(), CallMark.server, CallMark.tool)
        .limit(TOOLS)
    )
    return [
        ToolUse(server=server, tool=tool, calls=int(made), not_ok=int(bad))
        for server, tool, made, bad in rows
    ]


def _within(
    key: InstrumentedAttribute[int], span: tuple[datetime, datetime]
) -> tuple[ColumnElement[bool], ...]:
    """Return the condition that a row was made in this time: keys grow with it, and have an index."""
    return key >= key_at(span[0]), key < key_at(span[1])


def _sentences(a: PersonPeriod, b: PersonPeriod, names: tuple[str, str]) -> list[str]:
    """Return in words what else differs, the most telling first."""
    found: list[str] = []
    for name, person in zip(names, (a, b), strict=True):
        if person.blocked:
            found.append(f"{name} is blocked ({person.blocked}).")
    if a.role != b.role:
        found.append(f"{names[0]} is {a.role}, {names[1]} is {b.role}.")
    refused = [person.by_status.get("denied", 0) + person.by_status.get("blocked", 0) for person in (a, b)]
    found.append(
        f"{names[0]} made {_flows(a.flows)}, {refused[0]} of them refused; "
        f"{names[1]} made {_flows(b.flows)}, {refused[1]} of them refused."
    )
    return found


def _flows(count: int) -> str:
    return "1 flow" if count == 1 else f"{count:,} flows"
