"""From rows to the frozen entries of servers, tools, prompts and resources."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import cast

from pydantic import JsonValue

from omni2.catalog import models
from omni2.catalog.entries import (
    AWAY,
    Isolation,
    Label,
    NewTools,
    PromptEntry,
    ResourceEntry,
    ServerEntry,
    ServerState,
    SignIn,
    TemplateEntry,
    ToolEntry,
    Transport,
    VirtualServer,
    VirtualTool,
)


@dataclass(slots=True)
class Shelf:
    """What one server lists."""

    tools: dict[str, ToolEntry] = field(default_factory=dict[str, ToolEntry])
    prompts: dict[str, PromptEntry] = field(default_factory=dict[str, PromptEntry])
    resources: dict[str, ResourceEntry] = field(default_factory=dict[str, ResourceEntry])
    templates: dict[str, TemplateEntry] = field(default_factory=dict[str, TemplateEntry])


def server_entry(row: models.Server, shelf: Shelf) -> ServerEntry:
    """Return the frozen form of a server and of what it lists."""
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
        tools=MappingProxyType(shelf.tools),
        prompts=MappingProxyType(shelf.prompts),
        resources=MappingProxyType(shelf.resources),
        templates=MappingProxyType(shelf.templates),
        capabilities=_object(row.capabilities),
        instructions=row.instructions,
        revision=row.revision,
        stale=row.enabled and row.state in AWAY and row.revision is not None,
        isolation=cast("Isolation", row.isolation),
        sign_in=cast("SignIn", row.sign_in),
        new_tools=cast("NewTools", row.new_tools),
    )


def tool_entry(row: models.Tool) -> ToolEntry:
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
        output_schema=row.output_schema if isinstance(row.output_schema, dict) else None,
        meta=_object(row.meta),
        icons=_objects(row.icons),
        own_title=row.shown_title,
        own_description=row.shown_description,
        renamed=row.renamed,
        labels=labels_of(row.labels),
        held=row.held_sha256 is not None,
    )


def prompt_entry(row: models.Prompt) -> PromptEntry:
    """Return the frozen form of a prompt."""
    return PromptEntry(
        row.server_id, row.name, row.title, row.description, _objects(row.arguments), _object(row.meta)
    )


def resource_entry(row: models.Resource) -> ResourceEntry:
    """Return the frozen form of a resource."""
    return ResourceEntry(
        server_id=row.server_id,
        uri=row.uri,
        name=row.name,
        title=row.title,
        description=row.description,
        mime_type=row.mime_type,
        size=row.size,
        annotations=_object(row.annotations),
        meta=_object(row.meta),
    )


def template_entry(row: models.ResourceTemplate) -> TemplateEntry:
    """Return the frozen form of a template."""
    return TemplateEntry(
        server_id=row.server_id,
        uri_template=row.uri_template,
        name=row.name,
        title=row.title,
        description=row.description,
        mime_type=row.mime_type,
        annotations=_object(row.annotations),
        meta=_object(row.meta),
    )


def virtual_entry(row: models.VirtualServer, tools: Iterable[VirtualTool]) -> VirtualServer:
    """Return the frozen form of a virtual server."""
    return VirtualServer(row.server_id, row.slug, row.title, row.description, row.enabled, tuple(tools))


def labels_of(value: JsonValue) -> frozenset[Label]:
    """Return stored labels."""
    return frozenset(cast("list[Label]", value)) if isinstance(value, list) else frozenset()


def _object(value: JsonValue) -> dict[str, JsonValue]:
    return value if isinstance(value, dict) else {}


def _objects(value: JsonValue) -> tuple[dict[str, JsonValue], ...]:
    found = value if isinstance(value, list) else []
    return tuple(item for item in found if isinstance(item, dict))
