"""A growing file, read from where the outbox left off. Refuses one that was changed in what had been read, or that may have a new name.

A file is recognised by its path or inode and by what was read of it: the first and the last bytes before the mark. Where these do not
agree a guess would lose or double events, so a person decides (`InputAs`).
"""

from __future__ import annotations

import hashlib
import os
from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

from contest_server.agent.limits import CHUNK_BYTES_MAX, CHUNK_EVENTS_MAX
from contest_server.agent.reading import Chunk, Draft, Line, Mark, NowUs, Splitter, draft_line, drafts_of
from contest_server.core.saying import Said

FINGERPRINT_BYTES = 4_096


class InputFault(Exception):
    """The input cannot be read on. What was read is safe. The message says what to do."""


class InputChanged(InputFault):
    """What was read of this file is not in it any more."""


class InputLooksKnown(InputFault):
    """A file under a new name begins with exactly what was read under another one."""


class InputAs(StrEnum):
    """What a person decided about a file that was changed or renamed."""

    ASK = "ask"
    RESUME = "resume"  # go on at the same byte
    NEW = "new"  # all of it is new


class Tail:
    """Synchronous reading of whole lines, at most one chunk a call."""

    def __init__(self, path: Path, file: BinaryIO, mark: Mark, now_us: NowUs) -> None:
        self.path, self._file, self._now_us = path, file, now_us
        self.mark = mark
        self._splitter = Splitter(mark.offset, mark.lines)
        self._cut: deque[Line] = deque()
        file.seek(mark.offset)

    @classmethod
    def open(cls, path: Path, known: Sequence[Mark], now_us: NowUs, input_as: InputAs = InputAs.ASK) -> Tail:
        """Raises InputFault, FileNotFoundError and other OSError."""
        file = path.open("rb")
        try:
            mark = _locate(path, file, known, input_as)
        except BaseException:
            file.close()
            raise
        return cls(path, file, mark, now_us)

    def close(self) -> None:
        self._file.close()

    @property
    def unfinished_bytes(self) -> int:
        """The length of a last line that has no newline yet."""
        return len(self._splitter.unfinished)

    def read(self) -> Chunk | None:
        """The next whole lines; None when there are none now. Raises InputChanged when the file has become shorter."""
        while not self._cut:
            data = self._file.read(CHUNK_BYTES_MAX)
            if not data:
                self._still_there()
                return None
            self._cut.extend(self._splitter.feed(data))
        return self._chunk([self._cut.popleft() for _ in range(min(len(self._cut), CHUNK_EVENTS_MAX))])

    def finish(self) -> Chunk | None:
        """At the end of a file that does not grow: a last line without newline, if it is a whole object. Otherwise it is left."""
        whole = isinstance(draft_line(self._splitter.unfinished, self.mark.lines + 1, self._now_us), Draft)
        line = self._splitter.finish() if whole else None
        return None if line is None else self._chunk([line])

    def replaced(self) -> bool:
        """Whether the path leads to another file by now. A missing one may come back."""
        try:
            return _identity(self.path.stat()) != _identity(os.fstat(self._file.fileno()))
        except FileNotFoundError:
            return False

    def _still_there(self) -> None:
        size = os.fstat(self._file.fileno()).st_size
        if size < self.mark.offset:
            cut = Said(
                "{path} was cut to {size} bytes, {before} had been read; {advice}",
                path=self.path,
                size=size,
                before=self.mark.offset,
                advice=_ADVICE,
            )
            raise InputChanged(cut)
        if size < self._file.tell():  # only the line without newline was cut off: read it again as it is now
            self._file.seek(self.mark.offset)
            self._splitter = Splitter(self.mark.offset, self.mark.lines)

    def _chunk(self, lines: list[Line]) -> Chunk:
        mark, last = self.mark, lines[-1]
        stat = os.fstat(self._file.fileno())
        fingerprint = _fingerprint(self._file, last.end)
        self.mark = Mark(mark.name, mark.path, stat.st_dev, stat.st_ino, last.end, last.number, fingerprint)
        return Chunk(drafts_of(lines, self._now_us), self.mark)


_ADVICE = Said(
    "mended lines belong at the end, not where they were read. "
    "--input-as resume goes on at the same byte, --input-as new reads all of it as new events"
)


def _locate(path: Path, file: BinaryIO, known: Sequence[Mark], input_as: InputAs) -> Mark:
    """The mark to go on from."""
    real = str(path.resolve())
    stat = os.fstat(file.fileno())
    same_path = [mark for mark in known if mark.path == real]
    here = max(same_path, key=lambda mark: len(mark.name), default=None)  # names of one path get longer
    moved = next((mark for mark in known if (mark.device, mark.inode) == _identity(stat) and _matches(file, mark)), None)
    name = real + "#" * len(same_path)
    fresh = Mark(name, real, stat.st_dev, stat.st_ino, 0, 0, _fingerprint(file, 0))
    if input_as is InputAs.NEW:
        return fresh
    if here is not None:
        if not _matches(file, here) and input_as is not InputAs.RESUME:
            changed = Said(
                "{path} does not begin any more with the {before} bytes that were read of it; {advice}",
                path=path,
                before=here.offset,
                advice=_ADVICE,
            )
            raise InputChanged(changed)
        return here
    twin = moved or next((mark for mark in known if mark.offset > 0 and _matches(file, mark)), None)
    if twin is not None and moved is None and input_as is not InputAs.RESUME:
        known_as = Said(
            "{path} begins with the {before} bytes that were read of {twin}. --input-as resume goes on after them, "
            "--input-as new reads all of it as new events",
            path=path,
            before=twin.offset,
            twin=twin.path,
        )
        raise InputLooksKnown(known_as)
    return fresh if twin is None else replace(twin, path=real)


def _matches(file: BinaryIO, mark: Mark) -> bool:
    return os.fstat(file.fileno()).st_size >= mark.offset and _fingerprint(file, mark.offset) == mark.fingerprint


def _fingerprint(file: BinaryIO, offset: int) -> str:
    """Of the first and the last bytes before `offset`. Leaves the file where it stood."""
    stood = file.tell()
    digest = hashlib.sha256()
    for begin in (0, max(0, offset - FINGERPRINT_BYTES)):
        file.seek(begin)
        digest.update(file.read(min(FINGERPRINT_BYTES, offset - begin)))
    file.seek(stood)
    return digest.hexdigest()


def _identity(stat: os.stat_result) -> tuple[int, int]:
    return stat.st_dev, stat.st_ino
