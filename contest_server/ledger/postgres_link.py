"""Connections to one PostgreSQL database, made when they are first needed, and its faults in words an operator can act on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from contest_server.core.saying import Said, Text, said_by
from contest_server.ledger.database_url import place_of
from contest_server.ledger.port import HeadMoved, LedgerDamaged, LedgerFault
from contest_server.ledger.postgres_hosts import hosts_at
from contest_server.ledger.sealed import Foreign

CONNECTIONS_OF_THE_LEDGER = 4
CONNECTIONS_OF_THE_TABLES = 8
CLOSE_WITHIN_S = 10.0
ANSWER_WITHIN_S = 20.0
"""A database that says nothing for so long counts as gone."""
LOCK_WITHIN_MS = 10_000
IDLE_WITHIN_MS = 10_000
"""A server that was stopped in the middle of a transaction loses its locks after this time: the others go on."""

_SESSION = {
    "application_name": "contest-server",
    "lock_timeout": str(LOCK_WITHIN_MS),
    "idle_in_transaction_session_timeout": str(IDLE_WITHIN_MS),
    "timezone": "UTC",
}
_GONE = (OSError, asyncio.TimeoutError, asyncpg.InterfaceError, asyncpg.PostgresConnectionError, asyncpg.CannotConnectNowError, PoolTimeout)
_ADVICE: list[tuple[type[BaseException], Said]] = [
    (asyncpg.InvalidPasswordError, Said("Is the password in the URL right?")),
    (asyncpg.InvalidAuthorizationSpecificationError, Said("May this user connect? See pg_hba.conf.")),
    (asyncpg.InvalidCatalogNameError, Said("There is no such database; create it: createdb --encoding UTF8 NAME")),
    (asyncpg.InsufficientPrivilegeError, Said("The user has to own the database's tables, or be allowed to create them.")),
    (asyncpg.DiskFullError, Said("The database's disk is full. Free some space, then restart it; what was acknowledged is safe.")),
    (asyncpg.TooManyConnectionsError, Said("Raise max_connections of the database, or run fewer servers.")),
    (asyncpg.LockNotAvailableError, Said("Somebody held a lock for {held:ms}. pg_stat_activity shows who.", held=LOCK_WITHIN_MS)),
    (asyncpg.ReadOnlySQLTransactionError, Said("This is a standby. Name the primary, or both: postgresql://user@one,other/database")),
    (asyncpg.OutOfMemoryError, Said("The database has no memory left. Look at its log.")),
]


@contextmanager
def naming_faults(place: str) -> Iterator[None]:
    """Turn errors of the database and of the way to it into LedgerFault, or LedgerDamaged where it contradicts itself."""
    try:
        yield
    except (DBAPIError, asyncpg.PostgresError, *_GONE) as error:
        raise named(error, place) from error


def named(error: BaseException, place: str) -> LedgerFault:
    cause = _cause(error)
    said = said_by(cause)
    text = said if isinstance(said, Said) else said.splitlines()[0] if said else type(cause).__name__
    if isinstance(cause, (asyncpg.IntegrityConstraintViolationError, asyncpg.DataCorruptedError, asyncpg.IndexCorruptedError)):
        return LedgerDamaged(_told(place, text, Said("Stop the servers, run `contest-server verify` on it, then restore a backup.")))
    for kind, advice in _ADVICE:
        if isinstance(cause, kind):
            return LedgerFault(_told(place, text, advice))
    if isinstance(cause, (*_GONE, asyncpg.OperatorInterventionError)):
        return LedgerFault(_told(place, text, Said("Is the database up, and can this machine reach it?")))
    return LedgerFault(_told(place, text, Said("Is it a database of this program? Its log says more.")))


def _told(place: str, fault: Text, advice: Said) -> Said:
    return Said("{place}: {fault}. {advice}", place=place, fault=fault, advice=advice)


def _cause(error: BaseException) -> BaseException:
    """What asyncpg raised below what SQLAlchemy made of it."""
    while isinstance(error, DBAPIError) and error.orig is not None:
        error = error.orig.__cause__ or error.orig
        if not isinstance(error, DBAPIError):
            break
    return error


async def connect(url: str) -> asyncpg.Connection[Any]:
    """One connection, set up as this program needs it. What is committed on it is on the disk, whatever the database's own default is."""
    connection = await hosts_at(url).connect(command_timeout=ANSWER_WITHIN_S, server_settings=_SESSION)
    if await connection.fetchval("SHOW synchronous_commit") == "off":
        await connection.execute("SET synchronous_commit = on")
    return connection


def transport_of(connection: asyncpg.Connection[Any]) -> asyncio.ReadTransport:
    """The socket below a connection, which the driver has no public name for."""
    transport: asyncio.ReadTransport = connection._transport  # noqa: SLF001 - tests hold it against the driver
    return transport


class Link:
    """The connections of one program. Belongs to the event loop that first uses it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.place = place_of(url)
        self._idle: list[asyncpg.Connection[Any]] = []
        self._room = asyncio.Semaphore(CONNECTIONS_OF_THE_LEDGER)
        self._engine: AsyncEngine | None = None
        self._closed = False

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[asyncpg.Connection[Any]]:
        """A connection for one call of the ledger. Raises LedgerFault for whatever the database raises inside."""
        if self._closed:
            raise LedgerFault(Said("{place} is closed", place=self.place))
        async with self._room:
            with naming_faults(self.place):
                connection = await self._one()
                try:
                    yield connection
                except (HeadMoved, KeyError, Foreign):
                    self._idle.append(connection)  # these are answers
                    raise
                except BaseException:
                    connection.terminate()  # it may be in the middle of anything
                    raise
                self._idle.append(connection)

    async def _one(self) -> asyncpg.Connection[Any]:
        while self._idle:
            connection = self._idle.pop()
            if not connection.is_closed():
                return connection
        return await connect(self.url)

    @property
    def engine(self) -> AsyncEngine:
        """The same database through SQLAlchemy."""
        if self._closed:
            raise LedgerFault(Said("{place} is closed", place=self.place))
        if self._engine is None:
            self._engine = create_async_engine(
                "postgresql+asyncpg://",
                async_creator=lambda: connect(self.url),
                pool_size=CONNECTIONS_OF_THE_TABLES,
                max_overflow=0,
                pool_timeout=ANSWER_WITHIN_S,
                pool_pre_ping=True,
            )
        return self._engine

    async def close(self) -> None:
        """End the connections that nobody uses. May be called again."""
        self._closed = True
        while self._idle:
            await self._idle.pop().close(timeout=CLOSE_WITHIN_S)
        if self._engine is not None:
            await self._engine.dispose()
            self._engine = None
