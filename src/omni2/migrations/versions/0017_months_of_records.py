"""On PostgreSQL the steps of flows are partitioned by the month in which their flow began.

What stands becomes one partition as it is: nothing is copied. Those of the months to come are made while
omni2 runs. SQLite keeps its one table. Why by flow, and why the heads of flows are not, is in decision 0011.
"""

from datetime import UTC, datetime

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

COLUMNS = "key, flow_id, user_id, first_seq, last_seq, at, checkpoints"
UNIQUE = "ix_flow_records_flow_id_first_seq"
TABLE = """
CREATE TABLE flow_records (
 key BIGINT NOT NULL, flow_id VARCHAR(36) NOT NULL, user_id VARCHAR(36) NOT NULL, first_seq INTEGER NOT NULL,
 last_seq INTEGER NOT NULL, at BIGINT NOT NULL, checkpoints TEXT NOT NULL)
"""


def upgrade() -> None:
    """Put a partitioned table in the place of the plain one, which becomes its first partition."""
    if op.get_bind().dialect.name == "sqlite":
        return
    month, bound = _next_month(datetime.now(UTC))
    old = f"flow_records_to_{month}"
    op.execute(f"ALTER TABLE flow_records RENAME TO {old}")
    op.execute(f"ALTER INDEX pk_flow_records RENAME TO pk_{old}")
    op.execute(f"ALTER INDEX {UNIQUE} RENAME TO ix_{old}_flow_id_first_seq")
    op.execute(f"{TABLE} PARTITION BY RANGE (flow_id)")
    op.execute(f"CREATE UNIQUE INDEX {UNIQUE} ON flow_records (flow_id, first_seq)")
    rest = "PARTITION OF flow_records (CONSTRAINT pk_flow_records_rest PRIMARY KEY (key)) DEFAULT"
    op.execute(f"CREATE TABLE flow_records_rest {rest}")
    behind = f"flow_id >= '{bound}'"
    op.execute(f"INSERT INTO flow_records_rest SELECT {COLUMNS} FROM {old} WHERE {behind}")  # noqa: S608
    op.execute(f"DELETE FROM {old} WHERE {behind}")  # noqa: S608
    op.execute(f"ALTER TABLE flow_records ATTACH PARTITION {old} FOR VALUES FROM (MINVALUE) TO ('{bound}')")


def downgrade() -> None:
    """Go back to one table, with all rows."""
    if op.get_bind().dialect.name == "sqlite":
        return
    op.execute("ALTER TABLE flow_records RENAME TO flow_records_parted")
    op.execute(f"ALTER INDEX {UNIQUE} RENAME TO ix_flow_records_parted")
    op.execute(TABLE)
    op.execute(f"INSERT INTO flow_records SELECT {COLUMNS} FROM flow_records_parted")  # noqa: S608
    op.execute("DROP TABLE flow_records_parted")
    op.execute("ALTER TABLE flow_records ADD CONSTRAINT pk_flow_records PRIMARY KEY (key)")
    op.execute(f"CREATE UNIQUE INDEX {UNIQUE} ON flow_records (flow_id, first_seq)")


def _next_month(at: datetime) -> tuple[str, str]:
    """Return the month behind this one as YYYYMM, and what no id of a flow that begins in it is below."""
    year, month = (at.year, at.month + 1) if at.month < 12 else (at.year + 1, 1)
    millis = int(datetime(year, month, 1, tzinfo=UTC).timestamp()) * 1_000
    return f"{year:04d}{month:02d}", f"{millis >> 16:08x}-{millis & 0xFFFF:04x}"
