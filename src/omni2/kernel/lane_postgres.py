"""The lane's writer on PostgreSQL: one asyncpg connection of its own, re-opened after a loss."""

from collections.abc import Iterable, Sequence

import asyncpg
from sqlalchemy.engine import URL

from omni2.kernel.lane import Many, Outcome, Row, Step, Steps, is_plain, together
from omni2.kernel.statement import Statement

CONNECT_S = 5.0
COMMAND_S = 10.0


class PostgresWriter:
    """Runs units in savepoints of one transaction; a lost connection fails the batch, the next reconnects."""

    errors: tuple[type[Exception], ...] = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError)

    def __init__(self, url: URL) -> None:
        self._dsn = url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._connection: asyncpg.Connection | None = None

    async def open(self) -> None:
        """Connect."""
        await self._connected()

    async def run(self, batch: Sequence[Steps]) -> list[Outcome]:
        """Run and commit the batch; see `Writer`."""
        connection = await self._connected()
        try:
            return await _run_plainly(connection, batch) or await _run_apart(connection, batch)
        except BaseException:
            connection.terminate()
            self._connection = None
            raise

    async def aclose(self) -> None:
        """Disconnect."""
        if self._connection is not None:
            await self._connection.close(timeout=2)
            self._connection = None

    async def _connected(self) -> asyncpg.Connection:
        if self._connection is None or self._connection.is_closed():
            self._connection = await asyncpg.connect(self._dsn, timeout=CONNECT_S, command_timeout=COMMAND_S)
        return self._connection


class _Refused(Exception):
    def __init__(self, index: int) -> None:
        super().__init__(index)
        self.index = index


_UNIT_ERRORS = (asyncpg.IntegrityConstraintViolationError, asyncpg.DataError, ValueError, TypeError)
_NOT_PASSED = (_Refused, *_UNIT_ERRORS)


async def _run_plainly(connection: asyncpg.Connection, batch: Sequence[Steps]) -> list[Outcome]:
    """Run the batch without savepoints, plain units together; undo all if one unit does not pass."""
    plain = [unit for unit in batch if is_plain(unit)]
    try:
        async with connection.transaction():
            for statement, rows, expected in together(plain) if plain else ():
                touched = await _touched(connection, statement.postgres(), zip(*rows, strict=True))
                if expected not in {None, touched}:
                    raise _Refused(0)
            return [
                Outcome(rows=[None] * len(unit) if is_plain(unit) else await _run_steps(connection, unit))
                for unit in batch
            ]
    except _NOT_PASSED:
        return []


async def _run_apart(connection: asyncpg.Connection, batch: Sequence[Steps]) -> list[Outcome]:
    async with connection.transaction():
        return [await _run_unit(connection, steps) for steps in batch]


async def _run_unit(connection: asyncpg.Connection, steps: Steps) -> Outcome:
    try:
        async with connection.transaction():
            return Outcome(rows=await _run_steps(connection, steps))
    except _Refused as refusal:
        return Outcome(refused=refusal.index)
    except _UNIT_ERRORS as error:
        return Outcome(error=error)


async def _run_steps(connection: asyncpg.Connection, steps: Steps) -> list[Row | None]:
    rows: list[Row | None] = []
    for index, step in enumerate(steps):
        rows.append(await _run_step(connection, index, step, rows))
    return rows


async def _run_step(
    connection: asyncpg.Connection, index: int, step: Step | Many, rows: list[Row | None]
) -> Row | None:
    if isinstance(step, Many):
        touched = await _touched(connection, step.sql.postgres(), zip(*step.rows, strict=True))
        if step.expect not in {None, touched}:
            raise _Refused(index)
        return None
    row: Row | None = None
    sql, values = step.sql, step.bind(rows)
    if isinstance(sql, Statement):
        sql, values = sql.postgres(), [(value,) for value in values]
    if step.fetch:
        found = await connection.fetchrow(sql, *values)
        row = None if found is None else tuple(found)
        touched = int(found is not None)
    else:
        touched = await _touched(connection, sql, values)
    if step.expect is not None and touched != step.expect:
        raise _Refused(index)
    return row


async def _touched(connection: asyncpg.Connection, sql: str, values: Iterable[object]) -> int:
    tag = await connection.execute(sql, *values)
    return int(tag.rsplit(" ", 1)[-1]) if tag[-1].isdigit() else 0
