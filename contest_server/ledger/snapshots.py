"""A whole database at one moment, or made anew in one transaction, through SQLAlchemy: the same work on SQLite and PostgreSQL.

Who looks never holds up who writes: SQLite's write-ahead log and PostgreSQL's snapshots both see to that.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

from sqlalchemy import Connection, create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import StaticPool

from contest_server.core.saying import Said
from contest_server.ledger.database_url import MEMORY_URL, BadUrl, file_of, is_postgres, place_of
from contest_server.ledger.parts import part_of
from contest_server.ledger.port import LedgerFault
from contest_server.ledger.pragmas import BUSY_TIMEOUT_MS, place_to_look_at
from contest_server.ledger.sqlite_faults import naming_faults

Result = TypeVar("Result")
Work = Callable[[Connection], Result]


def look(url: str, work: Work[Result]) -> Result:
    """Run `work` on the database as it is at this moment; it can change nothing. Needs no running event loop.

    Raises:
        BadUrl, LedgerFault.
    """
    if is_postgres(url):
        return asyncio.run(_in_postgres(url, work, writes=False))
    path = _file(url)
    if not path.is_file():
        raise LedgerFault(Said("there is no file {path}", path=path))
    with naming_faults(path), _naming_originals(), _sqlite(place_to_look_at(path), "BEGIN") as connection:
        return work(connection)


def make(url: str, work: Work[Result]) -> Result:
    """Run `work` in one transaction on a database that is empty or new; what it raises leaves everything as it was.

    A file gets its name only when it is complete, and never takes the place of what holds anything. Raises BadUrl, LedgerFault.
    """
    if is_postgres(url):
        return asyncio.run(_in_postgres(url, work, writes=True))
    path = _file(url)
    try:
        if path.exists() and not path.is_file():
            raise LedgerFault(Said("{path} is no plain file. Is the path right?", path=path))
        with part_of(path, 0o600) as (part, _):
            with naming_faults(path), _naming_originals(), _sqlite(f"file:{quote(str(part.absolute()))}", "BEGIN IMMEDIATE") as connection:
                result = work(connection)
                connection.commit()
            if path.exists() and path.stat().st_size > 0:
                told = Said("{path} exists: another program made it meanwhile. It was left as it is; name a new file", path=path)
                raise LedgerFault(told)
            part.replace(path)
            sync_folder(path.parent)
            return result
    except OSError as error:
        raise LedgerFault(Said("{path}: {fault}", path=path, fault=error.strerror or str(error))) from error


def sync_folder(folder: Path) -> None:
    """Let a new name in this folder survive a power cut."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _file(url: str) -> Path:
    path = file_of(url)
    if path is None:
        raise BadUrl(Said("{url} is gone when its program ends; name a file or a PostgreSQL database", url=MEMORY_URL))
    return path


@contextmanager
def _sqlite(uri: str, begin: str) -> Iterator[Connection]:
    raw = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=BUSY_TIMEOUT_MS / 1_000)
    engine = create_engine("sqlite://", creator=lambda: raw, poolclass=StaticPool)
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql(begin)
            yield connection
    finally:
        engine.dispose()
        raw.close()


@contextmanager
def _naming_originals() -> Iterator[None]:
    """What SQLite itself said, for whoever names faults of SQLite."""
    try:
        yield
    except DBAPIError as error:
        raise error.orig or error from error


async def _in_postgres(url: str, work: Work[Result], *, writes: bool) -> Result:
    from sqlalchemy.ext.asyncio import create_async_engine

    from contest_server.ledger import postgres_link
    from contest_server.ledger.postgres_migrating import check_encoding

    engine = create_async_engine("postgresql+asyncpg://", async_creator=lambda: postgres_link.connect(url))
    try:
        with postgres_link.naming_faults(place_of(url)):
            async with engine.connect() as connection:
                await connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=not writes)
                await connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")
                if writes:
                    await connection.run_sync(check_encoding, place_of(url))
                result = await connection.run_sync(work)
                await (connection.commit() if writes else connection.rollback())
                return result
    finally:
        await engine.dispose()
