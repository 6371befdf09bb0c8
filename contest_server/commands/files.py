"""Files that are there whole, or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from contest_server.ledger.snapshots import sync_folder


@contextmanager
def whole_file(target: Path) -> Iterator[BinaryIO]:
    """A file to write to, readable by its owner only, that takes its name once it is complete and on the disk. Replaces what was there."""
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with open(part, "xb", opener=lambda path, flags: os.open(path, flags, 0o600)) as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        part.replace(target)
        sync_folder(target.parent)
    finally:
        part.unlink(missing_ok=True)
