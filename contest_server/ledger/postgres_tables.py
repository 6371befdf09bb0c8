"""The small tables in PostgreSQL, through SQLAlchemy on asyncpg. The writers of all servers take turns, as they do in one file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection, text

from contest_server.core.saying import Said, Text
from contest_server.ledger.postgres_link import Link, naming_faults
from contest_server.ledger.tables import Found, Result, Rows, Values, kept

_TURN = text("SELECT pg_advisory_xact_lock(hashtext('contest-server tables'))")


class PostgresTables:
    """See the port."""

    def __init__(self, link: Link) -> None:
        self._link = link

    async def read(self, work: Callable[[Rows], Result]) -> Result:
        with naming_faults(self._link.place):
            async with self._link.engine.connect() as connection:
                await connection.execution_options(isolation_level="REPEATABLE READ")
                return await connection.run_sync(lambda rows: work(_PostgresRows(rows)))

    async def write(self, work: Callable[[Rows], Result]) -> Result:
        with naming_faults(self._link.place):
            async with self._link.engine.begin() as connection:
                await connection.execute(_TURN)
                return await connection.run_sync(lambda rows: work(_PostgresRows(rows)))

    async def scrub(self) -> Text | None:
        """Old versions of rows stay in the files until the database's own vacuum comes by."""
        return Said("in PostgreSQL's files; VACUUM FULL people, as its administrator, leaves nothing there")


class _PostgresRows:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def execute(self, statement: str, values: Values | None = None) -> Found:
        return self._connection.execute(text(statement), dict(kept(values)))

    def execute_many(self, statement: str, values: Sequence[Values]) -> int:
        prepared: Any = text(statement)
        return sum(max(0, self._connection.execute(prepared, dict(kept(each))).rowcount) for each in values)
