"""What retention and erasure would do, in figures, before they do it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol, cast, get_args

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from omni2.flows.models import FlowHead
from omni2.flows.seal_models import FollowerMark, SealStump
from omni2.kernel.ids import key_time, to_micros
from omni2.kernel.redact import ERASED

Subject = Literal["content", "flows", "journal"]
SUBJECTS: tuple[Subject, ...] = get_args(Subject)
ERASE = "era:"  # and the id of a person: no longer than a name of a mark may be

_OLD = "SELECT count(*) FROM flows WHERE status != 'running' AND ended_at < :before"
_COUNTS: dict[Subject, str] = {
    "journal": "SELECT count(*) FROM journal WHERE at < :before",
    "flows": _OLD,
    "content": f"{_OLD} AND title != '{ERASED}'",
}


class Talks(Protocol):
    """What conversations hold of flows and people, for whoever erases it."""

    async def count(self, session: AsyncSession, user_id: str) -> int:
        """Return how many conversations of a person hold anything that was said."""
        ...

    async def erase_of_flows(self, session: AsyncSession, flow_ids: list[str]) -> None:
        """Erase what was said in these flows."""
        ...

    async def erase_next(self, session: AsyncSession, user_id: str) -> list[str] | None:
        """Erase the next few conversations of a person; return the flows of these, or None without any."""
        ...


@dataclass(frozen=True, slots=True)
class Erasure:
    """What erasing a person's content takes: of so many flows and conversations."""

    flows: int
    talks: int
    under_way: bool


@dataclass(frozen=True, slots=True)
class Cut:
    """What was cut off some chains: the seals of so many rows, made up to a time, the latest of them `at`."""

    at: datetime
    rows: int
    up_to: datetime


async def find_cut(session: AsyncSession, chains: Sequence[str]) -> Cut | None:
    """Return what was cut off these chains behind signed stumps; the beginnings of flows are no rows."""
    figures = func.max(SealStump.at), func.sum(SealStump.rows_cut), func.max(SealStump.last_key)
    rows = [source for source in chains if source != "openings"]
    found = (await session.execute(select(*figures).where(SealStump.source.in_(rows)))).one()
    at, count, last_key = cast("tuple[datetime | None, int | None, int | None]", tuple(found))
    return None if at is None else Cut(at, int(count or 0), key_time(last_key or 0))


async def preview(session: AsyncSession, subject: Subject, before: datetime) -> int:
    """Return how many flows or rows of the journal are older than that."""
    found = await session.scalar(text(_COUNTS[subject]), {"before": to_micros(before)})
    return cast("int", found)


async def preview_erasure(session: AsyncSession, talks: Talks, user_id: str) -> Erasure:
    """Return how much content a person has, and whether it is being erased."""
    counted = select(func.count()).select_from(FlowHead)
    flows = await session.scalar(counted.where(FlowHead.user_id == user_id, FlowHead.title != ERASED))
    under_way = await session.get(FollowerMark, f"{ERASE}{user_id}") is not None
    return Erasure(flows or 0, await talks.count(session, user_id), under_way)
