"""One SQLite connection in one thread of its own. Refuses calls beyond CALLS_MAX_WAITING and names every fault of SQLite.

Everything that is kept in one file goes through one lane: the ledger, the people, the tokens. Other processes have lanes of their own.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from contest_server.ledger.limits import CALLS_MAX_WAITING
from contest_server.ledger.migrating import upgrade_connection
from contest_server.ledger.port import LedgerFault
from contest_server.ledger.pragmas import BUSY_TIMEOUT_MS, make_durable
from contest_server.ledger.sqlite_faults import naming_faults

Result = TypeVar("Result")
Work = Callable[[sqlite3.Connection], Result]


class LedgerBusy(LedgerFault):
    """More calls are waiting than CALLS_MAX_WAITING. This call did nothing; try again later."""


@contextmanager
def writing(connection: sqlite3.Connection) -> Iterator[None]:
    """One durable transaction: when the block ends well it is on the disk, otherwise nothing of it is."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


class Lane:
    """Opens the file, and brings it to this version's tables, before the constructor returns.

    Raises:
        LedgerFault: the file is missing (and `create` is false), not ours, of a newer version, or cannot be opened.
    """

    def __init__(self, path: Path, *, create: bool = True, busy_timeout_ms: int = BUSY_TIMEOUT_MS) -> None:
        self.path = path.absolute()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ledger")
        self._waiting = threading.BoundedSemaphore(CALLS_MAX_WAITING)
        self._closed = False
        try:
            self._connection = self._thread.submit(self._open, create, busy_timeout_ms).result()
        except BaseException:
            self._thread.shutdown()
            raise

    async def run(self, work: Work[Result]) -> Result:
        """Run `work` in the thread, after all that was asked before. If the caller is cancelled, it may run all the same."""
        if self._closed:
            raise LedgerFault(f"{self.path} is closed")
        if not self._waiting.acquire(blocking=False):
            raise LedgerBusy(f"{CALLS_MAX_WAITING} calls are waiting for {self.path}")
        try:
            future = self._thread.submit(self._work, work)
        except BaseException:
            self._waiting.release()
            raise
        future.add_done_callback(lambda _: self._waiting.release())
        return await asyncio.wrap_future(future)

    async def close(self) -> None:
        """Wait for what was asked before, then close the file. May be called again."""
        if self._closed:
            return
        self._closed = True
        await asyncio.wrap_future(self._thread.submit(self._connection.close))
        self._thread.shutdown()

    def _open(self, create: bool, busy_timeout_ms: int) -> sqlite3.Connection:
        with naming_faults(self.path):
            self._touch(create)
            connection = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False, timeout=busy_timeout_ms / 1_000)
            try:
                upgrade_connection(connection, self.path)
                make_durable(connection, self.path, busy_timeout_ms)
            except BaseException:
                connection.close()
                raise
            self._inode = self.path.stat().st_ino
            return connection

    def _touch(self, create: bool) -> None:
        """Let a new file be readable by its owner only: it will hold names and the hashes of tokens."""
        try:
            os.close(os.open(self.path, os.O_RDWR | (os.O_CREAT if create else 0), 0o600))
        except OSError as error:
            raise LedgerFault(f"{self.path}: {error.strerror}. Is the path right, and may this user write there?") from error

    def _work(self, work: Work[Result]) -> Result:
        with naming_faults(self.path):
            self._still_there()
            return work(self._connection)

    def _still_there(self) -> None:
        """SQLite would go on writing into a file that nobody can find any more."""
        try:
            same = self.path.stat().st_ino == self._inode
        except OSError:
            same = False
        if not same:
            raise LedgerFault(f"{self.path} was moved, replaced or deleted while it was open. Put it back, then restart.")
