"""Counts what a query means, and by what it could be narrowed: within bounds, apart from the page itself."""

from collections import Counter
from typing import Any, cast

from sqlalchemy import Select, Text, func, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncSession

from omni2.flows.models import FlowHead, FlowTerm
from omni2.flows.queries import FORMER_USER, Sight, meaning_of
from omni2.flows.scanning import scan
from omni2.flows.schemas import Facet, FlowCounts, FlowQuery, TermFilter, TermList
from omni2.identity.models import User
from omni2.kernel.jsons import loads
from omni2.kernel.search import contains

COUNT_LIMIT = 10_000
COUNT_BUDGET_S = 0.3
SHOWN = 8


async def count_flows(session: AsyncSession, sight: Sight, wanted: FlowQuery) -> FlowCounts:
    """Return how many flows a query means, 10,000 at most, with facets of those; `Problem` query_malformed.

    Without any condition these are the counts that the index keeps, of all flows that it holds.
    """
    meaning = await meaning_of(session, sight, wanted)
    if sight.all_flows and not meaning.on_head and not meaning.on_index:
        return await _count_all(session)
    servers = type_coerce(FlowHead.servers, Text).label("servers")
    base = select(FlowHead.key, FlowHead.status, FlowHead.source, FlowHead.user_id, servers)
    found = await scan(session, meaning, cast("Select[Any]", base), None, COUNT_LIMIT + 1, COUNT_BUDGET_S)
    rows = found.rows[:COUNT_LIMIT]
    capped = len(found.rows) > COUNT_LIMIT
    stopped_at = rows[-1].key if capped else found.stopped_at
    searched_to = None
    if stopped_at is not None:
        searched_to = await session.scalar(select(FlowHead.started_at).where(FlowHead.key == stopped_at))
    return FlowCounts(
        count=len(rows),
        capped=capped,
        searched_to=searched_to,
        status=_facets(Counter(row.status for row in rows)),
        source=_facets(Counter(row.source for row in rows)),
        server=_facets(_servers(Counter(row.servers for row in rows))),
        user=await _people(session, Counter(row.user_id for row in rows)),
    )


async def list_terms(session: AsyncSession, sight: Sight, wanted: TermFilter) -> TermList:
    """Return values to complete a query with; to those who see all flows only, for they come from all."""
    if not sight.all_flows:
        return TermList(items=[])
    query = select(FlowTerm.value, FlowTerm.flows).where(FlowTerm.name == wanted.name, FlowTerm.flows > 0)
    if words := wanted.q.strip():
        query = query.where(contains(FlowTerm.value, words))
    found = await session.execute(query.order_by(FlowTerm.flows.desc(), FlowTerm.value).limit(wanted.limit))
    return TermList(items=_facets(dict(found.all())))


async def _count_all(session: AsyncSession) -> FlowCounts:
    counted = {name: await _top(session, name) for name in ("status", "source", "server", "user")}
    total = select(func.sum(FlowTerm.flows)).where(FlowTerm.name == "status")
    return FlowCounts(
        count=int(await session.scalar(total) or 0),
        capped=False,
        searched_to=None,
        status=_facets(counted["status"]),
        source=_facets(counted["source"]),
        server=_facets(counted["server"]),
        user=await _people(session, Counter(counted["user"])),
    )


async def _top(session: AsyncSession, name: str) -> dict[str, int]:
    found = await session.execute(
        select(FlowTerm.value, FlowTerm.flows)
        .where(FlowTerm.name == name, FlowTerm.flows > 0)
        .order_by(FlowTerm.flows.desc())
        .limit(SHOWN)
    )
    return dict(found.all())


async def _people(session: AsyncSession, counted: Counter[str]) -> list[Facet]:
    top = counted.most_common(SHOWN)
    found = await session.execute(
        select(User.user_id, User.email).where(User.user_id.in_([user_id for user_id, _ in top]))
    )
    emails: dict[str, str] = dict(found.all())
    return [
        Facet(value=emails.get(user_id, user_id), label=emails.get(user_id, FORMER_USER), count=count)
        for user_id, count in top
    ]


def _facets(counted: Counter[str] | dict[str, int]) -> list[Facet]:
    return [Facet(value=value, label=value, count=count) for value, count in Counter(counted).most_common(50)]


def _servers(lists: Counter[str]) -> Counter[str]:
    """Return how often each server stands in lists that are still JSON; few of them differ."""
    counted: Counter[str] = Counter()
    for text, count in lists.items():
        named = loads(text)
        for server in named if isinstance(named, list) else []:
            counted[str(server)] += count
    return counted
