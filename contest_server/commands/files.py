"""Files that are there whole, or not at all. Refuses to take the place of what is no file, and of a database."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from errno import EEXIST
from glob import escape
from pathlib import Path
from typing import BinaryIO

from contest_server.commands.options import OF_WRITING
from contest_server.commands.tongue import tell
from contest_server.core.saying import Said
from contest_server.ledger.parts import left_behind, part_of
from contest_server.ledger.snapshots import sync_folder
from contest_server.ledger.verifying import Unreadable

OWN_MODE = 0o600
"""Readable by its owner only."""
OPEN_MODE = 0o666
"""Readable by whom the user's umask lets."""
DATABASE_STARTS = b"SQLite format 3\0"
"""What every file of SQLite begins with: a ledger, an outbox."""


@contextmanager
def whole_file(target: Path, mode: int = OWN_MODE) -> Iterator[BinaryIO]:
    """A file to write to that takes its name once it is complete and on the disk. Replaces the file that was there, and what a run that
    was killed had written of it.

    Raises:
        OSError: it cannot be made, or a database is there; names `target`.
    """
    if target.exists() and not target.is_file():
        raise FileExistsError(EEXIST, "is no plain file", str(target))
    if is_database(target):
        raise FileExistsError(EEXIST, "is a database, which nothing takes the place of", str(target))
    sweep(target.parent, escape(target.name))
    with _made(target, mode) as (part, descriptor):
        with open(descriptor, "wb", closefd=False) as out:
            yield out
            out.flush()
            os.fsync(descriptor)
        part.replace(target)
        sync_folder(target.parent)


def opened(what: str) -> AbstractContextManager[BinaryIO]:
    """An export to read: a file, or - for standard input. Raises OSError or Unreadable."""
    if what == "-" and sys.stdin is None:
        raise Unreadable(Said("standard input is closed"))
    return nullcontext(sys.stdin.buffer) if what == "-" else Path(what).open("rb")


def is_database(path: Path) -> bool:
    """Whether a file of SQLite is there. Raises OSError where that cannot be seen."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(DATABASE_STARTS)) == DATABASE_STARTS


@contextmanager
def _made(target: Path, mode: int) -> Iterator[tuple[Path, int]]:
    """As `part_of`. An error that names the part, which nobody has asked for, or nothing, as that of a full disk, names the target."""
    try:
        with part_of(target, mode) as made:
            yield made
    except OSError as error:
        is_of_part = error.errno in OF_WRITING if error.filename is None else str(error.filename).endswith(".part")
        if not is_of_part:
            raise
        raise OSError(error.errno, error.strerror, str(target)) from None


def sweep(folder: Path, names: str) -> None:
    """Say and remove what a run that was killed left of files with such names, a pattern."""
    for part in left_behind(folder, names):
        tell(Said("removed {path}, which a run that was killed had left behind", path=str(part)), err=True)
