"""What servers missed in the sign-ins of people: the next sign-in asks for it."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("server_credentials", sa.Column("wanted_scopes", sa.Text(), nullable=True))


def downgrade() -> None:
    """Forget it."""
    with op.batch_alter_table("server_credentials") as credentials:
        credentials.drop_column("wanted_scopes")
