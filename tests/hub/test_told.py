"""What the journal says of changes: plain English with names and credits."""

from sqlalchemy import select

from omni2.kernel.journal import JournalRow
from tests.hub.office import Office
from tests.hub.shelf import Shelf
from tests.hub.test_models import LOCAL
from tests.hub.test_servers import add
from tests.support.mcp_servers.raw_http import serving

SHELF = "the server Book shelf (book-shelf)"


async def _told(office: Office, kind: str) -> list[str]:
    async with office.database.read() as session:
        rows = await session.scalars(
            select(JournalRow.sentence).where(JournalRow.kind == kind).order_by(JournalRow.key)
        )
        return list(rows)


async def test_changes_of_a_server_are_told_by_the_names_that_people_know(office: Office) -> None:
    async with serving(Shelf()) as url:
        view = await add(office, f"{url}/mcp", bearer="planted-secret")
        path = f"/api/servers/{view['server_id']}"
        async with office.client() as client:
            bodies: list[dict[str, object]] = [
                {"enabled": False},
                {"enabled": True},
                {"timeout_ms": 9_000, "concurrency": 3, "title": "Book shelf"},
                {"bearer": None, "headers": []},
            ]
            for body in bodies:
                assert (await client.patch(path, json=body)).status_code == 200
            assert (await client.get(path)).json()["has_credentials"] is False
    assert await _told(office, "server.changed") == [
        f"Disabled {SHELF}.",
        f"Enabled {SHELF}.",
        f"Changed the title, time limit and number of calls at once of {SHELF}.",
        f"Removed the stored credentials of {SHELF}.",
    ]


async def test_the_price_of_a_tool_is_told_in_credits(office: Office) -> None:
    async with serving(Shelf()) as url:
        view = await add(office, f"{url}/mcp")
        path = f"/api/servers/{view['server_id']}/tools/get_book"
        async with office.client() as client:
            for body in (
                {"enabled": False},
                {"price_micros": 2_500},
                {"enabled": True, "price_micros": 20},
                {"price_micros": None},
            ):
                assert (await client.patch(path, json=body)).status_code == 200
    assert await _told(office, "tool.changed") == [
        "Disabled book-shelf.get_book.",
        "Set the price of book-shelf.get_book to 2.5 credits a call.",
        "Enabled book-shelf.get_book and set its price to 0.02 credits a call.",
        "Set the price of book-shelf.get_book to none.",
    ]


async def test_changes_of_a_model_are_told_by_its_title(office: Office) -> None:
    async with office.client() as client:
        model = (await client.post("/api/models?force=true", json=LOCAL)).json()
        path = f"/api/models/{model['model_id']}"
        for body in (
            {"enabled": False},
            {"enabled": True},
            {"is_default": True},
            {"title": "Ours", "price": None},
        ):
            assert (await client.patch(path, json=body)).status_code == 200
    title = model["title"]
    assert await _told(office, "model.changed") == [
        f"Disabled the model {title}.",
        f"Enabled the model {title}.",
        f"Made {title} the default model.",
        "Changed the title and price of the model Ours.",
    ]
