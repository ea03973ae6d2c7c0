"""Stumps say what retention cut off the chains, and by which policy; runs remember how far they came.

No chain was ever cut before, so the table of stumps is empty and made anew.
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), autoincrement=False, nullable=False)


def upgrade() -> None:
    """Make the table of stumps anew, and count what a run has removed so far."""
    op.drop_table("seal_stumps")
    op.create_table(
        "seal_stumps",
        sa.Column("source", sa.String(16), nullable=False),
        *(_number("n"), _number("from_n"), _number("at"), _number("total")),
        sa.Column("chain", sa.String(64), nullable=False),
        *(_number("rows_cut"), _number("first_key"), _number("last_key")),
        sa.Column("policy", sa.String(300), nullable=False),
        sa.Column("signature", sa.String(100), nullable=False),
        sa.PrimaryKeyConstraint("source", "n", name="pk_seal_stumps"),
    )
    with op.batch_alter_table("retention") as batch:
        batch.add_column(sa.Column("removing", sa.BigInteger(), nullable=False, server_default="0"))


def downgrade() -> None:
    """Go back to stumps that say less."""
    with op.batch_alter_table("retention") as batch:
        batch.drop_column("removing")
    op.drop_table("seal_stumps")
    op.create_table(
        "seal_stumps",
        sa.Column("source", sa.String(16), nullable=False),
        *(_number("n"), _number("at"), _number("total")),
        sa.Column("chain", sa.String(64), nullable=False),
        sa.Column("signature", sa.String(100), nullable=False),
        sa.PrimaryKeyConstraint("source", "n", name="pk_seal_stumps"),
    )
