"""People, what exists, and who may use it."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SCHEMA = sa.MetaData()

sa.Table(
    "access_snapshots",
    SCHEMA,
    sa.Column("access_id", sa.String(length=64), nullable=False),
    sa.Column("body", sa.Text(), nullable=False),
    sa.Column("created_at", sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint("access_id", name="pk_access_snapshots"),
)
sa.Table(
    "block_confirmations",
    SCHEMA,
    sa.Column("block_id", sa.String(length=36), nullable=False),
    sa.Column("replica_id", sa.String(length=36), nullable=False),
    sa.Column("at", sa.BigInteger(), nullable=False),
    sa.Column("sockets_closed", sa.Integer(), nullable=False),
    sa.Column("streams_cancelled", sa.Integer(), nullable=False),
    sa.Column("turns_cancelled", sa.Integer(), nullable=False),
    sa.Column("calls_cancelled", sa.Integer(), nullable=False),
    sa.Column("slowest_ms", sa.Double[float](), nullable=False),
    sa.PrimaryKeyConstraint("block_id", "replica_id", name="pk_block_confirmations"),
)
_epochs = sa.Table(
    "epochs",
    SCHEMA,
    sa.Column("kind", sa.String(length=16), nullable=False),
    sa.Column("key", sa.String(length=36), nullable=False),
    sa.Column("n", sa.BigInteger(), nullable=False),
    sa.Column("seq", sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint("kind", "key", name="pk_epochs"),
)
sa.Index("ix_epochs_seq", _epochs.c.seq)
_journal = sa.Table(
    "journal",
    SCHEMA,
    sa.Column(
        "key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
    ),
    sa.Column("journal_id", sa.String(length=36), nullable=False),
    sa.Column("at", sa.BigInteger(), nullable=False),
    sa.Column("actor_id", sa.String(length=36), nullable=True),
    sa.Column("actor_name", sa.String(length=320), nullable=False),
    sa.Column("kind", sa.String(length=40), nullable=False),
    sa.Column("subject_id", sa.String(length=64), nullable=True),
    sa.Column("sentence", sa.Text(), nullable=False),
    sa.Column("data", sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint("key", name="pk_journal"),
    sa.UniqueConstraint("journal_id", name="uq_journal_journal_id"),
)
sa.Index("ix_journal_actor_key", _journal.c.actor_id, _journal.c.key)
sa.Index("ix_journal_kind_key", _journal.c.kind, _journal.c.key)
sa.Table(
    "providers",
    SCHEMA,
    sa.Column("provider_id", sa.String(length=36), nullable=False),
    sa.Column("kind", sa.String(length=24), nullable=False),
    sa.Column("base_url", sa.String(length=500), nullable=False),
    sa.Column("title", sa.String(length=100), nullable=False),
    sa.Column("key_source", sa.String(length=16), nullable=False),
    sa.Column("env_key", sa.String(length=64), nullable=True),
    sa.Column("sealed_key", sa.Text(), nullable=True),
    sa.Column("key_set_at", sa.BigInteger(), nullable=True),
    sa.Column("key_set_by", sa.String(length=320), nullable=True),
    sa.Column("created_at", sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint("provider_id", name="pk_providers"),
    sa.UniqueConstraint("kind", "base_url", name="uq_providers_kind_base_url"),
)
sa.Table(
    "replicas",
    SCHEMA,
    sa.Column("replica_id", sa.String(length=36), nullable=False),
    sa.Column("started_at", sa.BigInteger(), nullable=False),
    sa.Column("lease_until", sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint("replica_id", name="pk_replicas"),
)
sa.Table(
    "servers",
    SCHEMA,
    sa.Column("server_id", sa.String(length=36), nullable=False),
    sa.Column("slug", sa.String(length=32), nullable=False),
    sa.Column("title", sa.String(length=100), nullable=False),
    sa.Column("transport", sa.String(length=8), nullable=False),
    sa.Column("url", sa.Text(), nullable=True),
    sa.Column("command", sa.Text(), nullable=True),
    sa.Column("sealed_headers", sa.Text(), nullable=True),
    sa.Column("sealed_env", sa.Text(), nullable=True),
    sa.Column("credential_set_at", sa.BigInteger(), nullable=True),
    sa.Column("timeout_ms", sa.Integer(), nullable=False),
    sa.Column("concurrency", sa.Integer(), nullable=False),
    sa.Column("allow_private", sa.Boolean(), nullable=False),
    sa.Column("enabled", sa.Boolean(), nullable=False),
    sa.Column("demo", sa.Boolean(), nullable=False),
    sa.Column("version", sa.Integer(), nullable=False),
    sa.Column("created_at", sa.BigInteger(), nullable=False),
    sa.Column("state", sa.String(length=16), nullable=False),
    sa.Column("reason", sa.Text(), nullable=True),
    sa.Column("since", sa.BigInteger(), nullable=False),
    sa.Column("latency_ms", sa.Integer(), nullable=True),
    sa.Column("checked_at", sa.BigInteger(), nullable=True),
    sa.Column("revision", sa.String(length=32), nullable=True),
    sa.PrimaryKeyConstraint("server_id", name="pk_servers"),
    sa.UniqueConstraint("slug", name="uq_servers_slug"),
)
sa.Table(
    "sign_in_failures",
    SCHEMA,
    sa.Column("bucket", sa.String(length=64), nullable=False),
    sa.Column("hour", sa.BigInteger(), nullable=False),
    sa.Column("n", sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint("bucket", "hour", name="pk_sign_in_failures"),
)
_users = sa.Table(
    "users",
    SCHEMA,
    sa.Column("user_id", sa.String(length=36), nullable=False),
    sa.Column("email", sa.String(length=320), nullable=False),
    sa.Column("name", sa.String(length=200), nullable=False),
    sa.Column("role", sa.String(length=32), nullable=False),
    sa.Column("status", sa.String(length=16), nullable=False),
    sa.Column("password_hash", sa.String(length=255), nullable=True),
    sa.Column("created_at", sa.BigInteger(), nullable=False),
    sa.Column("last_seen_at", sa.BigInteger(), nullable=True),
    sa.PrimaryKeyConstraint("user_id", name="pk_users"),
    sa.UniqueConstraint("email", name="uq_users_email"),
)
sa.Index("ix_users_role", _users.c.role)
_blocks = sa.Table(
    "blocks",
    SCHEMA,
    sa.Column("block_id", sa.String(length=36), nullable=False),
    sa.Column("user_id", sa.String(length=36), nullable=False),
    sa.Column("scope", sa.String(length=16), nullable=False),
    sa.Column("reason", sa.Text(), nullable=False),
    sa.Column("message", sa.Text(), nullable=False),
    sa.Column("since", sa.BigInteger(), nullable=False),
    sa.Column("until", sa.BigInteger(), nullable=True),
    sa.Column("blocked_by", sa.String(length=320), nullable=False),
    sa.Column("lifted_at", sa.BigInteger(), nullable=True),
    sa.Column("lifted_by", sa.String(length=320), nullable=True),
    sa.ForeignKeyConstraint(["user_id"], ["users.user_id"], name="fk_blocks_user_id", ondelete="CASCADE"),
    sa.PrimaryKeyConstraint("block_id", name="pk_blocks"),
)
sa.Index("ix_blocks_user_id_since", _blocks.c.user_id, _blocks.c.since)
_grants = sa.Table(
    "grants",
    SCHEMA,
    sa.Column("grant_id", sa.String(length=36), nullable=False),
    sa.Column("name", sa.String(length=100), nullable=False),
    sa.Column("subject", sa.String(length=16), nullable=False),
    sa.Column("role", sa.String(length=32), nullable=True),
    sa.Column("user_id", sa.String(length=36), nullable=True),
    sa.Column("server", sa.String(length=64), nullable=False),
    sa.Column("allow", sa.Text(), nullable=True),
    sa.Column("deny", sa.Text(), nullable=True),
    sa.Column("created_at", sa.BigInteger(), nullable=False),
    sa.Column("created_by", sa.String(length=320), nullable=False),
    sa.ForeignKeyConstraint(["user_id"], ["users.user_id"], name="fk_grants_user_id", ondelete="CASCADE"),
    sa.PrimaryKeyConstraint("grant_id", name="pk_grants"),
)
sa.Index("ix_grants_server", _grants.c.server)
sa.Index("ix_grants_user_id", _grants.c.user_id)
sa.Table(
    "links",
    SCHEMA,
    sa.Column("link_hash", sa.String(length=64), nullable=False),
    sa.Column("purpose", sa.String(length=16), nullable=False),
    sa.Column("user_id", sa.String(length=36), nullable=True),
    sa.Column("created_at", sa.BigInteger(), nullable=False),
    sa.Column("expires_at", sa.BigInteger(), nullable=False),
    sa.Column("used_at", sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(["user_id"], ["users.user_id"], name="fk_links_user_id", ondelete="CASCADE"),
    sa.PrimaryKeyConstraint("link_hash", name="pk_links"),
)
sa.Table(
    "models",
    SCHEMA,
    sa.Column("model_id", sa.String(length=36), nullable=False),
    sa.Column("provider_id", sa.String(length=36), nullable=False),
    sa.Column("name", sa.String(length=200), nullable=False),
    sa.Column("title", sa.String(length=100), nullable=False),
    sa.Column("is_default", sa.Boolean(), nullable=False),
    sa.Column("enabled", sa.Boolean(), nullable=False),
    sa.Column("demo", sa.Boolean(), nullable=False),
    sa.Column("max_output_tokens", sa.Integer(), nullable=True),
    sa.Column("price", sa.Text(), nullable=True),
    sa.Column("created_at", sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(
        ["provider_id"], ["providers.provider_id"], name="fk_models_provider_id", ondelete="CASCADE"
    ),
    sa.PrimaryKeyConstraint("model_id", name="pk_models"),
    sa.UniqueConstraint("provider_id", "name", name="uq_models_provider_id_name"),
)
_server_health = sa.Table(
    "server_health",
    SCHEMA,
    sa.Column(
        "key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
    ),
    sa.Column("server_id", sa.String(length=36), nullable=False),
    sa.Column("at", sa.BigInteger(), nullable=False),
    sa.Column("state", sa.String(length=16), nullable=False),
    sa.Column("reason", sa.Text(), nullable=True),
    sa.Column("latency_ms", sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(
        ["server_id"], ["servers.server_id"], name="fk_server_health_server_id", ondelete="CASCADE"
    ),
    sa.PrimaryKeyConstraint("key", name="pk_server_health"),
)
sa.Index("ix_server_health_server_id_key", _server_health.c.server_id, _server_health.c.key)
_sessions = sa.Table(
    "sessions",
    SCHEMA,
    sa.Column("session_hash", sa.String(length=64), nullable=False),
    sa.Column("session_id", sa.String(length=36), nullable=False),
    sa.Column("user_id", sa.String(length=36), nullable=False),
    sa.Column("created_at", sa.BigInteger(), nullable=False),
    sa.Column("last_seen_at", sa.BigInteger(), nullable=False),
    sa.Column("expires_at", sa.BigInteger(), nullable=False),
    sa.Column("ended_at", sa.BigInteger(), nullable=True),
    sa.Column("client", sa.String(length=200), nullable=False),
    sa.Column("address", sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(["user_id"], ["users.user_id"], name="fk_sessions_user_id", ondelete="CASCADE"),
    sa.PrimaryKeyConstraint("session_hash", name="pk_sessions"),
    sa.UniqueConstraint("session_id", name="uq_sessions_session_id"),
)
sa.Index("ix_sessions_user_id", _sessions.c.user_id)
_tokens = sa.Table(
    "tokens",
    SCHEMA,
    sa.Column("token_hash", sa.String(length=64), nullable=False),
    sa.Column("token_id", sa.String(length=36), nullable=False),
    sa.Column("user_id", sa.String(length=36), nullable=False),
    sa.Column("name", sa.String(length=100), nullable=False),
    sa.Column("scopes", sa.Text(), nullable=True),
    sa.Column("created_at", sa.BigInteger(), nullable=False),
    sa.Column("expires_at", sa.BigInteger(), nullable=True),
    sa.Column("last_used_at", sa.BigInteger(), nullable=True),
    sa.Column("revoked_at", sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(["user_id"], ["users.user_id"], name="fk_tokens_user_id", ondelete="CASCADE"),
    sa.PrimaryKeyConstraint("token_hash", name="pk_tokens"),
    sa.UniqueConstraint("token_id", name="uq_tokens_token_id"),
)
sa.Index("ix_tokens_user_id", _tokens.c.user_id)
sa.Table(
    "tools",
    SCHEMA,
    sa.Column("server_id", sa.String(length=36), nullable=False),
    sa.Column("name", sa.String(length=200), nullable=False),
    sa.Column("position", sa.Integer(), nullable=False),
    sa.Column("title", sa.Text(), nullable=True),
    sa.Column("description", sa.Text(), nullable=False),
    sa.Column("input_schema", sa.Text(), nullable=True),
    sa.Column("annotations", sa.Text(), nullable=True),
    sa.Column("sha256", sa.String(length=64), nullable=False),
    sa.Column("enabled", sa.Boolean(), nullable=False),
    sa.Column("price_micros", sa.BigInteger(), nullable=True),
    sa.Column("pinned_at", sa.BigInteger(), nullable=False),
    sa.Column("gone_at", sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(
        ["server_id"], ["servers.server_id"], name="fk_tools_server_id", ondelete="CASCADE"
    ),
    sa.PrimaryKeyConstraint("server_id", "name", name="pk_tools"),
)


def upgrade() -> None:
    """Create the tables and their indexes."""
    SCHEMA.create_all(op.get_bind(), checkfirst=False)


def downgrade() -> None:
    """Drop them."""
    SCHEMA.drop_all(op.get_bind())
