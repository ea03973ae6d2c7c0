"""The catalogue as one immutable snapshot, read again when its epoch moves."""

import asyncio
from collections.abc import Sequence
from types import MappingProxyType
from typing import cast

from pydantic import JsonValue
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from omni2.catalog.entries import (
    EMPTY,
    CatalogSnapshot,
    KeySource,
    ModelEntry,
    ProviderKind,
    ServerEntry,
    ServerState,
    ToolEntry,
    Transport,
)
from omni2.catalog.models import Model, ModelProvider, Server, Tool
from omni2.catalog.price import price_from_json
from omni2.identity.epochs import Mirror
from omni2.kernel.db import Database


class CatalogBook:
    """Serves the snapshot of the newest catalogue epoch that the mirror knows; refuses on a stale mirror."""

    def __init__(self, database: Database, mirror: Mirror) -> None:
        self._database = database
        self._mirror = mirror
        self._snapshot = EMPTY
        self._loading = asyncio.Lock()

    async def snapshot(self) -> CatalogSnapshot:
        """Return everything that exists; raise `Problem` when the database does not tell."""
        await self._mirror.require_fresh()
        if self._snapshot.version != self._mirror.version("catalog"):
            async with self._loading:
                while self._snapshot.version != (version := self._mirror.version("catalog")):
                    self._snapshot = await self._load(version)
        return self._snapshot

    async def _load(self, version: int) -> CatalogSnapshot:
        async with self._database.read() as session:
            return await load_snapshot(session, version)


async def load_snapshot(session: AsyncSession, version: int = 0) -> CatalogSnapshot:
    """Read the whole catalogue."""
    servers = await session.scalars(select(Server).order_by(Server.slug))
    tools: dict[str, list[Tool]] = {}
    for tool in await session.scalars(
        select(Tool).where(Tool.gone_at.is_(None)).order_by(Tool.position, Tool.name)
    ):
        tools.setdefault(tool.server_id, []).append(tool)
    pairs = await session.execute(
        select(Model, ModelProvider)
        .join(ModelProvider, ModelProvider.provider_id == Model.provider_id)
        .order_by(Model.demo, Model.title, Model.model_id)
    )
    return CatalogSnapshot(
        version,
        MappingProxyType({row.slug: server_entry(row, tools.get(row.server_id, ())) for row in servers}),
        MappingProxyType({row.model_id: model_entry(row, provider) for row, provider in pairs}),
    )


def server_entry(row: Server, tools: Sequence[Tool]) -> ServerEntry:
    """Return the frozen form of a server and its tools."""
    command = row.command if isinstance(row.command, list) else []
    return ServerEntry(
        server_id=row.server_id,
        slug=row.slug,
        title=row.title,
        transport=cast("Transport", row.transport),
        url=row.url,
        command=tuple(str(part) for part in command),
        timeout_ms=row.timeout_ms,
        concurrency=row.concurrency,
        enabled=row.enabled,
        demo=row.demo,
        state=cast("ServerState", row.state),
        reason=row.reason,
        version=row.version,
        sealed_headers=row.sealed_headers,
        sealed_env=row.sealed_env,
        allow_private=row.allow_private,
        tools=MappingProxyType({tool.name: tool_entry(tool) for tool in tools}),
    )


def tool_entry(row: Tool) -> ToolEntry:
    """Return the frozen form of a pinned tool."""
    return ToolEntry(
        server_id=row.server_id,
        name=row.name,
        title=row.title,
        description=row.description,
        input_schema=_object(row.input_schema),
        annotations=_object(row.annotations),
        enabled=row.enabled,
        price_micros=row.price_micros,
        sha256=row.sha256,
    )


def model_entry(row: Model, provider: ModelProvider) -> ModelEntry:
    """Return the frozen form of a model with its provider."""
    return ModelEntry(
        model_id=row.model_id,
        provider_id=provider.provider_id,
        provider=cast("ProviderKind", provider.kind),
        provider_title=provider.title,
        name=row.name,
        title=row.title,
        is_default=row.is_default,
        enabled=row.enabled,
        demo=row.demo,
        base_url=provider.base_url or None,
        sealed_key=provider.sealed_key,
        key_source=cast("KeySource", provider.key_source),
        env_key=provider.env_key,
        max_output_tokens=row.max_output_tokens,
        price=price_from_json(row.price),
    )


def _object(value: JsonValue) -> dict[str, JsonValue]:
    return value if isinstance(value, dict) else {}
