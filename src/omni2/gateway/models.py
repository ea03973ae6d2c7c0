"""The table of MCP sessions, which the older revisions have."""

from datetime import datetime

from pydantic import JsonValue
from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from omni2.kernel.columns import Base, Json, Utc


class McpSession(Base):
    """A session of one user by one credential at one address. Its id is stored as SHA-256 alone.

    `binding` names the credential, `slug` the address (empty for all servers), `uris` what is subscribed to.
    """

    __tablename__ = "mcp_sessions"

    session_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.user_id", ondelete="CASCADE"), index=True)
    binding: Mapped[str] = mapped_column(String(80))
    slug: Mapped[str] = mapped_column(String(32))
    revision: Mapped[str] = mapped_column(String(16))
    client: Mapped[str | None] = mapped_column(Text)
    capabilities: Mapped[JsonValue] = mapped_column(Json)
    log_level: Mapped[str | None] = mapped_column(String(16))
    uris: Mapped[JsonValue] = mapped_column(Json)
    created_at: Mapped[datetime] = mapped_column(Utc)
    expires_at: Mapped[datetime] = mapped_column(Utc, index=True)
