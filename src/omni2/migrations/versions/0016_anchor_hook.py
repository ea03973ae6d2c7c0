"""Where anchors are sent beside the file, and what became of that."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table, empty: nothing is sent before somebody says where."""
    op.create_table(
        "anchor_hooks",
        sa.Column("name", sa.String(16), nullable=False),
        sa.Column("url", sa.String(2048), nullable=False),
        sa.Column("allow_private", sa.Boolean(), nullable=False),
        sa.Column("delivered_at", sa.BigInteger(), nullable=True),
        sa.Column("failed_at", sa.BigInteger(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_anchor_hooks"),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("anchor_hooks")
