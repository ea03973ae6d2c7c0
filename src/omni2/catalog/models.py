"""Tables of what exists: servers, their pinned tools and health log, providers, models."""

from datetime import datetime

from pydantic import JsonValue
from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from omni2.kernel.columns import Base, Json, Key, Utc


class Server(Base):
    """An MCP server. `version` counts changes of how it is reached; from `state` on it is health.

    `listed_at` is when it last gave its catalogue, which is served on while it is away.
    """

    __tablename__ = "servers"

    server_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    slug: Mapped[str] = mapped_column(String(32), unique=True)
    title: Mapped[str] = mapped_column(String(100))
    transport: Mapped[str] = mapped_column(String(8))
    url: Mapped[str | None] = mapped_column(Text)
    command: Mapped[JsonValue] = mapped_column(Json)
    sealed_headers: Mapped[str | None] = mapped_column(Text)
    sealed_env: Mapped[str | None] = mapped_column(Text)
    credential_set_at: Mapped[datetime | None] = mapped_column(Utc)
    timeout_ms: Mapped[int] = mapped_column(Integer)
    concurrency: Mapped[int] = mapped_column(Integer)
    allow_private: Mapped[bool] = mapped_column(Boolean)
    enabled: Mapped[bool] = mapped_column(Boolean)
    demo: Mapped[bool] = mapped_column(Boolean)
    version: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(Utc)
    state: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str | None] = mapped_column(Text)
    since: Mapped[datetime] = mapped_column(Utc)
    latency_ms: Mapped[int | None] = mapped_column(Integer)
    checked_at: Mapped[datetime | None] = mapped_column(Utc)
    revision: Mapped[str | None] = mapped_column(String(32))
    capabilities: Mapped[JsonValue] = mapped_column(Json)
    instructions: Mapped[str | None] = mapped_column(Text)
    isolation: Mapped[str] = mapped_column(String(8), server_default="shared", default="shared")
    new_tools: Mapped[str] = mapped_column(String(8), server_default="allow", default="allow")
    listed_at: Mapped[datetime | None] = mapped_column(Utc)
    sign_in: Mapped[str] = mapped_column(String(8), server_default="none", default="none")


class Tool(Base):
    """A pinned definition. `gone_at` is set while its server no longer lists it; choices survive that.

    A definition that its server changed stands in `held_definition` until somebody approves or rejects it;
    while `held_sha256` is set the tool is not offered. `sha256` is empty for one that was never approved.
    `decided_at` is when somebody last approved, rejected or set something: what has it is never forgotten.
    """

    __tablename__ = "tools"

    server_id: Mapped[str] = mapped_column(
        ForeignKey("servers.server_id", ondelete="CASCADE"), primary_key=True
    )
    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    position: Mapped[int] = mapped_column(Integer)
    title: Mapped[str | None] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text)
    input_schema: Mapped[JsonValue] = mapped_column(Json)
    annotations: Mapped[JsonValue] = mapped_column(Json)
    sha256: Mapped[str] = mapped_column(String(64))
    enabled: Mapped[bool] = mapped_column(Boolean)
    price_micros: Mapped[int | None] = mapped_column(BigInteger)
    pinned_at: Mapped[datetime] = mapped_column(Utc)
    gone_at: Mapped[datetime | None] = mapped_column(Utc)
    output_schema: Mapped[JsonValue] = mapped_column(Json)
    meta: Mapped[JsonValue] = mapped_column(Json)
    icons: Mapped[JsonValue] = mapped_column(Json)
    renamed: Mapped[str | None] = mapped_column(String(64))
    shown_title: Mapped[str | None] = mapped_column(Text)
    shown_description: Mapped[str | None] = mapped_column(Text)
    labels: Mapped[JsonValue] = mapped_column(Json)
    held_definition: Mapped[JsonValue] = mapped_column(Json)
    held_sha256: Mapped[str | None] = mapped_column(String(64))
    held_at: Mapped[datetime | None] = mapped_column(Utc)
    rejected_at: Mapped[datetime | None] = mapped_column(Utc)
    decided_at: Mapped[datetime | None] = mapped_column(Utc)


class Prompt(Base):
    """A prompt that a server lists. `sha256` is of the whole row, to see whether it changed."""

    __tablename__ = "prompts"

    server_id: Mapped[str] = mapped_column(
        ForeignKey("servers.server_id", ondelete="CASCADE"), primary_key=True
    )
    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    position: Mapped[int] = mapped_column(Integer)
    title: Mapped[str | None] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text)
    arguments: Mapped[JsonValue] = mapped_column(Json)
    meta: Mapped[JsonValue] = mapped_column(Json)
    sha256: Mapped[str] = mapped_column(String(64))


