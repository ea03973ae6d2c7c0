"""Fewer indexes on what every call writes: keys grow with time, and only chats have a conversation."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_TALK = "ix_flows_conversation_id_key"


def upgrade() -> None:
    """Drop those of times, and keep that of conversations for flows that have one."""
    op.drop_index("ix_flows_started_at", "flows")
    op.drop_index("ix_calls_at", "calls")
    op.drop_index(_TALK, "flows")
    some = sa.text("conversation_id IS NOT NULL")
    op.create_index(_TALK, "flows", ["conversation_id", "key"], sqlite_where=some, postgresql_where=some)


def downgrade() -> None:
    """Make them again."""
    op.drop_index(_TALK, "flows")
    op.create_index(_TALK, "flows", ["conversation_id", "key"])
    op.create_index("ix_calls_at", "calls", ["at"])
    op.create_index("ix_flows_started_at", "flows", ["started_at"])
