"""The small tables beside the ledger (people, tokens, sessions, …): each statement is written once, for SQLite and PostgreSQL alike.

Statements name their values as `:name`, and use what both databases understand. The ledger itself has a home of its own in each.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from contest_server.core.saying import Said, Text
from contest_server.ledger.lane import Lane, writing

Result = TypeVar("Result")
Values = Mapping[str, Any]


class NoText(ValueError):
    """PostgreSQL keeps neither NUL nor half of a surrogate pair, so no database here does: such a name is nobody's. Nothing was done."""


def kept(values: Values | None) -> Values:
    """The values of a statement, each of which every database can keep. Raises NoText."""
    for what, value in (values or {}).items():
        if isinstance(value, str) and not _is_text(value):
            raise NoText(Said("{what}: {name!r:.60} holds a character that no database keeps", what=what, name=value))
    return values or {}


def _is_text(value: str) -> bool:
    try:
        return b"\0" not in value.encode()
    except UnicodeEncodeError:
        return False


class Found(Protocol):
    """What a statement found; `rowcount` is how many rows it changed."""

    @property
    def rowcount(self) -> int: ...

    def fetchone(self) -> Sequence[Any] | None: ...

    def fetchall(self) -> Sequence[Sequence[Any]]: ...


class Rows(Protocol):
    """The tables within one transaction."""

    def execute(self, statement: str, values: Values | None = None) -> Found: ...

    def execute_many(self, statement: str, values: Sequence[Values]) -> int:
        """How many rows were changed in all."""
        ...


class Tables(Protocol):
    """Raises LedgerFault where the database fails; nothing of the call is promised then. NoText: a value is none that can be kept."""

    async def read(self, work: Callable[[Rows], Result]) -> Result:
        """Run `work` on the tables as they are at one moment."""
        ...

    async def write(self, work: Callable[[Rows], Result]) -> Result:
        """Run `work` in one durable transaction that no other writer of these tables comes between. What it raises undoes it."""
        ...

    async def scrub(self) -> Text | None:
        """Leave nothing of what was deleted in the database's files. Where some of it may still be, and what to do; None: nowhere."""
        ...


def one(rows: Rows, statement: str, values: Values | None = None) -> Any:
    """The only value of a statement that always finds one."""
    row = rows.execute(statement, values).fetchone()
    assert row is not None, statement
    return row[0]


class SqliteTables:
    """In the file and the thread of a lane."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane

    async def read(self, work: Callable[[Rows], Result]) -> Result:
        return await self._lane.run(lambda connection: _reading(connection, work))

    async def write(self, work: Callable[[Rows], Result]) -> Result:
        return await self._lane.run(lambda connection: _writing(connection, work))

    async def scrub(self) -> Text | None:
        """The write-ahead log holds old pages until it is emptied, which cannot be done while somebody reads."""
        is_empty = await self._lane.run_alone(_empty_log)
        return (
            None
            if is_empty
            else Said("in {path}-wal, as somebody reads; it is emptied when all servers have ended, if not before", path=self._lane.path)
        )


class SqliteRows:
    """The tables on a connection of SQLite."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def execute(self, statement: str, values: Values | None = None) -> Found:
        return self._connection.execute(statement, kept(values))

    def execute_many(self, statement: str, values: Sequence[Values]) -> int:
        return max(0, self._connection.executemany(statement, [*map(kept, values)]).rowcount)


def _reading(connection: sqlite3.Connection, work: Callable[[Rows], Result]) -> Result:
    connection.execute("BEGIN")
    try:
        return work(SqliteRows(connection))
    finally:
        connection.execute("ROLLBACK")


def _writing(connection: sqlite3.Connection, work: Callable[[Rows], Result]) -> Result:
    with writing(connection):
        return work(SqliteRows(connection))


def _empty_log(connection: sqlite3.Connection) -> bool:
    """Whether nothing is left in it."""
    (waits_ms,) = connection.execute("PRAGMA busy_timeout").fetchone()
    connection.execute("PRAGMA busy_timeout = 0")
    is_busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    connection.execute(f"PRAGMA busy_timeout = {waits_ms}")
    return not is_busy
