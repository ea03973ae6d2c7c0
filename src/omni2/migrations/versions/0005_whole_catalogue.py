"""Prompts, resources, virtual servers, and definitions that wait for approval."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_SERVERS = ("capabilities", "instructions", "isolation", "new_tools", "listed_at")
_TOOLS = (
    ("output_schema", sa.Text()),
    ("meta", sa.Text()),
    ("icons", sa.Text()),
    ("renamed", sa.String(length=64)),
    ("shown_title", sa.Text()),
    ("shown_description", sa.Text()),
    ("labels", sa.Text()),
    ("held_definition", sa.Text()),
    ("held_sha256", sa.String(length=64)),
    ("held_at", sa.BigInteger()),
    ("rejected_at", sa.BigInteger()),
)


def upgrade() -> None:
    """Add columns and tables; what was pinned stays as it is."""
    op.add_column("servers", sa.Column("capabilities", sa.Text(), nullable=True))
    op.add_column("servers", sa.Column("instructions", sa.Text(), nullable=True))
    for name, default in (("isolation", "shared"), ("new_tools", "allow")):
        column = sa.Column(name, sa.String(length=8), server_default=default, nullable=False)
        op.add_column("servers", column)
    op.add_column("servers", sa.Column("listed_at", sa.BigInteger(), nullable=True))
    for name, kind in _TOOLS:
        op.add_column("tools", sa.Column(name, kind, nullable=True))
    _listed("prompts", sa.Column("name", sa.String(length=200), nullable=False), _text("arguments"))
    described = (_text("name", nullable=False), _text("mime_type"), _text("annotations"))
    uri = sa.Column("uri", sa.String(length=2000), nullable=False)
    _listed("resources", uri, *described, sa.Column("size", sa.BigInteger(), nullable=True))
    described = (_text("name", nullable=False), _text("mime_type"), _text("annotations"))
    template = sa.Column("uri_template", sa.String(length=2000), nullable=False)
    _listed("resource_templates", template, *described)
    _virtual()


def downgrade() -> None:
    """Forget what the older schema has no place for."""
    for table in ("virtual_tools", "virtual_servers", "resource_templates", "resources", "prompts"):
        op.drop_table(table)
    for name, _ in _TOOLS:
        op.drop_column("tools", name)
    for name in _SERVERS:
        op.drop_column("servers", name)


def _text(name: str, *, nullable: bool = True) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _listed(table: str, own: sa.Column[str], *more: sa.Column[str] | sa.Column[int]) -> None:
    """Add a table of what servers list, keyed by server and `own`."""
    op.create_table(
        table,
        sa.Column("server_id", sa.String(length=36), nullable=False),
        own,
        sa.Column("position", sa.Integer(), nullable=False),
        _text("title"),
        _text("description", nullable=False),
        *more,
        _text("meta"),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["server_id"], ["servers.server_id"], name=f"fk_{table}_server_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("server_id", own.name, name=f"pk_{table}"),
    )


def _virtual() -> None:
    op.create_table(
        "virtual_servers",
        sa.Column("server_id", sa.String(length=36), nullable=False),
        sa.Column("slug", sa.String(length=32), nullable=False),
        sa.Column("title", sa.String(length=100), nullable=False),
        _text("description", nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("server_id", name="pk_virtual_servers"),
        sa.UniqueConstraint("slug", name="uq_virtual_servers_slug"),
    )
    op.create_table(
        "virtual_tools",
        sa.Column("virtual_id", sa.String(length=36), nullable=False),
        sa.Column("bare_name", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("server_id", sa.String(length=36), nullable=False),
        sa.Column("tool", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["virtual_id"],
            ["virtual_servers.server_id"],
            name="fk_virtual_tools_virtual_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["server_id"], ["servers.server_id"], name="fk_virtual_tools_server_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("virtual_id", "bare_name", name="pk_virtual_tools"),
        sa.UniqueConstraint(
            "virtual_id", "server_id", "tool", name="uq_virtual_tools_virtual_id_server_id_tool"
        ),
    )
    op.create_index("ix_virtual_tools_server_id", "virtual_tools", ["server_id"])
