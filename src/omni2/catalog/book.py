"""The catalogue as one immutable snapshot, read again when its epoch moves."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from types import MappingProxyType
from typing import cast

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from omni2.catalog.entries import (
    EMPTY,
    CatalogSnapshot,
    KeySource,
    ModelEntry,
    ProviderKind,
    VirtualServer,
    VirtualTool,
)
from omni2.catalog.loading import (
    Shelf,
    prompt_entry,
    resource_entry,
    server_entry,
    template_entry,
    tool_entry,
    virtual_entry,
)
from omni2.catalog.models import Model, ModelProvider, Prompt, Resource, ResourceTemplate, Server, Tool
from omni2.catalog.models import VirtualServer as VirtualServerRow
from omni2.catalog.models import VirtualTool as VirtualToolRow
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
    servers = (await session.scalars(select(Server).order_by(Server.slug))).all()
    shelves = await _shelves(session)
    pairs = await session.execute(
        select(Model, ModelProvider)
        .join(ModelProvider, ModelProvider.provider_id == Model.provider_id)
        .order_by(Model.demo, Model.title, Model.model_id)
    )
    entries = {row.slug: server_entry(row, shelves[row.server_id]) for row in servers}
    return CatalogSnapshot(
        version,
        MappingProxyType(entries),
        MappingProxyType({row.model_id: model_entry(row, provider) for row, provider in pairs}),
        await _virtual(session, {row.server_id: row.slug for row in servers}),
    )


async def _shelves(session: AsyncSession) -> dict[str, Shelf]:
    shelves: dict[str, Shelf] = defaultdict(Shelf)
    tools = select(Tool).where(Tool.gone_at.is_(None)).order_by(Tool.position, Tool.name)
    for tool in await session.scalars(tools):
        shelves[tool.server_id].tools[tool.name] = tool_entry(tool)
    for prompt in await session.scalars(select(Prompt).order_by(Prompt.position, Prompt.name)):
        shelves[prompt.server_id].prompts[prompt.name] = prompt_entry(prompt)
    for found in await session.scalars(select(Resource).order_by(Resource.position, Resource.uri)):
        shelves[found.server_id].resources[found.uri] = resource_entry(found)
    templates = select(ResourceTemplate).order_by(ResourceTemplate.position, ResourceTemplate.uri_template)
    for template in await session.scalars(templates):
        shelves[template.server_id].templates[template.uri_template] = template_entry(template)
    return shelves


async def _virtual(session: AsyncSession, slugs: Mapping[str, str]) -> Mapping[str, VirtualServer]:
    tools: dict[str, list[VirtualTool]] = defaultdict(list)
    for row in await session.scalars(select(VirtualToolRow).order_by(VirtualToolRow.position)):
        tools[row.virtual_id].append(VirtualTool(slugs[row.server_id], row.tool, row.bare_name))
    rows = await session.scalars(select(VirtualServerRow).order_by(VirtualServerRow.slug))
    return MappingProxyType({row.slug: virtual_entry(row, tools[row.server_id]) for row in rows})


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
