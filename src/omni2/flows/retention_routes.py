"""Routes of retention: how long each class is kept, what a run removes, and erasing a person's content."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Annotated, cast

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field, JsonValue
from starlette.requests import HTTPConnection

from omni2.flows.retention import Keeper, ask_erasure, keep_for
from omni2.flows.retention_cut import CHAINS
from omni2.flows.retention_preview import Erasure, Subject, find_cut, preview, preview_erasure
from omni2.identity.deps import require
from omni2.identity.people import get_user
from omni2.identity.principal import Principal
from omni2.identity.teams import count_teams, leave_teams
from omni2.kernel.deps import ReadDep, WorkDep
from omni2.kernel.ids import now
from omni2.kernel.journal import write_journal
from omni2.kernel.search import Words

router = APIRouter(prefix="/api", tags=["retention"])

Manager = Annotated[Principal, require("record.manage")]
Auditor = Annotated[Principal, require("journal.read")]


def get_keeper(connection: HTTPConnection) -> Keeper:
    """Return who looks after the age of the record."""
    return cast("Keeper", connection.app.state.proof.keeper)


KeeperDep = Annotated[Keeper, Depends(get_keeper)]


class RetentionCut(BaseModel):
    """What of the chains was cut behind signed stumps: the seals of so many rows, made up to `up_to`."""

    at: datetime
    rows: int
    up_to: datetime


class RetentionRule(BaseModel):
    """How long a class is kept (None: for ever), when it was and is looked through.

    `due` is what the next run will remove of what is there now; `removing` what the one under way has.
    """

    subject: Subject
    days: int | None
    ran_at: datetime | None
    next_run_at: datetime | None
    removed: int | None
    removing: int
    due: int
    cut: RetentionCut | None


class RetentionList(BaseModel):
    """The rule of each class."""

    items: list[RetentionRule]


class RetentionChange(BaseModel):
    """How many days a class is to be kept, or None for ever."""

    model_config = ConfigDict(strict=True, extra="forbid")

    days: int | None = Field(ge=1, le=36_500)


class RetentionPreview(BaseModel):
    """How many flows or rows of the journal are older than so many days now."""

    count: int


class ErasurePreview(BaseModel):
    """What erasing a person's content would do, in words."""

    flows: int
    conversations: int
    under_way: bool
    words: str


@router.get("/retention")
async def read_retention(session: ReadDep, keeper: KeeperDep, _: Auditor) -> RetentionList:
    """Return how long each class is kept."""
    items: list[RetentionRule] = []
    for rule in await keeper.rules():
        due = 0 if rule.next_before is None else await preview(session, rule.subject, rule.next_before)
        cut = await find_cut(session, CHAINS[rule.subject])
        shown = None if cut is None else RetentionCut.model_validate(cut, from_attributes=True)
        items.append(RetentionRule(**asdict(rule), due=due, cut=shown))
    return RetentionList(items=items)


@router.get("/retention/{subject}/preview")
async def read_preview(
    subject: Subject, session: ReadDep, _: Auditor, days: Annotated[int, Field(ge=1, le=36_500)]
) -> RetentionPreview:
    """Return what a run would remove if the class were kept for so many days."""
    return RetentionPreview(count=await preview(session, subject, now() - timedelta(days=days)))


@router.put("/retention/{subject}", status_code=204)
async def change_retention(subject: Subject, body: RetentionChange, work: WorkDep, manager: Manager) -> None:
    """Set how long a class is kept. The first run is in the night that follows."""
    await keep_for(work.session, subject, body.days)
    kept = "for ever" if body.days is None else f"for {body.days} days"
    what = {"content": "content is", "flows": "flows are", "journal": "the journal is"}[subject]
    sentence = f"{manager.email} set that {what} kept {kept}."
    write_journal(work, manager.actor, "retention.changed", sentence, data={"days": body.days})


@router.get("/users/{user_id}/erase")
async def read_erasure(user_id: Words, session: ReadDep, keeper: KeeperDep, _: Manager) -> ErasurePreview:
    """Say what would be erased."""
    user = await get_user(session, user_id)
    found = await preview_erasure(session, keeper.talks, user_id)
    words = (
        f"Erases {_content(found)} of {user.email} for ever: what was asked, said, given to tools and "
        "got back. Who did what when, by which rule and at what cost stays, and so does the proof of it."
    )
    if (found.flows or found.talks) and (teams := await count_teams(session, user_id)):
        words += f" They leave {'1 team' if teams == 1 else f'{teams} teams'}."
    return ErasurePreview(
        flows=found.flows, conversations=found.talks, under_way=found.under_way, words=words
    )


@router.post("/users/{user_id}/erase", status_code=202)
async def erase(user_id: Words, work: WorkDep, keeper: KeeperDep, manager: Manager) -> None:
    """Begin to erase the content of a person's flows and conversations; the journal says when it is done."""
    user = await get_user(work.session, user_id)
    found = await preview_erasure(work.session, keeper.talks, user_id)
    await leave_teams(work, user_id, manager.actor)
    await ask_erasure(work.session, user_id)
    sentence = f"{manager.email} had {_content(found)} of {user.email} erased."
    data: JsonValue = {"flows": found.flows, "conversations": found.talks}
    write_journal(work, manager.actor, "user.erasing", sentence, subject_id=user_id, data=data)


def _content(found: Erasure) -> str:
    flows = "1 flow" if found.flows == 1 else f"{found.flows:,} flows"
    talks = "1 conversation" if found.talks == 1 else f"{found.talks:,} conversations"
    return f"the content of {flows} and {talks}"
