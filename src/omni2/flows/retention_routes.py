"""Routes of retention: how long each class is kept, what a run removes, and erasing a person's content."""

from datetime import datetime
from typing import Annotated, cast

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import HTTPConnection

from omni2.flows.retention import Keeper, Subject, ask_erasure, keep_for, preview, preview_erasure
from omni2.identity.deps import require
from omni2.identity.people import get_user
from omni2.identity.principal import Principal
from omni2.kernel.deps import ReadDep, WorkDep
from omni2.kernel.journal import write_journal
from omni2.kernel.search import Words

router = APIRouter(prefix="/api", tags=["retention"])

Manager = Annotated[Principal, require("record.manage")]
Auditor = Annotated[Principal, require("journal.read")]


def get_keeper(connection: HTTPConnection) -> Keeper:
    """Return who looks after the age of the record."""
    return cast("Keeper", connection.app.state.proof.keeper)


KeeperDep = Annotated[Keeper, Depends(get_keeper)]


class RetentionRule(BaseModel):
    """How long a class is kept (None: for ever), when it was and is looked through, and what would go now."""

    subject: Subject
    days: int | None
    ran_at: datetime | None
    next_run_at: datetime | None
    removed: int | None
    due: int


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
    under_way: bool
    words: str


@router.get("/retention")
async def read_retention(session: ReadDep, keeper: KeeperDep, _: Auditor) -> RetentionList:
    """Return how long each class is kept."""
    items = [
        RetentionRule(
            subject=rule.subject,
            days=rule.days,
            ran_at=rule.ran_at,
            next_run_at=rule.next_run_at,
            removed=rule.removed,
            due=await preview(session, rule.subject, rule.days) if rule.days is not None else 0,
        )
        for rule in await keeper.rules()
    ]
    return RetentionList(items=items)


@router.get("/retention/{subject}/preview")
async def read_preview(
    subject: Subject, session: ReadDep, _: Auditor, days: Annotated[int, Field(ge=1, le=36_500)]
) -> RetentionPreview:
    """Return what a run would remove if the class were kept for so many days."""
    return RetentionPreview(count=await preview(session, subject, days))


@router.put("/retention/{subject}", status_code=204)
async def change_retention(subject: Subject, body: RetentionChange, work: WorkDep, manager: Manager) -> None:
    """Set how long a class is kept. The first run is in the night that follows."""
    await keep_for(work.session, subject, body.days)
    kept = "for ever" if body.days is None else f"for {body.days} days"
    sentence = f"{manager.email} set that {subject} is kept {kept}."
    write_journal(work, manager.actor, "retention.changed", sentence, data={"days": body.days})


@router.get("/users/{user_id}/erase")
async def read_erasure(user_id: Words, session: ReadDep, _: Manager) -> ErasurePreview:
    """Say what would be erased."""
    user = await get_user(session, user_id)
    flows, under_way = await preview_erasure(session, user_id)
    words = (
        f"Erases what {user.email} asked, gave to tools and got back in {flows} flows, for ever. "
        "Who did what when, by which rule and at what cost stays, and so does the proof of it."
    )
    return ErasurePreview(flows=flows, under_way=under_way, words=words)


@router.post("/users/{user_id}/erase", status_code=202)
async def erase(user_id: Words, work: WorkDep, manager: Manager) -> None:
    """Begin to erase the content of a person's flows; the journal says when it is done."""
    user = await get_user(work.session, user_id)
    await ask_erasure(work.session, user_id)
    sentence = f"{manager.email} had the content of all flows of {user.email} erased."
    write_journal(work, manager.actor, "user.erasing", sentence, subject_id=user_id)
