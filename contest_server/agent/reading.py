"""Lines of NDJSON become drafts of events. What is not one JSON object a line is refused by name, and the rest goes on.

Numbers inside `data` stay as they were written: values are carried as text, never through a float.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec
from msgspec import Raw

from contest_server.agent.limits import CHUNK_EVENTS_MAX, DEPTH_LEVELS_MAX, KEPT_TEXT_CHARS_MAX, LINE_BYTES_MAX
from contest_server.core.saying import Said, Text

NowUs = Callable[[], int]


@dataclass(frozen=True, slots=True)
class Draft:
    """An event without its number. `seq` is the number its author gave it, if any; `at_given` tells whether its time is the author's."""

    line: int
    body: bytes
    at_given: bool
    seq: int | None = None


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that no event can be made of, with what it said (cut at KEPT_TEXT_CHARS_MAX)."""

    line: int
    code: str
    detail: str
    text: str


@dataclass(frozen=True, slots=True)
class Mark:
    """How far an input was read: `offset` bytes in `lines` lines. The fingerprint is of those bytes, so that another file is recognised."""

    name: str
    path: str
    device: int
    inode: int
    offset: int
    lines: int
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some lines and the mark after them: they are stored together or not at all. Without a mark the input cannot be read twice."""

    items: tuple[Draft | BadLine, ...]
    mark: Mark | None = None


class _Wrong(ValueError):
    """Code and detail of a bad line."""

    def __init__(self, code: str, said: Text) -> None:
        super().__init__(code, said)
        self.code, self.said = code, said


TOO_DEEP = Said("nested deeper than {levels} levels", levels=DEPTH_LEVELS_MAX)
_whole = msgspec.json.Decoder()
_fields = msgspec.json.Decoder(dict[str, Raw])


def draft_line(raw: bytes, line: int, now_us: NowUs) -> Draft | BadLine | None:
    """One line without its newline; None for an empty one."""
    if line == 1:
        raw = raw.removeprefix(b"\xef\xbb\xbf")
    raw = raw.strip(b" \t\r")
    if not raw:
        return None
    try:
        return _draft(raw, line, now_us)
    except _Wrong as wrong:
        return bad_line(raw, line, wrong.code, wrong.said)


def bad_line(raw: bytes, line: int, code: str, said: Text) -> BadLine:
    return BadLine(line, code, str(said), raw[: KEPT_TEXT_CHARS_MAX * 4].decode("utf-8", "replace")[:KEPT_TEXT_CHARS_MAX])


def _draft(raw: bytes, line: int, now_us: NowUs) -> Draft:
    if len(raw) > LINE_BYTES_MAX:
        raise _Wrong("too_long", _too_long(len(raw)))
    whole = _parse(raw)
    seq = whole.get("seq")
    if seq is not None and (type(seq) is not int or not 0 < seq < 2**63):
        raise _Wrong("bad_seq", Said("seq: not a whole number from 1 on; leave it out and the outbox gives one"))
    fields = {name: value for name, value in _fields.decode(raw).items() if name != "seq"}
    at_given = whole.get("at") is not None
    if not at_given:
        fields["at"] = Raw(msgspec.json.encode(time_text(now_us())))
    return Draft(line, msgspec.json.encode(fields), at_given, seq)


def _too_long(size_bytes: int) -> Said:
    return Said("{size} bytes; a line holds at most {most}", size=size_bytes, most=LINE_BYTES_MAX)


def _parse(raw: bytes) -> dict[str, object]:
    """The whole line, checked as strictly as the server does."""
    try:
        raw.decode("utf-8")
        whole = _whole.decode(raw)
    except UnicodeDecodeError as fault:
        raise _Wrong("not_utf8", Said("byte {byte} is not UTF-8", byte=fault.start + 1)) from fault
    except RecursionError as fault:
        raise _Wrong("too_deep", TOO_DEEP) from fault
    except msgspec.DecodeError as fault:
        raise _Wrong("not_json", str(fault)) from fault
    if not isinstance(whole, dict):
        raise _Wrong("not_an_object", Said("a line is one JSON object: {{…}}"))
    if _deeper(whole, DEPTH_LEVELS_MAX):
        raise _Wrong("too_deep", TOO_DEEP)
    return whole


def _deeper(value: object, levels: int) -> bool:
    if not isinstance(value, dict | list):
        return False
    inner = value.values() if isinstance(value, dict) else value
    return levels == 0 or any(_deeper(item, levels - 1) for item in inner)


def time_text(at_us: int) -> str:
    """UTC with microseconds: 2026-11-22T09:03:12.418000Z."""
    seconds, micros = divmod(at_us, 1_000_000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{micros:06d}Z"


def draft_event(event: Mapping[str, object], now_us: NowUs) -> Draft:
    """An event made in this process. Raises ValueError for one that a line could not carry."""
    draft = draft_line(msgspec.json.encode(event), 0, now_us)
    if isinstance(draft, Draft):
        return draft
    raise ValueError("an empty event" if draft is None else f"{draft.code}: {draft.detail}")


@dataclass(frozen=True, slots=True)
class Line:
    """A whole line: its number, its bytes without the newline (of an overlong one only the beginning), and where the next one begins."""

    number: int
    raw: bytes
    end: int
    length: int


class Splitter:
    """Cuts bytes into lines. Where the bytes were cut before does not matter. Keeps at most one line's worth of what has no newline yet."""

    def __init__(self, offset: int = 0, lines: int = 0) -> None:
        self._offset, self._lines = offset, lines
        self._begun = b""
        self._length = 0

    @property
    def unfinished(self) -> bytes:
        """The line that has no newline yet, or its beginning if it is too long for an event."""
        return self._begun

    def feed(self, data: bytes) -> Iterator[Line]:
        *whole, rest = data.split(b"\n")
        for part in whole:
            self._begin(part)
            yield self._line(newline_bytes=1)
        self._begin(rest)

    def finish(self) -> Line | None:
        """What stands after the last newline, when nothing more can come."""
        return self._line(newline_bytes=0) if self._length else None

    def _begin(self, part: bytes) -> None:
        self._begun += part[: max(0, LINE_BYTES_MAX + 1 - len(self._begun))]
        self._length += len(part)

    def _line(self, newline_bytes: int) -> Line:
        self._offset += self._length + newline_bytes
        self._lines += 1
        line = Line(self._lines, self._begun, self._offset, self._length)
        self._begun, self._length = b"", 0
        return line


def draft_of(line: Line, now_us: NowUs) -> Draft | BadLine | None:
    if line.length > len(line.raw):
        return bad_line(line.raw, line.number, "too_long", _too_long(line.length))
    return draft_line(line.raw, line.number, now_us)


def drafts_of(lines: list[Line], now_us: NowUs) -> tuple[Draft | BadLine, ...]:
    assert len(lines) <= CHUNK_EVENTS_MAX, "a chunk is one transaction"
    return tuple(item for line in lines if (item := draft_of(line, now_us)) is not None)
