"""Turns entries of the catalogue into targets: here stored credentials are opened, in memory only."""

import os
from typing import cast

from omni2.catalog.entries import ModelEntry, ServerEntry
from omni2.kernel.jsons import loads
from omni2.kernel.secrets import Sealer
from omni2.upstream.ports import ModelTarget, ServerTarget

MODEL_TIMEOUT_MS = 120_000
MAX_KNOWN = 2_000
Pairs = tuple[tuple[str, str], ...]


class Targets:
    """How servers are reached, for as long as their entries stand: opening a credential costs time."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], tuple[ServerEntry, ServerTarget]] = {}

    def of(self, entry: ServerEntry, sealer: Sealer, user_id: str) -> ServerTarget:
        """Return how a server is reached now, for a user; raise like `server_target`."""
        found = self._known.get((entry.server_id, user_id))
        if found is not None and found[0] is entry:
            return found[1]
        if len(self._known) >= MAX_KNOWN:
            self._known.clear()
        target = server_target(entry, sealer, user_id)
        self._known[entry.server_id, user_id] = (entry, target)
        return target


def server_target(entry: ServerEntry, sealer: Sealer, user_id: str | None = None) -> ServerTarget:
    """Return how a server is reached now, for a user; raise `Problem` secret_unreadable for another key."""
    context = server_context(entry.server_id)
    return ServerTarget(
        server_id=entry.server_id,
        slug=entry.slug,
        title=entry.title,
        transport=entry.transport,
        url=entry.url,
        command=entry.command,
        env=open_pairs(entry.sealed_env, sealer, context),
        headers=open_pairs(entry.sealed_headers, sealer, context),
        timeout_ms=entry.timeout_ms,
        concurrency=entry.concurrency,
        version=entry.version,
        allow_private=entry.allow_private,
        builtin=entry.demo,
        isolation="per_user" if entry.sign_in == "per_user" else entry.isolation,
        user_id=user_id,
        sign_in=entry.sign_in,
    )


def model_target(entry: ModelEntry, sealer: Sealer) -> ModelTarget:
    """Return how a model is reached now; a key of the environment is read at this moment."""
    return ModelTarget(
        provider=entry.provider,
        model=entry.name,
        base_url=entry.base_url,
        api_key=_key(entry, sealer),
        timeout_ms=MODEL_TIMEOUT_MS,
    )


def server_context(server_id: str) -> str:
    """Return the context that a server's credentials are sealed for."""
    return f"server:{server_id}"


def provider_context(provider_id: str) -> str:
    """Return the context that a provider's key is sealed for."""
    return f"provider:{provider_id}"


def open_pairs(sealed: str | None, sealer: Sealer, context: str) -> Pairs:
    """Return sealed names and values in the clear."""
    if sealed is None:
        return ()
    return tuple(
        (name, value) for name, value in cast("list[list[str]]", loads(sealer.open(sealed, context)))
    )


def _key(entry: ModelEntry, sealer: Sealer) -> str | None:
    if entry.key_source == "environment" and entry.env_key:
        return os.environ.get(entry.env_key) or None
    if entry.sealed_key is None:
        return None
    return sealer.open(entry.sealed_key, provider_context(entry.provider_id))
