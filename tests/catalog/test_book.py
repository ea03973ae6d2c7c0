"""The catalogue's book: one snapshot, read again only when its epoch moved."""

import pytest
from sqlalchemy import delete, func, select

from omni2.catalog.book import CatalogBook
from omni2.catalog.models import Model, ModelProvider, Server, ServerHealth, Tool
from omni2.catalog.servers import get_server, note_state
from omni2.identity.epochs import Mirror, bump
from omni2.kernel.db import Database
from omni2.kernel.errors import Problem
from omni2.kernel.ids import now


def server(slug: str) -> Server:
    """Return a server that nobody asked yet."""
    return Server(
        server_id=f"id-of-{slug}",
        slug=slug,
        title=slug.title(),
        transport="stdio",
        url=None,
        command=["program", "--flag"],
        timeout_ms=1000,
        concurrency=4,
        allow_private=False,
        enabled=True,
        demo=False,
        version=3,
        created_at=now(),
        state="connecting",
        since=now(),
    )


def tool(slug: str, name: str, position: int) -> Tool:
    """Return a pinned tool."""
    return Tool(
        server_id=f"id-of-{slug}",
        name=name,
        position=position,
        title=None,
        description="",
        input_schema={"type": "object"},
        annotations={"readOnlyHint": True},
        sha256="0" * 64,
        enabled=True,
        price_micros=5,
        pinned_at=now(),
    )


def model(name: str, **changed: object) -> Model:
    """Return a model of the one provider."""
    fields = {"is_default": False, "enabled": True, "demo": False, **changed}
    return Model(model_id=name, provider_id="p", name=name, title=name, created_at=now(), **fields)


async def filled(database: Database) -> CatalogBook:
    """Store two servers and a provider; return a book."""
    async with database.work() as work:
        work.session.add_all([server("wiki"), server("shop")])
        work.session.add(
            ModelProvider(
                provider_id="p", kind="openai", base_url="", title="P", key_source="none", created_at=now()
            )
        )
        await work.session.flush()
        work.session.add_all([tool("shop", "second", 1), tool("shop", "first", 2), tool("shop", "zero", 0)])
        await bump(work, "catalog")
    return CatalogBook(database, Mirror(database))


async def test_a_snapshot_holds_servers_by_slug_with_their_tools_in_order(database: Database) -> None:
    snapshot = await (await filled(database)).snapshot()
    assert list(snapshot.servers) == ["shop", "wiki"]
    shop = snapshot.servers["shop"]
    assert (shop.command, shop.version, list(shop.tools)) == (
        ("program", "--flag"),
        3,
        ["zero", "second", "first"],
    )
    assert shop.tools["zero"].annotations == {"readOnlyHint": True}
    assert [(entry.slug, found.name) for entry, found in snapshot.tools] == [
        ("shop", "zero"),
        ("shop", "second"),
        ("shop", "first"),
    ]
    assert snapshot.find_server("id-of-wiki") is snapshot.servers["wiki"]
    assert snapshot.find_server("nobody") is None


async def test_a_snapshot_is_kept_until_the_epoch_moves(database: Database) -> None:
    mirror = Mirror(database)
    await filled(database)
    book = CatalogBook(database, mirror)
    first = await book.snapshot()
    async with database.work() as work:
        await work.session.execute(delete(Server).where(Server.slug == "wiki"))
    await mirror.refresh()
    assert await book.snapshot() is first
    async with database.work() as work:
        await bump(work, "catalog")
    await mirror.refresh()
    assert list((await book.snapshot()).servers) == ["shop"]


async def test_the_default_model_is_the_chosen_one_else_a_real_one_else_the_demo(database: Database) -> None:
    book = await filled(database)
    assert (await book.snapshot()).default_model() is None
    mirror = Mirror(database)
    book = CatalogBook(database, mirror)
    for added, expected in (
        (model("demo", demo=True), "demo"),
        (model("off", is_default=True, enabled=False), "demo"),
        (model("real"), "real"),
        (model("chosen", is_default=True), "chosen"),
    ):
        async with database.work() as work:
            work.session.add(added)
            await bump(work, "catalog")
        await mirror.refresh()
        default = (await book.snapshot()).default_model()
        assert default is not None
        assert default.name == expected


async def test_only_a_change_of_state_is_logged(database: Database) -> None:
    await filled(database)
    moves: list[bool] = []
    for state, reason in (("connected", None), ("connected", None), ("down", "gone"), ("down", "timeout")):
        async with database.work() as work:
            row = await get_server(work.session, "id-of-wiki", lock=True)
            before = row.since
            moves.append(note_state(work, row, "down" if state == "down" else "connected", reason, 5))
            assert (row.since == before) is (moves[-1] is False or reason == "timeout")
    assert moves == [True, False, True, True]
    async with database.read() as session:
        assert await session.scalar(select(func.count()).select_from(ServerHealth)) == 3


async def test_an_unknown_server_is_not_found(database: Database) -> None:
    async with database.read() as session:
        with pytest.raises(Problem) as problem:
            await get_server(session, "nobody")
    assert problem.value.status == 404
