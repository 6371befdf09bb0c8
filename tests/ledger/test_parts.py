"""Of two programs that make the same file nobody loses it, wherever it is made; nothing is left of one that failed."""

from __future__ import annotations

import errno
import fcntl
import os
from pathlib import Path

import pytest

from contest_server.ledger.parts import left_behind, part_of

NAME = "cup.zip"
DESCRIPTORS = Path("/proc/self/fd")


def is_locked(path: Path) -> bool:
    descriptor = os.open(path, os.O_RDWR)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def names_in(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


def no_locks(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def refuse(_descriptor: int, _how: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", refuse)


def test_what_is_removed_is_locked_until_it_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has just made it waits for the lock, and then sees that it is gone."""
    part = tmp_path / f".{NAME}.1.part"
    part.touch()
    locked = []
    unlink = Path.unlink

    def looked_at(path: Path, missing_ok: bool = False) -> None:
        locked.append(is_locked(path))
        unlink(path, missing_ok)

    monkeypatch.setattr(Path, "unlink", looked_at)
    assert left_behind(tmp_path, NAME) == [part]
    assert locked == [True]


def test_what_was_removed_before_it_was_locked_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flock, removed = fcntl.flock, []

    def late(descriptor: int, how: int) -> None:
        monkeypatch.setattr(fcntl, "flock", flock)
        removed.extend(left_behind(tmp_path, NAME))
        flock(descriptor, how)

    monkeypatch.setattr(fcntl, "flock", late)
    with part_of(tmp_path / NAME, 0o600) as (part, _):
        assert len(removed) == 1
        part.replace(tmp_path / NAME)
    assert names_in(tmp_path) == [NAME]


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS])
def test_where_nothing_can_be_locked_files_are_made_and_nothing_is_taken_for_left_behind(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_locks(monkeypatch, number)
    with part_of(tmp_path / NAME, 0o600) as (one, _), part_of(tmp_path / NAME, 0o600) as (other, _):
        assert one != other, "two containers with one folder may have the same numbers of processes"
        assert left_behind(tmp_path, NAME) == []
        one.replace(tmp_path / NAME)
    assert names_in(tmp_path) == [NAME]


def test_what_cannot_be_locked_for_another_reason_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    no_locks(monkeypatch, errno.EIO)
    before = len(names_in(DESCRIPTORS))
    with pytest.raises(OSError, match=os.strerror(errno.EIO)), part_of(tmp_path / NAME, 0o600):
        pass
    assert (names_in(tmp_path), len(names_in(DESCRIPTORS))) == ([], before)


def test_what_is_no_plain_file_is_left_alone(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / f".{NAME}.1.part")
    (tmp_path / f".{NAME}.2.part").mkdir()
    (tmp_path / "mine").touch()
    (tmp_path / f".{NAME}.3.part").symlink_to("mine")
    before = names_in(tmp_path)
    assert left_behind(tmp_path, NAME) == []
    assert names_in(tmp_path) == before


def test_what_sqlite_wrote_beside_it_goes_with_it(tmp_path: Path) -> None:
    """Where the disk is full, SQLite leaves its journal."""
    with part_of(tmp_path / NAME, 0o600) as (part, _):
        part.with_name(f"{part.name}-journal").write_text("half")
    assert names_in(tmp_path) == []
