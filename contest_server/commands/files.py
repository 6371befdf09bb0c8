"""Files that are there whole, or not at all. Refuses to take the place of what is no file."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from errno import EEXIST
from pathlib import Path
from typing import BinaryIO

from contest_server.ledger.snapshots import sync_folder

OWN_MODE = 0o600
"""Readable by its owner only."""
OPEN_MODE = 0o666
"""Readable by whom the user's umask lets."""


@contextmanager
def whole_file(target: Path, mode: int = OWN_MODE) -> Iterator[BinaryIO]:
    """A file to write to that takes its name once it is complete and on the disk. Replaces the file that was there.

    Raises:
        OSError: it cannot be made; names `target`.
    """
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with _made(part, target, mode) as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        part.replace(target)
        sync_folder(target.parent)
    finally:
        with suppress(OSError):  # where it could not be made, it need not go
            part.unlink()


def _made(part: Path, target: Path, mode: int) -> BinaryIO:
    if target.exists() and not target.is_file():
        raise FileExistsError(EEXIST, "is no plain file", str(target))
    try:
        return open(part, "xb", opener=lambda path, flags: os.open(path, flags, mode))
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(target)) from None


def told(error: Exception) -> str:
    """What an exception says; of an OSError the file and what is wrong, without its number."""
    return f"{error.filename}: {error.strerror}" if isinstance(error, OSError) and error.filename else str(error)
