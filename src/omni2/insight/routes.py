"""Routes of the read side: people, overview, activity, journal."""

from typing import Annotated

from fastapi import APIRouter, Query

from omni2.flows.queries import sight_of
from omni2.identity.deps import require
from omni2.identity.principal import Principal
from omni2.insight.activity import list_activity
from omni2.insight.journal import list_journal
from omni2.insight.overview import get_overview
from omni2.insight.own_usage import get_own_usage
from omni2.insight.schemas import (
    ActivityFilter,
    ActivityList,
    JournalFilter,
    JournalView,
    Overview,
    OwnUsage,
    UserFilter,
    UserRow,
)
from omni2.insight.users import get_user_row, list_users
from omni2.kernel.deps import ReadDep
from omni2.kernel.page import Page
from omni2.kernel.search import Words
from omni2.live.deps import RegistryDep
from omni2.usage.deps import BudgetsDep

router = APIRouter(prefix="/api", tags=["insight"])

UserReader = Annotated[Principal, require("users.read")]
Watcher = Annotated[Principal, require("insight.read")]
Owner = Annotated[Principal, require("account.own")]
JournalReader = Annotated[Principal, require("journal.read")]


@router.get("/users")
async def read_users(
    session: ReadDep,
    registry: RegistryDep,
    budgets: BudgetsDep,
    _: UserReader,
    wanted: Annotated[UserFilter, Query()],
) -> Page[UserRow]:
    """Find people by part of a name or e-mail; without one, the recently active first."""
    return await list_users(session, registry, budgets, wanted)


@router.get("/users/{user_id}")
async def read_user(
    user_id: Words, session: ReadDep, registry: RegistryDep, budgets: BudgetsDep, _: UserReader
) -> UserRow:
    """Return one person with presence and credits."""
    return await get_user_row(session, registry, budgets, user_id)


@router.get("/insight/overview")
async def read_overview(session: ReadDep, registry: RegistryDep, budgets: BudgetsDep, _: Watcher) -> Overview:
    """Return what is going on now and what needs a person."""
    return await get_overview(session, registry, budgets)


@router.get("/insight/usage/own")
async def read_own_usage(session: ReadDep, budgets: BudgetsDep, principal: Owner) -> OwnUsage:
    """Return what the person who asks used in 30 days."""
    return await get_own_usage(session, budgets, principal.user_id)


@router.get("/insight/activity")
async def read_activity(
    session: ReadDep, watcher: Watcher, wanted: Annotated[ActivityFilter, Query()]
) -> ActivityList:
    """Return the latest things that people did."""
    return await list_activity(session, sight_of(watcher), wanted)


@router.get("/journal")
async def read_journal(
    session: ReadDep, _: JournalReader, wanted: Annotated[JournalFilter, Query()]
) -> Page[JournalView]:
    """List the journal, newest first."""
    return await list_journal(session, wanted)
