"""Brings a database to this version's tables. Refuses one of a newer version, and one that belongs to another program.

A file that is up to date costs one query: SQLAlchemy and Alembic are imported only when there is something to do.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contest_server.core.saying import Said, Text
from contest_server.ledger.port import LedgerFault

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy import Connection

REVISIONS = ("0001", "0002", "0003", "0004", "0005", "0006")
"""All revisions of the tables, oldest first. A test holds them against the folder of migrations."""


class WrongFile(LedgerFault):
    """The file is a database, but none that this version may touch."""


def migrations_folder() -> Path:
    """In a wheel the folder lies in the package, in a checkout at its root."""
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "migrations", package.parent / "migrations"):
        if (folder / "env.py").is_file():
            return folder
    raise LedgerFault(Said("no folder `migrations` in {path} or beside it: the installation is incomplete", path=package))


def upgrade_connection(connection: sqlite3.Connection, path: Path, *, older_stays: bool = False) -> str | None:
    """Create or upgrade the tables (those of an older version not, if it `older_stays`); the revision of those that were upgraded. SQLite's
    write lock keeps other processes out meanwhile; a failure leaves the file as it was.

    Raises:
        WrongFile: see there. The file has not been changed.
    """
    revision = revision_of(connection, path)
    if not is_due(revision, older_stays=older_stays):
        return None
    _upgrade(connection, path)
    return revision


def is_due(revision: str | None, *, older_stays: bool) -> bool:
    """Whether tables of this revision (None: there are none) have to be made or upgraded."""
    return revision is None if older_stays else revision != REVISIONS[-1]


def revision_of(connection: sqlite3.Connection, path: Path) -> str | None:
    """The revision of the tables in a file; None for an empty file. Raises WrongFile."""
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not tables:
        return None
    if not {"alembic_version", "ledger", "contests"} <= tables:
        raise WrongFile(Said("{path} is the database of another program: it has tables, but no ledger. Name another file.", path=path))
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return known_revision(None if row is None else str(row[0]), str(path))


def known_revision(revision: str | None, place: Text) -> str:
    """Raises WrongFile where this version does not know it."""
    if revision not in REVISIONS:
        about: dict[str, Any] = {"place": place, "tables": revision, "known": REVISIONS[-1]}
        told = Said("{place} was written by a newer version (tables {tables}, known up to {known}). Upgrade this program.", **about)
        raise WrongFile(told)
    return revision


def alembic_config(connection: Connection) -> Config:
    """What Alembic needs to work on an open connection; there is no alembic.ini."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(migrations_folder()))
    config.attributes["connection"] = connection
    return config


def _upgrade(raw: sqlite3.Connection, path: Path) -> None:
    from alembic import command
    from sqlalchemy import create_engine
    from sqlalchemy.exc import DBAPIError
    from sqlalchemy.pool import StaticPool

    engine = create_engine("sqlite://", creator=lambda: raw, poolclass=StaticPool)
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            if revision_of(raw, path) != REVISIONS[-1]:  # another process may have been faster
                command.upgrade(alembic_config(connection), "head")
            connection.commit()
    except DBAPIError as error:
        raise error.orig or error from error
