"""What went wrong in SQLite, in words an operator can act on. Lets no sqlite3.Error out."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from contest_server.core.saying import Said
from contest_server.ledger.port import LedgerDamaged, LedgerFault

_DAMAGE_ADVICE = Said("Stop the server, keep a copy of the file, run `contest-server verify` on it, then restore a backup.")
_LOCKED = Said("Another process held the lock for too long. Find it (`fuser` shows who has the file open), then restart.")
_READ_ONLY = Said("The file is read-only for this user. It and its folder have to be writable.")
_STRANGE = Said("Is it a database of this program? `contest-server verify` looks at it without changing it.")
_ADVICE = {
    sqlite3.SQLITE_FULL: Said("The disk is full. Free some space, then restart; what was acknowledged is safe."),
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_NOTADB: Said("This is not a SQLite database. Is the path right?"),
    sqlite3.SQLITE_CANTOPEN: Said("The file cannot be opened. Is the path right, and may this user write to the file and its folder?"),
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_PERM: _READ_ONLY,
    sqlite3.SQLITE_IOERR: Said("The disk failed. Look at the system's log before you restart."),
}


@contextmanager
def naming_faults(path: Path) -> Iterator[None]:
    """Turn errors of sqlite3 into LedgerDamaged where the file contradicts itself, into LedgerFault otherwise."""
    try:
        yield
    except sqlite3.Error as error:
        raise named(error, path) from error


def named(error: sqlite3.Error, path: Path) -> LedgerFault:
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    if code == sqlite3.SQLITE_CORRUPT or isinstance(error, sqlite3.IntegrityError):
        return LedgerDamaged(_told(path, error, _DAMAGE_ADVICE))
    return LedgerFault(_told(path, error, _ADVICE.get(code, _STRANGE)))


def _told(path: Path, error: sqlite3.Error, advice: Said) -> Said:
    return Said("{place}: {fault}. {advice}", place=str(path), fault=str(error), advice=advice)
