"""One connection, many requests: each is judged by its own head, whatever was found of the one before."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlsplit

import orjson

from tests.support.app import Person
from tests.support.house import House
from tests.support.mcp_client import ENVELOPE, MODERN

ECHO = "shop__echo"


@dataclass
class Wire:
    """A connection to `/mcp` on which everything is written by hand."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    host: str

    @classmethod
    @asynccontextmanager
    async def open(cls, house: House) -> AsyncIterator[Self]:
        """Connect."""
        parts = urlsplit(house.served.url)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        try:
            yield cls(reader, writer, parts.netloc)
        finally:
            writer.close()

    def head(self, person: Person, size: int, **changed: str | None) -> bytes:
        """Return a head of a call of `ECHO`; a header of None is left out."""
        headers: dict[str, str | None] = {
            "host": self.host,
            "authorization": f"Bearer {person.token}",
            "content-type": "application/json",
            "accept": "application/json, text/event-stream",
            "mcp-protocol-version": MODERN,
            "mcp-method": "tools/call",
            "mcp-name": ECHO,
            "content-length": str(size),
            **{name.replace("_", "-"): value for name, value in changed.items()},
        }
        lines = [f"{name}: {value}" for name, value in headers.items() if value is not None]
        return "\r\n".join(["POST /mcp HTTP/1.1", *lines, "", ""]).encode()

    def send(self, person: Person, words: str, **changed: str | None) -> None:
        """Write a call of `ECHO`."""
        body = call(words)
        self.writer.write(self.head(person, len(body), **changed) + body)

    async def answer(self) -> tuple[int, dict[str, Any]]:
        """Return status and body of the next answer."""
        head = (await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), 20)).lower()
        length = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0])
        body = await asyncio.wait_for(self.reader.readexactly(length), 20)
        return int(head.split(b" ", 2)[1]), orjson.loads(body)

    async def ask(self, person: Person, words: str, **changed: str | None) -> tuple[int, str]:
        """Call, and return the status with what was echoed, or the code of the refusal."""
        self.send(person, words, **changed)
        status, body = await self.answer()
        if "result" in body:
            return status, body["result"]["content"][0]["text"]
        return status, body.get("code") or body["error"]["message"]


def call(words: str) -> bytes:
    """Return the body of a call."""
    params = {"name": ECHO, "arguments": {"text": words}, "_meta": dict(ENVELOPE)}
    return orjson.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params})


async def test_each_request_is_that_of_the_token_that_it_shows_itself(house: House) -> None:
    async with Wire.open(house) as wire:
        assert await wire.ask(house.ann, "one") == (200, "echo: one")
        assert await wire.ask(house.ann, "two") == (200, "echo: two")
        assert await wire.ask(house.boss, "three") == (200, "echo: three")
        assert await wire.ask(house.ann, "four", authorization=None) == (401, "not_signed_in")
        assert await wire.ask(house.ann, "five") == (200, "echo: five")
    async with house.served.client(house.boss) as client:
        flows = (await client.get("/api/flows?source=mcp")).json()["items"]
    assert [flow["user_id"] == house.ann.user_id for flow in flows] == [True, False, True, True]


async def test_a_token_that_is_revoked_opens_nothing_on_a_connection_that_knew_it(house: House) -> None:
    async with Wire.open(house) as wire:
        assert await wire.ask(house.ann, "one") == (200, "echo: one")
        await house.block(house.ann)
        assert await wire.ask(house.ann, "two") == (403, "blocked")
        await house.unblock(house.ann)
        assert await wire.ask(house.ann, "three") == (200, "echo: three")
        assert await wire.ask(house.boss, "four") == (200, "echo: four")
        async with house.served.client(house.boss) as client:
            for token in (await client.get("/api/tokens")).json()["items"]:
                await client.delete(f"/api/tokens/{token['token_id']}")
        assert await wire.ask(house.boss, "five") == (401, "not_signed_in")
    assert len(house.workshop.named("echo")) == 3


async def test_host_and_origin_are_held_against_each_request(house: House) -> None:
    async with Wire.open(house) as wire:
        assert await wire.ask(house.ann, "one") == (200, "echo: one")
        assert await wire.ask(house.ann, "two", host="evil.example") == (403, "host_refused")
        assert await wire.ask(house.ann, "three", origin="http://evil.example") == (403, "origin_refused")
        assert await wire.ask(house.ann, "four", mcp_name="shop__fail") == (
            400,
            "The header Mcp-Name does not equal params.name of the body.",
        )
        assert await wire.ask(house.ann, "five") == (200, "echo: five")


async def test_requests_in_one_piece_are_answered_in_order(house: House) -> None:
    async with Wire.open(house) as wire:
        bodies = [call(words) for words in ("one", "two", "three")]
        wire.writer.write(b"".join(wire.head(house.ann, len(body)) + body for body in bodies))
        found = [(await wire.answer())[1]["result"]["content"][0]["text"] for _ in bodies]
    assert found == ["echo: one", "echo: two", "echo: three"]


async def test_a_request_in_single_bytes_is_one_like_any_other(house: House) -> None:
    async with Wire.open(house) as wire:
        body = call("slowly")
        for byte in wire.head(house.ann, len(body)) + body:
            wire.writer.write(bytes([byte]))
            await wire.writer.drain()
        assert (await wire.answer())[1]["result"]["content"][0]["text"] == "echo: slowly"
        assert await wire.ask(house.ann, "again") == (200, "echo: again")


async def test_a_head_that_came_before_is_served_in_any_pieces(house: House) -> None:
    async with Wire.open(house) as wire:
        for words in ("one", "another", "a third one"):
            assert await wire.ask(house.ann, words) == (200, f"echo: {words}")
        body = call("cut in two")
        whole = wire.head(house.ann, len(body)) + body
        for piece in (whole[:-7], whole[-7:]):
            wire.writer.write(piece)
            await wire.writer.drain()
            await asyncio.sleep(0.05)  # so that the pieces arrive apart
        assert (await wire.answer())[1]["result"]["content"][0]["text"] == "echo: cut in two"
        wire.writer.write(whole + whole)
        for _ in range(2):
            assert (await wire.answer())[1]["result"]["content"][0]["text"] == "echo: cut in two"
        assert await wire.ask(house.boss, "somebody else") == (200, "echo: somebody else")
        assert await wire.ask(house.ann, "and again") == (200, "echo: and again")


async def test_a_body_in_chunks_is_served_as_well(house: House) -> None:
    async with Wire.open(house) as wire:
        head = wire.head(house.ann, 0, content_length=None, transfer_encoding="chunked")
        body = call("in pieces")
        wire.writer.write(head + b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body))
        assert (await wire.answer())[1]["result"]["content"][0]["text"] == "echo: in pieces"
        assert await wire.ask(house.ann, "and whole") == (200, "echo: and whole")


async def test_who_closes_the_connection_is_told_nothing_more_and_it_ends(house: House) -> None:
    async with Wire.open(house) as wire:
        assert await wire.ask(house.ann, "last", connection="close") == (200, "echo: last")
        assert await asyncio.wait_for(wire.reader.read(), 20) == b""


async def test_a_client_that_goes_away_cancels_its_call(house: House) -> None:
    async with Wire.open(house) as wire:
        body = call("x").replace(b"shop__echo", b"shop__hold")
        wire.writer.write(wire.head(house.ann, len(body), mcp_name="shop__hold") + body)
        await asyncio.wait_for(house.workshop.gate.reached.wait(), 20)
    await asyncio.wait_for(house.workshop.disconnected.wait(), 20)
