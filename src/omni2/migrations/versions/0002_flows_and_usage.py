"""What happened, what was said, and what it cost."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SCHEMA = sa.MetaData()

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
sa.Index("ix_budget_windows_starts_at", _budget_windows.c.starts_at)
sa.Index("ix_budget_windows_user_id", _budget_windows.c.user_id)
sa.Table(
    "budgets",
    SCHEMA,
    sa.Column("user_id", sa.String(length=36), nullable=False),
    sa.Column("limit_micros", sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint("user_id", name="pk_budgets"),
)
_calls = sa.Table(
    "calls",
    SCHEMA,
    sa.Column(
        "key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
    ),
    sa.Column("flow_id", sa.String(length=36), nullable=False),
    sa.Column("user_id", sa.String(length=36), nullable=False),
    sa.Column("at", sa.BigInteger(), nullable=False),
    sa.Column("server", sa.String(length=64), nullable=False),
    sa.Column("tool", sa.String(length=200), nullable=False),
    sa.Column("status", sa.String(length=16), nullable=False),
    sa.Column("duration_ms", sa.Double[float](), nullable=False),
    sa.PrimaryKeyConstraint("key", name="pk_calls"),
)
sa.Index("ix_calls_at", _calls.c.at)
sa.Index("ix_calls_user_id_key", _calls.c.user_id, _calls.c.key)
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
_flow_records = sa.Table(
    "flow_records",
    SCHEMA,
    sa.Column(
        "key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
    ),
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
    sa.Column(
        "key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
    ),
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
_ledger = sa.Table(
    "ledger",
    SCHEMA,
    sa.Column(
        "key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
    ),
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
sa.Table(
    "turn_chunks",
    SCHEMA,
    sa.Column("flow_id", sa.String(length=36), nullable=False),
    sa.Column("first_n", sa.Integer(), autoincrement=False, nullable=False),
    sa.Column("last_n", sa.Integer(), nullable=False),
    sa.Column("at", sa.BigInteger(), nullable=False),
    sa.Column("frames", sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint("flow_id", "first_n", name="pk_turn_chunks"),
)
_messages = sa.Table(
    "messages",
    SCHEMA,
    sa.Column(
        "key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
    ),
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


def upgrade() -> None:
    """Create the tables and their indexes."""
    SCHEMA.create_all(op.get_bind(), checkfirst=False)


def downgrade() -> None:
    """Drop them."""
    SCHEMA.drop_all(op.get_bind())
