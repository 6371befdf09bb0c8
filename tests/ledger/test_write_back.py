"""The write-ahead log is written back beside the writer and begins anew. It stays bounded, nobody waits for it, and nothing rests on it."""

# ruff: noqa: ASYNC240 - a test that waits for the disk keeps nobody waiting

from __future__ import annotations

import asyncio
import gc
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from contest_server.ledger import pragmas, write_back
from contest_server.ledger.lane import Lane
from contest_server.ledger.port import LedgerFault
from contest_server.ledger.sqlite import SqliteLedger
from contest_server.ledger.tables import SqliteTables
from contest_server.ledger.verify_file import verify_file
from tests.ledger.drafts import CONTEST, event

NEVER = 2**62
OFTEN = 20
FRAME_BYTES = 4_120
"""A page in the log, with its head."""
PADDING = {"padding": "x" * 20_000}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "contest.db"


def log_of(path: Path) -> Path:
    return path.with_name(path.name + "-wal")


def times_begun(path: Path) -> int:
    """How often the log began anew, as its head says."""
    return int.from_bytes(log_of(path).read_bytes()[12:16])


def in_the_file_alone(path: Path) -> int:
    """The last position that the file holds without its log, of which nothing may be left to write back."""
    with closing(sqlite3.connect(f"file:{path}?immutable=1", uri=True)) as connection:
        return int(connection.execute("SELECT coalesce(max(position), 0) FROM ledger").fetchone()[0])


def pages_of_log(path: Path) -> int:
    """How many the log has ever had at once."""
    return log_of(path).stat().st_size // FRAME_BYTES


def at_each_pass(patched: pytest.MonkeyPatch, do: Callable[[], object]) -> None:
    """Have `do` called in the thread beside, before each copying of the log."""

    class Beside(sqlite3.Connection):
        def execute(self, statement: str, *values: Any) -> sqlite3.Cursor:
            if "wal_checkpoint" in statement:
                do()
            return super().execute(statement, *values)

    patched.setattr(write_back, "open_beside", lambda path, _: sqlite3.connect(path, factory=Beside, check_same_thread=False))


async def begun(lane: Lane) -> SqliteLedger:
    ledger = SqliteLedger(lane)
    await ledger.open(CONTEST)
    return ledger


async def settled(lane: Lane) -> None:
    """Return when what is under way is done, its end in the lane's thread too."""
    await lane.run_alone(lambda _: None)
    await lane.run(lambda _: None)


async def one_by_one(ledger: SqliteLedger, seqs: range, source: str = "yongjia/desk-1") -> None:
    for seq in seqs:
        await ledger.append(CONTEST, [event(seq, source, PADDING)])


async def test_no_commit_writes_the_log_back(path: Path) -> None:
    ledger = await begun(lane := Lane(path, rows_between=NEVER))
    await one_by_one(ledger, range(1, 251))
    assert pages_of_log(path) > 2_000, "more than SQLite would let a log have by itself, which is 1,000"
    assert in_the_file_alone(path) == 0
    await lane.close()
    assert in_the_file_alone(path) == 250


async def test_it_is_written_back_beside_the_writer_and_begins_anew(path: Path) -> None:
    ledger = await begun(lane := Lane(path, rows_between=OFTEN))
    before = times_begun(path)
    for first in range(1, 251, 25):
        await one_by_one(ledger, range(first, first + 25))
        await settled(lane)
        assert in_the_file_alone(path) > first
    assert times_begun(path) >= before + 9
    assert pages_of_log(path) < 1_000
    await lane.close()


