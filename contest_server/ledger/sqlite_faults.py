"""What went wrong in SQLite, in words an operator can act on. Lets no sqlite3.Error out."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from contest_server.ledger.port import LedgerDamaged, LedgerFault

_DAMAGE_ADVICE = "Stop the server, keep a copy of the file, run `contest-server verify` on it, then restore a backup."
_ADVICE = {
    sqlite3.SQLITE_FULL: "The disk is full. Free some space, then restart; what was acknowledged is safe.",
    sqlite3.SQLITE_BUSY: "Another process held the lock for too long. Find it (`fuser` shows who has the file open), then restart.",
    sqlite3.SQLITE_LOCKED: "Another process held the lock for too long. Find it (`fuser` shows who has the file open), then restart.",
    sqlite3.SQLITE_NOTADB: "This is not a SQLite database. Is the path right?",
    sqlite3.SQLITE_CANTOPEN: "The file cannot be opened. Is the path right, and may this user write to the file and its folder?",
    sqlite3.SQLITE_READONLY: "The file is read-only for this user. It and its folder have to be writable.",
    sqlite3.SQLITE_PERM: "The file is read-only for this user. It and its folder have to be writable.",
    sqlite3.SQLITE_IOERR: "The disk failed. Look at the system's log before you restart.",
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
        return LedgerDamaged(f"{path}: {error}. {_DAMAGE_ADVICE}")
    advice = _ADVICE.get(code, "Is it a database of this program? `contest-server verify` looks at it without changing it.")
    return LedgerFault(f"{path}: {error}. {advice}")
