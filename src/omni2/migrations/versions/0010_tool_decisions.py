"""When somebody last decided about a tool: what was decided about is never forgotten."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column. Nobody noted decisions before, so every tool counts as one that was decided about."""
    op.add_column("tools", sa.Column("decided_at", sa.BigInteger(), nullable=True))
    op.execute("UPDATE tools SET decided_at = pinned_at")


def downgrade() -> None:
    """Forget it."""
    with op.batch_alter_table("tools") as tools:
        tools.drop_column("decided_at")
