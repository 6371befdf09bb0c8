"""What goes wrong with files, and what the operator is told."""

# ruff: noqa: ASYNC240 - a test that waits for the disk keeps nobody waiting

from __future__ import annotations

import asyncio
import gc
import sqlite3
import stat
import threading
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from contest_server.ledger.lane import Lane, LedgerBusy
from contest_server.ledger.limits import CALLS_MAX_WAITING
from contest_server.ledger.port import LedgerDamaged, LedgerFault
from contest_server.ledger.sqlite import SqliteLedger
from tests.ledger.drafts import CONTEST, event, events


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "contest.db"


@pytest.fixture
async def lane(path: Path) -> AsyncIterator[Lane]:
    lane = Lane(path, busy_timeout_ms=1)
    yield lane
    await lane.close()


@pytest.fixture
async def ledger(lane: Lane) -> SqliteLedger:
    ledger = SqliteLedger(lane)
    await ledger.open(CONTEST)
    await ledger.append(CONTEST, events(range(1, 11)))
    return ledger


def by_hand(path: Path, *statements: str) -> None:
    """What somebody with a SQLite shell might do, past the triggers."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for trigger in ("ledger_never_changes", "ledger_never_forgets"):
            connection.execute(f"DROP TRIGGER {trigger}")
        for statement in statements:
            connection.execute(statement)


async def test_committed_means_on_the_disk(lane: Lane) -> None:
    """WAL with a sync at each commit: the two settings on which every acknowledgement rests."""
    assert await lane.run(lambda connection: connection.execute("PRAGMA journal_mode").fetchone()) == ("wal",)
    assert await lane.run(lambda connection: connection.execute("PRAGMA synchronous").fetchone()) == (2,)


async def test_only_its_owner_reads_a_new_file(ledger: SqliteLedger, path: Path) -> None:
    files = list(path.parent.iterdir())
    assert path in files
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


@pytest.mark.parametrize("statement", ["UPDATE ledger SET body = '{}' WHERE position = 3", "DELETE FROM ledger WHERE position = 3"])
async def test_no_statement_changes_or_removes_an_entry(ledger: SqliteLedger, path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as connection, pytest.raises(sqlite3.IntegrityError, match="never"):
        connection.execute(statement)


async def test_a_full_disk_stores_nothing_and_is_named(ledger: SqliteLedger, lane: Lane) -> None:
    pages = await lane.run(lambda connection: connection.execute("PRAGMA page_count").fetchone()[0])
    await lane.run(lambda connection: connection.execute(f"PRAGMA max_page_count = {pages + 2}").fetchone())
    with pytest.raises(LedgerFault, match="disk is full"):
        await ledger.append(CONTEST, [event(11), event(12, data={"a": "x" * 100_000})])
    assert (await ledger.head(CONTEST)).position == 10
    await lane.run(lambda connection: connection.execute("PRAGMA max_page_count = 1000000").fetchone())
    assert [entry.position for entry in await ledger.append(CONTEST, events([11]))] == [11]


async def test_a_lock_held_for_too_long_is_named_and_passes(ledger: SqliteLedger, path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LedgerFault, match="Another process held the lock") as caught:
            await ledger.append(CONTEST, events([11]))
        assert not isinstance(caught.value, LedgerDamaged)
        assert len(await ledger.read(CONTEST, 0)) == 10, "readers do not wait for writers"
    assert len(await ledger.append(CONTEST, events([11]))) == 1


async def test_a_file_that_is_no_database_is_left_alone(path: Path) -> None:
    path.write_bytes(b"Dear diary, " * 1_000)
    with pytest.raises(LedgerFault, match="not a SQLite database"):
        Lane(path)
    assert path.read_bytes() == b"Dear diary, " * 1_000


async def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(LedgerFault, match="No such file"):
        Lane(tmp_path / "nowhere" / "contest.db")


async def test_a_missing_file_is_not_created_unless_asked_for(path: Path) -> None:
    with pytest.raises(LedgerFault, match="No such file"):
        Lane(path, create=False)
    assert not path.exists()


@pytest.mark.parametrize("deed", ["deleted", "moved", "replaced"])
async def test_nothing_is_acknowledged_into_a_file_that_is_gone(ledger: SqliteLedger, path: Path, deed: str) -> None:
    if deed == "deleted":
        path.unlink()
    else:
        path.rename(path.with_name("old.db"))
    if deed == "replaced":
        path.write_bytes(b"")
    with pytest.raises(LedgerFault, match="moved, replaced or deleted"):
        await ledger.append(CONTEST, events([11]))


async def test_a_page_torn_on_the_disk_is_damage(ledger: SqliteLedger, path: Path) -> None:
    await ledger.close()
    content = bytearray(path.read_bytes())
    content[4096 * 2 : -4096] = b"\xa5" * (len(content) - 4096 * 3)
    path.write_bytes(content)
    with pytest.raises(LedgerDamaged):
        await SqliteLedger(Lane(path)).open(CONTEST)


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("DELETE FROM ledger WHERE position = 10", "should end at entry 10, but its last entry is 9"),
        ("DELETE FROM ledger", "should end at entry 10, but its last entry is 0"),
        ("UPDATE contests SET position = 9", "should end at entry 9, but its last entry is 10"),
        ("UPDATE contests SET hash = zeroblob(32)", "should end at entry 10"),
    ],
)
async def test_opening_sees_that_the_end_contradicts_the_head(ledger: SqliteLedger, path: Path, statement: str, says: str) -> None:
    by_hand(path, statement)
    with pytest.raises(LedgerDamaged, match=says):
        await ledger.open(CONTEST)


@pytest.mark.parametrize(
    ("statement", "after", "says"),
    [
        ("DELETE FROM ledger WHERE position = 4", 0, "entry 4 is missing, 5 follows"),
        ("DELETE FROM ledger WHERE position > 6", 6, "after 6 are missing, there should be 10"),
        ("UPDATE ledger SET body = '{}' WHERE position = 4", 0, "entry 4: not a fact"),
        ("UPDATE ledger SET body = CAST(x'ff' AS TEXT) WHERE position = 4", 0, "entry 4: not a fact"),
    ],
)
async def test_reading_sees_what_is_missing_or_no_fact(ledger: SqliteLedger, path: Path, statement: str, after: int, says: str) -> None:
    by_hand(path, statement)
    with pytest.raises(LedgerDamaged, match=says):
        await ledger.read(CONTEST, after)


async def test_appending_over_a_head_that_was_set_back_is_damage(ledger: SqliteLedger, path: Path) -> None:
    by_hand(path, "UPDATE contests SET position = 5")
    with pytest.raises(LedgerDamaged):
        await ledger.append(CONTEST, events([11]))
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM ledger").fetchone() == (10,)


async def test_calls_beyond_the_limit_are_refused_and_the_rest_goes_on(ledger: SqliteLedger, lane: Lane) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def holds(_: sqlite3.Connection) -> bool:
        begun.set()
        return go_on.wait()

    async with asyncio.TaskGroup() as group:
        first = [group.create_task(lane.run(holds))]
        await asyncio.to_thread(begun.wait)
        first += [group.create_task(lane.run(holds)) for _ in range(CALLS_MAX_WAITING)]
        await asyncio.sleep(0)
        with pytest.raises(LedgerBusy, match=str(CALLS_MAX_WAITING)):
            await ledger.head(CONTEST)
        go_on.set()
    assert all(task.result() for task in first)
    assert (await ledger.head(CONTEST)).position == 10


async def test_a_caller_who_is_cancelled_leaves_all_or_nothing(ledger: SqliteLedger, lane: Lane) -> None:
    go_on = threading.Event()
    blocked = asyncio.ensure_future(lane.run(lambda _: go_on.wait()))
    waiting = asyncio.ensure_future(ledger.append(CONTEST, events([11, 12])))
    await asyncio.sleep(0)
    waiting.cancel()
    go_on.set()
    await blocked
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert (await ledger.head(CONTEST)).position in (10, 12)
    assert [entry.position for entry in await ledger.append(CONTEST, events([11, 12, 13]))][-1] == 13


async def test_a_work_that_raises_leaves_no_transaction_behind(lane: Lane) -> None:
    def fails(connection: sqlite3.Connection) -> None:
        connection.execute("SELECT nonsense FROM nowhere")

    with pytest.raises(LedgerFault, match="nowhere"):
        await lane.run(fails)
    assert await lane.run(lambda connection: connection.in_transaction) is False


async def test_an_append_is_few_statements_however_many_facts(ledger: SqliteLedger, lane: Lane) -> None:
    said: list[str] = []
    await lane.run(lambda connection: connection.set_trace_callback(said.append))
    assert len(await ledger.append(CONTEST, events(range(11, 511)))) == 500
    await lane.run(lambda connection: connection.set_trace_callback(None))
    assert len(said) <= 20, said


@pytest.mark.parametrize("many", [1, 3, 127, 128, 300])
async def test_all_facts_of_an_append_are_stored_in_their_order(ledger: SqliteLedger, many: int) -> None:
    new = await ledger.append(CONTEST, events(range(11, 11 + many)))
    assert await ledger.read(CONTEST, 10) == new
    assert [entry.fact for entry in new] == [draft.fact for draft in events(range(11, 11 + many))]


@pytest.mark.parametrize("known", [0, 150, 299])
async def test_a_fact_that_is_stored_already_keeps_no_other_out(ledger: SqliteLedger, known: int) -> None:
    drafts = events(range(11, 310))
    drafts.insert(known, event(3))
    new = await ledger.append(CONTEST, drafts)
    assert [entry.position for entry in new] == list(range(11, 310))
    assert await ledger.read(CONTEST, 10) == new


def test_who_is_gone_with_its_loop_keeps_nobody_from_the_file(path: Path) -> None:
    lane, go_on = Lane(path), threading.Event()

    async def leave() -> None:
        asyncio.ensure_future(lane.run(lambda _: go_on.wait()))  # noqa: RUF006 - cancelled by the end of the loop
        await asyncio.sleep(0)

    asyncio.run(leave())
    go_on.set()
    assert asyncio.run(lane.run(lambda connection: connection.execute("SELECT 1").fetchone())) == (1,)
    asyncio.run(lane.close())


def test_the_thread_of_a_lane_that_nobody_closed_ends(path: Path) -> None:
    before = set(threading.enumerate())
    lane = Lane(path)
    (thread,) = set(threading.enumerate()) - before
    connection = lane._connection
    del lane
    gc.collect()
    thread.join(30)
    assert not thread.is_alive()
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        connection.execute("SELECT 1")
