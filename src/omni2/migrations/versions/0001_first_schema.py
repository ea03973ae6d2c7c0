"""The first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SCHEMA = sa.MetaData()

_access_snapshots = sa.Table(
    "access_snapshots",
    SCHEMA,
    sa.Column("access_id", sa.String(length=64), nullable=False),
    sa.Column("body", sa.Text(), nullable=False),
    sa.Column("created_at", sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint("access_id", name="pk_access_snapshots"),
)
_block_confirmations = sa.Table(
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
_budget_windows = sa.Table(
    "budget_windows",
    SCHEMA,
    sa.Column("window_id", sa.String(length=64), nullable=False),
    sa.Column("user_id", sa.String(length=36), nullable=False),
    sa.Column("starts_at", sa.BigInteger(), nullable=False),
    sa.Column("limit_micros", sa.BigInteger(), nullable=False),
    sa.Column("used_micros", sa.BigInteger(), nullable=False),
    sa.Column("reserved_micros", sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint("window_id", name="pk_budget_windows"),
)
sa.Index("ix_budget_windows_user_id", _budget_windows.c.user_id)
_budgets = sa.Table(
    "budgets",
    SCHEMA,
    sa.Column("user_id", sa.String(length=36), nullable=False),
    sa.Column("limit_micros", sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint("user_id", name="pk_budgets"),
)
_calls = sa.Table(
    "calls",
    SCHEMA,
    sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column("flow_id", sa.String(length=36), nullable=False),
    sa.Column("user_id", sa.String(length=36), nullable=False),
    sa.Column("at", sa.BigInteger(), nullable=False),
    sa.Column("server", sa.String(length=64), nullable=False),
    sa.Column("tool", sa.String(length=200), nullable=False),
    sa.Column("status", sa.String(length=16), nullable=False),
    sa.Column("duration_ms", sa.Double[float](), nullable=False),
    sa.PrimaryKeyConstraint("key", name="pk_calls"),
)
sa.Index("ix_calls_server_key", _calls.c.server, _calls.c.key)
_conversations = sa.Table(
    "conversations",
    SCHEMA,
    sa.Column("conversation_id", sa.String(length=36), nullable=False),
    sa.Column("user_id", sa.String(length=36), nullable=False),
    sa.Column("title", sa.Text(), nullable=False),
    sa.Column("created_at", sa.BigInteger(), nullable=False),
    sa.Column("updated_at", sa.BigInteger(), nullable=False),
    sa.Column("running_flow_id", sa.String(length=36), nullable=True),
    sa.PrimaryKeyConstraint("conversation_id", name="pk_conversations"),
)
sa.Index("ix_conversations_user_id_updated_at", _conversations.c.user_id, _conversations.c.updated_at)
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
_flow_records = sa.Table(
    "flow_records",
    SCHEMA,
    sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column("flow_id", sa.String(length=36), nullable=False),
    sa.Column("user_id", sa.String(length=36), nullable=False),
    sa.Column("first_seq", sa.Integer(), nullable=False),
    sa.Column("last_seq", sa.Integer(), nullable=False),
    sa.Column("at", sa.BigInteger(), nullable=False),
    sa.Column("checkpoints", sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint("key", name="pk_flow_records"),
)
sa.Index("ix_flow_records_flow_id_first_seq", _flow_records.c.flow_id, _flow_records.c.first_seq)
_flows = sa.Table(
    "flows",
    SCHEMA,
    sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column("flow_id", sa.String(length=36), nullable=False),
    sa.Column("user_id", sa.String(length=36), nullable=False),
    sa.Column("source", sa.String(length=8), nullable=False),
    sa.Column("conversation_id", sa.String(length=36), nullable=True),
    sa.Column("owner", sa.String(length=36), nullable=False),
    sa.Column("status", sa.String(length=16), nullable=False),
    sa.Column("title", sa.Text(), nullable=False),
    sa.Column("sentence", sa.Text(), nullable=False),
    sa.Column("started_at", sa.BigInteger(), nullable=False),
    sa.Column("ended_at", sa.BigInteger(), nullable=True),
    sa.Column("duration_ms", sa.Double[float](), nullable=True),
    sa.Column("last_seq", sa.Integer(), nullable=False),
    sa.Column("tool_calls", sa.Integer(), nullable=False),
    sa.Column("input_tokens", sa.BigInteger(), nullable=False),
    sa.Column("output_tokens", sa.BigInteger(), nullable=False),
    sa.Column("cost_micros", sa.BigInteger(), nullable=False),
    sa.Column("model", sa.String(length=200), nullable=True),
    sa.Column("servers", sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint("key", name="pk_flows"),
    sa.UniqueConstraint("flow_id", name="uq_flows_flow_id"),
)
sa.Index("ix_flows_conversation_id_key", _flows.c.conversation_id, _flows.c.key)
sa.Index("ix_flows_started_at", _flows.c.started_at)
sa.Index("ix_flows_status_key", _flows.c.status, _flows.c.key)
sa.Index("ix_flows_user_id_key", _flows.c.user_id, _flows.c.key)
_journal = sa.Table(
    "journal",
    SCHEMA,
    sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
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
_ledger = sa.Table(
    "ledger",
    SCHEMA,
    sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column("at", sa.BigInteger(), nullable=False),
    sa.Column("window_id", sa.String(length=64), nullable=False),
    sa.Column("user_id", sa.String(length=36), nullable=False),
    sa.Column("flow_id", sa.String(length=36), nullable=False),
    sa.Column("kind", sa.String(length=16), nullable=False),
    sa.Column("micros", sa.BigInteger(), nullable=False),
    sa.Column("unpriced", sa.Integer(), nullable=False),
    sa.Column("provider", sa.String(length=40), nullable=True),
    sa.Column("model", sa.String(length=200), nullable=True),
    sa.Column("server", sa.String(length=64), nullable=True),
    sa.Column("tool", sa.String(length=200), nullable=True),
    sa.Column("input_tokens", sa.BigInteger(), nullable=False),
    sa.Column("output_tokens", sa.BigInteger(), nullable=False),
    sa.Column("price_version", sa.String(length=40), nullable=True),
    sa.PrimaryKeyConstraint("key", name="pk_ledger"),
)
sa.Index("ix_ledger_at", _ledger.c.at)
sa.Index("ix_ledger_flow_id", _ledger.c.flow_id)
sa.Index("ix_ledger_user_id_key", _ledger.c.user_id, _ledger.c.key)
sa.Index("ix_ledger_window_id", _ledger.c.window_id)
_providers = sa.Table(
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
_replicas = sa.Table(
    "replicas",
    SCHEMA,
    sa.Column("replica_id", sa.String(length=36), nullable=False),
    sa.Column("started_at", sa.BigInteger(), nullable=False),
    sa.Column("lease_until", sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint("replica_id", name="pk_replicas"),
)
_reservations = sa.Table(
    "reservations",
    SCHEMA,
    sa.Column("reservation_id", sa.String(length=36), nullable=False),
    sa.Column("window_id", sa.String(length=64), nullable=False),
    sa.Column("flow_id", sa.String(length=36), nullable=False),
    sa.Column("micros", sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint("reservation_id", name="pk_reservations"),
)
sa.Index("ix_reservations_flow_id", _reservations.c.flow_id)
sa.Index("ix_reservations_window_id", _reservations.c.window_id)
_servers = sa.Table(
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
_sign_in_failures = sa.Table(
    "sign_in_failures",
    SCHEMA,
    sa.Column("bucket", sa.String(length=64), nullable=False),
    sa.Column("hour", sa.BigInteger(), nullable=False),
    sa.Column("n", sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint("bucket", "hour", name="pk_sign_in_failures"),
)
_turn_chunks = sa.Table(
    "turn_chunks",
    SCHEMA,
    sa.Column("flow_id", sa.String(length=36), nullable=False),
    sa.Column("first_n", sa.Integer(), autoincrement=False, nullable=False),
    sa.Column("last_n", sa.Integer(), nullable=False),
    sa.Column("at", sa.BigInteger(), nullable=False),
    sa.Column("frames", sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint("flow_id", "first_n", name="pk_turn_chunks"),
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
_links = sa.Table(
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
_messages = sa.Table(
    "messages",
    SCHEMA,
    sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column("message_id", sa.String(length=36), nullable=False),
    sa.Column("conversation_id", sa.String(length=36), nullable=False),
    sa.Column("kind", sa.String(length=12), nullable=False),
    sa.Column("flow_id", sa.String(length=36), nullable=True),
    sa.Column("text", sa.Text(), nullable=False),
    sa.Column("data", sa.Text(), nullable=True),
    sa.Column("created_at", sa.BigInteger(), nullable=False),
    sa.Column("superseded_at", sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(
        ["conversation_id"],
        ["conversations.conversation_id"],
        name="fk_messages_conversation_id",
        ondelete="CASCADE",
    ),
    sa.PrimaryKeyConstraint("key", name="pk_messages"),
    sa.UniqueConstraint("message_id", name="uq_messages_message_id"),
)
sa.Index("ix_messages_conversation_id_key", _messages.c.conversation_id, _messages.c.key)
sa.Index("ix_messages_flow_id", _messages.c.flow_id)
_models = sa.Table(
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
    sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
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
_tools = sa.Table(
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
    """Create every table and index."""
    SCHEMA.create_all(op.get_bind(), checkfirst=False)


def downgrade() -> None:
    """Drop them."""
    SCHEMA.drop_all(op.get_bind())
