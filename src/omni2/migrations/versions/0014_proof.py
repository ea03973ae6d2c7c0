"""The proof of the record, how long it is kept, and bundles of flows from elsewhere.

The chains begin empty: the record that stands is sealed behind the start, batch by batch.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

SCHEMA = sa.MetaData()


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), autoincrement=False, nullable=False)


def _maybe(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=True)


def _string(name: str, size: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(size), nullable=False)


_seals = sa.Table(
    "seals",
    SCHEMA,
    *(_string("source", 16), _number("n"), _string("kind", 8), _string("writer", 36), _number("at")),
    *(_number("first_key"), _number("last_key"), _number("total")),
    *(_text("keys"), _text("salts"), _text("leaves"), _text("former")),
    *(_string("chain", 64), _string("signature", 100)),
    sa.PrimaryKeyConstraint("source", "n", name="pk_seals"),
)
sa.Index("ix_seals_source_first_key", _seals.c.source, _seals.c.first_key, _seals.c.n)
sa.Index("ix_seals_source_last_key", _seals.c.source, _seals.c.last_key)
sa.Table(
    "seal_marks",
    SCHEMA,
    _string("source", 16),
    sa.Column("lag_s", sa.Integer(), autoincrement=False, nullable=False),
    _number("key"),
    sa.PrimaryKeyConstraint("source", "lag_s", name="pk_seal_marks"),
)
sa.Table(
    "seal_stumps",
    SCHEMA,
    *(_string("source", 16), _number("n"), _number("at"), _number("total")),
    *(_string("chain", 64), _string("signature", 100)),
    sa.PrimaryKeyConstraint("source", "n", name="pk_seal_stumps"),
)
sa.Table(
    "seal_checks",
    SCHEMA,
    *(_string("name", 16), _number("at"), sa.Column("well", sa.Boolean(), nullable=False)),
    *(_maybe("sealed_at"), _number("rows"), _number("unsealed"), _number("duration_ms"), _text("words")),
    sa.PrimaryKeyConstraint("name", name="pk_seal_checks"),
)
sa.Table(
    "duties",
    SCHEMA,
    *(_string("name", 40), _string("holder", 36), _number("until")),
    sa.PrimaryKeyConstraint("name", name="pk_duties"),
)
sa.Table(
    "follower_marks",
    SCHEMA,
    *(_string("name", 40), _number("key")),
    sa.PrimaryKeyConstraint("name", name="pk_follower_marks"),
)
sa.Table(
    "retention",
    SCHEMA,
    *(_string("subject", 16), _maybe("days"), _maybe("ran_at"), _number("removed")),
    sa.PrimaryKeyConstraint("subject", name="pk_retention"),
)
sa.Table(
    "bundles",
    SCHEMA,
    *(_string("bundle_id", 36), _string("name", 200), _number("imported_at"), _string("imported_by", 320)),
    *(_string("origin", 320), _number("flows"), _number("steps"), _string("proof", 16), _text("words")),
    sa.PrimaryKeyConstraint("bundle_id", name="pk_bundles"),
)
sa.Table(
    "bundle_flows",
    SCHEMA,
    *(_string("bundle_id", 36), _number("place"), _string("flow_id", 36), _text("row"), _text("checkpoints")),
    sa.ForeignKeyConstraint(
        ["bundle_id"], ["bundles.bundle_id"], name="fk_bundle_flows_bundle_id", ondelete="CASCADE"
    ),
    sa.PrimaryKeyConstraint("bundle_id", "place", name="pk_bundle_flows"),
)


def upgrade() -> None:
    """Create the tables and their indexes."""
    SCHEMA.create_all(op.get_bind(), checkfirst=False)


def downgrade() -> None:
    """Drop them."""
    SCHEMA.drop_all(op.get_bind())
