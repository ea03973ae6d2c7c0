"""The policy for upstream URLs."""

import pytest

from omni2.kernel.errors import Problem
from omni2.upstream.net import check_url, refusal


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.com/",
        "file:///etc/passwd",
        "http://user:secret@127.0.0.1/",
        "http://@127.0.0.1/",
        "http://",
        "http:///path",
        "http://127.0.0.1:99999/",
        "http://127.0.0.1:0/",
        "http://127.0.0.1/a b",
        "http://127.0.0.1/\r\nX: y",
        "http://" + "a" * 3000,
        "//127.0.0.1/",
        "",
    ],
)
async def test_what_is_no_plain_http_url_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(Problem) as caught:
        await check_url(url, allow_private=True)
    assert caught.value.code == "url_refused"
    assert "secret" not in caught.value.detail


@pytest.mark.parametrize(
    "host",
    [
        "169.254.169.254",
        "169.254.1.1",
        "[fe80::1]",
        "[fd00:ec2::254]",
        "[::ffff:169.254.169.254]",
        "[2002:a9fe:a9fe::]",
        "[64:ff9b::a9fe:a9fe]",
        "2852039166",
        "0xa9fea9fe",
        "100.100.100.200",
        "metadata.google.internal",
        "METADATA.google.internal.",
        "0",
        "[::]",
        "224.0.0.1",
        "255.255.255.255",
    ],
)
async def test_metadata_and_odd_addresses_are_refused_always_in_every_spelling(host: str) -> None:
    with pytest.raises(Problem) as caught:
        await check_url(f"http://{host}/latest/meta-data", allow_private=True)
    assert caught.value.code == "url_refused"


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "[::1]", "10.1.2.3", "192.168.0.1", "172.16.0.1", "100.64.0.1", "[fd12::1]"],
)
async def test_private_addresses_are_refused_unless_allowed(host: str) -> None:
    with pytest.raises(Problem) as caught:
        await check_url(f"http://{host}:8080/mcp", allow_private=False)
    assert caught.value.code == "url_refused"
    checked = await check_url(f"http://{host}:8080/mcp", allow_private=True)
    assert checked.port == 8080
    assert checked.addresses


async def test_a_public_address_passes_and_gets_the_port_of_its_scheme() -> None:
    checked = await check_url("https://1.1.1.1/mcp", allow_private=False)
    assert (checked.port, checked.addresses) == (443, ("1.1.1.1",))


async def test_a_name_that_does_not_resolve_is_unreachable() -> None:
    with pytest.raises(Problem) as caught:
        await check_url("http://no-such-host.invalid/", allow_private=True)
    assert caught.value.code == "server_unreachable"


def test_the_reason_names_the_kind_of_address() -> None:
    assert refusal("93.184.216.34", allow_private=False) is None
    assert "private" in (refusal("10.0.0.1", allow_private=False) or "")
    assert "metadata" in (refusal("192.0.0.192", allow_private=True) or "")
