"""A checkpoint is there whole or not at all, whoever is killed while storing it; what was changed in it is noticed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from itertools import islice
from pathlib import Path

import pytest

from contest_server.ledger.checkpoints import Checkpoints, Torn
from contest_server.ledger.lane import Lane
from contest_server.ledger.limits import BODY_MAX_BYTES, LimitExceeded
from contest_server.ledger.memory_tables import MemoryTables
from contest_server.ledger.tables import SqliteTables, Tables
from tests.ledger.checkpointer import parts_at
from tests.ledger.conftest import OpenTables
from tests.ledger.drafts import CONTEST, OTHER

ROOT = Path(__file__).parents[2]
PARTS = [b"first", b"second", bytes(range(256))]


async def some(parts: Sequence[bytes] = PARTS) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def tables(request: pytest.FixtureRequest, open_tables: OpenTables) -> Tables:
    return MemoryTables() if request.param == "memory" else open_tables(request.param)


async def test_the_latest_is_kept_of_each_contest(tables: Tables) -> None:
    store = Checkpoints(tables)
    assert await store.head(CONTEST) is None
    await store.put(CONTEST, 7, "aa", "code", some())
    await store.put(OTHER, 8, "bb", "code", some([b"other"]))
    await store.put(CONTEST, 9, "cc", "code", some(PARTS[:1]))
    head = await store.head(CONTEST)
    assert head is not None
    assert (head.position, head.hash, head.code, head.parts) == (9, "cc", "code", 1)
    assert await store.parts(CONTEST, head) == PARTS[:1]
    count = await tables.read(lambda rows: rows.execute("SELECT count(*) FROM checkpoints").fetchall())
    assert [tuple(row) for row in count] == [(4,)], "nothing is left of the one before"
    await store.drop(CONTEST)
    assert await store.head(CONTEST) is None
    assert await store.head(OTHER) is not None


CHANGES = [
    "UPDATE checkpoints SET document = :other WHERE part = 2",
    "DELETE FROM checkpoints WHERE part = 2",
    "UPDATE checkpoints SET document = :other WHERE part = 0",
]


@pytest.mark.parametrize("change", CHANGES)
async def test_what_was_changed_in_it_is_noticed(tables: Tables, change: str) -> None:
    store = Checkpoints(tables)
    await store.put(CONTEST, 7, "aa", "code", some())
    await tables.write(lambda rows: rows.execute(change, {"other": b"{}"} if ":other" in change else {}))
    with pytest.raises(Torn):
        await _all_of(store)


async def _all_of(store: Checkpoints) -> list[bytes]:
    head = await store.head(CONTEST)
    assert head is not None
    return await store.parts(CONTEST, head)


async def test_one_that_another_server_overtook_is_for_nothing(tables: Tables) -> None:
    store = Checkpoints(tables)

    async def slow() -> AsyncIterator[bytes]:
        yield PARTS[0]
        await store.put(CONTEST, 9, "cc", "code", some())
        yield PARTS[1]

    await store.put(CONTEST, 7, "aa", "code", slow())
    head = await store.head(CONTEST)
    assert head is not None
    assert head.position == 9
    assert await store.parts(CONTEST, head) == PARTS


async def test_one_that_ends_early_leaves_the_one_before(tables: Tables) -> None:
    store = Checkpoints(tables)
    await store.put(CONTEST, 7, "aa", "code", some())
    with pytest.raises(LimitExceeded):
        await store.put(CONTEST, 9, "cc", "code", some([b"first", b"x" * (BODY_MAX_BYTES + 1)]))
    head = await store.head(CONTEST)
    assert head is not None
    assert await store.parts(CONTEST, head) == PARTS
    await store.put(CONTEST, 10, "dd", "code", some())
    count = await tables.read(lambda rows: rows.execute("SELECT count(*) FROM checkpoints").fetchall())
    assert [tuple(row) for row in count] == [(4,)], "what was cut short is gone too"


@pytest.mark.parametrize("after", [1, 3, 8, 12])
async def test_a_kill_leaves_a_whole_one_or_none(tmp_path: Path, after: int) -> None:
    path = tmp_path / "contest.db"
    writer = subprocess.Popen(  # noqa: ASYNC220 - it keeps nobody waiting
        [sys.executable, "-m", "tests.ledger.checkpointer", str(path)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert writer.stdout is not None
    list(islice(writer.stdout, after))
    writer.kill()
    writer.stdout.close()
    assert writer.wait() < 0, "it was killed, it did not end by itself"
    lane = Lane(path)
    store = Checkpoints(SqliteTables(lane))
    head = await store.head(CONTEST)
    if after > 4:
        assert head is not None, "the first was finished"
    if head is not None:
        assert await store.parts(CONTEST, head) == parts_at(head.position)
    await store.put(CONTEST, 1_000, "aa", "code", some())
    assert await SqliteTables(lane).read(lambda rows: rows.execute("SELECT count(*) FROM checkpoints").fetchall()) == [(4,)]
    await lane.close()
