"""Files that are there whole, or not at all. Refuses to take the place of what is no file."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from errno import EEXIST
from glob import escape
from pathlib import Path
from typing import BinaryIO

import typer

from contest_server.ledger.parts import left_behind, part_of
from contest_server.ledger.snapshots import sync_folder

OWN_MODE = 0o600
"""Readable by its owner only."""
OPEN_MODE = 0o666
"""Readable by whom the user's umask lets."""


@contextmanager
def whole_file(target: Path, mode: int = OWN_MODE) -> Iterator[BinaryIO]:
    """A file to write to that takes its name once it is complete and on the disk. Replaces the file that was there, and what a run that
    was killed had written of it.

    Raises:
        OSError: it cannot be made; names `target`.
    """
    if target.exists() and not target.is_file():
        raise FileExistsError(EEXIST, "is no plain file", str(target))
    sweep(target.parent, escape(target.name))
    with _made(target, mode) as (part, descriptor):
        with open(descriptor, "wb", closefd=False) as out:
            yield out
            out.flush()
            os.fsync(descriptor)
        part.replace(target)
        sync_folder(target.parent)


@contextmanager
def _made(target: Path, mode: int) -> Iterator[tuple[Path, int]]:
    """As `part_of`. An error that names the part, which nobody has asked for, names the target instead."""
    try:
        with part_of(target, mode) as made:
            yield made
    except OSError as error:
        if error.filename is None or not str(error.filename).endswith(".part"):
            raise
        raise OSError(error.errno, error.strerror, str(target)) from None


def sweep(folder: Path, names: str) -> None:
    """Say and remove what a run that was killed left of files with such names, a pattern."""
    for part in left_behind(folder, names):
        typer.echo(f"removed {part}, which a run that was killed had left behind", err=True)


def told(error: Exception) -> str:
    """What an exception says; of an OSError the file and what is wrong, without its number."""
    return f"{error.filename}: {error.strerror}" if isinstance(error, OSError) and error.filename else str(error)
