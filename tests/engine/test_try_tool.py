"""Trying a tool from the administration: the same path as any call, through the door `api`."""

from tests.support.house import RULE, House


async def test_an_admin_tries_a_tool_and_gets_the_answer_and_its_flow(house: House) -> None:
    path = f"/api/servers/{house.server_id}/tools/echo/call"
    async with house.served.client(house.boss) as client:
        answer = await client.post(path, json={"arguments": {"text": "tea"}})
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert (body["status"], body["text"]) == ("ok", "echo: tea")
    assert body["result"]["content"] == [{"type": "text", "text": "echo: tea"}]
    head, checkpoints = await house.served.flow(body["flow_id"])
    assert (head.source, head.status, head.user_id) == ("api", "ok", house.boss.user_id)
    assert checkpoints[-1].kind == "done"


async def test_trying_a_tool_grants_nothing(house: House) -> None:
    async with house.served.client(house.boss) as client:
        answer = await client.post(f"/api/servers/{house.server_id}/tools/secret_echo/call", json={})
        unknown = await client.post("/api/servers/none/tools/echo/call", json={})
    assert (answer.json()["status"], answer.json()["rule"]) == ("denied", RULE)
    assert unknown.status_code == 404
    assert house.workshop.calls == []


async def test_only_who_manages_servers_tries_tools(house: House) -> None:
    async with house.served.client(house.ann) as client:
        answer = await client.post(f"/api/servers/{house.server_id}/tools/echo/call", json={})
    assert answer.status_code == 403
    assert house.workshop.calls == []
