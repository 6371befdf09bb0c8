"""The small tables in memory, for tests and trials: the same statements, on a database that ends with the program."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from weakref import finalize

from contest_server.core.saying import Text
from contest_server.ledger.tables import Result, Rows, SqliteRows


class MemoryTables:
    """See the port. Work is so short that it runs at once, between two steps of the loop."""

    def __init__(self) -> None:
        self._connection: sqlite3.Connection | None = None

    async def read(self, work: Callable[[Rows], Result]) -> Result:
        await asyncio.sleep(0)
        return work(SqliteRows(self._open()))

    async def write(self, work: Callable[[Rows], Result]) -> Result:
        await asyncio.sleep(0)
        connection = self._open()
        connection.execute("BEGIN")
        try:
            result = work(SqliteRows(connection))
            connection.execute("COMMIT")
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        return result

    async def scrub(self) -> Text | None:
        """There is nothing on a disk."""
        return None

    def _open(self) -> sqlite3.Connection:
        """The tables are made when they are first asked for: SQLAlchemy, which knows them, is slow to import."""
        if self._connection is None:
            self._connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
            finalize(self, self._connection.close)
            for statement in _tables():
                self._connection.execute(statement)
        return self._connection


def _tables() -> list[str]:
    from sqlalchemy.dialects.sqlite import dialect
    from sqlalchemy.schema import CreateTable

    from contest_server.ledger.schema import metadata

    return [str(CreateTable(table).compile(dialect=dialect())) for table in metadata.sorted_tables]
