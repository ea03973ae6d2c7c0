"""The edge: a socket that brings a cookie must say where it comes from."""

from pathlib import Path

import pytest

from omni2.flows.checkpoints import AuthCheck
from tests.support.clients import ChatClient
from tests.support.house import House, open_house

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # in front of any store

ORIGINS = [None, "http://evil.example"]


async def test_a_cookie_opens_no_socket_without_our_origin(house: House, subtests: pytest.Subtests) -> None:
    for origin in ORIGINS:
        with subtests.test(origin=origin):
            headers = {"Cookie": house.served.credentials(house.ann)["Cookie"]}
            client = await ChatClient.connect(
                house.served.url, {**headers, **({"Origin": origin} if origin else {})}
            )
            assert await client.closed() == 4403
            assert [frame["code"] for frame in client.frames] == ["origin_refused"]
            await client.aclose()


@pytest.mark.parametrize(("proxies", "address"), [("", "127.0.0.1"), ("127.0.0.0/8", "198.51.100.7")])
async def test_a_flow_names_the_client_behind_a_trusted_proxy_alone(
    database_url: str, tmp_path: Path, proxies: str, address: str
) -> None:
    async with open_house(database_url, tmp_path / "data", trusted_proxies=proxies) as house:
        headers = house.served.credentials(house.ann)
        chat = await ChatClient.connect(house.served.url, {**headers, "X-Forwarded-For": "198.51.100.7"})
        await chat.welcome()
        flow_id = (await chat.ask())[0]["flow_id"]
        assert isinstance(known := (await house.only(flow_id, "auth_check")).data, AuthCheck)
        assert known.address == address
        await chat.aclose()
