"""Routes of the export: flows leave as whoever asks may see them, and the journal says that they did."""

from collections.abc import AsyncIterator
from typing import Annotated, cast

from fastapi import APIRouter, Query
from pydantic import BeforeValidator, Field

from omni2.flows.queries import Sight, sight_of
from omni2.flows.schemas import FlowQuery
from omni2.flows.verify_routes import ProofDep
from omni2.identity.deps import require
from omni2.identity.people import get_user
from omni2.identity.principal import Principal
from omni2.insight.export import Exported, Wanted, export_flows
from omni2.insight.export_formats import (
    MEDIA,
    Counted,
    Flows,
    Format,
    write_csv,
    write_html,
    write_json,
    write_jsonl,
)
from omni2.insight.export_person import export_person
from omni2.insight.export_proof import Prover
from omni2.kernel.db import Database
from omni2.kernel.deps import DatabaseDep, SettingsDep
from omni2.kernel.errors import Problem
from omni2.kernel.ids import now
from omni2.kernel.journal import Actor, write_journal
from omni2.kernel.search import Words
from omni2.live.deps import RegistryDep
from omni2.live.download import Download

router = APIRouter(prefix="/api/insight/export", tags=["export"])

Reader = Annotated[Principal, require("flows.own")]
FLOWS_LIMIT = 500


def _apart(value: object) -> object:
    if not isinstance(value, list):
        return value
    given = cast("list[object]", value)
    return [word for one in given for word in str(one).split(",") if word]


class ExportQuery(FlowQuery):
    """Which flows, in which form; `flow` names them one by one.

    With `after`, the last whole flow of a file that was cut off, what comes is the rest of that file. With
    `tally` a last line, `#flows N`, tells how many flows came: who does not find it was cut off.
    """

    format: Format = "jsonl"
    flow: Annotated[list[Words], BeforeValidator(_apart), Field(max_length=FLOWS_LIMIT)] = Field(
        default_factory=list[str]
    )
    after: Words | None = None
    tally: bool = False

    @property
    def wanted(self) -> Wanted:
        """What the export is narrowed to."""
        own = {"format", "flow", "after", "tally"}
        return Wanted(FlowQuery.model_validate(self.model_dump(exclude=own)), self.flow, self.after)


@router.get("/flows", response_class=Download, status_code=200)
async def read_export(
    database: DatabaseDep,
    settings: SettingsDep,
    proof: ProofDep,
    registry: RegistryDep,
    reader: Reader,
    wanted: Annotated[ExportQuery, Query()],
) -> Download:
    """Stream flows, newest first, as a file. One that was cut off goes on behind its last whole flow."""
    sight, at = sight_of(reader), now()
    flows = export_flows(database, sight, wanted.wanted)
    first = await anext(flows, None)
    await journal_export(database, reader.actor, sight, wanted)
    counted = Counted(_again(first, flows))
    before = None if wanted.after is None else export_flows(database, sight, wanted.wanted.before)
    body: AsyncIterator[bytes]
    match wanted.format:
        case "jsonl":
            body = write_jsonl(counted.flows())
        case "csv":
            body = write_csv(counted.flows(), goes_on=before is not None)
        case "html":
            body = write_html(counted.flows(), goes_on=before is not None)
        case "json":
            facts = {"origin": settings.origin, "exported_at": at.isoformat().replace("+00:00", "Z")}
            prover = Prover(proof.notary.scan, [proof.notary.signer.public_text])
            body = write_json(counted.flows(), facts, prover, before)
    name = f"omni2-flows-{at:%Y%m%d-%H%M%S}.{wanted.format}"
    whole = counted.told(body) if wanted.tally else body
    return Download(registry, reader, whole, name, MEDIA[wanted.format])


@router.get("/users/{user_id}", response_class=Download, status_code=200)
async def read_person(
    database: DatabaseDep, registry: RegistryDep, reader: Reader, user_id: Words
) -> Download:
    """Stream all that is kept of what a person did and said, as JSON lines."""
    sight, at = sight_of(reader), now()
    if sight.hides(user_id) or not (sight.all_flows or user_id == sight.user_id):
        raise Problem("forbidden", 403, "Only they themselves and who may read content may take that out.")
    async with database.work() as work:
        user = await get_user(work.session, user_id)
        sentence = f"{reader.email} exported all that {user.email} did and said."
        write_journal(work, reader.actor, "user.exported", sentence, subject_id=user_id)
    name = f"omni2-person-{at:%Y%m%d-%H%M%S}.jsonl"
    return Download(registry, reader, export_person(database, sight, user), name, MEDIA["jsonl"])


async def _again(first: Exported | None, rest: Flows) -> Flows:
    if first is not None:
        yield first
        async for flow in rest:
            yield flow


async def journal_export(database: Database, actor: Actor, sight: Sight, wanted: ExportQuery) -> None:
    """Write down who took what out."""
    asked = wanted.model_dump(mode="json", exclude_defaults=True, exclude={"tally"})
    what = (
        f"{len(wanted.flow)} chosen flow{'s' if len(wanted.flow) > 1 else ''}"
        if wanted.flow
        else _words(wanted)
    )
    hidden = "" if sight.content else ", the content of others hidden"
    async with database.work() as work:
        did = "exported" if wanted.after is None else "went on with the export of"
        sentence = f"{actor.name} {did} {what} as {wanted.format}{hidden}."
        write_journal(work, actor, "flows.exported", sentence, data=asked)


def _words(wanted: ExportQuery) -> str:
    parts = [wanted.q, f"user {wanted.user}" if wanted.user else "", " or ".join(wanted.status)]
    told = "; ".join(part for part in parts if part)
    return f"the flows found by '{told}'" if told else "all flows in sight"
