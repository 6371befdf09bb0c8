"""Brings a PostgreSQL database to this version's tables, one server at a time. Refuses what it refuses of a file."""

from __future__ import annotations

import asyncio

from alembic import command
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from contest_server.core.saying import Said
from contest_server.ledger.database_url import place_of
from contest_server.ledger.migrating import REVISIONS, WrongFile, alembic_config, is_due, known_revision
from contest_server.ledger.port import LedgerFault
from contest_server.ledger.postgres_link import connect, naming_faults

_ALONE = text("SELECT pg_advisory_xact_lock(hashtext('contest-server migrations'))")
_TABLES = text("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
_REVISION = text("SELECT version_num FROM alembic_version")
_ENCODING = text("SHOW server_encoding")


def upgrade(url: str, *, older_stays: bool = False) -> str | None:
    """Create or upgrade the tables (those of an older version not, if it `older_stays`) in one transaction: a failure, or a kill, leaves
    the database as it was. Returns the revision of those that were upgraded. Needs no running event loop.

    Raises:
        WrongFile: of a newer version, or of another program; nothing was changed.
        LedgerFault: it cannot be reached, or does not let this user in.
    """
    return asyncio.run(_upgrade(url, older_stays))


async def _upgrade(url: str, older_stays: bool) -> str | None:
    engine = create_async_engine("postgresql+asyncpg://", async_creator=lambda: connect(url))
    try:
        with naming_faults(place_of(url)):
            return await _upgrade_with(engine, place_of(url), older_stays)
    finally:
        await engine.dispose()


async def _upgrade_with(engine: AsyncEngine, place: str, older_stays: bool) -> str | None:
    async with engine.connect() as connection:
        revision = await connection.run_sync(_revision_of, place)
    if not is_due(revision, older_stays=older_stays):
        return None
    async with engine.begin() as connection:
        await connection.execute(_ALONE)
        await connection.run_sync(_upgrade_here, place)
    return revision


def _upgrade_here(connection: Connection, place: str) -> None:
    if _revision_of(connection, place) != REVISIONS[-1]:  # another server may have been faster
        command.upgrade(alembic_config(connection), "head")


def _revision_of(connection: Connection, place: str) -> str | None:
    """The revision of the tables; None for an empty database. Raises WrongFile, or LedgerFault where texts are not kept as UTF-8."""
    check_encoding(connection, place)
    tables = {str(name) for (name,) in connection.execute(_TABLES)}
    if not tables:
        return None
    if not {"alembic_version", "ledger", "contests"} <= tables:
        told = Said("{place} is the database of another program: it has tables, but no ledger. Name another database.", place=place)
        raise WrongFile(told)
    return known_revision(connection.execute(_REVISION).scalar_one_or_none(), place)


def check_encoding(connection: Connection, place: str) -> None:
    """Raises LedgerFault where texts are not kept as UTF-8."""
    encoding = connection.execute(_ENCODING).scalar_one()
    if encoding != "UTF8":
        told = Said("{place} keeps texts as {encoding}. Create the database with encoding UTF8.", place=place, encoding=encoding)
        raise LedgerFault(told)
