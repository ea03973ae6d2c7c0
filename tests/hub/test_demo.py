"""The demo: there at the first start, really running, gone in one click and not back."""

from collections.abc import Sequence
from pathlib import Path

from omni2.hub.prepare import prepare_catalog
from omni2.kernel.db import Database
from tests.hub.office import Office, opened


async def prepared(office: Office) -> None:
    """Do what every start does."""
    await prepare_catalog(office.database, office.hub.settings)
    await office.mirror.refresh()


async def offered(office: Office, role: str) -> Sequence[str]:
    """Return the servers that one of the people may use."""
    async with office.client(role) as client:
        access = (await client.get(f"/api/users/{office.people[role]}/access")).json()
    return [server["slug"] for server in access["servers"] if server["allowed"]]


async def test_a_first_start_has_demo_servers_for_everyone_and_a_demo_model(office: Office) -> None:
    await prepared(office)
    await prepared(office)
    assert await offered(office, "member") == ["shop", "time"]
    async with office.client("member") as client:
        models = (await client.get("/api/models")).json()["items"]
    assert [(model["provider"], model["is_default"], model["demo"]) for model in models] == [
        ("demo", True, True)
    ]
    assert models[0]["price"] == {
        "input_micros_per_mtok": 0,
        "output_micros_per_mtok": 0,
        "per_message_micros": office.hub.settings.credit_micros,
        "source": "demo",
    }
    async with office.client() as client:
        grants = (await client.get("/api/grants")).json()["items"]
    assert {(grant["name"], grant["subject"]) for grant in grants} == {("demo for everyone", "everyone")}


async def test_the_demo_shop_answers_although_stdio_servers_are_off(office: Office) -> None:
    await prepared(office)
    shop = (await office.catalog.snapshot()).servers["shop"]
    async with office.client() as client:
        view = (await client.post(f"/api/servers/{shop.server_id}/refresh")).json()
        assert view["state"] == "connected", view["reason"]
        assert view["tool_count"] > 3
        changed = await client.patch(f"/api/servers/{shop.server_id}", json={"command": ["bash"]})
        assert (changed.status_code, changed.json()["code"]) == (409, "demo_server")


async def test_the_demo_goes_in_one_click_and_does_not_come_back(office: Office) -> None:
    await prepared(office)
    async with office.client() as client:
        body = {"provider": "openai_compatible", "name": "real", "base_url": "http://127.0.0.1:9/v1"}
        assert (await client.post("/api/models?force=true", json=body)).status_code == 201
        assert (await client.delete("/api/demo")).status_code == 204
        assert (await client.delete("/api/demo")).status_code == 204
        await prepared(office)
        assert (await client.get("/api/servers")).json()["items"] == []
        assert (await client.get("/api/grants")).json()["items"] == []
        models = (await client.get("/api/models")).json()["items"]
    assert [(model["name"], model["is_default"]) for model in models] == [("real", True)]


async def test_the_demo_model_stays_while_there_is_no_other(office: Office) -> None:
    await prepared(office)
    async with office.client() as client:
        await client.delete("/api/demo")
        models = (await client.get("/api/models")).json()["items"]
    assert [(model["provider"], model["is_default"]) for model in models] == [("demo", True)]


async def test_nothing_of_the_demo_is_created_when_it_is_not_wanted(
    database: Database, tmp_path: Path
) -> None:
    async with opened(database, tmp_path, demo=False) as office:
        await prepared(office)
        snapshot = await office.catalog.snapshot()
        assert (dict(snapshot.servers), dict(snapshot.models)) == ({}, {})
        assert snapshot.default_model() is None
