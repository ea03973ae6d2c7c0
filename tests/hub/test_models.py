"""Models through the routes: tested before they are saved, keys sealed, one default, prices known or not."""

import pytest
from sqlalchemy import select

from omni2.catalog.models import ModelProvider
from omni2.hub.prepare import prepare_catalog
from omni2.kernel.journal import JournalRow
from omni2.upstream.targets import model_target
from tests.hub.office import Office

NOWHERE = "http://127.0.0.1:9/v1"
LOCAL = {"provider": "openai_compatible", "name": "llama", "base_url": NOWHERE}


async def test_a_model_that_does_not_answer_is_refused_with_the_code_of_its_test(office: Office) -> None:
    async with office.client() as client:
        answer = await client.post("/api/models", json=LOCAL)
        assert (answer.status_code, answer.json()["code"]) == (422, "model_unreachable")
        tried = (await client.post("/api/models/test", json=LOCAL)).json()
        assert (tried["ok"], tried["code"]) == (False, "model_unreachable")
        assert (await client.get("/api/models")).json()["items"] == []
        assert (await client.post("/api/models?force=true", json=LOCAL)).status_code == 201
        again = await client.post("/api/models?force=true", json=LOCAL)
        assert (again.status_code, again.json()["code"]) == (409, "model_exists")


async def test_a_model_at_a_metadata_address_is_refused_even_with_force(office: Office) -> None:
    body = {**LOCAL, "base_url": "http://169.254.169.254/v1"}
    async with office.client() as client:
        answer = await client.post("/api/models?force=true", json=body)
        assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (
            422,
            "url_refused",
            "base_url",
        )
        unknown = {**LOCAL, "base_url": "http://no-such-host.invalid/v1"}
        answer = await client.post("/api/models", json=unknown)
        assert (answer.status_code, answer.json()["code"]) == (422, "model_unreachable")


async def test_a_key_is_sealed_and_never_given_back(office: Office) -> None:
    async with office.client() as client:
        body = {**LOCAL, "key": "planted-secret"}
        created = await client.post("/api/models?force=true", json=body)
        texts = [created.text, (await client.get("/api/models")).text]
    assert created.json()["key"]["source"] == "stored"
    assert created.json()["key"]["set_by"] == "admin@example.org"
    async with office.database.read() as session:
        provider = (await session.scalars(select(ModelProvider))).one()
        texts += [
            str(provider.sealed_key),
            repr([row.data for row in await session.scalars(select(JournalRow))]),
        ]
    snapshot = await office.catalog.snapshot()
    assert not [text for text in (*texts, repr(snapshot)) if "planted-secret" in text]
    target = model_target(snapshot.models[created.json()["model_id"]], office.hub.sealer)
    assert (target.api_key, target.model, target.base_url) == ("planted-secret", "llama", NOWHERE)


async def test_there_is_one_default_and_a_real_model_comes_before_the_demo_one(office: Office) -> None:
    await prepare_catalog(office.database, office.hub.settings)
    async with office.client() as client:
        first = (await client.post("/api/models?force=true", json=LOCAL)).json()
        second = (await client.post("/api/models?force=true", json={**LOCAL, "name": "qwen"})).json()
        assert (first["is_default"], second["is_default"]) == (True, False)
        await client.patch(f"/api/models/{second['model_id']}", json={"is_default": True})
        listed = (await client.get("/api/models")).json()["items"]
        assert [model["name"] for model in listed if model["is_default"]] == ["qwen"]
        await client.patch(f"/api/models/{second['model_id']}", json={"enabled": False})
        listed = (await client.get("/api/models")).json()["items"]
        assert [model["name"] for model in listed if model["is_default"]] == ["llama"]
        await client.delete(f"/api/models/{first['model_id']}")
    default = (await office.catalog.snapshot()).default_model()
    assert default is not None
    assert default.demo


async def test_an_unknown_price_is_none_and_a_set_one_wins_over_the_list(office: Office) -> None:
    async with office.client() as client:
        local = (await client.post("/api/models?force=true", json=LOCAL)).json()
        assert local["price"] is None
        body = {"provider": "openai", "name": "gpt-5-mini", "base_url": NOWHERE, "key": "k"}
        path = f"/api/models/{local['model_id']}"
        price = {"input_micros_per_mtok": 1_000_000, "output_micros_per_mtok": 2_000_000}
        changed = (await client.patch(path, json={"price": price})).json()
        assert changed["price"] == {**price, "per_message_micros": 0, "source": "set"}
        assert (await client.patch(path, json={"price": None})).json()["price"] is None
        elsewhere = (await client.post("/api/models?force=true", json=body)).json()
        assert elsewhere["price"] is None


async def test_a_key_of_the_environment_brings_a_model_and_is_not_stored(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "planted-environment")
    await prepare_catalog(office.database, office.hub.settings)
    await prepare_catalog(office.database, office.hub.settings)
    async with office.client() as client:
        models = (await client.get("/api/models")).json()["items"]
        assert [(model["provider"], model["is_default"]) for model in models] == [
            ("anthropic", True),
            ("demo", False),
        ]
        assert models[0]["key"] == {"source": "environment", "set_at": None, "set_by": None}
        assert models[0]["price"]["source"] == "list"
        entry = (await office.catalog.snapshot()).models[models[0]["model_id"]]
        assert model_target(entry, office.hub.sealer).api_key == "planted-environment"
        async with office.database.read() as session:
            providers = (await session.scalars(select(ModelProvider))).all()
        assert not [row for row in providers if row.sealed_key is not None]
        monkeypatch.delenv("ANTHROPIC_API_KEY")
        models = (await client.get("/api/models")).json()["items"]
        assert models[0]["key"]["source"] == "none"
        assert model_target(entry, office.hub.sealer).api_key is None


async def test_a_deleted_model_of_the_environment_does_not_come_back(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "planted-environment")
    await prepare_catalog(office.database, office.hub.settings)
    async with office.client() as client:
        models = (await client.get("/api/models")).json()["items"]
        assert (await client.delete(f"/api/models/{models[0]['model_id']}")).status_code == 204
        await prepare_catalog(office.database, office.hub.settings)
        left = (await client.get("/api/models")).json()["items"]
    assert [model["provider"] for model in left] == ["demo"]


async def test_the_demo_model_answers_its_test(office: Office) -> None:
    await prepare_catalog(office.database, office.hub.settings)
    async with office.client() as client:
        models = (await client.get("/api/models")).json()["items"]
        tried = (await client.post(f"/api/models/{models[0]['model_id']}/test")).json()
    assert tried["ok"] is True
    assert tried["latency_ms"] >= 0


async def test_members_choose_models_but_do_not_see_addresses_or_disabled_ones(office: Office) -> None:
    async with office.client() as admin, office.client("member") as member:
        shown = (await admin.post("/api/models?force=true", json={**LOCAL, "key": "k"})).json()
        hidden = (await admin.post("/api/models?force=true", json={**LOCAL, "name": "qwen"})).json()
        await admin.patch(f"/api/models/{hidden['model_id']}", json={"enabled": False})
        seen = (await member.get("/api/models")).json()["items"]
        assert [(model["name"], model["base_url"], model["key"]["set_by"]) for model in seen] == [
            ("llama", None, None)
        ]
        assert (await member.post("/api/models", json=LOCAL)).status_code == 403
        assert (
            await member.patch(f"/api/models/{shown['model_id']}", json={"title": "x"})
        ).status_code == 403
