"""Which addresses a server may have without anybody saying that it runs in the own network."""

import pytest

from omni2.catalog.models import Server
from omni2.hub.schemas import ServerCreate, ServerPatch
from omni2.hub.way import Way, way_of_create, way_of_patch
from omni2.kernel.settings import Settings

LOOPBACK = ("http://127.0.0.1:9/mcp", "http://localhost:9/mcp", "http://[::1]:9/mcp", "http://127.9.9.9/mcp")
OTHERS = ("http://10.1.2.3/mcp", "http://192.168.0.7/mcp", "http://[fd00::1]/mcp", "https://example.org/mcp")


def way_to(url: str, *, host: str = "127.0.0.1", chosen: bool | None = None) -> Way:
    body = ServerCreate(title="Any", transport="http", url=url, allow_private=chosen)
    return way_of_create(Settings(host=host), body)


@pytest.mark.parametrize("url", LOOPBACK)
def test_an_address_on_this_machine_is_allowed_while_only_it_reaches_omni2(url: str) -> None:
    assert way_to(url).allow_private
    assert not way_to(url, host="192.0.2.1").allow_private
    assert not way_to(url, chosen=False).allow_private


@pytest.mark.parametrize("url", OTHERS)
def test_an_address_in_the_own_network_has_to_be_allowed(url: str) -> None:
    assert not way_to(url).allow_private
    assert way_to(url, chosen=True).allow_private


@pytest.mark.parametrize(
    ("before", "after", "allowed"),
    [
        (way_to(LOOPBACK[0]), OTHERS[0], False),
        (way_to(OTHERS[0], chosen=True), OTHERS[1], True),
        (way_to(OTHERS[3]), OTHERS[0], False),
        (way_to(OTHERS[3]), LOOPBACK[1], True),
    ],
)
def test_a_new_address_is_allowed_what_was_chosen_and_not_what_only_this_machine_was(
    before: Way, after: str, *, allowed: bool
) -> None:
    row = Server(transport="http", demo=False)
    way = way_of_patch(Settings(host="127.0.0.1"), row, before, ServerPatch(url=after))
    assert way.allow_private is allowed
