"""The edge: a socket that brings a cookie must say where it comes from."""

import pytest

from tests.support.clients import ChatClient
from tests.support.house import House


@pytest.mark.parametrize("origin", [None, "http://evil.example"])
async def test_a_cookie_opens_no_socket_without_our_origin(house: House, origin: str | None) -> None:
    headers = {"Cookie": house.served.credentials(house.ann)["Cookie"]}
    client = await ChatClient.connect(house.served.url, {**headers, **({"Origin": origin} if origin else {})})
    assert await client.closed() == 4403
    assert [frame["code"] for frame in client.frames] == ["origin_refused"]
    await client.aclose()
