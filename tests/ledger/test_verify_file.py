"""The same for the file of a database, which may be in use."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from contest_server.ledger.lane import Lane
from contest_server.ledger.sqlite import SqliteLedger
from contest_server.ledger.verify_file import contests_in, verify_file
from contest_server.ledger.verifying import Contradiction, Unreadable, published
from tests.ledger.drafts import CONTEST, OTHER, clock, events


@pytest.fixture
async def path(tmp_path: Path) -> Path:
    ledger = SqliteLedger(Lane(tmp_path / "contest.db"))
    await ledger.open(CONTEST)
    await ledger.open(OTHER)
    await ledger.append(CONTEST, [*events(range(1, 11)), clock("office/tablet", 7)])
    await ledger.close()
    return tmp_path / "contest.db"


def by_hand(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for trigger in ("ledger_never_changes", "ledger_never_forgets"):
            connection.execute(f"DROP TRIGGER IF EXISTS {trigger}")
        connection.execute(statement)


def test_a_good_file_is_good(path: Path) -> None:
    assert contests_in(path) == [CONTEST, OTHER]
    verified = verify_file(path, CONTEST)
    assert (verified.entries, verified.sources, verified.facts) == (11, 1, {"event": 10, "clock": 1})
    assert verify_file(path, OTHER).entries == 0
    assert verify_file(path, CONTEST, expected=published(f"11:{verified.hash}")) == verified


def test_looking_changes_nothing(path: Path) -> None:
    before = path.read_bytes()
    verify_file(path, CONTEST)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("statement", "position", "says"),
    [
        ("UPDATE ledger SET body = replace(body, '2.4', '9.9') WHERE position = 4", 4, "does not follow"),
        ("UPDATE ledger SET hash = zeroblob(32) WHERE position = 4", 4, "does not follow"),
        ("UPDATE ledger SET body = CAST(x'ff' AS TEXT) WHERE position = 4", 4, "does not follow"),
        ("DELETE FROM ledger WHERE position = 4", 4, "position 5 where 4"),
        ("UPDATE ledger SET position = 40 WHERE position = 4", 4, "position 5 where 4"),
        ("UPDATE ledger SET position = 'x' WHERE position = 4", 4, "position 5 where 4"),
        ("UPDATE ledger SET seq = 77 WHERE position = 4", 4, "stored under the number"),
        ("UPDATE ledger SET source = NULL, seq = NULL WHERE position = 4", 4, "stored under the number"),
        ("DELETE FROM ledger WHERE position > 4", None, "last entry is 4, but 11"),
        ("UPDATE contests SET position = 10 WHERE position = 11", None, "last entry is 11, but 10"),
        ("UPDATE contests SET hash = zeroblob(32) WHERE position = 11", 11, "given as its end"),
        ("UPDATE contests SET hash = 'text' WHERE position = 11", None, "not 32 bytes"),
        ("UPDATE contests SET epoch = 'other' WHERE position = 11", 1, "does not follow"),
        ("DELETE FROM contests WHERE position = 11", None, "does not know it"),
    ],
)
def test_the_first_bad_entry_is_named(path: Path, statement: str, position: int | None, says: str) -> None:
    by_hand(path, statement)
    with pytest.raises(Contradiction, match=says) as caught:
        verify_file(path, CONTEST)
    assert caught.value.position == position
    assert CONTEST in contests_in(path)


async def test_a_file_in_use_is_verified_as_it_is_at_that_moment(path: Path) -> None:
    ledger = SqliteLedger(Lane(path))
    await ledger.append(CONTEST, events([11]))
    assert verify_file(path, CONTEST).entries == 12
    await ledger.append(CONTEST, events([12]))
    assert verify_file(path, CONTEST).entries == 13
    await ledger.close()


def test_an_unknown_contest_is_neither_good_nor_bad(path: Path) -> None:
    with pytest.raises(Unreadable, match="no contest"):
        verify_file(path, type(CONTEST)("nobody"))


@pytest.mark.parametrize("content", [None, b"", b"Dear diary, " * 100])
def test_what_is_no_ledger_is_neither_good_nor_bad(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "x.db"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(Unreadable):
        contests_in(path)


def test_a_torn_file_is_bad(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xa5" * (len(content) - 4096)
    path.write_bytes(content)
    with pytest.raises(Contradiction):
        verify_file(path, CONTEST)
