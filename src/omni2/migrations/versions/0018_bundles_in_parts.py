"""Bundles come in parts: how far one has come, the links that it carries, where its flows stand in them."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

NUMBERS = ("size", "received", "proven")


def upgrade() -> None:
    """Add the columns; what was imported before is whole."""
    op.add_column("bundles", sa.Column("state", sa.String(8), server_default="whole", nullable=False))
    op.add_column("bundles", sa.Column("mark", sa.String(100), server_default="", nullable=False))
    for name in NUMBERS:
        op.add_column("bundles", sa.Column(name, sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("bundles", sa.Column("reading", sa.Text(), server_default="", nullable=False))
    op.add_column("bundle_flows", sa.Column("proof", sa.Text(), nullable=True))
    op.create_table(
        "bundle_links",
        sa.Column("bundle_id", sa.String(36), nullable=False),
        sa.Column("n", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["bundle_id"], ["bundles.bundle_id"], name="fk_bundle_links_bundle_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("bundle_id", "n", name="pk_bundle_links"),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("bundle_links")
    with op.batch_alter_table("bundle_flows") as batch:
        batch.drop_column("proof")
    with op.batch_alter_table("bundles") as batch:
        for name in ("reading", *reversed(NUMBERS), "mark", "state"):
            batch.drop_column(name)
