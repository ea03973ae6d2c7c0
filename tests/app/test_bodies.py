"""How much of a body is read: little of strangers, and never more than the bound."""

import json

import pytest

from tests.support.clients import RawClient
from tests.support.house import House

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # in front of any store

KIB = 1024


def padded(size: int) -> str:
    return json.dumps({"title": "x" * size})


SIGN_INS = ["/api/auth/login", "/api/auth/link/redeem", "/api/auth/password"]


async def test_a_sign_in_needs_no_large_body(house: House, subtests: pytest.Subtests) -> None:
    for path in SIGN_INS:
        with subtests.test(path=path):
            async with house.served.client(house.ann) as client:
                answer = await client.post(
                    path, content=padded(17 * KIB), headers={"content-type": "application/json"}
                )
            assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
            assert answer.json()["limit"] == 16 * KIB


@pytest.mark.parametrize("known", [True, False])
async def test_a_large_body_is_read_of_who_is_known_alone(house: House, *, known: bool) -> None:
    async with house.served.client(house.boss if known else None) as client:
        if not known:
            client.cookies.set("omni2", "forged", domain="127.0.0.1")
        headers = {"content-type": "application/json"}
        answer = await client.post("/api/servers", content=padded(70 * KIB), headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (
            (422, "invalid_request") if known else (401, "not_signed_in")
        )
        answer = await client.post("/api/servers", content=padded(4 * KIB * KIB), headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


async def test_a_stranger_is_refused_before_the_body_that_the_head_announces(house: House) -> None:
    client = await RawClient.connect(house.served.url, {}, upgrade=False)
    lines = [
        "POST /api/servers HTTP/1.1",
        f"Host: {house.served.url.removeprefix('http://')}",
        "X-Omni2: 1",
        "Content-Type: application/json",
        f"Content-Length: {KIB * KIB}",
    ]
    await client.write(("\r\n".join(lines) + "\r\n\r\n").encode())
    assert (await client.read_until(b"\r\n")).startswith(b"HTTP/1.1 401")
    client.close()


async def test_a_body_in_pieces_of_a_stranger_is_read_only_so_far(house: House) -> None:
    client = await RawClient.connect(house.served.url, {}, upgrade=False)
    lines = [
        "POST /api/servers HTTP/1.1",
        f"Host: {house.served.url.removeprefix('http://')}",
        "X-Omni2: 1",
        "Content-Type: application/json",
        "Transfer-Encoding: chunked",
    ]
    await client.write(("\r\n".join(lines) + "\r\n\r\n").encode())
    for _ in range(9):
        await client.write(b"2000\r\n" + b" " * 0x2000 + b"\r\n")
    assert (await client.read_until(b"\r\n")).startswith(b"HTTP/1.1 401")
    client.close()
