"""The lane's writer on SQLite: one plain connection in one thread, behind the process's gate."""

import asyncio
import re
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import TypeVar

from omni2.kernel.gate import Gate
from omni2.kernel.lane import Many, Outcome, Row, Rows, Step, Steps, is_plain, together
from omni2.kernel.sqlite import BUSY_TIMEOUT_MS, pragmas
from omni2.kernel.statement import Statement
from omni2.kernel.tasks import Patient, finish_here

T = TypeVar("T")
MAX_ROWS = 64
_PARAMETER = re.compile(r"\$(\d+)")
_UNIT_ERRORS = (
    sqlite3.IntegrityError,
    sqlite3.DataError,
    sqlite3.InterfaceError,
    sqlite3.ProgrammingError,
    OverflowError,
    ValueError,
    TypeError,
)


class SqliteWriter:
    """Begins IMMEDIATE, gives every unit a savepoint, commits with the configured durability.

    One that is not `urgent` lets all others that write go first.
    """

    errors: tuple[type[Exception], ...] = (sqlite3.Error, OSError)

    def __init__(self, path: Path, gate: Gate, synchronous: str, *, urgent: bool = True) -> None:
        self._path = path
        self._urgent = urgent
        self._gate = gate
        self._synchronous = synchronous
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="lane")
        self._connection: sqlite3.Connection | None = None

    async def open(self) -> None:
        """Connect in the thread that will write."""
        await self._in_thread(self._connect)

    async def run(self, batch: Sequence[Steps]) -> list[Outcome]:
        """Run and commit the batch; see `Writer`."""
        async with self._gate.hold(urgent=self._urgent):
            return await finish_here(self._in_thread(self._run, batch))

    async def aclose(self) -> None:
        """Close the connection and end the thread."""
        await self._in_thread(self._close)
        self._thread.shutdown(wait=False)

    async def _in_thread(self, call: Callable[..., T], *args: object) -> T:
        loop = asyncio.get_running_loop()
        ended: Patient[None] = Patient()

        def tell(_: object) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(_tell, ended)

        future = self._thread.submit(call, *args)
        future.add_done_callback(tell)
        await ended
        return future.result()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path, timeout=BUSY_TIMEOUT_MS / 1000, isolation_level=None, cached_statements=256
        )
        for pragma in pragmas(self._synchronous):
            connection.execute(pragma)
        self._connection = connection
        return connection

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _run(self, batch: Sequence[Steps]) -> list[Outcome]:
        connection = self._connection or self._connect()
        try:
            connection.execute("BEGIN IMMEDIATE")
            outcomes = _run_batch(connection, batch)
            connection.execute("COMMIT")
        except sqlite3.Error:
            self._close()
            raise
        return outcomes


def _tell(ended: Patient[None]) -> None:
    if not ended.done():
        ended.set_result(None)


def _run_batch(connection: sqlite3.Connection, batch: Sequence[Steps]) -> list[Outcome]:
    """Run plain units in a few statements for all, unless one does not pass; the others one by one."""
    plain = [unit for unit in batch if is_plain(unit)]
    if not plain or not _run_together(connection, plain):
        return [_run_unit(connection, unit) for unit in batch]
    return [
        Outcome(rows=[None] * len(unit)) if is_plain(unit) else _run_unit(connection, unit) for unit in batch
    ]


def _run_together(connection: sqlite3.Connection, units: Sequence[tuple[Step, ...]]) -> bool:
    connection.execute("SAVEPOINT together")
    try:
        passed = all(
            expected in {None, _run_rows(connection, statement, rows)}
            for statement, rows, expected in together(units)
        )
    except _UNIT_ERRORS:
        passed = False
    if not passed:
        connection.execute("ROLLBACK TO together")
    connection.execute("RELEASE together")
    return passed


def _run_rows(connection: sqlite3.Connection, statement: Statement, rows: Rows) -> int:
    """Run a statement for its rows, in powers of two of them: few texts, each of them prepared once.

    Returns how many it touched.
    """
    touched = begun = 0
    while begun < len(rows):
        size = min(MAX_ROWS, 1 << (len(rows) - begun).bit_length() - 1)
        values = list(chain.from_iterable(rows[begun : begun + size]))
        touched += connection.execute(statement.sqlite(size), values).rowcount
        begun += size
    return touched


def _run_unit(connection: sqlite3.Connection, steps: Steps) -> Outcome:
    rows: list[Row | None] = []
    connection.execute("SAVEPOINT unit")
    for index, step in enumerate(steps):
        try:
            touched, row = _run_step(connection, step, rows)
        except _UNIT_ERRORS as error:
            _undo(connection)
            return Outcome(error=error)
        if step.expect is not None and touched != step.expect:
            _undo(connection)
            return Outcome(refused=index)
        rows.append(row)
    connection.execute("RELEASE unit")
    return Outcome(rows=rows)


def _run_step(
    connection: sqlite3.Connection, step: Step | Many, rows: list[Row | None]
) -> tuple[int, Row | None]:
    if isinstance(step, Many):
        return _run_rows(connection, step.sql, step.rows), None
    cursor = connection.execute(_translated(step.sql), step.bind(rows))
    if not step.fetch:
        return cursor.rowcount, None
    row = cursor.fetchone()
    return int(row is not None), row


def _undo(connection: sqlite3.Connection) -> None:
    connection.execute("ROLLBACK TO unit")
    connection.execute("RELEASE unit")


@lru_cache(maxsize=256)
def _translated(sql: str | Statement) -> str:
    return sql.sqlite(1) if isinstance(sql, Statement) else _PARAMETER.sub(r"?\1", sql)
