"""The way to a server: everything that a connection depends on, in the clear, before it is sealed."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import cast

from omni2.catalog.entries import Transport
from omni2.catalog.models import Server
from omni2.hub.policy import (
    Pairs,
    is_loopback,
    may_be_private,
    require_command,
    require_env,
    require_headers,
    require_url,
    same_origin,
    with_bearer,
)
from omni2.hub.schemas import Pair, ServerCreate, ServerPatch
from omni2.kernel.errors import Problem, invalid
from omni2.kernel.ids import now
from omni2.kernel.jsons import dumps
from omni2.kernel.secrets import Sealer
from omni2.kernel.settings import Settings
from omni2.upstream.ports import ServerTarget
from omni2.upstream.targets import open_pairs, server_context


@dataclass(frozen=True, slots=True)
class Way:
    """How a server is reached."""

    transport: Transport
    url: str | None
    command: tuple[str, ...]
    headers: Pairs = field(repr=False)
    env: Pairs = field(repr=False)
    timeout_ms: int
    concurrency: int
    allow_private: bool

    def target(self, row: Server) -> ServerTarget:
        """Return the target of `row` as it would be reached by this way."""
        return ServerTarget(
            server_id=row.server_id,
            slug=row.slug,
            title=row.title,
            transport=self.transport,
            url=self.url,
            command=self.command,
            env=self.env,
            headers=self.headers,
            timeout_ms=self.timeout_ms,
            concurrency=self.concurrency,
            version=row.version + 1,
            allow_private=self.allow_private,
            builtin=row.demo,
        )

    def leads_elsewhere(self, before: "Way") -> bool:
        """Whether the server has to be asked again: more than the limits differ."""
        return replace(self, timeout_ms=before.timeout_ms, concurrency=before.concurrency) != before

    def store(self, row: Server, sealer: Sealer, before: "Way | None") -> None:
        """Write this way into `row`, secrets sealed, and count the version on."""
        context = server_context(row.server_id)
        row.transport, row.url, row.command = self.transport, self.url, list(self.command) or None
        row.timeout_ms, row.concurrency, row.allow_private = (
            self.timeout_ms,
            self.concurrency,
            self.allow_private,
        )
        row.version += 1
        if before is None or (before.headers, before.env) != (self.headers, self.env):
            row.sealed_headers = sealer.seal(dumps(self.headers), context) if self.headers else None
            row.sealed_env = sealer.seal(dumps(self.env), context) if self.env else None
            row.credential_set_at = now() if self.headers or self.env else None


def way_of_create(settings: Settings, body: ServerCreate) -> Way:
    """Return the way that an admin describes; raise `Problem` with the field that is not allowed."""
    has_url = body.transport != "stdio"
    for name, given in (
        (("command", body.command), ("env", body.env))
        if has_url
        else (
            ("url", body.url),
            ("headers", body.headers),
            ("bearer", body.bearer),
        )
    ):
        if given:
            raise invalid(name, f"A server over {body.transport} takes no {name}.")
    headers = require_headers(_pairs(body.headers))
    return Way(
        transport=body.transport,
        url=require_url(body.url) if has_url else None,
        command=() if has_url else require_command(settings, body.command),
        headers=with_bearer(headers, body.bearer) if body.bearer else headers,
        env=require_env(_pairs(body.env)),
        timeout_ms=body.timeout_ms,
        concurrency=body.concurrency,
        allow_private=may_be_private(settings, body.url if has_url else None, chosen=body.allow_private),
    )


def way_of_row(row: Server, sealer: Sealer) -> Way:
    """Return the way as stored."""
    context = server_context(row.server_id)
    command = row.command if isinstance(row.command, list) else []
    return Way(
        transport=cast("Transport", row.transport),
        url=row.url,
        command=tuple(str(word) for word in command),
        headers=open_pairs(row.sealed_headers, sealer, context),
        env=open_pairs(row.sealed_env, sealer, context),
        timeout_ms=row.timeout_ms,
        concurrency=row.concurrency,
        allow_private=row.allow_private,
    )


def way_of_patch(settings: Settings, row: Server, before: Way, body: ServerPatch) -> Way:
    """Return the way after a change; raise `Problem` with the field that is not allowed."""
    given = body.model_fields_set
    if row.demo and given & {"url", "command", "headers", "env", "bearer", "allow_private"}:
        raise Problem(
            "demo_server", 409, "A demo server is reached as it is. Add a server of your own instead."
        )
    way = replace(
        before,
        timeout_ms=body.timeout_ms or before.timeout_ms,
        concurrency=body.concurrency or before.concurrency,
        allow_private=_private_after(settings, before, body),
    )
    return (
        _patched_stdio(settings, way, body, given)
        if row.transport == "stdio"
        else _patched_http(way, body, given)
    )


def _private_after(settings: Settings, before: Way, body: ServerPatch) -> bool:
    """As chosen now or once; what only held for an address on this machine ends with that address."""
    if body.allow_private is not None or body.url is None:
        return before.allow_private if body.allow_private is None else body.allow_private
    kept = before.allow_private and not is_loopback(before.url)
    return kept or may_be_private(settings, body.url, chosen=None)


def _patched_http(way: Way, body: ServerPatch, given: set[str]) -> Way:
    if given & {"command", "env"}:
        raise invalid("command", f"A server over {way.transport} has no command and no environment.")
    if "headers" in given:
        way = replace(way, headers=require_headers(_pairs(body.headers or ())))
    if "bearer" in given:
        way = replace(way, headers=with_bearer(way.headers, body.bearer))
    if "url" in given:
        url = require_url(body.url)
        if way.headers and not same_origin(url, way.url) and not given & {"headers", "bearer"}:
            raise invalid("bearer", "The address changes to another host. Enter its credentials again.")
        way = replace(way, url=url)
    return way


def _patched_stdio(settings: Settings, way: Way, body: ServerPatch, given: set[str]) -> Way:
    if given & {"url", "headers", "bearer"}:
        raise invalid("url", "A server over stdio has no URL and no headers.")
    if "command" in given:
        way = replace(way, command=require_command(settings, body.command))
    if "env" in given:
        way = replace(way, env=require_env(_pairs(body.env or ())))
    return way


def _pairs(pairs: Sequence[Pair]) -> list[tuple[str, str]]:
    return [(pair.name, pair.value) for pair in pairs]
