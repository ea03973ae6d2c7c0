"""Where a request comes from: a stranger's word is worth nothing, and a proxy's counts from the right."""

import pytest
from pydantic import ValidationError

from omni2.identity.origins import networks_of, origin_of
from omni2.kernel.settings import Settings

PROXIES = networks_of("127.0.0.1, 10.0.0.0/8, fd00::/8")


def test_nobody_is_believed_by_default() -> None:
    assert Settings().trusted_proxies == ""
    assert origin_of("127.0.0.1", ["1.2.3.4"], networks_of("")) == "127.0.0.1"


def test_a_stranger_who_names_another_address_is_not_believed() -> None:
    assert origin_of("203.0.113.9", ["1.2.3.4"], PROXIES) == "203.0.113.9"
    assert origin_of("unknown", ["1.2.3.4"], PROXIES) == "unknown"


@pytest.mark.parametrize(
    ("forwarded", "origin"),
    [
        (["198.51.100.7"], "198.51.100.7"),
        (["198.51.100.7:4711"], "198.51.100.7"),
        (["[2001:db8::7]:4711"], "2001:db8::7"),
        (["2001:db8::7"], "2001:db8::7"),
        (["::ffff:198.51.100.7"], "198.51.100.7"),
        (["6.6.6.6, 198.51.100.7, 10.1.2.3"], "198.51.100.7"),  # what stands left of it, the client may write
        (["6.6.6.6", "198.51.100.7", "10.1.2.3, fd00::1"], "198.51.100.7"),
        (["10.1.2.3, 10.1.2.4"], "10.1.2.3"),
    ],
)
def test_the_rightmost_hop_that_is_no_proxy_of_ours_is_the_client(forwarded: list[str], origin: str) -> None:
    assert origin_of("10.0.0.1", forwarded, PROXIES) == origin
    assert origin_of("::ffff:10.0.0.1", forwarded, PROXIES) == origin


@pytest.mark.parametrize(
    "garbage",
    [
        "",
        "unknown",
        "_hidden",
        "a" * 100_000,
        "1.2.3.4.5",
        "0x7f.1",
        "[",
        "::1::",
        "\x00",
        "' OR 1=1 --",
        "1" * 64,
    ],
)
def test_what_is_no_address_never_becomes_one(garbage: str) -> None:
    assert origin_of("10.0.0.1", [garbage], PROXIES) == "10.0.0.1"
    assert origin_of("10.0.0.1", [f"198.51.100.7, {garbage}, 10.1.2.3"], PROXIES) == "10.1.2.3"


def test_a_chain_without_end_is_read_only_so_far() -> None:
    chain = ", ".join(["198.51.100.7", *["10.1.2.3"] * 10_000])
    assert origin_of("10.0.0.1", [chain], PROXIES) == "10.1.2.3"


@pytest.mark.parametrize("listed", ["proxy.example.org", "10.0.0.0/33", "10.0.0.1 10.0.0.2"])
def test_a_list_of_proxies_that_is_none_stops_the_start(listed: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Settings(trusted_proxies=listed)
    assert "OMNI2_TRUSTED_PROXIES" in str(caught.value)
