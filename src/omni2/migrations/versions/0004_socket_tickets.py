"""One-time tickets that open one socket."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table; it holds what was issued within the last seconds."""
    op.create_table(
        "tickets",
        sa.Column("ticket_hash", sa.String(length=64), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["token_hash"], ["tokens.token_hash"], name="fk_tickets_token_hash", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("ticket_hash", name="pk_tickets"),
    )
    op.create_index("ix_tickets_token_hash", "tickets", ["token_hash"])


def downgrade() -> None:
    """Forget the tickets; none lives longer than ten seconds."""
    op.drop_table("tickets")
