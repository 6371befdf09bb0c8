"""How SQLite has to behave so that "committed" means "on the disk". Refuses a place where it cannot."""

from __future__ import annotations

import os
import sqlite3
import time
from pathlib import Path
from urllib.parse import quote

from contest_server.core.saying import Said
from contest_server.ledger.port import LedgerFault

BUSY_TIMEOUT_MS = 10_000
LOG_MAX_PAGES = 10_000
"""Pages of 4 KiB past which a commit writes the log back itself, and takes long: far above where `write_back.py` does."""
WAL_KEPT_BYTES = 67_108_864
RETRY_EVERY_MS = 20


def make_durable(connection: sqlite3.Connection, path: Path, busy_timeout_ms: int) -> None:
    """WAL with a sync at each commit. `fullfsync` matters on macOS only, where fsync alone does not reach the disk.

    `secure_delete`: of names that are erased nothing stays in the file. The ledger itself deletes nothing, so it costs the ledger nothing.
    """
    connection.execute("PRAGMA busy_timeout = 0")
    _use_wal(connection, path, busy_timeout_ms)
    connection.execute(f"PRAGMA busy_timeout = {busy_timeout_ms}")
    _sync_all(connection)
    connection.execute("PRAGMA secure_delete = ON")
    connection.execute(f"PRAGMA wal_autocheckpoint = {LOG_MAX_PAGES}")
    connection.execute(f"PRAGMA journal_size_limit = {WAL_KEPT_BYTES}")


def open_beside(path: Path, inode: int) -> sqlite3.Connection:
    """One more connection to the file that the writer has open, for the writing back of its log alone.

    Raises:
        LedgerFault: another file is there now. It has not been touched: the log beside it would not be its own.
    """
    uri = f"file:{quote(str(path))}?mode=rw"
    connection = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
    try:
        check_still_there(path, inode)
        _sync_all(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def place_to_look_at(path: Path) -> str:
    """The file as a URI for who only looks.

    SQLite puts a file of its own beside a database with a write-ahead log, also for reading. Where nothing can be put (a medium that is
    read-only, somebody else's folder) and no log lies there, nobody writes, and the file is read as it is. A log lies beside the file
    itself, not beside a link to it.
    """
    path = path.resolve()
    log_path = path.with_name(f"{path.name}-wal")
    is_at_rest = not log_path.exists() and not os.access(path.parent, os.W_OK, effective_ids=True)
    return f"file:{quote(str(path))}?mode=ro{'&immutable=1' if is_at_rest else ''}"


def check_still_there(path: Path, inode: int) -> None:
    """SQLite would go on writing into a file that nobody can find any more. Raises LedgerFault."""
    try:
        same = path.stat().st_ino == inode
    except OSError:
        same = False
    if not same:
        raise LedgerFault(Said("{path} was moved, replaced or deleted while it was open. Put it back, then restart.", path=path))


def _sync_all(connection: sqlite3.Connection) -> None:
    """Each commit and each writing back waits until the disk has it."""
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA fullfsync = ON")


def _use_wal(connection: sqlite3.Connection, path: Path, busy_timeout_ms: int) -> None:
    """Changing a new file to WAL can fail without SQLite's own waiting when another process is doing so too, so the waiting is ours."""
    for _ in range(max(1, busy_timeout_ms // RETRY_EVERY_MS)):
        try:
            (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            time.sleep(RETRY_EVERY_MS / 1_000)
            continue
        if mode != "wal":
            told = Said(
                "{path}: SQLite cannot keep a write-ahead log here (mode {mode!r}). Use a file on a local disk.", path=path, mode=mode
            )
            raise LedgerFault(told)
        return
    told = Said(
        "{path} was locked for {waited:ms} while it was being opened. Does another program hold it?",
        path=path,
        waited=busy_timeout_ms,
    )
    raise LedgerFault(told)
