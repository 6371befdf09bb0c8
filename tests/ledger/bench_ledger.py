"""What a durable event costs: the ledger beside a bare file and bare SQLite, measured in turns in one run. Prints ratios, decides nothing.

python -m tests.ledger.bench_ledger [FOLDER]        (a folder on the disk that matters)
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import asyncpg

from contest_server.core.facts import Draft
from contest_server.ledger.codec import write
from contest_server.ledger.lane import Lane
from contest_server.ledger.memory import MemoryLedger
from contest_server.ledger.port import Ledger
from contest_server.ledger.sqlite import SqliteLedger
from contest_server.ledger.urls import open_ledger
from tests.ledger.drafts import CONTEST, OTHER, event
from tests.postgres import Cluster, new_database

ROUNDS = 9
EVENTS_A_ROUND = 5_000
BATCH = 100

Round = Callable[[list[Draft]], float]


def batches(drafts: list[Draft]) -> list[list[Draft]]:
    return [drafts[first : first + BATCH] for first in range(0, len(drafts), BATCH)]


def bare_file(folder: Path) -> Round:
    file = os.open(folder / "bare", os.O_CREAT | os.O_WRONLY | os.O_APPEND)

    def one(drafts: list[Draft]) -> float:
        blocks = [b"\n".join(write(draft).body for draft in batch) for batch in batches(drafts)]
        begun = time.perf_counter()
        for block in blocks:
            os.write(file, block)
            os.fdatasync(file)
        return time.perf_counter() - begun

    return one


def bare_sqlite(folder: Path) -> Round:
    connection = sqlite3.connect(folder / "bare.db", isolation_level=None)
    for pragma in ("journal_mode = WAL", "synchronous = FULL"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("CREATE TABLE bare (source TEXT, seq INTEGER, body TEXT)")

    def one(drafts: list[Draft]) -> float:
        blocks = [[(draft.source, draft.seq, write(draft).body.decode()) for draft in batch] for batch in batches(drafts)]
        begun = time.perf_counter()
        for block in blocks:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany("INSERT INTO bare VALUES (?, ?, ?)", block)
            connection.execute("COMMIT")
        return time.perf_counter() - begun

    return one


def bare_postgres(url: str, runner: asyncio.Runner) -> Round:
    """COPY into one table without order: as fast as this database takes anything."""
    connection = runner.run(asyncpg.connect(url))
    runner.run(connection.execute("CREATE TABLE bare (source TEXT, seq BIGINT, body TEXT)"))

    async def copy(blocks: list[list[tuple[str, int, str]]]) -> None:
        for block in blocks:
            await connection.copy_records_to_table("bare", records=block)

    def one(drafts: list[Draft]) -> float:
        blocks = [[(str(draft.source), draft.seq or 0, write(draft).body.decode()) for draft in batch] for batch in batches(drafts)]
        begun = time.perf_counter()
        runner.run(copy(blocks))
        return time.perf_counter() - begun

    return one


def by_many(url: str, writers: int, runner: asyncio.Runner) -> Round:
    """Several servers write to one contest at once, each its share."""
    ledgers = [open_ledger(url) for _ in range(writers)]
    for ledger in ledgers:
        runner.run(ledger.open(OTHER))

    async def append(drafts: list[Draft]) -> None:
        parts = [[batch for number, batch in enumerate(batches(drafts)) if number % writers == me] for me in range(writers)]

        async def write_part(ledger: Ledger, part: list[list[Draft]]) -> None:
            for batch in part:
                await ledger.append(OTHER, batch)

        await asyncio.gather(*map(write_part, ledgers, parts))

    def one(drafts: list[Draft]) -> float:
        begun = time.perf_counter()
        runner.run(append(drafts))
        return time.perf_counter() - begun

    return one


def through(ledger: Ledger, runner: asyncio.Runner) -> Round:
    runner.run(ledger.open(CONTEST))

    async def append(drafts: list[Draft]) -> None:
        for batch in batches(drafts):
            await ledger.append(CONTEST, batch)

    def one(drafts: list[Draft]) -> float:
        begun = time.perf_counter()
        runner.run(append(drafts))
        return time.perf_counter() - begun

    return one


def main(folder: Path) -> None:
    cluster = Cluster(durable=True)
    cluster.start()
    with asyncio.Runner(loop_factory=_loop()) as runner, tempfile.TemporaryDirectory(dir=folder) as name:
        ledger = SqliteLedger(Lane(Path(name) / "contest.db"))
        url = new_database(cluster.url())
        rounds = {
            "file + fdatasync": bare_file(Path(name)),
            "bare SQLite, one table, WAL, FULL": bare_sqlite(Path(name)),
            "SqliteLedger.append": through(ledger, runner),
            "MemoryLedger.append (no disk)": through(MemoryLedger(), runner),
            "bare PostgreSQL, COPY, one table": bare_postgres(new_database(cluster.url()), runner),
            "PostgresLedger.append": through(open_ledger(url), runner),
            "PostgresLedger.append, 3 servers": by_many(url, 3, runner),
        }
        seconds: dict[str, list[float]] = {what: [] for what in rounds}
        for number in range(ROUNDS):
            first = number * EVENTS_A_ROUND // 5 + 1
            drafts = [event(first + n // 5, f"venue-{n % 5}/desk", {"insulation_mohm": "2.4", "tries": n}) for n in range(EVENTS_A_ROUND)]
            for what, one in rounds.items():
                seconds[what].append(one(drafts))
        runner.run(ledger.close())
    cluster.close()
    report(seconds)


def _loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


def report(seconds: dict[str, list[float]]) -> None:
    base = seconds["file + fdatasync"]
    print(f"durable events in batches of {BATCH}, median and best of {ROUNDS} rounds in turns")
    for what, taken in seconds.items():
        ratio = statistics.median(own / bare for own, bare in zip(taken, base, strict=True))
        median, best = (EVENTS_A_ROUND / one for one in (statistics.median(taken), min(taken)))
        print(f"  {what:36} {median:9,.0f} /s   best {best:9,.0f} /s   {ratio:5.1f} x the time of a bare file")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.gettempdir()))
