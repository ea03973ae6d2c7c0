"""Where omni2 may connect to: the policy for upstream URLs, asked at save and again at every connect."""

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import cast
from urllib.parse import SplitResult, urlsplit

import httpcore2
import httpx2

from omni2.kernel.errors import Problem

RESOLVE_TIMEOUT_S = 5.0
MAX_URL_CHARS = 2048

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

# Credentials of the machine are served here by clouds, on addresses that are not link-local.
_METADATA_HOSTS = frozenset({"metadata", "metadata.google.internal", "metadata.goog", "instance-data"})
_METADATA_ADDRESSES = frozenset(
    ipaddress.ip_address(text)
    for text in ("fd00:ec2::254", "fd20:ce::254", "100.100.100.200", "192.0.0.192", "168.63.129.16")
)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class CheckedUrl:
    """A URL that passed, and the addresses that it stood for at that moment."""

    host: str
    port: int
    addresses: tuple[str, ...]


async def check_url(url: str, *, allow_private: bool) -> CheckedUrl:
    """Resolve `url`; raise `Problem` url_refused for what omni2 must not reach, or server_unreachable."""
    parts = _split(url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return CheckedUrl(host, port, await resolve(host, port, allow_private=allow_private))


async def resolve(host: str, port: int, *, allow_private: bool) -> tuple[str, ...]:
    """Return the addresses of `host`, all of which may be connected to. Raises `Problem` like `check_url`."""
    if host.rstrip(".").lower() in _METADATA_HOSTS:
        raise _refused(f"{host} is a cloud metadata service, which omni2 never reaches.")
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(RESOLVE_TIMEOUT_S):
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError, TimeoutError) as error:
        raise Problem(
            "server_unreachable", 502, f"The name {host} could not be resolved. Check the URL."
        ) from error
    addresses = tuple(dict.fromkeys(str(entry[4][0]).partition("%")[0] for entry in found))
    for address in addresses:
        reason = refusal(address, allow_private=allow_private)
        if reason is not None:
            raise _refused(f"{host} is at {address}, {reason}.")
    return addresses


def refusal(address: str, *, allow_private: bool) -> str | None:
    """Return why `address` may not be connected to, as the end of a sentence, or None if it may be."""
    ip = _unwrapped(ipaddress.ip_address(address))
    if ip in _METADATA_ADDRESSES:
        return "a cloud metadata address, which omni2 never reaches"
    if ip.is_link_local:
        return "a link-local address, which omni2 never reaches"
    if ip.is_unspecified or ip.is_multicast or (ip.is_reserved and not ip.is_loopback):
        return "an address that no server has"
    if not allow_private and not ip.is_global:
        return "a private address, which is not allowed for this server"
    return None


class PinnedBackend(httpcore2.AsyncNetworkBackend):
    """Connects to the very address that was checked, so that a name cannot change its mind in between."""

    def __init__(self, *, allow_private: bool) -> None:
        self._allow_private = allow_private
        self._inner = cast("httpcore2.AsyncNetworkBackend", httpcore2.AnyIOBackend())

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Connect to the first address of `host` that answers. Raises `Problem` for a refused one."""
        addresses = await resolve(host, port, allow_private=self._allow_private)
        for address in addresses[:-1]:
            try:
                return await self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                continue
        return await self._inner.connect_tcp(addresses[-1], port, timeout, local_address, socket_options)

    async def sleep(self, seconds: float) -> None:
        """Wait; the pool asks for this between its retries."""
        await asyncio.sleep(seconds)


@cache
def ssl_context() -> ssl.SSLContext:
    """Return the one TLS context of the process: making one costs 20-38 ms."""
    return httpx2.create_ssl_context()


def _split(url: str) -> SplitResult:
    if len(url) > MAX_URL_CHARS or any(character.isspace() or ord(character) < 32 for character in url):
        raise _refused("The URL is too long, or holds spaces or control characters.")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise _refused("The URL cannot be read.") from error
    if parts.scheme not in {"http", "https"}:
        raise _refused("Only http and https URLs are allowed.")
    if parts.username is not None or parts.password is not None:
        raise _refused("The URL holds credentials. Enter them in the credentials field instead.")
    if not parts.hostname or port == 0:
        raise _refused("The URL names no host.")
    return parts


def _unwrapped(ip: IpAddress) -> IpAddress:
    """Return the IPv4 address that an IPv6 one stands for, else the address itself."""
    if isinstance(ip, ipaddress.IPv4Address):
        return ip
    if ip in _NAT64:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    teredo = ip.teredo[1] if ip.teredo is not None else None
    return ip.ipv4_mapped or ip.sixtofour or teredo or ip


def _refused(detail: str) -> Problem:
    return Problem("url_refused", 422, detail)
