"""What flows are found by, filled behind the commit, and the queries that people keep.

Nothing here is written on the way of a call. Words are found by their trigrams: on SQLite in a table of FTS5
that triggers keep equal to `flow_docs`, on PostgreSQL in a GIN index over a function of the words.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_SQLITE = (
    "CREATE VIRTUAL TABLE flow_words USING fts5(words, content='flow_docs', content_rowid='key',"
    " tokenize='trigram', detail=none)",
    "CREATE TRIGGER flow_docs_added AFTER INSERT ON flow_docs BEGIN"
    " INSERT INTO flow_words (rowid, words) VALUES (new.key, new.words); END",
    "CREATE TRIGGER flow_docs_gone AFTER DELETE ON flow_docs BEGIN"
    " INSERT INTO flow_words (flow_words, rowid, words) VALUES ('delete', old.key, old.words); END",
    "CREATE TRIGGER flow_docs_changed AFTER UPDATE OF words ON flow_docs BEGIN"
    " INSERT INTO flow_words (flow_words, rowid, words) VALUES ('delete', old.key, old.words);"
    " INSERT INTO flow_words (rowid, words) VALUES (new.key, new.words); END",
)
_POSTGRES = (
    "CREATE FUNCTION flow_grams(words text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS"
    " $$ SELECT coalesce(array_agg(DISTINCT substr(words, n, 3)), '{}')"
    " FROM generate_series(1, greatest(length(words) - 2, 0)) n $$",
    "CREATE INDEX ix_flow_docs_grams ON flow_docs USING gin (flow_grams(words))",
)


def upgrade() -> None:
    """Create the tables, empty: the index fills itself once omni2 runs."""
    op.create_table(
        "flow_docs",
        sa.Column("key", _key(), autoincrement=False, nullable=False),
        sa.Column("kinds", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_flow_docs"),
    )
    op.create_table(
        "flow_terms",
        sa.Column("term_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(16), nullable=False),
        sa.Column("value", sa.String(300), nullable=False),
        sa.Column("flows", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("term_id", name="pk_flow_terms"),
    )
    op.create_index("ix_flow_terms_name_value", "flow_terms", ["name", "value"], unique=True)
    op.create_table(
        "flow_postings",
        sa.Column("term_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("term_id", "key", name="pk_flow_postings"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "flow_waiting",
        sa.Column("key", _key(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_flow_waiting"),
    )
    op.create_table(
        "flow_index",
        sa.Column("name", sa.String(16), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_flow_index"),
    )
    op.execute("INSERT INTO flow_index (name, position) VALUES ('flows', 0)")
    op.create_table(
        "flow_views",
        sa.Column("view_id", sa.String(36), nullable=False),
        sa.Column("user_id", sa.String(36), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("view_id", name="pk_flow_views"),
    )
    op.create_index("ix_flow_views_user_id_name", "flow_views", ["user_id", "name"], unique=True)
    for statement in _SQLITE if op.get_bind().dialect.name == "sqlite" else _POSTGRES:
        op.execute(statement)


def downgrade() -> None:
    """Forget what can be made again, and the saved queries."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE flow_words")
    for table in ("flow_views", "flow_index", "flow_waiting", "flow_postings", "flow_terms", "flow_docs"):
        op.drop_table(table)
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION flow_grams(text)")


def _key() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")
