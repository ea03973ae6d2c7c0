"""Tables of the authorization server: clients, consents, codes, families of tokens, access tokens."""

from datetime import datetime

from pydantic import JsonValue
from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from omni2.kernel.columns import Base, Json, Utc


class OAuthClient(Base):
    """A program that people may connect: registered by itself, or named by its document's URL."""

    __tablename__ = "oauth_clients"

    client_id: Mapped[str] = mapped_column(String(512), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(100))
    redirect_uris: Mapped[JsonValue] = mapped_column(Json, nullable=False)
    created_at: Mapped[datetime] = mapped_column(Utc)


class OAuthConsent(Base):
    """That a person lets a client act in their name. Without it none of the client's tokens exists."""

    __tablename__ = "oauth_consents"
    __table_args__ = (Index("ix_oauth_consents_user_id_client_id", "user_id", "client_id", unique=True),)

    consent_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.user_id", ondelete="CASCADE"))
    client_id: Mapped[str] = mapped_column(
        ForeignKey("oauth_clients.client_id", ondelete="CASCADE"), index=True
    )
    scopes: Mapped[JsonValue] = mapped_column(Json, nullable=False)
    redirect_uri: Mapped[str] = mapped_column(Text)
    given_at: Mapped[datetime] = mapped_column(Utc)
    last_used_at: Mapped[datetime | None] = mapped_column(Utc)


class OAuthCode(Base):
    """A minute and one use for the client that asked. Kept a while when used, so that a replay is seen."""

    __tablename__ = "oauth_codes"

    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    consent_id: Mapped[str] = mapped_column(
        ForeignKey("oauth_consents.consent_id", ondelete="CASCADE"), index=True
    )
    family_id: Mapped[str] = mapped_column(String(36))
    redirect_uri: Mapped[str] = mapped_column(Text)
    challenge: Mapped[str] = mapped_column(String(43))
    audience: Mapped[str] = mapped_column(String(512))
    expires_at: Mapped[datetime] = mapped_column(Utc)
    used_at: Mapped[datetime | None] = mapped_column(Utc)


class OAuthFamily(Base):
    """All tokens that came of one code. Its key is part of each refresh token, so that a reused one is known.

    `current` are the hashes of refresh tokens that work, `retired` those that the last rotation replaced.
    """

    __tablename__ = "oauth_families"

    family_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    consent_id: Mapped[str] = mapped_column(
        ForeignKey("oauth_consents.consent_id", ondelete="CASCADE"), index=True
    )
    audience: Mapped[str] = mapped_column(String(512))
    current: Mapped[JsonValue] = mapped_column(Json, nullable=False)
    retired: Mapped[JsonValue] = mapped_column(Json, nullable=False)
    rotated_at: Mapped[datetime] = mapped_column(Utc)
    expires_at: Mapped[datetime] = mapped_column(Utc)


class OAuthToken(Base):
    """An access token of a client: opaque, ten minutes, stored as SHA-256."""

    __tablename__ = "oauth_tokens"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    family_id: Mapped[str] = mapped_column(
        ForeignKey("oauth_families.family_id", ondelete="CASCADE"), index=True
    )
    expires_at: Mapped[datetime] = mapped_column(Utc)
