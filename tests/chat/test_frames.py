"""What comes over the chat socket: every malformed, foreign or hostile frame is refused by its code."""

import json
from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import update

from omni2.identity.epochs import Standing
from omni2.identity.models import AccessToken
from omni2.kernel.ids import from_micros, now
from tests.support.clients import ChatClient, RawClient
from tests.support.house import House

in_front_of_the_store = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

SAY = {"type": "say", "id": "1", "text": "Hello"}
FRAMES: list[dict[str, Any]] = [
    SAY,
    {"type": "ping"},
    {"type": "stop", "flow_id": "x"},
    {"type": "resume", "conversation_id": "x"},
    {"type": "regenerate", "id": "1", "message_id": "x"},
]
MALFORMED: list[tuple[str, str]] = [
    ("{", "invalid_json"),
    ("", "invalid_json"),
    ("NaN", "invalid_json"),
    ('{"type": "ping", "type": "ping"}', "invalid_json"),
    ('{"type": "say", "id": "1", "text": "\\ud800"}', "invalid_json"),
    ("[" * 5_000, "invalid_json"),
    ("null", "invalid_frame"),
    ("[]", "invalid_frame"),
    ('"ping"', "invalid_frame"),
    ("{}", "unknown_type"),
    ('{"type": "shout"}', "unknown_type"),
    ('{"type": ["say"]}', "unknown_type"),
    (json.dumps({**SAY, "admin": True}), "invalid_frame"),
    (json.dumps({**SAY, "text": 7}), "invalid_frame"),
    (json.dumps({**SAY, "id": None}), "invalid_frame"),
    (json.dumps({**SAY, "id": "x" * 65}), "invalid_frame"),
    (json.dumps({**SAY, "text": " "}), "invalid_request"),
    (json.dumps({**SAY, "text": "x" * 32_001}), "too_long"),
    (json.dumps({**SAY, "conversation_id": "nowhere"}), "not_found"),
    (json.dumps({"type": "resume", "conversation_id": "x", "after": -1}), "invalid_frame"),
    (json.dumps({"type": "resume", "conversation_id": "x", "after": "0"}), "invalid_frame"),
    (json.dumps({"type": "resume", "conversation_id": "nowhere"}), "not_found"),
    (json.dumps({"type": "stop", "flow_id": "nothing"}), "not_found"),
    (json.dumps({"type": "regenerate", "id": "1", "message_id": "none"}), "not_found"),
]


async def refusal(chat: ChatClient, number: int = 1) -> dict[str, Any]:
    return await chat.wait_for("refused", number)


async def close_of(house: House, headers: dict[str, str]) -> tuple[int, dict[str, Any]]:
    """Return how a connection with these headers ends: close code and last frame."""
    chat = await ChatClient.connect(house.served.url, headers)
    code = await chat.closed()
    return code, chat.frames[-1]


@in_front_of_the_store
async def test_each_malformed_frame_is_refused_by_its_code_and_the_socket_stays(house: House) -> None:
    chat = await house.chat()
    for number, (text, code) in enumerate(MALFORMED, 1):
        await chat.socket.send(text)
        found = await refusal(chat, number)
        assert (found["code"], len(found["detail"]) < 300) == (code, True), text
    assert (await chat.ask())[-1]["status"] == "ok"
    told = json.dumps(chat.frames)
    assert not [word for word in ("Traceback", "pydantic", "sqlalchemy", "/src/") if word in told]


@in_front_of_the_store
async def test_a_refused_frame_names_the_id_that_it_came_with(house: House) -> None:
    chat = await house.chat()
    await chat.send(**{**SAY, "id": "mine", "text": ""})
    assert (await refusal(chat))["id"] == "mine"
    await chat.send(**{**SAY, "id": "other", "model": 3})
    assert (await refusal(chat, 2))["id"] == "other"


@in_front_of_the_store
async def test_a_binary_frame_is_refused_and_the_socket_stays(house: House) -> None:
    chat = await house.chat()
    await chat.socket.send(b"\x00\x01")
    assert (await refusal(chat))["code"] == "invalid_frame"
    assert (await chat.ask())[-1]["status"] == "ok"


@pytest.mark.parametrize("size", [64 * 1024, 1024 * 1024])
@in_front_of_the_store
async def test_a_frame_that_is_too_large_ends_the_connection_with_the_reason(house: House, size: int) -> None:
    chat = await house.chat()
    await chat.send(**{**SAY, "text": "x" * size})
    assert await chat.closed() == 1009
    assert chat.frames[-1]["code"] == "too_large"


