"""One SQLite connection in one thread of its own. Refuses calls beyond CALLS_MAX_WAITING and names every fault of SQLite.

Everything that is kept in one file goes through one lane: the ledger, the people, the tokens. Other processes have lanes of their own.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from stat import S_ISREG
from threading import Thread
from typing import Any, TypeVar
from weakref import finalize

from contest_server.core.saying import Said
from contest_server.ledger.limits import CALLS_MAX_WAITING
from contest_server.ledger.migrating import upgrade_connection
from contest_server.ledger.port import LedgerFault
from contest_server.ledger.pragmas import BUSY_TIMEOUT_MS, check_still_there, make_durable
from contest_server.ledger.sqlite_faults import naming_faults
from contest_server.ledger.write_back import ROWS_BETWEEN, WriteBack

Result = TypeVar("Result")
Work = Callable[[sqlite3.Connection], Result]
_Call = Callable[[], None]


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
    """Opens the file, and brings it to this version's tables (unless what is of an `older_stays`), before the constructor returns.

    Raises:
        LedgerFault: the file is missing (and `create` is false), not ours, of a newer version, or cannot be opened.
    """

    def __init__(
        self,
        path: Path,
        *,
        create: bool = True,
        older_stays: bool = False,
        busy_timeout_ms: int = BUSY_TIMEOUT_MS,
        rows_between: int = ROWS_BETWEEN,
    ) -> None:
        self.path = path.absolute()
        self._connection = self._open(create, older_stays, busy_timeout_ms)
        self._closed = False
        self._calls: SimpleQueue[_Call | None] = SimpleQueue()
        self._write_back = WriteBack(self._connection, self.path, self._inode, self._calls.put, rows_between)
        self._thread = Thread(target=_serve, args=(self._calls,), name="ledger", daemon=True)
        self._thread.start()
        self._end = finalize(self, _end, self._calls, self._connection)

    async def run(self, work: Work[Result]) -> Result:
        """Run `work` in the thread, after all that was asked before. If the caller is cancelled, it may run all the same."""
        if self._closed:
            raise LedgerFault(Said("{place} is closed", place=self.path))
        if self._calls.qsize() >= CALLS_MAX_WAITING:
            raise LedgerBusy(Said("{count} calls are waiting for {place}", count=CALLS_MAX_WAITING, place=self.path))
        return await self._ask(lambda: self._work(work))

    async def run_alone(self, work: Work[Result]) -> Result:
        """As `run`, while this process does not write the log back: for whoever would empty it."""
        return await self.run(lambda connection: self._alone(work, connection))

    async def close(self) -> None:
        """Wait for what was asked before, then close the file. May be called again."""
        if self._closed:
            return
        self._closed = True
        await self._ask(self._shut)
        self._end()
        self._thread.join()

    def _ask(self, work: Callable[[], Result]) -> asyncio.Future[Result]:
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Result] = loop.create_future()
        self._calls.put(partial(_do, work, answer, loop))
        return answer

    def _open(self, create: bool, older_stays: bool, busy_timeout_ms: int) -> sqlite3.Connection:
        with naming_faults(self.path):
            self._touch(create)
            connection = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False, timeout=busy_timeout_ms / 1_000)
            try:
                self.upgraded_from = upgrade_connection(connection, self.path, older_stays=older_stays)
                make_durable(connection, self.path, busy_timeout_ms)
            except BaseException:
                connection.close()
                raise
            self._inode = self.path.stat().st_ino
            return connection

    def _touch(self, create: bool) -> None:
        """Let a new file be readable by its owner only: it will hold names and the hashes of tokens. A device is none, and left alone."""
        try:
            opened = os.open(self.path, os.O_RDWR | (os.O_CREAT if create else 0), 0o600)
            is_file = S_ISREG(os.fstat(opened).st_mode)
            os.close(opened)
        except OSError as error:
            about: dict[str, Any] = {"path": self.path, "fault": error.strerror}
            raise LedgerFault(Said("{path}: {fault}. Is the path right, and may this user write there?", **about)) from error
        if not is_file:
            raise LedgerFault(Said("{path} is no plain file. Is the path right?", path=self.path))

    def _work(self, work: Work[Result]) -> Result:
        with naming_faults(self.path):
            check_still_there(self.path, self._inode)
            result = work(self._connection)
        self._write_back.look()
        return result

    def _alone(self, work: Work[Result], connection: sqlite3.Connection) -> Result:
        self._write_back.wait()
        return work(connection)

    def _shut(self) -> None:
        self._write_back.close()
        self._connection.close()


def _end(calls: SimpleQueue[_Call | None], connection: sqlite3.Connection) -> None:
    calls.put(connection.close)
    calls.put(None)


def _serve(calls: SimpleQueue[_Call | None]) -> None:
    """What is asked, one call after the other, until None ends it. Knows no lane, so that one which nobody closed can go."""
    while (call := calls.get()) is not None:
        call()
        del call  # and with it what it came to, while nobody asks


def _do(work: Callable[[], Any], answer: asyncio.Future[Any], loop: asyncio.AbstractEventLoop) -> None:
    try:
        told = partial(_tell, answer, work())
    except BaseException as error:  # noqa: BLE001 - for the one who asked
        told = partial(_tell, answer, None, error)
    with suppress(RuntimeError):  # the loop in which somebody asked has been closed
        loop.call_soon_threadsafe(told)


def _tell(answer: asyncio.Future[Any], result: Any, error: BaseException | None = None) -> None:
    if answer.done():  # cancelled
        return
    if error is None:
        answer.set_result(result)
    else:
        answer.set_exception(error)
