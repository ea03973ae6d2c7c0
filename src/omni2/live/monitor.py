"""Monitoring: switched on for a user by an administrator, with an end; without it nobody watches them."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from omni2.identity.epochs import serialise
from omni2.identity.models import User
from omni2.identity.people import get_user
from omni2.kernel.db import Database, Work
from omni2.kernel.errors import Problem, invalid
from omni2.kernel.ids import new_id, now
from omni2.kernel.journal import Actor, write_journal
from omni2.live.monitor_models import Monitoring

LONGEST = timedelta(days=31)
HISTORY = 50
TOPIC = "monitoring"


def runs() -> ColumnElement[bool]:
    """Return the condition of a monitoring that holds now."""
    return Monitoring.ended_at.is_(None) & (Monitoring.until > now())


async def monitor_user(database: Database, user_id: str, until: datetime, actor: Actor) -> Monitoring:
    """Let a user be watched until then; one that runs already is replaced. Raises `Problem`."""
    if not now() < until <= now() + LONGEST:
        raise invalid("until", f"Monitoring ends in the future, and after at most {LONGEST.days} days.")
    async with database.work() as work:
        await serialise(work)
        user = await get_user(work.session, user_id)
        await _end(work, user_id, actor)
        row = Monitoring(
            monitoring_id=new_id(),
            user_id=user_id,
            since=now(),
            until=until,
            set_by=actor.name,
            ended_at=None,
            ended_by=None,
        )
        work.session.add(row)
        sentence = f"Set monitoring of {user.email} until {until:%Y-%m-%d %H:%M} UTC."
        data = {"until": until.isoformat()}
        write_journal(work, actor, "monitoring.started", sentence, subject_id=user_id, data={**data})
        work.emit(TOPIC, {"user_id": user_id})
    return row


async def end_monitoring(database: Database, user_id: str, actor: Actor) -> None:
    """End the monitoring that runs; whoever watches is told. Raises `Problem` 409 when none does."""
    async with database.work() as work:
        await serialise(work)
        user = await get_user(work.session, user_id)
        if not await _end(work, user_id, actor):
            raise Problem("not_monitored", 409, f"{user.email} is not monitored.")
        sentence = f"Ended the monitoring of {user.email}."
        write_journal(work, actor, "monitoring.ended", sentence, subject_id=user_id)
        work.emit(TOPIC, {"user_id": user_id})


async def list_monitored(session: AsyncSession) -> Sequence[tuple[Monitoring, User]]:
    """Return the monitorings that run with their users, the one that ends first at the end."""
    rows = await session.execute(
        select(Monitoring, User)
        .join(User, User.user_id == Monitoring.user_id)
        .where(runs())
        .order_by(Monitoring.until.desc(), Monitoring.monitoring_id)
    )
    return [(row[0], row[1]) for row in rows]


async def list_monitorings(session: AsyncSession, user_id: str) -> list[Monitoring]:
    """Return the latest monitorings of a user, the newest first."""
    rows = await session.scalars(
        select(Monitoring)
        .where(Monitoring.user_id == user_id)
        .order_by(Monitoring.since.desc(), Monitoring.monitoring_id.desc())
        .limit(HISTORY)
    )
    return list(rows)


async def monitored_among(session: AsyncSession, user_ids: Collection[str]) -> set[str]:
    """Return which of these users are monitored now."""
    rows = await session.scalars(
        select(Monitoring.user_id).where(Monitoring.user_id.in_(user_ids), runs()).distinct()
    )
    return set(rows)


async def _end(work: Work, user_id: str, actor: Actor) -> bool:
    ended = await work.session.execute(
        update(Monitoring)
        .where(Monitoring.user_id == user_id, runs())
        .values(ended_at=now(), ended_by=actor.name)
        .returning(Monitoring.monitoring_id)
    )
    return bool(ended.scalars().all())
