"""A file that is being written has another name until it is whole. What a program that was killed left of one is told apart from what
another program is just writing: that one is locked. Only the former is removed. Where nothing can be locked (some network shares), files
are made all the same, and what was left behind stays.
"""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from glob import escape
from pathlib import Path

_NO_LOCKS_HERE = frozenset({errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS})
_NAME_BYTES = 4


@contextmanager
def part_of(target: Path, mode: int) -> Iterator[tuple[Path, int]]:
    """A new file beside the target, and its descriptor, locked; gone at the end, unless it was given another name, with what SQLite wrote
    beside it (where the disk is full, its journal stays). Raises OSError.
    """
    part = target.with_name(f".{target.name}.{secrets.token_hex(_NAME_BYTES)}.part")
    descriptor = _locked(part, mode)
    try:
        yield part, descriptor
    finally:
        for each in (*_beside(part), part):
            with suppress(OSError):  # it has its name by now
                each.unlink()
        os.close(descriptor)


def _beside(part: Path) -> list[Path]:
    return list(part.parent.glob(f"{escape(part.name)}-*"))


def _locked(part: Path, mode: int) -> int:
    while True:
        descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, mode)
        try:
            if not _could_lock(descriptor) or os.fstat(descriptor).st_nlink:
                return descriptor
        except BaseException:
            with suppress(OSError):
                part.unlink()
            os.close(descriptor)
            raise
        os.close(descriptor)  # somebody took it for left behind before it was locked


def _could_lock(descriptor: int) -> bool:
    """False where no file can be. Raises OSError for anything else."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    except OSError as error:
        if error.errno not in _NO_LOCKS_HERE:
            raise
        return False
    return True


def left_behind(folder: Path, names: str) -> list[Path]:
    """Remove what was left of files with such names (a pattern), with what SQLite wrote beside them; what was removed. Never raises for
    what cannot be: it is no harm but for its room.
    """
    removed = []
    for part in sorted(folder.glob(f".{names}.*.part")):
        with suppress(OSError), _held(part):
            for each in (*_beside(part), part):
                each.unlink()
            removed.append(part)
    return removed


@contextmanager
def _held(part: Path) -> Iterator[None]:
    """Locked for as long: whoever has just made it waits, and then sees that it is gone. Raises OSError where a program is writing it,
    where nothing can be locked, and for what is no plain file.
    """
    descriptor = os.open(part, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "is no plain file", str(part))
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)
