"""Where a request comes from: its peer, or what a proxy that we trust says of it."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

HOPS_READ = 32
_LONGEST = 64

IpAddress = IPv4Address | IPv6Address
IpNetwork = IPv4Network | IPv6Network


@lru_cache(maxsize=8)
def networks_of(listed: str) -> tuple[IpNetwork, ...]:
    """Return the networks of a comma list of addresses and CIDRs; raise `ValueError` for another."""
    return tuple(ip_network(entry.strip(), strict=False) for entry in listed.split(",") if entry.strip())


def origin_of(peer: str, forwarded: Iterable[str], trusted: Sequence[IpNetwork]) -> str:
    """Return the address that a request comes from.

    `forwarded` are the values of X-Forwarded-For in their order. They count only from a trusted peer, and
    are read from the right, the end that our own proxies wrote: the first address there that is not a
    proxy's is it. What is no address ends the reading, and the hop that passed it on stands for it.
    """
    known = _address(peer)
    if known is None or not trusted or not _within(known, trusted):
        return peer
    for hop in _from_the_right(forwarded):
        address = _address(hop)
        if address is None:
            break
        known = address
        if not _within(known, trusted):
            break
    return str(known)


def _from_the_right(forwarded: Iterable[str]) -> list[str]:
    """Return the last hops, the nearest first."""
    return [hop.strip() for hop in ",".join(forwarded).rsplit(",", HOPS_READ)[-HOPS_READ:]][::-1]


def _address(hop: str) -> IpAddress | None:
    """Return the address of a hop, a port stripped and a mapped one unwrapped; None for anything else."""
    if len(hop) > _LONGEST:
        return None
    if hop.startswith("["):
        hop = hop[1:].partition("]")[0]
    elif hop.count(":") == 1:
        hop = hop.partition(":")[0]
    try:
        address = ip_address(hop.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _within(address: IpAddress, networks: Sequence[IpNetwork]) -> bool:
    return any(address in network for network in networks)
