"""The ledger in PostgreSQL: any number of servers write, each append is one transaction, and whoever wrote wakes the others.

A server remembers the end of the ledger. While nobody else writes, an append is one statement, which moves the head and stores the entries
only if the end is still the remembered one. Otherwise the head is locked, read, and the append made from there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, NoReturn, TypeAlias

import asyncpg
import structlog

from contest_server.core.facts import ContestId, Draft, Entry
from contest_server.core.saying import Said
from contest_server.ledger.chain import HASH_BYTES, Sealed, Stored, entries, genesis, seal
from contest_server.ledger.codec import Number, Written
from contest_server.ledger.ear import Ear
from contest_server.ledger.epoch import new_epoch
from contest_server.ledger.limits import READ_MAX_BYTES, check_contest, check_read
from contest_server.ledger.migrating import REVISIONS, WrongFile, known_revision
from contest_server.ledger.port import ANY_POSITION, READ_MAX_ENTRIES, Head, HeadMoved, LedgerDamaged, LedgerFault, Wake, ends_elsewhere
from contest_server.ledger.postgres_link import Link, connect, named, transport_of
from contest_server.ledger.sealed import Foreign, check_following, opened, opened_lines, page, seals_of, without_known, written

log = structlog.get_logger()

CHANNEL = "contest_ledger"
LISTEN_AGAIN_AFTER_S = 1.0
LISTENING_CHECKED_EVERY_S = 5.0
_ADVICE = Said("Stop the servers, run `contest-server verify` on the database, then restore a backup.")

_HEAD = "SELECT epoch, position, hash FROM contests WHERE contest = $1"
_LOCKED_HEAD = f"{_HEAD} FOR UPDATE"
_BEGIN = "INSERT INTO contests (contest, epoch, position, hash) VALUES ($1, $2, 0, $3) ON CONFLICT (contest) DO NOTHING"
_LAST_ENTRY = "SELECT position, hash FROM ledger WHERE contest = $1 ORDER BY position DESC LIMIT 1"
_SEPARATOR = chr(30)
_STORE = f"""
    WITH moved AS (
        UPDATE contests SET position = $2, hash = $3 WHERE contest = $1 AND position = $4 AND hash = $5 RETURNING position
    ), stored AS (
        INSERT INTO ledger (contest, position, source, seq, body, hash)
        SELECT $1, $4 + n, source, seq, body, substr($9::bytea, (n::int - 1) * {HASH_BYTES} + 1, {HASH_BYTES})
        FROM moved, unnest(
            string_to_array($6, chr(30), ''), string_to_array($7, chr(30), '')::bigint[], string_to_array($8, chr(30))
        ) WITH ORDINALITY AS entry (source, seq, body, n)
    )
    SELECT pg_notify('{CHANNEL}', position || ' ' || $1) FROM moved"""  # nosec B608  # noqa: S608 - a constant
_KNOWN = """SELECT source, seq FROM ledger WHERE contest = $1
    AND (source, seq) IN (SELECT number.source, number.seq FROM unnest($2::text[], $3::bigint[]) AS number (source, seq))"""


def _page_of(columns: str) -> str:
    """Entries after $2, at most $3, of which those before the last have less than $4 bytes."""
    return f"""(
        SELECT {columns}, sum(octet_length(body)) OVER (ORDER BY position ROWS UNBOUNDED PRECEDING) - octet_length(body) AS before
        FROM (SELECT {columns} FROM ledger WHERE contest = $1 AND position > $2 ORDER BY position LIMIT $3) AS entry
    ) AS counted WHERE before < $4"""  # nosec B608  # noqa: S608 - constants


_COLUMNS = "position, body, hash, source, seq"
_READ = f"SELECT {_COLUMNS} FROM {_page_of(_COLUMNS)} ORDER BY position"  # nosec B608  # noqa: S608 - a constant
_READ_LINES = f"""
    SELECT head.position, head.hash, page.* FROM contests AS head, (
        SELECT count(*) AS many, max(position) AS last, convert_to(string_agg(body, E'\\n' ORDER BY position), 'UTF8') AS lines
        FROM {_page_of("position, body")}
    ) AS page WHERE head.contest = $1"""  # nosec B608  # noqa: S608 - a constant
"""The bodies alone, one a line, with the head at that moment: one row costs much less than many."""
_PROBE = "SELECT current_setting('transaction_read_only') AS read_only, (SELECT version_num FROM alembic_version) AS revision"
_CONTESTS = 'SELECT contest FROM contests ORDER BY contest COLLATE "C"'

Connection: TypeAlias = "asyncpg.Connection[Any]"
End = tuple[int, bytes]
"""Position and hash of the last entry."""


class PostgresLedger:
    """See the port. `link` may be shared with others; closing the ledger closes it."""

    def __init__(self, link: Link, *, epochs: Callable[[], str] = new_epoch) -> None:
        self._link = link
        self._epochs = epochs
        self._ends: dict[ContestId, End] = {}

    async def open(self, contest: ContestId) -> Head:
        check_contest(contest)
        epoch = self._epochs()
        async with self._link.connection() as connection, connection.transaction():
            head = await _begun(connection, contest, epoch)
            await _hold_against_entries(connection, contest, head)
        return head

    async def append(self, contest: ContestId, drafts: Sequence[Draft], expected: int | None = None) -> list[Entry]:
        check_contest(contest)
        new = without_known(written(drafts), set())
        async with self._link.connection() as connection:
            try:
                done = await self._append_here(connection, contest, new, expected)
            except asyncpg.UniqueViolationError:
                done = None  # some of these are stored already
            return done if done is not None else await self._append_locked(connection, contest, new, expected)

    async def read(self, contest: ContestId, after: int, limit: int = READ_MAX_ENTRIES) -> list[Entry]:
        check_read(after, limit)
        async with self._link.connection() as connection:
            row = await connection.fetchrow(_READ_LINES, contest, after, limit, READ_MAX_BYTES) or _unknown(contest)
        self._saw_end(contest, row["position"], row["hash"])
        many = row["many"]
        if not many and row["position"] <= after:
            return []
        found = opened_lines(row["lines"], after, many) if many and row["last"] == after + many else None
        return opened(await self.stored(contest, after, limit)) if found is None else found

    async def sealed(self, contest: ContestId, after: int, limit: int = READ_MAX_ENTRIES) -> list[Sealed]:
        return seals_of(await self.stored(contest, after, limit))

    async def stored(self, contest: ContestId, after: int, limit: int = READ_MAX_ENTRIES) -> list[Stored]:
        check_read(after, limit)
        async with self._link.connection() as connection:
            found = await _read(connection, contest, after, limit)
            if not found and _head(await connection.fetchrow(_HEAD, contest) or _unknown(contest)).position > after:
                found = await _read(connection, contest, after, limit)
                if not found:
                    missing = Said(
                        "the entries of {contest} after {after} are missing. {advice}", contest=contest, after=after, advice=_ADVICE
                    )
                    raise LedgerDamaged(missing)
        if found:
            self._saw_end(contest, found[-1].position, found[-1].hash)
        return found

    async def plant(self, contest: ContestId, epoch: str, entries: Sequence[Stored]) -> Head:
        check_contest(contest)
        async with self._link.connection() as connection, connection.transaction():
            head = await _begun(connection, contest, epoch)
            check_following(head, epoch, entries)
            if entries:
                await self._move(connection, contest, (head.position, bytes.fromhex(head.hash)), entries)
        return head if not entries else Head(epoch, entries[-1].position, entries[-1].hash.hex())

    async def head(self, contest: ContestId) -> Head:
        async with self._link.connection() as connection:
            row = await connection.fetchrow(_HEAD, contest)
        return _head(row or _unknown(contest))

    async def contests(self) -> list[ContestId]:
        async with self._link.connection() as connection:
            return [ContestId(row["contest"]) for row in await connection.fetch(_CONTESTS)]

    async def listen(self, wake: Wake) -> None:
        """Runs until it is cancelled. After each connection all are woken, for what was written while nobody listened."""
        while True:
            connection: Connection | None = None
            ear: Ear | None = None
            try:
                connection = await connect(self._link.url)
                ear = Ear(wake, transport_of(connection))
                await connection.add_listener(CHANNEL, ear.hear)
                wake(None, ANY_POSITION)
                while True:
                    await asyncio.sleep(LISTENING_CHECKED_EVERY_S)
                    await connection.fetchval("SELECT 1")
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.warning("not woken by the database, looking at intervals", reason=str(named(error, self._link.place)))
                await asyncio.sleep(LISTEN_AGAIN_AFTER_S)
            finally:
                if ear is not None:
                    ear.close()
                if connection is not None:
                    connection.terminate()

    async def probe(self) -> None:
        async with self._link.connection() as connection:
            row = await connection.fetchrow(_PROBE)
        assert row is not None
        if row["read_only"] == "on":
            place = self._link.place
            raise LedgerFault(
                Said("{place} is read-only: a standby, or default_transaction_read_only is on. Name the primary.", place=place)
            )
        if known_revision(row["revision"], self._link.place) != REVISIONS[-1]:
            tables = {"place": self._link.place, "tables": row["revision"], "needed": REVISIONS[-1]}
            raise WrongFile(Said("{place} has the tables {tables}, this version needs {needed}. Restart the server.", **tables))

    async def close(self) -> None:
        await self._link.close()

    def _saw_end(self, contest: ContestId, position: int, hash_: bytes) -> None:
        if position > self._ends.get(contest, (0, b""))[0]:
            self._ends[contest] = position, hash_

    async def _append_here(
        self, connection: Connection, contest: ContestId, new: list[Written], expected: int | None
    ) -> list[Entry] | None:
        """In one statement, from the remembered end. None where that is not the end, or is not known."""
        end = self._ends.get(contest)
        if end is None or not new or expected not in (None, end[0]):
            return None
        return await self._store(connection, contest, end, new)

    async def _append_locked(self, connection: Connection, contest: ContestId, new: list[Written], expected: int | None) -> list[Entry]:
        async with connection.transaction():
            row = await connection.fetchrow(_LOCKED_HEAD, contest)
            head = _head(row or _unknown(contest))
            if expected is not None and head.position != expected:
                raise HeadMoved(contest)
            end = head.position, bytes.fromhex(head.hash)
            fresh = without_known(new, await _known(connection, contest, new))
            done = await self._store(connection, contest, end, fresh) if fresh else []
        assert done is not None, "the head is locked"
        return done

    async def _store(self, connection: Connection, contest: ContestId, end: End, fresh: list[Written]) -> list[Entry] | None:
        position, hash_ = end
        rows = seal(hash_, position, fresh)
        return entries(position, fresh) if await self._move(connection, contest, end, rows) else None

    async def _move(self, connection: Connection, contest: ContestId, end: End, rows: Sequence[Stored]) -> bool:
        """Store these, if the ledger ends there."""
        last = rows[-1].position, rows[-1].hash
        moved = await connection.fetch(_STORE, contest, *last, *end, *_columns(rows))
        if not moved:
            self._ends.pop(contest, None)
            return False
        self._ends[contest] = last
        return True


def _columns(rows: Sequence[Stored]) -> tuple[str, str, str, bytes]:
    """Sources, their numbers, bodies and hashes, each as one value: the driver takes a microsecond for each element of an array.

    Raises Foreign where an entry of another ledger is empty or holds the separator, which is in no name and in no JSON.
    """
    sources = _SEPARATOR.join([each.source or "" for each in rows])
    numbers = _SEPARATOR.join(["" if each.seq is None else str(each.seq) for each in rows])
    bodies = _SEPARATOR.encode().join([each.body for each in rows]).decode()
    if (sources + bodies).count(_SEPARATOR) != 2 * (len(rows) - 1) or not all(each.body for each in rows):
        before = rows[0].position - 1
        raise Foreign(Said("an entry after {before} is empty or holds a control character: it is no fact", before=before))
    return sources, numbers, bodies, b"".join([each.hash for each in rows])


def _head(row: Any) -> Head:
    return Head(row["epoch"], row["position"], row["hash"].hex())


def _unknown(contest: ContestId) -> NoReturn:
    raise KeyError(contest)


async def _begun(connection: Connection, contest: ContestId, epoch: str) -> Head:
    """The locked head of this contest, which begins to exist with this epoch if it did not."""
    await connection.execute(_BEGIN, contest, epoch, genesis(contest, epoch))
    return _head(await connection.fetchrow(_LOCKED_HEAD, contest) or _unknown(contest))


async def _hold_against_entries(connection: Connection, contest: ContestId, head: Head) -> None:
    """Raises LedgerDamaged if the last entry is not the one that the head names. The rest of the chain is for `verify`."""
    row = await connection.fetchrow(_LAST_ENTRY, contest)
    position, hash_ = (0, genesis(contest, head.epoch)) if row is None else (row["position"], row["hash"])
    if (position, hash_.hex()) != (head.position, head.hash):
        raise LedgerDamaged(ends_elsewhere(contest, head.position, position, _ADVICE))


async def _known(connection: Connection, contest: ContestId, new: Sequence[Written]) -> set[Number]:
    """The numbers of these drafts that are stored."""
    numbers = [draft.number for draft in new if draft.number is not None]
    if not numbers:
        return set()
    rows = await connection.fetch(_KNOWN, contest, [source for source, _ in numbers], [seq for _, seq in numbers])
    return {(row["source"], row["seq"]) for row in rows}


async def _read(connection: Connection, contest: ContestId, after: int, limit: int) -> list[Stored]:
    rows = await connection.fetch(_READ, contest, after, limit, READ_MAX_BYTES)
    return page((Stored(row["position"], row["body"].encode(), row["hash"], row["source"], row["seq"]) for row in rows), after)
