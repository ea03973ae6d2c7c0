"""Tables of sign-ins: who omni2 is to those who sign people in, what they gave, what is begun."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from omni2.kernel.columns import Base, Utc

SHARED = "shared"  # the owner of a credential that all people use


class ServerSignIn(Base):
    """Who omni2 is to the sign-in server of a server: `given` by an admin, or `registered` at `issuer`.

    `scopes` are those that an admin wants instead of what the server asks for.
    """

    __tablename__ = "server_sign_ins"

    server_id: Mapped[str] = mapped_column(
        ForeignKey("servers.server_id", ondelete="CASCADE"), primary_key=True
    )
    kind: Mapped[str] = mapped_column(String(16))
    client_id: Mapped[str | None] = mapped_column(Text)
    sealed_secret: Mapped[str | None] = mapped_column(Text)
    method: Mapped[str] = mapped_column(String(24))
    issuer: Mapped[str | None] = mapped_column(Text)
    redirect_uri: Mapped[str | None] = mapped_column(Text)
    scopes: Mapped[str | None] = mapped_column(Text)


class ServerCredential(Base):
    """What a sign-in gave, sealed for its server and owner: a user's id, or `shared`.

    `state` is connected, ended (the server took it back), or failed (a sign-in that brought nothing).
    `refresh_at` is when it is to be renewed; `busy_until` keeps all but one replica from doing it.
    `wanted_scopes` are those that a call was refused for: the next sign-in asks for them too.
    """

    __tablename__ = "server_credentials"
    __table_args__ = (
        Index("ix_server_credentials_server_id_owner", "server_id", "owner", unique=True),
        Index("ix_server_credentials_refresh_at", "refresh_at"),
        Index("ix_server_credentials_user_id", "user_id"),
    )

    credential_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    server_id: Mapped[str] = mapped_column(ForeignKey("servers.server_id", ondelete="CASCADE"))
    owner: Mapped[str] = mapped_column(String(36))
    user_id: Mapped[str | None] = mapped_column(ForeignKey("users.user_id", ondelete="CASCADE"))
    sealed: Mapped[str | None] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(16))
    scopes: Mapped[str | None] = mapped_column(Text)
    wanted_scopes: Mapped[str | None] = mapped_column(Text)
    expires_at: Mapped[datetime | None] = mapped_column(Utc)
    refresh_at: Mapped[datetime | None] = mapped_column(Utc)
    refreshed_at: Mapped[datetime | None] = mapped_column(Utc)
    busy_until: Mapped[datetime | None] = mapped_column(Utc)
    connected_at: Mapped[datetime | None] = mapped_column(Utc)
    connected_by: Mapped[str | None] = mapped_column(String(320))
    last_error: Mapped[str | None] = mapped_column(Text)


class PendingSignIn(Base):
    """A sign-in that a browser session began: used once, for ten minutes. `sealed` is all that it needs."""

    __tablename__ = "server_sign_in_states"

    state_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    server_id: Mapped[str] = mapped_column(ForeignKey("servers.server_id", ondelete="CASCADE"), index=True)
    owner: Mapped[str] = mapped_column(String(36))
    user_id: Mapped[str] = mapped_column(ForeignKey("users.user_id", ondelete="CASCADE"), index=True)
    session_hash: Mapped[str] = mapped_column(String(64))
    sealed: Mapped[str] = mapped_column(Text)
    expires_at: Mapped[datetime] = mapped_column(Utc, index=True)
