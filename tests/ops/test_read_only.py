"""Whoever only looks can do so where nothing can be written: on a medium that is read-only, in somebody else's folder."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from contest_server.core.facts import ContestId
from contest_server.ledger.snapshots import look
from contest_server.ledger.urls import open_stores
from contest_server.ledger.verify_file import verify_file
from contest_server.ledger.verifying import Unreadable
from tests.ledger.drafts import CONTEST, events

NOBODY = 65_534


@contextmanager
def as_nobody() -> Iterator[None]:
    """As somebody to whom permissions apply: root may write everywhere."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(before)


@pytest.fixture
def path() -> Iterator[Path]:
    """A database with ten events in a folder that everybody may enter; a server has left it in order."""
    folder = Path(tempfile.mkdtemp(prefix="contest-read-only-"))
    folder.chmod(0o755)
    asyncio.run(filled(folder / "cup.db"))
    (folder / "cup.db").chmod(0o444)
    folder.chmod(0o555)
    yield folder / "cup.db"
    folder.chmod(0o755)
    shutil.rmtree(folder)


async def filled(path: Path) -> None:
    stores = await asyncio.to_thread(open_stores, f"sqlite:///{path}")
    await stores.ledger.open(CONTEST)
    await stores.ledger.append(CONTEST, events(range(1, 11)))
    await stores.close()


def test_a_ledger_is_verified_where_nothing_can_be_written(path: Path) -> None:
    with as_nobody():
        assert verify_file(path, ContestId(CONTEST)).entries == 10
    assert [each.name for each in path.parent.iterdir()] == ["cup.db"], "nothing is left beside it"


def test_a_backup_is_read_from_where_nothing_can_be_written(path: Path) -> None:
    with as_nobody():
        assert look(f"sqlite:///{path}", lambda rows: rows.exec_driver_sql("SELECT count(*) FROM ledger").scalar_one()) == 10


def test_by_a_link_elsewhere_what_was_stored_last_is_read_too(path: Path) -> None:
    """The log lies beside the file, not beside the link, in whose folder nothing can be written."""
    path.parent.chmod(0o777)
    path.chmod(0o666)

    async def store_and_look(link: Path) -> int:
        stores = await asyncio.to_thread(open_stores, f"sqlite:///{path}")
        await stores.ledger.append(CONTEST, events(range(11, 14)))
        for file in path.parent.iterdir():
            file.chmod(0o666)
        with as_nobody():
            entries = verify_file(link, ContestId(CONTEST)).entries
        await stores.close()
        return entries

    with tempfile.TemporaryDirectory(prefix="contest-links-") as links:
        Path(links, "cup.db").symlink_to(path)
        Path(links).chmod(0o555)
        assert asyncio.run(store_and_look(Path(links, "cup.db"))) == 13
        Path(links).chmod(0o755)


def test_a_log_that_cannot_be_read_with_it_is_no_reason_to_look_past_it(path: Path) -> None:
    """It may hold what was acknowledged last."""
    path.parent.chmod(0o755)
    path.with_name("cup.db-wal").write_bytes(b"x" * 4_096)
    path.parent.chmod(0o555)
    with as_nobody(), pytest.raises(Unreadable, match="its folder"):
        verify_file(path, ContestId(CONTEST))
