"""The book of access: answers from memory, sees every change of grants and catalogue, refuses when blind."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pytest
from sqlalchemy import select

from omni2.access.book import AccessBook
from omni2.access.compiled import compile_access
from omni2.access.grants import create_grant, delete_grant
from omni2.access.models import AccessSnapshot
from omni2.access.schemas import GrantCreate
from omni2.catalog.book import CatalogBook
from omni2.catalog.models import Server, Tool
from omni2.identity.epochs import Mirror, bump
from omni2.kernel.db import Database
from omni2.kernel.errors import Problem
from omni2.kernel.ids import now
from omni2.kernel.journal import CONSOLE
from tests.access.test_compiled import catalog
from tests.access.test_decide import rule
from tests.access.test_offers import full
from tests.hub.office import Office, opened
from tests.support.lanes import lane_of


@dataclass(frozen=True)
class Somebody:
    """A person of a role."""

    user_id: str
    role: str


@pytest.fixture
async def office(database: Database, tmp_path: Path) -> AsyncIterator[Office]:
    """An office with one server of two tools, and no grant."""
    async with opened(database, tmp_path) as office:
        async with database.work() as work:
            work.session.add(
                Server(
                    server_id="s1",
                    slug="wiki",
                    title="Wiki",
                    transport="http",
                    url="http://127.0.0.1:9/mcp",
                    command=None,
                    timeout_ms=1000,
                    concurrency=1,
                    allow_private=True,
                    enabled=True,
                    demo=False,
                    version=1,
                    created_at=now(),
                    state="connected",
                    since=now(),
                )
            )
            await work.session.flush()
            for position, name in enumerate(("search", "delete")):
                work.session.add(
                    Tool(
                        server_id="s1",
                        name=name,
                        position=position,
                        description="",
                        input_schema={"type": "object"},
                        annotations={},
                        sha256="",
                        enabled=True,
                        pinned_at=now(),
                    )
                )
            await bump(work, "catalog")
        yield office


def grant(**fields: object) -> GrantCreate:
    """Return a grant of everything on the wiki to everyone, but for `fields`."""
    return GrantCreate.model_validate({"subject": "everyone", "server": "wiki", "allow": ["*"], **fields})


async def offered(office: Office, role: str) -> list[str]:
    """Return the tools offered to one of the people."""
    access = await office.access.of(Somebody(office.people[role], role))
    return [tool.name for tool, _, _ in access.offered]


async def test_a_grant_is_effective_when_it_is_answered_and_gone_when_that_is(office: Office) -> None:
    assert await offered(office, "member") == []
    added = await create_grant(office.database, office.mirror, CONSOLE, grant())
    assert await offered(office, "member") == ["search", "delete"]
    await create_grant(office.database, office.mirror, CONSOLE, grant(allow=[], deny=["delete"]))
    assert await offered(office, "member") == ["search"]
    await delete_grant(office.database, office.mirror, CONSOLE, added.grant_id)
    assert await offered(office, "member") == []


async def test_a_grant_reaches_only_whom_it_names(office: Office) -> None:
    await create_grant(office.database, office.mirror, CONSOLE, grant(subject="role", role="auditor"))
    one = grant(subject="user", user_id=office.people["member"], allow=["search"])
    await create_grant(office.database, office.mirror, CONSOLE, one)
    assert await offered(office, "auditor") == ["search", "delete"]
    assert await offered(office, "member") == ["search"]
    assert await offered(office, "admin") == []


async def test_a_role_that_changed_is_another_access(office: Office) -> None:
    await create_grant(office.database, office.mirror, CONSOLE, grant(subject="role", role="auditor"))
    user_id = office.people["member"]
    assert (await office.access.of(Somebody(user_id, "member"))).offered == ()
    assert len((await office.access.of(Somebody(user_id, "auditor"))).offered) == 2


async def test_nothing_is_computed_again_while_nothing_changes(office: Office) -> None:
    await create_grant(office.database, office.mirror, CONSOLE, grant())
    people = [Somebody(f"user {number}", "member") for number in range(3)]
    found = [await office.access.of(person) for person in (*people, *people)]
    assert {id(access) for access in found} == {id(found[0])}
    assert (await office.catalog.snapshot()) is (await office.catalog.snapshot())


async def test_what_another_process_commits_is_seen_with_the_next_view(office: Office) -> None:
    other = Database(office.database.url.render_as_string(hide_password=False), office.database.bus)
    mirror = Mirror(other)
    await create_grant(other, mirror, CONSOLE, grant())
    await office.mirror.refresh()
    assert await offered(office, "member") == ["search", "delete"]
    async with other.work() as work:
        await work.session.delete(await work.session.get_one(Server, "s1"))
        await bump(work, "catalog")
    await office.mirror.refresh()
    assert await offered(office, "member") == []
    assert (await office.access.of(Somebody("x", "member"))).allows("wiki", "search").code == "unknown_server"
    await other.aclose()


async def test_without_a_database_nothing_is_allowed(tmp_path: Path, office: Office) -> None:
    await create_grant(office.database, office.mirror, CONSOLE, grant())
    nowhere = Database(f"sqlite+aiosqlite:///{tmp_path}/no/such/place.db", office.database.bus)
    blind = Mirror(nowhere)
    book = AccessBook(office.database, blind, CatalogBook(office.database, blind))
    with pytest.raises(Problem) as refusal:
        await book.of(Somebody(office.people["member"], "member"))
    await nowhere.aclose()
    assert refusal.value.status == 503


async def test_a_snapshot_is_stored_once_with_the_flow_or_alone(office: Office) -> None:
    await create_grant(office.database, office.mirror, CONSOLE, grant())
    access = await office.access.of(Somebody(office.people["member"], "member"))
    lane = lane_of(office.database)
    await lane.open()
    step = office.access.snapshot_step(access)
    assert step is not None
    await lane.commit([step, step])
    await lane.commit([step])
    await lane.aclose()
    await office.access.store_snapshot(access)
    office.access.mark_stored(access)
    assert office.access.snapshot_step(access) is None
    async with office.database.read() as session:
        rows = (await session.scalars(select(AccessSnapshot))).all()
    assert [(row.access_id, row.body) for row in rows] == [(access.access_id, access.body.decode())]
    async with office.client() as client:
        shown = (await client.get(f"/api/access-snapshots/{access.access_id}")).json()
    none = {"listed": list[object](), "total": 0}
    expected = {"prompts": none, "resources": none, **cast("dict[str, object]", access.snapshot_json())}
    assert shown == {"access_id": access.access_id, **expected}


async def test_a_snapshot_shows_prompts_and_resources_with_the_rule_that_decided(office: Office) -> None:
    access = compile_access([rule("prompt:a", "resource:db://*")], catalog(full("wiki")))
    await office.access.store_snapshot(access)
    async with office.client() as client:
        shown = (await client.get(f"/api/access-snapshots/{access.access_id}")).json()
    allowed = [row["prompt"] for row in shown["prompts"]["listed"] if row["allowed"]]
    assert (allowed, shown["prompts"]["total"]) == (["a"], 3)
    (row,) = (row for row in shown["resources"]["listed"] if row["allowed"])
    assert row == {"server": "wiki", "uri": "db://a", "allowed": True, "rule": "readers"}
