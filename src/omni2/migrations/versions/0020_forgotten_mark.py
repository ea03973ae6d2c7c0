"""A mark that rises with all that the index forgets: nothing read before is written behind it."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the mark, from 0."""
    op.add_column("flow_index", sa.Column("forgotten", sa.BigInteger(), nullable=False, server_default="0"))


def downgrade() -> None:
    """Drop it."""
    op.drop_column("flow_index", "forgotten")