async def test_nothing_is_begun_before_enough_was_written(path: Path) -> None:
    before = set(threading.enumerate())
    ledger = await begun(lane := Lane(path, rows_between=OFTEN))
    already = await lane.run(lambda connection: connection.total_changes)
    await one_by_one(ledger, range(1, (OFTEN - already) // 2))
    await ledger.read(CONTEST, 0)
    assert len(set(threading.enumerate()) - before) == 1
    await one_by_one(ledger, range(OFTEN // 2, OFTEN))
    assert len(set(threading.enumerate()) - before) == 2
    await lane.close()


async def test_a_log_that_nobody_writes_back_is_bounded_by_the_commits(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pragmas, "LOG_MAX_PAGES", 100)
    ledger = await begun(lane := Lane(path, rows_between=NEVER))
    await one_by_one(ledger, range(1, 51))
    assert pages_of_log(path) < 120
    assert in_the_file_alone(path) > 30
    await lane.close()


async def test_what_was_written_back_does_not_count_again(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    passes: list[None] = []
    at_each_pass(monkeypatch, lambda: passes.append(None))
    ledger = await begun(lane := Lane(path, rows_between=OFTEN))
    for seq in range(1, 101):
        await one_by_one(ledger, range(seq, seq + 1))
        await settled(lane)
    changed = await lane.run(lambda connection: connection.total_changes)
    assert len(passes) // write_back.PASSES == changed // OFTEN
    await lane.close()


async def test_closing_waits_for_it_and_leaves_neither_a_thread_nor_a_log(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before, go_on = set(threading.enumerate()), threading.Event()
    at_each_pass(monkeypatch, go_on.wait)
    ledger = await begun(lane := Lane(path, rows_between=OFTEN))
    await one_by_one(ledger, range(1, 51))
    closing_ = asyncio.ensure_future(lane.close())
    await asyncio.sleep(0)
    go_on.set()
    with capture_logs() as logged:
        await closing_
    assert not logged, "its end found nothing to do any more"
    assert set(threading.enumerate()) <= before
    assert [each.name for each in path.parent.iterdir()] == [path.name]
    assert in_the_file_alone(path) == 50


async def _written_and_dropped(path: Path) -> set[threading.Thread]:
    before = set(threading.enumerate())
    ledger = await begun(Lane(path, rows_between=1))
    await one_by_one(ledger, range(1, 11))
    return set(threading.enumerate()) - before


def test_the_threads_of_a_lane_that_nobody_closed_end(path: Path) -> None:
    threads = asyncio.run(_written_and_dropped(path))
    assert len(threads) == 2
    until = 300
    while any(thread.is_alive() for thread in threads) and (until := until - 1):
        gc.collect()  # what is under way holds on to its lane until it is done
        for thread in threads:
            thread.join(0.1)
    assert not any(thread.is_alive() for thread in threads)


async def test_two_lanes_on_one_file_write_it_back_in_turns(path: Path) -> None:
    lanes = [Lane(path, rows_between=OFTEN) for _ in range(2)]
    ledgers = [await begun(lane) for lane in lanes]
    with capture_logs() as logged:
        async with asyncio.TaskGroup() as group:
            for number, ledger in enumerate(ledgers):
                group.create_task(one_by_one(ledger, range(1, 101), f"desk-{number}"))
        for lane in lanes:
            await settled(lane)
    assert not logged
    assert pages_of_log(path) < 1_000
    assert verify_file(path, CONTEST).entries == 200
    for lane in lanes:
        await lane.close()
    assert not log_of(path).exists()


async def test_while_somebody_reads_what_he_reads_stays_and_the_writer_goes_on(path: Path) -> None:
    ledger = await begun(lane := Lane(path, rows_between=OFTEN))
    await one_by_one(ledger, range(1, 51))
    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        (seen,) = reader.execute("SELECT max(position) FROM ledger").fetchone()
        await one_by_one(ledger, range(51, 151))
        await settled(lane)
        assert reader.execute("SELECT max(position) FROM ledger").fetchone() == (seen,)
        assert pages_of_log(path) > 600, "it could not begin anew"
    await one_by_one(ledger, range(151, 201))
    await settled(lane)
    assert in_the_file_alone(path) > 150
    await lane.close()


def no_room() -> None:
    error = sqlite3.OperationalError("database or disk is full")
    error.sqlite_errorcode = sqlite3.SQLITE_FULL
    raise error


async def test_a_disk_without_room_is_logged_and_stops_nobody(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at_each_pass(monkeypatch, no_room)
    ledger = await begun(lane := Lane(path, rows_between=OFTEN))
    with capture_logs() as logged:
        for first in range(1, 101, 50):
            await one_by_one(ledger, range(first, first + 50))
            await settled(lane)
    assert len(logged) >= 2, "it is tried again"
    assert all("The disk is full" in each["reason"] and each["file"] == str(path) for each in logged)
    assert in_the_file_alone(path) == 0, "the writer did not do it instead"
    assert (await ledger.head(CONTEST)).position == 100
    await lane.close()
    assert verify_file(path, CONTEST).entries == 100


@pytest.mark.parametrize("deed", ["deleted", "replaced"])
async def test_no_other_file_is_touched_and_none_is_made(path: Path, deed: str) -> None:
    """The log beside it is not that file's own: written back into it, it would ruin it."""
    await (await begun(Lane(path))).close()
    backup = path.with_name("backup.db")
    backup.write_bytes(before := path.read_bytes())

    def writes_and_goes(connection: sqlite3.Connection) -> None:
        connection.executemany("UPDATE contests SET position = position WHERE contest = ?", [(CONTEST,)] * 2 * OFTEN)
        path.rename(path.with_name("old.db"))
        if deed == "replaced":
            backup.rename(path)

    ledger = await begun(lane := Lane(path, rows_between=2 * OFTEN))
    await one_by_one(ledger, range(1, 11))
    with capture_logs() as logged:
        await lane.run(writes_and_goes)
        with pytest.raises(LedgerFault, match="moved, replaced or deleted"):
            await lane.run(lambda _: None)
        await lane.close()
    assert [each["log_level"] for each in logged] == ["warning"]
    assert (path.read_bytes() == before) if deed == "replaced" else not path.exists()


async def test_who_empties_the_log_comes_after_who_writes_it_back(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    go_on, passes = threading.Event(), list[bool]()
    at_each_pass(monkeypatch, lambda: passes.append(go_on.wait()))
    ledger = await begun(lane := Lane(path, rows_between=OFTEN))
    await one_by_one(ledger, range(1, 51))
    before: list[int] = []
    await lane.run(_when_emptied(lambda: before.append(len(passes))))
    emptying = asyncio.ensure_future(SqliteTables(lane).scrub())
    await asyncio.sleep(0)
    go_on.set()
    await emptying
    assert before == [write_back.PASSES]
    assert log_of(path).stat().st_size == 0
    await lane.close()


def _when_emptied(call: Callable[[], None]) -> Callable[[sqlite3.Connection], None]:
    return lambda connection: connection.set_trace_callback(lambda said: call() if "TRUNCATE" in said else None)