async def test_text_that_is_not_utf8_ends_the_connection(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    raw = await RawClient.connect(house.served.url, house.served.credentials(house.ann))
    await raw.read_until(b"welcome")
    await raw.frame(0x1, b"\xff\xfe\xfd")
    assert (await raw.rest())[-2:] == (1007).to_bytes(2, "big")
    assert caplog.records == []
    raw.close()


@in_front_of_the_store
async def test_ten_thousand_pings_end_the_connection_not_the_server(house: House) -> None:
    raw = await RawClient.connect(house.served.url, house.served.credentials(house.ann))
    frame = b"\x81\x8f\0\0\0\0" + b'{"type":"ping"}'
    chat = await house.chat()
    with suppress(ConnectionError):
        await raw.write(frame * 10_000)
    assert (await chat.ask())[-1]["status"] == "ok"
    assert b"too_fast" in await raw.rest()
    raw.close()


STRANGERS: list[tuple[dict[str, str], int, str]] = [
    ({}, 4401, "not_signed_in"),
    ({"Cookie": "omni2=wrong"}, 4401, "not_signed_in"),
    ({"Authorization": "Bearer omni2_wrong"}, 4401, "not_signed_in"),
    ({"Authorization": "Bearer other"}, 4401, "not_signed_in"),
]


@in_front_of_the_store
async def test_a_stranger_is_told_to_sign_in(house: House, subtests: pytest.Subtests) -> None:
    for headers, close_code, code in STRANGERS:
        with subtests.test(headers=headers):
            found, frame = await close_of(house, {"Origin": house.served.url, **headers})
            assert (found, frame["code"]) == (close_code, code)


@in_front_of_the_store
async def test_a_connection_of_another_site_is_refused(house: House) -> None:
    cookie = {"Cookie": f"omni2={house.ann.cookie}"}
    for origin in ("https://evil.example.org", "null", house.served.url + ".evil.example.org"):
        found, frame = await close_of(house, {**cookie, "Origin": origin})
        assert (found, frame["code"]) == (4403, "origin_refused")


@in_front_of_the_store
async def test_a_host_name_that_is_not_ours_is_refused(house: House) -> None:
    raw = await RawClient.connect(house.served.url, {}, upgrade=False)
    await raw.handshake("evil.example.org", {"Cookie": f"omni2={house.ann.cookie}"})
    assert b"host_refused" in await raw.rest()
    raw.close()


async def test_a_token_without_the_scope_chat_opens_no_chat(house: House) -> None:
    async with house.served.client(house.ann) as client:
        made = await client.post("/api/tokens", json={"name": "only api", "scopes": ["api"]})
    headers = {"Authorization": f"Bearer {made.json()['secret']}"}
    found, frame = await close_of(house, headers)
    assert (found, frame["code"]) == (4403, "insufficient_scope")


async def test_a_token_that_expired_or_was_revoked_opens_nothing(house: House) -> None:
    headers = house.served.credentials(house.ann, by_token=True)
    for values in ({"expires_at": from_micros(1)}, {"expires_at": None, "revoked_at": from_micros(1)}):
        async with house.served.database.work() as work:
            await work.session.execute(update(AccessToken).values(**values))
        found, frame = await close_of(house, headers)
        assert (found, frame["code"]) == (4401, "not_signed_in")


async def test_revoking_a_token_closes_what_it_opened_and_nothing_else(house: House) -> None:
    by_token = await house.served.chat(house.ann, by_token=True)
    by_cookie = await house.chat()
    async with house.served.client(house.ann) as client:
        listed = (await client.get("/api/tokens")).json()["items"]
        assert (await client.delete(f"/api/tokens/{listed[0]['token_id']}")).status_code == 204
    assert await by_token.closed() == 4401
    assert (await by_cookie.ask())[-1]["status"] == "ok"


async def test_signing_out_closes_every_socket_of_the_session(house: House) -> None:
    chats = [await house.chat() for _ in range(3)]
    async with house.served.client(house.ann) as client:
        assert (await client.post("/api/auth/logout")).status_code == 204
    assert [await chat.closed() for chat in chats] == [4401, 4401, 4401]


async def test_the_conversation_of_somebody_else_does_not_exist(house: House) -> None:
    bob = await house.served.person("Bob")
    theirs = (await (await house.chat()).ask())[-1]
    chat = await house.chat(bob)
    where = theirs["conversation_id"]
    await chat.send(**SAY, conversation_id=where)
    await chat.send(type="resume", conversation_id=where)
    await chat.send(type="resume", conversation_id=where, flow_id=theirs["flow_id"])
    await chat.send(type="stop", flow_id=theirs["flow_id"])
    await chat.send(type="regenerate", id="2", message_id=theirs["message_id"])
    await chat.send(type="ping")
    await chat.wait_for("pong")
    await refusal(chat, 5)
    assert {frame["code"] for frame in chat.frames if frame["type"] == "refused"} == {"not_found"}
    assert chat.of(theirs["flow_id"]) == []


async def test_a_deleted_conversation_takes_no_message(house: House) -> None:
    chat = await house.chat()
    where = (await chat.ask())[-1]["conversation_id"]
    async with house.served.client(house.ann) as client:
        assert (await client.delete(f"/api/conversations/{where}")).status_code == 204
    await chat.send(**SAY, conversation_id=where)
    assert (await refusal(chat))["code"] == "not_found"


async def test_there_is_a_limit_to_the_connections_of_one_user(house: House) -> None:
    limit = house.served.settings.max_sockets_per_user
    for _ in range(limit):
        await house.chat()
    found, frame = await close_of(house, house.served.credentials(house.ann))
    assert (found, frame["code"]) == (4409, "too_many_sockets")


async def test_each_frame_is_authorised_anew(house: House) -> None:
    mirror, ann = house.served.process.mirror, house.ann.user_id
    for number, frame in enumerate(FRAMES):
        chat = await house.chat()
        standing = Standing(f"block {number}", "chat", "Not now.", now(), None, "boss")
        mirror.mark(ann, standing)
        await chat.send(**frame)
        assert await chat.closed() == 4403
        assert chat.frames[-1] == {"type": "blocked", "message": "Not now."}
        mirror.unmark(ann, standing.block_id)
    assert await house.served.flows(house.ann) == []
