"""Tickets: one socket for a program that cannot send headers, within ten seconds, and never in a URL."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select, update

from omni2.identity import tickets as tickets_module
from omni2.identity.models import Ticket
from omni2.identity.tickets import OPEN_LIMIT
from omni2.kernel.ids import from_micros
from tests.support.clients import NO_TLS, ChatClient
from tests.support.house import House


def program(house: House, token: str | None = None) -> httpx.AsyncClient:
    """Return a client that shows a token and no cookie."""
    headers = {"Authorization": f"Bearer {token or house.ann.token}"}
    return httpx.AsyncClient(base_url=house.served.url, headers=headers, verify=NO_TLS)


async def ticket_of(house: House, token: str | None = None) -> str:
    async with program(house, token) as client:
        answer = await client.post("/api/auth/ticket")
    assert answer.status_code == 201, answer.text
    return str(answer.json()["ticket"])


async def open_with(house: House, ticket: str) -> ChatClient:
    return await ChatClient.connect(house.served.url, {}, "omni2.chat", f"omni2.ticket.{ticket}")


async def refusal_of(house: House, ticket: str) -> tuple[int, dict[str, Any]]:
    chat = await open_with(house, ticket)
    return await chat.closed(), chat.frames[-1]


async def test_a_ticket_opens_one_chat_and_is_not_sent_back(house: House) -> None:
    ticket = await ticket_of(house)
    chat = await open_with(house, ticket)
    assert (await chat.welcome())["user_id"] == house.ann.user_id
    assert chat.socket.subprotocol == "omni2.chat"
    assert (await chat.ask())[-1]["status"] == "ok"
    (flow,) = await house.served.flows(house.ann)
    auth = await house.only(flow.flow_id, "auth_check")
    assert (auth.data.method, auth.data.token_name) == ("token", "tests")  # type: ignore[union-attr]
    code, frame = await refusal_of(house, ticket)
    assert (code, frame["code"]) == (4401, "not_signed_in")
    await chat.aclose()


async def test_of_several_that_come_with_one_ticket_exactly_one_gets_in(house: House) -> None:
    ticket = await ticket_of(house)
    chats = await asyncio.gather(*(open_with(house, ticket) for _ in range(6)))
    await asyncio.gather(*(chat.until(lambda chat=chat: chat.frames or None) for chat in chats))
    assert sorted(chat.frames[0]["type"] for chat in chats) == ["refused"] * 5 + ["welcome"]
    for chat in chats:
        await chat.aclose()


async def test_a_ticket_ends_with_its_ten_seconds_and_with_its_token(house: House) -> None:
    old = await ticket_of(house)
    async with house.served.database.work() as work:
        await work.session.execute(update(Ticket).values(expires_at=from_micros(1)))
    assert (await refusal_of(house, old))[0] == 4401
    revoked = await ticket_of(house)
    async with house.served.client(house.ann) as client:
        for token in (await client.get("/api/tokens")).json()["items"]:
            await client.delete(f"/api/tokens/{token['token_id']}")
    assert (await refusal_of(house, revoked))[0] == 4401


async def test_a_blocked_person_is_told_so_whether_they_ask_for_a_ticket_or_come_with_one(
    house: House,
) -> None:
    ticket = await ticket_of(house)
    await house.block(house.ann, scope="chat")
    code, frame = await refusal_of(house, ticket)
    assert (code, frame) == (4403, {"type": "blocked", "message": "Please see me."})
    async with program(house) as client:
        assert (await client.post("/api/auth/ticket")).json()["code"] == "blocked"


async def test_only_a_token_that_opens_chat_gets_a_ticket(house: House) -> None:
    secrets: dict[str, str] = {}
    async with house.served.client(house.ann) as client:
        for scope in ("chat", "api"):
            made = await client.post("/api/tokens", json={"name": scope, "scopes": [scope]})
            secrets[scope] = made.json()["secret"]
        by_cookie = await client.post("/api/auth/ticket")
    assert (by_cookie.status_code, by_cookie.json()["code"]) == (403, "token_needed")
    async with program(house, secrets["api"]) as client:
        assert (await client.post("/api/auth/ticket")).json()["code"] == "insufficient_scope"
    chat = await open_with(house, await ticket_of(house, secrets["chat"]))
    await chat.welcome()
    await chat.aclose()


async def test_tickets_do_not_pile_up_and_are_stored_as_hashes_only(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tickets_module, "LIFETIME", timedelta(hours=1))  # however slow this machine is
    tickets = [await ticket_of(house) for _ in range(OPEN_LIMIT)]
    async with program(house) as client:
        answer = await client.post("/api/auth/ticket")
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_tickets")
    async with house.served.database.work() as work:
        stored = list(await work.session.scalars(select(Ticket.ticket_hash)))
        await work.session.execute(update(Ticket).values(expires_at=from_micros(1)))
    assert not set(tickets) & set(stored)
    await ticket_of(house)
    async with house.served.database.read() as session:
        assert await session.scalar(select(func.count()).select_from(Ticket)) == 1


async def test_a_ticket_opens_nothing_but_a_socket(house: House) -> None:
    ticket = await ticket_of(house)
    async with httpx.AsyncClient(base_url=house.served.url, verify=NO_TLS) as client:
        headers = {"sec-websocket-protocol": f"omni2.chat, omni2.ticket.{ticket}"}
        assert (await client.get("/api/auth/me", headers=headers)).status_code == 401
        assert (
            await client.get("/api/auth/me", headers={"Authorization": f"Bearer {ticket}"})
        ).status_code == 401
