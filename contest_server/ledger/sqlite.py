"""The ledger in a SQLite file: one transaction an append, several processes may write. Refuses a file that contradicts itself."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from itertools import starmap
from pathlib import Path
from typing import Any, TypeVar

from contest_server.core.facts import ContestId, Draft, Entry
from contest_server.core.saying import Said
from contest_server.ledger.chain import Sealed, Stored, entries, genesis, seal
from contest_server.ledger.codec import Number, Written
from contest_server.ledger.epoch import new_epoch
from contest_server.ledger.lane import Lane, writing
from contest_server.ledger.limits import check_contest, check_read
from contest_server.ledger.migrating import REVISIONS, WrongFile, revision_of
from contest_server.ledger.port import READ_MAX_ENTRIES, Head, HeadMoved, LedgerDamaged, LedgerFault, Wake, ends_elsewhere
from contest_server.ledger.sealed import check_following, opened, page, seals_of, without_known, written

Row = TypeVar("Row")

_HEAD = "SELECT epoch, position, hash FROM contests WHERE contest = ?"
_BEGIN = "INSERT INTO contests (contest, epoch, position, hash) VALUES (?, ?, 0, ?)"
_MOVE = "UPDATE contests SET position = ?, hash = ? WHERE contest = ?"
ROWS_A_STATEMENT = (128, 32, 8, 2, 1)
"""What a statement costs beside its rows is as much as a third of a row."""
_STORE = {
    rows: f"""INSERT OR ROLLBACK INTO ledger (contest, position, source, seq, body, hash)
    VALUES {", ".join(["(?, ?, ?, ?, ?, ?)"] * rows)}"""  # nosec B608  # noqa: S608 - constants
    for rows in ROWS_A_STATEMENT
}
"""Each ends the transaction if it fails: one that left it alone would have to copy every page before it changes it."""
_HAS_SEQ = "SELECT 1 FROM ledger WHERE contest = ? AND source = ? AND seq = ?"
_LAST_ENTRY = "SELECT position, hash FROM ledger WHERE contest = ? ORDER BY position DESC LIMIT 1"
# As bytes, because bytes are what is hashed; and damaged UTF-8 shall be reported by us with its position.
_READ = "SELECT position, CAST(body AS BLOB), hash, source, seq FROM ledger WHERE contest = ? AND position > ? ORDER BY position LIMIT ?"
_READ_BODIES = "SELECT position, CAST(body AS BLOB), x'' FROM ledger WHERE contest = ? AND position > ? ORDER BY position LIMIT ?"
"""The same for who wants the facts alone: half the time."""
_CONTESTS = "SELECT contest FROM contests ORDER BY contest"

FREE_MIN_BYTES = 16_777_216
"""Less room on the disk than this, and the ledger says that it is not ready, while it still is."""
PROBE_WAITS_MS = 1_500
"""Who asks whether it can be written to does not hold up who reads for as long as a writer may wait."""
_ADVICE = Said("Stop the server, run `contest-server verify` on the file, then restore a backup.")


class SqliteLedger:
    """See the port. Everything, encoding and hashing too, happens in the thread of the lane."""

    def __init__(self, lane: Lane, *, epochs: Callable[[], str] = new_epoch) -> None:
        self._lane = lane
        self._epochs = epochs

    async def open(self, contest: ContestId) -> Head:
        check_contest(contest)
        return await self._lane.run(lambda connection: _open(connection, contest, self._epochs))

    async def append(self, contest: ContestId, drafts: Sequence[Draft], expected: int | None = None) -> list[Entry]:
        check_contest(contest)
        return await self._lane.run(lambda connection: _append(connection, contest, drafts, expected))

    async def read(self, contest: ContestId, after: int, limit: int = READ_MAX_ENTRIES) -> list[Entry]:
        check_read(after, limit)
        return await self._lane.run(lambda connection: opened(_read(connection, contest, after, limit, _READ_BODIES)))

    async def sealed(self, contest: ContestId, after: int, limit: int = READ_MAX_ENTRIES) -> list[Sealed]:
        return seals_of(await self.stored(contest, after, limit))

    async def stored(self, contest: ContestId, after: int, limit: int = READ_MAX_ENTRIES) -> list[Stored]:
        check_read(after, limit)
        return await self._lane.run(lambda connection: _read(connection, contest, after, limit))

    async def plant(self, contest: ContestId, epoch: str, entries: Sequence[Stored]) -> Head:
        check_contest(contest)
        return await self._lane.run(lambda connection: _plant(connection, contest, epoch, entries))

    async def head(self, contest: ContestId) -> Head:
        return await self._lane.run(lambda connection: _head(connection, contest))

    async def contests(self) -> list[ContestId]:
        return await self._lane.run(lambda connection: [ContestId(name) for (name,) in connection.execute(_CONTESTS)])

    async def listen(self, wake: Wake) -> None:  # noqa: ARG002 - nothing here tells
        await asyncio.Event().wait()

    async def probe(self) -> None:
        await self._lane.run(lambda connection: _probe(connection, self._lane.path))

    async def close(self) -> None:
        """Closes the lane, and so the file for all who use it."""
        await self._lane.close()


def _probe(connection: sqlite3.Connection, path: Path) -> None:
    """Takes the lock that a writer takes, and gives it back. Raises LedgerFault."""
    free_bytes = shutil.disk_usage(path.parent).free
    if free_bytes < FREE_MIN_BYTES:
        free: dict[str, Any] = {"path": path, "free": free_bytes >> 20}
        raise LedgerFault(Said("{path}: only {free} MiB are free on its disk. Free some space before the ledger has to stop.", **free))
    (waits_ms,) = connection.execute("PRAGMA busy_timeout").fetchone()
    connection.execute(f"PRAGMA busy_timeout = {min(waits_ms, PROBE_WAITS_MS)}")
    try:
        with writing(connection):
            revision = revision_of(connection, path)
    finally:
        connection.execute(f"PRAGMA busy_timeout = {waits_ms}")
    if revision != REVISIONS[-1]:
        tables: dict[str, Any] = {"place": path, "tables": revision, "needed": REVISIONS[-1]}
        raise WrongFile(
            Said("{place} has the tables {tables}, this version needs {needed}. Restart the server: it upgrades them.", **tables)
        )


def _open(connection: sqlite3.Connection, contest: ContestId, epochs: Callable[[], str]) -> Head:
    with writing(connection):
        head = _begun(connection, contest, epochs)
        _hold_against_entries(connection, contest, head)
    return head


def _begun(connection: sqlite3.Connection, contest: ContestId, epochs: Callable[[], str]) -> Head:
    """The head of this contest, which begins to exist if it did not."""
    if connection.execute(_HEAD, (contest,)).fetchone() is None:
        epoch = epochs()
        connection.execute(_BEGIN, (contest, epoch, genesis(contest, epoch)))
    return _head(connection, contest)


def _plant(connection: sqlite3.Connection, contest: ContestId, epoch: str, entries: Sequence[Stored]) -> Head:
    with writing(connection):
        check_following(_begun(connection, contest, lambda: epoch), epoch, entries)
        if entries:
            _store(connection, contest, entries)
        return _head(connection, contest)


def _head(connection: sqlite3.Connection, contest: ContestId) -> Head:
    row = connection.execute(_HEAD, (contest,)).fetchone()
    if row is None:
        raise KeyError(contest)
    epoch, position, hash_ = row
    return Head(epoch, position, hash_.hex())


def _hold_against_entries(connection: sqlite3.Connection, contest: ContestId, head: Head) -> None:
    """Raises LedgerDamaged if the last entry is not the one that the head names. The rest of the chain is for `verify`."""
    position, hash_ = connection.execute(_LAST_ENTRY, (contest,)).fetchone() or (0, genesis(contest, head.epoch))
    if (position, hash_.hex()) != (head.position, head.hash):
        raise LedgerDamaged(ends_elsewhere(contest, head.position, position, _ADVICE))


def _append(connection: sqlite3.Connection, contest: ContestId, drafts: Sequence[Draft], expected: int | None) -> list[Entry]:
    new = without_known(written(drafts), set())  # before the transaction: other writers wait as short as can be
    try:
        with writing(connection):
            return _go_on(connection, contest, new, expected)
    except sqlite3.IntegrityError:  # some of these are stored already, which is rare: the table says so by itself
        with writing(connection):
            return _go_on(connection, contest, without_known(new, _known(connection, contest, new)), expected)


def _go_on(connection: sqlite3.Connection, contest: ContestId, new: Sequence[Written], expected: int | None) -> list[Entry]:
    """Store all of these after the end, or raise IntegrityError where one of their numbers is stored."""
    head = _head(connection, contest)
    if expected is not None and head.position != expected:
        raise HeadMoved(contest)
    if new:
        _store(connection, contest, seal(bytes.fromhex(head.hash), head.position, new))
    return entries(head.position, new)


def _store(connection: sqlite3.Connection, contest: ContestId, rows: Sequence[Stored]) -> None:
    for some in slices(rows):
        values: list[object] = []
        for each in some:
            values += (contest, each.position, each.source, each.seq, each.body.decode(), each.hash)
        connection.execute(_STORE[len(some)], values)
    connection.execute(_MOVE, (rows[-1].position, rows[-1].hash, contest))


def slices(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    """All rows in order, in few pieces, each as long as there are statements for."""
    taken = 0
    for many in ROWS_A_STATEMENT:
        while len(rows) - taken >= many:
            yield rows[taken : taken + many]
            taken += many


def _known(connection: sqlite3.Connection, contest: ContestId, drafts: Sequence[Written]) -> set[Number]:
    """The numbers of these drafts that are stored."""
    numbers = [draft.number for draft in drafts if draft.number is not None]
    return {number for number in numbers if connection.execute(_HAS_SEQ, (contest, *number)).fetchone()}


def _read(connection: sqlite3.Connection, contest: ContestId, after: int, limit: int, statement: str = _READ) -> list[Stored]:
    rows = connection.execute(statement, (contest, after, limit))
    found = page(starmap(Stored, rows), after)
    rows.close()  # else the read transaction of a page that was cut by bytes stays open
    if not found:
        head = _head(connection, contest)
        if head.position > after and not connection.execute(_READ, (contest, after, 1)).fetchone():
            raise LedgerDamaged(
                Said(
                    "the entries of {contest} after {after} are missing, there should be {position}. {advice}",
                    contest=contest,
                    after=after,
                    position=head.position,
                    advice=_ADVICE,
                )
            )
    return found
