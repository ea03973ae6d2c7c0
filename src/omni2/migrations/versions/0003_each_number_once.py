"""Each number of a flow stands once: records without checkpoints go, repeated numbers are counted on."""

import json
from itertools import groupby

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

INDEX = "ix_flow_records_flow_id_first_seq"
COLUMNS = ["flow_id", "first_seq"]

_flows = sa.table("flows", sa.column("flow_id"), sa.column("status"), sa.column("last_seq"))
_records = sa.table(
    "flow_records",
    sa.column("key"),
    sa.column("flow_id"),
    sa.column("first_seq"),
    sa.column("last_seq"),
    sa.column("checkpoints"),
)


def upgrade() -> None:
    """Mend what older versions wrote, then make the index unique."""
    connection = op.get_bind()
    connection.execute(sa.delete(_records).where(_records.c.first_seq > _records.c.last_seq))
    _count_on(connection)
    op.drop_index(INDEX, "flow_records")
    op.create_index(INDEX, "flow_records", COLUMNS, unique=True)


def downgrade() -> None:
    """Let numbers be repeated again."""
    op.drop_index(INDEX, "flow_records")
    op.create_index(INDEX, "flow_records", COLUMNS)


def _count_on(connection: sa.Connection) -> None:
    """Number the checkpoints of flows with repeated numbers anew, in the order in which they were written."""
    counted = sa.func.sum(_records.c.last_seq - _records.c.first_seq + 1)
    repeated = (
        sa.select(_records.c.flow_id)
        .group_by(_records.c.flow_id)
        .having(counted > sa.func.max(_records.c.last_seq))
    )
    rows = connection.execute(
        sa.select(_records.c.flow_id, _records.c.key, _records.c.checkpoints)
        .where(_records.c.flow_id.in_(repeated))
        .order_by(_records.c.flow_id, _records.c.key)
    ).all()
    for flow_id, records in groupby(rows, key=lambda row: row.flow_id):
        last = 0
        for record in records:
            checkpoints = json.loads(record.checkpoints)
            first = last + 1
            for last, checkpoint in enumerate(checkpoints, first):
                checkpoint["seq"] = last
            text = json.dumps(checkpoints, ensure_ascii=False, separators=(",", ":"))
            connection.execute(
                sa.update(_records)
                .where(_records.c.key == record.key)
                .values(first_seq=first, last_seq=last, checkpoints=text)
            )
        closed = sa.and_(_flows.c.flow_id == flow_id, _flows.c.status != "running")
        connection.execute(sa.update(_flows).where(closed).values(last_seq=last))
