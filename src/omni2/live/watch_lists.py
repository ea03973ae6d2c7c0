"""Lists of people that a watcher keeps under a name."""

from collections.abc import Sequence

from pydantic import JsonValue
from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from omni2.identity.epochs import serialise
from omni2.kernel.db import Database
from omni2.kernel.errors import Problem, not_found
from omni2.kernel.ids import new_id, now
from omni2.live.monitor_models import WatchList

LISTS_LIMIT = 50


async def list_watch_lists(session: AsyncSession, owner_id: str) -> list[WatchList]:
    """Return a watcher's lists by name."""
    rows = await session.scalars(
        select(WatchList).where(WatchList.owner_id == owner_id).order_by(WatchList.name)
    )
    return list(rows)


async def keep_watch_list(database: Database, owner_id: str, name: str, user_ids: Sequence[str]) -> WatchList:
    """Keep these people under a name; a list of the same name is replaced. Raises `Problem` for too many."""
    kept: JsonValue = [*dict.fromkeys(user_ids)]
    async with database.work() as work:
        await serialise(work)
        own = WatchList.owner_id == owner_id
        row = await work.session.scalar(select(WatchList).where(own, WatchList.name == name))
        if row is None:
            held = select(func.count()).select_from(WatchList).where(own)
            if (await work.session.scalar(held) or 0) >= LISTS_LIMIT:
                detail = f"You keep {LISTS_LIMIT} lists already. Remove one first."
                raise Problem("too_many_lists", 409, detail, limit=LISTS_LIMIT)
            row = WatchList(list_id=new_id(), owner_id=owner_id, name=name, user_ids=kept, changed_at=now())
            work.session.add(row)
        row.user_ids, row.changed_at = kept, now()
    return row


async def drop_watch_list(database: Database, owner_id: str, list_id: str) -> None:
    """Remove one of a watcher's lists; raise `Problem` 404."""
    async with database.work() as work:
        gone = await work.session.execute(
            delete(WatchList)
            .where(WatchList.list_id == list_id, WatchList.owner_id == owner_id)
            .returning(WatchList.list_id)
        )
        if gone.scalar_one_or_none() is None:
            raise not_found("watch list")
