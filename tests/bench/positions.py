"""Gapless positions and a plain sequence, one writer, the same facts: what does it cost that no position is ever missing?

Both sides encode, hash and store the same drafts in batches of 200 with the same columns, keys and durability; the other side lets the
database number the rows and moves no head.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import ExitStack
from itertools import chain

import asyncpg

from contest_server.core.facts import ContestantId, ContestId, Draft, Entry, Event, SourceId, StageId, VenueId
from contest_server.ledger.chain import seal
from contest_server.ledger.lane import Lane, writing
from contest_server.ledger.port import Ledger
from contest_server.ledger.sealed import written
from contest_server.ledger.sqlite import ROWS_A_STATEMENT, SqliteLedger, slices
from contest_server.ledger.urls import open_ledger
from tests.bench.machine import cpu_us, family
from tests.bench.product import CONTEST
from tests.bench.rounds import Options, Progress, race
from tests.bench.rows import NotDelivered, Readings, Row, Target, row_of
from tests.postgres import Cluster, NoPostgres, new_database

SECONDS = 36
BATCHES, BATCHES_QUICK, BATCH = 60, 10, 200
SEQUENCE = "a plain sequence"
Append = Callable[[Sequence[Draft]], Awaitable[object]]

_TWIN_SQLITE = """CREATE TABLE twin (position INTEGER PRIMARY KEY AUTOINCREMENT, contest TEXT NOT NULL, source TEXT, seq INTEGER,
    body TEXT NOT NULL, hash BLOB NOT NULL, UNIQUE (contest, source, seq))"""
_STORE_SQLITE = {
    rows: f"""INSERT OR ROLLBACK INTO twin (contest, source, seq, body, hash)
    VALUES {", ".join(["(?1, ?, ?, ?, ?)"] * rows)}"""  # nosec B608 - constants
    for rows in ROWS_A_STATEMENT
}
_TWIN_POSTGRES = """CREATE TABLE twin (contest text NOT NULL, position bigserial, source text, seq bigint, body text NOT NULL,
    hash bytea NOT NULL, PRIMARY KEY (contest, position), UNIQUE (contest, source, seq))"""
_STORE_POSTGRES = """INSERT INTO twin (contest, source, seq, body, hash)
    SELECT $1, unnest($2::text[]), unnest($3::bigint[]), unnest($4::text[]), unnest($5::bytea[])"""


def drafts_of(first: int, many: int) -> list[Draft]:
    """Facts of one venue, numbered from `first`."""
    source = SourceId("v0/bench")
    return [
        Draft(
            1_763_801_000_000_000 + seq,
            "v0",
            Event(source, seq, VenueId("v0"), "clear", seq, ContestantId("c0"), StageId("s0")),
            source,
            seq,
        )
        for seq in range(first, first + many)
    ]


def sealed_rows(drafts: Sequence[Draft]) -> Iterator[tuple[str | None, int | None, str, bytes]]:
    """What both sides have to reckon: the canonical bytes, and a chain of hashes."""
    return ((each.source, each.seq, each.body.decode(), each.hash) for each in seal(b"\0" * 32, 0, written(drafts)))


class Writer:
    """One writer, whose rounds go on where the last one ended."""

    def __init__(self, loop: asyncio.AbstractEventLoop, append: Append, pids: Callable[[], Sequence[int]], batches: int) -> None:
        self._loop, self._append, self._pids, self._batches, self.sent = loop, append, pids, batches, 0

    def round(self) -> Readings:
        batches = [drafts_of(self.sent + 1 + number * BATCH, BATCH) for number in range(self._batches)]
        self.sent += self._batches * BATCH
        used_us, began_s = cpu_us(self._pids()), time.monotonic()
        self._loop.run_until_complete(self._all(batches))
        took_s = time.monotonic() - began_s
        return {"cpu_us": (cpu_us(self._pids()) - used_us) / (self._batches * BATCH), "per_s": self._batches * BATCH / took_s}

    async def _all(self, batches: Sequence[Sequence[Draft]]) -> None:
        for each in batches:
            await self._append(each)


def rows(options: Options, progress: Progress) -> Iterator[Row]:
    with ExitStack() as stack:
        loop = stack.enter_context(asyncio.Runner()).get_loop()
        yield _on_sqlite(loop, options, progress)
        try:
            cluster = Cluster(durable=True)
        except NoPostgres as missing:
            progress.skip("positions on PostgreSQL", str(missing))
            return
        stack.callback(cluster.close)
        cluster.start()
        yield _on_postgres(loop, cluster, options, progress)


def _on_sqlite(loop: asyncio.AbstractEventLoop, options: Options, progress: Progress) -> Row:
    ledger = SqliteLedger(Lane(options.scratch / "positions.db"))
    twin = Lane(options.scratch / "twin.db")
    loop.run_until_complete(twin.run(lambda connection: connection.execute(_TWIN_SQLITE)))

    async def to_twin(drafts: Sequence[Draft]) -> None:
        def store(connection: sqlite3.Connection) -> None:
            with writing(connection):
                for some in slices(list(sealed_rows(drafts))):
                    connection.execute(_STORE_SQLITE[len(some)], [CONTEST, *chain.from_iterable(some)])

        await twin.run(store)

    row = _raced(loop, "SQLite", ledger, to_twin, lambda: [os.getpid()], options, progress)
    loop.run_until_complete(twin.close())
    return row


def _on_postgres(loop: asyncio.AbstractEventLoop, cluster: Cluster, options: Options, progress: Progress) -> Row:
    ledger = open_ledger(new_database(cluster.url()))
    connection = loop.run_until_complete(asyncpg.connect(new_database(cluster.url())))
    loop.run_until_complete(connection.execute(_TWIN_POSTGRES))

    async def to_twin(drafts: Sequence[Draft]) -> None:
        await connection.execute(_STORE_POSTGRES, CONTEST, *map(list, zip(*sealed_rows(drafts), strict=True)))

    row = _raced(loop, "PostgreSQL", ledger, to_twin, lambda: [os.getpid(), *family(cluster.pid)], options, progress)
    loop.run_until_complete(connection.close())
    return row


def _raced(
    loop: asyncio.AbstractEventLoop,
    store: str,
    ledger: Ledger,
    to_twin: Append,
    pids: Callable[[], Sequence[int]],
    options: Options,
    progress: Progress,
) -> Row:
    contest, batches = ContestId(CONTEST), options.sized(BATCHES, BATCHES_QUICK)
    loop.run_until_complete(ledger.open(contest))
    gapless = Writer(loop, lambda drafts: ledger.append(contest, drafts), pids, batches)
    plain = Writer(loop, to_twin, pids, batches)
    runs = race(f"positions in {store}", {"ours": gapless.round, SEQUENCE: plain.round}, options, progress, options.rounds_cheap)
    found = loop.run_until_complete(_all_of(ledger, contest))
    if [entry.position for entry in found] != list(range(1, gapless.sent + 1)):
        raise NotDelivered(f"{len(found)} entries in the ledger of {gapless.sent}, or a gap")
    loop.run_until_complete(ledger.close())
    return row_of(
        runs,
        f"gapless positions in {store}, one writer: facts per second",
        "per_s",
        "facts/s",
        bare=SEQUENCE,
        target=Target("≥", 0.85),
        checked="positions from 1 without a gap, each fact stored",
        noted={f"CPU µs a fact, {name}": runs[name][-1]["cpu_us"] for name in runs},
    )


async def _all_of(ledger: Ledger, contest: ContestId) -> list[Entry]:
    found: list[Entry] = []
    while more := await ledger.read(contest, found[-1].position if found else 0):
        found += more
    return found
