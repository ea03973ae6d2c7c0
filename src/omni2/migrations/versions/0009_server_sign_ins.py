"""Signing in to servers: as whom omni2 is known there, what people signed in for, and what is begun."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    op.add_column("servers", sa.Column("sign_in", sa.String(length=8), server_default="none", nullable=False))
    op.create_table(
        "server_sign_ins",
        sa.Column("server_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=True),
        sa.Column("sealed_secret", sa.Text(), nullable=True),
        sa.Column("method", sa.String(length=24), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=True),
        sa.Column("redirect_uri", sa.Text(), nullable=True),
        sa.Column("scopes", sa.Text(), nullable=True),
        _belongs("server_sign_ins", "server_id", "servers"),
        sa.PrimaryKeyConstraint("server_id", name="pk_server_sign_ins"),
    )
    op.create_table(
        "server_credentials",
        sa.Column("credential_id", sa.String(length=36), nullable=False),
        sa.Column("server_id", sa.String(length=36), nullable=False),
        sa.Column("owner", sa.String(length=36), nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=True),
        sa.Column("sealed", sa.Text(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("refresh_at", sa.BigInteger(), nullable=True),
        sa.Column("refreshed_at", sa.BigInteger(), nullable=True),
        sa.Column("busy_until", sa.BigInteger(), nullable=True),
        sa.Column("connected_at", sa.BigInteger(), nullable=True),
        sa.Column("connected_by", sa.String(length=320), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        _belongs("server_credentials", "server_id", "servers"),
        _belongs("server_credentials", "user_id", "users"),
        sa.PrimaryKeyConstraint("credential_id", name="pk_server_credentials"),
    )
    op.create_index(
        "ix_server_credentials_server_id_owner", "server_credentials", ["server_id", "owner"], unique=True
    )
    op.create_index("ix_server_credentials_refresh_at", "server_credentials", ["refresh_at"])
    op.create_index("ix_server_credentials_user_id", "server_credentials", ["user_id"])
    _create_states()


def _create_states() -> None:
    op.create_table(
        "server_sign_in_states",
        sa.Column("state_hash", sa.String(length=64), nullable=False),
        sa.Column("server_id", sa.String(length=36), nullable=False),
        sa.Column("owner", sa.String(length=36), nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column("session_hash", sa.String(length=64), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        _belongs("server_sign_in_states", "server_id", "servers"),
        _belongs("server_sign_in_states", "user_id", "users"),
        sa.PrimaryKeyConstraint("state_hash", name="pk_server_sign_in_states"),
    )
    for column in ("server_id", "user_id", "expires_at"):
        op.create_index(f"ix_server_sign_in_states_{column}", "server_sign_in_states", [column])


def _belongs(table: str, column: str, owner: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{owner}.{column}"], name=f"fk_{table}_{column}", ondelete="CASCADE"
    )


def downgrade() -> None:
    """Forget who signed in."""
    for table in ("server_sign_in_states", "server_credentials", "server_sign_ins"):
        op.drop_table(table)
    with op.batch_alter_table("servers") as servers:
        servers.drop_column("sign_in")
