"""The schema, one chain for both databases: brought up to date at start, refused when newer than the code."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from omni2.kernel.db import Database
from omni2.kernel.errors import Problem

_HERE = Path(__file__).parent
_LOCK = 0x6F6D_6D69


def config() -> Config:
    """Return Alembic's configuration, without any file."""
    settings = Config()
    settings.set_main_option("script_location", str(_HERE))
    return settings


def head() -> str:
    """Return the newest revision that this code knows."""
    return ScriptDirectory.from_config(config()).get_current_head() or ""


async def upgrade(database: Database, revision: str = "head") -> bool:
    """Bring the schema to `revision`; return whether anything was done.

    Raises `Problem` database_newer when another version of omni2 has been here.
    """
    async with database.connect_writer() as connection:
        return await connection.run_sync(_upgrade, revision)


def _upgrade(connection: Connection, revision: str) -> bool:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    current = current_revision(connection)
    scripts = ScriptDirectory.from_config(config())
    known = {script.revision for script in scripts.walk_revisions()}
    if current is not None and current not in known:
        raise Problem(
            "database_newer",
            500,
            f"The database is at revision {current}, which this omni2 does not know. "
            "Install the newer version.",
        )
    if current == (scripts.get_current_head() if revision == "head" else revision):
        return False
    settings = config()
    settings.attributes["connection"] = connection
    command.upgrade(settings, revision)
    return True


def current_revision(connection: Connection) -> str | None:
    """Return the revision that the database is at, or None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
