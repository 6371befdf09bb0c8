"""SQLite's write-ahead log is written back into the file by a second connection, beside the writer, whose commits need not do it.

Nothing depends on it: what is in the log is safe, and what could not be written back stays there. Past LOG_MAX_PAGES a commit does it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from contest_server.ledger.port import LedgerFault
from contest_server.ledger.pragmas import open_beside
from contest_server.ledger.sqlite_faults import naming_faults

ROWS_BETWEEN = 2_000
"""Rows changed since it was written back last. In commits of 1 to 50 rows that is a log of 8 to 20 MB."""
PASSES = 2
"""The first is long and copies nearly all, the second what was committed meanwhile. More of them leave the writer no less to do."""


class WriteBack:
    """Of one lane, in whose thread all of it is called but `_copy`. It has no thread and no connection before there is something to do."""

    def __init__(
        self, writer: sqlite3.Connection, path: Path, inode: int, later: Callable[[Callable[[], None]], None], rows_between: int
    ) -> None:
        """`later` has something called in the lane's thread, after all that was asked of it before."""
        self._writer = writer
        self._path, self._inode = path, inode
        self._later = later
        self._rows_between = rows_between
        self._counted = writer.total_changes
        self._thread = ThreadPoolExecutor(1, "write-back")
        self._beside: sqlite3.Connection | None = None
        self._under_way: Future[None] | None = None
        self._closed = False

    def look(self) -> None:
        """After each work: begin if enough rows were changed. Raises nothing, as what was asked for is done."""
        changed = self._writer.total_changes
        if self._under_way is None and changed - self._counted >= self._rows_between:
            self._counted = changed
            try:
                self._under_way = self._thread.submit(self._copy)
            except RuntimeError as error:  # no more threads
                self._warn(error)

    def wait(self) -> None:
        """Return when nothing is under way. SQLite lets one at a time write a log back: nobody can empty it meanwhile."""
        if self._under_way is not None:
            self._under_way.result()

    def close(self) -> None:
        """Wait for what is under way. The log goes when the writer closes, who then is the last."""
        self._closed = True
        self._thread.shutdown()
        if self._beside is not None:
            self._beside.close()

    def _copy(self) -> None:
        """In the thread beside: nearly all of the log. Only a log of which nothing is left begins anew, so the writer has to end it."""
        end = self._finish
        try:
            with naming_faults(self._path):
                if self._beside is None:
                    self._beside = open_beside(self._path, self._inode)
                for _ in range(PASSES):
                    _pass(self._beside)
        except LedgerFault as fault:
            self._warn(fault)
            end = self._rest
        self._later(end)

    def _finish(self) -> None:
        """Between two works of the lane: the few pages that are left. The next commit then writes at the log's beginning."""
        self._rest()
        if not self._closed:
            try:
                with naming_faults(self._path):
                    _pass(self._writer)
            except LedgerFault as fault:
                self._warn(fault)

    def _rest(self) -> None:
        self._under_way = None

    def _warn(self, reason: Exception) -> None:
        """The commits go on. If it is the disk, the next one says so; until then the log grows."""
        import structlog  # a tenth of a second, which commands on a file need not wait for

        structlog.get_logger().warning("the write-ahead log was not written back", file=str(self._path), reason=str(reason))


def _pass(connection: sqlite3.Connection) -> None:
    """Copy what no reader needs from the log, and wait for nobody. That another process is just doing it is no error."""
    connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