class Resource(Base):
    """A resource that a server lists."""

    __tablename__ = "resources"

    server_id: Mapped[str] = mapped_column(
        ForeignKey("servers.server_id", ondelete="CASCADE"), primary_key=True
    )
    uri: Mapped[str] = mapped_column(String(2000), primary_key=True)
    position: Mapped[int] = mapped_column(Integer)
    name: Mapped[str] = mapped_column(Text)
    title: Mapped[str | None] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text)
    mime_type: Mapped[str | None] = mapped_column(Text)
    size: Mapped[int | None] = mapped_column(BigInteger)
    annotations: Mapped[JsonValue] = mapped_column(Json)
    meta: Mapped[JsonValue] = mapped_column(Json)
    sha256: Mapped[str] = mapped_column(String(64))


class ResourceTemplate(Base):
    """A family of resources that a server lists."""

    __tablename__ = "resource_templates"

    server_id: Mapped[str] = mapped_column(
        ForeignKey("servers.server_id", ondelete="CASCADE"), primary_key=True
    )
    uri_template: Mapped[str] = mapped_column(String(2000), primary_key=True)
    position: Mapped[int] = mapped_column(Integer)
    name: Mapped[str] = mapped_column(Text)
    title: Mapped[str | None] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text)
    mime_type: Mapped[str | None] = mapped_column(Text)
    annotations: Mapped[JsonValue] = mapped_column(Json)
    meta: Mapped[JsonValue] = mapped_column(Json)
    sha256: Mapped[str] = mapped_column(String(64))


class VirtualServer(Base):
    """Tools of several servers under one slug; slugs are shared with servers."""

    __tablename__ = "virtual_servers"

    server_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    slug: Mapped[str] = mapped_column(String(32), unique=True)
    title: Mapped[str] = mapped_column(String(100))
    description: Mapped[str] = mapped_column(Text)
    enabled: Mapped[bool] = mapped_column(Boolean)
    created_at: Mapped[datetime] = mapped_column(Utc)


class VirtualTool(Base):
    """A tool of a real server in a virtual one. It waits, unlisted, while its server does not list it."""

    __tablename__ = "virtual_tools"
    __table_args__ = (UniqueConstraint("virtual_id", "server_id", "tool"),)

    virtual_id: Mapped[str] = mapped_column(
        ForeignKey("virtual_servers.server_id", ondelete="CASCADE"), primary_key=True
    )
    bare_name: Mapped[str] = mapped_column(String(64), primary_key=True)
    position: Mapped[int] = mapped_column(Integer)
    server_id: Mapped[str] = mapped_column(ForeignKey("servers.server_id", ondelete="CASCADE"), index=True)
    tool: Mapped[str] = mapped_column(String(200))


class ServerHealth(Base):
    """A change of a server's state: append-only."""

    __tablename__ = "server_health"
    __table_args__ = (Index("ix_server_health_server_id_key", "server_id", "key"),)

    key: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    server_id: Mapped[str] = mapped_column(ForeignKey("servers.server_id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(Utc)
    state: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str | None] = mapped_column(Text)
    latency_ms: Mapped[int | None] = mapped_column(Integer)


class ModelProvider(Base):
    """Where models are reached, with which key. A key of the environment is only named here, never stored."""

    __tablename__ = "providers"
    __table_args__ = (UniqueConstraint("kind", "base_url"),)

    provider_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    kind: Mapped[str] = mapped_column(String(24))
    base_url: Mapped[str] = mapped_column(String(500))
    title: Mapped[str] = mapped_column(String(100))
    key_source: Mapped[str] = mapped_column(String(16))
    env_key: Mapped[str | None] = mapped_column(String(64))
    sealed_key: Mapped[str | None] = mapped_column(Text)
    key_set_at: Mapped[datetime | None] = mapped_column(Utc)
    key_set_by: Mapped[str | None] = mapped_column(String(320))
    created_at: Mapped[datetime] = mapped_column(Utc)


class Model(Base):
    """A model that people may choose. At most one is the default."""

    __tablename__ = "models"
    __table_args__ = (UniqueConstraint("provider_id", "name"),)

    model_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    provider_id: Mapped[str] = mapped_column(ForeignKey("providers.provider_id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(200))
    title: Mapped[str] = mapped_column(String(100))
    is_default: Mapped[bool] = mapped_column(Boolean)
    enabled: Mapped[bool] = mapped_column(Boolean)
    demo: Mapped[bool] = mapped_column(Boolean)
    max_output_tokens: Mapped[int | None] = mapped_column(Integer)
    price: Mapped[JsonValue] = mapped_column(Json)
    created_at: Mapped[datetime] = mapped_column(Utc)
