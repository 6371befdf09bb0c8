"""Brings a database to this version's tables. Refuses one of a newer version, and one that belongs to another program.

A file that is up to date costs one query: SQLAlchemy and Alembic are imported only when there is something to do.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

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
    raise LedgerFault(f"no folder `migrations` in {package} or beside it: the installation is incomplete")


def upgrade_connection(connection: sqlite3.Connection, path: Path) -> None:
    """Create or upgrade the tables. SQLite's write lock keeps other processes out meanwhile; a failure leaves the file as it was.

    Raises:
        WrongFile: see there. The file has not been changed.
    """
    if revision_of(connection, path) != REVISIONS[-1]:
        _upgrade(connection, path)


def revision_of(connection: sqlite3.Connection, path: Path) -> str | None:
    """The revision of the tables in a file; None for an empty file. Raises WrongFile."""
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not tables:
        return None
    if not {"alembic_version", "ledger", "contests"} <= tables:
        raise WrongFile(f"{path} is the database of another program: it has tables, but no ledger. Name another file.")
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return known_revision(None if row is None else str(row[0]), str(path))


def known_revision(revision: str | None, place: str) -> str:
    """Raises WrongFile where this version does not know it."""
    if revision not in REVISIONS:
        raise WrongFile(f"{place} was written by a newer version (tables {revision}, known up to {REVISIONS[-1]}). Upgrade this program.")
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
