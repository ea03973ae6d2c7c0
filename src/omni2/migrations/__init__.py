"""The schema, one chain for both databases: brought up to date at start, refused when newer than the code.

Alembic is loaded only when there is something to do: it would cost every start a third of a second.
"""

import re
from importlib import import_module
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from omni2.kernel.db import Database
from omni2.kernel.errors import Problem

_VERSIONS = Path(__file__).parent / "versions"
_STEP = re.compile(r'^(revision|down_revision)\b.*?(?:"(\w+)"|None)$', re.MULTILINE)
_LOCK = 0x6F6D_6D69


def revisions() -> list[str]:
    """Return every revision that this code knows, oldest first, as they follow one another."""
    after = dict(_step(path) for path in _VERSIONS.glob("[0-9]*_*.py"))
    known: list[str] = []
    before: str | None = None
    while (revision := after.get(before)) is not None:
        known.append(revision)
        before = revision
    return known


async def upgrade(database: Database, revision: str = "head") -> bool:
    """Bring the schema to `revision`; return whether anything was done.

    Raises `Problem` database_newer when another version of omni2 has been here.
    """
    async with database.connect_writer() as connection:
        return await connection.run_sync(_upgrade, revision)


def _upgrade(connection: Connection, revision: str) -> bool:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    current, known = current_revision(connection), revisions()
    if current is not None and current not in known:
        raise Problem(
            "database_newer",
            500,
            f"The database is at revision {current}, which this omni2 does not know. "
            "Install the newer version.",
        )
    if current == (known[-1] if revision == "head" else revision):
        return False
    import_module("omni2.migrations.runner").run(connection, revision)
    return True


def _step(path: Path) -> tuple[str | None, str]:
    """Return what a version follows, and what it is."""
    named = {name: value or None for name, value in _STEP.findall(path.read_text(encoding="utf-8"))}
    return named["down_revision"], str(named["revision"])


def current_revision(connection: Connection) -> str | None:
    """Return the revision that the database is at, or None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
