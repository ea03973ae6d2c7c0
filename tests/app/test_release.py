"""Promise 2 over HTTP: what is under way when a block is acknowledged does not leave any more."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

import httpx
import pytest
from fastapi.responses import StreamingResponse
from fastapi.routing import APIRoute

from omni2.identity.deps import require
from omni2.identity.principal import Principal
from tests.support.app import Person
from tests.support.house import House
from tests.support.scripted_model import Gate


def add_routes(house: House, gate: Gate, permission: str) -> None:
    """Add two slow routes to the running product: one that answers late, and one that streams."""
    guard = require("account.own" if permission == "account.own" else "users.manage")

    async def late(_: Annotated[Principal, guard]) -> dict[str, str]:
        gate.reached.set()
        await gate.opened.wait()
        return {"told": "what nobody may hear any more"}

    async def drops(_: Annotated[Principal, guard]) -> StreamingResponse:
        async def pieces() -> AsyncIterator[bytes]:
            yield b"first,"
            gate.reached.set()
            await gate.opened.wait()
            yield b"second"

        return StreamingResponse(pieces())

    for path, endpoint in (("/api/late", late), ("/api/drops", drops)):
        house.served.api.router.routes.insert(0, APIRoute(path, endpoint, methods=["GET"]))


async def chosen(house: House, permission: str) -> Person:
    """Return who asks: a member about own things, or another administrator."""
    return house.ann if permission == "account.own" else await house.served.person("Ada", "admin")


@pytest.mark.parametrize("permission", ["account.own", "users.manage"])
async def test_an_answer_that_was_late_becomes_the_words_of_the_block(house: House, permission: str) -> None:
    gate, person = Gate(), await chosen(house, permission)
    add_routes(house, gate, permission)
    async with house.served.client(person) as client:
        asking = asyncio.create_task(client.get("/api/late"))
        await gate.reached.wait()
        await house.block(person)
        gate.open()
        answer = await asking
    assert (answer.status_code, answer.json()["code"]) == (403, "blocked")
    assert answer.json()["message"] == "Please see me."
    assert "nobody" not in answer.text


@pytest.mark.parametrize("permission", ["account.own", "users.manage"])
async def test_an_answer_that_streams_is_broken_off_by_a_block(house: House, permission: str) -> None:
    gate, person = Gate(), await chosen(house, permission)
    add_routes(house, gate, permission)
    came = b""
    async with house.served.client(person) as client, client.stream("GET", "/api/drops") as answer:
        with pytest.raises(httpx.TransportError):  # noqa: PT012 the stream is what breaks
            async for piece in answer.aiter_bytes():
                came += piece
                await gate.reached.wait()
                await house.block(person)
                gate.open()
    assert came == b"first,"


async def test_an_answer_waits_for_nobody_when_there_is_no_block(house: House) -> None:
    gate = Gate()
    gate.open()
    add_routes(house, gate, "account.own")
    async with house.served.client(house.ann) as client:
        assert (await client.get("/api/late")).status_code == 200
        assert (await client.get("/api/drops")).content == b"first,second"
