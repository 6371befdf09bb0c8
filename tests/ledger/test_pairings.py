"""A code is confirmed once and collected once, whichever server is asked; its secret cannot be read from the store."""

# ruff: noqa: ASYNC240 - a test that waits for the disk keeps nobody waiting

from __future__ import annotations

import asyncio
import secrets
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from contest_server.core.facts import OfficialId
from contest_server.ledger import migrating, pairings
from contest_server.ledger.lane import Lane
from contest_server.ledger.limits import LimitExceeded
from contest_server.ledger.memory_tables import MemoryTables
from contest_server.ledger.officials import SESSION_US, new_session
from contest_server.ledger.pairings import OPEN_US, Pairings
from contest_server.ledger.tables import SqliteTables
from contest_server.ledger.tokens import hash_of
from contest_server.ledger.urls import open_stores
from tests.ledger.conftest import OpenTables
from tests.ledger.drafts import CONTEST, OTHER
from tests.ledger.test_migrations import folder_up_to

NOW_US = 1_763_800_000_000_000

Reopen = Callable[[], Pairings]


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def another(request: pytest.FixtureRequest, open_tables: OpenTables) -> Reopen:
    memory = MemoryTables()
    return lambda: Pairings(memory if request.param == "memory" else open_tables(request.param))


async def test_a_screen_asks_one_server_and_is_confirmed_at_another(another: Reopen) -> None:
    here, there = another(), another()
    opened = await here.open(NOW_US)
    assert opened.expires_us == NOW_US + OPEN_US
    waiting = await there.collect(opened.secret, NOW_US + 1)
    assert waiting is not None
    assert (waiting.code, waiting.contest) == (opened.code, None)
    assert await there.confirm(opened.code, CONTEST, "hall 2", NOW_US + 2)
    assert not await here.confirm(opened.code, OTHER, "another", NOW_US + 3)
    paired = await here.collect(opened.secret, NOW_US + 4)
    assert paired is not None
    assert (paired.contest, paired.name) == (CONTEST, "hall 2")
    assert await there.collect(opened.secret, NOW_US + 5) is None


async def test_of_many_who_collect_at_once_one_gets_it(another: Reopen) -> None:
    here, there = another(), another()
    opened = await here.open(NOW_US)
    await here.confirm(opened.code, CONTEST, "hall 2", NOW_US)
    found = await asyncio.gather(*(each.collect(opened.secret, NOW_US) for each in (here, there) * 5))
    assert [each is not None for each in found].count(True) == 1


async def test_a_code_is_over_after_its_time_and_its_place_is_free(another: Reopen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pairings, "OPEN_MAX", 1)
    here = another()
    opened = await here.open(NOW_US)
    with pytest.raises(LimitExceeded, match="at most 1"):
        await here.open(NOW_US + OPEN_US - 1)
    assert not await here.confirm(opened.code, CONTEST, "hall 2", NOW_US + OPEN_US)
    assert await here.collect(opened.secret, NOW_US + OPEN_US) is None
    await here.open(NOW_US + OPEN_US)


async def test_no_two_screens_show_the_same_code(another: Reopen, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter([7, 7, 7, 8])
    monkeypatch.setattr(secrets, "randbelow", lambda _: next(drawn))
    here = another()
    assert [(await here.open(NOW_US)).code for _ in range(2)] == ["000007", "000008"]


async def test_the_secret_of_a_screen_is_not_stored(tmp_path: Path) -> None:
    lane = Lane(tmp_path / "contest.db")
    opened = await Pairings(SqliteTables(lane)).open(NOW_US)
    stored = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert opened.code.encode() in stored
    assert opened.secret[3:].encode() not in stored
    await lane.close()


async def test_who_was_let_in_by_an_older_version_stays_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables 0003: an official is logged in, staff has a token."""
    path = tmp_path / "contest.db"
    folder = folder_up_to("0003", tmp_path / "older")
    with monkeypatch.context() as older:
        older.setattr(migrating, "migrations_folder", lambda: folder)
        older.setattr(migrating, "REVISIONS", ("0001", "0002", "0003"))
        await Lane(path).close()
    secret, key, session = new_session(CONTEST, OfficialId("R1"), NOW_US)
    staff = "cs_a_token_of_staff"
    with closing(sqlite3.connect(path)) as connection, connection:
        values = (key, CONTEST, "R1", NOW_US, NOW_US, NOW_US + SESSION_US)
        connection.execute(
            "INSERT INTO sessions (hash, contest, official, created_us, fresh_us, expires_us) VALUES (?, ?, ?, ?, ?, ?)", values
        )
        token = (hash_of(staff), "staff", CONTEST, "", NOW_US)
        connection.execute("INSERT INTO tokens (hash, role, contest, label, created_us) VALUES (?, ?, ?, ?, ?)", token)
    stores = open_stores(f"sqlite:///{path}")
    assert await stores.officials.look_up(secret, NOW_US + 1) == session
    found = await stores.tokens.look_up(staff, NOW_US + 1)
    assert found is not None
    assert (found.role, found.contest) == ("director", CONTEST)
    await stores.close()
