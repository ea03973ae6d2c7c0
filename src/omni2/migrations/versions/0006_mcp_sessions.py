"""Sessions of MCP clients of the older revisions."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "mcp_sessions",
        sa.Column("session_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column("binding", sa.String(length=80), nullable=False),
        sa.Column("slug", sa.String(length=32), nullable=False),
        sa.Column("revision", sa.String(length=16), nullable=False),
        sa.Column("client", sa.Text(), nullable=True),
        sa.Column("capabilities", sa.Text(), nullable=True),
        sa.Column("log_level", sa.String(length=16), nullable=True),
        sa.Column("uris", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.user_id"], name="fk_mcp_sessions_user_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("session_hash", name="pk_mcp_sessions"),
    )
    op.create_index("ix_mcp_sessions_user_id", "mcp_sessions", ["user_id"])
    op.create_index("ix_mcp_sessions_expires_at", "mcp_sessions", ["expires_at"])


def downgrade() -> None:
    """Forget the sessions; clients open new ones."""
    op.drop_table("mcp_sessions")
