"""Who may be watched live until when, and the lists of people that watchers keep."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "monitorings",
        sa.Column("monitoring_id", sa.String(36), primary_key=True),
        sa.Column(
            "user_id",
            sa.String(36),
            sa.ForeignKey("users.user_id", ondelete="CASCADE", name="fk_monitorings_user_id"),
            nullable=False,
        ),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("set_by", sa.String(320), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_by", sa.String(320), nullable=True),
    )
    op.create_index("ix_monitorings_user_id_since", "monitorings", ["user_id", "since"])
    op.create_index("ix_monitorings_until", "monitorings", ["until"])
    op.create_table(
        "watch_lists",
        sa.Column("list_id", sa.String(36), primary_key=True),
        sa.Column(
            "owner_id",
            sa.String(36),
            sa.ForeignKey("users.user_id", ondelete="CASCADE", name="fk_watch_lists_owner_id"),
            nullable=False,
        ),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("user_ids", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("ix_watch_lists_owner_id_name", "watch_lists", ["owner_id", "name"], unique=True)


def downgrade() -> None:
    """Forget them."""
    op.drop_table("watch_lists")
    op.drop_table("monitorings")
