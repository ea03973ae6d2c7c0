"""Which hosts this installation answers to: what a `Host` header may name, and what that makes the origin."""

from functools import lru_cache

from omni2.kernel.settings import Settings


def serves(settings: Settings, host: str) -> bool:
    """Whether `host` (name and port) is ours: what browsers know us by, or our own addresses."""
    if host in _hosts(settings.host, settings.port, settings.origin):
        return True
    name = host.rsplit(":", 1)[0].strip("[]")
    return not settings.listens_on_loopback and not settings.public_url and _is_address(name)


def origin_at(settings: Settings, host: str) -> str:
    """Return the origin for who came by `host`: the public one if there is one, else the one they used."""
    if settings.public_url or not serves(settings, host):
        return settings.origin
    return f"http://{host}"


@lru_cache(maxsize=16)
def _hosts(address: str, port: int, origin: str) -> frozenset[str]:
    names = {f"127.0.0.1:{port}", f"localhost:{port}", f"[::1]:{port}", f"{address}:{port}"}
    return frozenset(names | {origin.partition("://")[2]})


def _is_address(name: str) -> bool:
    return bool(name) and all(part.isdigit() for part in name.split(".")) and name.count(".") == 3
